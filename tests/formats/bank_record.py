"""Records what the readers of bank files make of their samples, for those that have no recorded result yet.

    python -m tests.formats.bank_record

One line of JSON for each reading, in the order of the file; what an entry leaves empty is left out. A result
that is recorded is never written again, as in ``record.py``.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.formats import camt, mt940
from tillbridge.reconciliation.formats.reading import Reading, ReadSettings
from tillbridge.reconciliation.model import StatementEntry

FOLDER = Path(__file__).parent
READERS: dict[str, ModuleType] = {"camt": camt, "mt940": mt940}
"""Folder of samples -> the module that reads them."""

SETTINGS = ReadSettings("statement", "EUR", "2026-11-28")


def samples(folder: Path = FOLDER) -> list[Path]:
    """All samples of bank files."""
    found = [path for name in READERS for path in (folder / name).iterdir() if path.suffix != ".recorded"]
    return sorted(found)


def recorded_beside(sample: Path) -> Path:
    """Where the recorded result of a sample lies."""
    return sample.with_suffix(".recorded")


def read(kind: str, content: bytes) -> list[Reading]:
    """Everything that a reader makes of these bytes."""
    return list(READERS[kind].read(io.BytesIO(content), SETTINGS))


def shown(readings: Iterable[Reading]) -> str:
    """Readings as they are recorded."""
    lines = []
    for reading in readings:
        told = {
            name: dict(value) if name == "facts" else value
            for name, value in reading._asdict().items()
            if value or name in {"amount_minor", "value"} or not isinstance(reading, StatementEntry)
        }
        lines.append(json.dumps({type(reading).__name__: told}, ensure_ascii=False) + "\n")
    return "".join(lines)


def made_of(sample: Path) -> bytes:
    """What is made of a sample today; a file that is refused as a whole says so in one line."""
    try:
        return shown(read(sample.parent.name, sample.read_bytes())).encode()
    except Refused as refused:
        told = {"code": refused.code, "value": refused.value, **refused.facts}
        return (json.dumps({"Refused": told}, ensure_ascii=False) + "\n").encode()


def record_missing(folder: Path = FOLDER) -> list[Path]:
    """Record the results that are missing; those that are there stay as they are."""
    recorded = []
    for sample in samples(folder):
        result = recorded_beside(sample)
        content = made_of(sample)
        try:
            with result.open("xb") as new:
                new.write(content)
        except FileExistsError:
            continue
        recorded.append(result)
    return recorded


def main() -> int:
    """Record, and say what was done."""
    recorded = record_missing()
    for path in recorded:
        print(f"recorded {path.relative_to(FOLDER)}: look at it before you keep it")
    if not recorded:
        print("every sample has its recorded result; nothing is ever overwritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
