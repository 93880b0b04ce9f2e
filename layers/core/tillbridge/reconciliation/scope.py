"""What an import is about, and whether a row or a document belongs to it; pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from tillbridge.kernel.calendar import local_day
from tillbridge.ledger.model import Document

from .decisions import Policy
from .model import Row, Variant


class Scope(NamedTuple):
    """What an import is about: whose documents, in which currency, and by which policy.

    ``source`` is how documents and entries name the import. ``time_zone`` tells on which day something was
    booked.
    """

    client: str
    branches: frozenset[str]
    currency: str
    variant: Variant
    policy: Policy
    as_of: str = ""
    source: str = ""
    time_zone: str = "UTC"

    @property
    def is_list(self) -> bool:
        """True for a list that says what is closed or open, unless everything listed is set to paid."""
        return self.variant in (Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS) and not self.policy.settle_by

    @property
    def is_open_items(self) -> bool:
        """True for a list that says what is open, and whose gaps mean something."""
        return self.is_list and self.variant is Variant.OPEN_ITEMS


def inadmissible(document: Document | None, row: Row, scope: Scope) -> str:  # noqa: PLR0911 - one a rule
    """Why a row is not about this document at all; empty when it is (docs/formats/settlement.md)."""
    if document is None:
        return "invoice-unknown"
    foreign = elsewhere(document, scope)
    if foreign:
        return foreign
    if (row.currency or scope.currency) != document.currency:
        return "currency-differs"
    if row.day and row.day > scope.policy.import_day:
        return "day-in-future"
    if row.day and row.day < document.issued_on:
        return "day-before-invoice"
    if scope.variant is Variant.DUNNING_LEVELS:
        return ""
    if scope.policy.settle_by and scope.policy.settle_by < document.issued_on:
        return "day-before-invoice"
    if scope.is_open_items and scope.as_of < document.issued_on:
        return "invoice-after-list"
    return ""


def elsewhere(document: Document, scope: Scope) -> str:
    """Why a document is none of this import's; empty when it is."""
    if document.client != scope.client:
        return "invoice-of-another-client"
    return "" if document.branch in scope.branches else "invoice-of-another-branch"


def touched_since(document: Document, day: str, time_zone: str) -> bool:
    """True where something was booked on a document on a day or after it, such as a returned debit.

    Of that a list of the day may say nothing: nobody knows at what hour it was drawn. The ids of entries
    begin with the moment of their recording; what came with the document itself, such as what was paid of it
    before, has the moment of its first entry. What was booked and taken back since is as if it had not been.
    """
    earlier: set[str] = set()
    later: set[str] = set()
    first = document.notes[0].entry.partition("-")[0] if document.notes else ""
    for note in document.notes:
        moment = note.entry.partition("-")[0]
        recent = moment != first and _day_of(moment, time_zone) >= day
        (later if recent else earlier).add(note.source)
    taken_back = {source for source in later if later & {f"{source}/deleted", f"{source}/reversed"}}
    gone = taken_back - earlier  # else what it had booked before the day is taken back too: that is a change
    return bool(later - gone - {f"{source}/{end}" for source in gone for end in ("deleted", "reversed")})


def _day_of(moment: str, time_zone: str) -> str:
    """The day of ``20261121T232000123`` where the books are kept; the moment itself is UTC."""
    return local_day(datetime.strptime(moment[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC), time_zone)
