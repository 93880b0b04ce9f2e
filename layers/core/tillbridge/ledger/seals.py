"""Seals of the journal: Merkle trees over its entries, chained to each other; pure (LE-3).

The tree, its audit paths and their check are those of RFC 6962, section 2.1, with SHA-256. A seal's file *is*
its canonical form: the hash by which the next seal names it is the SHA-256 of the file, as any tool tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from json import dumps, loads
from typing import Any, NamedTuple

from tillbridge.kernel.calendar import parse_moment, sortable_text
from tillbridge.kernel.errors import Refused

FORMAT = "tillbridge-seal/1"

# Every seal that stands is checked against these (Seal.regular): another GRACE, a larger MARGIN, a smaller
# LONGEST or FIRST_REACH would break all chains there are.
MARGIN = timedelta(minutes=5)
"""A seal ends so long before now: a write that is under way answers or is given up within half a minute
(three attempts of seven seconds), and clocks of the functions differ by seconds at most."""

GRACE = timedelta(hours=2)
"""So far each seal looks back for entries that were written late. An entry's id is made right before it is
written, and no function runs longer than 15 minutes."""

LONGEST = timedelta(hours=6)
"""What one seal covers at most: catching up after a halt goes in small steps."""

SHORTEST_EMPTY = timedelta(minutes=50)
"""After so long without an entry that is sealed too: else some could be slipped into a quiet night later."""

FIRST_REACH = timedelta(days=7)
"""So far the very first seal looks back; it is made within the first hour of an installation."""

BRIEFEST = timedelta(minutes=1)
"""What is looked for in a window with too many entries is not divided below this."""

EMPTY_ROOT = sha256(b"").digest()
"""The hash of a tree without leaves."""

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Leaf(NamedTuple):
    """One entry as a seal holds it: where it lies, and its hash. Leaves are in the order of their places."""

    pk: str
    sk: str
    hash: bytes

    @property
    def place(self) -> tuple[str, str]:
        """The key of its row."""
        return self.pk, self.sk


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees together."""
    return sha256(b"\x01" + left + right).digest()


class TreeHash:
    """The hash of a tree whose leaves come one by one; it keeps no more than one hash for each level."""

    def __init__(self) -> None:
        self.count = 0
        self._subtrees: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Take the next leaf's hash."""
        size, root = 1, leaf
        while self._subtrees and self._subtrees[-1][0] == size:
            root = node_hash(self._subtrees.pop()[1], root)
            size *= 2
        self._subtrees.append((size, root))
        self.count += 1

    def root(self) -> bytes:
        """The hash of the tree so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        (_, root), *left = reversed(self._subtrees)
        for _, subtree in left:
            root = node_hash(subtree, root)
        return root


def tree_hash(leaves: Iterator[bytes]) -> bytes:
    """The hash of the tree over these leaves."""
    tree = TreeHash()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def audit_path(leaves: Iterator[bytes], count: int, index: int) -> tuple[bytes, ...]:
    """The hashes that lead from one leaf up to the root; ``index`` begins at 0, ``count`` leaves are read."""
    if not 0 <= index < count:
        raise IndexError(f"{index} is none of {count} leaves")
    return tuple(_path(leaves, count, index))


def _path(leaves: Iterator[bytes], count: int, index: int) -> list[bytes]:
    if count == 1:
        next(leaves)
        return []
    left = 1 << (count - 1).bit_length() - 1
    if index < left:
        path = _path(leaves, left, index)
        return [*path, tree_hash(islice(leaves, count - left))]
    beside = tree_hash(islice(leaves, left))
    return [*_path(leaves, count - left, index - left), beside]


def root_of_path(leaf: bytes, index: int, count: int, path: tuple[bytes, ...]) -> bytes | None:
    """The root to which an audit path leads; None when the path is not as long as the tree is high."""
    if not 0 <= index < count:
        return None
    root, place, last = leaf, index, count - 1
    for sibling in path:
        if not last:
            return None
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    return None if last else root


def stamp(moment: datetime) -> str:
    """A moment as entries' ids begin: ``20261124T170512345``."""
    return re.sub(r"[-:.Z]", "", sortable_text(moment))


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when (not including) a seal takes entries, and how far it looks back for late ones."""

    looks_back_to: datetime
    from_: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is, without what it looks back."""
        return self.until - self.from_

    def may_hold(self, entry_id: str) -> bool:
        """True when an entry with this id was recorded in the window or in what it looks back."""
        return stamp(self.looks_back_to) <= entry_id < stamp(self.until)

    def cut(self, until: datetime) -> Window:
        """The part of it that ends earlier."""
        return Window(self.looks_back_to, self.from_, until)


def between(from_: datetime, until: datetime) -> datetime:
    """The middle of two moments, in whole seconds."""
    return from_ + timedelta(seconds=(until - from_) // timedelta(seconds=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal: that these entries, and no others, were in the journal; chained to the seal before it.

    ``number`` begins at 1. ``root`` and ``previous`` (the hash of the seal before; empty in the first) are
    hexadecimal. ``leaves`` is the number of entries.
    """

    number: int
    window: Window
    leaves: int
    root: str
    previous: str
    made_at: datetime

    def __post_init__(self) -> None:
        window = self.window
        if type(self.number) is not int or type(self.leaves) is not int:
            raise ValueError("a seal counts in whole numbers")
        if self.number < 1 or self.leaves < 0 or not window.looks_back_to <= window.from_ < window.until:
            raise ValueError(f"seal {self.number} contradicts itself")
        if _HASH.fullmatch(self.root) is None or (self.number == 1) is not (self.previous == ""):
            raise ValueError(f"seal {self.number} lacks a hash")
        if self.previous and _HASH.fullmatch(self.previous) is None:
            raise ValueError(f"seal {self.number} names no seal before it")

    def canonical(self) -> bytes:
        """The seal as bytes: its file."""
        shown = {
            "format": FORMAT,
            "number": self.number,
            "from": sortable_text(self.window.from_),
            "until": sortable_text(self.window.until),
            "looks_back_to": sortable_text(self.window.looks_back_to),
            "leaves": self.leaves,
            "root": self.root,
            "previous": self.previous,
            "made_at": sortable_text(self.made_at),
        }
        return dumps(shown, indent=2).encode() + b"\n"

    @property
    def hash(self) -> str:
        """SHA-256 of its file, in hexadecimal."""
        return sha256(self.canonical()).hexdigest()

    @classmethod
    def read(cls, content: bytes) -> Seal:
        """Read a seal's file; ``ValueError`` for anything that is not, byte for byte, what a seal writes."""
        try:
            shown: dict[str, Any] = loads(content)
            seal = cls(
                number=shown["number"],
                window=Window(*(parse_moment(shown[name]) for name in ("looks_back_to", "from", "until"))),
                leaves=shown["leaves"],
                root=shown["root"],
                previous=shown["previous"],
                made_at=parse_moment(shown["made_at"]),
            )
        except (KeyError, TypeError, AttributeError, RecursionError, Refused) as error:
            raise ValueError("no seal") from error
        if seal.canonical() != content:
            raise ValueError("no seal in its canonical form")
        return seal

    @property
    def regular(self) -> bool:
        """True when its times are such as a sealer writes: how far it looks back, how long, how long ago."""
        first = self.number == 1
        window = self.window
        return (
            window.from_ - window.looks_back_to == (timedelta() if first else GRACE)
            and window.length <= (FIRST_REACH if first else LONGEST)
            and window.until <= self.made_at - MARGIN
        )

    def follows(self, earlier: Seal) -> bool:
        """True when it is the next one: its number, the hash it names, no time between them, and regular."""
        return (
            self.regular
            and self.number == earlier.number + 1
            and self.previous == earlier.hash
            and self.window.from_ == earlier.window.until
        )


def next_window(last: Seal | None, now: datetime) -> Window | None:
    """The window of the next seal; None while everything that is old enough is sealed.

    ``ValueError`` when the last one ends later than now: whoever waited for that moment would seal nothing,
    and nobody would hear of it.
    """
    if last is not None and last.window.until > now:
        raise ValueError(
            f"seal {last.number} ends at {sortable_text(last.window.until)}, later than now "
            f"({sortable_text(now)}): it is forged, or a clock is wrong by more than {MARGIN}"
        )
    horizon = (now - MARGIN).replace(microsecond=0)
    if last is None:
        return Window(horizon - FIRST_REACH, horizon - FIRST_REACH, horizon)
    from_ = last.window.until
    return Window(from_ - GRACE, from_, min(from_ + LONGEST, horizon)) if from_ < horizon else None


class Fault(StrEnum):
    """What can be wrong with the journal or its seals."""

    SEAL_MISSING = "seal-missing"
    SEAL_REPLACED = "seal-replaced"
    SEAL_UNREADABLE = "seal-unreadable"
    CHAIN_BROKEN = "chain-broken"
    LEAVES_MISSING = "leaves-missing"
    LEAVES_BROKEN = "leaves-broken"
    SEALING_STOPPED = "sealing-stopped"
    PERIOD_NOT_SEALED = "period-not-sealed"
    ENTRY_CHANGED = "entry-changed"
    ENTRY_MISSING = "entry-missing"
    ENTRY_ADDED = "entry-added"
    ENTRY_UNREADABLE = "entry-unreadable"
    ENTRY_NOT_SEALED = "entry-not-sealed"
    ID_UNREADABLE = "id-unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: with which seal (0: with none), and with which entry, if with one."""

    fault: Fault
    seal: int
    entry: str = ""


def differences(
    sealed: Iterator[tuple[Leaf, int]], standing: Iterator[Leaf]
) -> Iterator[tuple[Finding, Leaf]]:
    """What the journal holds now against what seals hold of it (leaves with their seals), both in order.

    An entry that no seal holds is reported with the seal 0.
    """
    here = next(standing, None)
    met: tuple[str, str] | None = None
    for leaf, seal in sealed:
        while here is not None and here.place < leaf.place:
            if here.place != met:
                yield Finding(Fault.ENTRY_ADDED, 0, here.sk), here
            here = next(standing, None)
        if here is None or here.place != leaf.place:
            yield Finding(Fault.ENTRY_MISSING, seal, leaf.sk), leaf
            continue
        met = here.place
        if here.hash != leaf.hash:
            yield Finding(Fault.ENTRY_CHANGED, seal, leaf.sk), leaf
    while here is not None:
        if here.place != met:
            yield Finding(Fault.ENTRY_ADDED, 0, here.sk), here
        here = next(standing, None)
