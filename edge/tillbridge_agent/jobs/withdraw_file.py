"""Withdraw a payment file before its consumer takes it; if it was taken, put the counter-file (PF-5, PF-9).

noted             one rename decides between us and the consumer; a private file there means we have won
withdrawn         we have won and it is noted: the private file can go
gone              the consumer has won and it is noted, BEFORE the counter-file can become visible
gone_staged:<id>  the counter-file lies under its private name in the folder of this identity, or was revealed

A file that is missing from another folder than the one it was put into proves nothing, unless it was seen to
be collected before: in doubt, the counter-file is not put. A counter-file whose folder was exchanged after
`gone_staged` is in doubt like any put, though its file is known to be taken.

Without the file and without knowledge that this agent put it (an inherited job, or a put that is itself in
doubt) nobody can know whether a consumer took it: in doubt, the counter-file is not put.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge_agent.errors import Malformed
from tillbridge_agent.jobs.bench import Bench, Doubt
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
        taken_back = bench.folders.take_back(self.folder, bench.private("withdrawn"), self.name)
        if taken_back.won:
            bench.note(WITHDRAWN)
            return self._withdrawn(bench)
        known = bench.whereabouts(self.name, taken_back.folder_id)
        if known == "folder-changed":
            return self._in_doubt("folder-changed")
        if known == "in_doubt" or (bench.job.inherited and known == "unknown"):
            return self._in_doubt("file-absent")
        bench.note(GONE)
        return self._counter(bench)

    def recover(self, bench: Bench) -> Outcome:
        """Go on after the step that is noted; what was decided stays decided."""
        if bench.job.step == WITHDRAWN:
            return self._withdrawn(bench)
        if bench.job.step == GONE:
            return self._counter(bench)
        if bench.job.step.partition(":")[0] != GONE_STAGED:
            return self.do(bench)
        put_into = bench.finish_put(self.folder, self.otherwise, before=GONE, staged=GONE_STAGED)
        if put_into is None:
            return self._in_doubt("counter-folder-changed", ended=self.name)
        return self._gone(put_into)

    def _withdrawn(self, bench: Bench) -> Outcome:
        bench.folders.remove(self.folder, bench.private("withdrawn"))
        return Outcome("withdrawn", folder=self.folder, ended=self.name)

    def _counter(self, bench: Bench) -> Outcome:
        return self._gone(bench.put(self.folder, self.otherwise, before=GONE, staged=GONE_STAGED))

    def _gone(self, folder_id: str) -> Outcome:
        return Outcome(
            "gone", folder=self.folder, put=self.otherwise.name, ended=self.name, folder_id=folder_id
        )

    def _in_doubt(self, doubt: Doubt, ended: str = "") -> Outcome:
        return Outcome("in_doubt", doubt, folder=self.folder, ended=ended)


def prepare(job: Job) -> WithdrawFile:
    """Read the payload: folder, name, and the file to put if the first one is gone."""
    otherwise = job.payload.get("otherwise")
    if not isinstance(otherwise, dict):
        raise Malformed("payload.otherwise", "must be a file")
    return WithdrawFile(
        folder_name(job.payload), file_name(job.payload), FileToPut.read(otherwise, "payload.otherwise")
    )
