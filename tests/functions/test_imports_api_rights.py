"""Who may do what with imports, and that foreign branches' imports are as good as none (PE-1)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.imports import open_desk, payments_csv
from tests.functions.imports_shop import (
    ACCOUNTANT,
    AGENT,
    APPROVER,
    BOTH,
    FINANCE,
    FINANCE_B,
    PROFILE,
    ApiDesk,
    statement,
)
from tests.functions.shops import ADMIN, CASHIER, FINANCE_A, TILL_A, Claims
from tests.world import ADMIN as OWNER
from tillbridge.ledger.books_model import Client
from tillbridge.wiring import books

CALLERS: dict[str, Claims] = {
    "cashier": CASHIER,
    "till": TILL_A,
    "agent": {**AGENT, "branches": "01 02"},
    "accountant": ACCOUNTANT,
    "approver": APPROVER,
    "finance": FINANCE,
    "admin": ADMIN,
}
READERS = {"accountant", "approver", "finance", "admin"}
UPLOADERS = {"agent", "accountant", "finance"}
DECIDERS = {"approver", "finance"}
MANAGERS = {"finance", "admin"}
SAMPLE = base64.b64encode(payments_csv([["RE-1", "100,00", "20261105"]])).decode()
MAPPING = {"variant": "payments", "columns": {"invoice_number": "Rechnungsnummer"}}
TRIAL = {"file_name": "x.csv", "currency": "EUR", "mapping": MAPPING, "sample": SAMPLE}
REASON = {"reason": "because"}
DISMISSAL = {"decision": "dismiss"}
ROUTES: list[tuple[str, str, dict[str, Any] | None, set[str]]] = [
    ("GET", "/import-profiles", None, READERS),
    ("GET", "/import-profiles/accountant", None, READERS),
    ("PUT", "/import-profiles/accountant", {**PROFILE}, MANAGERS),
    ("POST", "/mapping-trials", TRIAL, MANAGERS),
    ("POST", "/imports", {"profile": "accountant", "file_name": "x.csv"}, UPLOADERS),
    ("GET", "/imports?client=M1", None, READERS),
    ("GET", "/imports/{done}", None, READERS),
    ("GET", "/imports/{done}/rows", None, READERS),
    ("GET", "/imports/{done}/report", None, READERS),
    ("GET", "/imports/{done}/reviews", None, READERS),
    ("POST", "/imports/{done}/reviews/{review}/decisions", DISMISSAL, DECIDERS),
    ("POST", "/imports/{rejected}/approvals", {"decision": "reject", **REASON}, DECIDERS),
    ("POST", "/imports/{done}/deletions", REASON, DECIDERS),
]


@pytest.fixture(scope="module")
def ids() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def chain(ids: dict[str, str]) -> Iterator[ApiDesk]:
    """The client's whole chain has a booked statement with a row that waits, and a rejected import."""
    with open_desk() as opened:
        desk = ApiDesk(opened.shop)
        desk.put_profile("careful", approval="always").done()
        desk.put_profile("two", branches=["02"]).done()
        desk.invoice("RE-1", 10_000)
        desk.invoice("RE-2", 20_000, branch="02")
        ids["done"] = desk.upload_by_form("s.sta", statement([("33,00", "Danke")]))
        ids["review"] = desk.get(f"/imports/{ids['done']}/reviews")["reviews"][0]["id"]
        content = payments_csv([["RE-1", "1,00", "20261105"]])
        ids["rejected"] = desk.upload_by_form("r.csv", content, profile="careful")
        content = payments_csv([["RE-2", "1,00", "20261105"]])
        ids["foreign"] = desk.upload_by_form("2.csv", content, profile="two")
        desk.post(f"/imports/{ids['rejected']}/approvals", decision="reject", reason="no")
        yield desk


@pytest.mark.parametrize("role", sorted(CALLERS))
def test_a_role_may_what_it_is_for_and_nothing_else(chain: ApiDesk, ids: dict[str, str], role: str) -> None:
    for method, target, body, allowed in ROUTES:
        if role in allowed and (method, target) == ("POST", "/imports/{done}/deletions"):
            continue  # what it does is another test's subject
        before = chain.written()
        answer = chain.ask(method, target.format(**ids), body, CALLERS[role])
        if role in allowed:
            assert answer.status in {200, 201}, (target, answer.text)
        else:
            assert (answer.status, answer.code) == (403, "act-not-allowed"), target
            assert chain.written() == before, target


def test_whoever_covers_a_branch_of_several_sees_nothing_of_what_concerns_all(
    chain: ApiDesk, ids: dict[str, str]
) -> None:
    assert chain.get("/imports?client=M1", FINANCE_A)["imports"] == []
    assert [one["id"] for one in chain.get("/import-profiles", FINANCE_A)["profiles"]] == []
    assert [one["id"] for one in chain.get("/import-profiles", FINANCE_B)["profiles"]] == ["two"]
    assert {one["id"] for one in chain.get("/import-profiles", BOTH)["profiles"]} == {
        "accountant", "careful", "two",
    }  # fmt: skip
    assert [one["id"] for one in chain.get("/imports?client=M1", FINANCE_B)["imports"]] == [ids["foreign"]]


FOREIGN: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/imports/{}", None),
    ("GET", "/imports/{}/rows", None),
    ("GET", "/imports/{}/report", None),
    ("GET", "/imports/{}/reviews", None),
    ("POST", "/imports/{}/approvals", {"decision": "approve", **REASON}),
    ("POST", "/imports/{}/approvals", {"decision": "reject", **REASON}),
    ("POST", "/imports/{}/deletions", REASON),
    ("POST", "/imports/{}/reviews/0000001/decisions", DISMISSAL),
]


@pytest.mark.parametrize(("method", "target", "body"), FOREIGN, ids=[f"{one[0]} {one[1]}" for one in FOREIGN])
def test_a_foreign_import_is_as_good_as_none(
    chain: ApiDesk, ids: dict[str, str], method: str, target: str, body: dict[str, Any] | None
) -> None:
    """The same answer, word for word, and nothing is written."""
    before = chain.written()
    none = "IM-" + 20 * "0"
    for claims, known in ((FINANCE_A, ids["foreign"]), (FINANCE_B, ids["done"])):
        seen = chain.ask(method, target.format(known), body, claims)
        empty = chain.ask(method, target.format(none), body, claims)
        assert (seen.status, seen.code) == (404, "import-not-found")
        assert seen.text.replace(known, "?") == empty.text.replace(none, "?")
    assert chain.written() == before


def test_a_foreign_profile_is_as_good_as_none(chain: ApiDesk) -> None:
    for name in ("two", "accountant"):
        read = chain.ask("GET", f"/import-profiles/{name}", claims=FINANCE_A)
        none = chain.ask("GET", "/import-profiles/none", claims=FINANCE_A)
        assert read.status == 404
        assert read.text.replace(name, "?") == none.text.replace("none", "?")
        body = {"profile": name, "file_name": "x.csv"}
        announced = chain.ask("POST", "/imports", body, FINANCE_A)
        assert (announced.status, announced.code) == (404, "profile-not-found")


def test_a_profile_is_written_by_who_covers_its_branches_now_and_then(chain: ApiDesk) -> None:
    before = chain.written()
    for answer, status, code in (
        (chain.put_profile("mine", FINANCE_A), 403, "chain-not-covered"),
        (chain.put_profile("mine", FINANCE_A, branches=["02"]), 403, "branch-not-covered"),
        (chain.put_profile("mine", FINANCE_A, branches=["99"]), 403, "branch-not-covered"),
        (chain.put_profile("mine", FINANCE, branches=["99"]), 422, "branch-of-another-client"),
        (chain.put_profile("two", FINANCE_A, branches=["01"]), 409, "profile-id-taken"),
        (chain.put_profile("careful", FINANCE_A, branches=["01"]), 409, "profile-id-taken"),
    ):
        assert (answer.status, answer.code) == (status, code)
        assert "02" not in answer.text or answer.code == "branch-not-covered"
    assert chain.written() == before
    assert chain.put_profile("mine", FINANCE_A, branches=["01"]).status == 200


def test_a_foreign_client_is_as_good_as_none(chain: ApiDesk) -> None:
    client = Client(id="M2", name="Akustik", client_number=2, consultant_number=1001, consultant_name="Beck")
    books().put_client(OWNER, client)
    for claims in (FINANCE_A, BOTH):
        seen, none = (chain.put_profile("new", claims, client=name, branches=["01"]) for name in ("M2", "M9"))
        assert (seen.status, seen.code) == (404, "client-not-found")
        assert seen.text.replace("M2", "?") == none.text.replace("M9", "?")
