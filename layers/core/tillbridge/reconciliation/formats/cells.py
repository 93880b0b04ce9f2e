"""What a cell says, exactly, or a ``BadCell`` with its reason (RI-32): text, numbers, marks, yes and no.

A *reader* is made once for a file, for its ``Terms``. It reads one cell, or a column of cells at once: the
answers are the same, only quicker, since most columns of most files are as simple as they look.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.text import MAX_FILE_NAME_BYTES, is_printable

MAX_TEXT_CHARS = 200
MAX_LEARNED, MAX_LEARNED_CHARS = 100_000, 32
YES = ("J", "JA", "Y", "YES")
NO = ("N", "NEIN", "NO")


class BadCell(Exception):
    """A cell that can't be read: the code of the reason, facts for its words, the field if it is known."""

    def __init__(self, code: str, *, field: str = "", value: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.value = value
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Terms:
    """How the cells of a file are written, its currency where it names none, and the day of the import."""

    currency: str
    today: str
    decimal_mark: str = ","
    date_formats: tuple[str, ...] = ("yyyyMMdd",)
    yes_words: tuple[str, ...] = YES
    no_words: tuple[str, ...] = NO
    closing_marks: tuple[str, ...] = ()
    open_marks: tuple[str, ...] = ()


class Reader:
    """Reads the cells of one column; whoever derives from it says how one is read."""

    depends_on_currency = False
    """True for amounts: how many decimals they may have depends on the currency of the row."""
    has_decimals = False
    """True where a decimal mark may stand in the cells."""

    def __call__(self, cell: str) -> Any:
        """What the cell says; ``BadCell`` where it says nothing that can be understood."""
        raise NotImplementedError

    def column(self, cells: Sequence[str]) -> Sequence[Any]:
        """What each cell of a column says; ``BadCell`` where any is bad."""
        return list(map(self, cells))


Cell = Callable[[Terms], Reader]


class Learned(dict[str, Any], Reader):
    """A reader whose cells repeat: one seen before costs one look."""

    def __call__(self, cell: str) -> Any:
        """What the cell says."""
        return self[cell]

    def column(self, cells: Sequence[str]) -> Sequence[Any]:
        """What each cell of a column says."""
        return list(map(self.__getitem__, cells))

    def __missing__(self, cell: str) -> Any:
        meaning = self.read(cell)
        if len(self) < MAX_LEARNED and len(cell) <= MAX_LEARNED_CHARS:
            self[cell] = meaning
        return meaning

    def read(self, cell: str) -> Any:
        """What a cell says that was not seen before."""
        raise NotImplementedError


class Number(Reader):
    """The number of a document: trimmed, not empty, on one line, at most 120 bytes."""

    def __init__(self, _: Terms) -> None:
        self._most = MAX_FILE_NAME_BYTES

    def __call__(self, cell: str) -> str:
        """The number."""
        number = cell.strip()
        if not number:
            raise BadCell("cell-is-empty")
        number = unicodedata.normalize("NFC", number)
        if not number.isprintable() and not is_printable(number):
            raise BadCell("cell-has-invisible-characters")
        if len(number.encode()) > self._most:
            raise BadCell("cell-number-too-long", most=self._most)
        return number

    def column(self, cells: Sequence[str]) -> Sequence[str]:
        """The numbers; a column of plain ASCII without blanks is taken as it is."""
        whole = "".join(cells)
        plain = whole.isascii() and whole.isprintable() and " " not in whole
        if plain and all(cells) and len(max(cells, key=len)) <= self._most:
            return cells
        return super().column(cells)


class Text(Reader):
    """Any text on one line, trimmed; a cell that looks like a formula is text like any other."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __call__(self, cell: str) -> str:
        """The text."""
        words = cell.strip()
        if not words.isascii():
            words = unicodedata.normalize("NFC", words)
        if len(words) > self._most:
            raise BadCell("cell-too-long", most=self._most)
        if not words.isprintable() and not is_printable(words):
            raise BadCell("cell-has-invisible-characters")
        return words

    def column(self, cells: Sequence[str]) -> Sequence[str]:
        """The texts; a column of usual letters is only trimmed."""
        whole = "".join(cells)
        usual = whole.isprintable() and unicodedata.is_normalized("NFC", whole)
        if usual and len(max(cells, key=len)) <= self._most:
            return [cell.strip() for cell in cells] if " " in whole else cells
        return super().column(cells)


def text(_: Terms) -> Reader:
    """Any text of at most 200 characters."""
    return Text(MAX_TEXT_CHARS)


def text_of(most: int) -> Cell:
    """Any text of at most so many characters."""
    return lambda _: Text(most)


class Needed(Reader):
    """A reader whose cells must not be empty."""

    def __init__(self, reader: Reader) -> None:
        self.inner = reader
        self.depends_on_currency = reader.depends_on_currency
        self.has_decimals = reader.has_decimals

    def __call__(self, cell: str) -> Any:
        """What the cell says."""
        if not cell.strip():
            raise BadCell("cell-is-empty")
        return self.inner(cell)

    def column(self, cells: Sequence[str]) -> Sequence[Any]:
        """What each cell of a column says."""
        if not all(map(str.strip, cells)):
            raise BadCell("cell-is-empty")
        return self.inner.column(cells)


def needed(cell: Cell) -> Cell:
    """The same cells, which must not be empty."""
    return lambda terms: Needed(cell(terms))


class Words(Learned):
    """Cells of few words -> what they mean, whatever their case and the blanks around them."""

    def __init__(self, meanings: Mapping[str, Any], code: str) -> None:
        super().__init__(meanings)
        self._meanings = {word.casefold(): meaning for word, meaning in meanings.items()}
        self._code, self._allowed = code, ", ".join(word for word in meanings if word)

    def read(self, cell: str) -> Any:
        """The meaning of a word in another case."""
        word = cell.strip().casefold()
        if word not in self._meanings:
            raise BadCell(self._code, allowed=self._allowed)
        return self._meanings[word]


def flag(terms: Terms) -> Reader:
    """Yes, no, or None for an empty cell (RI-3)."""
    yes, no = dict.fromkeys(terms.yes_words, True), dict.fromkeys(terms.no_words, False)
    return Words({**yes, **no, "": None}, "cell-is-neither-yes-nor-no")


def one_of(meanings: Mapping[str, Any], code: str = "cell-is-none-of-these") -> Cell:
    """One of few words; the empty cell must be among them if it is allowed."""
    return lambda _: Words(meanings, code)


def clearing_mark(terms: Terms) -> Reader:
    """True for a mark that closes, False for one that does not, or for an empty cell (RI-12)."""
    closing, still_open = dict.fromkeys(terms.closing_marks, True), dict.fromkeys(terms.open_marks, False)
    return Words({**closing, **still_open, "": False}, "clearing-mark-unknown")


class Currencies(Learned):
    """Currencies of ISO 4217, None for an empty cell; it learns those that the file names."""

    def __init__(self, _: Terms) -> None:
        super().__init__()

    def read(self, cell: str) -> str | None:
        """The code in capitals."""
        code = cell.strip().upper() or None
        if code is not None and code not in DECIMALS:
            raise BadCell("cell-is-no-currency")
        return code


class _WholeNumbers(Learned):
    def __init__(self, most: int) -> None:
        super().__init__({"": None})
        self._most = most

    def read(self, cell: str) -> int | None:
        digits = cell.strip()
        if not digits:
            return None
        digital = digits.isascii() and digits.isdecimal()
        if not digital or len(digits) > len(str(self._most)) or int(digits) > self._most:
            raise BadCell("cell-is-no-number", most=self._most)
        return int(digits)


def whole_number(most: int) -> Cell:
    """A whole number from 0 to so many; None for an empty cell."""
    return lambda _: _WholeNumbers(most)


class _Checked(Learned):
    def __init__(self, check: Callable[[str], bool], code: str) -> None:
        super().__init__()
        self._check, self._code = check, code

    def read(self, cell: str) -> str:
        trimmed = unicodedata.normalize("NFC", cell.strip())
        if not self._check(trimmed):
            raise BadCell(self._code)
        return trimmed


def checked(check: Callable[[str], bool], code: str) -> Cell:
    """A trimmed text of which the check must be true."""
    return lambda _: _Checked(check, code)
