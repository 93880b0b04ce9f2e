"""The tables that tests of imports use are moto's: nothing half done stays, and rows come as they went."""

from __future__ import annotations

import pytest

from tests.functions.quick_tables import quick_tables
from tests.functions.shops import Shop
from tillbridge.aws.table import NEW, CommitConflict, Expects, Part, Put, Table, Update, commit

ROW = {
    "pk": "A", "sk": "1", "text": "x", "number": -12, "truth": False, "bytes": b"\x00\xff", "empty": "",
    "list": [1, "two", [True]], "map": {"pk": {"sk": 3}, "none": []},
}  # fmt: skip


def test_a_transaction_that_fails_leaves_every_row_as_it_was(shop: Shop) -> None:
    table = Table(shop.world.clients["dynamodb"], shop.world.names["IMPORTS_TABLE"])
    with quick_tables():
        commit(table.client, [Put(table.name, ROW, "first", NEW)])
        parts: list[Part] = [
            Update(table.name, ("A", "1"), "changed", set_={"number": 1}),
            Put(table.name, {"pk": "A", "sk": "2"}, "new", NEW),
            Put(table.name, {"pk": "B", "sk": "1"}, "of a new partition", NEW),
            Update(table.name, ("C", "1"), "missing", set_={"number": 1}, expects=Expects()),
        ]
        with pytest.raises(CommitConflict) as conflict:
            commit(table.client, parts)
        assert list(conflict.value.failed) == ["missing"]
        keys = [("A", "1"), ("A", "2"), ("B", "1"), ("C", "1")]
        assert table.get_many(keys) == [ROW] == list(table.query("A").rows)
        commit(table.client, parts[:3])
        assert len(table.get_many(keys)) == 3
    assert table.get(("A", "1")) == {**ROW, "number": 1}
