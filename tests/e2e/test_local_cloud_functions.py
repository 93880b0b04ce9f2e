"""Functions run as on Lambda: a clean environment, one call a process, killed when their time is up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.functions import Function, parse_settings
from local.worker import Outcome, Worker

CODE = """
import os, threading, time

def handler(event, context):
    kind = event.get("kind")
    if kind == "environment":
        return dict(os.environ)
    if kind == "fail":
        raise ValueError("as asked")
    if kind == "die":
        os._exit(3)
    if kind == "hang":
        threading.Event().wait()
    if kind == "meet":
        # Ends only when the other one is there too, so two of them prove that they run side by side.
        mine, other = event["mine"], event["other"]
        open(mine, "w").close()
        while not os.path.exists(other):
            time.sleep(0.01)
    return {"id": context.aws_request_id, "name": context.function_name, "process": os.getpid()}
"""
CONFIGURATION: dict[str, object] = {
    "FunctionName": "scratch",
    "FunctionArn": "arn:aws:lambda:eu-central-1:000000000000:function:scratch",
    "Handler": "app.handler",
    "Timeout": 2,
    "MemorySize": 256,
    "Environment": {"Variables": {"DECLARED": "yes"}},
}
CREDENTIALS = {"AccessKeyId": "ASIATEST", "SecretAccessKey": "none", "SessionToken": "none"}


@pytest.fixture
def function(tmp_path: Path) -> Iterator[Function]:
    (tmp_path / "app.py").write_text(CODE, encoding="utf-8")
    settings = parse_settings(CONFIGURATION, CREDENTIALS, "http://127.0.0.1:1")
    running = Function("scratch", tmp_path, tmp_path / "scratch.log", lambda _: settings)
    yield running
    for worker in running.close():
        Worker.close(worker)


def ask(function: Function, request_id: str = "1", **event: object) -> tuple[bool, Any]:
    outcome: Outcome = function.call(json.dumps(event).encode(), request_id)
    return outcome.ok, json.loads(outcome.body)


def test_a_call_is_answered_and_the_process_is_used_again(function: Function) -> None:
    first, second = ask(function, "a"), ask(function, "b")
    assert first[1]["id"] == "a"
    assert second[1] == {**first[1], "id": "b"}


def test_a_function_sees_its_own_settings_and_nothing_of_this_machine(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("HOME", "/home/somebody")
    _, environment = ask(function, kind="environment")
    assert environment["DECLARED"] == "yes"
    assert environment["AWS_ACCESS_KEY_ID"] == "ASIATEST"
    assert environment["AWS_REGION"] == "eu-central-1"
    assert not {"AWS_PROFILE", "HOME", "PYTEST_CURRENT_TEST"} & set(environment)


def test_an_error_is_told_with_its_type(function: Function) -> None:
    ok, answer = ask(function, kind="fail")
    assert not ok
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "as asked")
    assert ask(function)[0], "the process goes on after an error"


def test_a_dead_process_fails_its_call_and_is_replaced(function: Function) -> None:
    ok, answer = ask(function, kind="die")
    assert (ok, answer["errorType"]) == (False, "Runtime.ExitError")
    assert ask(function)[0]


def test_whoever_takes_too_long_is_killed(function: Function) -> None:
    before = ask(function)[1]["process"]
    ok, answer = ask(function, kind="hang")
    assert (ok, answer["errorMessage"]) == (False, "Task timed out after 2.00 seconds")
    assert ask(function)[1]["process"] != before


def test_calls_run_side_by_side(function: Function, tmp_path: Path) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, function, kind="meet", mine=one, other=other)
        second = pool.submit(ask, function, kind="meet", mine=other, other=one)
        assert first.result()[0]
        assert second.result()[0]


def test_a_function_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise RuntimeError('broken at import')", encoding="utf-8")
    settings = parse_settings(CONFIGURATION, CREDENTIALS, "http://127.0.0.1:1")
    broken = Function("scratch", tmp_path, tmp_path / "scratch.log", lambda _: settings)
    ok, answer = ask(broken)
    for worker in broken.close():
        Worker.close(worker)
    assert not ok
    assert "broken at import" in answer["errorMessage"]
