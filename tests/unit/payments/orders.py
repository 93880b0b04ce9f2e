"""Payments, lines and interfaces as tests want them, with everything that does not matter filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.money import Money
from tillbridge.payments.model import (
    BucketTarget,
    Direction,
    DirectoryTarget,
    Interface,
    Payment,
    PaymentKind,
    PaymentMethod,
    Target,
    Withdrawal,
)
from tillbridge.payments.rules import Line

TILL = WorkstationKey("01", "till-1")
TAKEN_AT = datetime(2019, 8, 2, 6, 5, tzinfo=UTC)


def a_payment(number: str = "Bon-01-0019-19", minor: int = 510, **more: Any) -> Payment:
    """A payment of a walk-in customer, cash, at the till of branch 01."""
    return Payment(
        **{
            "number": number,
            "workstation_key": TILL,
            "kind": PaymentKind.SALE,
            "direction": Direction.IN,
            "amount": Money(minor, "EUR"),
            "method": PaymentMethod.CASH,
            "taken_at": TAKEN_AT,
            "taking": "id-1",
            "recorded_at": TAKEN_AT,
            "recorded_by": "till-a",
            **more,
        }
    )


def a_line(
    number: str = "B-1",
    minor: int = 510,
    method: PaymentMethod = PaymentMethod.CASH,
    direction: Direction = Direction.IN,
    **more: str,
) -> Line:
    """One document of a visit."""
    return Line(number, direction, Money(minor, "EUR"), method, **more)


def a_folder(path: str = "C:\\Payments", name: str = "folder") -> DirectoryTarget:
    """A folder as target."""
    return DirectoryTarget(name, path)


def a_bucket(
    prefix: str = "erp/", name: str = "bucket", withdrawal: Withdrawal = Withdrawal.BY_CLAIM
) -> BucketTarget:
    """A prefix of the bucket as target."""
    return BucketTarget(name, prefix, withdrawal)


def an_interface(name: str = "erp", *targets: Target, **more: Any) -> Interface:
    """An interface of every branch, with a folder where no target is given."""
    return Interface(id=name, name=name.upper(), targets=targets or (a_folder(),), **more)
