"""Files that come again, in many ways: no row is booked twice, none is lost (RI-34)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.reconciliation.reimports import TOTAL, Books, file_of
from tillbridge.reconciliation.model import Row

AGAIN, MAYBE, OTHERWISE = "booked-before", "maybe-booked-before", "booked-before-otherwise"


def pay(amount: int | None, day: str | None = None, reference: str = "", number: str = "RE-1") -> Row:
    return Row(0, number, amount, day, reference=reference)


A = pay(50_00, "2026-11-03")
A_OTHER = A._replace(cash_discount=False)
A_THIRD = A._replace(overpayment=False)
B = pay(30_00, "2026-11-04")
C = pay(20_00, "2026-11-05")
OLDER = pay(7_00, "2026-11-02")
BACK = pay(-50_00, "2026-11-06")
FIRST_REFERENCE, SECOND_REFERENCE = pay(50_00, "2026-11-03", "4711"), pay(50_00, "2026-11-03", "4712")
ONLY_REFERENCE = pay(50_00, None, "4711")
BARE = pay(50_00)
CLOSED = pay(None)
CLOSED_ON = pay(None, "2026-11-05")
NO_REOPENING = pay(10_00, "2026-11-07")._replace(reopening=False)
CAPPED = pay(TOTAL + 5_00, "2026-11-07")._replace(overpayment=False)
ONLY_FEE = pay(5_00, "2026-11-07")._replace(dunning_fee_minor=5_00)
FEE_TOO_LARGE, FEE_RIGHT = ONLY_FEE._replace(dunning_fee_minor=6_00), ONLY_FEE


class Delete(NamedTuple):
    """Take back the import of the file of that number, from 1."""

    file: int


class Answer(NamedTuple):
    """A person answers the oldest review."""

    another: bool


class ByDate(NamedTuple):
    """A file that is set to paid by date (RI-6)."""

    rows: tuple[Row, ...]


class Case(NamedTuple):
    """Files and acts in their order; what is paid at the end; what the last file's rows were told."""

    name: str
    steps: Sequence[Sequence[Row] | Delete | Answer | ByDate]
    paid: int
    last: Sequence[str]


SAME, ANOTHER = Answer(another=False), Answer(another=True)
PART, ALL, DONE = "paid-in-part", "settled", "nothing-due"
CASES = [
    Case("the same file twice, with a blank line more", [[A, B], [A, B]], 80_00, [AGAIN, AGAIN]),
    Case("three times", [[A], [A], [A]], 50_00, [AGAIN]),
    Case("two files overlap", [[A, B], [B, C]], 100_00, [AGAIN, PART]),
    Case("two files that have nothing in common", [[A], [B]], 80_00, [PART]),
    Case("twins in one file", [[A, A]], 100_00, [PART, PART]),
    Case("twins come again", [[A, A], [A, A]], 100_00, [AGAIN, AGAIN]),
    Case("a twin arrives in a later cumulative file", [[A], [A, A]], 100_00, [AGAIN, PART]),
    Case("a third one arrives later still", [[A], [A, A], [A, A, A]], 150_00, [AGAIN, AGAIN, PART]),
    Case("one of the twins comes again alone", [[A, A], [A]], 100_00, [AGAIN]),
    Case("rows in another order", [[A, B, C], [C, A, B]], 100_00, [AGAIN] * 3),
    Case("twins among others, in another order", [[A, B, A], [A, A, B]], 130_00, [AGAIN] * 3),
    Case("a twin arrives before what was there", [[A, B], [B, A, A]], 130_00, [AGAIN, AGAIN, PART]),
    Case("an older row late, in a cumulative file", [[A, B], [OLDER, A, B]], 87_00, [PART, AGAIN, AGAIN]),
    Case("an older row late, in a file of its own", [[A, B], [OLDER]], 87_00, [PART]),
    Case("cut off, then whole", [[A], [A, B, C]], 100_00, [AGAIN, PART, PART]),
    Case("cut off between twins, then whole", [[B, A], [B, A, A]], 130_00, [AGAIN, AGAIN, PART]),
    Case("whole, then cut off", [[A, B, C], [A, B]], 100_00, [AGAIN, AGAIN]),
    Case("the end of a file comes first", [[C], [A, B, C]], 100_00, [PART, PART, AGAIN]),
    Case("a window slides over the days", [[OLDER, A], [A, B], [B, C]], 107_00, [AGAIN, PART]),
    Case("a window slides back", [[B, C], [A, B], [OLDER, A]], 107_00, [PART, AGAIN]),
    Case("a file grows every day", [[A], [A, B], [A, B, C], [A, B, C, C]], 120_00, [AGAIN] * 3 + [PART]),
    Case("an import is deleted and its file comes again", [[A, B], Delete(1), [A, B]], 80_00, [PART, PART]),
    Case(
        "the first of two that overlap is deleted", [[A, B], [B, C], Delete(1), [A, B]], 100_00, [PART, PART]
    ),
    Case(
        "the later of two is deleted and comes again", [[A], [A, B], Delete(2), [A, B]], 80_00, [AGAIN, PART]
    ),
    Case("the first twin is deleted and comes again", [[A], [A, A], Delete(1), [A]], 100_00, [PART]),
    Case(
        "the first twin is deleted, both come again", [[A], [A, A], Delete(1), [A, A]], 100_00, [PART, AGAIN]
    ),
    Case("the number is spelt otherwise", [[A], [A._replace(invoice_number="re-1")]], 50_00, [AGAIN]),
    Case(
        "two spellings in one file are twins",
        [[A, A._replace(invoice_number="re-1")], [A, A]],
        100_00,
        [AGAIN] * 2,
    ),
    Case("one file names the currency", [[A], [A._replace(currency="EUR")]], 50_00, [AGAIN]),
    Case("references tell twins of one day apart", [[FIRST_REFERENCE], [SECOND_REFERENCE]], 100_00, [PART]),
    Case("the same reference again", [[FIRST_REFERENCE], [FIRST_REFERENCE]], 50_00, [AGAIN]),
    Case("a reference without a day", [[ONLY_REFERENCE], [ONLY_REFERENCE]], 50_00, [AGAIN]),
    Case("a corrected field: the same payment", [[A], [A_OTHER], SAME], 50_00, [OTHERWISE]),
    Case("a corrected field, asked twice", [[A], [A_OTHER], [A_OTHER]], 50_00, [OTHERWISE]),
    Case("another field, another payment", [[A], [A_OTHER], ANOTHER, [A, A_OTHER]], 100_00, [AGAIN, AGAIN]),
    Case("alike but for a field, in one file", [[A, A_OTHER]], 100_00, [PART, PART]),
    Case("alike but for a field, turned round", [[A, A_OTHER], [A_OTHER, A]], 100_00, [AGAIN, AGAIN]),
    Case("one of those alone", [[A, A_OTHER], [A_OTHER]], 100_00, [AGAIN]),
    Case("alike but for a field, later and first", [[A], [A_OTHER, A]], 100_00, [PART, AGAIN]),
    Case("one of two twins was corrected", [[A, A], [A, A_OTHER]], 100_00, [AGAIN, OTHERWISE]),
    Case("two fields were tried", [[A], [A_OTHER], SAME, [A_THIRD]], 50_00, [OTHERWISE]),
    Case("no day, no reference: the same payment", [[BARE], [BARE], SAME], 50_00, [MAYBE]),
    Case("no day, no reference: another payment", [[BARE], [BARE], ANOTHER], 100_00, [MAYBE]),
    Case(
        "and then both in a cumulative file", [[BARE], [BARE], ANOTHER, [BARE, BARE]], 100_00, [MAYBE, MAYBE]
    ),
    Case(
        "a second answer for the same row",
        [[BARE], [BARE], [BARE], ANOTHER, ANOTHER, [BARE] * 3],
        150_00,
        [MAYBE] * 3,
    ),
    Case("twins without day and reference", [[BARE, BARE], [BARE, BARE]], 100_00, [MAYBE, MAYBE]),
    Case("a twin without day and reference arrives later", [[BARE], [BARE, BARE]], 100_00, [MAYBE, PART]),
    Case("a row that only says closed comes again", [[CLOSED], [CLOSED]], TOTAL, [DONE]),
    Case("a row that only says closed, twice", [[A, CLOSED, CLOSED]], TOTAL, [PART, ALL, DONE]),
    Case("closed, returned, closed again", [[CLOSED], [BACK], [CLOSED]], TOTAL, [ALL]),
    Case(
        "closed on a day, returned, old row again", [[CLOSED_ON], [BACK], [CLOSED_ON]], TOTAL - 50_00, [AGAIN]
    ),
    Case("a returned payment comes again", [[A], [A, BACK], [A, BACK]], 0, [AGAIN, AGAIN]),
    Case("paid, returned, paid again", [[A], [A, BACK], [A, BACK, A]], 50_00, [AGAIN, AGAIN, PART]),
    Case(
        "a return that was too much at first", [[BACK], [BACK, A], [BACK, A]], 0, ["payment-returned", AGAIN]
    ),
    Case("a refused row comes right", [[FEE_TOO_LARGE, A], [FEE_RIGHT, A]], 55_00, ["fee-only", AGAIN]),
    Case("a fee comes again", [[ONLY_FEE], [ONLY_FEE]], 5_00, [AGAIN]),
    Case("a capped payment comes again", [[CAPPED], [CAPPED]], TOTAL, [AGAIN]),
    Case(
        "an ignored row stays ignored",
        [[CLOSED, NO_REOPENING], [NO_REOPENING]],
        TOTAL,
        ["closed-not-reopened"],
    ),
    Case("set to paid by date, then its payment again", [ByDate((A,)), [A]], TOTAL, [AGAIN]),
    Case("payments, then set to paid by date", [[A], ByDate((A,))], TOTAL, [ALL]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_row_is_booked_twice_and_none_is_lost(case: Case) -> None:
    books = Books()
    files = 0
    for step in case.steps:
        if isinstance(step, Delete):
            books.delete(f"file {step.file}")
        elif isinstance(step, Answer):
            books.answer(another=step.another)
        elif isinstance(step, ByDate):
            files += 1
            books.import_file(f"file {files}", file_of(*step.rows), settle_by="2026-11-30")
        else:
            files += 1
            books.import_file(f"file {files}", file_of(*step))
    assert books.codes == list(case.last)
    assert books.paid() == case.paid


def test_there_are_many_such_cases() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 30


def test_equal_payments_of_two_invoices_are_two_payments() -> None:
    books = Books()
    other = A._replace(invoice_number="RE-2")
    assert books.import_file("one", file_of(A, other, A)) == [PART, PART, PART]
    assert books.import_file("two", file_of(other, other, A)) == [AGAIN, PART, AGAIN]
    assert (books.paid("RE-1"), books.paid("RE-2")) == (100_00, 100_00)


# What can't be known (docs/formats/settlement.md), so that a change of it is seen.


def test_a_twin_alone_in_a_later_file_is_taken_for_the_same_payment_and_reported() -> None:
    books = Books()
    books.import_file("in the morning", file_of(A))
    assert books.import_file("in the evening", file_of(A)) == [AGAIN]
    assert books.paid() == 50_00


def test_a_payment_through_two_formats_is_two_payments_where_one_leaves_its_day_out() -> None:
    books = Books()
    books.import_file("with days", file_of(A, B))
    assert books.import_file("without days", file_of(A._replace(day=None), B)) == [PART, AGAIN]


def test_after_set_to_paid_by_date_only_the_row_that_carried_the_booking_is_known() -> None:
    books = Books()
    assert books.import_file("by date", file_of(A, B), settle_by="2026-11-30") == [ALL, DONE]
    assert books.import_file("as payments", file_of(A, B)) == [AGAIN, "overpaid"]


# Any history: payments are posted one after the other; files show some or all of them in any order.

_posted = st.lists(
    st.sampled_from([A, A, A_OTHER, A_THIRD, B, BARE, BARE, FIRST_REFERENCE, SECOND_REFERENCE]),
    min_size=1,
    max_size=8,
)


@given(_posted, st.data())
@settings(max_examples=400)
def test_whatever_files_show_of_the_payments_each_is_booked_once(
    posted: list[Row], data: st.DataObject
) -> None:
    """Cut, overlapping, shuffled, deleted: never more than was paid, and all of it once a file shows all."""
    books = Books()
    for number in range(data.draw(st.integers(0, 5))):
        known = posted[: data.draw(st.integers(1, len(posted)))]
        shown = data.draw(st.permutations(known))[: data.draw(st.integers(1, len(known)))]
        books.import_file(f"file {number}", file_of(*shown))
        if data.draw(st.integers(0, 3)) == 0:
            books.delete(f"file {data.draw(st.integers(0, number))}")
        assert books.paid() <= sum(row.amount_minor or 0 for row in posted)
        marks = [one.mark for one in books.booked.get("re-1", [])]
        assert len(set(marks)) == len(marks)
    books.import_file("all of them", file_of(*data.draw(st.permutations(posted))))
    assert books.paid() == sum(row.amount_minor or 0 for row in posted)
