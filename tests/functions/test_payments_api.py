"""Payments over HTTP: what a till records, cancels and looks up (PF-1 to PF-5, PF-12 to PF-14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.shops import (
    CASHIER,
    DAY,
    ERP,
    TAKEN_AT,
    TILL_A,
    TILL_B,
    Shop,
    bucket,
    content_of,
    directory,
    event,
)


def a_visit(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "branch": "01",
        "kind": "sale",
        "currency": "EUR",
        "taken_at": TAKEN_AT,
        "lines": list(lines),
        **more,
    }


def line(number: str, amount: str, method: str = "cash", **more: str) -> dict[str, str]:
    return {"number": number, "amount": amount, "method": method, **more}


def test_the_recorded_event_records_the_payment_of_the_original(shop: Shop) -> None:
    """PF-1, PF-3, PF-4: the first file of the seed, from the till's call to the bucket."""
    shop.put_interface().done()
    answer = shop.send(event("payments_api"))
    assert answer.status == 201, answer.text
    [payment] = answer.body["payments"]
    assert (payment["number"], payment["amount"], payment["recorded_by"]) == (
        "Bon-01-0019-19",
        "5.10",
        "till-a",
    )
    assert [file["name"] for file in payment["files"]] == ["Bon-01-0019-19.in"]
    assert shop.objects() == {
        "erp/Bon-01-0019-19.in": b"documentkey=Bon-01-0019-19\r\namount=5.10\r\ncustomer=Kassen Kunde\r\n"
        b"processnr=\r\ninvoicnr=Bon-01-0019-19\r\npaymenttype=cash\r\ndate=2019-08-02 08:05\r\n"
        b"staff=AMPAREX\r\n"
    }


def test_money_out_makes_an_out_file_with_a_minus(shop: Shop) -> None:
    """PF-3, PF-4: the second file of the seed."""
    shop.put_interface().done()
    shop.record(
        "Bon-01-0018-19",
        "218.49",
        direction="out",
        invoice_number="Bon-01-0018-19",
        taken_at="2019-08-02T08:15:00+02:00",
        staff="AMPAREX",
        customer={"last_name": "Abele", "first_name": "Anton"},
    ).done()
    assert shop.objects() == {
        "erp/Bon-01-0018-19.out": b"documentkey=Bon-01-0018-19\r\namount=-218.49\r\ncustomer=Abele, Anton\r\n"
        b"processnr=\r\ninvoicnr=Bon-01-0018-19\r\npaymenttype=cash\r\ndate=2019-08-02 08:15\r\n"
        b"staff=AMPAREX\r\n"
    }


def test_a_visit_makes_one_file_for_each_pair_of_invoice_and_method(shop: Shop) -> None:
    """PF-1: several invoices, several methods, change out of the cash part."""
    shop.put_interface(targets=[bucket("a/", "one"), bucket("b/", "two")]).done()
    visit = a_visit(
        line("B-1", "30.00", "card", invoice_number="R-1"),
        line("B-2", "20.00", "cash", invoice_number="R-1"),
        line("B-3", "50.00", "cash", invoice_number="R-2", case_number="V-7"),
        change="12.50",
    )
    payments = shop.ask("POST", "/payments", visit, idempotency_key="k").done()["payments"]
    assert [(each["number"], each["amount"]) for each in payments] == [
        ("B-1", "30.00"),
        ("B-2", "20.00"),
        ("B-3", "37.50"),
    ]
    assert len({each["taking"] for each in payments}) == 1
    assert sorted(shop.objects()) == [f"{prefix}/B-{which}.in" for prefix in "ab" for which in "123"]
    third = shop.objects()["a/B-3.in"].decode().splitlines()
    assert third[1:6] == [
        "amount=37.50",
        "customer=Kassen Kunde",
        "processnr=V-7",
        "invoicnr=R-2",
        "paymenttype=cash",
    ]


@pytest.mark.parametrize("kind", ["sale", "down_payment", "invoice"])
def test_what_was_sold_makes_a_file(shop: Shop, kind: str) -> None:
    """PF-1."""
    shop.put_interface().done()
    shop.record(kind=kind).done()
    assert list(shop.objects()) == ["erp/B-1.in"]


@pytest.mark.parametrize(
    ("kind", "direction"),
    [
        ("cash_deposit", "in"),
        ("float", "in"),
        ("cash_withdrawal", "out"),
        ("petty_cash", "out"),
        ("safe_drop", "out"),
    ],
)
def test_cash_that_is_only_moved_never_makes_a_file(shop: Shop, kind: str, direction: str) -> None:
    """PF-2: neither when it is recorded, nor when it is cancelled."""
    shop.put_interface(targets=[bucket(), directory()]).done()
    agent = shop.enrol()
    [payment] = shop.record(kind=kind, direction=direction).done()["payments"]
    assert payment["files"] == []
    cancelled = shop.cancel("B-1", "S-1").done()
    assert cancelled["cancellation"]["files"] == cancelled["files"] == []
    shop.let_all_pass()
    assert shop.objects() == {}
    assert agent.jobs("folder.erp.folder") == []


@pytest.mark.parametrize("again", ["B-1", "b-1", "Ｂ-1"])
def test_a_number_is_taken_whatever_its_case_and_wherever(shop: Shop, again: str) -> None:
    """PF-3: unique in the whole chain."""
    shop.record("B-1").done()
    for claims in (TILL_A, TILL_B):
        before = shop.all_that_is_written()
        refused = shop.record(again, claims=claims)
        assert (refused.status, refused.code, refused.fields) == (409, "number-taken", ["number"])
        assert shop.all_that_is_written() == before


def test_a_cancellations_number_is_taken_too(shop: Shop) -> None:
    """PF-3: by whichever kind of document."""
    shop.record("B-1").done()
    shop.record("B-2").done()
    assert shop.cancel("B-1", "b-2").code == "number-taken"
    assert shop.cancel("B-1", "B-1").code == "number-taken"
    shop.cancel("B-1", "S-1").done()
    assert shop.record("s-1").code == "number-taken"
    assert shop.cancel("B-2", "S-1").code == "number-taken"
    assert shop.ask("GET", "/payments/B-2").done()["state"] == "recorded"


def test_a_number_with_signs_is_found_under_its_own_address(shop: Shop) -> None:
    """PF-14: whatever a number may hold can be asked for."""
    for number, address in [("Bär 100%", "B%C3%A4r%20100%25"), ("a+b=c&d;e", "a+b=c&d;e"), ("#1", "%231")]:
        shop.record(number).done()
        assert shop.ask("GET", f"/payments/{address}").done()["number"] == number


# Cancelling


def test_a_cancellation_is_a_payment_of_its_own(shop: Shop) -> None:
    """PF-5, PF-14."""
    shop.record("B-1", "10.00", customer={"last_name": "Abele"}, invoice_number="R-1").done()
    shop.cancel("B-1", "S-1", "4.00").done()
    shop.cancel("B-1", "S-2").done()
    payment = shop.ask("GET", "/payments/b-1").done()
    assert (payment["state"], payment["cancelled_amount"]) == ("cancelled", "10.00")
    assert payment["cancelled_by"] == ["S-1", "S-2"]
    assert [each["what"] for each in payment["history"]] == ["recorded", "partly cancelled", "cancelled"]
    second = shop.ask("GET", "/payments/S-2").done()
    assert (second["kind"], second["direction"], second["amount"], second["cancels"]) == (
        "cancellation",
        "out",
        "6.00",
        "B-1",
    )
    assert (second["customer"]["last_name"], second["invoice_number"]) == ("Abele", "R-1")


@pytest.mark.parametrize(
    ("amount", "code", "status"),
    [
        ("10.01", "cancels-more-than-is-left", 409),
        ("0", "amount-not-positive", 422),
        ("-1", "amount-not-positive", 422),
        ("1.001", "amount-has-too-many-decimals", 422),
        ("x", "amount-unreadable", 422),
    ],
)
def test_cancellations_that_cannot_be(shop: Shop, amount: str, code: str, status: int) -> None:
    shop.put_interface().done()
    shop.record("B-1", "10.00").done()
    before = shop.all_that_is_written()
    refused = shop.cancel("B-1", "S-1", amount)
    assert (refused.status, refused.code, refused.fields) == (status, code, ["amount"])
    assert shop.all_that_is_written() == before


def test_what_is_cancelled_is_not_cancelled_again(shop: Shop) -> None:
    shop.record("B-1").done()
    shop.cancel("B-1", "S-1").done()
    before = shop.all_that_is_written()
    assert shop.cancel("B-1", "S-2").code == "payment-is-cancelled"
    assert shop.cancel("S-1", "S-2").code == "cancellation-of-a-cancellation"
    assert shop.cancel("B-9", "S-2").code == "payment-not-found"
    assert shop.all_that_is_written() == before


# Looking up


def listed(shop: Shop, target: str, what: str, limit: int = 50) -> list[str]:
    """Names or numbers of all pages, none of them longer than asked."""
    found: list[str] = []
    cursor = ""
    while True:
        page = shop.ask("GET", f"{target}&limit={limit}{cursor}").done()
        assert len(page[what]) <= limit
        found += [each.get("name") or each["number"] for each in page[what]]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_days_payments_come_page_by_page_and_each_once(shop: Shop, limit: int) -> None:
    """PF-14: oldest first."""
    shop.put_interface(targets=[bucket("a/", "one"), bucket("b/", "two")]).done()
    for minute in (30, 10, 50, 20, 40):
        shop.record(f"B-{minute}", taken_at=f"2026-11-21T08:{minute}:00+01:00").done()
    shop.record("other-day", taken_at="2026-11-20T23:59:59+01:00").done()
    shop.record("other-branch", claims=TILL_B).done()
    expected = [f"B-{minute}" for minute in (10, 20, 30, 40, 50)]
    assert listed(shop, f"/payments?branch=01&day={DAY}", "payments", limit) == expected
    files = listed(shop, f"/payment-files?branch=01&day={DAY}", "files", limit)
    assert files == [f"{number}.in" for number in expected for _ in range(2)]


def test_a_day_is_that_of_the_branch(shop: Shop) -> None:
    """PF-14: half past midnight in Hamburg is the day before in UTC."""
    shop.record("B-1", taken_at="2026-11-20T23:30:00Z").done()
    assert listed(shop, "/payments?branch=01&day=2026-11-21", "payments") == ["B-1"]
    assert listed(shop, "/payments?branch=01&day=2026-11-20", "payments") == []


def test_payments_and_files_are_found_by_state(shop: Shop) -> None:
    """PF-14."""
    shop.put_interface().done()
    for number in ("B-1", "B-2", "B-3"):
        shop.record(number, "10.00").done()
    shop.cancel("B-1", "S-1").done()
    shop.cancel("B-2", "S-2", "1.00").done()
    for state, numbers in [
        ("cancelled", ["B-1"]),
        ("partly_cancelled", ["B-2"]),
        ("recorded", ["B-3", "S-1", "S-2"]),
    ]:
        target = f"/payments?branch=01&day={DAY}&state={state}"
        assert sorted(listed(shop, target, "payments", 2)) == numbers
    for state, names in [("withdrawn", ["B-1.in"]), ("pending", ["B-2.in", "B-3.in", "S-2.out"])]:
        target = f"/payment-files?branch=01&day={DAY}&state={state}"
        assert sorted(listed(shop, target, "files", 2)) == names


def test_a_cursor_belongs_to_its_list(shop: Shop) -> None:
    for number in ("B-1", "B-2"):
        shop.record(number).done()
    cursor = shop.ask("GET", f"/payments?branch=01&day={DAY}&limit=1").done()["next"]
    for wrong in ("x", cursor[:-4], "W10"):
        refused = shop.ask("GET", f"/payments?branch=01&day={DAY}&cursor={wrong}")
        assert (refused.status, refused.code, refused.fields) == (422, "cursor-unreadable", ["cursor"])
    assert shop.ask("GET", "/payments?branch=01").status == 422
    assert shop.ask("GET", f"/payments?branch=01&day={DAY}&limit=101").status == 422
    assert shop.ask("GET", f"/payments?branch=01&day={DAY}&stat=recorded").fields == ["stat"]


def test_a_file_tells_its_whole_history(shop: Shop) -> None:
    """PF-14: when, what, by whom."""
    shop.put_interface().done()
    shop.record("B-1").done()
    shop.deliver()
    shop.world.clock.forward(minutes=1)
    claimed = shop.ask("POST", "/payment-files/erp.bucket.B-1.in/claims", claims=ERP).done()
    assert content_of(claimed["content_base64"])["documentkey"] == "B-1"
    shop.world.clock.forward(minutes=1)
    shop.cancel("B-1", "S-1", claims=CASHIER).done()
    history = shop.ask("GET", "/payment-files/erp.bucket.B-1.in").done()["history"]
    assert [(each["what"], each["by"], each["at"]) for each in history] == [
        ("made", "till-a", "2026-11-21T09:00:00Z"),
        ("delivered", "tillbridge", "2026-11-21T09:00:00Z"),
        ("collected", "erp", "2026-11-21T09:01:00Z"),
        ("countered", "carla", "2026-11-21T09:02:00Z"),
    ]
    counter = shop.ask("GET", "/payment-files/erp.bucket.S-1.out").done()
    assert (counter["counters"], counter["history"][0]["what"]) == ("b-1", "made")
