"""The rows of an import page by page, as a person looks through them (RI-33, RI-38).

They come as they lie: first those that could not be read, then chunk by chunk. While an import waits for
approval, or after it was refused or discarded, they say what would become of them, else what became of them.
The report has all of them in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tillbridge.aws.cursors import read_cursor, unreadable, write_cursor
from tillbridge.kernel.errors import Conflict
from tillbridge.kernel.text import fold

from . import code_words
from .decisions import Outcome
from .import_model import BY_HAND, Chunk, Import, ImportState
from .model import DECIDED_AS_ONE
from .reports import FROM_PREVIEW, ReportedRow, problem_told
from .reviews import with_decisions
from .row_outcomes import Review, RowOutcome
from .store import ImportStore
from .workspace import Workspace

MOST_LOOKED_AT = 10_000
"""So many rows are looked at for one page: a page of what is rare may be short."""
_UNREAD = -1
_BEYOND = 10**7
"""No chunk, slice or row has such a number."""
_BEFORE_ROWS = frozenset({ImportState.READING, ImportState.ASSESSING})
_TAKEN_BACK = frozenset({ImportState.DELETING, ImportState.DELETED})


class _Place(NamedTuple):
    """Where a row lies: the chunk (-1 for rows that could not be read), the slice, its number there."""

    chunk: int = _UNREAD
    slice_: int = 0
    row: int = 0


class RowPages:
    """Reads rows from what is kept of them."""

    def __init__(
        self, store: ImportStore, workspace: Workspace, *, most_looked_at: int = MOST_LOOKED_AT
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._most_looked_at = most_looked_at

    def page(
        self, one: Import, *, outcome: Outcome | None, cursor: str | None, limit: int
    ) -> tuple[list[ReportedRow], str | None]:
        """At most so many rows, only those with an outcome if asked; a narrowed page may be short."""
        if one.state in _BEFORE_ROWS:
            raise Conflict("rows-not-ready", field="import", value=one.id, state=code_words.state(one.state))
        start = self._start(one, cursor)
        shown: list[ReportedRow] = []
        if not one.attempt:  # nothing of the file was ever read
            return shown, None
        for looked_at, (place, row) in enumerate(self._rows(one, start)):
            if len(shown) == limit or looked_at == self._most_looked_at:
                return shown, self._cursor(one, place)
            if row is not None and outcome in (None, row.told.outcome):
                shown.append(row)
        return shown, None

    def _start(self, one: Import, cursor: str | None) -> _Place:
        if cursor is None:
            return _Place()
        position = read_cursor(cursor)
        try:
            place = _Place(int(position["chunk"]), int(position["slice"]), int(position["row"]))
        except (KeyError, ValueError):
            raise unreadable(cursor) from None
        in_reach = place.chunk >= _UNREAD and min(place[1:]) >= 0 and max(place) < _BEYOND
        if cursor != self._cursor(one, place) or not in_reach:
            raise unreadable(cursor)
        return place

    @staticmethod
    def _cursor(one: Import, place: _Place) -> str:
        """Good for this import while its rows lie there: those of a preview are others than booked ones."""
        return write_cursor(
            {
                "import": one.id,
                "rows": "tried" if one.state in FROM_PREVIEW else "done",
                "chunk": str(place.chunk),
                "slice": str(place.slice_),
                "row": str(place.row),
            }
        )

    def _rows(self, one: Import, start: _Place) -> Iterator[tuple[_Place, ReportedRow | None]]:
        tried = one.state in FROM_PREVIEW
        if start.chunk == _UNREAD:
            for number, problem in enumerate(self._workspace.problems(one.id, one.attempt)):
                if number >= start.row:
                    yield _Place(_UNREAD, 0, number), ReportedRow(problem_told(problem), tried)
            start = _Place(0)
        yield from self._tried(one, start) if tried else self._done(one, start)

    def _tried(self, one: Import, start: _Place) -> Iterator[tuple[_Place, ReportedRow | None]]:
        for chunk in self._store.chunks(one.id)[start.chunk : one.chunks]:
            for number, told in enumerate(self._workspace.preview(one, chunk)):
                if chunk.number > start.chunk or number >= start.row:
                    yield _Place(chunk.number, 0, number), ReportedRow(told, tried=True)

    def _done(self, one: Import, start: _Place) -> Iterator[tuple[_Place, ReportedRow | None]]:
        chunks = {chunk.number: chunk for chunk in self._store.chunks(one.id)}
        any_decided = BY_HAND in chunks and chunks[BY_HAND].next_slice > 0
        for chunk, slice_, outcomes in self._store.slices_from(one.id, start.chunk, start.slice_):
            reversed_ = one.state is ImportState.DELETED or _is_reversed(chunks[chunk], slice_)
            taken_back = one.state in _TAKEN_BACK and reversed_
            touched: set[str] = set()
            if taken_back:
                touched = set(map(fold, self._store.touched_in_slice(one.id, chunk, slice_)))
            told_now = self._as_decided(one, outcomes) if any_decided else outcomes
            for number, told in enumerate(told_now):
                if (chunk, slice_) == start[:2] and number < start.row:
                    continue
                place = _Place(chunk, slice_, number)
                if told is None:
                    yield place, None
                    continue
                others = told.outcome is Outcome.BOOKED and fold(told.invoice_number) in touched
                yield place, ReportedRow(told, False, taken_back, others)

    def _as_decided(self, one: Import, outcomes: Sequence[RowOutcome]) -> Iterator[RowOutcome | None]:
        waiting = [Review.of(told).id for told in outcomes if told.outcome is Outcome.REVIEW]
        reviews = self._store.reviews_by_id(one.id, waiting) if waiting else {}
        return with_decisions(outcomes, reviews, together=one.variant in DECIDED_AS_ONE)


def _is_reversed(chunk: Chunk, slice_: int) -> bool:
    """True for a slice that is taken back already: that goes from the last one to the first."""
    return slice_ >= chunk.next_slice - chunk.deleted_slices
