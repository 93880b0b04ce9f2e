"""A payment that names an invoice settles it in its own transaction, and its cancellation takes that back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.functions.calls import calls
from tests.functions.papers import Ledger
from tests.functions.shops import TILL_B, Answer, Shop, bucket
from tillbridge.ledger.model import MAX_BOOKINGS, DocumentKind
from tillbridge.payments.model import PaymentKind, PaymentMethod
from tillbridge.payments.settlements import MEANS, SETTLING


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop)


def visit(shop: Shop, *lines: dict[str, str], key: str = "visit", **more: Any) -> Answer:
    body = {
        "branch": "01",
        "kind": "invoice",
        "currency": "EUR",
        "taken_at": "2026-11-21T09:55:00+01:00",
        "lines": list(lines),
        **more,
    }
    return shop.ask("POST", "/payments", body, idempotency_key=key)


def line(
    number: str, amount: str, method: str = "cash", invoice: str = "RE-1", **more: str
) -> dict[str, str]:
    return {"number": number, "amount": amount, "method": method, "invoice_number": invoice, **more}


# What is booked


@pytest.mark.parametrize("method", PaymentMethod)
def test_an_invoice_is_settled_whatever_it_is_paid_with(
    shop: Shop, ledger: Ledger, method: PaymentMethod
) -> None:
    ledger.issue()
    shop.record("B-1", "100.00", kind="invoice", method=method.value, invoice_number="RE-1").done()
    assert ledger.booked() == [("payment/B-1", MEANS[method].value, 10_000)]
    assert ledger.holds() == 0
    settled_invoice = ledger.document()
    assert (settled_invoice.balance.settled_on, settled_invoice.balance.paid_minor) == ("2026-11-21", 10_000)
    assert all(entry.exportable for entry in ledger.entries())


def test_the_list_of_means_has_every_method() -> None:
    assert set(MEANS) == set(PaymentMethod)


@pytest.mark.parametrize(("amount", "due"), [("40.00", 6_000), ("100.00", 0), ("120.00", -2_000)])
def test_a_part_leaves_the_rest_open_and_too_much_is_overpaid(
    shop: Shop, ledger: Ledger, amount: str, due: int
) -> None:
    ledger.issue()
    shop.record("B-1", amount, kind="invoice", invoice_number="RE-1").done()
    assert ledger.holds() == due


@pytest.mark.parametrize(
    ("kind", "direction", "due"),
    [
        (DocumentKind.INVOICE, "in", 7_000),
        (DocumentKind.INVOICE, "out", 13_000),
        (DocumentKind.CREDIT_NOTE, "out", -7_000),
        (DocumentKind.CREDIT_NOTE, "in", -13_000),
        (DocumentKind.INCOMING_INVOICE, "out", -7_000),
        (DocumentKind.INCOMING_INVOICE, "in", -13_000),
    ],
)
def test_money_counts_in_the_direction_in_which_it_goes(
    shop: Shop, ledger: Ledger, kind: DocumentKind, direction: str, due: int
) -> None:
    ledger.issue(kind=kind)
    shop.record("B-1", "30.00", kind="invoice", invoice_number="RE-1", direction=direction).done()
    assert ledger.holds() == due


@pytest.mark.parametrize("kind", [kind for kind in PaymentKind if kind is not PaymentKind.CANCELLATION])
def test_cash_that_is_moved_without_a_sale_settles_nothing(
    shop: Shop, ledger: Ledger, kind: PaymentKind
) -> None:
    ledger.issue(kind=DocumentKind.INCOMING_INVOICE)
    out = kind in {PaymentKind.PETTY_CASH, PaymentKind.CASH_WITHDRAWAL, PaymentKind.SAFE_DROP}
    shop.record(
        "B-1", "10.00", kind=kind.value, invoice_number="RE-1", direction="out" if out else "in"
    ).done()
    assert (ledger.holds() != -10_000) is (kind in SETTLING)


def test_a_number_is_known_whatever_its_case(shop: Shop, ledger: Ledger) -> None:
    ledger.issue("RE-Ä 1 %")
    shop.record("B-1", "1.00", invoice_number="re-ä 1 %").done()
    assert ledger.holds("RE-Ä 1 %") == 9_900


def test_the_payments_history_says_what_it_settled(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    shop.record("B-1", "1.00", invoice_number="re-1").done()
    shop.record("B-2", "1.00", invoice_number="RE-2").done()
    told = [
        shop.ask("GET", f"/payments/{number}").done()["history"][0]["detail"] for number in ("B-1", "B-2")
    ]
    assert told == ["settles RE-1", ""]


def test_a_payment_answers_which_document_it_settled(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    lines = (
        line("B-1", "1.00", invoice="re-1"),
        line("B-2", "1.00", invoice="RE-9"),
        line("B-3", "1.00", invoice=""),
    )
    told = visit(shop, *lines).done()
    assert visit(shop, *lines).done() == told
    assert [one["settles"] for one in told["payments"]] == ["RE-1", None, None]
    moved = shop.record("B-4", "1.00", kind="cash_deposit", invoice_number="RE-1").done()
    assert moved["payments"][0]["settles"] is None
    cancelled = shop.cancel("B-1", "S-1").done()
    assert (cancelled["cancellation"]["settles"], cancelled["cancelled"]["settles"]) == (None, "RE-1")
    for number, settles in (("B-1", "RE-1"), ("B-2", None), ("S-1", None)):
        assert shop.ask("GET", f"/payments/{number}").done()["settles"] == settles
    listed = shop.ask("GET", "/payments?branch=01&day=2026-11-21").done()["payments"]
    assert {one["number"]: one["settles"] for one in listed if one["settles"]} == {"B-1": "RE-1"}


@pytest.mark.parametrize("number", ["B-1", "RE-9", "", "\ufdfa" * 100, "RE/1", " "])
def test_a_number_that_no_document_has_is_a_receipts_own(shop: Shop, ledger: Ledger, number: str) -> None:
    """As in seed 000; nothing else is written than without a ledger."""
    ledger.issue()
    shop.record("B-1", "1.00", kind="invoice", invoice_number=number).done()
    assert ledger.holds() == 10_000
    assert ledger.entries(None) == ledger.entries("RE-1")


# One visit


def test_an_invoice_paid_in_cash_and_by_card_changes_once_with_an_entry_for_each(
    shop: Shop, ledger: Ledger
) -> None:
    ledger.issue()
    ledger.issue("RE-2", 500)
    with calls() as seen:
        visit(
            shop,
            line("B-1", "50.00"),
            line("B-2", "40.00", "card", invoice="re-1"),
            line("B-3", "5.00", "voucher", invoice="RE-2"),
            line("B-4", "1.00", invoice="B-4"),
        ).done()
    assert ledger.booked() == [("payment/B-1", "cash", 5_000), ("payment/B-2", "card", 4_000)]
    assert (ledger.holds(), ledger.holds("RE-2")) == (1_000, 0)
    [transaction] = [params for name, params in seen if name == "TransactWriteItems"]
    written = Counter(next(iter(part.values()))["TableName"] for part in transaction["TransactItems"])
    assert written["test-LedgerTable"] == 2 + 3, "two documents, three entries"


def test_change_is_taken_out_of_what_settles(shop: Shop, ledger: Ledger) -> None:
    ledger.issue(minor=4_250)
    visit(shop, line("B-1", "50.00"), change="7.50").done()
    assert ledger.holds() == 0


def test_a_visit_of_ten_lines_for_ten_invoices_is_one_transaction(shop: Shop, ledger: Ledger) -> None:
    lines = []
    for place in range(10):
        ledger.issue(f"RE-{place}", 100)
        lines.append(line(f"B-{place}", "1.00", invoice=f"RE-{place}"))
    visit(shop, *lines).done()
    assert [ledger.holds(f"RE-{place}") for place in range(10)] == [0] * 10


def test_a_visit_that_would_write_too_many_rows_settles_nothing(shop: Shop, ledger: Ledger) -> None:
    for place in range(8):
        shop.put_interface(f"i{place}", targets=[bucket(f"{place}/")]).done()
    lines = []
    for place in range(10):
        ledger.issue(f"RE-{place}", 100)
        lines.append(line(f"B-{place}", "1.00", invoice=f"RE-{place}"))
    before = shop.all_that_is_written()
    assert visit(shop, *lines).code == "act-too-large"
    assert shop.all_that_is_written() == before


# What is refused


def test_another_currency_than_the_invoices_is_refused(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    before = shop.all_that_is_written()
    refused = shop.record("B-1", "1.00", kind="invoice", invoice_number="RE-1", currency="CHF")
    assert (refused.status, refused.code, refused.fields) == (422, "currencies-differ", ["currency"])
    assert shop.all_that_is_written() == before


def test_a_document_that_is_full_of_bookings_takes_no_more(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    dynamodb, name = shop.world.clients["dynamodb"], shop.world.names["LEDGER_TABLE"]
    dynamodb.update_item(
        TableName=name,
        Key={"pk": {"S": "DOCUMENT#re-1"}, "sk": {"S": "DOCUMENT"}},
        UpdateExpression="SET notes = :notes",
        ExpressionAttributeValues={":notes": {"L": [{"S": "e|payment/B-0"}] * MAX_BOOKINGS}},
    )
    refused = shop.record("B-1", "1.00", invoice_number="RE-1")
    assert (refused.status, refused.code) == (409, "document-has-too-many-bookings")


def test_what_is_more_than_can_be_held_is_refused_and_the_document_stays_readable(
    shop: Shop, ledger: Ledger
) -> None:
    ledger.issue()
    shop.record("B-1", "9999999999999.00", kind="invoice", invoice_number="RE-1").done()
    before = shop.all_that_is_written()
    refused = shop.record("B-2", "9999999999999.00", kind="invoice", invoice_number="RE-1")
    assert (refused.status, refused.code) == (409, "document-sum-too-large")
    assert shop.all_that_is_written() == before
    assert shop.ask("GET", "/documents/RE-1").done()["paid"] == "9999999999999.00"
    assert len(shop.ask("GET", "/documents?branch=01&day=2026-11-02").done()["documents"]) == 1


# Branches and clients


def test_an_invoice_may_be_paid_in_another_branch_of_its_client(shop: Shop, ledger: Ledger) -> None:
    ledger.keep_books(b01="c1", b02="c1")
    ledger.issue()
    shop.record("B-1", "100.00", kind="invoice", invoice_number="RE-1", claims=TILL_B).done()
    assert ledger.holds() == 0
    assert [entry.branch for entry in ledger.entries()] == ["01", "01"], "it is booked where the invoice is"
    shop.cancel("B-1", "S-1", claims=TILL_B).done()
    assert ledger.holds() == 10_000


@pytest.mark.parametrize("books", [{"b01": "c1", "b02": "c2"}, {"b01": "c1"}, {}])
def test_a_document_of_another_client_is_as_good_as_none(
    shop: Shop, ledger: Ledger, books: dict[str, str]
) -> None:
    """The same number may be that branch's own receipt; nothing tells that the document exists."""
    if books:
        ledger.keep_books(**books)
    ledger.issue()
    told = shop.record("B-1", "100.00", kind="invoice", invoice_number="RE-1", claims=TILL_B).done()
    other = shop.record("B-2", "100.00", kind="invoice", invoice_number="RE-9", claims=TILL_B).done()
    assert ledger.holds() == 10_000
    assert told["payments"][0].keys() == other["payments"][0].keys()
    shop.cancel("B-1", "S-1", claims=TILL_B).done()
    assert ledger.holds() == 10_000


# Cancelling


@pytest.mark.parametrize("amount", ["40.00", "100.00", "120.00"])
def test_a_cancelled_payment_has_its_entry_reversed(shop: Shop, ledger: Ledger, amount: str) -> None:
    before = ledger.issue()
    shop.record("B-1", amount, kind="invoice", invoice_number="RE-1").done()
    shop.world.clock.forward(days=1)
    shop.cancel("B-1", "S-1", at="2026-11-22T09:58:00+01:00").done()
    assert ledger.holds() == 10_000
    assert ledger.document().balance == before.balance
    _, booked, reversal = ledger.entries()
    assert (reversal.reverses, str(reversal.source)) == (booked.id, "payment/S-1")
    assert (reversal.business_day, reversal.exportable) == ("2026-11-22", True)
    assert [note.source for note in ledger.document().notes[1:]] == ["payment/B-1", "payment/B-1/reversed"]


def test_parts_of_a_payment_are_taken_back_part_by_part(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    shop.record("B-1", "100.00", kind="invoice", invoice_number="RE-1", method="card").done()
    shop.cancel("B-1", "S-1", "30.00").done()
    assert ledger.holds() == 3_000
    shop.cancel("B-1", "S-2").done()
    assert ledger.holds() == 10_000
    assert ledger.booked() == [
        ("payment/B-1", "card", 10_000),
        ("payment/S-1", "card", -3_000),
        ("payment/S-2", "card", -7_000),
    ]


def test_a_cancelled_refund_counts_again(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    shop.record("B-1", "100.00", kind="invoice", invoice_number="RE-1").done()
    shop.record("B-2", "20.00", kind="invoice", invoice_number="RE-1", direction="out").done()
    assert ledger.holds() == 2_000
    shop.cancel("B-2", "S-1").done()
    assert ledger.holds() == 0


def test_only_the_cancelled_line_of_a_visit_is_taken_back(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    visit(shop, line("B-1", "50.00"), line("B-2", "50.00", "card")).done()
    shop.cancel("B-1", "S-1").done()
    assert ledger.holds() == 5_000
    shop.cancel("B-2", "S-2").done()
    assert ledger.holds() == 10_000


def test_a_payment_from_before_its_invoice_was_known_is_cancelled_without_it(
    shop: Shop, ledger: Ledger
) -> None:
    shop.record("B-1", "100.00", kind="invoice", invoice_number="RE-1").done()
    ledger.issue()
    assert ledger.holds() == 10_000
    shop.cancel("B-1", "S-1").done()
    assert ledger.holds() == 10_000


def test_a_payment_whose_number_begins_like_another_is_not_mistaken_for_it(
    shop: Shop, ledger: Ledger
) -> None:
    ledger.issue()
    for number, amount in (("B 1", "10.00"), ("B 1 2", "20.00"), ("b-1", "30.00")):
        shop.record(number, amount, kind="invoice", invoice_number="RE-1").done()
    shop.cancel("B%201", "S-1").done()
    assert ledger.holds() == 5_000


# What it costs


def seen_while(shop: Shop, **line_of: Any) -> tuple[Counter[str], int]:
    with calls() as seen:
        shop.record("B-1", "1.00", kind="invoice", **line_of).done()
    [transaction] = [params for name, params in seen if name == "TransactWriteItems"]
    return Counter(name for name, _ in seen), len(transaction["TransactItems"])


def test_naming_no_invoice_costs_nothing(shop: Shop, ledger: Ledger) -> None:
    called, rows = seen_while(shop)
    assert "BatchGetItem" not in called
    assert rows == 3, "mark, payment, audit entry"


def test_naming_an_invoice_costs_one_read_and_two_rows(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()
    called, rows = seen_while(shop, invoice_number="RE-1")
    assert called["BatchGetItem"] == 1
    assert rows == 5


def test_naming_an_invoice_that_nobody_knows_costs_one_read(shop: Shop, ledger: Ledger) -> None:
    called, rows = seen_while(shop, invoice_number="RE-1")
    assert called["BatchGetItem"] == 1
    assert rows == 3
