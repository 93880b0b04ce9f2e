"""AMPAREX (CSV): payments, closed items or open items in that vendor's published house style (RI-10).

Headings in the first line, German or English, in any order; ``;``, ``yyyyMMdd``, decimal comma. The vendor
does not publish the columns of this import; ours carry the fields that its page describes:
``docs/formats/import-csv.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind

from .cells import Terms
from .item_columns import (
    CURRENCY,
    FOUR_FIELDS,
    INVOICE_NUMBER,
    OPEN_AMOUNT,
    PAID_AMOUNT,
    PAID_ON,
    REFERENCE,
    read_items,
)
from .layouts import Columns
from .reading import ByteStream, Head, Reading, ReadSettings

KIND = Kind.AMPAREX

COLUMNS = Columns((INVOICE_NUMBER, PAID_AMOUNT, OPEN_AMOUNT, PAID_ON, CURRENCY, *FOUR_FIELDS, REFERENCE))


def claims(head: Head) -> bool:
    """True for a file whose headings are all ours, the invoice number among them."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The rows of a file; which variant it is follows from its columns (``item_columns``)."""
    return read_items(stream, settings, COLUMNS, Terms(settings.currency, settings.today))
