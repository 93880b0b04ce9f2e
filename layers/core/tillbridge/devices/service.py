"""What the product does with agents and jobs: enrol, give jobs, wake, hand out, take answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from tillbridge.access.model import Caller, WorkstationKey
from tillbridge.access.rules import Act, require
from tillbridge.access.service import AccessService
from tillbridge.aws.credentials import CredentialsDesk, QueueCredentials
from tillbridge.aws.queue import Message, Queues
from tillbridge.aws.table import CommitConflict, Part, commit
from tillbridge.kernel.calendar import moment_text
from tillbridge.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unavailable

from . import rules
from .model import Agent, AgentState, DeviceOrder, EnrolmentCode, Job, JobOrder, JobResult
from .store import DeviceStore, Station

logger = logging.getLogger(__name__)

INLINE_GRACE = timedelta(minutes=1)
"""The sweep wakes an agent again when a job was not answered for this long."""

MAX_JOBS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class PlannedJobs:
    """Jobs with their sequences, the parts that write them, and whom to wake once they are written."""

    jobs: tuple[Job, ...]
    parts: tuple[Part, ...]
    queues: Mapping[WorkstationKey, str]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a newly enrolled agent needs to sign in; the password is shown once."""

    agent: Agent
    password: str


FollowUp = Callable[[Job, JobResult, Agent], Sequence[Part]]
"""What a room that ordered a job does with its result: parts for the same transaction."""


class DeviceService:
    """The sentences of the devices room."""

    def __init__(
        self,
        store: DeviceStore,
        access: AccessService,
        queues: Queues,
        credentials: CredentialsDesk,
        *,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._access = access
        self._queues = queues
        self._credentials = credentials
        self._clock = clock
        self._random_bytes = random_bytes

    def plan(self, orders: Sequence[JobOrder]) -> PlannedJobs:
        """Give each order its place in the order of its device; nothing is written until the parts are."""
        now = self._clock()
        jobs: list[Job] = []
        parts: list[Part] = []
        queues: dict[WorkstationKey, str] = {}
        stations: dict[WorkstationKey, Station] = {}
        ordered = sorted(orders, key=lambda order: (str(order.workstation_key), order.device))
        for (key, device), wanted in groupby(ordered, key=lambda o: (o.workstation_key, o.device)):
            station = stations.get(key) or self._store.station(key)
            stations[key] = station
            if station.agent:
                queues[key] = station.agent.queue_url
            meant_for = station.agent.id if station.agent else None
            known = station.devices.get(device)
            last = known.last_sequence if known else 0
            new = [
                Job(order, last + place, now, meant_for, due_at=now + INLINE_GRACE)
                for place, order in enumerate(wanted, start=1)
            ]
            parts.append(self._store.next_sequence_part(station, device, len(new)))
            parts.extend(self._store.new_job_part(job) for job in new)
            jobs.extend(new)
        return PlannedJobs(tuple(jobs), tuple(parts), queues)

    def wake(self, planned: PlannedJobs) -> None:
        """Send written jobs to their agents; what can't be sent now is sent by the sweep."""
        for key, jobs in groupby(planned.jobs, key=lambda job: job.order.workstation_key):
            queue_url = planned.queues.get(key)
            if queue_url is None:
                continue
            try:
                self._queues.send(queue_url, [_message(job, inherited=False) for job in jobs])
            except Unavailable:
                logger.warning("agent not woken now, the sweep will", extra={"workstation": str(key)})

    def wake_due(self, limit: int = 50) -> int:
        """Wake agents whose jobs were not answered in time; returns how many jobs were seen to.

        One that fails does not hold up the others: when AWS did not answer, a later sweep tries again; a bug
        is raised at the end.
        """
        now = self._clock()
        seen_to = 0
        failures: list[Exception] = []
        for due in self._store.due_jobs(now, limit):
            try:
                job = self._store.postpone(due, rules.next_wake(due.wakes, now))
                if job:
                    self._wake_for(job)
                    seen_to += 1
            except Unavailable as missing:
                logger.warning("agent not woken", extra={"job": due.sk, "why": str(missing)})
            except Exception as failure:  # noqa: BLE001 - kept, and raised below
                failures.append(failure)
        if failures:
            raise ExceptionGroup("agents that could not be woken", failures)
        return seen_to

    def _wake_for(self, job: Job) -> None:
        agent = self._store.station(job.order.workstation_key).agent
        if agent is None:
            self._store.settle(job)
        else:
            message = _message(job, inherited=self._is_inherited(job, agent))
            self._queues.send(agent.queue_url, [message])

    def _is_inherited(self, job: Job, agent: Agent) -> bool:
        meant_for = self._store.agent(job.agent_id) if job.agent_id not in (None, agent.id) else None
        return rules.is_inherited(job, agent, meant_for)

    def make_enrolment_code(self, caller: Caller, workstation_key: WorkstationKey) -> tuple[str, datetime]:
        """A one-time code for the agent of a workstation (DV-1); only its hash is kept."""
        require(caller, Act.ENROL_AGENT, workstation_key.branch)
        self._access.workstation(workstation_key.branch, workstation_key.workstation)
        code = rules.code_from(self._random_bytes(16))
        expires_at = self._clock() + rules.CODE_LIFETIME
        commit(
            self._store.table.client,
            [
                self._store.new_code_part(
                    rules.normalised_code(code), EnrolmentCode(workstation_key, expires_at)
                ),
                self._access.audit_part(
                    actor=caller.username,
                    act="make-enrolment-code",
                    branch=workstation_key.branch,
                    subject=f"workstation/{workstation_key}",
                ),
            ],
        )
        return code, expires_at

    def enrol(self, code: str, enrolment_id: str, host_name: str, version: str) -> Enrolment:
        """Make the bearer of a code the agent of its workstation; a repetition renews its password (DV-1).

        A code that was used by this very enrolment still serves it, unless another agent came since.
        """
        plain = rules.normalised_code(code)
        known = rules.demand_usable(self._store.code(plain), enrolment_id, self._clock())
        in_office = self._store.station(known.workstation_key).agent
        if known.used_by_enrolment is not None and (in_office is None or in_office.id != known.agent_id):
            raise Refused("enrolment-code-used", field="code")
        agent_id = known.agent_id or sha256(f"{plain}:{enrolment_id}".encode()).hexdigest()[:20]
        username = f"agent-{agent_id}"
        queue_url = self._queues.make(agent_id)
        password = self._access.create_agent_user(username, known.workstation_key)
        if known.used_by_enrolment is not None and in_office is not None:
            agent = in_office
        else:
            agent = Agent(
                id=agent_id,
                workstation_key=known.workstation_key,
                username=username,
                queue_url=queue_url,
                enrolment_id=enrolment_id,
                enrolled_at=self._clock(),
                host_name=host_name,
                version=version,
                predecessor=in_office.username if in_office else None,
                inherits_before=rules.inherits_before(
                    self._store.agent(in_office.id) if in_office else None, self._clock()
                ),
            )
            try:
                self._write_enrolment(plain, agent, in_office)
            except Conflict:
                self._access.disable_agent_user(username, by=username)
                raise
        if agent.predecessor:
            self._access.disable_agent_user(agent.predecessor, by=username)
        return Enrolment(agent, password)

    def _write_enrolment(self, code: str, agent: Agent, former: Agent | None) -> None:
        audit = self._access.audit_part(
            actor=agent.username,
            act="enrol-agent",
            branch=agent.workstation_key.branch,
            subject=f"workstation/{agent.workstation_key}",
        )
        parts = [
            self._store.use_code_part(code, agent.enrolment_id, agent.id),
            *self._store.enrol_parts(agent, former),
            audit,
        ]
        try:
            commit(self._store.table.client, parts)
        except CommitConflict as conflict:
            used = conflict.failed.get("enrolment-code")
            if used and used.get("used_by_enrolment") == agent.enrolment_id:
                return
            if used:
                raise Conflict("enrolment-code-used", field="code") from None
            raise Unavailable("another enrolment at this workstation is under way") from conflict

    def agent_of(self, caller: Caller) -> Agent:
        """The enrolled agent that calls; ``Forbidden`` for one that was replaced."""
        key = caller.workstation
        require(caller, Act.RUN_JOBS, key.branch if key else None)
        if key is None:
            raise Forbidden("agent-replaced", value="")
        agent = self._store.station(key).agent
        if agent is None or agent.username != caller.username:
            raise Forbidden("agent-replaced", value=str(key))
        return agent

    def queue_credentials(self, caller: Caller) -> tuple[Agent, QueueCredentials]:
        """Credentials for the caller's own queue, for an hour."""
        agent = self.agent_of(caller)
        self._store.note_handed_jobs(agent, self._clock())
        queue_arn = self._queues.arn(agent.queue_url)
        return agent, self._credentials.for_queue(queue_arn, f"agent-{agent.id}")

    def devices(self, caller: Caller) -> tuple[DeviceOrder, ...]:
        """How far each device of the caller's workstation has got."""
        agent = self.agent_of(caller)
        station = self._store.station(agent.workstation_key)
        return tuple(station.devices[name] for name in sorted(station.devices))

    def jobs_after(self, caller: Caller, device: str, sequence: int) -> list[dict[str, Any]]:
        """Messages of the jobs behind a sequence, in order; what an agent missed (DV-6)."""
        agent = self.agent_of(caller)
        self._store.note_handed_jobs(agent, self._clock())
        jobs = self._store.jobs_after(agent.workstation_key, device, sequence, MAX_JOBS_A_PAGE)
        return [job_message(job, inherited=self._is_inherited(job, agent)) for job in jobs]

    def record_result(self, caller: Caller, result: JobResult, follow_up: FollowUp) -> None:
        """Note what became of a job, together with what follows from it; a repetition changes nothing."""
        agent = self.agent_of(caller)
        for _ in range(5):
            job = self._store.job(agent.workstation_key, result.device, result.sequence)
            if job is None:
                raise NotFound("job-not-found", field="sequence", value=result.sequence, device=result.device)
            rules.demand_fitting(job, result.outcome)
            if job.outcome is not None:
                return
            parts = self._store.answer_parts(job, result.outcome, result.at, result.detail)
            try:
                commit(self._store.table.client, [*parts, *follow_up(job, result, agent)])
            except CommitConflict as conflict:
                self._demand_order(conflict, result, agent)
            else:
                return
        raise Unavailable("the job's files are being changed at the same time")

    def _demand_order(self, conflict: CommitConflict, result: JobResult, agent: Agent) -> None:
        standing = conflict.failed.get(f"device:{agent.workstation_key}:{result.device}")
        if standing and standing["answered_sequence"] < result.sequence - 1:
            raise Conflict(
                "result-out-of-order",
                field="sequence",
                value=result.sequence,
                device=result.device,
                expected=standing["answered_sequence"] + 1,
            )

    def note_health(self, caller: Caller, word: Mapping[str, Any]) -> None:
        """Keep an agent's last word about itself (DV-7)."""
        agent = self.agent_of(caller)
        self._store.note_last_word(agent, self._clock(), word)

    def agents(
        self, caller: Caller, branch: str, cursor: str | None, limit: int
    ) -> tuple[tuple[Agent, ...], str | None]:
        """The agents of a branch with their last word (DV-7)."""
        require(caller, Act.READ_AGENTS, branch)
        return self._store.agents_of(branch, cursor, limit)

    def agent(self, caller: Caller, agent_id: str) -> Agent:
        """One agent with its last word."""
        agent = self._store.agent(agent_id)
        if agent is None or not caller.covers(agent.workstation_key.branch):
            raise NotFound("agent-not-found", field="agent", value=agent_id)
        require(caller, Act.READ_AGENTS, agent.workstation_key.branch)
        return agent

    def enrolled_agents(self, branch: str) -> tuple[Agent, ...]:
        """All agents at work in a branch."""
        found: list[Agent] = []
        cursor: str | None = None
        while True:
            agents, cursor = self._store.agents_of(branch, cursor, 100)
            found.extend(agent for agent in agents if agent.state is AgentState.ENROLLED)
            if cursor is None:
                return tuple(found)


def _message(job: Job, *, inherited: bool) -> Message:
    device = job.order.device
    return Message(job_message(job, inherited=inherited), device, f"{device}.{job.sequence}.{job.wakes}")


def job_message(job: Job, *, inherited: bool) -> dict[str, Any]:
    """A job as agents read it, from the queue or over the API: the same shape."""
    order = job.order
    return {
        "device": order.device,
        "sequence": job.sequence,
        "kind": order.kind.value,
        "made_at": moment_text(job.made_at),
        "inherited": inherited,
        "payload": dict(order.payload),
    }
