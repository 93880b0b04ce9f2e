"""Which columns a kind knows, and where they stand in a file: headings matched by name, in any order (RI-10).

A column that a kind does not know is refused: it may be a known one misspelled, and then an amount would be
missing without anybody noticing. Columns that other programs write and nobody here needs are named as such.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from tillbridge.kernel.errors import Refused

from .cells import Cell
from .heads import has_all, heading_key
from .reading import Head

MAX_SHOWN_CHARS = 80
MAX_NAMED = 10


@dataclass(frozen=True, slots=True)
class Field:
    """A column by its headings, English first, and how its cells read; a needed one must be in the file."""

    name: str
    headings: tuple[str, ...]
    cell: Cell
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns that a kind knows: those that it reads, and the headings of those that it passes over."""

    fields: tuple[Field, ...]
    passed_over: tuple[str, ...] = ()

    def claims(self, head: Head) -> bool:
        """True when the head has every needed column of these, and no column of any other name."""
        known = {heading_key(heading) for field in self.fields for heading in field.headings}
        known |= {heading_key(heading) for heading in self.passed_over}
        needed = [field.headings for field in self.fields if field.needed]
        return has_all(head, *needed) and head.keys <= known


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a file stand: for each field its place, -1 where the file lacks it."""

    fields: tuple[Field, ...]
    places: tuple[int, ...]
    columns: tuple[str, ...]
    width: int

    def has(self, *names: str) -> bool:
        """True when the file has the column of any of these fields."""
        return any(field.name in names and place >= 0 for field, place in self._placed())

    def column_of(self, name: str) -> str:
        """The heading of a field as the file writes it."""
        for field, place in self._placed():
            if field.name == name:
                return self.columns[place] if place >= 0 else field.headings[0]
        return name

    @property
    def headings(self) -> tuple[tuple[str, str], ...]:
        """The fields that the file has, each with its heading as the file writes it."""
        return tuple((field.name, self.columns[place]) for field, place in self._placed() if place >= 0)

    @property
    def of_file(self) -> Layout:
        """The same without the fields that the file lacks."""
        there = [(field, place) for field, place in self._placed() if place >= 0]
        return replace(self, fields=tuple(one for one, _ in there), places=tuple(at for _, at in there))

    def _placed(self) -> Iterator[tuple[Field, int]]:
        return zip(self.fields, self.places, strict=True)


def layout_of(headings: Sequence[str], columns: Columns) -> Layout:
    """The places of the columns among the headings.

    ``Refused`` where a needed one is missing, one stands twice, or one is not known.
    """
    width = width_of(headings)
    keys = [heading_key(cell) for cell in headings[:width]]
    places = [_place(field, headings, keys) for field in columns.fields]
    known = {keys[place] for place in places if place >= 0}
    known |= {heading_key(heading) for heading in columns.passed_over}
    unknown = [
        headings[place].strip() or f"({place + 1})" for place, key in enumerate(keys) if key not in known
    ]
    if unknown:
        raise Refused("columns-unknown", field="file", value=named(unknown), known=named(_first(columns)))
    return Layout(columns.fields, tuple(places), tuple(shown(cell) for cell in headings[:width]), width)


def _place(field: Field, headings: Sequence[str], keys: Sequence[str]) -> int:
    wanted = {heading_key(heading) for heading in field.headings}
    found = [place for place, key in enumerate(keys) if key in wanted]
    if len(found) > 1:
        raise Refused("column-twice", field=headings[found[0]].strip(), value=headings[found[1]].strip())
    if field.needed and not found:
        both = " / ".join(field.headings[:2])
        raise Refused("column-missing", field=field.headings[0], value=named(headings), headings=both)
    return found[0] if found else -1


def _first(columns: Columns) -> list[str]:
    return [field.headings[0] for field in columns.fields]


def width_of(headings: Sequence[str]) -> int:
    """How many columns there are; separators behind the last heading make none."""
    width = len(headings)
    while width > 1 and not headings[width - 1].strip():
        width -= 1
    return width


def fixed_layout(fields: tuple[Field, ...], places: Collection[int], columns: Sequence[str]) -> Layout:
    """The layout of a file whose columns are known by their places, whether it has headings or not."""
    return Layout(fields, tuple(places), tuple(columns), len(columns))


def named(headings: Sequence[str], most: int = MAX_NAMED) -> str:
    """Some headings in one line, for people."""
    cells = [shown(cell) for cell in headings if cell.strip()]
    more = f" … ({len(cells) - most})" if len(cells) > most else ""
    return ", ".join(cells[:most]) + more


def shown(words: str) -> str:
    """The beginning of a cell, for people."""
    words = words.strip()
    return words if len(words) <= MAX_SHOWN_CHARS else words[:MAX_SHOWN_CHARS] + "…"
