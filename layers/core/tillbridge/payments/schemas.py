"""What requests and answers of this room look like on the wire."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Literal

from pydantic import Field

from tillbridge.access.model import WorkstationKey
from tillbridge.access.schemas import Id
from tillbridge.http.shapes import NextCursor, Wire
from tillbridge.kernel.calendar import moment_text, parse_moment
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money

from .model import (
    BucketPlace,
    Customer,
    Direction,
    FileState,
    HistoryEvent,
    Payment,
    PaymentFile,
    PaymentKind,
    PaymentMethod,
    PaymentState,
    Withdrawal,
)
from .requests import CancelRequest, RecordRequest
from .rules import Line
from .store import PaymentWithFiles

MAX_LINES = 10

Number = Annotated[
    str,
    Field(
        max_length=120,
        description="Document or receipt number; unique in the chain for ever, whatever its case; becomes "
        "the name of the file, so it must be a safe file name of at most 120 bytes",
        examples=["Bon-01-0019-19"],
    ),
]
Amount = Annotated[
    str,
    Field(
        max_length=20,
        description="Above zero, with a dot and at most the currency's decimals; `direction` says which way",
        examples=["5.10"],
    ),
]
Currency = Annotated[str, Field(description="ISO 4217", examples=["EUR"], max_length=3)]
MomentText = Annotated[
    str,
    Field(description="RFC 3339 with its offset", examples=["2019-08-02T08:05:00+02:00"], max_length=40),
]
Text = Annotated[str, Field(max_length=100, description="One line of printable characters")]
RecordedKind = Literal[
    "sale", "down_payment", "invoice", "cash_deposit", "cash_withdrawal", "petty_cash", "safe_drop", "float"
]


class CustomerShape(Wire):
    """A named payer; leave it out for a walk-in customer."""

    last_name: Text
    first_name: Text = ""


class LineBody(Wire):
    """One document: one invoice paid by one method, under a number of its own."""

    number: Number
    amount: Amount
    direction: Literal["in", "out"] = Field(default="in", description="`out` for money paid out")
    method: Literal[
        "cash", "card", "transfer", "direct_debit", "cheque", "bill_of_exchange", "voucher", "on_account",
        "settlement",
    ]  # fmt: skip
    invoice_number: Text = ""
    case_number: Text = ""


class PaymentsBody(Wire):
    """One visit at the till: one line for each pair of invoice and method."""

    branch: Id
    workstation: Id | None = Field(
        default=None, description="Where it was taken; a till that belongs to a workstation may leave it out"
    )
    kind: RecordedKind = Field(
        description="`sale`, `down_payment` and `invoice` make files; cash put in or taken out without a "
        "sale makes none"
    )
    currency: Currency
    taken_at: MomentText
    staff: Text = ""
    customer: CustomerShape | None = None
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=MAX_LINES)]
    change: Amount | None = Field(
        default=None, description="Change given back; it is taken out of the cash lines"
    )

    def request(self, default_workstation: str | None) -> RecordRequest:
        """The request in the room's own words; ``Refused`` with the field's path."""
        workstation = self.workstation or default_workstation
        if workstation is None:
            raise Refused("workstation-not-given", field="workstation")
        customer = self.customer
        return RecordRequest(
            workstation_key=WorkstationKey(self.branch, workstation),
            kind=PaymentKind(self.kind),
            currency=self.currency,
            taken_at=parse_moment(self.taken_at, field="taken_at"),
            staff=self.staff,
            customer=Customer(customer.last_name, customer.first_name) if customer else None,
            lines=tuple(
                Line(
                    number=line.number,
                    direction=Direction(line.direction),
                    amount=Money.parse(line.amount, self.currency, field=f"lines.{place}.amount"),
                    method=PaymentMethod(line.method),
                    invoice_number=line.invoice_number,
                    case_number=line.case_number,
                )
                for place, line in enumerate(self.lines)
            ),
            change=None if self.change is None else Money.parse(self.change, self.currency, field="change"),
        )


class CancellationBody(Wire):
    """Takes a payment back, wholly or in part, under a document number of its own."""

    number: Number
    amount: Amount | None = Field(default=None, description="Leave it out to cancel all that is left")
    cancelled_at: MomentText
    staff: Text = ""

    def request(self) -> CancelRequest:
        """The request in the room's own words."""
        moment = parse_moment(self.cancelled_at, field="cancelled_at")
        return CancelRequest(self.number, self.amount, moment, self.staff)


class EventShape(Wire):
    """One thing that happened."""

    at: MomentText
    what: str
    by: str
    detail: str

    @classmethod
    def of(cls, event: HistoryEvent) -> EventShape:
        """The answer for an event."""
        return cls(at=moment_text(event.at), what=event.what, by=event.by, detail=event.detail)


class FileSummary(Wire):
    """A payment file in a list."""

    id: str
    name: str
    number: str
    interface: str
    target: str
    branch: str
    state: FileState
    made_at: str

    @classmethod
    def of(cls, file: PaymentFile) -> FileSummary:
        """The answer for a file in a list."""
        return cls(
            id=file.id,
            name=file.name,
            number=file.number,
            interface=file.interface,
            target=file.target,
            branch=file.branch,
            state=file.state,
            made_at=moment_text(file.made_at),
        )


class FileAnswer(FileSummary):
    """A payment file with its whole history (PF-14)."""

    place: str
    withdrawal: Withdrawal | None = Field(description="Of a bucket: who decides whether a file is taken")
    replaced: list[str] = Field(description="Characters that the file's character set could not hold")
    counters: str | None = Field(description="Of a counter-file: the payment whose file it counters")
    countered_by: str | None = Field(description="The cancellation that takes this file back or counters it")
    history: list[EventShape]

    @classmethod
    def of(cls, file: PaymentFile) -> FileAnswer:
        """The answer for one file."""
        place = file.place
        return cls(
            **FileSummary.of(file).model_dump(),
            place=file.object_key if isinstance(place, BucketPlace) else place.path,
            withdrawal=place.withdrawal if isinstance(place, BucketPlace) else None,
            replaced=list(file.replaced),
            counters=file.counters,
            countered_by=file.countered_by,
            history=[EventShape.of(event) for event in file.history],
        )


class ResolutionBody(Wire):
    """What a person found out about a file in doubt."""

    taken: bool = Field(description="Whether the consumer took the file (look into its books)")


class CollectedAnswer(Wire):
    """A collected file; asking again gives the same answer (PF-10)."""

    id: str
    name: str
    number: str
    content_base64: str
    collected_by: str

    @classmethod
    def of(cls, file: PaymentFile) -> CollectedAnswer:
        """The answer for a collected file."""
        return cls(
            id=file.id,
            name=file.name,
            number=file.number,
            content_base64=b64encode(file.content).decode(),
            collected_by=file.collected_by or "",
        )


class PaymentAnswer(Wire):
    """A payment as it stands."""

    number: str
    branch: str
    workstation: str
    kind: PaymentKind
    direction: Direction
    amount: Amount
    currency: Currency
    method: PaymentMethod
    taken_at: str
    taking: str = Field(description="Payments of one visit at the till share it")
    recorded_at: str
    recorded_by: str
    staff: str
    customer: CustomerShape | None
    case_number: str
    invoice_number: str
    settles: str | None = Field(
        description="The document that it settled when it was recorded; null where `invoice_number` is that "
        "of no document here: then nothing is paid by it"
    )
    state: PaymentState
    cancelled_amount: str
    cancelled_by: list[str]
    cancels: str | None

    @classmethod
    def of(cls, payment: Payment) -> PaymentAnswer:
        """The answer for a payment."""
        customer = payment.customer
        return cls(
            number=payment.number,
            branch=payment.workstation_key.branch,
            workstation=payment.workstation_key.workstation,
            kind=payment.kind,
            direction=payment.direction,
            amount=payment.amount.decimal_text(),
            currency=payment.amount.currency,
            method=payment.method,
            taken_at=moment_text(payment.taken_at),
            taking=payment.taking,
            recorded_at=moment_text(payment.recorded_at),
            recorded_by=payment.recorded_by,
            staff=payment.staff,
            customer=CustomerShape(last_name=customer.last_name, first_name=customer.first_name)
            if customer
            else None,
            case_number=payment.case_number,
            invoice_number=payment.invoice_number,
            settles=payment.settles or None,
            state=payment.state,
            cancelled_amount=Money(payment.cancelled_minor, payment.amount.currency).decimal_text(),
            cancelled_by=list(payment.cancelled_by),
            cancels=payment.cancels,
        )


class PaymentWithFilesAnswer(PaymentAnswer):
    """A payment with its files and what happened to it."""

    files: list[FileAnswer]
    history: list[EventShape]

    @classmethod
    def of_known(cls, known: PaymentWithFiles) -> PaymentWithFilesAnswer:
        """The answer for a payment and its files."""
        files = [FileAnswer.of(file) for file in known.files]
        history = [EventShape.of(event) for event in known.payment.history]
        return cls(**PaymentAnswer.of(known.payment).model_dump(), files=files, history=history)


class RecordedPayment(PaymentAnswer):
    """A payment just recorded, with the files that were made for it."""

    files: list[FileSummary]


class RecordedAnswer(Wire):
    """What was recorded; a repetition of the request is answered the same (PF-12)."""

    payments: list[RecordedPayment]


class CancelledAnswer(Wire):
    """The cancellation that was recorded, and what becomes of the cancelled payment's files."""

    cancellation: RecordedPayment
    cancelled: PaymentAnswer
    files: list[FileSummary]


class PaymentsAnswer(Wire):
    """A page of payments."""

    payments: list[PaymentAnswer]
    next: NextCursor


class FilesAnswer(Wire):
    """A page of payment files."""

    files: list[FileSummary]
    next: NextCursor
