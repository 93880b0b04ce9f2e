"""Refusals as ``application/problem+json`` (RFC 9457), in English or German.

The one table from error class to HTTP status stands here. Nothing of an unexpected error's inside ever
reaches the outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tillbridge.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unavailable, Words
from tillbridge.kernel.refusals import REFUSALS as OF_THE_KERNEL

from .refusals import REFUSALS, TITLES

Language = Literal["en", "de"]
CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tillbridge:problem:"
SHOWN_CHARS = 80
"""So much of a wrong value is shown again; the rest is cut."""
LARGEST_SHOWN = 10**15
"""Whole numbers up to here are the same in every JSON reader."""
RETRY_AFTER_S = 2


class Malformed(Refused):
    """The request cannot be read at all."""


class Unauthenticated(Refused):
    """Nobody vouches for the caller."""


class WrongMethod(Refused):
    """The address exists, but not for this method."""


class TooLarge(Refused):
    """The body is larger than we read."""


class NotJson(Refused):
    """The body is sent as something other than JSON."""


class Misshapen(Refused):
    """The request is JSON, but not of the documented shape; ``faults`` names every field at fault."""

    def __init__(self, faults: Sequence[Refused]) -> None:
        super().__init__("request-not-valid", count=len(faults))
        self.faults = tuple(faults)


STATUS_OF: dict[type[Exception], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    WrongMethod: 405,
    Conflict: 409,
    TooLarge: 413,
    NotJson: 415,
    Refused: 422,
    Unavailable: 503,
    Exception: 500,
}
"""Error class -> HTTP status; the nearest class counts."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a caller is told when a request is not done."""

    status: int
    code: str
    language: Language
    title: str
    detail: str
    instance: str | None = None
    errors: tuple[Mapping[str, object], ...] = ()

    def body(self) -> dict[str, object]:
        """The members of the JSON answer."""
        members: dict[str, object] = {
            "type": TYPE_PREFIX + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.instance is not None:
            members["instance"] = self.instance
        if self.errors:
            members["errors"] = list(self.errors)
        return members

    def headers(self) -> dict[str, str]:
        """What the answer's status demands of its headers."""
        headers: dict[str, str] = {"Content-Language": self.language}
        if self.status == STATUS_OF[Unavailable]:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        if self.status == STATUS_OF[Unauthenticated]:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


class Wording:
    """The words of the rooms whose refusals a function can meet, and the kernel's and our own."""

    def __init__(self, *rooms: Mapping[str, Words]) -> None:
        self.words: dict[str, Words] = {**OF_THE_KERNEL, **REFUSALS}
        for room in rooms:
            self.words.update(room)

    def problem(self, error: Exception, language: Language, *, reference: str = "-") -> Problem:
        """The problem that tells the caller about the error; ``reference`` finds a bug in the log."""
        status = status_of(error)
        title = _in(TITLES[status], language)
        if isinstance(error, Refused):
            faults = error.faults if isinstance(error, Misshapen) else (error,) if error.field else ()
            entries = tuple(self._entry(fault, language) for fault in faults)
            detail = self._detail(error, language, first=entries[0]["detail"] if entries else "")
            return Problem(status, error.code, language, title, detail, errors=entries)
        code = "outside-not-available" if isinstance(error, Unavailable) else "error-of-ours"
        detail = _filled(_in(self.words[code], language), {"reference": reference})
        return Problem(status, code, language, title, detail, instance=f"urn:tillbridge:request:{reference}")

    def _entry(self, fault: Refused, language: Language) -> Mapping[str, object]:
        entry: dict[str, object] = {
            "field": fault.field,
            "code": fault.code,
            "detail": self._detail(fault, language),
        }
        if isinstance(fault.value, str | int | float):
            entry["value"] = _shown(fault.value)
        return entry

    def _detail(self, fault: Refused, language: Language, **more: object) -> str:
        words = self.words.get(fault.code)
        if words is None:
            return fault.code
        own = _of_language(fault.facts, language)
        facts = {**own, "field": fault.field or "", "value": _shown(fault.value), **more}
        return _filled(_in(words, language), facts).strip()


def status_of(error: Exception) -> int:
    """The HTTP status of an error, by the nearest class in ``STATUS_OF``."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def language_of(accept_language: str | None) -> Language:
    """German when ``Accept-Language`` prefers it to English; English otherwise."""
    best: tuple[float, Language] = (0.0, "en")
    for choice in (accept_language or "").split(","):
        tag, _, parameters = choice.partition(";")
        primary = tag.strip().split("-")[0].lower()
        weight = _weight(parameters)
        if primary in {"de", "en"} and weight > best[0]:
            best = (weight, "de" if primary == "de" else "en")
    return best[1]


def misshapen(errors: Iterable[Mapping[str, Any]]) -> Refused:
    """What pydantic found wrong with a request, as our refusal; ``errors`` in pydantic's shape."""
    faults: list[Refused] = []
    for error in errors:
        place, *path = error["loc"]
        if place == "header":
            code = "idempotency-key-missing" if error["type"] == "missing" else "idempotency-key-not-valid"
            return Malformed(code, field=str(path[0]))
        faults.append(_fault(error, ".".join(str(step) for step in path) or str(place)))
    return Misshapen(faults)


def _fault(error: Mapping[str, Any], field: str) -> Refused:
    kind = str(error["type"])
    facts = error.get("ctx") or {}
    limit = next((facts[name] for name in _LIMITS if name in facts), "")
    value = None if kind == "missing" else error.get("input")
    return Refused(_CODE_OF.get(kind, "field-not-valid"), field=field, value=value, limit=limit)


_LIMITS = ("min_length", "max_length", "pattern", "expected", "expected_tags", "ge", "gt", "le", "lt")
_CODE_OF = {
    "missing": "field-missing",
    "extra_forbidden": "field-unknown",
    "string_type": "field-not-text",
    "int_type": "field-not-whole-number",
    "int_parsing": "field-not-whole-number",
    "int_from_float": "field-not-whole-number",
    "float_type": "field-not-number",
    "float_parsing": "field-not-number",
    "bool_type": "field-not-true-or-false",
    "bool_parsing": "field-not-true-or-false",
    "list_type": "field-not-list",
    "tuple_type": "field-not-list",
    "set_type": "field-not-list",
    "frozen_set_type": "field-not-list",
    "dict_type": "field-not-object",
    "model_type": "field-not-object",
    "model_attributes_type": "field-not-object",
    "string_too_short": "field-too-short",
    "too_short": "field-too-short",
    "string_too_long": "field-too-long",
    "too_long": "field-too-long",
    "string_pattern_mismatch": "field-not-in-form",
    "literal_error": "field-not-in-list",
    "enum": "field-not-in-list",
    "union_tag_invalid": "field-not-in-list",
    "union_tag_not_found": "field-missing",
    "greater_than": "field-too-small",
    "greater_than_equal": "field-too-small",
    "less_than": "field-too-great",
    "less_than_equal": "field-too-great",
}


class _Facts(dict[str, object]):
    """A fact that a refusal did not carry is left open: telling the caller must not fail."""

    def __missing__(self, name: str) -> str:
        return "…"


def _filled(text: str, facts: Mapping[str, object]) -> str:
    return text.format_map(_Facts(facts))


def _of_language(facts: Mapping[str, object], language: Language) -> dict[str, object]:
    return {name: _in(fact, language) if isinstance(fact, Words) else fact for name, fact in facts.items()}


def _in(words: Words, language: Language) -> str:
    return words.de if language == "de" else words.en


def _shown(value: object) -> str | int | bool:
    if isinstance(value, bool | int) and abs(value) < LARGEST_SHOWN:
        return value
    if value is None or isinstance(value, dict | list):
        return ""
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…"


def _weight(parameters: str) -> float:
    name, _, weight = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(weight)
    except ValueError:
        return 0.0
