"""`make bench`: all measurements in one run.

ARGS='--only start' takes one part (start, handler, way), ARGS=--quick a rough figure of each.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench import handler, imports, way
from bench.figures import Figure, table
from bench.shop import Shop
from local.cloud import LocalCloud
from local.environment import SetUpFailed

PARTS = ("start", "handler", "way")
WHOLE = {"start": 15, "handler": 200, "way": 120}
QUICK = {"start": 5, "handler": 40, "way": 20}


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
        if {"handler", "way"} & set(asked.only):
            figures += _on_the_local_cloud(asked.only, counts)
    except (SetUpFailed, handler.ChildFailed, way.NeverCame) as failed:
        _tell(f"✗ {failed}")
        return 1
    missed = [figure.what for figure in figures if not figure.met]
    _tell(f"\n{len(figures) - len(missed)} of {len(figures)} goals met." + _named(missed))
    return 0


def _start(count: int) -> list[Figure]:
    figures = imports.measure(count, _tell)
    _show("Start of each function: processor time until its clients stand", figures, [f"{count} pairs each"])
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
