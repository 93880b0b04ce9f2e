"""DATEV KR-Export: what the exporter program on the shop's PC wrote, two years of it (RI-14).

The file is that of DATEV pro. It is told from it by its name, ``EXP20261120.TXT``, which is what the agent's
job asks the exporter for; or by whoever uploads it. A line counts as of the last two years by its own date
(*Rechnungsdatum*).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind

from .days import two_years_before
from .opos_ascii import is_opos, read_opos
from .reading import ByteStream, Head, Reading, ReadSettings

KIND = Kind.DATEV_KR_EXPORT

_NAME = re.compile(r"(?:.*[/\\])?EXP[0-9]{8}\.TXT", re.ASCII | re.IGNORECASE | re.DOTALL)


def is_name_of_exporter(file_name: str) -> bool:
    """True for a name that the exporter program is told to give."""
    return _NAME.fullmatch(file_name) is not None


def claims(head: Head) -> bool:
    """True for a file of the 22 fields that has the exporter's name."""
    return is_opos(head) and is_name_of_exporter(head.name)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The lines of the last two years; closed ones that are older are left out and counted."""
    return read_opos(stream, settings, earliest=two_years_before(settings.today))
