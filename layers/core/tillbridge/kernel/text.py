"""Text that crosses borders: names of files, character sets, comparison keys."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from .errors import Refused

MAX_FILE_NAME_BYTES = 120
"""A document number is at most this long in UTF-8 (PF-13)."""

MAX_FOLDED_BYTES = 240
"""Some signs fold into many letters; the key under which a number is unique is at most this long."""

_FORBIDDEN_IN_NAMES = frozenset('<>:"/\\|?*')
_RESERVED_ON_WINDOWS = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"]
)
_REPLACED_VISIBLY = "?"
_PLAIN_FORMS = {
    "€": "EUR", "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"',
    "…": "...", "•": "*", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ø": "o", "Ø": "O", "æ": "ae",
    "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "ẞ": "SS", "ð": "d", "þ": "th", "Þ": "Th", "\u00a0": " ",
    "\u202f": " ", "™": "(TM)",
}  # fmt: skip


class CharacterSet(StrEnum):
    """The character sets a receiver of files may ask for (PF-8)."""

    UTF_8 = "utf-8"
    CP1252 = "cp1252"
    ISO_8859_15 = "iso-8859-15"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes in a character set, and the characters that it could not hold as they were."""

    content: bytes
    replaced: tuple[str, ...]


def fold(text: str) -> str:
    """The key under which two names are the same name on a folder that ignores case (PF-3)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def is_printable(text: str) -> bool:
    """True when no character of the text is a control, a format mark, a line break or unassigned."""
    return all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} for char in text)


def safe_file_stem(text: str, *, field: str) -> str:
    """The text, if Windows and POSIX folders take it as a file name as it is; else ``Refused`` (PF-13)."""
    unsafe = sorted({char for char in text if char in _FORBIDDEN_IN_NAMES})
    if not text or not text.strip(". "):
        raise Refused("number-is-empty", field=field, value=text)
    if unsafe:
        raise Refused("number-has-unsafe-characters", field=field, value=text, unsafe=" ".join(unsafe))
    if not is_printable(text):
        raise Refused("number-has-control-characters", field=field, value=_shown(text))
    if text != text.strip() or text != text.strip("."):
        raise Refused("number-has-blank-or-dot-at-its-edge", field=field, value=text)
    if text.split(".", maxsplit=1)[0].rstrip().casefold() in _RESERVED_ON_WINDOWS:
        raise Refused("number-is-reserved-on-windows", field=field, value=text)
    if (
        len(unicodedata.normalize("NFC", text).encode()) > MAX_FILE_NAME_BYTES
        or len(fold(text).encode()) > MAX_FOLDED_BYTES
    ):
        raise Refused("number-too-long", field=field, value=text[:40] + "…", max_bytes=MAX_FILE_NAME_BYTES)
    return unicodedata.normalize("NFC", text)


def single_line(text: str, *, field: str, max_chars: int = 200) -> str:
    """The text, trimmed, if it stands on one line of printable characters; else ``Refused`` (PF-13)."""
    trimmed = unicodedata.normalize("NFC", text.strip(" "))
    if not is_printable(trimmed):
        raise Refused("text-has-control-characters", field=field, value=_shown(trimmed))
    if len(trimmed) > max_chars:
        raise Refused("text-too-long", field=field, value=trimmed[:40] + "…", max_chars=max_chars)
    return trimmed


def encode(text: str, character_set: CharacterSet) -> Encoded:
    """Bytes in the set; what it lacks is written in plain letters, else as ``?``, and reported (PF-8)."""
    whole = unicodedata.normalize("NFC", text)
    try:
        return Encoded(whole.encode(character_set.value), ())
    except UnicodeEncodeError:
        pieces, replaced = [], []
        for char in whole:
            held = _encode_one(char, character_set)
            if held is None:
                replaced.append(char)
                held = _plain_form(char).encode(character_set.value, errors="replace")
            pieces.append(held)
        return Encoded(b"".join(pieces), tuple(dict.fromkeys(replaced)))


def _encode_one(char: str, character_set: CharacterSet) -> bytes | None:
    try:
        return char.encode(character_set.value)
    except UnicodeEncodeError:
        return None


def _plain_form(char: str) -> str:
    if char in _PLAIN_FORMS:
        return _PLAIN_FORMS[char]
    stripped = "".join(
        part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
    )
    return stripped if stripped.isascii() and stripped.isprintable() and stripped else _REPLACED_VISIBLY


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")
