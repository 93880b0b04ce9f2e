"""Linux and macOS: `renameat2` never overwrites, `statx` tells folders apart, fsync keeps names."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path

from tillbridge_agent.disks.disk import Disk

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_STATX_BTIME = 0x800
_STATX = struct.Struct("=I28xQ40xqI164x")
"""Of Linux's struct statx (256 bytes): mask, file number, moment of birth in seconds and nanoseconds."""
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


class PosixDisk(Disk):
    """POSIX `rename` replaces an existing file silently, so Linux's own call is used where there is one.

    File systems without it (some network shares) are asked first and renamed then: a foreign file that
    appears within these microseconds under our unique document number would be replaced.
    """

    def __init__(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._renameat2 = getattr(libc, "renameat2", None)
        self._statx = getattr(libc, "statx", None)

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

    def identity(self, folder: Path) -> str | None:
        """See Disk; with the folder's moment of birth where the file system keeps one.

        ext4 gives the number of a removed folder to the next one at once, and volume numbers change with the
        order of mounting. File number and birth tell folders apart and stay the same for ever.
        """
        plain = super().identity(folder)
        found = ctypes.create_string_buffer(_STATX.size)
        if plain is None or self._statx is None:
            return plain
        if self._statx(_AT_FDCWD, os.fsencode(folder), 0, ctypes.c_uint(_STATX_BTIME), found):
            return plain
        mask, number, born_s, born_ns = _STATX.unpack(found.raw)
        return f"{number:x}@{born_s}.{born_ns:09}" if mask & _STATX_BTIME and born_s > 0 else plain

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
