"""Own mapping: any CSV file, read as somebody configured it for a profile (RI-20).

It claims no file by itself, since any file would do: the profile names it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tillbridge.kernel.errors import Refused
from tillbridge.ledger.model import MAX_DUNNING_LEVEL
from tillbridge.reconciliation.mappings import Mapping
from tillbridge.reconciliation.model import Facts, Kind, Problem, Row, Variant

from .amounts import amount, dunning_fee
from .cells import Cell, Currencies, Number, Terms, clearing_mark, flag, needed, text, whole_number
from .characters import opening_of
from .days import past_day
from .heads import heading_key
from .item_columns import ItemRows, demand
from .layouts import Field, Layout, named, shown
from .reading import HEAD_BYTES, ByteStream, Head, Reading, ReadSettings
from .row_builders import Build, Each
from .sheets import LEFT_OUT_CLEARED, Sheet

KIND = Kind.MAPPED

_CELLS: dict[str, tuple[str, Cell]] = {
    "invoice_number": ("invoice_number", Number),
    "amount": ("amount_minor", amount),
    "day": ("day", past_day),
    "currency": ("currency", Currencies),
    "cash_discount": ("cash_discount", flag),
    "dunning_fee": ("dunning_fee", dunning_fee),
    "overpayment": ("overpayment", flag),
    "reopening": ("reopening", flag),
    "dunning_level": ("dunning_level", needed(whole_number(MAX_DUNNING_LEVEL))),
    "clearing_mark": ("cleared", clearing_mark),
    "reference": ("reference", text),
}


def claims(head: Head) -> bool:  # noqa: ARG001 - no head is enough
    """False: only a profile can say that a file is to be read by its mapping."""
    return False


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The rows of a file by the mapping of the settings; ``Refused`` where they have none."""
    mapping = settings.mapping
    if mapping is None:
        raise Refused("mapping-not-given", field="mapping", value=settings.file_name)
    demand(settings.variant, mapping.variant)
    sheet = Sheet(
        stream, settings, separator=mapping.separator or "", character_set=mapping.character_set or ""
    )
    sheet.skip(mapping.skipped_lines)
    cells = sheet.headings() if mapping.has_headings else sheet.first_cells()
    layout = _layout(mapping, cells)
    yield from sheet.rows(layout, _terms(mapping, settings), _build(mapping, layout))
    yield from sheet.ending(mapping.variant)


def _terms(mapping: Mapping, settings: ReadSettings) -> Terms:
    return Terms(
        settings.currency,
        settings.today,
        mapping.decimal_mark,
        (mapping.date_format,),
        mapping.yes_words,
        mapping.no_words,
        mapping.closing_marks,
        mapping.open_marks,
    )


def _layout(mapping: Mapping, cells: Sequence[str]) -> Layout:
    """Where the mapped columns stand; ``Refused`` where one is missing or stands twice."""
    fields: list[Field] = []
    places: list[int] = []
    keys = [heading_key(cell) for cell in cells]
    for meaning, wanted in mapping.columns.items():
        name, reader = _CELLS[meaning]
        if meaning == "amount" and mapping.variant is Variant.OPEN_ITEMS:
            reader = needed(reader)  # an open item without an amount would look as if nothing were open
        fields.append(Field(name, (str(wanted),), reader, needed=True))
        if isinstance(wanted, int):
            found = [wanted - 1] if wanted <= len(cells) else []
        else:
            key = heading_key(wanted)
            found = [
                at for at, cell in enumerate(cells) if (keys[at] == key if key else cell.strip() == wanted)
            ]
        if not found:
            raise Refused("column-missing", field=str(wanted), value=named(cells), headings=str(wanted))
        if len(found) > 1 or found[0] in places:
            raise Refused("column-twice", field=str(wanted), value=shown(cells[found[-1]]))
        places.append(found[0])
    columns = [shown(cell) for cell in cells] if mapping.has_headings else map(str, range(1, len(cells) + 1))
    return Layout(tuple(fields), tuple(places), tuple(columns), len(cells))


def _build(mapping: Mapping, layout: Layout) -> Build[Row]:
    """How rows are made; in a list of open items, what is marked as cleared is not open any more."""
    if mapping.variant is not Variant.OPEN_ITEMS or "clearing_mark" not in mapping.columns:
        return ItemRows(layout)
    names = [field.name for field in layout.fields]

    def row(line: int, *cells: object) -> Row | str:
        given = dict(zip(names, cells, strict=True))
        return LEFT_OUT_CLEARED if given.pop("cleared") else Row(line, **given)  # type: ignore[arg-type]

    return Each(row)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a mapping makes of a sample: the first rows and problems, and the facts of all of it."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    facts: Facts


def try_mapping(
    sample: bytes, mapping: Mapping, settings: ReadSettings, *, is_beginning: bool = False, most: int = 20
) -> Tried:
    """Read a sample before the mapping is kept; ``Refused`` where the file as a whole can't be read so.

    ``is_beginning`` says that the sample is the beginning of a longer file: a line that is cut at its end is
    then none. At most so many rows and problems are returned.
    """
    if is_beginning:
        sample = _whole_lines(sample, settings.file_name)
    rows: list[Row] = []
    problems: list[Problem] = []
    facts: Facts | None = None
    for reading in read(io.BytesIO(sample), replace(settings, mapping=mapping, variant=None)):
        if isinstance(reading, Row) and len(rows) < most:
            rows.append(reading)
        elif isinstance(reading, Problem) and len(problems) < most:
            problems.append(reading)
        elif isinstance(reading, Facts):
            facts = reading
    if facts is None:
        raise ValueError("a file that was read to its end has facts")
    return Tried(tuple(rows), tuple(problems), facts)


def _whole_lines(sample: bytes, name: str) -> bytes:
    """The sample without the line that is cut at its end; as it is where it has no line end at all."""
    character_set = opening_of(sample[:HEAD_BYTES], name=name).character_set or ""
    if not character_set.startswith("utf-16"):
        end = max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1
        return sample[:end] or sample
    ends = {character.encode(character_set) for character in "\r\n"}
    last = range(len(sample) // 2 * 2 - 2, -1, -2)
    return next((sample[: at + 2] for at in last if sample[at : at + 2] in ends), sample)
