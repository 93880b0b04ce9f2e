"""What uploads of customers and orders have in common: a thing has rows, and its last one counts (LE-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tillbridge.aws.table import Part
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger.model import MAX_LINES

from .decisions import Outcome
from .import_model import Totals
from .row_outcomes import RowOutcome
from .upload_words import FileColumns, told
from .work import Planned


def grouped_by_number(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    """The rows of each number, in pieces that fit into one transaction."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(fold(row.number), []).append(row)
    return [
        tuple(own[start : start + MAX_LINES])
        for own in found.values()
        for start in range(0, len(own), MAX_LINES)
    ]


def recorded(rows: Sequence[Any], part: Part | None, *, is_known: bool, size_bytes: int) -> Planned:
    """What becomes of the rows of one thing: the last one is written by ``part``, None where that is nothing
    new.
    """
    *others, last = rows
    outcomes = [RowOutcome(row.line, row.number, Outcome.IGNORED, "overtaken-in-file") for row in others]
    if part is None:
        outcomes.append(RowOutcome(last.line, last.number, Outcome.IGNORED, "recorded-before"))
        return Planned(tuple(outcomes), Totals(rows=len(rows), ignored=len(rows)))
    code = "changed" if is_known else "recorded"
    outcomes.append(RowOutcome(last.line, last.number, Outcome.BOOKED, code))
    own = frozenset({fold(last.number)})
    totals = Totals(rows=len(rows), booked=1, ignored=len(others))
    return Planned(tuple(outcomes), totals, (part,), own, own, size_bytes)


def refused(rows: Sequence[Any], number: str, refusal: Refused, columns: FileColumns) -> Planned:
    """All rows of a noun that can't be: each with the reason, the line, the column and the value at fault."""
    column, value, facts = told(refusal, rows, columns)
    outcomes = tuple(
        RowOutcome(row.line, number, Outcome.REFUSED, refusal.code, column=column, value=value, facts=facts)
        for row in rows
    )
    return Planned(outcomes, Totals(rows=len(outcomes), refused=len(outcomes)))
