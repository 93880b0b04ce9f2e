"""Windows. NOT VERIFIED: written from the documentation of MoveFileExW, never run by our tests.

Everything that is special to Windows file systems stands here and in `one_process.py`, so that it can be
checked on such a PC by reading two short files and running `tests/unit/edge` there.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from tillbridge_agent.disks.disk import Disk

if sys.platform == "win32":
    _WRITE_THROUGH = 0x8
    """MOVEFILE_WRITE_THROUGH: returns when the rename is on the disk; without REPLACE_EXISTING."""

    class WindowsDisk(Disk):
        """NTFS: the rename itself is written through, folders cannot be flushed and need not be.

        A file that a consumer holds open without sharing makes the rename fail with PermissionError (sharing
        violation, 32 and 33): the device is blocked as `file-locked` and tries again.
        """

        def __init__(self) -> None:
            self._move = ctypes.WinDLL("kernel32", use_last_error=True).MoveFileExW
            self._move.argtypes = [ctypes.c_wchar_p, ctypes.c_wchar_p, ctypes.c_uint32]
            self._move.restype = ctypes.c_int

        def rename(self, old: Path, new: Path) -> None:
            """See Disk."""
            if not self._move(str(old), str(new), _WRITE_THROUGH):
                raise ctypes.WinError(ctypes.get_last_error())

        def sync_folder(self, folder: Path) -> None:
            """Nothing to do: MOVEFILE_WRITE_THROUGH has brought the name to the disk."""
