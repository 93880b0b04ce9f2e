"""Where a page ends, as text that is handed out and comes back from whoever asks for the next page."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from json import dumps, loads

from tillbridge.kernel.errors import Refused

MAX_SORT_KEY_BYTES = 1024
"""What a sort key of DynamoDB holds; a partition key holds more, ours do not."""


def write_cursor(position: Mapping[str, str]) -> str:
    """Where a page ends, as text for whoever asks for the next one.

    It can be read by its bearer: it may hold nothing but keys of rows that the bearer may see.
    """
    return urlsafe_b64encode(dumps(position, sort_keys=True).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> dict[str, str]:
    """What ``write_cursor`` was given; ``Refused`` for what it never wrote."""
    try:
        position = loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(position, dict) or not position or not all(map(_is_key, position.values())):
            raise ValueError("not a cursor")
    except (ValueError, RecursionError):
        raise unreadable(cursor) from None
    return position


def unreadable(cursor: str) -> Refused:
    """The refusal of a cursor that is none, or that belongs to another question."""
    return Refused("cursor-unreadable", field="cursor", value=cursor[:40])


def _is_key(part: object) -> bool:
    """True for text that a key of DynamoDB can hold."""
    return isinstance(part, str) and 0 < len(part.encode()) <= MAX_SORT_KEY_BYTES
