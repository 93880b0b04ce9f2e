"""ADDISON Connect: closed items of its database, as the shop's agent writes them, of two years (RI-15)."""

from __future__ import annotations

from collections.abc import Iterator

from tillbridge.reconciliation.model import Kind

from .cleared_items import columns_of, read_cleared
from .reading import ByteStream, Head, Reading, ReadSettings

KIND = Kind.ADDISON

COLUMNS = columns_of("Addison")


def claims(head: Head) -> bool:
    """True for a file whose columns are those of the query, ``Addison`` among them."""
    return COLUMNS.claims(head)


def read(stream: ByteStream, settings: ReadSettings) -> Iterator[Reading]:
    """The rows of a file; see ``cleared_items``."""
    return read_cleared(stream, settings, COLUMNS)
