"""Withdraw a payment file before its consumer takes it; if it was taken, put the counter-file (PF-5, PF-9).

noted         one rename decides between us and the consumer; a private file that is there means we have won
withdrawn     we have won and it is noted: the private file can go
gone          the consumer has won and it is noted, BEFORE the counter-file can become visible
gone_staged   the counter-file lies under its private name, or it has been revealed

Without the file and without knowledge that this agent put it (an inherited job, or a put that is itself in
doubt) nobody can know whether a consumer took it: in doubt, the counter-file is not put.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge_agent.errors import Malformed
from tillbridge_agent.jobs.bench import Bench
from tillbridge_agent.model import FileToPut, Job, Outcome, file_name, folder_name

WITHDRAWN = "withdrawn"
GONE = "gone"
GONE_STAGED = "gone_staged"


@dataclass(frozen=True, slots=True)
class WithdrawFile:
    """A withdrawal that is prepared."""

    folder: str
    name: str
    otherwise: FileToPut

    def do(self, bench: Bench) -> Outcome:
        """Try to win the file; put the counter-file when the consumer was first."""
        if bench.folders.take_back(self.folder, bench.private("withdrawn"), self.name):
            bench.note(WITHDRAWN)
            return self._withdrawn(bench)
        known = bench.whereabouts(self.name)
        if known == "in_doubt" or (bench.job.inherited and known == "unknown"):
            return Outcome("in_doubt", "file-absent", folder=self.folder)
        bench.note(GONE)
        return self._counter(bench)

    def recover(self, bench: Bench) -> Outcome:
        """Go on after the step that is noted; what was decided stays decided."""
        if bench.job.step == WITHDRAWN:
            return self._withdrawn(bench)
        if bench.job.step == GONE:
            return self._counter(bench)
        if bench.job.step == GONE_STAGED:
            bench.reveal(self.folder, self.otherwise)
            return self._gone()
        return self.do(bench)

    def _withdrawn(self, bench: Bench) -> Outcome:
        bench.folders.remove(self.folder, bench.private("withdrawn"))
        return Outcome("withdrawn", folder=self.folder, ended=self.name)

    def _counter(self, bench: Bench) -> Outcome:
        bench.put(self.folder, self.otherwise, staged_step=GONE_STAGED)
        return self._gone()

    def _gone(self) -> Outcome:
        return Outcome("gone", folder=self.folder, put=self.otherwise.name, ended=self.name)


def prepare(job: Job) -> WithdrawFile:
    """Read the payload: folder, name, and the file to put if the first one is gone."""
    otherwise = job.payload.get("otherwise")
    if not isinstance(otherwise, dict):
        raise Malformed("payload.otherwise", "must be a file")
    return WithdrawFile(
        folder_name(job.payload), file_name(job.payload), FileToPut.read(otherwise, "payload.otherwise")
    )
