"""HTTP: who may do what where, and who did what when."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from tillbridge import wiring
from tillbridge.access.model import Branch, Workstation
from tillbridge.access.refusals import REFUSALS
from tillbridge.access.schemas import (
    AuditEntriesAnswer,
    AuditEntryAnswer,
    BranchAnswer,
    BranchBody,
    BranchesAnswer,
    Id,
    MeAnswer,
    SecretAnswer,
    UserAnswer,
    UserBody,
    Username,
    UsersAnswer,
    WorkstationAnswer,
    WorkstationBody,
    WorkstationsAnswer,
)
from tillbridge.http.answers import answers
from tillbridge.http.callers import caller
from tillbridge.http.entry import entry
from tillbridge.http.resolver import build_resolver
from tillbridge.http.shapes import Cursor, Limit
from tillbridge.kernel.errors import Refused

app = build_resolver("Access", REFUSALS)

BranchId = Annotated[Id, Path(description="The branch's id")]
WorkstationId = Annotated[Id, Path(description="The workstation's id within its branch")]
UserName = Annotated[Username, Path(description="The name under which the user signs in")]


@app.get("/me", tags=["Access"], summary="Who am I", responses=answers(MeAnswer))
def get_me() -> MeAnswer:
    """Who the caller is, and what it may do where."""
    return MeAnswer.of(caller(app))


@app.get("/branches", tags=["Access"], summary="List branches", responses=answers(BranchesAnswer))
def list_branches(limit: Limit = 50, cursor: Cursor = None) -> BranchesAnswer:
    """The caller's branches, by id."""
    branches, following = wiring.access().list_branches(caller(app), limit=limit, cursor=cursor)
    return BranchesAnswer(branches=[BranchAnswer.of(branch) for branch in branches], next=following)


@app.get("/branches/<branch>", tags=["Access"], summary="Read a branch", responses=answers(BranchAnswer))
def get_branch(branch: BranchId) -> BranchAnswer:
    """A branch of the caller's."""
    return BranchAnswer.of(wiring.access().visible_branch(caller(app), branch))


@app.put(
    "/branches/<branch>", tags=["Access"], summary="Write down a branch", responses=answers(BranchAnswer)
)
def put_branch(branch: BranchId, body: BranchBody) -> BranchAnswer:
    """A new branch, or an existing one as it shall be from now on."""
    wanted = Branch(id=branch, name=body.name, time_zone=body.time_zone)
    return BranchAnswer.of(wiring.access().put_branch(caller(app), wanted))


@app.get(
    "/branches/<branch>/workstations",
    tags=["Access"],
    summary="List workstations",
    responses=answers(WorkstationsAnswer),
)
def list_workstations(branch: BranchId, limit: Limit = 50, cursor: Cursor = None) -> WorkstationsAnswer:
    """The workstations of a branch, by id."""
    found, following = wiring.access().list_workstations(caller(app), branch, limit=limit, cursor=cursor)
    return WorkstationsAnswer(workstations=[WorkstationAnswer.of(one) for one in found], next=following)


@app.put(
    "/branches/<branch>/workstations/<workstation>",
    tags=["Access"],
    summary="Write down a workstation",
    responses=answers(WorkstationAnswer),
)
def put_workstation(branch: BranchId, workstation: WorkstationId, body: WorkstationBody) -> WorkstationAnswer:
    """A new workstation of a branch, or an existing one as it shall be from now on."""
    wanted = Workstation(branch=branch, id=workstation, name=body.name)
    return WorkstationAnswer.of(wiring.access().put_workstation(caller(app), wanted))


@app.get("/users", tags=["Access"], summary="List users", responses=answers(UsersAnswer))
def list_users(limit: Limit = 50, cursor: Cursor = None) -> UsersAnswer:
    """Users by name."""
    users, following = wiring.access().list_users(caller(app), limit=limit, cursor=cursor)
    return UsersAnswer(users=[UserAnswer.of(user) for user in users], next=following)


@app.post(
    "/users",
    tags=["Access"],
    summary="Make a user",
    status_code=201,
    responses=answers(SecretAnswer, 201, "Made; the secret is shown this once", conflict=True),
)
def create_user(body: UserBody) -> SecretAnswer:
    """Make a person or a till. Repeating an interrupted request ends it."""
    user, secret = wiring.access().create_user(caller(app), body.user())
    return SecretAnswer(user=UserAnswer.of(user), secret=secret)


@app.get("/users/<username>", tags=["Access"], summary="Read a user", responses=answers(UserAnswer))
def get_user(username: UserName) -> UserAnswer:
    """A user."""
    return UserAnswer.of(wiring.access().user(caller(app), username))


@app.delete(
    "/users/<username>",
    tags=["Access"],
    summary="Disable a user",
    responses=answers(UserAnswer, conflict=True),
)
def disable_user(username: UserName) -> UserAnswer:
    """Take a user's access away for good. It stays on record; tokens already out end within the hour."""
    return UserAnswer.of(wiring.access().disable_user(caller(app), username))


@app.post(
    "/users/<username>/secrets",
    tags=["Access"],
    summary="Renew a secret",
    status_code=201,
    responses=answers(SecretAnswer, 201, "Renewed; the secret is shown this once", conflict=True),
)
def renew_secret(username: UserName) -> SecretAnswer:
    """A new secret for a user; the old one ends at once."""
    user, secret = wiring.access().renew_secret(caller(app), username)
    return SecretAnswer(user=UserAnswer.of(user), secret=secret)


@app.get(
    "/audit-entries",
    tags=["Access"],
    summary="Search the audit trail",
    responses=answers(AuditEntriesAnswer),
)
def list_audit_entries(
    day: Annotated[str | None, Query(max_length=10, description="UTC day `YYYY-MM-DD`")] = None,
    branch: Annotated[Id | None, Query(description="With `day`: of this branch; none: the chain")] = None,
    subject: Annotated[
        str | None, Query(min_length=1, max_length=300, description="Instead of `day`")
    ] = None,
    actor: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
    act: Annotated[str | None, Query(min_length=1, max_length=60)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditEntriesAnswer:
    """Who did what when: on a day (in a branch), or to one thing; newest first."""
    if (day is None) == (subject is None) or (branch is not None and day is None):
        raise Refused("audit-search-too-wide", field="day" if day is None else "subject")
    asking, service = caller(app), wiring.access()
    if subject is not None:
        found = service.audit_entries_about(asking, subject, actor=actor, act=act, limit=limit, cursor=cursor)
    else:
        found = service.audit_entries(
            asking, branch=branch, day=day or "", actor=actor, act=act, limit=limit, cursor=cursor
        )
    entries, following = found
    return AuditEntriesAnswer(entries=[AuditEntryAnswer.of(entry) for entry in entries], next=following)


handler = entry(app, lambda: (wiring.access(), wiring.client("cognito-idp")), wiring.sign_in_clients)
