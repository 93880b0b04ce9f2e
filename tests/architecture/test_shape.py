"""The tree is the architecture: rooms of the same shape, small files, words of shops and books."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "layers" / "core" / "tillbridge"
ROOMS = ("access", "devices", "ledger", "payments", "reconciliation")
OF_A_ROOM = ("model", "rules", "store", "service", "schemas", "refusals")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "stuff"}
BARE = {"data", "item", "items", "info", "obj", "tmp"}
NAMES_IN_SMALL_LETTERS = ("ministack", "pytest", "mypy", "boto3")
PURE = (
    "model.py", "rules.py", "plans.py", "requests.py", "entries.py", "operations.py", "seals.py",
    "books_model.py", "books_rules.py", "standard_charts.py", "decisions.py", "guards.py", "matching.py",
    "invoice_numbers.py", "mappings.py", "import_model.py", "identity.py", "groups.py", "verdicts.py",
    "uploads.py", "allocations.py",
)  # fmt: skip
OUTSIDE = {
    "boto3",
    "botocore",
    "aws_lambda_powertools",
    "pydantic",
    "os",
    "secrets",
    "random",
    "time",
    "uuid",
}


def sources(*folders: str) -> list[Path]:
    """Python files below these folders of the repository."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "__pycache__" not in path.parts)


OURS = sources("layers/core/tillbridge", "functions", "edge/tillbridge_agent", "local", "bench")
ALL = [*OURS, *sources("tests")]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("room", ROOMS)
def test_knowing_one_room_is_knowing_all(room: str) -> None:
    files = {path.stem for path in (PRODUCT / room).glob("*.py")}
    assert set(OF_A_ROOM) <= files


def test_there_are_no_rooms_that_nobody_knows() -> None:
    folders = {path.name for path in PRODUCT.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*ROOMS, "kernel", "aws", "http"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_store_begins_with_its_keys_and_access_patterns(room: str) -> None:
    words = ast.get_docstring(tree(PRODUCT / room / "store.py")) or ""
    assert "access pattern" in words.lower()
    assert "DynamoDB" in words or "table" in words


@pytest.mark.parametrize("path", ALL, ids=shown)
def test_a_file_is_read_at_one_go(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_FILE_LINES


@pytest.mark.parametrize("path", ALL, ids=shown)
def test_a_function_fits_a_screen(path: Path) -> None:
    long = {
        function.name: (function.end_lineno or 0) - function.lineno + 1
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 >= MAX_FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("path", ALL, ids=shown)
def test_no_file_is_named_after_nothing(path: Path) -> None:
    assert not {word for part in path.relative_to(ROOT).parts for word in re.split(r"[_.]", part)} & VAGUE


def names_in(path: Path) -> set[str]:
    """Every name that the file gives: classes, functions, arguments, variables."""
    given: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            given.add(node.name)
        elif isinstance(node, ast.arg):
            given.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            given.add(node.id)
    return given


@pytest.mark.parametrize("path", OURS, ids=shown)
def test_names_say_what_they_are(path: Path) -> None:
    """Never bare ``data`` or ``item``, never a ``manager`` or ``helper`` of anything."""
    split = {
        name: set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_")) for name in names_in(path)
    }
    assert {name for name, words in split.items() if words & VAGUE or name in BARE} == set()


@pytest.mark.parametrize("path", ALL, ids=shown)
def test_nothing_is_left_for_later(path: Path) -> None:
    with tokenize.open(path) as source:
        comments = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(source.read()).readline)
            if token.type == tokenize.COMMENT
        ]
    assert not [comment for comment in comments if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", comment)]


@pytest.mark.parametrize("path", OURS, ids=shown)
def test_no_error_is_swallowed(path: Path) -> None:
    """Catching everything and going on is the one thing that nobody finds again."""
    silent = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
    ]
    assert silent == []


@pytest.mark.parametrize("path", OURS, ids=shown)
def test_a_docstring_is_a_sentence(path: Path) -> None:
    """It begins with a capital letter or a code word, and its first sentence ends."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            words = ast.get_docstring(node)
            if words is None:
                continue
            first = words.split("\n\n")[0].rstrip()
            name = getattr(node, "name", "module")
            if first.startswith(NAMES_IN_SMALL_LETTERS):
                continue
            assert first[0].isupper() or first[0] in "`'\"’[<0123456789", f"{name}: {first}"
            assert first[-1] in ".:;?!)" or "\n" in first or first.endswith("``"), f"{name}: {first}"


@pytest.mark.parametrize(
    "path",
    [path for room in ROOMS for path in sorted((PRODUCT / room).glob("*.py")) if path.name in PURE],
    ids=shown,
)
def test_decisions_know_neither_cloud_nor_clock(path: Path) -> None:
    """Moments, days and ids come in as arguments: the same input gives the same bytes."""
    imported: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module.split(".")[0], ".".join(node.module.split(".")[:2])}
    assert imported & OUTSIDE == set()
    assert imported & {"tillbridge.aws", "tillbridge.http", "tillbridge.wiring"} == set()
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(datetime\.now|utcnow|date\.today|time\.time|uuid4)\b", source)


@pytest.mark.parametrize("path", sources("layers/core/tillbridge", "functions"), ids=shown)
def test_only_the_wiring_reads_the_environment_and_makes_clients(path: Path) -> None:
    if path.name == "wiring.py":
        return
    calls = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    assert not {call for call in calls if call.startswith(("os.environ", "os.getenv", "boto3."))}


WIRED_BY_ITSELF = "token_claims"
"""It runs before every sign-in and needs one table only: the wiring would bring four services along."""


@pytest.mark.parametrize(
    "path", [path for path in sources("functions") if path.parent.name != WIRED_BY_ITSELF], ids=shown
)
def test_a_trigger_reaches_no_store(path: Path) -> None:
    """``functions → room.service``; what stands behind is the room's own affair."""
    imported = {
        node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not {
        module for module in imported if module.endswith(".store") or module.startswith("tillbridge.aws")
    }


@pytest.mark.parametrize("path", sources("edge/tillbridge_agent"), ids=shown)
def test_the_agent_installs_alone(path: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree(path))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    assert "tillbridge" not in imported
    assert "functions" not in imported


def test_rooms_point_down_only() -> None:
    """The contracts of ``pyproject.toml``, as ``make imports`` checks them; it sets up logging of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["layers/core", "edge"])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
