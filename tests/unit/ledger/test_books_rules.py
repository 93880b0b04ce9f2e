"""Which account, which rate, which number: the standard charts a second time, and properties (LE-4, LE-6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold, safe_file_stem
from tillbridge.ledger.books_model import (
    ANY_VAT_CODE,
    AccountLine,
    ChartOfAccounts,
    NumberSeries,
    SeriesKind,
    StandardChart,
    VatCode,
    VatRate,
)
from tillbridge.ledger.books_rules import (
    BookedOn,
    account_of,
    complete_lines,
    demand_accounts_fit,
    demand_no_key_on_automatic_accounts,
    missing_roles,
    number_masks,
    number_text,
    rate_on,
)
from tillbridge.ledger.entries import Account
from tillbridge.ledger.operations import BY_VAT_CODE, RULES
from tillbridge.ledger.standard_charts import VAT_CODES, standard_chart
from tillbridge.reconciliation.invoice_numbers import invoice_numbers_in

SKR03, SKR04 = standard_chart(StandardChart.SKR03), standard_chart(StandardChart.SKR04)

TABLE = """
cash                   -         1000  1600
card                   -         1360  1460
bank                   -         1200  1800
cheques                -         1330  1550
bills-of-exchange      -         1300  1230
vouchers               -         1796  3786
on-account             -         1700  3500
settlements            -         1590  1370
cash-in-transit        -         1360  1460
paid-at-accountant     -         1590  1370
receivables            -         1410  1210
payables               -         1610  3310
dunning-fees           -         8605  4835
dunning-fees           STANDARD  8605  4835
petty-cash-expenses    STANDARD  4900  6300  9
petty-cash-expenses    REDUCED   4900  6300  8
petty-cash-expenses    EXEMPT    4900  6300
petty-cash-expenses    -         4900  6300
down-payments          STANDARD  1718  3272
down-payments          REDUCED   1711  3260
down-payments          EXEMPT    1710  3250
down-payments          -         1710  3250
revenue                STANDARD  8400  4400
revenue                REDUCED   8300  4300
revenue                EXEMPT    8100  4100
revenue                -         -     -
revenue                OWN       -     -
expenses               STANDARD  3400  5400
expenses               REDUCED   3300  5300
expenses               EXEMPT    3200  5200
expenses               -         -     -
cash-discount-granted  STANDARD  8736  4736
cash-discount-granted  REDUCED   8731  4731
cash-discount-granted  EXEMPT    8730  4730
cash-discount-granted  -         8730  4730
cash-discount-received STANDARD  3736  5736
cash-discount-received REDUCED   3731  5731
cash-discount-received EXEMPT    3730  5730
cash-discount-received OWN       3730  5730
refund-fees            STANDARD  8640  4836
refund-fees            EXEMPT    8605  4835
refund-fees            REDUCED   -     -
refund-fees            -         -     -
"""
"""Role, VAT code, account in SKR03 and SKR04, tax key; ``-`` is none."""

CASES = [[*line.split(), ""][:5] for line in TABLE.strip().splitlines()]
AUTOMATIC = {
    StandardChart.SKR03: (1711, 1718, 3300, 3400, 3731, 3736, 8300, 8309, 8400, 8409, 8640, 8731, 8736),
    StandardChart.SKR04: (3260, 3272, 4300, 4309, 4400, 4409, 4731, 4736, 4836, 5300, 5400, 5731, 5736),
}
"""Accounts with a function of their own that works out the tax (AM, AV)."""


def own(*lines: AccountLine, standard: StandardChart | None = StandardChart.SKR03) -> ChartOfAccounts:
    return ChartOfAccounts("own", "Own", standard, lines)


@pytest.mark.parametrize("length", range(4, 9))
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}:{case[1]}")
def test_every_role_has_its_account_in_both_charts_at_every_length(case: list[str], length: int) -> None:
    role, code, old, new, key = case
    for chart, number in ((SKR03, old), (SKR04, new)):
        asked = (Account(role), chart, "" if code == "-" else code)
        if number == "-":
            with pytest.raises(Refused) as refused:
                account_of(*asked, account_length=length)
            assert (refused.value.code, refused.value.facts["case"]) == ("account-missing", role)
            assert refused.value.facts["vat_code"] == code
        else:
            wanted = BookedOn(number + "0" * (length - 4), key)
            assert account_of(*asked, account_length=length) == wanted


def test_the_table_knows_every_role() -> None:
    assert {Account(case[0]) for case in CASES} == set(Account)
    assert missing_roles(SKR03) == missing_roles(SKR04) == ()


def test_every_case_of_the_books_finds_accounts_for_the_german_vat_codes() -> None:
    """LE-5: whatever ``operations`` books, with a VAT code where the account has one for each."""
    roles = {rule.second for rule in RULES.values()} | {rule.first for rule in RULES.values() if rule.first}
    roles |= {rule.discount for rule in RULES.values() if rule.discount}
    for role in roles:
        for code in VAT_CODES if role in BY_VAT_CODE else ("",):
            for chart in (SKR03, SKR04):
                assert account_of(role, chart, code).number


def test_own_accounts_go_before_standard_ones_and_the_very_code_before_any() -> None:
    chart = own(
        AccountLine(Account.CASH, "1001"),
        AccountLine(Account.REVENUE, "8401", "STANDARD"),
        AccountLine(Account.REVENUE, "8200", ANY_VAT_CODE),
        AccountLine(Account.REVENUE, "8250", "OWN", "3"),
    )
    assert account_of(Account.CASH, chart) == BookedOn("1001", "")
    assert account_of(Account.REVENUE, chart, "STANDARD") == BookedOn("8401", "")
    assert account_of(Account.REVENUE, chart, "OWN") == BookedOn("8250", "3")
    assert account_of(Account.REVENUE, chart, "REDUCED") == BookedOn("8300", "")
    assert account_of(Account.REVENUE, chart, "OTHER") == BookedOn("8200", "")
    assert account_of(Account.REVENUE, chart) == BookedOn("8200", "")
    assert account_of(Account.BANK, chart) == BookedOn("1200", "")


def test_complete_lines_say_what_holds() -> None:
    """Whatever stands in them is what ``account_of`` answers, each pair of role and code once."""
    chart = own(AccountLine(Account.REVENUE, "8401", "STANDARD"), AccountLine(Account.CASH, "1001"))
    lines = complete_lines(chart)
    pairs = [(line.role, line.vat_code) for line in lines]
    assert len(set(pairs)) == len(pairs) == len(complete_lines(SKR03))
    for line in lines:
        asked = "NOWHERE" if line.vat_code == ANY_VAT_CODE else line.vat_code
        assert account_of(line.role, chart, asked) == BookedOn(line.number, line.tax_key)


def test_a_chart_of_ones_own_has_what_it_says_and_nothing_else() -> None:
    chart = own(AccountLine(Account.CASH, "1001"), standard=None)
    assert account_of(Account.CASH, chart).number == "1001"
    assert set(missing_roles(chart)) == set(Account) - {Account.CASH}
    with pytest.raises(Refused) as refused:
        account_of(Account.BANK, chart)
    assert (refused.value.value, refused.value.facts["case"]) == ("own", "bank")


@pytest.mark.parametrize(
    ("number", "length", "wanted"),
    [
        ("27", 4, "0027"),
        ("27", 6, "002700"),
        ("1001", 4, "1001"),
        ("1001", 8, "10010000"),
        ("100105", 6, "100105"),
    ],
)
def test_an_account_is_lengthened_with_noughts_behind_it(number: str, length: int, wanted: str) -> None:
    chart = own(AccountLine(Account.CASH, number))
    demand_accounts_fit(chart, length)
    assert account_of(Account.CASH, chart, account_length=length).number == wanted


def test_an_account_longer_than_the_clients_is_refused_with_its_case() -> None:
    chart = own(AccountLine(Account.CASH, "10010"))
    for ask in (
        lambda: account_of(Account.CASH, chart, account_length=4),
        lambda: demand_accounts_fit(chart, 4),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert (refused.value.code, refused.value.facts) == (
            "account-too-long",
            {"case": "cash", "digits": 4},
        )


@pytest.mark.parametrize("role", [Account.RECEIVABLES, Account.PAYABLES])
def test_one_debtor_for_all_has_a_digit_more(role: Account) -> None:
    chart = own(AccountLine(role, "10000"))
    demand_accounts_fit(chart, 4)
    assert account_of(role, chart, account_length=4).number == "10000"
    with pytest.raises(Refused):
        demand_accounts_fit(own(AccountLine(role, "100000")), 4)


@pytest.mark.parametrize("standard", StandardChart)
def test_an_automatic_account_takes_no_tax_key_but_reversal_and_switch(standard: StandardChart) -> None:
    for number in AUTOMATIC[standard]:
        for longer in (str(number), f"{number}00"):
            chart = own(AccountLine(Account.REVENUE, longer, "A", "9"), standard=standard)
            with pytest.raises(Refused) as refused:
                demand_no_key_on_automatic_accounts(chart)
            assert (refused.value.code, refused.value.value) == ("tax-key-on-automatic-account", "9")
            for key in ("", "20", "40", "0020", "0040"):
                demand_no_key_on_automatic_accounts(
                    own(AccountLine(Account.REVENUE, longer, "A", key), standard=standard)
                )


@pytest.mark.parametrize("number", ["8299", "8310", "8399", "8410", "8200", "4900", "1710", "843", "27"])
def test_other_accounts_take_a_tax_key(number: str) -> None:
    demand_no_key_on_automatic_accounts(own(AccountLine(Account.REVENUE, number, "A", "9")))


def test_a_chart_that_stands_on_no_standard_is_taken_as_it_is() -> None:
    demand_no_key_on_automatic_accounts(own(AccountLine(Account.REVENUE, "8400", "A", "9"), standard=None))


def test_the_standard_charts_themselves_have_no_key_on_an_automatic_account() -> None:
    for chart, standard in ((SKR03, StandardChart.SKR03), (SKR04, StandardChart.SKR04)):
        demand_no_key_on_automatic_accounts(own(*complete_lines(chart), standard=standard))


# Rates


@pytest.mark.parametrize(
    ("day", "standard", "reduced"),
    [
        ("2000-01-01", 1600, 700),
        ("2006-12-31", 1600, 700),
        ("2007-01-01", 1900, 700),
        ("2020-06-30", 1900, 700),
        ("2020-07-01", 1600, 500),
        ("2020-12-31", 1600, 500),
        ("2021-01-01", 1900, 700),
        ("2026-11-21", 1900, 700),
    ],
)
def test_the_german_rates_change_on_their_days(day: str, standard: int, reduced: int) -> None:
    rates = {code: rate_on(vat_code, day) for code, vat_code in VAT_CODES.items()}
    assert rates == {"STANDARD": standard, "REDUCED": reduced, "EXEMPT": 0}


def test_there_is_no_rate_before_the_first_one() -> None:
    code = VatCode("NEW", "New", (VatRate("2026-01-01", 1900),))
    assert rate_on(code, "2026-01-01") == 1900
    with pytest.raises(Refused) as refused:
        rate_on(code, "2025-12-31")
    assert (refused.value.code, refused.value.value) == ("vat-rate-missing", "NEW")
    assert refused.value.facts == {"day": "2025-12-31"}


# Numbers


@pytest.mark.parametrize(
    ("code", "digits", "running", "year", "wanted"),
    [
        ("HH", 4, 1, 2026, "RE-HH-0001-26"),
        ("HH", 4, 9999, 2026, "RE-HH-9999-26"),
        ("HH", 4, 10_000, 2026, "RE-HH-10000-26"),
        ("", 4, 1, 2026, "RE-0001-26"),
        ("02", 1, 7, 2009, "RE-02-7-09"),
        ("HH", 9, 1, 2100, "RE-HH-000000001-00"),
    ],
)
def test_the_text_of_a_number(code: str, digits: int, running: int, year: int, wanted: str) -> None:
    series = NumberSeries("01", SeriesKind.INVOICE, "RE", code, digits)
    assert number_text(series, running, year) == wanted
    assert safe_file_stem(wanted, field="number") == wanted


def test_numbers_begin_with_one() -> None:
    with pytest.raises(ValueError, match="begin with 1"):
        number_text(NumberSeries("01", SeriesKind.INVOICE, "RE"), 0, 2026)


SERIES = st.builds(
    NumberSeries,
    branch=st.just("01"),
    kind=st.just(SeriesKind.INVOICE),
    prefix=st.text("ABab", min_size=1, max_size=3),
    branch_code=st.text("ABa01", max_size=3),
    digits=st.integers(1, 4),
)
PLACE = st.tuples(SERIES, st.integers(1, 20_000), st.integers(2020, 2040))


@given(PLACE, PLACE)
def test_two_series_of_different_names_never_give_the_same_number(
    one: tuple[NumberSeries, int, int], other: tuple[NumberSeries, int, int]
) -> None:
    """LE-6: a number tells its series, its year and its running number; whatever its case."""
    same_place = (one[0].name, *one[1:]) == (other[0].name, *other[1:])
    numbers = [fold(number_text(*place)) for place in (one, other)]
    if numbers[0] == numbers[1]:
        assert same_place
    elif same_place:
        assert one[0].digits != other[0].digits


@pytest.mark.parametrize("code", ["HH", "", "02"])
@pytest.mark.parametrize("running", [1, 853, 10_000])
def test_a_payers_text_is_searched_with_the_masks_of_a_series(code: str, running: int) -> None:
    """The grammar of the masks is that of the search: the number is found, also broken by a bank."""
    number = number_text(NumberSeries("01", SeriesKind.INVOICE, "Re", code), running, 2026)
    masks = number_masks("Re", code, range(4, 6))
    assert len(masks) == 2
    for text in (number, f"danke {number.lower()} Meier", number.replace("-", " "), number.replace("-", "")):
        assert number.upper() in invoice_numbers_in(text, masks), text
