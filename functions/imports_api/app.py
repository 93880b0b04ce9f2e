"""HTTP: import profiles, uploads, previews, approvals, reports and deletions of imports."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from tillbridge import wiring
from tillbridge.access.model import ID_PATTERN
from tillbridge.access.refusals import REFUSALS as ACCESS_REFUSALS
from tillbridge.http.answers import answers
from tillbridge.http.callers import caller
from tillbridge.http.entry import entry
from tillbridge.http.resolver import build_resolver
from tillbridge.http.shapes import Cursor, Limit
from tillbridge.kernel.calendar import parse_day
from tillbridge.ledger.refusals import REFUSALS as LEDGER_REFUSALS
from tillbridge.reconciliation.decisions import Outcome
from tillbridge.reconciliation.import_model import ImportState
from tillbridge.reconciliation.model import Kind
from tillbridge.reconciliation.profile_schemas import (
    ImportProfileAnswer,
    ImportProfileBody,
    ImportProfilesAnswer,
    MappingTrialAnswer,
    MappingTrialBody,
    ProfileId,
)
from tillbridge.reconciliation.refusals import REFUSALS
from tillbridge.reconciliation.row_schemas import (
    ReviewAnswer,
    ReviewDecisionBody,
    ReviewsAnswer,
    RowsAnswer,
    RowShape,
)
from tillbridge.reconciliation.schemas import (
    AnnouncementAnswer,
    AnnouncementBody,
    ImportAnswer,
    ImportDecisionBody,
    ImportDeletionBody,
    ImportsAnswer,
    ImportSummary,
    ReportAnswer,
)

app = build_resolver("Imports", ACCESS_REFUSALS, LEDGER_REFUSALS, REFUSALS)

ImportId = Annotated[str, Path(description="The import's id", min_length=1, max_length=60)]
ReviewId = Annotated[str, Path(description="The waiting row's id", min_length=1, max_length=60)]


@app.get(
    "/import-profiles",
    tags=["Imports"],
    summary="List import profiles",
    responses=answers(ImportProfilesAnswer),
)
def list_import_profiles() -> ImportProfilesAnswer:
    """The import profiles whose branches the caller covers, by id."""
    found = wiring.imports().profiles(caller(app))
    return ImportProfilesAnswer(profiles=[ImportProfileAnswer.of(profile) for profile in found])


@app.get(
    "/import-profiles/<profile>",
    tags=["Imports"],
    summary="Read an import profile",
    responses=answers(ImportProfileAnswer),
)
def get_import_profile(profile: Annotated[ProfileId, Path()]) -> ImportProfileAnswer:
    """How the files of one sender are imported."""
    return ImportProfileAnswer.of(wiring.imports().profile(caller(app), profile))


@app.put(
    "/import-profiles/<profile>",
    tags=["Imports"],
    summary="Write down an import profile",
    responses=answers(ImportProfileAnswer, conflict=True),
)
def put_import_profile(profile: Annotated[ProfileId, Path()], body: ImportProfileBody) -> ImportProfileAnswer:
    """A new profile, or an existing one as it shall be; imports that are under way keep what they have."""
    return ImportProfileAnswer.of(wiring.imports().put_profile(caller(app), body.profile(profile)))


@app.post(
    "/mapping-trials",
    tags=["Imports"],
    summary="Try an own mapping on a sample",
    responses=answers(MappingTrialAnswer),
)
def try_mapping(body: MappingTrialBody) -> MappingTrialAnswer:
    """What a mapping makes of a file, before a profile has it; nothing is kept."""
    tried = wiring.imports().try_mapping(
        caller(app),
        body.mapping.mapping(),
        body.content(),
        file_name=body.file_name,
        currency=body.currency,
        is_beginning=body.is_beginning,
    )
    return MappingTrialAnswer.of(tried, body.currency)


@app.post(
    "/imports",
    tags=["Imports"],
    summary="Announce an upload",
    status_code=201,
    responses=answers(AnnouncementAnswer, 201, "The form with which to post the file", conflict=True),
)
def announce_import(body: AnnouncementBody) -> Response[Any]:
    """A form by which one file can be posted; its import starts by itself when the file has come."""
    announced = wiring.imports().announce(caller(app), body.profile, body.file_name, body.options())
    answer = AnnouncementAnswer.of(announced).model_dump_json()
    return Response(201, content_type="application/json", body=answer)


@app.get("/imports", tags=["Imports"], summary="Search imports", responses=answers(ImportsAnswer))
def list_imports(
    client: Annotated[
        str,
        Query(
            pattern=f"^-$|{ID_PATTERN}",
            description="`-` finds uploads whose profile nobody knows; they need a caller with all branches",
        ),
    ],
    profile: Annotated[ProfileId | None, Query()] = None,
    state: Annotated[ImportState | None, Query()] = None,
    kind: Annotated[Kind | None, Query()] = None,
    until: Annotated[
        str | None, Query(max_length=10, description="Uploaded on this day (`YYYY-MM-DD`) or before")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImportsAnswer:
    """The imports of a client, newest first; a narrowed page may be short."""
    found, following = wiring.imports().imports(
        caller(app),
        client,
        profile=profile,
        state=state,
        kind=kind,
        until=None if until is None else parse_day(until, field="until"),
        cursor=cursor,
        limit=limit,
    )
    return ImportsAnswer(imports=[ImportSummary.of(one) for one in found], next=following)


@app.get("/imports/<import_id>", tags=["Imports"], summary="Read an import", responses=answers(ImportAnswer))
def get_import(import_id: ImportId) -> ImportAnswer:
    """How far an import has come, what it did or would do, why it waits or ended."""
    return ImportAnswer.of(wiring.imports().find(caller(app), import_id))


@app.get(
    "/imports/<import_id>/rows",
    tags=["Imports"],
    summary="List the rows of an import",
    responses=answers(RowsAnswer, conflict=True),
)
def list_import_rows(
    import_id: ImportId,
    outcome: Annotated[
        Outcome | None, Query(description="`booked`: also what would be, and what is reversed")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RowsAnswer:
    """What would become of each row while the import waits, later what became of it; in no certain order."""
    one, found, following = wiring.imports().rows(
        caller(app), import_id, outcome=outcome, cursor=cursor, limit=limit
    )
    return RowsAnswer(rows=[RowShape.of(row, one.currency) for row in found], next=following)


@app.get(
    "/imports/<import_id>/report",
    tags=["Imports"],
    summary="Fetch the report of an import",
    responses=answers(ReportAnswer, conflict=True),
)
def get_report(
    import_id: ImportId,
    format: Annotated[Literal["csv", "json"], Query()] = "csv",  # noqa: A002 - the name of the parameter
    language: Annotated[
        Literal["de", "en"], Query(description="JSON has both; the German CSV has `;`, the English one `,`")
    ] = "de",
) -> ReportAnswer:
    """An address of the report: every row in the order of the file, with what was done and why."""
    link = wiring.imports().report(caller(app), import_id, language=language, as_json=format == "json")
    return ReportAnswer.of(link)


@app.post(
    "/imports/<import_id>/approvals",
    tags=["Imports"],
    summary="Approve or reject an import",
    responses=answers(ImportAnswer, conflict=True),
)
def decide_import(import_id: ImportId, body: ImportDecisionBody) -> ImportAnswer:
    """Let an import be booked that waits for a person, or discard it; the same once more changes nothing."""
    service = wiring.imports()
    decide = service.approve if body.decision == "approve" else service.reject
    return ImportAnswer.of(service.so_far(decide(caller(app), import_id, body.reason)))


@app.post(
    "/imports/<import_id>/deletions",
    tags=["Imports"],
    summary="Take an import back",
    status_code=202,
    responses=answers(ImportAnswer, 202, "It is being taken back, or was", conflict=True),
)
def delete_import(import_id: ImportId, body: ImportDeletionBody) -> Response[Any]:
    """Everything that the import booked is reversed, by and by; the same once more changes nothing."""
    service = wiring.imports()
    one = service.so_far(service.delete(caller(app), import_id, body.reason))
    return Response(202, content_type="application/json", body=ImportAnswer.of(one).model_dump_json())


@app.get(
    "/imports/<import_id>/reviews",
    tags=["Imports"],
    summary="List the rows that wait for a person",
    responses=answers(ReviewsAnswer),
)
def list_reviews(
    import_id: ImportId,
    open: Annotated[  # noqa: A002 - the name of the parameter
        Literal["true", "false"], Query(description="`true`: only those about which nobody has decided")
    ] = "false",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ReviewsAnswer:
    """The rows of an import that wait, or waited, for a person, in the order of their lines."""
    one, found, following = wiring.imports().reviews(
        caller(app), import_id, only_open=open == "true", cursor=cursor, limit=limit
    )
    return ReviewsAnswer(reviews=[ReviewAnswer.of(review, one.currency) for review in found], next=following)


@app.post(
    "/imports/<import_id>/reviews/<review_id>/decisions",
    tags=["Imports"],
    summary="Decide about a row",
    responses=answers(ReviewAnswer, conflict=True),
)
def decide_review(import_id: ImportId, review_id: ReviewId, body: ReviewDecisionBody) -> ReviewAnswer:
    """Book a waiting row on documents, or dismiss it; the same once more changes nothing."""
    one, review = wiring.imports().decide_review(
        caller(app), import_id, review_id, body.verdict(), body.allocations_in
    )
    return ReviewAnswer.of(review, one.currency)


handler = entry(app, wiring.imports, wiring.sign_in_clients)
