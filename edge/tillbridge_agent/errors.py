"""What can go wrong, by what the agent does about it.

Malformed     what came from the cloud is not a job: a bug over there; the device stops and says so, loudly
Blocked       the shop's side is not ready (folder missing, disk full, name taken): tried again, in order
Refused       the cloud says no (4xx): trying again changes nothing
Unavailable   the cloud, the line or the sign-in failed: tried again later
NotReady      the agent cannot start like this (not enrolled, second start, bad settings): a sentence and exit

Anything else is a bug: logged with its traceback, the device blocked as `agent-error`.
"""

from __future__ import annotations


class Malformed(Exception):
    """A message that is no job, or a job that cannot mean anything; `.field` names the part at fault."""

    def __init__(self, field: str, why: str, *, problem: str = "job-malformed") -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.problem = problem


class Blocked(Exception):
    """The device cannot go on until something in the shop changes; `.problem` is a stable code."""

    def __init__(self, problem: str, **facts: str) -> None:
        super().__init__(f"{problem} {facts}")
        self.problem = problem
        self.facts = facts


class Refused(Exception):
    """The cloud answered that it does not want this; `.code` is its problem code."""

    def __init__(self, code: str, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {code} {detail}".strip())
        self.code = code
        self.status = status
        self.detail = detail


class Unavailable(Exception):
    """The cloud could not be reached or could not answer; nothing is known about whether it acted."""

    def __init__(self, why: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class NotReady(Exception):
    """The agent cannot run; `.code` is the sentence to say (words.py) and `.facts` fill it."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(f"{code} {facts}")
        self.code = code
        self.facts = facts
