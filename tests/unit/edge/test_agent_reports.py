"""Reports reach the cloud at last, and one that it refuses holds up no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.unit.edge.cloud_truth import CloudTruth
from tests.unit.edge.shop import Shop
from tillbridge_agent.errors import Refused, Unavailable
from tillbridge_agent.model import Answered, Sighting
from tillbridge_agent.reports import REFUSED_PAUSE_S, Reports

DEVICE = "folder.sap.till"


class FussyDesk(CloudTruth):
    """A cloud that refuses what concerns one sequence number, or everything, or is away."""

    refused = 0
    away = False

    def send_results(self, results: Sequence[Answered]) -> list[tuple[str, int]]:
        self._object(results)
        return super().send_results(results)

    def send_sightings(self, sightings: Sequence[Sighting]) -> None:
        self._object(sightings)
        super().send_sightings(sightings)

    def _object(self, rows: Sequence[Answered] | Sequence[Sighting]) -> None:
        assert len(rows) <= 25
        if self.away:
            raise Unavailable("no line")
        if any(row.sequence == self.refused for row in rows):
            raise Refused("unknown-job", 422)


@pytest.fixture
def desk() -> FussyDesk:
    return FussyDesk()


@pytest.fixture
def shop(tmp_path: Path, desk: FussyDesk) -> Iterator[Shop]:
    shop = Shop(tmp_path, desk)
    shop.deliver(*(desk.put(DEVICE, shop.folder, f"Bon-{n}.in") for n in range(1, 41)))
    shop.work_off()
    yield shop
    shop.notebook.close()


def test_forty_results_go_in_two_letters(shop: Shop, desk: FussyDesk) -> None:
    shop.reports.send()
    assert len(desk.results) == 40
    assert shop.notebook.results_to_report(99) == []


def test_without_a_line_everything_is_kept(shop: Shop, desk: FussyDesk) -> None:
    desk.away = True
    with pytest.raises(Unavailable):
        shop.reports.send()
    assert len(shop.notebook.results_to_report(99)) == 40
    desk.away = False
    shop.reports.send()
    assert len(desk.results) == 40


def test_a_refused_result_is_kept_and_tried_again_later(shop: Shop, desk: FussyDesk) -> None:
    clock = [0.0]
    reports = Reports(shop.notebook, desk, lambda: "now", "kasse-1", lambda: clock[0])
    desk.refused = 7
    reports.send()
    assert len(desk.results) == 39
    assert [result.sequence for result in shop.notebook.results_to_report(99)] == [7]
    desk.refused = 0
    reports.send()
    assert len(desk.results) == 39
    clock[0] += REFUSED_PAUSE_S + 1
    reports.send()
    assert len(desk.results) == 40


def test_a_refused_sighting_is_let_go(shop: Shop, desk: FussyDesk) -> None:
    shop.reports.send()
    shop.consumer.take_all()
    assert shop.watch.look() == (0, 40)
    desk.refused = 3
    shop.reports.send()
    assert len(desk.sightings) == 39
    assert shop.notebook.sightings_to_report(99) == []


def test_health_names_blocked_devices(shop: Shop, desk: FussyDesk) -> None:
    shop.notebook.note_problem(DEVICE, "disk-full", "The disk is full.", "2026-11-20T09:00:00.000Z")
    shop.reports.send_health()
    assert desk.health[-1]["blocked"] == [(DEVICE, "disk-full", "2026-11-20T09:00:00.000Z")]
    assert shop.notebook.clear_problem(DEVICE, of_messages=False)
    shop.reports.send_health()
    assert desk.health[-1]["blocked"] == []
