"""What becomes of payment files in one act: new ones, moves of old ones, jobs for agents; pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tillbridge.access.model import Branch
from tillbridge.devices.model import JobKind, JobOrder

from . import rules
from .formats import payment_file
from .model import (
    BucketPlace,
    FileState,
    FolderPlace,
    HistoryEvent,
    Interface,
    Payment,
    PaymentFile,
    Place,
)
from .rules import Measure

LEASE = timedelta(minutes=2)
"""Longer than any function of ours may run: whoever took a file to see to it alone is gone by then."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where, when and by whom an act is done."""

    branch: Branch
    now: datetime
    by: str


def device_of(interface: str, target: str) -> str:
    """The device, in the sense of the order of jobs, that a folder is."""
    return f"folder.{interface}.{target}"


def make_file(
    payment: Payment,
    interface: Interface,
    target: str,
    place: Place,
    occasion: Occasion,
    *,
    counters: PaymentFile | None = None,
    held: bool = False,
) -> PaymentFile:
    """The file of a payment at one target."""
    settings = payment_file.Settings(
        interface.character_set,
        interface.line_ending,
        interface.walk_in_customer,
        occasion.branch.time_zone,
    )
    encoded = payment_file.write(payment, settings)
    detail = f"not in {interface.character_set}: {' '.join(encoded.replaced)}" if encoded.replaced else ""
    owes_bucket = isinstance(place, BucketPlace) and not held
    return PaymentFile(
        number=payment.number,
        interface=interface.id,
        target=target,
        name=payment_file.file_name(payment.number, payment.direction),
        branch=payment.workstation_key.branch,
        place=place,
        content=encoded.content,
        made_at=occasion.now,
        taken_at=payment.taken_at,
        state=FileState.HELD if held else FileState.PENDING,
        history=(HistoryEvent(occasion.now, "held" if held else "made", occasion.by, detail),),
        replaced=encoded.replaced,
        counters=counters.folded_number if counters else None,
        due_at=occasion.now + LEASE if owes_bucket else None,
    )


def put_order(file: PaymentFile) -> JobOrder:
    """The job that drops a file into its folder."""
    return _folder_order(file, JobKind.PUT_FILE, _content(file), {})


def withdraw_order(file: PaymentFile, counter: PaymentFile) -> JobOrder:
    """The job that takes a file back or, if it was taken, drops the counter-file; the folder decides."""
    payload = {"name": file.name, "otherwise": _content(counter)}
    return _folder_order(file, JobKind.WITHDRAW_FILE, payload, {"counter": counter.folded_number})


def _folder_order(
    file: PaymentFile, kind: JobKind, payload: dict[str, Any], more: dict[str, str]
) -> JobOrder:
    if not isinstance(file.place, FolderPlace):
        raise TypeError(f"{file.id} lies in a bucket")
    return JobOrder(
        file.place.workstation_key,
        device_of(file.interface, file.target),
        kind,
        {"folder": file.place.path, **payload},
        {"interface": file.interface, "target": file.target, "number": file.folded_number, **more},
    )


def _content(file: PaymentFile) -> dict[str, str]:
    return {
        "name": file.name,
        "content_base64": b64encode(file.content).decode(),
        "sha256": sha256(file.content).hexdigest(),
    }


@dataclass(frozen=True, slots=True)
class Move:
    """A file as it was read, and as the act leaves it."""

    before: PaymentFile
    after: PaymentFile
    event: HistoryEvent


@dataclass(slots=True)
class FilePlan:
    """Collects what one act does about files."""

    occasion: Occasion
    made: list[PaymentFile] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    orders: list[JobOrder] = field(default_factory=list)

    def make_for(self, payments: Sequence[Payment], interfaces: Iterable[Interface]) -> None:
        """One file for each payment at each target of each interface that wants it (PF-1, PF-6)."""
        for interface in interfaces:
            for payment in payments:
                if rules.wants_file(interface, payment.kind, payment.workstation_key, payment.taken_at):
                    for target in interface.targets:
                        place = rules.place_of(target, payment.workstation_key)
                        file = make_file(payment, interface, target.id, place, self.occasion)
                        self.made.append(file)
                        if isinstance(place, FolderPlace):
                            self.orders.append(put_order(file))

    def take_back(
        self, file: PaymentFile, cancellation: Payment, interface: Interface, *, whole: bool
    ) -> None:
        """Do about one file what the rules say of its cancellation (PF-5)."""
        measure = rules.measure(file.place, file.state, whole=whole)
        if measure is Measure.WITHDRAW_NOW:
            self._move(file, FileState.WITHDRAWN, "withdrawn", cancellation)
            return
        waits = measure is Measure.WAIT
        asked = measure in (Measure.ASK_FOLDER, Measure.ASK_BUCKET)
        counter = make_file(
            cancellation,
            interface,
            file.target,
            file.place,
            self.occasion,
            counters=file,
            held=asked or waits,
        )
        if waits:
            counter = replace(counter, state=FileState.IN_DOUBT)
        self.made.append(counter)
        if asked:
            self._move(file, FileState.WITHDRAWING, "being withdrawn", cancellation)
        else:
            self._move(file, file.state, "countered", cancellation)
        if isinstance(file.place, FolderPlace) and not waits:
            self.orders.append(withdraw_order(file, counter) if asked else put_order(counter))

    def _move(self, file: PaymentFile, state: FileState, what: str, cancellation: Payment) -> None:
        in_bucket = isinstance(file.place, BucketPlace)
        owes_bucket = in_bucket and state is not file.state
        after = replace(
            file,
            state=state,
            countered_by=cancellation.folded_number if state is not file.state else file.countered_by,
            due_at=file.due_at or (self.occasion.now + LEASE if owes_bucket else None),
        )
        event = HistoryEvent(self.occasion.now, what, self.occasion.by, f"cancelled by {cancellation.number}")
        self.moves.append(Move(file, after, event))
