"""HTTP: clients, charts of accounts, VAT codes, chain settings and number series."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from tillbridge import wiring
from tillbridge.access.refusals import REFUSALS as ACCESS_REFUSALS
from tillbridge.access.schemas import Id
from tillbridge.http.answers import answers
from tillbridge.http.callers import caller
from tillbridge.http.entry import entry
from tillbridge.http.resolver import build_resolver
from tillbridge.http.shapes import Cursor, Limit
from tillbridge.ledger.books import SeriesStand
from tillbridge.ledger.books_model import SeriesKind
from tillbridge.ledger.books_schemas import (
    BranchClientAnswer,
    BranchClientBody,
    BranchClientsAnswer,
    ChainSettingsAnswer,
    ChainSettingsBody,
    ChartAnswer,
    ChartBody,
    ChartsAnswer,
    ChartSummary,
    ClientAnswer,
    ClientBody,
    ClientsAnswer,
    NumberSeriesAnswer,
    NumberSeriesBody,
    NumberSeriesListAnswer,
    VatCodeAnswer,
    VatCodeBody,
    VatCodesAnswer,
    VatCodeText,
)
from tillbridge.ledger.refusals import REFUSALS

app = build_resolver("Books", ACCESS_REFUSALS, REFUSALS)

BranchId = Annotated[Id, Path(description="The branch's id")]
ClientId = Annotated[Id, Path(description="The client's id")]
ChartId = Annotated[Id, Path(description="The chart's id; `SKR03` and `SKR04` are always there")]
CodePath = Annotated[
    VatCodeText, Path(description="The VAT code; `STANDARD`, `REDUCED`, `EXEMPT` are always there")
]


@app.get("/clients", tags=["Books"], summary="List clients", responses=answers(ClientsAnswer))
def list_clients(limit: Limit = 50, cursor: Cursor = None) -> ClientsAnswer:
    """The clients (whose books they are at the accountant's) of the caller's branches, by id."""
    clients, following = wiring.books().list_clients(caller(app), limit=limit, cursor=cursor)
    return ClientsAnswer(clients=[ClientAnswer.of(client) for client in clients], next=following)


@app.get("/clients/<client>", tags=["Books"], summary="Read a client", responses=answers(ClientAnswer))
def get_client(client: ClientId) -> ClientAnswer:
    """A client to which a branch of the caller's belongs."""
    return ClientAnswer.of(wiring.books().visible_client(caller(app), client))


@app.put(
    "/clients/<client>",
    tags=["Books"],
    summary="Write down a client",
    responses=answers(ClientAnswer, conflict=True),
)
def put_client(client: ClientId, body: ClientBody) -> ClientAnswer:
    """A new client, or an existing one as it shall be from now on."""
    return ClientAnswer.of(wiring.books().put_client(caller(app), body.client(client)))


@app.get(
    "/branch-clients",
    tags=["Books"],
    summary="List branches with their clients",
    responses=answers(BranchClientsAnswer),
)
def list_branch_clients(limit: Limit = 50, cursor: Cursor = None) -> BranchClientsAnswer:
    """To which client each of the caller's branches belongs, by branch; those without one are left out."""
    links, following = wiring.books().list_branch_clients(caller(app), limit=limit, cursor=cursor)
    return BranchClientsAnswer(branch_clients=[BranchClientAnswer.of(link) for link in links], next=following)


@app.get(
    "/branch-clients/<branch>",
    tags=["Books"],
    summary="Read the client of a branch",
    responses=answers(BranchClientAnswer),
)
def get_branch_client(branch: BranchId) -> BranchClientAnswer:
    """To which client a branch of the caller's belongs."""
    return BranchClientAnswer.of(wiring.books().branch_client(caller(app), branch))


@app.put(
    "/branch-clients/<branch>",
    tags=["Books"],
    summary="Give a branch to a client",
    responses=answers(BranchClientAnswer, conflict=True),
)
def put_branch_client(branch: BranchId, body: BranchClientBody) -> BranchClientAnswer:
    """From now on the branch's documents belong to this client's books; older ones stay where they are."""
    return BranchClientAnswer.of(wiring.books().assign_branch(caller(app), branch, body.client))


@app.get("/charts", tags=["Books"], summary="List charts of accounts", responses=answers(ChartsAnswer))
def list_charts() -> ChartsAnswer:
    """All charts of accounts, by id."""
    charts = wiring.books().list_charts(caller(app))
    return ChartsAnswer(charts=[ChartSummary.of(chart) for chart in charts])


@app.get(
    "/charts/<chart>", tags=["Books"], summary="Read a chart of accounts", responses=answers(ChartAnswer)
)
def get_chart(chart: ChartId) -> ChartAnswer:
    """A chart with every account as it holds: its own, then those of its standard chart."""
    return ChartAnswer.of(wiring.books().visible_chart(caller(app), chart))


@app.put(
    "/charts/<chart>",
    tags=["Books"],
    summary="Write down a chart of accounts",
    responses=answers(ChartAnswer, conflict=True),
)
def put_chart(chart: ChartId, body: ChartBody) -> ChartAnswer:
    """A new chart, or an existing one as it shall be; what is booked gets its account when it is exported."""
    return ChartAnswer.of(wiring.books().put_chart(caller(app), body.chart(chart)))


@app.get("/vat-codes", tags=["Books"], summary="List VAT codes", responses=answers(VatCodesAnswer))
def list_vat_codes() -> VatCodesAnswer:
    """All VAT codes with their rates, by code."""
    codes = wiring.books().list_vat_codes(caller(app))
    return VatCodesAnswer(vat_codes=[VatCodeAnswer.of(code) for code in codes])


@app.get("/vat-codes/<code>", tags=["Books"], summary="Read a VAT code", responses=answers(VatCodeAnswer))
def get_vat_code(code: CodePath) -> VatCodeAnswer:
    """A VAT code with its rates."""
    return VatCodeAnswer.of(wiring.books().visible_vat_code(caller(app), code))


@app.put(
    "/vat-codes/<code>",
    tags=["Books"],
    summary="Write down a VAT code",
    responses=answers(VatCodeAnswer, conflict=True),
)
def put_vat_code(code: CodePath, body: VatCodeBody) -> VatCodeAnswer:
    """A new VAT code, or an existing one as it shall be; what is booked keeps its rate."""
    return VatCodeAnswer.of(wiring.books().put_vat_code(caller(app), body.vat_code(code)))


@app.get(
    "/chain-settings",
    tags=["Books"],
    summary="Read the chain's settings",
    responses=answers(ChainSettingsAnswer),
)
def get_chain_settings() -> ChainSettingsAnswer:
    """What holds in every branch."""
    return ChainSettingsAnswer.of(wiring.books().visible_settings(caller(app)))


@app.put(
    "/chain-settings",
    tags=["Books"],
    summary="Write the chain's settings",
    responses=answers(ChainSettingsAnswer, conflict=True),
)
def put_chain_settings(body: ChainSettingsBody) -> ChainSettingsAnswer:
    """What shall hold in every branch."""
    return ChainSettingsAnswer.of(wiring.books().put_settings(caller(app), body.settings()))


@app.get(
    "/number-series",
    tags=["Books"],
    summary="List number series",
    responses=answers(NumberSeriesListAnswer),
)
def list_number_series(branch: Annotated[Id, Query()]) -> NumberSeriesListAnswer:
    """How a branch numbers its documents, and where each series stands."""
    found = wiring.books().list_series(caller(app), branch)
    return NumberSeriesListAnswer(number_series=[_stand(stand) for stand in found])


@app.put(
    "/number-series/<branch>/<kind>",
    tags=["Books"],
    summary="Set up a number series",
    responses=answers(NumberSeriesAnswer, conflict=True),
)
def put_number_series(
    branch: BranchId,
    kind: Annotated[SeriesKind, Path(description="What is numbered")],
    body: NumberSeriesBody,
) -> NumberSeriesAnswer:
    """How a branch numbers a kind of document from now on; a series that returns goes on where it was."""
    return _stand(wiring.books().put_series(caller(app), body.series(branch, kind)))


def _stand(stand: SeriesStand) -> NumberSeriesAnswer:
    return NumberSeriesAnswer.of(stand.series, stand.year, stand.last)


handler = entry(app, wiring.books, wiring.sign_in_clients)
