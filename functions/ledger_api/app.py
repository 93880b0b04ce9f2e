"""HTTP: documents, customers, orders and the journal."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from tillbridge import wiring
from tillbridge.access.refusals import REFUSALS as ACCESS_REFUSALS
from tillbridge.access.schemas import Id
from tillbridge.http.answers import IdempotencyKey, answers
from tillbridge.http.callers import caller
from tillbridge.http.entry import entry
from tillbridge.http.idempotency import fingerprint
from tillbridge.http.resolver import build_resolver
from tillbridge.http.shapes import Cursor, Limit
from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.errors import Refused
from tillbridge.ledger.customer_schemas import (
    CustomerAnswer,
    CustomerBody,
    CustomersAnswer,
    OrderAnswer,
    OrderBody,
    OrdersAnswer,
)
from tillbridge.ledger.refusals import REFUSALS
from tillbridge.ledger.requests import RequestKey
from tillbridge.ledger.schemas import (
    CancelledDocumentAnswer,
    DocumentAnswer,
    DocumentBody,
    DocumentCancellationBody,
    DocumentsAnswer,
    DocumentSummary,
    EntriesAnswer,
    EntryAnswer,
    HandoverBody,
)

app = build_resolver("Ledger", ACCESS_REFUSALS, REFUSALS)

Number = Annotated[str, Path(description="The document's number", min_length=1, max_length=200)]
CustomerNumber = Annotated[str, Path(description="The customer's number", min_length=1, max_length=200)]
OrderNumber = Annotated[str, Path(description="The order's number", min_length=1, max_length=200)]
EntryId = Annotated[str, Path(description="The entry's id", min_length=1, max_length=100)]
DAY = Query(max_length=10, description="With `branch`: documents that it issued on that day, `YYYY-MM-DD`")
REPEATED = "a repetition is answered the same"


@app.post(
    "/documents",
    tags=["Documents"],
    summary="Record a document",
    status_code=201,
    responses=answers(DocumentAnswer, 201, f"Recorded; {REPEATED}", conflict=True),
)
def record_document(body: DocumentBody, key: IdempotencyKey) -> Response[Any]:
    """An invoice, a credit note or an incoming invoice, with its entry in the journal."""
    return _created(wiring.documents().record(caller(app), body.request(), _request_key(key)))


@app.get("/documents", tags=["Documents"], summary="List documents", responses=answers(DocumentsAnswer))
def list_documents(
    branch: Annotated[Id | None, Query()] = None,
    day: Annotated[str | None, DAY] = None,
    customer: Annotated[str | None, Query(max_length=120, description="The customer's number")] = None,
    side: Annotated[
        Literal["receivables", "payables"] | None,
        Query(description="With `branch` and `currency`: documents that are open"),
    ] = None,
    currency: Annotated[str | None, Query(max_length=3, description="With `side`")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DocumentsAnswer:
    """Documents of a branch's day, of a customer, or open ones of a branch; a page may be short."""
    asking, service = caller(app), wiring.documents()
    if branch is not None and day is not None:
        found, following = service.documents_of_day(
            asking, branch, parse_day(day), cursor=cursor, limit=limit
        )
    elif customer is not None:
        found, following = service.documents_of_customer(asking, customer, cursor=cursor, limit=limit)
    elif branch is not None and side is not None and currency is not None:
        found, following = service.open_documents(asking, side, branch, currency, cursor=cursor, limit=limit)
    else:
        raise Refused("documents-filter-not-given", field="branch")
    return DocumentsAnswer(documents=[DocumentSummary.of(one) for one in found], next=following)


@app.post(
    "/documents/handovers",
    tags=["Documents"],
    summary="Note that documents were handed over",
    responses=answers(DocumentsAnswer, conflict=True),
)
def hand_over_documents(body: HandoverBody) -> DocumentsAnswer:
    """From which day the accountant's books hold them: only then may a list that lacks them settle them."""
    found = wiring.documents().hand_over(caller(app), body.request())
    return DocumentsAnswer(documents=[DocumentSummary.of(one) for one in found], next=None)


@app.get(
    "/documents/<number>", tags=["Documents"], summary="Read a document", responses=answers(DocumentAnswer)
)
def get_document(number: Number) -> DocumentAnswer:
    """A document as it stands now: what is due, its lines, what was booked for it."""
    return DocumentAnswer.of_known(*wiring.documents().document(caller(app), number))


@app.get(
    "/documents/<number>/entries",
    tags=["Documents"],
    summary="Read a document's journal entries",
    responses=answers(EntriesAnswer),
)
def list_document_entries(number: Number, limit: Limit = 50, cursor: Cursor = None) -> EntriesAnswer:
    """The journal entries of a document, in the order in which they were booked."""
    found, following = wiring.documents().entries_of_document(caller(app), number, cursor=cursor, limit=limit)
    return EntriesAnswer(entries=[EntryAnswer.of(one) for one in found], next=following)


@app.post(
    "/documents/<number>/cancellations",
    tags=["Documents"],
    summary="Cancel an invoice",
    status_code=201,
    responses=answers(CancelledDocumentAnswer, 201, f"Cancelled; {REPEATED}", conflict=True),
)
def cancel_document(number: Number, body: DocumentCancellationBody, key: IdempotencyKey) -> Response[Any]:
    """Cancel an invoice by a credit note: what is due meets it, what was paid stays due on it."""
    request = body.request()
    return _created(wiring.documents().cancel(caller(app), number, request, _request_key(key)))


@app.get("/customers", tags=["Customers"], summary="List customers", responses=answers(CustomersAnswer))
def list_customers(
    branch: Annotated[Id, Query()], limit: Limit = 50, cursor: Cursor = None
) -> CustomersAnswer:
    """The customers of a branch, by number."""
    found, following = wiring.documents().customers.of_branch(caller(app), branch, cursor=cursor, limit=limit)
    return CustomersAnswer(customers=[CustomerAnswer.of(one) for one in found], next=following)


@app.get(
    "/customers/<number>", tags=["Customers"], summary="Read a customer", responses=answers(CustomerAnswer)
)
def get_customer(number: CustomerNumber) -> CustomerAnswer:
    """A customer with its terms."""
    return CustomerAnswer.of(wiring.documents().customers.get(caller(app), number))


@app.put(
    "/customers/<number>",
    tags=["Customers"],
    summary="Write down a customer",
    responses=answers(CustomerAnswer, conflict=True),
)
def put_customer(number: CustomerNumber, body: CustomerBody) -> CustomerAnswer:
    """A new customer, or an existing one as it shall be; documents keep the terms that they have."""
    return CustomerAnswer.of(wiring.documents().customers.put(caller(app), body.customer(number)))


@app.get("/orders", tags=["Orders"], summary="List orders", responses=answers(OrdersAnswer))
def list_orders(branch: Annotated[Id, Query()], limit: Limit = 50, cursor: Cursor = None) -> OrdersAnswer:
    """The orders of a branch, by number."""
    service = wiring.documents().customers
    found, following = service.orders_of_branch(caller(app), branch, cursor=cursor, limit=limit)
    return OrdersAnswer(orders=[OrderAnswer.of(one) for one in found], next=following)


@app.get("/orders/<number>", tags=["Orders"], summary="Read an order", responses=answers(OrderAnswer))
def get_order(number: OrderNumber) -> OrderAnswer:
    """An order: who took it, whom to reach about it."""
    return OrderAnswer.of(wiring.documents().customers.order(caller(app), number))


@app.put(
    "/orders/<number>",
    tags=["Orders"],
    summary="Write down an order",
    responses=answers(OrderAnswer, conflict=True),
)
def put_order(number: OrderNumber, body: OrderBody) -> OrderAnswer:
    """A new order, or an existing one as it shall be."""
    return OrderAnswer.of(wiring.documents().customers.put_order(caller(app), body.order(number)))


@app.get("/journal-entries", tags=["Journal"], summary="List entries", responses=answers(EntriesAnswer))
def list_entries(
    branch: Annotated[Id, Query()],
    day: Annotated[str, Query(max_length=10, description="The day of their recording, in UTC, `YYYY-MM-DD`")],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EntriesAnswer:
    """What was recorded in a branch on a day, in the order of the recording."""
    found, following = wiring.documents().entries_of_day(
        caller(app), branch, parse_day(day), cursor=cursor, limit=limit
    )
    return EntriesAnswer(entries=[EntryAnswer.of(one) for one in found], next=following)


@app.get(
    "/journal-entries/<entry>", tags=["Journal"], summary="Read an entry", responses=answers(EntryAnswer)
)
def get_entry(entry: EntryId) -> EntryAnswer:
    """One journal entry."""
    return EntryAnswer.of(wiring.documents().entry(caller(app), entry))


def _request_key(key: str) -> RequestKey:
    return RequestKey(key, fingerprint(app.current_event))


def _created(answer: str) -> Response[Any]:
    return Response(201, content_type="application/json", body=answer)


handler = entry(app, wiring.documents, wiring.sign_in_clients)
