"""The journal's nouns: balanced, immutable entries, each with its source; pure (LE-2).

Postings name *roles* of accounts, not numbers: the chart of a branch's client turns a role into an account
when the books leave the house (LE-4), so that a chart may be completed later without touching what is booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from json import dumps

from tillbridge.kernel.calendar import sortable_text
from tillbridge.kernel.currencies import DECIMALS


class Account(StrEnum):
    """What an account is for; a chart gives each its number (LE-4)."""

    CASH = "cash"
    CARD = "card"
    BANK = "bank"
    CHEQUES = "cheques"
    BILLS_OF_EXCHANGE = "bills-of-exchange"
    VOUCHERS = "vouchers"
    ON_ACCOUNT = "on-account"
    SETTLEMENTS = "settlements"
    CASH_IN_TRANSIT = "cash-in-transit"
    PETTY_CASH_EXPENSES = "petty-cash-expenses"
    RECEIVABLES = "receivables"
    PAYABLES = "payables"
    DOWN_PAYMENTS = "down-payments"
    REVENUE = "revenue"
    EXPENSES = "expenses"
    CASH_DISCOUNT_GRANTED = "cash-discount-granted"
    CASH_DISCOUNT_RECEIVED = "cash-discount-received"
    DUNNING_FEES = "dunning-fees"
    REFUND_FEES = "refund-fees"
    PAID_AT_ACCOUNTANT = "paid-at-accountant"


class Operation(StrEnum):
    """The operations of seed 004 (LE-5)."""

    SALE = "SALE"
    DIRECT_PAYMENT = "DIRECT_PAYMENT"
    REFUND = "REFUND"
    REFUND_CLIENT = "REFUND_CLIENT"
    REFUND_ORG = "REFUND_ORG"
    DEBIT_CREDIT_NOTE = "DEBIT_CREDIT_NOTE"
    CREDIT_CREDIT_NOTE = "CREDIT_CREDIT_NOTE"
    REFUND_CREDIT_NOTE = "REFUND_CREDIT_NOTE"
    DEBIT_WAIT_ACCOUNT = "DEBIT_WAIT_ACCOUNT"
    CREDIT_WAIT_ACCOUNT = "CREDIT_WAIT_ACCOUNT"


class SourceKind(StrEnum):
    """What made an entry (LE-2)."""

    DOCUMENT = "document"
    PAYMENT = "payment"
    IMPORT = "import"
    DESK_DAY = "desk-day"


@dataclass(frozen=True, slots=True)
class Source:
    """The act behind an entry: ``import/IM-…``, ``payment/BLG-…``."""

    kind: SourceKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: debit above zero, credit below; ``vat_code`` where a rate belongs to it."""

    account: Account
    amount_minor: int
    vat_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One journal entry. Debits and credits balance; it is never changed, only reversed by another (LE-2).

    ``business_day`` is the day on which the money moved, ``recorded_at`` when the entry was written.
    ``operations`` are what it is in the sense of seed 004: a ``CREDIT_CREDIT_NOTE`` never stands without its
    ``DIRECT_PAYMENT`` (LE-5).
    """

    id: str
    branch: str
    recorded_at: datetime
    business_day: str
    currency: str
    postings: tuple[Posting, ...]
    source: Source
    operations: tuple[Operation, ...] = ()
    document: str = ""
    reverses: str = ""
    exportable: bool = True
    text: str = ""

    def __post_init__(self) -> None:
        if self.currency not in DECIMALS:
            raise ValueError(f"{self.id}: no currency {self.currency}")
        if any(type(posting.amount_minor) is not int for posting in self.postings):
            raise ValueError(
                f"{self.id}: amounts are whole minor units"
            )  # else a seal would not be theirs alone
        if not self.postings or any(not posting.amount_minor for posting in self.postings):
            raise ValueError(f"{self.id}: an entry has postings, and none of zero")
        if sum(posting.amount_minor for posting in self.postings):
            raise ValueError(f"{self.id}: debits and credits differ")
        if (
            Operation.CREDIT_CREDIT_NOTE in self.operations
            and Operation.DIRECT_PAYMENT not in self.operations
        ):
            raise ValueError(f"{self.id}: CREDIT_CREDIT_NOTE comes with its DIRECT_PAYMENT")

    def canonical(self) -> bytes:
        """The entry as bytes that never change: what a seal covers (LE-3)."""
        return dumps(
            {
                "branch": self.branch,
                "business_day": self.business_day,
                "currency": self.currency,
                "document": self.document,
                "exportable": self.exportable,
                "id": self.id,
                "operations": self.operations,
                "postings": [[one.account, one.amount_minor, one.vat_code] for one in self.postings],
                "recorded_at": sortable_text(self.recorded_at),
                "reverses": self.reverses,
                "source": str(self.source),
                "text": self.text,
            },
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=True,
        ).encode()

    def leaf_hash(self) -> bytes:
        """SHA-256 of the entry as a leaf of a Merkle tree (RFC 6962, section 2.1)."""
        return sha256(b"\x00" + self.canonical()).digest()

    def reversal(self, id_: str, recorded_at: datetime, source: Source, business_day: str) -> Entry:
        """The entry that takes this one back; it inherits whether it may be exported (RI-7)."""
        return Entry(
            id=id_,
            branch=self.branch,
            recorded_at=recorded_at,
            business_day=business_day,
            currency=self.currency,
            postings=tuple(Posting(one.account, -one.amount_minor, one.vat_code) for one in self.postings),
            source=source,
            operations=self.operations,
            document=self.document,
            reverses=self.id,
            exportable=self.exportable,
            text=self.text,
        )
