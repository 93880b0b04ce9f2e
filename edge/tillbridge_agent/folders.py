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
from typing import Literal, NamedTuple

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

Staged = Literal["there", "revealed", "folder-changed"]


class TakenBack(NamedTuple):
    """Whether we won a file from its consumer, and the identity of the folder where that was decided."""

    won: bool
    folder_id: str


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
        return self._opened(folder)[0]

    def _opened(self, folder: str) -> tuple[Path, str]:
        """The folder as a path and its identity."""
        path = Path(folder)
        if self._allowed:
            real = Path(os.path.realpath(path))
            if not any(real == allowed or allowed in real.parents for allowed in self._allowed):
                raise Blocked("folder-not-allowed", folder=folder)
        with _shop_errors(folder):
            identity = self._disk.identity(path)
            if identity is None:
                there = self._disk.exists(path)
                raise Blocked("folder-not-a-directory" if there else "folder-missing", folder=folder)
        return path, identity

    def found(self, folder: str, name: str, sha256: str) -> str | None:
        """The folder's identity when the very file lies there, told by its content (hex), else None."""
        path, identity = self._opened(folder)
        with _shop_errors(folder, name):
            try:
                same = hashlib.sha256(self._disk.read(path / name)).hexdigest() == sha256
            except (FileNotFoundError, IsADirectoryError):
                same = False
            self._same_folder(path, identity)
            return identity if same else None

    def stage(self, folder: str, private: str, name: str, content: bytes) -> str:
        """Write the whole file under its private name, bring both to the disk, return the folder's identity.

        Blocked("name-occupied") when the final name is taken: that is never overwritten.
        """
        path, identity = self._opened(folder)
        with _shop_errors(folder, name):
            if self._disk.exists(path / name):
                raise Blocked("name-occupied", folder=folder, name=name)
            self._disk.write(path / private, content)
            self._disk.sync_folder(path)
            self._same_folder(path, identity)
        return identity

    def staged(self, folder: str, private: str, folder_id: str) -> Staged:
        """What has become of a file that was staged in the folder of this identity.

        there            it lies under its private name, so it was never visible
        revealed         its folder holds it no more: its rename took effect, and is on the disk now
        folder-changed   this is another folder (or its identity was not noted), so nobody can know
        """
        path, identity = self._opened(folder)
        with _shop_errors(folder):
            there = self._disk.exists(path / private)
            self._same_folder(path, identity)
            if there:
                return "there"
            if identity != folder_id:
                return "folder-changed"
            self._disk.sync_folder(path)
            return "revealed"

    def reveal(self, folder: str, private: str, name: str) -> None:
        """Rename the staged file to its final name and bring that to the disk.

        After this returns the file has been visible exactly once, and the consumer may have taken it already.
        """
        path = self.ready(folder)
        with _shop_errors(folder, name):
            try:
                self._disk.rename(path / private, path / name)
            except FileExistsError as taken:
                raise Blocked("name-occupied", folder=folder, name=name) from taken
            self._disk.sync_folder(path)

    def take_back(self, folder: str, private: str, name: str) -> TakenBack:
        """Rename a file away from its consumer to the private name, unless the consumer was first.

        Won also when an earlier attempt has done so.
        """
        path, identity = self._opened(folder)
        with _shop_errors(folder, name):
            if not self._disk.exists(path / private):
                try:
                    self._disk.rename(path / name, path / private)
                except FileNotFoundError:
                    self._same_folder(path, identity)
                    return TakenBack(False, identity)
            self._disk.sync_folder(path)
            return TakenBack(True, identity)

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

    def look(self, folder: str, names: Sequence[str]) -> tuple[str, set[str]] | None:
        """The folder's identity and which of the names it does not hold; None when it cannot be read."""
        try:
            path, identity = self._opened(folder)
            there = self._disk.names(path)
            gone = {name for name in names if name not in there and not self._disk.exists(path / name)}
            return (identity, gone) if self._disk.identity(path) == identity else None
        except (OSError, Blocked):
            return None

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

    def _same_folder(self, path: Path, before: str) -> None:
        """A name is only known to be gone when its folder was there all the time (a share may vanish)."""
        if self._disk.identity(path) != before:
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
