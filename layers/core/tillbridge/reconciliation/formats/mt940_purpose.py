"""What a payer wrote: field ``:86:`` of MT940, structured as German banks do it, or plain text (RI-5).

The structured form is the business code, a separator (``?`` nearly always), and subfields: ``?20`` to ``?29``
and ``?60`` to ``?63`` hold the purpose in pieces of 27 characters, ``?30`` the bank, ``?31`` the account
(where ``?38`` holds its IBAN, that one counts), ``?32`` and ``?33`` the name. SEPA puts keys such as
``EREF+`` and ``SVWZ+`` where a piece begins.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_PIECE_CHARS = 27
"""A piece that is shorter ended there: what follows is another word."""

_WHOLE_PIECE = 2 + _PIECE_CHARS
_WITHOUT_BLANK = frozenset((0, _PIECE_CHARS))
_LINE_CHARS = 65
"""A line of plain text that has just so many goes on in the next one."""

_OF_TEXT = frozenset(str(code) for code in (*range(20, 30), *range(60, 64)))
_OF_NAME = frozenset(("32", "33"))
_OF_NUMBER, _OF_IBAN = "31", "38"
_OF_OTHERS = frozenset(("00", "10", "30", "34", "35", "36", "37", "39", "70", "71"))
_CODES = _OF_TEXT | _OF_NAME | _OF_OTHERS | {_OF_NUMBER, _OF_IBAN}
_KEYS = frozenset(
    ("EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN", "PURP", "RREF",
     "RTRN", "SQTP", "ORCR", "ANAM", "MTLG")
)  # fmt: skip
_KEY_MARKS = frozenset("+:")
_STRUCTURED = re.compile(r"\s?[0-9]{3}([?~<>^|])(?=[0-9]{2})", re.ASCII)
_KEY_IN_TEXT = re.compile(r"(?:^|(?<=\s))(EREF|KREF|MREF|CRED|SVWZ|ABWA|ABWE|IBAN|BIC)[+]")
_NOT_GIVEN = frozenset(("NOTPROVIDED", "NONREF", "NOREF"))


class Purpose(NamedTuple):
    """What field ``:86:`` says: the payer's text, his end-to-end id, his name and account."""

    text: str = ""
    end_to_end_id: str = ""
    name: str = ""
    account: str = ""


NO_PURPOSE = Purpose()


def read_purpose(field: str) -> Purpose:
    """The purpose in the content of a field ``:86:``; its lines end with ``\\n``."""
    structured = _STRUCTURED.match(field)
    if structured is None:
        return _of_sections(_split_by_keys(_plain(field)), "", "")
    body = field[structured.end() :]
    if "\n" in body:
        body = body.replace("\n", "")
    parts = body.split(structured[1])
    return _of_parts(parts) or _of_parts(_with_codes(parts, structured[1])) or NO_PURPOSE


def _of_parts(parts: list[str]) -> Purpose | None:
    """The purpose of subfields, each of them its code and content; None when one has no code."""
    sections: dict[str, str] = {}
    text = name = number = iban = key = ""
    short = False
    for part in parts:
        code = part[:2]
        if code in _OF_TEXT:
            if (
                part[6:7] in _KEY_MARKS
                and part[2:6] in _KEYS
                and part[2:6] not in sections
                and part[2:6] != key
            ):
                sections[key] = text
                key, text = part[2:6], part[7:]
            elif short:
                text += " " + part[2:]
            else:
                text += part[2:]
            short = len(part) < _WHOLE_PIECE
        elif code in _OF_OTHERS:
            continue
        elif code in _OF_NAME:
            name += part[2:] if len(name) in _WITHOUT_BLANK else " " + part[2:]
        elif code == _OF_NUMBER:
            number = part[2:]
        elif code == _OF_IBAN:
            iban = part[2:]
        else:
            return None
    sections[key] = text
    if not key and "+" in text:
        sections = _split_by_keys(text)
    return _of_sections(sections, name, iban or number)


def _with_codes(parts: list[str], separator: str) -> list[str]:
    """Subfields that all have a code: a separator that no code follows belongs to the text before it."""
    whole: list[str] = []
    for part in parts:
        if part[:2] in _CODES:
            whole.append(part)
        elif whole:
            whole[-1] += separator + part
    return whole


def _plain(field: str) -> str:
    lines = field.strip().split("\n")
    text = lines[0]
    for before, line in pairwise(lines):
        text += line if len(before) == _LINE_CHARS else " " + line
    return text


def _split_by_keys(text: str) -> dict[str, str]:
    """Text with keys in its midst, as some banks write it, by its keys; the first of each counts."""
    before, *rest = _KEY_IN_TEXT.split(text)
    sections = {"": before}
    for key, content in zip(rest[::2], rest[1::2], strict=True):
        sections.setdefault(key, content)
    return sections


def _of_sections(sections: dict[str, str], name: str, account: str) -> Purpose:
    text = sections[""]
    if len(sections) > 1 and "SVWZ" in sections:
        text = f"{text} {sections['SVWZ']}" if text else sections["SVWZ"]
    end_to_end_id = sections.get("EREF", "").strip()
    told = (
        _even(text),
        "" if end_to_end_id in _NOT_GIVEN else end_to_end_id,
        _even(name or sections.get("ANAM", "")),
        _close(account or sections.get("IBAN", "").partition(" ")[0]),
    )
    return tuple.__new__(Purpose, told)  # twice as quick as naming the fields


def _even(text: str) -> str:
    """One blank for any white space; the test at first is quicker than doing it for nothing."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(text.split())


def _close(account: str) -> str:
    return "".join(account.split()) if " " in account else account
