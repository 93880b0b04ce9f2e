"""Imports that passed rows over because of what another import had booked (RI-36).

Taking back an import does not bring back what later ones passed over because of it: their rows count as
dealt with. So each import notes on which others it leans, and whoever takes one of those back is told: the
leaning import can be taken back too, and its file uploaded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tillbridge.kernel.errors import Unavailable

from .import_model import Chunk, Import, ImportState, Stop
from .store import ImportStore

MOST_NAMED = 50
"""So many imports are named as notices of one that is taken back; each of the others still names that one."""
ATTEMPTS = 8


class LeaningImports:
    """Notes which import leans on which, and tells of it when one is taken back."""

    def __init__(self, store: ImportStore) -> None:
        self._store = store

    def note(self, one: Import, chunks: Sequence[Chunk]) -> Import:
        """Note on which imports this one leans, before it ends; it tells of those that are gone already.

        Noted first and looked up then: whoever takes one back at this moment finds the note, or is found.
        """
        sources = sorted({source for chunk in chunks for source in chunk.leans_on})
        self._store.note_leaning(one.id, sources)
        gone = (ImportState.DELETING, ImportState.DELETED)
        found = [other for source in sources if (other := self._store.get(source))]
        return _told(one, "passed-over-for-deleted", (other.id for other in found if other.state in gone))

    def tell(self, one: Import) -> Import:
        """Tell every import that leans on this one that it is taken back; this one names them.

        One that is just ending, and has looked before, is changed under its hands, so that it looks again.
        """
        leaning = [found for other in self._store.leaning_on(one.id) if (found := self._store.get(other))]
        standing = [other for other in leaning if other.state in (ImportState.BOOKING, ImportState.FINISHED)]
        for other in standing:
            self._tell(other, one.id)
        return _told(one, "others-passed-over", (other.id for other in standing))

    def _tell(self, other: Import, import_id: str) -> None:
        for _ in range(ATTEMPTS):
            told = _told(other, "passed-over-for-deleted", [import_id])
            if told is other or self._store.write(replace(told, revision=other.revision + 1), other):
                return
            found = self._store.get(other.id)
            if found is None:
                raise ValueError(f"import {other.id} is gone")
            other = found
        raise Unavailable("an import is being changed by many others")


def _told(one: Import, code: str, import_ids: Iterable[str]) -> Import:
    """The import with a notice about each of these; the same import where it has them all."""
    known = {(notice.code, notice.value) for notice in one.notices}
    new = [Stop(code, "import", each) for each in import_ids if (code, each) not in known][:MOST_NAMED]
    return replace(one, notices=(*one.notices, *new)) if new else one
