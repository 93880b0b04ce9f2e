"""DynamoDB: rows are plain dicts with the keys ``pk`` and ``sk``; acts are written as one transaction.

Rooms return *parts*; one ``commit`` writes those of all rooms that take part in a business act, all or none.
A part whose condition does not hold is named by its label, with the row that stood in its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from tillbridge.kernel.errors import Unavailable

from .cursors import read_cursor, unreadable, write_cursor
from .failures import error_code, outside

Row = dict[str, Any]
Key = tuple[str, str]
"""Partition key and sort key of a row."""

MAX_PARTS = 100
"""What one transaction of DynamoDB holds."""

MAX_KEYS = 100
"""What one read of many rows of DynamoDB takes; an answer of over 16 MB comes in parts."""

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


@dataclass(frozen=True, slots=True)
class Expects:
    """A condition on the row as it stands: each attribute equals, is one of, or is absent."""

    equals: Mapping[str, Any] = field(default_factory=dict)
    one_of: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    exists: bool = True


NEW = Expects(absent=("pk",), exists=False)
"""The row must not exist yet."""


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole row."""

    table_name: str
    row: Row
    label: str
    expects: Expects | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of a row: set, remove, append to a list."""

    table_name: str
    key: Key
    label: str
    set_: Mapping[str, Any] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    append: Mapping[str, Any] = field(default_factory=dict)
    expects: Expects | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Demand something of a row without changing it."""

    table_name: str
    key: Key
    label: str
    expects: Expects


Part = Put | Update | Check


class CommitConflict(Exception):
    """A transaction was not written: ``failed`` maps labels of parts to the rows that stood in their way.

    A part that met another transaction under way stands in ``contended`` instead: the act may be tried again.
    """

    def __init__(self, failed: Mapping[str, Row | None], contended: frozenset[str]) -> None:
        super().__init__(sorted(failed), sorted(contended))
        self.failed = failed
        self.contended = contended


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, and where the next page starts (``None`` at the end)."""

    rows: tuple[Row, ...]
    next_cursor: str | None


class _Expression:
    """Collects names and values of one expression, each under a placeholder of its own."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        return self.names.setdefault(attribute, f"#n{len(self.names)}")

    def value(self, content: Any) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = _serializer.serialize(content)
        return placeholder

    def condition(self, expects: Expects) -> str:
        clauses = [f"{self.name(name)} = {self.value(wanted)}" for name, wanted in expects.equals.items()]
        clauses += [
            f"{self.name(name)} IN ({', '.join(self.value(one) for one in wanted)})"
            for name, wanted in expects.one_of.items()
        ]
        clauses += [f"attribute_not_exists({self.name(name)})" for name in expects.absent]
        if expects.exists:
            clauses.append(f"attribute_exists({self.name('pk')})")
        return " AND ".join(clauses)

    def change(self, update: Update) -> str:
        sets = [f"{self.name(name)} = {self.value(content)}" for name, content in update.set_.items()]
        sets += [
            f"{self.name(name)} = list_append({self.name(name)}, {self.value([content])})"
            for name, content in update.append.items()
        ]
        clauses = [f"SET {', '.join(sets)}"] if sets else []
        if update.remove:
            clauses.append(f"REMOVE {', '.join(self.name(name) for name in update.remove)}")
        return " ".join(clauses)

    def attributes(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.names:
            given["ExpressionAttributeNames"] = {short: name for name, short in self.names.items()}
        if self.values:
            given["ExpressionAttributeValues"] = self.values
        return given


def _wire_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _wire_row(row: Row) -> dict[str, Any]:
    return {name: _serializer.serialize(content) for name, content in row.items() if content is not None}


def plain_row(wire: Mapping[str, Any]) -> Row:
    """A row of DynamoDB's wire form as plain Python values (streams hand over the same form)."""
    return {name: _plain(_deserializer.deserialize(content)) for name, content in wire.items()}


def _plain(content: Any) -> Any:
    if isinstance(content, Decimal):
        whole = int(content)
        return whole if whole == content else content  # a row that somebody spoiled must not look whole
    if isinstance(content, Binary):
        return bytes(content)
    if isinstance(content, list):
        return [_plain(one) for one in content]
    if isinstance(content, dict):
        return {name: _plain(one) for name, one in content.items()}
    return content


def _wire_part(part: Part) -> dict[str, Any]:
    expression = _Expression()
    wire: dict[str, Any] = {"TableName": part.table_name, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if part.expects is not None:
        wire["ConditionExpression"] = expression.condition(part.expects)
    match part:
        case Put():
            return {"Put": {**wire, "Item": _wire_row(part.row), **expression.attributes()}}
        case Update():
            wire["UpdateExpression"] = expression.change(part)
            return {"Update": {**wire, "Key": _wire_key(part.key), **expression.attributes()}}
        case Check():
            return {"ConditionCheck": {**wire, "Key": _wire_key(part.key), **expression.attributes()}}


def commit(client: Any, parts: Iterable[Part]) -> None:
    """Write all parts or none; ``CommitConflict`` where a condition fails, ``Unavailable`` without answer."""
    ordered = list(parts)
    labels = [part.label for part in ordered]
    if len(set(labels)) != len(labels) or len(ordered) > MAX_PARTS:
        raise ValueError(f"{len(ordered)} parts with labels {labels} are not one transaction")
    try:
        with outside():
            client.transact_write_items(TransactItems=[_wire_part(part) for part in ordered])
    except ClientError as error:
        if error_code(error) != "TransactionCanceledException":
            raise
        raise _conflict(error, labels) from error


def commit_unless_busy(client: Any, parts: Iterable[Part]) -> None:
    """``commit`` for acts that are not planned anew: ``Unavailable`` when they only met one under way."""
    try:
        commit(client, parts)
    except CommitConflict as conflict:
        if conflict.failed:
            raise
        raise Unavailable("another change of the same rows is under way") from conflict


def _conflict(error: ClientError, labels: list[str]) -> CommitConflict | Unavailable | ClientError:
    failed: dict[str, Row | None] = {}
    contended = set()
    reasons = error.response.get("CancellationReasons", [])
    for label, reason in zip(labels, reasons, strict=True):
        match reason.get("Code"):
            case "ConditionalCheckFailed":
                failed[label] = plain_row(reason["Item"]) if reason.get("Item") else None
            case "TransactionConflict":
                contended.add(label)
            case "ThrottlingError" | "ProvisionedThroughputExceeded":
                return Unavailable(f"TransactWriteItems: {reason.get('Code')}")
            case None | "None":
                pass
            case _:
                return error
    return CommitConflict(failed, frozenset(contended))


class Table:
    """One table: reads are consistent; writes go through ``commit`` or, for a single row, ``change``."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Key) -> Row | None:
        """The row under a key as it stands now, or ``None``."""
        with outside():
            answer = self.client.get_item(TableName=self.name, Key=_wire_key(key), ConsistentRead=True)
        return plain_row(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> list[Row]:
        """The rows under keys as they stand now, in no order; those that don't exist are not in it."""
        found: list[Row] = []
        for start in range(0, len(keys), MAX_KEYS):
            wanted = [_wire_key(key) for key in keys[start : start + MAX_KEYS]]
            while wanted:
                with outside():
                    answer = self.client.batch_get_item(
                        RequestItems={self.name: {"Keys": wanted, "ConsistentRead": True}}
                    )
                found += [plain_row(row) for row in answer["Responses"].get(self.name, [])]
                wanted = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
        return found

    def query(
        self,
        pk: str,
        *,
        begins_with: str = "",
        after: str | None = None,
        before: str | None = None,
        between: tuple[str, str] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        newest_first: bool = False,
        equals: Mapping[str, Any] | None = None,
    ) -> Page:
        """Rows of one partition by their sort keys, from ``cursor`` on; ``between`` includes both bounds."""
        expression = _Expression()
        condition = f"{expression.name('pk')} = {expression.value(pk)}"
        if begins_with:
            condition += f" AND begins_with({expression.name('sk')}, {expression.value(begins_with)})"
        elif after is not None:
            condition += f" AND {expression.name('sk')} > {expression.value(after)}"
        elif before is not None:
            condition += f" AND {expression.name('sk')} < {expression.value(before)}"
        elif between is not None:
            least, most = map(expression.value, between)
            condition += f" AND {expression.name('sk')} BETWEEN {least} AND {most}"
        wanted = {"ConsistentRead": True, "KeyConditionExpression": condition}
        return self._page(expression, wanted, limit, cursor, newest_first, equals)

    def query_index(
        self,
        index: str,
        key: str,
        *,
        until: str | None = None,
        begins_with: str = "",
        limit: int | None = None,
        cursor: str | None = None,
        newest_first: bool = False,
        equals: Mapping[str, Any] | None = None,
    ) -> Page:
        """Rows of one key of an index; ``by_day`` has the attributes ``day_key`` and ``day_sort``."""
        expression = _Expression()
        name, sort = _index_attributes(index)
        condition = f"{expression.name(name)} = {expression.value(key)}"
        if until is not None:
            condition += f" AND {expression.name(sort)} <= {expression.value(until)}"
        elif begins_with:
            condition += f" AND begins_with({expression.name(sort)}, {expression.value(begins_with)})"
        wanted = {"IndexName": index, "KeyConditionExpression": condition}
        return self._page(expression, wanted, limit, cursor, newest_first, equals)

    def _page(
        self,
        expression: _Expression,
        wanted: dict[str, Any],
        limit: int | None,
        cursor: str | None,
        newest_first: bool,
        equals: Mapping[str, Any] | None,
    ) -> Page:
        if equals:
            wanted["FilterExpression"] = expression.condition(Expects(equals=equals, exists=False))
        if limit is not None:
            wanted["Limit"] = limit
        if cursor is not None:
            start = read_cursor(cursor)
            wanted["ExclusiveStartKey"] = {name: {"S": part} for name, part in start.items()}
        try:
            with outside():
                answer = self.client.query(
                    TableName=self.name,
                    ScanIndexForward=not newest_first,
                    **wanted,
                    **expression.attributes(),
                )
        except ClientError as error:
            if cursor is not None and error_code(error) == "ValidationException":
                raise unreadable(cursor) from error
            raise
        last = answer.get("LastEvaluatedKey")
        following = write_cursor(_position(last)) if last else None
        return Page(tuple(plain_row(row) for row in answer["Items"]), following)

    def change(self, update: Update) -> Row | None:
        """Change one row and return it as it then stands, or ``None`` when its condition does not hold."""
        expression = _Expression()
        wanted: dict[str, Any] = {"UpdateExpression": expression.change(update)}
        if update.expects is not None:
            wanted["ConditionExpression"] = expression.condition(update.expects)
        try:
            with outside():
                answer = self.client.update_item(
                    TableName=self.name,
                    Key=_wire_key(update.key),
                    ReturnValues="ALL_NEW",
                    **wanted,
                    **expression.attributes(),
                )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return None
            raise
        return plain_row(answer["Attributes"])


def _index_attributes(index: str) -> tuple[str, str]:
    stem = index.removeprefix("by_").removesuffix("_files")
    return f"{stem}_key", f"{stem}_sort"


def _position(last: Mapping[str, Any]) -> dict[str, str]:
    return {name: wire["S"] for name, wire in last.items()}
