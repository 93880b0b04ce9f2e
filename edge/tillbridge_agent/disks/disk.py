"""A file system as the agent needs it: seven acts, each one whole or not done; errors are OSError."""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from pathlib import Path


class Disk(ABC):
    """What is the same on every system; what differs is abstract."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a file from its beginning and bring its content to the disk before returning."""
        flags = (
            os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        )
        with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def read(self, path: Path) -> bytes:
        """The content of a file."""
        return path.read_bytes()

    def remove(self, path: Path) -> None:
        """Remove a file; FileNotFoundError when it is not there."""
        path.unlink()

    def exists(self, path: Path) -> bool:
        """Whether the name is taken, compared as this file system compares names."""
        return os.path.lexists(path)

    def names(self, folder: Path) -> set[str]:
        """All names in a folder."""
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries}

    def identity(self, folder: Path) -> str | None:
        """Which folder it is (volume and file number, as one short text), or None when there is none.

        It is noted and compared after weeks and restarts: a folder made anew in its place, or another volume
        mounted there, must have another one.
        """
        try:
            found = folder.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return f"{found.st_dev:x}-{found.st_ino:x}" if stat.S_ISDIR(found.st_mode) else None

    @abstractmethod
    def rename(self, old: Path, new: Path) -> None:
        """Rename in one act; FileExistsError when `new` is taken, FileNotFoundError when `old` is gone."""

    @abstractmethod
    def sync_folder(self, folder: Path) -> None:
        """Bring the names of a folder to the disk, so that a power cut cannot turn them back."""
