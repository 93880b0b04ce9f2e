"""One document describes the whole API, and it is the one that is served."""

import copy
import json
from typing import Any

import pytest

from local import openapi
from tests.architecture.test_refusals import ROOT

DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (path, method, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
NAMES = [f"{method.upper()} {path}" for path, method, _ in OPERATIONS]


def test_the_written_document_is_what_the_functions_generate() -> None:
    generated = openapi.rendered(openapi.merged_document())
    assert openapi.DOCUMENT.read_text(encoding="utf-8") == generated, "run `python -m local.openapi`"
    assert openapi.main(["--check"]) == 0


def test_every_function_that_answers_http_is_in_it() -> None:
    names = {folder.name for folder in (ROOT / "functions").iterdir() if folder.name.endswith("_api")}
    assert set(openapi.api_functions()) == names


def test_no_name_is_left_dangling_and_operations_have_one_name_each() -> None:
    assert openapi.dangling(DOCUMENT) == set()
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)
def test_an_operation_lists_every_answer(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = set(operation["responses"])
    assert answers >= {"400", "404", "405", "413", "415", "422", "429", "500", "503"}
    assert any(status.startswith("2") for status in answers)
    is_open = operation.get("security") == []
    assert is_open == ("401" not in answers)
    assert is_open == ((method, path) == ("post", "/enrolments"))
    for status, answer in operation["responses"].items():
        described = DOCUMENT["components"]["responses"].get(f"Status{status}", answer)
        problem = "application/problem+json" in described["content"]
        assert problem == (int(status) >= 400 and status != "429")


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)
def test_an_operation_is_told_in_words(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"] != f"{method.upper()} {path}"
    assert operation["description"].strip()
    assert operation["tags"]


def test_request_bodies_refuse_unknown_fields() -> None:
    for _, _, operation in OPERATIONS:
        body = operation.get("requestBody")
        if body:
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert DOCUMENT["components"]["schemas"][name].get("additionalProperties") is False, name


def test_the_same_name_described_twice_is_an_error() -> None:
    whole = copy.deepcopy(DOCUMENT["components"]["schemas"])
    openapi._merge(whole, {"Problem": whole["Problem"]}, "the same again")
    with pytest.raises(openapi.MergeConflict, match="Problem"):
        openapi._merge(whole, {"Problem": {"type": "string"}}, "another function")


def test_a_document_that_is_out_of_date_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = openapi.DOCUMENT.with_name("no-such-document.json")
    monkeypatch.setattr(openapi, "DOCUMENT", old)
    assert openapi.main(["--check"]) == 1
    assert "python -m local.openapi" in capsys.readouterr().out
