"""A CSV file as a sheet: rows typed cell by cell, problems with line and column (RI-32).

Each line is a row of its own: a cell that goes over several lines is refused, so that a stray quote can hide
no row and a line break in somebody's text can make none.

Rows are read a block at a time, column by column. Where anything in a block is out of the ordinary, it is
read again row by row, which finds the same rows and every problem.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar, cast

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.model import Facts, Notice, Problem, Variant

from .as_of import as_of_in
from .cells import BadCell, Terms
from .characters import Block, Lines, Opening, opening_of, start_of
from .heads import cells_of, separator_of
from .layouts import Layout, shown
from .reading import MAX_COLUMNS, ByteStream, ReadSettings
from .row_builders import Build
from .typed_cells import TypedCells

WHOLE_LINE = " "
"""The field of a ``BadCell`` that is about a line, not about one of its cells."""

LEFT_OUT_OLDER = "rows-left-out-older"
LEFT_OUT_CLEARED = "rows-left-out-cleared"

Made = TypeVar("Made")


class Sheet:
    """An opened CSV file: its character set is known, its lines follow.

    The separator is the one of its headings, or of its first row, where nobody names it.

    ``left_out`` counts rows that were read well and left out, by reason (a code of ``problem_words``).
    """

    def __init__(
        self, stream: ByteStream, settings: ReadSettings, *, separator: str = "", character_set: str = ""
    ) -> None:
        self.settings = settings
        opening = opening_of(start_of(stream), name=settings.file_name)
        if character_set:
            opening = _in_set(opening, character_set)
        self.separator = separator
        self._lines = Lines(stream, opening, name=settings.file_name)
        self._blocks = self._lines.blocks()
        self._inside_quotes = False
        self._headings = ""
        self._currencies: dict[str, Any] = {}
        self.rows_read = self.problem_lines = 0
        self.left_out: Counter[str] = Counter()

    def skip(self, count: int) -> None:
        """Leave out so many lines before the headings."""
        while count > 0:
            block = next(self._blocks, None)
            if block is None:
                raise self._refusal("file-without-rows")
            if block.lines[count:]:
                self._put_back(block, count)
            count -= len(block.lines)

    def first_cells(self) -> list[str]:
        """The cells of the first line that is not empty; it stays to be read."""
        block, at = self._first()
        self._put_back(block, at)
        return self._cells(block, at)

    def headings(self) -> list[str]:
        """The cells of the first line that is not empty; the rows begin behind it."""
        block, at = self._first()
        if block.lines[at + 1 :]:
            self._put_back(block, at + 1)
        self._headings = block.lines[at]
        return self._cells(block, at)

    def _first(self) -> tuple[Block, int]:
        for block in self._blocks:
            for at, line in enumerate(block.lines):
                if line.strip():
                    return block, at
        raise self._refusal("file-without-rows")

    def _cells(self, block: Block, at: int) -> list[str]:
        self.separator = self.separator or separator_of(block.lines[at])
        cells = None if block.broken else cells_of(block.lines[at], self.separator)
        line = block.first_line + at
        if cells is None:
            words = shown(block.lines[at])
            raise Refused("heading-line-broken", field="file", value=words, line=line)
        if len(cells) > MAX_COLUMNS:
            raise self._too_wide(line, len(cells))
        return cells

    def _put_back(self, block: Block, begin: int) -> None:
        rest = block._replace(first_line=block.first_line + begin, lines=block.lines[begin:])
        self._blocks = chain((rest,), self._blocks)

    def rows(self, layout: Layout, terms: Terms, build: Build[Made]) -> Iterator[Made | Problem]:
        """The rows that ``build`` makes of typed columns, in their order, and the problems of all others."""
        typed = TypedCells(layout, terms)
        self._currencies = typed.currencies
        if typed.has_decimals and self.separator == terms.decimal_mark:
            raise self._refusal("separator-is-decimal-mark", mark=terms.decimal_mark)
        for block in self._blocks:
            if block.broken:
                self.problem_lines += 1
                self._inside_quotes = not _closes(block.lines[0], self.separator, inside=self._inside_quotes)
                yield _problem(block.first_line, "", block.lines[0], BadCell(block.broken))
                continue
            made = None if self._inside_quotes else self._at_once(block, typed, build)
            if made is None:
                yield from self._one_by_one(block, typed, build)
            elif build.makes_every_row:
                self.rows_read += len(block.lines)
                yield from cast(Iterable[Made], made)
            else:
                yield from self._without_those_left_out(made)

    def _without_those_left_out(self, made: Iterable[Made | str]) -> Iterator[Made]:
        for row in made:
            if isinstance(row, str):
                self.left_out[row] += 1
            else:
                self.rows_read += 1
                yield row

    def _at_once(self, block: Block, typed: TypedCells, build: Build[Made]) -> Iterable[Made | str] | None:
        """The rows of a block, column by column; None where anything is out of the ordinary."""
        columns = _columns(block, self.separator)
        if columns is None or self._headings in block.lines:
            return None
        surplus = columns[typed.layout.width :]
        if len(columns) < typed.layout.width or (surplus and not self._may_be_cut(surplus)):
            return None
        try:
            values = typed.columns(columns)
            return build.rows(range(block.first_line, block.first_line + len(block.lines)), values)
        except BadCell:
            return None

    def _may_be_cut(self, surplus: Sequence[Sequence[str]]) -> bool:
        """True when separators too many at the end of rows do no harm.

        A comma may also be a part of an amount that lacks its quotes: there the width must be exact.
        """
        return (
            self.separator != ","
            and len(surplus) <= MAX_COLUMNS
            and not any(cell.strip() for column in surplus for cell in column)
        )

    def _one_by_one(self, block: Block, typed: TypedCells, build: Build[Made]) -> Iterator[Made | Problem]:
        """The rows of a block one after the other, with the problems of those that can't be read."""
        width = typed.layout.width
        for line, words in enumerate(block.lines, block.first_line):
            try:
                cells = self._row(words)
                if not any(map(str.strip, cells)):
                    continue
                if len(cells) != width:
                    self._demand_fit(cells, width, line)
                made = build.rows(range(line, line + 1), typed.row(cells))
            except BadCell as bad:
                self._inside_quotes = self._inside_quotes or bad.code == "quotes-not-closed"
                yield from self._explained(typed, line, words, bad)
            else:
                yield from self._without_those_left_out(made)

    def _row(self, words: str) -> list[str]:
        """The cells of a line; ``BadCell`` for the line as a whole where its quotes are wrong."""
        if self._inside_quotes:
            self._inside_quotes = not _closes(words, self.separator, inside=True)
            raise BadCell("row-inside-quotes", field=WHOLE_LINE)
        if words == self._headings:
            raise BadCell("row-repeats-headings", field=WHOLE_LINE)
        if '"' not in words:
            return words.split(self.separator)
        cells = cells_of(words, self.separator)
        if cells is None:
            closes = _closes(words, self.separator, inside=False)
            raise BadCell("quotes-misplaced" if closes else "quotes-not-closed", field=WHOLE_LINE)
        return cells

    def _demand_fit(self, cells: Sequence[str], width: int, line: int) -> None:
        if len(cells) > MAX_COLUMNS:
            raise self._too_wide(line, len(cells))
        if len(cells) < width:
            raise BadCell("row-too-short", field=WHOLE_LINE, cells=len(cells), columns=width)
        if not self._may_be_cut([cells[width:]]):
            raise BadCell("row-too-long", field=WHOLE_LINE, cells=len(cells), columns=width)

    def _too_wide(self, line: int, columns: int) -> Refused:
        return self._refusal("file-has-too-many-columns", line=line, columns=columns, most=MAX_COLUMNS)

    def _explained(self, typed: TypedCells, line: int, words: str, bad: BadCell) -> Iterator[Problem]:
        """Every problem of a row: the cells are read one by one, so that all that is wrong comes at once."""
        self.problem_lines += 1
        if bad.field == WHOLE_LINE:
            yield _problem(line, "", words, bad)
            return
        cells = cells_of(words, self.separator) or []
        found = list(typed.problems(cells))
        for column, cell, one in found:
            yield _problem(line, column, cell, one)
        if not found:
            yield _problem(line, typed.layout.column_of(bad.field), bad.value or "", bad)

    def ending(self, variant: Variant, columns: tuple[tuple[str, str], ...] = ()) -> Iterator[Notice | Facts]:
        """What was left out, and what the file says as a whole; to be asked for once all rows are read.

        ``Refused`` where there were none.
        """
        if not self.rows_read and not self.problem_lines and not self.left_out:
            raise self._refusal("file-without-rows")
        for reason in sorted(self.left_out):
            yield Notice(1, reason, (("rows", str(self.left_out[reason])),))
        yield Facts(
            variant=variant,
            as_of=as_of_in(self.settings.file_name, self.settings.today),
            currencies=tuple(sorted({code for code in self._currencies.values() if code})),
            rows=self.rows_read,
            problem_lines=self.problem_lines,
            older_rows=self.left_out[LEFT_OUT_OLDER],
            character_set=self._lines.character_set or "ascii",
            separator=self.separator,
            columns=columns,
        )

    def _refusal(self, code: str, **facts: object) -> Refused:
        return Refused(code, field="file", value=self.settings.file_name, **facts)


def _columns(block: Block, separator: str) -> Sequence[Sequence[str]] | None:
    """The cells of a block, column by column; None where lines differ in their number of cells.

    Neither do lines with cells of their own live beside each other: a million small lists are what a
    collector of garbage spends its time on.
    """
    lines = block.lines
    if not block.quoted:
        separators = lines[0].count(separator)
        if any(map(separators.__ne__, map(str.count, lines, repeat(separator)))):
            return None
        cells = separator.join(lines).split(separator)
        return [cells[place :: separators + 1] for place in range(separators + 1)]
    try:
        rows = list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return None
    if len(rows) != len(lines) or len(set(map(len, rows))) > 1:
        return None  # a cell went over several lines, or the rows are of different width
    return list(zip(*rows, strict=True))


def _in_set(opening: Opening, character_set: str) -> Opening:
    """The opening in the character set that somebody named; a byte order mark knows better."""
    found = opening.character_set or ""
    if character_set == "utf-16":
        return opening._replace(character_set=found if found.startswith("utf-16") else "utf-16-le")
    return opening._replace(character_set=character_set)


def _closes(words: str, separator: str, *, inside: bool) -> bool:
    """True when after this line no quote is open any more; ``inside`` says whether one was before it."""
    try:
        next(csv.reader(('"' + words if inside else words,), delimiter=separator, strict=True))
    except csv.Error as error:
        return "end of data" not in str(error)
    return True


def _problem(line: int, column: str, cell: str, bad: BadCell) -> Problem:
    facts = tuple((name, str(fact)) for name, fact in bad.facts.items())
    return Problem(line, column, shown(cell), bad.code, facts)
