"""A CSV file as a sheet: headings matched by name, rows typed cell by cell, problems with line and column (RI-32).

Each line is a row of its own: a cell that goes over several lines is refused, so that a stray quote can hide no row
and a line break in somebody's text can make none.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import call, itemgetter
from typing import TypeVar

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.model import Facts, Kind, Notice, Problem, Variant

from .as_of import as_of_in
from .cells import BadCell, Cell, CellReader, Currencies, Terms, currency, depends_on_currency
from .characters import Block, Opening, blocks_of, opening_of, start_of
from .heads import cells_of, has_all, head_from, heading_key, separator_of
from .reading import MAX_COLUMNS, ByteStream, Head, ReadSettings

MAX_SHOWN_CHARS = 80
MAX_NAMED = 10
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Field:
    """A column by its headings, English first, and the reader of its cells; a needed one must be in the file."""

    name: str
    headings: tuple[str, ...]
    cell: Cell
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a file stand: for each field its place, -1 where the file lacks it."""

    fields: tuple[Field, ...]
    places: tuple[int, ...]
    columns: tuple[str, ...]
    width: int

    def has(self, name: str) -> bool:
        """True when the file has the column of that field."""
        return any(
            field.name == name and place >= 0 for field, place in zip(self.fields, self.places, strict=True)
        )

    def column_of(self, name: str) -> str:
        """The heading of a field as the file writes it."""
        for field, place in zip(self.fields, self.places, strict=True):
            if field.name == name:
                return self.columns[place] if place >= 0 else field.headings[0]
        return name


class Sheet:
    """An opened CSV file: its head is read, its rows follow."""

    def __init__(
        self, stream: ByteStream, settings: ReadSettings, *, separator: str = "", character_set: str = ""
    ) -> None:
        self.settings = settings
        opening = opening_of(start_of(stream), name=settings.file_name)
        if character_set:
            opening = _named(opening, character_set)
        self.head: Head = head_from(settings.file_name, opening)
        self.separator = separator or self.head.separator
        self._blocks = blocks_of(stream, opening, name=settings.file_name)
        self.rows_read = self.problem_lines = 0
        self.seen_currencies: dict[str, str | None] = {}

    def skip(self, count: int) -> None:
        """Leave out so many lines before the headings."""
        while count > 0:
            block = next(self._blocks, None)
            if block is None:
                raise Refused("file-without-rows", field="file", value=self.settings.file_name)
            kept = block.lines[count:]
            if kept:
                self._blocks = chain(
                    [block._replace(lines=kept, first_line=block.first_line + count)], self._blocks
                )
            count -= len(block.lines)

    def headings(self) -> list[str]:
        """The cells of the first line that is not empty; the rows begin behind it."""
        for block in self._blocks:
            at = next((place for place, line in enumerate(block.lines) if line.strip()), None)
            if at is None:
                continue
            line = block.first_line + at
            if block.broken:
                raise Refused("heading-line-broken", field="file", value=_shown(block.lines[at]), line=line)
            if block.lines[at + 1 :]:
                rest = Block(line + 1, block.lines[at + 1 :])
                self._blocks = chain([rest], self._blocks)
            if not self.separator:
                self.separator = separator_of(block.lines[at])
            cells = cells_of(block.lines[at], self.separator)
            if cells is None:
                raise Refused("heading-line-broken", field="file", value=_shown(block.lines[at]), line=line)
            if len(cells) > MAX_COLUMNS:
                raise self._too_wide(line, len(cells))
            return cells
        raise Refused("file-without-rows", field="file", value=self.settings.file_name)

    def first_lines(self, count: int) -> list[str]:
        """The next lines, which stay to be read."""
        block = next(self._blocks, None)
        if block is None:
            return []
        self._blocks = chain([block], self._blocks)
        return block.lines[:count]

    def rows(
        self, layout: Layout, terms: Terms, build: Callable[..., Made | None]
    ) -> Iterator[Made | Problem]:
        """Each row as ``build(line, *cells of the layout's fields)`` makes it; None leaves the row out."""
        typed = _Typed(layout, terms)
        self.seen_currencies = typed.currencies
        pick, at, readers_of = typed.pick, typed.currency_at, typed.readers
        separator, width, inside_quotes = self.separator, layout.width, False
        for block in self._blocks:
            if block.broken:
                yield self._problem(block.first_line, "", block.lines[0], block.broken, {})
                continue
            for line, words in enumerate(block.lines, block.first_line):
                try:
                    if inside_quotes:
                        inside_quotes = not _closes(words, separator)
                        raise BadCell("row-inside-quotes", field=" ", value=words)
                    cells = words.split(separator) if '"' not in words else _quoted(words, separator)
                    if len(cells) != width:
                        self._fit(cells, width, line)
                    cells.append("")
                    row = build(line, *map(call, readers_of[cells[at]], pick(cells)))
                except BadCell as bad:
                    if words.replace(separator, "").strip():
                        inside_quotes = inside_quotes or bad.code == "quotes-not-closed"
                        yield from self._explained(typed, line, words, bad)
                    continue
                if row is not None:
                    self.rows_read += 1
                    yield row

    def _fit(self, cells: list[str], width: int, line: int) -> None:
        """Bring a row to the width of the headings; separators too many at its end do no harm."""
        if len(cells) > MAX_COLUMNS:
            raise self._too_wide(line, len(cells))
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) != width:
            code = "row-too-short" if len(cells) < width else "row-too-long"
            raise BadCell(code, field=" ", cells=len(cells), columns=width)

    def _too_wide(self, line: int, columns: int) -> Refused:
        name = self.settings.file_name
        return Refused("file-has-too-many-columns", field="file", value=name, line=line, columns=columns,
                       most=MAX_COLUMNS)  # fmt: skip

    def _explained(self, typed: _Typed, line: int, words: str, bad: BadCell) -> Iterator[Problem]:
        """Every problem of a row: the columns are read one by one, so that all that is wrong comes at once."""
        self.problem_lines += 1
        if bad.field == " ":
            yield self._problem(line, "", words, bad.code, bad.facts, counted=True)
            return
        cells = cells_of(words, self.separator) or []
        cells += [""] * (typed.layout.width - len(cells) + 1)
        found = list(typed.problems(cells))
        for column, value, one in found:
            yield self._problem(line, column, value, one.code, one.facts, counted=True)
        if not found:
            column = typed.layout.column_of(bad.field)
            yield self._problem(line, column, bad.value or "", bad.code, bad.facts, counted=True)

    def _problem(
        self,
        line: int,
        column: str,
        value: str,
        code: str,
        facts: dict[str, object],
        *,
        counted: bool = False,
    ) -> Problem:
        self.problem_lines += not counted
        return Problem(
            line, column, _shown(value), code, tuple((name, str(fact)) for name, fact in facts.items())
        )

    def facts(self, variant: Variant, *, older_rows: int = 0) -> Facts:
        """What the file says as a whole, once all rows are read; ``Refused`` where there were none."""
        if not self.rows_read and not self.problem_lines and not older_rows:
            raise Refused("file-without-rows", field="file", value=self.settings.file_name)
        return Facts(
            variant=variant,
            as_of=as_of_in(self.settings.file_name, self.settings.today),
            currencies=tuple(sorted({code for code in self.seen_currencies.values() if code})),
            rows=self.rows_read,
            problem_lines=self.problem_lines,
            older_rows=older_rows,
            character_set=self.head.character_set,
            separator=self.separator,
        )


class _Typed:
    """The readers of a layout's cells; with a column of currencies, amounts follow the currency of their row."""

    def __init__(self, layout: Layout, terms: Terms) -> None:
        self.layout = layout
        self.pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(*layout.places)
        self.currency_at = next(
            (
                place
                for field, place in zip(layout.fields, layout.places, strict=True)
                if field.cell is currency
            ),
            -1,
        )
        self.currencies = Currencies()
        self.readers = _ReadersByCurrency(layout.fields, terms, self.currencies)

    def problems(self, cells: Sequence[str]) -> Iterator[tuple[str, str, BadCell]]:
        """Column, cell and reason of each cell that can't be read."""
        try:
            readers, amounts = self.readers[cells[self.currency_at]], True
        except BadCell:
            readers, amounts = self.readers[""], False
        for field, place, read in zip(self.layout.fields, self.layout.places, readers, strict=True):
            if depends_on_currency(field.cell) and not amounts:
                continue
            try:
                read(cells[place] if place >= 0 else "")
            except BadCell as bad:
                yield self.layout.column_of(field.name), cells[place] if place >= 0 else "", bad


class _ReadersByCurrency(dict[str, tuple[CellReader, ...]]):
    def __init__(self, fields: tuple[Field, ...], terms: Terms, currencies: Currencies) -> None:
        super().__init__()
        self._fields, self._terms, self._currencies = fields, terms, currencies
        self._of_code: dict[str, tuple[CellReader, ...]] = {}
        self._fixed = tuple(
            currencies.__getitem__ if field.cell is currency else field.cell(terms) for field in fields
        )

    def __missing__(self, cell: str) -> tuple[CellReader, ...]:
        code = self._currencies[cell] or self._terms.currency
        if code not in self._of_code:
            terms = replace(self._terms, currency=code)
            self._of_code[code] = tuple(
                field.cell(terms) if depends_on_currency(field.cell) else fixed
                for field, fixed in zip(self._fields, self._fixed, strict=True)
            )
        if len(self) < len(DECIMALS):
            self[cell] = self._of_code[code]
        return self._of_code[code]


def layout_of(headings: Sequence[str], fields: tuple[Field, ...], kind: Kind) -> Layout:
    """The places of the fields among the headings; ``Refused`` where a needed one is missing or one stands twice."""
    keys = [heading_key(cell) for cell in headings]
    places = []
    for field in fields:
        wanted = {heading_key(heading) for heading in field.headings}
        found = [place for place, key in enumerate(keys) if key in wanted]
        if len(found) > 1:
            raise Refused("column-twice", field=headings[found[0]].strip(), value=headings[found[1]].strip())
        if field.needed and not found:
            raise Refused(
                "column-missing",
                field=field.headings[0],
                value=_named_headings(headings),
                headings=" / ".join(field.headings),
                kind=kind.value,
            )
        places.append(found[0] if found else -1)
    width = len(headings)
    while width > 1 and not keys[width - 1] and not headings[width - 1].strip():
        width -= 1
    columns = tuple(cell.strip()[:MAX_SHOWN_CHARS] for cell in headings[:width])
    return Layout(fields, tuple(places), columns, width)


def unused_columns(layout: Layout, known: Sequence[Field], *, line: int = 1) -> Iterator[Notice]:
    """One notice that names the columns which no field of the kind takes."""
    keys = {heading_key(heading) for field in known for heading in field.headings}
    unused = [column for column in layout.columns if heading_key(column) not in keys]
    if unused:
        yield Notice(line, "columns-not-used", (("columns", _named_headings(unused)),))


def knows_all_headings(head: Head, fields: Sequence[Field]) -> bool:
    """True when the head has every needed column of these fields, and no column of any other name."""
    known = {heading_key(heading) for field in fields for heading in field.headings}
    needed = [field.headings for field in fields if field.needed]
    return bool(needed) and has_all(head, *needed) and head.keys <= known


def _named(opening: Opening, character_set: str) -> Opening:
    """The opening in the character set that somebody named; a byte order mark knows better."""
    found = opening.character_set or ""
    if character_set == "utf-16":
        return opening._replace(character_set=found if found.startswith("utf-16") else "utf-16-le")
    return opening._replace(character_set=character_set)


def _quoted(words: str, separator: str) -> list[str]:
    try:
        return next(csv.reader((words,), delimiter=separator, strict=True))
    except csv.Error:
        code = "quotes-misplaced" if _closes(words, separator, inside=False) else "quotes-not-closed"
        raise BadCell(code, field=" ") from None


def _closes(words: str, separator: str, *, inside: bool = True) -> bool:
    """True when after this line no quote is open any more; ``inside`` says whether one was before it."""
    try:
        next(csv.reader(('"' + words if inside else words,), delimiter=separator, strict=True))
    except csv.Error as error:
        return "end of data" not in str(error)
    return True


def _named_headings(headings: Sequence[str]) -> str:
    named = [cell.strip()[:MAX_SHOWN_CHARS] for cell in headings if cell.strip()]
    more = f" … ({len(named) - MAX_NAMED})" if len(named) > MAX_NAMED else ""
    return ", ".join(named[:MAX_NAMED]) + more


def _shown(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"
