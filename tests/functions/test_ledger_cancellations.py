"""An invoice is cancelled by a credit note: both settle each other, what was paid is owed."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import pytest

from tests.functions.calls import failing
from tests.functions.journal import interrupted
from tests.functions.papers import Ledger, cancel, number_invoices, record
from tests.functions.shops import Shop
from tillbridge.aws.table import commit
from tillbridge.ledger.books_model import SeriesKind
from tillbridge.ledger.entries import Source, SourceKind
from tillbridge.ledger.model import MAX_LINES, DocumentKind, DocumentLine
from tillbridge.ledger.rules import Head, drafted
from tillbridge.ledger.uploads import Upload


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop).with_books()


# Cancelling


def test_an_open_invoice_and_its_credit_note_settle_each_other(shop: Shop, ledger: Ledger) -> None:
    record(shop, order_number="AU-7").done()
    told = cancel(shop, "RE-1", number="GU-1").done()
    note, invoice = told["credit_note"], told["cancelled"]
    assert (note["total"], note["due"], note["cancels"], note["kind"]) == (
        "120.00",
        "0.00",
        "RE-1",
        "credit-note",
    )
    assert (invoice["due"], invoice["cancelled_by"]) == ("0.00", "GU-1")
    assert note == shop.ask("GET", "/documents/GU-1").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, 0)
    assert [line["amount"] for line in note["lines"]] == ["119.00", "10.70", "-9.70"]
    assert ledger.booked("RE-1") == [], "its source is the credit note"
    assert [str(entry.source) for entry in ledger.entries("RE-1")] == ["document/RE-1", "document/GU-1"]


def test_what_was_paid_stays_due_on_the_credit_note(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    shop.record("B-1", "50.00", kind="invoice", invoice_number="RE-1").done()
    cancel(shop, "RE-1", number="GU-1").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, -5_000)
    shop.record("B-2", "50.00", kind="invoice", invoice_number="GU-1", direction="out").done()
    assert ledger.holds("GU-1") == 0


@pytest.mark.parametrize(("paid", "due"), [("120.00", -12_000), ("150.00", -15_000)])
def test_all_that_was_paid_is_to_be_given_back(shop: Shop, ledger: Ledger, paid: str, due: int) -> None:
    record(shop).done()
    shop.record("B-1", paid, kind="invoice", invoice_number="RE-1").done()
    cancel(shop, "RE-1", number="GU-1").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, due)


ACTS = ("pay", "cancel", "take back", "refund")


@pytest.mark.parametrize(
    "acts", [order for order in permutations(ACTS) if order.index("pay") < order.index("take back")]
)
def test_the_order_of_cancellation_payment_and_refund_makes_no_difference(
    shop: Shop, ledger: Ledger, acts: tuple[str, ...]
) -> None:
    """Nothing is ever due on a cancelled invoice; the credit note tells what is to be given back."""
    do = {
        "pay": lambda: shop.record("B-1", "120.00", kind="invoice", invoice_number="RE-1"),
        "cancel": lambda: cancel(shop, "RE-1", number="GU-1"),
        "take back": lambda: shop.cancel("B-1", "S-1"),
        "refund": lambda: shop.record(
            "B-2", "50.00", kind="invoice", invoice_number="re-1", direction="out", method="card"
        ),
    }
    record(shop).done()
    for act in acts:
        do[act]().done()
        if "cancel" in acts[: acts.index(act) + 1]:
            assert ledger.holds("RE-1") == 0
            ledger.holds("GU-1")
    assert ledger.holds("GU-1") == 5_000, "more was given back than was paid"
    balances: Counter[str] = Counter()
    for entry in ledger.entries(None):
        balances.update({one.account.value: one.amount_minor for one in entry.postings if not one.vat_code})
    assert balances["settlements"] == 0


def test_a_payment_taken_back_after_the_cancellation_leaves_nothing_to_give_back(
    shop: Shop, ledger: Ledger
) -> None:
    record(shop).done()
    shop.record("B-1", "120.00", kind="invoice", invoice_number="RE-1").done()
    cancel(shop, "RE-1", number="GU-1").done()
    shop.cancel("B-1", "S-1", "20.00").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, -10_000)
    shop.cancel("B-1", "S-2").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, 0)
    assert shop.ask("GET", "/documents?branch=01&side=receivables&currency=EUR").done()["documents"] == []


def test_a_refund_counts_once_whichever_of_both_it_names(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    shop.record("B-1", "120.00", kind="invoice", invoice_number="RE-1").done()
    cancel(shop, "RE-1", number="GU-1").done()
    out: dict[str, Any] = {"kind": "invoice", "direction": "out"}
    told = shop.record("B-2", "120.00", invoice_number="RE-1", **out).done()
    assert told["payments"][0]["settles"] == "RE-1"
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, 0)
    shop.record("B-3", "120.00", invoice_number="GU-1", **out).done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, 12_000), "it has left the till once too often"
    shop.cancel("B-2", "S-2").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, 0)


def test_a_visit_that_names_both_changes_each_once(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    cancel(shop, "RE-1", number="GU-1").done()
    lines = [
        {"number": f"B-{place}", "amount": "10.00", "method": "cash", "invoice_number": number}
        for place, number in enumerate(("GU-1", "RE-1", "re-1"))
    ]
    visit = {"branch": "01", "kind": "invoice", "currency": "EUR", "lines": lines}
    shop.ask(
        "POST", "/payments", {**visit, "taken_at": "2026-11-21T09:55:00+01:00"}, idempotency_key="v"
    ).done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, -3_000)
    shop.cancel("B-1", "S-1").done()
    shop.cancel("B-0", "S-0").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, -1_000)


def test_a_credit_note_that_changes_meanwhile_is_read_again(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    shop.record("B-1", "120.00", kind="invoice", invoice_number="RE-1").done()
    cancel(shop, "RE-1", number="GU-1").done()

    def give_back() -> None:
        shop.record("B-2", "70.00", kind="invoice", invoice_number="GU-1", direction="out").done()

    with interrupted("TransactWriteItems", give_back):
        shop.cancel("B-1", "S-1", "50.00").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, 0)


def test_the_books_are_as_if_the_invoice_had_never_been(shop: Shop, ledger: Ledger) -> None:
    """Revenue of every rate is taken back, and the account between both is empty."""
    record(shop).done()
    cancel(shop, "RE-1", number="GU-1").done()
    balances: dict[tuple[str, str], int] = {}
    for entry in ledger.entries(None):
        for posting in entry.postings:
            key = (posting.account.value, posting.vat_code)
            balances[key] = balances.get(key, 0) + posting.amount_minor
    assert set(balances.values()) == {0}
    assert {account for account, _ in balances} == {"receivables", "revenue", "settlements"}


def test_the_credit_note_is_numbered_by_its_own_series(shop: Shop, ledger: Ledger) -> None:
    number_invoices(shop, SeriesKind.CREDIT_NOTE)
    record(shop).done()
    assert cancel(shop, "RE-1").done()["credit_note"]["number"] == "GU-HH-0001-26"


def test_an_invoice_of_very_many_long_lines_is_cancelled_and_answered_the_same_again(
    shop: Shop, ledger: Ledger
) -> None:
    """The answer has more than the 400 KB that a row of DynamoDB holds."""
    head = Head("RE-9", DocumentKind.INVOICE, "01", "c1", "EUR", "2026-11-02")
    printed = [DocumentLine("鏡" * 200, 100, 1900, "STANDARD", "片" * 100, "2026-11-01")] * MAX_LINES
    source = Source(SourceKind.IMPORT, "IM-1")
    upload = Upload(*drafted(head, printed), None)
    world = shop.world
    commit(world.clients["dynamodb"], world.ledger.uploaded_parts(upload, world.clock(), source))
    first = cancel(shop, "RE-9", number="GU-9")
    assert len(first.text.encode()) > 400_000
    assert first.done()["credit_note"] == shop.ask("GET", "/documents/GU-9").done()
    assert cancel(shop, "RE-9", number="GU-9").text == first.text
    [kept] = [row for row in shop.table("LEDGER_TABLE") if row["pk"]["S"].startswith("IDEMPOTENCY#")]
    assert len(kept["answer"]["S"].encode()) < 2_000


def test_an_invoice_is_cancelled_once(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    first = cancel(shop, "RE-1", number="GU-1")
    assert cancel(shop, "RE-1", number="GU-1").text == first.text
    refused = cancel(shop, "RE-1", "other", number="GU-2")
    assert (refused.status, refused.code) == (409, "document-cancelled-already")


@pytest.mark.parametrize(
    ("number", "more", "code"),
    [
        ("ER-1", {}, "document-not-cancellable"),
        ("RE-9", {}, "document-not-found"),
        ("RE-1", {"issued_on": "2026-11-19"}, "issued-before-cancelled"),
        ("RE-1", {"issued_on": "2026-11-25"}, "issued-ahead"),
        ("RE-1", {"number": "er-1"}, "document-number-taken"),
    ],
)
def test_what_cannot_be_cancelled_stays(
    shop: Shop, ledger: Ledger, number: str, more: dict[str, Any], code: str
) -> None:
    record(shop).done()
    record(shop, number="ER-1", kind="incoming-invoice").done()
    before = shop.all_that_is_written()
    assert cancel(shop, number, **{"number": "GU-1", **more}).code == code
    assert shop.all_that_is_written() == before


def test_a_payment_that_comes_between_is_counted(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()

    def pay() -> None:
        shop.record("B-1", "20.00", kind="invoice", invoice_number="RE-1").done()

    with interrupted("TransactWriteItems", pay):
        cancel(shop, "RE-1", number="GU-1").done()
    assert (ledger.holds("RE-1"), ledger.holds("GU-1")) == (0, -2_000)


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_cancellation_whose_answer_was_lost_is_done_once(shop: Shop, ledger: Ledger, moment: str) -> None:
    number_invoices(shop, SeriesKind.CREDIT_NOTE)
    record(shop).done()
    with failing("dynamodb", "TransactWriteItems", moment):
        assert cancel(shop, "RE-1").status == 503
    assert cancel(shop, "RE-1").done()["credit_note"]["number"] == "GU-HH-0001-26"
    assert (ledger.holds("RE-1"), ledger.holds("GU-HH-0001-26")) == (0, 0)
