"""Documents, customers, orders and journal entries as rows of the ledger's table, and back.

The keys are explained in ``store``.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from tillbridge.aws.table import Row
from tillbridge.kernel.calendar import parse_moment, sortable_text
from tillbridge.kernel.text import fold

from .entries import Account, Entry, Operation, Posting, Source, SourceKind
from .model import (
    Balance,
    BookingNote,
    Customer,
    DiscountTier,
    Document,
    DocumentKind,
    DocumentLine,
    Order,
    Terms,
)

JOURNAL_SHARDS = 4
"""A day of a branch is spread over so many partitions: an import of a million rows writes many a second."""

LINES_PER_ROW = 100
"""So many lines of a document stand in one row, which stays far below the 400 KB of DynamoDB."""


def document_pk(folded_number: str) -> str:
    """The partition of a document and its lines."""
    return f"DOCUMENT#{folded_number}"


def open_key(document: Document) -> str:
    """The list of open items on which a document stands: side, branch and currency."""
    return f"{document.kind.side}#{document.branch}#{document.currency}"


def document_row(document: Document) -> Row:
    """A document without its lines."""
    row: Row = {
        "pk": document_pk(document.folded_number),
        "sk": "DOCUMENT",
        "number": document.number,
        "kind": document.kind.value,
        "branch": document.branch,
        "client": document.client,
        "currency": document.currency,
        "total_minor": document.total_minor,
        "issued_on": document.issued_on,
        **_terms_attributes(document.terms),
        "issue_day_key": f"{document.branch}#{document.issued_on}",
        "issue_day_sort": document.folded_number,
        **balance_attributes(document),
    }
    if document.customer:
        row |= {
            "customer": document.customer,
            "customer_key": fold(document.customer),
            "customer_sort": f"{document.issued_on}#{document.folded_number}",
        }
    for name in ("order_number", "handed_over_on", "cancels", "cancelled_by"):
        if getattr(document, name):
            row[name] = getattr(document, name)
    if document.levels:
        row["levels"] = [list(one) for one in document.levels]
    if document.vat_shares:
        row["vat_shares"] = [list(share) for share in document.vat_shares]
    if document.is_open:
        row |= open_attributes(document)
    return row


def balance_attributes(document: Document) -> dict[str, Any]:
    """What an act on a document changes of its row, but for its place on the list of open items."""
    balance = document.balance
    return {
        "paid_minor": balance.paid_minor,
        "discounted_minor": balance.discounted_minor,
        "fees_minor": balance.fees_minor,
        "dunning_level": balance.dunning_level,
        "settled_on": balance.settled_on,
        "notes": [_note_text(note) for note in document.notes],
        "touched_by": document.touched_by,
        "revision": document.revision,
    }


def open_attributes(document: Document) -> dict[str, Any]:
    """Its place on the list of open items."""
    return {"open_key": open_key(document), "open_sort": f"{document.issued_on}#{document.folded_number}"}


def document_from(row: Row) -> Document:
    """A document without its lines."""
    return Document(
        number=row["number"],
        kind=DocumentKind(row["kind"]),
        branch=row["branch"],
        client=row["client"],
        currency=row["currency"],
        total_minor=row["total_minor"],
        issued_on=row["issued_on"],
        customer=row.get("customer", ""),
        terms=_terms_from(row),
        order_number=row.get("order_number", ""),
        handed_over_on=row.get("handed_over_on", ""),
        vat_shares=tuple((code, minor) for code, minor in row.get("vat_shares", ())),
        cancels=row.get("cancels", ""),
        cancelled_by=row.get("cancelled_by", ""),
        levels=tuple((source, level) for source, level in row.get("levels", ())),
        balance=Balance(
            row["paid_minor"],
            row["discounted_minor"],
            row["fees_minor"],
            row["dunning_level"],
            row["settled_on"],
        ),
        notes=tuple(_note_from(text) for text in row["notes"]),
        touched_by=row["touched_by"],
        revision=row["revision"],
    )


def _terms_attributes(terms: Terms) -> Row:
    row: Row = {"payment_days": terms.payment_days}
    if terms.discounts:
        row["discounts"] = [[tier.days, tier.basis_points] for tier in terms.discounts]
    return row


def _terms_from(row: Row) -> Terms:
    return Terms(row["payment_days"], tuple(DiscountTier(*one) for one in row.get("discounts", ())))


BETWEEN = "|"
"""Stands between the parts of a note: no number may hold it (PF-13), while blanks are common in numbers."""


def _note_text(note: BookingNote) -> str:
    parts = (note.entry, note.source, note.row_mark) if note.row_mark else (note.entry, note.source)
    return BETWEEN.join(parts)


def _note_from(text: str) -> BookingNote:
    return BookingNote(*text.split(BETWEEN))


def line_rows(document: Document, lines: tuple[DocumentLine, ...]) -> list[Row]:
    """The lines of a document, so many in a row."""
    return [
        {
            "pk": document_pk(document.folded_number),
            "sk": f"LINES#{start:05}",
            "lines": [_line(line) for line in lines[start : start + LINES_PER_ROW]],
        }
        for start in range(0, len(lines), LINES_PER_ROW)
    ]


def _line(line: DocumentLine) -> Row:
    return {
        "product": line.product,
        "amount_minor": line.amount_minor,
        "vat_basis_points": line.vat_basis_points,
        "vat_code": line.vat_code,
        "product_family": line.product_family,
        "item_day": line.item_day,
    }


def lines_from(rows: list[Row]) -> tuple[DocumentLine, ...]:
    """The lines of a document in their order."""
    return tuple(DocumentLine(**line) for row in rows for line in row["lines"])


def customer_key(number: str) -> tuple[str, str]:
    """Where a customer lies."""
    return f"CUSTOMER#{fold(number)}", "CUSTOMER"


def customers_key(branch: str) -> str:
    """The list of a branch's customers in the index ``by_customer``: no customer's number holds a slash."""
    return f"customers/{branch}"


def orders_key(branch: str) -> str:
    """The list of a branch's orders in the index ``by_customer``, beside that of its customers."""
    return f"orders/{branch}"


def customer_row(customer: Customer) -> Row:
    """A customer: the only row with the name and address of one (PE-3)."""
    pk, sk = customer_key(customer.number)
    return {
        "pk": pk,
        "sk": sk,
        "number": customer.number,
        "branch": customer.branch,
        "name": customer.name,
        "street": customer.street,
        "postcode": customer.postcode,
        "city": customer.city,
        "country": customer.country,
        "language": customer.language,
        "account": customer.account,
        "revision": customer.revision,
        "customer_key": customers_key(customer.branch),
        "customer_sort": customer.folded_number,
        **_terms_attributes(customer.terms),
    }


def customer_from(row: Row) -> Customer:
    """A customer."""
    return Customer(
        number=row["number"],
        branch=row["branch"],
        name=row["name"],
        street=row["street"],
        postcode=row["postcode"],
        city=row["city"],
        country=row["country"],
        language=row["language"],
        account=row["account"],
        terms=_terms_from(row),
        revision=row["revision"],
    )


def order_key(number: str) -> tuple[str, str]:
    """Where an order lies."""
    return f"ORDER#{fold(number)}", "ORDER"


def order_row(order: Order) -> Row:
    """An order."""
    pk, sk = order_key(order.number)
    return {
        "pk": pk,
        "sk": sk,
        "number": order.number,
        "branch": order.branch,
        "operator_name": order.operator_name,
        "contact_number": order.contact_number,
        "customer": order.customer,
        "ordered_on": order.ordered_on,
        "revision": order.revision,
        "customer_key": orders_key(order.branch),
        "customer_sort": order.folded_number,
    }


def order_from(row: Row) -> Order:
    """An order."""
    return Order(
        number=row["number"],
        branch=row["branch"],
        operator_name=row["operator_name"],
        contact_number=row["contact_number"],
        customer=row["customer"],
        ordered_on=row["ordered_on"],
        revision=row["revision"],
    )


def new_entry_id(branch: str, recorded_at: datetime, unique: str) -> str:
    """An id that tells where its entry lies: the moment first, so that a partition is in order of time."""
    stamp = re.sub(r"[-:.Z]", "", sortable_text(recorded_at))
    return f"{stamp}-{branch}-{unique}"


def entry_key(entry_id: str) -> tuple[str, str] | None:
    """Where an entry lies, from its id ``20261124T170512345-01-3f9c…``; None when it is no entry's id."""
    moment, dash, rest = entry_id.partition("-")
    branch, second, unique = rest.rpartition("-")
    if not (dash and second and branch and len(unique) == UNIQUE_CHARS and len(moment) == MOMENT_CHARS):
        return None
    try:
        shard = int(unique[0], 16) % JOURNAL_SHARDS
        day = f"{int(moment[:4]):04}-{int(moment[4:6]):02}-{int(moment[6:8]):02}"
    except ValueError:
        return None
    return f"JOURNAL#{branch}#{day}#{shard}", entry_id


MOMENT_CHARS = len("20261124T170512345")
UNIQUE_CHARS = 16


def entry_row(entry: Entry) -> Row:
    """A journal entry."""
    key = entry_key(entry.id)
    if key is None:
        raise ValueError(f"{entry.id} is no id of an entry")
    return {
        "pk": key[0],
        "sk": key[1],
        "branch": entry.branch,
        "recorded_at": sortable_text(entry.recorded_at),
        "business_day": entry.business_day,
        "currency": entry.currency,
        "postings": [_posting(posting) for posting in entry.postings],
        "source": str(entry.source),
        "operations": [operation.value for operation in entry.operations],
        "document": entry.document,
        "reverses": entry.reverses,
        "exportable": entry.exportable,
        "text": entry.text,
    }


def _posting(posting: Posting) -> list[Any]:
    whole = [posting.account.value, posting.amount_minor, posting.vat_code]
    return whole if posting.vat_code else whole[:2]


def entry_from(row: Row) -> Entry:
    """A journal entry."""
    kind, _, source_id = row["source"].partition("/")
    return Entry(
        id=row["sk"],
        branch=row["branch"],
        recorded_at=parse_moment(row["recorded_at"]),
        business_day=row["business_day"],
        currency=row["currency"],
        postings=tuple(
            Posting(Account(one[0]), one[1], one[2] if len(one) > 2 else "")  # noqa: PLR2004 - account, amount, code
            for one in row["postings"]
        ),
        source=Source(SourceKind(kind), source_id),
        operations=tuple(Operation(one) for one in row["operations"]),
        document=row["document"],
        reverses=row["reverses"],
        exportable=row["exportable"],
        text=row["text"],
    )
