"""Reports to the cloud: results, sightings and health. What is not accepted is kept and sent again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tillbridge_agent.errors import Refused
from tillbridge_agent.model import Answered, Sighting
from tillbridge_agent.notebook import Notebook

log = logging.getLogger(__name__)

MOST_AT_ONCE = 25
REFUSED_PAUSE_S = 3600.0


class ReportDesk(Protocol):
    """Where reports go; the cloud's API."""

    def send_results(self, results: Sequence[Answered]) -> list[tuple[str, int]]:
        """Report results; the addresses that the cloud now has."""
        ...

    def send_sightings(self, sightings: Sequence[Sighting]) -> None:
        """Report files that are gone."""
        ...

    def send_health(
        self, at: str, host_name: str, open_jobs: int, blocked: Sequence[tuple[str, str, str]]
    ) -> None:
        """Report how the agent is."""
        ...


class Reports:
    """Sends what the notebook holds for the cloud, in small batches."""

    def __init__(
        self,
        notebook: Notebook,
        desk: ReportDesk,
        now: Callable[[], str],
        host_name: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notebook = notebook
        self._desk = desk
        self._now = now
        self._host_name = host_name
        self._monotonic = monotonic
        self._not_before: dict[tuple[str, int], float] = {}

    def send(self) -> None:
        """Send all results and sightings that wait."""
        while self._send_results():
            pass
        while self._send_sightings():
            pass

    def send_health(self) -> None:
        """Say how many jobs are open and which devices are blocked, by what, since when."""
        open_jobs = len(self._notebook.open_jobs())
        self._desk.send_health(self._now(), self._host_name, open_jobs, self._notebook.problems())

    def _send_results(self) -> bool:
        waiting = self._notebook.results_to_report(MOST_AT_ONCE + len(self._not_before))
        batch = [result for result in waiting if self._may_go(result)][:MOST_AT_ONCE]
        accepted: list[tuple[str, int]] = []
        if batch:
            try:
                accepted = self._desk.send_results(batch)
            except Refused:
                accepted = self._one_by_one(batch)
            known = {(result.device, result.sequence) for result in batch}
            accepted = [address for address in accepted if address in known]
            self._notebook.results_accepted(accepted)
            for address in known.difference(accepted):
                self._not_before.setdefault(address, self._monotonic() + REFUSED_PAUSE_S)
        return bool(accepted)

    def _one_by_one(self, batch: Sequence[Answered]) -> list[tuple[str, int]]:
        """A result that the cloud refuses must not hold up the others; it is kept and tried again hourly."""
        accepted: list[tuple[str, int]] = []
        for result in batch:
            try:
                accepted += self._desk.send_results([result])
            except Refused as refused:
                log.error(  # noqa: TRY400  the cloud's words say it all
                    "the cloud refuses the result of %s #%d: %s", result.device, result.sequence, refused
                )
                self._not_before[result.device, result.sequence] = self._monotonic() + REFUSED_PAUSE_S
        return accepted

    def _may_go(self, result: Answered) -> bool:
        address = (result.device, result.sequence)
        if self._not_before.get(address, 0.0) > self._monotonic():
            return False
        self._not_before.pop(address, None)
        return True

    def _send_sightings(self) -> bool:
        batch = self._notebook.sightings_to_report(MOST_AT_ONCE)
        if batch:
            try:
                self._desk.send_sightings(batch)
            except Refused:
                self._sightings_one_by_one(batch)
            self._notebook.sightings_accepted(batch)
        return len(batch) == MOST_AT_ONCE

    def _sightings_one_by_one(self, batch: Sequence[Sighting]) -> None:
        """A sighting decides nothing, so one that the cloud refuses is told to the log and let go."""
        for seen in batch:
            try:
                self._desk.send_sightings([seen])
            except Refused as refused:
                log.error(  # noqa: TRY400  the cloud's words say it all
                    "the cloud refuses the sighting of %s #%d: %s", seen.device, seen.sequence, refused
                )
