"""Put a payment file into a folder so that the consumer sees it once and whole (PF-9, PF-11, DV-5).

noted     nothing is visible; a partial private file may lie there and is written anew
staged    the whole file lies under its private name, or it has been renamed: then it is never put again,
          because the consumer may have taken it since

An inherited job may have been done by the PC that was here before: the very file lies there (done), or
nobody can know whether it was put and taken (in doubt, not put).
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge_agent.jobs.bench import Bench
from tillbridge_agent.model import FileToPut, Job, Outcome, folder_name

STAGED = "staged"


@dataclass(frozen=True, slots=True)
class PutFile:
    """A put that is prepared."""

    folder: str
    file: FileToPut

    def do(self, bench: Bench) -> Outcome:
        """Put the file, or recognise the one of a predecessor."""
        if bench.job.inherited:
            if bench.folders.sha256(self.folder, self.file.name) != self.file.sha256:
                return Outcome("in_doubt", "file-absent", folder=self.folder)
        else:
            bench.put(self.folder, self.file, staged_step=STAGED)
        return self._done()

    def recover(self, bench: Bench) -> Outcome:
        """Finish a put that was staged; begin anew otherwise."""
        if bench.job.step != STAGED:
            return self.do(bench)
        bench.reveal(self.folder, self.file)
        return self._done()

    def _done(self) -> Outcome:
        return Outcome("done", folder=self.folder, put=self.file.name)


def prepare(job: Job) -> PutFile:
    """Read the payload: folder and file."""
    return PutFile(folder_name(job.payload), FileToPut.read(job.payload))
