"""What a payment costs: calls to AWS, write units, modules at cold start; fixed figures, on purpose."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tests.functions.calls import calls
from tests.functions.shops import ERP, Shop, bucket, directory, event
from tests.world import TABLES, _resources

ROOT = Path(__file__).parents[2]
Calls = list[tuple[str, dict[str, Any]]]


def written(seen: Calls) -> dict[str, int]:
    """The calls that are paid as writes, puts and messages; reads stand apart."""
    reads = ("GetItem", "BatchGetItem", "Query", "ListObjectVersions")
    return dict(Counter(name for name, _ in seen if name not in reads))


def size_of(value: dict[str, Any]) -> int:
    """The bytes of an attribute as DynamoDB counts them."""
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.lstrip("-")) + 1) // 2 + 1
        case "B":
            return len(bytes(content))
        case "L":
            return 3 + sum(1 + size_of(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + size_of(each) for name, each in content.items())
    return 1


def row_size(row: dict[str, Any]) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in row.items())


def indexes_of(table_name: str, row: dict[str, Any]) -> int:
    """In how many indexes of its table a row stands."""
    [logical] = [logical for logical in TABLES.values() if table_name == f"test-{logical}"]
    indexes = _resources()[logical]["Properties"].get("GlobalSecondaryIndexes", [])
    keys = [{part["AttributeName"] for part in index["KeySchema"]} for index in indexes]
    return sum(names <= set(row) for names in keys)


def write_units(shop: Shop, seen: Calls) -> int:
    """A transaction pays twice per started KB of each row; its indexes pay once per started KB."""
    [transaction] = [params for name, params in seen if name == "TransactWriteItems"]
    units = 0
    for part in transaction["TransactItems"]:
        [(kind, wanted)] = part.items()
        table = wanted["TableName"]
        if kind == "Put":
            row = wanted["Item"]
        else:
            answer = shop.world.clients["dynamodb"].get_item(TableName=table, Key=wanted["Key"])
            row = answer["Item"]
        started_kb = ceil(row_size(row) / 1024)
        units += 2 * started_kb + indexes_of(table, row) * started_kb
    return units


def test_recording_one_payment(shop: Shop) -> None:
    """One transaction, one put, one message; the payment of the original, at a bucket and a folder."""
    shop.put_interface(targets=[bucket(), directory()]).done()
    shop.enrol()
    with calls() as seen:
        shop.send(event("payments_api")).done()
    assert written(seen) == {"TransactWriteItems": 1, "PutObject": 1, "SendMessage": 1}
    [transaction] = [params for name, params in seen if name == "TransactWriteItems"]
    rows = sorted(
        part["Put" if "Put" in part else "Update"]["TableName"] for part in transaction["TransactItems"]
    )
    assert Counter(rows) == {"test-PaymentsTable": 4, "test-DevicesTable": 2, "test-AccessTable": 1}
    read = Counter(name for name, _ in seen if name in {"GetItem", "Query", "BatchGetItem"})
    assert read == {"GetItem": 2, "Query": 2, "BatchGetItem": 1}, "it names an invoice, which nobody knows"


@pytest.mark.parametrize(
    ("targets", "agent", "expected"),
    [
        ([], False, {"TransactWriteItems": 1}),
        ([bucket()], False, {"TransactWriteItems": 1, "PutObject": 1}),
        ([directory()], True, {"TransactWriteItems": 1, "SendMessage": 1}),
        ([directory()], False, {"TransactWriteItems": 1}),
    ],
)
def test_recording_costs_no_more_than_its_targets_need(
    shop: Shop, targets: list[dict[str, str]], agent: bool, expected: dict[str, int]
) -> None:
    if targets:
        shop.put_interface(targets=targets).done()
    if agent:
        shop.enrol()
    with calls() as seen:
        shop.record().done()
    assert written(seen) == expected


def test_a_visit_of_ten_lines_is_still_one_transaction_and_one_message(shop: Shop) -> None:
    shop.put_interface(targets=[bucket(), directory()]).done()
    shop.enrol()
    lines = [{"number": f"B-{place}", "amount": "1.00", "method": "card"} for place in range(10)]
    body = {
        "branch": "01",
        "kind": "sale",
        "currency": "EUR",
        "taken_at": "2026-11-21T09:00:00Z",
        "lines": lines,
    }
    with calls() as seen:
        shop.ask("POST", "/payments", body, idempotency_key="k").done()
    assert written(seen) == {"TransactWriteItems": 1, "PutObject": 10, "SendMessageBatch": 1}


WRITE_UNITS = {"one bucket": 13, "bucket and folder": 23}
"""The mark 2, payment and audit entry 3 each (one index), a file at a bucket 5 (three indexes); at a folder
the file 3, its job 3, the order of its device 2. An answer that tells of two files is longer than 1 KB: its
mark has 4."""


@pytest.mark.parametrize(
    ("targets", "figure"), [([bucket()], "one bucket"), ([bucket(), directory()], "bucket and folder")]
)
def test_the_write_units_of_one_payment(shop: Shop, targets: list[dict[str, str]], figure: str) -> None:
    shop.put_interface(targets=targets).done()
    shop.enrol()
    with calls() as seen:
        shop.send(event("payments_api")).done()
    assert write_units(shop, seen) == WRITE_UNITS[figure]


def test_a_repetition_writes_nothing(shop: Shop) -> None:
    shop.put_interface().done()
    shop.record(key="same").done()
    with calls() as seen:
        shop.record(key="same").done()
    assert written(seen) == {"TransactWriteItems": 1}, "which is refused, and tells the first answer"


@pytest.mark.parametrize(
    ("withdrawal", "expected", "rows"),
    [
        ("by_claim", {"TransactWriteItems": 1, "DeleteObject": 1}, 5),
        ("conditional_delete", {"TransactWriteItems": 2, "DeleteObject": 1}, 6),
        ("never", {"TransactWriteItems": 1, "PutObject": 1}, 6),
    ],
)
def test_cancelling_one_payment(shop: Shop, withdrawal: str, expected: dict[str, int], rows: int) -> None:
    """Mark, cancellation, cancelled payment, audit entry, its file, and perhaps a counter-file."""
    shop.put_interface(targets=[bucket(withdrawal=withdrawal)]).done()
    shop.record("B-1").done()
    with calls() as seen:
        shop.cancel("B-1", "S-1").done()
    assert written(seen) == expected
    first = next(params for name, params in seen if name == "TransactWriteItems")
    assert len(first["TransactItems"]) == rows


def test_cancelling_what_lies_in_a_folder(shop: Shop) -> None:
    shop.put_interface(targets=[directory()]).done()
    shop.enrol()
    shop.record("B-1").done()
    with calls() as seen:
        shop.cancel("B-1", "S-1").done()
    assert written(seen) == {"TransactWriteItems": 1, "SendMessage": 1}
    [transaction] = [params for name, params in seen if name == "TransactWriteItems"]
    assert len(transaction["TransactItems"]) == 8


def test_claiming_one_file(shop: Shop) -> None:
    """The file and the audit entry; then the object goes."""
    shop.put_interface().done()
    shop.record("B-1").done()
    with calls() as seen:
        shop.ask("POST", "/payment-files/erp.bucket.B-1.in/claims", claims=ERP).done()
    assert written(seen) == {"TransactWriteItems": 1, "DeleteObject": 1}
    [transaction] = [params for name, params in seen if name == "TransactWriteItems"]
    assert len(transaction["TransactItems"]) == 2
    with calls() as seen:
        shop.ask("POST", "/payment-files/erp.bucket.B-1.in/claims", claims=ERP).done()
    assert [name for name, _ in seen] == ["GetItem"]


def test_no_request_scans(shop: Shop) -> None:
    """Everything is found by its key, in a full shop too."""
    with calls() as seen:
        shop.put_interface(targets=[bucket(), directory()]).done()
        agent = shop.enrol()
        shop.record("B-1").done()
        shop.cancel("B-1", "S-1").done()
        agent.jobs("folder.erp.folder")
        agent.tell("folder.erp.folder", 1, "done")
        for target in ("/payments?branch=01&day=2026-11-21", "/payment-files?interface=erp&target=bucket"):
            shop.ask("GET", target, claims=ERP).done()
        shop.audit("payment/b-1")
        shop.let_all_pass()
    assert {"TransactWriteItems", "Query", "GetItem"} <= {name for name, _ in seen}
    assert not [
        name for name, _ in seen if name in {"Scan", "ExecuteStatement", "ListObjects", "ListObjectsV2"}
    ]


def test_no_code_scans() -> None:
    """Neither by client, paginator, resource nor PartiQL."""
    forbidden = {
        "scan",
        "Scan",
        "execute_statement",
        "batch_execute_statement",
        "list_objects",
        "list_objects_v2",
    }
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("layers/core/tillbridge", "functions")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in forbidden)
        or (isinstance(node, ast.Constant) and node.value in forbidden)
    ]
    assert found == []


# Cold start

HTTP_ONLY = {"aws_lambda_powertools.event_handler", "pydantic"}
NEVER = {
    "aws_xray_sdk",
    "aws_lambda_powertools.tracing.base",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parameters",
    "aws_lambda_powertools.utilities.parser",
    "boto3.dynamodb.conditions",
    "boto3.dynamodb.table",
    "boto3.dynamodb.transform",
    "boto3.ec2",
    "boto3.s3",
    "cryptography",
    "hypothesis",
    "jsonschema",
    "moto",
    "pytest",
    "requests",
    "samtranslator",
    "sqlite3",
    "tillbridge_agent",
    "yaml",
}
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
LISTS_MODULES = "import functions.{0}.app, json, sys; print(json.dumps(sorted(sys.modules)))"


def modules_of(function: str) -> set[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "layers" / "core"), str(ROOT)]),
        "POWERTOOLS_SERVICE_NAME": "tillbridge",
        "POWERTOOLS_METRICS_NAMESPACE": "Tillbridge",
    }
    told = subprocess.run(
        [sys.executable, "-c", LISTS_MODULES.format(function)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(told.stdout.splitlines()[-1]))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_nothing_that_it_does_not_need(function: str) -> None:
    """At import there is neither region nor setting: nothing is connected yet."""
    modules = modules_of(function)
    assert modules & NEVER == set()
    if not function.endswith("_api") and function != "api_reference":
        assert modules & HTTP_ONLY == set()
