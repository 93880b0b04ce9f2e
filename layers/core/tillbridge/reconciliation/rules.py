"""How a row settles a document; pure, in the order of ``docs/formats/settlement.md`` (RI-1 to RI-6).

All amounts are turned round for credit notes and incoming invoices first and back at the end, so that every
rule is written once, for an invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from tillbridge.ledger.model import WHOLE_BASIS_POINTS

from .decisions import Decision, Facts, Outcome, Policy
from .model import Row

_BOOKED, _IGNORED, _REVIEW, _REFUSED = Outcome.BOOKED, Outcome.IGNORED, Outcome.REVIEW, Outcome.REFUSED


def decide_payment(facts: Facts, row: Row, policy: Policy) -> Decision:  # noqa: PLR0911 - one a rule
    """What a payment row does to its document (RI-3); ``policy.settle_by`` settles it instead (RI-6)."""
    if policy.settle_by:
        return settle(facts, policy.settle_by)
    due = facts.sign * facts.due_minor
    fee_field = row.dunning_fee_minor if facts.sign > 0 else None
    if row.amount_minor is not None:
        amount = facts.sign * row.amount_minor
    elif due > 0:
        amount = due + (fee_field or 0)
    else:
        return _nothing(facts, _IGNORED, "nothing-due")
    stopped = _stopped(facts, row, amount, due)
    if stopped is not None:
        return stopped
    day = row.day or policy.import_day
    if amount < 0:
        return _booked(facts, "payment-returned", amount, 0, 0, 0, day)
    fee = fee_field or 0
    if fee == amount:
        return _booked(facts, "fee-only", 0, 0, fee, 0, day)
    if amount - fee < due:
        return _paid_less(facts, row, amount - fee, fee, day)
    return _paid_enough(facts, row, policy, amount - fee, fee, day)


def _stopped(  # noqa: PLR0911 - one a rule
    facts: Facts, row: Row, amount: int, due: int
) -> Decision | None:
    """The decision about a row that books nothing, whatever else stands in it; None when it goes on."""
    if amount == 0:
        return _nothing(facts, _REVIEW, "amount-is-zero")
    if due <= 0 and row.reopening is False:
        return _nothing(facts, _IGNORED, "closed-not-reopened", amount)
    if amount < 0:
        if -amount > facts.sign * facts.paid_minor:
            return _nothing(facts, _REVIEW, "returned-more-than-paid", amount)
        return None
    if row.dunning_fee_minor:
        if facts.sign < 0:
            return _nothing(facts, _REVIEW, "fee-on-credit-note", amount)
        if row.dunning_fee_minor > amount:
            return _nothing(facts, _REFUSED, "fee-exceeds-payment", amount)
    return None


def _paid_less(facts: Facts, row: Row, rest: int, fee: int, day: str) -> Decision:
    """The payment, less its fee, does not reach what is due."""
    shortfall = facts.sign * facts.due_minor - rest
    if row.cash_discount is True:
        return _booked(facts, "settled-with-discount", rest, shortfall, fee, 0, day)
    if row.cash_discount is None and _fits_terms(facts, shortfall, row.day):
        return _booked(facts, "settled-with-discount-by-terms", rest, shortfall, fee, 0, day)
    return _booked(facts, "paid-in-part", rest, 0, fee, 0, day)


def _paid_enough(facts: Facts, row: Row, policy: Policy, rest: int, fee: int, day: str) -> Decision:
    """The payment, less its fee, meets what is due or goes beyond it."""
    owed = max(facts.sign * facts.due_minor, 0)
    further = _fee_of_excess(facts, row, policy, rest - owed)
    fee, excess = fee + further, rest - owed - further
    if not excess:
        return _booked(facts, "settled-with-fee" if fee else "settled", owed, 0, fee, 0, day)
    if row.overpayment is not False:
        code = "settled-with-fee-and-overpaid" if fee else "overpaid"
        return _booked(facts, code, owed + excess, 0, fee, 0, day)
    if owed or fee:
        code = "settled-with-fee-rest-ignored" if fee else "capped"
        return _booked(facts, code, owed, 0, fee, excess, day)
    return _nothing(facts, _IGNORED, "closed-not-overpaid", excess)


def _fee_of_excess(facts: Facts, row: Row, policy: Policy, excess: int) -> int:
    """How much of what was paid beyond the invoice is a dunning fee."""
    if facts.sign < 0 or row.dunning_fee_minor is not None or row.dunning_fee is False:
        return 0
    if row.dunning_fee:
        return excess
    if facts.dunning_level < 1:
        return 0
    return min(excess, max(policy.max_fee_minor - facts.fees_minor, 0))


def _fits_terms(facts: Facts, shortfall: int, day: str | None) -> bool:
    """True when the invoice's own terms grant the shortfall as cash discount to who pays on that day."""
    if day is None:
        return False
    granted = facts.sign * facts.discounted_minor + shortfall
    total = facts.sign * facts.total_minor
    return any(
        day <= _days_after(facts.issued_on, days) and granted <= share_of(total, basis_points)
        for days, basis_points in facts.discounts
    )


def share_of(total_minor: int, basis_points: int) -> int:
    """So many basis points of an amount above zero, rounded half up to the smallest unit."""
    return (total_minor * basis_points + WHOLE_BASIS_POINTS // 2) // WHOLE_BASIS_POINTS


@lru_cache(maxsize=4096)
def _days_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def settle(facts: Facts, value_on: str, code: str = "settled") -> Decision:
    """Pay what is due of a document, whatever it is (RI-1, RI-6)."""
    due = facts.sign * facts.due_minor
    if due <= 0:
        return _nothing(facts, _IGNORED, "nothing-due")
    return _booked(facts, code, due, 0, 0, 0, value_on)


def absent_is_settled(
    *, receivable: bool, is_open: bool, issued_on: str, handed_over_on: str, as_of: str, settle_by: str
) -> bool:
    """True when its absence from a list of open items of that day settles a document (RI-2, RI-33).

    Client, branch, currency and absence itself are the caller's to see to. ``handed_over_on`` is empty for
    what the accountant never got; what was handed over on the day of the list itself may have come after it
    was drawn. Where everything listed is set to paid (``settle_by``, RI-6), the list is
    no list of open items any more, and absence means nothing.
    """
    if settle_by or not (receivable and is_open and handed_over_on):
        return False
    return issued_on <= as_of and handed_over_on < as_of


def decide_absent(facts: Facts, as_of: str) -> Decision:
    """What its absence does to a document that ``absent_is_settled`` lets through: its due is paid (RI-2)."""
    return settle(facts, as_of, "settled-by-absence")


def repeated(facts: Facts, row: Row, code: str) -> Decision:
    """The decision about a row that ``identity.same_again`` knows: nothing is booked (RI-34)."""
    outcome = _IGNORED if code == "booked-before" else _REVIEW
    return _nothing(facts, outcome, code, facts.sign * (row.amount_minor or 0))


def waits_for_cancelled(facts: Facts, decision: Decision) -> Decision:
    """The decision about a row of a cancelled invoice: whatever would be booked there waits for a person."""
    if decision.outcome is not _BOOKED:
        return decision
    paid = facts.sign * (decision.applied_minor + decision.ignored_minor) + decision.fee_minor
    return _nothing(facts, _REVIEW, "invoice-cancelled", paid)


def decide_closed(facts: Facts, rows: Sequence[Row], policy: Policy) -> list[Decision]:
    """What the rows of one document on a list of closed items do to it (RI-1, RI-12)."""
    marks = {row.cleared is not False for row in rows}
    if False in marks and not policy.settle_by:
        code = "partly-cleared" if True in marks else "still-open-there"
        return [_nothing(facts, _IGNORED, code) for _ in rows]
    cleared_on = max((row.day for row in rows if row.day), default=policy.import_day)
    return _settled_once(facts, rows, policy.settle_by or cleared_on)


def _settled_once(facts: Facts, rows: Sequence[Row], value_on: str) -> list[Decision]:
    """The first of the rows settles the document, and nothing is left for the others."""
    first = settle(facts, value_on)
    return [first, *(_nothing(after(facts, first), _IGNORED, "nothing-due") for _ in rows[1:])]


def decide_open(facts: Facts, rows: Sequence[Row], policy: Policy, as_of: str) -> list[Decision]:
    """What the rows of one document on a list of open items do to it; they are added up first (RI-2)."""
    if policy.settle_by:
        return _settled_once(facts, rows, policy.settle_by)
    amounts = [row.amount_minor for row in rows if row.amount_minor is not None]
    if len(amounts) < len(rows):
        return [_nothing(facts, _REFUSED, "open-amount-missing") for _ in rows]
    first = _set_to(facts, facts.sign * sum(amounts), as_of)
    if first.outcome is not _BOOKED:
        return [first for _ in rows]
    return [first, *(_nothing(after(facts, first), _IGNORED, "unchanged") for _ in rows[1:])]


def _set_to(facts: Facts, listed: int, as_of: str) -> Decision:
    due = facts.sign * facts.due_minor
    if listed == due:
        return _nothing(facts, _IGNORED, "unchanged")
    if listed > due:
        return _nothing(facts, _REVIEW, "open-amount-rose")
    if listed < 0:
        return _nothing(facts, _REVIEW, "open-amount-has-wrong-sign")
    return _booked(facts, "set-to-open-amount" if listed else "settled", due - listed, 0, 0, 0, as_of)


def decide_dunning(facts: Facts, rows: Sequence[Row]) -> list[Decision]:
    """What the rows of one document on a list of dunning levels do to it: the last one counts (RI-4)."""
    if facts.sign < 0:
        return [_nothing(facts, _REFUSED, "dunning-on-credit-note") for _ in rows]
    overtaken = [_nothing(facts, _IGNORED, "overtaken-in-file") for _ in rows[:-1]]
    level = rows[-1].dunning_level
    if level is None:
        raise ValueError("a row of dunning levels has a level")
    if level == facts.dunning_level:
        return [*overtaken, _nothing(facts, _IGNORED, "unchanged")]
    changed = Decision(_BOOKED, "dunning-level-set", due_after_minor=facts.due_minor, dunning_level=level)
    return [*overtaken, changed]


def after(facts: Facts, decision: Decision) -> Facts:
    """The facts of a document once a decision about it is booked."""
    return facts._replace(
        paid_minor=facts.paid_minor + decision.applied_minor,
        discounted_minor=facts.discounted_minor + decision.discount_minor,
        fees_minor=facts.fees_minor + decision.fee_minor,
        dunning_level=facts.dunning_level if decision.dunning_level is None else decision.dunning_level,
    )


def _booked(
    facts: Facts, code: str, applied: int, discount: int, fee: int, ignored: int, day: str
) -> Decision:
    sign = facts.sign
    due = facts.due_minor - sign * (applied + discount)
    return Decision(_BOOKED, code, sign * applied, sign * discount, fee, sign * ignored, due, None, day)


def _nothing(facts: Facts, outcome: Outcome, code: str, ignored: int = 0) -> Decision:
    return Decision(outcome, code, 0, 0, 0, facts.sign * ignored, facts.due_minor)
