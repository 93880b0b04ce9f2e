"""How refusals of an upload speak: in the headings and cells of the file, of the line at fault (RI-38); pure.

The ledger names its own fields, such as ``lines.3.vat_percent``, and counts in minor units and basis points.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.ledger.books_model import percent_text

from .formats import customers, invoices, orders
from .formats.layouts import Columns
from .model import InvoiceRow

_OF_LINE = re.compile(r"lines\.(?P<place>[0-9]+)\.(?P<name>.+)")
_COLUMNS_OF_FIELDS: Mapping[str, str] = {
    "amount": "amount_minor",
    "issued_on": "invoice_date",
    "item_day": "item_date",
    "lines": "amount_minor",
    "lines.item_day": "item_date",
    "lines.product": "product",
    "lines.product_family": "product_family",
    "lines.vat_code": "vat_code",
    "lines.vat_percent": "vat_basis_points",
    "postcode": "postal_code",
    "terms.discounts": "discount_days_1",
    "terms.discounts.days": "discount_days_1",
    "terms.discounts.percent": "discount_basis_points_1",
    "terms.payment_days": "payment_days",
    "total": "amount_minor",
    "vat_percent": "vat_basis_points",
}
"""Fields of the ledger's nouns that are not called like their columns."""


class FileColumns:
    """The columns of an uploaded file, by what they mean."""

    def __init__(self, columns: Columns, headings: Sequence[tuple[str, str]]) -> None:
        """``headings`` are those of the file; an import that was read before they were kept has none."""
        self._known = {field.name: field.headings for field in columns.fields}
        self._of_file = dict(headings)

    @classmethod
    def of_invoices(cls, headings: Sequence[tuple[str, str]]) -> FileColumns:
        """Those of a file of invoices."""
        return cls(invoices.COLUMNS, headings)

    @classmethod
    def of_customers(cls, headings: Sequence[tuple[str, str]]) -> FileColumns:
        """Those of a file of customers."""
        return cls(customers.COLUMNS, headings)

    @classmethod
    def of_orders(cls, headings: Sequence[tuple[str, str]]) -> FileColumns:
        """Those of a file of orders."""
        return cls(orders.COLUMNS, headings)

    @property
    def names(self) -> Collection[str]:
        """What the file has a column for."""
        return self._of_file.keys() or self._known.keys()

    def heading(self, field: str) -> str:
        """How the file calls the column of a field; both its names where the file has no such column."""
        name = _COLUMNS_OF_FIELDS.get(field, field)
        return self._of_file.get(name) or " / ".join(self._known.get(name, (field,)))


class Told(NamedTuple):
    """A refusal as a row's outcome has it."""

    column: str
    value: str
    facts: tuple[tuple[str, str], ...]


def told(refusal: Refused, rows: Sequence[Any], columns: FileColumns) -> Told:
    """A refusal in the words of the file; its fact ``line`` is the line at fault, where it is one."""
    facts = dict(refusal.facts)
    field, place = refusal.field or "", facts.pop("place", None)
    of_line = _OF_LINE.fullmatch(field)
    if of_line:
        field, place = of_line["name"], int(of_line["place"])
    value = "" if refusal.value is None else str(refusal.value)
    if isinstance(place, int):
        row = rows[place]
        value = cell_text(row, _COLUMNS_OF_FIELDS.get(field, field))
        facts["line"] = row.line
        if "first" in facts:
            facts["first"] = cell_text(rows[0], field)
    heading = columns.heading(field) if field else ""
    return Told(heading, value, tuple((name, str(fact)) for name, fact in facts.items()))


def cell_text(row: InvoiceRow, column: str) -> str:
    """What a row says in a column, as a file of invoices writes it; days as they are written here."""
    value = getattr(row, column)
    if value is None:
        return ""
    if column.endswith("_minor"):
        return Money(value, row.currency).decimal_text().replace(".", ",")
    if "basis_points" in column:
        return percent_text(value).replace(".", ",")
    return invoices.WORD_OF_KIND.get(value, value) if column == "kind" else str(value)
