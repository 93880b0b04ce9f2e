"""A payment row is decided as the table says, in every combination; and the vendor's own examples (RI-3)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.reconciliation.decision_table import Expected, expected
from tests.unit.reconciliation.settlement_cases import (
    DAYS,
    DOCUMENTS,
    FLAGS,
    IMPORT_DAY,
    ISSUED_ON,
    POLICY,
    a_document,
    all_cases,
    amounts,
    fee_fields,
)
from tillbridge.reconciliation.decisions import REASONS, Decision, Facts, Outcome, Policy
from tillbridge.reconciliation.model import Row
from tillbridge.reconciliation.rules import after, decide_payment

CODES = {
    "amount-is-zero", "capped", "closed-not-overpaid", "closed-not-reopened", "fee-exceeds-payment",
    "fee-on-credit-note", "fee-only", "nothing-due", "overpaid", "paid-in-part", "payment-returned",
    "returned-more-than-paid", "settled", "settled-with-discount", "settled-with-discount-by-terms",
    "settled-with-fee", "settled-with-fee-and-overpaid", "settled-with-fee-rest-ignored",
}  # fmt: skip


def outcome_of(decision: Decision) -> Expected:
    """A decision in the shape of the table."""
    return Expected(
        decision.outcome.value,
        decision.code,
        decision.applied_minor,
        decision.discount_minor,
        decision.fee_minor,
        decision.ignored_minor,
        decision.due_after_minor,
        decision.value_on,
    )


def test_every_combination_is_decided_as_the_table_says() -> None:
    """RI-3: outcome, reason, applied, discount, fee, ignored, due after it, and value date."""
    counted: Counter[str] = Counter()
    differ = []
    for case in all_cases():
        ours = outcome_of(decide_payment(case.facts, case.row, POLICY))
        theirs = expected(case.facts, case.row, POLICY)
        counted[theirs.code] += 1
        if ours != theirs:
            differ.append(f"{case.name}\n  rules: {ours}\n  table: {theirs}")
    assert not differ, f"{len(differ)} differ, the first ones:\n" + "\n".join(differ[:5])
    combinations = len(DOCUMENTS) * len(amounts(1, 1)) * len(DAYS) * len(FLAGS) ** 3 * len(fee_fields(1))
    assert sum(counted.values()) == combinations == 226_800
    assert combinations > 4_500
    assert set(counted) == CODES, "every reason occurs"
    assert REASONS.keys() >= CODES


def money_of_a_row_without_amount(facts: Facts, row: Row) -> int:
    """It pays what is due, and the fee that it names on top (never for what we owe)."""
    if facts.sign * facts.due_minor <= 0:
        return 0
    return facts.due_minor + (row.dunning_fee_minor or 0 if facts.sign > 0 else 0)


def test_every_combination_keeps_the_sums() -> None:
    """RI-3: paid = applied + fee + ignored; due afterwards = due - applied - discount; nothing below zero."""
    for case in all_cases():
        decision, sign = decide_payment(case.facts, case.row, POLICY), case.facts.sign
        paid = case.row.amount_minor
        if paid is None:
            paid = money_of_a_row_without_amount(case.facts, case.row)
        assert paid == decision.applied_minor + decision.fee_minor + decision.ignored_minor, case.name
        left = case.facts.due_minor - decision.applied_minor - decision.discount_minor
        assert decision.due_after_minor == left, case.name
        assert decision.fee_minor >= 0, case.name
        assert sign * decision.discount_minor >= 0, case.name
        assert not decision.settled or sign * decision.due_after_minor <= 0, case.name


# The vendor's page, by name.


def payment(amount: int | None, day: str | None = None, **fields: bool | int | None) -> Row:
    return Row(2, "RE-1", amount, day, **fields)  # type: ignore[arg-type]


ONE_HUNDRED = a_document(total=10_000, discounts=((8, 100),))
"""An invoice over 100,- EUR with 1 % discount within eight days."""

DUNNED = ONE_HUNDRED._replace(dunning_level=1)


def decided(facts: Facts, row: Row, max_fee: int = 500) -> tuple[str, int, int, int, int]:
    """Reason, applied, discount, fee, due after."""
    one = decide_payment(facts, row, Policy(max_fee, IMPORT_DAY))
    return one.code, one.applied_minor, one.discount_minor, one.fee_minor, one.due_after_minor


def test_99_paid_of_100_and_sent_as_100_books_no_discount() -> None:
    assert decided(ONE_HUNDRED, payment(10_000)) == ("settled", 10_000, 0, 0, 0)


def test_105_paid_with_the_fee_and_sent_as_100_books_no_fee() -> None:
    assert decided(DUNNED, payment(10_000)) == ("settled", 10_000, 0, 0, 0)


def test_an_invoice_number_without_amount_closes_the_open_item() -> None:
    assert decided(ONE_HUNDRED, payment(None)) == ("settled", 10_000, 0, 0, 0)
    assert decided(ONE_HUNDRED._replace(paid_minor=2_500), payment(None)) == ("settled", 7_500, 0, 0, 0)


def test_discount_yes_closes_the_invoice_whatever_is_missing() -> None:
    row = payment(6_000, cash_discount=True)
    assert decided(ONE_HUNDRED, row) == ("settled-with-discount", 6_000, 4_000, 0, 0)


def test_discount_no_leaves_the_invoice_open_even_within_its_terms() -> None:
    row = payment(9_900, ISSUED_ON, cash_discount=False)
    assert decided(ONE_HUNDRED, row) == ("paid-in-part", 9_900, 0, 0, 100)


def test_discount_empty_is_granted_when_day_and_percentage_fit() -> None:
    assert decided(ONE_HUNDRED, payment(9_900, "2026-11-10")) == (
        "settled-with-discount-by-terms", 9_900, 100, 0, 0,
    )  # fmt: skip
    assert decided(ONE_HUNDRED, payment(9_899, "2026-11-10")) == ("paid-in-part", 9_899, 0, 0, 101)
    assert decided(ONE_HUNDRED, payment(9_900, "2026-11-11")) == ("paid-in-part", 9_900, 0, 0, 100)
    assert decided(ONE_HUNDRED, payment(9_900)) == ("paid-in-part", 9_900, 0, 0, 100)


def test_a_fee_given_as_an_amount_is_that_much_of_the_payment() -> None:
    assert decided(ONE_HUNDRED, payment(10_500, dunning_fee_minor=500)) == (
        "settled-with-fee", 10_000, 0, 500, 0,
    )  # fmt: skip
    assert decided(ONE_HUNDRED, payment(5_000, dunning_fee_minor=500)) == (
        "paid-in-part",
        4_500,
        0,
        500,
        5_500,
    )
    assert decided(ONE_HUNDRED, payment(None, dunning_fee_minor=500)) == (
        "settled-with-fee", 10_000, 0, 500, 0,
    )  # fmt: skip


def test_fee_yes_takes_the_whole_excess_even_of_an_invoice_that_was_never_dunned() -> None:
    row = payment(12_000, dunning_fee=True, overpayment=True)
    assert decided(ONE_HUNDRED, row) == ("settled-with-fee", 10_000, 0, 2_000, 0)


def test_fee_no_never_takes_one() -> None:
    assert decided(DUNNED, payment(10_500, dunning_fee=False)) == ("overpaid", 10_500, 0, 0, -500)


def test_fee_empty_takes_it_up_to_the_maximum_from_a_dunned_invoice_only() -> None:
    assert decided(DUNNED, payment(10_500)) == ("settled-with-fee", 10_000, 0, 500, 0)
    assert decided(DUNNED, payment(10_700)) == ("settled-with-fee-and-overpaid", 10_200, 0, 500, -200)
    assert decided(ONE_HUNDRED, payment(10_500)) == ("overpaid", 10_500, 0, 0, -500)
    assert decided(DUNNED, payment(10_500), max_fee=0) == ("overpaid", 10_500, 0, 0, -500)


def test_the_maximum_fee_holds_for_an_invoice_and_not_for_each_of_its_payments() -> None:
    first = decide_payment(DUNNED, payment(10_300), Policy(500, IMPORT_DAY))
    assert (first.code, first.fee_minor) == ("settled-with-fee", 300)
    assert decided(after(DUNNED, first), payment(400)) == ("settled-with-fee-and-overpaid", 200, 0, 200, -200)


def test_overpayment_no_caps_what_is_booked_at_what_is_due() -> None:
    row = payment(12_000, overpayment=False)
    one = decide_payment(ONE_HUNDRED, row, POLICY)
    assert (one.code, one.applied_minor, one.ignored_minor) == ("capped", 10_000, 2_000)


def test_reopening_no_ignores_payments_of_a_closed_invoice() -> None:
    closed = ONE_HUNDRED._replace(paid_minor=10_000)
    for amount in (1, 10_000, -1, -10_000):
        one = decide_payment(closed, payment(amount, reopening=False), POLICY)
        assert (one.outcome, one.code) == (Outcome.IGNORED, "closed-not-reopened")
    assert decided(closed, payment(-10_000)) == ("payment-returned", -10_000, 0, 0, 10_000)
    assert decided(closed, payment(300, reopening=True)) == ("overpaid", 300, 0, 0, -300)


# Borders of the discount.


@pytest.mark.parametrize(
    ("total", "basis_points", "most"),
    [
        (50, 100, 1),  # half a cent is rounded up
        (49, 100, 0),
        (149, 100, 1),
        (150, 100, 2),
        (99_995, 300, 3_000),
        (1, 9_999, 1),
        (10**15 - 1, 1, 10**11),
    ],
)
def test_the_share_of_the_terms_is_rounded_half_up(total: int, basis_points: int, most: int) -> None:
    facts = a_document(total=total, discounts=((8, basis_points),))
    if most and total - most > 0:
        one = decide_payment(facts, payment(total - most, ISSUED_ON), POLICY)
        assert (one.code, one.discount_minor) == ("settled-with-discount-by-terms", most)
    if total - most - 1 > 0:
        assert decide_payment(facts, payment(total - most - 1, ISSUED_ON), POLICY).code == "paid-in-part"


@pytest.mark.parametrize(
    ("day", "first_step", "second_step"),
    [
        ("2026-11-02", True, True),
        ("2026-11-10", True, True),
        ("2026-11-11", False, True),
        ("2026-11-16", False, True),
        ("2026-11-17", False, False),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_each_step_of_the_terms_ends_with_its_last_day(
    sign: int, day: str, first_step: bool, second_step: bool
) -> None:
    """3 % within 8 days, 2 % within 14: the same for what we are owed and for what we owe."""
    facts = a_document(sign, total=100_00)
    for shortfall, fits in ((300, first_step), (200, second_step), (301, False)):
        one = decide_payment(facts, payment(sign * (100_00 - shortfall), day), POLICY)
        assert one.code == ("settled-with-discount-by-terms" if fits else "paid-in-part")


def test_terms_that_end_in_the_next_year_are_counted_in_calendar_days() -> None:
    facts = a_document(total=100_00, discounts=((60, 200),))._replace(issued_on="2027-12-31")
    assert decide_payment(facts, payment(98_00, "2028-02-29"), POLICY).discount_minor == 200  # a leap year
    assert decide_payment(facts, payment(98_00, "2028-03-01"), POLICY).discount_minor == 0


def test_a_discount_given_before_counts_against_the_terms() -> None:
    facts = a_document(total=100_00, paid=50_00, discounted=100)
    assert decide_payment(facts, payment(47_00, ISSUED_ON), POLICY).code == "settled-with-discount-by-terms"
    assert decide_payment(facts, payment(46_99, ISSUED_ON), POLICY).code == "paid-in-part"
