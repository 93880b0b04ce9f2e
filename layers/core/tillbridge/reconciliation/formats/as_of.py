"""The day whose state a file shows, when its name says it: ``OP_20261120.csv``, ``posten-2026-11-20.csv``."""

from __future__ import annotations

import re

from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.errors import Refused

_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})([-_.]?)([0-9]{2})\2([0-9]{2})(?![0-9])", re.ASCII)


def as_of_in(file_name: str, today: str) -> str | None:
    """The one day that the name holds; None where it holds none, several, or one that lies ahead."""
    days = set()
    for match in _DAY.finditer(file_name):
        try:
            days.add(parse_day(f"{match[1]}-{match[3]}-{match[4]}"))
        except Refused:
            continue
    return days.pop() if len(days) == 1 and min(days) <= today else None
