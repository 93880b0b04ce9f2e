"""Power fails at every moment of putting and withdrawing, once and twice: the law holds (PF-9, DV-5)."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.unit.edge.cloud_truth import CloudTruth
from tests.unit.edge.shop import QUICK_DISK, PowerCut, Shop

DEVICE = "folder.sap.till"
Story = Callable[[Shop], None]


def put_only(shop: Shop) -> None:
    shop.deliver(shop.truth.put(DEVICE, shop.folder, "Bon-1.in"))
    shop.work_off()
    shop.reports.send()


def withdrawn_in_time(shop: Shop) -> None:
    put_only(shop)
    shop.deliver(shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out"))
    shop.work_off()
    shop.reports.send()


def withdrawn_too_late(shop: Shop) -> None:
    put_only(shop)
    shop.consumer.take("Bon-1.in")
    shop.watch.look()
    shop.deliver(shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out"))
    shop.work_off()
    shop.reports.send()


def begin(root: Path, story: Story, cut_at: int | None) -> tuple[Shop, bool]:
    """Play the story until the cut; whether it came to its end."""
    shop = Shop(root, CloudTruth())
    shop.power.back()
    shop.power.cut_at = cut_at
    try:
        story(shop)
    except PowerCut:
        return shop, False
    return shop, True


def finish(shop: Shop) -> None:
    shop.settle()
    shop.consumer.take_all()
    shop.settle()
    shop.prove_the_law()
    shop.restart()
    assert shop.private_files() == []
    assert shop.notebook.open_jobs() == []
    shop.notebook.close()


def moments(story: Story) -> int:
    with TemporaryDirectory(dir=QUICK_DISK) as root:
        shop, ended = begin(Path(root), story, None)
        assert ended
        shop.notebook.close()
        return shop.power.moments


@pytest.mark.parametrize("story", [put_only, withdrawn_in_time, withdrawn_too_late])
def test_power_fails_once_at_every_moment(story: Story) -> None:
    for cut_at in range(1, moments(story) + 1):
        for consumer_is_quick, turned_back in itertools.product([False, True], [0, 1, 9]):
            with TemporaryDirectory(dir=QUICK_DISK) as root:
                shop, _ = begin(Path(root), story, cut_at)
                if consumer_is_quick:
                    shop.consumer.take_all()
                shop.restart(turned_back)
                finish(shop)


@pytest.mark.parametrize("story", [put_only, withdrawn_in_time, withdrawn_too_late])
def test_power_fails_again_during_recovery(story: Story) -> None:
    for cut_at in range(1, moments(story) + 1):
        for cut_again_at in itertools.count(1):
            with TemporaryDirectory(dir=QUICK_DISK) as root:
                shop, _ = begin(Path(root), story, cut_at)
                shop.power.back()
                shop.power.cut_at = cut_again_at
                shop.notebook.close()
                shop.disk.turn_back(1)
                try:
                    shop.start()
                    shop.settle()
                    recovered = True
                except PowerCut:
                    recovered = False
                shop.restart(turned_back=cut_again_at % 3)
                finish(shop)
            if recovered:
                break


@pytest.mark.parametrize("story", [put_only, withdrawn_in_time, withdrawn_too_late])
@pytest.mark.parametrize("consumer_is_quick", [False, True])
def test_power_fails_at_every_moment_and_the_folder_is_made_anew(
    story: Story, consumer_is_quick: bool
) -> None:
    """What was not noted as ended by then is answered by what the consumer could take, or is in doubt."""
    for cut_at in range(1, moments(story) + 1):
        with TemporaryDirectory(dir=QUICK_DISK) as root:
            shop, _ = begin(Path(root), story, cut_at)
            if consumer_is_quick:
                shop.consumer.take_all()
            shop.power.back()
            ended = shop.notebook.finished_through(DEVICE) or 0
            shutil.rmtree(shop.folder)
            shop.folder.mkdir()
            shop.restart()
            shop.settle()
            shop.consumer.take_all()
            answers = [shop.truth.outcome(job) for job in shop.truth.queues[DEVICE]]
            taken = shop.consumer.names
            assert max(taken.values(), default=0) <= 1
            assert None not in answers
            if ended < 1 and answers[0] == "done" and "withdrawn" not in answers:
                assert taken["Bon-1.in"] == 1
            if ended < 2 and "gone" in answers:
                assert taken["Bon-1.in"] == taken["BLG-1.out"] == 1
            if "withdrawn" in answers:
                assert not taken
            shop.notebook.close()


def test_every_moment_is_really_tried() -> None:
    """The stories pass through all kinds of moments, so the tests above mean what they say."""
    with TemporaryDirectory(dir=QUICK_DISK) as root:
        shop, _ = begin(Path(root), withdrawn_too_late, None)
        assert {
            "before write", "half written", "after write", "before sync", "after sync", "before rename",
            "after rename", "before commit", "after commit",
        } <= set(shop.power.trace)  # fmt: skip
        shop.notebook.close()
