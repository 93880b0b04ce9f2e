"""What holds for payment rows whatever the amounts are (RI-3): random documents, rows and policies."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.reconciliation.decision_table import expected
from tests.unit.reconciliation.settlement_cases import (
    IMPORT_DAY,
    POLICY,
    documents,
    payments,
    policies,
)
from tests.unit.reconciliation.test_decisions import money_of_a_row_without_amount, outcome_of
from tillbridge.reconciliation.decisions import CLOSING, Facts, Outcome, Policy
from tillbridge.reconciliation.model import Row
from tillbridge.reconciliation.rules import after, decide_payment

BESIDE_THE_INVOICE = {"payment-returned", "fee-only"}
"""Booked, but no money counts against what is due."""


@st.composite
def met(draw: st.DrawFn, signs: tuple[int, ...] = (1, -1)) -> tuple[Facts, Row]:
    facts = draw(documents(signs))
    return facts, draw(payments(facts))


@given(met(), policies)
@settings(max_examples=1_000)
def test_any_payment_is_decided_as_the_table_says(case: tuple[Facts, Row], policy: Policy) -> None:
    facts, row = case
    assert outcome_of(decide_payment(facts, row, policy)) == expected(facts, row, policy)


@given(met(), policies)
@settings(max_examples=400)
def test_no_cent_is_lost_or_made(case: tuple[Facts, Row], policy: Policy) -> None:
    """paid = applied + fee + ignored; due afterwards = due - applied - discount; nothing goes below zero."""
    facts, row = case
    one = decide_payment(facts, row, policy)
    paid = money_of_a_row_without_amount(facts, row) if row.amount_minor is None else row.amount_minor
    assert paid == one.applied_minor + one.fee_minor + one.ignored_minor
    assert one.due_after_minor == facts.due_minor - one.applied_minor - one.discount_minor
    assert one.fee_minor >= 0
    assert facts.sign * one.discount_minor >= 0
    assert after(facts, one).due_minor == one.due_after_minor


@given(met(), policies)
@settings(max_examples=400)
def test_what_is_not_booked_changes_nothing(case: tuple[Facts, Row], policy: Policy) -> None:
    facts, row = case
    one = decide_payment(facts, row, policy)
    if one.outcome is Outcome.BOOKED:
        assert (one.applied_minor, one.discount_minor, one.fee_minor) != (0, 0, 0)
        assert one.value_on == (row.day or IMPORT_DAY)
    else:
        assert after(facts, one) == facts


@given(met(), policies)
@settings(max_examples=400)
def test_closed_means_that_nothing_is_due_mirrored_for_what_we_owe(
    case: tuple[Facts, Row], policy: Policy
) -> None:
    facts, row = case
    one = decide_payment(facts, row, policy)
    if one.settled:
        assert facts.sign * one.due_after_minor <= 0
        assert one.code in CLOSING
    elif one.outcome is Outcome.BOOKED and one.code not in BESIDE_THE_INVOICE:
        assert facts.sign * one.due_after_minor > 0


@given(met(signs=(1,)), st.integers(0, 3_000))
@settings(max_examples=400)
def test_a_credit_note_mirrors_an_invoice_that_takes_no_fee(case: tuple[Facts, Row], most: int) -> None:
    """Every amount turned round, the fee field neutral, never dunned: the same decision, turned round."""
    facts, row = case
    invoice = facts._replace(dunning_level=0, fees_minor=0)
    neutral = row._replace(dunning_fee=None, dunning_fee_minor=None)
    note = invoice._replace(
        sign=-1,
        total_minor=-facts.total_minor,
        paid_minor=-facts.paid_minor,
        discounted_minor=-facts.discounted_minor,
    )
    turned = neutral._replace(amount_minor=None if row.amount_minor is None else -row.amount_minor)
    policy = Policy(most, IMPORT_DAY)
    one, other = decide_payment(invoice, neutral, policy), decide_payment(note, turned, policy)
    assert other == one._replace(
        applied_minor=-one.applied_minor,
        discount_minor=-one.discount_minor,
        ignored_minor=-one.ignored_minor,
        due_after_minor=-one.due_after_minor,
    )


@given(met(signs=(-1,)), policies)
@settings(max_examples=200)
def test_what_we_owe_never_takes_a_fee(case: tuple[Facts, Row], policy: Policy) -> None:
    facts, row = case
    for fee in (row.dunning_fee, True, False, None):
        one = decide_payment(facts._replace(dunning_level=3), row._replace(dunning_fee=fee), policy)
        assert one.fee_minor == 0


@given(st.data(), documents(), policies, st.integers(2, 6))
@settings(max_examples=200)
def test_rows_one_after_the_other_are_decided_in_their_order(
    data: st.DataObject, facts: Facts, policy: Policy, count: int
) -> None:
    """Each against what those before it left, as the table decides them in a row; the sums hold over all."""
    ours, theirs, decisions = facts, facts, []
    for _ in range(count):
        row = data.draw(payments(ours))
        one, table = decide_payment(ours, row, policy), expected(theirs, row, policy)
        assert outcome_of(one) == table
        decisions.append(one)
        ours = after(ours, one)
        theirs = theirs._replace(
            paid_minor=theirs.paid_minor + table.applied,
            discounted_minor=theirs.discounted_minor + table.discount,
            fees_minor=theirs.fees_minor + table.fee,
        )
    applied = sum(one.applied_minor + one.discount_minor for one in decisions)
    assert ours.due_minor == facts.due_minor - applied
    assert ours.fees_minor == facts.fees_minor + sum(one.fee_minor for one in decisions)


@given(met(), policies)
@settings(max_examples=200)
def test_an_automatic_fee_never_goes_beyond_the_maximum(case: tuple[Facts, Row], policy: Policy) -> None:
    facts, row = case
    one = decide_payment(facts, row._replace(dunning_fee=None, dunning_fee_minor=None), policy)
    if one.fee_minor:
        assert facts.dunning_level > 0
        assert facts.fees_minor + one.fee_minor <= policy.max_fee_minor


@given(met(), st.dates())
@settings(max_examples=200)
def test_set_to_paid_by_date_settles_whatever_the_row_says(case: tuple[Facts, Row], day: object) -> None:
    """RI-6: the whole due with that value date; amount and fields of the row are not used."""
    facts, row = case
    one = decide_payment(facts, row, POLICY._replace(settle_by=str(day)))
    if facts.sign * facts.due_minor > 0:
        assert (one.outcome, one.code, one.value_on) == (Outcome.BOOKED, "settled", str(day))
        assert (one.applied_minor, one.due_after_minor) == (facts.due_minor, 0)
    else:
        assert (one.outcome, one.code, one.applied_minor) == (Outcome.IGNORED, "nothing-due", 0)
    assert (one.discount_minor, one.fee_minor) == (0, 0)


@given(met(), policies)
@settings(max_examples=200)
def test_paying_what_is_left_closes_what_stayed_open(case: tuple[Facts, Row], policy: Policy) -> None:
    facts, row = case
    left = after(facts, decide_payment(facts, row, policy))
    if left.sign * left.due_minor > 0:
        one = decide_payment(left, Row(2, "RE-1", left.due_minor), policy)
        assert (one.code, one.due_after_minor) == ("settled", 0)
