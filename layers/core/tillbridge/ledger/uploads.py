"""Invoices and customers of an upload as nouns of the ledger (LE-1); pure, whoever read the file.

What was paid on an invoice before it came here is an *opening*: it is booked beside the invoice, as paid at
the accountant's, and never exported, since the books that it came from hold it already.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import fold

from .books_model import VatCode
from .entries import Account
from .model import Customer, DiscountTier, Document, DocumentKind, DocumentLine, Terms
from .requests import LineRequest
from .rules import Head, Settlement, drafted
from .vat_rules import rated


class TermsColumns(Protocol):
    """The columns of terms; percentages are basis points, None where the file says nothing."""

    @property
    def payment_days(self) -> int | None:
        """Days until it is to be paid."""

    @property
    def discount_days_1(self) -> int | None:
        """Days of the first step of the cash discount."""

    @property
    def discount_basis_points_1(self) -> int | None:
        """What may be taken off within them."""

    @property
    def discount_days_2(self) -> int | None:
        """Days of the second step."""

    @property
    def discount_basis_points_2(self) -> int | None:
        """What may be taken off within them."""


class InvoiceColumns(TermsColumns, Protocol):
    """One line of an invoice with the head that all its lines share; amounts as the document prints them."""

    @property
    def line(self) -> int:
        """Where it stands in the file."""

    @property
    def kind(self) -> str:
        """The document's kind."""

    @property
    def number(self) -> str:
        """The document's number."""

    @property
    def branch(self) -> str:
        """The branch that issued it."""

    @property
    def customer(self) -> str:
        """The customer's number, or empty."""

    @property
    def invoice_date(self) -> str:
        """The day of the document."""

    @property
    def currency(self) -> str:
        """ISO 4217."""

    @property
    def order_number(self) -> str:
        """The order's number, or empty."""

    @property
    def handed_over_on(self) -> str | None:
        """The day from which the accountant's books hold it."""

    @property
    def product(self) -> str:
        """What was sold."""

    @property
    def product_family(self) -> str:
        """The family it belongs to."""

    @property
    def item_date(self) -> str | None:
        """The day of the line."""

    @property
    def vat_basis_points(self) -> int:
        """The rate (1900 = 19 %)."""

    @property
    def vat_code(self) -> str:
        """The code of the rate."""

    @property
    def amount_minor(self) -> int:
        """The gross amount of the line."""

    @property
    def paid_minor(self) -> int | None:
        """What was paid on the whole document before it came here."""


class CustomerColumns(TermsColumns, Protocol):
    """One customer."""

    @property
    def number(self) -> str:
        """The customer's number."""

    @property
    def name(self) -> str:
        """The customer's name."""

    @property
    def street(self) -> str:
        """Street and house number."""

    @property
    def postal_code(self) -> str:
        """The postcode."""

    @property
    def city(self) -> str:
        """The place."""

    @property
    def country(self) -> str:
        """ISO 3166-1, two letters, or empty."""

    @property
    def account(self) -> str:
        """The debtor's account, or empty."""

    @property
    def language(self) -> str:
        """``de`` or ``en``; empty for German."""


HEAD_COLUMNS = (
    "kind",
    "branch",
    "customer",
    "invoice_date",
    "currency",
    "payment_days",
    "discount_days_1",
    "discount_basis_points_1",
    "discount_days_2",
    "discount_basis_points_2",
    "order_number",
    "handed_over_on",
    "paid_minor",
)
"""What must be the same on every line of a document, beside its number."""

CUSTOMER_TEXTS = {
    "street": "street",
    "postal_code": "postcode",
    "city": "city",
    "country": "country",
    "account": "account",
}
"""Columns of a customer and what they are called there."""


class Upload(NamedTuple):
    """A document as a file has it: not yet in the books, with what was paid of it before (None: nothing)."""

    document: Document
    lines: tuple[DocumentLine, ...]
    opening: Settlement | None


def uploaded(
    rows: Sequence[InvoiceColumns],
    *,
    client: str,
    customer: Customer | None,
    codes: Mapping[str, VatCode],
) -> Upload:
    """The document that lines of a file make together; all must name the same number.

    ``customer`` is the one that the lines name, None where they name none; ``codes`` are all VAT codes.
    ``Refused`` where the lines contradict each other or make no document; ``field`` is the column or the
    noun's own field, ``place`` which line of the document it is (from 0) where a line differs from the first.
    """
    first = rows[0]
    _demand_one_head(rows)
    if first.customer and customer is None:
        raise Refused("customer-not-found", field="customer", value=first.customer)
    if fold(first.customer) != (customer.folded_number if customer else ""):
        raise ValueError(f"{first.number}: its customer is not the one that was given")
    head = Head(
        number=first.number,
        kind=_kind(first.kind),
        branch=first.branch,
        client=client,
        currency=first.currency,
        issued_on=first.invoice_date,
        customer=customer,
        terms=terms_of(first),
        order_number=first.order_number,
        handed_over_on=first.handed_over_on or "",
    )
    printed = [
        LineRequest(
            product=row.product,
            amount_minor=row.amount_minor,
            vat_code=row.vat_code,
            vat_basis_points=row.vat_basis_points,
            product_family=row.product_family,
            item_day=row.item_date or "",
        )
        for row in rows
    ]
    document, lines = drafted(head, rated(printed, codes, first.invoice_date))
    return Upload(document, lines, _opening(document, first.paid_minor))


def uploaded_customer(
    row: CustomerColumns, branch: str, former: Customer | None, columns: Collection[str]
) -> Customer:
    """The customer that a row describes, a revision after the one that is known; without terms: at once.

    ``columns`` are those that the file has. What it has no column for stays as it is known; an empty cell
    clears. A step of the cash discount is known as a whole.
    """
    kept = former or Customer(row.number, branch, row.name)
    texts = {
        name: getattr(row, column) if column in columns else getattr(kept, name)
        for column, name in CUSTOMER_TEXTS.items()
    }
    return Customer(
        number=row.number,
        branch=branch,
        name=row.name,
        language=(row.language or "de") if "language" in columns else kept.language,
        terms=_terms_after(kept.terms, row, columns),
        revision=former.revision + 1 if former else 1,
        **texts,
    )


def _terms_after(kept: Terms, row: TermsColumns, columns: Collection[str]) -> Terms:
    known = (*kept.discounts, None, None)
    steps = [
        step
        if {f"discount_days_{number}", f"discount_basis_points_{number}"} & set(columns)
        else known[place]
        for place, (number, step) in enumerate(_steps(row).items())
    ]
    days = (row.payment_days or 0) if "payment_days" in columns else kept.payment_days
    return Terms(days, tuple(filter(None, steps)))


def terms_of(row: TermsColumns) -> Terms | None:
    """The terms in a row's columns; None where all are empty, so that the customer's hold."""
    steps = tuple(filter(None, _steps(row).values()))
    if row.payment_days is None and not steps:
        return None
    return Terms(row.payment_days or 0, steps)


def _steps(row: TermsColumns) -> dict[int, DiscountTier | None]:
    """The steps of the cash discount by their numbers, from 1."""
    given = {
        1: (row.discount_days_1, row.discount_basis_points_1),
        2: (row.discount_days_2, row.discount_basis_points_2),
    }
    steps: dict[int, DiscountTier | None] = {}
    for step, (days, basis_points) in given.items():
        if (days is None) != (basis_points is None):
            missing = "days" if days is None else "basis_points"
            raise Refused("discount-incomplete", field=f"discount_{missing}_{step}", step=step)
        steps[step] = None if days is None or basis_points is None else DiscountTier(days, basis_points)
    return steps


def _demand_one_head(rows: Sequence[InvoiceColumns]) -> None:
    first = rows[0]
    for place, row in enumerate(rows):
        for column in HEAD_COLUMNS:
            if getattr(row, column) != getattr(first, column):
                raise Refused(
                    "lines-differ-in-head",
                    field=column,
                    value=getattr(row, column),
                    number=first.number,
                    place=place,
                    line=row.line,
                    first=getattr(first, column),
                    first_line=first.line,
                )


def _kind(text: str) -> DocumentKind:
    try:
        return DocumentKind(text)
    except ValueError:
        kinds = ", ".join(DocumentKind)
        raise Refused("document-kind-unknown", field="kind", value=text[:40], kinds=kinds) from None


def _opening(document: Document, paid_minor: int | None) -> Settlement | None:
    """What was paid before, on the day of the document: nobody knows when; it may be more than the total."""
    if not paid_minor:
        return None
    paid = Money(paid_minor, document.currency)
    if paid_minor < 0:
        raise Refused("paid-amount-unlikely", field="paid_minor", value=paid.decimal_text())
    return Settlement(
        applied_minor=paid_minor * document.kind.sign,
        discount_minor=0,
        fee_minor=0,
        value_on=document.issued_on,
        means=Account.PAID_AT_ACCOUNTANT,
    )
