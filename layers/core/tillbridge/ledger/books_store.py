"""How clients, charts, VAT codes, chain settings and number series live in DynamoDB, in the ledger's table.

    access pattern                            pk                          sk
    ----------------------------------------  --------------------------  ------------------
    a client; all clients by id               CLIENTS                     <client>
    the client of a branch; of all branches   BRANCH-CLIENTS              <branch>
    a chart; all charts that were written     CHARTS                      <chart>
    a VAT code; all that were written         VAT-CODES                   <code>
    what holds in the whole chain             CHAIN-SETTINGS              CHAIN-SETTINGS
    a number series; those of a branch        SERIES                      <branch>#<kind>
    who has a series' name, also a former one SERIES-NAMES                <folded name>
    where a series stands in a year           NUMBER#<folded name>#<year> COUNTER

Standard charts and VAT codes stand in the code and are written only when a chain changes them. A series' name
belongs to one branch and kind for ever, so no two series ever give the same number. The counter is changed in
the transaction that makes the document, under the condition that it still stands where it was read: a number
is taken by one document or by none (LE-6). Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.aws.table import (
    NEW,
    Check,
    Expects,
    Part,
    Put,
    Row,
    Table,
    Update,
    commit_unless_busy,
)

from . import books_rows as rows
from .books_model import (
    BranchClient,
    ChainSettings,
    ChartOfAccounts,
    Client,
    NumberSeries,
    SeriesKind,
    VatCode,
)
from .books_rows import SeriesName

NUMBER_LABEL = "number:"
"""What the labels of parts begin with that take a number."""


class BooksStore:
    """Reads the nouns of the books and makes the parts of transactions that write them."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def commit(self, *parts: Part) -> None:
        """Write the parts as one transaction; ``Unavailable`` when it only met another one under way."""
        commit_unless_busy(self.table.client, parts)

    # Clients and their branches

    def client(self, client_id: str) -> Client | None:
        """The client, if it was ever written down."""
        row = self.table.get((rows.CLIENTS, client_id))
        return rows.client_from(row) if row else None

    def clients(self, limit: int, cursor: str | None) -> tuple[list[Client], str | None]:
        """Clients by id, page by page."""
        page = self.table.query(rows.CLIENTS, limit=limit, cursor=cursor)
        return [rows.client_from(row) for row in page.rows], page.next_cursor

    def every_client(self) -> Iterator[Client]:
        """All clients by id."""
        return map(rows.client_from, self._all(rows.CLIENTS))

    def client_part(self, client: Client) -> Put:
        """The part that writes a client in the place of its revision before."""
        return self._written(rows.client_row(client), f"client {client.id}")

    def demand_client(self, client_id: str) -> Check:
        """The part that fails when the client does not exist."""
        return Check(self.table.name, (rows.CLIENTS, client_id), f"client {client_id}", Expects())

    def branch_client(self, branch: str) -> BranchClient | None:
        """The client of a branch, if it has one."""
        row = self.table.get((rows.BRANCH_CLIENTS, branch))
        return rows.branch_client_from(row) if row else None

    def branch_clients(self, limit: int, cursor: str | None) -> tuple[list[BranchClient], str | None]:
        """Branches and their clients by branch, page by page."""
        page = self.table.query(rows.BRANCH_CLIENTS, limit=limit, cursor=cursor)
        return [rows.branch_client_from(row) for row in page.rows], page.next_cursor

    def every_branch_client(self) -> Iterator[BranchClient]:
        """All branches that have a client, by branch."""
        return map(rows.branch_client_from, self._all(rows.BRANCH_CLIENTS))

    def branch_client_part(self, link: BranchClient) -> Put:
        """The part that gives a branch to a client."""
        return self._written(rows.branch_client_row(link), f"client of branch {link.branch}")

    # Charts, VAT codes, settings

    def chart(self, chart_id: str) -> ChartOfAccounts | None:
        """The chart as it was written, if it ever was."""
        row = self.table.get((rows.CHARTS, chart_id))
        return rows.chart_from(row) if row else None

    def charts(self) -> Iterator[ChartOfAccounts]:
        """All charts that were written, by id."""
        return map(rows.chart_from, self._all(rows.CHARTS))

    def chart_part(self, chart: ChartOfAccounts) -> Put:
        """The part that writes a chart in the place of its revision before."""
        return self._written(rows.chart_row(chart), f"chart {chart.id}")

    def vat_code(self, code: str) -> VatCode | None:
        """The VAT code as it was written, if it ever was."""
        row = self.table.get((rows.VAT_CODES, code))
        return rows.vat_code_from(row) if row else None

    def vat_codes(self) -> Iterator[VatCode]:
        """All VAT codes that were written, by code."""
        return map(rows.vat_code_from, self._all(rows.VAT_CODES))

    def vat_code_part(self, vat_code: VatCode) -> Put:
        """The part that writes a VAT code in the place of its revision before."""
        return self._written(rows.vat_code_row(vat_code), f"VAT code {vat_code.code}")

    def settings(self) -> ChainSettings:
        """What holds in the whole chain; no dunning fees before anybody has said otherwise."""
        row = self.table.get((rows.SETTINGS, rows.SETTINGS))
        return rows.settings_from(row) if row else ChainSettings()

    def settings_part(self, settings: ChainSettings) -> Put:
        """The part that writes the chain's settings in the place of their revision before."""
        return self._written(rows.settings_row(settings), "chain settings")

    # Number series

    def series(self, branch: str, kind: SeriesKind) -> NumberSeries | None:
        """How a branch numbers a kind of document, if anybody has said so."""
        row = self.table.get(rows.series_key(branch, kind))
        return rows.series_from(row) if row else None

    def series_of(self, branch: str) -> list[NumberSeries]:
        """The series of a branch, by kind."""
        return [rows.series_from(row) for row in self._all(rows.SERIES, f"{branch}#")]

    def series_name(self, name: str) -> SeriesName | None:
        """To whom a folded name belongs, if it was ever given away."""
        row = self.table.get((rows.SERIES_NAMES, name))
        return rows.series_name_from(row) if row else None

    def series_names(self) -> Iterator[SeriesName]:
        """All names that were ever given away, by name."""
        return map(rows.series_name_from, self._all(rows.SERIES_NAMES))

    def series_part(self, series: NumberSeries) -> Put:
        """The part that writes a series in the place of its revision before."""
        return self._written(rows.series_row(series), f"series {series.owner}")

    def series_name_part(self, series: NumberSeries, known: SeriesName | None) -> Put:
        """The part that gives a series its name; fails when it belongs to another one by now."""
        least, most = known.widths if known else (series.digits, series.digits)
        name = SeriesName(series, (min(least, series.digits), max(most, series.digits)))
        expects = Expects(equals={"owner": series.owner, "most_digits": most}) if known else NEW
        return Put(self.table.name, rows.series_name_row(name), f"series name {series.name}", expects)

    def widen(self, series: NumberSeries, digits: int) -> None:
        """Note that the running numbers of a series have outgrown their digits; never narrower again."""
        self.table.change(
            Update(
                self.table.name,
                (rows.SERIES_NAMES, series.name),
                f"series name {series.name}",
                set_={"most_digits": digits},
                expects=Expects(one_of={"most_digits": list(range(1, digits))}),
            )
        )

    def last_number(self, series_name: str, year: int) -> int:
        """The last running number that was taken in a year; 0 when none was."""
        row = self.table.get(rows.counter_key(series_name, year))
        return int(row["last"]) if row else 0

    def number_part(self, series_name: str, year: int, last: int, taken: int) -> Update:
        """The part that takes a running number, as long as ``last`` is still the last one."""
        return Update(
            self.table.name,
            rows.counter_key(series_name, year),
            f"{NUMBER_LABEL}{series_name}#{year}",
            set_={"last": taken},
            expects=Expects(equals={"last": last}) if last else NEW,
        )

    def _written(self, row: Row, label: str) -> Put:
        """The part that writes a row in the place of the one with the revision before; 1 is new."""
        before = row["revision"] - 1
        return Put(self.table.name, row, label, Expects(equals={"revision": before}) if before else NEW)

    def _all(self, pk: str, begins_with: str = "") -> Iterator[Row]:
        cursor = None
        while True:
            page = self.table.query(pk, begins_with=begins_with, cursor=cursor)
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return
