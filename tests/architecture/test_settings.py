"""Each function is given the settings that its code reads: its own, and those of the wiring that it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.environment import ROOT
from tests.architecture.test_template import FUNCTIONS, RAW, properties

CORE = ROOT / "layers" / "core" / "tillbridge"
WIRING = CORE / "wiring.py"
SET_BY_LAMBDA = {"AWS_REGION"}
SHARED = set(RAW["Globals"]["Function"]["Environment"]["Variables"])
LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def named_reads(tree: ast.AST) -> Iterator[ast.expr]:
    """What stands for the name wherever an environment variable is read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("setting", "environ.get", "getenv", "environ.pop", "environ.setdefault")
        ):
            yield node.args[0]
        if (
            isinstance(node, ast.Subscript)
            and ast.unparse(node.value) == "os.environ"
            and isinstance(node.ctx, ast.Load)
        ):
            yield node.slice


def spelled_out(tree: ast.AST, text: ast.expr) -> set[str]:
    """The names that an f-string stands for in a loop over literals."""
    for loop in ast.walk(tree):
        if isinstance(loop, LOOPS) and text in set(ast.walk(loop)):
            [over] = loop.generators
            code = compile(ast.Expression(text), str(WIRING), "eval")
            each = ast.unparse(over.target)
            return {eval(code, {each: one}) for one in ast.literal_eval(over.iter)}  # noqa: S307 - our own code
    raise AssertionError(f"nobody can tell which settings {ast.unparse(text)} reads")


def settings_of(tree: ast.AST) -> set[str]:
    """The names of the environment variables that a piece of code reads."""
    names = set()
    for read in named_reads(tree):
        if isinstance(read, ast.Constant):
            names.add(str(read.value))
        else:
            names |= spelled_out(tree, read)
    return names


PARTS = {
    part.name: part
    for part in parsed(WIRING).body
    if isinstance(part, ast.FunctionDef | ast.ClassDef)
    and part.name != "setting"  # it reads what it is told to
}
"""The wiring's own functions and classes, by their names."""


def reached(start: set[str]) -> set[str]:
    """The parts of the wiring that these parts use, and those that they use, and so on."""
    found: set[str] = set()
    waiting = start & set(PARTS)
    while waiting:
        found |= waiting
        names = {node.id for name in waiting for node in ast.walk(PARTS[name]) if isinstance(node, ast.Name)}
        waiting = (names & set(PARTS)) - found
    return found


def read_by(path: Path) -> set[str]:
    """The settings that a program reads, by itself and through the wiring."""
    tree = parsed(path)
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "wiring"
    }
    through_wiring = [settings_of(PARTS[name]) for name in reached(used)]
    return settings_of(tree).union(*through_wiring) - SET_BY_LAMBDA


def declared(name: str) -> set[str]:
    return {*SHARED, *properties(name).get("Environment", {}).get("Variables", {})}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_finds_the_settings_that_it_reads_and_no_others(name: str) -> None:
    """What it knows nothing of it cannot reach: a setting too many is a right that nobody needed."""
    programs = (ROOT / properties(name)["CodeUri"]).rglob("*.py")
    read = set[str]().union(*map(read_by, programs))
    assert read <= declared(name)
    assert declared(name) - read <= SHARED


def test_the_wiring_alone_reads_the_environment() -> None:
    """So following it finds all settings of a function."""
    for path in CORE.rglob("*.py"):
        if path != WIRING:
            assert not list(named_reads(parsed(path))), path


def test_functions_use_the_wiring_under_its_name_and_rooms_do_not_use_it() -> None:
    """Else a setting could be read on a way that nobody follows; commands are programs of their own."""
    for path in (ROOT / "functions").glob("*/*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom):
                assert node.module != "tillbridge.wiring", path
                assert all(each.asname is None for each in node.names if each.name == "wiring"), path
    rooms = [path for path in CORE.rglob("*.py") if path not in (WIRING, CORE / "ledger" / "commands.py")]
    assert [path for path in rooms if "wiring" in path.read_text(encoding="utf-8")] == []


def test_the_wiring_is_followed_through_to_its_end() -> None:
    """The recording of a payment needs the agents' queues, the pool of users and the clients of callers."""
    read = read_by(ROOT / "functions" / "payments_api" / "app.py")
    assert {"PAYMENTS_TABLE", "AGENT_QUEUE_KEY_ARN", "USER_POOL_ID", "TILL_CLIENT_ID"} <= read
    assert "SEALS_BUCKET" not in read
    assert read_by(ROOT / "functions" / "token_claims" / "app.py") == {"ACCESS_TABLE"}
