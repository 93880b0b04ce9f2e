"""How many payment rows are decided in a second on one core, against the barest loop that answers as much.

The floor makes the same answer out of the same row without asking anything: what Python takes for a loop, a
subtraction and a tuple. `python -m bench.deciding` measures this part alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.figures import Figure, Pairs, table
from local.environment import ROOT, python_of

LEAST_PER_S = 80_000
PAIRS = 15
CHILD = Path(__file__).with_name("deciding_pairs.py")


def measure(pairs: int, tell: Callable[[str], None]) -> list[Figure]:
    """Decide a month of payments of a middling chain again and again, in a process of its own."""
    tell("payment rows …")
    done = subprocess.run(
        [str(python_of("functions")), "-P", str(CHILD), str(pairs)],
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT / "layers" / "core"),
            "PYTHONPYCACHEPREFIX": str(ROOT / ".local" / "bytecode"),
        },
        stdout=subprocess.PIPE,
        check=True,
    )
    measured = json.loads(done.stdout)
    return [
        _rate(
            f"payment rows {what}", measured["rows"], Pairs(tuple(times["ours_s"]), tuple(times["floor_s"]))
        )
        for what, times in measured["times"].items()
    ]


def _rate(what: str, rows: int, times: Pairs) -> Figure:
    """Rows in a second of processor time, which shall be at least so many."""
    ours, floor = rows / median(times.ours_s), rows / median(times.floor_s)
    return Figure(
        what=what,
        ours=f"{ours:,.0f}/s",
        floor=f"{floor:,.0f}/s",
        figure=f"{times.ratio:.1f} × its time",
        goal=f"≥ {LEAST_PER_S:,}/s",
        met=ours >= LEAST_PER_S,
    )


if __name__ == "__main__":
    found = measure(PAIRS, lambda line: print(line, file=sys.stderr))
    print(table("Deciding: processor time on one core", found))
