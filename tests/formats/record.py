"""Records what a format makes of its samples, for those that have no recorded result yet.

    python -m tests.formats.record

A result that is recorded is never written again (``recording``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.formats import recording
from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.calendar import parse_moment
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import CharacterSet
from tillbridge.payments.formats import payment_file
from tillbridge.payments.model import (
    Customer,
    Direction,
    LineEnding,
    Payment,
    PaymentKind,
    PaymentMethod,
)

FOLDER = Path(__file__).parent

Writer = Callable[[Mapping[str, Any]], bytes]


def payment_file_of(sample: Mapping[str, Any]) -> bytes:
    """The payment file of a sample."""
    paid, wanted = sample["payment"], sample["settings"]
    customer = paid["customer"]
    payment = Payment(
        number=paid["number"],
        workstation_key=WorkstationKey("01", "till-1"),
        kind=PaymentKind(paid["kind"]),
        direction=Direction(paid["direction"]),
        amount=Money.parse(paid["amount"], paid["currency"]),
        method=PaymentMethod(paid["method"]),
        taken_at=parse_moment(paid["taken_at"]),
        taking="id-1",
        recorded_at=parse_moment(paid["taken_at"]),
        recorded_by="till-a",
        staff=paid["staff"],
        customer=Customer(*customer) if customer else None,
        case_number=paid["case_number"],
        invoice_number=paid["invoice_number"],
    )
    settings = payment_file.Settings(
        CharacterSet(wanted["character_set"]),
        LineEnding(wanted["line_ending"]),
        wanted["walk_in_customer"],
        wanted["time_zone"],
    )
    return payment_file.write(payment, settings).content


WRITERS: dict[str, Writer] = {"payment_file": payment_file_of}
"""Folder of samples -> what writes them."""


def samples(format_name: str, folder: Path = FOLDER) -> list[Path]:
    """The samples of a format."""
    return sorted((folder / format_name).glob("*.json"))


def recorded_beside(sample: Path) -> Path:
    """Where the recorded result of a sample lies."""
    return sample.with_suffix(".recorded")


def made_of(format_name: str, sample: Path) -> bytes:
    """What the format makes of a sample today."""
    return WRITERS[format_name](json.loads(sample.read_text(encoding="utf-8")))


def record_missing(folder: Path = FOLDER) -> list[Path]:
    """Record the results that are missing; those that are there stay as they are."""
    return recording.record_new(
        (recorded_beside(sample), made_of(format_name, sample))
        for format_name in WRITERS
        for sample in samples(format_name, folder)
    )


def main() -> int:
    """Record, and say what was done."""
    return recording.tell(record_missing(), FOLDER)


if __name__ == "__main__":
    sys.exit(main())
