"""What a function's door lets in, and what it says to the rest."""

import base64
import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Query
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from tests.functions.gateway import LambdaContext, event_of
from tillbridge.http.answers import MAX_BODY_BYTES, IdempotencyKey, answers
from tillbridge.http.callers import caller, caller_of_claims, groups_of
from tillbridge.http.resolver import Resolver, build_resolver
from tillbridge.kernel.errors import Conflict, NotFound, Unavailable

TILL = {"token_use": "access", "username": "till-1", "cognito:groups": ["till"], "branches": "01"}
HEADERS = {"idempotency-key": "a-1", "content-type": "application/json"}


class Body(BaseModel):
    """A request."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str = Field(min_length=1)


class Answer(BaseModel):
    """An answer."""

    name: str
    by: str


def make() -> Resolver:
    app = build_resolver("Things")

    @app.post("/things", status_code=201, responses=answers(Answer, 201, conflict=True))
    def post(body: Body, idempotency_key: IdempotencyKey) -> Answer:
        match body.name:
            case "bug":
                raise KeyError("inner secret")
            case "outside":
                raise Unavailable("inner secret")
            case "conflict":
                raise Conflict("thing-exists", field="name", value=body.name)
            case "bad answer":
                return {"name": 5}  # type: ignore[return-value]
        return Answer(name=body.name, by=f"{caller(app).username} {idempotency_key}")

    @app.get("/things/<name>", responses=answers(Answer))
    def get(name: str, day: Annotated[str | None, Query(max_length=10)] = None) -> Answer:
        if name == "none":
            raise NotFound("thing-not-found", field="name", value=name)
        return Answer(name=name, by=str(day))

    return app


APP = make()


def ask(
    method: str,
    target: str,
    body: bytes | str | dict[str, Any] | None = None,
    headers: Mapping[str, str] = HEADERS,
    claims: Mapping[str, object] | None = None,
) -> tuple[int, dict[str, Any], dict[str, str]]:
    event = event_of(method, target, headers=headers, body=body, claims=TILL if claims is None else claims)
    answer = APP.resolve(event, LambdaContext())
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


def code(problem: dict[str, Any]) -> str:
    return str(problem["type"]).removeprefix("urn:tillbridge:problem:")


def test_a_good_request_is_answered_and_kept_out_of_caches() -> None:
    status, answer, headers = ask("POST", "/things", {"name": "Bär"})
    assert (status, answer) == (201, {"name": "Bär", "by": "till-1 a-1"})
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ("{", 400, "body-is-not-json"),
        ('{"name": NaN}', 400, "body-is-not-json"),
        ('{"name": "a", "name": "b"}', 400, "body-is-not-json"),
        ('{"name": "\\ud800"}', 400, "body-is-not-json"),
        ('{"name": ' + "9" * 5000 + "}", 400, "body-is-not-json"),
        ("[" * 30_000, 400, "body-is-not-json"),
        ('[{"name": "a"}]', 422, "request-not-valid"),
        ("null", 422, "request-not-valid"),
        ('"a"', 422, "request-not-valid"),
        ("", 422, "request-not-valid"),
        ("{}", 422, "request-not-valid"),
        ({"name": ""}, 422, "request-not-valid"),
        ({"name": 1}, 422, "request-not-valid"),
        ({"name": "a", "more": 1}, 422, "request-not-valid"),
        ({"name": "conflict"}, 409, "thing-exists"),
        ("x" * (MAX_BODY_BYTES + 1), 413, "body-too-large"),
        ("ä" * (MAX_BODY_BYTES // 2 + 1), 413, "body-too-large"),
    ],
)
def test_bodies_that_are_refused(body: Any, status: int, problem: str) -> None:
    found, answer, headers = ask("POST", "/things", body)
    assert (found, code(answer), answer["status"]) == (status, problem, status)
    assert headers["Content-Type"] == "application/problem+json"


def test_a_base64_body_is_read_and_bytes_that_are_no_text_are_refused() -> None:
    event = event_of("POST", "/things", headers=HEADERS, claims=TILL)
    event |= {"body": base64.b64encode(b'{"name": "a"}').decode(), "isBase64Encoded": True}
    assert APP.resolve(event, LambdaContext())["statusCode"] == 201
    for content in (base64.b64encode(b"\xff\xfe").decode(), "no base64!"):
        event |= {"body": content}
        assert APP.resolve(event, LambdaContext())["statusCode"] == 400


@pytest.mark.parametrize(
    "sent_as",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a", "Json"],
)
def test_only_json_is_read(sent_as: str) -> None:
    status, problem, _ = ask("POST", "/things", b"name=a", {**HEADERS, "content-type": sent_as})
    assert (status, code(problem)) == (415, "content-type-not-json")


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, "idempotency-key-missing"),
        ({"idempotency-key": ""}, "idempotency-key-not-valid"),
        ({"idempotency-key": "a b"}, "idempotency-key-not-valid"),
        ({"idempotency-key": "ä"}, "idempotency-key-not-valid"),
        ({"idempotency-key": "x" * 201}, "idempotency-key-not-valid"),
    ],
)
def test_idempotency_keys_that_are_refused(headers: dict[str, str], problem: str) -> None:
    status, answer, _ = ask("POST", "/things", {"name": "a"}, headers)
    assert (status, code(answer)) == (400, problem)
    assert answer["errors"][0]["field"] == "idempotency-key"


@pytest.mark.parametrize("key", ["x" * 200, "a,b", "{\"~!'"])
def test_idempotency_keys_that_are_taken(key: str) -> None:
    status, answer, _ = ask("POST", "/things", {"name": "a"}, {"idempotency-key": key})
    assert (status, answer["by"]) == (201, f"till-1 {key}")


def test_bugs_and_wrong_answers_of_ours_are_500_without_a_word_from_inside() -> None:
    for name in ("bug", "bad answer"):
        status, problem, _ = ask("POST", "/things", {"name": name})
        assert (status, code(problem)) == (500, "error-of-ours")
        assert "secret" not in json.dumps(problem)


def test_what_the_outside_failed_at_may_be_repeated() -> None:
    status, problem, headers = ask("POST", "/things", {"name": "outside"})
    assert (status, code(problem), headers["Retry-After"]) == (503, "outside-not-available", "2")
    assert "secret" not in json.dumps(problem)


def test_german_for_whoever_prefers_it() -> None:
    _, problem, headers = ask("GET", "/nothing", headers={"Accept-Language": "de-DE"})
    assert (problem["title"], headers["Content-Language"]) == ("Nicht gefunden", "de")


def test_unknown_addresses_and_methods() -> None:
    status, problem, _ = ask("GET", "/nothing")
    assert (status, code(problem)) == (404, "address-unknown")
    status, problem, headers = ask("PUT", "/things/a")
    assert (status, code(problem), headers["Allow"]) == (405, "method-not-possible", "GET")
    assert ask("GET", "/things/")[0] == 404
    assert ask("GET", "/things/a/b")[0] == 404


def test_a_misspelt_filter_is_refused_and_a_comma_in_one_is_kept() -> None:
    status, problem, _ = ask("GET", "/things/a?dey=2026-11-20")
    assert (status, problem["errors"][0]["field"]) == (422, "dey")
    assert ask("GET", "/things/a?day=1,2")[1]["by"] == "1,2"
    assert ask("GET", "/things/a?day=1&day=2")[0] == 422


NUMBERS = st.text(
    st.characters(exclude_characters="/", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40
)


@given(NUMBERS.filter(lambda number: number not in {".", "..", "none"}))
def test_any_document_number_is_reachable_percent_encoded_once(number: str) -> None:
    assert ask("GET", "/things/" + quote(number, safe=""))[:2] == (200, {"name": number, "by": "None"})


@pytest.mark.parametrize(
    "number", ["Bär #1", "100%", "a%41", "a%2541", "B&B;=,", "50 €", "'\"§$()[]{}^~", "…😀"]
)
def test_document_numbers_that_were_hard_to_reach(number: str) -> None:
    assert ask("GET", "/things/" + quote(number, safe=""))[1]["name"] == number


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({}, "token-missing"),
        ({**TILL, "token_use": "id"}, "token-not-for-access"),
        ({"username": "till-1"}, "token-not-for-access"),
        ({"token_use": "access"}, "token-unreadable"),
        ({**TILL, "workstation": "nonsense"}, "token-unreadable"),
    ],
)
def test_only_access_tokens_are_taken(claims: dict[str, object], problem: str) -> None:
    status, answer, headers = ask("POST", "/things", {"name": "a"}, claims=claims)
    assert (status, code(answer), headers["WWW-Authenticate"]) == (401, problem, "Bearer")


@pytest.mark.parametrize("claim", ["[till admin]", ["till", "admin"], "till admin", "[till,admin]"])
def test_groups_arrive_in_several_shapes(claim: object) -> None:
    assert groups_of(claim) == ("till", "admin")
    assert sorted(caller_of_claims({**TILL, "cognito:groups": claim}).roles) == ["admin", "till"]


def test_nobody_without_groups_has_a_role() -> None:
    assert groups_of(None) == groups_of("[]") == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_body_whatever_makes_a_500(body: object) -> None:
    status, _, _ = ask("POST", "/things", json.dumps(body))
    assert status in {201, 400, 422}


@given(st.text())
def test_no_text_as_body_makes_a_500(body: str) -> None:
    status, _, _ = ask("POST", "/things", body)
    assert status in {201, 400, 422}
