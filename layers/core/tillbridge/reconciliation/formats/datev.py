"""DATEV: the OPOS list *Standard (Posten)*, saved as CSV (RI-12).

A list with the column ``AusgleichsKZ`` is one of closed items: a line closes only by an explicit mark (A
cleared automatically, M by hand, K small difference, N by a run for balances of zero). A list without that
column is one of open items, under the guards; it never closes what it names. An invoice may have several
lines: they add up.
"""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind, Row, Variant

from .amounts import amount
from .cells import BadCell, Number, Terms, clearing_mark
from .days import day
from .item_columns import demand
from .layouts import Columns, Field, layout_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Each
from .sheets import Sheet

KIND = Kind.DATEV

CLOSING_MARKS = ("A", "M", "K", "N")
OPEN_MARKS = ("O",)
COLUMNS = Columns(
    (
        Field("invoice_number", ("Rechnungsnummer", "Rechnungs-Nr.", "Belegfeld 1"), Number, needed=True),
        Field("debit", ("Sollbetrag", "Soll", "Betrag Soll EUR"), amount, needed=True),
        Field("credit", ("Habenbetrag", "Haben", "Betrag Haben EUR"), amount, needed=True),
        Field("day", ("Datum", "Rechnungsdatum", "Belegdatum"), day),
        Field("cleared", ("AusgleichsKZ", "Ausgleichskennzeichen", "Ausgleichs-Kz."), clearing_mark),
    ),
    passed_over=(
        "Konto", "Kontonummer", "Kontobezeichnung", "Name", "Fälligkeit", "Fälligkeitsdatum", "Saldo",
        "Gegenkonto", "Buchungstext", "Belegfeld 2", "Mahnstufe",
    ),
)  # fmt: skip


def claims(head: Head) -> bool:
    """True for a list with invoice number, debit and credit, and no columns but those of this list."""
    return COLUMNS.claims(head)


def terms_of(settings: ReadSettings) -> Terms:
    """How DATEV writes: decimal comma, days with dots (as a worksheet saves them) or without."""
    return Terms(
        settings.currency,
        settings.today,
        date_formats=("dd.MM.yyyy", "ddMMyyyy"),
        closing_marks=CLOSING_MARKS,
        open_marks=OPEN_MARKS,
    )


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The lines of a list: closed or open items, by whether it has a column of marks."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), COLUMNS)
    variant = Variant.CLOSED_ITEMS if layout.has("cleared") else Variant.OPEN_ITEMS
    demand(settings.variant, variant)
    row = _closed_item if variant is Variant.CLOSED_ITEMS else _open_item
    yield from sheet.rows(layout, terms_of(settings), Each(row))
    yield from sheet.ending(variant)


def balance(debit_minor: int | None, credit_minor: int | None) -> int:
    """What the customer owes by this line: debit less credit."""
    if debit_minor is None and credit_minor is None:
        raise BadCell("neither-debit-nor-credit", field="debit")
    return (debit_minor or 0) - (credit_minor or 0)


def _open_item(line: int, number: str, debit: int | None, credit: int | None, *_: object) -> Row:
    return Row(line, number, balance(debit, credit))


def _closed_item(
    line: int, number: str, debit: int | None, credit: int | None, _: str | None, cleared: bool
) -> Row:
    """A line with its mark; it has no day, since its date is that of a booking, not of the clearing."""
    balance(debit, credit)
    return Row(line, number, cleared=cleared)
