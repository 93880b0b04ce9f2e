"""The nouns of the ledger's documents: clients, customers, terms, orders, invoices and what is open of them.

Amounts of documents are signed: what others owe us is above zero (invoices), what we owe is below zero
(credit notes, incoming invoices). So one arithmetic serves all: ``due = total - paid - discounted``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from tillbridge.access.model import checked_id
from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import MAX_MINOR, Money
from tillbridge.kernel.text import fold, safe_file_stem, single_line

WHOLE_BASIS_POINTS = 10_000
"""A hundred per cent."""

MAX_DAYS = 999
MAX_TIERS = 2
MAX_LINES = 500
MAX_BOOKINGS = 600
"""So many bookings fit into a document's row (400 KB) with their reversals, and with what is passed on of
those to a credit note, however long the numbers.
"""
MAX_DUNNING_LEVEL = 9

_COUNTRY = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2
_ACCOUNT = re.compile(r"[0-9]{1,9}")  # the longest that DATEV takes


def _in_range(number: int, least: int, most: int, field_name: str) -> None:
    if not least <= number <= most:
        raise Refused("number-out-of-range", field=field_name, value=number, least=least, most=most)


class DocumentKind(StrEnum):
    """What is settled: an invoice to a customer, a credit note, an invoice from a supplier (LE-1)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    INCOMING_INVOICE = "incoming-invoice"

    @property
    def sign(self) -> int:
        """1 where others owe us, -1 where we owe others."""
        return 1 if self is DocumentKind.INVOICE else -1

    @property
    def side(self) -> str:
        """The list of open items on which it stands: of customers or of suppliers."""
        return "payables" if self is DocumentKind.INCOMING_INVOICE else "receivables"


@dataclass(frozen=True, slots=True)
class DiscountTier:
    """A cash discount: so many basis points (300 = 3 %) off when paid within so many days."""

    days: int
    basis_points: int

    def __post_init__(self) -> None:
        _in_range(self.days, 0, MAX_DAYS, "terms.discounts.days")
        _in_range(self.basis_points, 1, WHOLE_BASIS_POINTS - 1, "terms.discounts.percent")


@dataclass(frozen=True, slots=True)
class Terms:
    """When an invoice is to be paid, and what may be taken off for paying sooner (LE-1)."""

    payment_days: int = 0
    discounts: tuple[DiscountTier, ...] = ()

    def __post_init__(self) -> None:
        _in_range(self.payment_days, 0, MAX_DAYS, "terms.payment_days")
        if len(self.discounts) > MAX_TIERS:
            raise Refused(
                "discounts-too-many", field="terms.discounts", value=len(self.discounts), most=MAX_TIERS
            )
        days = [tier.days for tier in self.discounts]
        shares = [tier.basis_points for tier in self.discounts]
        if days != sorted(set(days)) or shares != sorted(set(shares), reverse=True):
            given = ", ".join(f"{tier.days}: {tier.basis_points / 100:g} %" for tier in self.discounts)
            raise Refused("discounts-out-of-order", field="terms.discounts", value=given)


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer or debtor with its terms; name and address are personal data: shown, never logged (PE-3)."""

    number: str
    branch: str
    name: str = field(repr=False)
    street: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    country: str = ""
    language: str = "de"
    account: str = ""
    terms: Terms = NO_TERMS
    revision: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", checked_number(self.number, "number"))
        object.__setattr__(self, "name", single_line(self.name, field="name", max_chars=100))
        checked_id(self.branch, "branch")
        if not self.name:
            raise Refused("name-is-empty", field="name", value=self.name)
        for name, text in (("street", self.street), ("city", self.city), ("postcode", self.postcode)):
            single_line(text, field=name, max_chars=100)
        if self.country and not _COUNTRY.fullmatch(self.country):
            raise Refused("country-unreadable", field="country", value=self.country[:20])
        if self.language not in ("de", "en"):
            raise Refused("language-unknown", field="language", value=self.language[:20])
        if self.account and not _ACCOUNT.fullmatch(self.account):
            raise Refused("account-unreadable", field="account", value=self.account[:20])

    @property
    def folded_number(self) -> str:
        """The key under which the number is unique in the chain."""
        return fold(self.number)


@dataclass(frozen=True, slots=True)
class Order:
    """An order (Auftrag): who took it, whom to reach about it (LE-1)."""

    number: str
    branch: str
    operator_name: str = field(default="", repr=False)
    contact_number: str = ""
    customer: str = ""
    ordered_on: str = ""
    revision: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", checked_number(self.number, "number"))
        checked_id(self.branch, "branch")
        single_line(self.operator_name, field="operator_name", max_chars=100)
        single_line(self.contact_number, field="contact_number", max_chars=40)
        single_line(self.customer, field="customer", max_chars=100)
        if self.ordered_on:
            parse_day(self.ordered_on, field="ordered_on")

    @property
    def folded_number(self) -> str:
        """The key under which the number is unique in the chain."""
        return fold(self.number)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of a document: what, of which family, for which day, at which rate, for how much (LE-1).

    ``amount_minor`` is gross and has the sign of its document; ``vat_basis_points`` is 1900 for 19 %.
    """

    product: str
    amount_minor: int
    vat_basis_points: int
    vat_code: str = ""
    product_family: str = ""
    item_day: str = ""

    def __post_init__(self) -> None:
        single_line(self.product, field="lines.product", max_chars=200)
        single_line(self.product_family, field="lines.product_family", max_chars=100)
        single_line(self.vat_code, field="lines.vat_code", max_chars=20)
        _in_range(self.vat_basis_points, 0, WHOLE_BASIS_POINTS, "lines.vat_percent")
        if self.item_day:
            parse_day(self.item_day, field="lines.item_day")


@dataclass(frozen=True, slots=True)
class Balance:
    """What was settled of a document so far; amounts are signed like the document's total.

    ``fees_minor`` is what was paid as dunning fees beside it, never part of what is due. ``settled_on`` is
    the day on which nothing was due any more.
    """

    paid_minor: int = 0
    discounted_minor: int = 0
    fees_minor: int = 0
    dunning_level: int = 0
    settled_on: str = ""


@dataclass(frozen=True, slots=True)
class BookingNote:
    """One booking as its document remembers it: the journal entry, the act, and the row that caused it."""

    entry: str
    source: str
    row_mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An invoice, a credit note or an incoming invoice, with its balance.

    ``number`` is unique in the chain. ``handed_over_on`` is the day from which the accountant's books hold
    it; only then may its absence from a list mean anything (RI-33). ``touched_by`` names the act that changed
    the balance last. A credit note that cancels an invoice, and that invoice, name each other. ``levels`` are
    the acts that set a dunning level, the level before them first, so that any can be taken back (RI-36).
    The lines lie beside it and are read when they are shown.
    """

    number: str
    kind: DocumentKind
    branch: str
    client: str
    currency: str
    total_minor: int
    issued_on: str
    customer: str = ""
    terms: Terms = NO_TERMS
    order_number: str = ""
    handed_over_on: str = ""
    vat_shares: tuple[tuple[str, int], ...] = ()
    cancels: str = ""
    cancelled_by: str = ""
    levels: tuple[tuple[str, int], ...] = ()
    balance: Balance = Balance()
    notes: tuple[BookingNote, ...] = ()
    touched_by: str = ""
    revision: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", checked_number(self.number, "number"))
        if self.currency not in DECIMALS:
            raise Refused("currency-unknown", field="currency", value=self.currency)
        if not 0 < self.total_minor * self.kind.sign < MAX_MINOR:
            total = Money(self.total_minor, self.currency).decimal_text()
            raise Refused("total-has-wrong-sign", field="total", value=total, kind=self.kind.value)

    @property
    def folded_number(self) -> str:
        """The key under which the number is unique."""
        return fold(self.number)

    @property
    def due_minor(self) -> int:
        """What is still to be paid; below zero where we owe, or where an invoice was overpaid."""
        return self.total_minor - self.balance.paid_minor - self.balance.discounted_minor

    @property
    def is_open(self) -> bool:
        """True while something is due in the document's own direction."""
        return self.due_minor * self.kind.sign > 0

    @property
    def payable_on(self) -> str:
        """The day until which it is to be paid."""
        return day_after(self.issued_on, self.terms.payment_days)

    def with_balance(self, balance: Balance, *, note: BookingNote | None = None, touched_by: str) -> Document:
        """The document after an act, one revision on."""
        notes = (*self.notes, note) if note else self.notes
        return replace(self, balance=balance, notes=notes, touched_by=touched_by, revision=self.revision + 1)


def day_after(day: str, days: int) -> str:
    """The calendar day so many days after another."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def checked_number(text: str, field_name: str) -> str:
    """A document's or customer's number, fit for a file name too (PF-13); else ``Refused``."""
    return safe_file_stem(text.strip(), field=field_name)
