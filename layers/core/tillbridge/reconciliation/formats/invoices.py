"""Invoices, credit notes and incoming invoices in bulk, one line of a document a row (LE-1).

All lines of a document repeat its head (``ledger.uploads`` compares them). House style of ``amparex``:
headings in German or English in any order, ``;``, ``yyyyMMdd``, decimal comma; an empty cell of an optional
column means that there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tillbridge.access.model import checked_id
from tillbridge.kernel.errors import Refused
from tillbridge.ledger.model import MAX_DAYS, DocumentKind
from tillbridge.reconciliation.model import InvoiceRow, Kind, Variant

from .amounts import amount, amount_not_below_zero, discount_percentage, percentage
from .cells import BadCell, Currencies, Terms, checked, needed, one_of, text_of, whole_number
from .days import day
from .document_numbers import DocumentNumber
from .item_columns import demand
from .layouts import Columns, Field, layout_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Straight
from .sheets import Sheet

KIND = Kind.INVOICES

WORDS = {
    "Invoice": DocumentKind.INVOICE, "Rechnung": DocumentKind.INVOICE,
    "CreditNote": DocumentKind.CREDIT_NOTE, "Gutschrift": DocumentKind.CREDIT_NOTE,
    "IncomingInvoice": DocumentKind.INCOMING_INVOICE, "Eingangsrechnung": DocumentKind.INCOMING_INVOICE,
}  # fmt: skip
WORD_OF_KIND = {kind.value: word for word, kind in reversed(WORDS.items())}
"""The first word of each kind."""
TERMS = (
    Field("payment_days", ("PaymentDays", "Zahlungsziel"), whole_number(MAX_DAYS)),
    Field("discount_days_1", ("DiscountDays1", "Skontotage1"), whole_number(MAX_DAYS)),
    Field("discount_basis_points_1", ("DiscountPercent1", "Skontoprozent1"), discount_percentage),
    Field("discount_days_2", ("DiscountDays2", "Skontotage2"), whole_number(MAX_DAYS)),
    Field("discount_basis_points_2", ("DiscountPercent2", "Skontoprozent2"), discount_percentage),
)
DISCOUNTS = ("discount_days_1", "discount_basis_points_1", "discount_days_2", "discount_basis_points_2")


def is_branch(branch: str) -> bool:
    """True for what can be the id of a branch."""
    try:
        checked_id(branch, "branch")
    except Refused:
        return False
    return True


COLUMNS = Columns(
    (
        Field("kind", ("Kind", "Art"), one_of({word: kind.value for word, kind in WORDS.items()}),
        needed=True), Field("number", ("InvoiceNumber", "Rechnungsnummer"), DocumentNumber, needed=True),
        Field("branch", ("Branch", "Filiale"), checked(is_branch, "cell-is-no-branch"), needed=True),
        Field("customer", ("CustomerNumber", "Kundennummer"), text_of(100)), Field("invoice_date",
        ("InvoiceDate", "Rechnungsdatum"), needed(day), needed=True), Field("currency", ("Currency",
        "Währung"), needed(Currencies), needed=True), *TERMS, Field("order_number", ("OrderNumber",
        "Auftragsnummer"), text_of(100)), Field("handed_over_on", ("HandedOverOn", "ÜbergebenAm"), day),
        Field("product", ("ArticleName", "Artikel"), needed(text_of(200)), needed=True),
        Field("product_family", ("ProductFamily", "Produktfamilie"), text_of(100)), Field("item_date",
        ("ItemDate", "Leistungsdatum"), day), Field("vat_basis_points", ("VatPercent", "UStProzent"),
        needed(percentage), needed=True), Field("vat_code", ("VatCode", "UStCode"), text_of(20)),
        Field("amount_minor", ("Amount", "Betrag"), needed(amount), needed=True), Field("paid_minor",
        ("PaidAmount", "Bezahlt"), amount_not_below_zero),
    )
)  # fmt: skip


def claims(head: Head) -> bool:
    """True for a file with the needed columns of documents, and no columns but these."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The lines of all documents of a file."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), COLUMNS)
    demand(settings.variant, Variant.INVOICES)
    terms = Terms(settings.currency, settings.today)
    yield from sheet.rows(layout, terms, _InvoiceRows(InvoiceRow, InvoiceRow._fields[1:]))
    yield from sheet.ending(Variant.INVOICES, layout.headings)


class _InvoiceRows(Straight[InvoiceRow]):
    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[InvoiceRow]:
        given = dict(zip(self._names, columns, strict=True))
        demand_terms(given)
        return self.of(lines, given)


def demand_terms(given: Mapping[str, Sequence[Any]]) -> None:
    """``BadCell`` where a discount lacks its days or percentage, or the second is not later and smaller."""
    for days_1, points_1, days_2, points_2 in set(zip(*(given[name] for name in DISCOUNTS), strict=True)):
        for number, (days, points) in enumerate(((days_1, points_1), (days_2, points_2)), 1):
            if (days is None) != (points is None):
                missing = "discount_days" if days is None else "discount_basis_points"
                raise BadCell("discount-lacks-its-other-half", field=f"{missing}_{number}")
        if days_2 is not None and (days_1 is None or days_2 <= days_1 or points_2 >= points_1):
            raise BadCell("second-discount-not-smaller", field="discount_days_2", value=str(days_2))
