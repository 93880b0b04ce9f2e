"""Checking the journal against its seals: all of some days, or one entry (LE-3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge, nsmallest

from tillbridge.access.service import AccessService
from tillbridge.aws.table import Row
from tillbridge.kernel.calendar import EARLIEST_YEAR

from . import rows
from .seal_chain import Chain
from .seal_store import JournalReader, LeafFile, SealStore, Standing, leaf_hash, recorded_at
from .sealing import MOST_FINDINGS
from .seals import (
    GRACE,
    MARGIN,
    Fault,
    Finding,
    Leaf,
    Seal,
    audit_path,
    differences,
    root_of_path,
    stamp,
)

_MISSED = timedelta(hours=3)
"""So long nobody wonders when the hourly sealer did not come."""
_OLDEST_WAITING = GRACE + MARGIN + _MISSED
_OLDEST_NEWEST = timedelta(hours=1) + MARGIN + _MISSED

_LOST = {Fault.SEAL_MISSING, Fault.SEAL_UNREADABLE, Fault.LEAVES_MISSING, Fault.LEAVES_BROKEN}

_ONE_DAY = timedelta(days=1)
_NO_BOUND = "~"
"""Comes after all ids."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a period has found: the first findings in order, and how many there are in all.

    ``from_`` and ``until`` are the part of the period that seals cover (None: none do); ``waiting`` counts
    entries that no seal holds yet but the next one takes.
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

    def verify(self, first: date, last: date, tell: Callable[[date, int], None] = lambda *_: None) -> Verdict:
        """Check every entry that was recorded on these days (UTC), and every seal that may hold one of them.

        ``tell`` hears of each day before it is read, and how many entries were read so far.
        """
        now = self._clock()
        first, last = max(first, date(EARLIEST_YEAR, 1, 1)), min(last, now.date() + _ONE_DAY)
        from_, until = _midnight(first), _midnight(last + _ONE_DAY)
        branches = [branch.id for branch in self._access.every_branch()]
        chain = Chain.around(self._seals, from_, until, now)
        with closing(_Check(self._seals, self._journal, branches, chain, from_, until)) as check:
            for day in _days(max(first, chain.begins_on()), last):
                tell(day, check.entries)
                check.day(day)
            return check.verdict(now)

    def prove(self, entry_id: str) -> Proof:
        """Prove one entry: it stands in the journal, and the seal that holds it vouches for it."""
        place, moment = rows.entry_key(entry_id), recorded_at(entry_id)
        if place is None or moment is None:
            return Proof(entry_id, (Finding(Fault.ID_UNREADABLE, 0, entry_id),))
        row = self._journal.row(place)
        chain = Chain.around(self._seals, moment, moment, self._clock())
        findings: list[Finding] = []
        for index in range(chain.at(moment), len(chain)):
            findings += chain.link(index)
            seal = chain.seal(index)
            if seal is None:
                continue
            if seal.window.looks_back_to > moment:
                break
            file, fault = self._seals.leaves(seal)
            if fault is not None:
                findings.append(Finding(fault, seal.number))
            if file is None:
                continue
            with closing(file):
                found = _place_in(file, place)
                if found is not None:
                    if index + 1 < len(chain):  # the next seal vouches for this one
                        findings += chain.link(index + 1)
                    return _proof(entry_id, row, seal, file, *found, findings)
        findings += self._unsealed(entry_id, row, moment, {finding.fault for finding in findings})
        return Proof(entry_id, tuple(findings))

    def _unsealed(
        self, entry_id: str, row: Row | None, moment: datetime, faults: set[Fault]
    ) -> Iterator[Finding]:
        """What it means that no seal holds an entry: it never was there, it came just now, or from behind."""
        newest = self._seals.newest()
        if row is None:
            yield Finding(Fault.ENTRY_MISSING, 0, entry_id)
        elif newest is None or moment >= newest.window.until - GRACE:
            yield Finding(Fault.ENTRY_NOT_SEALED, 0, entry_id)
        elif not faults & _LOST:  # else a seal that is gone may have held it
            yield Finding(Fault.ENTRY_ADDED, 0, entry_id)


def _place_in(file: LeafFile, place: tuple[str, str]) -> tuple[int, Leaf] | None:
    """Which leaf of a file an entry is, counted from 0."""
    return next((found for found in enumerate(file) if found[1].place == place), None)


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
    """One check of a period under way, day by day: what was read, what was found."""

    def __init__(
        self,
        seals: SealStore,
        journal: JournalReader,
        branches: list[str],
        chain: Chain,
        from_: datetime,
        until: datetime,
    ) -> None:
        self._seals = seals
        self._journal = journal
        self._branches = branches
        self._chain = chain
        self._from = from_
        self._until = until
        self._newest = seals.newest()
        self._waits_from = stamp(self._newest.window.until - GRACE) if self._newest else ""
        self._next = chain.at(from_)
        self._before = chain.before(self._next)
        self._held: list[tuple[Seal, LeafFile]] = []
        self._unknown: set[tuple[str, str]] = set()
        self._touching: list[Seal] = []
        self._findings: list[Finding] = []
        self._count = 0
        self._waiting = 0
        self._oldest_waiting = _NO_BOUND
        self.entries = 0

    def day(self, day: date) -> None:
        """Check what was recorded on a day (UTC) against all seals that hold some of it."""
        next_midnight = _midnight(day + _ONE_DAY)
        self._hold_seals_until(next_midnight)
        sealed = merge(*(_of_day(file, seal.number, day) for seal, file in self._held))
        standing = self._counted(self._journal.day(self._branches, day))
        self._note(self._weighed(differences(sealed, standing)))
        self._let_go(next_midnight)

    def _let_go(self, end: datetime) -> None:
        """Close the files of the seals that hold nothing from a moment on."""
        for seal, file in self._held:
            if seal.window.until <= end:
                file.close()
        self._held = [(seal, file) for seal, file in self._held if seal.window.until > end]

    def close(self) -> None:
        """Close all files."""
        self._let_go(datetime.max.replace(tzinfo=UTC))

    def _hold_seals_until(self, end: datetime) -> None:
        """Check and fetch the seals that may hold entries from before a moment."""
        while self._next < len(self._chain):
            seal = self._chain.seal(self._next)
            self._note_gap(seal)
            if seal is not None and seal.window.looks_back_to >= end:
                return
            self._note(self._chain.link(self._next))
            self._next += 1
            if seal is None:
                continue
            self._before = seal
            if seal.window.from_ < self._until:
                self._touching.append(seal)
            file, fault = self._seals.leaves(seal)
            if file is not None:
                self._held.append((seal, file))
            else:
                self._unknown.add((stamp(seal.window.looks_back_to), stamp(seal.window.until)))
            if fault is not None:
                self._note([Finding(fault, seal.number)])

    def _note_gap(self, seal: Seal | None) -> None:
        """Of the time of seals that are gone nobody knows what they held: none was added for sure."""
        if seal is None or (self._before and seal.window.from_ <= self._before.window.until):
            return
        if self._before is None and seal.number == 1:
            return
        from_ = stamp(self._before.window.until - GRACE) if self._before else ""
        self._unknown.add((from_, stamp(seal.window.from_)))

    def _note(self, findings: Iterable[Finding]) -> None:
        """Count all findings, and keep the first ones in the order of their entries' moments."""
        counted = self._numbered(findings)
        room = MOST_FINDINGS - len(self._findings)
        self._findings += nsmallest(room, counted, key=lambda finding: finding.entry)
        deque(counted, maxlen=0)  # the others are counted too

    def _numbered(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        for finding in findings:
            self._count += 1
            yield finding

    def _counted(self, standing: Iterator[Standing]) -> Iterator[Leaf]:
        for one in standing:
            self.entries += 1
            yield one.leaf()

    def _weighed(self, found: Iterator[tuple[Finding, Leaf]]) -> Iterator[Finding]:
        """Leaves out what only seems wrong: entries that the next seal takes, and rows not asked for."""
        for finding, leaf in found:
            if finding.fault is Fault.ENTRY_ADDED:
                if not leaf.hash:
                    yield Finding(Fault.ENTRY_UNREADABLE, 0, leaf.sk)
                    continue
                if leaf.sk >= self._waits_from:
                    self._waiting += 1
                    self._oldest_waiting = min(self._oldest_waiting, leaf.sk)
                    continue
                if any(from_ <= leaf.sk < until for from_, until in self._unknown):
                    continue
            elif finding.fault is Fault.ENTRY_MISSING:  # its branch may be missing in the list of branches
                row = self._journal.row(leaf.place)
                if row is not None and leaf_hash(row) == leaf.hash:
                    self.entries += 1
                    continue
            yield finding

    def verdict(self, now: datetime) -> Verdict:
        """What was found; the seal behind the last one is asked whether it vouches for it."""
        if self._next < len(self._chain):
            self._note(self._chain.link(self._next))
        if not self._touching:
            self._note([Finding(Fault.PERIOD_NOT_SEALED, 0)])
        if self._newest and (
            self._oldest_waiting < stamp(now - _OLDEST_WAITING)
            or self._newest.window.until < min(self._until, now - _OLDEST_NEWEST)
        ):
            self._note([Finding(Fault.SEALING_STOPPED, self._newest.number)])
        covered = self._touching or None
        return Verdict(
            from_=max(self._from, covered[0].window.from_) if covered else None,
            until=min(self._until, covered[-1].window.until) if covered else None,
            seals=len(self._touching),
            entries=self.entries,
            waiting=self._waiting,
            findings=tuple(self._findings),
            count=self._count,
        )


def _of_day(leaves: LeafFile, seal: int, day: date) -> Iterator[tuple[Leaf, int]]:
    """The leaves of a file that were recorded on a day (UTC), each with its seal's number."""
    begins = f"{day:%Y%m%d}"
    return ((leaf, seal) for leaf in leaves if leaf.sk.startswith(begins))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
