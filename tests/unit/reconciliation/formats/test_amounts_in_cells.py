"""Amounts in cells: exact to the smallest unit, or refused with the reason; nothing in between (RI-32)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.reconciliation.formats.amounts import (
    amount,
    amount_not_below_zero,
    discount_percentage,
    dunning_fee,
    percentage,
    side_word,
)
from tillbridge.reconciliation.formats.cells import BadCell, Reader, Terms

CURRENCIES = st.sampled_from(sorted(DECIMALS))
MARKS = st.sampled_from([",", "."])
LIKE_AMOUNTS = st.text("0123456789.,+- ", max_size=20)
TODAY = "2026-11-28"


def reader(currency: str = "EUR", mark: str = ",") -> Reader:
    return amount(Terms(currency, TODAY, decimal_mark=mark))


def code_of(read: Reader, cell: str) -> str:
    with pytest.raises(BadCell) as bad:
        read(cell)
    return bad.value.code


def written(minor: int, decimals: int, mark: str, *, grouped: bool) -> str:
    """An amount as German or English programs write it; an oracle of its own, by the decimal module."""
    text = f"{Decimal(minor).scaleb(-decimals):{',' if grouped else ''}.{decimals}f}"
    return text if mark == "." else text.translate(str.maketrans(",.", ".,"))


@given(st.integers(-MAX_MINOR + 1, MAX_MINOR - 1), CURRENCIES, MARKS, st.booleans())
@example(123_456_789, "EUR", ",", True)
@example(-1, "KWD", ".", True)
@example(0, "JPY", ",", False)
def test_every_amount_that_is_written_is_read_as_it_was(
    minor: int, code: str, mark: str, grouped: bool
) -> None:
    decimals = DECIMALS[code]
    grouped = grouped and decimals > 0  # without decimals a group could be taken for some
    assert reader(code, mark)(written(minor, decimals, mark, grouped=grouped)) == minor


@given(LIKE_AMOUNTS, CURRENCIES, MARKS)
def test_what_is_read_is_what_stands_there(cell: str, code: str, mark: str) -> None:
    """An independent statement: take the groups away, and the decimal module must find the same number."""
    group = "." if mark == "," else ","
    decimals = DECIMALS[code]
    try:
        minor = reader(code, mark)(cell)
    except BadCell:
        return
    trimmed = cell.strip()
    if not trimmed:
        assert minor is None
        return
    whole, _, fraction = trimmed.partition(mark)
    assert len(fraction) <= decimals
    assert Decimal(minor) == Decimal(f"{whole.replace(group, '')}.{fraction}").scaleb(decimals)
    if group in whole:
        assert fraction, "groups without decimals can be read in two ways"
        first, *others = whole.lstrip("+-").split(group)
        assert 1 <= len(first) <= 3
        assert all(len(one) == 3 for one in others)


@given(
    st.lists(
        st.one_of(LIKE_AMOUNTS, st.integers(-(10**11), 10**11).map(lambda n: f"{n // 100},{n % 100:02}"))
    )
)
def test_a_column_says_what_its_cells_say(cells: list[str]) -> None:
    one_by_one: list[object] | None = []
    read = reader()
    for cell in cells:
        try:
            one_by_one.append(read(cell))  # type: ignore[union-attr]
        except BadCell:
            one_by_one = None
            break
    if one_by_one is None:
        with pytest.raises(BadCell):
            read.column(cells)
    elif cells:
        assert list(read.column(cells)) == one_by_one


@given(st.integers(1, 10**12), CURRENCIES)
def test_swapped_marks_never_give_another_amount(minor: int, code: str) -> None:
    """Either the mark can't be told from a group, and the cell is refused, or it means the same."""
    decimals = DECIMALS[code]
    for grouped in (True, False):
        cell = written(minor, decimals, ".", grouped=grouped and decimals > 0)
        try:
            read = reader(code, ",")(cell)
        except BadCell:
            continue
        assert read == minor or (decimals == 3 and grouped and minor >= 10**6)
        assert "." not in cell or decimals == 3


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.234", "cell-amount-is-ambiguous"),
        ("12.50", "cell-amount-is-ambiguous"),
        ("1,234.50", "cell-amount-is-ambiguous"),
        ("-1.5", "cell-amount-is-ambiguous"),
        ("1.23,50", "cell-amount-is-ambiguous"),
        ("12,345", "cell-has-too-many-decimals"),
        ("1,2,3", "cell-is-no-amount"),
        ("01,00", "cell-is-no-amount"),
        ("007", "cell-is-no-amount"),
        (",50", "cell-is-no-amount"),
        ("5,", "cell-is-no-amount"),
        ("1 234,50", "cell-is-no-amount"),
        ("12,50-", "cell-is-no-amount"),
        ("--1,00", "cell-is-no-amount"),
        ("12,50 €", "cell-is-no-amount"),
        ("1e3", "cell-is-no-amount"),
        ("1_000", "cell-is-no-amount"),
        ("−1,00", "cell-is-no-amount"),
        ("١,٠٠", "cell-is-no-amount"),
        ("²,00", "cell-is-no-amount"),
        ("1G234M50", "cell-is-no-amount"),
        ("NaN", "cell-is-no-amount"),
        ("9" * 14, "cell-amount-too-large"),
        ("9" * 5000, "cell-amount-too-large"),
        ("10.000.000.000.000,00", "cell-amount-too-large"),
    ],
)
def test_what_is_no_amount_says_why(cell: str, code: str) -> None:
    assert code_of(reader(), cell) == code


@pytest.mark.parametrize(
    ("cell", "minor"),
    [("", None), ("  ", None), ("0", 0), ("-0,00", 0), ("1,5", 150), ("7", 700), ("+3,20", 320),
     (" 1,00 ", 100),
     ("1.000,0", 100_000), ("9999999999999,99", 999_999_999_999_999)],
)  # fmt: skip
def test_rarer_forms_of_amounts(cell: str, minor: int | None) -> None:
    assert reader()(cell) == minor


def test_an_amount_below_zero_may_be_forbidden() -> None:
    read = amount_not_below_zero(Terms("EUR", TODAY))
    assert (read(""), read("0,00"), read("-0,00"), read("1,00")) == (None, 0, 0, 100)
    assert code_of(read, "-0,01") == "cell-amount-below-zero"
    assert read.depends_on_currency


@pytest.mark.parametrize(
    ("cell", "fee"),
    [("", (None, None)), ("J", (True, None)), (" ja ", (True, None)), ("Y", (True, None)),
     ("N", (False, None)),
     ("Nein", (False, None)), ("5,00", (None, 500)), ("0", (None, 0)), ("1.000,00", (None, 100_000))],
)  # fmt: skip
def test_a_dunning_fee_is_yes_no_empty_or_an_amount(cell: str, fee: tuple[bool | None, int | None]) -> None:
    """RI-3."""
    read = dunning_fee(Terms("EUR", TODAY))
    assert read(cell) == fee
    assert list(read.column([cell, cell])) == [fee, fee]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("-1,00", "dunning-fee-below-zero"), ("5.00", "cell-amount-is-ambiguous"), ("JA 5", "cell-is-no-amount"),
     ("vielleicht", "cell-is-neither-yes-nor-no"), ("1", None)],
)  # fmt: skip
def test_a_dunning_fee_that_can_not_be_read(cell: str, code: str | None) -> None:
    read = dunning_fee(Terms("EUR", TODAY))
    if code is None:
        assert read(cell) == (None, 100)
    else:
        assert code_of(read, cell) == code


@given(st.text("0123456789,. ", max_size=8))
def test_a_percentage_is_exact_to_a_basis_point(cell: str) -> None:
    read = percentage(Terms("EUR", TODAY))
    right = re.fullmatch(r"(\d{1,3})(?:,(\d{1,2}))?", cell.strip())
    points = Decimal(f"{right[1]}.{right[2] or 0}") * 100 if right else Decimal(-1)
    if not cell.strip():
        assert read(cell) is None
    elif 0 <= points <= 10_000:
        assert read(cell) == points
    else:
        assert code_of(read, cell) == "cell-is-no-percentage"


@pytest.mark.parametrize(("cell", "ok"), [("0", False), ("0,01", True), ("99,99", True), ("100", False)])
def test_a_cash_discount_lies_between_nothing_and_all(cell: str, ok: bool) -> None:
    read = discount_percentage(Terms("EUR", TODAY))
    if ok:
        assert read(cell) == int(Decimal(cell.replace(",", ".")) * 100)
    else:
        assert code_of(read, cell) == "cell-is-no-percentage"


def test_a_side_is_debit_credit_or_nothing() -> None:
    read = side_word(Terms("EUR", TODAY))
    assert [read(cell) for cell in ("S", "h", " ", "")] == ["S", "H", "", ""]
    assert code_of(read, "X") == "side-unknown"
