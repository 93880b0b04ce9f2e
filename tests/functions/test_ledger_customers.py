"""Customers with their terms, and orders, over HTTP; names stand in one place alone (PE-3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.journal import interrupted
from tests.functions.papers import Ledger, cancel, put_customer, record
from tests.functions.shops import CASHIER, FINANCE_A, TILL_B, Claims, Shop
from tillbridge.aws.cursors import read_cursor

FINANCE: Claims = {**FINANCE_A, "branches": "01 02"}


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop).with_books()


# Terms and customers


def test_terms_are_the_customers_where_the_document_has_none(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    inherited = record(shop, customer="k-1").done()
    assert inherited["terms"] == {"payment_days": 14, "discounts": [{"days": 7, "percent": "2.5"}]}
    assert (inherited["customer"], inherited["payable_on"]) == ("K-1", "2026-12-04")
    own = record(shop, number="RE-2", customer="K-1", terms={"payment_days": 30}).done()
    assert own["terms"] == {"payment_days": 30, "discounts": []}
    put_customer(shop, terms={"payment_days": 3}).done()
    assert shop.ask("GET", "/documents/RE-1").done()["terms"] == inherited["terms"]


def test_a_customer_is_written_down_changed_and_read(shop: Shop, ledger: Ledger) -> None:
    first = put_customer(shop, street="Deich 1", postcode="20095", country="DE", account="10001").done()
    assert first["revision"] == 1
    assert (
        put_customer(shop, street="Deich 1", postcode="20095", country="DE", account="10001").done() == first
    )
    changed = put_customer(shop, number="k-1", name="Muster-Meier, Eva").done()
    assert (changed["number"], changed["revision"]) == ("k-1", 2)
    assert shop.ask("GET", "/customers/K-1", claims=CASHIER).done() == changed


def test_the_customers_of_a_branch_are_listed_by_number(shop: Shop, ledger: Ledger) -> None:
    for number in ("K-3", "k-1", "K-2"):
        put_customer(shop, number).done()
    put_customer(shop, "A-1", branch="02", claims=TILL_B).done()
    first = shop.ask("GET", "/customers?branch=01&limit=2").done()
    rest = shop.ask("GET", f"/customers?branch=01&limit=2&cursor={first['next']}").done()
    assert [one["number"] for one in (*first["customers"], *rest["customers"])] == ["k-1", "K-2", "K-3"]


def test_a_customer_who_moves_to_another_branch_is_listed_there_alone(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    put_customer(shop, branch="02", claims=FINANCE).done()
    assert shop.ask("GET", "/customers?branch=01").done()["customers"] == []
    assert len(shop.ask("GET", "/customers?branch=02", claims=TILL_B).done()["customers"]) == 1


def test_names_stand_in_the_customers_own_row_alone(
    shop: Shop, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """PE-3: they can be taken out in one place; neither journal, marks, audit trail nor log has them."""
    put_customer(shop, street="Deich 1").done()
    record(shop, customer="K-1").done()
    shop.record("B-1", "1.00", invoice_number="RE-1").done()
    cancel(shop, "RE-1", number="GU-1").done()
    rows = [row for name in shop.world.names if name.endswith("_TABLE") for row in shop.table(name)]
    told = [row["pk"]["S"] for row in rows if "Muster" in repr(row) or "Deich" in repr(row)]
    assert told == ["CUSTOMER#k-1"]
    logged = capsys.readouterr()
    assert "Muster" not in logged.out + logged.err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "  "}, "name-is-empty"),
        ({"name": "a\nb"}, "text-has-control-characters"),
        ({"country": "de"}, "country-unreadable"),
        ({"account": "1a"}, "account-unreadable"),
    ],
)
def test_what_is_no_customer_is_refused(shop: Shop, ledger: Ledger, more: dict[str, Any], code: str) -> None:
    assert put_customer(shop, **more).code == code


def test_two_who_change_a_customer_at_once_are_told(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    others: list[dict[str, Any]] = []
    with interrupted("TransactWriteItems", lambda: others.append(put_customer(shop, city="Kiel").done())):
        refused = put_customer(shop, city="Bremen")
    assert (refused.status, refused.code) == (409, "customer-changed-meanwhile")
    assert shop.ask("GET", "/customers/K-1").done()["city"] == "Kiel"


def test_the_documents_of_a_customer(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    for number, day in (("RE-2", "2026-11-20"), ("RE-1", "2026-11-19"), ("RE-3", "2026-11-20")):
        record(shop, number=number, issued_on=day, customer="k-1").done()
    record(shop, number="RE-4").done()
    listed = shop.ask("GET", "/documents?customer=K-1").done()["documents"]
    assert [one["number"] for one in listed] == ["RE-1", "RE-2", "RE-3"]


def test_pages_of_a_customer_tell_nothing_of_documents_of_foreign_branches(
    shop: Shop, ledger: Ledger
) -> None:
    """A cursor can be read by its bearer: it names what the page shows, and no page is empty but the last."""
    put_customer(shop).done()
    record(shop, number="RE-1", issued_on="2026-11-17", customer="K-1").done()
    for place in range(3):
        day = f"2026-11-1{8 + place % 2}"
        record(
            shop, number=f"SECRET-{place}", issued_on=day, customer="K-1", branch="02", claims=FINANCE
        ).done()
    record(shop, number="RE-2", customer="K-1").done()
    record(shop, number="SECRET-9", customer="K-1", branch="02", claims=FINANCE).done()

    def pages(claims: Claims) -> tuple[list[list[str]], list[str]]:
        shown: list[list[str]] = []
        cursors: list[str] = []
        target = "/documents?customer=K-1&limit=1"
        answer = shop.ask("GET", target, claims=claims).done()
        while True:
            shown.append([one["number"] for one in answer["documents"]])
            if answer["next"] is None:
                return shown, cursors
            cursors.append(str(read_cursor(answer["next"])))
            answer = shop.ask("GET", f"{target}&cursor={answer['next']}", claims=claims).done()

    shown, cursors = pages(FINANCE_A)
    assert shown == [["RE-1"], ["RE-2"], []]
    assert "secret" not in "".join(cursors).lower()
    whole, _ = pages(FINANCE)
    assert [number for page in whole for number in page] == [
        "RE-1", "SECRET-0", "SECRET-2", "SECRET-1", "RE-2", "SECRET-9"
    ]  # fmt: skip


# Orders


def test_an_order_says_who_took_it_and_whom_to_reach(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    wanted = {"branch": "01", "operator_name": "Petra", "contact_number": "040 123", "customer": "k-1"}
    first = shop.ask("PUT", "/orders/AU-7", {**wanted, "ordered_on": "2026-11-19"}).done()
    assert (first["customer"], first["ordered_on"], first["revision"]) == ("K-1", "2026-11-19", 1)
    assert shop.ask("PUT", "/orders/AU-7", {**wanted, "ordered_on": "2026-11-19"}).done() == first
    changed = shop.ask("PUT", "/orders/au-7", {**wanted, "contact_number": "040 9"}).done()
    assert (changed["contact_number"], changed["ordered_on"], changed["revision"]) == ("040 9", None, 2)
    assert shop.ask("GET", "/orders/AU-7").done() == changed


def put_order(shop: Shop, number: str, branch: str = "01", claims: Claims = FINANCE) -> None:
    shop.ask("PUT", f"/orders/{number}", {"branch": branch, "operator_name": "Petra"}, claims=claims).done()


def test_the_orders_of_a_branch_are_listed_by_number(shop: Shop, ledger: Ledger) -> None:
    for number in ("AU-3", "au-1", "AU-2"):
        put_order(shop, number)
    put_order(shop, "AU-0", "02")
    put_customer(shop).done()
    first = shop.ask("GET", "/orders?branch=01&limit=2", claims=CASHIER).done()
    rest = shop.ask("GET", f"/orders?branch=01&limit=2&cursor={first['next']}").done()
    assert [one["number"] for one in (*first["orders"], *rest["orders"])] == ["au-1", "AU-2", "AU-3"]
    assert first["orders"][0] == shop.ask("GET", "/orders/AU-1").done()
    assert rest["next"] is None
    assert len(shop.ask("GET", "/customers?branch=01").done()["customers"]) == 1


def test_an_order_that_moves_to_another_branch_is_listed_there_alone(shop: Shop, ledger: Ledger) -> None:
    put_order(shop, "AU-1")
    put_order(shop, "AU-1", "02")
    assert shop.ask("GET", "/orders?branch=01").done()["orders"] == []
    assert len(shop.ask("GET", "/orders?branch=02", claims=TILL_B).done()["orders"]) == 1


def test_a_cursor_of_foreign_orders_or_of_another_list_opens_nothing(shop: Shop, ledger: Ledger) -> None:
    """PE-1: whatever it says, the list is that of the branch that was asked for."""
    for place in range(3):
        put_order(shop, f"AU-{place}", "02")
        put_customer(shop, f"K-{place}").done()
    foreign = shop.ask("GET", "/orders?branch=02&limit=1", claims=TILL_B).done()["next"]
    other = shop.ask("GET", "/customers?branch=01&limit=1").done()["next"]
    for cursor in (foreign, other):
        answer = shop.ask("GET", f"/orders?branch=01&cursor={cursor}")
        assert answer.status in {200, 422}
        assert "AU-" not in answer.text
        assert "K-" not in answer.text
