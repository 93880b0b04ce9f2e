"""Writes the results that samples do not have yet, and says which; never one that is there.

What is recorded is what receivers and books rely on. Who means to change a format deletes the recorded
result, records it anew, and shows the difference in the review.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tillbridge.reconciliation.formats.reading import Reading


def record_new(results: Iterable[tuple[Path, bytes]]) -> list[Path]:
    """Write each result whose file is not there yet, and give those files; the others stay as they are."""
    recorded = []
    for result, content in results:
        try:
            with result.open("xb") as new:
                new.write(content)
        except FileExistsError:
            continue
        recorded.append(result)
    return recorded


def tell(recorded: Iterable[Path], folder: Path) -> int:
    """Say which results below a folder were recorded; 0, for the shell."""
    paths = list(recorded)
    for path in paths:
        print(f"recorded {path.relative_to(folder)}: look at it before you keep it")
    if not paths:
        print("every sample has its recorded result; nothing is ever overwritten")
    return 0


def line_of(name: str, told: dict[str, Any]) -> str:
    """One thing as it is recorded, under its name."""
    return json.dumps({name: told}, ensure_ascii=False) + "\n"


def shown(readings: Iterable[Reading], is_told: Callable[[Reading, str, object], bool]) -> str:
    """Readings as they are recorded, one line each; ``is_told`` says which of their attributes are."""
    return "".join(
        line_of(
            type(reading).__name__,
            {
                name: dict(value) if name == "facts" else value
                for name, value in reading._asdict().items()
                if is_told(reading, name, value)
            },
        )
        for reading in readings
    )
