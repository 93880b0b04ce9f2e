"""What requests and answers about import profiles and own mappings look like on the wire (RI-20)."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Literal

from pydantic import Field

from tillbridge.access.schemas import Id
from tillbridge.http.shapes import Wire
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.ledger.books_model import parse_percent, percent_text

from .formats.own_mapping import Tried
from .import_model import (
    MAX_BRANCHES,
    MAX_PATTERNS,
    MOST_DOCUMENTS,
    Approval,
    Limits,
    Profile,
    RowPolicy,
)
from .mappings import MAX_POSITION, MAX_SKIPPED_LINES, MAX_WORDS, Mapping
from .model import Kind, Problem, Row, Variant
from .report_words import sentence
from .reports import problem_told

SAMPLE_BYTES = 40 * 1024
_BASE64_CHARS = -(-SAMPLE_BYTES // 3) * 4

KindText = Literal[
    "amparex", "pbs", "datev", "datev-pro", "datev-kr-export", "addison-connect", "diamant", "navision",
    "navision-mahnungen", "camt", "mt940", "own-mapping", "invoices", "customers",
    "orders",
]  # fmt: skip
MeaningText = Literal[
    "invoice_number", "amount", "day", "currency", "cash_discount", "dunning_fee", "overpayment", "reopening",
    "dunning_level", "clearing_mark", "reference",
]  # fmt: skip
ProfileId = Annotated[
    str,
    Field(
        pattern="^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$",
        description="1 to 40 small letters, digits and hyphens; also a folder of the inbox",
        examples=["accountant"],
    ),
]
ImportCurrency = Annotated[str, Field(description="ISO 4217", examples=["EUR"], max_length=3)]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Words = Annotated[list[Word], Field(max_length=MAX_WORDS)]
Place = (
    Annotated[str, Field(min_length=1, max_length=200, description="The heading of the column")]
    | Annotated[int, Field(ge=1, le=MAX_POSITION, description="Its place from 1, without headings")]
)


class BothWords(Wire):
    """A sentence for people, in both languages."""

    de: str
    en: str


class MappingShape(Wire):
    """How any CSV file is to be read."""

    variant: Literal["closed-items", "open-items", "payments", "dunning-levels"] = Field(
        description="What the rows say"
    )
    columns: Annotated[
        dict[MeaningText, Place],
        Field(
            min_length=1,
            description="Meaning to column; `amount` is what was paid, or what is still open",
            examples=[{"invoice_number": "Rechnung", "amount": "Betrag", "day": "Datum"}],
        ),
    ]
    has_headings: bool = True
    separator: Literal[";", ",", "\t", "|"] | None = Field(default=None, description="null: it is recognised")
    character_set: Literal["utf-8", "cp1252", "utf-16"] | None = Field(
        default=None, description="null: it is recognised"
    )
    decimal_mark: Literal[",", "."] = ","
    date_format: Annotated[str, Field(max_length=20)] = Field(
        default="yyyyMMdd",
        description="Day (`dd` or `d`), month (`MM` or `M`), year (`yyyy` or `yy`) and signs between",
        examples=["dd.MM.yyyy"],
    )
    yes_words: Words = Field(default_factory=lambda: ["J", "JA", "Y", "YES"])
    no_words: Words = Field(default_factory=lambda: ["N", "NEIN", "NO"])
    closing_marks: Words = Field(
        default_factory=list, description="With a column for the clearing mark: those that say *cleared*"
    )
    open_marks: Words = Field(default_factory=list, description="Those that say *still open*, beside nothing")
    skipped_lines: int = Field(default=0, ge=0, le=MAX_SKIPPED_LINES, description="Lines before the headings")

    def mapping(self) -> Mapping:
        """The mapping in the room's own words."""
        return Mapping(
            variant=Variant(self.variant),
            columns={str(meaning): place for meaning, place in self.columns.items()},
            has_headings=self.has_headings,
            separator=self.separator,
            character_set=self.character_set,
            decimal_mark=self.decimal_mark,
            date_format=self.date_format,
            yes_words=tuple(self.yes_words),
            no_words=tuple(self.no_words),
            closing_marks=tuple(self.closing_marks),
            open_marks=tuple(self.open_marks),
            skipped_lines=self.skipped_lines,
        )

    @classmethod
    def of(cls, mapping: Mapping) -> MappingShape:
        """The answer for a mapping."""
        return cls.model_validate(mapping.values())


class LimitsShape(Wire):
    """Above these a list of open items waits for approval; what is left out has its usual value (RI-33)."""

    most_settled_by_absence: int | None = Field(
        default=None, ge=0, le=MOST_DOCUMENTS, description="So many invoices may be settled by absence"
    )
    most_amount_by_absence: Annotated[str, Field(max_length=20)] | None = Field(
        default=None,
        description="So much may be settled by absence, and so much by lower open amounts",
        examples=["10000.00"],
    )
    most_share_percent: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="Such a share of the open invoices in scope", examples=["20"]
    )
    least_rows_percent: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="A list has at least such a share of the last one's rows", examples=["50"]
    )

    def limits(self, currency: str) -> Limits:
        """The limits in the room's own words."""
        usual = Limits()
        count, amount = self.most_settled_by_absence, self.most_amount_by_absence
        return Limits(
            usual.most_settled_by_absence if count is None else count,
            usual.most_minor_by_absence
            if amount is None
            else Money.parse(amount, currency, field="limits.most_amount_by_absence").amount_minor,
            _basis_points(self.most_share_percent, "most_share_percent", usual.most_share_basis_points),
            _basis_points(self.least_rows_percent, "least_rows_percent", usual.least_rows_basis_points),
        )

    @classmethod
    def of(cls, limits: Limits, currency: str) -> LimitsShape:
        """The answer for limits."""
        return cls(
            most_settled_by_absence=limits.most_settled_by_absence,
            most_amount_by_absence=Money(limits.most_minor_by_absence, currency).decimal_text(),
            most_share_percent=percent_text(limits.most_share_basis_points),
            least_rows_percent=percent_text(limits.least_rows_basis_points),
        )


def _basis_points(text: str | None, name: str, usual: int) -> int:
    return usual if text is None else parse_percent(text, f"limits.{name}")


class ImportProfileBody(Wire):
    """An import profile as it shall be: how the files of one sender are imported."""

    name: Annotated[str, Field(max_length=100, examples=["Kanzlei Beispiel, Zahlungen"])]
    client: Id
    currency: ImportCurrency
    branches: Annotated[list[Id], Field(max_length=MAX_BRANCHES)] = Field(
        default_factory=list, description="Empty: all branches of the client"
    )
    kind: KindText | None = Field(default=None, description="null: exactly one kind must claim each file")
    policy: Literal["all-or-nothing", "good-rows"] = Field(
        default="all-or-nothing", description="Whether a wrong row stops the others"
    )
    approval: Literal["guards", "always"] = Field(
        default="guards", description="When a person must agree before anything is booked"
    )
    limits: LimitsShape = Field(default_factory=LimitsShape)
    mapping: MappingShape | None = Field(default=None, description="With the kind `own-mapping`, only then")
    number_patterns: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=MAX_PATTERNS)
    ] = Field(
        default_factory=list,
        description="How invoice numbers look that payers name, beside the branches' series: `#` a digit, "
        "`@` a letter, `?` either, `+` behind it for several",
        examples=[["RE-@@-####-##"]],
    )
    active: bool = True

    def profile(self, profile_id: str) -> Profile:
        """The profile in the room's own words."""
        return Profile(
            id=profile_id,
            name=self.name,
            client=self.client,
            currency=self.currency,
            branches=tuple(self.branches),
            kind=Kind(self.kind) if self.kind else None,
            policy=RowPolicy(self.policy),
            approval=Approval(self.approval),
            limits=self.limits.limits(self.currency),
            mapping=self.mapping.mapping() if self.mapping else None,
            number_patterns=tuple(self.number_patterns),
            active=self.active,
        )


class ImportProfileAnswer(Wire):
    """An import profile as it stands."""

    id: str
    name: str
    client: str
    currency: str
    branches: list[str] = Field(description="Empty: all branches of the client")
    kind: Kind | None
    policy: RowPolicy
    approval: Approval
    limits: LimitsShape
    mapping: MappingShape | None
    number_patterns: list[str]
    active: bool
    revision: int

    @classmethod
    def of(cls, profile: Profile) -> ImportProfileAnswer:
        """The answer for a profile."""
        return cls(
            id=profile.id,
            name=profile.name,
            client=profile.client,
            currency=profile.currency,
            branches=list(profile.branches),
            kind=profile.kind,
            policy=profile.policy,
            approval=profile.approval,
            limits=LimitsShape.of(profile.limits, profile.currency),
            mapping=MappingShape.of(profile.mapping) if profile.mapping else None,
            number_patterns=list(profile.number_patterns),
            active=profile.active,
            revision=profile.revision,
        )


class ImportProfilesAnswer(Wire):
    """The import profiles of the caller's branches, by id."""

    profiles: list[ImportProfileAnswer]


class MappingTrialBody(Wire):
    """An own mapping, and a sample to try it on."""

    file_name: Annotated[str, Field(max_length=200, examples=["zahlungen.csv"])]
    currency: ImportCurrency
    mapping: MappingShape
    sample: Annotated[str, Field(max_length=_BASE64_CHARS)] = Field(
        description="The file, or its beginning, in Base64: at most 40 KB of it"
    )
    is_beginning: bool = Field(default=False, description="The file goes on: its last line is cut")

    def content(self) -> bytes:
        """The bytes of the sample; ``Refused`` for what is no Base64."""
        try:
            return b64decode(self.sample, validate=True)
        except ValueError:
            raise Refused("sample-unreadable", field="sample", value=self.sample[:20]) from None


class TriedRowShape(Wire):
    """A row as the mapping reads it; null is what the file leaves empty."""

    line: int
    invoice_number: str
    amount: str | None
    day: str | None
    currency: str | None
    cash_discount: bool | None
    dunning_fee: bool | str | None = Field(description="Whether there may be one, or how much")
    overpayment: bool | None
    reopening: bool | None
    dunning_level: int | None
    cleared: bool | None
    reference: str | None

    @classmethod
    def of(cls, row: Row, currency_of_profile: str) -> TriedRowShape:
        """The answer for a row."""
        currency = row.currency or currency_of_profile
        fee = row.dunning_fee_minor
        return cls(
            line=row.line,
            invoice_number=row.invoice_number,
            amount=None if row.amount_minor is None else Money(row.amount_minor, currency).decimal_text(),
            day=row.day,
            currency=row.currency,
            cash_discount=row.cash_discount,
            dunning_fee=row.dunning_fee if fee is None else Money(fee, currency).decimal_text(),
            overpayment=row.overpayment,
            reopening=row.reopening,
            dunning_level=row.dunning_level,
            cleared=row.cleared,
            reference=row.reference or None,
        )


class RowProblemShape(Wire):
    """What is wrong with a row: where, what stands there, and why that can't be (RI-32)."""

    line: int
    column: str | None
    value: str | None
    code: str
    words: BothWords

    @classmethod
    def of(cls, problem: Problem) -> RowProblemShape:
        """The answer for a problem."""
        told = problem_told(problem)
        return cls(
            line=problem.line,
            column=problem.column or None,
            value=problem.value or None,
            code=problem.code,
            words=BothWords(de=sentence(told, "de"), en=sentence(told, "en")),
        )


class MappingTrialAnswer(Wire):
    """What the mapping makes of the sample: counts, the first rows, the first problems."""

    rows_read: int
    lines_with_problems: int
    character_set: str
    separator: str
    rows: list[TriedRowShape]
    problems: list[RowProblemShape]

    @classmethod
    def of(cls, tried: Tried, currency: str) -> MappingTrialAnswer:
        """The answer for a trial."""
        return cls(
            rows_read=tried.facts.rows,
            lines_with_problems=tried.facts.problem_lines,
            character_set=tried.facts.character_set,
            separator=tried.facts.separator,
            rows=[TriedRowShape.of(row, currency) for row in tried.rows],
            problems=[RowProblemShape.of(problem) for problem in tried.problems],
        )
