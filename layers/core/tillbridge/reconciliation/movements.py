"""What imports have noted of movements on bank accounts, as one import looks at it (RI-34)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from tillbridge.aws.table import Part

from .identity import EntryNote, Sighting, entry_mark, seen_again
from .import_model import Import
from .store import ImportStore
from .workspace import MarkedEntry

MOST_EQUALS = 100
"""Of so many equal movements of a file each is looked for in all statements; of more, under its own mark."""
READ_AHEAD = 10


class Movements:
    """Finds movements again, and gives new ones a mark that is free."""

    def __init__(self, one: Import, store: ImportStore) -> None:
        self._import = one
        self._store = store
        self._rows: dict[str, dict[str, Any] | None] = {}
        self._planned: dict[str, EntryNote] = {}

    def read(self, marks: Iterable[str]) -> None:
        """Read what is noted under marks, of which nothing is known yet."""
        missing = [mark for mark in dict.fromkeys(marks) if mark not in self._rows]
        if missing:
            noted = self._store.seen_entries(missing)
            self._rows |= {mark: noted.get(mark) for mark in missing}

    def forget(self) -> None:
        """Somebody else has noted movements."""
        self._rows.clear()
        self._planned.clear()

    def assume(self, marks: Iterable[str]) -> None:
        """Take for granted that movements were noted under these of the marks that were given out."""
        for mark in self._planned.keys() & set(marks):
            note = self._planned.pop(mark)
            self._rows[mark] = {"import": note.import_id, "held": True}

    def sighting(self, marked: MarkedEntry) -> Sighting | None:
        """Whether another import has noted an entry before; None for a new one."""
        if marked.occurrence.in_file > MOST_EQUALS:
            note = self._note(self._rows[marked.mark])
            return Sighting(note) if note.import_id else None
        return seen_again(marked.entry, marked.occurrence, self._notes(marked))

    def _notes(self, marked: MarkedEntry) -> list[EntryNote]:
        """What other imports noted of an entry and its equals, in the order of their marks, without a gap."""
        notes: list[EntryNote] = []
        if marked.occurrence.in_file == 1 and self._rows[marked.mark] is None:
            return notes
        for number in range(1, MOST_EQUALS + 1):
            row = self._row(self._mark(marked, number), marked, number)
            if row is None:
                break
            notes.append(self._note(row))
        return notes

    def _note(self, row: dict[str, Any] | None) -> EntryNote:
        if row is None or not row["held"] or row["import"] == self._import.id:
            return EntryNote()
        return EntryNote(row["import"], row.get("statement", ""), row.get("number", 1))

    def note_part(self, marked: MarkedEntry) -> tuple[str, Part]:
        """Note an entry; the mark under which it is noted, which is its own unless an equal one holds that.

        So each movement has a note of its own, and an import that is deleted gives back none of another's.
        """
        note = EntryNote(self._import.id, marked.entry.statement, marked.occurrence.in_statement)
        for number in count(marked.occurrence.in_file):
            mark = self._mark(marked, number)
            row = self._row(mark, marked, number)
            if row is None or not row["held"]:
                self._planned[mark] = note
                return mark, self._store.entry_part(mark, note, row)
        raise AssertionError("numbers do not end")

    def _row(self, mark: str, marked: MarkedEntry, number: int) -> dict[str, Any] | None:
        if mark not in self._rows:
            self.read(self._mark(marked, number + ahead) for ahead in range(READ_AHEAD))
        return self._rows[mark]

    @staticmethod
    def _mark(marked: MarkedEntry, number: int) -> str:
        own = number == marked.occurrence.in_file
        return marked.mark if own else entry_mark(marked.entry, number)
