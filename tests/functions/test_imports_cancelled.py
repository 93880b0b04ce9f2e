"""Rows that name a cancelled invoice, and imports that are taken back after their invoices were cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.imports import FINANCE, ImportDesk, document_of, open_desk, payments_csv
from tests.functions.journal import Killed, dying
from tests.functions.papers import cancel
from tests.functions.proofs import books_hold, import_holds
from tests.functions.statements import Moved, mt940
from tests.functions.test_imports_deleted import levels_of, numbers_alone
from tests.functions.test_imports_open_items import listed
from tillbridge import wiring
from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy, Step
from tillbridge.reconciliation.row_outcomes import Allocation, Review, Verdict


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.profile(policy=RowPolicy.GOOD_ROWS, number_patterns=("RE-##-####-##",))
        yield opened


def cancel_invoice(desk: ImportDesk, number: str) -> str:
    note = f"GU-{number}"
    cancel(desk.shop, number, key=f"c-{number}", number=note).done()
    return note


def decide(desk: ImportDesk, one: Import, *amounts: Allocation) -> Review:
    [review] = [each for each in desk.reviews(desk.find(one.id)) if each.is_open]
    return wiring.imports().decide_review(FINANCE, one.id, review.id, Verdict.BOOK, lambda _: amounts)[1]


RE = "RE-01-0001-26"


def test_what_a_row_would_book_on_a_cancelled_invoice_waits_for_a_person(desk: ImportDesk) -> None:
    desk.invoice(RE, 100_00)
    desk.upload("first.csv", payments_csv([[RE, "100,00", "20261105"]]))
    note = cancel_invoice(desk, RE)
    rows = [[RE, "100,00", "20261105"], [RE, "30,00", "20261106"], [RE, "-100,00", "20261107"],
            [RE, "", "20261107"], [RE, "5,00", "20261108", "", "", "", "N"]]  # fmt: skip
    one = desk.upload("again.csv", payments_csv(rows))
    assert desk.codes(one) == [
        "booked-before", "invoice-cancelled", "invoice-cancelled", "nothing-due", "closed-not-reopened",
    ]  # fmt: skip
    import_holds(desk, one)
    assert "storniert" in desk.report(one, "de")[1][6]
    assert books_hold(desk) == {RE: 0, note: -100_00}


def test_lists_book_nothing_on_a_cancelled_invoice(desk: ImportDesk) -> None:
    desk.invoices("RE-1", "RE-2")
    cancel_invoice(desk, "RE-1")
    before = books_hold(desk)
    for name, file, codes in (
        ("closed.csv", numbers_alone("RE-1"), ["nothing-due"]),
        ("levels.csv", levels_of(("RE-1", 2)), ["invoice-cancelled"]),
        (
            "open-20261120.csv",
            listed(("RE-1", "100,00"), ("RE-2", "100,00")),
            ["open-amount-rose", "unchanged"],
        ),
    ):
        one = desk.upload(name, file)
        assert desk.codes(one)[: len(codes)] == codes
        assert books_hold(desk) == before
    by_date = desk.upload("by-date.csv", numbers_alone("RE-1", "RE-2"), **{"settle-by": "2026-11-10"})
    assert desk.codes(by_date) == ["nothing-due", "settled"]


def test_movements_of_the_account_for_a_cancelled_invoice_wait(desk: ImportDesk) -> None:
    desk.invoice(RE, 100_00)
    note = cancel_invoice(desk, RE)
    one = desk.upload("bank.sta", mt940(Moved(100_00, RE), Moved(-100_00, RE, reversal=True)))
    assert desk.codes(one) == ["match-not-certain", "match-not-certain"]
    assert books_hold(desk) == {RE: 0, note: 0}


def test_what_a_person_books_on_a_cancelled_invoice_is_passed_on_and_taken_back(desk: ImportDesk) -> None:
    desk.invoice(RE, 100_00)
    note = cancel_invoice(desk, RE)
    one = desk.upload("late.csv", payments_csv([[RE, "30,00", "20261106"]]))
    decide(desk, one, Allocation(RE, 30_00))
    assert books_hold(desk) == {RE: 0, note: -30_00}
    [told] = desk.outcomes(one)[-1:]
    assert (told.code, told.due_after_minor) == ("decided-by-hand", 0)
    gone = desk.delete(desk.find(one.id))
    assert gone.state is ImportState.DELETED
    assert books_hold(desk) == {RE: 0, note: 0}


def test_a_movement_is_booked_on_both_at_once_and_on_not_too_many(desk: ImportDesk) -> None:
    numbers = [f"RE-01-{place:04}-26" for place in range(1, 12)]
    desk.issue(document_of(number, 100_00) for number in numbers)
    notes = [cancel_invoice(desk, number) for number in numbers]
    one = desk.upload("bank.sta", mt940(Moved(110_00, "Danke")))
    with pytest.raises(Refused) as refused:
        decide(desk, one, *(Allocation(number, 10_00) for number in numbers))
    assert (refused.value.code, refused.value.value) == ("allocations-too-many", 22)
    shares = [Allocation(numbers[0], 10_00), Allocation(notes[0], 20_00)]
    decide(desk, one, *shares, *(Allocation(number, 10_00) for number in numbers[1:9]))
    due = books_hold(desk)
    assert [due[number] for number in numbers] == [0] * 11
    assert [due[note] for note in notes] == [-30_00, *[-10_00] * 8, 0, 0]
    desk.delete(desk.find(one.id))
    assert set(books_hold(desk).values()) == {0}


# Taken back


def test_an_import_taken_back_after_the_cancellation_leaves_nothing_to_give_back(desk: ImportDesk) -> None:
    """With a discount, in several rows, and with money that came otherwise."""
    desk.invoices("DISCOUNT", "PARTS", "TILL", "RETURNED", "OPEN")
    rows = [
        ["DISCOUNT", "97,00", "20261105", "J"],
        ["PARTS", "60,00", "20261105"], ["PARTS", "50,00", "20261106"],
        ["TILL", "40,00", "20261105"], ["RETURNED", "90,00", "20261105", "J"],
        ["RETURNED", "-95,00", "20261106"], ["RETURNED", "-80,00", "20261107"], ["OPEN", "1,00", "20261105"],
    ]  # fmt: skip
    desk.shop.record("B-1", "60.00", kind="invoice", invoice_number="TILL").done()
    desk.shop.record("B-2", "100.00", kind="invoice", invoice_number="RETURNED").done()
    one = desk.upload("one.csv", payments_csv(rows))
    notes = {number: cancel_invoice(desk, number) for number in ("DISCOUNT", "PARTS", "TILL", "RETURNED")}
    gone = desk.delete(one)
    assert (gone.state, gone.reversed_count, gone.touched_since) == (ImportState.DELETED, 8, 4)
    due = books_hold(desk)
    assert {number: (due[number], due[note]) for number, note in notes.items()} == {
        "DISCOUNT": (0, 0), "PARTS": (0, 0), "TILL": (0, -60_00), "RETURNED": (0, -100_00),
    }  # fmt: skip
    assert due["OPEN"] == 100_00
    again = desk.upload("one.csv", payments_csv(rows))
    assert set(desk.codes(again)) == {"invoice-cancelled", "paid-in-part"}


def test_a_slice_full_of_cancelled_invoices_is_taken_back(desk: ImportDesk) -> None:
    numbers = [f"RE-{place:02}" for place in range(48)]
    desk.issue(document_of(number, 100_00) for number in numbers)
    one = desk.upload("one.csv", payments_csv([[number, "100,00", "20261105"] for number in numbers]))
    for number in numbers:
        cancel_invoice(desk, number)
    assert desk.delete(one).reversed_count == 48
    assert set(books_hold(desk).values()) == {0}


@pytest.mark.filterwarnings("ignore:No application metrics")  # a process that is gone publishes none
@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_worker_that_dies_while_taking_back_passes_nothing_on_twice(desk: ImportDesk, moment: str) -> None:
    desk.invoices("RE-1", "RE-2")
    one = desk.upload("one.csv", payments_csv([["RE-1", "97,00", "20261105", "J"], ["RE-2", "100,00"]]))
    notes = [cancel_invoice(desk, number) for number in ("RE-1", "RE-2")]
    wiring.imports().delete(FINANCE, one.id, "wrong")
    seen = set()
    for at in range(1, 30):
        try:
            with dying(at, moment):
                desk.step(desk.find(one.id), 0, Step.DELETE)
        except Killed:
            due = books_hold(desk)
            seen.add((due["RE-1"], due[notes[0]]))
            out: dict[str, Any] = {"kind": "invoice", "invoice_number": "RE-1", "direction": "out"}
            desk.shop.record(f"B-{at}", "10.00", **out).done()
            desk.shop.cancel(f"B-{at}", f"S-{at}").done()
        else:
            break
    assert {(0, -97_00), (-100_00, 0)} <= seen, "passed on ahead, then taken back"
    assert seen <= {(0, -97_00), (-100_00, 0), (0, 0)}
    desk.settle()
    due = books_hold(desk)
    assert [due["RE-1"], due["RE-2"], *(due[note] for note in notes)] == [0, 0, 0, 0]
