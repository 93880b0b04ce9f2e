"""What a payer wrote: field ``:86:`` of MT940, structured as German banks do it, or plain text (RI-5).

The structured form is the business code, a separator (``?`` nearly always), and subfields: ``?20`` to ``?29``
and ``?60`` to ``?63`` hold the purpose in pieces of 27 characters, ``?30`` the bank, ``?31`` and ``?38`` the
account, ``?32`` and ``?33`` the name. SEPA puts keys such as ``EREF+`` and ``SVWZ+`` where a piece begins.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_PIECE_CHARS = 27
"""A piece that is shorter ended there: what follows is another word."""

_LINE_CHARS = 65
"""A line of plain text that is shorter ended there, as above."""

_CODES_OF_TEXT = frozenset(f"{code}" for code in (*range(20, 30), *range(60, 64)))
_CODES = _CODES_OF_TEXT | frozenset(
    ("00", "10", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "70", "71")
)
_KEYS = frozenset(
    ("EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN", "PURP", "RREF",
     "RTRN", "SQTP", "ORCR", "ANAM", "MTLG")
)  # fmt: skip
_KEY_CHARS = 4
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
    sections = {"": ""}
    name = account = key = ""
    short = False
    for code, piece in _subfields(body, structured[1]):
        if code in _CODES_OF_TEXT:
            mark = piece[_KEY_CHARS : _KEY_CHARS + 1]
            if (mark in {"+", ":"}) and piece[:_KEY_CHARS] in _KEYS and piece[:_KEY_CHARS] not in sections:
                key = piece[:_KEY_CHARS]
                sections[key] = piece[_KEY_CHARS + 1 :]
            elif short:
                sections[key] += " " + piece
            else:
                sections[key] += piece
            short = len(piece) < _PIECE_CHARS
        elif code in {"32", "33"}:
            name += piece if len(name) in {0, _PIECE_CHARS} else " " + piece
        elif code in {"31", "38"}:
            account = account or piece.replace(" ", "")
    if len(sections) == 1 and "+" in sections[""]:
        sections = _split_by_keys(sections[""])
    return _of_sections(sections, name, account)


def _subfields(body: str, separator: str) -> list[tuple[str, str]]:
    """Code and content of each subfield; a separator that no code follows belongs to the text."""
    found: list[tuple[str, str]] = []
    for part in body.split(separator):
        code = part[:2]
        if code in _CODES:
            found.append((code, part[2:]))
        elif found:
            before, content = found[-1]
            found[-1] = (before, content + separator + part)
    return found


def _plain(field: str) -> str:
    lines = field.strip().split("\n")
    text = lines[0]
    for before, line in pairwise(lines):
        text += line if len(before) >= _LINE_CHARS else " " + line
    return text


def _split_by_keys(text: str) -> dict[str, str]:
    """Text with keys in its midst, as some banks write it, by its keys; the first of each counts."""
    before, *rest = _KEY_IN_TEXT.split(text)
    sections = {"": before}
    for key, content in zip(rest[::2], rest[1::2], strict=True):
        sections.setdefault(key, content)
    return sections


def _of_sections(sections: dict[str, str], name: str, account: str) -> Purpose:
    text = sections[""] if len(sections) == 1 else sections.get("SVWZ") or sections[""]
    end_to_end_id = _even(sections.get("EREF", ""))
    return Purpose(
        _even(text),
        "" if end_to_end_id in _NOT_GIVEN else end_to_end_id,
        _even(name) or _even(sections.get("ANAM", "")),
        account or sections.get("IBAN", "").partition(" ")[0],
    )


def _even(text: str) -> str:
    return " ".join(text.split()) if text else ""
