"""The real agent process is killed (kill -9) at random moments while jobs flow and a consumer takes files.

Nothing may be lost, nothing done twice, no file half there (PF-9, PF-11, DV-5). `TILLBRIDGE_KILLS` says how
often (200), `TILLBRIDGE_SEED` repeats the same moments.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.faults.agent_counterpart import CODE, Counterpart
from tests.unit.edge.cloud_truth import CloudTruth
from tests.unit.edge.shop import Shop

EDGE = Path(__file__).parents[2] / "edge"
KILLS = int(os.environ.get("TILLBRIDGE_KILLS", "200"))
SEED = int(os.environ.get("TILLBRIDGE_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
DEVICES = ("folder.sap.till", "folder.erp.till", "folder.own.till")
SETTLED_WITHIN_S = 60.0


def agent(*arguments: str, state: Path, counterpart: Counterpart) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tillbridge_agent", *arguments, "--folder", str(state)]
    environment = {**os.environ, **counterpart.environment(), "PYTHONPATH": str(EDGE)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Traffic(threading.Thread):
    """Payments and cancellations, delivered badly: late, twice, in the wrong order, sometimes not at all."""

    def __init__(self, counterpart: Counterpart, folder: Path, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._counterpart = counterpart
        self._folder = folder
        self._chance = chance
        self.over = threading.Event()
        self.told = 0

    def run(self) -> None:
        while not self.over.wait(self._chance.uniform(0.02, 0.1)):
            self._payment(self.told + 1)
            self.told += 1

    def _payment(self, number: int) -> None:
        truth, device = self._counterpart.truth, self._chance.choice(DEVICES)
        name = f"Bon-{number}.in"
        jobs = [truth.put(device, self._folder, name)]
        if self._chance.random() < 0.5:
            jobs.append(truth.withdraw(device, self._folder, name, f"BLG-{number}.out"))
            if self._chance.random() < 0.2:
                jobs.reverse()
        for job in jobs:
            if self._chance.random() < 0.9:
                self._counterpart.send(job)
            if self._chance.random() < 0.2:
                self._counterpart.send(job, copy=1)


class Till(threading.Thread):
    """The consumer: takes whatever it sees, now and then after a pause."""

    def __init__(self, shop: Shop, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._shop = shop
        self._chance = chance
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(self._chance.uniform(0.0, 0.3)):
            for name in self._shop.consumer.visible():
                if self._chance.random() < 0.6:
                    self._shop.consumer.take(name)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills")
    state = tmp_path / "state"
    with Counterpart(CloudTruth()) as counterpart:
        shop = Shop(tmp_path, counterpart.truth)
        shop.notebook.close()
        assert (
            agent("enrol", CODE, "--api", counterpart.api, state=state, counterpart=counterpart).wait(30) == 0
        )
        traffic = Traffic(counterpart, shop.folder, random.Random(SEED + 1))
        till = Till(shop, random.Random(SEED + 2))
        traffic.start()
        till.start()
        for _ in range(KILLS):
            process = agent("run", state=state, counterpart=counterpart)
            time.sleep(chance.uniform(0.1, 0.75))
            assert process.poll() is None, "the agent ended by itself"
            process.kill()
            process.wait()
        traffic.over.set()
        traffic.join()
        print(f"{len(counterpart.truth.results)} jobs answered between the kills")
        process = agent("run", state=state, counterpart=counterpart)
        wait_until_settled(counterpart.truth)
        till.over.set()
        till.join()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        jobs = sum(len(queue) for queue in counterpart.truth.queues.values())
        print(f"{jobs} jobs, {sum(shop.consumer.names.values())} files taken")
        shop.consumer.take_all()
        shop.prove_the_law()
        assert shop.private_files() == []
        assert jobs > KILLS


def wait_until_settled(truth: CloudTruth) -> None:
    """Until the last agent has answered every job."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while any(news.answered_sequence < news.last_sequence for news in truth.devices()):
        assert time.monotonic() < deadline, "not all jobs were answered"
        time.sleep(0.05)
