"""The nouns of running an import: profiles, imports and their states, chunks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tillbridge.access.model import checked_id
from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused, Words
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.kernel.text import single_line
from tillbridge.ledger.model import WHOLE_BASIS_POINTS

from . import code_words
from .invoice_numbers import is_mask
from .mappings import Mapping as OwnMapping
from .model import Kind, Variant

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
CHAIN_ZONE = "Europe/Berlin"
"""Where the books of the chain are kept: of what an import does, the day is that of this place."""
MAX_BRANCHES = 100
MAX_PATTERNS = 20
MOST_DOCUMENTS = 1_000_000
"""No limit on a number of invoices means more."""

MOST_CHUNKS = 256
"""A file is spread over at most so many chunks; each is one worker's load."""
ROWS_PER_CHUNK = 5_000
"""About so many rows make a chunk: some ten seconds of booking."""
BY_HAND = 9_999
"""The number of the chunk that holds what people decided about rows that waited for them."""


def chunks_for(rows: int) -> int:
    """Over how many chunks so many rows, or documents that a list lacks, are spread."""
    return max(1, min(MOST_CHUNKS, -(-rows // ROWS_PER_CHUNK)))


class RowPolicy(StrEnum):
    """What happens when some rows are wrong (RI-32)."""

    ALL_OR_NOTHING = "all-or-nothing"
    GOOD_ROWS = "good-rows"


class Approval(StrEnum):
    """When a named person must agree before anything is booked (RI-33)."""

    GUARDS = "guards"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Limits:
    """Above these, a list of open items waits for approval; see ``guards``.

    Until a profile says otherwise, nothing at all is settled by absence without a person: a list that lost
    its last lines looks just like one whose last invoices were paid.
    """

    most_settled_by_absence: int = 0
    most_minor_by_absence: int = 1_000_000
    most_share_basis_points: int = 2_000
    least_rows_basis_points: int = 5_000

    def __post_init__(self) -> None:
        for name, most in (
            ("most_settled_by_absence", MOST_DOCUMENTS),
            ("most_minor_by_absence", MAX_MINOR),
            ("most_share_basis_points", WHOLE_BASIS_POINTS),
            ("least_rows_basis_points", WHOLE_BASIS_POINTS),
        ):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise Refused("limit-out-of-range", field=f"limits.{name}", value=value, most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How files of one sender are imported: for which client and branches, in which currency, how strictly.

    ``branches`` empty means all branches of the client. ``kind`` None lets exactly one kind claim each file
    (RI-31). ``mapping`` is the own mapping of RI-20.
    """

    id: str
    name: str
    client: str
    currency: str
    branches: tuple[str, ...] = ()
    kind: Kind | None = None
    policy: RowPolicy = RowPolicy.ALL_OR_NOTHING
    approval: Approval = Approval.GUARDS
    limits: Limits = Limits()
    mapping: OwnMapping | None = None
    number_patterns: tuple[str, ...] = ()
    active: bool = True
    revision: int = 1

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.id):
            raise Refused("profile-id-unreadable", field="id", value=self.id[:60])
        if not single_line(self.name, field="name", max_chars=100):
            raise Refused("name-is-empty", field="name", value=self.name)
        checked_id(self.client, "client")
        if self.currency not in DECIMALS:
            raise Refused("currency-unknown", field="currency", value=self.currency)
        self._check_branches()
        self._check_patterns()
        if (self.kind is Kind.MAPPED) != (self.mapping is not None):
            code = self.kind and self.kind.value
            raise Refused("mapping-and-kind-differ", field="mapping", value=code, kind=code_words.kind(code))

    def _check_branches(self) -> None:
        if len(self.branches) > MAX_BRANCHES:
            raise Refused("branches-too-many", field="branches", value=len(self.branches), most=MAX_BRANCHES)
        for branch in self.branches:
            checked_id(branch, "branches")
            if self.branches.count(branch) > 1:  # its open invoices would count twice in the guards' shares
                raise Refused("branch-twice", field="branches", value=branch)

    def _check_patterns(self) -> None:
        if len(self.number_patterns) > MAX_PATTERNS:
            raise Refused(
                "patterns-too-many",
                field="number_patterns",
                value=len(self.number_patterns),
                most=MAX_PATTERNS,
            )
        for pattern in self.number_patterns:
            if not is_mask(pattern):
                raise Refused("pattern-unreadable", field="number_patterns", value=pattern[:60])


class Step(StrEnum):
    """What a worker does with a chunk."""

    ASSESS = "assess"
    BOOK = "book"
    DELETE = "delete"
    REPORT = "report"


class ImportState(StrEnum):
    """Where an import stands; ``docs/architecture.md`` draws it."""

    READING = "reading"
    QUARANTINED = "quarantined"
    ASSESSING = "assessing"
    REFUSED = "refused"
    AWAITING_APPROVAL = "awaiting-approval"
    DISCARDED = "discarded"
    BOOKING = "booking"
    FINISHED = "finished"
    DELETING = "deleting"
    DELETED = "deleted"


STEP_OF = {
    ImportState.ASSESSING: Step.ASSESS,
    ImportState.BOOKING: Step.BOOK,
    ImportState.DELETING: Step.DELETE,
}
"""What workers do with the chunks of an import in which something of ours must still happen."""

RELEASES_FILE = frozenset(
    {ImportState.QUARANTINED, ImportState.REFUSED, ImportState.DISCARDED, ImportState.DELETED}
)
"""States after which the same file may come again (RI-34)."""


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """What the uploader says of a file that the file itself may not say.

    ``as_of`` is the day of a list of open items, ``settle_by`` the value date of *set to paid by date*
    (RI-6). ``variant`` matters for kinds that could mean several (DATEV pro without marks); for the others
    it is what the file must be.
    """

    as_of: str = ""
    settle_by: str = ""
    kind: Kind | None = None
    uploaded_by: str = ""
    variant: Variant | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an import: when, what, by whom, with what detail."""

    at: datetime
    what: str
    by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why an import waits or ended: a code with words, field and value at fault, facts for the words."""

    code: str
    field_name: str = ""
    value: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(refusal: Refused) -> Stop:
        """Why a file was refused as a whole; a fact in both languages becomes two."""
        facts: dict[str, str] = {}
        for name, fact in refusal.facts.items():
            if isinstance(fact, Words):
                facts |= {name: fact.en, f"{name}_de": fact.de}
            else:
                facts[name] = str(fact)
        return Stop(refusal.code, refusal.field or "", str(refusal.value or ""), facts)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many rows had which outcome, and the money in minor units that is booked for them.

    ``moved_minor`` (of rows) and ``absence_minor`` (of documents that a list lacks) add up without signs, so
    that credit notes hide nothing (RI-33). ``absent_touched`` counts documents that a list lacks and that
    were booked on after its day. All sums are of the import's currency alone.
    """

    rows: int = 0
    booked: int = 0
    ignored: int = 0
    review: int = 0
    refused: int = 0
    by_absence: int = 0
    applied_minor: int = 0
    discount_minor: int = 0
    fee_minor: int = 0
    absence_minor: int = 0
    moved_minor: int = 0
    absent_touched: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, name) + getattr(other, name) for name in TOTAL_NAMES))


TOTAL_NAMES = tuple(Totals.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One file on its way: where it lies, how it is run, how far it has come.

    ``attempt`` names the reading whose chunks count. ``listed`` and ``in_scope`` are the rows of a list
    of open items and the open documents in its scope, which the guards compare. ``problem_lines`` are the
    rows that could not be read. ``columns`` are the headings of an upload of the ledger, each behind the name
    of its field. ``totals`` are those of the last step that ended: of the assessment, then
    of what was booked. ``report`` is the folder of the last report. ``due_at`` is when somebody else than the
    workers must look after it; None while nothing of ours is to be done. ``asked`` is how often that was in
    the state ``asked_in`` without any progress.
    """

    id: str
    profile: str
    client: str
    state: ImportState
    file_name: str
    size_bytes: int
    inbox_key: str
    inbox_version: str
    uploaded_at: datetime
    uploaded_by: str
    options: UploadOptions = UploadOptions()
    raw_key: str = ""
    sha256: str = ""
    branches: tuple[str, ...] = ()
    currency: str = ""
    kind: Kind | None = None
    variant: Variant | None = None
    policy: RowPolicy = RowPolicy.ALL_OR_NOTHING
    max_fee_minor: int = 0
    as_of: str = ""
    import_day: str = ""
    attempt: str = ""
    chunks: int = 0
    listed: int = 0
    in_scope: int = 0
    problem_lines: int = 0
    older_rows: int = 0
    character_set: str = ""
    separator: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    totals: Totals = Totals()
    reversed_count: int = 0
    touched_since: int = 0
    open_reviews: int = 0
    stops: tuple[Stop, ...] = ()
    notices: tuple[Stop, ...] = ()
    history: tuple[Event, ...] = ()
    report: str = ""
    due_at: datetime | None = None
    asked: int = 0
    asked_in: str = ""
    revision: int = 1

    @property
    def source_id(self) -> str:
        """How documents and entries name it."""
        return f"import/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of an import's rows; all rows of one document are in one chunk.

    ``next_group`` is the first group of rows that is not booked yet. ``worker`` is the token of whoever
    wrote the last slice; ``next_slice`` counts the slices written. ``leans_on`` are the imports because of
    which some of its rows were passed over. ``preview`` names the file of the assessment that counts.
    """

    number: int
    assessed: bool = False
    booked: bool = False
    next_group: int = 0
    next_slice: int = 0
    deleted_slices: int = 0
    deleted: bool = False
    worker: str = ""
    progress_at: datetime | None = None
    assessment: Totals = Totals()
    totals: Totals = Totals()
    reversed_count: int = 0
    touched_since: int = 0
    leans_on: tuple[str, ...] = ()
    preview: str = ""
