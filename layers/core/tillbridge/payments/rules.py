"""The decisions about payments and their files; pure, every fact comes in as an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.calendar import moment_text
from tillbridge.kernel.errors import Conflict, Refused
from tillbridge.kernel.money import Money, total
from tillbridge.kernel.text import fold, safe_file_stem, single_line

from .model import (
    MAX_TEXT_CHARS,
    BucketPlace,
    BucketTarget,
    Direction,
    FileState,
    FolderPlace,
    Interface,
    Payment,
    PaymentKind,
    PaymentMethod,
    PaymentState,
    Place,
    Target,
    Withdrawal,
)

MAKES_FILE: dict[PaymentKind, bool] = {
    PaymentKind.SALE: True,
    PaymentKind.DOWN_PAYMENT: True,
    PaymentKind.INVOICE: True,
    PaymentKind.CANCELLATION: True,
    PaymentKind.CASH_DEPOSIT: False,
    PaymentKind.CASH_WITHDRAWAL: False,
    PaymentKind.PETTY_CASH: False,
    PaymentKind.SAFE_DROP: False,
    PaymentKind.FLOAT: False,
}
"""Which kinds make files: money for something sold, never cash moved without a sale (PF-1, PF-2)."""

FIXED_DIRECTION: dict[PaymentKind, Direction] = {
    PaymentKind.CASH_DEPOSIT: Direction.IN,
    PaymentKind.FLOAT: Direction.IN,
    PaymentKind.CASH_WITHDRAWAL: Direction.OUT,
    PaymentKind.PETTY_CASH: Direction.OUT,
    PaymentKind.SAFE_DROP: Direction.OUT,
}
"""Kinds whose money can only go one way."""


@dataclass(frozen=True, slots=True)
class Line:
    """One document of a visit at the till: an invoice paid by one method, under its own number."""

    number: str
    direction: Direction
    amount: Money
    method: PaymentMethod
    invoice_number: str = ""
    case_number: str = ""


def demand_line(kind: PaymentKind, line: Line, *, field: str) -> None:
    """Refuse a line that can't be a payment of this kind: unsafe number, no amount, wrong way or method."""
    safe_file_stem(line.number, field=f"{field}.number")
    single_line(line.invoice_number, field=f"{field}.invoice_number", max_chars=MAX_TEXT_CHARS)
    single_line(line.case_number, field=f"{field}.case_number", max_chars=MAX_TEXT_CHARS)
    if line.amount.amount_minor <= 0:
        raise Refused("amount-not-positive", field=f"{field}.amount", value=line.amount.decimal_text())
    fixed = FIXED_DIRECTION.get(kind, line.direction)
    if fixed is not line.direction:
        raise Refused(
            "direction-does-not-fit",
            field=f"{field}.direction",
            value=line.direction.value,
            kind=kind.value,
            right=fixed.value,
        )
    if not MAKES_FILE[kind] and line.method is not PaymentMethod.CASH:
        raise Refused(
            "method-does-not-fit", field=f"{field}.method", value=line.method.value, kind=kind.value
        )


MOST_AHEAD = timedelta(days=1)
"""A till's clock may be wrong by so much; a payment of next year is a slip of the pen."""


def demand_not_before(cancelled_at: datetime, payment: Payment) -> None:
    """Refuse a cancellation that lies before the payment which it takes back."""
    if cancelled_at < payment.taken_at:
        taken = moment_text(payment.taken_at)
        raise Refused(
            "cancelled-before-taken", field="cancelled_at", value=moment_text(cancelled_at), taken=taken
        )


def demand_not_ahead(moment: datetime, now: datetime, *, field: str) -> None:
    """Refuse a moment that lies more than a day ahead."""
    if moment > now + MOST_AHEAD:
        raise Refused(
            "moment-ahead",
            field=field,
            value=moment_text(moment),
            now=moment_text(now.replace(microsecond=0)),
        )


def demand_different_numbers(lines: Sequence[Line]) -> None:
    """Refuse a number that stands twice in one visit, whatever its case (PF-3)."""
    seen: set[str] = set()
    for place, line in enumerate(lines):
        if fold(line.number) in seen:
            raise Refused("number-twice", field=f"lines.{place}.number", value=line.number)
        seen.add(fold(line.number))


def net_change(lines: Sequence[Line], change: Money | None) -> tuple[Line, ...]:
    """Take the change out of the cash received, last cash line first; each stays above zero (PF-1)."""
    if change is None:
        return tuple(lines)
    if change.amount_minor <= 0:
        raise Refused("amount-not-positive", field="change", value=change.decimal_text())
    cash = [line for line in lines if line.method is PaymentMethod.CASH and line.direction is Direction.IN]
    received = total([line.amount for line in cash], change.currency)
    if received.amount_minor - change.amount_minor < len(cash) or not cash:
        raise Refused(
            "change-exceeds-cash", field="change", value=change.decimal_text(), cash=received.decimal_text()
        )
    left_minor = change.amount_minor
    netted = []
    for line in reversed(lines):
        part_minor = min(left_minor, line.amount.amount_minor - 1) if line in cash else 0
        left_minor -= part_minor
        netted.append(replace(line, amount=line.amount - Money(part_minor, change.currency)))
    return tuple(reversed(netted))


def wants_file(
    interface: Interface, kind: PaymentKind, workstation_key: WorkstationKey, taken_at: datetime
) -> bool:
    """Whether an interface gets a file of a payment of this kind, taken there and then (PF-6)."""
    return (
        MAKES_FILE[kind]
        and interface.active
        and interface.branch in (None, workstation_key.branch)
        and interface.workstation in (None, workstation_key.workstation)
        and (interface.starts_at is None or interface.starts_at <= taken_at)
    )


def place_of(target: Target, workstation_key: WorkstationKey) -> Place:
    """Where a file goes: the folder of the workstation that took the payment, or the bucket (PF-6, PF-7)."""
    if isinstance(target, BucketTarget):
        return BucketPlace(target.prefix, target.withdrawal)
    return FolderPlace(workstation_key, target.path)


MOST_CANCELLATIONS = 100
"""A payment is taken back in at most so many parts."""


@dataclass(frozen=True, slots=True)
class CancelledPart:
    """What a cancellation takes back: the amount, and whether that is the whole, untouched payment."""

    amount: Money
    whole: bool


def cancel(payment: Payment, amount: Money | None) -> CancelledPart:
    """Decide what a cancellation takes back; no amount means all that is left. ``Refused`` if it can't be."""
    if payment.kind is PaymentKind.CANCELLATION:
        raise Conflict("cancellation-of-a-cancellation", field="number", value=payment.number)
    if payment.state is PaymentState.CANCELLED:
        raise Conflict(
            "payment-is-cancelled", field="number", value=payment.number, by=", ".join(payment.cancelled_by)
        )
    part = payment.remaining if amount is None else amount
    if part.currency != payment.amount.currency:
        raise Refused(
            "currencies-differ", field="currency", value=part.currency, expected=payment.amount.currency
        )
    if part.amount_minor <= 0:
        raise Refused("amount-not-positive", field="amount", value=part.decimal_text())
    if len(payment.cancelled_by) >= MOST_CANCELLATIONS:
        raise Conflict("cancelled-too-often", field="number", value=payment.number, most=MOST_CANCELLATIONS)
    if payment.remaining < part:
        raise Conflict(
            "cancels-more-than-is-left",
            field="amount",
            value=part.decimal_text(),
            left=payment.remaining.decimal_text(),
        )
    return CancelledPart(part, whole=part == payment.amount)


class Measure(StrEnum):
    """What a cancellation does about one file of the payment it cancels (PF-5)."""

    COUNTER = "counter"
    WAIT = "wait"
    WITHDRAW_NOW = "withdraw_now"
    ASK_FOLDER = "ask_folder"
    ASK_BUCKET = "ask_bucket"


_STILL_OPEN = frozenset({FileState.PENDING, FileState.DELIVERED, FileState.IN_DOUBT})


def measure(place: Place, state: FileState, *, whole: bool) -> Measure:
    """Decide about one file: counter it, take it back at once, or ask the place where it lies (PF-5, PF-9).

    A part cancelled leaves the file. A file known to be collected is countered. Where nobody knows whether
    the file was ever put, a counter-file waits for a person's word. Otherwise the one who can decide
    atomically does: our record (claims), the folder (rename) or the bucket (delete marker).
    """
    if state is FileState.IN_DOUBT and not whole:
        return Measure.WAIT
    if not whole or state not in _STILL_OPEN:
        return Measure.COUNTER
    if isinstance(place, FolderPlace):
        return Measure.ASK_FOLDER
    match place.withdrawal:
        case Withdrawal.BY_CLAIM:
            return Measure.WITHDRAW_NOW
        case Withdrawal.NEVER:
            return Measure.COUNTER
        case Withdrawal.CONDITIONAL_DELETE | Withdrawal.IF_PRESENT:
            return Measure.ASK_BUCKET


def demand_folder_of_its_own(interface: Interface, others: Iterable[Interface]) -> None:
    """Refuse two interfaces that would drop the same names into the same folder or prefix (PF-3)."""
    mine = {_place_key(target) for target in interface.targets}
    if len(mine) != len(interface.targets):
        raise Refused("place-is-shared", field="targets", value=interface.id, other=interface.id)
    for other in others:
        if other.id == interface.id or not other.active or not _may_meet(interface, other):
            continue
        for target in other.targets:
            if _place_key(target) in mine:
                raise Conflict("place-is-shared", field="targets", value=_place_key(target), other=other.id)


MOST_PARTS_FOR_FILES = 90
"""Of the hundred parts of one transaction, what files may take; the rest is for the payment itself."""


def demand_files_fit(interface: Interface, others: Iterable[Interface]) -> None:
    """Refuse an interface with which a single cancellation would no longer be one transaction.

    A cancelled file in a folder takes four parts (move, counter-file, job, order of the device), in a bucket
    two.
    """
    meeting = [other for other in others if other.id != interface.id and other.active]
    targets = [target for other in meeting if _may_meet(interface, other) for target in other.targets]
    targets += interface.targets
    parts = sum(2 if isinstance(target, BucketTarget) else 4 for target in targets)
    if interface.active and parts > MOST_PARTS_FOR_FILES:
        raise Refused("targets-too-many-together", field="targets", value=len(targets))


def _place_key(target: Target) -> str:
    """One key for all spellings of a place: Windows drops dots and blanks at the end of a name."""
    if isinstance(target, BucketTarget):
        return target.prefix
    path = target.path.replace("\\", "/")
    steps = [step.rstrip(". ") for step in path.split("/")]
    share = "//" if path.startswith("//") else "/" if path.startswith("/") else ""
    return share + "/".join(fold(step) for step in steps if step)


def _may_meet(one: Interface, other: Interface) -> bool:
    """Whether some payment could make files for both."""
    branches_meet = None in (one.branch, other.branch) or one.branch == other.branch
    seats_meet = None in (one.workstation, other.workstation) or one.workstation == other.workstation
    return branches_meet and seats_meet
