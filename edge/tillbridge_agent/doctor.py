"""`tillbridge-agent doctor` and `status`: what is well, what is not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tillbridge_agent import identity, one_process
from tillbridge_agent.agent import CLOCK_TOLERANCE_S, open_notebook
from tillbridge_agent.cloud import Cloud
from tillbridge_agent.disks import disk_of_this_pc
from tillbridge_agent.errors import Blocked, Malformed, NotReady, Refused, Unavailable
from tillbridge_agent.folders import Folders
from tillbridge_agent.notebook import Notebook
from tillbridge_agent.settings import Settings
from tillbridge_agent.words import Speaker

Finding = tuple[bool, str]
_MANY = 1_000_000


def is_running(state: Path) -> bool:
    """Whether an agent holds the state folder."""
    try:
        handle = one_process.hold(state)
    except NotReady:
        return True
    one_process.release(handle)
    return False


def examine(state: Path, settings: Settings, speaker: Speaker) -> Iterator[Finding]:
    """Every check with its sentence; True is good."""
    who = identity.load(state)
    yield True, speaker.say("check-enrolled", place=who.place)
    running = is_running(state)
    yield running, speaker.say("check-running" if running else "check-not-running")
    yield from _cloud(settings, who, speaker)
    notebook = open_notebook(state, who)
    try:
        yield from _folders(settings, who, notebook, speaker)
        for device, since, sentence in notebook.told_problems():
            yield False, speaker.say("status-problem", device=device, since=since, sentence=sentence)
    finally:
        notebook.close()


def status(state: Path, speaker: Speaker) -> Iterator[Finding]:
    """What the notebook says, without asking the cloud."""
    who = identity.load(state)
    yield True, speaker.say("check-enrolled", place=who.place)
    running = is_running(state)
    yield running, speaker.say("check-running" if running else "check-not-running")
    notebook = open_notebook(state, who)
    try:
        unreported = len(notebook.results_to_report(_MANY)) + len(notebook.sightings_to_report(_MANY))
        yield (
            True,
            speaker.say(
                "status-open",
                open=str(len(notebook.open_jobs())),
                unreported=str(unreported),
                waiting=str(len(notebook.watched_files())),
            ),
        )
        for device in notebook.devices():
            finished = str(notebook.finished_through(device))
            yield True, speaker.say("status-device", device=device, finished=finished)
        for device, since, sentence in notebook.told_problems():
            yield False, speaker.say("status-problem", device=device, since=since, sentence=sentence)
    finally:
        notebook.close()


def _cloud(settings: Settings, who: identity.Identity, speaker: Speaker) -> Iterator[Finding]:
    gate = identity.CognitoGate(who.region, who.client_id, settings.ca_file)
    cloud = Cloud(who.api, identity.SignIn(who, gate), ca_file=settings.ca_file, language=settings.language)
    try:
        cloud.devices()
    except (Unavailable, Refused, Malformed) as trouble:
        yield False, speaker.say("check-no-cloud", reason=str(trouble))
    else:
        yield True, speaker.say("check-cloud")
    if cloud.clock_ahead_s is not None:
        right = abs(cloud.clock_ahead_s) <= CLOCK_TOLERANCE_S
        code = "check-clock" if right else "clock-wrong"
        yield right, speaker.say(code, seconds=f"{cloud.clock_ahead_s:.0f}")


def _folders(
    settings: Settings, who: identity.Identity, notebook: Notebook, speaker: Speaker
) -> Iterator[Finding]:
    folders = Folders(disk_of_this_pc(), who.place, [Path(folder) for folder in settings.allowed_folders])
    known = sorted({*notebook.folders(), *settings.allowed_folders})
    if not known:
        yield True, speaker.say("check-no-folder")
    for folder in known:
        try:
            folders.try_out(folder, folders.private_name("doctor", 0, "check"))
        except Blocked as blocked:
            yield False, speaker.say(blocked.problem, **blocked.facts)
        else:
            yield True, speaker.say("check-folder", folder=folder)
