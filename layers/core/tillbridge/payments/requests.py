"""What the room is asked to do, in its own words; already read, not yet decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.money import Money

from .model import Customer, PaymentKind
from .rules import Line


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The caller's own key for a request, and a fingerprint of what was asked (PF-12)."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """One visit at the till."""

    workstation_key: WorkstationKey
    kind: PaymentKind
    currency: str
    taken_at: datetime
    staff: str
    customer: Customer | None
    lines: tuple[Line, ...]
    change: Money | None


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A payment to be taken back under a number of its own; no amount means all that is left."""

    number: str
    amount: str | None
    cancelled_at: datetime
    staff: str
