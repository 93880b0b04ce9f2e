"""`make bench`: all measurements in one run.

ARGS='--only start' takes one part (start, handler, way, parse, bank, decide, import, seal), ARGS=--quick a
rough figure of each.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench import bank_parsing, deciding, handler, import_parsing, import_way, sealing, starts, way
from bench.figures import Figure, table
from bench.shop import Shop
from local.cloud import LocalCloud
from local.environment import SetUpFailed
from local.finance import FinanceFailed

PARTS = ("start", "handler", "way", "parse", "bank", "decide", "import", "seal")
WHOLE = {
    "start": 15, "handler": 200, "way": 120, "parse": 9, "bank": 9, "decide": 15, "import": 20_000,
    "seal": 100_000,
}  # fmt: skip
QUICK = {
    "start": 5, "handler": 40, "way": 20, "parse": 3, "bank": 3, "decide": 5, "import": 3_000, "seal": 10_000,
}  # fmt: skip
"""How often each is measured, or with how many rows."""


def main(arguments: list[str]) -> int:
    """Measure and show; 0 when it could be measured, whatever the figures say: they depend on the machine."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--quick", action="store_true", help="a rough figure in a minute")
    asked = parser.parse_args(arguments)
    counts = QUICK if asked.quick else WHOLE
    _tell(f"Python {platform.python_version()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d %H:%M')}")
    figures: list[Figure] = []
    try:
        if "start" in asked.only:
            figures += _start(counts["start"])
        figures += _by_itself(asked.only, counts)
        if {"handler", "way", "import"} & set(asked.only):
            figures += _on_the_local_cloud(asked.only, counts)
    except (SetUpFailed, FinanceFailed, handler.ChildFailed, way.NeverCame) as failed:
        _tell(f"✗ {failed}")
        return 1
    missed = [figure.what for figure in figures if not figure.met]
    _tell(f"\n{len(figures) - len(missed)} of {len(figures)} goals met." + _named(missed))
    return 0


def _start(count: int) -> list[Figure]:
    figures = starts.measure(count, _tell)
    _show("Start of each function: processor time until its clients stand", figures, [f"{count} pairs each"])
    return figures


def _by_itself(parts: list[str], counts: dict[str, int]) -> list[Figure]:
    """What needs no cloud: reading files, deciding, sealing."""
    figures: list[Figure] = []
    for part, heading, measure in (
        ("parse", "Import files to typed rows", import_parsing.measure),
        ("bank", "Bank files to entries", bank_parsing.measure),
        ("decide", "Deciding about payments", deciding.measure),
    ):
        if part in parts:
            measured = measure(counts[part], _tell)
            _show(heading, measured, [])
            figures += measured
    if "seal" in parts:
        measured, notes = sealing.measure(counts["seal"], _tell)
        _show("Sealing and checking the journal", measured, notes)
        figures += measured
    return figures


def _on_the_local_cloud(parts: list[str], counts: dict[str, int]) -> list[Figure]:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tillbridge-bench-") as place, LocalCloud(Path(place)) as cloud:
        shop = Shop(cloud)
        folder = Path(place) / "shop-folder"
        folder.mkdir()
        shop.open_interface(folder)
        try:
            if "way" in parts:
                measured, notes = way.measure(cloud, shop, folder, counts["way"])
                _show("A payment's way, on the local cloud with a real agent", measured, notes)
                figures += measured
            if "handler" in parts:
                measured, notes = handler.measure(cloud, shop, counts["handler"])
                _show("Handler time per payment, AWS calls over loopback HTTP", measured, notes)
                figures += measured
            if "import" in parts:
                measured, notes = import_way.measure(cloud, shop.admin, counts["import"])
                _show(
                    "An import's way: from a file in S3 to booked rows, on the local cloud", measured, notes
                )
                figures += measured
        finally:
            shop.close()
    return figures


def _show(heading: str, figures: list[Figure], notes: list[str]) -> None:
    _tell("\n" + table(heading, figures))
    for note in notes:
        _tell(f"  {note}")


def _named(missed: list[str]) -> str:
    return f" Not met: {', '.join(missed)}." if missed else ""


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
