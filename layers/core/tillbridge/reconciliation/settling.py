"""Workers: what would become of a chunk's rows, and then booking them, slice by slice (RI-32, RI-37).

A *slice* is as many groups as fit into one transaction: the documents they change, the entries in the
journal, what became of each row, and how far the chunk has come. So a slice is booked wholly or not at all,
and once: of two workers on one chunk the second finds it moved on. A worker that dies leaves whole slices
behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from tillbridge.aws.table import CommitConflict, Part
from tillbridge.kernel.errors import Unavailable
from tillbridge.kernel.text import fold

from .decisions import Outcome
from .groups import THOUGH_BOOKED, Shown
from .import_model import Chunk, Import, ImportState, Step, Totals
from .model import DECIDED_AS_ONE
from .progress import ProgressService
from .reports import ReportService
from .row_outcomes import Review, RowOutcome
from .store import ImportStore
from .work import Planned, Work
from .workspace import Workspace

MOST_PARTS = 97
"""A transaction holds a hundred parts; a slice itself takes two, and one is spare."""
MOST_OUTCOMES = 1_000
"""So many rows are told of in one slice, where they change nothing: its row stays far below 400 KB."""
MOST_SLICE_BYTES = 2_500_000
"""A transaction holds four megabytes."""
ATTEMPTS = 8
READ_AHEAD = 100
"""One read of DynamoDB takes so many documents."""


class Deleter(Protocol):
    """Takes back what a chunk has booked."""

    def delete(self, one: Import, chunk: int, enough_time: Callable[[], bool]) -> bool:
        """Go on taking back; False when time was too short."""
        ...


class SettlingService:
    """Does what a message asks for; done twice, out of order or too late, it changes nothing."""

    def __init__(
        self,
        store: ImportStore,
        workspace: Workspace,
        progress: ProgressService,
        reports: ReportService,
        deleter: Deleter,
        work: Callable[[Import], Work],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._progress = progress
        self._reports = reports
        self._deleter = deleter
        self._work = work
        self._clock = clock
        self._new_id = new_id

    def run(
        self, import_id: str, attempt: str, chunk: int, step: Step, enough_time: Callable[[], bool]
    ) -> bool:
        """Do one message's work; False when time was too short and another message asks for the rest."""
        one = self._store.get(import_id)
        if one is None or one.attempt != attempt:
            return True
        done = self._done(one, chunk, step, enough_time)
        if not done:
            self._progress.send_again(one, chunk, step)
        return done

    def _done(self, one: Import, chunk: int, step: Step, enough_time: Callable[[], bool]) -> bool:
        match step:
            case Step.ASSESS if one.state is ImportState.ASSESSING:
                return self._assess(one, chunk, enough_time)
            case Step.BOOK if one.state is ImportState.BOOKING:
                return self._book(one, chunk, enough_time)
            case Step.DELETE if one.state is ImportState.DELETING:
                if not self._deleter.delete(one, chunk, enough_time):
                    return False
                self._progress.chunk_done(one.id, chunk)
            case Step.REPORT:
                self._reports.write(one)
        return True

    def _assess(self, one: Import, number: int, enough_time: Callable[[], bool]) -> bool:
        """Decide about all rows of a chunk as things stand now; nothing is booked."""
        chunk = self._store.chunk(one.id, number)
        if chunk is not None and not chunk.assessed:
            work = self._work(one)
            groups = work.groups(self._workspace.chunk(one.id, one.attempt, number))
            outcomes: list[RowOutcome] = []
            totals = Totals()
            for start in range(0, len(groups), READ_AHEAD):
                if not enough_time():
                    return False
                batch = groups[start : start + READ_AHEAD]
                for planned in work.plans(batch):
                    outcomes += (told._replace(entry="") for told in planned.outcomes)
                    totals += planned.totals
                    work.assume(planned)
            preview = self._new_id()[:8]
            self._workspace.keep_preview(one, number, preview, outcomes)
            self._store.assessed(one.id, number, totals, preview, self._clock())
        self._progress.chunk_done(one.id, number)
        return True

    def _book(self, one: Import, number: int, enough_time: Callable[[], bool]) -> bool:
        worker = self._new_id()
        chunk = self._store.chunk(one.id, number)
        if chunk is None:
            return True
        if not chunk.booked:
            work = self._work(one)
            content = self._workspace.chunk(one.id, one.attempt, number)
            groups = work.groups(content._replace(shown=self._shown(one, chunk)))
            while not chunk.booked:
                if not enough_time():
                    return False
                moved = self._next_slice(one, chunk, groups, work, worker)
                if moved is None:  # another worker is at it, and will go on
                    return True
                chunk = moved
        self._progress.chunk_done(one.id, number)
        return True

    def _shown(self, one: Import, chunk: Chunk) -> dict[str, Shown] | None:
        """What the preview of a list's chunk has told would be paid of each document: a person, or the
        guards, let that much pass. Payments say themselves how much they are.
        """
        if one.variant not in DECIDED_AS_ONE:
            return None
        shown: dict[str, Shown] = {}
        for told in self._workspace.preview(one, chunk):
            if told.outcome is Outcome.BOOKED:
                folded = fold(told.invoice_number)
                before = shown.get(folded, Shown())
                touched = told.code == THOUGH_BOOKED
                shown[folded] = Shown(before.applied_minor + told.applied_minor, touched)
        return shown

    def _next_slice(
        self, one: Import, chunk: Chunk, groups: Sequence[Any], work: Work, worker: str
    ) -> Chunk | None:
        """Book as many groups as fit; the chunk after them, None when another worker has moved it."""
        for _ in range(ATTEMPTS):
            slice_ = _fitting(_with_reviews(one, work, self._store), groups, chunk.next_group)
            done = chunk.next_group + slice_.taken
            after = replace(
                chunk,
                next_group=done,
                next_slice=chunk.next_slice + 1,
                worker=worker,
                progress_at=self._clock(),
                totals=chunk.totals + slice_.totals,
                leans_on=tuple(sorted({*chunk.leans_on, *slice_.leans_on})),
                booked=done == len(groups),
            )
            try:
                own = self._store.slice_parts(one.id, chunk, after, slice_.outcomes)
                self._store.commit([*own, *slice_.parts])
            except CommitConflict as conflict:
                work.forget()
                if conflict.failed.keys() & {"chunk", "slice"}:
                    stands = self._store.chunk(one.id, chunk.number)
                    mine = stands is not None and stands.worker == worker
                    return stands if mine else None
                continue
            for planned in slice_.planned:
                work.assume(planned)
            return after
        raise Unavailable("the same documents are being changed by many others")


@dataclass
class _Slice:
    """What goes into one transaction: the groups with their parts, and what became of their rows."""

    planned: list[Planned] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    outcomes: list[RowOutcome] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    touched: set[str] = field(default_factory=set)
    leans_on: set[str] = field(default_factory=set)
    size_bytes: int = 0

    @property
    def taken(self) -> int:
        """How many groups are in it."""
        return len(self.planned)

    def takes(self, planned: Planned) -> bool:
        """True when a group still fits: by number and size, and since nothing in it is touched already."""
        return not self.taken or (
            len(self.parts) + len(planned.parts) <= MOST_PARTS
            and len(self.outcomes) + len(planned.outcomes) <= MOST_OUTCOMES
            and self.size_bytes + planned.size_bytes <= MOST_SLICE_BYTES
            and not planned.rests_on & self.touched
        )

    def add(self, planned: Planned) -> None:
        """Take a group in."""
        self.planned.append(planned)
        self.parts += planned.parts
        self.outcomes += planned.outcomes
        self.totals += planned.totals
        self.touched |= planned.touches
        self.leans_on |= planned.leans_on
        self.size_bytes += planned.size_bytes


Plans = Callable[[Sequence[Any]], Iterator[Planned]]


def _with_reviews(one: Import, work: Work, store: ImportStore) -> Plans:
    """The plans of a work, with a row for each decision that waits for a person.

    Rows that were decided as one wait as one.
    """

    def plans(groups: Sequence[Any]) -> Iterator[Planned]:
        for planned in work.plans(groups):
            waiting = [outcome for outcome in planned.outcomes if outcome.outcome is Outcome.REVIEW]
            if one.variant in DECIDED_AS_ONE and waiting:
                reviews = [Review.of(waiting[0], len(waiting))]
            else:
                reviews = list(map(Review.of, waiting))
            parts = [store.review_part(one.id, review, None) for review in reviews]
            yield planned._replace(parts=(*planned.parts, *parts)) if parts else planned

    return plans


def _fitting(plans: Plans, groups: Sequence[Any], start: int) -> _Slice:
    """As many groups as fit into one transaction, from this one on."""
    slice_ = _Slice()
    while start + slice_.taken < len(groups):
        begin = start + slice_.taken
        for planned in plans(groups[begin : begin + READ_AHEAD]):
            if not slice_.takes(planned):
                return slice_
            slice_.add(planned)
    return slice_
