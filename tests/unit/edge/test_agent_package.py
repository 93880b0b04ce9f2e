"""The agent installs alone: it imports the standard library, botocore, urllib3, and starts without them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

EDGE = Path(__file__).parents[3] / "edge"
PACKAGE = EDGE / "tillbridge_agent"
ALLOWED = {*sys.stdlib_module_names, "botocore", "urllib3", "tillbridge_agent"}
WINDOWS_ONLY = {"msvcrt"}


def imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(str(node.module).partition(".")[0])
    return names


def test_nothing_but_its_two_dependencies_is_imported() -> None:
    for source in PACKAGE.rglob("*.py"):
        assert imported(source) <= ALLOWED | WINDOWS_ONLY, source.name


def test_open_jobs_do_not_wait_for_botocore() -> None:
    asked = "import sys, tillbridge_agent.agent, tillbridge_agent.cli; print('botocore' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", asked], cwd=EDGE, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


def test_only_one_file_knows_how_to_rename() -> None:
    """A shop's folder is touched through `Folders` alone; the state folder's own files are the exception."""
    own_files = {"identity.py", "cli.py"}
    for source in PACKAGE.rglob("*.py"):
        if source.parent.name != "disks" and source.name not in own_files | {"folders.py"}:
            text = source.read_text("utf-8")
            assert not any(act in text for act in (".rename(", ".replace(state", ".unlink(", "os.remove")), (
                source
            )
