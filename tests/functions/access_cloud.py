"""AWS in process (moto) with nothing in it yet, and requests to the access function by several callers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

from functions.access_api import app as access_api
from tests.functions.gateway import LambdaContext, event_of
from tests.world import CLIENT_OF_EVENTS, REGION, SIGN_IN_CLIENTS, create_tables, forget_wiring, table_names
from tillbridge.access.model import Role

ADMIN = {"token_use": "access", "username": "chief", "cognito:groups": ["admin"], "branches": "*"}
FINANCE = {"token_use": "access", "username": "fina", "cognito:groups": ["finance"], "branches": "01"}
TILL = {
    "token_use": "access",
    "username": "till-01-1",
    "cognito:groups": ["till"],
    "branches": "01",
    "workstation": "01/till-1",
}
NEW_TILL = {
    "username": "till-01-1",
    "kind": "till",
    "roles": ["till"],
    "branches": ["01"],
    "workstation": "01/till-1",
    "name": "Till by the door",
}


@contextmanager
def access_cloud() -> Iterator[Any]:
    """Empty tables and an empty user pool; yields the Cognito client, undoes settings and wiring after."""
    before = dict(os.environ)
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    os.environ.update({"AWS_DEFAULT_REGION": REGION, **credentials, **table_names()})
    os.environ.pop("AWS_ENDPOINT_URL", None)
    try:
        with mock_aws():
            forget_wiring()
            create_tables(boto3.client("dynamodb"))
            cognito = boto3.client("cognito-idp")
            os.environ["USER_POOL_ID"] = make_pool(cognito)
            os.environ.update(dict.fromkeys(SIGN_IN_CLIENTS, CLIENT_OF_EVENTS))
            yield cognito
    finally:
        forget_wiring()
        os.environ.clear()
        os.environ.update(before)


def make_pool(cognito: Any) -> str:
    """A user pool with a group for each role; returns its id."""
    pool: str = cognito.create_user_pool(
        PoolName="tillbridge",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        Policies={"PasswordPolicy": {"MinimumLength": 16, "RequireNumbers": True, "RequireUppercase": True}},
    )["UserPool"]["Id"]
    for role in Role:
        cognito.create_group(UserPoolId=pool, GroupName=role.value)
    return pool


def send(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = access_api.handler(event, LambdaContext())
    return answer["statusCode"], json.loads(answer["body"])


def ask(
    method: str, target: str, body: dict[str, Any] | None = None, claims: Mapping[str, object] = ADMIN
) -> tuple[int, dict[str, Any]]:
    return send(event_of(method, target, body=body, claims=claims))


def done(method: str, target: str, body: dict[str, Any] | None = None, **claims: Any) -> dict[str, Any]:
    status, answer = ask(method, target, body, **claims)
    assert status < 300, answer
    return answer


def refused(method: str, target: str, body: dict[str, Any] | None = None, **claims: Any) -> tuple[int, str]:
    status, problem = ask(method, target, body, **claims)
    assert status >= 400, problem
    return status, problem["type"].removeprefix("urn:tillbridge:problem:")


def set_up_shop() -> None:
    done("PUT", "/branches/01", {"name": "Hamburg Altona"})
    done("PUT", "/branches/02", {"name": "Lissabon", "time_zone": "Europe/Lisbon"})
    done("PUT", "/branches/01/workstations/till-1", {"name": "Till by the door"})


def trail(target: str, claims: Mapping[str, object] = ADMIN) -> list[dict[str, Any]]:
    """All entries, over as many pages as it takes."""
    entries, cursor = [], ""
    while True:
        page = done("GET", f"/audit-entries?{target}{cursor}", claims=claims)
        entries += page["entries"]
        if page["next"] is None:
            return entries
        cursor = "&cursor=" + page["next"]


def rows() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName=os.environ["ACCESS_TABLE"])["Items"])
