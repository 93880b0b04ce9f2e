"""One agent per state folder: a lock that the system takes back when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tillbridge_agent.errors import NotReady

LOCK_NAME = "agent.lock"


def hold(state: Path) -> int:
    """Take the state folder for this process; NotReady("already-running") when another has it.

    The handle stays open (and the lock held) until the process ends.
    """
    handle = os.open(state / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
    except OSError as taken:
        os.close(handle)
        raise NotReady("already-running", folder=str(state)) from taken
    return handle


if sys.platform == "win32":  # NOT VERIFIED on Windows, see disks/windows.py
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def release(handle: int) -> None:
    """Give the state folder back."""
    os.close(handle)
