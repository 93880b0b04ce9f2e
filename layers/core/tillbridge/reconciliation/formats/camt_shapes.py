"""What stands in an entry of a camt file, read by its shape.

A bank writes millions of entries in few shapes: the same elements in the same order, with other texts. The
first entry of a shape is read tag by tag, and what was learnt becomes one pattern in which all tags stand as
they are and only texts may differ. A text holds no ``<``, so that a pattern that fits says the same as
reading tag by tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from tillbridge.kernel.errors import Refused

from .camt_text import MAX_DEPTH

MAX_SHAPES = 24
"""Beyond so many shapes a file is read tag by tag: making a pattern takes as long as a hundred entries."""


class Found(NamedTuple):
    """The texts of a piece, ``""`` for what is not there; ``texts`` are the payer's words in their order.

    ``twice`` is the path of an element that may stand only once and stands twice.
    """

    amount: str
    currency: str
    direction: str
    reversal: str
    status: str
    booked_on: str
    value_on: str
    bank_reference: str
    extra: str
    detail_amount: str
    detail_currency: str
    part_amount: str
    part_currency: str
    detail_direction: str
    detail_reference: str
    end_to_end_id: str
    debtor: str
    debtor_account: str
    creditor: str
    creditor_account: str
    texts: tuple[str, ...]
    twice: str


_SINGLE = {
    "Amt": "amount",
    "CdtDbtInd": "direction",
    "RvslInd": "reversal",
    "Sts": "status",
    "Sts/Cd": "status",
    "BookgDt/Dt": "booked_on",
    "BookgDt/DtTm": "booked_on",
    "ValDt/Dt": "value_on",
    "ValDt/DtTm": "value_on",
    "AcctSvcrRef": "bank_reference",
    "AddtlNtryInf": "extra",
    "TxDtls/Amt": "detail_amount",
    "TxDtls/AmtDtls/TxAmt/Amt": "part_amount",
    "TxDtls/CdtDbtInd": "detail_direction",
    "TxDtls/Refs/AcctSvcrRef": "detail_reference",
    "TxDtls/Refs/EndToEndId": "end_to_end_id",
    "TxDtls/RltdPties/Dbtr/Nm": "debtor",
    "TxDtls/RltdPties/Dbtr/Pty/Nm": "debtor",
    "TxDtls/RltdPties/DbtrAcct/Id/IBAN": "debtor_account",
    "TxDtls/RltdPties/DbtrAcct/Id/Othr/Id": "debtor_account",
    "TxDtls/RltdPties/Cdtr/Nm": "creditor",
    "TxDtls/RltdPties/Cdtr/Pty/Nm": "creditor",
    "TxDtls/RltdPties/CdtrAcct/Id/IBAN": "creditor_account",
    "TxDtls/RltdPties/CdtrAcct/Id/Othr/Id": "creditor_account",
}
_TEXTS = frozenset(
    (
        "TxDtls/RmtInf/Ustrd",
        "TxDtls/RmtInf/Strd/CdtrRefInf/Ref",
        "TxDtls/RmtInf/Strd/RfrdDocInf/Nb",
        "TxDtls/RmtInf/Strd/AddtlRmtInf",
    )
)
_CURRENCIES = {"amount": "currency", "detail_amount": "detail_currency", "part_amount": "part_currency"}
_NAMES = Found._fields[:-2]
_TAG = re.compile(
    r"(/?)(?:[\w.-]+:)?([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)"
)
_CURRENCY = re.compile(r"\sCcy\s*=\s*[\"']([^\"']*)[\"']")
_CHARACTER = re.compile(r"&(#x[0-9A-Fa-f]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class _Shape(NamedTuple):
    """Where the texts of a shape stand: ``holes`` among all texts, ``pick`` and ``texts`` among those held.

    ``constants`` follow the held texts: currencies, which stand in tags, and ``""`` for what is absent.
    """

    holes: tuple[int, ...]
    constants: tuple[str, ...]
    pick: Callable[[tuple[str, ...]], Any]
    texts: tuple[int, ...]
    twice: str

    def found(self, held: tuple[str, ...]) -> Found:
        held += self.constants
        texts = tuple([held[at] for at in self.texts])
        return Found._make((*self.pick(held), texts, self.twice))


class Shapes:
    """Reads pieces of one sort: ``inside`` is where they begin, in an entry or in one of its details."""

    def __init__(self, *inside: str) -> None:
        self.inside = inside
        self.known: list[tuple[Callable[[str], re.Match[str] | None], _Shape]] = []

    def read(self, piece: str, line: int) -> Found:
        """What stands in a piece of well-formed XML; the line is for refusals."""
        for fits, shape in self.known:
            match = fits(piece)
            if match is not None:
                return shape.found(match.groups())
        tokens = re.split("<([^>]*)>", piece)
        shape = _learn(tokens, list(self.inside), line)
        if len(self.known) < MAX_SHAPES:
            self.known.append((re.compile(_pattern(tokens, shape.holes)).fullmatch, shape))
        return shape.found(tuple(tokens[at] for at in shape.holes))


def _pattern(tokens: list[str], holes: tuple[int, ...]) -> str:
    wanted = set(holes)
    return "".join(
        re.escape(f"<{token}>") if at % 2 else "([^<]*+)" if at in wanted else "[^<]*+"
        for at, token in enumerate(tokens)
    )


def _learn(tokens: list[str], path: list[str], line: int) -> _Shape:
    """The shape of a piece from its tokens: texts at even places, tags at odd ones."""
    slots: dict[str, int] = {}
    holes: list[int] = []
    texts: list[int] = []
    currencies: dict[str, str] = {}
    twice = ""
    for at in range(1, len(tokens), 2):
        tag = _TAG.fullmatch(tokens[at])
        if tag is None or len(path) > MAX_DEPTH:
            raise Refused("camt-tag-unreadable", field="file", value=tokens[at][:80], line=line)
        closing, name, attributes, empty = tag.groups()
        if closing:
            del path[-1:]
            continue
        place = "/".join((*path, name))
        slot = _SINGLE.get(place.removeprefix("NtryDtls/"))
        leaf = not empty and at + 2 < len(tokens) and tokens[at + 2].startswith("/")
        if leaf and slot is not None:
            twice = twice or (place if slot in slots else "")
            slots[slot] = len(holes)
            holes.append(at + 1)
            if slot in _CURRENCIES:
                currency = _CURRENCY.search(attributes)
                currencies[_CURRENCIES[slot]] = currency[1] if currency else ""
        elif leaf and place.removeprefix("NtryDtls/") in _TEXTS:
            texts.append(len(holes))
            holes.append(at + 1)
        if not empty:
            path.append(name)
    constants = ("", *currencies.values())
    places = dict(zip(currencies, range(len(holes) + 1, len(holes) + len(constants)), strict=True)) | slots
    pick = itemgetter(*(places.get(name, len(holes)) for name in _NAMES))
    return _Shape(tuple(holes), constants, pick, tuple(texts), twice)


def unescaped(text: str) -> str:
    """The text of an element as people read it: one blank for any white space, references resolved."""
    if "&" in text:
        text = _CHARACTER.sub(_character, text)
    return " ".join(text.split()) if " " in text or "\n" in text or "\t" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _NAMED:
        return _NAMED[name]
    return chr(int(name[2:], 16) if name.startswith("#x") else int(name[1:]))
