"""The shop's folders: the only place of the agent that touches them (PF-9, PF-11).

A file comes in two acts: it is *staged* under a private name in the same folder and brought to the disk,
then *revealed* by one rename. A file is withdrawn by one rename to another private name. Whoever wants a
file must win its name by a rename, so between agent and consumer exactly one wins. Private names begin with
`.tillbridge-` and no consumer may touch them.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tillbridge_agent.disks import Disk
from tillbridge_agent.errors import Blocked
from tillbridge_agent.model import PRIVATE_PREFIX

log = logging.getLogger(__name__)

_PRIVATE_NAME = re.compile(
    re.escape(PRIVATE_PREFIX) + r"([0-9a-f]{16})-([0-9]{1,16})\.(part|withdrawn|check)"
)
_LOCKED_ON_WINDOWS = {5, 32, 33}
_CODES = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.ENOTDIR: "folder-not-a-directory",
    errno.EACCES: "folder-not-writable",
    errno.EPERM: "folder-not-writable",
    errno.EROFS: "folder-not-writable",
    errno.ENAMETOOLONG: "name-too-long",
}


class Folders:
    """Files in and out of local folders for one workstation, optionally only within `allowed` folders."""

    def __init__(self, disk: Disk, workstation: str, allowed: Sequence[Path] = ()) -> None:
        self._disk = disk
        self._workstation = workstation
        self._allowed = tuple(Path(os.path.realpath(folder)) for folder in allowed)

    def tag(self, device: str) -> str:
        """The sign of a device of this workstation in private names: the same for a successor of this PC."""
        return hashlib.sha256(f"{self._workstation}\n{device}".encode()).hexdigest()[:16]

    def private_name(self, device: str, sequence: int, ending: str) -> str:
        """The private name of a job's file; ending is "part", "withdrawn" or "check"."""
        return f"{PRIVATE_PREFIX}{self.tag(device)}-{sequence}.{ending}"

    def ready(self, folder: str) -> Path:
        """The folder as a path, or Blocked: not allowed, not there, not a directory."""
        path = Path(folder)
        if self._allowed:
            real = Path(os.path.realpath(path))
            if not any(real == allowed or allowed in real.parents for allowed in self._allowed):
                raise Blocked("folder-not-allowed", folder=folder)
        with _shop_errors(folder):
            if self._disk.identity(path) is None:
                there = self._disk.exists(path)
                raise Blocked("folder-not-a-directory" if there else "folder-missing", folder=folder)
        return path

    def holds(self, folder: str, name: str) -> bool:
        """Whether the folder holds a file of that name."""
        path = self.ready(folder)
        with _shop_errors(folder, name):
            return self._disk.exists(path / name)

    def sha256(self, folder: str, name: str) -> str | None:
        """The SHA-256 of a file's content in hex, or None when there is no such file."""
        path = self.ready(folder)
        with _shop_errors(folder, name):
            before = self._disk.identity(path)
            try:
                return hashlib.sha256(self._disk.read(path / name)).hexdigest()
            except (FileNotFoundError, IsADirectoryError):
                self._same_folder(path, before)
                return None

    def stage(self, folder: str, private: str, name: str, content: bytes) -> None:
        """Write the whole file under its private name and bring file and name to the disk.

        Blocked("name-occupied") when the final name is taken: that is never overwritten.
        """
        path = self.ready(folder)
        with _shop_errors(folder, name):
            if self._disk.exists(path / name):
                raise Blocked("name-occupied", folder=folder, name=name)
            self._disk.write(path / private, content)
            self._disk.sync_folder(path)

    def reveal(self, folder: str, private: str, name: str) -> None:
        """Rename the staged file to its final name; a private name that is gone means: that has happened.

        After this returns the file has been visible exactly once, and the consumer may have taken it already.
        """
        path = self.ready(folder)
        with _shop_errors(folder, name):
            before = self._disk.identity(path)
            try:
                self._disk.rename(path / private, path / name)
            except FileExistsError as taken:
                raise Blocked("name-occupied", folder=folder, name=name) from taken
            except FileNotFoundError:
                self._same_folder(path, before)
            self._disk.sync_folder(path)

    def take_back(self, folder: str, private: str, name: str) -> bool:
        """Rename a file away from its consumer to the private name; False when the consumer was first.

        True also when an earlier attempt has done so.
        """
        path = self.ready(folder)
        with _shop_errors(folder, name):
            before = self._disk.identity(path)
            if not self._disk.exists(path / private):
                try:
                    self._disk.rename(path / name, path / private)
                except FileNotFoundError:
                    self._same_folder(path, before)
                    return False
            self._disk.sync_folder(path)
            return True

    def remove(self, folder: str, private: str) -> None:
        """Remove a private file that nobody needs; when that fails it is left for the next start."""
        try:
            self._disk.remove(Path(folder) / private)
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("%s in %s could not be removed yet (%s)", private, folder, error.strerror)

    def try_out(self, folder: str, private: str) -> None:
        """Write a file into the folder and remove it again; Blocked says what is missing."""
        path = self.ready(folder)
        with _shop_errors(folder):
            self._disk.write(path / private, b"tillbridge\r\n")
            self._disk.remove(path / private)

    def missing(self, folder: str, names: Sequence[str]) -> list[str]:
        """Which of the names the folder no longer holds, by one look; none when it cannot be read."""
        try:
            path = self.ready(folder)
            before = self._disk.identity(path)
            there = self._disk.names(path)
            gone = [name for name in names if name not in there and not self._disk.exists(path / name)]
            return gone if self._disk.identity(path) == before else []
        except (OSError, Blocked):
            return []

    def remove_leftovers(self, folder: str, is_leftover: Callable[[str, int, str], bool]) -> int:
        """Remove private files of dead runs: those of which `is_leftover(tag, sequence, ending)` is true."""
        try:
            names = self._disk.names(self.ready(folder))
        except (OSError, Blocked):
            return 0
        removed = 0
        for name in sorted(names):
            private = _PRIVATE_NAME.fullmatch(name)
            if private and is_leftover(private[1], int(private[2]), private[3]):
                self.remove(folder, name)
                removed += 1
        return removed

    def _same_folder(self, path: Path, before: tuple[int, int] | None) -> None:
        """A name is only known to be gone when its folder was there all the time (a share may vanish)."""
        if before is None or self._disk.identity(path) != before:
            raise Blocked("folder-missing", folder=str(path))


@contextmanager
def _shop_errors(folder: str, name: str = "") -> Iterator[None]:
    """Turn what the system says into what the shop can do."""
    try:
        yield
    except OSError as error:
        if getattr(error, "winerror", None) in _LOCKED_ON_WINDOWS and name:
            raise Blocked("file-locked", folder=folder, name=name) from error
        if error.errno == errno.ENOENT:
            raise Blocked("folder-missing", folder=folder) from error
        code = _CODES.get(error.errno or 0, "disk-error")
        raise Blocked(code, folder=folder, reason=error.strerror or type(error).__name__) from error
