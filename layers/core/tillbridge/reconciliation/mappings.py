"""The noun of an own mapping: how any CSV file is to be read (RI-20)."""

from __future__ import annotations

import re
from collections.abc import Mapping as Columns
from dataclasses import dataclass, fields
from typing import Any

from tillbridge.kernel.errors import Refused

from . import code_words
from .model import Variant

VARIANTS = frozenset({Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS, Variant.PAYMENTS, Variant.DUNNING_LEVELS})
SEPARATORS = (";", ",", "\t", "|")
CHARACTER_SETS = ("utf-8", "cp1252", "utf-16")
COLUMNS = (
    "invoice_number", "amount", "day", "currency", "cash_discount", "dunning_fee", "overpayment", "reopening",
    "dunning_level", "clearing_mark", "reference",
)  # fmt: skip
"""What a column can mean; ``amount`` is what was paid, or what is open in a list of open items."""

NEEDED = {
    Variant.CLOSED_ITEMS: ("invoice_number",),
    Variant.OPEN_ITEMS: ("invoice_number", "amount"),
    Variant.PAYMENTS: ("invoice_number",),
    Variant.DUNNING_LEVELS: ("invoice_number", "dunning_level"),
}
POSSIBLE = {
    Variant.CLOSED_ITEMS: ("invoice_number", "day", "currency", "clearing_mark", "reference"),
    Variant.OPEN_ITEMS: ("invoice_number", "amount", "currency", "clearing_mark", "reference"),
    Variant.PAYMENTS: tuple(one for one in COLUMNS if one not in ("dunning_level", "clearing_mark")),
    Variant.DUNNING_LEVELS: ("invoice_number", "dunning_level"),
}
"""A column that its variant would not look at is refused: somebody expects something of it."""

MAX_SKIPPED_LINES = 100
MAX_WORDS = 20
MAX_POSITION = 500
_PART = re.compile(r"yyyy|yy|MM|M|dd|d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How the columns of a file of one's own are to be read.

    ``columns`` leads from a meaning (``COLUMNS``) to the heading of the column, or to its position from 1
    where the file has no headings. ``separator`` and ``character_set`` are recognised where they are None.
    ``date_format`` is made of ``yyyy`` or ``yy``, ``MM`` or ``M``, ``dd`` or ``d`` and signs between. A row
    is closed when its clearing mark is one of ``closing_marks``, open when it is empty or one of
    ``open_marks``.
    """

    variant: Variant
    columns: Columns[str, str | int]
    has_headings: bool = True
    separator: str | None = None
    character_set: str | None = None
    decimal_mark: str = ","
    date_format: str = "yyyyMMdd"
    yes_words: tuple[str, ...] = ("J", "JA", "Y", "YES")
    no_words: tuple[str, ...] = ("N", "NEIN", "NO")
    closing_marks: tuple[str, ...] = ()
    open_marks: tuple[str, ...] = ()
    skipped_lines: int = 0

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_columns()
        self._check_words()
        if not _is_date_format(self.date_format):
            raise Refused("mapping-date-format-unknown", field="date_format", value=self.date_format)

    def _check_choices(self) -> None:
        choices = (
            ("variant", self.variant, tuple(sorted(VARIANTS))),
            ("separator", self.separator, (None, *SEPARATORS)),
            ("character_set", self.character_set, (None, *CHARACTER_SETS)),
            ("decimal_mark", self.decimal_mark, (",", ".")),
        )
        for name, value, allowed in choices:
            if value not in allowed:
                shown = ", ".join(repr(one) for one in allowed if one is not None)
                raise Refused("mapping-choice-unknown", field=name, value=value, allowed=shown)
        if self.separator == self.decimal_mark:
            raise Refused("mapping-separator-is-decimal-mark", field="separator", value=self.separator)
        if not 0 <= self.skipped_lines <= MAX_SKIPPED_LINES:
            raise Refused(
                "mapping-skips-too-many",
                field="skipped_lines",
                value=self.skipped_lines,
                most=MAX_SKIPPED_LINES,
            )

    def _check_columns(self) -> None:
        for meaning in self.columns:
            if meaning not in COLUMNS:
                raise Refused(
                    "mapping-choice-unknown", field="columns", value=meaning, allowed=", ".join(COLUMNS)
                )
            if meaning not in POSSIBLE[self.variant]:
                raise Refused(
                    "mapping-column-not-of-variant",
                    field="columns",
                    value=meaning,
                    variant=code_words.variant(self.variant.value),
                    allowed=", ".join(POSSIBLE[self.variant]),
                )
        for meaning in NEEDED[self.variant]:
            if meaning not in self.columns:
                variant = code_words.variant(self.variant.value)
                raise Refused("mapping-lacks-column", field="columns", value=meaning, variant=variant)
        places = list(self.columns.values())
        for place in places:
            if places.count(place) > 1:
                raise Refused("mapping-column-twice", field="columns", value=place)
            if self.has_headings != isinstance(place, str) or (
                isinstance(place, int) and not 1 <= place <= MAX_POSITION
            ):
                raise Refused("mapping-column-unreadable", field="columns", value=place)

    def _check_words(self) -> None:
        groups = ((self.yes_words, self.no_words), (self.closing_marks, self.open_marks))
        for positive, negative in groups:
            folded = [word.strip().casefold() for word in (*positive, *negative)]
            for word in folded:
                if not word or folded.count(word) > 1 or len(folded) > MAX_WORDS:
                    raise Refused("mapping-word-twice", field="words", value=word, most=MAX_WORDS)
        if ("clearing_mark" in self.columns) != bool(self.closing_marks):
            raise Refused("mapping-lacks-closing-marks", field="closing_marks", value="")

    def values(self) -> dict[str, Any]:
        """The mapping as plain values, fit for JSON and for a table; ``mapping_from`` reads them."""
        plain: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            plain[one.name] = list(value) if isinstance(value, tuple) else value
        return {**plain, "variant": self.variant.value, "columns": dict(self.columns)}


def _is_date_format(text: str) -> bool:
    """True where the format has day, month and year once, and each day is written in one way only.

    A day or month that may have one digit needs a sign beside it: ``1112026`` is no day of ``dMyyyy``.
    """
    parts = _PART.findall(text)
    between = _PART.split(text)
    short = "d" in parts or "M" in parts
    return (
        sorted(part[0] for part in parts) == ["M", "d", "y"]
        and set("".join(between)) <= set(".-/ ")
        and not (between[0] or between[-1])
        and not (short and not all(between[1:-1]))
        and len(text) <= len("yyyy-MM-dd")
    )


def mapping_from(values: Columns[str, Any]) -> Mapping:
    """The mapping of plain values; ``Refused`` where they are none."""
    unknown = values.keys() - {one.name for one in fields(Mapping)}
    if unknown:
        allowed = ", ".join(one.name for one in fields(Mapping))
        raise Refused("mapping-choice-unknown", field="mapping", value=min(unknown), allowed=allowed)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    try:
        given["variant"] = Variant(given.get("variant", ""))
    except ValueError:
        allowed = ", ".join(sorted(VARIANTS))
        raise Refused(
            "mapping-choice-unknown", field="variant", value=values.get("variant"), allowed=allowed
        ) from None
    columns = given.get("columns", {})
    given["columns"] = {
        meaning: place if isinstance(place, str) else int(place) for meaning, place in columns.items()
    }
    return Mapping(**given)
