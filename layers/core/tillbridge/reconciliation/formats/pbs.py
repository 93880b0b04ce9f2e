"""PBS: payments, closed items or open items as a CSV file of our own design (RI-11).

Nothing is published about that import, so the file says itself what it is: it has a column ``PBS``, which
holds the other system's own number of the booking. Days are ``dd.MM.yyyy``; all else is as in ``amparex``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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

KIND = Kind.PBS

_NUMBER_OF_BOOKING = replace(REFERENCE, headings=("PBS",), needed=True)
COLUMNS = Columns(
    (_NUMBER_OF_BOOKING, INVOICE_NUMBER, PAID_AMOUNT, OPEN_AMOUNT, PAID_ON, CURRENCY, *FOUR_FIELDS)
)


def claims(head: Head) -> bool:
    """True for a file with a column ``PBS`` and an invoice number, and no columns but ours."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The rows of a file; which variant it is follows from its columns (``item_columns``)."""
    terms = Terms(settings.currency, settings.today, date_formats=("dd.MM.yyyy",))
    return read_items(stream, settings, COLUMNS, terms)
