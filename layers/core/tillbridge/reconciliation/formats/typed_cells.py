"""The cells of a layout as values: a column at once, or a row with all that is wrong with it (RI-32)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from .cells import BadCell, Currencies, Needed, Reader, Terms
from .layouts import Layout

Column = Sequence[str]


class TypedCells:
    """The readers of a layout; with a column of currencies, amounts follow the currency of their row."""

    def __init__(self, layout: Layout, terms: Terms) -> None:
        self.layout = layout
        self._terms = terms
        self._readers = tuple(field.cell(terms) for field in layout.fields)
        self.currencies = Currencies(terms)
        self._currency_place = -1
        for reader, place in zip(self._readers, layout.places, strict=True):
            inner = reader.inner if isinstance(reader, Needed) else reader
            if isinstance(inner, Currencies) and place >= 0:
                self.currencies, self._currency_place = inner, place
        self._by_currency = {terms.currency: self._readers}

    @property
    def has_decimals(self) -> bool:
        """True when the file has a column whose cells may have decimals."""
        return any(
            reader.has_decimals and place >= 0
            for reader, place in zip(self._readers, self.layout.places, strict=True)
        )

    def columns(self, columns: Sequence[Column]) -> list[Sequence[Any]]:
        """The values of some rows, given and answered column by column; ``BadCell`` where any is bad."""
        if self._currency_place < 0:
            codes: Column = ("",)
        else:
            codes = columns[self._currency_place]
        of_each = [self._of_currency(code) for code in dict.fromkeys(codes)]
        if len(of_each) > 1:
            of_each = [self._of_currency(code) for code in codes]
        readers = of_each[0]
        found: list[Sequence[Any]] = []
        for at, (reader, place) in enumerate(zip(readers, self.layout.places, strict=True)):
            if place < 0:
                found.append([reader("")] * len(columns[0]))
            elif reader.depends_on_currency and len(of_each) > 1:
                pairs = zip(of_each, columns[place], strict=True)
                found.append([of_row[at](cell) for of_row, cell in pairs])
            else:
                found.append(reader.column(columns[place]))
        return found

    def row(self, cells: Sequence[str]) -> list[tuple[Any]]:
        """The values of one row, as columns of one cell; ``BadCell`` where any is bad."""
        code = cells[self._currency_place] if self._currency_place >= 0 else ""
        readers = self._of_currency(code)
        return [
            (reader(cells[place] if place >= 0 else ""),)
            for reader, place in zip(readers, self.layout.places, strict=True)
        ]

    def problems(self, cells: Sequence[str]) -> Iterator[tuple[str, str, BadCell]]:
        """Column, cell and reason of each cell of a row that can't be read."""
        try:
            readers, amounts = self._of_currency(cells[self._currency_place]), True
        except BadCell:
            readers, amounts = self._readers, False
        for field, reader, place in zip(self.layout.fields, readers, self.layout.places, strict=True):
            if reader.depends_on_currency and not amounts:
                continue
            cell = cells[place] if place >= 0 else ""
            try:
                reader(cell)
            except BadCell as bad:
                yield self.layout.column_of(field.name), cell, bad

    def _of_currency(self, cell: str) -> tuple[Reader, ...]:
        """The readers of a row by its cell of the currency; a row that names none is in the profile's."""
        code = (self.currencies(cell) if self._currency_place >= 0 else None) or self._terms.currency
        known = self._by_currency.get(code)
        if known is None:
            terms = replace(self._terms, currency=code)
            known = self._by_currency[code] = tuple(
                field.cell(terms) if reader.depends_on_currency else reader
                for field, reader in zip(self.layout.fields, self._readers, strict=True)
            )
        return known
