"""What a cell says: amounts, days, yes and no, numbers, marks; exactly, or a ``BadCell`` with its reason (RI-32).

A reader of cells is made once for a file, for its ``Terms``. Readers whose cells repeat are dictionaries that learn:
a cell seen before costs one look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tillbridge.kernel.calendar import EARLIEST_YEAR, LATEST_YEAR
from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.kernel.text import MAX_FILE_NAME_BYTES, is_printable

MAX_TEXT_CHARS = 200
MAX_LEARNED, MAX_LEARNED_CHARS = 100_000, 32
YES = ("J", "JA", "Y", "YES")
NO = ("N", "NEIN", "NO")
BASIS_POINTS = 100


class BadCell(Exception):
    """A cell that can't be read: the code of the reason, the facts of its words, the field if it is known."""

    def __init__(self, code: str, *, field: str = "", value: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.value = value
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Terms:
    """How the cells of a file are written, and the day of the import."""

    currency: str
    today: str
    decimal_mark: str = ","
    date_format: str = "yyyyMMdd"
    yes_words: tuple[str, ...] = YES
    no_words: tuple[str, ...] = NO
    closing_marks: tuple[str, ...] = ()
    open_marks: tuple[str, ...] = ()


CellReader = Callable[[str], Any]
Cell = Callable[[Terms], CellReader]


def invoice_number(_: Terms) -> CellReader:
    """The number of a document: trimmed, not empty, on one line, at most 120 bytes."""

    def read(cell: str) -> str:
        number = cell.strip()
        if number.isascii() and number.isprintable() and 0 < len(number) <= MAX_FILE_NAME_BYTES:
            return number
        if not number:
            raise BadCell("cell-is-empty")
        number = unicodedata.normalize("NFC", number)
        if not is_printable(number):
            raise BadCell("cell-has-invisible-characters")
        if len(number.encode()) > MAX_FILE_NAME_BYTES:
            raise BadCell("number-too-long", max_bytes=MAX_FILE_NAME_BYTES)
        return number

    return read


def text(_: Terms) -> CellReader:
    """Any text on one line, trimmed; a cell that looks like a formula is text like any other."""

    def read(cell: str) -> str:
        words = cell.strip()
        if len(words) > MAX_TEXT_CHARS:
            raise BadCell("cell-too-long", most=MAX_TEXT_CHARS)
        if not words.isascii():
            words = unicodedata.normalize("NFC", words)
        if not words.isprintable() and not is_printable(words):
            raise BadCell("cell-has-invisible-characters")
        return words

    return read


def needed(cell: Cell) -> Cell:
    """The same reader, for a cell that must not be empty."""

    def made(terms: Terms) -> CellReader:
        reader = cell(terms)

        def read(text: str) -> object:
            if not text.strip():
                raise BadCell("cell-is-empty")
            return reader(text)

        return read

    made.depends_on_currency = depends_on_currency(cell)  # type: ignore[attr-defined]
    return made


def depends_on_currency(cell: Cell) -> bool:
    """True for cells with amounts: how many decimals they may have depends on the currency of the row."""
    return bool(getattr(cell, "depends_on_currency", False))


def amount(terms: Terms) -> CellReader:
    """An amount in minor units, exactly; None for an empty cell.

    A comma before the decimals and dots between groups of three (where the decimal mark is a comma): ``1234,50`` and
    ``1.234,50``. What could be read in two ways is refused.
    """
    decimals = DECIMALS[terms.currency]
    mark, group = terms.decimal_mark, "." if terms.decimal_mark == "," else ","
    fraction = rf"{re.escape(mark)}[0-9]{{{decimals}}}" if decimals else ""
    usual = re.compile(rf"-?(?:0|[1-9][0-9]{{0,10}}){fraction}").fullmatch

    def read(cell: str) -> int | None:
        if usual(cell):
            return int(cell.replace(mark, ""))
        return _amount_otherwise(cell.strip(), terms.currency, mark, group)

    return read


amount.depends_on_currency = True  # type: ignore[attr-defined]

_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:G[0-9]{3})+)(?:M(?P<fraction>[0-9]+))?",
    re.ASCII,
)


def _amount_otherwise(cell: str, currency: str, mark: str, group: str) -> int | None:
    """The forms that are rarer: groups, fewer decimals, a plus, blanks around; or why it is no amount."""
    if not cell:
        return None
    right = f"1234{mark}50" if DECIMALS[currency] else "1234"
    match = _AMOUNT.fullmatch(cell.replace("G", "?").replace("M", "?").replace(group, "G").replace(mark, "M"))
    if match is None or ("G" in match["whole"] and match["fraction"] is None):
        digits = cell.removeprefix("-").replace(group, "").replace(mark, "")
        code = "amount-is-ambiguous" if group in cell and digits.isdecimal() else "amount-not-readable"
        raise BadCell(code, right=right, mark=mark)
    fraction, decimals = match["fraction"] or "", DECIMALS[currency]
    if len(fraction) > decimals:
        raise BadCell("amount-has-too-many-decimals", currency=currency, decimals=decimals)
    digits = match["whole"].replace("G", "") + fraction.ljust(decimals, "0")
    if len(digits) > len(str(MAX_MINOR)) or int(digits) >= MAX_MINOR:
        raise BadCell("amount-too-large")
    return -int(digits) if match["sign"] == "-" else int(digits)


class Days(dict[str, str | None]):
    """Days as a format writes them -> ``YYYY-MM-DD``; None for an empty cell."""

    def __init__(self, terms: Terms, *, latest: str = "") -> None:
        super().__init__({"": None})
        self._format, self._latest = terms.date_format, latest
        self._match = _day_pattern(terms.date_format).fullmatch

    def __missing__(self, cell: str) -> str | None:
        trimmed = cell.strip()
        if not trimmed:
            return None
        match = self._match(trimmed)
        try:
            if match is None:
                raise ValueError(trimmed)
            year = int(match["year"]) + (0 if len(match["year"]) > 2 else EARLIEST_YEAR)  # noqa: PLR2004
            day = date(year, int(match["month"]), int(match["day"])).isoformat()
        except ValueError:
            raise BadCell("cell-is-no-day", format=self._format) from None
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise BadCell("day-out-of-range", earliest=EARLIEST_YEAR, latest=LATEST_YEAR)
        if self._latest and day > self._latest:
            raise BadCell("day-lies-ahead", today=self._latest)
        if len(self) < MAX_LEARNED and len(cell) <= MAX_LEARNED_CHARS:
            self[cell] = day
        return day


def _day_pattern(date_format: str) -> re.Pattern[str]:
    parts = {
        "yyyy": r"(?P<year>[0-9]{4})", "yy": r"(?P<year>[0-9]{2})",
        "MM": r"(?P<month>[0-9]{2})", "M": r"(?P<month>[0-9]{1,2})",
        "dd": r"(?P<day>[0-9]{2})", "d": r"(?P<day>[0-9]{1,2})",
    }  # fmt: skip
    split = re.split(r"(yyyy|yy|MM|M|dd|d)", date_format)
    return re.compile("".join(parts.get(part, re.escape(part)) for part in split), re.ASCII)


def day(terms: Terms) -> CellReader:
    """Any day that exists; None for an empty cell."""
    return Days(terms).__getitem__


def past_day(terms: Terms) -> CellReader:
    """A day that exists and is not after the day of the import; None for an empty cell."""
    return Days(terms, latest=terms.today).__getitem__


class Words(dict[str, Any]):
    """Cells of few words -> what they mean, whatever their case and the blanks around them."""

    def __init__(self, meanings: dict[str, Any], code: str) -> None:
        super().__init__(meanings)
        self._meanings = {word.casefold(): meaning for word, meaning in meanings.items()}
        self._code, self._allowed = code, ", ".join(word for word in meanings if word)

    def __missing__(self, cell: str) -> object:
        word = cell.strip().casefold()
        if word not in self._meanings:
            raise BadCell(self._code, allowed=self._allowed)
        if len(self) < MAX_LEARNED and len(cell) <= MAX_LEARNED_CHARS:
            self[cell] = self._meanings[word]
        return self._meanings[word]


def flag(terms: Terms) -> CellReader:
    """Yes, no, or None for an empty cell (RI-3)."""
    return _flags(terms).__getitem__


def _flags(terms: Terms) -> Words:
    yes, no = dict.fromkeys(terms.yes_words, True), dict.fromkeys(terms.no_words, False)
    return Words({**yes, **no, "": None}, "cell-is-neither-yes-nor-no")


class _Fees(dict[str, tuple[bool | None, int | None]]):
    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._flags, self._amount = _flags(terms), amount(terms)

    def __missing__(self, cell: str) -> tuple[bool | None, int | None]:
        try:
            fee: tuple[bool | None, int | None] = (self._flags[cell], None)
        except BadCell:
            if not any(char.isdecimal() for char in cell):
                raise
            fee = (None, self._amount(cell))
        if (fee[1] or 0) < 0:
            raise BadCell("dunning-fee-below-zero")
        if len(self) < MAX_LEARNED and len(cell) <= MAX_LEARNED_CHARS:
            self[cell] = fee
        return fee


def dunning_fee(terms: Terms) -> CellReader:
    """A pair: yes, no or None, and the fee in minor units where the cell is an amount (RI-3)."""
    return _Fees(terms).__getitem__


dunning_fee.depends_on_currency = True  # type: ignore[attr-defined]


def one_of(meanings: dict[str, Any], code: str) -> Cell:
    """One of few words; the empty cell must be among them if it is allowed."""
    return lambda _: Words(meanings, code).__getitem__


def clearing_mark(terms: Terms) -> CellReader:
    """True for a mark that closes, False for one that does not, or for an empty cell (RI-12)."""
    closing, still_open = dict.fromkeys(terms.closing_marks, True), dict.fromkeys(terms.open_marks, False)
    return Words({**closing, **still_open, "": False}, "clearing-mark-unknown").__getitem__


class Currencies(dict[str, str | None]):
    """Cells -> ISO 4217 codes, None for an empty cell; learns those that the file names."""

    def __missing__(self, cell: str) -> str | None:
        code = cell.strip().upper() or None
        if code is not None and code not in DECIMALS:
            raise BadCell("currency-unknown")
        if len(self) < MAX_LEARNED and len(cell) <= MAX_LEARNED_CHARS:
            self[cell] = code
        return code


def currency(_: Terms) -> CellReader:
    """A currency of ISO 4217, None for an empty cell."""
    return Currencies().__getitem__


def whole_number(most: int) -> Cell:
    """A whole number from 0 to so many; None for an empty cell."""

    def made(_: Terms) -> CellReader:
        def read(cell: str) -> int | None:
            digits = cell.strip()
            if not digits:
                return None
            if (
                not (digits.isascii() and digits.isdecimal())
                or len(digits) > len(str(most))
                or int(digits) > most
            ):
                raise BadCell("cell-is-no-number", most=most)
            return int(digits)

        return read

    return made


def percentage(terms: Terms) -> CellReader:
    """A percentage from 0 to 100 with at most two decimals, in basis points; None for an empty cell."""
    pattern = re.compile(
        rf"(?P<whole>[0-9]{{1,3}})(?:{re.escape(terms.decimal_mark)}(?P<part>[0-9]{{1,2}}))?"
    )

    def read(cell: str) -> int | None:
        trimmed = cell.strip()
        if not trimmed:
            return None
        match = pattern.fullmatch(trimmed)
        points = int(match["whole"] + (match["part"] or "").ljust(2, "0")) if match else -1
        if not 0 <= points <= 100 * BASIS_POINTS:
            raise BadCell("cell-is-no-percentage", right=f"2{terms.decimal_mark}5")
        return points

    return read
