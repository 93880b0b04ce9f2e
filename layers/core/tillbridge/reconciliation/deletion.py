"""Taking an import back: each booking is reversed by a new one, each level set back, slice by slice (RI-36).

A document that nothing else has touched since is then exactly as it was before. From any other the import's
amounts are taken out, and it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from tillbridge.aws.table import CommitConflict, Part
from tillbridge.kernel.calendar import local_day
from tillbridge.kernel.errors import Unavailable
from tillbridge.kernel.text import fold
from tillbridge.ledger import rules as ledger_rules
from tillbridge.ledger.cancellations import Change, Reopened, passed_on
from tillbridge.ledger.entries import Entry, Source, SourceKind
from tillbridge.ledger.model import Document
from tillbridge.ledger.service import LedgerService

from .decisions import Outcome
from .document_work import former_of
from .import_model import CHAIN_ZONE, Chunk, Import
from .row_outcomes import RowOutcome
from .store import ImportStore

ATTEMPTS = 8


@dataclass
class _Back:
    """What takes a slice back: parts of a transaction, how many bookings, the documents that others touched.

    ``newly_touched`` counts those of them that no slice of the same import has named before. ``reopened`` are
    the cancelled invoices that would be open again, and by how much.
    """

    parts: list[Part] = field(default_factory=list)
    count: int = 0
    touched: list[str] = field(default_factory=list)
    newly_touched: int = 0
    reopened: list[tuple[Document, Reopened]] = field(default_factory=list)


class DeletionService:
    """Takes back what the chunks of an import have booked."""

    def __init__(self, store: ImportStore, ledger: LedgerService, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock

    def delete(self, one: Import, number: int, enough_time: Callable[[], bool]) -> bool:
        """Take back a chunk from its last slice to its first; False when time was too short."""
        chunk = self._store.chunk(one.id, number)
        while chunk is not None and not chunk.deleted:
            if not enough_time():
                return False
            chunk = self._without_last_slice(one, chunk)
        return True

    def _without_last_slice(self, one: Import, chunk: Chunk) -> Chunk | None:
        left = chunk.next_slice - chunk.deleted_slices
        for _ in range(ATTEMPTS):
            back = _Back()
            if left:
                place = (chunk.number, left - 1)
                back = self._reversed(one, place, self._store.slice_outcomes(one.id, *place))
            if back.reopened:
                if not self._passed_on(one, chunk, place, back.reopened):
                    return self._store.chunk(one.id, chunk.number)
                continue  # with the documents as they stand now
            if back.touched:
                back.parts.append(self._store.touched_part(one.id, chunk.number, left - 1, back.touched))
            after = replace(
                chunk,
                deleted_slices=chunk.deleted_slices + (1 if left else 0),
                deleted=left <= 1,
                progress_at=self._clock(),
                reversed_count=chunk.reversed_count + back.count,
                touched_since=chunk.touched_since + back.newly_touched,
            )
            try:
                self._store.commit([self._store.deleted_part(one.id, chunk, after), *back.parts])
            except CommitConflict as conflict:
                if "chunk" in conflict.failed:  # another worker, or we ourselves before an answer was lost
                    return self._store.chunk(one.id, chunk.number)
                continue
            return after
        raise Unavailable("the same documents are being changed by many others")

    def _reversed(self, one: Import, place: tuple[int, int], outcomes: Sequence[RowOutcome]) -> _Back:
        """What takes a slice back."""
        booked = [outcome for outcome in outcomes if outcome.outcome is Outcome.BOOKED]
        documents = self._ledger.documents(outcome.invoice_number for outcome in booked)
        entries = self._ledger.entries(outcome.entry for outcome in booked if outcome.entry)
        back = _Back()
        for folded, of_document in groupby(booked, key=lambda outcome: fold(outcome.invoice_number)):
            own = list(of_document)
            if not own[0].before:
                continue  # nothing of a document: an invoice or customer that came in bulk
            document = documents[folded]
            taken, reversals = self._without(one, document, own, entries)
            if document.cancelled_by:
                lost_minor = sum(outcome.discount_minor for outcome in own)
                # What is open again is seen; a discount that money makes up for is not, and noted for that.
                hidden = lost_minor and folded not in self._store.passed_on(one.id, *place)
                if taken.document.due_minor or hidden:
                    back.reopened.append((document, Reopened(taken.document.due_minor, lost_minor)))
            back.parts += self._ledger.changed_parts(document, taken.document, reversals)
            back.count += len(own)
            if not taken.untouched:
                back.touched.append(document.number)
                back.newly_touched += document.touched_by != f"{one.source_id}/deleted"
        marks = dict.fromkeys(outcome.entry_mark for outcome in outcomes if outcome.entry_mark)
        back.parts += map(self._store.release_entry_part, marks)
        return back

    def _passed_on(
        self,
        one: Import,
        chunk: Chunk,
        place: tuple[int, int],
        reopened: Sequence[tuple[Document, Reopened]],
    ) -> bool:
        """Pass on to credit notes, ahead, what taking a slice back will open again of cancelled invoices.

        Pair by pair, since a slice fills a transaction by itself. However often it is tried, it is done once:
        afterwards the slice leaves nothing due. False when another worker has taken the slice back.
        """
        now, source = self._clock(), Source(SourceKind.IMPORT, one.id)
        still_there = self._store.deleted_part(one.id, chunk, replace(chunk, progress_at=now))
        notes = self._ledger.documents(document.cancelled_by for document, _ in reopened)
        for document, due in reopened:
            note = notes[fold(document.cancelled_by)]
            pair = Change.of(document), Change.of(note)
            sides = passed_on(due, max(local_day(now, CHAIN_ZONE), note.issued_on))
            self._ledger.set_off(pair, sides, now, source, exportable=False)
            try:
                noted = self._store.passed_on_part(one.id, *place, document.folded_number)
                self._store.commit([still_there, noted, *self._ledger.parts_of(pair)])
            except CommitConflict as conflict:
                if "chunk" in conflict.failed:
                    return False
        return True

    def _without(
        self, one: Import, document: Document, own: Sequence[RowOutcome], entries: Mapping[str, Entry]
    ) -> tuple[ledger_rules.TakenBack, list[Entry]]:
        now = self._clock()
        source = Source(SourceKind.IMPORT, one.id)
        day = local_day(now, CHAIN_ZONE)
        reversals = []
        for outcome in own:
            if outcome.entry:
                occasion = self._ledger.occasion(document.branch, now, source, exportable=False)
                reversals.append(ledger_rules.reversed_entry(entries[outcome.entry], occasion, day))
        balance, touched_by = former_of(own[0].before)
        levels = [outcome.dunning_level for outcome in own if outcome.dunning_level is not None]
        former = ledger_rules.Former(
            balance,
            touched_by,
            sum(outcome.applied_minor for outcome in own),
            sum(outcome.discount_minor for outcome in own),
            sum(outcome.fee_minor for outcome in own),
            levels[-1] if levels else None,
        )
        by_entry = {entry.reverses: entry.id for entry in reversals}
        taken = ledger_rules.restored(document, former, of=source, reversals=by_entry, day=day)
        return taken, reversals
