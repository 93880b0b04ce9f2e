"""The decisions about agents and jobs; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from tillbridge.kernel.errors import Conflict, Refused

from .model import OUTCOMES, Agent, EnrolmentCode, Job, Outcome

CODE_LIFETIME = timedelta(hours=24)
"""How long an enrolment code waits for its agent."""

LONGEST_WAKE_PAUSE = timedelta(hours=24)

_CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Letters and digits that nobody confuses on paper or on the telephone."""

CODE_LENGTH = 12


def code_from(randomness: bytes) -> str:
    """``ABCD-EFGH-JKMN`` from random bytes; some 58 bits."""
    number = int.from_bytes(randomness, "big")
    letters = []
    for _ in range(CODE_LENGTH):
        number, index = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[index])
    text = "".join(letters)
    return "-".join(text[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def normalised_code(text: str) -> str:
    """The code as it was made, whatever blanks, dashes and small letters were typed."""
    return "".join(char for char in text.upper() if char.isalnum())


def demand_usable(code: EnrolmentCode | None, enrolment_id: str, now: datetime) -> EnrolmentCode:
    """The code, if it may enrol: unused, or used by this very enrolment whose reply was lost."""
    if code is None:
        raise Refused("enrolment-code-unknown", field="code")
    if code.used_by_enrolment not in (None, enrolment_id):
        raise Refused("enrolment-code-used", field="code")
    if now >= code.expires_at:
        raise Refused("enrolment-code-expired", field="code")
    return code


QUEUE_REACH = timedelta(hours=1) + timedelta(minutes=5)
"""So long after it was handed credentials an agent may still fetch from its queue."""


def inherits_before(former: Agent | None, now: datetime) -> datetime | None:
    """The moment before which jobs were made that ``former``, or one before it, may have begun."""
    if former is None:
        return None
    reached = min(now, (former.last_handed_jobs_at or former.enrolled_at) + QUEUE_REACH)
    return max(reached, former.inherits_before or reached)


def is_inherited(job: Job, agent: Agent, meant_for: Agent | None) -> bool:
    """Whether an earlier agent of the workstation may have begun the job.

    That is: any of them, what it could fetch; and the one for which it was meant, also while it was being
    replaced. What was made after they lost their reach (the PC died, say) nobody has begun.
    """
    if agent.inherits_before is not None and job.made_at < agent.inherits_before:
        return True
    if meant_for is None or meant_for.id == agent.id:
        return False
    handed_at = meant_for.last_handed_jobs_at or meant_for.enrolled_at
    return job.made_at < handed_at + QUEUE_REACH


def demand_fitting(job: Job, outcome: Outcome) -> None:
    """Refuse an answer that does not fit the kind of job, or differs from the one given before."""
    if outcome not in OUTCOMES[job.order.kind]:
        raise Refused("outcome-does-not-fit", field="outcome", value=outcome.value, kind=job.order.kind.value)
    if job.outcome not in (None, outcome):
        raise Conflict(
            "job-has-another-outcome",
            field="outcome",
            value=outcome.value,
            recorded=job.outcome.value if job.outcome else "",
        )


def next_wake(wakes: int, now: datetime) -> datetime:
    """When to wake the agent for an unanswered job again: after 1, 4, 16 … minutes, at most a day."""
    pause_minutes = 4 ** min(wakes, 8)
    return now + min(timedelta(minutes=pause_minutes), LONGEST_WAKE_PAUSE)
