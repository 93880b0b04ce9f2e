"""What a job has at hand, and the shape that all kinds share.

`prepare(job)` reads the payload or raises Malformed; it touches nothing. The work it returns has two ways:
`do` starts a job that was only noted, `recover` goes on from the step that the notebook holds after a power
cut, a kill or a pause. Both return an Outcome, which the device notes and reports, or raise Blocked and are
called again later (`recover`, with the step reached by then). A step is noted *before* what it announces can
be seen outside, so that `recover` can always tell what has happened from the step and from the world.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

from tillbridge_agent.errors import Blocked
from tillbridge_agent.folders import Folders
from tillbridge_agent.model import FileToPut, Job, Outcome

Whereabouts = Literal["put", "folder-changed", "in_doubt", "unknown"]
Doubt = Literal["file-absent", "folder-changed", "counter-folder-changed"]
"""Why nobody can know: the detail of an outcome `in_doubt`; words.py has the sentences."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The tools for one job: the folders, a pen for its steps, and what the notebook knows of a file."""

    job: Job
    folders: Folders
    note: Callable[[str], None]
    """Note a step; when it returns the step is on the disk."""
    whereabouts: Callable[[str, str], Whereabouts]
    """Whether this agent has put the file of that name on this device, into the folder of that identity."""

    def private(self, ending: str) -> str:
        """The job's private file name with this ending."""
        return self.folders.private_name(self.job.device, self.job.sequence, ending)

    def put(self, folder: str, file: FileToPut, *, before: str, staged: str) -> str:
        """Stage, note, reveal: the file becomes visible once, whole. Returns the folder's identity.

        `staged` is noted with the identity. When the reveal is blocked and the file still lies under its
        private name, it has not been visible: the step `before` is noted again, and whatever happens to the
        private file meanwhile, the put begins anew.
        """
        private = self.private("part")
        folder_id = self.folders.stage(folder, private, file.name, file.content)
        self.note(f"{staged}:{folder_id}")
        try:
            self.folders.reveal(folder, private, file.name)
        except Blocked:
            with suppress(Blocked):
                if self.folders.staged(folder, private, folder_id) == "there":
                    self.note(before)
            raise
        return folder_id

    def finish_put(self, folder: str, file: FileToPut, *, before: str, staged: str) -> str | None:
        """Go on after the step `staged`; the identity of the folder the file was revealed in, None in doubt.

        What still lies under its private name is staged again, for it was never visible. What is no longer
        there was revealed, if the folder is the same. In another folder only the file itself is a proof.
        """
        _, _, folder_id = self.job.step.partition(":")
        match self.folders.staged(folder, self.private("part"), folder_id):
            case "there":
                return self.put(folder, file, before=before, staged=staged)
            case "revealed":
                return folder_id
            case "folder-changed":
                return self.folders.found(folder, file.name, file.sha256)


class Work(Protocol):
    """A job that is prepared."""

    def do(self, bench: Bench) -> Outcome:
        """Do the job from its beginning."""
        ...

    def recover(self, bench: Bench) -> Outcome:
        """Go on from `bench.job.step`."""
        ...
