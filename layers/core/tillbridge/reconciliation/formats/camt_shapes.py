"""What stands in an entry of a camt file, read by its shape.

A bank writes millions of entries in few shapes: the same tags in the same order, with other texts. The first
entry of a shape is read tag by tag, and what was learnt says where the texts stand in every other entry with
these very tags. The commonest shapes become patterns in which all tags stand as they are and only texts may
differ; a text holds no ``<``, so that a pattern that fits says the same as reading tag by tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from tillbridge.kernel.errors import Refused

from .bank_text import SHOWN_CHARS
from .camt_text import MAX_DEPTH

MAX_KNOWN_TAGS = 200_000
MAX_PATTERNS = 8
PATTERN_AFTER = 20
"""Making a pattern takes as long as reading some hundred entries without one."""

MAX_PIECE_CHARS = 256 * 1024
"""One entry, or one detail of a batch: some thousand structured references."""

MAX_PATTERN_TAGS = 1_000


class Found(NamedTuple):
    """The texts of a piece, ``""`` for what is not there; ``texts`` are the payer's words in their order.

    ``twice`` is the path of an element that may stand only once and stands twice, or where it may not.
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
    detail_extra: str
    end_to_end_id: str
    debtor: str
    debtor_account: str
    creditor: str
    creditor_account: str
    texts: tuple[str, ...]
    twice: str


_OF_ENTRY = {
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
}
_OF_DETAIL = {
    "Amt": "detail_amount",
    "AmtDtls/TxAmt/Amt": "part_amount",
    "CdtDbtInd": "detail_direction",
    "Refs/AcctSvcrRef": "detail_reference",
    "AddtlTxInf": "detail_extra",
    "Refs/EndToEndId": "end_to_end_id",
    "RltdPties/Dbtr/Nm": "debtor",
    "RltdPties/Dbtr/Pty/Nm": "debtor",
    "RltdPties/DbtrAcct/Id/IBAN": "debtor_account",
    "RltdPties/DbtrAcct/Id/Othr/Id": "debtor_account",
    "RltdPties/Cdtr/Nm": "creditor",
    "RltdPties/Cdtr/Pty/Nm": "creditor",
    "RltdPties/CdtrAcct/Id/IBAN": "creditor_account",
    "RltdPties/CdtrAcct/Id/Othr/Id": "creditor_account",
}
_DETAILS = "NtryDtls"
_DETAIL = f"{_DETAILS}/TxDtls"
_SINGLE = _OF_ENTRY | {f"{_DETAIL}/{place}": name for place, name in _OF_DETAIL.items()}
_TEXTS = frozenset(
    f"{_DETAIL}/RmtInf/{place}"
    for place in ("Ustrd", "Strd/CdtrRefInf/Ref", "Strd/RfrdDocInf/Nb", "Strd/AddtlRmtInf")
)
_CURRENCIES = {"amount": "currency", "detail_amount": "detail_currency", "part_amount": "part_currency"}
_NAMES = Found._fields[:-2]
_TAG = re.compile(
    r"(/?)(?:[\w.-]+:)?([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)"
)
_CURRENCY = re.compile(r"\sCcy\s*=\s*[\"']([^\"']*)[\"']")
_TOKENS = re.compile("<([^>]*)>")
_CHARACTER = re.compile(r"&(#x[0-9A-Fa-f]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class _Shape:
    """Where the texts of a shape stand: ``holes`` among all tokens, the rest among those in holes.

    ``constants`` follow the held texts: currencies, which stand in tags, and ``""`` for what is absent.
    """

    def __init__(self, learnt: _Learnt) -> None:
        self.holes = tuple(learnt.holes)
        currencies = {name: len(self.holes) + 1 + at for at, name in enumerate(learnt.currencies)}
        self.constants = ("", *learnt.currencies.values())
        places = learnt.slots | currencies
        self.pick: Callable[[tuple[str, ...]], tuple[Any, ...]] = itemgetter(
            *(places.get(name, len(self.holes)) for name in _NAMES)
        )
        first, last = min(learnt.texts, default=0), max(learnt.texts, default=-1)
        together = len(learnt.texts) == last - first + 1
        self.texts = slice(first, last + 1) if together else None
        self.apart = tuple(learnt.texts)
        self.twice = learnt.twice
        self.seen = 0

    def found(self, held: tuple[str, ...]) -> Found:
        """What stands in a piece of this shape, from the texts in its holes."""
        texts = held[self.texts] if self.texts is not None else tuple([held[at] for at in self.apart])
        return tuple.__new__(Found, (*self.pick(held + self.constants), texts, self.twice))

    def pattern(self, tokens: list[str]) -> Callable[[str], re.Match[str] | None]:
        """What fits every piece with these tags, with one group for each hole."""
        wanted = set(self.holes)
        return re.compile(
            "".join(
                re.escape(f"<{token}>") if at % 2 else "([^<]*+)" if at in wanted else "[^<]*+"
                for at, token in enumerate(tokens)
            )
        ).fullmatch


class Shapes:
    """Reads pieces of one sort, that begin at one place in an entry and end at another."""

    def __init__(self, begin: tuple[str, ...] = (), end: tuple[str, ...] = ()) -> None:
        self.begin = begin
        self.end = end
        self.known: dict[tuple[str, ...], _Shape] = {}
        self.known_tags = 0
        self.patterns: list[tuple[Callable[[str], re.Match[str] | None], _Shape]] = []

    def fit(self, piece: str) -> Found | None:
        """What stands in a piece of one of the commonest shapes; None for another one."""
        for fits, shape in self.patterns:
            match = fits(piece)
            if match is not None:
                return shape.found(match.groups())
        return None

    def read(self, piece: str, line: int) -> Found:
        """What stands in a piece of well-formed XML; the line is for refusals."""
        return self.fit(piece) or self._by_tags(piece, line)

    def _by_tags(self, piece: str, line: int) -> Found:
        if len(piece) > MAX_PIECE_CHARS:
            raise Refused("camt-entry-too-large", field="file", line=line)
        tokens = _TOKENS.split(piece)
        tags = tuple(tokens[1::2])
        shape = self.known.get(tags)
        if shape is None:
            shape = _Shape(_Learnt(tokens, self.begin, self.end, line))
            if self.known_tags + len(tags) <= MAX_KNOWN_TAGS:
                self.known[tags] = shape
                self.known_tags += len(tags)
        shape.seen += 1
        if shape.seen == PATTERN_AFTER and len(self.patterns) < MAX_PATTERNS and len(tags) < MAX_PATTERN_TAGS:
            self.patterns.append((shape.pattern(tokens), shape))
        return shape.found(tuple([tokens[at] for at in shape.holes]))


class _Learnt:
    """What a piece says tag by tag: texts stand at even places among its tokens, tags at odd ones."""

    def __init__(self, tokens: list[str], begin: tuple[str, ...], end: tuple[str, ...], line: int) -> None:
        self.slots: dict[str, int] = {}
        self.holes: list[int] = []
        self.texts: list[int] = []
        self.currencies: dict[str, str] = {}
        self.twice = ""
        self.may_hold_entry = not begin
        path = list(begin)
        details = len(begin) // 2
        for at in range(1, len(tokens), 2):
            tag = _TAG.fullmatch(tokens[at])
            if tag is None or len(path) > MAX_DEPTH:
                raise Refused("camt-tag-unreadable", field="file", value=tokens[at][:SHOWN_CHARS], line=line)
            closing, name, attributes, empty = tag.groups()
            if closing:
                if not path or path.pop() != name:
                    raise Refused("camt-entry-out-of-place", field="file", line=line)
                continue
            place = "/".join((*path, name))
            details += place == _DETAIL
            if place == _DETAIL and details > 1:
                self.twice = self.twice or place
            if not empty and at + 2 < len(tokens) and tokens[at + 2].startswith("/"):
                self._leaf(place, attributes, at + 1)
            if not empty:
                path.append(name)
        if tuple(path) != end:
            raise Refused("camt-entry-out-of-place", field="file", line=line)

    def _leaf(self, place: str, attributes: str, at: int) -> None:
        slot = _SINGLE.get(place)
        if slot is not None:
            if slot in self.slots or (place in _OF_ENTRY and slot != "extra" and not self.may_hold_entry):
                self.twice = self.twice or place
            self.slots[slot] = len(self.holes)
            self.holes.append(at)
            if slot in _CURRENCIES:
                currency = _CURRENCY.search(attributes)
                self.currencies[_CURRENCIES[slot]] = currency[1] if currency else ""
        elif place in _TEXTS:
            self.texts.append(len(self.holes))
            self.holes.append(at)


def unescaped(text: str) -> str:
    """The text of an element as people read it: one blank for any white space, references resolved."""
    if "&" in text:
        text = _CHARACTER.sub(_character, text)
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(text.split())


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _NAMED:
        return _NAMED[name]
    return chr(int(name[2:], 16) if name.startswith("#x") else int(name[1:]))
