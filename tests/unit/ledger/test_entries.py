"""Journal entries: balanced, immutable, with one form in bytes that never changes (LE-2, LE-5)."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Account, Entry, Operation, Posting, Source, SourceKind

AT = datetime(2026, 11, 24, 17, 5, 12, 345_678, tzinfo=UTC)
ID = "20261124T170512345-01-3f9c0a1b2c3d4e5f"
REVERSAL_ID = "20261125T080000000-01-0f9c0a1b2c3d4e5f"


def entry(**changed: Any) -> Entry:
    """A customer pays 119.00 with 2 % cash discount."""
    made = Entry(
        id=ID,
        branch="01",
        recorded_at=AT,
        business_day="2026-11-23",
        currency="EUR",
        postings=(
            Posting(Account.BANK, 11_662),
            Posting(Account.CASH_DISCOUNT_GRANTED, 238, "standard"),
            Posting(Account.RECEIVABLES, -11_900),
        ),
        source=Source(SourceKind.IMPORT, "IM-7"),
        operations=(Operation.CREDIT_CREDIT_NOTE, Operation.DIRECT_PAYMENT),
        document="RE-HH-0001-26",
        exportable=False,
        text="Müller & Söhne – „Danke“",
    )
    return replace(made, **changed)


def postings(*amounts_minor: int) -> tuple[Posting, ...]:
    return tuple(Posting(Account.CASH, minor) for minor in amounts_minor)


amounts = st.integers(-(10**15), 10**15).filter(bool)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any entry that there can be."""
    amounts_minor = draw(st.lists(amounts, min_size=1, max_size=5).filter(sum))
    balanced = [*amounts_minor, -sum(amounts_minor)]
    code = st.sampled_from(["", "standard", "reduced"])
    texts = st.text(st.characters(codec="utf-8"), max_size=20)
    at = draw(st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
    branch = draw(st.from_regex(r"\A[A-Z0-9][A-Z0-9_-]{0,7}\Z"))
    operations = set(draw(st.lists(st.sampled_from(Operation), max_size=3)))
    if Operation.CREDIT_CREDIT_NOTE in operations:
        operations.add(Operation.DIRECT_PAYMENT)
    return Entry(
        id=rows.new_entry_id(branch, at, draw(st.from_regex(r"\A[0-9a-f]{16}\Z"))),
        branch=branch,
        recorded_at=at.replace(microsecond=at.microsecond // 1000 * 1000),
        business_day=draw(st.dates()).isoformat(),
        currency=draw(st.sampled_from(sorted(DECIMALS))),
        postings=tuple(Posting(draw(st.sampled_from(Account)), minor, draw(code)) for minor in balanced),
        source=Source(draw(st.sampled_from(SourceKind)), draw(texts)),
        operations=tuple(sorted(operations)),
        document=draw(texts),
        reverses=draw(st.sampled_from(["", ID])),
        exportable=draw(st.booleans()),
        text=draw(texts),
    )


CANONICAL = (
    '{"branch":"01","business_day":"2026-11-23","currency":"EUR","document":"RE-HH-0001-26","exportable":false,'
    '"id":"20261124T170512345-01-3f9c0a1b2c3d4e5f","operations":["CREDIT_CREDIT_NOTE","DIRECT_PAYMENT"],'
    '"postings":[["bank",11662,""],["cash-discount-granted",238,"standard"],["receivables",-11900,""]],'
    '"recorded_at":"2026-11-24T17:05:12.345Z","reverses":"","source":"import/IM-7",'
    '"text":"Müller & Söhne – „Danke“"}'
)
LEAF = "cf8a93f80f714148e67683d93c08eca2aa9c4bed322de457f6b6ef74bf6bc8de"


def test_the_bytes_that_a_seal_covers_are_these_and_will_always_be() -> None:
    """Whoever changes this line breaks every seal that was ever made."""
    assert entry().canonical() == CANONICAL.encode()
    assert entry().leaf_hash().hex() == LEAF
    assert entry().leaf_hash() == sha256(b"\x00" + CANONICAL.encode()).digest()


CHANGED: dict[str, Any] = {
    "id": REVERSAL_ID,
    "branch": "02",
    "recorded_at": AT + timedelta(milliseconds=1),
    "business_day": "2026-11-24",
    "currency": "USD",
    "postings": entry().postings[::-1],
    "source": Source(SourceKind.PAYMENT, "IM-7"),
    "operations": (Operation.DIRECT_PAYMENT, Operation.CREDIT_CREDIT_NOTE),
    "document": "RE-HH-0001-27",
    "reverses": REVERSAL_ID,
    "exportable": True,
    "text": "",
}


def test_each_of_an_entrys_attributes_is_in_its_bytes() -> None:
    """An attribute that is added to the noun and not to its bytes could be changed unseen."""
    assert set(CHANGED) == {field.name for field in fields(Entry)}
    for name, changed in CHANGED.items():
        assert entry(**{name: changed}).leaf_hash() != entry().leaf_hash(), name


@pytest.mark.parametrize(
    "posting", [Posting(Account.CASH, 11_662), Posting(Account.BANK, 11_662, "standard")], ids=str
)
def test_account_and_vat_code_of_each_posting_are_in_its_bytes(posting: Posting) -> None:
    changed = entry(postings=(posting, *entry().postings[1:]))
    assert changed.leaf_hash() != entry().leaf_hash()


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    berlin = timezone(timedelta(hours=1))
    assert entry(recorded_at=AT.astimezone(berlin)).canonical() == entry().canonical()


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        entry().text = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        entry().postings[0].amount_minor = 1  # type: ignore[misc]


@pytest.mark.parametrize("amounts_minor", [(1,), (1, -2), (1, 1, -1), (10**15, -(10**15) + 1)])
def test_debits_and_credits_that_differ_are_no_entry(amounts_minor: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="debits and credits differ"):
        entry(postings=postings(*amounts_minor))


@pytest.mark.parametrize("amounts_minor", [(), (0,), (5, -5, 0)])
def test_an_entry_has_postings_and_none_of_zero(amounts_minor: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="none of zero"):
        entry(postings=postings(*amounts_minor))


@pytest.mark.parametrize("amount", [5.0, Decimal(5), True, "5"])
def test_an_amount_is_a_whole_number_of_minor_units(amount: Any) -> None:
    """5.0 and 5 would be the same money and two seals."""
    with pytest.raises(ValueError, match="whole minor units"):
        entry(postings=(Posting(Account.CASH, amount), Posting(Account.RECEIVABLES, -5)))


@pytest.mark.parametrize("currency", ["", "eur", "EU", "XXL"])
def test_a_currency_is_one_of_iso_4217(currency: str) -> None:
    with pytest.raises(ValueError, match="no currency"):
        entry(currency=currency)


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_currencies_of_0_2_and_3_decimals_are_booked_in_their_minor_unit(currency: str) -> None:
    assert f'"currency":"{currency}"' in entry(currency=currency).canonical().decode()


def test_a_credit_credit_note_never_comes_without_its_direct_payment() -> None:
    """LE-5, seed 004."""
    for others in ((), (Operation.SALE,), (Operation.REFUND, Operation.DEBIT_CREDIT_NOTE)):
        with pytest.raises(ValueError, match="DIRECT_PAYMENT"):
            entry(operations=(Operation.CREDIT_CREDIT_NOTE, *others))
    for alone in Operation:
        if alone is not Operation.CREDIT_CREDIT_NOTE:
            assert entry(operations=(alone,)).operations == (alone,)


def test_all_operations_of_the_seed_can_be_told() -> None:
    assert {operation.value for operation in Operation} == {
        "SALE", "DIRECT_PAYMENT", "REFUND", "REFUND_CLIENT", "REFUND_ORG", "DEBIT_CREDIT_NOTE",
        "CREDIT_CREDIT_NOTE", "REFUND_CREDIT_NOTE", "DEBIT_WAIT_ACCOUNT", "CREDIT_WAIT_ACCOUNT",
    }  # fmt: skip


def reversal(of: Entry) -> Entry:
    return of.reversal(
        REVERSAL_ID, AT + timedelta(days=1), Source(SourceKind.IMPORT, "IM-8"), business_day="2026-11-25"
    )


@given(entries())
def test_a_reversal_takes_everything_back_and_says_what(of: Entry) -> None:
    back = reversal(of)
    sides: dict[tuple[Account, str], int] = {}
    for posting in (*of.postings, *back.postings):
        key = posting.account, posting.vat_code
        sides[key] = sides.get(key, 0) + posting.amount_minor
    assert set(sides.values()) == {0}
    assert back.reverses == of.id
    assert (back.id, back.business_day, str(back.source)) == (REVERSAL_ID, "2026-11-25", "import/IM-8")
    assert (back.branch, back.currency, back.document) == (of.branch, of.currency, of.document)
    assert back.operations == of.operations


@pytest.mark.parametrize("exportable", [True, False])
def test_a_reversal_is_exported_exactly_if_its_entry_is(exportable: bool) -> None:
    """RI-7: what the accountant does not know, need not be taken back there; nor a reversal's reversal."""
    back = reversal(entry(exportable=exportable))
    assert back.exportable is exportable
    assert reversal(back).exportable is exportable


@given(entries())
def test_an_entry_is_the_same_after_a_way_through_the_table(one: Entry) -> None:
    """Bytes too: else its seal would call it changed."""
    again = rows.entry_from(rows.entry_row(one))
    assert again == one
    assert again.canonical() == one.canonical()


@given(entries(), entries())
def test_two_entries_never_have_the_same_bytes(one: Entry, other: Entry) -> None:
    assert (one.canonical() == other.canonical()) is (one == other)
