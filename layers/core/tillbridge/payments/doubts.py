"""What the product does about files of which nobody knows whether they were put: a person decides (DV-5).

That happens when a shop's PC is replaced while jobs of its agent were under way. Somebody looks into the
consumer's books and says whether it took the file; what waits for that word goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tillbridge.access.model import Caller
from tillbridge.access.rules import Act
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, Part, commit
from tillbridge.devices.model import JobOrder
from tillbridge.devices.service import DeviceService
from tillbridge.kernel.errors import Conflict, Unavailable
from tillbridge.kernel.text import fold

from .files import FileService
from .model import FileKey, FileState, HistoryEvent, PaymentFile
from .plans import put_order
from .store import PaymentStore


@dataclass(slots=True)
class _Decision:
    """Where files move, and which are put."""

    moves: list[tuple[PaymentFile, FileState]] = field(default_factory=list)
    orders: list[JobOrder] = field(default_factory=list)

    def move(self, file: PaymentFile, state: FileState) -> None:
        self.moves.append((file, state))
        if state is FileState.PENDING:
            self.orders.append(put_order(file))


class DoubtService:
    """The sentences about files in doubt."""

    def __init__(
        self,
        store: PaymentStore,
        files: FileService,
        devices: DeviceService,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._files = files
        self._devices = devices
        self._access = access
        self._clock = clock

    def resolve(self, caller: Caller, file_id: str, *, taken: bool) -> PaymentFile:
        """Say whether the consumer took a file in doubt; counter-files that waited for that word go on.

        Not taken, it is put again, or counts as withdrawn where its payment was cancelled as a whole.
        """
        for _ in range(5):
            file = self._files.file(caller, file_id, Act.RESOLVE_DOUBTS)
            if file.state is not FileState.IN_DOUBT:
                raise Conflict("file-not-in-doubt", field="file", value=file.id, state=file.state.value)
            if self._waits_for_another(file):
                raise Conflict("doubt-of-another-file", field="file", value=file.id, other=file.counters)
            if self._write(caller, file, self._decide(file, taken=taken), taken=taken):
                return self._files.file(caller, file_id, Act.RESOLVE_DOUBTS)
        raise Unavailable("the file is being changed at the same time")

    def _waits_for_another(self, file: PaymentFile) -> bool:
        """Whether it is a counter-file whose own fate hangs on the file that it counters."""
        if file.counters is None:
            return False
        countered = self._store.file(FileKey(file.interface, file.target, file.counters))
        return countered is not None and countered.state is FileState.IN_DOUBT

    def _decide(self, file: PaymentFile, *, taken: bool) -> _Decision:
        decision = _Decision()
        waiting = list(self._waiting_counters(file))
        if file.countered_by is not None:
            decision.move(file, FileState.COLLECTED if taken else FileState.WITHDRAWN)
            after = FileState.PENDING if taken else FileState.NOT_NEEDED
        else:
            decision.move(file, FileState.COLLECTED if taken else FileState.PENDING)
            after = FileState.PENDING
        for counter in waiting:
            decision.move(counter, after)
        return decision

    def _waiting_counters(self, file: PaymentFile) -> Iterator[PaymentFile]:
        known = self._store.payment(file.folded_number)
        for number in known.payment.cancelled_by if known else ():
            counter = self._store.file(FileKey(file.interface, file.target, fold(number)))
            if counter and counter.state is FileState.IN_DOUBT:
                yield counter

    def _write(self, caller: Caller, file: PaymentFile, decision: _Decision, *, taken: bool) -> bool:
        word = "said to be taken" if taken else "said not to be taken"
        event = HistoryEvent(self._clock(), word, caller.username)
        jobs = self._devices.plan(decision.orders)
        audit = self._access.audit_part(
            actor=caller.username,
            act=Act.RESOLVE_DOUBTS.value,
            branch=file.branch,
            subject=f"payment-file/{file.id}",
            facts={"taken": str(taken).lower()},
        )
        moved: list[Part] = [self._store.moved_part(one, state, event) for one, state in decision.moves]
        try:
            commit(self._store.table.client, [*moved, *jobs.parts, audit])
        except CommitConflict:
            return False
        self._devices.wake(jobs)
        return True
