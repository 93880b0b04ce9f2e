"""What requests and answers about clients, charts, VAT codes, settings and number series look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from tillbridge.access.schemas import Id
from tillbridge.http.shapes import NextCursor, Wire
from tillbridge.kernel.money import Money

from .books_model import (
    ACCOUNT_LENGTHS,
    CLIENT_NUMBERS,
    CONSULTANT_NUMBERS,
    MAX_ACCOUNTS_OF_CHART,
    MAX_RATES,
    AccountLine,
    BranchClient,
    ChainSettings,
    ChartOfAccounts,
    Client,
    NumberSeries,
    SeriesKind,
    StandardChart,
    VatCode,
    VatRate,
    parse_percent,
    percent_text,
)
from .books_rules import complete_lines, missing_roles, number_text
from .entries import Account

VAT_CODE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$"
VatCodeText = Annotated[
    str, Field(pattern=VAT_CODE_PATTERN, description="1 to 20 letters, digits, `-`, `_` or `.`")
]
Text = Annotated[str, Field(max_length=100, description="One line of printable characters, not empty")]
Percent = Annotated[
    str, Field(max_length=20, description="With a dot and at most two decimals", examples=["19", "10.7"])
]
Currency = Annotated[str, Field(max_length=3, description="ISO 4217")]
Amount = Annotated[
    str,
    Field(
        pattern=r"^[0-9]+(\.[0-9]+)?$",
        max_length=20,
        description="With a dot and at most the currency's decimals",
        examples=["5.00"],
    ),
]


class ClientBody(Wire):
    """A client as it shall be."""

    name: Text = Field(examples=["Muster Optik GmbH"])
    client_number: int = Field(ge=CLIENT_NUMBERS[0], le=CLIENT_NUMBERS[1], description="At the accountant's")
    consultant_number: int = Field(ge=CONSULTANT_NUMBERS[0], le=CONSULTANT_NUMBERS[1])
    consultant_name: Text
    fiscal_year_start: str = Field(default="01-01", max_length=20, description="`MM-DD`")
    account_length: int = Field(
        default=4,
        ge=ACCOUNT_LENGTHS[0],
        le=ACCOUNT_LENGTHS[1],
        description="Digits of an impersonal account; shorter accounts of a chart get noughts behind them",
    )
    accounting_active: bool = Field(
        default=True, description="`false`: everything is booked, nothing is handed over to the accountant"
    )
    chart: Id = Field(default=StandardChart.SKR03.value, description="The chart of accounts")

    def client(self, client_id: str) -> Client:
        """The client in the room's own words."""
        return Client(id=client_id, **self.model_dump())


class ClientAnswer(Wire):
    """A client as it stands."""

    id: str
    name: str
    client_number: int
    consultant_number: int
    consultant_name: str
    fiscal_year_start: str
    account_length: int
    accounting_active: bool
    chart: str
    revision: int

    @classmethod
    def of(cls, client: Client) -> ClientAnswer:
        """The answer for a client."""
        return cls(
            id=client.id,
            name=client.name,
            client_number=client.client_number,
            consultant_number=client.consultant_number,
            consultant_name=client.consultant_name,
            fiscal_year_start=client.fiscal_year_start,
            account_length=client.account_length,
            accounting_active=client.accounting_active,
            chart=client.chart,
            revision=client.revision,
        )


class ClientsAnswer(Wire):
    """A page of clients."""

    clients: list[ClientAnswer]
    next: NextCursor


class BranchClientBody(Wire):
    """Whose books a branch shall belong to."""

    client: Id


class BranchClientAnswer(Wire):
    """Whose books a branch belongs to."""

    branch: str
    client: str
    revision: int

    @classmethod
    def of(cls, link: BranchClient) -> BranchClientAnswer:
        """The answer for a branch."""
        return cls(branch=link.branch, client=link.client, revision=link.revision)


class BranchClientsAnswer(Wire):
    """A page of branches with their clients."""

    branch_clients: list[BranchClientAnswer]
    next: str | None


class AccountShape(Wire):
    """One account of a chart."""

    role: Account = Field(strict=False, description="What the account is for")
    number: str = Field(max_length=20, examples=["8400"])
    vat_code: VatCodeText | Literal["", "*"] = Field(
        default="", description="Empty: bookings without a VAT code; `*`: every code that has no line"
    )
    tax_key: str = Field(default="", max_length=20, description="Empty on accounts that know their tax")

    def line(self) -> AccountLine:
        """The line in the room's own words."""
        return AccountLine(self.role, self.number, self.vat_code, self.tax_key)


class ChartBody(Wire):
    """A chart of accounts as it shall be."""

    name: Text
    standard: Literal["SKR03", "SKR04"] | None = Field(
        default=None, description="The standard chart that it stands on; null: all accounts are its own"
    )
    accounts: Annotated[list[AccountShape], Field(max_length=MAX_ACCOUNTS_OF_CHART)] = Field(
        default=[], description="Its own accounts; they go before those of the standard chart"
    )

    def chart(self, chart_id: str) -> ChartOfAccounts:
        """The chart in the room's own words."""
        return ChartOfAccounts(
            chart_id,
            self.name,
            StandardChart(self.standard) if self.standard else None,
            tuple(account.line() for account in self.accounts),
        )


class AccountAnswer(Wire):
    """One account of a chart as it holds."""

    role: Account
    number: str
    vat_code: str
    tax_key: str
    own: bool = Field(description="`false`: it comes from the standard chart")


class ChartSummary(Wire):
    """A chart of accounts without its accounts."""

    id: str
    name: str
    standard: StandardChart | None
    revision: int = Field(description="0: the standard chart as it is")

    @classmethod
    def of(cls, chart: ChartOfAccounts) -> ChartSummary:
        """The summary of a chart."""
        return cls(id=chart.id, name=chart.name, standard=chart.standard, revision=chart.revision)


class ChartAnswer(ChartSummary):
    """A chart of accounts with every account as it holds."""

    accounts: list[AccountAnswer]
    missing: list[Account] = Field(description="What has no account at all: it would stop an export")

    @classmethod
    def of(cls, chart: ChartOfAccounts) -> ChartAnswer:
        """The answer for a chart."""
        own = set(chart.lines)
        return cls(
            id=chart.id,
            name=chart.name,
            standard=chart.standard,
            revision=chart.revision,
            accounts=[
                AccountAnswer(
                    role=line.role,
                    number=line.number,
                    vat_code=line.vat_code,
                    tax_key=line.tax_key,
                    own=line in own,
                )
                for line in complete_lines(chart)
            ],
            missing=list(missing_roles(chart)),
        )


class ChartsAnswer(Wire):
    """All charts of accounts."""

    charts: list[ChartSummary]


class RateShape(Wire):
    """A rate and the first day on which it holds."""

    valid_from: str = Field(max_length=20, description="`YYYY-MM-DD`", examples=["2021-01-01"])
    percent: Percent


class VatCodeBody(Wire):
    """A VAT code as it shall be."""

    description: Text
    rates: Annotated[list[RateShape], Field(min_length=1, max_length=MAX_RATES)] = Field(
        description="Oldest first; each holds until the next begins"
    )

    def vat_code(self, code: str) -> VatCode:
        """The VAT code in the room's own words."""
        rates = tuple(
            VatRate(rate.valid_from, parse_percent(rate.percent, "rates.percent")) for rate in self.rates
        )
        return VatCode(code, self.description, rates)


class VatCodeAnswer(Wire):
    """A VAT code as it stands."""

    code: str
    description: str
    rates: list[RateShape]
    revision: int = Field(description="0: the German rates as they are")

    @classmethod
    def of(cls, vat_code: VatCode) -> VatCodeAnswer:
        """The answer for a VAT code."""
        return cls(
            code=vat_code.code,
            description=vat_code.description,
            rates=[
                RateShape(valid_from=rate.valid_from, percent=percent_text(rate.basis_points))
                for rate in vat_code.rates
            ],
            revision=vat_code.revision,
        )


class VatCodesAnswer(Wire):
    """All VAT codes."""

    vat_codes: list[VatCodeAnswer]


class ChainSettingsBody(Wire):
    """What shall hold in the whole chain."""

    max_dunning_fees: Annotated[dict[Currency, Amount], Field(max_length=200)] = Field(
        description="By currency: so much of an overpayment may become a dunning fee by itself; a currency "
        "that is left out has none",
        examples=[{"EUR": "5.00"}],
    )

    def settings(self) -> ChainSettings:
        """The settings in the room's own words."""
        return ChainSettings(
            {
                currency: Money.parse(amount, currency, field=f"max_dunning_fees.{currency}").amount_minor
                for currency, amount in self.max_dunning_fees.items()
            }
        )


class ChainSettingsAnswer(Wire):
    """What holds in the whole chain."""

    max_dunning_fees: dict[str, str]
    revision: int

    @classmethod
    def of(cls, settings: ChainSettings) -> ChainSettingsAnswer:
        """The answer for the chain's settings."""
        return cls(max_dunning_fees=_decimal(settings.max_dunning_fees), revision=settings.revision)


class NumberSeriesBody(Wire):
    """How a branch shall number a kind of document."""

    prefix: str | None = Field(
        default=None, max_length=20, description="Letters; null: the usual one, such as `RE`", examples=["RE"]
    )
    branch_code: str = Field(
        default="", max_length=40, description="Letters and digits; empty in a chain of one branch"
    )
    digits: int = Field(default=4, ge=1, le=9, description="The running number has at least so many")

    def series(self, branch: str, kind: SeriesKind) -> NumberSeries:
        """The series in the room's own words."""
        prefix = kind.usual_prefix if self.prefix is None else self.prefix
        return NumberSeries(branch, kind, prefix, self.branch_code, self.digits)


class NumberSeriesAnswer(Wire):
    """How a branch numbers a kind of document, and where it stands."""

    branch: str
    kind: SeriesKind
    prefix: str
    branch_code: str
    digits: int
    last_number: str | None = Field(description="The last one of the present year; null before the first")
    next_number: str = Field(description="What the next document of the present year gets")
    revision: int

    @classmethod
    def of(cls, series: NumberSeries, year: int, last: int) -> NumberSeriesAnswer:
        """The answer for a series that stands at ``last`` in a year."""
        return cls(
            branch=series.branch,
            kind=series.kind,
            prefix=series.prefix,
            branch_code=series.branch_code,
            digits=series.digits,
            last_number=number_text(series, last, year) if last else None,
            next_number=number_text(series, last + 1, year),
            revision=series.revision,
        )


class NumberSeriesListAnswer(Wire):
    """The number series of a branch."""

    number_series: list[NumberSeriesAnswer]


def _decimal(amounts: Mapping[str, int]) -> dict[str, str]:
    return {currency: Money(minor, currency).decimal_text() for currency, minor in sorted(amounts.items())}
