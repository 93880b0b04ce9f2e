"""The nouns of what became of each row, and of what people decided about those that waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from tillbridge.kernel.currencies import DECIMALS

from .decisions import Outcome


class RowOutcome(NamedTuple):
    """What became of one row; what a report shows and a deletion needs.

    ``before`` is the balance of the document before this row's group (paid, discounted, fees, level,
    settled on, touched by), on the first row of its group that changed anything; empty elsewhere.
    ``column`` and ``value`` are those of a problem. Absent documents of a list of open items have line 0.
    ``mark`` is that of a payment row, ``entry_mark`` that of a bank entry (RI-34).
    ``amount_minor`` and ``day`` are what the row itself says; ``told_apart`` says that it has a day or a
    reference: an equal row is then the same payment (RI-34).
    """

    line: int
    invoice_number: str
    outcome: Outcome
    code: str
    applied_minor: int = 0
    discount_minor: int = 0
    fee_minor: int = 0
    ignored_minor: int = 0
    due_after_minor: int = 0
    value_on: str = ""
    entry: str = ""
    column: str = ""
    value: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    before: tuple[int | str, ...] = ()
    dunning_level: int | None = None
    mark: str = ""
    entry_mark: str = ""
    amount_minor: int | None = None
    day: str = ""
    told_apart: bool = False

    def currency_in(self, currency_of_import: str) -> str:
        """The currency of its amounts: its own where it tells one, else that of the import."""
        own = dict(self.facts).get("currency", "")
        return own if own in DECIMALS else currency_of_import


class Allocation(NamedTuple):
    """What a person books of a row on one document; amounts are signed as the document's are."""

    number: str
    applied_minor: int
    discount_minor: int = 0
    fee_minor: int = 0


class Verdict(StrEnum):
    """What a person decides about a row that waits."""

    BOOK = "book"
    DISMISS = "dismiss"


@dataclass(frozen=True, slots=True)
class Review:
    """A row that waits, or waited, for a person: what the rules said, and what the person then decided.

    ``id`` is unique in its import: the line, and as much of the row's mark as tells apart the entries of a
    statement that stands on one line, however many. ``rows`` counts the rows that wait as one: a list of open
    items may tell a document in several.
    """

    id: str
    told: RowOutcome
    rows: int = 1
    verdict: Verdict | None = None
    allocations: tuple[Allocation, ...] = ()
    decided_by: str = ""
    decided_at: datetime | None = None

    @staticmethod
    def of(told: RowOutcome, rows: int = 1) -> Review:
        """The review of a row that was just told to wait."""
        mark = told.entry_mark or told.mark
        return Review(f"{told.line:07}-{mark[:16]}" if mark else f"{told.line:07}", told, rows)

    @property
    def is_open(self) -> bool:
        """True while nobody has decided."""
        return self.verdict is None
