"""What the product does with payment files: make, deliver, hand over, take back, follow (PF-5 to PF-11)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from tillbridge.access.model import Caller
from tillbridge.access.rules import Act, require
from tillbridge.access.service import AccessService
from tillbridge.aws.bucket import Bucket
from tillbridge.aws.table import CommitConflict, Part, commit
from tillbridge.kernel.errors import Conflict, NotFound, Refused, Unavailable
from tillbridge.kernel.text import fold

from .model import BucketPlace, FileKey, FileState, HistoryEvent, PaymentFile, Withdrawal
from .plans import LEASE
from .store import PaymentStore

logger = logging.getLogger(__name__)

SYSTEM = "tillbridge"
"""Who did what nobody in person did."""

_TAKEN_BACK = frozenset({FileState.WITHDRAWN, FileState.COLLECTED})


class FileService:
    """The sentences about payment files."""

    def __init__(
        self,
        store: PaymentStore,
        bucket: Bucket,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._access = access
        self._clock = clock

    def deliver_now(self, files: Sequence[PaymentFile]) -> None:
        """Put new files into the bucket; what can't be put now is put by the sweep."""
        for file in files:
            if isinstance(file.place, BucketPlace) and file.state is FileState.PENDING:
                try:
                    self._put(file)
                except Unavailable:
                    logger.warning("file not put now, the sweep will", extra={"interface": file.interface})

    def take_back_now(self, files: Sequence[PaymentFile]) -> None:
        """See to files that a cancellation takes back; what can't be done now is done by the sweep."""
        for file in files:
            if not isinstance(file.place, BucketPlace):
                continue
            try:
                if file.state is FileState.WITHDRAWING:
                    self._ask_bucket(file, alone=False)
                elif file.state in _TAKEN_BACK:
                    self._clear_bucket(file)
            except Unavailable:
                logger.warning("file not taken back now, the sweep will", extra={"interface": file.interface})

    def see_to(self, key: FileKey) -> None:
        """Follow up a file that a stream event told of: note its delivery, or leave it to the sweep."""
        file = self._store.file(key)
        if file and file.due_at:
            self._see_to(file, alone=False)

    def note_delivery(self, object_key: str) -> bool:
        """Note that a file has arrived in the bucket (PF-14); False when that is no news."""
        file = self._file_at(object_key)
        if file is None or file.state is not FileState.PENDING:
            return False
        return self._move(self._store.moved_part(file, FileState.DELIVERED, self._event("delivered")))

    def note_pickup(self, object_key: str, by: str) -> bool:
        """Note that a consumer took a file by deleting its object (PF-14); a later cancellation counters it.

        False when that is no news, or when the file is one that consumers may only claim.
        """
        file = self._file_at(object_key)
        if file is None or file.state not in (FileState.PENDING, FileState.DELIVERED):
            return False
        if isinstance(file.place, BucketPlace) and file.place.withdrawal is Withdrawal.BY_CLAIM:
            return False
        event = self._event("collected", by, "deleted in the bucket")
        return self._move(self._store.moved_part(file, FileState.COLLECTED, event))

    def _file_at(self, object_key: str) -> PaymentFile | None:
        number = object_key.rsplit("/", 1)[-1].rpartition(".")[0]
        known = self._store.payment(fold(number))
        for file in known.files if known else ():
            if isinstance(file.place, BucketPlace) and file.object_key == object_key:
                return file
        return None

    def sweep(self, limit: int = 50) -> int:
        """Do what files have owed the bucket for too long, each by one sweep alone; returns how many.

        A file that can't be seen to does not hold up the others: when AWS did not answer, a later sweep
        tries again; a bug is raised at the end.
        """
        now = self._clock()
        seen_to = 0
        failures: list[Exception] = []
        for due in self._store.due_files(now, limit):
            try:
                leased = self._store.lease(due, now + LEASE)
                if leased:
                    self._see_to(leased, alone=True)
                    seen_to += 1
            except Unavailable as missing:
                logger.warning("file still due", extra={"file": due.sk, "why": str(missing)})
            except Exception as failure:  # noqa: BLE001 - kept, and raised below
                failures.append(failure)
        if failures:
            raise ExceptionGroup("files that could not be seen to", failures)
        return seen_to

    def _see_to(self, file: PaymentFile, *, alone: bool) -> None:
        """``alone``: nobody else can be putting it now, so what is missing in the bucket was never put."""
        match file.state:
            case FileState.PENDING:
                self._ensure_delivered(file, alone=alone)
            case FileState.WITHDRAWING:
                self._ask_bucket(file, alone=alone)
            case FileState.WITHDRAWN | FileState.COLLECTED if alone:
                self._clear_bucket(file)
                self._store.settle(file)
            case _ if alone:
                self._store.settle(file)

    def _ensure_delivered(self, file: PaymentFile, *, alone: bool) -> None:
        if not self._bucket.traces(file.object_key).ever_put:
            if not alone:
                return
            self._put(file)
        self._move(self._store.moved_part(file, FileState.DELIVERED, self._event("delivered")))

    def _put(self, file: PaymentFile) -> None:
        if not self._bucket.put_new(file.object_key, file.content, "text/plain"):
            logger.error("an object stands where a new file belongs", extra={"interface": file.interface})

    def _clear_bucket(self, file: PaymentFile) -> None:
        """Remove what lies in the bucket of a file that our own record says is taken or withdrawn."""
        if isinstance(file.place, BucketPlace) and file.place.withdrawal is Withdrawal.BY_CLAIM:
            for version_id in self._bucket.traces(file.object_key).version_ids:
                self._bucket.remove_version(file.object_key, version_id)

    def _ask_bucket(self, file: PaymentFile, *, alone: bool) -> None:
        """Take a file out of the bucket, and learn from the delete marker whether a consumer was quicker.

        Removing the version is the one atomic act: after it no conditional delete of a consumer can succeed,
        and one that succeeded before has left its marker, also when our own reply was lost (PF-9).
        """
        traces = self._bucket.traces(file.object_key)
        if not traces.ever_put and not alone:
            return
        if not traces.deleted_by_someone:
            for version_id in traces.version_ids:
                self._bucket.remove_version(file.object_key, version_id)
            traces = self._bucket.traces(file.object_key)
        self._conclude_withdrawal(file, gone=traces.deleted_by_someone)

    def _conclude_withdrawal(self, file: PaymentFile, *, gone: bool) -> None:
        counter = self._counter_of(file)
        moved, due = (FileState.COLLECTED, self._clock() + LEASE) if gone else (FileState.WITHDRAWN, None)
        event = self._event("collected" if gone else "withdrawn")
        parts: list[Part] = [self._store.moved_part(file, moved, event)]
        counter_state = FileState.PENDING if gone else FileState.NOT_NEEDED
        counter_event = self._event("made" if gone else "not needed")
        parts.append(self._store.moved_part(counter, counter_state, counter_event, due_at=due))
        if self._move(*parts) and gone:
            self._put(counter)

    def _counter_of(self, file: PaymentFile) -> PaymentFile:
        number = file.countered_by
        counter = self._store.file(FileKey(file.interface, file.target, fold(number))) if number else None
        if counter is None:
            raise LookupError(f"{file.id} is being withdrawn without a counter-file")
        return counter

    def _move(self, *parts: Part) -> bool:
        """Write moves of files; False when somebody else has moved one of them meanwhile."""
        try:
            commit(self._store.table.client, parts)
        except CommitConflict:
            return False
        return True

    def _event(self, what: str, by: str = SYSTEM, detail: str = "") -> HistoryEvent:
        return HistoryEvent(self._clock(), what, by, detail)

    def claim(self, caller: Caller, file_id: str) -> PaymentFile:
        """Collect a file of a bucket: decided here, atomically against a cancellation (PF-10).

        The same caller may ask again and gets the same; ``Conflict`` when it was withdrawn or somebody else
        has collected it.
        """
        for _ in range(5):
            file = self.file(caller, file_id, Act.CLAIM_PAYMENT_FILES)
            if not isinstance(file.place, BucketPlace) or file.place.withdrawal is not Withdrawal.BY_CLAIM:
                raise Conflict("file-not-claimable", field="file", value=file.id)
            if file.state is FileState.COLLECTED:
                if file.collected_by != caller.username:
                    raise Conflict("file-collected", field="file", value=file.id)
                return file
            if file.state not in (FileState.PENDING, FileState.DELIVERED):
                raise Conflict("file-withdrawn", field="file", value=file.id, state=file.state.value)
            if self._move(*self._claim_parts(caller, file)):
                claimed = self.file(caller, file_id, Act.CLAIM_PAYMENT_FILES)
                self.take_back_now([claimed])
                return claimed
        raise Unavailable("the file is being changed at the same time")

    def _claim_parts(self, caller: Caller, file: PaymentFile) -> list[Part]:
        audit = self._access.audit_part(
            actor=caller.username,
            act=Act.CLAIM_PAYMENT_FILES,
            branch=file.branch,
            subject=f"payment-file/{file.id}",
        )
        moved = self._store.moved_part(
            file,
            FileState.COLLECTED,
            self._event("collected", caller.username),
            due_at=self._clock() + LEASE,
            collected_by=caller.username,
        )
        return [moved, audit]

    def file(self, caller: Caller, file_id: str, act: Act = Act.READ_PAYMENTS) -> PaymentFile:
        """One file with its history; one of a foreign branch is as good as none."""
        key = FileKey.from_id(file_id)
        file = self._store.file(key) if key else None
        if file is None or fold(file.id) != fold(file_id) or not caller.covers(file.branch):
            raise NotFound("file-not-found", field="file", value=file_id)
        require(caller, act, file.branch)
        return file

    def files_of_day(
        self,
        caller: Caller,
        branch: str,
        day: str,
        *,
        state: FileState | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> tuple[tuple[PaymentFile, ...], str | None]:
        """The files of a branch's payments of a day (PF-14)."""
        require(caller, Act.READ_PAYMENTS, branch)
        return self._store.files_of_day(branch, day, state=state, cursor=cursor, limit=limit)

    def open_files(
        self,
        caller: Caller,
        interface: str,
        target: str,
        branch: str | None = None,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> tuple[tuple[PaymentFile, ...], str | None]:
        """Files of a branch (by default the caller's only one) that wait for their consumer at a target."""
        wanted = branch or _only_branch(caller)
        if wanted is None:
            raise Refused("filter-not-given", field="branch")
        require(caller, Act.CLAIM_PAYMENT_FILES, wanted)
        return self._store.open_files(interface, target, wanted, cursor=cursor, limit=limit)


def _only_branch(caller: Caller) -> str | None:
    if isinstance(caller.branches, frozenset) and len(caller.branches) == 1:
        return next(iter(caller.branches))
    return None
