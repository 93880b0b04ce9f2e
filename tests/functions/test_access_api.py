"""Branches, workstations, users and the audit trail over HTTP."""

import json
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.functions.access_cloud import (
    ADMIN,
    FINANCE,
    NEW_TILL,
    TILL,
    access_cloud,
    ask,
    done,
    refused,
    rows,
    send,
    set_up_shop,
    trail,
)
from tillbridge import wiring
from tillbridge.http.callers import caller_of_claims

EVENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events/access_api.json").read_text())


class RawAnswer(BytesIO):
    """Bytes of an answer, as botocore reads them."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture
def cognito() -> Iterator[Any]:
    with access_cloud() as client:
        yield client


# Branches and workstations


def test_the_recorded_event_writes_a_branch_down(cognito: Any) -> None:
    branch = {"id": "01", "name": "Hamburg Altona", "time_zone": "Europe/Berlin"}
    assert send(EVENT) == (200, branch)
    assert done("GET", "/branches/01") == branch
    [entry] = trail("subject=branch/01")
    assert (entry["actor"], entry["act"], entry["branch"]) == ("chief", "manage-branches", "01")
    assert entry["facts"] == {"time_zone": "Europe/Berlin"}


def test_writing_the_same_branch_twice_is_one_act(cognito: Any) -> None:
    send(EVENT)
    before = rows()
    assert send(EVENT)[0] == 200
    assert rows() == before


def test_branches_are_listed_page_by_page_and_only_ones_own(cognito: Any) -> None:
    set_up_shop()
    first = done("GET", "/branches?limit=1")
    second = done("GET", "/branches?limit=1&cursor=" + first["next"])
    assert [page["branches"][0]["id"] for page in (first, second)] == ["01", "02"]
    own = done("GET", "/branches", claims=TILL)
    assert ([branch["id"] for branch in own["branches"]], own["next"]) == (["01"], None)


def test_a_foreign_branch_looks_like_one_that_does_not_exist(cognito: Any) -> None:
    set_up_shop()
    assert refused("GET", "/branches/02", claims=TILL) == (404, "branch-not-found")
    assert refused("GET", "/branches/99", claims=TILL) == (404, "branch-not-found")
    assert refused("GET", "/branches/02/workstations", claims=TILL) == (404, "branch-not-found")


@pytest.mark.parametrize(
    ("target", "body", "status", "code"),
    [
        ("/branches/01", {"name": "A", "time_zone": "Europe/Atlantis"}, 422, "time-zone-unknown"),
        ("/branches/01", {"name": "A\nB"}, 422, "text-has-control-characters"),
        ("/branches/a%20b", {"name": "A"}, 422, "request-not-valid"),
        ("/branches/01", {"name": "A", "colour": "red"}, 422, "request-not-valid"),
        ("/branches/99/workstations/till-1", {"name": "A"}, 404, "branch-not-found"),
    ],
)
def test_what_is_refused_writes_nothing(
    cognito: Any, target: str, body: dict[str, Any], status: int, code: str
) -> None:
    assert refused("PUT", target, body) == (status, code)
    assert rows() == []


def test_workstations_of_a_branch(cognito: Any) -> None:
    set_up_shop()
    done("PUT", "/branches/01/workstations/back.office", {"name": "Back office"})
    listed = done("GET", "/branches/01/workstations", claims=TILL)
    assert [(one["branch"], one["id"]) for one in listed["workstations"]] == [
        ("01", "back.office"),
        ("01", "till-1"),
    ]
    assert [entry["branch"] for entry in trail("subject=workstation/01/till-1")] == ["01"]


@pytest.mark.parametrize("claims", [FINANCE, TILL])
def test_only_administrators_set_up_shops(cognito: Any, claims: dict[str, object]) -> None:
    assert refused("PUT", "/branches/01", {"name": "A"}, claims=claims) == (403, "act-not-allowed")
    assert refused("PUT", "/branches/01/workstations/a", {"name": "A"}, claims=claims)[0] == 403
    assert rows() == []


# Users


def may_sign_in(cognito: Any, username: str, secret: str) -> bool:
    client = cognito.create_user_pool_client(
        UserPoolId=os.environ["USER_POOL_ID"],
        ClientName="tills",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    parameters = {"USERNAME": username, "PASSWORD": secret}
    try:
        answer = cognito.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
    except cognito.exceptions.NotAuthorizedException:
        return False
    return "AccessToken" in answer["AuthenticationResult"]


def test_a_till_is_made_and_signs_in_with_its_secret(cognito: Any) -> None:
    set_up_shop()
    made = done("POST", "/users", NEW_TILL)
    assert made["user"] == {**NEW_TILL, "state": "active"}
    assert may_sign_in(cognito, "till-01-1", made["secret"])
    groups = cognito.admin_list_groups_for_user(UserPoolId=os.environ["USER_POOL_ID"], Username="till-01-1")
    assert [group["GroupName"] for group in groups["Groups"]] == ["till"]
    assert [user["username"] for user in done("GET", "/users")["users"]] == ["till-01-1"]
    assert done("GET", "/users/till-01-1") == made["user"]


def test_the_secret_is_kept_nowhere_and_names_of_persons_are_not_in_trail_or_log(
    cognito: Any, caplog: pytest.LogCaptureFixture
) -> None:
    set_up_shop()
    person = {"username": "anna", "kind": "person", "roles": ["cashier"], "branches": ["01"]}
    made = done("POST", "/users", {**person, "name": "Anna Abele"})
    refused("POST", "/users", {**person, "name": "Anna Abele"})
    refused("POST", "/users", {**person, "username": "bert", "name": "Bert\nAbele"})
    logged = str([vars(record) for record in caplog.records])
    assert "request answered" in logged
    assert "user-exists" in logged
    for text in (str(rows()), logged):
        assert made["secret"] not in text
    for text in (json.dumps(trail("subject=user/anna")), logged):
        assert "Abele" not in text


def test_making_a_user_that_exists_is_a_conflict_and_its_secret_stays(cognito: Any) -> None:
    set_up_shop()
    made = done("POST", "/users", NEW_TILL)
    assert refused("POST", "/users", NEW_TILL) == (409, "user-exists")
    assert may_sign_in(cognito, "till-01-1", made["secret"])


def test_an_interrupted_making_is_ended_by_repeating_it(cognito: Any) -> None:
    set_up_shop()
    pool = os.environ["USER_POOL_ID"]
    cognito.delete_group(UserPoolId=pool, GroupName="till")  # so that making stops half way
    assert ask("POST", "/users", NEW_TILL)[0] == 500
    cognito.create_group(UserPoolId=pool, GroupName="till")
    made = done("POST", "/users", NEW_TILL)
    assert may_sign_in(cognito, "till-01-1", made["secret"])
    assert [entry["act"] for entry in trail("subject=user/till-01-1")] == ["create-user"]


def test_another_user_of_the_same_name_is_a_conflict_even_when_half_made(cognito: Any) -> None:
    set_up_shop()
    cognito.delete_group(UserPoolId=os.environ["USER_POOL_ID"], GroupName="till")
    assert ask("POST", "/users", NEW_TILL)[0] == 500
    assert refused("POST", "/users", {**NEW_TILL, "name": "Another"}) == (409, "user-exists")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"branches": ["99"], "workstation": None}, 404, "branch-not-found"),
        ({"workstation": "01/till-9"}, 404, "workstation-not-found"),
        ({"branches": ["02"]}, 422, "workstation-of-another-branch"),
        ({"branches": ["*"], "workstation": None}, 422, "device-without-branches"),
        ({"branches": ["*", "01"]}, 422, "id-not-valid"),
        ({"roles": ["admin"]}, 422, "roles-not-of-a-device"),
        ({"kind": "person"}, 422, "roles-not-of-a-person"),
        ({"kind": "person", "roles": ["admin"]}, 422, "admin-without-all-branches"),
        ({"kind": "agent"}, 422, "request-not-valid"),
        ({"username": "Till 1"}, 422, "request-not-valid"),
        ({"workstation": "till-1"}, 422, "request-not-valid"),
    ],
)
def test_users_that_cannot_be(cognito: Any, change: dict[str, Any], status: int, code: str) -> None:
    set_up_shop()
    assert refused("POST", "/users", {**NEW_TILL, **change}) == (status, code)
    assert done("GET", "/users")["users"] == []


def test_renewing_a_secret_ends_the_old_one(cognito: Any) -> None:
    set_up_shop()
    old = done("POST", "/users", NEW_TILL)["secret"]
    new = done("POST", "/users/till-01-1/secrets")["secret"]
    assert not may_sign_in(cognito, "till-01-1", old)
    assert may_sign_in(cognito, "till-01-1", new)
    assert [entry["act"] for entry in trail("subject=user/till-01-1")] == ["renew-secret", "create-user"]


def test_a_disabled_user_is_out_for_good_and_stays_on_record(cognito: Any) -> None:
    set_up_shop()
    secret = done("POST", "/users", NEW_TILL)["secret"]
    for _ in range(2):  # the second time changes nothing
        assert done("DELETE", "/users/till-01-1")["state"] == "disabled"
    assert not may_sign_in(cognito, "till-01-1", secret)
    assert refused("POST", "/users/till-01-1/secrets") == (409, "user-is-disabled")
    assert refused("POST", "/users", NEW_TILL) == (409, "user-exists")
    assert [entry["act"] for entry in trail("subject=user/till-01-1")] == ["disable-user", "create-user"]


def in_the_middle_of(call: str, happens: Callable[[], object]) -> None:
    """Let something happen once, just before Cognito is asked for ``call``."""
    events = wiring.client("cognito-idp").meta.events
    name = f"before-send.cognito-identity-provider.{call}"

    def interrupt(**_: Any) -> None:
        events.unregister(name, interrupt)
        happens()

    events.register_first(name, interrupt)


@pytest.mark.parametrize("call", ["AdminListGroupsForUser", "AdminEnableUser", "AdminSetUserPassword"])
def test_who_is_disabled_while_getting_a_secret_stays_out(cognito: Any, call: str) -> None:
    set_up_shop()
    done("POST", "/users", NEW_TILL)
    access = wiring.access()
    in_the_middle_of(call, lambda: access.disable_user(caller_of_claims(ADMIN), "till-01-1"))
    assert refused("POST", "/users/till-01-1/secrets") == (409, "user-is-disabled")
    assert done("GET", "/users/till-01-1")["state"] == "disabled"
    user = cognito.admin_get_user(UserPoolId=os.environ["USER_POOL_ID"], Username="till-01-1")
    assert user["Enabled"] is False


def test_cognito_out_of_order_may_be_asked_again(cognito: Any) -> None:
    set_up_shop()

    def throttled(**_: Any) -> AWSResponse:
        body = b'{"__type": "TooManyRequestsException", "message": "slow down"}'
        return AWSResponse("https://cognito", 400, {}, RawAnswer(body))

    events = wiring.client("cognito-idp").meta.events
    events.register_first("before-send.cognito-identity-provider.AdminCreateUser", throttled)
    assert refused("POST", "/users", NEW_TILL) == (503, "outside-not-available")
    events.unregister("before-send.cognito-identity-provider.AdminCreateUser", throttled)
    assert may_sign_in(cognito, "till-01-1", done("POST", "/users", NEW_TILL)["secret"])


def test_nobody_disables_themselves(cognito: Any) -> None:
    done("POST", "/users", {"username": "chief", "kind": "person", "roles": ["admin"], "branches": ["*"]})
    assert refused("DELETE", "/users/chief") == (409, "user-is-oneself")


def test_users_that_do_not_exist(cognito: Any) -> None:
    for method, target in [("GET", ""), ("DELETE", ""), ("POST", "/secrets")]:
        assert refused(method, f"/users/nobody{target}") == (404, "user-not-found")


@pytest.mark.parametrize("claims", [FINANCE, TILL])
def test_only_administrators_keep_users(cognito: Any, claims: dict[str, object]) -> None:
    for method, target, body in [
        ("GET", "/users", None),
        ("POST", "/users", NEW_TILL),
        ("GET", "/users/chief", None),
        ("DELETE", "/users/chief", None),
        ("POST", "/users/chief/secrets", None),
    ]:
        assert refused(method, target, body, claims=claims) == (403, "act-not-allowed")


# The caller


def test_me(cognito: Any) -> None:
    assert done("GET", "/me", claims=TILL) == {
        "username": "till-01-1",
        "roles": ["till"],
        "branches": ["01"],
        "workstation": "01/till-1",
        "acts": [
            "cancel-payment",
            "claim-payment-files",
            "read-branches",
            "read-ledger",
            "read-payments",
            "record-documents",
            "record-payment",
        ],
    }
    assert done("GET", "/me")["branches"] == ["*"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_id_token_is_no_access_token(cognito: Any, method: str) -> None:
    body = {"name": "A"} if method == "PUT" else None
    claims = {**ADMIN, "token_use": "id", "cognito:username": "chief"}
    assert refused(method, "/branches/01", body, claims=claims) == (401, "token-not-for-access")
    assert rows() == []
