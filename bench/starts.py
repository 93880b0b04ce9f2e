"""How long each function takes to start, against the bare libraries that it cannot do without."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.figures import Figure, Pairs
from local.environment import ROOT, python_of
from local.template import load

MOST = 1.25
CHILD = Path(__file__).with_name("cold_start.py")


@dataclass(frozen=True)
class Start:
    """One function: what it makes before its first event, and the AWS clients and libraries of its floor."""

    connects: tuple[str, ...]
    """`module:function`, with an argument behind another colon where it takes one."""
    clients: tuple[str, ...]
    resolver: bool


STARTS = {
    "payments_api": Start(("tillbridge.wiring:payments",), ("dynamodb", "s3", "sqs"), True),
    "devices_api": Start(
        ("tillbridge.wiring:devices", "tillbridge.wiring:client:sts", "tillbridge.wiring:client:cognito-idp"),
        ("dynamodb", "sqs", "sts", "cognito-idp"),
        True,
    ),
    "access_api": Start(
        ("tillbridge.wiring:access", "tillbridge.wiring:client:cognito-idp"),
        ("dynamodb", "cognito-idp"),
        True,
    ),
    "api_reference": Start(("app:document",), (), True),
    "token_claims": Start(("app:token_claims",), ("dynamodb",), False),
    "deliver_outbox": Start(("tillbridge.wiring:payment_files",), ("dynamodb", "s3"), False),
    "follow_bucket": Start(("tillbridge.wiring:payment_files",), ("dynamodb", "s3"), False),
    "sweep": Start(
        (
            "tillbridge.wiring:payment_files",
            "tillbridge.wiring:devices",
            "tillbridge.wiring:overdue_imports",
        ),
        ("dynamodb", "s3", "sqs"),
        False,
    ),
    "ledger_api": Start(("tillbridge.wiring:documents",), ("dynamodb",), True),
    "books_api": Start(("tillbridge.wiring:books",), ("dynamodb",), True),
    "imports_api": Start(("tillbridge.wiring:imports",), ("dynamodb", "s3", "sqs"), True),
    "import_file": Start(("tillbridge.wiring:intake",), ("dynamodb", "s3", "sqs"), False),
    "settle_rows": Start(("tillbridge.wiring:settling",), ("dynamodb", "s3", "sqs"), False),
    "seal_journal": Start(("tillbridge.wiring:sealing",), ("dynamodb", "s3"), False),
}


def measure(pairs: int, tell: Callable[[str], None]) -> list[Figure]:
    """Start each function and its floor in turn, each in a process of its own."""
    figures = []
    unnamed = {place.parent.name for place in ROOT.glob("functions/*/app.py")} ^ STARTS.keys()
    if unnamed:
        raise LookupError(f"STARTS and the folders of functions/ differ in {', '.join(sorted(unnamed))}")
    for name, start in STARTS.items():
        tell(f"start of {name} …")
        figures.append(Figure.of_pairs(name, _pairs(name, start, pairs), MOST))
    return figures


def _pairs(name: str, start: Start, count: int) -> Pairs:
    ours: dict[str, object] = {"connects": start.connects}
    floor: dict[str, object] = {"clients": start.clients, "resolver": start.resolver}
    for warming in (ours, floor):  # compiles what was never compiled, and brings files into memory
        _run(name, warming)
    ours_s, floor_s = [], []
    for _ in range(count):
        ours_s.append(_run(name, ours))
        floor_s.append(_run(name, floor))
    return Pairs(tuple(ours_s), tuple(floor_s))


def _run(name: str, asked: dict[str, object]) -> float:
    folder = ROOT / "functions" / name
    done = subprocess.run(
        [str(python_of("functions")), "-P", str(CHILD), json.dumps(asked)],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(json.loads(done.stdout)["ready_s"])


def _environment(folder: Path) -> dict[str, str]:
    """What a function sees, as the template sets it; nothing is called, so what is named need not exist."""
    credentials = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {
        **dict.fromkeys((*_settings(), *credentials), "bench"),
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "layers" / "core"))),
        "PYTHONPYCACHEPREFIX": str(ROOT / ".local" / "bytecode"),
    }


@cache
def _settings() -> frozenset[str]:
    """The names of all settings that any function has."""
    resources = load(ROOT / "template.yaml")["Resources"].values()
    found = (one.get("Properties", {}).get("Environment", {}).get("Variables", {}) for one in resources)
    return frozenset(name for names in found for name in names)
