"""Before a token is issued: what our own table says goes in, and nothing that a client may write."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.token_claims import app as token_claims
from tests.functions.access_cloud import access_cloud
from tests.functions.gateway import LambdaContext
from tillbridge import wiring
from tillbridge.access.model import Branch, Caller, Role, User, UserKind, Workstation, WorkstationKey
from tillbridge.access.rules import caller_of

EVENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events/token_claims.json").read_text())
CHIEF = caller_of("chief", ["admin"], "*", "")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with access_cloud():
        token_claims.token_claims.cache_clear()
        access = wiring.access()
        access.put_branch(CHIEF, Branch("01", "Altona"))
        access.put_workstation(CHIEF, Workstation("01", "till-1", "Till"))
        yield
        token_claims.token_claims.cache_clear()


def make(username: str, role: Role, *, kind: UserKind = UserKind.TILL) -> None:
    key = WorkstationKey("01", "till-1") if kind is UserKind.TILL else None
    wiring.access().create_user(CHIEF, User(username, kind, frozenset({role}), frozenset({"01"}), key))


def claims(**change: Any) -> dict[str, str]:
    answer = token_claims.handler({**EVENT, **change}, LambdaContext())
    assert answer["version"] == EVENT["version"]  # Cognito wants its event back
    details = answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]
    return dict(details["claimsToAddOrOverride"])


def groups(*names: str) -> dict[str, Any]:
    return {"groupConfiguration": {"groupsToOverride": list(names)}}


def test_the_recorded_event_of_a_till(cloud: None) -> None:
    make("till-01-1", Role.TILL)
    assert claims() == {"branches": "01", "workstation": "01/till-1"}


def test_unknown_and_disabled_users_get_no_branches(cloud: None) -> None:
    assert claims() == {"branches": "", "workstation": ""}
    make("till-01-1", Role.TILL)
    wiring.access().disable_user(CHIEF, "till-01-1")
    assert claims() == {"branches": "", "workstation": ""}


def test_attributes_that_a_client_may_write_change_nothing(cloud: None) -> None:
    make("till-01-1", Role.TILL)
    request = {**groups("till"), "userAttributes": {"custom:branches": "*", "branches": "*"}}
    assert claims(request=request)["branches"] == "01"


def test_the_first_admin(cloud: None) -> None:
    assert claims(userName="first", request=groups("admin"))["branches"] == "*"
    assert claims(userName="other", request=groups())["branches"] == ""
    assert claims(userName="other", request={"groupConfiguration": None})["branches"] == ""


def test_an_agents_user_is_made_again_with_a_new_password(cloud: None) -> None:
    key = WorkstationKey("01", "till-1")
    first = wiring.access().create_agent_user("agent-1", key)
    second = wiring.access().create_agent_user("agent-1", key)
    assert first != second
    assert claims(userName="agent-1", request=groups("agent")) == {
        "branches": "01",
        "workstation": "01/till-1",
    }
    wiring.access().disable_agent_user("agent-1", by="agent-2")
    wiring.access().disable_agent_user("never-enrolled", by="agent-2")
    assert claims(userName="agent-1", request=groups("agent"))["branches"] == ""


def test_only_agents_are_disabled_as_agents(cloud: None) -> None:
    make("till-01-1", Role.TILL)
    wiring.access().disable_agent_user("till-01-1", by="agent-2")
    assert claims()["branches"] == "01"


def test_without_the_table_nobody_signs_in(cloud: None) -> None:
    wiring.client("dynamodb").delete_table(TableName=wiring.setting("ACCESS_TABLE"))
    with pytest.raises(Exception, match="ResourceNotFound"):
        claims()


def test_the_user_pools_settings_are_not_needed(cloud: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USER_POOL_ID")
    wiring.access.cache_clear()
    assert claims()["branches"] == ""


def test_callers_of_an_agent(cloud: None) -> None:
    who = caller_of("agent-1", ["agent"], "01", "01/till-1")
    assert who == Caller(
        "agent-1", frozenset({Role.AGENT}), frozenset({"01"}), WorkstationKey("01", "till-1")
    )
