"""DATEV: the OPOS list *Standard (Posten)*, saved as CSV (RI-12).

A list with the column ``AusgleichsKZ`` is one of closed items: a line closes only by an explicit mark (A
cleared automatically, M by hand, K small difference, N by a run for balances of zero). A list without that
column is one of open items, under the guards; it never closes what it names. An invoice may have several
lines: they add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tillbridge.reconciliation.model import Kind, Row, Variant

from .amounts import amount
from .cells import BadCell, Number, Terms, clearing_mark
from .days import day
from .item_columns import demand
from .layouts import Columns, Field, Layout, layout_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Straight
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
    yield from sheet.rows(layout, terms_of(settings), _Items(layout, variant))
    yield from sheet.ending(variant)


def balance(debit_minor: int | None, credit_minor: int | None) -> int:
    """What the customer owes by this line: debit less credit."""
    if debit_minor is None and credit_minor is None:
        raise BadCell("neither-debit-nor-credit", field="debit")
    return (debit_minor or 0) - (credit_minor or 0)


class _Items(Straight[Row]):
    """Lines of a list, with what is open of them, or with their mark.

    A closed line has no day, since its date is that of a booking, not of the clearing.
    """

    def __init__(self, layout: Layout, variant: Variant) -> None:
        super().__init__(Row, [field.name for field in layout.fields])
        self._open_items = variant is Variant.OPEN_ITEMS

    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[Row]:
        """The rows of these lines."""
        given = dict(zip(self._names, columns, strict=True))
        numbers, amounts = given["invoice_number"], list(map(balance, given["debit"], given["credit"]))
        if self._open_items:
            return self.of(lines, {"invoice_number": numbers, "amount_minor": amounts})
        return self.of(lines, {"invoice_number": numbers, "cleared": given["cleared"]})
