"""How fast import files become typed rows, against a bare loop over ``csv`` that only adds up cents (RI-37).

    python -m bench.import_parsing

The floor opens the same bytes, decodes them, lets ``csv.reader`` split them and makes an integer of one
amount in each row. It checks nothing. Ours makes a row of every column, proves each cell, and finds the kind
by itself.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.figures import Figure, Pairs
from bench.file_reading import facts_of, memory, read_many, time_s

MOST_RATIO = 3.0
LEAST_ROWS_PER_S = 100_000
ROWS, MANY_ROWS = 100_000, 1_000_000
FILE_NAME = "posten.csv"


@dataclass(frozen=True)
class Shape:
    """A file to be read: its headings, its rows by their number, and where an amount stands in them."""

    name: str
    headings: str
    row: Callable[[int], str]
    amount_at: int

    def line(self, number: int) -> bytes:
        """One row, encoded."""
        return (self.row(number) + "\r\n").encode("cp1252")

    def pieces(self, rows: int) -> Iterator[bytes]:
        """A file of so many rows, made while it is read."""
        yield (self.headings + "\r\n").encode("cp1252")
        for begin in range(0, rows, 1000):
            yield b"".join(map(self.line, range(begin, min(begin + 1000, rows))))


def _cents(number: int) -> str:
    cents = (number * 7919) % 250_000 + 1
    return f"{cents // 100},{cents % 100:02d}"


def _day(number: int) -> str:
    return f"202611{number % 28 + 1:02d}"


def _payment(number: int) -> str:
    discount, fee = ("JA", "NEIN", "")[number % 3], ("", "NEIN", "5,00")[number % 3]
    return f"RE-HH-{number:07d}-26;{_cents(number)};{_day(number)};{discount};{fee};;N"


def _posting(number: int) -> str:
    side = f"{_cents(number)};0,00" if number % 2 else f"0,00;{_cents(number)}"
    on = f"{number % 28 + 1:02d}.11.2026"
    return f"{10000 + number % 9000};RE-HH-{number:07d}-26;{on};;{side};0,00;8400;Müller, Käthe"


def _invoice_line(number: int) -> str:
    return (
        f"Rechnung;RE-HH-{number:07d}-26;01;K-{number % 5000};{_day(number)};EUR;30;"
        f"Gleitsichtgläser;Gläser;19;{_cents(number)}"
    )


SHAPES = (
    Shape(
        "payments (AMPAREX)",
        "Rechnungsnummer;Zahlbetrag;Zahldatum;Skonto;Mahngebühr;Überzahlung;Wiederöffnen",
        _payment,
        1,
    ),
    Shape(
        "open items (DATEV)",
        "Konto;Rechnungsnummer;Datum;Fälligkeit;Sollbetrag;Habenbetrag;Saldo;Gegenkonto;Buchungstext",
        _posting,
        4,
    ),
    Shape(
        "invoices (bulk upload)",
        "Art;Rechnungsnummer;Filiale;Kundennummer;Rechnungsdatum;Währung;Zahlungsziel;"
        "Artikel;Produktfamilie;UStProzent;Betrag",
        _invoice_line,
        10,
    ),
)


def floor(content: bytes, amount_at: int) -> int:
    """The bare loop: decode, split, make one integer a row, add up."""
    total = 0
    text = io.TextIOWrapper(io.BytesIO(content), encoding="cp1252", newline="")
    rows = csv.reader(text, delimiter=";")
    next(rows)
    for row in rows:
        total += int(row[amount_at].replace(".", "").replace(",", ""))
    return total


def measure(pairs: int, tell: Callable[[str], None]) -> list[Figure]:
    """Read each shape and its floor in turn; then a million rows in a process of their own, for the memory.

    ``pairs`` says how often each is read.
    """
    figures = []
    for shape in SHAPES:
        tell(f"reading {shape.name} …")
        figures += _of_shape(shape, pairs)
    for number, shape in enumerate(SHAPES):
        tell(f"reading {MANY_ROWS:,} rows of {shape.name} …")
        figures.append(memory(f"{shape.name}: memory of {MANY_ROWS:,} rows", _read_many, number))
    return figures


def _of_shape(shape: Shape, count: int) -> list[Figure]:
    content = b"".join(shape.pieces(ROWS))
    if facts_of(FILE_NAME, content[: content.index(b"\n") + 1] + shape.line(1)).rows != 1:
        raise ValueError(f"{shape.name} is not read")
    ours_s, floor_s = [], []
    for _ in range(count):
        ours_s.append(time_s(lambda: facts_of(FILE_NAME, content)))
        floor_s.append(time_s(lambda: floor(content, shape.amount_at)))
    times = Pairs(tuple(ours_s), tuple(floor_s))
    rows_per_s = ROWS / sorted(ours_s)[len(ours_s) // 2]
    speed = Figure(
        what=f"{shape.name}: speed",
        ours=f"{rows_per_s:,.0f} rows/s",
        floor=f"{ROWS / sorted(floor_s)[len(floor_s) // 2]:,.0f} rows/s",
        figure=f"{rows_per_s:,.0f} rows/s",
        goal=f"≥ {LEAST_ROWS_PER_S:,} rows/s",
        met=rows_per_s >= LEAST_ROWS_PER_S,
    )
    return [Figure.of_pairs(shape.name, times, MOST_RATIO), speed]


def _read_many(number: int) -> None:
    read_many(FILE_NAME, SHAPES[number].pieces, MANY_ROWS)


def main() -> int:
    """Measure and show."""
    from bench.figures import table  # noqa: PLC0415 - only when run by itself

    print(table("Import files to typed rows", measure(9, lambda line: print(line, flush=True))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
