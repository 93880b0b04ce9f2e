"""Writes those pages of the documentation that the code knows best.

python -m local.pages            writes docs/problems.md and the permissions in docs/http-interface.md
python -m local.pages --check    says whether both are up to date
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tillbridge.kernel.errors import Words

ROOT = Path(__file__).resolve().parent.parent
PROBLEMS = ROOT / "docs" / "problems.md"
INTERFACE = ROOT / "docs" / "http-interface.md"
PERMISSIONS = re.compile(r"(?<=<!-- permissions -->\n).*?(?=<!-- end of permissions -->)", re.DOTALL)

_HEAD = """# Problems

Every code that a refusal of the HTTP interface can carry: in `type` as `urn:tillbridge:problem:<code>`,
and in `errors[].code` for a field. `python -m local.pages` writes this page from the `refusals.py` of the
rooms; what stands in braces is filled with the facts of the request. Codes are stable: compare codes, never
words. How a problem looks on the wire is told in [http-interface.md](http-interface.md).
"""


def problems_page() -> str:
    """The page of all problem codes with their words in both languages, room by room."""
    parts = [_HEAD]
    for title, words in _rooms().items():
        parts.append(f"\n## {title}\n\n| code | English | German |\n|---|---|---|\n")
        for code, said in sorted(words.items()):
            parts.append(f"| `{code}` | {_cell(said.en)} | {_cell(said.de)} |\n")
    return "".join(parts)


def permissions_table() -> str:
    """Which role may do what, as a table with one line for each act."""
    from tillbridge.access.model import Role  # noqa: PLC0415 -- after the path is known
    from tillbridge.access.rules import PERMISSIONS as PERMITTED  # noqa: PLC0415
    from tillbridge.access.rules import Act  # noqa: PLC0415

    lines = [f"| act | {' | '.join(Role)} |", "|---" * (len(Role) + 1) + "|"]
    for act in Act:
        marks = ("yes" if act in PERMITTED[role] else "" for role in Role)
        lines.append(f"| `{act}` | {' | '.join(marks)} |")
    return "\n" + "\n".join(lines) + "\n\n"


def interface_page(former: str) -> str:
    """The guide to the HTTP interface with its table of permissions as it must be."""
    return PERMISSIONS.sub(lambda _: permissions_table(), former)


def _rooms() -> dict[str, Mapping[str, Words]]:
    from tillbridge.access import refusals as access  # noqa: PLC0415 -- after the path is known
    from tillbridge.devices import refusals as devices  # noqa: PLC0415
    from tillbridge.http import refusals as http  # noqa: PLC0415
    from tillbridge.kernel import refusals as kernel  # noqa: PLC0415
    from tillbridge.ledger import refusals as ledger  # noqa: PLC0415
    from tillbridge.payments import refusals as payments  # noqa: PLC0415
    from tillbridge.reconciliation import refusals as reconciliation  # noqa: PLC0415

    return {
        "Requests": http.REFUSALS,
        "Values": kernel.REFUSALS,
        "Payments, files and interfaces": payments.REFUSALS,
        "Documents, customers and books": ledger.REFUSALS,
        "Imports and their files": reconciliation.REFUSALS,
        "Agents and jobs": devices.REFUSALS,
        "Access": access.REFUSALS,
    }


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; returns the exit status."""
    wanted = {PROBLEMS: problems_page(), INTERFACE: interface_page(INTERFACE.read_text(encoding="utf-8"))}
    if arguments == ["--check"]:
        old = [path for path, text in wanted.items() if not _holds(path, text)]
        for path in old:
            print(f"{path.relative_to(ROOT)} is out of date: run `python -m local.pages`.")
        return 1 if old else 0
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
        print(f"Wrote {path.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "layers" / "core"))
    raise SystemExit(main(sys.argv[1:]))
