"""The agent put together: which thread does what, and how it starts and stops.

letters      waits for the queue, notes what it brings, wakes the devices
catch-up     at the start, on a gap, after an outage, and every quarter of an hour
device …     one per device: does its jobs in order
reports      results and sightings, as soon as there are any
health       when a device is blocked or well again, and every five minutes
watch        looks for collected files every few seconds while any wait
"""

from __future__ import annotations

import logging
import platform
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tillbridge_agent import __version__, identity, one_process
from tillbridge_agent.catch_up import CatchUp
from tillbridge_agent.cloud import Cloud, moment_text
from tillbridge_agent.devices import Devices, DeviceWork, remove_leftovers
from tillbridge_agent.disks import disk_of_this_pc
from tillbridge_agent.errors import Malformed, NotReady, Unavailable
from tillbridge_agent.folders import Folders
from tillbridge_agent.loops import Loop
from tillbridge_agent.model import Envelope
from tillbridge_agent.notebook import NOTEBOOK_NAME, Notebook
from tillbridge_agent.pauses import jittered
from tillbridge_agent.reports import Reports
from tillbridge_agent.settings import Settings
from tillbridge_agent.sightings import Watch
from tillbridge_agent.wakeups import Wakeup
from tillbridge_agent.wakeups.sqs import SqsWakeup
from tillbridge_agent.words import Speaker

log = logging.getLogger(__name__)

WORKSTATION_DEVICE = "workstation"
LOOK_EVERY_S = 2.0
BODIES_KEPT = timedelta(days=90)
CLOCK_TOLERANCE_S = 120.0
STOP_WITHIN_S = 10.0


class Agent:
    """One running agent."""

    def __init__(
        self, notebook: Notebook, folders: Folders, cloud: Cloud, wakeup: Wakeup, speaker: Speaker
    ) -> None:
        self._stop = threading.Event()
        self._notebook = notebook
        self._folders = folders
        self._cloud = cloud
        self._wakeup = wakeup
        self._speaker = speaker
        self._away: set[str] = set()
        self._clock_told = False
        work = DeviceWork(notebook, folders, moment_text, speaker)
        self._devices = Devices(work, notebook, moment_text, speaker, self._stop)
        self._catch_up = CatchUp(
            notebook, cloud, moment_text, self._devices.ring, self._devices.halt, self._complain
        )
        self._reports = Reports(notebook, cloud, moment_text, platform.node())
        self._watch = Watch(notebook, folders, moment_text, speaker)
        self._letters_loop = self._loop("letters", self._take_letters)
        self._catch_up_loop = self._loop("catch-up", self._fetch_missing)
        self._reports_loop = self._loop("reports", self._send_reports)
        self._health_loop = self._loop("health", self._send_health)
        self._watch_loop = self._loop("watch", self._look)
        self._devices.on_result = self._after_result
        self._devices.on_problem = self._health_loop.ring

    def run(self, place: str) -> None:
        """Work until `stop` is called; open jobs go on at once, the line is not waited for."""
        open_jobs = self._notebook.open_jobs()
        log.info(self._speaker.say("started", version=__version__, place=place, open=str(len(open_jobs))))
        self._notebook.clear_all_problems()
        removed = remove_leftovers(self._notebook, self._folders)
        if removed:
            log.info(self._speaker.say("leftovers", count=str(removed)))
        for device in {device for device, _ in open_jobs}:
            self._devices.ring(device)
        loops = [
            self._letters_loop,
            self._catch_up_loop,
            self._reports_loop,
            self._health_loop,
            self._watch_loop,
        ]
        for loop in loops:
            loop.start()
        self._stop.wait()
        for loop in loops:
            loop.ring()
        self._devices.ring_all()
        self._devices.wait(STOP_WITHIN_S)
        log.info(self._speaker.say("stopped"))

    def stop(self) -> None:
        """End after the acts that are under way; may be called from a signal handler."""
        self._stop.set()

    def _loop(self, name: str, act: Callable[[], float | None]) -> Loop:
        def act_and_be_well() -> float | None:
            wait_s = act()
            if name in self._away:
                self._away.discard(name)
                log.info(self._speaker.say("cloud-back", what=name))
            return wait_s

        return Loop(name, act_and_be_well, self._line_trouble, self._stop)

    def _take_letters(self) -> float:
        letters = self._wakeup.wait()
        if letters:
            jobs = []
            for letter in letters:
                try:
                    jobs.append(Envelope.read(letter.text))
                except Malformed as bug:
                    self._complain(WORKSTATION_DEVICE, bug.problem, str(bug))
            if self._catch_up.note(jobs):
                self._catch_up_loop.ring()
            self._wakeup.throw_away(letters)
        return 0.0

    def _fetch_missing(self) -> float:
        self._catch_up.catch_up()
        before = moment_text(lambda: datetime.now(UTC) - BODIES_KEPT)
        self._notebook.empty_bodies(before)
        return jittered(600.0, 900.0)

    def _send_reports(self) -> float:
        self._reports.send()
        return jittered(60.0, 120.0)

    def _send_health(self) -> float:
        self._reports.send_health()
        ahead_s = self._cloud.clock_ahead_s or 0.0
        if abs(ahead_s) > CLOCK_TOLERANCE_S and not self._clock_told:
            log.warning(self._speaker.say("clock-wrong", seconds=f"{ahead_s:.0f}"))
        self._clock_told = abs(ahead_s) > CLOCK_TOLERANCE_S
        return jittered(270.0, 330.0)

    def _look(self) -> float | None:
        waiting, collected = self._watch.look()
        if collected:
            self._reports_loop.ring()
        return LOOK_EVERY_S if waiting else None

    def _after_result(self) -> None:
        self._reports_loop.ring()
        self._watch_loop.ring()

    def _complain(self, device: str, problem: str, reason: str) -> None:
        sentence = self._speaker.say(problem, device=device, reason=reason)
        log.error(sentence)
        self._notebook.note_problem(device, problem, sentence, moment_text())
        self._health_loop.ring()

    def _line_trouble(self, trouble: Exception) -> None:
        name = threading.current_thread().name
        if name not in self._away:
            self._away.add(name)
            log.warning(self._speaker.say("cloud-away", what=name, reason=str(trouble)))
        if isinstance(trouble, Unavailable) and name == self._letters_loop.name:
            # The queue does not answer, but the API may: jobs can come that way too.
            self._catch_up_loop.ring()


def open_notebook(state: Path, who: identity.Identity) -> Notebook:
    """The notebook of this identity; NotReady when it is missing or another workstation's."""
    path = state / NOTEBOOK_NAME
    if not path.exists():
        raise NotReady("notebook-missing", folder=str(state))
    notebook = Notebook(path)
    place = notebook.fact("place")
    if place != who.place:
        notebook.close()
        raise NotReady("notebook-of-another", folder=str(state), place=place or "?")
    return notebook


def build(settings: Settings, who: identity.Identity, notebook: Notebook) -> Agent:
    """Connect everything for this PC."""
    folders = Folders(disk_of_this_pc(), who.place, [Path(folder) for folder in settings.allowed_folders])
    gate = identity.CognitoGate(who.region, who.client_id, settings.ca_file)
    tokens = identity.SignIn(who, gate)
    cloud = Cloud(who.api, tokens, ca_file=settings.ca_file, language=settings.language)
    return Agent(
        notebook, folders, cloud, SqsWakeup(cloud.queue_access, settings.ca_file), Speaker(settings.language)
    )


def hold_state(state: Path) -> int:
    """Make the state folder if need be and take it for this process alone."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        return one_process.hold(state)
    except OSError as error:
        raise NotReady("state-not-usable", folder=str(state), reason=error.strerror or "?") from error
