"""Reads a file to its last fact, as the worker does; takes processor time, and memory in a fresh process."""

from __future__ import annotations

import io
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figures import Figure
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats.reading import HEAD_BYTES, ByteStream, ReadSettings
from tillbridge.reconciliation.model import Facts

MOST_MEMORY_MIB = 100
TODAY = "2026-11-28"
STATUS = Path("/proc/self/status")


class Lazy:
    """A file that is made while it is read: what it takes is ours, not the file's."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def facts_of(file_name: str, content: bytes) -> Facts:
    """The whole way: find the kind, read everything, end with the facts."""
    return _read_to_the_end(file_name, io.BytesIO(content), content[:HEAD_BYTES])


def read_many(file_name: str, pieces: Callable[[int], Iterator[bytes]], count: int) -> None:
    """Read a file of so many rows or entries that never lies in memory as a whole."""
    facts = _read_to_the_end(file_name, Lazy(pieces(count)), Lazy(pieces(count)).read(HEAD_BYTES))
    if facts.rows != count:
        raise ValueError(f"{facts.rows} of {count} were read")


def _read_to_the_end(file_name: str, stream: ByteStream, start: bytes) -> Facts:
    settings = ReadSettings(file_name, "EUR", TODAY)
    kind = registry.claim(registry.head_of(settings.file_name, start), settings)
    reading: object = None
    for reading in registry.read_file(stream, settings, kind):  # noqa: B007 - the last are the facts
        pass
    if not isinstance(reading, Facts) or reading.problem_lines:
        raise ValueError(f"the file of the measurement must be good: {reading}")
    return reading


def time_s(work: Callable[[], object]) -> float:
    """Processor time: what else the machine does is not ours."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def memory(what: str, read: Callable[[int], None], number: int) -> Figure:
    """The memory that a fresh process takes at most that reads shape ``number``, and what it took before."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        before_mib, peak_mib = pool.apply(_before_and_peak_mib, (read, number))
    return Figure(
        what=what,
        ours=f"{peak_mib:.0f} MiB",
        floor=f"{before_mib:.0f} MiB",
        figure=f"{peak_mib:.0f} MiB",
        goal=f"≤ {MOST_MEMORY_MIB} MiB",
        met=peak_mib <= MOST_MEMORY_MIB,
    )


def _before_and_peak_mib(read: Callable[[int], None], number: int) -> tuple[float, float]:
    before_mib = _resident_mib()
    read(number)
    return before_mib, _resident_mib()


def _resident_mib() -> float:
    """The most memory that this process ever held; Linux's own count, which no parent process is part of."""
    if STATUS.exists():
        peak = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20) if sys.platform == "darwin" else most / 1024
