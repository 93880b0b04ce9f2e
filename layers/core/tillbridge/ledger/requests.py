"""What the ledger is asked to do, in its own words; already read, not yet decided."""

from __future__ import annotations

from dataclasses import dataclass

from .model import DocumentKind, Terms

MOST_HANDED_OVER = 45
"""So many documents at once, each with its note in the audit trail, are one transaction."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The caller's own key for a request, and a fingerprint of what was asked."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class LineRequest:
    """A line as the document prints it; of VAT code and percentage, ``vat_rules`` finds what is missing."""

    product: str
    amount_minor: int
    vat_code: str = ""
    vat_basis_points: int | None = None
    product_family: str = ""
    item_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """A document to be recorded (LE-1).

    Without a number it gets the next one of its branch's series (LE-6), without terms those of its customer.
    """

    number: str | None
    kind: DocumentKind
    branch: str
    currency: str
    issued_on: str
    lines: tuple[LineRequest, ...]
    customer: str = ""
    terms: Terms | None = None
    order_number: str = ""
    handed_over_on: str = ""


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """An invoice to be cancelled by a credit note; without a number the branch's series gives one."""

    number: str | None
    issued_on: str


@dataclass(frozen=True, slots=True)
class HandoverRequest:
    """Documents of a branch that the accountant's books hold from a day on (RI-33)."""

    branch: str
    numbers: tuple[str, ...]
    day: str
