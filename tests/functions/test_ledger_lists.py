"""What is read of documents and the journal over HTTP, what is handed over, and who may do that."""

from __future__ import annotations

import pytest

from tests.functions.calls import calls
from tests.functions.journal import interrupted
from tests.functions.papers import Ledger, cancel, hand_over, put_customer, record
from tests.functions.shops import ADMIN, CASHIER, FINANCE_A, TILL_B, Claims, Shop
from tillbridge.aws.cursors import write_cursor

FINANCE: Claims = {**FINANCE_A, "branches": "01 02"}


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop).with_books()


# Lists and the journal


def test_the_documents_of_a_day_page_by_page(shop: Shop, ledger: Ledger) -> None:
    for place in range(5):
        record(shop, number=f"RE-{place}").done()
    record(shop, number="RE-9", issued_on="2026-11-19").done()
    numbers, target = [], "/documents?branch=01&day=2026-11-20&limit=2"
    answer = shop.ask("GET", target).done()
    while True:
        numbers += [one["number"] for one in answer["documents"]]
        if answer["next"] is None:
            break
        answer = shop.ask("GET", f"{target}&cursor={answer['next']}").done()
    assert numbers == [f"RE-{place}" for place in range(5)]


def test_open_documents_by_side_and_currency(shop: Shop, ledger: Ledger) -> None:
    record(shop, number="RE-1").done()
    record(shop, number="GU-1", kind="credit-note", issued_on="2026-11-19").done()
    record(shop, number="ER-1", kind="incoming-invoice").done()
    record(shop, number="RE-2", currency="CHF").done()
    record(shop, number="RE-3").done()
    shop.record("B-1", "120.00", kind="invoice", invoice_number="RE-3").done()

    def listed(side: str, currency: str = "EUR") -> list[str]:
        found = shop.ask("GET", f"/documents?branch=01&side={side}&currency={currency}").done()
        return [one["number"] for one in found["documents"]]

    assert (listed("receivables"), listed("payables"), listed("receivables", "CHF")) == (
        ["GU-1", "RE-1"],
        ["ER-1"],
        ["RE-2"],
    )


@pytest.mark.parametrize("target", ["", "?branch=01", "?day=2026-11-20", "?side=receivables&branch=01"])
def test_a_list_needs_to_know_of_what(shop: Shop, ledger: Ledger, target: str) -> None:
    assert shop.ask("GET", f"/documents{target}").code == "documents-filter-not-given"


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "eyJwbGFjZSI6IDF9"])
def test_a_cursor_that_is_none_is_refused(shop: Shop, ledger: Ledger, cursor: str) -> None:
    for target in (
        "/documents?branch=01&day=2026-11-20&",
        "/documents?branch=01&side=receivables&currency=EUR&",
        "/customers?branch=01&",
        "/orders?branch=01&",
        "/journal-entries?branch=01&day=2026-11-21&",
    ):
        assert shop.ask("GET", f"{target}cursor={cursor}").code == "cursor-unreadable"


@pytest.mark.parametrize("place", ["-1", "9999999", "x", "", "\u00b2"])
def test_a_cursor_of_entries_that_leads_nowhere_is_refused(shop: Shop, ledger: Ledger, place: str) -> None:
    record(shop).done()
    for cursor in (write_cursor({"place": place}), write_cursor({"entry": "x"})):
        assert shop.ask("GET", f"/documents/RE-1/entries?cursor={cursor}").code == "cursor-unreadable"


def test_the_entries_of_a_document_page_by_page(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    for place in range(4):
        shop.record(f"B-{place}", "10.00", kind="invoice", invoice_number="RE-1").done()
    sources, target = [], "/documents/RE-1/entries?limit=2"
    answer = shop.ask("GET", target).done()
    while True:
        sources += [one["source"] for one in answer["entries"]]
        if answer["next"] is None:
            break
        answer = shop.ask("GET", f"{target}&cursor={answer['next']}").done()
    assert sources == ["document/RE-1", *(f"payment/B-{place}" for place in range(4))]


def test_the_journal_of_a_day_in_the_order_of_its_recording(shop: Shop, ledger: Ledger) -> None:
    for place in range(7):
        record(shop, number=f"RE-{place}").done()
        shop.world.clock.forward(seconds=1)
    record(shop, number="RE-9", branch="02", claims=TILL_B).done()
    numbers, target = [], "/journal-entries?branch=01&day=2026-11-21&limit=3"
    answer = shop.ask("GET", target).done()
    while True:
        numbers += [one["document"] for one in answer["entries"]]
        if answer["next"] is None:
            break
        answer = shop.ask("GET", f"{target}&cursor={answer['next']}").done()
    assert numbers == [f"RE-{place}" for place in range(7)]


# Handing over


def test_documents_are_handed_over_together_and_only_once(shop: Shop, ledger: Ledger) -> None:
    for number in ("RE-1", "RE-2"):
        record(shop, number=number).done()
    told = hand_over(shop, "re-1", "RE-2").done()["documents"]
    assert [(one["number"], one["handed_over_on"]) for one in told] == [
        ("RE-1", "2026-11-21"),
        ("RE-2", "2026-11-21"),
    ]
    before = shop.all_that_is_written()
    assert hand_over(shop, "RE-2", "RE-1").done()
    assert shop.all_that_is_written() == before
    refused = hand_over(shop, "RE-1", day="2026-11-20")
    assert (refused.status, refused.code) == (409, "document-handed-over-before")
    [item] = [
        one
        for one in shop.world.ledger.open_items("receivables", "01", "EUR", "2026-12-01")
        if one.number == "RE-1"
    ]
    assert item.handed_over_on == "2026-11-21", "the list of open items knows it, too"
    assert ledger.holds() == 12_000


@pytest.mark.parametrize(
    ("numbers", "day", "code", "field"),
    [
        (("RE-1", "RE-9"), "2026-11-21", "document-not-found", "numbers.1"),
        (("RE-1", "RE-B"), "2026-11-21", "document-not-found", "numbers.1"),
        (("RE-1", "re-1"), "2026-11-21", "document-twice", "numbers.1"),
        (("RE-1",), "2026-11-19", "handed-over-before-issue", "numbers.0"),
        (("RE-1",), "2026-11-25", "issued-ahead", "handed_over_on"),
    ],
)
def test_what_cannot_be_handed_over_leaves_all_as_it_was(
    shop: Shop, ledger: Ledger, numbers: tuple[str, ...], day: str, code: str, field: str
) -> None:
    record(shop).done()
    record(shop, number="RE-B", branch="02", claims=TILL_B).done()
    before = shop.all_that_is_written()
    refused = hand_over(shop, *numbers, day=day, claims=FINANCE)
    assert (refused.code, refused.fields) == (code, [field])
    assert shop.all_that_is_written() == before


def test_as_many_as_possible_are_handed_over_at_once(shop: Shop, ledger: Ledger) -> None:
    numbers = [f"RE-{place}" for place in range(45)]
    for number in numbers:
        ledger.issue(number)
    with calls() as seen:
        assert len(hand_over(shop, *numbers).done()["documents"]) == 45
    assert [name for name, _ in seen if name.startswith("Transact")] == ["TransactWriteItems"]


def test_a_payment_at_the_same_moment_delays_no_handover(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()

    def pay() -> None:
        shop.record("B-1", "20.00", kind="invoice", invoice_number="RE-1").done()

    with interrupted("TransactWriteItems", pay):
        hand_over(shop, "RE-1").done()
    assert ledger.holds() == 10_000
    assert ledger.document().handed_over_on == "2026-11-21"


# Who may do what


def test_what_belongs_to_another_branch_is_as_good_as_none(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    shop.ask("PUT", "/orders/AU-1", {"branch": "01"}).done()
    told = record(shop, customer="K-1").done()
    for target, code in (
        ("/documents/RE-1", "document-not-found"),
        ("/documents/RE-1/entries", "document-not-found"),
        (f"/journal-entries/{told['bookings'][0]['entry']}", "entry-not-found"),
        ("/customers/K-1", "customer-not-found"),
        ("/documents?customer=K-1", "customer-not-found"),
        ("/orders/AU-1", "order-not-found"),
    ):
        foreign = shop.ask("GET", target, claims=TILL_B)
        none = shop.ask("GET", target.replace("-1", "-9"), claims=TILL_B)
        assert (foreign.status, foreign.code, none.code) == (404, code, code)
    assert cancel(shop, "RE-1", claims=TILL_B, number="GU-1").status == 404
    assert (
        record(shop, number="RE-2", branch="02", customer="K-1", claims=TILL_B).code == "customer-not-found"
    )


@pytest.mark.parametrize(
    "target",
    [
        "/documents?branch=01&day=2026-11-20",
        "/documents?branch=01&side=receivables&currency=EUR",
        "/customers?branch=01",
        "/orders?branch=01",
        "/journal-entries?branch=01&day=2026-11-21",
    ],
)
def test_lists_of_another_branch_are_forbidden(shop: Shop, ledger: Ledger, target: str) -> None:
    refused = shop.ask("GET", target, claims=TILL_B)
    assert (refused.status, refused.code) == (403, "branch-not-covered")


def test_who_only_reads_records_nothing(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    for refused in (
        record(shop, number="RE-2", claims=CASHIER),
        put_customer(shop, claims=CASHIER),
        shop.ask("PUT", "/orders/AU-1", {"branch": "01"}, claims=CASHIER),
        cancel(shop, "RE-1", claims=CASHIER),
        hand_over(shop, "RE-1", claims=ADMIN),
        record(shop, branch="02"),
        put_customer(shop, branch="02"),
    ):
        assert refused.status == 403


def test_a_number_of_another_branch_is_not_taken_over(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    shop.ask("PUT", "/orders/AU-1", {"branch": "01"}).done()
    taken = put_customer(shop, branch="02", claims=TILL_B)
    assert (taken.status, taken.code) == (409, "customer-number-taken")
    taken = shop.ask("PUT", "/orders/AU-1", {"branch": "02"}, claims=TILL_B)
    assert (taken.status, taken.code) == (409, "order-number-taken")


def test_numbers_with_blanks_umlauts_and_percent_signs(shop: Shop, ledger: Ledger) -> None:
    record(shop, number="RE Bär 100%").done()
    assert shop.ask("GET", "/documents/RE%20B%C3%A4r%20100%25").done()["number"] == "RE Bär 100%"
    shop.record("B 1", "1.00", invoice_number="RE Bär 100%").done()
    told = shop.ask("GET", "/documents/RE%20B%C3%A4r%20100%25").done()
    assert [one["source"] for one in told["bookings"]] == ["document/RE Bär 100%", "payment/B 1"]


@pytest.mark.parametrize("number", ["%EF%B7%BA" * 22, "x" * 200, "."])
def test_a_number_that_nobody_can_have_is_not_found(shop: Shop, ledger: Ledger, number: str) -> None:
    """However long it grows when its signs are unfolded."""
    for noun in ("documents", "customers", "orders", "journal-entries"):
        assert shop.ask("GET", f"/{noun}/{number[:98]}").status in (404, 422)
