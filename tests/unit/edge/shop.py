"""A shop for tests: the agent's real code without threads, a disk that loses power, and a consumer."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.edge.cloud_truth import CloudTruth, content_of
from tillbridge_agent.catch_up import CatchUp
from tillbridge_agent.devices import DeviceWork, remove_leftovers
from tillbridge_agent.disks.posix import PosixDisk
from tillbridge_agent.errors import Blocked, Malformed
from tillbridge_agent.folders import Folders
from tillbridge_agent.model import PRIVATE_PREFIX, Envelope
from tillbridge_agent.notebook import Notebook
from tillbridge_agent.reports import Reports
from tillbridge_agent.sightings import Watch
from tillbridge_agent.words import Speaker

QUICK_DISK = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  only tests' own folders in it
"""Where syncing costs nothing: these tests cut the power themselves, some ten thousand times."""


class PowerCut(BaseException):
    """The PC is dark: no `except Exception` of the agent may see it."""


class Power:
    """Counts every moment at which power can fail, and fails at the chosen one and ever after."""

    def __init__(self) -> None:
        self.moments = 0
        self.cut_at: int | None = None
        self.trace: list[str] = []

    def moment(self, what: str) -> None:
        self.moments += 1
        self.trace.append(what)
        if self.cut_at is not None and self.moments >= self.cut_at:
            raise PowerCut(what)

    def back(self) -> None:
        self.moments, self.cut_at = 0, None
        self.trace.clear()


class FailingDisk(PosixDisk):
    """The real disk; power may fail before, in and after each act, and names not yet synced may turn back."""

    def __init__(self, power: Power) -> None:
        super().__init__()
        self._power = power
        self._unsynced: list[tuple[Path, Callable[[], None]]] = []
        self.refuse: Callable[[str, Path], None] = lambda *_: None

    def write(self, path: Path, content: bytes) -> None:
        self.refuse("write", path)
        self._power.moment("before write")
        fresh = not path.exists()
        path.write_bytes(content[: len(content) // 2])
        if fresh:
            self._unsynced.append((path.parent, lambda: path.unlink(missing_ok=True)))
        self._power.moment("half written")
        super().write(path, content)
        self._power.moment("after write")

    def rename(self, old: Path, new: Path) -> None:
        self.refuse("rename", old)
        self._power.moment("before rename")
        super().rename(old, new)

        def back() -> None:
            # A consumer that took the file has made its own rename durable, and ours with it.
            if new.exists() and not old.exists():
                new.rename(old)

        self._unsynced.append((old.parent, back))
        self._power.moment("after rename")

    def remove(self, path: Path) -> None:
        self.refuse("remove", path)
        self._power.moment("before remove")
        content = path.read_bytes()
        super().remove(path)
        self._unsynced.append((path.parent, lambda: writing_back(path, content)))
        self._power.moment("after remove")

    def sync_folder(self, folder: Path) -> None:
        self.refuse("sync", folder)
        self._power.moment("before sync")
        super().sync_folder(folder)
        self._unsynced = [(place, undo) for place, undo in self._unsynced if place != folder]
        self._power.moment("after sync")

    def turn_back(self, most: int) -> None:
        """After a power cut: the last `most` acts that were never synced have not happened."""
        for _ in range(min(most, len(self._unsynced))):
            self._unsynced.pop()[1]()
        self._unsynced.clear()


def writing_back(path: Path, content: bytes) -> None:
    path.write_bytes(content)


class Consumer:
    """An independent till: takes a file by renaming it away, and only then believes in it."""

    def __init__(self, folder: Path, taken: Path) -> None:
        self._folder = folder
        self._taken = taken
        taken.mkdir(parents=True, exist_ok=True)
        self.names: Counter[str] = Counter()
        self.broken: list[str] = []

    def visible(self) -> list[str]:
        names = sorted(os.listdir(self._folder))
        return [
            name for name in names if name.endswith((".in", ".out")) and not name.startswith(PRIVATE_PREFIX)
        ]

    def take(self, name: str) -> bool:
        mine = self._taken / f"{self.names[name]}-{name}"
        try:
            os.rename(self._folder / name, mine)
        except FileNotFoundError:
            return False
        self.names[name] += 1
        if mine.read_bytes() != content_of(name):
            self.broken.append(name)
        return True

    def take_all(self) -> None:
        for name in self.visible():
            self.take(name)


class Shop:
    """One workstation with one agent, whose power can be cut and which can be started again."""

    def __init__(
        self, root: Path, truth: CloudTruth, power: Power | None = None, place: str = "01/till-1"
    ) -> None:
        self.root = root
        self.truth = truth
        self.power = power or Power()
        self.place = place
        self.folder = root / "payments"
        self.folder.mkdir(exist_ok=True)
        self.consumer = Consumer(self.folder, root / "taken")
        self.problems: dict[str, str] = {}
        self.disk = FailingDisk(self.power)
        self.start()

    def start(self) -> None:
        self.disk = FailingDisk(self.power)
        self.notebook = Notebook(self.root / "notebook.sqlite3", self._connect)
        self.folders = Folders(self.disk, self.place)
        self.work = DeviceWork(self.notebook, self.folders, self._now, Speaker())
        self.catch_up = CatchUp(self.notebook, self.truth, self._now, self._ring, self._halt, self._complain)
        self.reports = Reports(self.notebook, self.truth, self._now, "kasse-1")
        self.watch = Watch(self.notebook, self.folders, self._now, Speaker())
        remove_leftovers(self.notebook, self.folders)

    def restart(self, turned_back: int = 0) -> None:
        """Power is back; so many of the acts that were not synced have not happened."""
        self.notebook.close()
        self.power.back()
        self.disk.turn_back(turned_back)
        self.start()

    def deliver(self, *jobs: dict[str, Any]) -> bool:
        """The queue brings these; True when the agent notices that something is missing."""
        return self.catch_up.note([Envelope.of(job) for job in jobs])

    def work_off(self) -> None:
        """Every device does what it can; what blocks it stands in `problems` afterwards."""
        for device in self.notebook.devices():
            self.problems.pop(device, None)
            try:
                while self.work.run_next(device):
                    pass
            except Blocked as blocked:
                self.problems[device] = blocked.problem
            except Malformed as bug:
                self.problems[device] = bug.problem

    def deliver_and_work(self, *jobs: dict[str, Any]) -> None:
        self.deliver(*jobs)
        self.work_off()

    def catch_up_and_work(self) -> None:
        self.catch_up.catch_up()
        self.work_off()

    def look_and_report(self) -> None:
        self.watch.look()
        self.reports.send()

    def settle(self) -> None:
        """Catch up, work, look and report until nothing is left to do."""
        self.catch_up_and_work()
        self.look_and_report()

    def private_files(self) -> list[str]:
        return sorted(name for name in os.listdir(self.folder) if name.startswith(PRIVATE_PREFIX))

    def prove_the_law(self) -> None:
        """PF-9 and PF-11 after everything is settled and the consumer has taken what it could see."""
        assert self.consumer.broken == [], "a file was visible before it was whole"
        assert self.truth.contradictions == []
        expected: Counter[str] = Counter()
        for device, queue in self.truth.queues.items():
            withdrawn = {
                job["payload"]["name"]: self.truth.outcome(job)
                for job in queue
                if job["kind"] == "withdraw_file"
            }
            for job in queue:
                name = job["payload"].get("name", "")
                if job["kind"] == "put_file":
                    assert self.truth.outcome(job) == "done", (device, job["sequence"])
                    expected[name] += withdrawn.get(name) != "withdrawn"
                elif job["kind"] == "withdraw_file":
                    assert self.truth.outcome(job) in {"withdrawn", "gone"}, (device, job["sequence"])
                    expected[job["payload"]["otherwise"]["name"]] += self.truth.outcome(job) == "gone"
        assert +self.consumer.names == +expected

    def _connect(self, path: Path) -> sqlite3.Connection:
        power = self.power

        class FailingConnection(sqlite3.Connection):
            def commit(self) -> None:
                power.moment("before commit")
                super().commit()
                power.moment("after commit")

        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=FailingConnection)

    def _now(self) -> str:
        return "2026-11-20T09:00:00.000Z"

    def _ring(self, device: str) -> None:
        """Work is done in `work_off`."""

    def _halt(self, device: str, problem: str) -> None:
        self.problems[device] = problem

    def _complain(self, device: str, problem: str, _reason: str) -> None:
        self.problems[device] = problem
