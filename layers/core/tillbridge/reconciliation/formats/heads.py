"""What kinds see of a file before one of them claims it: separator, headings, the first line (RI-31)."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from .characters import Opening, opening_of, text_of
from .reading import MAX_LINE_CHARS, Head

SEPARATORS = (";", "\t", "|")
_IN_QUOTES = re.compile(r'"[^"]*"')
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[^0-9a-z%]")
_LINE_END = re.compile(r"\r\n|\r|\n")


def head_of(name: str, start: bytes) -> Head:
    """The head of a file from its first 64 KiB; ``Refused`` where it is empty or no text."""
    return head_from(name, opening_of(start, name=name))


def head_from(name: str, opening: Opening) -> Head:
    """The head of a file whose opening is known."""
    text = text_of(opening)
    line = next((one for one in _LINE_END.split(text) if one.strip()), "")[:MAX_LINE_CHARS]
    separator = separator_of(line)
    cells = tuple(cells_of(line, separator) or ())
    keys = frozenset(heading_key(cell) for cell in cells) - {""}
    return Head(name, text, opening.character_set or "ascii", separator, cells, keys)


def separator_of(line: str) -> str:
    """The separator that stands most often outside quotes; a comma only where there is no other.

    A semicolon where there is none at all: the line is then one cell.
    """
    plain = _IN_QUOTES.sub("", line)
    found = max(SEPARATORS, key=plain.count)
    return "," if found not in plain and "," in plain else found


def cells_of(line: str, separator: str) -> list[str] | None:
    """The cells of one line; None where its quotes don't match."""
    if '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader((line,), delimiter=separator, strict=True))
    except csv.Error:
        return None


@lru_cache(maxsize=2048)
def heading_key(text: str) -> str:
    """The key under which two headings are the same: case, blanks, dots and umlauts don't tell them apart."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return _NEITHER_LETTER_NOR_DIGIT.sub("", plain)


def has_all(head: Head, *choices: Collection[str]) -> bool:
    """True when of each group of headings at least one stands in the file."""
    return all(any(heading_key(heading) in head.keys for heading in group) for group in choices)
