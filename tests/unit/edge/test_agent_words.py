"""Every code that the agent can say has a sentence in English and German; the runbook explains problems."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from tillbridge_agent.jobs.bench import Doubt
from tillbridge_agent.words import DOUBTS, EVENTS, PROBLEMS, SENTENCES, Speaker

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "edge" / "tillbridge_agent").rglob("*.py"))


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_both_languages_say_the_same_facts(code: str) -> None:
    english, german = SENTENCES[code]
    assert english
    assert german
    assert fields(english) == fields(german)


def test_every_code_raised_or_said_has_a_sentence() -> None:
    said = re.compile(
        r'(?:Blocked|NotReady|say)\(\s*"([a-z-]+)"|problem="([a-z-]+)"|"((?:folder|disk|name|file)-[a-z-]+)"'
    )
    for source in SOURCES:
        for match in said.finditer(source.read_text()):
            code = next(group for group in match.groups() if group)
            assert code in SENTENCES, f"{source.name}: {code}"


def test_every_outcome_has_a_sentence() -> None:
    for result in ("done", "withdrawn", "gone", "in_doubt", "refused", "put"):
        assert f"result-{result}" in EVENTS


def test_every_doubt_has_a_sentence() -> None:
    assert set(DOUBTS) == set(get_args(Doubt))


def test_the_runbook_explains_every_problem_and_every_doubt() -> None:
    runbook = (ROOT / "docs" / "runbooks" / "edge-agent.md").read_text()
    for code in (*PROBLEMS, *DOUBTS):
        assert f"`{code}`" in runbook, code


def test_a_speaker_says_what_it_knows() -> None:
    assert (
        Speaker("de").say("disk-full", folder="C:\\Zahlungen").startswith("Die Festplatte mit C:\\Zahlungen")
    )
    assert Speaker().say("disk-full").startswith("The disk of  is full")
    assert Speaker().say("never heard of") == "never heard of"
