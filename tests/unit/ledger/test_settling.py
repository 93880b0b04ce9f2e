"""Money meets a document and leaves it again: no cent is lost, whatever comes in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.papers import (
    PAYMENT,
    document,
    documents,
    occasion,
    settlement,
    settlements,
)
from tillbridge.kernel.errors import Conflict
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.ledger.entries import Account, Operation, Posting, Source, SourceKind
from tillbridge.ledger.model import MAX_BOOKINGS, Balance, BookingNote, Document, DocumentKind, DocumentLine
from tillbridge.ledger.rules import (
    Former,
    Settlement,
    issued,
    restored,
    reversed_entry,
    settled,
    taken_back,
    vat_shares_of,
    with_issue,
    with_level,
)
from tillbridge.ledger.schemas import DocumentSummary

IMPORT = Source(SourceKind.IMPORT, "IM-1")


def amounts(balance: Balance) -> tuple[int, int, int, int]:
    return balance.paid_minor, balance.discounted_minor, balance.fees_minor, balance.dunning_level


def moved(postings: tuple[Posting, ...], account: Account) -> int:
    return sum(posting.amount_minor for posting in postings if posting.account is account)


def open_account(of: Document) -> Account:
    payable = of.kind is DocumentKind.INCOMING_INVOICE
    return Account.PAYABLES if payable else Account.RECEIVABLES


# What is booked


@given(documents())
def test_a_document_comes_into_the_books_with_its_whole_total(paper: Document) -> None:
    entry = issued(paper, occasion())
    assert moved(entry.postings, open_account(paper)) == paper.total_minor
    assert sum(posting.amount_minor for posting in entry.postings) == 0
    assert (entry.document, entry.business_day, entry.branch) == (paper.number, paper.issued_on, "01")


@given(documents(), settlements())
def test_what_is_due_falls_by_what_counts_against_it(paper: Document, money: Settlement) -> None:
    after, entry = settled(paper, money, occasion())
    assert after.due_minor == paper.due_minor - money.applied_minor - money.discount_minor
    assert after.balance.fees_minor == money.fee_minor
    assert moved(entry.postings, money.means) == money.applied_minor + money.fee_minor
    assert moved(entry.postings, open_account(paper)) == -money.applied_minor - money.discount_minor
    assert sum(posting.amount_minor for posting in entry.postings) == 0


@given(documents(), st.lists(settlements(), max_size=8))
def test_the_open_account_of_all_entries_is_what_is_due(paper: Document, moneys: list[Settlement]) -> None:
    entries = [issued(paper, occasion())]
    for money in moneys:
        paper, entry = settled(paper, money, occasion())
        entries.append(entry)
    assert sum(moved(entry.postings, open_account(paper)) for entry in entries) == paper.due_minor


@given(documents(), st.lists(settlements(), max_size=8))
def test_a_document_has_a_day_of_settlement_exactly_while_nothing_is_due(
    paper: Document, moneys: list[Settlement]
) -> None:
    for money in moneys:
        closed_on = paper.balance.settled_on
        paper, _ = settled(paper, money, occasion())
        assert bool(paper.balance.settled_on) is not paper.is_open
        if not paper.is_open:
            assert paper.balance.settled_on == (closed_on or money.value_on)


def test_an_invoice_paid_in_cash_is_booked_as_the_books_want_it() -> None:
    after, entry = settled(document(10_000), settlement(4_000), occasion())
    assert entry.postings == (Posting(Account.CASH, 4_000), Posting(Account.RECEIVABLES, -4_000))
    assert entry.operations == (Operation.CREDIT_CREDIT_NOTE, Operation.DIRECT_PAYMENT)
    assert (after.due_minor, after.is_open, after.revision) == (6_000, True, 2)
    assert after.notes == (BookingNote(entry.id, "payment/B-1"),)
    assert after.touched_by == "payment/B-1"


def test_whether_an_entry_travels_is_the_occasions_word() -> None:
    _, travels = settled(document(), settlement(1), occasion())
    _, stays = settled(document(), settlement(1), occasion(IMPORT, exportable=False))
    assert (travels.exportable, stays.exportable) == (True, False)


def test_a_note_carries_the_mark_of_the_row_that_caused_it() -> None:
    after, entry = settled(document(), settlement(1, row_mark="0f"), occasion(IMPORT))
    assert after.notes == (BookingNote(entry.id, "import/IM-1", "0f"),)


def test_a_document_has_room_for_a_bounded_number_of_bookings() -> None:
    full = replace(document(), notes=(BookingNote("e", "payment/B-1"),) * MAX_BOOKINGS)
    with pytest.raises(Conflict) as refused:
        settled(full, settlement(1), occasion())
    assert refused.value.code == "document-has-too-many-bookings"


LARGE = MAX_MINOR - 1


@pytest.mark.parametrize(
    ("balance", "money"),
    [
        (Balance(LARGE), settlement(1)),
        (Balance(0, LARGE), settlement(0, 1)),
        (Balance(0, 0, LARGE), settlement(0, fee=1)),
        (Balance(-LARGE + 10_000), settlement(-1)),
        (Balance(), settlement(LARGE, fee=0, discount=10_001)),
    ],
)
@pytest.mark.parametrize("kind", DocumentKind)
def test_no_sum_of_a_document_leaves_the_range_of_amounts(
    balance: Balance, money: Settlement, kind: DocumentKind
) -> None:
    sign = kind.sign
    paper = replace(
        document(10_000, kind),
        balance=replace(
            balance, paid_minor=sign * balance.paid_minor, discounted_minor=sign * balance.discounted_minor
        ),
    )
    money = money._replace(
        applied_minor=sign * money.applied_minor, discount_minor=sign * money.discount_minor
    )
    with pytest.raises(Conflict) as refused:
        settled(paper, money, occasion())
    assert (refused.value.code, refused.value.value, refused.value.facts) == (
        "document-sum-too-large", "RE-1", {"most": "9999999999999.99"},
    )  # fmt: skip


def test_a_sum_at_the_end_of_the_range_can_be_read() -> None:
    after, _ = settled(document(10_000), settlement(LARGE), occasion())
    assert DocumentSummary.of(after).paid == "9999999999999.99"
    back = replace(after, balance=Balance(2 * LARGE))  # as a deletion may leave it, which is never refused
    assert DocumentSummary.of(back).paid == "19999999999999.98"


def test_taking_back_does_not_leave_the_range_of_amounts() -> None:
    paper, entry = settled(document(10_000), settlement(-LARGE + 10_000), occasion())
    for _ in range(2):
        paper, _ = settled(paper, settlement(LARGE - 10_000), occasion())
    with pytest.raises(Conflict) as refused:
        taken_back(paper, settlement(-LARGE + 10_000), of=PAYMENT, entry_id=entry.id, reversal_id="r")
    assert refused.value.code == "document-sum-too-large"


def test_the_first_note_of_a_new_document_is_its_own_entry() -> None:
    source = Source(SourceKind.DOCUMENT, "RE-1")
    opened, _ = settled(document(), settlement(1), occasion(IMPORT))
    entry = issued(opened, occasion(source))
    noted = with_issue(opened, entry)
    assert [note.source for note in noted.notes] == ["document/RE-1", "import/IM-1"]
    assert noted.balance == opened.balance


# Taking it back


@given(documents(), st.lists(settlements(), max_size=4), settlements())
def test_taking_money_back_undoes_it(paper: Document, before: list[Settlement], money: Settlement) -> None:
    """The day of settlement too, but where the money had reopened the document: then it closes anew."""
    for one in before:
        paper, _ = settled(paper, one, occasion(IMPORT))
    after, entry = settled(paper, money, occasion())
    back = taken_back(after, money, of=PAYMENT, entry_id=entry.id, reversal_id="r")
    assert back.untouched
    assert amounts(back.document.balance) == amounts(paper.balance)
    assert back.document.due_minor == paper.due_minor
    reopened = not paper.is_open and after.is_open
    wanted = money.value_on if reopened else paper.balance.settled_on
    assert back.document.balance.settled_on == wanted


@given(documents(), settlements(), st.lists(settlements(), min_size=1, max_size=4))
def test_what_came_later_stays_when_money_is_taken_back(
    paper: Document, money: Settlement, later: list[Settlement]
) -> None:
    after, entry = settled(paper, money, occasion())
    without = paper
    for one in later:
        after, _ = settled(after, one, occasion(IMPORT))
        without, _ = settled(without, one, occasion(IMPORT))
    back = taken_back(after, money, of=PAYMENT, entry_id=entry.id, reversal_id="r")
    assert not back.untouched
    assert amounts(back.document.balance) == amounts(without.balance)
    assert bool(back.document.balance.settled_on) is not back.document.is_open


@given(documents(), settlements())
def test_a_reversal_is_the_exact_opposite_and_inherits_whether_it_travels(
    paper: Document, money: Settlement
) -> None:
    _, entry = settled(paper, money, occasion(IMPORT, exportable=False))
    back = reversed_entry(entry, occasion(), "2026-11-23")
    opposite = {(one.account, one.vat_code): -one.amount_minor for one in entry.postings}
    assert {(one.account, one.vat_code): one.amount_minor for one in back.postings} == opposite
    assert (back.reverses, back.exportable, back.document) == (entry.id, False, paper.number)


def test_a_reversed_booking_loses_its_mark_and_gets_a_note() -> None:
    """The same row may come again after its import was deleted (RI-34)."""
    first, kept = settled(document(), settlement(1, row_mark="a"), occasion(IMPORT))
    after, entry = settled(first, settlement(2, row_mark="b"), occasion(IMPORT))
    back = taken_back(after, settlement(2), of=IMPORT, entry_id=entry.id, reversal_id="r").document
    assert back.notes == (
        BookingNote(kept.id, "import/IM-1", "a"),
        BookingNote(entry.id, "import/IM-1"),
        BookingNote("r", "import/IM-1/reversed"),
    )


def test_a_full_document_still_gives_back_what_it_took() -> None:
    full = replace(document(), notes=(BookingNote("e", "payment/B-1"),) * MAX_BOOKINGS)
    back = taken_back(full, settlement(1), of=PAYMENT, entry_id="e", reversal_id="r")
    assert back.document.due_minor == full.due_minor + 1


# Deleting an import


def former_of(paper: Document, moneys: list[Settlement], level: int | None) -> Former:
    return Former(
        paper.balance,
        paper.touched_by,
        applied_minor=sum(one.applied_minor for one in moneys),
        discount_minor=sum(one.discount_minor for one in moneys),
        fee_minor=sum(one.fee_minor for one in moneys),
        level=level,
    )


def imported(paper: Document, moneys: list[Settlement], level: int | None) -> tuple[Document, dict[str, str]]:
    reversals = {}
    for place, one in enumerate(moneys):
        paper, entry = settled(paper, one, occasion(IMPORT, exportable=False))
        reversals[entry.id] = f"r{place}"
    return (paper if level is None else with_level(paper, level, str(IMPORT))), reversals


LEVELS = st.none() | st.integers(0, 9)


@given(
    documents(), st.lists(settlements(), max_size=3), st.lists(settlements(), min_size=1, max_size=3), LEVELS
)
def test_a_deleted_import_leaves_exactly_what_was_before(
    paper: Document, before: list[Settlement], moneys: list[Settlement], level: int | None
) -> None:
    for one in before:
        paper, _ = settled(paper, one, occasion())
    after, reversals = imported(paper, moneys, level)
    back = restored(after, former_of(paper, moneys, level), of=IMPORT, reversals=reversals, day="2026-11-23")
    assert back.untouched
    assert (back.document.balance, back.document.touched_by) == (paper.balance, paper.touched_by)
    assert len(back.document.notes) == len(after.notes) + len(reversals)


@given(
    documents(),
    st.lists(settlements(), min_size=1, max_size=3),
    LEVELS,
    st.lists(settlements(), min_size=1, max_size=3),
)
def test_a_deleted_import_leaves_what_others_did_since(
    paper: Document, moneys: list[Settlement], level: int | None, later: list[Settlement]
) -> None:
    after, reversals = imported(paper, moneys, level)
    without = paper
    for one in later:
        after, _ = settled(after, one, occasion())
        without, _ = settled(without, one, occasion())
    back = restored(after, former_of(paper, moneys, level), of=IMPORT, reversals=reversals, day="2026-11-23")
    assert not back.untouched
    assert amounts(back.document.balance) == amounts(without.balance)
    assert bool(back.document.balance.settled_on) is not back.document.is_open


def test_a_level_that_somebody_set_since_stays() -> None:
    after, reversals = imported(document(), [], 2)
    again = with_level(after, 3, "import/IM-2")
    back = restored(again, former_of(document(), [], 2), of=IMPORT, reversals=reversals, day="2026-11-23")
    assert (back.untouched, back.document.balance.dunning_level) == (False, 3)


def test_levels_are_taken_back_in_whichever_order() -> None:
    first, second = Source(SourceKind.IMPORT, "IM-A"), Source(SourceKind.IMPORT, "IM-B")
    none = document()
    one = with_level(none, 1, str(first))
    two = with_level(one, 2, str(second))
    of_first = Former(none.balance, none.touched_by, level=1)
    of_second = Former(one.balance, one.touched_by, level=2)
    without_first = restored(two, of_first, of=first, reversals={}, day="2026-11-23").document
    assert without_first.balance.dunning_level == 2
    neither = restored(without_first, of_second, of=second, reversals={}, day="2026-11-23").document
    assert (neither.balance, neither.levels) == (none.balance, ())
    without_second = restored(two, of_second, of=second, reversals={}, day="2026-11-23").document
    assert without_second.balance.dunning_level == 1
    neither = restored(without_second, of_first, of=first, reversals={}, day="2026-11-23").document
    assert (neither.balance, neither.levels) == (none.balance, ())


# VAT


@given(documents(), settlements())
def test_a_discount_is_divided_among_the_rates_to_the_last_cent(paper: Document, money: Settlement) -> None:
    _, entry = settled(paper, money, occasion())
    discounts = (Account.CASH_DISCOUNT_GRANTED, Account.CASH_DISCOUNT_RECEIVED)
    assert sum(one.amount_minor for one in entry.postings if one.account in discounts) == money.discount_minor


def test_shares_of_rates_stand_in_the_order_of_their_first_lines() -> None:
    amounts_of = [("7", 5), ("19", 10), ("7", -5), ("0", 1), ("19", 2)]
    lines = tuple(DocumentLine("x", minor, 0, vat_code=code) for code, minor in amounts_of)
    assert vat_shares_of(lines) == (("19", 12), ("0", 1))
