"""HTTP: payments and cancellations, their files, and the interfaces that ask for files."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from tillbridge import wiring
from tillbridge.access.refusals import REFUSALS as ACCESS_REFUSALS
from tillbridge.access.schemas import Id
from tillbridge.devices.refusals import REFUSALS as DEVICES_REFUSALS
from tillbridge.http.answers import IdempotencyKey, answers
from tillbridge.http.callers import caller
from tillbridge.http.entry import entry
from tillbridge.http.idempotency import fingerprint
from tillbridge.http.resolver import build_resolver
from tillbridge.http.shapes import Cursor, Limit
from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.errors import Refused
from tillbridge.ledger.refusals import REFUSALS as LEDGER_REFUSALS
from tillbridge.payments.interface_schemas import InterfaceAnswer, InterfaceBody, InterfacesAnswer
from tillbridge.payments.model import FileState, PaymentState
from tillbridge.payments.refusals import REFUSALS
from tillbridge.payments.requests import RequestKey
from tillbridge.payments.schemas import (
    CancellationBody,
    CancelledAnswer,
    CollectedAnswer,
    FileAnswer,
    FilesAnswer,
    FileSummary,
    PaymentAnswer,
    PaymentsAnswer,
    PaymentsBody,
    PaymentWithFilesAnswer,
    RecordedAnswer,
    ResolutionBody,
)

app = build_resolver("Payments", ACCESS_REFUSALS, DEVICES_REFUSALS, LEDGER_REFUSALS, REFUSALS)

SLUG = "^[a-z0-9][a-z0-9-]*$"
Number = Annotated[str, Path(description="The payment's document number", min_length=1, max_length=200)]
FileId = Annotated[str, Path(description="`interface.target.name`", min_length=1, max_length=300)]
InterfaceId = Annotated[str, Path(pattern=SLUG, max_length=40)]
DAY = Query(max_length=10, description="The branch's local day, `YYYY-MM-DD`")


@app.post(
    "/payments",
    tags=["Payments"],
    summary="Record payments",
    status_code=201,
    responses=answers(RecordedAnswer, 201, "Recorded; a repetition is answered the same", conflict=True),
)
def record_payments(body: PaymentsBody, key: IdempotencyKey) -> Response[Any]:
    """Record one visit at the till: one payment for each pair of invoice and method, each with its files."""
    asking = caller(app)
    request = body.request(asking.workstation.workstation if asking.workstation else None)
    return _created(wiring.payments().record(asking, request, _request_key(key)))


@app.get("/payments", tags=["Payments"], summary="List payments", responses=answers(PaymentsAnswer))
def list_payments(
    branch: Annotated[Id, Query()],
    day: Annotated[str, DAY],
    state: Annotated[PaymentState | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PaymentsAnswer:
    """The payments that a branch took on a day, oldest first; a narrowed page may be short."""
    found, following = wiring.payments().payments_of_day(
        caller(app), branch, parse_day(day), cursor=cursor, limit=limit
    )
    shown = [PaymentAnswer.of(payment) for payment in found if state in (None, payment.state)]
    return PaymentsAnswer(payments=shown, next=following)


@app.get(
    "/payments/<number>",
    tags=["Payments"],
    summary="Read a payment",
    responses=answers(PaymentWithFilesAnswer),
)
def get_payment(number: Number) -> PaymentWithFilesAnswer:
    """A payment with its files and what happened to them."""
    return PaymentWithFilesAnswer.of_known(wiring.payments().payment(caller(app), number))


@app.post(
    "/payments/<number>/cancellations",
    tags=["Payments"],
    summary="Cancel a payment",
    status_code=201,
    responses=answers(CancelledAnswer, 201, "Cancelled; a repetition is answered the same", conflict=True),
)
def cancel_payment(number: Number, body: CancellationBody, key: IdempotencyKey) -> Response[Any]:
    """Take a payment back, wholly or in part: its file is withdrawn or, if it was taken, countered."""
    return _created(wiring.payments().cancel(caller(app), number, body.request(), _request_key(key)))


@app.get("/payment-files", tags=["Payment files"], summary="List files", responses=answers(FilesAnswer))
def list_files(
    branch: Annotated[
        Id | None,
        Query(description="With `day`: files of the branch's payments; with `target`: of whose payments"),
    ] = None,
    day: Annotated[str | None, DAY] = None,
    state: Annotated[FileState | None, Query()] = None,
    interface: Annotated[
        str | None, Query(pattern=SLUG, max_length=40, description="With `target`: files that wait")
    ] = None,
    target: Annotated[str | None, Query(pattern=SLUG, max_length=40)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FilesAnswer:
    """Files of a branch's payments of a day, or those of a bucket target that nobody has collected yet."""
    asking, service = caller(app), wiring.payment_files()
    if interface is not None and target is not None:
        found, following = service.open_files(asking, interface, target, branch, cursor=cursor, limit=limit)
    elif branch is not None and day is not None:
        found, following = service.files_of_day(
            asking, branch, parse_day(day), state=state, cursor=cursor, limit=limit
        )
    else:
        raise Refused("filter-not-given", field="branch, day" if interface is None else "target")
    return FilesAnswer(files=[FileSummary.of(file) for file in found], next=following)


@app.get(
    "/payment-files/<file>", tags=["Payment files"], summary="Read a file", responses=answers(FileAnswer)
)
def get_file(file: FileId) -> FileAnswer:
    """A payment file with its whole history."""
    return FileAnswer.of(wiring.payment_files().file(caller(app), file))


@app.post(
    "/payment-files/<file>/claims",
    tags=["Payment files"],
    summary="Collect a file",
    responses=answers(CollectedAnswer, conflict=True),
)
def claim_file(file: FileId) -> CollectedAnswer:
    """Collect a file of a bucket, atomically against a cancellation; asking again gives the same answer."""
    return CollectedAnswer.of(wiring.payment_files().claim(caller(app), file))


@app.post(
    "/payment-files/<file>/resolutions",
    tags=["Payment files"],
    summary="Decide about a file in doubt",
    responses=answers(FileAnswer, conflict=True),
)
def resolve_doubt(file: FileId, body: ResolutionBody) -> FileAnswer:
    """After a PC was replaced: say whether the consumer took the file. If not, it is put again."""
    return FileAnswer.of(wiring.doubts().resolve(caller(app), file, taken=body.taken))


@app.get("/interfaces", tags=["Interfaces"], summary="List interfaces", responses=answers(InterfacesAnswer))
def list_interfaces(
    with_workstation: Annotated[
        Literal["true", "false"], Query(description="`true`: only those of one workstation")
    ] = "false",
) -> InterfacesAnswer:
    """The interfaces that concern the caller's branches."""
    found = wiring.interfaces().interfaces(caller(app), with_workstation=with_workstation == "true")
    return InterfacesAnswer(interfaces=[InterfaceAnswer.of(*one) for one in found])


@app.get(
    "/interfaces/<interface>",
    tags=["Interfaces"],
    summary="Read an interface",
    responses=answers(InterfaceAnswer),
)
def get_interface(interface: InterfaceId) -> InterfaceAnswer:
    """An interface, and what its agents said of its folders when it was saved."""
    return InterfaceAnswer.of(*wiring.interfaces().interface(caller(app), interface))


@app.put(
    "/interfaces/<interface>",
    tags=["Interfaces"],
    summary="Write down an interface",
    responses=answers(InterfaceAnswer, conflict=True),
)
def put_interface(interface: InterfaceId, body: InterfaceBody) -> InterfaceAnswer:
    """A new interface, or an existing one as it shall be; agents check its folders and report."""
    saved = wiring.interfaces().put(caller(app), body.interface(interface))
    return InterfaceAnswer.of(saved, {})


@app.delete(
    "/interfaces/<interface>",
    tags=["Interfaces"],
    summary="End an interface",
    responses=answers(InterfaceAnswer, conflict=True),
)
def end_interface(interface: InterfaceId) -> InterfaceAnswer:
    """No payment makes files for it any more; the files that it made live on, and so does its record."""
    return InterfaceAnswer.of(wiring.interfaces().end(caller(app), interface), {})


def _request_key(key: str) -> RequestKey:
    return RequestKey(key, fingerprint(app.current_event))


def _created(answer: str) -> Response[Any]:
    return Response(201, content_type="application/json", body=answer)


handler = entry(app, wiring.payments, wiring.sign_in_clients)
