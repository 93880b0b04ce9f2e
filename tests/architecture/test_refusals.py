"""Every refusal has its words, in English and German, and every function knows those that it can meet."""

import ast
import importlib
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tillbridge.http import problems
from tillbridge.kernel import errors
from tillbridge.kernel.errors import Refused, Words

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "layers" / "core" / "tillbridge"
ROOMS = sorted(file.parent.name for file in PRODUCT.glob("*/refusals.py"))
REFUSALS: dict[str, dict[str, Words]] = {
    room: importlib.import_module(f"tillbridge.{room}.refusals").REFUSALS for room in ROOMS
}
ALL = {code: words for room in REFUSALS.values() for code, words in room.items()}
KINDS = {
    name
    for module in (errors, problems)
    for name, thing in vars(module).items()
    if isinstance(thing, type) and issubclass(thing, Refused)
}
FROM_TABLES = set(problems._CODE_OF.values()) | {
    "request-not-valid",
    "outside-not-available",
    "error-of-ours",
}
"""Codes that are not written where they are raised."""


def sources() -> Iterator[Path]:
    yield from PRODUCT.rglob("*.py")
    yield from (ROOT / "functions").rglob("*.py")


def raised() -> dict[str, str]:
    """Every code that is written in a call such as ``Refused("amount-not-positive", …)``, and where."""
    codes: dict[str, str] = {}
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in KINDS - {"Misshapen"}:
                for constant in ast.walk(node.args[0]):
                    if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                        codes[constant.value] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return codes


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_code_that_is_raised_has_words() -> None:
    without = {code: place for code, place in raised().items() if code not in ALL}
    assert not without


def test_no_words_are_left_of_refusals_that_are_gone() -> None:
    written = {
        constant.value
        for file in sources()
        if file.name != "refusals.py"
        for constant in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }
    assert set(ALL) - written - FROM_TABLES == set()


def test_one_code_has_one_text() -> None:
    homes = [code for room in REFUSALS.values() for code in room]
    assert sorted(homes) == sorted(set(homes))


@pytest.mark.parametrize("code", sorted(ALL))
def test_the_words_of_a_code(code: str) -> None:
    words = ALL[code]
    assert code == code.lower()
    assert set(code) <= set(string.ascii_lowercase + "-")
    assert words.en.strip()
    assert words.de.strip()
    assert words.en != words.de
    assert _facts(words.en) == _facts(words.de)


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_fact_in_the_words_is_a_fact_of_the_refusal() -> None:
    """A text that speaks of ``{currency}`` needs a refusal that carries a currency, wherever it is raised."""
    missing = []
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and _name(node.func) in KINDS):
                continue
            first = node.args[0]
            given = {keyword.arg for keyword in node.keywords}
            if isinstance(first, ast.Constant) and first.value in ALL and None not in given:
                wanted = _facts(ALL[first.value].en) - given
                if wanted:
                    missing.append(
                        f"{file.relative_to(ROOT)}:{node.lineno} {first.value} lacks {sorted(wanted)}"
                    )
    assert not missing


@pytest.mark.parametrize(
    "function", sorted(file.parent.name for file in (ROOT / "functions").glob("*_api/app.py"))
)
def test_a_function_knows_the_words_of_every_room_it_uses(function: str) -> None:
    app = importlib.import_module(f"functions.{function}.app").app
    rooms = _rooms_behind(ROOT / "functions" / function / "app.py") & set(ROOMS)
    for room in rooms:
        assert set(REFUSALS[room]) <= set(app.wording.words), room


def _rooms_behind(file: Path) -> set[str]:
    """The rooms that a file imports from, and those that these stand on."""
    found: set[str] = set()
    waiting = [file]
    while waiting:
        for node in ast.walk(ast.parse(waiting.pop().read_text(encoding="utf-8"))):
            parts = (getattr(node, "module", None) or "").split(".")
            if isinstance(node, ast.ImportFrom) and parts[0] == "tillbridge" and len(parts) > 1:
                room = parts[1]
                if room not in found and (PRODUCT / room).is_dir():
                    found.add(room)
                    waiting.extend((PRODUCT / room).rglob("*.py"))
    return found
