"""The contract of all import kinds.

A kind is a module of this folder with three names:

    KIND: Kind
    claims(head: Head) -> bool                  does this kind recognise the file as its own?
    read(stream, settings) -> Iterator[Reading]

``read`` gives rows, problems and notices as they come, and ``Facts`` as the very last (bank files leave them
to the ``registry``). Nothing but ``Refused`` is ever raised, whatever the bytes are: then the whole file is
wrong, and what was read of it so far must not be used. A row that can't be read is a ``Problem``, and
reading goes on. Lines count from 1 and are those that an editor shows; no cell of a CSV file goes over
several lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tillbridge.reconciliation.mappings import Mapping
from tillbridge.reconciliation.model import (
    Facts,
    LedgerRow,
    Notice,
    Problem,
    Row,
    StatementEntry,
    Variant,
)

HEAD_BYTES = 1 << 16
MAX_LINE_CHARS = 1 << 16
MAX_COLUMNS = 500
MAX_LINES = 2_000_001
"""A heading and 2,000,000 rows: the report of so many is put together in one call, on its disk."""

Reading = Row | LedgerRow | StatementEntry | Problem | Notice | Facts


class ByteStream(Protocol):
    """Where bytes come from: a file, or the body of an object."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """What a reader knows beside the bytes.

    ``currency`` is that of the profile (ISO 4217), for files that name none. ``today`` is the day
    ``YYYY-MM-DD`` of the import. ``variant`` is what the uploader named, where a kind leaves a choice (a
    file that says otherwise is refused); ``mapping`` belongs to files of one's own.
    """

    file_name: str
    currency: str
    today: str
    variant: Variant | None = None
    mapping: Mapping | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, by which kinds recognise their own.

    ``text`` is what the first 64 KiB say, without a byte order mark; its last line may be cut. ``cells`` are
    those of the first line that is not empty; ``keys`` the same as comparison keys of headings.
    """

    name: str
    text: str
    character_set: str
    separator: str
    cells: tuple[str, ...]
    keys: frozenset[str]
