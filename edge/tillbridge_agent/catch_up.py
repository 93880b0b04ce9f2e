"""Catching up: what a queue lost, overtook or kept too long is fetched over the API (DV-6).

The queue only wakes us; the order stands in the sequence numbers. At the start, after an outage and now and
then the cloud is asked which jobs there are; a gap is fetched at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from tillbridge_agent.errors import Malformed
from tillbridge_agent.model import DeviceNews, Envelope
from tillbridge_agent.notebook import UNREADABLE, Notebook

log = logging.getLogger(__name__)

OUTDATED = "notebook-outdated"


class JobSource(Protocol):
    """Where missing jobs come from; the cloud's API."""

    def devices(self) -> list[DeviceNews]:
        """The devices of this workstation."""
        ...

    def jobs(self, device: str, after: int) -> list[object]:
        """Some jobs of a device after this sequence, ascending; empty when there are no more."""
        ...


class CatchUp:
    """Brings the notebook up to what the cloud knows.

    `halt(device, problem)` stops a device until a person acts; `complain(device, problem, reason)` says that
    the cloud's answer about a device makes no sense, and other devices go on.
    """

    def __init__(
        self,
        notebook: Notebook,
        source: JobSource,
        now: Callable[[], str],
        ring: Callable[[str], None],
        halt: Callable[[str, str], None],
        complain: Callable[[str, str, str], None],
    ) -> None:
        self._notebook = notebook
        self._source = source
        self._now = now
        self._ring = ring
        self._halt = halt
        self._complain = complain

    def note(self, jobs: Sequence[Envelope]) -> bool:
        """Note jobs, however they came, and wake their devices; True when something is missing."""
        noted = self._notebook.note_jobs(jobs, self._now())
        for device in sorted(noted.news):
            self._ring(device)
        return bool(noted.gaps or noted.strangers)

    def catch_up(self) -> None:
        """Ask for every device of this workstation and fetch what is missing."""
        for news in self._source.devices():
            finished = self._notebook.finished_through(news.device)
            if finished is None:
                self._notebook.start_device(news.device, news.answered_sequence)
            elif finished < news.answered_sequence:
                self._halt(news.device, OUTDATED)
                continue
            try:
                self._fetch(news.device, news.last_sequence)
            except Malformed as bug:
                self._complain(news.device, bug.problem, str(bug))
            else:
                self._notebook.clear_problem(news.device, of_messages=True)
            self._ring(news.device)

    def _fetch(self, device: str, last: int) -> None:
        while (through := self._notebook.noted_through(device) or 0) < last:
            jobs = [Envelope.of(job) for job in self._source.jobs(device, through)]
            if any(job.device != device for job in jobs):
                raise Malformed("jobs.device", "another device's job", problem=UNREADABLE)
            self.note(jobs)
            if (self._notebook.noted_through(device) or 0) <= through:
                raise Malformed("jobs", f"{device} has no job {through + 1}", problem=UNREADABLE)
