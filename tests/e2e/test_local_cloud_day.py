"""`make run ARGS=--once`, as a newcomer starts it, twice: a shop's day and its finance department's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from local.emulator import free_port
from local.environment import ROOT


def run_day(folder: Path, *arguments: str, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local", "--folder", str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, "TILLBRIDGE_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_day_ends_well_and_so_does_the_next(tmp_path: Path) -> None:
    port = free_port()
    with run_day(tmp_path, "--once", port=port) as day:
        told, _ = day.communicate(timeout=300)
    assert day.returncode == 0, told
    for line in ("documentkey=Bon-01-0019-19", "amount=5.10", "documentkey=Bon-01-0018-19", "amount=-218.49"):
        assert f"      {line}\n" in told
    assert "add up to -193.40 EUR" in told
    assert "RE-0001-01 0.00  RE-0001-02 0.00  RE-0001-03 0.00  RE-0001-04 150.00  RE-0001-05 0.00" in told
    assert "Finance rejects it; nothing was booked" in told
    assert "5 bookings are reversed by new ones" in told
    taken = sorted(path.name for path in (tmp_path / "shop-taken").iterdir())
    assert taken[:2] == ["Bon-01-0018-19.out", "Bon-01-0019-19.in"]
    assert not list((tmp_path / "shop-folder").iterdir()), "the consumer took everything"

    with run_day(tmp_path, "--once", port=port) as day:
        told, _ = day.communicate(timeout=300)
    assert day.returncode == 0, told
    assert "template.yaml is deployed already" in told
    assert "The till records Bon-01-0019-19 again" in told
    assert "add up to 19.99 EUR" in told
    assert "RE-0002-01 100.00  RE-0002-02 200.00" in told


def test_it_stays_up_until_it_is_told_to_end(tmp_path: Path) -> None:
    with run_day(tmp_path, port=free_port()) as day:
        assert day.stdout is not None
        told = []
        for line in day.stdout:
            told.append(line)
            if "until Ctrl-C" in line:
                day.send_signal(signal.SIGINT)
        day.wait(30)
    assert day.returncode == 0, "".join(told)
    assert "Stopping; what was stored stays.\n" in told


def test_what_a_killed_start_left_behind_is_stopped_by_the_next(tmp_path: Path) -> None:
    port = free_port()
    with run_day(tmp_path, port=port) as day:
        assert day.stdout is not None
        for line in day.stdout:
            if "until Ctrl-C" in line:
                day.kill()
    with run_day(tmp_path, "--once", port=port) as day:
        told, _ = day.communicate(timeout=300)
    assert day.returncode == 0, told
