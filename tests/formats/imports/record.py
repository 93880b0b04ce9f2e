"""Records what the import kinds make of their samples, for those that have no recorded result yet.

    python -m tests.formats.imports.record

The first line says which kind claims the file, or why none does; then comes one line of JSON for each
reading, in the order of the file, without what it leaves empty. An own mapping lies beside its sample. A
result that is recorded is never written again (``tests/formats/recording.py``).
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.formats import recording
from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats.reading import HEAD_BYTES, Reading, ReadSettings
from tillbridge.reconciliation.mappings import mapping_from
from tillbridge.reconciliation.model import Kind, Problem

FOLDER = Path(__file__).parent
TODAY = "2026-11-28"


def samples(folder: Path = FOLDER) -> list[Path]:
    """All samples of import files, by kind."""
    return sorted(
        path
        for kind in Kind
        for path in (folder / kind.value).glob("*")
        if not path.name.endswith((".recorded", ".mapping.json"))
    )


def recorded_beside(sample: Path) -> Path:
    """Where the recorded result of a sample lies."""
    return sample.with_name(sample.name + ".recorded")


def settings_of(sample: Path) -> ReadSettings:
    """What the reader of a sample knows beside its bytes."""
    beside = sample.with_suffix(".mapping.json")
    mapping = mapping_from(json.loads(beside.read_text(encoding="utf-8"))) if beside.exists() else None
    return ReadSettings(sample.name, "EUR", TODAY, mapping=mapping)


def kind_of(content: bytes, settings: ReadSettings) -> registry.ImportKind:
    """The kind that claims these bytes, or the own mapping where there is one."""
    named = Kind.MAPPED if settings.mapping else None
    head = registry.head_of(settings.file_name, content[:HEAD_BYTES])
    return registry.claim(head, settings, named=named)


def read(content: bytes, settings: ReadSettings, kind: registry.ImportKind) -> Iterator[Reading]:
    """Everything that a kind makes of these bytes."""
    return registry.read_file(io.BytesIO(content), settings, kind)


def _is_told(reading: Reading, name: str, value: object) -> bool:
    return value not in (None, "", ()) or (name == "value" and isinstance(reading, Problem))


def made_of(sample: Path) -> bytes:
    """What is made of a sample today; a file that is refused as a whole says so in one line."""
    content, settings = sample.read_bytes(), settings_of(sample)
    told = ""
    try:
        kind = kind_of(content, settings)
        told = json.dumps({"claimed": kind.KIND.value}) + "\n"
        told += recording.shown(read(content, settings, kind), _is_told)
    except Refused as refused:
        why = {"code": refused.code, "field": refused.field, "value": refused.value, **refused.facts}
        told += recording.line_of("Refused", why)
    return told.encode()


def record_missing(folder: Path = FOLDER) -> list[Path]:
    """Record the results that are missing; those that are there stay as they are."""
    return recording.record_new((recorded_beside(sample), made_of(sample)) for sample in samples(folder))


def main() -> int:
    """Record, and say what was done."""
    return recording.tell(record_missing(), FOLDER)


if __name__ == "__main__":
    sys.exit(main())
