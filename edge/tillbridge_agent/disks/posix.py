"""Linux and macOS: `renameat2` so that a rename never overwrites, and fsync of the folder."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

from tillbridge_agent.disks.disk import Disk

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


class PosixDisk(Disk):
    """POSIX `rename` replaces an existing file silently, so Linux's own call is used where there is one.

    File systems without it (some network shares) are asked first and renamed then: a foreign file that
    appears within these microseconds under our unique document number would be replaced.
    """

    def __init__(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._renameat2 = getattr(libc, "renameat2", None)

    def rename(self, old: Path, new: Path) -> None:
        """See Disk."""
        if self._renameat2 is not None:
            failed = self._renameat2(
                _AT_FDCWD, os.fsencode(old), _AT_FDCWD, os.fsencode(new), ctypes.c_uint(_RENAME_NOREPLACE)
            )
            if not failed:
                return
            code = ctypes.get_errno()
            if code not in _CANNOT:
                raise OSError(code, os.strerror(code), os.fspath(old), None, os.fspath(new))
        if self.exists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(new))
        old.rename(new)

    def sync_folder(self, folder: Path) -> None:
        """See Disk; a file system that cannot sync folders (some network shares) is left as it is."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
        finally:
            os.close(handle)
