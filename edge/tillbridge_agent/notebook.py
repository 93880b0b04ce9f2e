"""The agent's notebook: SQLite, and the single source of what has been done (DV-5, DV-6).

*Note, do, note, report.* Every act on the shop's side stands between two entries here; an entry is on the
disk when the method returns (WAL with synchronous=FULL). A job is known by (device, sequence) for ever, so a
repeat, however late, is dropped. Results and sightings stay until the cloud has accepted them.

devices   started_after: answered before this agent began; noted_through: noted without a gap up to here;
          finished_through: done up to here, strictly in order
jobs      body is the job as it came, emptied some time after its end (it holds a customer's name)
files     one row per file that was put: present, then collected or withdrawn; folder_id: in which folder
          (empty in rows of earlier agents: the same folder is assumed)
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillbridge_agent.errors import NotReady
from tillbridge_agent.model import Answered, Envelope, Outcome, Sighting, WatchedFile

UNREADABLE = "message-unreadable"
"""The one problem that is a message's and not its device's."""
NOTEBOOK_NAME = "notebook.sqlite3"
Connect = Callable[[Path], sqlite3.Connection]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (
    device TEXT PRIMARY KEY, started_after INTEGER NOT NULL, noted_through INTEGER NOT NULL,
    finished_through INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS problems (device TEXT PRIMARY KEY, problem TEXT NOT NULL, since TEXT NOT NULL,
    sentence TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    device TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT, step TEXT NOT NULL,
    folder TEXT NOT NULL DEFAULT '', name TEXT NOT NULL DEFAULT '',
    outcome TEXT, detail TEXT, noted_at TEXT NOT NULL, finished_at TEXT,
    accepted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (device, sequence)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_unreported ON jobs (device, sequence)
    WHERE accepted = 0 AND outcome IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (device, sequence) WHERE outcome IS NULL;
CREATE INDEX IF NOT EXISTS jobs_names ON jobs (device, name);
CREATE TABLE IF NOT EXISTS files (
    device TEXT NOT NULL, sequence INTEGER NOT NULL, folder TEXT NOT NULL, name TEXT NOT NULL,
    state TEXT NOT NULL, at TEXT NOT NULL, accepted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (device, sequence)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_present ON files (device, name) WHERE state = 'present';
CREATE INDEX IF NOT EXISTS files_unreported ON files (device, sequence)
    WHERE state = 'collected' AND accepted = 0;
"""


@dataclass(frozen=True, slots=True)
class Noted:
    """What noting has brought: devices with news, devices with a gap, devices whose start is not known."""

    news: set[str] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class OpenJob:
    """The next job of a device, as text."""

    device: str
    sequence: int
    body: str
    step: str


def connect(path: Path) -> sqlite3.Connection:
    """The ordinary connection; tests give one that fails where they want it to."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)


class Notebook:
    """All entries of one agent; threads may share it, each entry is one transaction."""

    def __init__(self, path: Path, connect: Connect = connect) -> None:
        self._lock = threading.RLock()
        self._connection = connect(path)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "cache_size=-1024"):
                self._connection.execute(f"PRAGMA {pragma}").close()
            with self._entry():
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement).close()
                if not any(column[1] == "folder_id" for column in self._all("PRAGMA table_info(files)")):
                    self._do("ALTER TABLE files ADD COLUMN folder_id TEXT NOT NULL DEFAULT ''")
        except sqlite3.DatabaseError as broken:
            self._connection.close()
            raise NotReady("notebook-broken", path=str(path), reason=str(broken)) from broken
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the notebook; entries after this fail."""
        with self._lock:
            self._connection.close()

    # What stands on the first page

    def fact(self, name: str) -> str | None:
        """A fact about the agent itself."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Note a fact about the agent itself."""
        with self._entry():
            self._do("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    # Jobs come in

    def note_jobs(self, jobs: Sequence[Envelope], at: str) -> Noted:
        """Note what came, in one transaction; a job that is known is dropped, whatever it says now."""
        noted = Noted()
        with self._entry():
            for job in jobs:
                if job.sequence == 1 and not job.inherited:
                    self._do("INSERT OR IGNORE INTO devices VALUES (?, 0, 0, 0)", job.device)
                self._do(
                    "INSERT OR IGNORE INTO jobs (device, sequence, kind, body, step, folder, name, noted_at)"
                    " SELECT ?, ?, ?, ?, 'noted', ?, ?, ? WHERE NOT EXISTS"
                    " (SELECT 1 FROM devices WHERE device = ? AND started_after >= ?)",
                    job.device, job.sequence, job.kind, job.text, job.folder, job.name, at,
                    job.device, job.sequence,
                )  # fmt: skip
            for device in {job.device for job in jobs}:
                self._advance(device, noted)
        return noted

    def start_device(self, device: str, answered: int) -> None:
        """A device that this agent begins with, after what others have answered; known devices stay."""
        with self._entry():
            self._do(
                "INSERT OR IGNORE INTO devices VALUES (?, ?, ?, ?)", device, answered, answered, answered
            )
            self._do(
                "DELETE FROM jobs WHERE device = ? AND outcome IS NULL AND sequence <="
                " (SELECT started_after FROM devices WHERE device = ?)",
                device, device,
            )  # fmt: skip
            self._advance(device, Noted())

    def _advance(self, device: str, noted: Noted) -> None:
        row = self._one("SELECT noted_through FROM devices WHERE device = ?", device)
        if row is None:
            noted.strangers.add(device)
            return
        through = int(row[0])
        rows = self._all(
            "SELECT sequence FROM jobs WHERE device = ? AND sequence > ? ORDER BY sequence", device, through
        )
        for (sequence,) in rows:
            if sequence != through + 1:
                noted.gaps.add(device)
                break
            through = sequence
        if through != row[0]:
            self._do("UPDATE devices SET noted_through = ? WHERE device = ?", through, device)
            noted.news.add(device)

    def noted_through(self, device: str) -> int | None:
        """The last sequence that is noted without a gap before it; None for a stranger."""
        row = self._one("SELECT noted_through FROM devices WHERE device = ?", device)
        return None if row is None else int(row[0])

    def finished_through(self, device: str) -> int | None:
        """The last sequence that is done; None for a stranger."""
        row = self._one("SELECT finished_through FROM devices WHERE device = ?", device)
        return None if row is None else int(row[0])

    def devices(self) -> list[str]:
        """All devices that this agent has begun with."""
        return [str(device) for (device,) in self._all("SELECT device FROM devices ORDER BY 1")]

    # Jobs are done

    def next_job(self, device: str) -> OpenJob | None:
        """The job that is next in order, or None when it has not come yet."""
        row = self._one(
            "SELECT sequence, body, step FROM jobs JOIN devices USING (device)"
            " WHERE device = ? AND sequence = finished_through + 1",
            device,
        )
        return None if row is None else OpenJob(device, int(row[0]), str(row[1]), str(row[2]))

    def note_step(self, job: OpenJob, step: str) -> None:
        """Note how far a job has come."""
        with self._entry():
            self._do(
                "UPDATE jobs SET step = ? WHERE device = ? AND sequence = ?", step, job.device, job.sequence
            )

    def finish(self, job: OpenJob, outcome: Outcome, at: str) -> None:
        """Note a job's end and what became of its files, as one entry."""
        with self._entry():
            self._do(
                "UPDATE jobs SET step = 'finished', outcome = ?, detail = ?, finished_at = ?"
                " WHERE device = ? AND sequence = ?",
                outcome.result, outcome.detail, at, job.device, job.sequence,
            )  # fmt: skip
            self._do("UPDATE devices SET finished_through = ? WHERE device = ?", job.sequence, job.device)
            if outcome.ended:
                state = "withdrawn" if outcome.result == "withdrawn" else "collected"
                self._do(
                    "UPDATE files SET state = ?, at = ? WHERE device = ? AND name = ? AND state = 'present'",
                    state, at, job.device, outcome.ended,
                )  # fmt: skip
            if outcome.put:
                self._do(
                    "INSERT INTO files (device, sequence, folder, name, state, at, folder_id)"
                    " VALUES (?, ?, ?, ?, 'present', ?, ?)",
                    job.device, job.sequence, outcome.folder, outcome.put, at, outcome.folder_id,
                )  # fmt: skip

    def whereabouts(self, device: str, name: str, folder_id: str) -> str:
        """What is known of a file's put on this device: "put", "folder-changed", "in_doubt" or "unknown".

        "folder-changed": it was put, into another folder than this, and was not seen to be collected since.
        """
        put = self._all(
            "SELECT state = 'present' AND folder_id NOT IN ('', ?) FROM files WHERE device = ? AND name = ?",
            folder_id, device, name,
        )  # fmt: skip
        if put:
            return "folder-changed" if all(elsewhere for (elsewhere,) in put) else "put"
        doubtful = self._one(
            "SELECT 1 FROM jobs WHERE device = ? AND name = ? AND kind = 'put_file' AND outcome = 'in_doubt'",
            device, name,
        )  # fmt: skip
        return "in_doubt" if doubtful else "unknown"

    def open_jobs(self) -> list[tuple[str, int]]:
        """The address of every job that is noted and not done."""
        rows = self._all("SELECT device, sequence FROM jobs WHERE outcome IS NULL ORDER BY 1, 2")
        return [(str(device), int(sequence)) for device, sequence in rows]

    def folders(self) -> list[str]:
        """Every folder that a job of ours was about."""
        return [str(folder) for (folder,) in self._all("SELECT DISTINCT folder FROM jobs WHERE folder != ''")]

    # Problems

    def note_problem(self, device: str, problem: str, sentence: str, at: str) -> bool:
        """Note that a device is blocked; True when that is news."""
        row = self._one("SELECT problem FROM problems WHERE device = ?", device)
        if row is not None and row[0] == problem:
            return False
        with self._entry():
            self._do("INSERT OR REPLACE INTO problems VALUES (?, ?, ?, ?)", device, problem, at, sentence)
        return True

    def clear_problem(self, device: str, *, of_messages: bool) -> bool:
        """A device is well again, in its messages or in its work; True when that is news."""
        row = self._one("SELECT problem FROM problems WHERE device = ?", device)
        if row is None or (row[0] == UNREADABLE) != of_messages:
            return False
        with self._entry():
            self._do("DELETE FROM problems WHERE device = ? AND problem = ?", device, row[0])
        return True

    def clear_all_problems(self) -> None:
        """A new run begins: what is still wrong will show again."""
        with self._entry():
            self._do("DELETE FROM problems")

    def problems(self) -> list[tuple[str, str, str]]:
        """Device, problem and since when."""
        rows = self._all("SELECT device, problem, since FROM problems ORDER BY 1")
        return [(str(device), str(problem), str(since)) for device, problem, since in rows]

    def told_problems(self) -> list[tuple[str, str, str]]:
        """Device, since when, and the sentence that was said about it."""
        rows = self._all("SELECT device, since, sentence FROM problems ORDER BY 1")
        return [(str(device), str(since), str(sentence)) for device, since, sentence in rows]

    # Reports

    def results_to_report(self, most: int) -> list[Answered]:
        """Results that the cloud has not accepted, each device's in order."""
        rows = self._all(
            "SELECT device, sequence, outcome, detail, finished_at FROM jobs"
            " WHERE accepted = 0 AND outcome IS NOT NULL ORDER BY device, sequence LIMIT ?",
            most,
        )
        return [Answered(*row) for row in rows]

    def results_accepted(self, addresses: Sequence[tuple[str, int]]) -> None:
        """The cloud has these results."""
        with self._entry():
            for address in addresses:
                self._do("UPDATE jobs SET accepted = 1 WHERE device = ? AND sequence = ?", *address)

    def watched_files(self) -> list[WatchedFile]:
        """Files that were put and of which nothing else is known."""
        rows = self._all(
            "SELECT device, sequence, folder, name, folder_id FROM files"
            " WHERE state = 'present' ORDER BY folder, name"
        )
        return [WatchedFile(*row) for row in rows]

    def note_folder(self, files: Sequence[WatchedFile], folder_id: str) -> None:
        """Files that were seen to lie in the folder of this identity."""
        with self._entry():
            for file in files:
                self._do(
                    "UPDATE files SET folder_id = ? WHERE device = ? AND sequence = ?",
                    folder_id, file.device, file.sequence,
                )  # fmt: skip

    def note_collected(self, files: Sequence[WatchedFile], at: str) -> int:
        """Files that were seen to be gone, except those that an open job of ours may be withdrawing."""
        with self._entry():
            return sum(
                self._do(
                    "UPDATE files SET state = 'collected', at = ? WHERE device = ? AND sequence = ?"
                    " AND state = 'present' AND NOT EXISTS"
                    " (SELECT 1 FROM jobs WHERE jobs.device = files.device"
                    " AND jobs.name = files.name AND jobs.kind = 'withdraw_file' AND jobs.outcome IS NULL)",
                    at, file.device, file.sequence,
                )
                for file in files
            )  # fmt: skip

    def sightings_to_report(self, most: int) -> list[Sighting]:
        """Files gone that the cloud has not been told of, each device's in order."""
        rows = self._all(
            "SELECT device, sequence, name, at FROM files WHERE state = 'collected' AND accepted = 0"
            " ORDER BY device, sequence LIMIT ?",
            most,
        )
        return [Sighting(*row) for row in rows]

    def sightings_accepted(self, sightings: Sequence[Sighting]) -> None:
        """The cloud knows of these."""
        with self._entry():
            for seen in sightings:
                self._do(
                    "UPDATE files SET accepted = 1 WHERE device = ? AND sequence = ?",
                    seen.device,
                    seen.sequence,
                )

    def empty_bodies(self, before: str) -> int:
        """Empty the jobs that ended and were accepted before this moment; their addresses stay for ever."""
        with self._entry():
            return self._do(
                "UPDATE jobs SET body = NULL WHERE accepted = 1 AND finished_at < ? AND body IS NOT NULL",
                before,
            )

    # SQLite

    @contextmanager
    def _entry(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE").close()
            try:
                yield
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    def _do(self, statement: str, *values: object) -> int:
        cursor = self._connection.execute(statement, values)
        try:
            return cursor.rowcount
        finally:
            cursor.close()

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._all(statement, *values)
        return rows[0] if rows else None

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()
