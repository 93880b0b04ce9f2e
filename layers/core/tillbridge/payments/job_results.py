"""What follows for payment files and interfaces from the answers of agents (PF-5, PF-7, PF-14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tillbridge.access.model import WorkstationKey
from tillbridge.aws.table import CommitConflict, Part, commit
from tillbridge.devices.model import Agent, Job, JobKind, JobResult, Outcome
from tillbridge.kernel.calendar import moment_text

from .model import FileKey, FileState, FolderPlace, HistoryEvent, PaymentFile
from .store import PaymentStore


@dataclass(frozen=True, slots=True)
class Sighting:
    """An agent noticed that a file which it had put is no longer there."""

    file_id: str
    at: datetime


_AFTER_PUT: Mapping[Outcome, tuple[FileState, str]] = {
    Outcome.DONE: (FileState.DELIVERED, "delivered"),
    Outcome.IN_DOUBT: (FileState.IN_DOUBT, "in doubt"),
}
_AFTER_WITHDRAWAL: Mapping[Outcome, tuple[FileState, str, FileState, str]] = {
    Outcome.WITHDRAWN: (FileState.WITHDRAWN, "withdrawn", FileState.NOT_NEEDED, "not needed"),
    Outcome.GONE: (FileState.COLLECTED, "collected", FileState.DELIVERED, "delivered"),
    Outcome.IN_DOUBT: (FileState.IN_DOUBT, "in doubt", FileState.IN_DOUBT, "in doubt"),
}
"""Outcome of a withdrawal -> state and event of the file, then of its counter-file."""


COUNTER_UNKNOWN = "counter-folder-changed"
"""Detail of a withdrawal in doubt: the file was taken for certain, only its counter-file may be missing."""


class JobResults:
    """Turns agents' answers into parts of the transaction that notes them."""

    def __init__(self, store: PaymentStore, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def follow_up(self, job: Job, result: JobResult, agent: Agent) -> Sequence[Part]:
        """The parts that an answer entails, for the same transaction."""
        match job.order.kind:
            case JobKind.PUT_FILE:
                return self._after_put(job, result, agent)
            case JobKind.WITHDRAW_FILE:
                return self._after_withdrawal(job, result, agent)
            case JobKind.CHECK_FOLDER:
                return self._after_check(job, result)

    def note_sighting(self, workstation_key: WorkstationKey, sighting: Sighting, agent: Agent) -> bool:
        """Note that a consumer has taken a file, which a later cancellation counters; False if no news."""
        key = FileKey.from_id(sighting.file_id)
        file = self._store.file(key) if key else None
        if file is None or file.state is not FileState.DELIVERED or file.name != _name_in(sighting.file_id):
            return False
        if not isinstance(file.place, FolderPlace) or file.place.workstation_key != workstation_key:
            return False
        event = self._event("collected", agent, f"seen gone at {moment_text(sighting.at)}")
        try:
            commit(self._store.table.client, [self._store.moved_part(file, FileState.COLLECTED, event)])
        except CommitConflict:
            return False
        return True

    def _after_put(self, job: Job, result: JobResult, agent: Agent) -> list[Part]:
        file = self._file(job.order.subject, "number")
        state, what = _AFTER_PUT[result.outcome]
        event = self._event(what, agent, result.detail)
        if file.state is FileState.PENDING:
            return [self._store.moved_part(file, state, event)]
        return [self._store.note_event_part(file, event)]

    def _after_withdrawal(self, job: Job, result: JobResult, agent: Agent) -> list[Part]:
        file = self._file(job.order.subject, "number")
        counter = self._file(job.order.subject, "counter")
        state, what, counter_state, counter_what = _AFTER_WITHDRAWAL[result.outcome]
        if result.outcome is Outcome.IN_DOUBT and result.detail == COUNTER_UNKNOWN:
            state, what = FileState.COLLECTED, "collected"
        return [
            self._store.moved_part(file, state, self._event(what, agent, result.detail)),
            self._store.moved_part(counter, counter_state, self._event(counter_what, agent)),
        ]

    def _after_check(self, job: Job, result: JobResult) -> list[Part]:
        subject = job.order.subject
        found = self._store.interface(subject["interface"])
        if found is None or str(found.revision) != subject["revision"]:
            return []
        word = {"outcome": result.outcome.value, "detail": result.detail, "at": moment_text(self._clock())}
        place = f"{subject['target']}@{job.order.workstation_key}"
        return [self._store.folder_check_part(found, place, word)]

    def _file(self, subject: Mapping[str, str], which: str) -> PaymentFile:
        key = FileKey(subject["interface"], subject["target"], subject[which])
        file = self._store.file(key)
        if file is None:
            raise LookupError(f"there is no file {key}, yet a job for it")
        return file

    def _event(self, what: str, agent: Agent, detail: str = "") -> HistoryEvent:
        return HistoryEvent(self._clock(), what, agent.username, detail)


def _name_in(file_id: str) -> str:
    return file_id.split(".", 2)[2]
