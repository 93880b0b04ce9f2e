"""How long the payments handler takes for one payment, against the same AWS calls without it."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import MS, Figure, Pairs
from bench.shop import BRANCH, Shop, payment
from local.cloud import LocalCloud
from local.environment import ROOT, python_of
from local.functions import parse_settings

MOST = 1.3
WARMING = 20
WORKSTATION = "till-2"
FUNCTION = "dev-tillbridge-payments-api"
CHILD = Path(__file__).with_name("handler_pairs.py")


class ChildFailed(Exception):
    """The measuring process gave up; its log says why."""


def measure(cloud: LocalCloud, shop: Shop, pairs: int) -> tuple[list[Figure], list[str]]:
    """Payments at a workstation whose agent is enrolled and switched off, while nothing follows them up."""
    shop.open_workstation(WORKSTATION)
    with _alone(cloud):
        measured = _run_child(cloud, pairs)
    times = Pairs(tuple(measured["ours_s"]), tuple(measured["floor_s"]))
    own_s = median(ours - floor for ours, floor in zip(times.ours_s, times.floor_s, strict=True))
    calls = ", ".join(f"{count} {name}" for name, count in Counter(measured["calls"]).items())
    notes = [f"{pairs} pairs; calls of one payment: {calls}", f"work of our own: {own_s * MS:.1f} ms"]
    return [Figure.of_pairs("POST /payments, one bucket and one folder", times, MOST)], notes


def _run_child(cloud: LocalCloud, pairs: int) -> dict[str, Any]:
    answer = cloud.folder / "handler.json"
    asked = {"event": _event(), "pairs": pairs, "warming": WARMING, "answer": str(answer)}
    log = cloud.logs / "bench-handler.log"
    with log.open("wb") as said:
        done = subprocess.run(
            [str(python_of("functions")), "-P", str(CHILD), json.dumps(asked)],
            cwd=ROOT / "functions" / "payments_api",
            env=_environment(cloud),
            stdout=said,
            stderr=said,
            check=False,
        )
    if done.returncode:
        raise ChildFailed(log.read_text(encoding="utf-8", errors="replace")[-2000:])
    measured: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return measured


def _environment(cloud: LocalCloud) -> dict[str, str]:
    """What the deployed function sees: its settings, and credentials of its role."""
    answer = cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    role = cloud.client("sts").assume_role(RoleArn=answer["Role"], RoleSessionName="bench")
    return {
        **parse_settings(answer, role["Credentials"], cloud.endpoint_url).environment,
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "layers" / "core"))),
        "PYTHONPYCACHEPREFIX": str(ROOT / ".local" / "bytecode"),
    }


@contextmanager
def _alone(cloud: LocalCloud) -> Iterator[None]:
    """No stream and no rule is followed meanwhile: what is written would start other functions beside us."""
    functions, events = cloud.client("lambda"), cloud.client("events")
    followed = [one["UUID"] for one in functions.list_event_source_mappings()["EventSourceMappings"]]
    rules = [rule["Name"] for rule in events.list_rules()["Rules"]]
    for uuid in followed:
        functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    for name in rules:
        events.disable_rule(Name=name)
    try:
        yield
    finally:
        for uuid in followed:
            functions.update_event_source_mapping(UUID=uuid, Enabled=True)
        for name in rules:
            events.enable_rule(Name=name)


def _event() -> dict[str, Any]:
    """What API Gateway hands over; `@NUMBER@` stands where each payment has its own number."""
    return {
        "version": "2.0",
        "routeKey": "ANY /payments",
        "rawPath": "/payments",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "idempotency-key": "@NUMBER@"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "authorizer": {
                "jwt": {
                    "claims": {
                        "token_use": "access",
                        "username": "till-bench",
                        "cognito:groups": "[till]",
                        "branches": BRANCH,
                        "workstation": f"{BRANCH}/{WORKSTATION}",
                    },
                    "scopes": None,
                }
            },
            "http": {"method": "POST", "path": "/payments", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": "bench",
            "routeKey": "ANY /payments",
            "stage": "$default",
        },
        "body": json.dumps(payment("@NUMBER@")),
        "isBase64Encoded": False,
    }
