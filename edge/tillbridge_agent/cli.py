"""The command `tillbridge-agent`: enrol, run, doctor, status."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import platform
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tillbridge_agent import __version__, agent, doctor, identity, one_process, settings
from tillbridge_agent.cloud import Cloud, proved_address
from tillbridge_agent.errors import NotReady, Refused, Unavailable
from tillbridge_agent.notebook import NOTEBOOK_NAME, Notebook
from tillbridge_agent.words import Speaker

LOG_NAME = "agent.log"
_LOG_BYTES, _LOGS_KEPT = 2_000_000, 5
_NOT_WELL = 1


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 is well, 1 is a sentence on the error output, 2 a wrong command."""
    asked = _commands().parse_args(arguments)
    state: Path = asked.folder or settings.default_state_folder()
    speaker = Speaker()
    try:
        chosen = settings.load(state)
        speaker = Speaker(chosen.language)
        if asked.command == "enrol":
            return _enrol(asked, state, chosen, speaker)
        if asked.command == "run":
            return _run(state, chosen)
        findings = (
            doctor.examine(state, chosen, speaker)
            if asked.command == "doctor"
            else doctor.status(state, speaker)
        )
        return _print(findings, speaker)
    except NotReady as sentence:
        sys.stderr.write(speaker.say(sentence.code, **sentence.facts) + "\n")
        return _NOT_WELL


def _commands() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tillbridge-agent", description="Tillbridge's agent for the shop's PC."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    enrol = commands.add_parser("enrol", help="make this PC known to Tillbridge with a one-time code")
    enrol.add_argument("code")
    enrol.add_argument("--api", required=True, help="the address of your Tillbridge, https://…")
    enrol.add_argument("--again", action="store_true", help="although it is enrolled; the notebook is kept")
    enrol.add_argument(
        "--fresh", action="store_true", help="as --again, with a new notebook; the old one is set aside"
    )
    commands.add_parser("run", help="do the jobs, until stopped")
    commands.add_parser("doctor", help="check cloud, clock and folders and say what to do")
    commands.add_parser("status", help="what is open, what is blocked")
    for command in commands.choices.values():
        command.add_argument("--folder", type=Path, help="state folder; default: one per system and user")
    return parser


def _enrol(asked: argparse.Namespace, state: Path, chosen: settings.Settings, speaker: Speaker) -> int:
    api = proved_address(asked.api)
    lock = agent.hold_state(state)
    try:
        if not (asked.again or asked.fresh) and (state / identity.IDENTITY_NAME).exists():
            raise NotReady("already-enrolled", place=identity.load(state).place)
        cloud = Cloud(api, ca_file=chosen.ca_file, language=chosen.language)
        enrolment_id = identity.enrolment_id(state, api, asked.code)
        try:
            answer = cloud.enrol(asked.code, enrolment_id, platform.node())
        except Refused as refused:
            raise NotReady("enrol-refused", reason=refused.detail or refused.code) from refused
        except Unavailable as trouble:
            raise NotReady("enrol-unreachable", reason=str(trouble)) from trouble
        _prepare_notebook(state, f"{answer.get('branch')}/{answer.get('workstation')}", fresh=asked.fresh)
        who = identity.save(state, api, answer)
    finally:
        one_process.release(lock)
    sys.stdout.write(speaker.say("enrolled", place=who.place, folder=str(state)) + "\n")
    return 0


def _prepare_notebook(state: Path, place: str, *, fresh: bool) -> None:
    """A notebook for this workstation; one that is broken, foreign or unwanted is set aside."""
    path = state / NOTEBOOK_NAME
    if path.exists() and (fresh or _place_of(path) != place):
        aside = f"{NOTEBOOK_NAME}.{datetime.now(UTC):%Y%m%dT%H%M%S}"
        for ending in ("-wal", "-shm", ""):
            part = Path(f"{path}{ending}")
            if part.exists():
                part.replace(state / f"{aside}{ending}")
    notebook = Notebook(path)
    notebook.set_fact("place", place)
    notebook.close()


def _place_of(path: Path) -> str | None:
    try:
        notebook = Notebook(path)
    except NotReady:
        return None
    try:
        return notebook.fact("place")
    finally:
        notebook.close()


def _run(state: Path, chosen: settings.Settings) -> int:
    who = identity.load(state)
    agent.hold_state(state)
    _log_to(state)
    notebook = agent.open_notebook(state, who)
    running = agent.build(chosen, who, notebook)
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: running.stop())
    running.run(who.place)
    notebook.close()
    return 0


def _log_to(state: Path) -> None:
    """Plain lines to the error output and to a file that is begun anew at 2 MB; five old ones are kept."""
    lines = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
    own = logging.getLogger("tillbridge_agent")
    own.setLevel(logging.INFO)
    file = logging.handlers.RotatingFileHandler(
        state / LOG_NAME, "a", _LOG_BYTES, _LOGS_KEPT, "utf-8", delay=True
    )
    for handler in (file, logging.StreamHandler()):
        handler.setFormatter(lines)
        own.addHandler(handler)


def _print(findings: Iterable[doctor.Finding], speaker: Speaker) -> int:
    well = True
    for good, what in findings:
        sys.stdout.write(speaker.say("good" if good else "bad", what=what) + "\n")
        well = well and good
    return 0 if well else _NOT_WELL
