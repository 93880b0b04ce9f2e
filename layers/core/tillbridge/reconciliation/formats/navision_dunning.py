"""Navision Mahnungen: the dunning level of each invoice as CSV, captions in English or German (RI-18)."""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.ledger.model import MAX_DUNNING_LEVEL
from tillbridge.reconciliation.model import Kind, Row, Variant

from .cells import needed, whole_number
from .item_columns import demand
from .layouts import Columns, Field, layout_of
from .navision import DOCUMENT_NUMBER, LEVEL, OF_LEDGER_ENTRIES, REMAINING, terms_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Straight
from .sheets import Sheet

KIND = Kind.NAVISION_DUNNING

DUNNING_LEVEL = needed(whole_number(MAX_DUNNING_LEVEL))
COLUMNS = Columns(
    (DOCUMENT_NUMBER, Field("dunning_level", LEVEL, DUNNING_LEVEL, needed=True)),
    passed_over=(
        *OF_LEDGER_ENTRIES, *REMAINING, "Currency Code", "Währungscode", "Open", "Offen", "Document Type",
        "Belegart", "Reminder Date", "Mahnung am",
    ),
)  # fmt: skip


def claims(head: Head) -> bool:
    """True for a file with document number and dunning level, and no captions but of that page."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The dunning levels of a file."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), COLUMNS)
    demand(settings.variant, Variant.DUNNING_LEVELS)
    rows = Straight(Row, ("invoice_number", "dunning_level"))
    yield from sheet.rows(layout, terms_of(settings), rows)
    yield from sheet.ending(Variant.DUNNING_LEVELS)
