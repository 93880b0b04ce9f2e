"""The sentences of the books: clients, charts of accounts, VAT codes, chain settings, number series.

Those with a caller ask for permission first: what a chart or a rate says holds in every branch, so changing
it needs all branches, and whoever may read books anywhere reads it. Those without one are for other rooms,
which have asked themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tillbridge.access.model import ALL_BRANCHES, Caller
from tillbridge.access.rules import Act, require, require_role
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, Part, Update
from tillbridge.kernel.calendar import local_day, parse_day
from tillbridge.kernel.errors import Conflict, NotFound, Refused
from tillbridge.kernel.text import fold

from . import books_rules as rules
from .books_model import (
    ANY_VAT_CODE,
    BranchClient,
    ChainSettings,
    ChartOfAccounts,
    Client,
    NumberSeries,
    SeriesKind,
    StandardChart,
    VatCode,
)
from .books_store import NUMBER_LABEL, BooksStore
from .standard_charts import VAT_CODES, standard_chart

PAGE_SIZE = 50
NUMBERS_ASKED_AT_ONCE = 100
"""So many numbers at once are looked up among the documents when some were given by hand."""

PAID_AT_THE_BANK = frozenset({SeriesKind.INVOICE, SeriesKind.CREDIT_NOTE, SeriesKind.INCOMING_INVOICE})
"""What people name when they pay: the series whose numbers are looked for in bank statements."""


@dataclass(frozen=True, slots=True)
class SeriesStand:
    """A number series and where it stands in its branch's present year (0: nothing is numbered yet)."""

    series: NumberSeries
    year: int
    last: int


def number_was_taken(conflict: CommitConflict) -> bool:
    """True when somebody else took the number meanwhile: ask ``next_number`` again and commit anew."""
    return any(label.startswith(NUMBER_LABEL) for label in (*conflict.failed, *conflict.contended))


class BooksService:
    """Clients, charts of accounts, VAT codes, chain settings and number series."""

    def __init__(self, store: BooksStore, access: AccessService, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._access = access
        self._clock = clock

    # Clients and their branches

    def put_client(self, caller: Caller, client: Client) -> Client:
        """Write a client down, new or changed; the same once more changes nothing (LE-7)."""
        require(caller, Act.MANAGE_BOOKS, None)
        former = self._store.client(client.id)
        if former is not None and replace(client, revision=former.revision) == former:
            return former
        rules.demand_accounts_fit(self.chart(client.chart), client.account_length)
        revised = replace(client, revision=former.revision + 1 if former else 1)
        facts = {
            "chart": revised.chart,
            "client_number": str(revised.client_number),
            "consultant_number": str(revised.consultant_number),
            "account_length": str(revised.account_length),
            "fiscal_year_start": revised.fiscal_year_start,
            "accounting_active": str(revised.accounting_active).lower(),
        }
        self._write(caller, ("client", client.id), facts, revised.revision, self._store.client_part(revised))
        return revised

    def visible_client(self, caller: Caller, client_id: str) -> Client:
        """A client of which the caller covers a branch; any, for who covers all."""
        require_role(caller, Act.READ_BOOKS)
        if caller.branches is not ALL_BRANCHES and not any(map(caller.covers, self.branches_of(client_id))):
            raise NotFound("client-not-found", field="client", value=client_id)
        return self.client(client_id)

    def list_clients(
        self, caller: Caller, *, limit: int = PAGE_SIZE, cursor: str | None = None
    ) -> tuple[list[Client], str | None]:
        """The clients of which the caller covers a branch, by id; page by page for who covers all."""
        require_role(caller, Act.READ_BOOKS)
        if caller.branches is ALL_BRANCHES:
            return self._store.clients(limit, cursor)
        own = {link.client for link in self._store.every_branch_client() if caller.covers(link.branch)}
        return [client for client in self._store.every_client() if client.id in own], None

    def assign_branch(self, caller: Caller, branch: str, client_id: str) -> BranchClient:
        """Give a branch to a client; its documents until now keep the client of their day (LE-7)."""
        require(caller, Act.MANAGE_BOOKS, None)
        self._access.branch(branch)
        self.client(client_id)
        former = self._store.branch_client(branch)
        if former is not None and former.client == client_id:
            return former
        link = BranchClient(branch, client_id, former.revision + 1 if former else 1)
        facts = {"client": client_id, "former": former.client if former else "-"}
        parts = (self._store.branch_client_part(link), self._store.demand_client(client_id))
        self._write(caller, ("branch-client", branch), facts, link.revision, *parts, branch=branch)
        return link

    def branch_client(self, caller: Caller, branch: str) -> BranchClient:
        """The client of a branch that the caller covers; a foreign branch is as good as none."""
        require_role(caller, Act.READ_BOOKS)
        if not caller.covers(branch):
            raise NotFound("branch-not-found", field="branch", value=branch)
        self._access.branch(branch)
        link = self._store.branch_client(branch)
        if link is None:
            raise NotFound("branch-without-client", field="branch", value=branch)
        return link

    def list_branch_clients(
        self, caller: Caller, *, limit: int = PAGE_SIZE, cursor: str | None = None
    ) -> tuple[list[BranchClient], str | None]:
        """The caller's branches with their clients, by branch; page by page for who covers all."""
        require_role(caller, Act.READ_BOOKS)
        if caller.branches is ALL_BRANCHES:
            return self._store.branch_clients(limit, cursor)
        return [link for link in self._store.every_branch_client() if caller.covers(link.branch)], None

    # Charts, VAT codes, settings

    def put_chart(self, caller: Caller, chart: ChartOfAccounts) -> ChartOfAccounts:
        """Write a chart down, new or changed; refused where its clients' books could not take it (LE-4)."""
        require(caller, Act.MANAGE_BOOKS, None)
        former = self._store.chart(chart.id) or _standard_chart(chart.id)
        if former is not None and replace(chart, revision=former.revision) == former:
            return former
        self._demand_chart(chart)
        revised = replace(chart, revision=former.revision + 1 if former else 1)
        facts = {
            "standard": revised.standard.value if revised.standard else "-",
            "accounts": str(len(revised.lines)),
        }
        self._write(caller, ("chart", chart.id), facts, revised.revision, self._store.chart_part(revised))
        return revised

    def visible_chart(self, caller: Caller, chart_id: str) -> ChartOfAccounts:
        """A chart; ``books_rules.complete_lines`` has all its accounts."""
        require_role(caller, Act.READ_BOOKS)
        return self.chart(chart_id)

    def list_charts(self, caller: Caller) -> list[ChartOfAccounts]:
        """All charts by id, the standard ones among them."""
        require_role(caller, Act.READ_BOOKS)
        charts = {one.value: standard_chart(one) for one in StandardChart}
        charts |= {chart.id: chart for chart in self._store.charts()}
        return [charts[chart_id] for chart_id in sorted(charts)]

    def put_vat_code(self, caller: Caller, vat_code: VatCode) -> VatCode:
        """Write a VAT code down, new or changed; what is booked keeps its rate (LE-4)."""
        require(caller, Act.MANAGE_BOOKS, None)
        former = self._store.vat_code(vat_code.code) or VAT_CODES.get(vat_code.code)
        if former is not None and replace(vat_code, revision=former.revision) == former:
            return former
        revised = replace(vat_code, revision=former.revision + 1 if former else 1)
        rates = " ".join(f"{rate.valid_from}:{rate.basis_points}" for rate in revised.rates)
        part = self._store.vat_code_part(revised)
        self._write(caller, ("vat-code", vat_code.code), {"rates": rates}, revised.revision, part)
        return revised

    def visible_vat_code(self, caller: Caller, code: str) -> VatCode:
        """A VAT code with its rates."""
        require_role(caller, Act.READ_BOOKS)
        return self.vat_code(code)

    def list_vat_codes(self, caller: Caller) -> list[VatCode]:
        """All VAT codes, by code, the German ones among them."""
        require_role(caller, Act.READ_BOOKS)
        return [code for _, code in sorted(self.vat_codes().items())]

    def put_settings(self, caller: Caller, settings: ChainSettings) -> ChainSettings:
        """Say what holds in the whole chain; the same once more changes nothing."""
        require(caller, Act.MANAGE_BOOKS, None)
        former = self._store.settings()
        if replace(settings, revision=former.revision) == former:
            return former
        revised = replace(settings, revision=former.revision + 1)
        facts = {
            f"max_dunning_fee_{currency}": str(fee_minor)
            for currency, fee_minor in sorted(revised.max_dunning_fees.items())
        }
        part = self._store.settings_part(revised)
        self._write(caller, ("chain-settings", "chain"), facts, revised.revision, part)
        return revised

    def visible_settings(self, caller: Caller) -> ChainSettings:
        """What holds in the whole chain."""
        require_role(caller, Act.READ_BOOKS)
        return self._store.settings()

    # Number series

    def put_series(self, caller: Caller, series: NumberSeries) -> SeriesStand:
        """Say how a branch numbers a kind of document; ``Conflict`` for a name that others have (LE-6)."""
        require(caller, Act.MANAGE_BOOKS, series.branch)
        self._access.branch(series.branch)
        former = self._store.series(series.branch, series.kind)
        if former is not None and replace(series, revision=former.revision) == former:
            return self._stand(former)
        known = self._store.series_name(series.name)
        if known is not None and known.series.owner != series.owner:
            raise Conflict("series-name-taken", field="prefix", value=_shown_name(series))
        revised = replace(series, revision=former.revision + 1 if former else 1)
        facts = {"example": rules.number_text(revised, 1, self._year(series.branch))}
        parts = (self._store.series_part(revised), self._store.series_name_part(revised, known))
        subject = ("number-series", series.owner)
        self._write(caller, subject, facts, revised.revision, *parts, branch=series.branch)
        return self._stand(revised)

    def list_series(self, caller: Caller, branch: str) -> list[SeriesStand]:
        """The series of a branch by kind, with the last number of the present year."""
        require(caller, Act.READ_BOOKS, branch)
        self._access.branch(branch)
        return [self._stand(series) for series in self._store.series_of(branch)]

    # For other rooms

    def client_of(self, branch: str) -> str:
        """The id of the client whose books a branch belongs to; ``Refused`` for a branch without one."""
        link = self._store.branch_client(branch)
        if link is None:
            raise Refused("branch-without-client", field="branch", value=branch)
        return link.client

    def client(self, client_id: str) -> Client:
        """A client; ``NotFound`` if there is none."""
        found = self._store.client(client_id)
        if found is None:
            raise NotFound("client-not-found", field="client", value=client_id)
        return found

    def branches_of(self, client_id: str) -> tuple[str, ...]:
        """The branches of a client, by id."""
        return tuple(link.branch for link in self._store.every_branch_client() if link.client == client_id)

    def chart(self, chart_id: str) -> ChartOfAccounts:
        """A chart, written or standard; ``NotFound`` if there is none."""
        found = self._store.chart(chart_id) or _standard_chart(chart_id)
        if found is None:
            raise NotFound("chart-not-found", field="chart", value=chart_id)
        return found

    def vat_code(self, code: str) -> VatCode:
        """A VAT code, written or standard, for ``books_rules.rate_on``; ``NotFound`` if there is none."""
        found = self._store.vat_code(code) or VAT_CODES.get(code)
        if found is None:
            raise NotFound("vat-code-not-found", field="vat_code", value=code)
        return found

    def vat_codes(self) -> Mapping[str, VatCode]:
        """Every VAT code by its code."""
        return {**VAT_CODES, **{one.code: one for one in self._store.vat_codes()}}

    def chain_settings(self) -> ChainSettings:
        """What holds in the whole chain."""
        return self._store.settings()

    def number_masks(self, branches: Iterable[str]) -> tuple[str, ...]:
        """How the numbers of these branches' invoices look, also of former series: ``RE-HH-####-##``.

        The masks are those of ``reconciliation.invoice_numbers``.
        """
        wanted = frozenset(branches)
        masks = [
            mask
            for name in self._store.series_names()
            if name.series.branch in wanted and name.series.kind in PAID_AT_THE_BANK
            for mask in rules.number_masks(
                name.series.prefix, name.series.branch_code, range(name.widths[0], name.widths[1] + 1)
            )
        ]
        return tuple(dict.fromkeys(masks))

    def next_number(
        self,
        branch: str,
        kind: SeriesKind,
        day: str,
        *,
        recorded: Callable[[Sequence[str]], Collection[str]] | None = None,
    ) -> tuple[str, Update]:
        """The next number of a branch's series, and the part that takes it in the document's transaction.

        ``day`` is the document's local day; its year has numbers of its own. The number is used when the
        transaction is written, and free again when it is not. The part (label ``number:…``) fails where
        another document took the number first: see ``number_was_taken``.

        Numbers that were given by hand may stand in the way. ``recorded`` (``LedgerService.documents``) says
        which of some numbers have a document, by folded numbers; those are passed over. It is needed only
        after a number of the series proved to be another document's.
        """
        series = self._store.series(branch, kind)
        if series is None:
            raise Refused("series-missing", field="number", value=kind.value, branch=branch)
        year = int(parse_day(day)[:4])
        last = self._store.last_number(series.name, year)
        running = last + 1
        if recorded is not None:
            running = _first_free(series, running, year, recorded)
        if len(str(running)) > series.digits:
            self._store.widen(series, len(str(running)))
        part = self._store.number_part(series.name, year, last, running)
        return rules.number_text(series, running, year), part

    def _demand_chart(self, chart: ChartOfAccounts) -> None:
        standard = _standard_chart(chart.id)
        if standard is not None and chart.standard is not standard.standard:
            given = chart.standard.value if chart.standard else "-"
            raise Refused("chart-is-standard", field="standard", value=given, chart=chart.id)
        rules.demand_no_key_on_automatic_accounts(chart)
        codes = self.vat_codes()
        for line in chart.lines:
            if line.vat_code not in ("", ANY_VAT_CODE) and line.vat_code not in codes:
                raise NotFound("vat-code-not-found", field="accounts.vat_code", value=line.vat_code)
        for client in self._store.every_client():
            if client.chart == chart.id:
                rules.demand_accounts_fit(chart, client.account_length)

    def _stand(self, series: NumberSeries) -> SeriesStand:
        year = self._year(series.branch)
        return SeriesStand(series, year, self._store.last_number(series.name, year))

    def _year(self, branch: str) -> int:
        return int(local_day(self._clock(), self._access.branch(branch).time_zone)[:4])

    def _write(
        self,
        caller: Caller,
        subject: tuple[str, str],
        facts: Mapping[str, str],
        revision: int,
        *parts: Part,
        branch: str | None = None,
    ) -> None:
        """Write an act with its note; ``Conflict`` when somebody else changed the same thing meanwhile."""
        kind, name = subject
        note = self._access.audit_part(
            actor=caller.username,
            act=Act.MANAGE_BOOKS,
            subject=f"{kind}/{name}",
            branch=branch,
            facts={"revision": str(revision), **facts},
        )
        try:
            self._store.commit(*parts, note)
        except CommitConflict as conflict:
            raise Conflict("books-changed-meanwhile", field=kind.replace("-", "_"), value=name) from conflict


def _first_free(
    series: NumberSeries, running: int, year: int, recorded: Callable[[Sequence[str]], Collection[str]]
) -> int:
    while True:
        asked = range(running, running + NUMBERS_ASKED_AT_ONCE)
        numbers = {rules.number_text(series, one, year): one for one in asked}
        taken = set(recorded(list(numbers)))
        free = [one for number, one in numbers.items() if fold(number) not in taken]
        if free:
            return free[0]
        running += NUMBERS_ASKED_AT_ONCE


def _standard_chart(chart_id: str) -> ChartOfAccounts | None:
    return standard_chart(StandardChart(chart_id)) if chart_id in set(StandardChart) else None


def _shown_name(series: NumberSeries) -> str:
    return "-".join(filter(None, (series.prefix, series.branch_code)))
