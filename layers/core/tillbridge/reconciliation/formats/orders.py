"""Orders with operator and contact number in bulk, one a row (LE-1); house style as in ``invoices``.

Operator and contact number have a column in every such file, though their cells may be empty: they are what
an order is recorded for, and a column that was forgotten would not be noticed.
"""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind, OrderRow, Variant

from .cells import Terms, checked, text_of
from .days import day
from .document_numbers import DocumentNumber
from .invoices import is_branch
from .item_columns import demand
from .layouts import Columns, Field, layout_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Straight
from .sheets import Sheet

KIND = Kind.ORDERS

COLUMNS = Columns(
    (
        Field("number", ("OrderNumber", "Auftragsnummer"), DocumentNumber, needed=True),
        Field("branch", ("Branch", "Filiale"), checked(is_branch, "cell-is-no-branch"), needed=True),
        Field("operator_name", ("Operator", "Bearbeiter"), text_of(100), needed=True),
        Field("contact_number", ("ContactNumber", "Kontaktnummer"), text_of(40), needed=True),
        Field("customer", ("CustomerNumber", "Kundennummer"), text_of(100)),
        Field("ordered_on", ("OrderDate", "Auftragsdatum"), day),
    )
)


def claims(head: Head) -> bool:
    """True for a file with an order's number, branch, operator and contact number, and no other columns."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The orders of a file."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), COLUMNS)
    demand(settings.variant, Variant.ORDERS)
    terms = Terms(settings.currency, settings.today)
    yield from sheet.rows(layout, terms, Straight(OrderRow, OrderRow._fields[1:]))
    yield from sheet.ending(Variant.ORDERS, layout.headings)
