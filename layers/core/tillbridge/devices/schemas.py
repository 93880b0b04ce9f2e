"""What requests and answers of the devices room look like on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tillbridge.access.schemas import Id
from tillbridge.aws.credentials import QueueCredentials
from tillbridge.http.shapes import NextCursor, Wire
from tillbridge.kernel.calendar import moment_text, parse_moment

from .model import Agent, AgentState, DeviceOrder, JobKind, JobResult, Outcome
from .service import Enrolment

DeviceName = Annotated[str, Field(min_length=1, max_length=120, pattern="^[a-z0-9.-]+$")]
Sequence = Annotated[int, Field(ge=1, le=999_999_999_999)]
MomentText = Annotated[str, Field(max_length=40, description="RFC 3339 with its offset")]
Text = Annotated[str, Field(max_length=300)]


class EnrolmentCodeBody(Wire):
    """For which workstation an agent shall be enrolled."""

    branch: Id
    workstation: Id


class EnrolmentCodeAnswer(Wire):
    """A one-time code; it is shown this once."""

    code: str = Field(examples=["ABCD-EFGH-JKMN"])
    branch: str
    workstation: str
    expires_at: str


class EnrolmentBody(Wire):
    """What an agent says to be enrolled."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    enrolment_id: str = Field(
        pattern="^[0-9a-f]{32}$",
        description="128 random bits that the agent keeps before it asks, so that it may ask again",
    )
    host_name: Text
    agent_version: Text


class EnrolmentAnswer(Wire):
    """What an agent needs to sign in; the password is shown this once."""

    agent_id: str
    branch: str
    workstation: str
    username: str
    password: str
    client_id: str
    region: str

    @classmethod
    def of(cls, enrolment: Enrolment, client_id: str, region: str) -> EnrolmentAnswer:
        """The answer for an enrolment."""
        agent = enrolment.agent
        return cls(
            agent_id=agent.id,
            branch=agent.workstation_key.branch,
            workstation=agent.workstation_key.workstation,
            username=agent.username,
            password=enrolment.password,
            client_id=client_id,
            region=region,
        )


class BlockedDevice(Wire):
    """A device that can't go on, and why."""

    device: DeviceName
    problem: Text
    since: MomentText


class HealthBody(Wire):
    """An agent's word about itself."""

    agent_version: Text
    host_name: Text
    at: MomentText
    open_jobs: Annotated[int, Field(ge=0, le=10**9)]
    blocked: Annotated[list[BlockedDevice], Field(max_length=100)]

    def word(self) -> dict[str, Any]:
        """What is kept of it; ``Refused`` for moments that nobody can read."""
        parse_moment(self.at, field="at")
        for place, device in enumerate(self.blocked):
            parse_moment(device.since, field=f"blocked.{place}.since")
        return self.model_dump()


class AgentAnswer(Wire):
    """An agent with its last word."""

    id: str
    branch: str
    workstation: str
    state: AgentState
    enrolled_at: str
    host_name: str
    version: str
    last_word_at: str | None
    last_word: HealthBody | None

    @classmethod
    def of(cls, agent: Agent) -> AgentAnswer:
        """The answer for an agent."""
        return cls(
            id=agent.id,
            branch=agent.workstation_key.branch,
            workstation=agent.workstation_key.workstation,
            state=agent.state,
            enrolled_at=moment_text(agent.enrolled_at),
            host_name=agent.host_name,
            version=agent.version,
            last_word_at=moment_text(agent.last_word_at) if agent.last_word_at else None,
            last_word=HealthBody.model_validate(dict(agent.last_word)) if agent.last_word else None,
        )


class AgentsAnswer(Wire):
    """A page of agents."""

    agents: list[AgentAnswer]
    next: NextCursor


class QueueCredentialsAnswer(Wire):
    """Credentials for the agent's own queue, for an hour."""

    queue_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: str

    @classmethod
    def of(cls, agent: Agent, given: QueueCredentials, region: str) -> QueueCredentialsAnswer:
        """The answer for an agent's credentials."""
        return cls(
            queue_url=agent.queue_url,
            region=region,
            access_key_id=given.access_key_id,
            secret_access_key=given.secret_access_key,
            session_token=given.session_token,
            expires_at=moment_text(given.expires_at),
        )


class DeviceShape(Wire):
    """How far the order of a device has got."""

    device: str
    last_sequence: int
    answered_sequence: int

    @classmethod
    def of(cls, order: DeviceOrder) -> DeviceShape:
        """The answer for a device."""
        return cls(
            device=order.device,
            last_sequence=order.last_sequence,
            answered_sequence=order.answered_sequence,
        )


class DevicesAnswer(Wire):
    """The devices of the agent's workstation."""

    devices: list[DeviceShape]


class JobShape(Wire):
    """A job, in the same shape as in the agent's queue."""

    device: str
    sequence: int
    kind: JobKind
    made_at: str
    inherited: bool = Field(description="An earlier agent of the workstation may have begun it")
    payload: dict[str, Any]


class JobsAnswer(Wire):
    """Jobs of a device in their order."""

    jobs: list[JobShape]


class ResultShape(Wire):
    """What became of a job."""

    device: DeviceName
    sequence: Sequence
    outcome: Literal["done", "withdrawn", "gone", "refused", "in_doubt"]
    at: MomentText
    detail: Text = ""

    def result(self, field: str) -> JobResult:
        """The result in the room's own words."""
        moment = parse_moment(self.at, field=f"{field}.at")
        return JobResult(self.device, self.sequence, Outcome(self.outcome), moment, self.detail)


class ResultsBody(Wire):
    """Answers to jobs, in the order of their sequences."""

    results: Annotated[list[ResultShape], Field(min_length=1, max_length=25)]


class AcceptedResult(Wire):
    """A result that is noted."""

    device: str
    sequence: int


class ResultsAnswer(Wire):
    """The results that are noted; the agent may forget them."""

    accepted: list[AcceptedResult]


class SightingShape(Wire):
    """A file that the agent had put is no longer in its folder."""

    device: DeviceName
    sequence: Sequence
    name: Annotated[str, Field(min_length=1, max_length=200)]
    event: Literal["collected"]
    at: MomentText


class SightingsBody(Wire):
    """What an agent noticed in its folders."""

    sightings: Annotated[list[SightingShape], Field(min_length=1, max_length=25)]


class NotedAnswer(Wire):
    """How many of the words were news."""

    noted: int
