"""How long a file is on its way: from the answer to the till until it lies in the shop's folder."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.figures import MS, Figure, percentile
from bench.shop import Shop, payment
from local.caller import Caller
from local.cloud import LocalCloud
from local.shop import Consumer

MOST_S = 0.3
WARMING = 10
LOOK_AGAIN_S = 0.001
TIMEOUT_S = 30.0
LONGEST_PAUSE_S = 0.3
WORKSTATION = "till-1"


class NeverCame(Exception):
    """A file did not come to the folder."""


def measure(cloud: LocalCloud, shop: Shop, folder: Path, count: int) -> tuple[list[Figure], list[str]]:
    """Post payments as the till does, one after the other at uneven moments, and watch the folder."""
    agent = shop.open_workstation(WORKSTATION)
    till = shop.sign_in_till(WORKSTATION)
    cloud.wait_until_warm()
    agent.start()
    try:
        for place in range(WARMING):
            _one(till, Consumer(folder, folder.parent / "taken"), f"Warm-{place:04d}")
        times = _many(till, Consumer(folder, folder.parent / "taken"), count)
    finally:
        agent.stop()
        till.close()
    way_s = [after_s for _, after_s in times]
    answer_s = [answered_s for answered_s, _ in times]
    notes = [
        f"{count} payments; until in the folder: {_spread(way_s)}",
        f"the till's own wait for its answer: {_spread(answer_s)}",
    ]
    return [Figure.of_times("answer to the till → file in the folder", way_s, MOST_S)], notes


def _many(till: Caller, consumer: Consumer, count: int) -> list[tuple[float, float]]:
    pauses = random.Random(7)  # the same uneven moments in every run: none keeps step with anybody's polling
    times = []
    for place in range(count):
        time.sleep(pauses.uniform(0.0, LONGEST_PAUSE_S))
        times.append(_one(till, consumer, f"Bench-{place:04d}"))
    return times


def _one(till: Caller, consumer: Consumer, number: str) -> tuple[float, float]:
    """Seconds until the answer, and from then on until the file lay there (0 when it was quicker)."""
    started_s = time.monotonic()
    till.call("POST", "/payments", payment(number), key=number)
    answered_s = time.monotonic()
    name = f"{number}.in"
    _wait_until(lambda: consumer.sees(name), name)
    came_s = time.monotonic()
    consumer.take(name)
    return answered_s - started_s, came_s - answered_s


def _wait_until(seen: Callable[[], bool], name: str) -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while not seen():
        if time.monotonic() > deadline_s:
            raise NeverCame(f"{name} did not come within {TIMEOUT_S:.0f} s")
        time.sleep(LOOK_AGAIN_S)


def _spread(times_s: list[float]) -> str:
    return (
        f"median {median(times_s) * MS:.0f} ms, 95 % within {percentile(times_s, 0.95) * MS:.0f} ms, "
        f"longest {max(times_s) * MS:.0f} ms"
    )
