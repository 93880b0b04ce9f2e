"""What rows of imports look like on the wire: what became of them, those that wait, and the decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillbridge.http.shapes import Wire
from tillbridge.kernel.calendar import moment_text
from tillbridge.kernel.money import Money

from .allocations import MOST_ALLOCATIONS
from .profile_schemas import BothWords
from .reports import ReportedRow, row_shown
from .row_outcomes import Allocation, Review, Verdict

SignedAmount = Annotated[
    str,
    Field(
        max_length=20,
        description="With a dot and at most the currency's decimals; below zero for money that we pay out, "
        "and on credit notes",
        examples=["119.00"],
    ),
]


class RowShape(Wire):
    """A row of an import: what would become, or became, of it, and why."""

    line: int | None = Field(description="null for a document that a list of open items lacks")
    invoice_number: str | None
    amount: str | None = Field(description="What the row itself says")
    day: str | None
    currency: str
    outcome: Literal["booked", "ignored", "review", "refused", "reversed", "undecided", "would-be-booked"]
    code: str
    reason: BothWords
    applied: str
    discount: str
    fee: str
    ignored: str
    due_after: str | None
    value_on: str | None
    dunning_level: int | None
    column: str | None
    value: str | None
    entry: str | None
    touched_since: bool

    @classmethod
    def of(cls, row: ReportedRow, currency_of_import: str) -> RowShape:
        """The answer for a row: the same as in the report."""
        return cls.model_validate(row_shown(row, currency_of_import))


class RowsAnswer(Wire):
    """A page of rows; narrowed pages may be short and yet have a next one."""

    rows: list[RowShape]
    next: str | None


class AllocationShape(Wire):
    """What is booked on one document; signs as on the document."""

    invoice_number: Annotated[str, Field(min_length=1, max_length=120)]
    applied: SignedAmount
    discount: SignedAmount = "0"
    fee: SignedAmount = Field(default="0", description="Of the row's money, beside what is applied")

    def allocation(self, currency: str, place: int) -> Allocation:
        """The allocation in the room's own words."""
        amounts = [
            Money.parse(text, currency, field=f"allocations.{place}.{name}").amount_minor
            for name, text in (("applied", self.applied), ("discount", self.discount), ("fee", self.fee))
        ]
        return Allocation(self.invoice_number, *amounts)

    @classmethod
    def of(cls, allocation: Allocation, currency: str) -> AllocationShape:
        """The answer for an allocation."""
        return cls(
            invoice_number=allocation.number,
            applied=Money(allocation.applied_minor, currency).decimal_text(),
            discount=Money(allocation.discount_minor, currency).decimal_text(),
            fee=Money(allocation.fee_minor, currency).decimal_text(),
        )


class ReviewDecisionBody(Wire):
    """What a person decides about a row that waits."""

    decision: Literal["book", "dismiss"]
    allocations: Annotated[list[AllocationShape], Field(max_length=MOST_ALLOCATIONS)] = Field(
        default_factory=list, description="With `book`, only then: together they make the row's amount"
    )

    def verdict(self) -> Verdict:
        """The decision in the room's own words."""
        return Verdict(self.decision)

    def allocations_in(self, currency: str) -> list[Allocation]:
        """What is to be booked, in the currency of the row."""
        return [shape.allocation(currency, place) for place, shape in enumerate(self.allocations)]


class ReviewAnswer(Wire):
    """A row that waits, or waited, for a person, and what is known of it."""

    id: str
    line: int
    rows: int = Field(description="So many rows wait as one")
    invoice_number: str | None
    amount: str | None
    currency: str
    day: str | None
    code: str
    reason: BothWords
    payer: str | None
    text: str | None
    candidates: list[str] = Field(description="Documents that it may be about, likeliest first")
    suggested: list[AllocationShape]
    decision: Verdict | None
    allocations: list[AllocationShape]
    decided_by: str | None
    decided_at: str | None

    @classmethod
    def of(cls, review: Review, currency_of_import: str) -> ReviewAnswer:
        """The answer for a row that waits."""
        told, facts = review.told, dict(review.told.facts)
        currency = told.currency_in(currency_of_import)
        shown = row_shown(ReportedRow(told), currency_of_import)
        suggested = [line.split(" ", 1) for line in facts.get("allocations", "").split("\n") if line]
        return cls(
            id=review.id,
            line=told.line,
            rows=review.rows,
            invoice_number=told.invoice_number or None,
            amount=shown["amount"],
            currency=currency,
            day=told.day or None,
            code=told.code,
            reason=BothWords(**shown["reason"]),
            payer=facts.get("payer"),
            text=facts.get("text"),
            candidates=facts.get("candidates", "").split("\n") if facts.get("candidates") else [],
            suggested=[
                AllocationShape.of(Allocation(number, int(minor)), currency) for minor, number in suggested
            ],
            decision=review.verdict,
            allocations=[AllocationShape.of(each, currency) for each in review.allocations],
            decided_by=review.decided_by or None,
            decided_at=moment_text(review.decided_at) if review.decided_at else None,
        )


class ReviewsAnswer(Wire):
    """A page of rows that wait, or waited, in the order of their lines; narrowed pages may be short."""

    reviews: list[ReviewAnswer]
    next: str | None
