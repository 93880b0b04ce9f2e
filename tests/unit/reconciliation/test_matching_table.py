"""Every way in which a bank entry can meet invoices, against a decision table of its own (RI-5).

The table below shares nothing with the product: it knows the amounts of its documents, who paid, and what the
payer wrote, because it made them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from tillbridge.reconciliation.decisions import Facts, Policy
from tillbridge.reconciliation.matching import MATCH_REASONS, NOT_BOOKED, Candidate, Match, MatchKind, match
from tillbridge.reconciliation.model import StatementEntry

MASKS = ("RE-HH-####-##", "GU-HH-####-##")
MAX_FEE = 500
POLICY = Policy(MAX_FEE, "2026-11-28")
IN_TIME, LATE = "2026-11-10", "2026-11-25"
ISSUED = "2026-11-01"
DISCOUNT_PERCENT = 3
NAME, ACCOUNT = "Anna Muster", "DE02120300000000202051"


@dataclass(frozen=True)
class Paper:
    """A document as the table knows it; ``due`` in cents, below zero for what we owe."""

    number: str
    due: int
    currency: str = "EUR"
    dunned: bool = False
    is_invoice: bool = True

    @property
    def candidate(self) -> Candidate:
        total = self.due or 9_000
        if self.is_invoice and self.due < 0:  # overpaid
            total = 9_000
        paid = total - self.due
        terms = ((14, DISCOUNT_PERCENT * 100),) if self.is_invoice else ()
        facts = Facts(1 if self.is_invoice else -1, total, paid, 0, 0, int(self.dunned), ISSUED, terms)
        return Candidate(self.number, self.currency, facts, "K-1", NAME, (ACCOUNT,))


INVOICE, SECOND = Paper("RE-HH-0001-26", 10_000), Paper("RE-HH-0002-26", 5_000)
DUNNED = Paper("RE-HH-0001-26", 10_000, dunned=True)
CREDIT_NOTE = Paper("GU-HH-0003-26", -3_000, is_invoice=False)
CLOSED, OVERPAID = Paper("RE-HH-0004-26", 0), Paper("RE-HH-0005-26", -100)
SWISS = Paper("RE-HH-0006-26", 7_000, currency="CHF")
PAPERS = {
    "invoice": (INVOICE,),
    "dunned": (DUNNED,),
    "credit note": (CREDIT_NOTE,),
    "closed": (CLOSED,),
    "overpaid": (OVERPAID,),
    "two": (INVOICE, SECOND),
    "three": (INVOICE, SECOND, SWISS),
    "with credit note": (INVOICE, CREDIT_NOTE),
    "with closed": (INVOICE, CLOSED),
}
NAMED = ("text", "text broken by the bank", "end-to-end id", "both", "nowhere")
AMOUNTS = ("due", "less discount", "with fee", "fee too high", "below", "above", "sum", "returned", "nothing")
PAYERS = ("unknown", "name", "account", "both")
DOUBTS = ("none", "further number", "short", "alike", "long text")


@dataclass(frozen=True)
class Case:
    """One line of the product of all these."""

    papers: str
    named: str
    amount: str
    in_time: bool
    payer: str
    currency: str
    reversal: bool
    doubt: str

    @property
    def documents(self) -> tuple[Paper, ...]:
        held = PAPERS[self.papers]
        if self.doubt == "short":
            held = tuple(
                Paper(str(4711 + at), one.due, one.currency, one.dunned, one.is_invoice)
                for at, one in enumerate(held)
            )
        if self.doubt == "alike":
            first = held[0]
            held = (*held, Paper(first.number.replace("-", ""), 1_234, first.currency))
        return held

    @property
    def amount_minor(self) -> int:
        due = self.documents[0].due
        size = abs(due) or 9_000
        sign = -1 if due < 0 else 1
        return {
            "due": sign * size,
            "less discount": sign * (size - size * DISCOUNT_PERCENT // 100),
            "with fee": sign * (size + MAX_FEE),
            "fee too high": sign * (size + MAX_FEE + 1),
            "below": sign * (size - size // 10),
            "above": sign * (size + 1_000),
            "sum": sum(one.due for one in PAPERS[self.papers] if one.currency == "EUR"),
            "returned": -sign * size,
            "nothing": 0,
        }[self.amount]

    @property
    def entry(self) -> StatementEntry:
        numbers = [one.number for one in self.documents]
        text = "Danke " + " ".join(numbers) + " vom 01.11.2026"
        if self.named == "text broken by the bank":
            text = text.replace("-00", "- 00").replace("-26", "-2 6") if self.doubt != "short" else text
        if self.named in {"end-to-end id", "nowhere"}:
            text = "Danke vom 01.11.2026"
        if self.doubt == "further number":
            text += " und RE-HH-9999-26"
        if self.doubt == "long text":
            text = text.ljust(4_001, ".")
        return StatementEntry(
            1, "DE89", self.currency, IN_TIME, IN_TIME if self.in_time else LATE, self.amount_minor,
            self.reversal,
            " ".join(numbers) if self.named in {"end-to-end id", "both"} else "",
            "MUSTER, Anna" if self.payer in {"name", "both"} else "Bernd Beispiel",
            ACCOUNT if self.payer in {"account", "both"} else "DE75512108001245126199",
            text,
        )  # fmt: skip


def cases() -> Iterator[Case]:
    for values in product(
        PAPERS, NAMED, AMOUNTS, (True, False), PAYERS, ("EUR", "CHF"), (False, True), DOUBTS
    ):
        case = Case(*values)
        if case.doubt == "alike" and case.named == "text broken by the bank":
            continue  # a bank breaks either alike
        if case.doubt == "long text" and (case.payer != "unknown" or case.currency == "CHF"):
            continue  # searching them takes long
        yield case


def closes(paper: Paper, amount: int, *, in_time: bool) -> bool:
    """Nothing is due any more, and nothing is left over that nobody asked for."""
    if paper.due == 0 or amount == 0 or (paper.due > 0) != paper.is_invoice:
        return False
    if not paper.is_invoice:
        return amount == paper.due
    if amount <= 0:
        return False
    missing = paper.due - amount
    if missing > 0:
        return in_time and missing * 100 <= paper.due * DISCOUNT_PERCENT
    return missing == 0 or (paper.dunned and -missing <= MAX_FEE)


def expected(case: Case) -> tuple[MatchKind, dict[str, int] | None]:
    """The decision table; allocations where it is certain."""
    amount = case.amount_minor
    usable = [one for one in case.documents if one.currency == case.currency]
    certain: dict[str, int] | None = None
    if len(usable) == 1 and closes(usable[0], amount, in_time=case.in_time):
        certain = {usable[0].number: amount}
    elif len(usable) > 1 and sum(one.due for one in usable) == amount and min(one.due for one in usable) > 0:
        certain = {one.number: one.due for one in usable}
    clear = case.doubt == "none" and not case.reversal and len(usable) == len(case.documents)
    known = case.payer != "unknown"
    meets = not case.reversal and any(closes(one, amount, in_time=case.in_time) for one in usable)
    table = {
        # moved, named, usable documents, clear and certain, payer known or amount meets
        "nothing moved": (amount == 0, MatchKind.NONE),
        "named in another currency only": (case.named != "nowhere" and not usable, MatchKind.NONE),
        "named, clear and exact": (
            case.named != "nowhere" and clear and certain is not None,
            MatchKind.CERTAIN,
        ),
        "named": (case.named != "nowhere", MatchKind.SUGGESTED),
        "payer or amount": (bool(usable) and (known or meets), MatchKind.SUGGESTED),
        "nothing": (True, MatchKind.NONE),
    }
    kind = next(kind for fits, kind in table.values() if fits)
    return kind, certain if kind is MatchKind.CERTAIN else None


def decided(case: Case) -> Match:
    masks = () if case.doubt == "short" else MASKS
    return match(case.entry, [one.candidate for one in case.documents], masks, POLICY)


@pytest.fixture(scope="module")
def decisions() -> list[tuple[Case, Match]]:
    return [(case, decided(case)) for case in cases()]


@pytest.mark.parametrize("papers", PAPERS)
def test_every_case_is_decided_as_the_table_says(papers: str, decisions: list[tuple[Case, Match]]) -> None:
    wrong = []
    for case, found in decisions:
        if case.papers != papers:
            continue
        kind, allocations = expected(case)
        if found.kind is not kind or (allocations is not None and dict(found.allocations) != allocations):
            wrong.append((case, found, kind, allocations))
    assert not wrong, (len(wrong), wrong[:3])


def test_the_table_has_every_answer_and_every_reason_comes_up(decisions: list[tuple[Case, Match]]) -> None:
    kinds = dict.fromkeys(MatchKind, 0)
    reasons: set[str] = set()
    for _, found in decisions:
        kinds[found.kind] += 1
        reasons |= set(found.reasons)
        assert bool(found.candidates) == (found.kind is MatchKind.SUGGESTED)
        assert found.reasons
    assert sum(kinds.values()) > 20_000
    assert all(count > 100 for count in kinds.values())
    assert reasons == set(MATCH_REASONS) - NOT_BOOKED


@pytest.mark.parametrize("code", sorted(MATCH_REASONS))
def test_a_reason_has_its_words_in_both_languages(code: str) -> None:
    words = MATCH_REASONS[code]
    assert words.en.endswith(".")
    assert words.de.endswith(".")
    assert words.en != words.de
