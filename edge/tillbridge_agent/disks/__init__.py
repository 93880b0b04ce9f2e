"""The few things the agent asks of a file system, and the one that fits this PC."""

from __future__ import annotations

import sys

from tillbridge_agent.disks.disk import Disk

__all__ = ["Disk", "disk_of_this_pc"]


def disk_of_this_pc() -> Disk:
    """The disk operations of the system we run on."""
    if sys.platform == "win32":
        from tillbridge_agent.disks.windows import WindowsDisk  # noqa: PLC0415  it cannot be imported elsewhere

        return WindowsDisk()
    from tillbridge_agent.disks.posix import PosixDisk  # noqa: PLC0415  it cannot be imported on Windows

    return PosixDisk()
