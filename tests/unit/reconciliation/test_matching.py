"""Matching bank entries to invoices: what always holds, and what each answer says to a person (RI-5)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.reconciliation.decisions import Facts, Outcome, Policy
from tillbridge.reconciliation.invoice_numbers import number_key
from tillbridge.reconciliation.matching import (
    MATCH_REASONS,
    MAX_SUGGESTED,
    Candidate,
    Match,
    MatchKind,
    match,
)
from tillbridge.reconciliation.model import Row, StatementEntry
from tillbridge.reconciliation.rules import decide_payment

MASKS = ("RE-HH-####-##", "GU-HH-####-##")
POLICY = Policy(500, "2026-11-28")
CLOSING = {"settled", "settled-with-discount-by-terms", "settled-with-fee"}


def a_document(number: str = "RE-HH-0001-26", due: int = 10_000, **more: object) -> Candidate:
    """An invoice, or a credit note where its due is below zero."""
    given: dict[str, object] = {
        "issued_on": "2026-11-01",
        "level": 0,
        "currency": "EUR",
        "name": "",
        "accounts": (),
    }
    given |= more
    facts = Facts(-1 if due < 0 else 1, due or 9_000, 0 if due else 9_000, 0, 0, int(str(given["level"])),
                  str(given["issued_on"]), ((14, 300),))  # fmt: skip
    accounts = given["accounts"]
    assert isinstance(accounts, tuple)
    return Candidate(number, str(given["currency"]), facts, "K-1", str(given["name"]), accounts)


def an_entry(amount: int = 10_000, text: str = "", **more: object) -> StatementEntry:
    first = StatementEntry(7, "DE89", "EUR", "2026-11-10", "2026-11-10", amount, text=text)
    return first._replace(**more)  # type: ignore[arg-type]


def decided(entry: StatementEntry, *candidates: Candidate, masks: tuple[str, ...] = MASKS) -> Match:
    return match(entry, candidates, masks, POLICY)


NUMBERS = (
    *(f"RE-HH-{number:04}-26" for number in range(1, 6)), "GU-HH-0001-26", "4711", "K/2026/77", "REHH000126",
)  # fmt: skip
DOCUMENTS = st.builds(
    a_document,
    st.sampled_from(NUMBERS),
    st.sampled_from((10_000, 5_000, 9_700, 0, -3_000, -10_000, 1)),
    issued_on=st.sampled_from(("2026-11-01", "2026-10-01")),
    level=st.sampled_from((0, 1)),
    currency=st.sampled_from(("EUR", "EUR", "EUR", "CHF")),
    name=st.sampled_from(("", "Anna Muster", ",")),
    accounts=st.sampled_from(((), ("DE02120300000000202051",))),
)
WORDS = st.sampled_from((*NUMBERS, "RE-HH-9999-26", "Rechnung", "re hh 00 01-26", "Danke", "12345678", "und"))
ENTRIES = st.builds(
    an_entry,
    st.sampled_from((10_000, 15_000, 9_700, 10_400, 5_000, 20_000, -3_000, -10_000, 0, 1, 25_000)),
    st.lists(WORDS, max_size=5).map(" ".join),
    end_to_end_id=st.sampled_from(("", *NUMBERS)),
    payer_name=st.sampled_from(("", "MUSTER, ANNA", "Bernd Beispiel")),
    payer_account=st.sampled_from(("", "DE02120300000000202051")),
    currency=st.sampled_from(("EUR", "EUR", "EUR", "CHF")),
    reversal=st.booleans(),
)


@given(ENTRIES, st.lists(DOCUMENTS, max_size=6), st.sampled_from((MASKS, ())))
def test_whatever_is_matched(
    entry: StatementEntry, documents: list[Candidate], masks: tuple[str, ...]
) -> None:
    found = match(entry, documents, masks, POLICY)
    by_number = {one.number: one for one in reversed(documents)}
    amounts = [amount for _, amount in found.allocations]
    assert set(found.candidates) | {number for number, _ in found.allocations} <= set(by_number)
    assert len(found.candidates) <= MAX_SUGGESTED
    assert set(found.reasons) <= set(MATCH_REASONS)
    assert found.reasons
    assert all((amount > 0) == (entry.amount_minor > 0) and amount for amount in amounts)
    assert abs(sum(amounts)) <= abs(entry.amount_minor)
    assert len({number for number, _ in found.allocations}) == len(amounts)
    if found.kind is MatchKind.CERTAIN:
        check_certain(entry, found, by_number)
    if found.kind is MatchKind.NONE:
        assert (found.allocations, found.candidates) == ((), ())


def check_certain(entry: StatementEntry, found: Match, by_number: dict[str, Candidate]) -> None:
    assert sum(amount for _, amount in found.allocations) == entry.amount_minor
    assert not entry.reversal
    written = number_key(entry.text.upper().replace("RECHNUNG", "")) + number_key(entry.end_to_end_id)
    for number, amount in found.allocations:
        one = by_number[number]
        assert number_key(number) in written, "the payer names it"
        assert one.currency == entry.currency
        row = Row(entry.line, number, amount, entry.value_on, entry.currency)
        decision = decide_payment(one.facts, row, POLICY)
        assert decision.outcome is Outcome.BOOKED
        assert decision.code in CLOSING
        assert decision.due_after_minor == 0
    assert (
        "RE-HH-9999-26" not in entry.text
        or not any("RE-HH" in number for number, _ in found.allocations)
        or ("further-number-named" not in found.reasons)
    )


@given(
    ENTRIES,
    st.lists(DOCUMENTS, max_size=6, unique_by=lambda one: one.number),
    st.randoms(use_true_random=False),
)
def test_the_order_of_candidates_does_not_matter(
    entry: StatementEntry, documents: list[Candidate], chance: random.Random
) -> None:
    shuffled = list(documents)
    chance.shuffle(shuffled)
    assert match(entry, shuffled, MASKS, POLICY) == match(entry, documents, MASKS, POLICY)


def test_an_import_that_sets_invoices_to_paid_makes_no_amount_certain() -> None:
    """RI-6 settles whatever is listed; a bank entry still has to meet what is due."""
    policy = POLICY._replace(settle_by="2026-11-28")
    found = match(an_entry(1, "RE-HH-0001-26"), [a_document()], MASKS, policy)
    assert (found.kind, found.reasons) == (MatchKind.SUGGESTED, ("number-in-text", "amount-below-due"))


def test_of_two_candidates_with_one_number_the_first_counts() -> None:
    found = decided(an_entry(5_000, "RE-HH-0001-26"), a_document(due=5_000), a_document(due=7_000))
    assert found == Match(MatchKind.CERTAIN, (("RE-HH-0001-26", 5_000),), ("number-in-text", "amount-is-due"))


def test_a_discount_within_the_terms_is_certain_and_one_day_later_it_is_not() -> None:
    entry = an_entry(9_700, "RE-HH-0001-26", value_on="2026-11-15")
    assert decided(entry, a_document()).reasons == ("number-in-text", "amount-within-discount")
    late = decided(entry._replace(value_on="2026-11-16"), a_document())
    assert late.kind is MatchKind.SUGGESTED
    assert late.allocations == (("RE-HH-0001-26", 9_700),)
    assert late.reasons == ("number-in-text", "amount-below-due")


def test_a_dunning_fee_up_to_the_maximum_is_certain_with_its_whole_amount() -> None:
    dunned = a_document(level=1)
    found = decided(an_entry(10_500, "RE-HH-0001-26"), dunned)
    assert found == Match(
        MatchKind.CERTAIN, (("RE-HH-0001-26", 10_500),), ("number-in-text", "amount-with-dunning-fee")
    )
    above = decided(an_entry(10_501, "RE-HH-0001-26"), dunned)
    assert (above.kind, above.allocations) == (MatchKind.SUGGESTED, (("RE-HH-0001-26", 10_000),))


def test_several_invoices_are_paid_in_full_or_suggested_from_the_oldest_on() -> None:
    newer, older = a_document(), a_document("RE-HH-0002-26", 5_000, issued_on="2026-10-01")
    text = "RE-HH-0001-26, RE-HH-0002-26"
    exact = decided(an_entry(15_000, text), newer, older)
    assert exact.kind is MatchKind.CERTAIN
    assert exact.allocations == (("RE-HH-0002-26", 5_000), ("RE-HH-0001-26", 10_000))
    less = decided(an_entry(7_000, text), newer, older)
    assert less.kind is MatchKind.SUGGESTED
    assert less.allocations == (("RE-HH-0002-26", 5_000), ("RE-HH-0001-26", 2_000))
    assert less.reasons == ("number-in-text", "amount-is-not-sum-of-dues")


def test_a_sum_that_only_fits_with_a_credit_note_is_for_a_person() -> None:
    documents = a_document(), a_document("GU-HH-0001-26", -3_000)
    found = decided(an_entry(7_000, "RE-HH-0001-26 abzgl. GU-HH-0001-26"), *documents)
    assert (found.kind, found.reasons[-1]) == (MatchKind.SUGGESTED, "credit-note-in-sum")


def test_a_refund_is_certain_for_one_credit_note_of_just_that_amount() -> None:
    note = a_document("GU-HH-0001-26", -3_000)
    entry = an_entry(-3_000, end_to_end_id="GU-HH-0001-26")
    assert decided(entry, note) == Match(
        MatchKind.CERTAIN, (("GU-HH-0001-26", -3_000),), ("number-in-end-to-end-id", "amount-is-due")
    )
    for other in (entry._replace(amount_minor=-2_999), entry._replace(reversal=True)):
        found = decided(other, note)
        assert (found.kind, found.reasons[-1]) == (MatchKind.SUGGESTED, "money-went-out")


def test_a_returned_direct_debit_is_never_booked_by_itself() -> None:
    closed = a_document(due=0)
    found = decided(an_entry(-9_000, "RE-HH-0001-26 Rückgabe"), closed)
    assert found == Match(MatchKind.SUGGESTED, (), ("number-in-text", "money-went-out"), ("RE-HH-0001-26",))


def test_a_number_of_a_series_that_is_not_ours_makes_a_payment_doubtful() -> None:
    found = decided(an_entry(10_000, "RE-HH-0001-26 und RE-HH-0099-26"), a_document())
    assert found.reasons == ("number-in-text", "further-number-named")
    without_series = decided(an_entry(10_000, "RE-HH-0001-26 und RE-HH-0099-26"), a_document(), masks=())
    assert without_series.kind is MatchKind.CERTAIN


def test_a_named_invoice_in_another_currency_is_never_paid() -> None:
    swiss = a_document("RE-HH-0002-26", 5_000, currency="CHF")
    alone = decided(an_entry(5_000, "RE-HH-0002-26"), swiss)
    assert alone == Match(MatchKind.NONE, (), ("currency-of-entry-differs",))
    beside = decided(an_entry(10_000, "RE-HH-0001-26 RE-HH-0002-26"), a_document(), swiss, masks=())
    assert beside.kind is MatchKind.SUGGESTED
    assert beside.candidates == ("RE-HH-0001-26",)
    assert "currency-of-entry-differs" in beside.reasons


@pytest.mark.parametrize(
    ("number", "certain"), [("4711", False), ("47110", False), ("471100", True), ("A471", True)]
)
def test_few_digits_alone_are_not_enough(number: str, certain: bool) -> None:
    found = decided(an_entry(10_000, f"Kunde {number}"), a_document(number), masks=())
    assert (found.kind is MatchKind.CERTAIN) == certain
    in_series = decided(an_entry(10_000, f"Kunde {number}"), a_document(number), masks=("####",))
    assert (in_series.kind is MatchKind.CERTAIN) == (certain or number == "4711")


def test_payer_and_amount_alone_are_only_ever_suggested() -> None:
    known = a_document(name="Müller, Jörg", accounts=("DE02120300000000202051",))
    same_amount = a_document("RE-HH-0002-26")
    entry = an_entry(10_000, "Brille", payer_name="JÖRG MÜLLER", payer_account="DE02120300000000202051")
    found = decided(entry, same_amount, known)
    assert found == Match(
        MatchKind.SUGGESTED,
        (("RE-HH-0001-26", 10_000),),
        ("no-number-named", "account-of-customer", "name-of-customer", "amount-is-due"),
        ("RE-HH-0001-26", "RE-HH-0002-26"),
    )


def test_two_equally_likely_invoices_are_both_shown_and_neither_is_chosen() -> None:
    found = decided(an_entry(10_000, "Brille"), a_document(), a_document("RE-HH-0002-26"))
    assert found.candidates == ("RE-HH-0001-26", "RE-HH-0002-26")
    assert found.allocations == ()
    assert found.reasons == ("no-number-named", "amount-is-due")


def test_at_most_ten_are_shown() -> None:
    many = [a_document(f"RE-HH-{number:04}-26") for number in range(30)]
    assert len(decided(an_entry(10_000, ""), *many).candidates) == MAX_SUGGESTED
    named = decided(an_entry(1, " ".join(one.number for one in many)), *many)
    assert len(named.candidates) == MAX_SUGGESTED


def test_a_customer_without_a_name_is_not_an_unknown_payer() -> None:
    assert decided(an_entry(1, "", payer_name=""), a_document(name=",")).kind is MatchKind.NONE
