"""How imports live in DynamoDB; their files lie in S3 (``workspace``), lists of open items in ``list_store``.

pk                         sk                       what
PROFILES                   <profile>                how files of a sender are imported
IMPORT#<id>                IMPORT                   an import: state, totals, history
IMPORT#<id>                CHUNK#<number>           a worker's load, and how far it has come
IMPORT#<id>                SLICE#<chunk>#<number>   outcomes of rows, of the transaction that booked them
IMPORT#<id>                REVIEW#<line>#<number>   a row that waits, or waited, for a person
IMPORT#<id>                TOUCHED#<chunk>#<slice>  documents that others had touched when it was deleted
IMPORT#<id>                PASSED#<chunk>#<slice>…  cancelled invoices passed on when it was deleted
IMPORT#<id>                LEANS#<import>           an import that passed rows over because of this one
FILE#<sha256>              FILE                     the import that holds a file of these bytes (RI-34)
ENTRY#<mark>               ENTRY                    a movement of a bank account, its statement (RI-34)

Access patterns beside those by key:

index       key        sort              asked for
by_upload   client     moment#id         the history of a client's imports (RI-36)
due         DUE#0..3   moment            imports in which something must still happen (sweep); sparse
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tillbridge.aws.cursors import write_cursor
from tillbridge.aws.table import (
    NEW,
    CommitConflict,
    Expects,
    Part,
    Put,
    Row,
    Table,
    Update,
    commit,
)
from tillbridge.kernel.calendar import sortable_text

from . import rows
from .identity import EntryNote
from .import_model import Chunk, Import, Profile, Totals
from .list_store import ListStore
from .row_outcomes import Review, RowOutcome

MOST_PUTS = 90
SLICES_AT_ONCE = 5


class ImportStore:
    """Profiles, imports and what became of their rows."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.lists = ListStore(table)

    def commit(self, parts: Iterable[Part]) -> None:
        """Write all parts or none."""
        commit(self.table.client, parts)

    def profiles(self) -> list[Profile]:
        """All profiles."""
        return [rows.profile_from(row) for row in self._all("PROFILES", "")]

    def profile(self, profile_id: str) -> Profile | None:
        """One profile as it stands now."""
        row = self.table.get(("PROFILES", profile_id))
        return rows.profile_from(row) if row else None

    def profile_part(self, profile: Profile, former: Profile | None) -> Part:
        """Write a profile in the place of its former revision."""
        expects = Expects(equals={"revision": former.revision}) if former else NEW
        return Put(self.table.name, rows.profile_row(profile), "profile", expects)

    def get(self, import_id: str) -> Import | None:
        """An import as it stands now."""
        row = self.table.get((rows.import_pk(import_id), "IMPORT"))
        return rows.import_from(row) if row else None

    def import_part(self, one: Import, former: Import | None) -> Part:
        """Write an import in the place of its former revision."""
        expects = Expects(equals={"revision": former.revision}) if former else NEW
        return Put(self.table.name, rows.import_row(one), "import", expects)

    def write(self, one: Import, former: Import | None, parts: Sequence[Part] = ()) -> bool:
        """Write an import and what goes with it; False when somebody else changed it meanwhile, or began to
        book another list of the profile.
        """
        try:
            self.commit([self.import_part(one, former), *parts])
        except CommitConflict as conflict:
            if conflict.failed.keys() & {"import", "listing"} or conflict.contended:
                return False
            raise
        return True

    def uploads(
        self,
        client: str,
        *,
        until: str | None = None,
        equals: Mapping[str, Any] | None = None,
        cursor: str | None,
        limit: int,
    ) -> tuple[list[Import], str | None]:
        """Imports of a client, newest first; ``equals`` picks those of a profile, kind or state."""
        page = self.table.query_index(
            "by_upload", client, until=until, equals=equals, cursor=cursor, limit=limit, newest_first=True
        )
        return [rows.import_from(row) for row in page.rows], page.next_cursor

    def upload_cursor(self, one: Import) -> str:
        """Where a page of a client's imports ends that ends with this one."""
        row = rows.import_row(one)
        return write_cursor({name: row[name] for name in ("pk", "sk", "upload_key", "upload_sort")})

    def due(self, now: datetime, limit: int) -> list[str]:
        """The ids of imports in which something is overdue."""
        until = sortable_text(now)
        pages = [self.table.query_index("due", key, until=until, limit=limit) for key in rows.DUE_KEYS]
        return [row["id"] for page in pages for row in page.rows]

    def new_chunks(self, import_id: str, numbers: Iterable[int]) -> None:
        """Make the chunks of an import; those that are made already stay as they are."""
        wanted = list(numbers)
        for start in range(0, len(wanted), MOST_PUTS):
            parts = [self._new_chunk(import_id, number) for number in wanted[start : start + MOST_PUTS]]
            while parts:
                try:
                    self.commit(parts)
                    break
                except CommitConflict as conflict:
                    parts = [part for part in parts if part.label not in conflict.failed]

    def _new_chunk(self, import_id: str, number: int) -> Part:
        row = rows.chunk_row(import_id, Chunk(number=number))
        return Put(self.table.name, row, f"chunk:{number}", NEW)

    def chunks(self, import_id: str) -> list[Chunk]:
        """The chunks of an import in their order."""
        found = self._all(rows.import_pk(import_id), "CHUNK#")
        return [rows.chunk_from(row) for row in found]

    def chunk(self, import_id: str, number: int) -> Chunk | None:
        """One chunk as it stands now."""
        row = self.table.get((rows.import_pk(import_id), rows.chunk_sk(number)))
        return rows.chunk_from(row) if row else None

    def assessed(self, import_id: str, number: int, assessment: Totals, preview: str, at: datetime) -> None:
        """Note what would become of a chunk's rows, and which file tells it; the first assessment stands."""
        self.table.change(
            Update(
                self.table.name,
                (rows.import_pk(import_id), rows.chunk_sk(number)),
                "chunk",
                set_={
                    "assessed": True,
                    "assessment": rows.totals_row(assessment),
                    "preview": preview,
                    "progress_at": sortable_text(at),
                },
                expects=Expects(equals={"assessed": False}),
            )
        )

    def slice_parts(
        self,
        import_id: str,
        before: Chunk,
        after: Chunk,
        outcomes: Sequence[RowOutcome],
    ) -> list[Part]:
        """Write a slice of outcomes and move its chunk on; nobody else may have moved it meanwhile."""
        slice_row = {
            "pk": rows.import_pk(import_id),
            "sk": rows.slice_sk(before.number, before.next_slice),
            "outcomes": rows.packed(outcomes),
        }
        return [
            Update(
                self.table.name,
                (rows.import_pk(import_id), rows.chunk_sk(before.number)),
                "chunk",
                set_={
                    "next_group": after.next_group,
                    "next_slice": after.next_slice,
                    "worker": after.worker,
                    "progress_at": sortable_text(after.progress_at) if after.progress_at else "",
                    "totals": rows.totals_row(after.totals),
                    "booked": after.booked,
                    "leans_on": list(after.leans_on),
                },
                expects=Expects(equals={"next_slice": before.next_slice, "booked": False}),
            ),
            Put(self.table.name, slice_row, "slice", NEW),
        ]

    def deleted_part(self, import_id: str, before: Chunk, after: Chunk) -> Part:
        """Note that one more slice of a chunk is reversed; nobody else may have done so meanwhile."""
        return Update(
            self.table.name,
            (rows.import_pk(import_id), rows.chunk_sk(before.number)),
            "chunk",
            set_={
                "deleted_slices": after.deleted_slices,
                "deleted": after.deleted,
                "worker": after.worker,
                "progress_at": sortable_text(after.progress_at) if after.progress_at else "",
                "reversed_count": after.reversed_count,
                "touched_since": after.touched_since,
            },
            expects=Expects(equals={"deleted_slices": before.deleted_slices, "deleted": False}),
        )

    def review_part(self, import_id: str, review: Review, former: Review | None) -> Part:
        """Write a row that waits for a person, or what the person decided; nobody else may have decided."""
        expects = Expects(equals={"decision": ""}) if former else NEW
        return Put(self.table.name, rows.review_row(import_id, review), f"review:{review.id}", expects)

    def review(self, import_id: str, review_id: str) -> Review | None:
        """A row that waits, or waited, for a person."""
        row = self.table.get((rows.import_pk(import_id), f"REVIEW#{review_id}"))
        return rows.review_from(row) if row else None

    def reviews(
        self,
        import_id: str,
        *,
        only_open: bool = False,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> tuple[list[Review], str | None]:
        """The rows that wait, or waited, for a person, in the order of their lines."""
        page = self.table.query(
            rows.import_pk(import_id),
            begins_with="REVIEW#",
            equals={"decision": ""} if only_open else None,
            cursor=cursor,
            limit=limit,
        )
        return [rows.review_from(row) for row in page.rows], page.next_cursor

    def reviews_by_id(self, import_id: str, ids: Iterable[str]) -> dict[str, Review]:
        """Rows that wait, or waited, for a person, by their ids."""
        keys = [(rows.import_pk(import_id), f"REVIEW#{one}") for one in ids]
        found = map(rows.review_from, self.table.get_many(keys))
        return {review.id: review for review in found}

    def decided_reviews(self, import_id: str) -> Iterator[Review]:
        """The rows that people have decided about."""
        for row in self._all(rows.import_pk(import_id), "REVIEW#"):
            if row["decision"]:
                yield rows.review_from(row)

    def open_reviews(self, import_id: str) -> int:
        """How many rows wait for a person."""
        return sum(not row["decision"] for row in self._all(rows.import_pk(import_id), "REVIEW#"))

    def touched_part(self, import_id: str, chunk: int, slice_: int, numbers: Sequence[str]) -> Part:
        """Note the documents of a slice that something else had touched since (RI-36)."""
        row = {
            "pk": rows.import_pk(import_id),
            "sk": f"TOUCHED#{chunk:04}#{slice_:06}",
            "numbers": list(numbers),
        }
        return Put(self.table.name, row, "touched", NEW)

    def passed_on_part(self, import_id: str, chunk: int, slice_: int, folded_number: str) -> Part:
        """Note that what taking a slice back opens of a cancelled invoice is passed on to its credit note."""
        row = {
            "pk": rows.import_pk(import_id),
            "sk": f"PASSED#{chunk:04}#{slice_:06}#{folded_number}",
            "number": folded_number,
        }
        return Put(self.table.name, row, "passed-on")

    def passed_on(self, import_id: str, chunk: int, slice_: int) -> set[str]:
        """The cancelled invoices of a slice for which that is done, by folded number."""
        found = self._all(rows.import_pk(import_id), f"PASSED#{chunk:04}#{slice_:06}#")
        return {row["number"] for row in found}

    def touched_in_slice(self, import_id: str, chunk: int, slice_: int) -> set[str]:
        """The documents of one slice that something else had touched when it was taken back."""
        row = self.table.get((rows.import_pk(import_id), f"TOUCHED#{chunk:04}#{slice_:06}"))
        return set(row["numbers"]) if row else set()

    def touched(self, import_id: str) -> set[str]:
        """The documents that something else had touched when an import was taken back."""
        found = self._all(rows.import_pk(import_id), "TOUCHED#")
        return {number for row in found for number in row["numbers"]}

    def note_leaning(self, import_id: str, sources: Sequence[str]) -> None:
        """Note that an import passed rows over because of these other ones (RI-36)."""
        for start in range(0, len(sources), MOST_PUTS):
            self.commit(
                Put(
                    self.table.name,
                    {"pk": rows.import_pk(source), "sk": f"LEANS#{import_id}", "import": import_id},
                    f"leans:{source}",
                )
                for source in sources[start : start + MOST_PUTS]
            )

    def leaning_on(self, import_id: str) -> list[str]:
        """The imports that passed rows over because of this one."""
        return [row["import"] for row in self._all(rows.import_pk(import_id), "LEANS#")]

    def slice_outcomes(self, import_id: str, chunk: int, number: int) -> list[RowOutcome]:
        """The outcomes of one slice."""
        row = self.table.get((rows.import_pk(import_id), rows.slice_sk(chunk, number)))
        return rows.unpacked(row["outcomes"]) if row else []

    def slices_from(
        self, import_id: str, chunk: int, number: int
    ) -> Iterator[tuple[int, int, list[RowOutcome]]]:
        """The slices of all chunks from one on: chunk, number, outcomes; few are read ahead."""
        cursor = None
        while True:
            page = self.table.query(
                rows.import_pk(import_id),
                between=(rows.slice_sk(chunk, number), "SLICE#~"),
                cursor=cursor,
                limit=SLICES_AT_ONCE,
            )
            for row in page.rows:
                _, of_chunk, of_slice = row["sk"].split("#")
                yield int(of_chunk), int(of_slice), rows.unpacked(row["outcomes"])
            cursor = page.next_cursor
            if cursor is None:
                return

    def outcomes(self, import_id: str, chunk: int) -> Iterator[RowOutcome]:
        """The outcomes of a chunk in the order in which they were booked."""
        for row in self._all(rows.import_pk(import_id), f"SLICE#{chunk:04}#"):
            yield from rows.unpacked(row["outcomes"])

    def holder(self, sha256: str) -> Row | None:
        """The row that says which import holds a file of these bytes."""
        return self.table.get((f"FILE#{sha256}", "FILE"))

    def hold_part(self, sha256: str, import_id: str, former: Row | None) -> Part:
        """Hold a file for an import; nobody else may hold it."""
        row = {"pk": f"FILE#{sha256}", "sk": "FILE", "import": import_id, "held": True}
        expects = Expects(equals={"held": False}) if former else NEW
        return Put(self.table.name, row, "file", expects)

    def release_part(self, sha256: str, import_id: str) -> Part:
        """Let the same file come again."""
        return Update(
            self.table.name,
            (f"FILE#{sha256}", "FILE"),
            "file",
            set_={"held": False},
            expects=Expects(equals={"import": import_id}),
        )

    def seen_entries(self, marks: Sequence[str]) -> dict[str, Row]:
        """What is noted of movements of bank accounts, by their marks (RI-34)."""
        found = self.table.get_many([(f"ENTRY#{mark}", "ENTRY") for mark in marks])
        return {row["pk"].removeprefix("ENTRY#"): row for row in found}

    def entry_part(self, mark: str, note: EntryNote, former: Row | None) -> Part:
        """Note a movement of a bank account; no other import may hold it."""
        row = {
            "pk": f"ENTRY#{mark}",
            "sk": "ENTRY",
            "import": note.import_id,
            "statement": note.statement,
            "number": note.number,
            "held": True,
        }
        expects = Expects(equals={"held": False}) if former else NEW
        return Put(self.table.name, row, f"entry-seen:{mark}", expects)

    def release_entry_part(self, mark: str) -> Part:
        """Let the same movement of a bank account come again."""
        key = (f"ENTRY#{mark}", "ENTRY")
        return Update(self.table.name, key, f"entry-seen:{mark}", set_={"held": False})

    def _all(self, pk: str, prefix: str) -> Iterator[Row]:
        cursor = None
        while True:
            page = self.table.query(pk, begins_with=prefix, cursor=cursor)
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return
