"""Every business case as postings and operations: one table, one function; pure (LE-5).

One sign serves all: an amount is above zero where value comes to us (a sale, money taken, cash put into the
till) and below zero where it leaves us (a credit note, an incoming invoice, money given out). So each case is
a pair of accounts: the first gets the amount, the second its opposite, and every entry balances by itself.

    case                   first         second        operations
    ---------------------  ------------  ------------  --------------------------------------------------
    an invoice             receivables   revenue       SALE, DEBIT_CREDIT_NOTE
    its settlement         the means     receivables   CREDIT_CREDIT_NOTE, DIRECT_PAYMENT
    a sale at the till     the means     revenue       SALE, DIRECT_PAYMENT
    a sale taken back      the means     revenue       REFUND, REFUND_CLIENT or REFUND_ORG, DIRECT_PAYMENT

``RULES`` has them all. "The means" is what was paid with: cash, card, the bank, … Money of the customer's
that waits with us (on account, a down-payment) is a means too. An operation stands for each side, as a file
in the sense of seed 004 has a sale row and a payment row for everything; purchases, and cash that only
changes its place, have none there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from .entries import Account, Operation, Posting
from .model import DocumentKind


class BusinessCase(StrEnum):
    """What happened, in the words of shops and books."""

    INVOICE_ISSUED = "invoice-issued"
    CREDIT_NOTE_ISSUED = "credit-note-issued"
    INCOMING_INVOICE_RECEIVED = "incoming-invoice-received"
    INVOICE_SETTLED = "invoice-settled"
    CREDIT_NOTE_PAID_OUT = "credit-note-paid-out"
    INCOMING_INVOICE_PAID = "incoming-invoice-paid"
    CASH_SALE = "cash-sale"
    SALE_CANCELLED = "sale-cancelled"
    SALE_CANCELLED_BY_CLIENT = "sale-cancelled-by-client"
    SALE_CANCELLED_BY_ORGANISATION = "sale-cancelled-by-organisation"
    DUNNING_FEE_PAID = "dunning-fee-paid"
    DOWN_PAYMENT_TAKEN = "down-payment-taken"
    DOWN_PAYMENT_RETURNED = "down-payment-returned"
    MONEY_PUT_ON_ACCOUNT = "money-put-on-account"
    MONEY_PAID_OUT_OF_ACCOUNT = "money-paid-out-of-account"
    PETTY_CASH_SPENT = "petty-cash-spent"
    CASH_PUT_IN = "cash-put-in"
    CASH_TAKEN_OUT = "cash-taken-out"
    CASH_DROPPED = "cash-dropped"
    CASH_ARRIVED_AT_BANK = "cash-arrived-at-bank"
    FLOAT_MOVED = "float-moved"


MEANS = frozenset(
    {
        Account.CASH,
        Account.CARD,
        Account.BANK,
        Account.CHEQUES,
        Account.BILLS_OF_EXCHANGE,
        Account.VOUCHERS,
        Account.ON_ACCOUNT,
        Account.DOWN_PAYMENTS,
        Account.SETTLEMENTS,
        Account.PAID_AT_ACCOUNTANT,
    }
)
"""What something can be paid with; what a cancelled sale gives back may also stand as a receivable."""

_WAITING = frozenset({Account.ON_ACCOUNT, Account.DOWN_PAYMENTS})
"""Money of the customer's that waits with us."""

BY_VAT_CODE = frozenset(
    {
        Account.REVENUE,
        Account.EXPENSES,
        Account.PETTY_CASH_EXPENSES,
        Account.CASH_DISCOUNT_GRANTED,
        Account.CASH_DISCOUNT_RECEIVED,
        Account.DOWN_PAYMENTS,
    }
)
"""Accounts that get one posting for each VAT code; the amounts are gross (LE-4)."""


@dataclass(frozen=True, slots=True)
class CaseRule:
    """How a case is booked: which account gets the amount, which its opposite, and what that is called.

    ``first`` is None where it is the means of payment. ``direction`` is the sign that the amount must have,
    0 where both make sense: money may come back. ``discount`` and ``fee`` are the accounts of a cash discount
    and of a fee, where the case may carry them.
    """

    first: Account | None
    second: Account
    operation: Operation | None = None
    direction: int = 0
    discount: Account | None = None
    fee: Account | None = None


def _sale_taken_back(operation: Operation) -> CaseRule:
    return CaseRule(None, Account.REVENUE, operation, -1, fee=Account.REFUND_FEES)


def _settled(operation: Operation) -> CaseRule:
    return CaseRule(
        None,
        Account.RECEIVABLES,
        operation,
        discount=Account.CASH_DISCOUNT_GRANTED,
        fee=Account.DUNNING_FEES,
    )


def _cash_moved(direction: int, place: Account = Account.CASH) -> CaseRule:
    return CaseRule(place, Account.CASH_IN_TRANSIT, direction=direction)


RULES: Mapping[BusinessCase, CaseRule] = {
    BusinessCase.INVOICE_ISSUED: CaseRule(Account.RECEIVABLES, Account.REVENUE, Operation.SALE, 1),
    BusinessCase.CREDIT_NOTE_ISSUED: CaseRule(Account.RECEIVABLES, Account.REVENUE, Operation.REFUND, -1),
    BusinessCase.INCOMING_INVOICE_RECEIVED: CaseRule(Account.PAYABLES, Account.EXPENSES, direction=-1),
    BusinessCase.INVOICE_SETTLED: _settled(Operation.CREDIT_CREDIT_NOTE),
    BusinessCase.CREDIT_NOTE_PAID_OUT: _settled(Operation.REFUND_CREDIT_NOTE),
    BusinessCase.INCOMING_INVOICE_PAID: CaseRule(
        None, Account.PAYABLES, discount=Account.CASH_DISCOUNT_RECEIVED, fee=Account.EXPENSES
    ),
    BusinessCase.CASH_SALE: CaseRule(None, Account.REVENUE, Operation.SALE, 1),
    BusinessCase.SALE_CANCELLED: _sale_taken_back(Operation.REFUND),
    BusinessCase.SALE_CANCELLED_BY_CLIENT: _sale_taken_back(Operation.REFUND_CLIENT),
    BusinessCase.SALE_CANCELLED_BY_ORGANISATION: _sale_taken_back(Operation.REFUND_ORG),
    BusinessCase.DUNNING_FEE_PAID: CaseRule(None, Account.DUNNING_FEES, Operation.SALE),
    BusinessCase.DOWN_PAYMENT_TAKEN: CaseRule(None, Account.DOWN_PAYMENTS, Operation.DEBIT_WAIT_ACCOUNT, 1),
    BusinessCase.DOWN_PAYMENT_RETURNED: CaseRule(
        None, Account.DOWN_PAYMENTS, Operation.CREDIT_WAIT_ACCOUNT, -1
    ),
    BusinessCase.MONEY_PUT_ON_ACCOUNT: CaseRule(None, Account.ON_ACCOUNT, Operation.DEBIT_WAIT_ACCOUNT, 1),
    BusinessCase.MONEY_PAID_OUT_OF_ACCOUNT: CaseRule(
        None, Account.ON_ACCOUNT, Operation.CREDIT_WAIT_ACCOUNT, -1
    ),
    BusinessCase.PETTY_CASH_SPENT: CaseRule(Account.CASH, Account.PETTY_CASH_EXPENSES, direction=-1),
    BusinessCase.CASH_PUT_IN: _cash_moved(1),
    BusinessCase.CASH_TAKEN_OUT: _cash_moved(-1),
    BusinessCase.CASH_DROPPED: _cash_moved(-1),
    BusinessCase.CASH_ARRIVED_AT_BANK: _cash_moved(1, Account.BANK),
    BusinessCase.FLOAT_MOVED: _cash_moved(0),
}
"""The one table: every business case with its accounts and its operation."""

ISSUES: Mapping[DocumentKind, BusinessCase] = {
    DocumentKind.INVOICE: BusinessCase.INVOICE_ISSUED,
    DocumentKind.CREDIT_NOTE: BusinessCase.CREDIT_NOTE_ISSUED,
    DocumentKind.INCOMING_INVOICE: BusinessCase.INCOMING_INVOICE_RECEIVED,
}
"""What it is when a document comes into the books."""

SETTLES: Mapping[DocumentKind, BusinessCase] = {
    DocumentKind.INVOICE: BusinessCase.INVOICE_SETTLED,
    DocumentKind.CREDIT_NOTE: BusinessCase.CREDIT_NOTE_PAID_OUT,
    DocumentKind.INCOMING_INVOICE: BusinessCase.INCOMING_INVOICE_PAID,
}
"""What it is when money moves for a document."""


class Booked(NamedTuple):
    """A business case as the journal takes it: ``Entry(postings=…, operations=…)``."""

    postings: tuple[Posting, ...]
    operations: tuple[Operation, ...]


def postings_of(
    case: BusinessCase,
    amount_minor: int,
    *,
    means: Account | None = None,
    discount_minor: int = 0,
    fee_minor: int = 0,
    vat_shares: Mapping[str, int] | None = None,
    fee_vat_code: str = "",
) -> Booked:
    """The postings and operations of a business case; they balance, and none is zero.

    ``amount_minor`` is what moved: the document's total, the money with its fee. Where a sale is taken back
    it is the sale's amount, and ``fee_minor`` (above zero: for us) lessens what is given back. In a
    settlement ``discount_minor`` has the amount's sign and is settled beside it; ``fee_minor`` is the part of
    the money that is fee (below zero: a fee that we pay, or give back). ``vat_shares`` is the gross amount of
    each VAT code in the document (or sale): postings by VAT code are divided in its proportion.

    What no case can mean (a wrong sign, a discount where there is none) is a bug: ``ValueError``.
    """
    rule = RULES[case]
    _demand_possible(case, rule, amount_minor, means, discount_minor, fee_minor)
    first = rule.first or means or Account.CASH
    taken_back = rule.fee is Account.REFUND_FEES
    moved_minor = amount_minor + fee_minor if taken_back else amount_minor
    sides = [(first, moved_minor)]
    if rule.discount is not None:
        sides.append((rule.discount, discount_minor))
    settled_minor = amount_minor if taken_back else amount_minor + discount_minor - fee_minor
    sides.append((rule.second, -settled_minor))
    postings = [posting for account, minor in sides for posting in _by_vat(account, minor, vat_shares)]
    if rule.fee is not None and fee_minor:
        postings.append(Posting(rule.fee, -fee_minor, fee_vat_code))
    if not postings:
        raise ValueError(f"{case}: nothing is booked")
    return Booked(tuple(postings), _operations(rule, first, amount_minor))


def allocated(amount_minor: int, weights: Mapping[str, int]) -> dict[str, int]:
    """An amount divided in the proportion of weights, to the last cent: largest remainders get what is left.

    Equal remainders are served in the order of the weights; the opposite amount is divided into the opposite
    parts. ``ValueError`` for weights that add up to zero: they divide nothing.
    """
    whole = sum(weights.values())
    if not whole:
        raise ValueError("weights that add up to zero divide nothing")
    turned = 1 if whole > 0 else -1
    parts, remainders = {}, {}
    for code, weight in weights.items():
        parts[code], remainders[code] = divmod(abs(amount_minor) * weight * turned, abs(whole))
    left = abs(amount_minor) - sum(parts.values())
    for code in sorted(weights, key=lambda one: -remainders[one])[:left]:
        parts[code] += 1
    return {code: part if amount_minor > 0 else -part for code, part in parts.items()}


def _by_vat(account: Account, minor: int, shares: Mapping[str, int] | None) -> list[Posting]:
    if account in BY_VAT_CODE and shares and minor:
        return [Posting(account, part, code) for code, part in allocated(minor, shares).items() if part]
    return [Posting(account, minor)] if minor else []


def _operations(rule: CaseRule, first: Account, amount_minor: int) -> tuple[Operation, ...]:
    """The operation of the case, then those of what was paid with; none where seed 004 knows none."""
    if rule.operation is None:
        return ()
    if first is Account.RECEIVABLES:
        return (rule.operation, Operation.DEBIT_CREDIT_NOTE)
    if first not in _WAITING:
        return (rule.operation, Operation.DIRECT_PAYMENT)
    waiting = Operation.CREDIT_WAIT_ACCOUNT if amount_minor > 0 else Operation.DEBIT_WAIT_ACCOUNT
    if rule.operation is Operation.CREDIT_CREDIT_NOTE:
        return (rule.operation, Operation.DIRECT_PAYMENT, waiting)
    return tuple(dict.fromkeys((rule.operation, waiting)))


def _demand_possible(
    case: BusinessCase,
    rule: CaseRule,
    amount_minor: int,
    means: Account | None,
    discount_minor: int,
    fee_minor: int,
) -> None:
    allowed = MEANS | {Account.RECEIVABLES} if rule.fee is Account.REFUND_FEES else MEANS
    if rule.first is None and (means not in allowed or means is rule.second):
        raise ValueError(f"{case}: paid with {means}")
    if rule.first is not None and means not in (None, rule.first):
        raise ValueError(f"{case}: {means} is no part of it")
    if amount_minor * rule.direction < 0 or (rule.direction and not amount_minor):
        raise ValueError(f"{case}: {amount_minor} has the wrong sign")
    if (discount_minor and rule.discount is None) or discount_minor * amount_minor < 0:
        raise ValueError(f"{case}: a discount of {discount_minor} on {amount_minor}")
    if fee_minor and rule.fee is None:
        raise ValueError(f"{case}: a fee of {fee_minor}")
    if rule.fee is Account.REFUND_FEES and not 0 <= fee_minor <= -amount_minor:
        raise ValueError(f"{case}: a fee of {fee_minor} on {amount_minor}")
