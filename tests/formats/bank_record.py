"""Records what the readers of bank files make of their samples, for those that have no recorded result yet.

    python -m tests.formats.bank_record

One line of JSON for each reading, in the order of the file; what an entry leaves empty is left out. A result
that is recorded is never written again (``recording``).
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType

from tests.formats import recording
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


def _is_told(reading: Reading, name: str, value: object) -> bool:
    return bool(value) or name in {"amount_minor", "value"} or not isinstance(reading, StatementEntry)


def made_of(sample: Path) -> bytes:
    """What is made of a sample today; a file that is refused as a whole says so in one line."""
    try:
        return recording.shown(read(sample.parent.name, sample.read_bytes()), _is_told).encode()
    except Refused as refused:
        told = {"code": refused.code, "value": refused.value, **refused.facts}
        return recording.line_of("Refused", told).encode()


def record_missing(folder: Path = FOLDER) -> list[Path]:
    """Record the results that are missing; those that are there stay as they are."""
    return recording.record_new((recorded_beside(sample), made_of(sample)) for sample in samples(folder))


def main() -> int:
    """Record, and say what was done."""
    return recording.tell(record_missing(), FOLDER)


if __name__ == "__main__":
    sys.exit(main())
