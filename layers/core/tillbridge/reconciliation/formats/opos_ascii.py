"""The OPOS ASCII file of DATEV: 22 fields by their places, with or without a line of headings (RI-13, RI-14).

    Kontonummer;Rechnungsnummer;Rechnungsdatum;Faelligkeit;Gegenkonto;BetragSoll;BetragHaben;Saldo;SHSaldo;
    WKZ Eingabebetrag;Eingabebetrag;SHEingabebetrag;Kurs;Raffung;Faellig;Belegnummer;KZ;Buchungstext;UstSatz;
    Vorlauf;BSNummer;AusgleichsKZ

Each line is a booking with a mark of its own. The file is one of closed items, since it always has the field
of the mark; whoever uploads it may say that it is to be read as a list of open items (its lines without a
mark). Examples in the wild have *Belegnummer* and *KZ* exchanged; neither is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbridge.reconciliation.model import Row, Variant

from .amounts import amount, side_word
from .cells import BadCell, Currencies, Number, checked, clearing_mark
from .datev import CLOSING_MARKS, OPEN_MARKS, balance, terms_of
from .days import day
from .heads import heading_key
from .item_columns import demand
from .layouts import Field, fixed_layout, width_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Each
from .sheets import LEFT_OUT_CLEARED, LEFT_OUT_OLDER, Sheet

HEADINGS = (
    "Kontonummer", "Rechnungsnummer", "Rechnungsdatum", "Faelligkeit", "Gegenkonto", "BetragSoll",
    "BetragHaben", "Saldo", "SHSaldo", "WKZ Eingabebetrag", "Eingabebetrag", "SHEingabebetrag", "Kurs",
    "Raffung", "Faellig", "Belegnummer", "KZ", "Buchungstext", "UstSatz", "Vorlauf", "BSNummer",
    "AusgleichsKZ",
)  # fmt: skip
_EXCHANGED = {"belegnummer", "kz"}
_KEYS = [heading_key(heading) for heading in HEADINGS]
_ACCOUNT = re.compile(r"[0-9]{1,9}", re.ASCII).fullmatch
_DAY = re.compile(r"[0-9]{8}", re.ASCII).fullmatch
_AMOUNT = re.compile(r"(?:-?[0-9.]*[0-9](?:,[0-9]+)?)?", re.ASCII).fullmatch
_MARKS = frozenset(("", *CLOSING_MARKS, *OPEN_MARKS))


_FIELDS = {
    "account": (0, checked(lambda cell: _ACCOUNT(cell) is not None, "cell-is-no-account")),
    "invoice_number": (1, Number),
    "day": (2, day),
    "debit": (5, amount),
    "credit": (6, amount),
    "balance": (7, amount),
    "side": (8, side_word),
    "currency": (9, Currencies),
    "cleared": (21, clearing_mark),
}


def is_opos(head: Head) -> bool:
    """True for a file whose first line is the 22 headings, or looks like one of its bookings."""
    cells = [cell.strip() for cell in head.cells[: width_of(head.cells)]]
    if head.separator != ";":
        return False
    return has_headings(head.cells) or _is_booking(cells + [""] * (len(head.cells) - len(cells)))


def has_headings(cells: tuple[str, ...] | list[str]) -> bool:
    """True for the line of the 22 headings, in their order."""
    keys = [heading_key(cell) for cell in cells[: width_of(cells)]]
    return len(keys) == len(_KEYS) and all(
        key == right or {key, right} == _EXCHANGED for key, right in zip(keys, _KEYS, strict=True)
    )


def _is_booking(cells: list[str]) -> bool:
    if len(cells) < len(HEADINGS):
        return False
    account, _, on, _, _, debit, credit, *_ = cells
    return bool(
        _ACCOUNT(account) and _DAY(on) and _AMOUNT(debit) and _AMOUNT(credit)
        and (debit or credit)
        and cells[len(HEADINGS) - 1].upper() in _MARKS
        and not any(cells[len(HEADINGS) :])
    )  # fmt: skip


def read_opos(stream: ByteStream, settings: ReadSettings, *, earliest: str = "") -> Iterator[Reading]:
    """The lines of a file; closed ones before the earliest day are left out and counted (RI-14)."""
    sheet = Sheet(stream, settings, separator=";")
    if has_headings(sheet.first_cells()):
        sheet.headings()
    variant = settings.variant or Variant.CLOSED_ITEMS
    if variant not in (Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS):
        demand(variant, Variant.CLOSED_ITEMS)
    fields = tuple(Field(name, (HEADINGS[at],), cell) for name, (at, cell) in _FIELDS.items())
    layout = fixed_layout(fields, [at for at, _ in _FIELDS.values()], HEADINGS)
    lines = _Lines(variant, settings.currency, earliest)
    yield from sheet.rows(layout, terms_of(settings), Each(lines.row))
    yield from sheet.ending(variant)


class _Lines:
    """What a line means in a variant."""

    def __init__(self, variant: Variant, currency: str, earliest: str) -> None:
        self._open_items = variant is Variant.OPEN_ITEMS
        self._currency, self._earliest = currency, earliest

    def row(
        self,
        line: int,
        _account: str,
        number: str,
        on: str | None,
        debit: int | None,
        credit: int | None,
        _balance: int | None,
        _side: str,
        currency: str | None,
        cleared: bool,
    ) -> Row | str:
        """A row, or why the line is left out.

        Only closed lines are ever left out: without a line that is still open, its invoice would look closed.
        """
        amount_minor = balance(debit, credit)
        if cleared and on is not None and on < self._earliest:
            return LEFT_OUT_OLDER
        if not self._open_items:
            return Row(line, number, currency=currency, cleared=cleared)
        if cleared:
            return LEFT_OUT_CLEARED
        if currency not in (None, self._currency):
            raise BadCell(
                "open-item-in-foreign-currency", field="currency", value=currency, expected=self._currency
            )
        return Row(line, number, amount_minor)
