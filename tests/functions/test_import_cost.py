"""What an imported row costs: calls to AWS from S3's event to the report, and write units; fixed figures."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import pytest

from tests.functions.imports import ImportDesk, open_desk, payments_csv
from tests.functions.statements import Moved, mt940
from tests.functions.test_cost import row_size
from tests.functions.test_imports_bank import number
from tests.functions.test_imports_open_items import listed
from tests.world import TABLES, _resources
from tillbridge import wiring
from tillbridge.reconciliation.import_model import ImportState

KB = 1024
Wire = dict[str, Any]
Calls = list[tuple[str, Wire]]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportDesk]:
    """What nobody can guess is the same in each run: it decides how small outcomes can be packed."""
    chance = random.Random("costs")
    monkeypatch.setattr(secrets, "token_hex", lambda size: chance.randbytes(size).hex())
    with open_desk() as opened:
        yield opened


@contextmanager
def every_call() -> Iterator[Calls]:
    """All calls of the functions to AWS meanwhile, in their order."""
    seen: Calls = []

    def note(params: Wire, model: Any, **_: Any) -> None:
        seen.append((model.name, params))

    clients = (wiring.client("dynamodb"), wiring.client("sqs"), wiring._patient_files())
    for client in clients:
        client.meta.events.register("provide-client-params", note)
    try:
        yield seen
    finally:
        for client in clients:
            client.meta.events.unregister("provide-client-params", note)


def entries_in_indexes(table_name: str, row: Wire | None) -> list[tuple[Wire, Wire] | None]:
    """What each index of a table holds of a row: its keys there, and all; None where it is not in it."""
    [logical] = [name for name in TABLES.values() if table_name == f"test-{name}"]
    held: list[tuple[Wire, Wire] | None] = []
    for index in _resources()[logical]["Properties"].get("GlobalSecondaryIndexes", []):
        keys = {part["AttributeName"] for part in index["KeySchema"]}
        projection = index["Projection"]
        if row is None or not keys <= row.keys():
            held.append(None)
            continue
        names = keys | {"pk", "sk", *projection.get("NonKeyAttributes", ())}
        if projection["ProjectionType"] == "ALL":
            names = set(row)
        shown = {name: row[name] for name in names & row.keys()}
        held.append(({name: row[name] for name in keys}, shown))
    return held


def index_units(table_name: str, before: Wire | None, after: Wire) -> int:
    """A change of what an index holds is a write of it, a change of its keys are two."""
    units = 0
    was, then = entries_in_indexes(table_name, before), entries_in_indexes(table_name, after)
    for old, new in zip(was, then, strict=True):
        sizes = [ceil(row_size(entry[1]) / KB) for entry in (old, new) if entry is not None]
        if old == new:
            continue
        units += max(sizes) if old and new and old[0] == new[0] else sum(sizes)
    return units


class Units:
    """The write units of calls, by what they write; a transaction pays twice per started KB of a row."""

    def __init__(self, desk: ImportDesk) -> None:
        self.desk = desk
        self.rows = {
            (row["pk"]["S"], row["sk"]["S"]): row
            for table in ("LEDGER_TABLE", "IMPORTS_TABLE")
            for row in desk.shop.table(table)
        }
        self.by_kind: Counter[str] = Counter()

    def add(self, seen: Calls) -> Units:
        """The units of these calls, which the functions have made since."""
        self.after = {(row["pk"]["S"], row["sk"]["S"]): row for row in self.desk.shop.table("IMPORTS_TABLE")}
        for name, params in seen:
            if name == "TransactWriteItems":
                for part in params["TransactItems"]:
                    self._write(next(iter(part.values())), 2)
            elif name in ("UpdateItem", "PutItem"):
                self._write(params, 1)
        return self

    def _write(self, wanted: Wire, per_kb: int) -> None:
        key_from = wanted.get("Key") or wanted["Item"]
        key = key_from["pk"]["S"], key_from["sk"]["S"]
        row = wanted.get("Item") or self.after[key]
        kind = (
            key[1].partition("#")[0]
            if key[0].startswith(("IMPORT#", "DOCUMENT#"))
            else key[0].partition("#")[0]
        )
        units = per_kb * ceil(row_size(row) / KB) + index_units(wanted["TableName"], self.rows.get(key), row)
        self.by_kind[kind] += units
        self.rows[key] = row

    def per(self, count: int) -> dict[str, float]:
        """Units for each of so many rows."""
        return {kind: round(units / count, 2) for kind, units in sorted(self.by_kind.items())}


def imported(desk: ImportDesk, name: str, file: bytes, **notes: str) -> tuple[Counter[str], Units]:
    """The calls and units from the event of S3 to the report."""
    desk.shop.world.clock.forward(seconds=1)
    event, units = desk.put(name, file, **notes), Units(desk)
    with every_call() as seen:
        one = desk.take_in(event)
        desk.settle()
    assert desk.find(one.id).state is ImportState.FINISHED, desk.find(one.id).stops
    return Counter(name for name, _ in seen), units.add(seen)


READ_AND_BOOKED = {
    "HeadObject": 1, "CopyObject": 1, "GetObject": 5, "PutObject": 6, "SendMessageBatch": 3, "GetItem": 14,
    "Query": 9, "UpdateItem": 1,
}  # fmt: skip
"""What an import of one chunk takes beside reading documents and writing slices, however many rows it has."""


def test_the_calls_and_write_units_of_a_thousand_payments(desk: ImportDesk) -> None:
    """Half of them settle their invoice, half leave it open; both change its place on the list of open items.

    Documents are read by the hundred, once to assess and once to book; a transaction books 48 of them. Each
    row costs two units for its document, one for the list of open items, two for its journal entry, and its
    share of a slice.
    """
    numbers = [f"RE-{place:06}" for place in range(1_000)]
    desk.invoices(*numbers)
    amounts = ("100,00", "40,00")
    rows = [[number, amounts[place % 2], "20261105"] for place, number in enumerate(numbers)]
    calls, units = imported(desk, "payments.csv", payments_csv(rows))
    print(f"{calls.total()} calls, {units.by_kind.total()} write units: {units.per(1_000)}")
    assert calls == READ_AND_BOOKED | {"BatchGetItem": 10 + 11, "TransactWriteItems": 21 + 7}
    assert calls.total() / len(numbers) < 0.1
    assert {kind: units.by_kind[kind] for kind in ("DOCUMENT", "JOURNAL")} == {
        "DOCUMENT": 3_000, "JOURNAL": 2_000,
    }  # fmt: skip
    assert units.by_kind.total() - 5_000 < 200, "slices, their chunk, the import"
    assert len(desk.outcomes(desk.imports()[0])) == 1_000


def test_what_each_further_entry_of_a_statement_costs(desk: ImportDesk) -> None:
    """A movement is noted beside its document and entry: a transaction books 32 of them."""
    desk.profile(number_patterns=("RE-##-####-##",))
    numbers = [number(place) for place in range(201)]
    desk.invoices(*numbers)
    one, many = (
        imported(desk, "statement.sta", mt940(*(Moved(100_00, f"Rechnung {each}") for each in some)))
        for some in (numbers[:1], numbers[1:])
    )
    further = many[0] - one[0]
    print(f"{further.total()} calls for 199 further entries; write units: {many[1].per(200)}")
    assert further == {"TransactWriteItems": 6, "BatchGetItem": 6}
    assert further.total() / 199 < 0.1
    assert {kind: many[1].by_kind[kind] for kind in ("DOCUMENT", "JOURNAL", "ENTRY")} == {
        "DOCUMENT": 600, "JOURNAL": 400, "ENTRY": 400,
    }  # fmt: skip
    statement = desk.imports()[0]
    with every_call() as seen:
        desk.delete(statement)
    calls = Counter(name for name, _ in seen)
    assert not {"Scan"} & (one[0] | many[0] | calls).keys()
    print(f"{calls.total()} calls to take 200 entries back")
    assert calls["TransactWriteItems"] == 7 + 4


def test_rows_that_change_nothing_cost_hardly_anything(desk: ImportDesk) -> None:
    """A list of what is open here too: no document is written."""
    numbers = [f"RE-{place:06}" for place in range(200)]
    desk.invoices(*numbers)
    rows = [(number, "100,00") for number in numbers]
    first = desk.upload("open-20261119.csv", listed(*rows))
    assert desk.approve(first).state is ImportState.FINISHED
    calls, units = imported(desk, "open-20261120.csv", listed(*rows[::-1]))
    print(f"{calls.total()} calls, {units.by_kind.total()} write units: {units.per(200)}")
    assert (calls["TransactWriteItems"], calls["BatchGetItem"]) == (1 + 7, 2 + 2)
    assert (units.by_kind["DOCUMENT"], units.by_kind["JOURNAL"]) == (0, 0)
    assert units.by_kind.total() < 100
