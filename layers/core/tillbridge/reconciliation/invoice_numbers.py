"""Invoice numbers in what a payer wrote, also where banks break them with blanks and line ends (RI-5).

A series is given as a mask: ``#`` is a digit, ``@`` a letter, ``?`` either; ``+`` behind one of them means
one to twenty; everything else stands for itself. ``RE-@@-####-##`` is the series of ``RE-HH-0001-26``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_MASK_CHARS = 60
_MOST_OF_MANY = 20
_CLASSES = {"#": "[0-9]", "@": "[A-Z]", "?": "[A-Z0-9]"}
_BLANK = r"\s?"
_SEPARATORS = "-/._ "
_SEPARATOR = r"\s?[-–—−/._]?\s?"
_NUMBER_WORD = r"[\s.:-]*+(?:NUMMER|NR|NO)?[\s.:#-]*+"
_INVOICE = rf"(?:RECHNUNGS?|RECHN|RG|RE|INVOICE|INV){_NUMBER_WORD}"
_CREDIT_NOTE = rf"(?:GUTSCHRIFTS?){_NUMBER_WORD}"
_WORDS = {"RE": _INVOICE, "RG": _INVOICE, "INV": _INVOICE, "GU": _CREDIT_NOTE, "GS": _CREDIT_NOTE}
"""What payers write instead of a number's first letters: *Rechnung HH-0001-26*."""

_FIRST_LETTERS = re.compile(r"([A-Z]+)[^A-Z0-9]*")

_BEGIN = r"(?:(?<![A-Z0-9])|(?<=RECHNUNG)|(?<=NR))"
_END = r"(?![0-9]|[A-Z](?![A-Z]))"
"""A word may follow at once, since banks lose blanks at their line ends; one letter makes another number."""

_TOKEN = re.compile(r"[A-Z0-9]++(?:[-/.][A-Z0-9]++)*+")
_DAY = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{2}){0,2}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FEWEST_DIGITS = 3
_MOST_CHARS = 40
MAX_TEXT_CHARS = 4_000
MAX_NUMBERS = 50


class _Series(NamedTuple):
    pattern: re.Pattern[str]
    template: tuple[str | None, ...]


def is_mask(text: str) -> bool:
    """True for a text that means a series: it has a digit, and no ``+`` that would leave nothing to the next.

    Masks of people must be asked about before they are kept: one that is none finds nothing.
    """
    plain = text.upper()
    return (
        0 < len(plain) <= MAX_MASK_CHARS
        and any(sign in plain for sign in "#?")
        and re.search(r"[#@?]\+[#@?]|(?:^|[^#@?])\+", plain) is None
    )


def number_key(number: str) -> str:
    """The key under which two spellings of a number are the same: letters and digits alone, in capitals."""
    return "".join(char for char in number.upper() if char.isalnum())


def invoice_numbers_in(text: str, masks: Sequence[str] = ()) -> tuple[str, ...]:
    """The numbers of these series in a text, in their own spelling and in the order of the text, each once.

    At most 4,000 characters are searched and 50 numbers given: no payer writes more.
    """
    written = text[:MAX_TEXT_CHARS].upper()
    found: dict[str, int] = {}
    for mask in filter(is_mask, masks):
        series = _series(mask)
        for match in series.pattern.finditer(written):
            groups = iter(match.groups())
            number = "".join(part if part is not None else _close(next(groups)) for part in series.template)
            found.setdefault(number, match.start())
    return tuple(sorted(found, key=lambda number: (found[number], number)))[:MAX_NUMBERS]


def number_like_in(text: str) -> tuple[str, ...]:
    """What else may be a number in a text: words with at least three digits that are no days, each once."""
    tokens = (
        part
        for match in _TOKEN.finditer(text[:MAX_TEXT_CHARS].upper())
        for part in (match[0], *(match[0].split("/") if "/" in match[0] else ()))
    )
    likely = (
        token
        for token in tokens
        if len(token) <= _MOST_CHARS
        and sum(char.isdigit() for char in token) >= _FEWEST_DIGITS
        and _DAY.fullmatch(token) is None
    )
    return tuple(dict.fromkeys(likely))[:MAX_NUMBERS]


def _close(written: str) -> str:
    return "".join(written.split())


@lru_cache(maxsize=256)
def _series(mask: str) -> _Series:
    """The pattern of a mask, and how a number of it is put together."""
    parts = re.findall(r"([#@?]\+|#+(?!\+)|@+(?!\+)|\?+(?!\+))|([^#@?]+)", mask.upper())
    pieces: list[str] = []
    template: list[str | None] = []
    for placeholder, literal in parts:
        if placeholder:
            of = _CLASSES[placeholder[0]]
            if placeholder.endswith("+"):
                pieces.append(f"({of}{{1,{_MOST_OF_MANY}}}+)")
            else:
                pieces.append("(" + _BLANK.join([of] * len(placeholder)) + ")")
            template.append(None)
        else:
            pieces.append(_literal(literal))
            template.append(literal)
    begin = _BEGIN
    letters = _FIRST_LETTERS.match(template[0] or "") if template else None
    if letters is not None and letters[1] in _WORDS:
        begin += f"(?:{_WORDS[letters[1]]}|{_literal(letters[0])}{_BLANK})"
        rest = (template[0] or "")[letters.end() :]
        pieces[:1] = [_literal(rest)] if rest else []
    return _Series(re.compile(begin + _BLANK.join(pieces) + _END), tuple(template))


def _literal(text: str) -> str:
    return _BLANK.join(_SEPARATOR if char in _SEPARATORS else re.escape(char) for char in text)
