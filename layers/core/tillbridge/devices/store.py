"""How agents and jobs live in DynamoDB.

    WORKSTATION#<branch>/<workstation>  AGENT                   the workstation's agent now
                                        DEVICE#<device>         how far the device's order has got
                                        JOB#<device>#<sequence> one job, sequence of 12 digits
    AGENT#<id>                          AGENT                   every agent ever enrolled
    AGENTS#<branch>                     <id>                    the agents of a branch, for the list
    CODE#<sha256 of the code>           CODE                    an enrolment code; removed by its time to live

    index due (sparse): due_key = DUE#<0 to 3>, due_sort = moment#workstation#device#sequence, of open jobs

Access patterns: all that a new job needs is one query (agent and devices of a workstation stand before the
jobs); jobs of a device after a sequence; jobs that are due; a code by its hash; agents of a branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from zlib import crc32

from tillbridge.access.model import WorkstationKey
from tillbridge.aws.table import NEW, Expects, Page, Part, Put, Row, Table, Update
from tillbridge.kernel.calendar import parse_moment, sortable_text

from .model import Agent, AgentState, DeviceOrder, EnrolmentCode, Job, JobKind, JobOrder, Outcome

DUE_KEYS = tuple(f"DUE#{shard}" for shard in range(4))
"""Keys of the due index: several, so that no single one is hot."""


@dataclass(frozen=True, slots=True)
class Station:
    """What one query tells of a workstation: its agent, and how far each of its devices has got."""

    workstation_key: WorkstationKey
    agent: Agent | None
    devices: Mapping[str, DeviceOrder]


@dataclass(frozen=True, slots=True)
class DueJob:
    """A row of a job that waits for its answer, by its keys."""

    pk: str
    sk: str
    due_sort: str
    wakes: int


class DeviceStore:
    """Reads and writes the devices table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def station(self, workstation_key: WorkstationKey) -> Station:
        """The agent and the devices of a workstation, as they stand now."""
        agent = None
        devices = {}
        cursor = None
        while True:
            page = self.table.query(_station_pk(workstation_key), before="JOB#", cursor=cursor)
            for row in page.rows:
                if row["sk"] == "AGENT":
                    agent = _agent(row)
                else:
                    order = DeviceOrder(row["device"], row["last_sequence"], row["answered_sequence"])
                    devices[order.device] = order
            cursor = page.next_cursor
            if cursor is None:
                return Station(workstation_key, agent, devices)

    def job(self, workstation_key: WorkstationKey, device: str, sequence: int) -> Job | None:
        """One job, or ``None``."""
        row = self.table.get((_station_pk(workstation_key), _job_sk(device, sequence)))
        return _job(row) if row else None

    def jobs_after(
        self, workstation_key: WorkstationKey, device: str, sequence: int, limit: int
    ) -> tuple[Job, ...]:
        """Jobs of a device behind a sequence, in order."""
        found: list[Job] = []
        cursor = None
        while len(found) < limit:
            page = self.table.query(
                _station_pk(workstation_key),
                after=_job_sk(device, sequence),
                limit=limit - len(found),
                cursor=cursor,
            )
            for row in page.rows:
                if not row["sk"].startswith(f"JOB#{device}#"):
                    return tuple(found)
                found.append(_job(row))
            cursor = page.next_cursor
            if cursor is None:
                break
        return tuple(found)

    def due_jobs(self, now: datetime, limit: int) -> tuple[DueJob, ...]:
        """Unanswered jobs whose agent should be woken again; not read yet, for one may be unreadable."""
        until = sortable_text(now) + "~"
        pages = [self.table.query_index("due", key, until=until, limit=limit) for key in DUE_KEYS]
        return tuple(
            DueJob(row["pk"], row["sk"], row["due_sort"], row.get("wakes", 0))
            for page in pages
            for row in page.rows
        )

    def next_sequence_part(self, station: Station, device: str, count: int) -> Part:
        """Move a device's last sequence on by ``count``, if nobody else has meanwhile."""
        known = station.devices.get(device)
        key = (_station_pk(station.workstation_key), f"DEVICE#{device}")
        label = f"device:{station.workstation_key}:{device}"
        if known is None:
            row = {
                "pk": key[0],
                "sk": key[1],
                "device": device,
                "last_sequence": count,
                "answered_sequence": 0,
            }
            return Put(self.table.name, row, label, NEW)
        return Update(
            self.table.name,
            key,
            label,
            set_={"last_sequence": known.last_sequence + count},
            expects=Expects(equals={"last_sequence": known.last_sequence}),
        )

    def new_job_part(self, job: Job) -> Part:
        """Write a new job."""
        order = job.order
        row = {
            "pk": _station_pk(order.workstation_key),
            "sk": _job_sk(order.device, job.sequence),
            "workstation": str(order.workstation_key),
            "device": order.device,
            "sequence": job.sequence,
            "kind": order.kind.value,
            "payload": dict(order.payload),
            "subject": dict(order.subject),
            "made_at": sortable_text(job.made_at),
            "wakes": job.wakes,
            "agent_id": job.agent_id,
            **_due(job),
        }
        return Put(self.table.name, row, f"job:{order.workstation_key}:{order.device}:{job.sequence}", NEW)

    def answer_parts(self, job: Job, outcome: Outcome, at: datetime, detail: str) -> list[Part]:
        """Note the outcome of a job and that its device's order has got that far, each once."""
        order = job.order
        station_pk = _station_pk(order.workstation_key)
        return [
            Update(
                self.table.name,
                (station_pk, _job_sk(order.device, job.sequence)),
                f"job:{order.device}:{job.sequence}",
                set_={"outcome": outcome.value, "answered_at": sortable_text(at), "detail": detail},
                remove=("due_key", "due_sort"),
                expects=Expects(absent=("outcome",)),
            ),
            Update(
                self.table.name,
                (station_pk, f"DEVICE#{order.device}"),
                f"device:{order.workstation_key}:{order.device}",
                set_={"answered_sequence": job.sequence},
                expects=Expects(equals={"answered_sequence": job.sequence - 1}),
            ),
        ]

    def postpone(self, due: DueJob, until: datetime) -> Job | None:
        """Take a due job for waking: ``None`` when another sweep took it, or it was answered."""
        _, _, what = due.due_sort.partition("#")
        row = self.table.change(
            Update(
                self.table.name,
                (due.pk, due.sk),
                "job",
                set_={"due_sort": f"{sortable_text(until)}#{what}", "wakes": due.wakes + 1},
                expects=Expects(equals={"due_sort": due.due_sort}),
            )
        )
        return _job(row) if row else None

    def code(self, code: str) -> EnrolmentCode | None:
        """An enrolment code by itself; only its hash is stored."""
        row = self.table.get((_code_pk(code), "CODE"))
        if row is None:
            return None
        return EnrolmentCode(
            WorkstationKey.parse(row["workstation"]),
            parse_moment(row["expires_at"]),
            row.get("used_by_enrolment"),
            row.get("agent_id"),
        )

    def new_code_part(self, code: str, enrolment_code: EnrolmentCode) -> Part:
        """Keep a new enrolment code."""
        row = {
            "pk": _code_pk(code),
            "sk": "CODE",
            "workstation": str(enrolment_code.workstation_key),
            "expires_at": sortable_text(enrolment_code.expires_at),
            "expires_at_s": int(enrolment_code.expires_at.timestamp()) + 30 * 24 * 3600,
        }
        return Put(self.table.name, row, "enrolment-code", NEW)

    def use_code_part(self, code: str, enrolment_id: str, agent_id: str) -> Part:
        """Mark a code as used by one enrolment."""
        return Update(
            self.table.name,
            (_code_pk(code), "CODE"),
            "enrolment-code",
            set_={"used_by_enrolment": enrolment_id, "agent_id": agent_id},
            expects=Expects(absent=("used_by_enrolment",)),
        )

    def enrol_parts(self, agent: Agent, former: Agent | None) -> list[Part]:
        """Make an agent the one of its workstation, in place of the former one."""
        row = _agent_row(agent)
        expects = Expects(equals={"agent_id": former.id}) if former else NEW
        parts: list[Part] = [
            Put(self.table.name, _station_agent_row(agent), "agent-of-workstation", expects),
            Put(self.table.name, row, "agent", NEW),
            Put(
                self.table.name,
                {"pk": f"AGENTS#{agent.workstation_key.branch}", "sk": agent.id},
                "agent-of-branch",
                NEW,
            ),
        ]
        if former:
            parts.append(
                Update(
                    self.table.name,
                    (f"AGENT#{former.id}", "AGENT"),
                    "former-agent",
                    set_={"state": AgentState.REPLACED.value},
                    expects=Expects(),
                )
            )
        return parts

    def agent(self, agent_id: str) -> Agent | None:
        """An agent by its id."""
        row = self.table.get((f"AGENT#{agent_id}", "AGENT"))
        return _agent(row) if row else None

    def agents_of(self, branch: str, cursor: str | None, limit: int) -> tuple[tuple[Agent, ...], str | None]:
        """The agents of a branch, page by page."""
        page: Page = self.table.query(f"AGENTS#{branch}", cursor=cursor, limit=limit)
        agents = [self.agent(row["sk"]) for row in page.rows]
        return tuple(agent for agent in agents if agent), page.next_cursor

    def note_handed_jobs(self, agent: Agent, at: datetime) -> None:
        """Note that an agent was handed jobs, or credentials to fetch some, before it is."""
        self.table.change(
            Update(
                self.table.name,
                (f"AGENT#{agent.id}", "AGENT"),
                "agent",
                set_={"last_handed_jobs_at": sortable_text(at)},
                expects=Expects(),
            )
        )

    def settle(self, job: Job) -> None:
        """Wake nobody for a job any more: whoever will be enrolled there asks for all jobs at its start."""
        order = job.order
        self.table.change(
            Update(
                self.table.name,
                (_station_pk(order.workstation_key), _job_sk(order.device, job.sequence)),
                "job",
                remove=("due_key", "due_sort"),
                expects=Expects(),
            )
        )

    def note_last_word(self, agent: Agent, at: datetime, word: Mapping[str, Any]) -> None:
        """Keep an agent's last word about itself."""
        self.table.change(
            Update(
                self.table.name,
                (f"AGENT#{agent.id}", "AGENT"),
                "agent",
                set_={"last_word_at": sortable_text(at), "last_word": dict(word)},
                expects=Expects(),
            )
        )


def _station_pk(workstation_key: WorkstationKey) -> str:
    return f"WORKSTATION#{workstation_key}"


def _job_sk(device: str, sequence: int) -> str:
    return f"JOB#{device}#{sequence:012d}"


def _code_pk(code: str) -> str:
    return f"CODE#{sha256(code.encode()).hexdigest()}"


def _due_sort(job: Job, due_at: datetime) -> str:
    return f"{sortable_text(due_at)}#{job.order.workstation_key}#{job.order.device}#{job.sequence}"


def _due(job: Job) -> dict[str, str]:
    if job.due_at is None:
        return {}
    shard = crc32(str(job.order.workstation_key).encode()) % len(DUE_KEYS)
    return {"due_key": DUE_KEYS[shard], "due_sort": _due_sort(job, job.due_at)}


def _job(row: Row) -> Job:
    order = JobOrder(
        WorkstationKey.parse(row["workstation"]),
        row["device"],
        JobKind(row["kind"]),
        row["payload"],
        row["subject"],
    )
    due_at = parse_moment(row["due_sort"].split("#", 1)[0]) if "due_sort" in row else None
    outcome = Outcome(row["outcome"]) if "outcome" in row else None
    return Job(
        order,
        row["sequence"],
        parse_moment(row["made_at"]),
        row.get("agent_id"),
        outcome,
        due_at,
        row.get("wakes", 0),
    )


def _agent_row(agent: Agent) -> Row:
    return {
        "pk": f"AGENT#{agent.id}",
        "sk": "AGENT",
        "agent_id": agent.id,
        "workstation": str(agent.workstation_key),
        "username": agent.username,
        "queue_url": agent.queue_url,
        "enrolment_id": agent.enrolment_id,
        "enrolled_at": sortable_text(agent.enrolled_at),
        "host_name": agent.host_name,
        "version": agent.version,
        "state": agent.state.value,
        "predecessor": agent.predecessor,
        "inherits_before": sortable_text(agent.inherits_before) if agent.inherits_before else None,
    }


def _station_agent_row(agent: Agent) -> Row:
    return {**_agent_row(agent), "pk": _station_pk(agent.workstation_key)}


def _agent(row: Row) -> Agent:
    return Agent(
        id=row["agent_id"],
        workstation_key=WorkstationKey.parse(row["workstation"]),
        username=row["username"],
        queue_url=row["queue_url"],
        enrolment_id=row["enrolment_id"],
        enrolled_at=parse_moment(row["enrolled_at"]),
        host_name=row["host_name"],
        version=row["version"],
        state=AgentState(row["state"]),
        predecessor=row.get("predecessor"),
        inherits_before=_moment(row, "inherits_before"),
        last_handed_jobs_at=_moment(row, "last_handed_jobs_at"),
        last_word_at=_moment(row, "last_word_at"),
        last_word=row.get("last_word", {}),
    )


def _moment(row: Row, name: str) -> datetime | None:
    return parse_moment(row[name]) if name in row else None
