"""What requests and answers about documents and the journal look like on the wire.

Amounts of documents stand there as they are printed: above zero on credit notes and incoming invoices, too.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tillbridge.access.schemas import Id
from tillbridge.http.shapes import NextCursor, Wire
from tillbridge.kernel.calendar import moment_text, parse_day
from tillbridge.kernel.money import Money, decimal_text

from .books_model import parse_percent, percent_text
from .entries import Account, Entry, Operation
from .model import (
    MAX_DAYS,
    MAX_LINES,
    MAX_TIERS,
    DiscountTier,
    Document,
    DocumentKind,
    DocumentLine,
    Terms,
)
from .requests import (
    MOST_HANDED_OVER,
    CancellationRequest,
    DocumentRequest,
    HandoverRequest,
    LineRequest,
)

DocumentNumber = Annotated[
    str,
    Field(max_length=120, description="Unique in the chain, whatever its case", examples=["RE-HH-0001-26"]),
]
PrintedAmount = Annotated[
    str,
    Field(
        max_length=20,
        description="Gross, as the document prints it; with a dot and at most the currency's decimals",
        examples=["119.00"],
    ),
]
DocumentCurrency = Annotated[str, Field(description="ISO 4217", examples=["EUR"], max_length=3)]
DayText = Annotated[str, Field(description="`YYYY-MM-DD`", examples=["2026-11-21"], max_length=10)]
PercentText = Annotated[
    str, Field(max_length=20, description="With a dot and at most two decimals", examples=["19", "2.5"])
]
Line = Annotated[str, Field(max_length=100, description="One line of printable characters")]


class DiscountShape(Wire):
    """A step of the cash discount: so much off when paid within so many days."""

    days: int = Field(ge=0, le=MAX_DAYS)
    percent: PercentText


class TermsShape(Wire):
    """When it is to be paid, and what may be taken off for paying sooner."""

    payment_days: int = Field(default=0, ge=0, le=MAX_DAYS)
    discounts: list[DiscountShape] = Field(default_factory=list, max_length=MAX_TIERS)

    def terms(self) -> Terms:
        """The terms in the room's own words."""
        return Terms(
            self.payment_days,
            tuple(
                DiscountTier(one.days, parse_percent(one.percent, f"terms.discounts.{place}.percent"))
                for place, one in enumerate(self.discounts)
            ),
        )

    @classmethod
    def of(cls, terms: Terms) -> TermsShape:
        """The answer for terms."""
        discounts = [
            DiscountShape(days=tier.days, percent=percent_text(tier.basis_points)) for tier in terms.discounts
        ]
        return cls(payment_days=terms.payment_days, discounts=discounts)


class DocumentLineShape(Wire):
    """A line of a document: what, of which family, for which day, at which rate, for how much."""

    product: Annotated[str, Field(max_length=200)]
    amount: PrintedAmount
    vat_code: Annotated[
        str, Field(max_length=20, description="Leave it out where just one code has the percentage")
    ] = ""
    vat_percent: PercentText | None = Field(
        default=None, description="Leave it out to take the VAT code's rate of the day"
    )
    product_family: Line = ""
    item_day: DayText | None = None

    def line(self, currency: str, place: int) -> LineRequest:
        """The line in the room's own words."""
        field, percent = f"lines.{place}", self.vat_percent
        return LineRequest(
            product=self.product,
            amount_minor=Money.parse(self.amount, currency, field=f"{field}.amount").amount_minor,
            vat_code=self.vat_code,
            vat_basis_points=None if percent is None else parse_percent(percent, f"{field}.vat_percent"),
            product_family=self.product_family,
            item_day=day_or_none(self.item_day, f"{field}.item_day"),
        )

    @classmethod
    def of(cls, line: DocumentLine, document: Document) -> DocumentLineShape:
        """The answer for a line."""
        return cls(
            product=line.product,
            amount=_printed(line.amount_minor, document),
            vat_code=line.vat_code,
            vat_percent=percent_text(line.vat_basis_points),
            product_family=line.product_family,
            item_day=line.item_day or None,
        )


class DocumentBody(Wire):
    """A document to be recorded."""

    number: DocumentNumber | None = Field(
        default=None, description="Leave it out to get the next number of the branch's series"
    )
    kind: Literal["invoice", "credit-note", "incoming-invoice"]
    branch: Id
    currency: DocumentCurrency
    issued_on: DayText
    customer: Line = Field(default="", description="The customer's number, or empty")
    terms: TermsShape | None = Field(default=None, description="Leave it out for those of the customer")
    order_number: Line = ""
    handed_over_on: DayText | None = Field(
        default=None, description="The day from which the accountant's books hold it, if they do"
    )
    lines: Annotated[list[DocumentLineShape], Field(min_length=1, max_length=MAX_LINES)]

    def request(self) -> DocumentRequest:
        """The request in the room's own words; ``Refused`` with the field's path."""
        return DocumentRequest(
            number=self.number,
            kind=DocumentKind(self.kind),
            branch=self.branch,
            currency=self.currency,
            issued_on=parse_day(self.issued_on, field="issued_on"),
            lines=tuple(line.line(self.currency, place) for place, line in enumerate(self.lines)),
            customer=self.customer,
            terms=self.terms.terms() if self.terms else None,
            order_number=self.order_number,
            handed_over_on=day_or_none(self.handed_over_on, "handed_over_on"),
        )


class DocumentCancellationBody(Wire):
    """Cancels an invoice by a credit note."""

    number: DocumentNumber | None = Field(
        default=None,
        description="The credit note's; leave it out to get the next number of the branch's series",
    )
    issued_on: DayText

    def request(self) -> CancellationRequest:
        """The request in the room's own words."""
        return CancellationRequest(self.number, parse_day(self.issued_on, field="issued_on"))


class HandoverBody(Wire):
    """Documents of a branch that the accountant's books hold from a day on."""

    branch: Id
    numbers: Annotated[list[DocumentNumber], Field(min_length=1, max_length=MOST_HANDED_OVER)]
    handed_over_on: DayText

    def request(self) -> HandoverRequest:
        """The request in the room's own words."""
        day = parse_day(self.handed_over_on, field="handed_over_on")
        return HandoverRequest(self.branch, tuple(self.numbers), day)


class DocumentSummary(Wire):
    """A document as it stands; ``due`` is below zero where more was paid than its total."""

    number: str
    kind: DocumentKind
    branch: str
    client: str
    currency: str
    total: str
    due: str
    paid: str
    discounted: str
    dunning_fees: str
    dunning_level: int
    issued_on: str
    payable_on: str
    settled_on: str | None
    customer: str
    order_number: str
    handed_over_on: str | None
    cancels: str | None
    cancelled_by: str | None

    @classmethod
    def of(cls, document: Document) -> DocumentSummary:
        """The answer for a document in a list."""
        return cls(**_summary(document))


class BookingShape(Wire):
    """A journal entry that concerns a document, and the act behind it."""

    entry: str
    source: str


class DocumentAnswer(DocumentSummary):
    """A document with its lines and what was booked for it."""

    terms: TermsShape
    lines: list[DocumentLineShape]
    bookings: list[BookingShape]

    @classmethod
    def of_known(cls, document: Document, lines: tuple[DocumentLine, ...]) -> DocumentAnswer:
        """The answer for a document."""
        return cls(
            **_summary(document),
            terms=TermsShape.of(document.terms),
            lines=[DocumentLineShape.of(line, document) for line in lines],
            bookings=[BookingShape(entry=note.entry, source=note.source) for note in document.notes],
        )


class CancelledDocumentAnswer(Wire):
    """The credit note that was recorded, and the invoice that it cancels; both as they stand after it."""

    credit_note: DocumentAnswer
    cancelled: DocumentSummary

    @classmethod
    def of_both(cls, note: Document, invoice: Document) -> CancelledDocumentAnswer:
        """The answer for a cancellation, still without the lines of the credit note."""
        return cls(credit_note=DocumentAnswer.of_known(note, ()), cancelled=DocumentSummary.of(invoice))

    def with_lines(self, lines: tuple[DocumentLine, ...], note: Document) -> CancelledDocumentAnswer:
        """The whole answer."""
        shown = [DocumentLineShape.of(line, note) for line in lines]
        return self.model_copy(update={"credit_note": self.credit_note.model_copy(update={"lines": shown})})


class DocumentsAnswer(Wire):
    """A page of documents."""

    documents: list[DocumentSummary]
    next: NextCursor


class PostingShape(Wire):
    """One side of an entry: a debit above zero, a credit below."""

    account: Account
    amount: str
    vat_code: str


class EntryAnswer(Wire):
    """A journal entry; its postings add up to zero, and it is never changed."""

    id: str
    branch: str
    recorded_at: str
    business_day: str
    currency: str
    postings: list[PostingShape]
    operations: list[Operation]
    source: str = Field(description="The act behind it, such as `payment/Bon-01-0019-26`")
    document: str
    reverses: str | None
    exportable: bool
    text: str

    @classmethod
    def of(cls, entry: Entry) -> EntryAnswer:
        """The answer for an entry."""
        return cls(
            id=entry.id,
            branch=entry.branch,
            recorded_at=moment_text(entry.recorded_at),
            business_day=entry.business_day,
            currency=entry.currency,
            postings=[
                PostingShape(
                    account=one.account,
                    amount=Money(one.amount_minor, entry.currency).decimal_text(),
                    vat_code=one.vat_code,
                )
                for one in entry.postings
            ],
            operations=list(entry.operations),
            source=str(entry.source),
            document=entry.document,
            reverses=entry.reverses or None,
            exportable=entry.exportable,
            text=entry.text,
        )


class EntriesAnswer(Wire):
    """A page of journal entries."""

    entries: list[EntryAnswer]
    next: NextCursor


def _summary(document: Document) -> dict[str, Any]:
    balance = document.balance
    return {
        "number": document.number,
        "kind": document.kind,
        "branch": document.branch,
        "client": document.client,
        "currency": document.currency,
        "total": _printed(document.total_minor, document),
        "due": _printed(document.due_minor, document),
        "paid": _printed(balance.paid_minor, document),
        "discounted": _printed(balance.discounted_minor, document),
        "dunning_fees": _printed(balance.fees_minor, document),
        "dunning_level": balance.dunning_level,
        "issued_on": document.issued_on,
        "payable_on": document.payable_on,
        "settled_on": balance.settled_on or None,
        "customer": document.customer,
        "order_number": document.order_number,
        "handed_over_on": document.handed_over_on or None,
        "cancels": document.cancels or None,
        "cancelled_by": document.cancelled_by or None,
    }


def _printed(minor: int, document: Document) -> str:
    return decimal_text(minor * document.kind.sign, document.currency)  # what stands can always be read


def day_or_none(text: str | None, field: str) -> str:
    """A day, or empty where none is given."""
    return "" if text is None else parse_day(text, field=field)
