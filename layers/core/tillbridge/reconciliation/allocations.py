"""What a person may book of a row that waited; pure."""

from __future__ import annotations

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import fold
from tillbridge.ledger.model import Document, DocumentKind

from .row_outcomes import Allocation, Review, Verdict

MOST_ALLOCATIONS = 20
_FIELD = "allocations"


def demand_whole(decided: Review, currency: str, *, of_statement: bool) -> None:
    """Let a decision pass that says all of what is to be booked, and no more; else ``Refused``.

    A movement on a bank account (``of_statement``) may pay several documents. Any other row names its own
    document, and stays there: only there it is known again when it comes once more (RI-34). Where the row
    has an amount, all of it goes somewhere.
    """
    allocations, told = decided.allocations, decided.told
    if decided.verdict is Verdict.DISMISS:
        if allocations:
            raise Refused("dismissal-with-allocations", field=_FIELD, value=allocations[0].number)
        return
    if not allocations:
        raise Refused("booking-without-allocations", field=_FIELD, value=decided.id)
    if len(allocations) > MOST_ALLOCATIONS:
        raise Refused("allocations-too-many", field=_FIELD, value=len(allocations), most=MOST_ALLOCATIONS)
    folded = [fold(one.number) for one in allocations]
    for one in allocations:
        if folded.count(fold(one.number)) > 1:
            raise Refused("allocation-twice", field=_FIELD, value=one.number)
    if not of_statement and folded != [fold(told.invoice_number)]:
        raise Refused("allocation-elsewhere", field=_FIELD, value=told.invoice_number)
    moved_minor = sum(one.applied_minor + one.fee_minor for one in allocations)
    paid = told.mark or told.entry_mark  # a list of open items tells what is due, not what was paid
    if paid and told.amount_minor and moved_minor != told.amount_minor:
        raise Refused(
            "allocations-not-the-amount",
            field=_FIELD,
            value=_text(moved_minor, currency),
            amount=_text(told.amount_minor, currency),
        )


def demand_fit(document: Document, allocation: Allocation) -> None:
    """Let an allocation pass that its document can take as a booking; else ``Refused``."""
    applied, discount, fee = allocation.applied_minor, allocation.discount_minor, allocation.fee_minor
    if not applied and not fee:
        raise Refused("allocation-is-zero", field=_FIELD, value=document.number)
    if fee < 0 or (fee and document.kind is not DocumentKind.INVOICE):
        raise Refused("fee-not-possible", field=_FIELD, value=document.number)
    if not discount:
        return
    sign = document.kind.sign
    left_minor = sign * (document.due_minor - applied)
    if applied * sign <= 0 or discount * sign < 0:
        raise Refused("discount-has-wrong-sign", field=_FIELD, value=document.number)
    if discount * sign > left_minor:
        raise Refused(
            "discount-exceeds-due",
            field=_FIELD,
            value=_text(discount, document.currency),
            number=document.number,
            left=_text(sign * max(left_minor, 0), document.currency),
        )


def _text(minor: int, currency: str) -> str:
    return Money(minor, currency).decimal_text()
