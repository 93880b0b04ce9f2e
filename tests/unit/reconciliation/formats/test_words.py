"""Whatever can be wrong with a file or a row has words in both languages, and none are left over (RI-32)."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import tillbridge.reconciliation
from tillbridge.kernel.errors import Words
from tillbridge.reconciliation.bank_refusals import REFUSALS as BANK_WORDS
from tillbridge.reconciliation.decisions import REASONS
from tillbridge.reconciliation.file_refusals import FILE_REFUSALS
from tillbridge.reconciliation.problem_words import NOTICES, PROBLEMS
from tillbridge.reconciliation.refusals import REFUSALS

ROOM = Path(tillbridge.reconciliation.__path__[0])
FILES = sorted(
    [path for path in (ROOM / "formats").glob("*.py") if not path.stem.startswith(("camt", "mt940", "bank_"))]
    + [ROOM / "mappings.py", ROOM / "registry.py"]
)
CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
NO_CODES = {"cp1252", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-7"}
OURS = {**FILE_REFUSALS, **{code: words for code, words in PROBLEMS.items() if code not in BANK_WORDS},
        **{code: words for code, words in NOTICES.items() if code not in BANK_WORDS}}  # fmt: skip


def written() -> dict[str, str]:
    """Everything in the readers that is spelled like a code, and where."""
    found: dict[str, str] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found[node.value] = f"{path.name}:{node.lineno}"
    return {code: place for code, place in found.items() if code not in NO_CODES}


def test_every_code_that_is_used_has_words() -> None:
    assert {code: place for code, place in written().items() if code not in OURS} == {}


def test_no_words_are_left_of_codes_that_are_gone() -> None:
    assert set(OURS) - set(written()) == set()


def test_a_code_means_one_thing() -> None:
    """A report looks a code up in one table after the other."""
    own_problems = PROBLEMS.keys() - BANK_WORDS.keys()
    own_notices = NOTICES.keys() - BANK_WORDS.keys()
    assert not own_problems & own_notices
    assert not (own_problems | own_notices) & REFUSALS.keys()
    assert not PROBLEMS.keys() & REASONS.keys()
    assert FILE_REFUSALS.items() <= REFUSALS.items()
    assert BANK_WORDS.items() <= REFUSALS.items()


@pytest.mark.parametrize("code", sorted(OURS))
def test_the_words_say_the_same_in_both_languages(code: str) -> None:
    words = OURS[code]
    assert words.en.strip().endswith(".")
    assert words.de.strip().endswith(".")
    assert words.en != words.de
    assert facts_of(words.en) == facts_of(words.de)
    assert "  " not in words.en + words.de


def facts_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_words_are_words() -> None:
    assert all(
        isinstance(words, Words) for table in (PROBLEMS, NOTICES, REFUSALS) for words in table.values()
    )
