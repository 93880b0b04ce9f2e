"""A folder made anew, emptied or exchanged takes files with it: that delivers nothing (PF-9)."""

from __future__ import annotations

import ctypes
import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.edge.cloud_truth import CloudTruth, content_of
from tests.unit.edge.shop import PowerCut, Shop
from tillbridge_agent.disks.posix import PosixDisk

DEVICE = "folder.sap.till"
Exchange = Callable[[Shop], None]
Cut = Callable[[Shop, str], None]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, CloudTruth())
    yield shop
    shop.notebook.close()


def made_anew(shop: Shop) -> None:
    """The new folder gets, on ext4, the number of the old one."""
    shutil.rmtree(shop.folder)
    shop.folder.mkdir()


def other_volume(shop: Shop) -> None:
    shop.folder.rename(shop.root / "unplugged")
    shop.folder.mkdir()


def old_volume_again(shop: Shop) -> None:
    shop.folder.rename(shop.root / "plugged by mistake")
    (shop.root / "unplugged").rename(shop.folder)


def clear_private_files(shop: Shop) -> None:
    for private in shop.private_files():
        (shop.folder / private).unlink()


def cut_before_reveal(shop: Shop, name: str) -> None:
    cut_when(shop, lambda act, path: act == "rename" and path.name.endswith(".part"))


def cut_after_reveal(shop: Shop, name: str) -> None:
    cut_when(shop, lambda act, path: act == "sync" and (path / name).exists())


def cut_after_taking_back(shop: Shop) -> None:
    cut_when(shop, lambda act, path: act == "sync" and any(path.glob("*.withdrawn")))


def cut_when(shop: Shop, moment: Callable[[str, Path], bool]) -> None:
    def refuse(act: str, path: Path) -> None:
        if moment(act, path):
            raise PowerCut(act)

    shop.disk.refuse = refuse
    with pytest.raises(PowerCut):
        shop.settle()


def lock_private_files(shop: Shop) -> None:
    """A virus scanner holds what we stage."""

    def refuse(now: str, path: Path) -> None:
        if now == "rename" and path.name.endswith(".part"):
            raise OSError(errno.EBUSY, "in use", str(path))

    shop.disk.refuse = refuse


def result(shop: Shop, job: dict[str, Any]) -> tuple[str, str]:
    return shop.truth.results[job["device"], job["sequence"]]


def collected_then_cancelled(shop: Shop) -> dict[str, Any]:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.consumer.take_all()
    return shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")


@pytest.mark.parametrize("exchange", [made_anew, other_volume])
def test_the_disk_tells_folders_apart(shop: Shop, exchange: Exchange) -> None:
    before = PosixDisk().identity(shop.folder)
    assert before is not None
    (shop.folder / "a file").touch()
    assert PosixDisk().identity(shop.folder) == before
    exchange(shop)
    assert PosixDisk().identity(shop.folder) not in {before, None}
    assert PosixDisk().identity(shop.folder / "nothing") is None
    assert PosixDisk().identity(shop.folder.parent / "notebook.sqlite3") is None


def test_without_a_moment_of_birth_volume_and_number_tell(shop: Shop) -> None:
    disk, found = PosixDisk(), shop.folder.stat()

    def not_permitted(*_: object) -> int:
        ctypes.set_errno(errno.EPERM)
        return -1

    for statx in (None, not_permitted):
        disk._statx = statx
        assert disk.identity(shop.folder) == f"{found.st_dev:x}-{found.st_ino:x}"


@pytest.mark.parametrize("exchange", [made_anew, other_volume])
@pytest.mark.parametrize("cut", [cut_before_reveal, cut_after_reveal])
def test_a_put_whose_folder_was_exchanged_is_in_doubt(shop: Shop, exchange: Exchange, cut: Cut) -> None:
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.deliver(job)
    cut(shop, "Bon-1.in")
    exchange(shop)
    shop.restart()
    shop.settle()
    assert result(shop, job) == ("in_doubt", "folder-changed")
    assert shop.consumer.visible() == []
    cancelled = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    shop.settle()
    assert result(shop, cancelled) == ("in_doubt", "file-absent")
    assert shop.consumer.visible() == []


def test_a_put_is_done_when_its_folder_came_back_in_time(shop: Shop) -> None:
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    cut_before_reveal(shop, "Bon-1.in")
    other_volume(shop)
    old_volume_again(shop)
    shop.restart()
    shop.settle()
    assert result(shop, job)[0] == "done"
    assert shop.consumer.visible() == ["Bon-1.in"]


@pytest.mark.parametrize("visible", [False, True])
def test_a_put_that_moved_with_its_folders_content_is_done(shop: Shop, visible: bool) -> None:
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    (cut_after_reveal if visible else cut_before_reveal)(shop, "Bon-1.in")
    other_volume(shop)
    for file in (shop.root / "unplugged").iterdir():
        file.rename(shop.folder / file.name)
    shop.restart()
    shop.settle()
    assert result(shop, job)[0] == "done"
    shop.consumer.take_all()
    assert shop.consumer.names == {"Bon-1.in": 1}
    assert shop.consumer.broken == []


@pytest.mark.parametrize("exchange", [made_anew, other_volume, clear_private_files])
@pytest.mark.parametrize("counter", [False, True])
def test_what_was_blocked_before_it_was_visible_is_put_anew(
    shop: Shop, exchange: Exchange, counter: bool
) -> None:
    if counter:
        job, name = collected_then_cancelled(shop), "BLG-1.out"
    else:
        job, name = shop.truth.put(DEVICE, shop.folder, "Bon-1.in"), "Bon-1.in"
    lock_private_files(shop)
    shop.settle()
    assert shop.problems == {DEVICE: "disk-error"}
    exchange(shop)
    shop.restart()
    shop.settle()
    assert result(shop, job)[0] == ("gone" if counter else "done")
    assert shop.consumer.visible() == [name]


@pytest.mark.parametrize("exchange", [made_anew, other_volume])
@pytest.mark.parametrize("cut", [cut_before_reveal, cut_after_reveal])
def test_a_counter_file_whose_folder_was_exchanged_is_in_doubt(
    shop: Shop, exchange: Exchange, cut: Cut
) -> None:
    job = collected_then_cancelled(shop)
    shop.deliver(job)
    cut(shop, "BLG-1.out")
    exchange(shop)
    shop.restart()
    shop.settle()
    assert result(shop, job) == ("in_doubt", "counter-folder-changed")
    assert shop.consumer.visible() == []
    assert [seen.name for seen in shop.truth.sightings] == ["Bon-1.in"]


@pytest.mark.parametrize("exchange", [made_anew, other_volume])
@pytest.mark.parametrize("won_before", [False, True])
def test_a_withdrawal_from_an_exchanged_folder_is_in_doubt(
    shop: Shop, exchange: Exchange, won_before: bool
) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    if won_before:
        cut_after_taking_back(shop)
    exchange(shop)
    shop.restart()
    shop.settle()
    assert result(shop, job) == ("in_doubt", "folder-changed")
    assert shop.consumer.visible() == []
    assert shop.truth.sightings == []


def test_a_file_seen_to_be_collected_before_is_gone_in_every_folder(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.consumer.take_all()
    shop.settle()
    made_anew(shop)
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    shop.settle()
    assert result(shop, job)[0] == "gone"
    assert shop.consumer.visible() == ["BLG-1.out"]


def test_a_file_that_lies_in_the_new_folder_is_withdrawn_from_it(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    other_volume(shop)
    (shop.folder / "Bon-1.in").write_bytes(content_of("Bon-1.in"))
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    shop.settle()
    assert result(shop, job)[0] == "withdrawn"
    assert list(shop.folder.iterdir()) == []


def test_what_vanished_with_its_folder_was_not_collected(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    other_volume(shop)
    assert shop.watch.look() == (1, 0)
    old_volume_again(shop)
    assert shop.watch.look() == (1, 0)
    shop.consumer.take_all()
    assert shop.watch.look() == (0, 1)


def test_a_file_that_moved_with_its_folder_is_watched_there(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    other_volume(shop)
    (shop.root / "unplugged" / "Bon-1.in").rename(shop.folder / "Bon-1.in")
    assert shop.watch.look() == (1, 0)
    shop.consumer.take_all()
    assert shop.watch.look() == (0, 1)


def test_a_folder_that_cannot_be_read_keeps_the_watch_waiting(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.folder.rename(shop.root / "unplugged")
    assert shop.watch.look() == (1, 0)


@pytest.mark.parametrize("step", ["staged", "gone_staged"])
@pytest.mark.parametrize("lies_there", ["private", "visible", "nothing"])
def test_a_notebook_of_an_earlier_agent_is_read(shop: Shop, step: str, lies_there: str) -> None:
    """It noted no folders: what is there proves itself, what is not there is in doubt."""
    if step == "staged":
        job, name = shop.truth.put(DEVICE, shop.folder, "Bon-1.in"), "Bon-1.in"
    else:
        job, name = collected_then_cancelled(shop), "BLG-1.out"
    cut_before_reveal(shop, name)
    as_an_earlier_agent_left_it(shop, step)
    private = shop.folder / shop.private_files()[0]
    if lies_there == "visible":
        private.rename(shop.folder / name)
    elif lies_there == "nothing":
        private.unlink()
    shop.restart()
    shop.settle()
    if lies_there == "nothing":
        assert result(shop, job)[0] == "in_doubt"
        assert shop.consumer.visible() == []
    else:
        assert result(shop, job)[0] == ("done" if step == "staged" else "gone")
        assert shop.consumer.visible() == [name]
        assert (shop.folder / name).read_bytes() == content_of(name)


def as_an_earlier_agent_left_it(shop: Shop, step: str = "noted") -> None:
    shop.notebook.close()
    notebook = sqlite3.connect(shop.root / "notebook.sqlite3")
    with notebook:
        notebook.execute("UPDATE jobs SET step = ? WHERE outcome IS NULL", [step])
        notebook.execute("ALTER TABLE files DROP COLUMN folder_id")
    notebook.close()


def test_files_that_an_earlier_agent_put_are_taken_to_be_in_the_same_folder(shop: Shop) -> None:
    job = collected_then_cancelled(shop)
    as_an_earlier_agent_left_it(shop)
    shop.restart()
    assert [file.folder_id for file in shop.notebook.watched_files()] == [""]
    shop.settle()
    assert result(shop, job)[0] == "gone"
