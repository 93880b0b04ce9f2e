"""How seals lie in their bucket, and how the journal is read for them.

    access pattern                         where
    -------------------------------------  -----------------------------------------------------------------
    a seal                                 seals/<yyyy>/<mm>/<number, 8 digits>.json
    the first seal                         seals/0000/00/00000001.json
    its leaves                             beside it: <number>.<first 16 of its root>.leaves.gz
    the last seal; those of a period       versions below the last month; below the months of the period
    entries between two moments            DynamoDB: pk JOURNAL#<branch>#<day>#<shard>, sk between stamps
    all rows of a day                      DynamoDB: the same partitions, whole

Year and month are those in which the seal's window *begins*, which the seal before it fixes; before the first
there is none. So two sealers at once, even at midnight of New Year, want the same key for the same number,
and ``IfNoneMatch`` lets one of them have it. Leaves are put before the seal and named after their root: what
a sealer that died has left behind is in nobody's way.

A leaf file is gzipped JSON lines, in the order of their keys: ``{"pk": …, "sk": <entry id>, "leaf": <hex>}``.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from io import BytesIO
from json import dumps, loads
from typing import IO, NamedTuple

from tillbridge.aws.archive import Archive, Kept, working_file
from tillbridge.aws.table import Row, Table
from tillbridge.kernel.calendar import EARLIEST_YEAR, LATEST_YEAR
from tillbridge.kernel.errors import Refused

from . import rows
from .entries import Entry
from .seals import Fault, Leaf, Seal, TreeHash, stamp

_SEALS = "seals/"
_FOLDER_OF_THE_FIRST = f"{_SEALS}0000/00/"
_SEAL_KEY = re.compile(r"seals/\d{4}/\d\d/(\d{8})[.]json", re.ASCII)
_FAST = 1
"""Hashes and ids hardly get smaller with more effort."""


class SealStore:
    """Seals and their leaf files in the archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def months(self) -> list[str]:
        """The months ``2026/11`` in which windows of seals began, oldest first."""
        years = self._archive.folders(_SEALS)
        return [f"{year}/{month}" for year in years for month in self._archive.folders(f"{_SEALS}{year}/")]

    def of_month(self, month: str) -> list[tuple[int, Kept]]:
        """Number and place of each seal whose window began in a month, oldest first."""
        found = []
        for kept in self._archive.kept(f"{_SEALS}{month}/"):
            match = _SEAL_KEY.fullmatch(kept.key)
            if match is not None:
                found.append((int(match[1]), kept))
        return found

    def read(self, kept: Kept) -> Seal | None:
        """The seal as it was first put; None when it cannot be read as one."""
        file = self._archive.fetch(kept.key, kept.version_id)
        if file is None:
            return None
        with file:
            try:
                return Seal.read(file.read())
            except ValueError:
                return None

    def newest_first(self) -> Iterator[Seal]:
        """All seals from the last one back; one that cannot be read is a fault that must be loud."""
        for month in reversed(self.months()):
            for number, kept in reversed(self.of_month(month)):
                seal = self.read(kept)
                if seal is None or seal.number != number:
                    raise ValueError(f"seal {number} cannot be read")
                yield seal

    def newest(self) -> Seal | None:
        """The last seal that can be read."""
        for month in reversed(self.months()):
            for number, kept in reversed(self.of_month(month)):
                seal = self.read(kept)
                if seal is not None and seal.number == number:
                    return seal
        return None

    def standing(self, seal: Seal) -> Seal:
        """The seal that was put first where this one should stand; one that cannot be read must be loud."""
        key = seal_key(seal)
        for kept in self._archive.kept(key):
            first = self.read(kept) if kept.key == key else None
            if first is not None and first.number == seal.number:
                return first
        raise ValueError(f"seal {seal.number} cannot be read")

    def put(self, seal: Seal, leaves: IO[bytes]) -> bool:
        """Put the leaves and then their seal; False when another sealer was first with this number."""
        self._archive.put_new(_leaves_key(seal), leaves, "application/gzip")
        return self._archive.put_new(seal_key(seal), BytesIO(seal.canonical()), "application/json")

    def leaves(self, seal: Seal) -> tuple[LeafFile | None, Fault | None]:
        """The leaf file of a seal if it fits, to be closed, and what is wrong with it if something is.

        Where somebody has put another one over it, or deleted it, the first version still stands below.
        """
        key = _leaves_key(seal)
        fitting, missing = self._fitting(key, "", seal)
        if fitting is not None:
            return fitting, None
        for kept in self._archive.kept(key):
            fitting, _ = self._fitting(kept.key, kept.version_id, seal)
            if fitting is not None:
                return fitting, Fault.SEAL_REPLACED
        return None, Fault.LEAVES_MISSING if missing else Fault.LEAVES_BROKEN

    def _fitting(self, key: str, version_id: str, seal: Seal) -> tuple[LeafFile | None, bool]:
        """A leaf file if it is that of a seal, and whether there is none at all."""
        file = self._archive.fetch(key, version_id)
        if file is None:
            return None, True
        leaves = LeafFile(file)
        if leaves.fits(seal):
            return leaves, False
        leaves.close()
        return None, False


class LeafFile:
    """The leaves of one seal, fetched; they can be read several times, one after the other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def close(self) -> None:
        """Give back what the file takes."""
        self._file.close()

    def __iter__(self) -> Iterator[Leaf]:
        """The leaves in their order; ``ValueError`` where the file is damaged."""
        self._file.seek(0)
        before = ("", "")
        try:
            with gzip.open(self._file) as lines:
                for line in lines:
                    shown = loads(line)
                    leaf = Leaf(shown["pk"], shown["sk"], bytes.fromhex(shown["leaf"]))
                    if leaf.place <= before or rows.entry_key(leaf.sk) != leaf.place:
                        raise ValueError("leaves are out of order, or lie where no entry does")
                    before = leaf.place
                    yield leaf
        except (KeyError, TypeError, AttributeError, RecursionError, EOFError, OSError, zlib.error) as error:
            raise ValueError("no leaf file") from error

    def fits(self, seal: Seal) -> bool:
        """True when these are the leaves that the seal covers, and none is from outside its window."""
        tree = TreeHash()
        try:
            for leaf in self:
                if not seal.window.may_hold(leaf.sk):
                    return False
                tree.add(leaf.hash)
        except ValueError:
            return False
        return tree.count == seal.leaves and tree.root().hex() == seal.root


def write_leaves(leaves: Iterable[Leaf], most: int | None) -> tuple[IO[bytes], TreeHash] | None:
    """A leaf file and the tree over it, as the leaves come; None once there are more than ``most``."""
    tree = TreeHash()
    with ExitStack() as closing_if_not_whole:
        file = closing_if_not_whole.enter_context(working_file())
        # No moment is written into it: the same leaves are the same bytes.
        with gzip.GzipFile("", "wb", _FAST, file, mtime=0) as lines:
            for leaf in leaves:
                if tree.count == most:
                    return None
                tree.add(leaf.hash)
                shown = {"pk": leaf.pk, "sk": leaf.sk, "leaf": leaf.hash.hex()}
                lines.write(dumps(shown, separators=(",", ":")).encode() + b"\n")
        closing_if_not_whole.pop_all()
    return file, tree


class Standing(NamedTuple):
    """A row as it stands in the journal."""

    pk: str
    row: Row

    @property
    def place(self) -> tuple[str, str]:
        """Its key."""
        return self.pk, self.row["sk"]

    def leaf(self) -> Leaf:
        """Its leaf; the hash of a row that is no entry, or not the one that its key says, is empty."""
        return Leaf(self.pk, self.row["sk"], leaf_hash(self.row))


class JournalReader:
    """What stands in the journal, in the order of the keys."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def recorded(self, branches: Iterable[str], from_: datetime, until: datetime) -> Iterator[Standing]:
        """What was recorded from a moment until another (not including it)."""
        between = stamp(from_), stamp(until)  # ids go on after the stamp, so none equals the upper bound
        days = [from_.date() + timedelta(days=day) for day in range((until.date() - from_.date()).days + 1)]
        return self._standing(branches, days, between)

    def day(self, branches: Iterable[str], day: date) -> Iterator[Standing]:
        """All that stands in the partitions of a day (UTC), also what could not have been recorded on it."""
        return self._standing(branches, [day], None)

    def _standing(
        self, branches: Iterable[str], days: list[date], between: tuple[str, str] | None
    ) -> Iterator[Standing]:
        for pk in sorted(_partitions(branches, days)):
            cursor = None
            while True:
                page = self._table.query(pk, between=between, cursor=cursor)
                for row in page.rows:
                    yield Standing(pk, row)
                cursor = page.next_cursor
                if cursor is None:
                    break

    def row(self, place: tuple[str, str]) -> Row | None:
        """The row at a key."""
        return self._table.get(place)


def leaf_hash(row: Row) -> bytes:
    """The hash of the entry that a row holds; empty when it holds none, or says more than an entry does."""
    try:
        entry = rows.entry_from(row)
        ours = rows.entry_row(entry) == row and _says_when_and_where(entry)
        return entry.leaf_hash() if ours else b""
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, Refused):
        return b""


def _says_when_and_where(entry: Entry) -> bool:
    """True when an entry's id begins with the moment and the branch that the entry itself names."""
    return entry.id.startswith(f"{stamp(entry.recorded_at)}-{entry.branch}-")


def recorded_at(entry_id: str) -> datetime | None:
    """The moment with which an entry's id begins; None when it is no entry's id."""
    if rows.entry_key(entry_id) is None:
        return None
    text = entry_id.partition("-")[0]
    try:
        moment = datetime.fromisoformat(f"{text[:15]}.{text[15:]}+00:00")
    except ValueError:
        return None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    return moment if stamp(moment) == text else None


def _partitions(branches: Iterable[str], days: list[date]) -> Iterator[str]:
    for branch in branches:
        for day in days:
            for shard in range(rows.JOURNAL_SHARDS):
                yield f"JOURNAL#{branch}#{day.isoformat()}#{shard}"


def seal_key(seal: Seal) -> str:
    """Where a seal's file lies in the bucket."""
    return f"{_folder(seal)}{seal.number:08}.json"


def _leaves_key(seal: Seal) -> str:
    return f"{_folder(seal)}{seal.number:08}.{seal.root[:16]}.leaves.gz"


def _folder(seal: Seal) -> str:
    return f"{_SEALS}{seal.window.from_:%Y/%m}/" if seal.number > 1 else _FOLDER_OF_THE_FIRST
