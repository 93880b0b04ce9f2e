"""The gateway of the tests behaves like the HTTP API of the template."""

import base64
import json
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.functions.gateway import Gateway, event_of, routes

ROOT = Path(__file__).parents[2]
TOKENS = {"good": {"username": "till-1", "cognito:groups": ["till", "admin"], "exp": 1795173000}}


def echo(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers with the event itself; /payments/boom fails, /payments/image answers bytes."""
    if event["rawPath"] == "/payments/boom":
        raise RuntimeError("boom")
    if event["rawPath"] == "/payments/image":
        return {"statusCode": 200, "body": base64.b64encode(b"\x89PNG").decode(), "isBase64Encoded": True}
    return {"statusCode": 201, "headers": {"X-Own": "1"}, "body": json.dumps(event)}


def call(
    method: str,
    target: str,
    body: bytes | None = None,
    token: str = "good",  # noqa: S107
    **headers: str,
) -> tuple[int, bytes, dict[str, str]]:
    with Gateway({"payments": echo, "enrolments": echo}, TOKENS.get) as gateway:
        connection = HTTPConnection(gateway.url.removeprefix("http://"), timeout=10)
        with closing(connection):
            connection.request(method, target, body, {"Authorization": f"Bearer {token}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())


def event(*arguments: Any, **more: Any) -> dict[str, Any]:
    status, content, _ = call(*arguments, **more)
    assert status == 201
    found: dict[str, Any] = json.loads(content)
    return found


def test_a_request_becomes_an_event() -> None:
    found = event(
        "POST", "/payments/B%C3%A4r%20100%25?day=1&day=2&x=a%2Cb", b'{"a": "\xc3\xa4"}', **{"X-A": "1"}
    )
    assert found["rawPath"] == "/payments/Bär 100%25"
    assert found["routeKey"] == "ANY /payments/{proxy+}"
    assert found["queryStringParameters"] == {"day": "1,2", "x": "a,b"}
    assert found["rawQueryString"] == "day=1&day=2&x=a%2Cb"
    assert found["headers"]["x-a"] == "1"
    claims = found["requestContext"]["authorizer"]["jwt"]["claims"]
    assert claims == {"username": "till-1", "cognito:groups": "[till admin]", "exp": "1795173000"}


def test_bodies_are_text_or_base64_by_their_type() -> None:
    text = event("POST", "/payments", "ä".encode(), **{"Content-Type": "application/json"})
    assert (text["body"], text["isBase64Encoded"]) == ("ä", False)
    other = event("POST", "/payments", b"\xff", **{"Content-Type": "application/octet-stream"})
    assert (other["body"], other["isBase64Encoded"]) == ("/w==", True)
    assert "body" not in event("GET", "/payments")


def test_an_answer_goes_back_with_its_headers_and_bytes() -> None:
    assert call("GET", "/payments")[2]["X-Own"] == "1"
    assert call("GET", "/payments/image")[:2] == (200, b"\x89PNG")
    assert call("HEAD", "/payments")[:2] == (201, b"")


@pytest.mark.parametrize(
    ("method", "target", "token", "status", "message"),
    [
        ("GET", "/payments", "expired", 401, "Unauthorized"),
        ("GET", "/payments", "", 401, "Unauthorized"),
        ("GET", "/nothing", "good", 404, "Not Found"),
        ("GET", "/enrolments", "good", 404, "Not Found"),
        ("GET", "/payments/boom", "good", 500, "Internal Server Error"),
    ],
)
def test_what_the_gateway_answers_by_itself(
    method: str, target: str, token: str, status: int, message: str
) -> None:
    found, content, _ = call(method, target, token=token)
    assert (found, json.loads(content)) == (status, {"message": message})


def test_enrolling_needs_no_token() -> None:
    found = event("POST", "/enrolments", b"{}", token="")
    assert "authorizer" not in found["requestContext"]
    assert found["routeKey"] == "POST /enrolments"


@pytest.mark.parametrize("name", ["access_api", "api_reference", "devices_api", "payments_api"])
def test_the_recorded_events_have_the_shape_that_the_gateway_makes(name: str) -> None:
    recorded = json.loads((ROOT / "events" / f"{name}.json").read_text())
    http = recorded["requestContext"]["http"]
    claims = recorded["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims")
    made = event_of(
        http["method"], http["path"], headers=recorded["headers"], body=recorded.get("body"), claims=claims
    )
    assert made["routeKey"] == recorded["routeKey"]
    assert set(made) == set(recorded)
    assert {key: made[key] for key in ("rawPath", "rawQueryString", "headers", "isBase64Encoded")} == {
        key: recorded[key] for key in ("rawPath", "rawQueryString", "headers", "isBase64Encoded")
    }


def test_only_three_routes_ask_for_no_token() -> None:
    without = {(route.method, route.path) for route in routes() if not route.wants_token}
    assert without == {("POST", "/enrolments"), ("GET", "/openapi.json"), ("GET", "/docs")}
