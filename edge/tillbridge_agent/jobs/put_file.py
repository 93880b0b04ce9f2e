"""Put a payment file into a folder so that the consumer sees it once and whole (PF-9, PF-11, DV-5).

noted        nothing is visible; a partial private file may lie there and is written anew
staged:<id>  the whole file lies under its private name in the folder of this identity, or it has been
             renamed: then it is never put again, because the consumer may have taken it since

A folder that was made anew or exchanged after `staged` holds neither the private file nor an answer: was it
renamed and taken, or lost with its folder? In doubt, not put. So is a bare `staged`, as earlier agents noted
it. A put whose rename was blocked goes back to `noted` and loses nothing with its folder. What cannot be told
from a rename is a private file that somebody deletes from the very same folder after a power cut between note
and rename: it counts as delivered, and the runbook forbids to delete it.

An inherited job may have been done by the PC that was here before: the very file lies there (done), or
nobody can know whether it was put and taken (in doubt, not put).
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge_agent.jobs.bench import Bench, Doubt
from tillbridge_agent.model import NOTED, FileToPut, Job, Outcome, folder_name

STAGED = "staged"


@dataclass(frozen=True, slots=True)
class PutFile:
    """A put that is prepared."""

    folder: str
    file: FileToPut

    def do(self, bench: Bench) -> Outcome:
        """Put the file, or recognise the one of a predecessor."""
        if bench.job.inherited:
            there = bench.folders.found(self.folder, self.file.name, self.file.sha256)
            return self._ended(there, "file-absent")
        return self._done(bench.put(self.folder, self.file, before=NOTED, staged=STAGED))

    def recover(self, bench: Bench) -> Outcome:
        """Finish a put that was staged; begin anew otherwise."""
        if bench.job.step.partition(":")[0] != STAGED:
            return self.do(bench)
        put_into = bench.finish_put(self.folder, self.file, before=NOTED, staged=STAGED)
        return self._ended(put_into, "folder-changed")

    def _ended(self, folder_id: str | None, doubt: Doubt) -> Outcome:
        return Outcome("in_doubt", doubt, folder=self.folder) if folder_id is None else self._done(folder_id)

    def _done(self, folder_id: str) -> Outcome:
        return Outcome("done", folder=self.folder, put=self.file.name, folder_id=folder_id)


def prepare(job: Job) -> PutFile:
    """Read the payload: folder and file."""
    return PutFile(folder_name(job.payload), FileToPut.read(job.payload))
