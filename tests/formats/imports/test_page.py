"""The page about CSV files says what the readers do: its tables are their columns, its examples are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.formats.imports.record import TODAY, kind_of, read
from tillbridge.reconciliation.formats import (
    addison,
    amparex,
    customers,
    datev,
    invoices,
    navision,
    navision_dunning,
    orders,
    pbs,
)
from tillbridge.reconciliation.formats.layouts import Columns
from tillbridge.reconciliation.formats.opos_ascii import HEADINGS
from tillbridge.reconciliation.formats.reading import ReadSettings
from tillbridge.reconciliation.mappings import NEEDED, POSSIBLE, Mapping
from tillbridge.reconciliation.model import Facts, Kind, LedgerRow, Problem, Row

PAGE = (Path(__file__).parents[3] / "docs" / "formats" / "import-csv.md").read_text(encoding="utf-8")
SECTIONS = {
    "AMPAREX (CSV)": amparex.COLUMNS,
    "PBS": pbs.COLUMNS,
    "DATEV": datev.COLUMNS,
    "ADDISON Connect, Diamant": addison.COLUMNS,
    "Navision": navision.COLUMNS,
    "Navision Mahnungen": navision_dunning.COLUMNS,
    "Invoices in bulk": invoices.COLUMNS,
    "Customers in bulk": customers.COLUMNS,
    "Orders in bulk": orders.COLUMNS,
}
EXAMPLES = re.findall(r"^```([a-z-]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(("heading", "columns"), SECTIONS.items())
def test_the_table_of_a_kind_is_that_of_its_reader(heading: str, columns: Columns) -> None:
    rows = re.findall(r"^\| `([^|]+)` \|([^|]*)\|( yes)? \|", section(heading), re.MULTILINE)
    told = [([first, *re.findall(r"`([^`]+)`", others)], bool(needed)) for first, others, needed in rows]
    assert told == [(list(field.headings), field.needed) for field in columns.fields]


@pytest.mark.parametrize("heading", ["DATEV", "Navision"])
def test_columns_that_are_passed_over_are_named(heading: str) -> None:
    named = section(heading).split("Passed over: ", 1)[1].split("\n\n", 1)[0]
    assert re.findall(r"`([^`]+)`", named) == list(SECTIONS[heading].passed_over)


def test_the_places_of_the_opos_file_are_named_in_their_order() -> None:
    rows = re.findall(r"^\| (\d+) \| `([^`]+)` \|", section("DATEV pro"), re.MULTILINE)
    assert rows == [(str(place), heading) for place, heading in enumerate(HEADINGS, 1)]


def test_everything_about_a_mapping_is_told() -> None:
    text = section("Own mapping")
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)))
    assert told == list(Mapping.__dataclass_fields__)
    rows = re.findall(r"^\| ([a-z ]+) \| ([^|]*) \| ([^|]*)\|$", text, re.MULTILINE)
    found = {
        name.replace(" ", "-"): [re.findall(r"`(\w+)`", cell) for cell in cells] for name, *cells in rows
    }
    del found["variant"]
    needed = {variant.value: list(columns) for variant, columns in NEEDED.items()}
    assert {name: first for name, (first, _) in found.items()} == needed
    for variant, columns in POSSIBLE.items():
        assert {*found[variant.value][0], *found[variant.value][1]} == set(columns)


def test_every_kind_has_its_section() -> None:
    named = set(re.findall(r"`([a-z0-9-]+)` \((?:RI|LE)-", PAGE))
    assert named == {kind.value for kind in Kind} - {Kind.CAMT.value, Kind.MT940.value}


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_an_example_is_claimed_by_its_kind_and_read_without_a_problem(kind: str, example: str) -> None:
    settings = ReadSettings("beispiel.csv", "EUR", TODAY)
    content = example.replace("\n", "\r\n").encode("cp1252")
    claiming = kind_of(content, settings)
    readings = list(read(content, settings, claiming))
    assert claiming.KIND.value == kind
    assert not [one for one in readings if isinstance(one, Problem)]
    rows = [one for one in readings if isinstance(one, Row | LedgerRow)]
    assert len(rows) == len(example.splitlines()) - (kind != "datev-pro")
    assert isinstance(readings[-1], Facts)
