"""The real agent process through bad days: no line, lost messages, a missing folder, a second start."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.agent_counterpart import CODE, PASSWORD, Counterpart
from tests.unit.edge.cloud_truth import CloudTruth

EDGE = Path(__file__).parents[2] / "edge"
DEVICE = "folder.sap.till"


class Pc:
    """A shop's PC with an agent on it."""

    def __init__(self, root: Path, cloud: Counterpart) -> None:
        self.cloud = cloud
        self.truth = cloud.truth
        self.state = root / "state"
        self.folder = root / "payments"
        self.folder.mkdir()
        self.running: list[subprocess.Popen[str]] = []

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tillbridge_agent", *arguments, "--folder", str(self.state)]
        environment = {**os.environ, **self.cloud.environment(), "PYTHONPATH": str(EDGE)}
        process = subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.running.append(process)
        return process

    def say(self, *arguments: str) -> tuple[int, str]:
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err

    def run(self) -> subprocess.Popen[str]:
        process = self.begin("run")
        wait_for((self.state / "agent.log").exists)
        return process

    def stop(self, process: subprocess.Popen[str]) -> str:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 0
        return err

    def put(self, number: int, device: str = DEVICE, folder: Path | None = None) -> dict[str, Any]:
        return self.truth.put(device, folder or self.folder, f"Bon-{number}.in")


def wait_for(what: Callable[[], object], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def pc(tmp_path: Path) -> Iterator[Pc]:
    with Counterpart(CloudTruth()) as cloud:
        pc = Pc(tmp_path, cloud)
        yield pc
        for process in pc.running:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def enrolled(pc: Pc) -> Pc:
    status, said = pc.say("enrol", CODE, "--api", pc.cloud.api)
    assert status == 0, said
    assert "Enrolled as 01/till-1" in said
    return pc


def test_enrolment_keeps_its_secret_and_repeats_a_lost_answer(pc: Pc) -> None:
    lost = [503]
    pc.cloud.fail = lambda _method, path: lost.pop() if path == "/enrolments" and lost else None
    status, said = pc.say("enrol", CODE, "--api", pc.cloud.api)
    assert status == 1
    assert "repeat the same command" in said
    first = (pc.state / "enrolment.json").read_text()
    status, said = pc.say("enrol", CODE, "--api", pc.cloud.api)
    assert status == 0
    assert pc.cloud.enrolments[-1]["enrolment_id"] in first
    assert PASSWORD not in said
    assert (pc.state / "identity.json").stat().st_mode & 0o077 == 0
    assert not (pc.state / "enrolment.json").exists()
    status, said = pc.say("enrol", CODE, "--api", pc.cloud.api)
    assert (status, "--again" in said) == (1, True)
    assert pc.say("enrol", CODE, "--api", pc.cloud.api, "--fresh")[0] == 0
    assert len(list(pc.state.glob("notebook.sqlite3.*"))) == 1


def test_a_wrong_code_is_refused_in_the_clouds_words(pc: Pc) -> None:
    status, said = pc.say("enrol", "wrong", "--api", pc.cloud.api)
    assert status == 1
    assert "This code is not known." in said


def test_without_enrolment_there_is_one_clear_sentence(pc: Pc) -> None:
    status, said = pc.say("run")
    assert status == 1
    assert said.startswith("This PC is not enrolled")
    assert "Traceback" not in said


def test_one_agent_per_state_folder(enrolled: Pc) -> None:
    first = enrolled.run()
    status, said = enrolled.say("run")
    assert (status, said.count("\n")) == (1, 1)
    assert "already running" in said
    enrolled.stop(first)


def test_a_lost_notebook_is_not_begun_anew_in_silence(enrolled: Pc) -> None:
    (enrolled.state / "notebook.sqlite3").unlink()
    status, said = enrolled.say("run")
    assert status == 1
    assert "--fresh" in said


def test_the_agent_catches_up_without_the_queue_and_through_an_outage(enrolled: Pc) -> None:
    enrolled.put(1)
    enrolled.put(2)
    away = [True]
    enrolled.cloud.fail = lambda *_: 503 if away[0] else None
    process = enrolled.run()
    wait_for(lambda: "cannot be reached" in (enrolled.state / "agent.log").read_text())
    away[0] = False
    wait_for(lambda: enrolled.truth.answered(DEVICE) == 2)
    assert sorted(file.name for file in enrolled.folder.iterdir()) == ["Bon-1.in", "Bon-2.in"]
    wait_for(lambda: "can be reached again" in (enrolled.state / "agent.log").read_text())
    enrolled.stop(process)


def test_what_is_noted_is_done_without_a_line(enrolled: Pc) -> None:
    process = enrolled.run()
    enrolled.folder.rmdir()
    enrolled.cloud.send(enrolled.put(1))
    wait_for(lambda: noted(enrolled.state) == 1)
    enrolled.stop(process)
    enrolled.folder.mkdir()
    enrolled.cloud.fail = lambda *_: 503
    process = enrolled.run()
    wait_for((enrolled.folder / "Bon-1.in").exists)
    assert enrolled.truth.results == {}
    enrolled.stop(process)
    enrolled.cloud.fail = lambda *_: None
    process = enrolled.run()
    wait_for(lambda: enrolled.truth.answered(DEVICE) == 1)
    enrolled.stop(process)


def test_a_blocked_device_is_reported_and_holds_up_no_other(enrolled: Pc) -> None:
    missing = enrolled.folder / "later"
    process = enrolled.run()
    enrolled.cloud.send(enrolled.put(1, folder=missing))
    enrolled.cloud.send(enrolled.put(2, device="folder.erp.till"))
    wait_for(lambda: enrolled.truth.answered("folder.erp.till") == 1)
    wait_for(lambda: any(report["blocked"] for report in enrolled.truth.health))
    (blocked,) = enrolled.truth.health[-1]["blocked"]
    assert (blocked["device"], blocked["problem"]) == (DEVICE, "folder-missing")
    status, said = enrolled.say("status")
    assert status == 1
    assert f"The folder {missing} is not there" in said
    missing.mkdir()
    wait_for((missing / "Bon-1.in").exists)
    wait_for(lambda: enrolled.truth.health[-1]["blocked"] == [])
    (missing / "Bon-1.in").unlink()
    wait_for(lambda: [seen.name for seen in enrolled.truth.sightings] == ["Bon-1.in"])
    log = enrolled.stop(process)
    assert "Abele" not in log
    assert "Traceback" not in log


def test_an_unreadable_message_is_told_and_thrown_away(enrolled: Pc) -> None:
    process = enrolled.run()
    enrolled.cloud.sqs.send_message(
        QueueUrl=enrolled.cloud.queue_url, MessageBody="{", MessageGroupId="x", MessageDeduplicationId="x"
    )
    wait_for(lambda: any(report["blocked"] for report in enrolled.truth.health))
    assert enrolled.truth.health[-1]["blocked"][0]["problem"] == "message-unreadable"
    enrolled.cloud.send(enrolled.put(1))
    wait_for(lambda: enrolled.truth.answered(DEVICE) == 1)
    enrolled.stop(process)


def test_a_token_that_is_no_longer_accepted_is_renewed(enrolled: Pc) -> None:
    process = enrolled.run()
    wait_for(lambda: enrolled.truth.health)
    once = [401]
    enrolled.cloud.fail = lambda _method, path: once.pop() if path == "/job-results" and once else None
    enrolled.cloud.send(enrolled.put(1))
    wait_for(lambda: enrolled.truth.answered(DEVICE) == 1)
    assert once == []
    assert "cannot be reached" not in enrolled.stop(process)


def test_the_doctor_says_what_is_well_and_what_is_not(enrolled: Pc) -> None:
    process = enrolled.run()
    enrolled.cloud.send(enrolled.put(1))
    wait_for(lambda: enrolled.truth.answered(DEVICE) == 1)
    status, said = enrolled.say("doctor")
    assert status == 0, said
    assert said.count("good") == 5
    enrolled.cloud.fail = lambda *_: 503
    (enrolled.state / "agent.toml").write_text('language = "de"')
    status, said = enrolled.say("doctor")
    assert status == 1
    assert "FALSCH die Cloud antwortet nicht" in said
    enrolled.stop(process)


def noted(state: Path) -> int:
    connection = sqlite3.connect(state / "notebook.sqlite3")
    try:
        return int(connection.execute("SELECT count(*) FROM jobs").fetchone()[0])
    finally:
        connection.close()
