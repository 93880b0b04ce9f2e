"""AWS in process (moto) with nothing in it yet: the template's tables, and a user pool with its groups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

from tests.world import REGION, create_tables, forget_wiring, table_names
from tillbridge.access.model import Role


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
