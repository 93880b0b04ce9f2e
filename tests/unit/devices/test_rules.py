"""The decisions about agents and jobs: codes, answers that fit, pauses between wake-ups."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.access.model import WorkstationKey
from tillbridge.devices import rules
from tillbridge.devices.model import OUTCOMES, EnrolmentCode, Job, JobKind, JobOrder, Outcome
from tillbridge.kernel.errors import Conflict, Refused

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TILL = WorkstationKey("01", "till-1")
ANSWERS = {
    "put_file": {"done", "in_doubt"},
    "withdraw_file": {"withdrawn", "gone", "in_doubt"},
    "check_folder": {"done", "refused"},
}
"""Which answers fit which job: written down here a second time."""


def a_job(kind: JobKind = JobKind.PUT_FILE, outcome: Outcome | None = None) -> Job:
    order = JobOrder(TILL, "folder.erp.folder", kind, {}, {})
    return Job(order, 1, NOW, outcome=outcome)


def code_of(do: Any, *given: Any) -> str:
    with pytest.raises(Refused) as refusal:
        do(*given)
    return refusal.value.code


# Codes


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_read_to_someone_over_the_telephone(randomness: bytes) -> None:
    """DV-1: three groups of four, without letters and digits that are confused."""
    code = rules.code_from(randomness)
    assert re.fullmatch(r"([A-Z2-9]{4}-){2}[A-Z2-9]{4}", code)
    assert not set(code) & set("ILO01")
    assert rules.normalised_code(code) == code.replace("-", "")


@given(st.binary(min_size=16, max_size=16), st.data())
def test_a_code_is_the_same_however_it_is_typed(randomness: bytes, data: st.DataObject) -> None:
    plain = rules.normalised_code(rules.code_from(randomness))
    typed = ""
    for letter in plain:
        typed += data.draw(st.sampled_from(["", " ", "-", "\t", " - "]))
        typed += data.draw(st.sampled_from([letter, letter.lower()]))
    assert rules.normalised_code(typed) == plain


def test_codes_are_spread_over_all_there_are() -> None:
    codes = {rules.code_from(number.to_bytes(16, "big")) for number in range(2000)}
    assert len(codes) == 2000
    assert 29**rules.CODE_LENGTH > 2**58


def test_a_code_never_made_is_unknown() -> None:
    assert code_of(rules.demand_usable, None, "1", NOW) == "enrolment-code-unknown"


@pytest.mark.parametrize(
    ("used_by", "asks", "late", "code"),
    [
        (None, "1", timedelta(0), None),
        (None, "1", timedelta(hours=23, minutes=59), None),
        (None, "1", timedelta(hours=24), "enrolment-code-expired"),
        ("1", "1", timedelta(0), None),
        ("1", "1", timedelta(hours=24), "enrolment-code-expired"),
        ("1", "2", timedelta(0), "enrolment-code-used"),
        ("1", "2", timedelta(hours=24), "enrolment-code-used"),
    ],
)
def test_who_may_use_a_code(used_by: str | None, asks: str, late: timedelta, code: str | None) -> None:
    """DV-1: once, for a day; a repetition of the same enrolment is the same enrolment."""
    made = EnrolmentCode(TILL, NOW + rules.CODE_LIFETIME, used_by, "agent" if used_by else None)
    if code is None:
        assert rules.demand_usable(made, asks, NOW + late) is made
    else:
        assert code_of(rules.demand_usable, made, asks, NOW + late) == code


# Answers


@pytest.mark.parametrize(("kind", "outcome"), list(product(JobKind, Outcome)))
def test_which_answer_fits_which_job(kind: JobKind, outcome: Outcome) -> None:
    """DV-2, DV-5."""
    assert {each.value for each in OUTCOMES[kind]} == ANSWERS[kind.value]
    if outcome.value in ANSWERS[kind.value]:
        rules.demand_fitting(a_job(kind), outcome)
        rules.demand_fitting(a_job(kind, outcome), outcome)
    else:
        assert code_of(rules.demand_fitting, a_job(kind), outcome) == "outcome-does-not-fit"


@pytest.mark.parametrize("kind", JobKind)
def test_an_answer_is_not_taken_back(kind: JobKind) -> None:
    """DV-5: what was said was said."""
    for first, second in product(OUTCOMES[kind], repeat=2):
        if first is not second:
            with pytest.raises(Conflict) as refusal:
                rules.demand_fitting(a_job(kind, first), second)
            assert refusal.value.code == "job-has-another-outcome"
            assert refusal.value.facts["recorded"] == first.value


# Wake-ups


def test_pauses_between_wake_ups_grow_to_a_day() -> None:
    """DV-6: an agent that is away for a month costs a message a day."""
    pauses = [rules.next_wake(wakes, NOW) - NOW for wakes in range(40)]
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (1, 4, 16, 64)]
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert pauses[-1] == timedelta(hours=24)
    assert rules.next_wake(10**9, NOW) == NOW + timedelta(hours=24)
