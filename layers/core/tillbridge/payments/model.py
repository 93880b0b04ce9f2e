"""The nouns of the payments room; each refuses impossible values when it is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import CharacterSet, fold, safe_file_stem, single_line

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)+", re.ASCII)
_ABSOLUTE_PATH = re.compile(r"(?:/|[A-Za-z]:[\\/]|\\\\[^\\/]+[\\/]).*", re.DOTALL)
MAX_PATH_CHARS = 240
MAX_TARGETS = 5
MAX_TEXT_CHARS = 100
"""A name, a staff member or a number of another document is at most this long."""


class Direction(StrEnum):
    """Which way the money goes: into the till or out of it."""

    IN = "in"
    OUT = "out"

    @property
    def opposite(self) -> Direction:
        """The way back."""
        return Direction.OUT if self is Direction.IN else Direction.IN


class PaymentKind(StrEnum):
    """What a payment was for; ``rules.MAKES_FILE`` says which kinds make files (PF-1, PF-2)."""

    SALE = "sale"
    DOWN_PAYMENT = "down_payment"
    INVOICE = "invoice"
    CANCELLATION = "cancellation"
    CASH_DEPOSIT = "cash_deposit"
    CASH_WITHDRAWAL = "cash_withdrawal"
    PETTY_CASH = "petty_cash"
    SAFE_DROP = "safe_drop"
    FLOAT = "float"


class PaymentMethod(StrEnum):
    """The closed list of ``paymenttype`` (PF-4)."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CHEQUE = "cheque"
    BILL_OF_EXCHANGE = "bill_of_exchange"
    VOUCHER = "voucher"
    ON_ACCOUNT = "on_account"
    SETTLEMENT = "settlement"


class PaymentState(StrEnum):
    """How much of a payment still stands."""

    RECORDED = "recorded"
    PARTLY_CANCELLED = "partly_cancelled"
    CANCELLED = "cancelled"


class LineEnding(StrEnum):
    """What ends a line of a payment file (PF-8)."""

    CRLF = "crlf"
    LF = "lf"

    @property
    def characters(self) -> str:
        """The characters themselves."""
        return "\r\n" if self is LineEnding.CRLF else "\n"


class Withdrawal(StrEnum):
    """How a cancellation finds out whether the consumer of a bucket has taken the file (PF-5, PF-9).

    ``by_claim``: consumers collect through the API, the bridge's own record decides (PF-10).
    ``conditional_delete``: consumers book after an ``If-Match`` delete succeeded; S3 decides.
    ``never``: consumers read, then delete; the file stays and a counter-file is made.
    ``if_present``: as ``never``, but a file still there is removed: the seed's literal rule, with its race.
    """

    BY_CLAIM = "by_claim"
    CONDITIONAL_DELETE = "conditional_delete"
    NEVER = "never"
    IF_PRESENT = "if_present"


@dataclass(frozen=True, slots=True)
class Customer:
    """A named payer; the file says ``Last, First``."""

    last_name: str
    first_name: str = ""

    def __post_init__(self) -> None:
        if not single_line(self.last_name, field="customer.last_name", max_chars=100):
            raise Refused("customer-without-name", field="customer.last_name", value=self.last_name)
        single_line(self.first_name, field="customer.first_name", max_chars=100)


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One thing that happened to a payment or a file: when, what, by whom, with what detail (PF-14)."""

    at: datetime
    what: str
    by: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came in or went out under one document number; ``amount`` is always above zero.

    ``taking`` names the visit at the till to which it belongs, where one visit pays several invoices
    or by several methods (PF-1). A cancellation is a payment of its own that ``cancels`` another.
    ``settles`` is the document of the ledger that it settled when it was recorded, empty where it named none.
    The number is kept in Unicode's composed form, so that its file has the length that was checked (PF-13).
    """

    number: str
    workstation_key: WorkstationKey
    kind: PaymentKind
    direction: Direction
    amount: Money
    method: PaymentMethod
    taken_at: datetime
    taking: str
    recorded_at: datetime
    recorded_by: str
    staff: str = ""
    customer: Customer | None = None
    case_number: str = ""
    invoice_number: str = ""
    settles: str = ""
    cancels: str | None = None
    cancelled_minor: int = 0
    cancelled_by: tuple[str, ...] = ()
    history: tuple[HistoryEvent, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", safe_file_stem(self.number, field="number"))
        if self.amount.amount_minor <= 0:
            raise Refused("amount-not-positive", field="amount", value=self.amount.decimal_text())
        if not 0 <= self.cancelled_minor <= self.amount.amount_minor:
            raise ValueError(f"{self.number}: {self.cancelled_minor} cancelled of {self.amount}")
        for name, text in (
            ("staff", self.staff),
            ("case_number", self.case_number),
            ("invoice_number", self.invoice_number),
        ):
            single_line(text, field=name, max_chars=MAX_TEXT_CHARS)

    @property
    def state(self) -> PaymentState:
        """How much of it still stands."""
        if self.cancelled_minor == 0:
            return PaymentState.RECORDED
        whole = self.cancelled_minor == self.amount.amount_minor
        return PaymentState.CANCELLED if whole else PaymentState.PARTLY_CANCELLED

    @property
    def remaining(self) -> Money:
        """What has not been cancelled of it."""
        return Money(self.amount.amount_minor - self.cancelled_minor, self.amount.currency)

    @property
    def signed_amount(self) -> Money:
        """Above zero for money in, below zero for money out."""
        return self.amount if self.direction is Direction.IN else -self.amount

    @property
    def folded_number(self) -> str:
        """The key under which the number is unique in the chain (PF-3)."""
        return fold(self.number)


@dataclass(frozen=True, slots=True)
class DirectoryTarget:
    """A folder of a workstation into which its edge agent drops the files (PF-7)."""

    id: str
    path: str

    def __post_init__(self) -> None:
        _slug(self.id, "targets.id")
        if len(self.path) > MAX_PATH_CHARS or not _ABSOLUTE_PATH.fullmatch(self.path):
            raise Refused("path-not-absolute", field="targets.path", value=self.path[:MAX_PATH_CHARS])
        single_line(self.path, field="targets.path", max_chars=MAX_PATH_CHARS)
        if ".." in re.split(r"[\\/]", self.path):
            raise Refused("path-goes-up", field="targets.path", value=self.path)


@dataclass(frozen=True, slots=True)
class BucketTarget:
    """A prefix of the payment-file bucket, for consumers in the cloud or behind an SFTP gateway (PF-7)."""

    id: str
    prefix: str
    withdrawal: Withdrawal

    def __post_init__(self) -> None:
        _slug(self.id, "targets.id")
        if len(self.prefix) > MAX_PATH_CHARS or not _PREFIX.fullmatch(self.prefix):
            raise Refused("prefix-unreadable", field="targets.prefix", value=self.prefix[:MAX_PATH_CHARS])


Target = DirectoryTarget | BucketTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """Who wants files of which payments, where and how (PF-6 to PF-8)."""

    id: str
    name: str
    targets: tuple[Target, ...]
    branch: str | None = None
    workstation: str | None = None
    starts_at: datetime | None = None
    active: bool = True
    character_set: CharacterSet = CharacterSet.UTF_8
    line_ending: LineEnding = LineEnding.CRLF
    walk_in_customer: str = "Kassen Kunde"
    revision: int = 1

    def __post_init__(self) -> None:
        _slug(self.id, "id")
        single_line(self.name, field="name", max_chars=100)
        single_line(self.walk_in_customer, field="walk_in_customer", max_chars=100)
        if self.workstation is not None and self.branch is None:
            raise Refused("workstation-without-branch", field="workstation", value=self.workstation)
        ids = [target.id for target in self.targets]
        if not ids or len(ids) > MAX_TARGETS:
            raise Refused("targets-too-many-or-none", field="targets", value=len(ids), most=MAX_TARGETS)
        if len(set(ids)) != len(ids):
            raise Refused("target-twice", field="targets.id", value=", ".join(ids))


class FileState(StrEnum):
    """Where a payment file stands on its way; ``docs/architecture.md`` draws it."""

    HELD = "held"
    PENDING = "pending"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    NOT_NEEDED = "not_needed"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder on the disk of a workstation."""

    workstation_key: WorkstationKey
    path: str


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A key prefix of the bucket, and who decides there whether a file is taken."""

    prefix: str
    withdrawal: Withdrawal


Place = FolderPlace | BucketPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """One file for one payment at one target of one interface.

    A counter-file, made by a cancellation, names the (folded) number of the payment whose file it counters;
    it is *held* while nobody knows yet whether the consumer took that file. ``due_at`` is the moment from
    which somebody else than the maker may see to what the file still owes the bucket.
    """

    number: str
    interface: str
    target: str
    name: str
    branch: str
    place: Place
    content: bytes
    made_at: datetime
    taken_at: datetime
    state: FileState
    history: tuple[HistoryEvent, ...]
    replaced: tuple[str, ...] = ()
    counters: str | None = None
    countered_by: str | None = None
    collected_by: str | None = None
    due_at: datetime | None = None

    @property
    def id(self) -> str:
        """``interface.target.name``: how the API names it."""
        return f"{self.interface}.{self.target}.{self.name}"

    @property
    def folded_number(self) -> str:
        """The folded document number whose file it is."""
        return fold(self.number)

    @property
    def object_key(self) -> str:
        """Where it lies in the bucket."""
        if not isinstance(self.place, BucketPlace):
            raise TypeError(f"{self.id} lies in a folder")
        return self.place.prefix + self.name


@dataclass(frozen=True, slots=True)
class FileKey:
    """What a file is found by: its interface, its target and the folded number of its payment."""

    interface: str
    target: str
    folded_number: str

    @classmethod
    def of(cls, file: PaymentFile) -> FileKey:
        """The key of that file."""
        return cls(file.interface, file.target, file.folded_number)

    @classmethod
    def from_id(cls, file_id: str) -> FileKey | None:
        """The key behind ``interface.target.name``; ``None`` when it is no such id."""
        parts = file_id.split(".", 2)
        if len(parts) != 3:  # noqa: PLR2004 - interface, target, name
            return None
        interface, target, name = parts
        stem, dot, direction = name.rpartition(".")
        if not (dot and stem and direction in set(Direction) and _SLUG.fullmatch(interface)):
            return None
        return cls(interface, target, fold(stem)) if _SLUG.fullmatch(target) else None


def _slug(text: str, field: str) -> None:
    if not _SLUG.fullmatch(text):
        raise Refused("id-unreadable", field=field, value=text[:60])
