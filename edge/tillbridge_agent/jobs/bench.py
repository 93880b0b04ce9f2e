"""What a job has at hand, and the shape that all kinds share.

`prepare(job)` reads the payload or raises Malformed; it touches nothing. The work it returns has two ways:
`do` starts a job that was only noted, `recover` goes on from the step that the notebook holds after a power
cut, a kill or a pause. Both return an Outcome, which the device notes and reports, or raise Blocked and are
called again later (`recover`, with the step reached by then). A step is noted *before* what it announces can
be seen outside, so that `recover` can always tell what has happened from the step and from the world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from tillbridge_agent.folders import Folders
from tillbridge_agent.model import FileToPut, Job, Outcome

Whereabouts = Literal["put", "in_doubt", "unknown"]


@dataclass(frozen=True, slots=True)
class Bench:
    """The tools for one job: the folders, a pen for its steps, and what the notebook knows of a file."""

    job: Job
    folders: Folders
    note: Callable[[str], None]
    """Note a step; when it returns the step is on the disk."""
    whereabouts: Callable[[str], Whereabouts]
    """Whether this agent has put the file of that name on the job's device."""

    def private(self, ending: str) -> str:
        """The job's private file name with this ending."""
        return self.folders.private_name(self.job.device, self.job.sequence, ending)

    def put(self, folder: str, file: FileToPut, *, staged_step: str) -> None:
        """Stage, note, reveal: the file becomes visible once, whole."""
        self.folders.stage(folder, self.private("part"), file.name, file.content)
        self.note(staged_step)
        self.reveal(folder, file)

    def reveal(self, folder: str, file: FileToPut) -> None:
        """The last act of `put`, also after a restart: what is no longer staged has been revealed before."""
        self.folders.reveal(folder, self.private("part"), file.name)


class Work(Protocol):
    """A job that is prepared."""

    def do(self, bench: Bench) -> Outcome:
        """Do the job from its beginning."""
        ...

    def recover(self, bench: Bench) -> Outcome:
        """Go on from `bench.job.step`."""
        ...
