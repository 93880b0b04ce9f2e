"""Clients, charts, VAT codes, settings and number series as rows, and back; keys are in ``books_store``."""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.aws.table import Row

from .books_model import (
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
)
from .entries import Account

CLIENTS, BRANCH_CLIENTS, CHARTS, VAT_CODES = "CLIENTS", "BRANCH-CLIENTS", "CHARTS", "VAT-CODES"
SETTINGS, SERIES, SERIES_NAMES = "CHAIN-SETTINGS", "SERIES", "SERIES-NAMES"


@dataclass(frozen=True, slots=True)
class SeriesName:
    """What the numbers of a series begin with, which belongs to one branch and kind for ever (LE-6).

    ``widths`` are the least and the most digits that its running numbers ever had: payers name old numbers
    too.
    """

    series: NumberSeries
    widths: tuple[int, int]


def client_row(client: Client) -> Row:
    """A client."""
    return {
        "pk": CLIENTS,
        "sk": client.id,
        "name": client.name,
        "client_number": client.client_number,
        "consultant_number": client.consultant_number,
        "consultant_name": client.consultant_name,
        "fiscal_year_start": client.fiscal_year_start,
        "account_length": client.account_length,
        "accounting_active": client.accounting_active,
        "chart": client.chart,
        "revision": client.revision,
    }


def client_from(row: Row) -> Client:
    """A client."""
    return Client(
        id=row["sk"],
        name=row["name"],
        client_number=row["client_number"],
        consultant_number=row["consultant_number"],
        consultant_name=row["consultant_name"],
        fiscal_year_start=row["fiscal_year_start"],
        account_length=row["account_length"],
        accounting_active=row["accounting_active"],
        chart=row["chart"],
        revision=row["revision"],
    )


def branch_client_row(link: BranchClient) -> Row:
    """Which client a branch belongs to."""
    return {"pk": BRANCH_CLIENTS, "sk": link.branch, "client": link.client, "revision": link.revision}


def branch_client_from(row: Row) -> BranchClient:
    """Which client a branch belongs to."""
    return BranchClient(row["sk"], row["client"], row["revision"])


def chart_row(chart: ChartOfAccounts) -> Row:
    """A chart with its own lines; those of its standard chart are not written."""
    return {
        "pk": CHARTS,
        "sk": chart.id,
        "name": chart.name,
        "standard": chart.standard.value if chart.standard else None,
        "lines": [[line.role.value, line.number, line.vat_code, line.tax_key] for line in chart.lines],
        "revision": chart.revision,
    }


def chart_from(row: Row) -> ChartOfAccounts:
    """A chart with its own lines."""
    return ChartOfAccounts(
        id=row["sk"],
        name=row["name"],
        standard=StandardChart(row["standard"]) if "standard" in row else None,
        lines=tuple(AccountLine(Account(role), *rest) for role, *rest in row["lines"]),
        revision=row["revision"],
    )


def vat_code_row(vat_code: VatCode) -> Row:
    """A VAT code with its rates."""
    return {
        "pk": VAT_CODES,
        "sk": vat_code.code,
        "description": vat_code.description,
        "rates": [[rate.valid_from, rate.basis_points] for rate in vat_code.rates],
        "revision": vat_code.revision,
    }


def vat_code_from(row: Row) -> VatCode:
    """A VAT code with its rates."""
    return VatCode(
        row["sk"], row["description"], tuple(VatRate(*rate) for rate in row["rates"]), row["revision"]
    )


def settings_row(settings: ChainSettings) -> Row:
    """The chain's settings."""
    fees = dict(settings.max_dunning_fees)
    return {"pk": SETTINGS, "sk": SETTINGS, "max_dunning_fees": fees, "revision": settings.revision}


def settings_from(row: Row) -> ChainSettings:
    """The chain's settings."""
    return ChainSettings(row["max_dunning_fees"], row["revision"])


def series_key(branch: str, kind: SeriesKind) -> tuple[str, str]:
    """Where a series lies."""
    return SERIES, f"{branch}#{kind.value}"


def series_row(series: NumberSeries) -> Row:
    """A number series as it numbers now."""
    pk, sk = series_key(series.branch, series.kind)
    return {
        "pk": pk,
        "sk": sk,
        "prefix": series.prefix,
        "branch_code": series.branch_code,
        "digits": series.digits,
        "revision": series.revision,
    }


def series_from(row: Row) -> NumberSeries:
    """A number series as it numbers now."""
    branch, _, kind = row["sk"].partition("#")
    return NumberSeries(
        branch=branch,
        kind=SeriesKind(kind),
        prefix=row["prefix"],
        branch_code=row["branch_code"],
        digits=row["digits"],
        revision=row["revision"],
    )


def series_name_row(name: SeriesName) -> Row:
    """To whom a series' name belongs."""
    least, most = name.widths
    return {
        "pk": SERIES_NAMES,
        "sk": name.series.name,
        "owner": name.series.owner,
        "branch": name.series.branch,
        "kind": name.series.kind.value,
        "prefix": name.series.prefix,
        "branch_code": name.series.branch_code,
        "least_digits": least,
        "most_digits": most,
    }


def series_name_from(row: Row) -> SeriesName:
    """To whom a series' name belongs."""
    series = NumberSeries(
        branch=row["branch"],
        kind=SeriesKind(row["kind"]),
        prefix=row["prefix"],
        branch_code=row["branch_code"],
        digits=row["least_digits"],
    )
    return SeriesName(series, (row["least_digits"], row["most_digits"]))


def counter_key(series_name: str, year: int) -> tuple[str, str]:
    """Where a series stands in a year."""
    return f"NUMBER#{series_name}#{year:04}", "COUNTER"
