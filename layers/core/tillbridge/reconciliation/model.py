"""The nouns of an import: kinds and variants, the rows of a file, what was decided about them.

A row is a plain tuple, since a million of them pass through: the reader of its format has refused what can't
be, and nothing here is made by anybody else.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kinds of files (RI-10 to RI-20); exactly one claims a file (RI-31)."""

    AMPAREX = "amparex"
    PBS = "pbs"
    DATEV = "datev"
    DATEV_PRO = "datev-pro"
    DATEV_KR_EXPORT = "datev-kr-export"
    ADDISON = "addison-connect"
    DIAMANT = "diamant"
    NAVISION = "navision"
    NAVISION_DUNNING = "navision-mahnungen"
    CAMT = "camt"
    MT940 = "mt940"
    MAPPED = "own-mapping"
    INVOICES = "invoices"
    CUSTOMERS = "customers"
    ORDERS = "orders"


class Variant(StrEnum):
    """What the rows of a file say (RI-1 to RI-5), and the uploads of the ledger (LE-1)."""

    CLOSED_ITEMS = "closed-items"
    OPEN_ITEMS = "open-items"
    PAYMENTS = "payments"
    DUNNING_LEVELS = "dunning-levels"
    BANK_STATEMENT = "bank-statement"
    INVOICES = "invoices"
    CUSTOMERS = "customers"
    ORDERS = "orders"


class Row(NamedTuple):
    """One row about one invoice, as its file has it: lines count from 1, days are ``YYYY-MM-DD``.

    ``amount_minor`` is what was paid (payments), what is still open (open items; a debt of the customer is
    above zero, a credit below), or None where the file names none. ``currency`` is None where the file does
    not say. ``cleared`` is the accountant's clearing mark (RI-12); None where the kind has no such mark. The
    four fields of a payment are True, False or None for empty; a dunning fee given as an amount stands in
    ``dunning_fee_minor``. ``reference`` is the accountant's own number of the booking, if the file has one.
    """

    line: int
    invoice_number: str
    amount_minor: int | None = None
    day: str | None = None
    currency: str | None = None
    cash_discount: bool | None = None
    dunning_fee: bool | None = None
    dunning_fee_minor: int | None = None
    overpayment: bool | None = None
    reopening: bool | None = None
    dunning_level: int | None = None
    cleared: bool | None = None
    reference: str = ""


DECIDED_AS_ONE = frozenset({Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS})
"""Lists in which all rows of a document are decided, and wait, as one."""


class StatementEntry(NamedTuple):
    """One movement on a bank account, as the bank states it (RI-5).

    ``amount_minor`` is above zero for money that came in; the reversal of a credit is below zero. ``line``
    is the line of the file where the entry begins. ``bank_reference`` is the bank's own number of the
    movement. A batch booked as one is stated once for each of its details, when the file has them, and
    ``of_batch`` says so. ``statement`` tells the statements of an account apart, as far as the format does:
    its number and its opening balance; empty where there is no opening balance.
    """

    line: int
    account: str
    currency: str
    booked_on: str
    value_on: str
    amount_minor: int
    reversal: bool = False
    end_to_end_id: str = ""
    payer_name: str = ""
    payer_account: str = ""
    text: str = ""
    bank_reference: str = ""
    of_batch: bool = False
    statement: str = ""


class Problem(NamedTuple):
    """What is wrong with a row: where, which column, what stands there, and the code of its words (RI-32)."""

    line: int
    column: str
    value: str
    code: str
    facts: tuple[tuple[str, str], ...] = ()


class Notice(NamedTuple):
    """Something about a file that its readers should know and that stops nothing, such as odd balances."""

    line: int
    code: str
    facts: tuple[tuple[str, str], ...] = ()


class Facts(NamedTuple):
    """What a file says as a whole; it is read last, so that a file whose end was never reached has none.

    ``as_of`` is the day whose state the file shows, from its content or its name; None where neither says
    it. ``currencies`` are those that rows name, none where the file doesn't say. ``rows`` counts what was
    read well, ``problem_lines`` the lines that have a problem, ``older_rows`` the closed items that were
    left out because they are older than the kind goes back (RI-14 to RI-16). ``columns`` are the headings of
    an upload of the ledger as the file writes them, each behind the name of its field.
    """

    variant: Variant
    as_of: str | None = None
    currencies: tuple[str, ...] = ()
    rows: int = 0
    problem_lines: int = 0
    older_rows: int = 0
    character_set: str = ""
    separator: str = ""
    columns: tuple[tuple[str, str], ...] = ()


class InvoiceRow(NamedTuple):
    """One line of an invoice, with the head that all lines of the invoice share (LE-1).

    ``kind`` is ``invoice``, ``credit-note`` or ``incoming-invoice``. Percentages are basis points (3 %: 300).
    ``amount_minor`` is the gross amount of the line as the document prints it: above zero on a credit note
    too. ``paid_minor`` is what was paid on the whole invoice before it came here, None where the file doesn't
    say.
    """

    line: int
    kind: str
    number: str
    branch: str
    customer: str
    invoice_date: str
    currency: str
    payment_days: int | None
    discount_days_1: int | None
    discount_basis_points_1: int | None
    discount_days_2: int | None
    discount_basis_points_2: int | None
    order_number: str
    handed_over_on: str | None
    product: str
    product_family: str
    item_date: str | None
    vat_basis_points: int
    vat_code: str
    amount_minor: int
    paid_minor: int | None


class CustomerRow(NamedTuple):
    """One customer with terms (LE-1); percentages are basis points, ``account`` is the debtor's account."""

    line: int
    number: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    payment_days: int | None
    discount_days_1: int | None
    discount_basis_points_1: int | None
    discount_days_2: int | None
    discount_basis_points_2: int | None
    account: str
    language: str


class OrderRow(NamedTuple):
    """One order (LE-1): who took it, whom to reach about it; ``ordered_on`` is None where no day is given."""

    line: int
    number: str
    branch: str
    operator_name: str
    contact_number: str
    customer: str
    ordered_on: str | None


LedgerRow = InvoiceRow | CustomerRow | OrderRow
"""What an upload of the ledger has in its rows."""
