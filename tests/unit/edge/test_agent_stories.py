"""Hypothesis tells the agent stories: payments, deliveries, consumers, cuts, restarts in any order (PF-9)."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit.edge.cloud_truth import CloudTruth
from tests.unit.edge.shop import QUICK_DISK, PowerCut, Shop

DEVICES = st.sampled_from(["folder.sap.till", "folder.erp.till"])
CUTS = st.one_of(st.none(), st.integers(1, 45))
EXAMPLES = int(os.environ.get("TILLBRIDGE_EXAMPLES", "150"))


class AgentStories(RuleBasedStateMachine):
    """One agent with two devices that share a folder."""

    def __init__(self) -> None:
        super().__init__()
        self._root = TemporaryDirectory(dir=QUICK_DISK)
        self.shop = Shop(Path(self._root.name), CloudTruth())
        self.letters: list[dict[str, Any]] = []
        self.not_withdrawn: list[dict[str, Any]] = []
        self.number = 0

    @rule(device=DEVICES, arrives=st.booleans(), cut=CUTS)
    def payment(self, device: str, arrives: bool, cut: int | None) -> None:
        self.number += 1
        job = self.shop.truth.put(device, self.shop.folder, f"Bon-{self.number}.in")
        self.not_withdrawn.append(job)
        self.send(job, arrives, cut)

    @precondition(lambda self: self.not_withdrawn)
    @rule(data=st.data(), arrives=st.booleans(), cut=CUTS)
    def cancellation(self, data: st.DataObject, arrives: bool, cut: int | None) -> None:
        put = data.draw(st.sampled_from(self.not_withdrawn))
        self.not_withdrawn.remove(put)
        name = put["payload"]["name"]
        job = self.shop.truth.withdraw(put["device"], self.shop.folder, name, f"BLG-{name[4:-3]}.out")
        self.send(job, arrives, cut)

    @precondition(lambda self: self.letters)
    @rule(data=st.data(), again=st.booleans(), cut=CUTS)
    def late_delivery(self, data: st.DataObject, again: bool, cut: int | None) -> None:
        letter = data.draw(st.sampled_from(self.letters))
        self.letters.remove(letter)
        self.send(letter, True, cut)
        if again:
            self.letters.append(letter)

    @rule(cut=CUTS)
    def work(self, cut: int | None) -> None:
        self.until_cut(self.shop.work_off, cut)

    @rule(cut=CUTS)
    def catch_up(self, cut: int | None) -> None:
        self.until_cut(self.shop.catch_up_and_work, cut)

    @rule(cut=CUTS)
    def look_and_report(self, cut: int | None) -> None:
        self.until_cut(self.shop.look_and_report, cut)

    @rule(turned_back=st.integers(0, 3))
    def restart(self, turned_back: int) -> None:
        self.shop.restart(turned_back)

    @precondition(lambda self: self.shop.consumer.visible())
    @rule(data=st.data())
    def consumer_takes_one(self, data: st.DataObject) -> None:
        self.shop.consumer.take(data.draw(st.sampled_from(self.shop.consumer.visible())))

    @rule()
    def consumer_takes_all(self) -> None:
        self.shop.consumer.take_all()

    @invariant()
    def nothing_twice_nothing_half(self) -> None:
        assert self.shop.consumer.broken == []
        assert all(count == 1 for count in self.shop.consumer.names.values())

    def send(self, job: dict[str, Any], arrives: bool, cut: int | None) -> None:
        if arrives:
            self.until_cut(lambda: self.shop.deliver_and_work(job), cut)
        else:
            self.letters.append(job)

    def until_cut(self, act: Any, cut: int | None) -> None:
        """Do it; power fails at that moment, if it comes so far."""
        self.shop.power.back()
        self.shop.power.cut_at = cut
        try:
            act()
        except PowerCut:
            self.shop.restart(turned_back=self.number % 3)
        self.shop.power.back()

    def teardown(self) -> None:
        try:
            self.tell_the_end()
        finally:
            self.shop.notebook.close()
            self._root.cleanup()

    def tell_the_end(self) -> None:
        shop = self.shop
        shop.restart()
        shop.settle()
        shop.consumer.take_all()
        shop.settle()
        shop.prove_the_law()
        # A sighting may be told twice (power fails after the call), but not of a file that was never taken.
        seen = {(sighting.device, sighting.sequence): sighting.name for sighting in shop.truth.sightings}
        assert sorted(seen.values()) == sorted(shop.consumer.names)
        shop.restart()
        assert shop.private_files() == []


AgentStories.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAgentStories = AgentStories.TestCase
