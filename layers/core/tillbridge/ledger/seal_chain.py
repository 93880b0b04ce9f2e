"""The seals of some months in a row, and whether each follows the one before it (LE-3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime

from tillbridge.aws.archive import Kept

from .seal_store import SealStore
from .seals import GRACE, LONGEST, Fault, Finding, Seal

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class Chain:
    """Seals in the order of their numbers; each is read once, when it is asked for."""

    def __init__(
        self, seals: SealStore, places: list[tuple[int, Kept]], now: datetime, *, from_the_first: bool
    ) -> None:
        self._seals = seals
        self._places = places
        self._now = now
        self._from_the_first = from_the_first
        self._read: dict[int, Seal | None] = {}

    @classmethod
    def around(cls, seals: SealStore, from_: datetime, until: datetime, now: datetime) -> Chain:
        """The seals that may hold entries of a period, with some before them and one after."""
        first, last = f"{from_:%Y/%m}", f"{until + GRACE + LONGEST:%Y/%m}"
        months = seals.months()
        before = [month for month in months if month < first]
        within = [month for month in months if first <= month <= last]
        places = [place for month in (*before[-2:], *within) for place in seals.of_month(month)]
        return cls(seals, places, now, from_the_first=not before[:-2])

    def __len__(self) -> int:
        return len(self._places)

    def begins_on(self) -> date:
        """The first day (UTC) of which a seal may hold something."""
        if not self._from_the_first:
            return date.min
        first = next(filter(None, map(self.seal, range(len(self)))), None)
        return first.window.looks_back_to.date() if first else date.max

    def number(self, index: int) -> int:
        """The number of the seal at a place, from its name."""
        return self._places[index][0]

    def seal(self, index: int) -> Seal | None:
        """The seal at a place; None when it cannot be read."""
        if index not in self._read:
            seal = self._seals.read(self._places[index][1])
            self._read[index] = seal if seal is not None and seal.number == self.number(index) else None
        return self._read[index]

    def at(self, moment: datetime) -> int:
        """The place of the seal whose window holds a moment, or of the first one after it.

        Those right before it that cannot be read come first: one of them may hold it.
        """
        index = bisect_right(range(len(self)), moment, key=self._until)
        while index and self.seal(index - 1) is None:
            index -= 1
        return index

    def _until(self, index: int) -> datetime:
        before = self.before(index + 1)
        return before.window.until if before else _BEFORE_ALL

    def before(self, index: int) -> Seal | None:
        """The last seal before a place that can be read."""
        return next((seal for seal in map(self.seal, range(index - 1, -1, -1)) if seal), None)

    def link(self, index: int) -> Iterator[Finding]:
        """What is wrong with the seal at a place, or between it and the one before."""
        number, kept = self._places[index]
        before = self.number(index - 1) if index else 0 if self._from_the_first else number - 1
        if number > before + 1:
            yield Finding(Fault.SEAL_MISSING, before + 1)
        if kept.replaced:
            yield Finding(Fault.SEAL_REPLACED, number)
        seal = self.seal(index)
        if seal is None:
            yield Finding(Fault.SEAL_UNREADABLE, number)
            return
        earlier = self.seal(index - 1) if index and number == before + 1 else None
        fits = seal.follows(earlier) if earlier else seal.regular
        if number <= before or not fits or seal.window.until > self._now:
            yield Finding(Fault.CHAIN_BROKEN, number)
