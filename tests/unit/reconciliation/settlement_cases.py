"""Documents, amounts and days of which the cross product of payments is made, and random ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from hypothesis import strategies as st

from tillbridge.reconciliation.decisions import Facts, Policy
from tillbridge.reconciliation.model import Row

ISSUED_ON = "2026-11-02"
IMPORT_DAY = "2026-12-15"
TOTAL = 99_995
"""3 % of it are 2,999.85 and 2 % are 1,999.90: both are rounded up."""

MAX_FEE = 1_500
FIRST_STEP, SECOND_STEP = 3_000, 2_000
TERMS = ((8, 300), (14, 200))
POLICY = Policy(MAX_FEE, IMPORT_DAY)


def a_document(
    sign: int = 1,
    *,
    paid: int = 0,
    discounted: int = 0,
    fees: int = 0,
    level: int = 0,
    total: int = TOTAL,
    discounts: tuple[tuple[int, int], ...] = TERMS,
) -> Facts:
    """The facts of a document; amounts are given without its sign."""
    return Facts(sign, sign * total, sign * paid, sign * discounted, fees, level, ISSUED_ON, discounts)


DOCUMENTS = {
    "open invoice": a_document(),
    "part-paid invoice": a_document(paid=40_000),
    "part-paid invoice, some discount given": a_document(paid=40_000, discounted=1_000),
    "invoice with a cent open": a_document(paid=TOTAL - 1),
    "open invoice without terms": a_document(discounts=()),
    "closed invoice": a_document(paid=TOTAL),
    "invoice closed with discount": a_document(paid=TOTAL - 3_000, discounted=3_000),
    "overpaid invoice": a_document(paid=TOTAL + 700),
    "dunned invoice": a_document(level=2),
    "dunned invoice, some fee taken before": a_document(paid=10_000, fees=600, level=1),
    "dunned invoice, all fees taken before": a_document(paid=10_000, fees=MAX_FEE, level=3),
    "dunned invoice, more taken than the maximum is now": a_document(fees=MAX_FEE + 1, level=3),
    "closed and dunned invoice": a_document(paid=TOTAL, level=1),
    "overpaid and dunned invoice": a_document(paid=TOTAL + 700, fees=600, level=1),
    "open credit note": a_document(-1),
    "part-paid credit note": a_document(-1, paid=40_000),
    "closed credit note": a_document(-1, paid=TOTAL),
    "overpaid credit note": a_document(-1, paid=TOTAL + 700),
    "open incoming invoice without terms": a_document(-1, discounts=()),
    "part-paid incoming invoice, some discount given": a_document(-1, paid=40_000, discounted=1_000),
}
"""Credit notes and incoming invoices are one to the rules: what we owe."""


def amounts(due: int, paid: int) -> dict[str, int | None]:
    """Amounts by what is due (the total, where nothing is) and what was paid; without the document's sign."""
    return {
        "none": None,
        "zero": 0,
        "one cent": 1,
        "under, the first step exactly": due - FIRST_STEP,
        "under, a cent more than the first step": due - FIRST_STEP - 1,
        "under, the second step exactly": due - SECOND_STEP,
        "under, far out of terms": due // 3,
        "exact": due,
        "over by a cent": due + 1,
        "over by the maximum fee exactly": due + MAX_FEE,
        "over beyond the maximum fee": due + MAX_FEE + 1,
        "over far": 3 * due,
        "back, a little": -300,
        "back, all that was paid": -paid,
        "back, a cent more than was paid": -paid - 1,
    }


DAYS = {
    "no day": None,
    "last day of the first step": "2026-11-10",
    "last day of the second step": "2026-11-16",
    "after all terms": "2026-11-17",
}
FLAGS: tuple[bool | None, ...] = (True, False, None)
FeeField = tuple[bool | None, int | None]


def fee_fields(amount: int) -> dict[str, FeeField]:
    """The field of the dunning fee: a word, or an amount by what was paid."""
    return {
        "yes": (True, None),
        "no": (False, None),
        "empty": (None, None),
        "an amount of nothing": (None, 0),
        "an amount": (None, 500),
        "the whole payment": (None, amount),
        "more than the payment": (None, amount + 1),
    }


class Case(NamedTuple):
    """One combination, with its name in words."""

    name: str
    facts: Facts
    row: Row


def all_cases() -> Iterator[Case]:
    """The whole cross product."""
    for (document, facts), (day_name, day) in product(DOCUMENTS.items(), DAYS.items()):
        due = facts.sign * (facts.due_minor if facts.sign * facts.due_minor > 0 else facts.total_minor)
        for amount, money in amounts(due, facts.sign * facts.paid_minor).items():
            signed = None if money is None else facts.sign * money
            fees = fee_fields(abs(money) if money else 700).items()
            for discount, (fee_name, fee), overpayment, reopening in product(FLAGS, fees, FLAGS, FLAGS):
                name = (
                    f"{document} / {amount} / {day_name} / discount {discount}, fee {fee_name}, "
                    f"overpayment {overpayment}, reopening {reopening}"
                )
                row = Row(1, "RE-1", signed, day, "EUR", discount, *fee, overpayment, reopening)
                yield Case(name, facts, row)


# Random ones: mostly near what is due, where the borders are.

_flags = st.sampled_from(FLAGS)
_days = st.integers(0, 40).map(lambda after: f"2026-{11 + (after + 1) // 30}-{(after + 1) % 30 + 1:02}")


@st.composite
def documents(draw: st.DrawFn, signs: tuple[int, ...] = (1, -1)) -> Facts:
    """Documents in any state that acts can bring about."""
    sign = draw(st.sampled_from(signs))
    total = draw(st.integers(1, 200) | st.integers(1, 10**14))
    discounted = draw(st.just(0) | st.integers(0, max(total // 10, 1)))
    paid = draw(st.integers(0, total) | st.integers(0, 2 * total) | st.just(max(total - discounted, 0)))
    steps = draw(st.sampled_from([(), ((10, 200),), TERMS, ((0, 9_999), (30, 1)), ((5, 250), (14, 249))]))
    dunned = sign > 0 and draw(st.booleans())
    return Facts(
        sign,
        sign * total,
        sign * paid,
        sign * discounted,
        draw(st.integers(0, 3_000)) if dunned else 0,
        draw(st.integers(1, 9)) if dunned else 0,
        ISSUED_ON,
        steps,
    )


@st.composite
def payments(draw: st.DrawFn, facts: Facts) -> Row:
    """Rows about a document."""
    near = st.sampled_from([facts.due_minor, facts.total_minor, -facts.paid_minor])
    amount = draw(
        st.none()
        | st.builds(lambda around, off: around + off, near, st.integers(-3_000, 3_000))
        | st.integers(-(10**14), 10**14)
    )
    fee: bool | None
    fee, fee_minor = draw(
        st.tuples(_flags, st.none()) | st.tuples(st.none(), st.integers(0, 3_000) | st.just(abs(amount or 0)))
    )
    day = draw(st.none() | _days)
    return Row(1, "RE-1", amount, day, None, draw(_flags), fee, fee_minor, draw(_flags), draw(_flags))


policies = st.integers(0, 3_000).map(lambda most: Policy(most, IMPORT_DAY))
