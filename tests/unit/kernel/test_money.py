"""Money is parsed exactly or refused; sums never leave their currency."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import MAX_MINOR, Money, total

ONE_OF_EACH = ("JPY", "EUR", "KWD")
MINOR = st.integers(min_value=-MAX_MINOR + 1, max_value=MAX_MINOR - 1)


def code_of(text: str, currency: str = "EUR") -> str:
    with pytest.raises(Refused) as refusal:
        Money.parse(text, currency)
    return refusal.value.code


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("5.10", "EUR", 510),
        ("5.1", "EUR", 510),
        ("5", "EUR", 500),
        ("0.01", "EUR", 1),
        ("0", "EUR", 0),
        ("-0", "EUR", 0),
        ("-218.49", "EUR", -21849),
        ("120", "JPY", 120),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
        ("9999999999999.99", "EUR", MAX_MINOR - 1),
        ("999999999999999", "JPY", MAX_MINOR - 1),
        ("999999999999.999", "KWD", MAX_MINOR - 1),
    ],
)
def test_what_is_an_amount(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5,10",
        "1.234,50",
        "1,234.50",
        "5.",
        ".5",
        "05.10",
        "00",
        "+5",
        "--5",
        "- 5",
        "5-",
        "5 ",
        " 5",
        "5.10\n",
        "1e5",
        "1E5",
        "1_000",
        "0x10",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "5.1.0",
        "5.-1",
        "€5",
        "5 EUR",
        "٥.١٠",
        "５.10",
        "²",
        "½",
        "5.1０",
        "−5",
        "\x005",
        "None",
        "1/2",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert code_of(text) == "amount-unreadable"


@pytest.mark.parametrize("currency", sorted(DECIMALS))
def test_every_currency_takes_its_own_decimals_and_no_more(currency: str) -> None:
    decimals = DECIMALS[currency]
    digits = "123456789"[:decimals]
    text = f"7.{digits}" if decimals else "7"
    money = Money.parse(text, currency)
    assert money.amount_minor == int("7" + digits)
    assert money.decimal_text() == text
    longer = f"7.{digits}0"
    assert code_of(longer, currency) == "amount-has-too-many-decimals"


@pytest.mark.parametrize(
    "currency", ["", "eur", "EU", "EURO", "XXX", "XAU", "DEM", "HRK", "BGN ", "€", "E\nR"]
)
def test_what_is_no_currency(currency: str) -> None:
    assert code_of("5.10", currency) == "currency-unknown"
    with pytest.raises(Refused, match="currency-unknown"):
        Money(1, currency)


def test_the_list_of_currencies_is_that_of_iso_4217() -> None:
    assert {currency for currency, decimals in DECIMALS.items() if decimals == 3} == {
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"
    }  # fmt: skip
    assert {currency for currency, decimals in DECIMALS.items() if decimals == 0} == {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
        "XOF", "XPF",
    }  # fmt: skip
    assert {"EUR", "CHF", "GBP", "USD", "PLN", "CZK", "HUF", "SEK", "DKK", "NOK", "TRY"} <= set(DECIMALS)
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in DECIMALS)


@pytest.mark.parametrize(
    "text", ["10000000000000.00", "10000000000000", "9" * 40, "-10000000000000", "1" + "0" * 4000]
)
def test_what_is_too_large(text: str) -> None:
    assert code_of(text) == "amount-too-large"


@given(MINOR, st.sampled_from(ONE_OF_EACH))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    text = money.decimal_text()
    assert Money.parse(text, currency) == money
    _, dot, fraction = text.partition(".")
    assert len(fraction) == DECIMALS[currency]
    assert bool(dot) == bool(fraction)


@given(st.text(alphabet="0123456789.,-+e ", max_size=24), st.sampled_from(ONE_OF_EACH))
def test_any_text_is_an_amount_that_means_the_same_or_is_refused(text: str, currency: str) -> None:
    try:
        money = Money.parse(text, currency)
    except Refused:
        return
    assert Decimal(text) == Decimal(money.amount_minor).scaleb(-DECIMALS[currency])


@given(st.text(max_size=12))
def test_no_text_is_a_fault(text: str) -> None:
    with suppress(Refused):
        Money.parse(text, "EUR")


@given(st.lists(st.integers(min_value=-(10**12), max_value=10**12), max_size=20))
def test_a_total_is_the_sum(minors: list[int]) -> None:
    assert total([Money(minor, "EUR") for minor in minors], "EUR") == Money(sum(minors), "EUR")


def test_currencies_do_not_mix() -> None:
    euro, yen = Money(1, "EUR"), Money(1, "JPY")
    for mix in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro <= yen):
        with pytest.raises(Refused, match="currencies-differ"):
            mix()
    assert euro != yen


def test_a_sum_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refused, match="amount-too-large"):
        Money(MAX_MINOR - 1, "EUR") + Money(1, "EUR")


def test_money_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Money(1, "EUR").amount_minor = 2  # type: ignore[misc]
