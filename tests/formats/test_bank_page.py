"""The page about bank statements says what the code does: reasons, notices, limits (RI-5, RI-19)."""

from __future__ import annotations

import ast
import re

from tests.architecture.test_docs import DOCS, first_cells, text
from tests.formats.test_bank_files import SOURCES
from tillbridge.reconciliation.formats.bank_text import MAX_STATEMENTS, PIECE_BYTES
from tillbridge.reconciliation.formats.camt_text import MAX_DEPTH, MAX_ELEMENT_CHARS, MAX_ENTRY_CHARS
from tillbridge.reconciliation.formats.mt940 import MAX_FIELD_CHARS
from tillbridge.reconciliation.formats.reading import MAX_LINES
from tillbridge.reconciliation.invoice_numbers import MAX_TEXT_CHARS
from tillbridge.reconciliation.matching import MATCH_REASONS

PAGE = text(DOCS / "formats" / "bank-statements.md")


def test_every_reason_of_a_match_is_explained() -> None:
    assert sorted(first_cells(PAGE, "### Reasons")) == sorted(MATCH_REASONS)


def noticed() -> set[str]:
    """The codes that stand in a ``Notice(…)``, or are chosen just before it."""
    codes: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice"
            chosen = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code"
            if called or chosen:
                codes |= {
                    one.value
                    for one in ast.walk(node)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and "-" in one.value
                }
    return codes


def test_every_notice_is_explained() -> None:
    section = PAGE.split("## What is reported and stops nothing\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    assert {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)} == noticed()
    assert len(noticed()) > 8


def test_the_limits_are_those_of_the_code() -> None:
    for limit in (
        f"{MAX_LINES - 1:,} entries",
        f"{MAX_STATEMENTS:,} statements",
        f"{MAX_FIELD_CHARS:,} characters in a field",
        f"more than {MAX_DEPTH} elements in each other",
        f"{MAX_ELEMENT_CHARS >> 10} Ki characters",
        f"{MAX_ENTRY_CHARS >> 20} Mi characters",
        f"the first {PIECE_BYTES >> 10} KiB",
        f"{MAX_TEXT_CHARS:,} characters are searched",
    ):
        assert limit in PAGE.replace("\n", " "), limit
