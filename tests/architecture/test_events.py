"""Each function has a real event, which its tests use and ``sam local invoke`` takes."""

from __future__ import annotations

import json
import re
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import pytest

from tillbridge.reconciliation.import_model import Step
from tillbridge.reconciliation.intake import Upload, import_id_of

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
HTTP = [name for name in FUNCTIONS if name.endswith("_api") or name == "api_reference"]


def event(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return read


def test_functions_and_events_are_twins() -> None:
    assert sorted(path.stem for path in (ROOT / "events").iterdir()) == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_tests_of_a_function_use_its_event(name: str) -> None:
    """By the file's name, or by ``event("<function>")``."""
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    uses = re.compile(rf"{name}\.json|event\(\"{name}\"\)")
    assert [path.name for path in tests if uses.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_handler_is_where_the_template_looks_for_it(name: str) -> None:
    source = (ROOT / "functions" / name / "app.py").read_text(encoding="utf-8")
    assert re.search(r"^(handler = |def handler\()", source, re.MULTILINE)
    assert sorted(
        path.name for path in (ROOT / "functions" / name).iterdir() if path.name != "__pycache__"
    ) in (
        ["app.py"],
        ["app.py", "openapi.json"],
    )


@pytest.mark.parametrize("name", HTTP)
def test_an_http_event_has_the_shape_of_payload_2(name: str) -> None:
    """As API Gateway sends it: version, both routes, verified claims as texts."""
    told = event(name)
    context = told["requestContext"]
    assert told["version"] == "2.0"
    assert told["routeKey"] == context["routeKey"]
    assert told["rawPath"] == context["http"]["path"]
    assert all(header == header.lower() for header in told["headers"])
    assert isinstance(told["isBase64Encoded"], bool)
    claims = context.get("authorizer", {}).get("jwt", {}).get("claims")
    if claims is not None:
        assert {type(claim) for claim in claims.values()} == {str}
        assert claims["token_use"] == "access"
    if "body" in told:
        assert int(told["headers"]["content-length"]) == len(told["body"].encode())
        json.loads(told["body"])


def test_a_stream_event_has_the_shape_of_dynamodb_streams() -> None:
    [record] = event("deliver_outbox")["Records"]
    assert (record["eventSource"], record["eventVersion"]) == ("aws:dynamodb", "1.1")
    change = record["dynamodb"]
    assert set(change["Keys"]) == {"pk", "sk"}
    assert change["Keys"].items() <= change["NewImage"].items()
    assert "due_key" in change["NewImage"], "else the template's filter would not let it through"


def test_a_scheduled_event_has_the_shape_of_the_scheduler() -> None:
    told = event("sweep")
    assert (told["source"], told["detail-type"], told["detail"]) == ("aws.scheduler", "Scheduled Event", "{}")


@pytest.mark.parametrize(
    ("name", "queue"), [("import_file", "import-uploads"), ("settle_rows", "import-chunks")]
)
def test_a_queued_event_has_the_shape_of_sqs(name: str, queue: str) -> None:
    """One message, since the template asks for one at a time; the body is text with a right digest."""
    [record] = event(name)["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(f":dev-tillbridge-{queue}")
    assert record["md5OfBody"] == md5(record["body"].encode(), usedforsecurity=False).hexdigest()
    assert {type(value) for value in record["attributes"].values()} == {str}
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_an_upload_is_told_as_s3_tells_it() -> None:
    """Under the template's prefix, the key as in an address, and with the version that is meant."""
    [record] = event("import_file")["Records"]
    [told] = json.loads(record["body"])["Records"]
    assert (told["eventSource"], told["eventName"]) == ("aws:s3", "ObjectCreated:Post")
    file = told["s3"]["object"]
    assert quote_plus(unquote_plus(file["key"]), safe="/") == file["key"] != unquote_plus(file["key"])
    assert file["key"].startswith("inbox/")
    assert file["versionId"]


def test_the_workers_event_is_about_the_uploads_import() -> None:
    """So that the two can be played one after the other."""
    [uploaded] = event("import_file")["Records"]
    [told] = json.loads(uploaded["body"])["Records"]
    file = told["s3"]["object"]
    upload = Upload(unquote_plus(file["key"]), file["versionId"], told["userIdentity"]["principalId"])
    [asked] = event("settle_rows")["Records"]
    message = json.loads(asked["body"])
    assert message == {**message, "import": import_id_of(upload), "chunk": 0, "step": Step.BOOK}
    assert set(message) == {"import", "attempt", "chunk", "step"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_event_holds_no_secret(name: str) -> None:
    """Tokens and keys in it are made up."""
    text = (ROOT / "events" / f"{name}.json").read_text(encoding="utf-8")
    assert not re.search(r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN", text)
    for token in re.findall(r"Bearer ([\w.-]+)", text):
        assert token.endswith(".c2lnbmF0dXJl"), "the signature says: signature"
