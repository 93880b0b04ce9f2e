"""Closed items as a neutral CSV that the shop's agent writes of a database query (RI-15, RI-16).

The first column is named after the system and holds its own number of the booking. Beside it are the invoice
number and the day on which the item was cleared, empty while it is open: ``docs/formats/import-csv.md`` has
the query's columns. The last two years only: what was cleared earlier is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tillbridge.reconciliation.model import Row, Variant

from .cells import Terms
from .days import day, past_day, two_years_before
from .item_columns import CURRENCY, INVOICE_NUMBER, REFERENCE, demand
from .layouts import Columns, Field, layout_of
from .reading import ByteStream, Reading, ReadSettings
from .row_builders import Each
from .sheets import LEFT_OUT_OLDER, Sheet


def columns_of(system: str) -> Columns:
    """The columns of the file of one system."""
    return Columns(
        (
            replace(REFERENCE, headings=(system,), needed=True),
            INVOICE_NUMBER,
            Field("cleared_on", ("ClearedOn", "AusgeglichenAm"), past_day, needed=True),
            Field("issued_on", ("InvoiceDate", "Rechnungsdatum"), day),
            CURRENCY,
        )
    )


def read_cleared(stream: ByteStream, settings: ReadSettings, columns: Columns) -> Iterator[Reading]:
    """The rows of a file, closed ones with the day on which they were cleared."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), columns)
    demand(settings.variant, Variant.CLOSED_ITEMS)
    earliest = two_years_before(settings.today)

    def row(
        line: int, reference: str, number: str, cleared_on: str | None, _: str | None, currency: str | None
    ) -> Row | str:
        if cleared_on is not None and cleared_on < earliest:
            return LEFT_OUT_OLDER
        cleared = cleared_on is not None
        return Row(line, number, day=cleared_on, currency=currency, cleared=cleared, reference=reference)

    yield from sheet.rows(layout, Terms(settings.currency, settings.today), Each(row))
    yield from sheet.ending(Variant.CLOSED_ITEMS)
