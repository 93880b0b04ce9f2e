"""What requests and answers about imports look like on the wire (RI-30 to RI-38)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillbridge.http.shapes import Wire
from tillbridge.kernel.calendar import moment_text
from tillbridge.kernel.money import Money

from . import code_words
from .guards import GUARDS
from .import_model import Event, Import, ImportState, RowPolicy, Stop, UploadOptions
from .model import Kind, Variant
from .profile_schemas import BothWords, KindText, ProfileId
from .report_words import stop_sentence
from .service import APPROVED, REJECTED, Announced, Link

ImportDay = Annotated[str, Field(description="`YYYY-MM-DD`", examples=["2026-11-21"], max_length=10)]
Reason = Annotated[str, Field(max_length=500, description="It stands in the history of the import")]


VariantText = Literal[
    "closed-items", "open-items", "payments", "dunning-levels", "bank-statement", "invoices", "customers",
    "orders",
]  # fmt: skip


class AnnouncementBody(Wire):
    """A file that shall be uploaded, and what it may not say itself."""

    profile: ProfileId
    file_name: Annotated[str, Field(min_length=1, max_length=200, examples=["zahlungen-2026-11.csv"])]
    as_of: ImportDay | None = Field(default=None, description="The day whose open items the list shows")
    settle_by: ImportDay | None = Field(
        default=None,
        description="*Set to paid by date*: all invoices that the file names are settled as of this day",
    )
    kind: KindText | None = Field(
        default=None, description="null: that of the profile, or whichever claims it"
    )

    variant: VariantText | None = Field(
        default=None,
        description="What its rows say, where the kind could mean several (DATEV pro without marks); "
        "for other kinds it is what the file must be",
    )

    def options(self) -> UploadOptions:
        """What the uploader says, in the room's own words."""
        return UploadOptions(
            self.as_of or "",
            self.settle_by or "",
            Kind(self.kind) if self.kind else None,
            variant=Variant(self.variant) if self.variant else None,
        )


class AnnouncementAnswer(Wire):
    """The import that the upload will start, and the form that takes the file."""

    id: str = Field(description="There is no such import before the file has come")
    url: str = Field(description="Where to post the form, as `multipart/form-data`")
    fields: dict[str, str] = Field(description="What goes before the file; the file is the field `file`")
    expires_at: str

    @classmethod
    def of(cls, announced: Announced) -> AnnouncementAnswer:
        """The answer for an announced upload."""
        return cls(
            id=announced.import_id,
            url=announced.form.url,
            fields=announced.form.fields,
            expires_at=moment_text(announced.expires_at),
        )


class TotalsShape(Wire):
    """How many rows had which outcome, and what is booked for them in the import's currency.

    While an import is under way they grow.
    """

    stands_for: Literal["would-be-booked", "booked", "reversed"] = Field(
        description="Before an import is booked, and where it never is, they say what would be"
    )
    rows: int
    booked: int
    ignored: int
    review: int = Field(description="Rows that wait for a person")
    refused: int
    by_absence: int = Field(description="Documents that are settled because a list of open items lacks them")
    applied: str | None
    discount: str | None
    fee: str | None
    settled_by_absence: str | None = Field(description="Credit notes count with their amounts")

    @classmethod
    def of(cls, one: Import) -> TotalsShape:
        """The answer for the totals of an import."""
        totals, currency = one.totals, one.currency
        return cls(
            stands_for=_stands_for(one.state),
            rows=totals.rows,
            booked=totals.booked,
            ignored=totals.ignored,
            review=totals.review,
            refused=totals.refused,
            by_absence=totals.by_absence,
            applied=_text(totals.applied_minor, currency),
            discount=_text(totals.discount_minor, currency),
            fee=_text(totals.fee_minor, currency),
            settled_by_absence=_text(totals.absence_minor, currency),
        )


class StopShape(Wire):
    """Why an import waits or ended."""

    code: str
    is_guard: bool = Field(description="A guard of open items: a named person may let it pass")
    field: str | None
    words: BothWords

    @classmethod
    def of(cls, stop: Stop) -> StopShape:
        """The answer for a reason."""
        return cls(
            code=stop.code, is_guard=stop.code in GUARDS, field=stop.field_name or None, words=_both(stop)
        )


class NoticeShape(Wire):
    """What to know of a file, though it stops nothing."""

    line: int | None
    code: str
    words: BothWords

    @classmethod
    def of(cls, notice: Stop) -> NoticeShape:
        """The answer for a notice."""
        line = int(notice.value) if notice.field_name == "line" and notice.value.isdecimal() else None
        return cls(line=line or None, code=notice.code, words=_both(notice))


class ImportEventShape(Wire):
    """One thing that happened to an import."""

    at: str
    what: str
    words: BothWords
    by: str
    detail: str

    @classmethod
    def of(cls, event: Event) -> ImportEventShape:
        """The answer for an event."""
        words = code_words.event(event.what, event.detail)
        return cls(
            at=moment_text(event.at),
            what=event.what,
            words=BothWords(de=words.de, en=words.en),
            by=event.by,
            detail=event.detail,
        )


class ApprovalShape(Wire):
    """Who decided about an import that waited, when and why."""

    decision: Literal["approve", "reject"]
    by: str
    at: str
    reason: str

    @classmethod
    def of(cls, one: Import) -> ApprovalShape | None:
        """The answer for an import; None where nobody has decided, or had to."""
        for event in one.history:
            if event.what in (APPROVED, REJECTED):
                return cls(
                    decision="approve" if event.what == APPROVED else "reject",
                    by=event.by,
                    at=moment_text(event.at),
                    reason=event.detail,
                )
        return None


class ImportSummary(Wire):
    """An import in a list."""

    id: str
    profile: str
    client: str
    state: ImportState
    file_name: str
    uploaded_at: str
    uploaded_by: str
    kind: Kind | None
    variant: Variant | None
    currency: str | None
    rows_read: int
    totals: TotalsShape
    open_reviews: int

    @classmethod
    def of(cls, one: Import) -> ImportSummary:
        """The answer for an import."""
        return cls(
            id=one.id,
            profile=one.profile,
            client=one.client,
            state=one.state,
            file_name=one.file_name,
            uploaded_at=moment_text(one.uploaded_at),
            uploaded_by=one.uploaded_by,
            kind=one.kind,
            variant=one.variant,
            currency=one.currency or None,
            rows_read=one.listed + one.problem_lines,
            totals=TotalsShape.of(one),
            open_reviews=one.open_reviews,
        )


class ImportsAnswer(Wire):
    """A page of imports, newest first; narrowed pages may be short and yet have a next one."""

    imports: list[ImportSummary]
    next: str | None


class ImportAnswer(ImportSummary):
    """An import as it stands."""

    branches: list[str]
    size_bytes: int
    policy: RowPolicy
    as_of: str | None
    settle_by: str | None
    import_day: str
    character_set: str | None
    separator: str | None
    open_in_scope: int = Field(description="Open documents in the scope of a list of open items")
    older_rows: int = Field(description="Closed items that are older than the kind goes back")
    reversed: int = Field(description="Bookings that a deletion has reversed")
    touched_since: int = Field(description="Documents that something else had touched when it was deleted")
    stops: list[StopShape]
    notices: list[NoticeShape]
    approval: ApprovalShape | None
    history: list[ImportEventShape]
    report: Literal["none", "ready", "being-written"] = Field(
        description="`being-written`: one will come, or the one that is there will be written anew"
    )

    @classmethod
    def of(cls, one: Import) -> ImportAnswer:
        """The answer for an import."""
        return cls(
            **ImportSummary.of(one).model_dump(),
            branches=list(one.branches),
            size_bytes=one.size_bytes,
            policy=one.policy,
            as_of=one.as_of or None,
            settle_by=one.options.settle_by or None,
            import_day=one.import_day,
            character_set=one.character_set or None,
            separator=one.separator or None,
            open_in_scope=one.in_scope,
            older_rows=one.older_rows,
            reversed=one.reversed_count,
            touched_since=one.touched_since,
            stops=[StopShape.of(stop) for stop in one.stops],
            notices=[NoticeShape.of(notice) for notice in one.notices],
            approval=ApprovalShape.of(one),
            history=[ImportEventShape.of(event) for event in one.history],
            report="being-written" if one.due_at else "ready" if one.report else "none",
        )


class ReportAnswer(Wire):
    """Where a report can be fetched for a while."""

    url: str
    expires_at: str

    @classmethod
    def of(cls, link: Link) -> ReportAnswer:
        """The answer for a link."""
        return cls(url=link.url, expires_at=moment_text(link.expires_at))


class ImportDecisionBody(Wire):
    """What shall become of an import that waits for approval."""

    decision: Literal["approve", "reject"]
    reason: Reason


class ImportDeletionBody(Wire):
    """That an import shall be taken back."""

    reason: Reason


def _stands_for(state: ImportState) -> Literal["would-be-booked", "booked", "reversed"]:
    if state in (ImportState.DELETING, ImportState.DELETED):
        return "reversed"
    return "booked" if state in (ImportState.BOOKING, ImportState.FINISHED) else "would-be-booked"


def _both(stop: Stop) -> BothWords:
    return BothWords(de=stop_sentence(stop, "de"), en=stop_sentence(stop, "en"))


def _text(minor: int, currency: str) -> str | None:
    return Money(minor, currency).decimal_text() if currency else None
