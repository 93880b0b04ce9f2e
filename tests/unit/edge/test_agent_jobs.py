"""What each kind of job does in each situation of the shop."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.edge.cloud_truth import CloudTruth, content_of, file_payload
from tests.unit.edge.shop import Shop

DEVICE = "folder.sap.till"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, CloudTruth())
    yield shop
    shop.notebook.close()


def outcome(shop: Shop, job: dict[str, Any]) -> str | None:
    shop.settle()
    return shop.truth.outcome(job)


def test_a_file_is_put_once_with_its_content(shop: Shop) -> None:
    job = shop.truth.put(DEVICE, shop.folder, "Bon-01-0019-19.in")
    shop.deliver(job)
    shop.deliver(job)
    assert outcome(shop, job) == "done"
    assert (shop.folder / "Bon-01-0019-19.in").read_bytes() == content_of("Bon-01-0019-19.in")
    shop.consumer.take_all()
    shop.deliver(job)
    shop.restart()
    shop.settle()
    assert shop.consumer.visible() == []


def test_a_withdrawal_in_time_leaves_nothing(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    assert outcome(shop, job) == "withdrawn"
    assert list(shop.folder.iterdir()) == []
    assert shop.truth.sightings == []


def test_a_withdrawal_too_late_puts_the_counter_file(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.consumer.take_all()
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    assert outcome(shop, job) == "gone"
    assert shop.consumer.visible() == ["BLG-1.out"]
    assert [(seen.sequence, seen.name) for seen in shop.truth.sightings] == [(1, "Bon-1.in")]
    shop.consumer.take_all()
    shop.settle()
    assert [(seen.sequence, seen.name) for seen in shop.truth.sightings] == [
        (1, "Bon-1.in"),
        (2, "BLG-1.out"),
    ]


def test_what_is_decided_stays_decided_when_the_consumer_gives_the_file_back(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    (shop.folder / "Bon-1.in").rename(shop.root / "held")
    (shop.folder / "BLG-1.out").write_text("foreign")
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    assert outcome(shop, job) is None
    assert shop.problems == {DEVICE: "name-occupied"}
    (shop.root / "held").rename(shop.folder / "Bon-1.in")
    (shop.folder / "BLG-1.out").unlink()
    shop.restart()
    assert outcome(shop, job) == "gone"
    assert shop.consumer.visible() == ["BLG-1.out", "Bon-1.in"]


def test_the_watch_does_not_mistake_a_withdrawal_for_a_consumer(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.deliver(shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out"))
    private = shop.folders.private_name(DEVICE, 2, "withdrawn")
    assert shop.folders.take_back(str(shop.folder), private, "Bon-1.in").won
    shop.watch.look()
    assert shop.notebook.sightings_to_report(9) == []
    shop.settle()
    assert shop.truth.results[DEVICE, 2][0] == "withdrawn"
    assert shop.truth.sightings == []


def test_a_foreign_file_is_never_overwritten_and_only_its_device_waits(shop: Shop) -> None:
    (shop.folder / "Bon-1.in").write_text("foreign")
    blocked = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    behind = shop.truth.put(DEVICE, shop.folder, "Bon-2.in")
    free = shop.truth.put("folder.erp.till", shop.folder, "Bon-3.in")
    shop.settle()
    assert shop.problems == {DEVICE: "name-occupied"}
    assert [shop.truth.outcome(job) for job in (blocked, behind, free)] == [None, None, "done"]
    assert (shop.folder / "Bon-1.in").read_text() == "foreign"
    (shop.folder / "Bon-1.in").unlink()
    shop.settle()
    assert [shop.truth.outcome(job) for job in (blocked, behind)] == ["done", "done"]


def test_a_foreign_file_that_comes_after_staging_is_not_overwritten(shop: Shop) -> None:
    private = shop.folders.private_name(DEVICE, 1, "part")
    shop.folders.stage(str(shop.folder), private, "Bon-1.in", b"ours")
    (shop.folder / "Bon-1.in").write_text("foreign")
    with pytest.raises(OSError, match="exists"):
        shop.disk.rename(shop.folder / private, shop.folder / "Bon-1.in")
    assert (shop.folder / "Bon-1.in").read_text() == "foreign"


def test_a_missing_folder_blocks_and_nothing_is_decided(shop: Shop) -> None:
    put = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    shop.folder.rename(shop.root / "unplugged")
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out")
    assert outcome(shop, job) is None
    assert shop.problems == {DEVICE: "folder-missing"}
    assert shop.truth.sightings == []
    (shop.root / "unplugged").rename(shop.folder)
    assert outcome(shop, job) == "withdrawn"
    assert shop.truth.outcome(put) == "done"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EACCES, "folder-not-writable"),
        (errno.EROFS, "folder-not-writable"),
        (errno.EIO, "disk-error"),
    ],
)
@pytest.mark.parametrize("act", ["write", "rename", "sync"])
def test_what_the_disk_refuses_blocks_and_goes_on_later(
    shop: Shop, act: str, code: int, problem: str
) -> None:
    def refuse(now: str, path: Path) -> None:
        if now == act:
            raise OSError(code, "refused", str(path))

    shop.disk.refuse = refuse
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    assert outcome(shop, job) is None
    assert shop.problems == {DEVICE: problem}
    shop.disk.refuse = lambda *_: None
    assert outcome(shop, job) == "done"
    shop.consumer.take_all()
    assert shop.consumer.names == {"Bon-1.in": 1}


def test_an_inherited_file_is_recognised_by_its_content(shop: Shop) -> None:
    (shop.folder / "Bon-1.in").write_bytes(content_of("Bon-1.in"))
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in", inherited=True)
    assert outcome(shop, job) == "done"
    assert shop.consumer.visible() == ["Bon-1.in"]


@pytest.mark.parametrize("there", [b"", b"another content"])
def test_an_inherited_file_that_is_not_there_is_in_doubt_and_not_put(shop: Shop, there: bytes) -> None:
    if there:
        (shop.folder / "Bon-1.in").write_bytes(there)
    job = shop.truth.put(DEVICE, shop.folder, "Bon-1.in", inherited=True)
    assert outcome(shop, job) == "in_doubt"
    assert len(shop.consumer.visible()) == bool(there)


def test_an_inherited_withdrawal_takes_what_is_there(shop: Shop) -> None:
    (shop.folder / "Bon-1.in").write_bytes(content_of("Bon-1.in"))
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out", inherited=True)
    assert outcome(shop, job) == "withdrawn"
    assert list(shop.folder.iterdir()) == []


def test_an_inherited_withdrawal_begun_by_the_predecessor_is_recognised(shop: Shop) -> None:
    private = shop.folders.private_name(DEVICE, 1, "withdrawn")
    (shop.folder / private).write_bytes(content_of("Bon-1.in"))
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out", inherited=True)
    assert outcome(shop, job) == "withdrawn"
    assert list(shop.folder.iterdir()) == []


def test_an_inherited_withdrawal_of_an_unknown_absent_file_is_in_doubt(shop: Shop) -> None:
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out", inherited=True)
    assert outcome(shop, job) == "in_doubt"
    assert shop.consumer.visible() == []


@pytest.mark.parametrize("inherited", [False, True])
def test_a_withdrawal_of_a_file_in_doubt_is_in_doubt(shop: Shop, inherited: bool) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in", inherited=True)
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out", inherited=inherited)
    assert outcome(shop, job) == "in_doubt"
    assert shop.consumer.visible() == []


def test_an_inherited_withdrawal_of_a_file_this_agent_knows_is_gone(shop: Shop) -> None:
    (shop.folder / "Bon-1.in").write_bytes(content_of("Bon-1.in"))
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in", inherited=True)
    shop.settle()
    shop.consumer.take_all()
    job = shop.truth.withdraw(DEVICE, shop.folder, "Bon-1.in", "BLG-1.out", inherited=True)
    assert outcome(shop, job) == "gone"
    assert shop.consumer.visible() == ["BLG-1.out"]


def test_a_folder_is_checked(shop: Shop) -> None:
    (shop.root / "file").write_text("")
    answers = {
        str(shop.folder): ("done", ""),
        str(shop.root / "nowhere"): ("refused", "folder-missing"),
        str(shop.root / "file"): ("refused", "folder-not-a-directory"),
        "Payments": ("refused", "folder-not-absolute"),
    }
    for folder in answers:
        shop.truth.add("workstation", "check_folder", {"folder": folder})
    shop.settle()
    assert [shop.truth.results["workstation", sequence] for sequence in range(1, 5)] == list(answers.values())
    assert list(shop.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(shop: Shop) -> None:
    def refuse(now: str, path: Path) -> None:
        raise PermissionError(errno.EACCES, "no", str(path))

    shop.disk.refuse = refuse
    shop.truth.add("workstation", "check_folder", {"folder": str(shop.folder)})
    shop.settle()
    assert shop.truth.results["workstation", 1] == ("refused", "folder-not-writable")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"folder": "relative"},
        {"name": "Bon-1.txt"},
        {"name": "../Bon-1.in"},
        {"name": "a\\b.in"},
        {"name": "c:x.in"},
        {"name": "CON.in"},
        {"name": "lpt1.x.out"},
        {"name": ".tillbridge-1.in"},
        {"name": ".in"},
        {"name": "x .in"},
        {"name": "x\n.in"},
        {"name": "é" * 125 + ".in"},
        {"content_base64": "%%%"},
        {"content_base64": "AAAA"},
        {"sha256": "0" * 64},
    ],
)
def test_a_malformed_job_is_loud_and_blocks_its_device(shop: Shop, payload: dict[str, str]) -> None:
    good = {"folder": str(shop.folder), **file_payload("Bon-1.in", b"x")}
    bad = shop.truth.add(DEVICE, "put_file", {**good, **payload} if payload else payload)
    shop.truth.put(DEVICE, shop.folder, "Bon-2.in")
    shop.settle()
    assert shop.problems[DEVICE] in {"job-malformed", "folder-not-absolute"}
    assert shop.truth.outcome(bad) is None
    assert list(shop.folder.iterdir()) == []


def test_a_kind_that_this_agent_does_not_know_waits_for_an_update(shop: Shop) -> None:
    shop.truth.add("printer.1", "print_receipt", {})
    shop.settle()
    assert shop.problems == {"printer.1": "kind-unknown"}


def test_leftovers_of_dead_runs_are_removed_and_strange_files_are_not(shop: Shop) -> None:
    shop.truth.put(DEVICE, shop.folder, "Bon-1.in")
    shop.settle()
    ours = shop.folder / shop.folders.private_name(DEVICE, 1, "part")
    kept = [
        shop.folder / shop.folders.private_name(DEVICE, 2, "withdrawn"),
        shop.folder / shop.folders.private_name("folder.other.one", 1, "part"),
        shop.folder / ".tillbridge-notes.txt",
        shop.folder / "list.txt",
    ]
    for file in (ours, *kept):
        file.write_text("x")
    shop.restart()
    assert not ours.exists()
    assert all(file.exists() for file in kept)


def test_only_allowed_folders(shop: Shop) -> None:
    from tillbridge_agent.errors import Blocked
    from tillbridge_agent.folders import Folders

    inside, outside = shop.folder / "in", shop.root / "out"
    inside.mkdir()
    outside.mkdir()
    (shop.folder / "link").symlink_to(outside)
    folders = Folders(shop.disk, "01/till-1", [shop.folder])
    assert folders.ready(str(inside)) == inside
    for folder in (outside, shop.folder / "link", shop.folder / ".." / "out"):
        with pytest.raises(Blocked, match="folder-not-allowed"):
            folders.ready(str(folder))
