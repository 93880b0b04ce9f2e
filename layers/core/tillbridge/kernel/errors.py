"""The error tree, by what the caller does.

Refused             the input is wrong or not allowed: mend it, don't repeat it
  NotFound          what it names does not exist, or not for this caller
  Forbidden         the caller may not do this
  Conflict          it contradicts what is recorded already
Unavailable         the outside failed: the same call may be repeated
anything else       a bug: loud
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads about one refusal, in English and German.

    Both are format strings over ``{field}``, ``{value}`` and the refusal's facts; each says what is
    wrong and what would be right. A fact may itself be ``Words``: then each language has its own.
    """

    en: str
    de: str


class Refused(Exception):
    """The input is wrong or not allowed; ``code`` is stable, its words stand in a room's ``refusals``."""

    def __init__(self, code: str, *, field: str | None = None, value: object = None, **facts: object) -> None:
        super().__init__(code, field, value)
        self.code = code
        self.field = field
        self.value = value
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} (field={self.field!r}, value={self.value!r}, facts={self.facts!r})"


class NotFound(Refused):
    """What the request names does not exist, or not for this caller."""


class Forbidden(Refused):
    """The caller is known and may not do this."""


class Conflict(Refused):
    """The request contradicts what is recorded already."""


class Unavailable(Exception):
    """The outside failed or did not answer; the same call may be repeated."""
