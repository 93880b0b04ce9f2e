"""Invoices and customers that come in bulk (LE-1): recorded where they are new, told where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger import uploaded_before, uploads
from tillbridge.ledger.books_model import VatCode
from tillbridge.ledger.entries import Entry, Source, SourceKind
from tillbridge.ledger.model import MAX_LINES, Customer, Document, day_after
from tillbridge.ledger.service import LedgerService

from .decisions import Outcome
from .import_model import Import, Totals
from .master_data import grouped_by_number, recorded, refused
from .model import CustomerRow, InvoiceRow
from .row_outcomes import RowOutcome
from .upload_words import FileColumns
from .work import Planned
from .workspace import ChunkContent

BYTES_OF_LINE = 400
"""Of what a line leaves in its document and entries, without its texts, and of what is told of its row."""
BYTES_OF_HEAD = 5_000
"""Of a document or customer without lines, in whichever script, and of its entries."""


class _Lines(NamedTuple):
    """The rows of one invoice, or a piece of more than an invoice can have; ``of_all`` counts all of them."""

    folded_number: str
    rows: tuple[InvoiceRow, ...]
    of_all: int


class InvoiceUpload:
    """Records invoices, credit notes and incoming invoices."""

    def __init__(
        self, one: Import, ledger: LedgerService, codes: Mapping[str, VatCode], now: datetime
    ) -> None:
        self._import = one
        self._columns = FileColumns.of_invoices(one.columns)
        self._ledger = ledger
        self._codes = codes
        self._now = now
        self._documents: dict[str, Document] = {}
        self._openings: dict[str, Entry] = {}
        self._customers: dict[str, Customer] = {}

    def groups(self, content: ChunkContent) -> list[_Lines]:
        """The lines of each invoice."""
        found: dict[str, list[InvoiceRow]] = {}
        for row in content.rows:
            found.setdefault(fold(row.number), []).append(row)
        return [
            _Lines(folded, tuple(lines[start : start + MAX_LINES]), len(lines))
            for folded, lines in found.items()
            for start in range(0, len(lines), MAX_LINES)
        ]

    def plans(self, groups: Sequence[_Lines]) -> Iterator[Planned]:
        """A plan for each invoice."""
        self._documents = self._ledger.documents(group.rows[0].number for group in groups)
        openings = set(map(uploaded_before.opening_entry, self._documents.values())) - {""}
        self._openings = self._ledger.entries(openings) if openings else {}
        payers = {group.rows[0].customer for group in groups} - {""}
        self._customers = self._ledger.customers(payers) if payers else {}
        for group in groups:
            yield self._plan(group)

    def assume(self, planned: Planned) -> None:
        """Each invoice stands by itself."""

    def forget(self) -> None:
        """Documents are read anew for each group of plans."""

    def _plan(self, group: _Lines) -> Planned:
        first = group.rows[0]
        try:
            if first.branch not in self._import.branches:
                raise Refused("invoice-of-another-branch", field="branch", value=first.branch)
            _demand_not_ahead(first, self._import.import_day)
            if group.of_all > MAX_LINES:
                raise Refused("lines-none-or-too-many", field="lines", value=group.of_all, most=MAX_LINES)
            customer = self._customers.get(fold(first.customer)) if first.customer else None
            if customer is not None and customer.branch not in self._import.branches:
                customer = None  # one of a foreign branch is as good as none
            upload = uploads.uploaded(
                group.rows, client=self._import.client, customer=customer, codes=self._codes
            )
        except Refused as refusal:
            return refused(group.rows, first.number, refusal, self._columns)
        known = self._documents.get(group.folded_number)
        if known is not None:
            return self._known(group, known, upload)
        source = Source(SourceKind.IMPORT, self._import.id)
        parts = self._ledger.uploaded_parts(upload, self._now, source)
        applied = upload.opening.applied_minor if upload.opening else 0
        due = upload.document.total_minor - applied
        outcomes = [
            RowOutcome(
                row.line,
                first.number,
                Outcome.BOOKED,
                "recorded",
                due_after_minor=due,
                facts=self._facts(first),
            )
            for row in group.rows
        ]
        own = frozenset({group.folded_number})
        size = BYTES_OF_HEAD + sum(map(_bytes_of, group.rows))
        totals = Totals(rows=len(outcomes), booked=len(outcomes))
        return Planned(tuple(outcomes), totals, tuple(parts), own, own, size)

    def _known(self, group: _Lines, known: Document, upload: uploads.Upload) -> Planned:
        """The same invoice again is nothing new; another one of its number is refused."""
        differing = self._differing(group.rows[0], known, upload)
        count = len(group.rows)
        facts = self._facts(group.rows[0])
        if differing:
            outcome, code, totals = Outcome.REFUSED, "recorded-otherwise", Totals(rows=count, refused=count)
            facts += (("columns", ", ".join(map(self._columns.heading, differing))),)
        else:
            outcome, code, totals = Outcome.IGNORED, "recorded-before", Totals(rows=count, ignored=count)
        outcomes = tuple(
            RowOutcome(
                row.line,
                known.number,
                outcome,
                code,
                due_after_minor=0 if differing else known.due_minor,  # it may be none of this client's
                facts=facts,
            )
            for row in group.rows
        )
        return Planned(outcomes, totals)

    def _differing(self, first: InvoiceRow, known: Document, upload: uploads.Upload) -> list[str]:
        """The columns in which the file contradicts what is recorded; nobody learns more of a foreign branch
        than that it is one.
        """
        if known.branch not in self._import.branches:
            return ["branch"]
        opening = self._openings.get(uploaded_before.opening_entry(known))
        opened_minor = uploaded_before.opened_minor(opening) if opening else 0
        found = uploaded_before.differing(known, upload, opened_minor, uploads.terms_of(first))
        return [column for column in found if column in self._columns.names]

    def _facts(self, row: InvoiceRow) -> tuple[tuple[str, str], ...]:
        """The currency of an invoice, where it is not that of the import."""
        return () if row.currency == self._import.currency else (("currency", row.currency),)


class CustomerUpload:
    """Writes customers down, new or changed."""

    def __init__(self, one: Import, ledger: LedgerService) -> None:
        self._branches = one.branches
        self._columns = FileColumns.of_customers(one.columns)
        self._ledger = ledger

    def groups(self, content: ChunkContent) -> list[tuple[CustomerRow, ...]]:
        """The rows of each customer, in pieces that fit into one transaction; the last one counts."""
        return grouped_by_number(content.rows)

    def plans(self, groups: Sequence[tuple[CustomerRow, ...]]) -> Iterator[Planned]:
        """A plan for each customer."""
        known = self._ledger.customers(rows[-1].number for rows in groups)
        for rows in groups:
            yield self._plan(rows, known.get(fold(rows[-1].number)))

    def assume(self, planned: Planned) -> None:
        """Each customer stands by itself."""

    def forget(self) -> None:
        """Customers are read anew for each group of plans."""

    def _plan(self, rows: tuple[CustomerRow, ...], former: Customer | None) -> Planned:
        last = rows[-1]
        try:
            if former is not None and former.branch not in self._branches:
                raise Refused("customer-number-taken", field="number", value=last.number)
            branch = former.branch if former else self._branches[0]
            customer = uploads.uploaded_customer(last, branch, former, self._columns.names)
        except Refused as refusal:
            return refused(rows, last.number, refusal, self._columns)
        same = former is not None and replace(customer, revision=former.revision) == former
        part = None if same else self._ledger.customer_part(customer, former)
        return recorded(rows, part, is_known=former is not None, size_bytes=BYTES_OF_HEAD)


def _demand_not_ahead(row: InvoiceRow, import_day: str) -> None:
    """A document may be of tomorrow; one of next year is a slip of the pen."""
    for field, day in (("invoice_date", row.invoice_date), ("handed_over_on", row.handed_over_on or "")):
        if day > day_after(import_day, 1):
            raise Refused("issued-ahead", field=field, value=day, today=import_day)


def _bytes_of(row: InvoiceRow) -> int:
    """About what a line weighs in its transaction: a letter has up to four bytes."""
    return BYTES_OF_LINE + len(row.product.encode()) + len(row.product_family.encode())
