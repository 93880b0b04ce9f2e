"""A report per import: every row with what was done and why, as CSV in two languages and as JSON (RI-38).

The rows come chunk by chunk and leave in the order of the file, through files on the disk: a million of them
need no more memory than a chunk of them, and a million that could not be read no more than a few.
"""

from __future__ import annotations

import csv
import gzip
import heapq
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from json import dumps, loads
from typing import IO, Any, NamedTuple

from tillbridge.kernel.money import Money
from tillbridge.kernel.text import fold

from . import rows
from .decisions import Outcome
from .import_model import BY_HAND, Import, ImportState
from .model import DECIDED_AS_ONE, Problem
from .report_words import COLUMNS, OUTCOMES, sentence
from .reviews import with_decisions
from .row_outcomes import RowOutcome
from .store import ImportStore
from .workspace import Workspace, on_disk

FROM_PREVIEW = frozenset({ImportState.REFUSED, ImportState.AWAITING_APPROVAL, ImportState.DISCARDED})
HAS_REPORT = FROM_PREVIEW | {ImportState.FINISHED, ImportState.DELETED}
LANGUAGES = ("de", "en")
_DELIMITERS = {"de": ";", "en": ","}
"""What spreadsheets of a country take for the end of a cell; in Germany the comma stands in amounts."""
_FORMULA = re.compile(r"(?:\A|(?<=[;,\t\r\n]))(?=[ \"]*[=+\-@\t\r])")
"""Where a formula could begin: at the start of a text, and behind what ends a cell in a spreadsheet of
another country, or for a person who chooses the delimiter.
"""
_AT_THE_END = 2**31
"""No line has such a number: documents that a list lacks come after all rows."""
_MARK = "\ufeff"
"""By it spreadsheets tell UTF-8 from an old character set."""


class ReportedRow(NamedTuple):
    """A row as a report has it: what was told of it, and whether that was only tried, or taken back."""

    told: RowOutcome
    tried: bool = False
    reversed: bool = False
    touched_since: bool = False

    @property
    def outcome(self) -> str:
        """What became of the row, as ``OUTCOMES`` has it."""
        if self.told.outcome is Outcome.REVIEW and self.reversed:
            return "undecided"
        if self.told.outcome is not Outcome.BOOKED:
            return self.told.outcome.value
        if self.tried:
            return "would-be-booked"
        return "reversed" if self.reversed else "booked"

    @property
    def due_after_minor(self) -> int | None:
        """What is due afterwards; None where that is nobody's business: the document may be another's.

        None too once the row is taken back: what is due then, the document says.
        """
        shown = self.told.invoice_number and self.told.outcome is not Outcome.REFUSED and not self.reversed
        return self.told.due_after_minor if shown else None


class ReportService:
    """Writes reports and hands them out."""

    def __init__(self, store: ImportStore, workspace: Workspace) -> None:
        self._store = store
        self._workspace = workspace

    def write(self, one: Import) -> None:
        """Write the report of an import as it stands; nothing more is due afterwards."""
        if one.state not in HAS_REPORT:
            return
        folder = f"reports/{one.id}/{one.revision}/"
        with ExitStack() as opened:
            sheets = {language: _Sheet(language, one, opened) for language in LANGUAGES}
            whole = _Json(opened)
            for row in self.rows(one, opened):
                for sheet in sheets.values():
                    sheet.add(row)
                whole.add(row, one)
            for language, sheet in sheets.items():
                self._workspace.files.put(f"{folder}report.{language}.csv", sheet.finished(), "text/csv")
            self._workspace.files.put(f"{folder}report.json", whole.finished(), "application/json")
        self._store.write(replace(one, report=folder, due_at=None, revision=one.revision + 1), one)

    def rows(self, one: Import, opened: ExitStack) -> Iterator[ReportedRow]:
        """All rows in the order of the file, then the documents that it lacked."""
        taken_back = one.state is ImportState.DELETED
        touched = set(map(fold, self._store.touched(one.id))) if taken_back else set()
        tried = one.state in FROM_PREVIEW
        files = [_spooled(opened, outcomes, place) for place, outcomes in enumerate(self._outcomes(one))]
        for key_and_values in heapq.merge(*map(_lines, files)):
            told = rows.outcome_from(key_and_values[3])
            booked = told.outcome is Outcome.BOOKED
            others = bool(touched) and booked and fold(told.invoice_number) in touched
            yield ReportedRow(told, tried, taken_back, others)

    def _outcomes(self, one: Import) -> Iterator[Iterable[RowOutcome]]:
        yield map(problem_told, self._workspace.problems(one.id, one.attempt))
        chunks = self._store.chunks(one.id)
        if one.state in FROM_PREVIEW:
            for chunk in chunks[: one.chunks]:
                yield _by_line(self._workspace.preview(one, chunk))
            return
        any_decided = any(chunk.number == BY_HAND and chunk.next_slice for chunk in chunks)
        reviews = self._store.decided_reviews(one.id) if any_decided else ()
        decided = {review.id: review for review in reviews}
        together = one.variant in DECIDED_AS_ONE
        for chunk in chunks:
            told = self._store.outcomes(one.id, chunk.number)
            yield _by_line(filter(None, with_decisions(told, decided, together=together)))


def problem_told(problem: Problem) -> RowOutcome:
    """What is told of a row that could not be read."""
    return RowOutcome(
        problem.line,
        "",
        Outcome.REFUSED,
        problem.code,
        column=problem.column,
        value=problem.value,
        facts=problem.facts,
    )


def _by_line(outcomes: Iterable[RowOutcome]) -> list[RowOutcome]:
    """The outcomes of a chunk in the order of their lines.

    A whole bank statement may stand on one line: then chunk by chunk, and as they come.
    """
    return sorted(outcomes, key=lambda told: told.line or _AT_THE_END)


def _spooled(opened: ExitStack, outcomes: Iterable[RowOutcome], number: int) -> IO[bytes]:
    """Outcomes in a file of their own, each with its place in the report; they come in the order of lines.

    Every row of a file may be one that could not be read: those are never all in the memory. They are written
    as they were read, and one that stood before its forerunner would keep the place behind it.
    """
    file = opened.enter_context(on_disk())
    line = 0
    with gzip.GzipFile("", "wb", 1, file, mtime=0) as lines:
        for place, told in enumerate(outcomes):
            line = max(line, told.line or _AT_THE_END)
            lines.write(dumps([line, number, place, tuple(told)]).encode() + b"\n")
    file.seek(0)
    return file


def _lines(file: IO[bytes]) -> Iterator[list[Any]]:
    with gzip.open(file) as lines:
        for line in lines:
            yield loads(line)


class _Sheet:
    """A CSV report in one language, as spreadsheets in that country read it."""

    def __init__(self, language: str, one: Import, opened: ExitStack) -> None:
        self._language = language
        self._currency = one.currency
        self._file = opened.enter_context(on_disk())
        self._text = io.TextIOWrapper(self._file, encoding="utf-8", newline="", write_through=False)
        self._text.write(_MARK)
        self._csv = csv.writer(self._text, delimiter=_DELIMITERS[language])
        self._csv.writerow(COLUMNS[language])

    def add(self, row: ReportedRow) -> None:
        """One more row."""
        told = row.told
        currency = told.currency_in(self._currency)
        self._csv.writerow(
            [
                told.line or "",
                _safe(told.invoice_number),
                self._amount(told.amount_minor, currency),
                told.day,
                OUTCOMES[self._language][row.outcome],
                told.code,
                _safe(sentence(told, self._language, touched_since=row.touched_since)),
                self._amount(told.applied_minor or None, currency),
                self._amount(told.discount_minor or None, currency),
                self._amount(told.fee_minor or None, currency),
                self._amount(told.ignored_minor or None, currency),
                self._amount(row.due_after_minor, currency),
                told.value_on,
                _safe(told.column),
                _safe(told.value),
                told.entry,
                "" if told.dunning_level is None else told.dunning_level,
                currency,
            ]
        )

    def finished(self) -> IO[bytes]:
        """The file, to be read from its beginning."""
        self._text.flush()
        self._text.detach()
        self._file.seek(0)
        return self._file

    def _amount(self, minor: int | None, currency: str) -> str:
        if minor is None:
            return ""
        text = amount_text(minor, currency)
        return text.replace(".", ",") if self._language == "de" else text


@lru_cache(maxsize=4096)
def amount_text(minor: int, currency: str) -> str:
    """An amount as text; those of a file repeat themselves, so each is written once."""
    return Money(minor, currency).decimal_text()


def _safe(text: str) -> str:
    """The text, so that no spreadsheet takes it, or what follows a delimiter in it, for a formula."""
    return _FORMULA.sub("'", text)


class _Json:
    """The same as one JSON array."""

    def __init__(self, opened: ExitStack) -> None:
        self._file = opened.enter_context(on_disk())
        self._file.write(b"[")
        self._first = True

    def add(self, row: ReportedRow, one: Import) -> None:
        """One more row."""
        self._file.write(b"\n" if self._first else b",\n")
        self._first = False
        self._file.write(dumps(row_shown(row, one.currency), ensure_ascii=False).encode())

    def finished(self) -> IO[bytes]:
        """The file, to be read from its beginning."""
        self._file.write(b"\n]\n")
        self._file.seek(0)
        return self._file


def row_shown(row: ReportedRow, currency_of_import: str) -> dict[str, Any]:
    """A row of a report as JSON: amounts as texts in its currency, words in both languages."""
    told = row.told
    currency = told.currency_in(currency_of_import)
    amounts = {
        "amount": told.amount_minor,
        "applied": told.applied_minor,
        "discount": told.discount_minor,
        "fee": told.fee_minor,
        "ignored": told.ignored_minor,
        "due_after": row.due_after_minor,
    }
    return {
        "line": told.line or None,
        "invoice_number": told.invoice_number or None,
        "day": told.day or None,
        "currency": currency,
        "outcome": row.outcome,
        "code": told.code,
        "reason": {
            language: sentence(told, language, touched_since=row.touched_since) for language in LANGUAGES
        },
        **{
            name: amount_text(minor, currency) if minor is not None else None
            for name, minor in amounts.items()
        },
        "value_on": told.value_on or None,
        "dunning_level": told.dunning_level,
        "column": told.column or None,
        "value": told.value or None,
        "entry": told.entry or None,
        "touched_since": row.touched_since,
    }
