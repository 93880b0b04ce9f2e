"""Sealing the journal: what was recorded since the last seal gets one, once and for ever (LE-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import zip_longest
from typing import IO, Protocol, TypeVar

from tillbridge.access.service import AccessService

from .seal_store import JournalReader, LeafFile, SealStore, Standing, write_leaves
from .seals import (
    BRIEFEST,
    SHORTEST_EMPTY,
    Fault,
    Finding,
    Leaf,
    Seal,
    TreeHash,
    Window,
    between,
    next_window,
)

MOST_LEAVES = 500_000
"""A window with more entries is cut, so that one seal is made within minutes."""

MOST_FINDINGS = 100
"""So many are told; one more of the same kind helps nobody."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a call has done: the seal that now stands (None: nothing was to be sealed), and what was wrong.

    ``ours`` is false where another sealer was first.
    """

    seal: Seal | None
    findings: tuple[Finding, ...] = ()
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """The leaves of a seal to be, the tree over them, and rows that are no entries."""

    window: Window
    file: IO[bytes]
    tree: TreeHash
    unreadable: tuple[Finding, ...]


class SealingService:
    """Makes the seals."""

    def __init__(
        self,
        seals: SealStore,
        journal: JournalReader,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
        most_leaves: int = MOST_LEAVES,
    ) -> None:
        self._seals = seals
        self._journal = journal
        self._access = access
        self._clock = clock
        self._most_leaves = most_leaves

    def seal_all(self, has_time: Callable[[], bool]) -> Iterator[Sealed]:
        """Make seals until everything that is old enough now has one, or the time runs out; tell of each.

        What grows old enough meanwhile waits for the next call: else a busy chain, in which something is
        recorded every second, would be sealed second by second.
        """
        now = self._clock()
        while True:
            done = self.seal(now)
            yield done
            if done.seal is None or not has_time():
                return

    def seal(self, now: datetime) -> Sealed:
        """Make the next seal, if there is something to seal; called again, it goes on where that one ends.

        An hour without entries is sealed too. Of two sealers at once one makes the seal, and the other gets
        the one that stands. A row that is no entry is left out and told. ``ValueError`` where the last seal
        cannot be read or ends in the future.
        """
        earlier = self._seals.newest_first()
        last = next(earlier, None)
        if last is not None and last.window.until > now:
            now = self._clock()  # another sealer may have come further meanwhile
        window = next_window(last, now)
        if window is None:
            return Sealed(None)
        branches = [branch.id for branch in self._access.every_branch()]
        with ExitStack() as opened:
            files, findings = self._former_leaves(window.looks_back_to, last, earlier, opened)
            draft = self._draft(window, files, branches)
            opened.callback(draft.file.close)
            if draft.tree.count or window.length >= SHORTEST_EMPTY:
                return self._put(draft, findings, last, now)
            return Sealed(None, (*findings, *draft.unreadable))

    def _former_leaves(
        self, looks_back_to: datetime, last: Seal | None, earlier: Iterator[Seal], opened: ExitStack
    ) -> tuple[list[LeafFile], tuple[Finding, ...]]:
        """The leaf files of the seals into whose time the next one looks back, and what is wrong with them.

        Where one is lost, its entries are sealed once more: better twice than not at all.
        """
        formers = [] if last is None else [last]
        while formers and formers[-1].window.until > looks_back_to:
            former = next(earlier, None)
            if former is None:
                break
            formers.append(former)
        findings = [
            Finding(Fault.CHAIN_BROKEN, seal.number)
            for seal, former in zip_longest(formers, formers[1:])
            if not _fits(seal, former)
        ]
        files = []
        for former in formers:
            if former.window.until <= looks_back_to:
                break
            file, fault = self._seals.leaves(former)
            if file is not None:
                files.append(file)
                opened.callback(file.close)
            if fault is not None:
                findings.append(Finding(fault, former.number))
        return files, tuple(findings)

    def _draft(self, window: Window, former: list[LeafFile], branches: list[str]) -> Draft:
        """What the seal of a window will hold.

        A window with too many entries is cut by halves until it has some and not too many; a minute is taken
        with however many it has.
        """
        none_until, too_many_until, until = window.from_, window.until, window.until
        while True:
            unreadable: list[Finding] = []
            standing = self._journal.recorded(branches, window.looks_back_to, until)
            most = self._most_leaves if until - none_until > BRIEFEST else None
            written = write_leaves(_readable(unsealed(standing, former), unreadable), most)
            if written is None:
                too_many_until = until
            elif written[1].count or until == window.until:
                return Draft(window.cut(until), *written, tuple(unreadable))
            else:
                written[0].close()
                none_until = until
            brief = too_many_until - none_until <= BRIEFEST
            until = too_many_until if brief else between(none_until, too_many_until)

    def _put(self, draft: Draft, findings: tuple[Finding, ...], last: Seal | None, now: datetime) -> Sealed:
        seal = Seal(
            number=last.number + 1 if last else 1,
            window=draft.window,
            leaves=draft.tree.count,
            root=draft.tree.root().hex(),
            previous=last.hash if last else "",
            made_at=max(now, self._clock()),  # a clock may be put back meanwhile
        )
        told = (*findings, *draft.unreadable)
        if self._seals.put(seal, draft.file):
            return Sealed(seal, told)
        standing = self._seals.standing(seal)
        if not _fits(standing, last):
            told = (*told, Finding(Fault.CHAIN_BROKEN, seal.number))
        return Sealed(standing, told, ours=False)


def _fits(seal: Seal, former: Seal | None) -> bool:
    """True when a seal follows the one before it; of one without, when it could be a seal at all."""
    return seal.follows(former) if former else seal.regular


def _readable(standing: Iterable[Standing], unreadable: list[Finding]) -> Iterator[Leaf]:
    for leaf in (one.leaf() for one in standing):
        if leaf.hash:
            yield leaf
        elif len(unreadable) < MOST_FINDINGS:
            unreadable.append(Finding(Fault.ENTRY_UNREADABLE, 0, leaf.sk))


class Placed(Protocol):
    """Whatever lies at a place of the journal."""

    @property
    def place(self) -> tuple[str, str]:
        """Its key."""


AtPlace = TypeVar("AtPlace", bound=Placed)


def unsealed(standing: Iterable[AtPlace], former: Iterable[Iterable[Leaf]]) -> Iterator[AtPlace]:
    """Of what stands in the journal, what no former seal holds; all in the order of their keys."""
    sealed = merge(*former)
    held = next(sealed, None)
    for here in standing:
        place = here.place
        while held is not None and held.place < place:
            held = next(sealed, None)
        if held is None or held.place != place:
            yield here
