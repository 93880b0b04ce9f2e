"""The nouns of this room as rows of its table, and back; the keys are explained at the top of ``store``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from tillbridge.access.model import WorkstationKey
from tillbridge.aws.table import Row
from tillbridge.kernel.calendar import parse_moment, sortable_text
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import CharacterSet

from .model import (
    BucketPlace,
    BucketTarget,
    Customer,
    Direction,
    DirectoryTarget,
    FileKey,
    FileState,
    FolderPlace,
    HistoryEvent,
    Interface,
    LineEnding,
    Payment,
    PaymentFile,
    PaymentKind,
    PaymentMethod,
    Place,
    Target,
    Withdrawal,
)

DUE_KEYS = tuple(f"DUE#{shard}" for shard in range(4))
"""Keys of the due index: several, so that no single one is hot."""

_OPEN = frozenset({FileState.PENDING, FileState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Mark:
    """The first answer to a request with this idempotency key, and what was asked (PF-12)."""

    fingerprint: str
    answer: str


def mark_from(row: Row) -> Mark:
    """An idempotency mark."""
    return Mark(row["fingerprint"], row["answer"])


def payment_pk(folded_number: str) -> str:
    """The partition of a payment and its files."""
    return f"PAYMENT#{folded_number}"


def file_sk(key: FileKey) -> str:
    """The place of a file beside its payment."""
    return f"FILE#{key.interface}#{key.target}"


def key_of(pk: str, sk: str) -> FileKey | None:
    """The file behind a row's keys, as the table's stream tells them; ``None`` for other rows."""
    kind, _, place = sk.partition("#")
    interface, _, target = place.partition("#")
    return FileKey(interface, target, pk.removeprefix("PAYMENT#")) if kind == "FILE" else None


def payment_row(payment: Payment, day: str) -> Row:
    """A payment; ``day`` is the branch's local day on which it was taken."""
    customer = payment.customer
    return {
        "pk": payment_pk(payment.folded_number),
        "sk": "PAYMENT",
        "number": payment.number,
        "branch": payment.workstation_key.branch,
        "workstation": payment.workstation_key.workstation,
        "kind": payment.kind.value,
        "direction": payment.direction.value,
        "amount_minor": payment.amount.amount_minor,
        "currency": payment.amount.currency,
        "method": payment.method.value,
        "taken_at": sortable_text(payment.taken_at),
        "taking": payment.taking,
        "recorded_at": sortable_text(payment.recorded_at),
        "recorded_by": payment.recorded_by,
        "staff": payment.staff,
        "customer": [customer.last_name, customer.first_name] if customer else None,
        "case_number": payment.case_number,
        "invoice_number": payment.invoice_number,
        "settles": payment.settles or None,
        "cancels": payment.cancels,
        "cancelled_minor": payment.cancelled_minor,
        "cancelled_by": list(payment.cancelled_by),
        "history": [event_row(event) for event in payment.history],
        "day_key": f"PAYMENT#{payment.workstation_key.branch}#{day}",
        "day_sort": f"{sortable_text(payment.taken_at)}#{payment.folded_number}",
    }


def payment_from(row: Row) -> Payment:
    """A payment as it was written."""
    customer = row.get("customer")
    return Payment(
        number=row["number"],
        workstation_key=WorkstationKey(row["branch"], row["workstation"]),
        kind=PaymentKind(row["kind"]),
        direction=Direction(row["direction"]),
        amount=Money(row["amount_minor"], row["currency"]),
        method=PaymentMethod(row["method"]),
        taken_at=parse_moment(row["taken_at"]),
        taking=row["taking"],
        recorded_at=parse_moment(row["recorded_at"]),
        recorded_by=row["recorded_by"],
        staff=row["staff"],
        customer=Customer(*customer) if customer else None,
        case_number=row["case_number"],
        invoice_number=row["invoice_number"],
        settles=row.get("settles", ""),
        cancels=row.get("cancels"),
        cancelled_minor=row["cancelled_minor"],
        cancelled_by=tuple(row["cancelled_by"]),
        history=_history(row),
    )


def event_row(event: HistoryEvent) -> Row:
    """One event of a history."""
    return {"at": sortable_text(event.at), "what": event.what, "by": event.by, "detail": event.detail}


def _history(row: Row) -> tuple[HistoryEvent, ...]:
    return tuple(
        HistoryEvent(parse_moment(event["at"]), event["what"], event["by"], event["detail"])
        for event in row["history"]
    )


def file_row(file: PaymentFile, day: str) -> Row:
    """A payment file; ``day`` is that of its payment."""
    place: dict[str, Any]
    if isinstance(file.place, FolderPlace):
        place = {"folder": file.place.path, "workstation": str(file.place.workstation_key)}
    else:
        place = {"prefix": file.place.prefix, "withdrawal": file.place.withdrawal.value}
    row: Row = {
        "pk": payment_pk(file.folded_number),
        "sk": file_sk(FileKey.of(file)),
        "number": file.number,
        "interface": file.interface,
        "target": file.target,
        "name": file.name,
        "branch": file.branch,
        "place": place,
        "content": file.content,
        "made_at": sortable_text(file.made_at),
        "taken_at": sortable_text(file.taken_at),
        "state": file.state.value,
        "history": [event_row(event) for event in file.history],
        "replaced": list(file.replaced),
        "counters": file.counters,
        "countered_by": file.countered_by,
        "day_key": f"FILE#{file.branch}#{day}",
        "day_sort": f"{sortable_text(file.taken_at)}#{file.folded_number}#{file.interface}#{file.target}",
        **open_attributes(file, file.state),
    }
    if file.due_at:
        row |= {"due_key": due_key(file), "due_sort": due_sort(file, file.due_at)}
    return row


def file_from(row: Row) -> PaymentFile:
    """A payment file as it stands."""
    return PaymentFile(
        number=row["number"],
        interface=row["interface"],
        target=row["target"],
        name=row["name"],
        branch=row["branch"],
        place=_place(row["place"]),
        content=bytes(row["content"]),
        made_at=parse_moment(row["made_at"]),
        taken_at=parse_moment(row["taken_at"]),
        state=FileState(row["state"]),
        history=_history(row),
        replaced=tuple(row["replaced"]),
        counters=row.get("counters"),
        countered_by=row.get("countered_by"),
        collected_by=row.get("collected_by"),
        due_at=parse_moment(row["due_sort"].split("#", 1)[0]) if "due_sort" in row else None,
    )


def _place(held: Mapping[str, str]) -> Place:
    if "folder" in held:
        return FolderPlace(WorkstationKey.parse(held["workstation"]), held["folder"])
    return BucketPlace(held["prefix"], Withdrawal(held["withdrawal"]))


def open_attributes(file: PaymentFile, state: FileState) -> dict[str, str]:
    """What puts a file on the list of those that a consumer of the bucket may take, in that state."""
    if not isinstance(file.place, BucketPlace) or state not in _OPEN:
        return {}
    return {
        "open_key": f"{file.interface}#{file.target}#{file.branch}",
        "open_sort": f"{sortable_text(file.made_at)}#{file.folded_number}",
    }


def due_key(file: PaymentFile) -> str:
    """The key of the due index under which a file stands."""
    return DUE_KEYS[crc32(file.folded_number.encode()) % len(DUE_KEYS)]


def due_sort(file: PaymentFile, due_at: datetime) -> str:
    """From when it is due, then what tells it apart."""
    return f"{sortable_text(due_at)}#{file.interface}#{file.target}#{file.folded_number}"


def interface_row(interface: Interface) -> Row:
    """An interface."""
    return {
        "pk": "INTERFACES",
        "sk": interface.id,
        "name": interface.name,
        "branch": interface.branch,
        "workstation": interface.workstation,
        "starts_at": sortable_text(interface.starts_at) if interface.starts_at else None,
        "active": interface.active,
        "character_set": interface.character_set.value,
        "line_ending": interface.line_ending.value,
        "walk_in_customer": interface.walk_in_customer,
        "revision": interface.revision,
        "targets": [_target_row(target) for target in interface.targets],
    }


def _target_row(target: Target) -> dict[str, str]:
    if isinstance(target, DirectoryTarget):
        return {"id": target.id, "path": target.path}
    return {"id": target.id, "prefix": target.prefix, "withdrawal": target.withdrawal.value}


def interface_from(row: Row) -> Interface:
    """An interface as it was written."""
    return Interface(
        id=row["sk"],
        name=row["name"],
        branch=row.get("branch"),
        workstation=row.get("workstation"),
        starts_at=parse_moment(row["starts_at"]) if "starts_at" in row else None,
        active=row["active"],
        character_set=CharacterSet(row["character_set"]),
        line_ending=LineEnding(row["line_ending"]),
        walk_in_customer=row["walk_in_customer"],
        revision=row["revision"],
        targets=tuple(_target(held) for held in row["targets"]),
    )


def _target(held: Mapping[str, str]) -> Target:
    if "path" in held:
        return DirectoryTarget(held["id"], held["path"])
    return BucketTarget(held["id"], held["prefix"], Withdrawal(held["withdrawal"]))
