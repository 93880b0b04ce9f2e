"""Every business case is booked as the books want it: a second table, and properties over all (LE-5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.ledger.entries import Account, Entry, Operation, Posting, Source, SourceKind
from tillbridge.ledger.model import DocumentKind
from tillbridge.ledger.operations import (
    BY_VAT_CODE,
    ISSUES,
    MEANS,
    RULES,
    SETTLES,
    Booked,
    BusinessCase,
    allocated,
    postings_of,
)

TABLE = """
invoice-issued                  119  -           receivables 119, revenue -119           SALE DEBIT_CREDIT_NOTE
credit-note-issued             -119  -           receivables -119, revenue 119           REFUND DEBIT_CREDIT_NOTE
incoming-invoice-received      -119  -           payables -119, expenses 119             -
invoice-settled                 119  cash        cash 119, receivables -119              CREDIT_CREDIT_NOTE DIRECT_PAYMENT
invoice-settled                -119  bank        bank -119, receivables 119              CREDIT_CREDIT_NOTE DIRECT_PAYMENT
invoice-settled                 119  on-account  on-account 119, receivables -119        CREDIT_CREDIT_NOTE DIRECT_PAYMENT CREDIT_WAIT_ACCOUNT
credit-note-paid-out           -119  bank        bank -119, receivables 119              REFUND_CREDIT_NOTE DIRECT_PAYMENT
credit-note-paid-out           -119  on-account  on-account -119, receivables 119        REFUND_CREDIT_NOTE DEBIT_WAIT_ACCOUNT
incoming-invoice-paid          -119  bank        bank -119, payables 119                 -
cash-sale                       119  card        card 119, revenue -119                  SALE DIRECT_PAYMENT
cash-sale                       119  on-account  on-account 119, revenue -119            SALE CREDIT_WAIT_ACCOUNT
sale-cancelled                 -119  cash        cash -119, revenue 119                  REFUND DIRECT_PAYMENT
sale-cancelled-by-client       -119  on-account  on-account -119, revenue 119            REFUND_CLIENT DEBIT_WAIT_ACCOUNT
sale-cancelled-by-organisation -119  receivables receivables -119, revenue 119           REFUND_ORG DEBIT_CREDIT_NOTE
dunning-fee-paid                  5  cash        cash 5, dunning-fees -5                 SALE DIRECT_PAYMENT
down-payment-taken               50  card        card 50, down-payments -50              DEBIT_WAIT_ACCOUNT DIRECT_PAYMENT
down-payment-returned           -50  card        card -50, down-payments 50              CREDIT_WAIT_ACCOUNT DIRECT_PAYMENT
money-put-on-account             50  bank        bank 50, on-account -50                 DEBIT_WAIT_ACCOUNT DIRECT_PAYMENT
money-paid-out-of-account       -50  bank        bank -50, on-account 50                 CREDIT_WAIT_ACCOUNT DIRECT_PAYMENT
petty-cash-spent                -12  -           cash -12, petty-cash-expenses 12        -
cash-put-in                     200  -           cash 200, cash-in-transit -200          -
cash-taken-out                 -200  -           cash -200, cash-in-transit 200          -
cash-dropped                   -200  -           cash -200, cash-in-transit 200          -
cash-arrived-at-bank            200  -           bank 200, cash-in-transit -200          -
float-moved                     100  -           cash 100, cash-in-transit -100          -
float-moved                    -100  -           cash -100, cash-in-transit 100          -
"""  # noqa: E501 -- a table is read across


def booked(text: str, operations: str) -> Booked:
    sides = [side.strip().rsplit(" ", 1) for side in text.split(",")]
    return Booked(
        tuple(Posting(Account(name), int(minor)) for name, minor in sides),
        tuple(Operation(one) for one in operations.split() if one != "-"),
    )


def lines() -> list[tuple[BusinessCase, int, Account | None, Booked]]:
    found = []
    for line in TABLE.strip().splitlines():
        case, minor, means, rest = line.split(maxsplit=3)
        postings, operations = rest.split("  ", 1)
        paid_with = None if means == "-" else Account(means)
        found.append((BusinessCase(case), int(minor), paid_with, booked(postings, operations)))
    return found


def test_the_table_names_every_case() -> None:
    assert {case for case, *_ in lines()} == set(BusinessCase) == set(RULES)


@pytest.mark.parametrize(("case", "minor", "means", "wanted"), lines())
def test_a_case_is_booked_as_the_table_says(
    case: BusinessCase, minor: int, means: Account | None, wanted: Booked
) -> None:
    assert postings_of(case, minor, means=means) == wanted


def test_all_ten_operations_are_expressible() -> None:
    assert {operation for *_, wanted in lines() for operation in wanted.operations} == set(Operation)


def test_a_discount_is_settled_beside_the_money_by_vat_code() -> None:
    done = postings_of(
        BusinessCase.INVOICE_SETTLED,
        9_700,
        means=Account.BANK,
        discount_minor=300,
        vat_shares={"standard": 7_000, "reduced": 3_000},
    )
    assert done.postings == (
        Posting(Account.BANK, 9_700),
        Posting(Account.CASH_DISCOUNT_GRANTED, 210, "standard"),
        Posting(Account.CASH_DISCOUNT_GRANTED, 90, "reduced"),
        Posting(Account.RECEIVABLES, -10_000),
    )


def test_a_dunning_fee_is_part_of_the_money_and_not_of_the_invoice() -> None:
    done = postings_of(BusinessCase.INVOICE_SETTLED, 10_500, means=Account.BANK, fee_minor=500)
    assert done.postings == (
        Posting(Account.BANK, 10_500),
        Posting(Account.RECEIVABLES, -10_000),
        Posting(Account.DUNNING_FEES, -500),
    )


def test_what_we_pay_sooner_lessens_what_we_owe_by_more() -> None:
    done = postings_of(BusinessCase.INCOMING_INVOICE_PAID, -9_700, means=Account.BANK, discount_minor=-300)
    assert done.postings == (
        Posting(Account.BANK, -9_700),
        Posting(Account.CASH_DISCOUNT_RECEIVED, -300),
        Posting(Account.PAYABLES, 10_000),
    )


def test_a_rest_may_be_written_off_as_discount_alone() -> None:
    done = postings_of(BusinessCase.INVOICE_SETTLED, 0, means=Account.BANK, discount_minor=200)
    assert done == Booked(
        (Posting(Account.CASH_DISCOUNT_GRANTED, 200), Posting(Account.RECEIVABLES, -200)),
        (Operation.CREDIT_CREDIT_NOTE, Operation.DIRECT_PAYMENT),
    )


def test_a_refund_fee_is_kept_back() -> None:
    done = postings_of(
        BusinessCase.SALE_CANCELLED_BY_CLIENT,
        -10_000,
        means=Account.CASH,
        fee_minor=1_000,
        vat_shares={"standard": -10_000},
        fee_vat_code="none",
    )
    assert done.postings == (
        Posting(Account.CASH, -9_000),
        Posting(Account.REVENUE, 10_000, "standard"),
        Posting(Account.REFUND_FEES, -1_000, "none"),
    )


def test_a_down_payment_that_pays_an_invoice_keeps_its_vat_codes() -> None:
    done = postings_of(
        BusinessCase.INVOICE_SETTLED, 100, means=Account.DOWN_PAYMENTS, vat_shares={"a": 500, "b": 500}
    )
    assert done.postings == (
        Posting(Account.DOWN_PAYMENTS, 50, "a"),
        Posting(Account.DOWN_PAYMENTS, 50, "b"),
        Posting(Account.RECEIVABLES, -100),
    )


@pytest.mark.parametrize(
    ("case", "minor", "facts"),
    [
        (BusinessCase.INVOICE_ISSUED, -1, {}),
        (BusinessCase.INVOICE_ISSUED, 0, {}),
        (BusinessCase.INVOICE_ISSUED, 1, {"means": Account.CASH}),
        (BusinessCase.INVOICE_ISSUED, 1, {"discount_minor": 1}),
        (BusinessCase.INVOICE_ISSUED, 1, {"fee_minor": 1}),
        (BusinessCase.CREDIT_NOTE_ISSUED, 1, {}),
        (BusinessCase.INVOICE_SETTLED, 1, {}),
        (BusinessCase.INVOICE_SETTLED, 1, {"means": Account.REVENUE}),
        (BusinessCase.INVOICE_SETTLED, 1, {"means": Account.RECEIVABLES}),
        (BusinessCase.SALE_CANCELLED, 1, {"means": Account.RECEIVABLES}),
        (BusinessCase.MONEY_PUT_ON_ACCOUNT, 1, {"means": Account.ON_ACCOUNT}),
        (BusinessCase.INVOICE_SETTLED, 1, {"means": Account.CASH, "discount_minor": -1}),
        (BusinessCase.INVOICE_SETTLED, 0, {"means": Account.CASH}),
        (BusinessCase.SALE_CANCELLED, -5, {"means": Account.CASH, "fee_minor": 6}),
        (BusinessCase.SALE_CANCELLED, -5, {"means": Account.CASH, "fee_minor": -1}),
        (BusinessCase.CASH_SALE, 5, {"means": Account.CASH, "vat_shares": {"a": 1, "b": -1}}),
    ],
)
def test_what_no_case_can_mean_is_a_bug(case: BusinessCase, minor: int, facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        postings_of(case, minor, **facts)  # type: ignore[arg-type]


def test_every_kind_of_document_is_issued_and_settled() -> None:
    assert set(ISSUES) == set(SETTLES) == set(DocumentKind)
    for kind in DocumentKind:
        assert RULES[ISSUES[kind]].direction == kind.sign
        assert RULES[SETTLES[kind]].second is RULES[ISSUES[kind]].first


MINOR = st.integers(1, 10**13)
SHARES = st.dictionaries(
    st.sampled_from(["standard", "reduced", "none", "old"]), st.integers(-999, 9_999)
).filter(lambda shares: not shares or sum(shares.values()) != 0)


@given(
    case=st.sampled_from(BusinessCase),
    minor=MINOR,
    backwards=st.booleans(),
    means=st.sampled_from(sorted(MEANS)),
    shares=SHARES,
    share_off=st.integers(0, 99),
    share_fee=st.integers(0, 99),
)
def test_whatever_is_booked_balances_and_is_an_entry(
    *, case: BusinessCase, minor: int, backwards: bool, means: Account, shares: dict[str, int],
    share_off: int, share_fee: int,
) -> None:  # fmt: skip
    rule = RULES[case]
    amount = minor * (rule.direction or (-1 if backwards else 1))
    discount = amount * share_off // 100 if rule.discount else 0
    fee = minor * share_fee // 100 if rule.fee else 0
    paid_with = means if rule.first is None else None
    if paid_with is rule.second:
        return
    done = postings_of(
        case, amount, means=paid_with, discount_minor=discount, fee_minor=fee, vat_shares=shares
    )
    entry = Entry(
        id="1",
        branch="01",
        recorded_at=datetime(2026, 11, 24, tzinfo=UTC),
        business_day="2026-11-24",
        currency="EUR",
        postings=done.postings,
        source=Source(SourceKind.DOCUMENT, "RE-1"),
        operations=done.operations,
    )
    assert sum(posting.amount_minor for posting in entry.postings) == 0
    assert len(set(done.operations)) == len(done.operations)
    for posting in entry.postings:
        assert not posting.vat_code or posting.account in BY_VAT_CODE
    again = postings_of(
        case, amount, means=paid_with, discount_minor=discount, fee_minor=fee, vat_shares=shares
    )
    assert again == done


@given(minor=st.integers(-(10**13), 10**13), shares=SHARES.filter(bool))
def test_nothing_is_lost_when_an_amount_is_divided(minor: int, shares: dict[str, int]) -> None:
    parts = allocated(minor, shares)
    assert sum(parts.values()) == minor
    assert list(parts) == list(shares)
    whole = sum(shares.values())
    for code, weight in shares.items():
        assert abs(parts[code] * whole - minor * weight) < abs(whole)
    assert allocated(-minor, shares) == {code: -part for code, part in parts.items()}


def test_the_document_s_own_total_is_divided_into_its_own_shares() -> None:
    assert allocated(10_000, {"standard": 11_900, "reduced": -1_900}) == {
        "standard": 11_900,
        "reduced": -1_900,
    }
    assert allocated(-100, {"a": 1, "b": 1, "c": 1}) == {"a": -34, "b": -33, "c": -33}
