"""How far an import has come: what its chunks still need, and what follows when all of them are done (RI-35).

Workers only ever say that a chunk is done. Whoever finds that all are done takes the import's next step; of
two who find it at once one does, and where nobody was left to find it, the sweep does (``overdue``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tillbridge.aws.table import Part
from tillbridge.aws.work_queue import WorkQueue
from tillbridge.kernel.errors import Unavailable

from .guards import Lists
from .import_model import (
    BY_HAND,
    STEP_OF,
    Chunk,
    Event,
    Import,
    ImportState,
    Profile,
    Step,
    Totals,
)
from .leaning_imports import LeaningImports
from .model import Variant
from .store import ImportStore
from .verdicts import Verdict, settles_by_absence, verdict

BY_THE_BRIDGE = "tillbridge"
PATIENCE = timedelta(minutes=6)
"""A worker's call ends within five: who said nothing for longer is gone."""
SOON = timedelta(minutes=1)
"""So long a person may go on deciding before the report is written anew, once for all that was decided."""
READING_PATIENCE = timedelta(minutes=16)
"""Reading a file ends within fifteen."""
MOST_DOUBLED = 6
"""Six minutes become six hours and a half at most."""
ATTEMPTS = 8


class ProgressService:
    """Sends work, adds up what came of it, and takes the next step."""

    def __init__(self, store: ImportStore, queue: WorkQueue, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._leaning = LeaningImports(store)
        self._queue = queue
        self._clock = clock

    def asked_again(self, one: Import, now: datetime) -> Import:
        """The import put off once more: twice as long as before where it has come no further since.

        So what can't go on until somebody mends it does not flood the queues until then.
        """
        patience = READING_PATIENCE if one.state is ImportState.READING else PATIENCE
        asked = one.asked if one.asked_in == one.state.value else 0
        if asked and one.due_at is not None:
            asked_at = one.due_at - patience * 2**asked
            moved = (chunk.progress_at for chunk in self._store.chunks(one.id))
            if any(moment is not None and moment > asked_at for moment in moved):
                asked = 0
        asked = min(asked + 1, MOST_DOUBLED)
        due_at = now + patience * 2**asked
        return replace(one, due_at=due_at, asked=asked, asked_in=one.state.value, revision=one.revision + 1)

    def send_open_chunks(self, one: Import) -> None:
        """Ask workers for what is still to be done, even if somebody is just doing it."""
        step = STEP_OF.get(one.state)
        if step is None:
            if one.due_at is not None:
                self._queue.send([_message(one, 0, Step.REPORT)])
            return
        numbers = self._open_numbers(one, step)
        if numbers:
            self._queue.send([_message(one, number, step) for number in numbers])
        else:
            self.conclude(one)

    def _open_numbers(self, one: Import, step: Step) -> list[int]:
        """The chunks to be worked on now, in the order in which that is right.

        Which payment of a bank statement pays what depends on those before it: its chunks are booked one
        after the other. What people decided is taken back before the rows that it rests on, and a bank
        statement from its end.
        """
        chunks = [chunk for chunk in self._store.chunks(one.id) if _counts(one, chunk)]
        match step:
            case Step.ASSESS:
                return [chunk.number for chunk in chunks if not chunk.assessed]
            case Step.BOOK:
                numbers = [chunk.number for chunk in chunks if not chunk.booked and chunk.number != BY_HAND]
                return numbers[:1] if one.variant is Variant.BANK_STATEMENT else numbers
            case _:
                numbers = [chunk.number for chunk in reversed(chunks) if not chunk.deleted]
                in_order = one.variant is Variant.BANK_STATEMENT or BY_HAND in numbers
                return numbers[:1] if in_order else numbers

    def send_again(self, one: Import, chunk: int, step: Step) -> None:
        """Ask for the rest of a chunk for which a worker's time was too short."""
        self._queue.send([_message(one, chunk, step)])

    def chunk_done(self, import_id: str, chunk: int) -> None:
        """Go on after a chunk is done: with the next ones where they had to wait, or with the import."""
        one = self._store.get(import_id)
        step = STEP_OF.get(one.state) if one else None
        if one is None or step is None:
            return
        numbers = self._open_numbers(one, step)
        if not numbers:
            self.conclude(one)
        elif chunk == BY_HAND or (one.variant is Variant.BANK_STATEMENT and step is not Step.ASSESS):
            self._queue.send([_message(one, number, step) for number in numbers])

    def conclude(self, one: Import) -> None:
        """Take the step that follows when all chunks are done; nothing when somebody else has taken it."""
        chunks = self._store.chunks(one.id)
        match one.state:
            case ImportState.ASSESSING:
                self._assessed(one, chunks)
            case ImportState.BOOKING:
                self._step(one, lambda one: self._booked(one, chunks))
            case ImportState.DELETING:
                self._step(one, lambda one: self._deleted(one, chunks))
            case _:
                return

    def _assessed(self, one: Import, chunks: Sequence[Chunk]) -> None:
        unread = Totals(rows=one.problem_lines, refused=one.problem_lines)
        totals = sum((chunk.assessment for chunk in chunks), unread)
        profile = self._store.profile(one.profile)
        if profile is None:
            raise ValueError(f"the profile of import {one.id} is gone")
        self._step(one, lambda one: self._judged(one, totals, profile))

    def _step(self, one: Import, take: Callable[[Import], bool]) -> None:
        """Take a step of an import, once more where somebody else changed it meanwhile; nothing once its
        state has moved on.
        """
        state = one.state
        for _ in range(ATTEMPTS):
            if take(one):
                return
            stands = self._store.get(one.id)
            if stands is None or stands.state is not state:
                return
            one = stands
        raise Unavailable("an import or the lists of its profile are being changed by many others")

    def _judged(self, one: Import, totals: Totals, profile: Profile) -> bool:
        lists = self._store.lists.of(one.profile) if settles_by_absence(one) else Lists()
        found = verdict(one, totals, profile, lists)
        if found.state is ImportState.BOOKING:
            return self.start_booking(replace(one, totals=totals), one, BY_THE_BRIDGE, lists)
        return self._moved(one, found, totals)

    def _moved(self, one: Import, found: Verdict, totals: Totals) -> bool:
        """The import waits for a person, or is over: its report shows what would have been done.

        False when somebody else changed it meanwhile.
        """
        now = self._clock()
        what = "refused" if found.state is ImportState.REFUSED else "waits for approval"
        after = replace(
            one,
            state=found.state,
            totals=totals,
            stops=found.stops,
            history=(
                *one.history,
                Event(now, what, BY_THE_BRIDGE, " ".join(stop.code for stop in found.stops)),
            ),
            due_at=now + PATIENCE,
            revision=one.revision + 1,
        )
        parts: list[Part] = []
        if found.state is ImportState.REFUSED:
            parts.append(self._store.release_part(one.sha256, one.id))
        return self._ended(after, one, parts)

    def start_booking(
        self, one: Import, former: Import, by: str, lists: Lists, parts: Sequence[Part] = ()
    ) -> bool:
        """Let the chunks be booked; False when somebody else changed the import meanwhile, or began to book
        another list of the profile since ``lists`` was read.
        """
        now = self._clock()
        after = replace(
            one,
            state=ImportState.BOOKING,
            report="",  # it told what would be booked
            history=(*one.history, Event(now, "booking begins", by)),
            due_at=now + PATIENCE,
            revision=former.revision + 1,
        )
        begins = [self._store.lists.begins_part(one, lists)] if settles_by_absence(one) else []
        if not self._store.write(after, former, [*parts, *begins]):
            return False
        self.send_open_chunks(after)
        return True

    def _booked(self, one: Import, chunks: Sequence[Chunk]) -> bool:
        unread = Totals(rows=one.problem_lines, refused=one.problem_lines)
        totals = sum((chunk.totals for chunk in chunks), unread)
        now = self._clock()
        after = replace(
            one,
            state=ImportState.FINISHED,
            totals=totals,
            open_reviews=self._store.open_reviews(one.id) if totals.review else 0,
            history=(*one.history, Event(now, "booked", BY_THE_BRIDGE)),
            due_at=now + PATIENCE,
            revision=one.revision + 1,
        )
        parts: list[Part] = []
        if settles_by_absence(one):
            parts += [self._store.lists.booked_part(one, stands=True), self._store.lists.ends_part(one)]
        self._store.new_chunks(one.id, [BY_HAND])
        after = self._leaning.note(after, chunks)
        return self._ended(after, one, parts)

    def _ended(self, after: Import, former: Import, parts: Sequence[Part]) -> bool:
        """Write an import that has ended, and ask for its report."""
        if not self._store.write(after, former, parts):
            return False
        self._queue.send([_message(after, 0, Step.REPORT)])
        return True

    def _deleted(self, one: Import, chunks: Sequence[Chunk]) -> bool:
        now = self._clock()
        after = replace(
            one,
            state=ImportState.DELETED,
            reversed_count=sum(chunk.reversed_count for chunk in chunks),
            touched_since=sum(chunk.touched_since for chunk in chunks),
            open_reviews=0,
            history=(*one.history, Event(now, "deleted", BY_THE_BRIDGE)),
            due_at=now + PATIENCE,
            revision=one.revision + 1,
        )
        parts = [self._store.release_part(one.sha256, one.id)]
        if settles_by_absence(one):
            parts.append(self._store.lists.booked_part(one, stands=False))
        after = self._leaning.tell(after)
        return self._ended(after, one, parts)

    def totals_so_far(self, one: Import) -> Totals:
        """The totals of an import while its chunks are under way (RI-35)."""
        if one.state not in (ImportState.BOOKING, ImportState.ASSESSING):
            return one.totals
        chunks = self._store.chunks(one.id)
        unread = Totals(rows=one.problem_lines, refused=one.problem_lines)
        if one.state is ImportState.ASSESSING:
            return sum((chunk.assessment for chunk in chunks), unread)
        return sum((chunk.totals for chunk in chunks), unread)


def _counts(one: Import, chunk: Chunk) -> bool:
    """False for a chunk that only a reading before the one that counts had: that had read as another kind."""
    return chunk.number < one.chunks or chunk.number == BY_HAND


def _message(one: Import, chunk: int, step: Step) -> dict[str, Any]:
    return {"import": one.id, "attempt": one.attempt, "chunk": chunk, "step": step.value}
