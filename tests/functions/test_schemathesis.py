"""Schemathesis talks HTTP to the real functions: no 5xx, and no answer that the document does not tell."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.import_file.app import handler as import_file
from local.openapi import DOCUMENT
from tests.functions.gateway import Gateway
from tests.functions.handlers import FUNCTIONS
from tests.functions.imports import ImportDesk
from tests.functions.imports_shop import statement
from tests.functions.papers import Ledger
from tests.functions.shops import Context, Shop
from tests.world import ADMIN, TILL_A, open_world
from tillbridge.access.model import Role, WorkstationKey
from tillbridge.payments.model import BucketTarget, Interface, Withdrawal
from tillbridge.reconciliation.intake import Upload, import_id_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = {
    "branch": "01",
    "workstation": "till-1",
    "interface": "erp",
    "username": "anna",
    "file": "erp.erp.bon-1.in",
    "device": "folder.erp.folder",
    "currency": "EUR",
    "taken_at": "2026-11-21T09:00:00+01:00",
    "cancelled_at": "2026-11-21T09:30:00+01:00",
    "at": "2026-11-21T09:45:00Z",
    "amount": "5.10",
    "change": "0.10",
    "day": "2026-11-21",
    "issued_on": "2026-11-20",
    "handed_over_on": "2026-11-21",
    "ordered_on": "2026-11-19",
    "item_day": "2026-11-20",
    "customer": "K-1",
    "vat_code": "STANDARD",
    "vat_percent": "19",
    "side": "receivables",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "client": "c1",
    "profile": "accountant",
    "file_name": "payments.csv",
    "as_of": "2026-11-20",
    "until": "2026-11-21",
    "invoice_number": "Bon-1",
    "applied": "100.00",
}
"""What exists in the world, so that not every request ends at "not found"."""
UPLOADED = "00000000000000000000/statement.sta"
KNOWN_IN_PATH = KNOWN | {
    "number": "Bon-1",
    "import_id": import_id_of(Upload(f"inbox/accountant/{UPLOADED}", "", "")),
}
"""A payment, a document, a customer and an order have this number."""

FIRST_PAYMENT = """{"branch": "01", "workstation": "till-1", "kind": "sale", "currency": "EUR",
    "taken_at": "2026-11-21T08:00:00+01:00",
    "lines": [{"number": "Bon-1", "amount": "5000.00", "method": "cash"}]}"""

FIRST_DOCUMENT = """{"branch": "01", "kind": "invoice", "currency": "EUR", "issued_on": "2026-11-19",
    "number": "Bon-1", "lines": [{"product": "Brille", "amount": "5000.00", "vat_code": "STANDARD"}]}"""

FIRST_PROFILE = '{"name": "Accountant", "client": "c1", "currency": "EUR"}'

schema = schemathesis.openapi.from_path(DOCUMENT)


def _mostly_known(part: Any, known: Mapping[str, str] = KNOWN) -> Any:
    """The same part, in which most values are ones that exist; which ones depends on the part alone."""
    if isinstance(part, list):
        return [_mostly_known(one) for one in part]
    if not isinstance(part, Mapping):
        return part
    salt = repr(part)
    return {
        name: known[name] if name in known and _toss(name + salt) else _mostly_known(value)
        for name, value in part.items()
        if not (name == "cursor" and _toss(name + salt))
    }


def _toss(text: str) -> bool:
    return zlib.crc32(text.encode("utf-8", "replace")) % 8 != 0


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with ExitStack() as stack:
        world = stack.enter_context(open_world())
        os.environ["POWERTOOLS_METRICS_DISABLED"] = "false"  # kept-back metrics end in a warning at the 100th
        erp = Interface(
            id="erp",
            name="ERP",
            branch=None,
            workstation=None,
            targets=(BucketTarget("erp", "erp/", Withdrawal.BY_CLAIM),),
        )
        world.interfaces.put(ADMIN, erp)
        code, _ = world.devices.make_enrolment_code(ADMIN, WorkstationKey("01", "till-1"))
        agent = world.devices.enrol(code, "0" * 32, "till-pc", "1.0").agent
        claims = {
            "token_use": "access",
            "username": agent.username,
            "cognito:groups": [role.value for role in Role],
            "branches": "*",
            "workstation": "01/till-1",
        }
        tokens: dict[str, Mapping[str, object]] = {
            "everything": claims,
            "nothing": {"token_use": "access", "username": "nobody", "branches": ""},
            "till": {**claims, "username": TILL_A.username, "cognito:groups": ["till"], "branches": "01"},
        }
        gateway = stack.enter_context(Gateway(FUNCTIONS, tokens.get))
        headers = {"authorization": "Bearer everything", "idempotency-key": "first"}
        Ledger(Shop(world)).with_books()
        for method, target, body, status in (
            ("PUT", "/customers/Bon-1", '{"branch": "01", "name": "Eva"}', 200),
            ("PUT", "/customers/K-1", '{"branch": "01", "name": "Ada"}', 200),
            ("PUT", "/orders/Bon-1", '{"branch": "01", "customer": "K-1"}', 200),
            ("POST", "/documents", FIRST_DOCUMENT, 201),
            ("POST", "/payments", FIRST_PAYMENT, 201),
            ("PUT", "/import-profiles/accountant", FIRST_PROFILE, 200),
        ):
            answer = gateway.answer(method, target, headers | {"idempotency-key": target}, body.encode())
            assert answer["statusCode"] == status, answer
        desk = ImportDesk(Shop(world))
        waiting = statement([(f"{euros},00", "Danke") for euros in range(1, 21)])
        assert import_file(desk.put(UPLOADED, waiting), Context()) == {"batchItemFailures": []}
        desk.settle()
        KNOWN_IN_PATH["review_id"] = desk.reviews(desk.find(KNOWN_IN_PATH["import_id"]))[-1].id
        yield gateway


def ask(case: Any, gateway: Gateway, token: str | None) -> None:
    case.path_parameters = _mostly_known(case.path_parameters, KNOWN_IN_PATH)
    case.query = _mostly_known(case.query)
    case.body = _mostly_known(case.body)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=gateway.url, headers=headers, checks=CHECKS)


def quick(max_examples: int) -> settings:
    """Repeatable and without a file of its own."""
    return settings(
        max_examples=max_examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


@schema.parametrize()
@quick(15)
def test_who_may_do_everything(case: Any, gateway: Gateway) -> None:
    ask(case, gateway, "everything")


@schema.parametrize()
@quick(3)
@pytest.mark.parametrize("token", ["till", "nothing", "made-up", None])
def test_who_may_do_little_or_nothing(case: Any, gateway: Gateway, token: str | None) -> None:
    ask(case, gateway, token)


@pytest.mark.long
@schema.parametrize()
@quick(400)
def test_who_may_do_everything_for_long(case: Any, gateway: Gateway) -> None:
    ask(case, gateway, "everything")
