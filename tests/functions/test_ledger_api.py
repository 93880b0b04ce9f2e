"""Documents are recorded over HTTP: once, under one number, with their entry in the journal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.calls import failing
from tests.functions.journal import interrupted
from tests.functions.papers import Ledger, number_invoices, put_customer, record
from tests.functions.shops import CASHIER, TILL_B, Shop, event


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop).with_books()


# Recording


def test_the_recorded_event_records_an_invoice(shop: Shop, ledger: Ledger) -> None:
    told = shop.send(event("ledger_api")).done()
    assert (told["number"], told["total"], told["due"], told["payable_on"]) == (
        "RE-01-0019-26",
        "248.70",
        "248.70",
        "2026-12-04",
    )
    assert ledger.holds("RE-01-0019-26") == 24_870


def test_a_document_is_read_as_it_was_recorded(shop: Shop, ledger: Ledger) -> None:
    told = record(shop, order_number="AU-7").done()
    assert told == shop.ask("GET", "/documents/re-1", claims=CASHIER).done()
    assert told["lines"] == [
        {"product": "Brille", "amount": "119.00", "vat_code": "STANDARD", "vat_percent": "19",
         "product_family": "Fassungen", "item_day": "2026-11-20"},
        {"product": "Buch", "amount": "10.70", "vat_code": "REDUCED", "vat_percent": "7",
         "product_family": "", "item_day": None},
        {"product": "Rabatt", "amount": "-9.70", "vat_code": "EXEMPT", "vat_percent": "0",
         "product_family": "", "item_day": None},
    ]  # fmt: skip
    assert (told["total"], told["due"], told["paid"], told["client"]) == ("120.00", "120.00", "0.00", "c1")
    assert [one["source"] for one in told["bookings"]] == ["document/RE-1"]


def test_its_entry_in_the_journal_has_every_rate(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    [entry] = shop.ask("GET", "/documents/RE-1/entries").done()["entries"]
    assert entry["postings"] == [
        {"account": "receivables", "amount": "120.00", "vat_code": ""},
        {"account": "revenue", "amount": "-119.00", "vat_code": "STANDARD"},
        {"account": "revenue", "amount": "-10.70", "vat_code": "REDUCED"},
        {"account": "revenue", "amount": "9.70", "vat_code": "EXEMPT"},
    ]
    assert entry["operations"] == ["SALE", "DEBIT_CREDIT_NOTE"]
    assert (entry["source"], entry["business_day"], entry["exportable"]) == (
        "document/RE-1",
        "2026-11-20",
        True,
    )
    assert shop.ask("GET", f"/journal-entries/{entry['id']}").done() == entry


def test_percentages_without_codes_are_kept_apart_in_the_journal(shop: Shop, ledger: Ledger) -> None:
    lines = [
        {"product": "Brille", "amount": "119.00", "vat_percent": "19"},
        {"product": "Buch", "amount": "10.70", "vat_percent": "7"},
    ]
    record(shop, lines=lines).done()
    [entry] = shop.ask("GET", "/documents/RE-1/entries").done()["entries"]
    assert entry["postings"][1:] == [
        {"account": "revenue", "amount": "-119.00", "vat_code": "STANDARD"},
        {"account": "revenue", "amount": "-10.70", "vat_code": "REDUCED"},
    ]


@pytest.mark.parametrize("kind", ["credit-note", "incoming-invoice"])
def test_what_we_owe_is_printed_above_zero(shop: Shop, ledger: Ledger, kind: str) -> None:
    told = record(shop, kind=kind).done()
    assert (told["total"], told["due"], told["lines"][2]["amount"]) == ("120.00", "120.00", "-9.70")
    assert ledger.holds() == -12_000


def test_currencies_without_decimals_and_with_three(shop: Shop, ledger: Ledger) -> None:
    line = {"product": "x", "vat_percent": "0"}
    yen = record(shop, number="J-1", currency="JPY", lines=[{**line, "amount": "1200"}]).done()
    dinar = record(shop, number="J-2", currency="KWD", lines=[{**line, "amount": "1.234"}]).done()
    assert (yen["total"], dinar["total"]) == ("1200", "1.234")


def test_a_document_that_was_handed_over_before_is_not_exported_again(shop: Shop, ledger: Ledger) -> None:
    record(shop, handed_over_on="2026-11-20").done()
    [entry] = shop.ask("GET", "/documents/RE-1/entries").done()["entries"]
    assert entry["exportable"] is False


def test_recording_is_noted_without_amounts_or_names(shop: Shop, ledger: Ledger) -> None:
    put_customer(shop).done()
    record(shop, customer="K-1").done()
    [noted] = shop.audit("document/re-1")
    assert (noted["act"], noted["actor"], noted["facts"]) == (
        "record-documents",
        "till-a",
        {"kind": "invoice"},
    )


def test_many_lines_are_kept_in_their_order(shop: Shop, ledger: Ledger) -> None:
    lines = [{"product": f"p{place}", "amount": "1.00", "vat_percent": "19"} for place in range(250)]
    record(shop, lines=lines).done()
    told = shop.ask("GET", "/documents/RE-1").done()
    assert [line["product"] for line in told["lines"]] == [f"p{place}" for place in range(250)]
    assert ledger.holds() == 25_000


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"lines": [{"product": "x", "amount": "0", "vat_percent": "0"}]}, "total-not-positive", "lines"),
        ({"lines": [{"product": "x", "amount": "1,00", "vat_percent": "0"}]}, "amount-unreadable",
         "lines.0.amount"),
        ({"lines": [{"product": "x", "amount": "1.00"}]}, "vat-not-given", "lines.0"),
        ({"lines": [{"product": "x", "amount": "1.00", "vat_code": "NONE"}]}, "vat-code-not-found",
         "lines.0.vat_code"),
        ({"lines": [{"product": "x", "amount": "1.00", "vat_code": "STANDARD", "vat_percent": "7"}]},
         "vat-rate-differs", "lines.0.vat_percent"),
        ({"lines": [{"product": "x", "amount": "1.00", "vat_percent": "8.1"}]}, "vat-rate-unknown",
         "lines.0.vat_percent"),
        ({"lines": [{"product": "x", "amount": "1.00", "vat_percent": "16", "item_day": "2020-12-15"},
                    {"product": "x", "amount": "1.00", "vat_percent": "19", "item_day": "2021-01-15"}]},
         "vat-code-with-two-rates", "lines.1.vat_percent"),
        ({"lines": [{"product": "x", "amount": "1.00", "vat_percent": "101"}]}, "percent-unreadable",
         "lines.0.vat_percent"),
        ({"lines": [{"product": "x", "amount": "1.00", "vat_percent": "0", "item_day": "1.2.26"}]},
         "day-unreadable", "lines.0.item_day"),
        ({"currency": "XXX"}, "currency-unknown", "currency"),
        ({"issued_on": "2026-11-31"}, "day-unreadable", "issued_on"),
        ({"issued_on": "2026-11-23"}, "issued-ahead", "issued_on"),
        ({"issued_on": "1999-12-31"}, "day-out-of-range", "issued_on"),
        ({"handed_over_on": "2026-11-19"}, "handed-over-before-issue", "handed_over_on"),
        ({"handed_over_on": "2026-11-23"}, "issued-ahead", "handed_over_on"),
        ({"number": "RE/1"}, "number-has-unsafe-characters", "number"),
        ({"order_number": "A/1"}, "number-has-unsafe-characters", "order_number"),
        ({"terms": {"discounts": [{"days": 7, "percent": "2"}, {"days": 3, "percent": "1"}]}},
         "discounts-out-of-order", "terms.discounts"),
        ({"terms": {"discounts": [{"days": 7, "percent": "x"}]}}, "percent-unreadable",
         "terms.discounts.0.percent"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_the_field(
    shop: Shop, ledger: Ledger, more: dict[str, Any], code: str, field: str
) -> None:
    before = shop.all_that_is_written()
    refused = record(shop, **more)
    assert (refused.status, refused.code, refused.fields) == (422, code, [field])
    assert shop.all_that_is_written() == before


def test_a_branch_without_a_client_keeps_no_documents(shop: Shop) -> None:
    refused = record(shop)
    assert (refused.status, refused.code) == (422, "branch-without-client")


# Numbers


def test_without_a_number_the_series_of_the_branch_gives_the_next(shop: Shop, ledger: Ledger) -> None:
    number_invoices(shop)
    numbers = [record(shop, number=None).done()["number"] for _ in range(3)]
    assert numbers == ["RE-HH-0001-26", "RE-HH-0002-26", "RE-HH-0003-26"]
    assert record(shop, number=None, issued_on="2025-12-31").done()["number"] == "RE-HH-0001-25"


def test_without_a_series_a_number_must_be_given(shop: Shop, ledger: Ledger) -> None:
    refused = record(shop, number=None)
    assert (refused.status, refused.code, refused.fields) == (422, "series-missing", ["number"])


def test_a_refused_document_takes_no_number(shop: Shop, ledger: Ledger) -> None:
    number_invoices(shop)
    assert record(shop, number=None, customer="K-9").code == "customer-not-found"
    assert record(shop, number=None).done()["number"] == "RE-HH-0001-26"


def test_a_number_that_was_given_by_hand_is_passed_over(shop: Shop, ledger: Ledger) -> None:
    number_invoices(shop)
    record(shop, number="re-hh-0001-26").done()
    assert record(shop, number=None).done()["number"] == "RE-HH-0002-26"


def test_a_number_has_one_document_in_the_chain_whatever_its_case(shop: Shop, ledger: Ledger) -> None:
    record(shop).done()
    for refused in (
        record(shop, number="re-1"),
        record(shop, kind="credit-note"),
        record(shop, branch="02", claims=TILL_B),
    ):
        assert (refused.status, refused.code, refused.fields) == (409, "document-number-taken", ["number"])
    assert ledger.holds() == 12_000


def test_others_who_take_the_number_first_leave_no_gap_and_no_double(shop: Shop, ledger: Ledger) -> None:
    number_invoices(shop)
    others: list[str] = []
    with interrupted("TransactWriteItems", lambda: others.append(record(shop, number=None).done()["number"])):
        mine = record(shop, number=None).done()["number"]
    assert (others, mine) == (["RE-HH-0001-26"], "RE-HH-0002-26")


# Repetitions


def test_a_repetition_is_answered_the_same_and_records_nothing(shop: Shop, ledger: Ledger) -> None:
    number_invoices(shop)
    first = record(shop, "once", number=None)
    before = shop.all_that_is_written()
    shop.world.clock.forward(days=400)
    again = record(shop, "once", number=None)
    assert (again.status, again.text) == (201, first.text)
    assert shop.all_that_is_written() == before


def test_a_repetition_is_answered_although_it_would_be_refused_by_now(shop: Shop, ledger: Ledger) -> None:
    first = record(shop, "once")
    assert record(shop, "once").text == first.text, "and not: the number is taken"


def test_a_key_belongs_to_one_request(shop: Shop, ledger: Ledger) -> None:
    record(shop, "once").done()
    for refused in (record(shop, "once", number="RE-2"), record(shop, "once", issued_on="2026-11-19")):
        assert (refused.status, refused.code) == (409, "ledger-key-reused")


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", "Query", "TransactWriteItems"])
@pytest.mark.parametrize("number", [None, "RE-HH-0001-26"])
def test_a_document_whose_answer_was_lost_is_recorded_once(
    shop: Shop, ledger: Ledger, operation: str, moment: str, number: str | None
) -> None:
    number_invoices(shop)
    put_customer(shop).done()
    with failing("dynamodb", operation, moment) as failed:
        assert record(shop, "once", number=number, customer="K-1").status == 503
    assert failed
    assert record(shop, "once", number=number, customer="K-1").done()["number"] == "RE-HH-0001-26"
    assert ledger.holds("RE-HH-0001-26") == 12_000
    listed = shop.ask("GET", "/documents?branch=01&day=2026-11-20").done()["documents"]
    assert len(listed) == 1
