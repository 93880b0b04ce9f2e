"""Lists of closed items, open items and dunning levels, absence, set to paid by date (RI-1, 2, 4 and 6)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reconciliation.settlement_cases import DOCUMENTS, IMPORT_DAY, POLICY, a_document, documents
from tillbridge.reconciliation.decisions import Decision, Facts, Outcome
from tillbridge.reconciliation.model import Row
from tillbridge.reconciliation.rules import (
    absent_is_settled,
    after,
    decide_absent,
    decide_closed,
    decide_dunning,
    decide_open,
    repeated,
    settle,
)

AS_OF = "2026-11-30"
BY_DATE = POLICY._replace(settle_by="2026-12-01")
OPEN = {name: facts for name, facts in DOCUMENTS.items() if facts.sign * facts.due_minor > 0}
NOT_OPEN = {name: facts for name, facts in DOCUMENTS.items() if name not in OPEN}


def row(
    amount: int | None = None, *, line: int = 1, day: str | None = None, cleared: bool | None = None
) -> Row:
    return Row(line, "RE-1", amount, day, cleared=cleared)


def level(number: int | None) -> Row:
    return Row(1, "RE-1", dunning_level=number)


def told(decision: Decision) -> tuple[str, str, int, int]:
    """Outcome, reason, applied, due after; nothing else than the due is ever booked from a list."""
    assert (decision.discount_minor, decision.fee_minor, decision.ignored_minor) == (0, 0, 0)
    return (
        decision.outcome.value,
        decision.code,
        decision.applied_minor,
        decision.due_after_minor,
    )


# Closed items (RI-1, RI-12)


@pytest.mark.parametrize("facts", OPEN.values(), ids=list(OPEN))
def test_a_listed_document_that_is_open_is_settled_with_its_whole_due(facts: Facts) -> None:
    (one,) = decide_closed(facts, [row(1, day="2026-11-20")], POLICY)
    assert told(one) == ("booked", "settled", facts.due_minor, 0)
    assert one.value_on == "2026-11-20"
    assert one.settled


@pytest.mark.parametrize("facts", NOT_OPEN.values(), ids=list(NOT_OPEN))
def test_nothing_is_due_on_a_listed_document_that_is_closed_or_overpaid(facts: Facts) -> None:
    (one,) = decide_closed(facts, [row(5_000)], POLICY)
    assert told(one) == ("ignored", "nothing-due", 0, facts.due_minor)


@pytest.mark.parametrize(
    ("day", "settle_by", "value_on"),
    [
        ("2026-11-20", "", "2026-11-20"),
        (None, "", IMPORT_DAY),
        ("2026-11-20", "2026-12-01", "2026-12-01"),
        (None, "2026-12-01", "2026-12-01"),
    ],
)
def test_the_value_date_is_the_given_day_else_that_of_the_row_else_that_of_the_import(
    day: str | None, settle_by: str, value_on: str
) -> None:
    (one,) = decide_closed(a_document(), [row(day=day)], POLICY._replace(settle_by=settle_by))
    assert one.value_on == value_on


@pytest.mark.parametrize(
    ("days", "value_on"),
    [
        (("2026-11-20", "2026-11-05"), "2026-11-20"),
        (("2026-11-05", "2026-11-20"), "2026-11-20"),
        ((None, "2026-11-05"), "2026-11-05"),
        ((None, None), IMPORT_DAY),
    ],
)
def test_a_document_is_closed_on_the_latest_day_of_its_rows(
    days: tuple[str | None, ...], value_on: str
) -> None:
    """Only then all of it was cleared."""
    rows = [row(line=line, day=day) for line, day in enumerate(days, 2)]
    decisions = decide_closed(a_document(), rows, POLICY)
    assert (decisions[0].code, decisions[0].value_on) == ("settled", value_on)
    assert decide_closed(a_document(), rows, BY_DATE)[0].value_on == BY_DATE.settle_by


@pytest.mark.parametrize("marks", list(product((True, False, None), repeat=3)))
def test_only_what_is_cleared_in_all_its_rows_is_settled(marks: tuple[bool | None, ...]) -> None:
    """RI-12: a mark that says *open* keeps the invoice open; a kind without marks lists closed items only."""
    rows = [row(line=line, cleared=mark) for line, mark in enumerate(marks, 1)]
    decisions = decide_closed(a_document(total=900), rows, POLICY)
    if False not in marks:
        assert told(decisions[0]) == ("booked", "settled", 900, 0)
        assert [told(one) for one in decisions[1:]] == [("ignored", "nothing-due", 0, 0)] * 2
    else:
        code = "still-open-there" if set(marks) == {False} else "partly-cleared"
        assert [told(one) for one in decisions] == [("ignored", code, 0, 900)] * 3


# Set to paid by date (RI-6)


@pytest.mark.parametrize("facts", DOCUMENTS.values(), ids=list(DOCUMENTS))
@pytest.mark.parametrize("cleared", [True, False, None])
def test_set_to_paid_by_date_settles_everything_that_a_list_names(facts: Facts, cleared: bool | None) -> None:
    """Whatever the rows say: amounts, signs and clearing marks are not used."""
    rows = [row(7, cleared=cleared), row(None, cleared=True), row(-999_999, cleared=cleared)]
    for decisions in (decide_closed(facts, rows, BY_DATE), decide_open(facts, rows, BY_DATE, AS_OF)):
        assert len(decisions) == len(rows)
        if facts in OPEN.values():
            assert told(decisions[0]) == ("booked", "settled", facts.due_minor, 0)
            assert decisions[0].value_on == BY_DATE.settle_by
            assert {told(one) for one in decisions[1:]} == {("ignored", "nothing-due", 0, 0)}
        else:
            assert {told(one) for one in decisions} == {("ignored", "nothing-due", 0, facts.due_minor)}


# Open items (RI-2): what is due, what is listed, and what follows; without the document's sign.

OPEN_ITEMS = [
    (1_000, 1_000, "ignored", "unchanged", 0),
    (1_000, 999, "booked", "set-to-open-amount", 1),
    (1_000, 1, "booked", "set-to-open-amount", 999),
    (1_000, 0, "booked", "settled", 1_000),
    (1_000, 1_001, "review", "open-amount-rose", 0),
    (1_000, 10**14, "review", "open-amount-rose", 0),
    (1_000, -1, "review", "open-amount-has-wrong-sign", 0),
    (1_000, -1_000, "review", "open-amount-has-wrong-sign", 0),
    (0, 0, "ignored", "unchanged", 0),
    (0, 1, "review", "open-amount-rose", 0),
    (0, -1, "review", "open-amount-has-wrong-sign", 0),
    (-50, -50, "ignored", "unchanged", 0),
    (-50, -20, "review", "open-amount-rose", 0),
    (-50, 0, "review", "open-amount-rose", 0),
    (-50, 70, "review", "open-amount-rose", 0),
    (-50, -51, "review", "open-amount-has-wrong-sign", 0),
]


@pytest.mark.parametrize(("due", "listed", "outcome", "code", "applied"), OPEN_ITEMS)
@pytest.mark.parametrize("sign", [1, -1], ids=["invoice", "credit note"])
def test_a_listed_document_is_set_to_its_open_amount_and_a_rise_is_only_reported(
    sign: int, due: int, listed: int, outcome: str, code: str, applied: int
) -> None:
    facts = a_document(sign, total=1_000, paid=1_000 - due)
    (one,) = decide_open(facts, [row(sign * listed, day="2026-11-05")], POLICY, AS_OF)
    assert told(one) == (outcome, code, sign * applied, sign * (due - applied))
    assert one.value_on == (AS_OF if outcome == "booked" else "")
    assert one.settled is (code == "settled")


@given(documents(), st.lists(st.integers(-2_000, 2_000), min_size=1, max_size=4))
def test_rows_of_one_document_are_added_up_first(facts: Facts, amounts: list[int]) -> None:
    """An invoice and a payment on account may stand in two lines; the first one carries the booking."""
    near = [facts.due_minor - amounts[0], *amounts[1:]]
    (alone,) = decide_open(facts, [row(sum(near))], POLICY, AS_OF)
    decisions = decide_open(facts, [row(amount) for amount in near], POLICY, AS_OF)
    assert decisions[0] == alone
    assert len(decisions) == len(near)
    if alone.outcome is Outcome.BOOKED:
        assert {told(one) for one in decisions[1:]} <= {("ignored", "unchanged", 0, alone.due_after_minor)}
        assert after(facts, alone).due_minor == sum(near) == alone.due_after_minor
    else:
        assert all(one == alone for one in decisions)
        assert after(facts, alone) == facts


@pytest.mark.parametrize("amounts", [(None,), (None, 500), (500, None), (None, None)])
def test_a_missing_open_amount_is_never_taken_for_zero(amounts: tuple[int | None, ...]) -> None:
    decisions = decide_open(a_document(total=500), [row(amount) for amount in amounts], POLICY, AS_OF)
    assert [told(one) for one in decisions] == [("refused", "open-amount-missing", 0, 500)] * len(amounts)


@given(documents(), st.integers(-(10**6), 10**6))
def test_a_list_of_open_items_never_raises_what_is_due(facts: Facts, off: int) -> None:
    (one,) = decide_open(facts, [row(facts.due_minor + off)], POLICY, AS_OF)
    if one.outcome is Outcome.BOOKED:
        assert facts.sign * one.applied_minor > 0
        assert 0 <= facts.sign * one.due_after_minor < facts.sign * facts.due_minor


# By absence: RI-2, RI-33


@pytest.mark.parametrize(
    ("receivable", "is_open", "issued_on", "handed_over_on", "settle_by"),
    list(
        product(
            (True, False),
            (True, False),
            ("2026-11-29", "2026-11-30", "2026-12-01"),
            ("", "2026-11-29", "2026-11-30", "2026-12-01"),
            ("", "2026-12-01"),
        )
    ),
)
def test_absence_settles_only_what_the_list_must_have_shown(
    receivable: bool, is_open: bool, issued_on: str, handed_over_on: str, settle_by: str
) -> None:
    settled = absent_is_settled(
        receivable=receivable,
        is_open=is_open,
        issued_on=issued_on,
        handed_over_on=handed_over_on,
        as_of=AS_OF,
        settle_by=settle_by,
    )
    must_be_listed = (
        receivable
        and is_open
        and issued_on in ("2026-11-29", "2026-11-30")
        and handed_over_on == "2026-11-29"
        and not settle_by
    )
    assert settled is must_be_listed


def test_a_list_without_a_day_settles_nothing_by_absence() -> None:
    assert not absent_is_settled(
        receivable=True,
        is_open=True,
        issued_on="2026-11-01",
        handed_over_on="2026-11-01",
        as_of="",
        settle_by="",
    )


@pytest.mark.parametrize("facts", OPEN.values(), ids=list(OPEN))
def test_what_is_settled_by_absence_has_the_day_of_the_list(facts: Facts) -> None:
    one = decide_absent(facts, AS_OF)
    assert told(one) == ("booked", "settled-by-absence", facts.due_minor, 0)
    assert (one.value_on, one.settled) == (AS_OF, True)


@pytest.mark.parametrize("facts", NOT_OPEN.values(), ids=list(NOT_OPEN))
def test_absence_changes_nothing_where_nothing_is_due(facts: Facts) -> None:
    assert told(decide_absent(facts, AS_OF)) == ("ignored", "nothing-due", 0, facts.due_minor)
    assert settle(facts, AS_OF).outcome is Outcome.IGNORED


# Dunning levels (RI-4)


@pytest.mark.parametrize(("old", "new"), list(product(range(10), repeat=2)))
@pytest.mark.parametrize("paid", [0, 1_000, 1_200], ids=["open", "closed", "overpaid"])
def test_a_dunning_level_is_set_upwards_downwards_and_on_closed_invoices(
    paid: int, old: int, new: int
) -> None:
    facts = a_document(total=1_000, paid=paid, level=old)
    (one,) = decide_dunning(facts, [level(new)])
    if old == new:
        assert told(one) == ("ignored", "unchanged", 0, facts.due_minor)
        assert after(facts, one) == facts
    else:
        assert told(one) == ("booked", "dunning-level-set", 0, facts.due_minor)
        assert after(facts, one) == facts._replace(dunning_level=new)
    assert not one.settled


@pytest.mark.parametrize("levels", list(product((0, 1, 2), repeat=3)))
def test_the_last_row_about_a_dunning_level_counts(levels: tuple[int, ...]) -> None:
    decisions = decide_dunning(a_document(level=1), [level(number) for number in levels])
    assert [one.code for one in decisions[:-1]] == ["overtaken-in-file"] * 2
    assert {one.outcome for one in decisions[:-1]} == {Outcome.IGNORED}
    assert decisions[-1] == decide_dunning(a_document(level=1), [level(levels[-1])])[0]


def test_nobody_duns_a_credit_note() -> None:
    decisions = decide_dunning(a_document(-1), [level(1), level(0)])
    assert [told(one)[:2] for one in decisions] == [("refused", "dunning-on-credit-note")] * 2


def test_a_dunning_row_without_a_level_is_a_bug_of_its_reader() -> None:
    with pytest.raises(ValueError, match="has a level"):
        decide_dunning(a_document(), [level(None)])


# Rows that came before (RI-34)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("booked-before", Outcome.IGNORED),
        ("booked-before-otherwise", Outcome.REVIEW),
        ("maybe-booked-before", Outcome.REVIEW),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_row_that_came_before_changes_nothing(sign: int, code: str, outcome: Outcome) -> None:
    facts = a_document(sign, paid=500)
    one = repeated(facts, row(sign * 500), code)
    assert (one.outcome, one.code, one.ignored_minor) == (outcome, code, sign * 500)
    assert after(facts, one) == facts
    assert repeated(facts, row(None, day=AS_OF), code).ignored_minor == 0
