"""How payments, files, interfaces and idempotency marks live in DynamoDB.

    PAYMENT#<folded number>      PAYMENT                      a payment; its key keeps the number unique
                                 FILE#<interface>#<target>    its file at one target
    IDEMPOTENCY#<user>#<key>     IDEMPOTENCY                  the first answer to a request, kept for ever
    INTERFACES                   <id>                         an interface
    INTERFACE#<id>               <target>@<workstation>       what the agent there said of its folder
    INTERFACES#REVISION          INTERFACES#REVISION          moves with every change of any interface

    index by_day      PAYMENT#<branch>#<day> or FILE#<branch>#<day>, sorted by moment and number
    index open_files  <interface>#<target>#<branch>: files that a consumer of a bucket may take (sparse)
    index due         DUE#<0 to 3>: files that still owe the bucket something, by the moment from which
                      somebody else than their maker may see to it (sparse)

Access patterns: a payment with its files is one query; all interfaces are one query; the rest are indexes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tillbridge.aws.table import NEW, Expects, Part, Put, Row, Table, Update
from tillbridge.kernel.calendar import sortable_text
from tillbridge.kernel.money import Money

from . import rows
from .model import FileKey, FileState, HistoryEvent, Interface, Payment, PaymentFile
from .rows import DUE_KEYS, Mark


@dataclass(frozen=True, slots=True)
class PaymentWithFiles:
    """A payment and its own files."""

    payment: Payment
    files: tuple[PaymentFile, ...]


@dataclass(frozen=True, slots=True)
class DueFile:
    """A row that owes the bucket something, by its keys."""

    pk: str
    sk: str
    due_sort: str


class PaymentStore:
    """Reads and writes the payments table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def payment(self, folded_number: str) -> PaymentWithFiles | None:
        """A payment with its files as they stand now."""
        payment = None
        files = []
        for row in self._all_of(rows.payment_pk(folded_number)):
            if row["sk"] == "PAYMENT":
                payment = rows.payment_from(row)
            else:
                files.append(rows.file_from(row))
        return PaymentWithFiles(payment, tuple(files)) if payment else None

    def file(self, key: FileKey) -> PaymentFile | None:
        """One file as it stands now."""
        row = self.table.get((rows.payment_pk(key.folded_number), rows.file_sk(key)))
        return rows.file_from(row) if row else None

    def payments_of_day(
        self, branch: str, day: str, *, cursor: str | None, limit: int
    ) -> tuple[tuple[Payment, ...], str | None]:
        """The payments that a branch took on a day, page by page."""
        page = self.table.query_index("by_day", f"PAYMENT#{branch}#{day}", cursor=cursor, limit=limit)
        return tuple(rows.payment_from(row) for row in page.rows), page.next_cursor

    def files_of_day(
        self, branch: str, day: str, *, state: FileState | None, cursor: str | None, limit: int
    ) -> tuple[tuple[PaymentFile, ...], str | None]:
        """The files of a branch's payments of a day, page by page."""
        equals = {"state": state.value} if state else None
        key = f"FILE#{branch}#{day}"
        page = self.table.query_index("by_day", key, cursor=cursor, limit=limit, equals=equals)
        return tuple(rows.file_from(row) for row in page.rows), page.next_cursor

    def open_files(
        self, interface: str, target: str, branch: str, *, cursor: str | None, limit: int
    ) -> tuple[tuple[PaymentFile, ...], str | None]:
        """Files of a branch at a bucket target that nobody has collected yet, oldest first."""
        key = f"{interface}#{target}#{branch}"
        page = self.table.query_index("open_files", key, cursor=cursor, limit=limit)
        return tuple(rows.file_from(row) for row in page.rows), page.next_cursor

    def due_files(self, now: datetime, limit: int) -> tuple[DueFile, ...]:
        """Files that owe the bucket something since before ``now``; not read yet: one may be unreadable."""
        until = sortable_text(now) + "~"
        pages = [self.table.query_index("due", key, until=until, limit=limit) for key in DUE_KEYS]
        return tuple(DueFile(row["pk"], row["sk"], row["due_sort"]) for page in pages for row in page.rows)

    def interfaces(self) -> tuple[Interface, ...]:
        """All interfaces of the chain, ended ones included."""
        return tuple(rows.interface_from(row) for row in self._all_of("INTERFACES"))

    def folder_checks(self, interface: Interface) -> dict[str, Mapping[str, str]]:
        """What agents said of the folders of this revision: ``<target>@<branch>/<workstation>`` -> answer."""
        found = self._all_of(f"INTERFACE#{interface.id}")
        return {row["sk"]: row["word"] for row in found if row["revision"] == interface.revision}

    def _all_of(self, pk: str) -> Iterator[Row]:
        cursor = None
        while True:
            page = self.table.query(pk, cursor=cursor)
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return

    def interface(self, interface_id: str) -> Interface | None:
        """One interface as it stands now."""
        row = self.table.get(("INTERFACES", interface_id))
        return rows.interface_from(row) if row else None

    def interface_part(self, interface: Interface, former: Interface | None) -> Part:
        """Write an interface in the place of its former revision."""
        expects = Expects(equals={"revision": former.revision}) if former else NEW
        return Put(self.table.name, rows.interface_row(interface), "interface", expects)

    def interfaces_revision(self) -> int:
        """A number that moves with every change of any interface."""
        row = self.table.get(("INTERFACES#REVISION", "INTERFACES#REVISION"))
        return int(row["revision"]) if row else 0

    def interfaces_revision_part(self, known: int) -> Part:
        """Demand that no interface was changed since the revision was read."""
        key = ("INTERFACES#REVISION", "INTERFACES#REVISION")
        row = {"pk": key[0], "sk": key[1], "revision": known + 1}
        expects = Expects(equals={"revision": known}) if known else NEW
        return Put(self.table.name, row, "interfaces", expects)

    def folder_check_part(self, interface: Interface, place: str, word: Mapping[str, str]) -> Part:
        """Keep what an agent said of a folder of this revision; ``place`` names target and workstation."""
        row = {
            "pk": f"INTERFACE#{interface.id}",
            "sk": place,
            "revision": interface.revision,
            "word": dict(word),
        }
        return Put(self.table.name, row, "folder-check")

    def mark(self, username: str, key: str) -> Mark | None:
        """What was answered to this user's request with this key, however long ago (PF-12)."""
        row = self.table.get((f"IDEMPOTENCY#{username}#{key}", "IDEMPOTENCY"))
        return rows.mark_from(row) if row else None

    def mark_part(self, username: str, key: str, mark: Mark, at: datetime) -> Part:
        """Keep the first answer to a request."""
        row = {
            "pk": f"IDEMPOTENCY#{username}#{key}",
            "sk": "IDEMPOTENCY",
            "fingerprint": mark.fingerprint,
            "answer": mark.answer,
            "at": sortable_text(at),
        }
        return Put(self.table.name, row, "idempotency", NEW)

    def payment_part(self, payment: Payment, day: str) -> Part:
        """Write a new payment; its number must be new in the chain."""
        return Put(
            self.table.name, rows.payment_row(payment, day), f"new-payment:{payment.folded_number}", NEW
        )

    def cancelled_part(self, payment: Payment, amount: Money, by: str, event: HistoryEvent) -> Part:
        """Note on a payment what a cancellation took back."""
        return Update(
            self.table.name,
            (rows.payment_pk(payment.folded_number), "PAYMENT"),
            f"payment:{payment.folded_number}",
            set_={"cancelled_minor": payment.cancelled_minor + amount.amount_minor},
            append={"cancelled_by": by, "history": rows.event_row(event)},
            expects=Expects(equals={"cancelled_minor": payment.cancelled_minor}),
        )

    def new_file_part(self, file: PaymentFile, day: str) -> Part:
        """Write a new file."""
        key = FileKey.of(file)
        return Put(
            self.table.name, rows.file_row(file, day), f"file:{rows.file_sk(key)}:{key.folded_number}", NEW
        )

    def moved_part(
        self,
        file: PaymentFile,
        state: FileState,
        event: HistoryEvent,
        *,
        due_at: datetime | None = None,
        collected_by: str | None = None,
        countered_by: str | None = None,
    ) -> Update:
        """Move a file from the state it was read in to another, with one more event in its history."""
        key = FileKey.of(file)
        changed: dict[str, Any] = {"state": state.value}
        removed: list[str] = []
        if due_at:
            changed |= {"due_key": rows.due_key(file), "due_sort": rows.due_sort(file, due_at)}
        elif file.due_at:
            removed += ["due_key", "due_sort"]
        before, after = rows.open_attributes(file, file.state), rows.open_attributes(file, state)
        changed |= after
        removed += [name for name in before if name not in after]
        if collected_by:
            changed["collected_by"] = collected_by
        if countered_by:
            changed["countered_by"] = countered_by
        unmoved = {"state": file.state.value} | (
            {"due_sort": rows.due_sort(file, file.due_at)} if file.due_at else {}
        )
        return Update(
            self.table.name,
            (rows.payment_pk(key.folded_number), rows.file_sk(key)),
            f"file:{rows.file_sk(key)}:{key.folded_number}",
            set_=changed,
            remove=tuple(removed),
            append={"history": rows.event_row(event)},
            expects=Expects(equals=unmoved),
        )

    def note_event_part(self, file: PaymentFile, event: HistoryEvent) -> Update:
        """Add an event to the history of a file that stays in its state."""
        return self.moved_part(file, file.state, event, due_at=file.due_at)

    def lease(self, due: DueFile, until: datetime) -> PaymentFile | None:
        """Take a due file to see to it alone until a moment; ``None`` when somebody else was quicker."""
        _, _, what = due.due_sort.partition("#")
        row = self.table.change(
            Update(
                self.table.name,
                (due.pk, due.sk),
                "file",
                set_={"due_sort": f"{sortable_text(until)}#{what}"},
                expects=Expects(equals={"due_sort": due.due_sort}),
            )
        )
        return rows.file_from(row) if row else None

    def settle(self, file: PaymentFile) -> None:
        """Note that a file owes the bucket nothing any more."""
        key = FileKey.of(file)
        self.table.change(
            Update(
                self.table.name,
                (rows.payment_pk(key.folded_number), rows.file_sk(key)),
                "file",
                remove=("due_key", "due_sort"),
                expects=Expects(equals={"state": file.state.value}),
            )
        )
