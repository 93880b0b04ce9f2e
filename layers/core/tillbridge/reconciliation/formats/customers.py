"""Customers with their terms in bulk, one a row (LE-1); house style and headings as in ``invoices``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tillbridge.reconciliation.model import CustomerRow, Kind, Variant

from .cells import Terms, checked, needed, one_of, text_of
from .document_numbers import DocumentNumber
from .invoices import TERMS, demand_terms
from .item_columns import demand
from .layouts import Columns, Field, layout_of
from .reading import ByteStream, Head, Reading, ReadSettings
from .row_builders import Straight
from .sheets import Sheet

KIND = Kind.CUSTOMERS

_COUNTRY = re.compile(r"(?:[A-Z]{2})?", re.ASCII).fullmatch
_ACCOUNT = re.compile(r"[0-9]{0,9}", re.ASCII).fullmatch
COLUMNS = Columns(
    (
        Field("number", ("CustomerNumber", "Kundennummer"), DocumentNumber, needed=True),
        Field("name", ("Name",), needed(text_of(100)), needed=True),
        Field("street", ("Street", "Straße"), text_of(100)),
        Field("postal_code", ("PostalCode", "PLZ"), text_of(100)),
        Field("city", ("City", "Ort"), text_of(100)),
        Field(
            "country", ("Country", "Land"), checked(lambda cell: bool(_COUNTRY(cell)), "cell-is-no-country")
        ),
        *TERMS,
        Field(
            "account", ("Account", "Konto"), checked(lambda cell: bool(_ACCOUNT(cell)), "cell-is-no-account")
        ),
        Field("language", ("Language", "Sprache"), one_of({"de": "de", "en": "en", "": ""})),
    )
)


def claims(head: Head) -> bool:
    """True for a file with a customer's number and name, and no columns but these."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The customers of a file."""
    sheet = Sheet(stream, settings)
    layout = layout_of(sheet.headings(), COLUMNS)
    demand(settings.variant, Variant.CUSTOMERS)
    terms = Terms(settings.currency, settings.today)
    yield from sheet.rows(layout, terms, _CustomerRows(CustomerRow, CustomerRow._fields[1:]))
    yield from sheet.ending(Variant.CUSTOMERS, layout.headings)


class _CustomerRows(Straight[CustomerRow]):
    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[CustomerRow]:
        given = dict(zip(self._names, columns, strict=True))
        demand_terms(given)
        return self.of(lines, given)
