"""Orders that come in bulk (LE-1): recorded where they are new, changed or told where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger.model import Customer, Order
from tillbridge.ledger.order_uploads import uploaded_order
from tillbridge.ledger.service import LedgerService

from .import_model import Import
from .master_data import grouped_by_number, recorded, refused
from .model import OrderRow
from .upload_words import FileColumns
from .work import Planned
from .workspace import ChunkContent

BYTES_OF_ORDER = 2_000


class OrderUpload:
    """Writes orders down, new or changed."""

    def __init__(self, one: Import, ledger: LedgerService) -> None:
        self._branches = one.branches
        self._columns = FileColumns.of_orders(one.columns)
        self._ledger = ledger

    def groups(self, content: ChunkContent) -> list[tuple[OrderRow, ...]]:
        """The rows of each order, in pieces that fit into one transaction; the last one counts."""
        return grouped_by_number(content.rows)

    def plans(self, groups: Sequence[tuple[OrderRow, ...]]) -> Iterator[Planned]:
        """A plan for each order."""
        known = self._ledger.orders(rows[-1].number for rows in groups)
        named = {rows[-1].customer for rows in groups} - {""}
        customers = self._ledger.customers(named) if named else {}
        for rows in groups:
            last = rows[-1]
            yield self._plan(rows, known.get(fold(last.number)), customers.get(fold(last.customer)))

    def assume(self, planned: Planned) -> None:
        """Each order stands by itself."""

    def forget(self) -> None:
        """Orders are read anew for each group of plans."""

    def _plan(self, rows: tuple[OrderRow, ...], former: Order | None, customer: Customer | None) -> Planned:
        last = rows[-1]
        try:
            if last.branch not in self._branches:
                allowed = ", ".join(self._branches)
                raise Refused("order-of-another-branch", field="branch", value=last.branch, branches=allowed)
            if former is not None and former.branch not in self._branches:
                raise Refused("order-number-taken", field="number", value=last.number)
            if customer is not None and customer.branch not in self._branches:
                customer = None  # one of a foreign branch is as good as none
            order = uploaded_order(last, customer, former, self._columns.names)
        except Refused as refusal:
            return refused(rows, last.number, refusal, self._columns)
        part = None if order is former else self._ledger.order_part(order, former)
        return recorded(rows, part, is_known=former is not None, size_bytes=BYTES_OF_ORDER)
