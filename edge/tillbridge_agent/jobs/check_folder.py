"""Check that a folder exists and can be written, when somebody saves it as a target (PF-7).

The answer is always a result, never a blocked device: the person at the settings page waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge_agent.errors import Blocked
from tillbridge_agent.jobs.bench import Bench
from tillbridge_agent.model import Job, Outcome, folder_name, is_absolute


@dataclass(frozen=True, slots=True)
class CheckFolder:
    """A check that is prepared; an empty folder means the name was not absolute."""

    folder: str

    def do(self, bench: Bench) -> Outcome:
        """Write a private file and remove it again."""
        if not self.folder:
            return Outcome("refused", "folder-not-absolute")
        try:
            bench.folders.try_out(self.folder, bench.private("check"))
        except Blocked as blocked:
            bench.folders.remove(self.folder, bench.private("check"))
            return Outcome("refused", blocked.problem, folder=self.folder)
        return Outcome("done", folder=self.folder)

    def recover(self, bench: Bench) -> Outcome:
        """Check again: the folder as it is now."""
        return self.do(bench)


def prepare(job: Job) -> CheckFolder:
    """Read the payload: the folder."""
    folder = job.payload.get("folder")
    if isinstance(folder, str) and not is_absolute(folder):
        return CheckFolder("")
    return CheckFolder(folder_name(job.payload))
