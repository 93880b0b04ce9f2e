"""Navision / Business Central: open items of customers as CSV, captions in English or German (RI-17).

There is no fixed file; ours takes the captions of the page *Customer Ledger Entries*, of which two are
needed: the document's number and what remains of it. An entry that says it is not open is left out, and so
are entries that are neither invoice nor credit memo, where the file has these columns.
"""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind, Row, Variant

from .amounts import amount
from .cells import Currencies, Number, Terms, flag, needed, one_of
from .item_columns import demand
from .layouts import Columns, Field, layout_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Each
from .sheets import Sheet

KIND = Kind.NAVISION

DOCUMENT_NUMBER = Field(
    "invoice_number", ("Document No.", "Belegnr.", "Document Number", "Belegnummer"), Number, needed=True
)
_OURS = dict.fromkeys(("Invoice", "Rechnung", "Credit Memo", "Gutschrift"), True)
_OTHERS = (
    "Payment", "Zahlung", "Finance Charge Memo", "Zinsrechnung", "Reminder", "Mahnung", "Refund",
    "Erstattung",
)  # fmt: skip
DOCUMENT_TYPE = Field(
    "ours", ("Document Type", "Belegart"), one_of({**_OURS, **dict.fromkeys(_OTHERS, False), "": True})
)
OF_LEDGER_ENTRIES = (
    "Entry No.", "Lfd. Nr.", "Transaction No.", "Transaktionsnr.", "Customer No.", "Debitorennr.",
    "Customer Name", "Debitorenname", "Name", "Posting Date", "Buchungsdatum", "Due Date",
    "Fälligkeitsdatum", "Document Date", "Belegdatum", "Pmt. Discount Date", "Skontodatum", "Description",
    "Beschreibung", "Amount", "Betrag", "Original Amount", "Ursprungsbetrag", "Amount (LCY)",
    "Betrag (MW)", "Remaining Amt. (LCY)", "Restbetrag (MW)", "External Document No.",
    "Externe Belegnummer",
)  # fmt: skip
"""Captions of that page which nobody here needs."""

REMAINING = ("Remaining Amount", "Restbetrag")
LEVEL = ("Reminder Level", "Mahnstufe", "Last Issued Reminder Level", "Letzte registrierte Mahnstufe")
LEFT_OUT_CLOSED, LEFT_OUT_OTHER = "rows-left-out-closed", "rows-left-out-other-document"
COLUMNS = Columns(
    (
        DOCUMENT_NUMBER,
        Field("amount_minor", REMAINING, needed(amount), needed=True),
        Field("currency", ("Currency Code", "Währungscode"), Currencies),
        Field("open", ("Open", "Offen"), flag),
        DOCUMENT_TYPE,
    ),
    passed_over=(*OF_LEDGER_ENTRIES, *LEVEL),
)


def terms_of(settings: ReadSettings) -> Terms:
    """How it writes: decimal comma; yes and no also as true and false."""
    yes, no = ("Yes", "Ja", "True", "Wahr", "1"), ("No", "Nein", "False", "Falsch", "0")
    return Terms(settings.currency, settings.today, yes_words=yes, no_words=no)


def claims(head: Head) -> bool:
    """True for a file with document number and remaining amount, and no captions but of that page."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The open items of a file, with notices of what was left out."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), COLUMNS)
    demand(settings.variant, Variant.OPEN_ITEMS)
    typed = layout.has("ours")

    def row(
        line: int, number: str, amount_minor: int, currency: str | None, is_open: bool | None, ours: bool
    ) -> Row | str:
        if is_open is False:
            return LEFT_OUT_CLOSED
        if typed and not ours:
            return LEFT_OUT_OTHER
        return Row(line, number, amount_minor, currency=currency)

    yield from sheet.rows(layout, terms_of(settings), Each(row))
    yield from sheet.ending(Variant.OPEN_ITEMS)
