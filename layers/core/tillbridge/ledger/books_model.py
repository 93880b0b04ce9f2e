"""The nouns that the books of a chain rest on: clients, charts of accounts, VAT codes, number series; pure.

``revision`` counts how often a noun was written; 0 is what nobody has written: standard charts and rates.

A client (Mandant) is who keeps books of its own at the accountant's; every branch belongs to one. Roles of
accounts (``entries.Account``) become account numbers through the chart of the branch's client (LE-4, LE-6,
LE-7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from tillbridge.access.model import checked_id
from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.kernel.text import fold, single_line

from .entries import Account
from .model import WHOLE_BASIS_POINTS

CLIENT_NUMBERS = (1, 99_999)
CONSULTANT_NUMBERS = (1001, 9_999_999)
"""What DATEV takes as numbers of clients and consultants (EXTF header, fields 12 and 11)."""

ACCOUNT_LENGTHS = (4, 8)
"""Digits of an impersonal account (EXTF header, field 14)."""

MAX_RATES = 50
MAX_ACCOUNTS_OF_CHART = 500
ANY_VAT_CODE = "*"
"""Stands in a chart for every VAT code, and for none, that has no line of its own."""

_ACCOUNT_NUMBER = re.compile(r"(?!0+\Z)[0-9]{1,9}")
_TAX_KEY = re.compile(r"[0-9]{0,4}")
_VAT_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_PERCENT = re.compile(r"(?P<whole>0|[1-9][0-9]{0,2})(?:\.(?P<part>[0-9]{1,2}))?")
_PREFIX = re.compile(r"[A-Za-z]{1,10}")
_BRANCH_CODE = re.compile(r"[A-Za-z0-9]{0,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whose books they are, as the accountant knows them (LE-7).

    ``fiscal_year_start`` is ``MM-DD``; ``account_length`` the digits of an impersonal account. While
    ``accounting_active`` is false everything is booked all the same, but nothing is handed over.
    """

    id: str
    name: str
    client_number: int
    consultant_number: int
    consultant_name: str
    fiscal_year_start: str = "01-01"
    account_length: int = 4
    accounting_active: bool = True
    chart: str = "SKR03"
    revision: int = 0

    def __post_init__(self) -> None:
        checked_id(self.id, "client")
        checked_id(self.chart, "chart")
        object.__setattr__(self, "name", _filled(self.name, "name"))
        object.__setattr__(self, "consultant_name", _filled(self.consultant_name, "consultant_name"))
        _between(self.client_number, CLIENT_NUMBERS, "client_number")
        _between(self.consultant_number, CONSULTANT_NUMBERS, "consultant_number")
        _between(self.account_length, ACCOUNT_LENGTHS, "account_length")
        if not _is_day_of_every_year(self.fiscal_year_start):
            raise Refused(
                "fiscal-year-unreadable", field="fiscal_year_start", value=self.fiscal_year_start[:20]
            )


@dataclass(frozen=True, slots=True)
class BranchClient:
    """Which client a branch belongs to (LE-7); documents keep the client of the day they were made."""

    branch: str
    client: str
    revision: int = 0

    def __post_init__(self) -> None:
        checked_id(self.branch, "branch")
        checked_id(self.client, "client")


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """What holds in every branch of the chain.

    ``max_dunning_fees`` is by currency, in minor units: up to so much of an overpayment may be booked as a
    dunning fee (seed 002, "Maximalbetrag der Mahngebühr"). A currency that is not in it has none.
    """

    max_dunning_fees: Mapping[str, int] = field(default_factory=dict)
    revision: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_dunning_fees", MappingProxyType(dict(self.max_dunning_fees)))
        for currency, fee_minor in self.max_dunning_fees.items():
            if currency not in DECIMALS:
                raise Refused("currency-unknown", field="max_dunning_fees", value=currency[:20])
            _between(fee_minor, (0, MAX_MINOR - 1), "max_dunning_fees")

    def max_dunning_fee_minor(self, currency: str) -> int:
        """The most that is booked as a dunning fee without being told."""
        return self.max_dunning_fees.get(currency, 0)


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate in basis points (1900 = 19 %) and the first day on which it holds."""

    valid_from: str
    basis_points: int

    def __post_init__(self) -> None:
        parse_day(self.valid_from, field="rates.valid_from")
        _between(self.basis_points, (0, WHOLE_BASIS_POINTS), "rates.percent")


@dataclass(frozen=True, slots=True)
class VatCode:
    """A VAT code with its rates, oldest first; each holds until the next begins (LE-4)."""

    code: str
    description: str
    rates: tuple[VatRate, ...]
    revision: int = 0

    def __post_init__(self) -> None:
        checked_vat_code(self.code, "code")
        object.__setattr__(self, "description", _filled(self.description, "description"))
        days = [rate.valid_from for rate in self.rates]
        if not days or len(days) > MAX_RATES or days != sorted(set(days)):
            raise Refused("vat-rates-out-of-order", field="rates", value=" ".join(days), most=MAX_RATES)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of a chart: the account of a role (for a VAT code), and its tax key where it needs one."""

    role: Account
    number: str
    vat_code: str = ""
    tax_key: str = ""

    def __post_init__(self) -> None:
        if _ACCOUNT_NUMBER.fullmatch(self.number) is None:
            raise Refused("account-unreadable", field="accounts.number", value=self.number[:20])
        if _TAX_KEY.fullmatch(self.tax_key) is None:
            raise Refused("tax-key-unreadable", field="accounts.tax_key", value=self.tax_key[:20])
        if self.vat_code not in ("", ANY_VAT_CODE):
            checked_vat_code(self.vat_code, "accounts.vat_code")


class StandardChart(StrEnum):
    """The charts of accounts that German accountants use most (DATEV-Standardkontenrahmen)."""

    SKR03 = "SKR03"
    SKR04 = "SKR04"


@dataclass(frozen=True, slots=True)
class ChartOfAccounts:
    """Which account each role has: those of a standard chart, own lines before them (LE-4)."""

    id: str
    name: str
    standard: StandardChart | None = None
    lines: tuple[AccountLine, ...] = ()
    revision: int = 0

    def __post_init__(self) -> None:
        checked_id(self.id, "chart")
        object.__setattr__(self, "name", _filled(self.name, "name"))
        if len(self.lines) > MAX_ACCOUNTS_OF_CHART:
            raise Refused(
                "chart-too-large", field="accounts", value=len(self.lines), most=MAX_ACCOUNTS_OF_CHART
            )
        seen: set[tuple[Account, str]] = set()
        for line in self.lines:
            if (line.role, line.vat_code) in seen:
                raise Refused(
                    "account-twice", field="accounts", value=line.role.value, vat_code=line.vat_code or "-"
                )
            seen.add((line.role, line.vat_code))


class SeriesKind(StrEnum):
    """What is numbered (LE-6); each with the prefix that it usually has in German shops."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    INCOMING_INVOICE = "incoming-invoice"
    ORDER = "order"
    RECEIPT = "receipt"
    CASH_SLIP = "cash-slip"

    @property
    def usual_prefix(self) -> str:
        """``RE`` for invoices, ``GU`` for credit notes."""
        return _USUAL_PREFIXES[self]


_USUAL_PREFIXES = {
    SeriesKind.INVOICE: "RE",
    SeriesKind.CREDIT_NOTE: "GU",
    SeriesKind.INCOMING_INVOICE: "ER",
    SeriesKind.ORDER: "AU",
    SeriesKind.RECEIPT: "BON",
    SeriesKind.CASH_SLIP: "BLG",
}


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """How a branch numbers one kind of document: ``RE-HH-0001-26``, from 1 again every year (LE-6).

    Prefix and branch code hold no ``-``, so that a number tells its series: two series with different names
    never give the same number. A chain of one branch may leave the branch code out: ``RE-0001-26``.
    """

    branch: str
    kind: SeriesKind
    prefix: str
    branch_code: str = ""
    digits: int = 4
    revision: int = 0

    def __post_init__(self) -> None:
        checked_id(self.branch, "branch")
        if _PREFIX.fullmatch(self.prefix) is None:
            raise Refused("series-prefix-unreadable", field="prefix", value=self.prefix[:20])
        if _BRANCH_CODE.fullmatch(self.branch_code) is None:
            raise Refused("branch-code-unreadable", field="branch_code", value=self.branch_code[:40])
        _between(self.digits, (1, 9), "digits")

    @property
    def name(self) -> str:
        """What all its numbers begin with, folded: it belongs to this series for ever."""
        return fold("-".join(filter(None, (self.prefix, self.branch_code))))

    @property
    def owner(self) -> str:
        """The branch and kind whose series it is."""
        return f"{self.branch}/{self.kind.value}"


def checked_vat_code(text: str, field_name: str) -> str:
    """The text, if it is a VAT code; else ``Refused``."""
    if _VAT_CODE.fullmatch(text) is None:
        raise Refused("vat-code-unreadable", field=field_name, value=text[:40])
    return text


def parse_percent(text: str, field_name: str) -> int:
    """``10.7`` as basis points (1070); ``Refused`` for more than a hundred per cent or two decimals."""
    match = _PERCENT.fullmatch(text)
    basis_points = int(match["whole"]) * 100 + int((match["part"] or "").ljust(2, "0")) if match else -1
    if not 0 <= basis_points <= WHOLE_BASIS_POINTS:
        raise Refused("percent-unreadable", field=field_name, value=text[:20])
    return basis_points


def percent_text(basis_points: int) -> str:
    """``10.7`` for 1070 basis points."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02}".rstrip("0").rstrip(".")


def _is_day_of_every_year(text: str) -> bool:
    try:
        parse_day(f"2001-{text}")  # a year without 29 February
    except Refused:
        return False
    return True


def _filled(text: str, field_name: str) -> str:
    line = single_line(text, field=field_name, max_chars=100)
    if not line:
        raise Refused("text-is-empty", field=field_name, value=text)
    return line


def _between(number: int, bounds: tuple[int, int], field_name: str) -> None:
    least, most = bounds
    if not least <= number <= most:
        raise Refused("number-out-of-range", field=field_name, value=number, least=least, most=most)
