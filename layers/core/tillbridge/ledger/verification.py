"""Checking the journal against its seals: those of a period, or one entry (LE-3)."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge, nsmallest

from tillbridge.access.service import AccessService
from tillbridge.aws.archive import Kept
from tillbridge.aws.table import Row

from . import rows
from .seal_store import JournalReader, LeafFile, SealStore, leaf_hash, recorded_at, stamp
from .sealing import MOST_FINDINGS
from .seals import (
    GRACE,
    HEARTBEAT,
    MARGIN,
    Fault,
    Finding,
    Leaf,
    Seal,
    Window,
    audit_path,
    differences,
    root_of_path,
)

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_LATEST_HEARTBEAT = HEARTBEAT + MARGIN + timedelta(hours=2)
"""So old the newest seal is at most, with two hourly calls of the sealer missed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a period has found: the first findings in order, and how many there are in all.

    ``waiting`` counts entries that no seal holds yet but the next one may still take.
    """

    from_: datetime | None
    until: datetime | None
    seals: int
    entries: int
    waiting: int
    findings: tuple[Finding, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Proof:
    """That one entry is in the journal as it was sealed: leaf, place and path lead to the seal's root.

    ``entry`` is the entry's canonical form. With findings it is no proof.
    """

    entry_id: str
    findings: tuple[Finding, ...]
    entry: bytes = b""
    seal: Seal | None = None
    leaf: bytes = b""
    index: int = 0
    path: tuple[bytes, ...] = ()


class Chain:
    """The seals of some months in a row; each is read once, when it is asked for."""

    def __init__(self, seals: SealStore, places: list[tuple[int, Kept]]) -> None:
        self._seals = seals
        self._places = places
        self._read: dict[int, Seal | None] = {}

    def __len__(self) -> int:
        return len(self._places)

    def number(self, index: int) -> int:
        """The number of the seal at a place, from its name."""
        return self._places[index][0]

    def seal(self, index: int) -> Seal | None:
        """The seal at a place; None when it cannot be read."""
        if index not in self._read:
            self._read[index] = self._seals.read(self._places[index][1])
        return self._read[index]

    def newest(self) -> Seal | None:
        """The last seal that can be read."""
        return next((seal for seal in map(self.seal, reversed(range(len(self)))) if seal), None)

    def at(self, moment: datetime) -> int:
        """The place of the seal whose window holds a moment, or of the first one after it."""
        return bisect_right(range(len(self)), moment, key=self._until)

    def _until(self, index: int) -> datetime:
        readable = (self.seal(place) for place in range(index, -1, -1))
        return next((seal.window.until for seal in readable if seal), _BEFORE_ALL)

    def link(self, index: int) -> Iterator[Finding]:
        """What is wrong with the seal at a place, or between it and the one before."""
        number, kept = self._places[index]
        before = self.number(index - 1) if index else 0
        if number > before + 1:
            yield Finding(Fault.SEAL_MISSING, before + 1)
        if kept.replaced:
            yield Finding(Fault.SEAL_REPLACED, number)
        seal = self.seal(index)
        if seal is None or seal.number != number:
            yield Finding(Fault.SEAL_UNREADABLE, number)
            return
        earlier = self.seal(index - 1) if index else None
        if number <= before or (earlier and number == before + 1 and not seal.follows(earlier)):
            yield Finding(Fault.CHAIN_BROKEN, number)

    def taking(self, index: int) -> Iterator[Seal]:
        """The seals that may hold entries of a window: its own, and those that look back into it."""
        own = self.seal(index)
        for place in range(index, len(self)):
            seal = self.seal(place)
            if own is not None and seal is not None:
                if seal.window.looks_back_to >= own.window.until:
                    return
                yield seal


class VerificationService:
    """Checks the seals, and the journal against them; it only reads."""

    def __init__(
        self,
        seals: SealStore,
        journal: JournalReader,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._seals = seals
        self._journal = journal
        self._access = access
        self._clock = clock

    def verify(
        self, from_: datetime, until: datetime, tell: Callable[[int, int, int], None] = lambda *_: None
    ) -> Verdict:
        """Check every seal whose window touches the period, and every entry recorded in those windows.

        ``tell`` hears of each seal: its number, the last one's, and how many entries were read so far.
        """
        chain = self._chain(from_, until + GRACE)
        check = _Check(self._seals, self._journal, [one.id for one in self._access.every_branch()], chain)
        start = chain.at(from_)
        for index in range(start, len(chain)):
            check.note(chain.link(index))
            seal = chain.seal(index)
            if seal is None:
                continue
            if seal.window.from_ >= until:
                break
            tell(seal.number, chain.number(len(chain) - 1), check.entries)
            check.window(index, seal)
        if not check.seals:
            check.note(iter([Finding(Fault.PERIOD_NOT_SEALED, 0)]))
        newest = chain.newest()
        if newest and newest.window.until < min(until, self._clock() - _LATEST_HEARTBEAT):
            check.note(iter([Finding(Fault.SEALING_STOPPED, newest.number)]))
        return check.verdict()

    def prove(self, entry_id: str) -> Proof:
        """Prove one entry: it stands in the journal, and the seal that holds it vouches for it."""
        place, moment = rows.entry_key(entry_id), recorded_at(entry_id)
        if place is None or moment is None:
            return Proof(entry_id, (Finding(Fault.ID_UNREADABLE, 0, entry_id),))
        row = self._journal.row(place)
        chain = self._chain(moment, moment + GRACE)
        findings: list[Finding] = []
        start = chain.at(moment)
        for index in range(start, len(chain)):
            seal = chain.seal(index)
            findings += chain.link(index)
            if seal is None:
                continue
            if seal.window.looks_back_to > moment:
                break
            file, fault = self._seals.leaves(seal)
            if fault is not None:
                findings.append(Finding(fault, seal.number))
            for number, leaf in enumerate(file or ()):
                if leaf.place == place and file is not None:
                    if index + 1 < len(chain):  # the next seal vouches for this one
                        findings += chain.link(index + 1)
                    return _proof(entry_id, row, seal, file, number, leaf, findings)
        return Proof(entry_id, (*findings, Finding(_unsealed(row, moment, chain), 0, entry_id)))

    def _chain(self, from_: datetime, until: datetime) -> Chain:
        """The seals of the months of a period and of two before: the one before its first is among them."""
        months = self._seals.months()
        before = [month for month in months if month < f"{from_:%Y/%m}"][-2:]
        within = [month for month in months if f"{from_:%Y/%m}" <= month <= f"{until:%Y/%m}"]
        return Chain(
            self._seals, [place for month in (*before, *within) for place in self._seals.of_month(month)]
        )


def _unsealed(row: Row | None, moment: datetime, chain: Chain) -> Fault:
    """What it means that no seal holds an entry: the next one may, it never was there, or it came behind."""
    if row is None:
        return Fault.ENTRY_MISSING
    newest = chain.newest()
    if newest is None or moment >= newest.window.until - GRACE:
        return Fault.ENTRY_NOT_SEALED
    return Fault.ENTRY_ADDED


def _proof(
    entry_id: str,
    row: Row | None,
    seal: Seal,
    file: LeafFile,
    index: int,
    leaf: Leaf,
    findings: list[Finding],
) -> Proof:
    """What was found of an entry, as a proof; whatever does not fit becomes a finding."""
    path = audit_path((one.hash for one in file), seal.leaves, index)
    root = root_of_path(leaf.hash, index, seal.leaves, path)
    if root is None or root.hex() != seal.root:
        findings.append(Finding(Fault.LEAVES_BROKEN, seal.number))
    if row is None:
        findings.append(Finding(Fault.ENTRY_MISSING, seal.number, entry_id))
        return Proof(entry_id, tuple(findings), b"", seal, leaf.hash, index, path)
    if leaf_hash(row) != leaf.hash:
        findings.append(Finding(Fault.ENTRY_CHANGED, seal.number, entry_id))
        return Proof(entry_id, tuple(findings), b"", seal, leaf.hash, index, path)
    entry = rows.entry_from(row).canonical()
    return Proof(entry_id, tuple(findings), entry, seal, leaf.hash, index, path)


class _Check:
    """One check of a period under way: what was read, what was found."""

    def __init__(self, seals: SealStore, journal: JournalReader, branches: list[str], chain: Chain) -> None:
        self._seals = seals
        self._journal = journal
        self._branches = branches
        self._chain = chain
        self._files: dict[int, LeafFile | None] = {}
        newest = chain.newest()
        self._waits_from = stamp(newest.window.until - GRACE) if newest else ""
        self._findings: list[Finding] = []
        self._count = 0
        self._windows: list[Window] = []
        self._waiting = 0
        self.entries = 0

    @property
    def seals(self) -> int:
        """How many seals were checked."""
        return len(self._windows)

    def note(self, findings: Iterator[Finding]) -> None:
        """Count all findings, and keep the first ones in the order of their entries' moments."""
        counted = self._counted(findings)
        room = MOST_FINDINGS - len(self._findings)
        self._findings += nsmallest(room, counted, key=lambda finding: finding.entry)
        deque(counted, maxlen=0)  # the others are counted too

    def _counted(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        for finding in findings:
            self._count += 1
            yield finding

    def window(self, index: int, seal: Seal) -> None:
        """Check a seal's leaves, and the journal in its window against all seals that hold some of it."""
        self._windows.append(seal.window)
        files = {one.number: self._file(one) for one in self._chain.taking(index)}
        for number in [number for number in self._files if number < seal.number]:
            del self._files[number]
        if None in files.values():
            return  # told already; without the leaves nobody knows what the journal should hold
        sealed = merge(
            *(_tagged(file, number, seal.window) for number, file in files.items() if file is not None)
        )
        standing = self._journal.leaves(self._branches, seal.window.from_, seal.window.until)
        self.note(self._weighed(differences(sealed, self._read(standing))))

    def _file(self, seal: Seal) -> LeafFile | None:
        if seal.number not in self._files:
            file, fault = self._seals.leaves(seal)
            self._files[seal.number] = file
            if fault is not None:
                self.note(iter([Finding(fault, seal.number)]))
        return self._files[seal.number]

    def _read(self, standing: Iterator[Leaf]) -> Iterator[Leaf]:
        for leaf in standing:
            self.entries += 1
            yield leaf

    def _weighed(self, found: Iterator[tuple[Finding, Leaf]]) -> Iterator[Finding]:
        """Leaves out what only seems wrong: entries that the next seal may take, and rows not asked for."""
        for finding, leaf in found:
            if finding.fault is Fault.ENTRY_ADDED:
                if not leaf.hash:
                    yield Finding(Fault.ENTRY_UNREADABLE, 0, leaf.sk)
                    continue
                if leaf.sk >= self._waits_from:
                    self._waiting += 1
                    continue
            elif finding.fault is Fault.ENTRY_MISSING:  # its branch may be missing in the list of branches
                row = self._journal.row(leaf.place)
                if row is not None and leaf_hash(row) == leaf.hash:
                    self.entries += 1
                    continue
            yield finding

    def verdict(self) -> Verdict:
        """What was found."""
        return Verdict(
            from_=self._windows[0].from_ if self._windows else None,
            until=self._windows[-1].until if self._windows else None,
            seals=self.seals,
            entries=self.entries,
            waiting=self._waiting,
            findings=tuple(self._findings),
            count=self._count,
        )


def _tagged(leaves: LeafFile, seal: int, window: Window) -> Iterator[tuple[Leaf, int]]:
    """The leaves of a file that were recorded in a window, each with its seal's number."""
    from_, until = stamp(window.from_), stamp(window.until)
    return ((leaf, seal) for leaf in leaves if from_ <= leaf.sk < until)
