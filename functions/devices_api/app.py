"""HTTP: enrolment of agents, their jobs, and what they report."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from tillbridge import wiring
from tillbridge.access.model import WorkstationKey
from tillbridge.access.refusals import REFUSALS as ACCESS_REFUSALS
from tillbridge.access.schemas import Id
from tillbridge.devices.refusals import REFUSALS
from tillbridge.devices.schemas import (
    AcceptedResult,
    AgentAnswer,
    AgentsAnswer,
    DevicesAnswer,
    DeviceShape,
    EnrolmentAnswer,
    EnrolmentBody,
    EnrolmentCodeAnswer,
    EnrolmentCodeBody,
    HealthBody,
    JobsAnswer,
    JobShape,
    NotedAnswer,
    QueueCredentialsAnswer,
    ResultsAnswer,
    ResultsBody,
    SightingsBody,
)
from tillbridge.http.answers import answers
from tillbridge.http.callers import caller
from tillbridge.http.entry import entry
from tillbridge.http.resolver import build_resolver
from tillbridge.http.shapes import Cursor, Limit
from tillbridge.kernel.calendar import moment_text, parse_moment
from tillbridge.ledger.refusals import REFUSALS as LEDGER_REFUSALS
from tillbridge.payments.job_results import Sighting
from tillbridge.payments.refusals import REFUSALS as PAYMENTS_REFUSALS

app = build_resolver("Devices", ACCESS_REFUSALS, LEDGER_REFUSALS, PAYMENTS_REFUSALS, REFUSALS)


@app.post(
    "/enrolment-codes",
    tags=["Agents"],
    summary="Make an enrolment code",
    status_code=201,
    responses=answers(EnrolmentCodeAnswer, 201, "Made; it is shown this once"),
)
def make_enrolment_code(body: EnrolmentCodeBody) -> EnrolmentCodeAnswer:
    """A one-time code for the agent of a workstation, valid for a day."""
    key = WorkstationKey(body.branch, body.workstation)
    code, expires_at = wiring.devices().make_enrolment_code(caller(app), key)
    return EnrolmentCodeAnswer(
        code=code, branch=key.branch, workstation=key.workstation, expires_at=moment_text(expires_at)
    )


@app.post(
    "/enrolments",
    tags=["Agents"],
    summary="Enrol an agent",
    status_code=201,
    responses=answers(EnrolmentAnswer, 201, "Enrolled", conflict=True, signed_in=False),
    security=[],
)
def enrol(body: EnrolmentBody) -> EnrolmentAnswer:
    """Make the bearer of a code the agent of its workstation. A repetition renews the password."""
    enrolment = wiring.devices().enrol(body.code, body.enrolment_id, body.host_name, body.agent_version)
    return EnrolmentAnswer.of(enrolment, wiring.setting("AGENT_CLIENT_ID"), wiring.setting("AWS_REGION"))


@app.get("/agents", tags=["Agents"], summary="List agents", responses=answers(AgentsAnswer))
def list_agents(branch: Annotated[Id, Query()], limit: Limit = 50, cursor: Cursor = None) -> AgentsAnswer:
    """The agents of a branch with their last word."""
    agents, following = wiring.devices().agents(caller(app), branch, cursor, limit)
    return AgentsAnswer(agents=[AgentAnswer.of(agent) for agent in agents], next=following)


@app.get("/agents/<agent>", tags=["Agents"], summary="Read an agent", responses=answers(AgentAnswer))
def get_agent(agent: Annotated[str, Path(min_length=1, max_length=60)]) -> AgentAnswer:
    """One agent with its last word."""
    return AgentAnswer.of(wiring.devices().agent(caller(app), agent))


@app.post(
    "/queue-credentials",
    tags=["Agent's own"],
    summary="Get credentials for the queue",
    status_code=201,
    responses=answers(QueueCredentialsAnswer, 201, "Made"),
)
def make_queue_credentials() -> QueueCredentialsAnswer:
    """Credentials for the calling agent's own queue, for an hour."""
    agent, given = wiring.devices().queue_credentials(caller(app))
    return QueueCredentialsAnswer.of(agent, given, wiring.setting("AWS_REGION"))


@app.get("/devices", tags=["Agent's own"], summary="List devices", responses=answers(DevicesAnswer))
def list_devices() -> DevicesAnswer:
    """How far each device of the calling agent's workstation has got."""
    orders = wiring.devices().devices(caller(app))
    return DevicesAnswer(devices=[DeviceShape.of(order) for order in orders])


@app.get("/jobs", tags=["Agent's own"], summary="Fetch jobs", responses=answers(JobsAnswer))
def list_jobs(
    device: Annotated[str, Query(min_length=1, max_length=120, pattern="^[a-z0-9.-]+$")],
    after: Annotated[int, Query(ge=0, le=999_999_999_999, description="Jobs behind this sequence")],
) -> JobsAnswer:
    """Jobs of a device in order, at most a hundred; what an agent missed."""
    jobs = wiring.devices().jobs_after(caller(app), device, after)
    return JobsAnswer(jobs=[JobShape.model_validate(job, strict=False) for job in jobs])


@app.post(
    "/job-results",
    tags=["Agent's own"],
    summary="Report results",
    responses=answers(ResultsAnswer, conflict=True),
)
def record_results(body: ResultsBody) -> ResultsAnswer:
    """Note what became of jobs; a repetition changes nothing."""
    asking, accepted = caller(app), []
    for place, shape in enumerate(body.results):
        result = shape.result(f"results.{place}")
        wiring.devices().record_result(asking, result, wiring.job_results().follow_up)
        accepted.append(AcceptedResult(device=result.device, sequence=result.sequence))
    return ResultsAnswer(accepted=accepted)


@app.post(
    "/file-sightings",
    tags=["Agent's own"],
    summary="Report files that were taken",
    responses=answers(NotedAnswer),
)
def record_sightings(body: SightingsBody) -> NotedAnswer:
    """Note that files are no longer in their folders; no decision rests on it."""
    agent = wiring.devices().agent_of(caller(app))
    noted = 0
    for place, shape in enumerate(body.sightings):
        at = parse_moment(shape.at, field=f"sightings.{place}.at")
        file_id = f"{shape.device.removeprefix('folder.')}.{shape.name}"
        noted += wiring.job_results().note_sighting(agent.workstation_key, Sighting(file_id, at), agent)
    return NotedAnswer(noted=noted)


@app.post(
    "/health-reports",
    tags=["Agent's own"],
    summary="Report health",
    responses=answers(NotedAnswer),
)
def record_health(body: HealthBody) -> NotedAnswer:
    """Keep the agent's last word about itself."""
    wiring.devices().note_health(caller(app), body.word())
    return NotedAnswer(noted=1)


handler = entry(
    app,
    lambda: (wiring.devices(), wiring.client("sts"), wiring.client("cognito-idp")),
    wiring.sign_in_clients,
)
