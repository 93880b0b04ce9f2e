"""The decisions of the books: which account, which rate, which number; pure (LE-4, LE-6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tillbridge.kernel.errors import Refused

from .books_model import (
    ANY_VAT_CODE,
    AccountLine,
    ChartOfAccounts,
    NumberSeries,
    StandardChart,
    VatCode,
)
from .entries import Account
from .standard_charts import AUTOMATIC_RANGES, KEYS_FOR_AUTOMATIC_ACCOUNTS, STANDARD_LINES

SHORTEST = 4
"""Digits of an account in a standard chart."""


@dataclass(frozen=True, slots=True)
class BookedOn:
    """An account as it goes into the accountant's books, with its tax key where there is one."""

    number: str
    tax_key: str


PERSONAL = frozenset({Account.RECEIVABLES, Account.PAYABLES})
"""Roles that may stand on one debtor or creditor for all; such an account has one digit more than others."""


def account_of(
    role: Account, chart: ChartOfAccounts, vat_code: str = "", *, account_length: int = SHORTEST
) -> BookedOn:
    """The account of a role in a chart; ``Refused`` with the case's name where the chart has none (LE-4).

    A line for the very VAT code goes before one for any, own lines before those of the standard chart.
    Longer accounts are shorter ones with noughts behind them, as DATEV lengthens its own.
    """
    for code in (vat_code, ANY_VAT_CODE):
        for lines in (chart.lines, _standard(chart)):
            for line in lines:
                if line.role is role and line.vat_code == code:
                    return _lengthened(line, account_length)
    raise Refused("account-missing", field="chart", value=chart.id, case=role.value, vat_code=vat_code or "-")


def complete_lines(chart: ChartOfAccounts) -> tuple[AccountLine, ...]:
    """All lines of a chart as they hold: its own, then those of its standard chart that it leaves as is."""
    own = {(line.role, line.vat_code) for line in chart.lines}
    return chart.lines + tuple(line for line in _standard(chart) if (line.role, line.vat_code) not in own)


def missing_roles(chart: ChartOfAccounts) -> tuple[Account, ...]:
    """The roles that have no account at all; a booking of such a case would stop an export."""
    there = {line.role for line in complete_lines(chart)}
    return tuple(role for role in Account if role not in there)


def demand_accounts_fit(chart: ChartOfAccounts, account_length: int) -> None:
    """Refuse a chart with an account that is longer than those of a client that books on it."""
    for line in chart.lines:
        _lengthened(line, account_length)


def demand_no_key_on_automatic_accounts(chart: ChartOfAccounts) -> None:
    """Refuse a tax key on an account that works out its tax by itself: DATEV would refuse the batch."""
    if chart.standard is None:
        return
    for line in chart.lines:
        if (
            line.tax_key
            and line.tax_key not in KEYS_FOR_AUTOMATIC_ACCOUNTS
            and _is_automatic(line.number, chart.standard)
        ):
            raise Refused(
                "tax-key-on-automatic-account",
                field="accounts.tax_key",
                value=line.tax_key,
                account=line.number,
            )


def rate_on(vat_code: VatCode, day: str, *, field: str = "vat_code") -> int:
    """The rate of a VAT code on a day, in basis points; ``Refused`` for a day before its first rate."""
    held = [rate.basis_points for rate in vat_code.rates if rate.valid_from <= day]
    if not held:
        raise Refused("vat-rate-missing", field=field, value=vat_code.code, day=day)
    return held[-1]


def number_text(series: NumberSeries, running: int, year: int) -> str:
    """``RE-HH-0001-26``: the ``running``-th number of a year; one that outgrows its digits is wider."""
    if running < 1:
        raise ValueError(f"numbers begin with 1, not {running}")
    parts = (series.prefix, series.branch_code, f"{running:0{series.digits}}", f"{year % 100:02}")
    return "-".join(filter(None, parts))


def number_masks(prefix: str, branch_code: str, widths: Iterable[int]) -> tuple[str, ...]:
    """``RE-HH-####-##`` for each width of a series' running numbers: how its numbers look in a payer's text.

    A mask is that of ``reconciliation.invoice_numbers``: ``#`` stands for a digit. Each width has one of its
    own, since "four or more" would also take what stands behind a number for a part of it.
    """
    return tuple("-".join(filter(None, (prefix, branch_code, "#" * width, "##"))).upper() for width in widths)


def _standard(chart: ChartOfAccounts) -> tuple[AccountLine, ...]:
    return STANDARD_LINES[chart.standard] if chart.standard else ()


def _lengthened(line: AccountLine, account_length: int) -> BookedOn:
    if line.role in PERSONAL and len(line.number) == account_length + 1:
        return BookedOn(line.number, line.tax_key)
    if len(line.number) > account_length:
        raise Refused(
            "account-too-long", field="chart", value=line.number, case=line.role.value, digits=account_length
        )
    return BookedOn(line.number.rjust(SHORTEST, "0").ljust(account_length, "0"), line.tax_key)


def _is_automatic(number: str, standard: StandardChart) -> bool:
    short = int(number.rjust(SHORTEST, "0")[:SHORTEST])
    return any(first <= short <= last for first, last in AUTOMATIC_RANGES[standard])
