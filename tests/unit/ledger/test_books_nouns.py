"""Clients, charts, VAT codes, settings and number series refuse what they cannot be (LE-4, LE-6, LE-7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.ledger.books_model import (
    AccountLine,
    BranchClient,
    ChainSettings,
    ChartOfAccounts,
    Client,
    NumberSeries,
    SeriesKind,
    VatCode,
    VatRate,
    parse_percent,
    percent_text,
)
from tillbridge.ledger.entries import Account

CLIENT = Client(
    id="optik",
    name="Muster Optik GmbH",
    client_number=20430,
    consultant_number=546961,
    consultant_name="Kanzlei Beispiel",
)
SERIES = NumberSeries("01", SeriesKind.INVOICE, "RE", "HH")


def refusal(make: Any, *args: Any, **named: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        make(*args, **named)
    return refused.value.code, refused.value.field


@pytest.mark.parametrize(
    "changes",
    [
        {"client_number": 1},
        {"client_number": 99_999},
        {"consultant_number": 1001},
        {"consultant_number": 9_999_999},
        {"account_length": 8},
        {"fiscal_year_start": "02-28"},
        {"fiscal_year_start": "12-31"},
        {"accounting_active": False},
        {"chart": "own.chart-1"},
    ],
)
def test_a_client_is_taken_up_to_what_datev_takes(changes: dict[str, Any]) -> None:
    assert replace(CLIENT, **changes) != replace(CLIENT, name="Another")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "a b"}, "id-not-valid"),
        ({"chart": ""}, "id-not-valid"),
        ({"name": "   "}, "text-is-empty"),
        ({"name": "Muster\nOptik"}, "text-has-control-characters"),
        ({"name": "x" * 101}, "text-too-long"),
        ({"consultant_name": ""}, "text-is-empty"),
        ({"client_number": 0}, "number-out-of-range"),
        ({"client_number": 100_000}, "number-out-of-range"),
        ({"consultant_number": 1000}, "number-out-of-range"),
        ({"consultant_number": 10_000_000}, "number-out-of-range"),
        ({"account_length": 3}, "number-out-of-range"),
        ({"account_length": 9}, "number-out-of-range"),
        ({"fiscal_year_start": "02-29"}, "fiscal-year-unreadable"),
        ({"fiscal_year_start": "13-01"}, "fiscal-year-unreadable"),
        ({"fiscal_year_start": "1-1"}, "fiscal-year-unreadable"),
        ({"fiscal_year_start": "01-01\n"}, "fiscal-year-unreadable"),
        ({"fiscal_year_start": "٠١-٠١"}, "fiscal-year-unreadable"),
        ({"fiscal_year_start": ""}, "fiscal-year-unreadable"),
    ],
)
def test_what_is_no_client(changes: dict[str, Any], code: str) -> None:
    assert refusal(replace, CLIENT, **changes) == (code, next(iter(changes)).replace("id", "client", 1))


def test_names_are_kept_without_blanks_around_them() -> None:
    assert replace(CLIENT, name="  Muster Optik  ").name == "Muster Optik"


def test_a_branch_and_its_client_are_ids() -> None:
    assert refusal(BranchClient, "0 1", "optik") == ("id-not-valid", "branch")
    assert refusal(BranchClient, "01", "op/tik") == ("id-not-valid", "client")


# Settings


def test_a_currency_without_a_maximum_has_no_dunning_fee() -> None:
    settings = ChainSettings({"EUR": 500, "JPY": 0})
    fees = [settings.max_dunning_fee_minor(currency) for currency in ("EUR", "JPY", "CHF")]
    assert fees == [500, 0, 0]


def test_settings_are_equal_by_what_they_say_and_cannot_be_changed() -> None:
    fees = {"EUR": 500}
    settings = ChainSettings(fees)
    fees["EUR"] = 9
    assert settings == ChainSettings({"EUR": 500})
    assert settings != ChainSettings({"EUR": 501})
    with pytest.raises(TypeError):
        settings.max_dunning_fees["EUR"] = 7  # type: ignore[index]


@pytest.mark.parametrize(
    ("fees", "code"),
    [
        ({"EURO": 500}, "currency-unknown"),
        ({"eur": 500}, "currency-unknown"),
        ({"EUR": -1}, "number-out-of-range"),
        ({"EUR": 10**15}, "number-out-of-range"),
    ],
)
def test_what_is_no_maximum_of_a_dunning_fee(fees: dict[str, int], code: str) -> None:
    assert refusal(ChainSettings, fees) == (code, "max_dunning_fees")


# VAT codes and charts


@pytest.mark.parametrize(
    "days", [(), ("2021-01-01", "2020-07-01"), ("2021-01-01", "2021-01-01"), tuple(["2021-01-01"] * 51)]
)
def test_rates_begin_on_different_days_oldest_first(days: tuple[str, ...]) -> None:
    rates = tuple(VatRate(day, 1900) for day in days)
    assert refusal(VatCode, "STANDARD", "Regelsteuersatz", rates) == ("vat-rates-out-of-order", "rates")


def test_what_is_no_rate_and_no_vat_code() -> None:
    assert refusal(VatRate, "2021-02-29", 1900) == ("day-unreadable", "rates.valid_from")
    assert refusal(VatRate, "2021-01-01", 10_001) == ("number-out-of-range", "rates.percent")
    assert refusal(VatRate, "2021-01-01", -1) == ("number-out-of-range", "rates.percent")
    rates = (VatRate("2021-01-01", 1900),)
    for code in ("", "A B", "*", "ä", "x" * 21, "-A", "A\n"):
        assert refusal(VatCode, code, "text", rates) == ("vat-code-unreadable", "code")
    assert refusal(VatCode, "A", " ", rates) == ("text-is-empty", "description")


@pytest.mark.parametrize(
    ("text", "basis_points"),
    [
        ("0", 0),
        ("7", 700),
        ("19", 1900),
        ("10.7", 1070),
        ("5.5", 550),
        ("0.05", 5),
        ("100", 10_000),
        ("100.00", 10_000),
    ],
)
def test_a_percentage_is_read_exactly(text: str, basis_points: int) -> None:
    assert parse_percent(text, "percent") == basis_points


@given(st.integers(0, 10_000))
def test_a_percentage_that_is_written_is_read_again(basis_points: int) -> None:
    assert parse_percent(percent_text(basis_points), "percent") == basis_points


@pytest.mark.parametrize(
    "text",
    ["", "19%", "19,0", "019", "1e1", "-1", "100.01", "101", "999", "1.234", ".5", "5.", "١٩", " 19", "19\n"],
)
def test_what_is_no_percentage(text: str) -> None:
    assert refusal(parse_percent, text, "rates.percent") == ("percent-unreadable", "rates.percent")


@pytest.mark.parametrize("number", ["1", "0027", "8400", "840000000", "10000"])
def test_an_account_has_one_to_nine_digits(number: str) -> None:
    assert AccountLine(Account.REVENUE, number).number == number


@pytest.mark.parametrize("number", ["", "0", "0000", "84a0", "1234567890", "-400", "٨٤٠٠", "8400\n", " 8400"])
def test_what_is_no_account(number: str) -> None:
    assert refusal(AccountLine, Account.REVENUE, number) == ("account-unreadable", "accounts.number")


def test_what_is_no_line_of_a_chart() -> None:
    for key in ("12345", "B", " ", "9\n"):
        assert refusal(AccountLine, Account.REVENUE, "8400", "A", key) == (
            "tax-key-unreadable",
            "accounts.tax_key",
        )
    assert refusal(AccountLine, Account.REVENUE, "8400", "**") == (
        "vat-code-unreadable",
        "accounts.vat_code",
    )


def test_a_chart_has_one_account_for_each_role_and_vat_code() -> None:
    lines = tuple(AccountLine(Account.REVENUE, "8400", code) for code in ("", "*", "A", "B"))
    assert ChartOfAccounts("own", "Own", lines=lines).lines == lines
    twice = (*lines, AccountLine(Account.REVENUE, "8500", "A"))
    assert refusal(ChartOfAccounts, "own", "Own", None, twice) == ("account-twice", "accounts")
    many = tuple(AccountLine(Account.REVENUE, "8400", f"C{place}") for place in range(501))
    assert refusal(ChartOfAccounts, "own", "Own", None, many) == ("chart-too-large", "accounts")
    assert refusal(ChartOfAccounts, "own", "") == ("text-is-empty", "name")
    assert refusal(ChartOfAccounts, "own chart", "Own") == ("id-not-valid", "chart")


# Number series


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"branch": "0 1"}, "id-not-valid"),
        ({"prefix": ""}, "series-prefix-unreadable"),
        ({"prefix": "RE-"}, "series-prefix-unreadable"),
        ({"prefix": "R1"}, "series-prefix-unreadable"),
        ({"prefix": "RÄ"}, "series-prefix-unreadable"),
        ({"prefix": "x" * 11}, "series-prefix-unreadable"),
        ({"branch_code": "H-H"}, "branch-code-unreadable"),
        ({"branch_code": "H H"}, "branch-code-unreadable"),
        ({"branch_code": "x" * 21}, "branch-code-unreadable"),
        ({"digits": 0}, "number-out-of-range"),
        ({"digits": 10}, "number-out-of-range"),
    ],
)
def test_what_is_no_number_series(changes: dict[str, Any], code: str) -> None:
    assert refusal(replace, SERIES, **changes) == (code, next(iter(changes)))


def test_a_series_is_known_by_its_name_in_any_case() -> None:
    assert SERIES.name == replace(SERIES, prefix="re", branch_code="hh", digits=6).name == "re-hh"
    assert replace(SERIES, branch_code="").name == "re"
    assert SERIES.owner == "01/invoice"


def test_each_kind_of_document_has_its_usual_prefix() -> None:
    prefixes = [kind.usual_prefix for kind in SeriesKind]
    assert prefixes == ["RE", "GU", "ER", "AU", "BON", "BLG"]
    for kind in SeriesKind:
        assert NumberSeries("01", kind, kind.usual_prefix).prefix == kind.usual_prefix
