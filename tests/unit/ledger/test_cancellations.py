"""A cancelled invoice and its credit note stay settled against each other, whatever happens and when."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.papers import document, occasion
from tillbridge.ledger.cancellations import (
    Change,
    Reopened,
    SetOff,
    cancelling,
    passed_on,
    reopened_by,
    set_off,
)
from tillbridge.ledger.entries import Account, Entry, Source, SourceKind
from tillbridge.ledger.model import Document, DocumentLine
from tillbridge.ledger.rules import Settlement, issued, reversed_entry, taken_back

DAY = "2026-11-21"


class Books:
    """An invoice, its credit note once there is one, and the journal of both."""

    def __init__(self) -> None:
        self.invoice = document(12_000)
        self.note: Document | None = None
        self.entries = [issued(self.invoice, occasion())]

    def moved(self, change: Change) -> None:
        """An act has changed the invoice: pass on what it did."""
        reopened = reopened_by(change.before, change.after)
        if self.note is not None and any(reopened):
            note = Change.of(self.note)
            self.booked((change, note), passed_on(reopened, DAY))
            self.note = note.after
            self.entries += note.entries
        self.invoice = change.after
        self.entries += change.entries

    def booked(self, pair: tuple[Change, Change], sides: SetOff) -> None:
        for change, moneys in zip(pair, sides, strict=True):
            for money in moneys:
                change.set_off(money, occasion())

    def settle(self, money: Settlement, number: str) -> Entry:
        change = Change.of(self.invoice)
        change.settle(money, occasion(Source(SourceKind.PAYMENT, number)))
        self.moved(change)
        return change.entries[0]

    def take_back(self, entry: Entry, money: Settlement) -> None:
        reversal = reversed_entry(entry, occasion(), DAY)
        back = taken_back(self.invoice, money, of=entry.source, entry_id=entry.id, reversal_id=reversal.id)
        self.moved(Change(self.invoice, back.document, [reversal]))

    def cancel(self) -> None:
        draft = cancelling(self.invoice, (DocumentLine("x", 12_000, 1900, "19"),), "GU-1", DAY)
        pair = Change.of(self.invoice), Change.of(draft.document)
        self.booked(pair, set_off(self.invoice, DAY))
        self.invoice = replace(pair[0].after, cancelled_by="GU-1")
        self.note = pair[1].after
        self.entries += [*pair[0].entries, issued(self.note, occasion()), *pair[1].entries]

    def due(self) -> tuple[int, int]:
        """What is due of both, proved by the journal."""
        owed: Counter[str] = Counter()
        for entry in self.entries:
            assert sum(one.amount_minor for one in entry.postings) == 0
            for one in entry.postings:
                owed[entry.document] += one.amount_minor * (one.account is Account.RECEIVABLES)
                owed["between"] += one.amount_minor * (one.account is Account.SETTLEMENTS)
        due = self.invoice.due_minor, self.note.due_minor if self.note else 0
        assert (owed["RE-1"], owed["GU-1"], owed["between"]) == (*due, 0)
        return due


@st.composite
def moneys(draw: st.DrawFn) -> Settlement:
    """Money in, with a discount perhaps, or out."""
    applied = draw(st.integers(-15_000, 15_000).filter(bool))
    discount = draw(st.integers(0, 500)) if applied > 0 else 0
    return Settlement(applied, discount, draw(st.sampled_from([0, 0, 250])), DAY, Account.CASH)


@given(st.data(), st.lists(moneys(), max_size=5), st.lists(moneys(), max_size=3))
def test_what_is_due_of_both_does_not_depend_on_the_order(
    data: st.DataObject, before: list[Settlement], later: list[Settlement]
) -> None:
    """Of the invoice nothing; of the credit note what was paid and stayed, less what was given out."""
    books = Books()
    taken = [(books.settle(money, f"B-{place}"), money) for place, money in enumerate(before)]
    gone = data.draw(st.integers(0, len(taken)))
    order = data.draw(st.permutations(range(len(taken))))
    early = data.draw(st.integers(0, gone))
    for place in order[:early]:
        books.take_back(*taken[place])
    books.cancel()
    assert books.due()[0] == 0
    acts = [("back", place) for place in order[early:gone]] + [("more", place) for place in range(len(later))]
    for kind, place in data.draw(st.permutations(acts)):
        if kind == "back":
            books.take_back(*taken[place])
        else:
            books.settle(later[place]._replace(discount_minor=0), f"C-{place}")
        assert books.due()[0] == 0
        assert books.invoice.is_open is False
        assert books.invoice.balance.settled_on
    left = sum(before[place].applied_minor for place in order[gone:])
    assert books.due() == (0, -(left + sum(money.applied_minor for money in later)))


def test_what_is_passed_on_is_noted_as_no_payment_of_its_own() -> None:
    books = Books()
    books.cancel()
    entry = books.settle(Settlement(5_000, 0, 0, DAY, Account.CASH), "B-1")
    assert books.note is not None
    assert [note.source for note in books.invoice.notes[-2:]] == ["payment/B-1", "payment/B-1/set-off"]
    assert books.invoice.touched_by == "payment/B-1"
    assert books.note.touched_by == "payment/B-1/set-off"
    assert books.invoice.notes[-2].entry == entry.id


@pytest.mark.parametrize("change", [(0, 0), (5, 0)])
def test_other_documents_pass_nothing_on(change: tuple[int, int]) -> None:
    before = document()
    after = replace(before, balance=replace(before.balance, paid_minor=change[0]))
    assert reopened_by(before, after) == Reopened(0, 0)
