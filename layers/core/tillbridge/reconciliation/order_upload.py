"""Orders that come in bulk (LE-1): recorded where they are new, changed or told where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger.model import MAX_LINES, Customer, Order
from tillbridge.ledger.order_uploads import uploaded_order
from tillbridge.ledger.service import LedgerService

from .decisions import Outcome
from .import_model import Import, Totals
from .model import OrderRow
from .row_outcomes import RowOutcome
from .upload_words import FileColumns, told
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
        found: dict[str, list[OrderRow]] = {}
        for row in content.rows:
            found.setdefault(fold(row.number), []).append(row)
        return [
            tuple(rows[start : start + MAX_LINES])
            for rows in found.values()
            for start in range(0, len(rows), MAX_LINES)
        ]

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
            return self._refused(rows, refusal)
        outcomes = [
            RowOutcome(row.line, row.number, Outcome.IGNORED, "overtaken-in-file") for row in rows[:-1]
        ]
        if order is former:
            outcomes.append(RowOutcome(last.line, last.number, Outcome.IGNORED, "recorded-before"))
            return Planned(tuple(outcomes), Totals(rows=len(rows), ignored=len(rows)))
        outcomes.append(
            RowOutcome(last.line, last.number, Outcome.BOOKED, "changed" if former else "recorded")
        )
        own = frozenset({order.folded_number})
        totals = Totals(rows=len(rows), booked=1, ignored=len(rows) - 1)
        parts = (self._ledger.order_part(order, former),)
        return Planned(tuple(outcomes), totals, parts, own, own, BYTES_OF_ORDER)

    def _refused(self, rows: tuple[OrderRow, ...], refusal: Refused) -> Planned:
        """All rows of an order that can't be: each with the reason, the column and the value at fault."""
        column, value, facts = told(refusal, rows, self._columns)
        number = rows[-1].number
        outcomes = tuple(
            RowOutcome(
                row.line, number, Outcome.REFUSED, refusal.code, column=column, value=value, facts=facts
            )
            for row in rows
        )
        return Planned(outcomes, Totals(rows=len(outcomes), refused=len(outcomes)))
