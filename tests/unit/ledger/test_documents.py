"""Documents out of heads and lines, and the credit note that cancels one; nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.papers import KINDS, document, occasion, settlement
from tillbridge.kernel.errors import Conflict, Refused
from tillbridge.ledger.cancellations import SetOff, cancelling, set_off
from tillbridge.ledger.entries import Account, Source, SourceKind
from tillbridge.ledger.model import (
    NO_TERMS,
    Customer,
    DiscountTier,
    Document,
    DocumentKind,
    DocumentLine,
    Order,
    Terms,
)
from tillbridge.ledger.rules import (
    Drafted,
    Head,
    drafted,
    issued,
    settled,
)

HEAD = Head("RE-1", DocumentKind.INVOICE, "01", "c1", "EUR", "2026-11-02")
CUSTOMER = Customer("K-1", "01", "Muster, Eva", terms=Terms(14, (DiscountTier(7, 200),)))
LINE = DocumentLine("Brille", 11_900, 1900, "STANDARD")


@st.composite
def printed(draw: st.DrawFn) -> list[DocumentLine]:
    """Lines that add up to more than zero; some may be below."""
    amounts = draw(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=10))
    wanting = 1 - sum(amounts)
    if wanting > 0:
        amounts.append(wanting + draw(st.integers(0, 10**6)))
    codes = st.sampled_from(["", "STANDARD", "REDUCED"])
    return [DocumentLine("x", minor, 0, draw(codes)) for minor in amounts]


# Drafting


@given(printed(), KINDS)
def test_a_documents_total_is_the_sum_of_its_lines(lines: list[DocumentLine], kind: DocumentKind) -> None:
    draft = drafted(HEAD._replace(kind=kind), lines)
    assert draft.document.total_minor == kind.sign * sum(line.amount_minor for line in lines)
    assert draft.document.total_minor == sum(line.amount_minor for line in draft.lines)
    assert draft.document.total_minor == sum(minor for _, minor in draft.document.vat_shares)
    assert draft.document.is_open


@given(printed(), KINDS)
def test_every_draft_can_be_booked(lines: list[DocumentLine], kind: DocumentKind) -> None:
    """Rebates may outweigh what a rate was sold at; the entry balances all the same."""
    paper = drafted(HEAD._replace(kind=kind), lines).document
    entry = issued(paper, occasion())
    assert sum(posting.amount_minor for posting in entry.postings) == 0


def test_terms_of_its_own_go_before_those_of_the_customer() -> None:
    head = HEAD._replace(customer=CUSTOMER)
    assert drafted(HEAD, [LINE]).document.terms == NO_TERMS
    assert drafted(head, [LINE]).document.terms == CUSTOMER.terms
    assert drafted(head._replace(terms=NO_TERMS), [LINE]).document.terms == NO_TERMS


def test_it_is_payable_when_its_terms_say() -> None:
    assert drafted(HEAD._replace(terms=Terms(30)), [LINE]).document.payable_on == "2026-12-02"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "lines-none-or-too-many"),
        ([LINE] * 501, "lines-none-or-too-many"),
        ([replace(LINE, amount_minor=0)], "total-not-positive"),
        ([LINE, replace(LINE, amount_minor=-11_901)], "total-not-positive"),
        ([replace(LINE, amount_minor=10**15)], "amount-too-large"),
        ([replace(LINE, amount_minor=10**15 - 1)] * 2, "amount-too-large"),
    ],
)
def test_lines_that_make_no_document_are_refused(lines: list[DocumentLine], code: str) -> None:
    with pytest.raises(Refused) as refused:
        drafted(HEAD, lines)
    assert refused.value.code == code


def test_a_refused_total_is_told_in_the_currency() -> None:
    with pytest.raises(Refused) as refused:
        drafted(HEAD, [replace(LINE, amount_minor=-150)])
    assert refused.value.value == "-1.50"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"issued_on": "2026-02-29"}, "day-unreadable"),
        ({"issued_on": "1999-12-31"}, "day-out-of-range"),
        ({"issued_on": "2200-01-01"}, "day-out-of-range"),
        ({"handed_over_on": "2026-11-01"}, "handed-over-before-issue"),
        ({"handed_over_on": "soon"}, "day-unreadable"),
        ({"number": ""}, "number-is-empty"),
        ({"order_number": "a/b"}, "number-has-unsafe-characters"),
        ({"currency": "EURO"}, "currency-unknown"),
    ],
)
def test_a_head_that_makes_no_document_is_refused(change: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        drafted(HEAD._replace(**change), [LINE])  # type: ignore[arg-type]
    assert refused.value.code == code


def test_the_last_possible_day_has_a_day_of_payment() -> None:
    head = HEAD._replace(issued_on="2199-12-31", terms=Terms(999))
    assert drafted(head, [LINE]).document.payable_on == "2202-09-26"


def test_numbers_and_names_are_kept_without_blanks_around_them() -> None:
    assert (Customer(" K-1 ", "01", " Eva ").number, Customer("K-1", "01", " Eva ").name) == ("K-1", "Eva")
    assert Order(" A-1 ", "01").number == "A-1"


# Cancelling


def cancelled(paid: int, discount: int, fee: int) -> tuple[Document, Drafted, SetOff]:
    invoice = document(10_000)
    for money in (settlement(paid, fee=fee), settlement(0, discount)):
        if money.applied_minor or money.discount_minor:
            invoice, _ = settled(invoice, money, occasion())
    draft = cancelling(invoice, (DocumentLine("x", 10_000, 1900, "19"),), "GU-1", "2026-11-20")
    return invoice, draft, set_off(invoice, "2026-11-20")


@given(st.integers(0, 20_000), st.integers(0, 5_000), st.integers(0, 500))
def test_what_is_left_of_a_credit_note_is_what_was_paid(paid: int, discount: int, fee: int) -> None:
    """Fees stay ours, a discount was never paid, and what was overpaid is to be given back too."""
    invoice, draft, sides = cancelled(paid, discount, fee)
    note = draft.document
    for money in sides.of_invoice:
        invoice, _ = settled(invoice, money, occasion())
    for money in sides.of_note:
        note, _ = settled(note, money, occasion())
    assert (invoice.due_minor, -note.due_minor) == (0, paid)


@given(st.integers(0, 20_000), st.integers(0, 5_000))
def test_both_sides_of_a_set_off_meet_on_one_account(paid: int, discount: int) -> None:
    _, _, sides = cancelled(paid, discount, 0)
    moneys = [*sides.of_invoice, *sides.of_note]
    assert sum(one.applied_minor for one in moneys) == 0
    assert {one.means for one in moneys} <= {Account.SETTLEMENTS}


def test_a_credit_note_says_what_it_cancels_and_keeps_customer_and_order() -> None:
    invoice = replace(document(10_000), customer="K-1", order_number="AU-1")
    note = cancelling(invoice, (DocumentLine("x", 10_000, 0),), "GU-1", "2026-11-20").document
    assert (note.kind, note.total_minor, note.cancels) == (DocumentKind.CREDIT_NOTE, -10_000, "RE-1")
    assert (note.customer, note.order_number, note.terms) == ("K-1", "AU-1", NO_TERMS)


@pytest.mark.parametrize("kind", [DocumentKind.CREDIT_NOTE, DocumentKind.INCOMING_INVOICE])
def test_only_an_invoice_of_ours_is_cancelled(kind: DocumentKind) -> None:
    with pytest.raises(Refused) as refused:
        cancelling(document(1, kind), (), "GU-1", "2026-11-20")
    assert refused.value.code == "document-not-cancellable"


def test_nothing_is_cancelled_twice_or_before_it_was_issued() -> None:
    with pytest.raises(Conflict) as refused:
        cancelling(replace(document(), cancelled_by="GU-0"), (), "GU-1", "2026-11-20")
    assert (refused.value.code, refused.value.facts) == ("document-cancelled-already", {"by": "GU-0"})
    with pytest.raises(Refused) as early:
        cancelling(document(), (), "GU-1", "2026-11-01")
    assert early.value.code == "issued-before-cancelled"


def test_a_source_reads_as_kind_and_number() -> None:
    assert str(Source(SourceKind.DOCUMENT, "RE-1")) == "document/RE-1"
