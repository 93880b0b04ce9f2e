"""How fast import files become typed rows, against a bare loop over ``csv`` that only adds up cents (RI-37).

    python -m bench.import_parsing

The floor opens the same bytes, decodes them, lets ``csv.reader`` split them and makes an integer of one
amount in each row. It checks nothing. Ours makes a row of every column, proves each cell, and finds the kind
by itself.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.figures import Figure, Pairs
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats.reading import HEAD_BYTES, ReadSettings
from tillbridge.reconciliation.model import Facts

MOST_RATIO = 3.0
LEAST_ROWS_PER_S = 100_000
MOST_MEMORY_MIB = 100
ROWS, MANY_ROWS = 100_000, 1_000_000
TODAY = "2026-11-28"
MIB = 1 << 20


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

    def content(self, rows: int) -> bytes:
        """A file of so many rows."""
        lines = b"".join(map(self.line, range(rows)))
        return (self.headings + "\r\n").encode("cp1252") + lines


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


def ours(content: bytes) -> Facts:
    """The whole way: find the kind, type and prove every cell, end with the facts."""
    return _read_to_the_end(io.BytesIO(content), content[:HEAD_BYTES])


def _read_to_the_end(stream: io.BytesIO | Lazy, start: bytes) -> Facts:
    settings = ReadSettings("posten.csv", "EUR", TODAY)
    kind = registry.claim(registry.head_of(settings.file_name, start), settings)
    reading: object = None
    for reading in registry.read_file(stream, settings, kind):  # noqa: B007 - the last are the facts
        pass
    if not isinstance(reading, Facts) or reading.problem_lines:
        raise ValueError(f"the rows of the measurement must be good: {reading}")
    return reading


class Lazy:
    """A file that is made while it is read: what it takes is ours, not the file's."""

    def __init__(self, shape: Shape, rows: int) -> None:
        self._pieces = self._made(shape, rows)
        self._rest = b""

    @staticmethod
    def _made(shape: Shape, rows: int) -> Iterator[bytes]:
        yield (shape.headings + "\r\n").encode("cp1252")
        for begin in range(0, rows, 1000):
            yield b"".join(map(shape.line, range(begin, min(begin + 1000, rows))))

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def measure(pairs: int, tell: Callable[[str], None]) -> list[Figure]:
    """Read each shape and its floor in turn; then a million rows in a process of their own, for the memory.

    ``pairs`` says how often each is read.
    """
    figures = []
    for shape in SHAPES:
        tell(f"reading {shape.name} …")
        figures += _of_shape(shape, pairs)
    for shape in SHAPES:
        tell(f"reading {MANY_ROWS:,} rows of {shape.name} …")
        figures.append(_memory(shape))
    return figures


def _of_shape(shape: Shape, count: int) -> list[Figure]:
    content = shape.content(ROWS)
    if ours(content[: content.index(b"\n") + 1] + shape.line(1)).rows != 1:
        raise ValueError(f"{shape.name} is not read")
    ours_s, floor_s = [], []
    for _ in range(count):
        ours_s.append(_time_s(lambda: ours(content)))
        floor_s.append(_time_s(lambda: floor(content, shape.amount_at)))
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


def _time_s(work: Callable[[], object]) -> float:
    """Processor time: what else the machine does is not ours."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _memory(shape: Shape) -> Figure:
    """The memory that a fresh process takes at most, beyond what it took before it began to read."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        grown_mib, whole_mib = pool.apply(_peak_mib, (SHAPES.index(shape),))
    return Figure(
        what=f"{shape.name}: memory of {MANY_ROWS:,} rows",
        ours=f"{whole_mib:.0f} MiB",
        floor=f"{whole_mib - grown_mib:.0f} MiB",
        figure=f"{whole_mib:.0f} MiB",
        goal=f"≤ {MOST_MEMORY_MIB} MiB",
        met=whole_mib <= MOST_MEMORY_MIB,
    )


def _peak_mib(number: int) -> tuple[float, float]:
    before = _resident_mib()
    shape = SHAPES[number]
    facts = _read_to_the_end(Lazy(shape, MANY_ROWS), Lazy(shape, MANY_ROWS).read(HEAD_BYTES))
    if facts.rows != MANY_ROWS:
        raise ValueError(f"{facts.rows} rows were read")
    peak = _resident_mib()
    return peak - before, peak


def _resident_mib() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MIB if sys.platform == "darwin" else most / 1024


def main() -> int:
    """Measure and show."""
    from bench.figures import table  # noqa: PLC0415 - only when run by itself

    print(table("Import files to typed rows", measure(9, lambda line: print(line, flush=True))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
