"""A till of one branch neither sees nor touches another; every change stands in the trail (PE-1, PE-2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.shops import (
    ADMIN,
    CASHIER,
    DAY,
    ERP,
    FINANCE_A,
    TAKEN_AT,
    TILL_A,
    TILL_B,
    Answer,
    Claims,
    Shop,
    bucket,
    directory,
    open_shop,
)

CANCELLATION = {"number": "S-9", "cancelled_at": TAKEN_AT}
CANCELS = {"idempotency_key": "foreign"}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Branch 02 has a payment, files at a bucket and a folder, an interface of its own and an agent."""
    with open_shop() as opened:
        opened.enrol("02", "till-1", "b" * 32)
        opened.enrol("01", "till-1", "a" * 32)
        opened.put_interface("chain", targets=[bucket("chain/"), directory("C:\\P")]).done()
        opened.put_interface("two", branch="02", targets=[bucket("two/")]).done()
        opened.record("B-2", claims=TILL_B, customer={"last_name": "Geheim"}).done()
        yield opened


def without_names(answer: Answer, *names: str) -> tuple[int, str]:
    """Status and body, with what was asked for taken out."""
    text = answer.text
    for name in names:
        text = text.replace(name, "?")
    return answer.status, text


FOREIGN_AND_NONE: list[tuple[str, str, str, dict[str, Any] | None, str, str]] = [
    ("a payment", "GET", "/payments/{}", None, "B-2", "B-9"),
    ("its cancellation", "POST", "/payments/{}/cancellations", CANCELLATION, "B-2", "B-9"),
    ("a file", "GET", "/payment-files/{}", None, "chain.bucket.B-2.in", "chain.bucket.B-9.in"),
    ("a claim", "POST", "/payment-files/{}/claims", None, "chain.bucket.B-2.in", "chain.bucket.B-9.in"),
    (
        "a claim elsewhere",
        "POST",
        "/payment-files/{}/claims",
        None,
        "chain.folder.B-2.in",
        "chain.folder.B-9.in",
    ),
    ("a days payments", "GET", f"/payments?day={DAY}&branch={{}}", None, "02", "99"),
    ("a days files", "GET", f"/payment-files?day={DAY}&branch={{}}", None, "02", "99"),
    ("a branch", "GET", "/branches/{}", None, "02", "99"),
    ("its workstations", "GET", "/branches/{}/workstations", None, "02", "99"),
    ("its agents", "GET", "/agents?branch={}", None, "02", "99"),
]


@pytest.mark.parametrize(
    ("method", "target", "body", "foreign", "none"),
    [each[1:] for each in FOREIGN_AND_NONE],
    ids=[each[0] for each in FOREIGN_AND_NONE],
)
@pytest.mark.parametrize(
    "claims", [TILL_A, ERP, CASHIER, FINANCE_A], ids=["till", "erp", "cashier", "finance"]
)
def test_what_is_foreign_looks_like_what_does_not_exist(
    shop: Shop, method: str, target: str, body: dict[str, Any] | None, foreign: str, none: str, claims: Claims
) -> None:
    """PE-1: the same answer, word for word, and nothing is written."""
    before = shop.all_that_is_written()
    seen = shop.ask(method, target.format(foreign), body, claims=claims, **CANCELS)
    empty = shop.ask(method, target.format(none), body, claims=claims, **CANCELS)
    assert shop.all_that_is_written() == before
    assert seen.status in {403, 404}
    assert without_names(seen, foreign) == without_names(empty, none)
    assert "Geheim" not in seen.text


@pytest.mark.parametrize("branch", ["02", "99"])
def test_nobody_records_a_payment_of_another_branch(shop: Shop, branch: str) -> None:
    before = shop.all_that_is_written()
    refused = shop.record("B-3", claims=TILL_A, branch=branch, workstation="till-1")
    assert (refused.status, refused.code, refused.fields) == (403, "branch-not-covered", ["branch"])
    assert shop.all_that_is_written() == before


def test_a_list_of_open_files_shows_only_ones_own(shop: Shop) -> None:
    """PE-1, PF-10: page by page, nothing of the others shines through."""
    shop.put_interface("open", targets=[bucket("open/")]).done()
    for place in range(4):
        shop.record(f"O-{place}").done()
        shop.record(f"P-{place}", claims=TILL_B).done()
    for claims, letter in ((ERP, "O"), ({**ERP, "branches": "02"}, "P")):
        found: list[str] = []
        cursor = ""
        while True:
            target = f"/payment-files?interface=open&target=bucket&limit=3{cursor}"
            page = shop.ask("GET", target, claims=claims).done()
            found += [file["number"] for file in page["files"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert found == [f"{letter}-{place}" for place in range(4)]


def test_a_cursor_of_another_branch_opens_nothing(shop: Shop) -> None:
    """PE-1: whatever it says, the list is that of the branch that was asked for."""
    for place in range(3):
        shop.record(f"C-{place}", claims=TILL_B).done()
    listed = shop.ask("GET", f"/payments?branch=02&day={DAY}&limit=1", claims=TILL_B).done()
    answer = shop.ask("GET", f"/payments?branch=01&day={DAY}&cursor={listed['next']}", claims=TILL_A)
    assert answer.status in {200, 422}
    assert '"02"' not in answer.text
    assert '"C-' not in answer.text


@pytest.mark.parametrize("claims", [TILL_A, ERP, CASHIER], ids=["till", "erp", "cashier"])
def test_a_till_cannot_manage_interfaces(shop: Shop, claims: Claims) -> None:
    """PE-1: neither its own branch's, nor those of all; it does not even read them."""
    before = shop.all_that_is_written()
    for name, where in (("chain", {}), ("mine", {"branch": "01"}), ("two", {"branch": "02"})):
        assert (
            shop.put_interface(name, claims=claims, targets=[bucket("n/")], **where).code == "act-not-allowed"
        )
        assert shop.ask("DELETE", f"/interfaces/{name}", claims=claims).code == "act-not-allowed"
        assert shop.ask("GET", f"/interfaces/{name}", claims=claims).code == "act-not-allowed"
    assert shop.ask("GET", "/interfaces", claims=claims).code == "act-not-allowed"
    assert shop.all_that_is_written() == before


def test_finance_of_a_branch_manages_that_branchs_interfaces_only(shop: Shop) -> None:
    """PE-1."""
    before = shop.all_that_is_written()
    assert shop.put_interface("mine", claims=FINANCE_A, targets=[bucket("n/")]).code == "chain-not-covered"
    refused = shop.put_interface("mine", claims=FINANCE_A, branch="02", targets=[bucket("n/")])
    assert refused.code == "branch-not-covered"
    assert shop.ask("DELETE", "/interfaces/chain", claims=FINANCE_A).status == 403
    assert shop.ask("DELETE", "/interfaces/two", claims=FINANCE_A).code == "interface-not-found"
    assert shop.ask("GET", "/interfaces/two", claims=FINANCE_A).code == "interface-not-found"
    assert shop.all_that_is_written() == before


def test_the_id_of_a_foreign_interface_tells_nothing_of_its_branch(shop: Shop) -> None:
    """PE-1: the id is taken; by whom is nobody's business."""
    refused = shop.put_interface("two", claims=FINANCE_A, branch="01", targets=[bucket("n/")])
    assert 400 <= refused.status < 500
    assert '"02"' not in refused.text


def test_an_agent_reaches_only_its_own_routes(shop: Shop) -> None:
    """PE-1: nothing of payments, interfaces, branches, users or other agents."""
    shop.ask("PUT", "/branches/01/workstations/till-3", {"name": "Three"}, claims=ADMIN).done()
    agent = shop.enrol("01", "till-3", "c" * 32)
    shop.record("B-1").done()
    before = shop.all_that_is_written()
    for method, target, body in [
        ("GET", "/payments/B-1", None),
        ("GET", f"/payments?branch=01&day={DAY}", None),
        ("POST", "/payments/B-1/cancellations", CANCELLATION),
        ("GET", "/payment-files/chain.bucket.B-1.in", None),
        ("POST", "/payment-files/chain.bucket.B-1.in/claims", None),
        ("GET", "/payment-files?interface=chain&target=bucket", None),
        ("GET", "/interfaces", None),
        ("DELETE", "/interfaces/chain", None),
        ("GET", "/agents?branch=01", None),
        ("POST", "/enrolment-codes", {"branch": "01", "workstation": "till-1"}),
        ("GET", "/branches", None),
        ("GET", "/users", None),
        ("GET", f"/audit-entries?day={DAY}&branch=01", None),
    ]:
        refused = shop.ask(method, target, body, claims=agent.claims, **CANCELS)
        assert refused.status == 403, target
    recorded = shop.record("B-2", claims=agent.claims)
    assert recorded.code == "act-not-allowed"
    assert shop.all_that_is_written() == before


def test_a_till_belongs_to_its_workstation(shop: Shop) -> None:
    """PE-1: another one of its branch is not its own either."""
    shop.ask("PUT", "/branches/01/workstations/till-2", {"name": "Two"}, claims=ADMIN).done()
    refused = shop.record("B-4", workstation="till-2")
    assert (refused.status, refused.code, refused.fields) == (403, "workstation-not-own", ["workstation"])
    missing = shop.record("B-4", claims=ERP)
    assert (missing.status, missing.code, missing.fields) == (422, "workstation-not-given", ["workstation"])
