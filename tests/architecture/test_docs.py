"""What the documentation says of the code is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local import pages
from tillbridge.payments.formats.payment_file import KEYS
from tillbridge.payments.model import FileState, PaymentMethod
from tillbridge.reconciliation.import_model import ImportState

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), ROOT / "edge" / "README.md", *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FORMAT = DOCS / "formats" / "payment-file.md"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def first_cells(page: str, heading: str) -> list[str]:
    """What stands as code in the first column of the table under a heading."""
    section = page.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def anchors(page: str) -> set[str]:
    """The names under which the headings of a page are linked."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_problem_has_its_line() -> None:
    assert text(pages.PROBLEMS) == pages.problems_page(), "run `python -m local.pages`"


def test_the_table_of_permissions_is_that_of_the_code() -> None:
    page = text(pages.INTERFACE)
    assert "<!-- permissions -->" in page
    assert page == pages.interface_page(page), "run `python -m local.pages`"


def test_every_payment_type_is_explained() -> None:
    assert first_cells(text(FORMAT), "### Payment types") == [method.value for method in PaymentMethod]


def test_every_line_of_the_payment_file_is_explained_in_its_order() -> None:
    assert tuple(first_cells(text(FORMAT), "## Content")) == KEYS


def test_the_examples_are_those_that_the_product_writes() -> None:
    for sample in ("money-in-of-a-walk-in-customer", "money-out-to-a-named-customer"):
        recorded = ROOT / "tests" / "formats" / "payment_file" / f"{sample}.recorded"
        lines = recorded.read_bytes().decode().splitlines()
        assert "```\n" + "\n".join(lines) + "\n```" in text(FORMAT)


def test_the_diagram_draws_every_state_of_a_file_and_no_other() -> None:
    page = text(DOCS / "architecture.md")
    diagram = page.split("stateDiagram-v2", 1)[1].split("```", 1)[0]
    drawn = {name for step in re.findall(r"^ +(\S+) --> ([^:\s]+)", diagram, re.MULTILINE) for name in step}
    assert drawn - {"[*]"} == {state.value for state in FileState}
    assert set(first_cells(page, "## The states of a payment file")) == {state.value for state in FileState}


def test_the_diagram_draws_every_state_of_an_import_and_no_other() -> None:
    page = text(DOCS / "architecture.md").split("### The states of an import", 1)[1]
    diagram = page.split("stateDiagram-v2", 1)[1].split("```", 1)[0]
    drawn = {name for step in re.findall(r"^ +(\S+) --> ([^:\s]+)", diagram, re.MULTILINE) for name in step}
    assert {name.replace("_", "-") for name in drawn - {"[*]"}} == {state.value for state in ImportState}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(text(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(text(linked)), f"{target} has no such heading"


def test_decisions_are_numbered_without_gaps_and_shaped_alike() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in decisions] == [f"{place:04d}" for place in range(1, len(decisions) + 1)]
    for page in decisions:
        headings = re.findall(r"^## (.+)$", text(page), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = re.findall(r"^    (\S.*)$", text(ROOT / "README.md"), re.MULTILINE)
    assert commands[:2] == ["make run", "make test"]
