"""Every kind of job is one file here, all of one shape: prepare, do, recover (bench.py explains it)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tillbridge_agent.errors import Malformed
from tillbridge_agent.jobs import check_folder, put_file, withdraw_file
from tillbridge_agent.jobs.bench import Bench, Work
from tillbridge_agent.model import Job

__all__ = ["KINDS", "Bench", "Work", "prepare"]

KINDS: Mapping[str, Callable[[Job], Work]] = {
    "put_file": put_file.prepare,
    "withdraw_file": withdraw_file.prepare,
    "check_folder": check_folder.prepare,
}


def prepare(job: Job) -> Work:
    """Read a job's payload into work that can be done; Malformed when it means nothing to this agent."""
    kind = KINDS.get(job.kind)
    if kind is None:
        raise Malformed("kind", f"{job.kind!r} is not known to this agent", problem="kind-unknown")
    return kind(job)
