"""The columns that say what was paid, what is open or what is closed, and which of the three a file says.

The variant follows from the columns that a file has, never from what stands in them: so it is the same for a
file that was cut, and for one that is empty but for its headings.

    a column for the open amount                          open items (RI-2)
    a column for the paid amount or one of the four fields    payments (RI-3)
    neither                                               closed items (RI-1)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation import code_words
from tillbridge.reconciliation.model import Row, Variant

from .amounts import amount, dunning_fee
from .cells import Currencies, Number, Terms, flag, needed, text
from .days import past_day
from .layouts import Columns, Field, Layout, layout_of
from .reading import ByteStream, Reading, ReadSettings
from .row_builders import Straight
from .sheets import Sheet

INVOICE_NUMBER = Field(
    "invoice_number", ("InvoiceNumber", "Rechnungsnummer", "InvoiceNo", "RechnungsNr"), Number, needed=True
)
OPEN_AMOUNT = Field("open_amount", ("OpenAmount", "OffenerBetrag", "Offener Betrag"), needed(amount))
CURRENCY = Field("currency", ("Currency", "Währung"), Currencies)
REFERENCE = Field("reference", ("Reference", "Referenz"), text)
PAID_AMOUNT = Field("amount_minor", ("PaidAmount", "Zahlbetrag"), amount)
PAID_ON = Field("day", ("PaymentDate", "Zahldatum", "Zahlungsdatum"), past_day)
FOUR_FIELDS = (
    Field("cash_discount", ("CashDiscount", "Skonto"), flag),
    Field("dunning_fee", ("DunningFee", "Mahngebühr"), dunning_fee),
    Field("overpayment", ("Overpayment", "Überzahlung"), flag),
    Field("reopening", ("Reopen", "Wiederöffnen"), flag),
)
OF_PAYMENTS = ("amount_minor", *(field.name for field in FOUR_FIELDS))
_NOT_OF_OPEN_ITEMS = ("day", *OF_PAYMENTS)


def read_items(
    stream: ByteStream, settings: ReadSettings, columns: Columns, terms: Terms
) -> Iterator[Reading]:
    """The rows of a file with these columns, in the variant that it has."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), columns).of_file
    variant = variant_in(layout)
    demand(settings.variant, variant)
    yield from sheet.rows(layout, terms, ItemRows(layout))
    yield from sheet.ending(variant)


def variant_in(layout: Layout) -> Variant:
    """What the columns of a file say; ``Refused`` where they say two things."""
    if not layout.has("open_amount"):
        return Variant.PAYMENTS if layout.has(*OF_PAYMENTS) else Variant.CLOSED_ITEMS
    other = next((name for name in _NOT_OF_OPEN_ITEMS if layout.has(name)), None)
    if other is not None:
        field, value = layout.column_of("open_amount"), layout.column_of(other)
        raise Refused("columns-contradict", field=field, value=value)
    return Variant.OPEN_ITEMS


def demand(named: Variant | None, found: Variant) -> None:
    """``Refused`` where the uploader named another variant than the file has."""
    if named is not None and named is not found:
        raise Refused(
            "variant-differs",
            field="variant",
            value=named.value,
            announced=code_words.variant(named.value),
            found=code_words.variant(found.value),
        )


class ItemRows(Straight[Row]):
    """Rows of one invoice each; the dunning fee is a flag or an amount (RI-3)."""

    def __init__(self, layout: Layout) -> None:
        names = (field.name for field in layout.fields)
        super().__init__(Row, ["amount_minor" if name == "open_amount" else name for name in names])

    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[Row]:
        """The rows of these lines."""
        given = dict(zip(self._names, columns, strict=True))
        if "dunning_fee" in given:
            given["dunning_fee"], given["dunning_fee_minor"] = zip(*given["dunning_fee"], strict=True)
        return self.of(lines, given)
