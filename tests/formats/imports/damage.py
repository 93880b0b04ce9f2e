"""Damages files as mail programs, editors and cables do, and says what a reader may make of it.

A damaged file is refused as a whole, or its rows are those of the sound file at the same lines, and each line
that is no row any more has a problem with words: no other error, no other row, no line without a trace.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.formats.imports.record import kind_of, read, settings_of
from tillbridge.kernel.errors import Refused, Words
from tillbridge.reconciliation.file_refusals import FILE_REFUSALS
from tillbridge.reconciliation.formats.reading import ReadSettings
from tillbridge.reconciliation.model import Facts, LedgerRow, Notice, Problem, Row
from tillbridge.reconciliation.problem_words import NOTICES, PROBLEMS
from tillbridge.reconciliation.registry import ImportKind

Said = tuple[object, ...]


class Outcome(NamedTuple):
    """What was made of a file: rows by line without the line, lines with problems; or why it was refused."""

    refused: str
    rows: dict[int, Said]
    problems: dict[int, list[Problem]]
    facts: Facts | None
    left_out: int = 0


class Sound(NamedTuple):
    """A sample, how it is read, and what it says."""

    content: bytes
    text: str
    settings: ReadSettings
    kind: ImportKind
    outcome: Outcome


@cache
def sound(sample: Path) -> Sound:
    """A sample as it is."""
    content, settings = sample.read_bytes(), settings_of(sample)
    kind = kind_of(content, settings)
    outcome = outcome_of(content, settings, kind)
    assert outcome.facts is not None
    mapping = settings.mapping
    return Sound(
        content,
        text_of(content, (mapping and mapping.character_set) or outcome.facts.character_set),
        settings,
        kind,
        outcome,
    )


def text_of(content: bytes, character_set: str) -> str:
    """The text of a sample without its mark; a line of another set is read as it can be."""
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        content = content.removeprefix(mark)
    return content.decode(character_set)


def outcome_of(content: bytes, settings: ReadSettings, kind: ImportKind) -> Outcome:
    """What is made of these bytes; every code must have words that its facts can fill."""
    rows: dict[int, Said] = {}
    problems: dict[int, list[Problem]] = {}
    facts, left_out = None, 0
    try:
        for reading in read(content, settings, kind):
            assert facts is None, "facts are the last"
            if isinstance(reading, Row | LedgerRow):
                assert reading.line not in rows
                rows[reading.line] = reading[1:]
            elif isinstance(reading, Problem):
                speak(reading)
                problems.setdefault(reading.line, []).append(reading)
            elif isinstance(reading, Notice):
                told = dict(reading.facts)
                demand_words(NOTICES[reading.code], told)
                left_out += int(told.get("rows", 0))
            elif isinstance(reading, Facts):
                facts = reading
    except Refused as refused:
        demand_words(
            FILE_REFUSALS[refused.code], {"field": refused.field, "value": refused.value, **refused.facts}
        )
        return Outcome(refused.code, {}, {}, None)
    assert facts is not None
    assert not rows.keys() & problems.keys()
    assert (facts.rows, facts.problem_lines) == (len(rows), len(problems))
    return Outcome("", rows, problems, facts, left_out)


def speak(problem: Problem) -> None:
    """A problem tells its line, its cell shortly, and has words."""
    demand_words(PROBLEMS[problem.code], dict(problem.facts))
    assert problem.line > 0
    assert len(problem.value) <= 81


def demand_words(words: Words, told: Mapping[str, object]) -> None:
    """Both sentences can be said with these facts, and stay short."""
    for sentence in (words.en, words.de):
        assert 0 < len(sentence.format(**told)) < 2000


def demand_same_or_told(
    sample: Sound, content: bytes, *, lines: Iterable[int] | None = None, letters_may_differ: bool = False
) -> Outcome:
    """Damaged content is refused, or each of these lines is the row it was or has a problem."""
    damaged = outcome_of(content, sample.settings, sample.kind)
    if damaged.refused:
        return damaged
    assert damaged.facts is not None
    assert sample.outcome.facts is not None
    assert damaged.facts.variant is sample.outcome.facts.variant
    for line, row in damaged.rows.items():
        assert line in sample.outcome.rows, f"line {line} says {row}, where no row was"
        right = sample.outcome.rows[line]
        assert _alike(row, right) if letters_may_differ else row == right, f"line {line}"
    expected = set(sample.outcome.rows)
    if lines is not None:
        expected &= set(lines)
    untold = expected - damaged.rows.keys() - damaged.problems.keys()
    assert not untold, f"nothing is said about the lines {sorted(untold)}"
    return damaged


def _alike(row: Said, right: Said) -> bool:
    """The same but for letters: whatever is no text is the same, and texts have the same plain letters."""
    return all(
        one == other
        or (isinstance(one, str) and isinstance(other, str) and not (one.isascii() and other.isascii()))
        for one, other in zip(row, right, strict=True)
    )
