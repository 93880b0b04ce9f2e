"""An act that only met another one under way may be repeated as it is; one whose condition failed may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tests.functions.shops import Shop
from tillbridge.aws.table import NEW, CommitConflict, Part, Put, Table, commit_unless_busy
from tillbridge.kernel.errors import Unavailable

BUSY, FAILED, HELD = "TransactionConflict", "ConditionalCheckFailed", "None"


@contextmanager
def cancelled(client: Any, *reasons: str) -> Iterator[None]:
    """DynamoDB cancels transactions for these reasons, one of each part (moto never meets two at once)."""
    told = {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }

    def answer(**_: Any) -> tuple[SimpleNamespace, dict[str, Any]]:
        return SimpleNamespace(status_code=400), told

    name = "before-call.dynamodb.TransactWriteItems"
    client.meta.events.register(name, answer)
    try:
        yield
    finally:
        client.meta.events.unregister(name, answer)


@pytest.fixture
def table(shop: Shop) -> Table:
    return Table(shop.world.clients["dynamodb"], shop.world.names["ACCESS_TABLE"])


@pytest.fixture
def parts(table: Table) -> list[Part]:
    return [Put(table.name, {"pk": "A", "sk": name}, name, NEW) for name in ("first", "second")]


def test_an_act_that_only_met_another_one_under_way_may_be_repeated(table: Table, parts: list[Part]) -> None:
    with cancelled(table.client, BUSY, HELD), pytest.raises(Unavailable):
        commit_unless_busy(table.client, parts)
    commit_unless_busy(table.client, parts)
    assert len(table.query("A").rows) == 2


@pytest.mark.parametrize("other", [BUSY, HELD])
def test_an_act_whose_condition_failed_is_no_matter_of_repeating(
    table: Table, parts: list[Part], other: str
) -> None:
    with cancelled(table.client, other, FAILED), pytest.raises(CommitConflict) as conflict:
        commit_unless_busy(table.client, parts)
    assert list(conflict.value.failed) == ["second"]
