"""moto's tables at the price of the rows that are touched.

For each part of a transaction moto copies a whole table, to be able to go back to it; here the rows that the
parts name are kept instead, and put back when it fails. In each answer it looks for ten names and their
aliases in every attribute; here it takes the one that is there. Tests of files with hundreds of rows take a
fifth of their time with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table


def _copied(one: Any, memo: Any = None) -> Any:
    return one if isinstance(one, Table) else deepcopy(one, memo)


def _key_of(part: dict[str, Any]) -> tuple[DynamoType, DynamoType]:
    [wanted] = part.values()
    key = wanted.get("Key") or wanted["Item"]
    return DynamoType(key["pk"]), DynamoType(key["sk"])


_transact = DynamoDBBackend.transact_write_items
_structure = BaseJSONSerializer._serialize_type_structure


def _transact_quickly(backend: DynamoDBBackend, parts: list[dict[str, Any]]) -> None:
    before = []
    for part in parts:
        [wanted] = part.values()
        table = backend.tables[wanted["TableName"]]
        pk, sk = _key_of(part)
        before.append((table, pk, sk, deepcopy(table.get_item(pk, sk))))
    try:
        _transact(backend, parts)
    except Exception:
        for table, pk, sk, row in before:
            if row is not None:
                table.items[pk][sk] = row
            elif pk in table.items:
                table.items[pk].pop(sk, None)
        raise


def _structure_quickly(
    serializer: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str
) -> None:
    if shape.name != "AttributeValue" or not key or not isinstance(value, dict):
        _structure(serializer, serialized, value, shape, key)
        return
    attribute: dict[str, Any] = {}
    for kind, content in value.items():
        serializer._serialize(attribute, content, shape.members[kind], kind)
    serialized[key] = attribute


@contextmanager
def quick_tables() -> Iterator[None]:
    """Let moto take no longer than it must."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "copy", SimpleNamespace(deepcopy=_copied))
        patch.setattr(DynamoDBBackend, "transact_write_items", _transact_quickly)
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", _structure_quickly)
        yield
