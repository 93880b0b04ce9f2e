"""Devices: each does its jobs strictly in order, and a blocked one holds up nobody but itself.

A device is a name that the cloud gives ("folder.<interface>.<target>", later a printer or a drawer). It has
one worker; what its jobs mean stands in `jobs/`.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from typing import cast

from tillbridge_agent.errors import Blocked, Malformed
from tillbridge_agent.folders import Folders
from tillbridge_agent.jobs import Bench, prepare
from tillbridge_agent.jobs.bench import Whereabouts
from tillbridge_agent.loops import Loop
from tillbridge_agent.model import NOTED, Job, Outcome
from tillbridge_agent.notebook import Notebook, OpenJob
from tillbridge_agent.words import Speaker

log = logging.getLogger(__name__)


class DeviceWork:
    """The next job of a device, done once: note, do, note. Knows no threads."""

    def __init__(
        self, notebook: Notebook, folders: Folders, now: Callable[[], str], speaker: Speaker
    ) -> None:
        self._notebook = notebook
        self._folders = folders
        self._now = now
        self._speaker = speaker

    def run_next(self, device: str) -> bool:
        """Do the device's next job; False when there is none. Blocked or Malformed: it stays the next."""
        noted = self._notebook.next_job(device)
        if noted is None:
            return False
        job = Job.read(noted.body, noted.step)
        work = prepare(job)
        bench = Bench(
            job,
            self._folders,
            note=partial(self._notebook.note_step, noted),
            whereabouts=lambda name, folder_id: cast(
                Whereabouts, self._notebook.whereabouts(device, name, folder_id)
            ),
        )
        outcome = work.do(bench) if job.step == NOTED else work.recover(bench)
        self._notebook.finish(noted, outcome, self._now())
        self._tell(noted, outcome)
        return True

    def _tell(self, job: OpenJob, outcome: Outcome) -> None:
        code = "result-put" if outcome.put and not outcome.ended else f"result-{outcome.result}"
        log.info(
            self._speaker.say(
                code,
                file=outcome.ended or outcome.put,
                put=outcome.put,
                folder=outcome.folder,
                detail=outcome.detail,
                doubt=self._speaker.say(outcome.detail) if outcome.result == "in_doubt" else "",
                device=job.device,
                sequence=str(job.sequence),
            )
        )


class Devices:
    """All devices of this PC and their workers, which begin when first rung."""

    def __init__(
        self,
        work: DeviceWork,
        notebook: Notebook,
        now: Callable[[], str],
        speaker: Speaker,
        stop: threading.Event,
    ) -> None:
        self._work = work
        self._notebook = notebook
        self._now = now
        self._speaker = speaker
        self._stop = stop
        self._workers: dict[str, Loop] = {}
        self._halted: set[str] = set()
        self._lock = threading.Lock()
        self.on_result: Callable[[], None] = lambda: None
        self.on_problem: Callable[[], None] = lambda: None

    def ring(self, device: str) -> None:
        """The device has a job that it can do."""
        with self._lock:
            worker = self._workers.get(device)
            if worker is None and not self._stop.is_set():
                worker = Loop(
                    f"device {device}",
                    partial(self._work_off, device),
                    partial(self._trouble, device),
                    self._stop,
                )
                self._workers[device] = worker
                worker.start()
            elif worker is not None:
                worker.ring()

    def halt(self, device: str, problem: str) -> None:
        """The device must not go on until a person has acted."""
        self._halted.add(device)
        self._note_problem(device, problem, {})

    def ring_all(self) -> None:
        """Wake every worker, so that it sees that the agent stops."""
        with self._lock:
            for worker in self._workers.values():
                worker.ring()

    def wait(self, timeout_s: float) -> None:
        """Let every worker end the act that it is in."""
        with self._lock:
            workers = list(self._workers.values())
        for worker in workers:
            worker.join(timeout_s)

    def _work_off(self, device: str) -> None:
        while not self._stop.is_set() and device not in self._halted and self._work.run_next(device):
            self.on_result()
        if device not in self._halted and self._notebook.clear_problem(device, of_messages=False):
            log.info(self._speaker.say("well-again", device=device))
            self.on_problem()

    def _trouble(self, device: str, trouble: Exception) -> None:
        if isinstance(trouble, Blocked):
            self._note_problem(device, trouble.problem, trouble.facts)
        elif isinstance(trouble, Malformed):
            self._note_problem(device, trouble.problem, {"reason": str(trouble)})
        elif isinstance(trouble, sqlite3.Error):
            self._note_problem(device, "notebook-failing", {"reason": str(trouble)})
        else:
            self._note_problem(device, "agent-error", {"reason": type(trouble).__name__})

    def _note_problem(self, device: str, problem: str, facts: dict[str, str]) -> None:
        sentence = self._speaker.say(problem, device=device, **facts)
        try:
            news = self._notebook.note_problem(device, problem, sentence, self._now())
        except sqlite3.Error:
            log.exception("the notebook cannot be written; %s", sentence)
            return
        if news:
            log.warning(self._speaker.say("blocked", device=device, sentence=sentence))
            self.on_problem()


def remove_leftovers(notebook: Notebook, folders: Folders) -> int:
    """At the start: remove private files that no open job owns, left by dead runs or a power cut.

    Only those of jobs that this notebook knows to have ended are touched. Returns how many were removed.
    """
    open_jobs = set(notebook.open_jobs())
    devices = {folders.tag(device): device for device in notebook.devices()}

    def is_leftover(tag: str, sequence: int, _ending: str) -> bool:
        device = devices.get(tag)
        if device is None or (device, sequence) in open_jobs:
            return False
        return sequence <= (notebook.finished_through(device) or 0)

    return sum(folders.remove_leftovers(folder, is_leftover) for folder in notebook.folders())
