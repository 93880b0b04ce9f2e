"""The local cloud is AWS as far as we need it: tokens, routes, rights, and a memory."""

from __future__ import annotations

import base64
import json
import secrets
import socket
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local.cloud import LocalCloud, chosen_port
from local.environment import SetUpFailed


def call(url: str, token: str | None = None) -> tuple[int, str]:
    """The status and text of an answer."""
    answer = urllib3.request("GET", url, headers={"Authorization": f"Bearer {token}"} if token else {})
    return answer.status, answer.data.decode()


def make_admin(cloud: LocalCloud, username: str) -> str:
    """An administrator of the whole chain, as whoever owns the account makes the first one; the secret."""
    pool, secret = cloud.outputs["UserPoolId"], "Aa1" + secrets.token_urlsafe(24)
    identities = cloud.client("cognito-idp")
    identities.admin_create_user(
        UserPoolId=pool, Username=username, MessageAction="SUPPRESS", TemporaryPassword=secret
    )
    identities.admin_set_user_password(UserPoolId=pool, Username=username, Password=secret, Permanent=True)
    identities.admin_add_user_to_group(UserPoolId=pool, Username=username, GroupName="admin")
    return secret


def sign_in(cloud: LocalCloud, username: str, secret: str) -> str:
    """An access token, asked for as anybody would: without any rights on AWS."""
    anybody = boto3.client(
        "cognito-idp",
        region_name=cloud.region,
        endpoint_url=cloud.endpoint_url,
        config=Config(signature_version=UNSIGNED),
    )
    try:
        answer = anybody.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=cloud.outputs["PersonClientId"],
            AuthParameters={"USERNAME": username, "PASSWORD": secret},
        )
    finally:
        anybody.close()
    return str(answer["AuthenticationResult"]["AccessToken"])


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))
    return claims


def as_role_of(cloud: LocalCloud, function: str, service: str) -> Any:
    """A client with just the rights of a function."""
    role = cloud.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    lent = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        region_name=cloud.region,
        endpoint_url=cloud.endpoint_url,
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )


def test_without_a_token_the_door_stays_shut(cloud: LocalCloud) -> None:
    assert call(f"{cloud.api_url}/payments")[0] == 401
    assert call(f"{cloud.api_url}/payments", "ey.not.ours")[0] == 401


def test_what_is_no_route_is_not_found(cloud: LocalCloud) -> None:
    assert call(f"{cloud.api_url}/invoices")[0] == 404


def test_a_token_carries_what_our_own_table_says(cloud: LocalCloud) -> None:
    token = sign_in(cloud, "first-admin", make_admin(cloud, "first-admin"))
    assert claims_of(token)["branches"] == "*"
    assert claims_of(token)["cognito:groups"] == ["admin"]
    status, answer = call(f"{cloud.api_url}/me", token)
    assert (status, json.loads(answer)["username"]) == (200, "first-admin")


def test_the_template_s_policies_are_enforced(cloud: LocalCloud) -> None:
    row = {"pk": {"S": "test"}, "sk": {"S": "test"}}
    claims = as_role_of(cloud, "dev-tillbridge-token-claims", "dynamodb")
    claims.get_item(TableName=cloud.outputs["AccessTable"], Key=row)
    with pytest.raises(ClientError, match="AccessDenied"):
        claims.put_item(TableName=cloud.outputs["AccessTable"], Item=row)
    claims.close()
    payments = as_role_of(cloud, "dev-tillbridge-payments-api", "dynamodb")
    payments.put_item(TableName=cloud.outputs["PaymentsTable"], Item=row)
    with pytest.raises(ClientError, match="AccessDenied"):
        payments.delete_item(TableName=cloud.outputs["PaymentsTable"], Key=row)
    with pytest.raises(ClientError, match="AccessDenied"):
        payments.scan(TableName=cloud.outputs["PaymentsTable"])
    payments.close()
    cloud.client("dynamodb").delete_item(TableName=cloud.outputs["PaymentsTable"], Key=row)


def test_a_restart_keeps_everything_and_deploys_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with LocalCloud(tmp_path, tell=told.append) as first:
        first_outputs, first_url = first.outputs, first.endpoint_url
        secret = make_admin(first, "keeper")
        first.client("dynamodb").put_item(
            TableName=first.outputs["PaymentsTable"], Item={"pk": {"S": "kept"}, "sk": {"S": "row"}}
        )
        first.client("s3").put_object(Bucket=first.outputs["PaymentFilesBucket"], Key="kept.in", Body=b"kept")
    with LocalCloud(tmp_path, tell=told.append) as second:
        moved = {name: value.replace(first_url, second.endpoint_url) for name, value in first_outputs.items()}
        assert second.outputs | {"ApiUrl": ""} == moved | {"ApiUrl": ""}
        assert claims_of(sign_in(second, "keeper", secret))["username"] == "keeper"
        kept = second.client("dynamodb").get_item(
            TableName=second.outputs["PaymentsTable"], Key={"pk": {"S": "kept"}, "sk": {"S": "row"}}
        )
        assert "Item" in kept
        stored = second.client("s3").get_object(Bucket=second.outputs["PaymentFilesBucket"], Key="kept.in")
        with stored["Body"] as body:
            assert body.read() == b"kept"
        with pytest.raises(SetUpFailed, match="already running"):
            LocalCloud(tmp_path).start()
    assert [line for line in told if "template" in line] == [
        "template.yaml is deployed",
        "template.yaml is deployed already",
    ]


def test_a_taken_port_gets_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetUpFailed, match=f"Port {port} is taken.*TILLBRIDGE_PORT={port + 1}"):
            LocalCloud(tmp_path, port=port).start()


def test_a_port_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLBRIDGE_PORT", "4711")
    assert chosen_port() == 4711
    monkeypatch.setenv("TILLBRIDGE_PORT", "door")
    with pytest.raises(SetUpFailed, match="a port is a number"):
        chosen_port()
