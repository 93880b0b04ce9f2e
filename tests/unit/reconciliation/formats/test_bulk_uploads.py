"""The columns of bulk uploads, and what a file of orders says (LE-1)."""

from __future__ import annotations

import io

import pytest

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats import customers, invoices, orders
from tillbridge.reconciliation.formats.reading import Reading, ReadSettings
from tillbridge.reconciliation.model import CustomerRow, InvoiceRow, Kind, OrderRow, Variant

HEADINGS = ["Auftragsnummer", "Filiale", "Bearbeiter", "Kontaktnummer"]


def said(*lines: str, variant: Variant | None = None) -> list[Reading]:
    content = "".join(line + "\r\n" for line in lines).encode("cp1252")
    settings = ReadSettings("a.csv", "EUR", "2026-11-28", variant=variant)
    return list(registry.read_file(io.BytesIO(content), settings, registry.KINDS[Kind.ORDERS]))


def test_the_columns_of_bulk_uploads_are_the_attributes_of_their_rows() -> None:
    assert [field.name for field in invoices.COLUMNS.fields] == list(InvoiceRow._fields[1:])
    assert [field.name for field in customers.COLUMNS.fields] == list(CustomerRow._fields[1:])
    assert [field.name for field in orders.COLUMNS.fields] == list(OrderRow._fields[1:])


def test_an_order_may_have_neither_operator_nor_contact_number() -> None:
    assert said(";".join(HEADINGS), "AU-1;01;;")[0] == OrderRow(2, "AU-1", "01", "", "", "", None)


@pytest.mark.parametrize("forgotten", HEADINGS)
def test_a_column_that_was_forgotten_is_told(forgotten: str) -> None:
    """Else nobody would notice that no order has an operator."""
    left = [heading for heading in HEADINGS if heading != forgotten]
    with pytest.raises(Refused, match="column-missing"):
        said(";".join(left), "AU-1;01;")


def test_who_named_another_variant_is_told() -> None:
    with pytest.raises(Refused, match="variant-differs"):
        said(";".join(HEADINGS), "AU-1;01;;", variant=Variant.CUSTOMERS)
