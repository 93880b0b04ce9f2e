"""DATEV pro: the OPOS ASCII file of 22 fields, all years (RI-13)."""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind

from . import datev_kr_export
from .opos_ascii import is_opos, read_opos
from .reading import ByteStream, Head, Reading, ReadSettings

KIND = Kind.DATEV_PRO


def claims(head: Head) -> bool:
    """True for a file of these 22 fields that the exporter program has not named."""
    return is_opos(head) and not datev_kr_export.is_name_of_exporter(head.name)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The lines of a file; see ``opos_ascii``."""
    return read_opos(stream, settings)
