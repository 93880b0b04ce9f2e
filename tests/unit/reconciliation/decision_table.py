"""What a payment row does, written a second time: as tables, from the vendor's page and settlement.md.

It shares nothing with the product's rules but their nouns. A case is put into words, the first line of a
table that fits the words decides, and money is poured from pot to pot: the fee that the row names, what is
due, the fee of the excess, the invoice itself, nowhere. In a table ``-`` is anything, ``a/b`` is a or b.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from tillbridge.reconciliation.decisions import Facts, Policy
from tillbridge.reconciliation.model import Row

ALL = 10**18
"""A pot that is never full."""


class Expected(NamedTuple):
    """What must come out; amounts as the document is signed."""

    outcome: str
    code: str
    applied: int
    discount: int
    fee: int
    ignored: int
    due_after: int
    value_on: str


STOPS = """
    side      state   amount         reopening  fee-field            outcome  code
    -         closed  none           -          -                    ignored  nothing-due
    -         -       zero           -          -                    review   amount-is-zero
    -         closed  -              no         -                    ignored  closed-not-reopened
    -         -       back-too-much  -          -                    review   returned-more-than-paid
    -         -       back           -          -                    booked   payment-returned
    credit    -       -              -          part/whole/too-much  review   fee-on-credit-note
    invoice   -       -              -          too-much             refused  fee-exceeds-payment
    invoice   -       -              -          whole                booked   fee-only
    -         -       -              -          -                    -        pour
"""

FEE_OF_EXCESS = """
    side      fee-field            dunned  holds
    credit    -                    -       nothing
    invoice   nothing/part         -       nothing
    invoice   yes                  -       all
    invoice   no                   -       nothing
    invoice   empty                yes     rest-of-maximum
    invoice   empty                no      nothing
"""

ONTO_INVOICE = """
    overpayment  holds
    yes/empty    all
    no           nothing
"""

SHORT = """
    discount  by-terms  granted  code
    yes       -         yes      settled-with-discount
    no        -         no       paid-in-part
    empty     yes       yes      settled-with-discount-by-terms
    empty     no        no       paid-in-part
"""

ENOUGH = """
    was-due  fee  rest     outcome  code
    -        no   none     booked   settled
    -        yes  none     booked   settled-with-fee
    -        no   onto     booked   overpaid
    -        yes  onto     booked   settled-with-fee-and-overpaid
    -        yes  nowhere  booked   settled-with-fee-rest-ignored
    yes      no   nowhere  booked   capped
    no       no   nowhere  ignored  closed-not-overpaid
"""


class Table:
    """Lines of conditions and what follows from them; the first line that fits decides."""

    def __init__(self, text: str, results: int) -> None:
        head, *lines = (line.split() for line in text.strip().splitlines())
        self.columns = head[:-results]
        self.results = head[-results:]
        self.lines = [
            (
                [set(cell.split("/")) for cell in line[:-results]],
                dict(zip(self.results, line[-results:], strict=True)),
            )
            for line in lines
        ]

    def look_up(self, words: dict[str, str]) -> dict[str, str]:
        for wanted, result in self.lines:
            if all(
                cell == {"-"} or words[column] in cell
                for column, cell in zip(self.columns, wanted, strict=True)
            ):
                return result
        raise LookupError(f"no line fits {words}")


_STOPS, _FEE_OF_EXCESS, _ONTO_INVOICE = Table(STOPS, 2), Table(FEE_OF_EXCESS, 1), Table(ONTO_INVOICE, 1)
_SHORT, _ENOUGH = Table(SHORT, 2), Table(ENOUGH, 2)
_FLAG = {True: "yes", False: "no", None: "empty"}


def expected(facts: Facts, row: Row, policy: Policy) -> Expected:
    """What docs/formats/settlement.md says of a payment row, without *set to paid by date*."""
    due = facts.sign * (facts.total_minor - facts.paid_minor - facts.discounted_minor)
    paid_in = _paid_in(facts, row, due)
    words = {
        "side": "invoice" if facts.sign == 1 else "credit",
        "state": "open" if due > 0 else "closed",
        "amount": _amount_word(facts, row, paid_in),
        "reopening": _FLAG[row.reopening],
        "fee-field": _fee_word(row, paid_in),
        "dunned": "yes" if facts.dunning_level > 0 else "no",
        "overpayment": _FLAG[row.overpayment],
        "discount": _FLAG[row.cash_discount],
    }
    found = _STOPS.look_up(words)
    value_on = policy.import_day if row.day is None else row.day
    if found["code"] == "payment-returned":
        return _counted(facts, "booked", found["code"], value_on, applied=paid_in)
    if found["code"] == "fee-only":
        return _counted(facts, "booked", found["code"], value_on, fee=paid_in)
    if found["code"] != "pour":
        return _counted(facts, found["outcome"], found["code"], "", ignored=paid_in)
    named = (row.dunning_fee_minor or 0) if words["side"] == "invoice" else 0
    room = {"all": ALL, "nothing": 0, "rest-of-maximum": max(0, policy.max_fee_minor - facts.fees_minor)}
    pots = {
        "named fee": named,
        "due": max(due, 0),
        "fee of excess": room[_FEE_OF_EXCESS.look_up(words)["holds"]],
        "onto": room[_ONTO_INVOICE.look_up(words)["holds"]],
        "nowhere": ALL,
    }
    poured = _pour(paid_in, pots)
    missing = pots["due"] - poured["due"]
    if missing:
        return _short(facts, row, words, poured, missing, value_on)
    return _enough(facts, words, poured, value_on)


def _paid_in(facts: Facts, row: Row, due: int) -> int:
    """The row's money; without an amount it is what is due, and the fee that the row names on top of it."""
    if row.amount_minor is not None:
        return facts.sign * row.amount_minor
    if due <= 0:
        return 0
    return due + (row.dunning_fee_minor or 0) * (facts.sign == 1)


def _amount_word(facts: Facts, row: Row, paid_in: int) -> str:
    if row.amount_minor is None:
        return "none"
    if paid_in == 0:
        return "zero"
    if paid_in > 0:
        return "money"
    return "back-too-much" if abs(paid_in) > facts.sign * facts.paid_minor else "back"


def _fee_word(row: Row, paid_in: int) -> str:
    if row.dunning_fee_minor is None:
        return _FLAG[row.dunning_fee]
    if row.dunning_fee_minor == 0:
        return "nothing"
    if row.dunning_fee_minor < paid_in:
        return "part"
    return "whole" if row.dunning_fee_minor == paid_in else "too-much"


def _pour(money: int, pots: dict[str, int]) -> dict[str, int]:
    poured = {}
    for name, holds in pots.items():
        poured[name] = min(money, holds)
        money -= poured[name]
    return poured


def _short(
    facts: Facts, row: Row, words: dict[str, str], poured: dict[str, int], missing: int, value_on: str
) -> Expected:
    found = _SHORT.look_up(words | {"by-terms": "yes" if _by_terms(facts, row.day, missing) else "no"})
    discount = missing if found["granted"] == "yes" else 0
    return _counted(
        facts,
        "booked",
        found["code"],
        value_on,
        applied=poured["due"],
        discount=discount,
        fee=poured["named fee"],
    )


def _enough(facts: Facts, words: dict[str, str], poured: dict[str, int], value_on: str) -> Expected:
    fee = poured["named fee"] + poured["fee of excess"]
    rest = "onto" if poured["onto"] else "nowhere" if poured["nowhere"] else "none"
    found = _ENOUGH.look_up(
        {"was-due": "yes" if words["state"] == "open" else "no", "fee": "yes" if fee else "no", "rest": rest}
    )
    return _counted(
        facts,
        found["outcome"],
        found["code"],
        value_on if found["outcome"] == "booked" else "",
        applied=poured["due"] + poured["onto"],
        fee=fee,
        ignored=poured["nowhere"],
    )


def _by_terms(facts: Facts, day: str | None, missing: int) -> bool:
    """The day lies within a step of the terms, and all that was taken off is not more than the step gives."""
    if day is None:
        return False
    passed = (date.fromisoformat(day) - date.fromisoformat(facts.issued_on)).days
    taken_off = Decimal(abs(facts.discounted_minor) + missing)
    for days, basis_points in facts.discounts:
        exact = Decimal(abs(facts.total_minor)) * Decimal(basis_points) / Decimal(10_000)
        if passed <= days and taken_off <= exact.quantize(Decimal(1), rounding=ROUND_HALF_UP):
            return True
    return False


def _counted(
    facts: Facts,
    outcome: str,
    code: str,
    value_on: str,
    *,
    applied: int = 0,
    discount: int = 0,
    fee: int = 0,
    ignored: int = 0,
) -> Expected:
    """The document's own signs, and what is due after it."""
    settled_minor = facts.paid_minor + facts.discounted_minor + facts.sign * (applied + discount)
    return Expected(
        outcome,
        code,
        facts.sign * applied,
        facts.sign * discount,
        fee,
        facts.sign * ignored,
        facts.total_minor - settled_minor,
        value_on,
    )
