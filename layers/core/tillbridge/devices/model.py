"""The nouns of the devices room: agents, enrolment codes, jobs and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tillbridge.access.model import WorkstationKey

WORKSTATION_DEVICE = "workstation"
"""The device that stands for the PC itself: it checks folders; no order binds it to other devices."""


class JobKind(StrEnum):
    """What an agent can be asked to do (DV-2)."""

    PUT_FILE = "put_file"
    WITHDRAW_FILE = "withdraw_file"
    CHECK_FOLDER = "check_folder"


class Outcome(StrEnum):
    """What an agent answers of a job (DV-5).

    ``gone``: the file to withdraw had been taken, its counter-file is put. ``in_doubt``: nobody can know,
    because an earlier agent of this workstation may have done the job, or the folder was made anew meanwhile.
    """

    DONE = "done"
    WITHDRAWN = "withdrawn"
    GONE = "gone"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"


OUTCOMES: dict[JobKind, frozenset[Outcome]] = {
    JobKind.PUT_FILE: frozenset({Outcome.DONE, Outcome.IN_DOUBT}),
    JobKind.WITHDRAW_FILE: frozenset({Outcome.WITHDRAWN, Outcome.GONE, Outcome.IN_DOUBT}),
    JobKind.CHECK_FOLDER: frozenset({Outcome.DONE, Outcome.REFUSED}),
}
"""The answers that fit each kind of job."""


@dataclass(frozen=True, slots=True)
class JobOrder:
    """A wish for a job: on which device of which workstation, what, and whom it concerns afterwards."""

    workstation_key: WorkstationKey
    device: str
    kind: JobKind
    payload: Mapping[str, Any] = field(repr=False)
    subject: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """A job with its place in the order of its device; sequences start at 1 and have no gaps.

    ``agent_id`` is the agent for which it was meant when it was made, if there was one.
    """

    order: JobOrder
    sequence: int
    made_at: datetime
    agent_id: str | None = None
    outcome: Outcome | None = None
    due_at: datetime | None = None
    wakes: int = 0


class AgentState(StrEnum):
    """An agent is replaced when another one is enrolled at its workstation."""

    ENROLLED = "enrolled"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Agent:
    """The edge agent of one workstation, with its last word (DV-7).

    ``predecessor`` is the user name of the agent that it replaced; ``last_handed_jobs_at`` the last moment at
    which it was handed jobs, or credentials with which it could fetch some. Jobs made before
    ``inherits_before`` may have been begun by one of those before it.
    """

    id: str
    workstation_key: WorkstationKey
    username: str
    queue_url: str
    enrolment_id: str
    enrolled_at: datetime
    host_name: str
    version: str
    state: AgentState = AgentState.ENROLLED
    predecessor: str | None = None
    inherits_before: datetime | None = None
    last_handed_jobs_at: datetime | None = None
    last_word_at: datetime | None = None
    last_word: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceOrder:
    """How far a device's order has got: the last sequence given, and the last one answered."""

    device: str
    last_sequence: int
    answered_sequence: int


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A code that enrols one agent at one workstation, once, before it expires (DV-1)."""

    workstation_key: WorkstationKey
    expires_at: datetime
    used_by_enrolment: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """An agent's answer to one job."""

    device: str
    sequence: int
    outcome: Outcome
    at: datetime
    detail: str = ""
