"""Order, repeats, gaps and beginnings: what the notebook and the catch-up make of messages (DV-6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.edge.cloud_truth import CloudTruth
from tests.unit.edge.shop import Shop
from tillbridge_agent.errors import NotReady
from tillbridge_agent.notebook import Notebook

DEVICE = "folder.sap.till"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, CloudTruth())
    yield shop
    shop.notebook.close()


def finished(shop: Shop) -> list[int]:
    return [result.sequence for result in shop.notebook.results_to_report(99)]


def test_an_overtaking_job_waits_until_the_gap_is_fetched(shop: Shop) -> None:
    one, two, three = (shop.truth.put(DEVICE, shop.folder, f"Bon-{n}.in") for n in (1, 2, 3))
    assert not shop.deliver(one)
    assert shop.deliver(three)
    shop.work_off()
    assert finished(shop) == [1]
    assert not shop.deliver(two)
    shop.work_off()
    assert finished(shop) == [1, 2, 3]


def test_a_stranger_waits_until_the_cloud_says_where_it_begins(shop: Shop) -> None:
    for n in range(1, 4):
        shop.truth.put(DEVICE, shop.folder, f"Bon-{n}.in")
    shop.truth.results[DEVICE, 1] = shop.truth.results[DEVICE, 2] = ("done", "")
    assert shop.deliver(shop.truth.queues[DEVICE][2])
    assert shop.deliver(shop.truth.queues[DEVICE][1])
    shop.work_off()
    assert finished(shop) == []
    shop.catch_up.catch_up()
    shop.work_off()
    assert finished(shop) == [3]
    assert shop.consumer.visible() == ["Bon-3.in"]
    assert not shop.deliver(shop.truth.queues[DEVICE][0])
    shop.work_off()
    assert finished(shop) == [3]


def test_an_inherited_first_job_does_not_begin_a_device(shop: Shop) -> None:
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in", inherited=True)
    assert shop.deliver(job)
    assert shop.notebook.noted_through(DEVICE) is None


def test_weeks_away_are_fetched_page_by_page(shop: Shop) -> None:
    for n in range(250):
        shop.truth.put(DEVICE, shop.folder, f"Bon-{n}.in")
    shop.settle()
    assert shop.truth.answered(DEVICE) == 250
    assert len(shop.consumer.visible()) == 250


def test_a_notebook_older_than_the_cloud_stops_its_device(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.truth.put(DEVICE, shop.folder, "Bon-2.in")
    shop.truth.results[DEVICE, 2] = ("done", "")
    shop.catch_up.catch_up()
    assert shop.problems == {DEVICE: "notebook-outdated"}
    assert shop.notebook.noted_through(DEVICE) == 1


def test_a_hole_in_the_cloud_holds_up_its_device_alone(shop: Shop) -> None:
    for n in (1, 2):
        shop.truth.put(DEVICE, shop.folder, f"Bon-{n}.in")
    other = shop.truth.put("folder.erp.till", shop.folder, "Bon-9.in")
    shop.truth.queues[DEVICE][0] = shop.truth.queues[DEVICE][1]
    shop.catch_up.catch_up()
    assert shop.problems == {DEVICE: "message-unreadable"}
    shop.settle()
    assert shop.truth.outcome(other) == "done"


def test_results_wait_until_they_are_accepted(shop: Shop) -> None:
    shop.deliver(shop.truth.put(DEVICE, shop.folder, "Bon-1.in"))
    shop.work_off()
    shop.restart()
    assert finished(shop) == [1]
    shop.notebook.results_accepted([(DEVICE, 1)])
    shop.restart()
    assert finished(shop) == []


def test_old_bodies_are_emptied_but_repeats_are_known_for_ever(shop: Shop) -> None:
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    assert shop.notebook.empty_bodies("2026-11-20T08:00:00.000Z") == 0
    assert shop.notebook.empty_bodies("2027-03-01T00:00:00.000Z") == 1
    shop.consumer.take_all()
    shop.deliver(job)
    shop.settle()
    assert shop.consumer.visible() == []


def test_a_broken_notebook_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "notebook.sqlite3").write_text("no database" * 100)
    with pytest.raises(NotReady, match="notebook-broken"):
        Notebook(tmp_path / "notebook.sqlite3")
