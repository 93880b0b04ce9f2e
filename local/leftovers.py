"""Processes that a killed start left behind: noted while they run, stopped by the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

STOP_TIMEOUT_S = 30.0
LOOK_AGAIN_S = 0.05


def note(note_file: Path, pid: int) -> None:
    """Remember a process."""
    note_file.write_text(str(pid), encoding="utf-8")


def stop(note_file: Path, word: str) -> None:
    """Stop the process that was noted, if it still runs; `word` is in its command line."""
    if not note_file.is_file():
        return
    noted = note_file.read_text(encoding="utf-8")
    pid = int(noted) if noted.isdecimal() else 0
    if pid and _runs(pid, word):
        os.kill(pid, signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_TIMEOUT_S
        while _runs(pid, word) and time.monotonic() < deadline_s:
            time.sleep(LOOK_AGAIN_S)
    note_file.unlink()


def _runs(pid: int, word: str) -> bool:
    """Whether the process is the one that was noted, since a number may have gone to another meanwhile."""
    if Path("/proc/self").exists():
        command = Path(f"/proc/{pid}/cmdline")
        return command.exists() and word.encode() in command.read_bytes()
    listed = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return word in listed.stdout
