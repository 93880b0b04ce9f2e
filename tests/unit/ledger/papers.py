"""Documents, settlements and occasions for the tests of the ledger."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import strategies as st

from tillbridge.ledger.entries import Account, Source, SourceKind
from tillbridge.ledger.model import Document, DocumentKind
from tillbridge.ledger.operations import MEANS
from tillbridge.ledger.rules import Occasion, Settlement

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PAYMENT = Source(SourceKind.PAYMENT, "B-1")
_ids = itertools.count(1)


def document(minor: int = 10_000, kind: DocumentKind = DocumentKind.INVOICE, **more: object) -> Document:
    """A document of so many minor units as printed, thus above zero."""
    head: dict[str, object] = {
        "number": "RE-1",
        "branch": "01",
        "client": "c1",
        "currency": "EUR",
        "issued_on": "2026-11-02",
        "vat_shares": (("19", kind.sign * (minor - minor // 3)), ("7", kind.sign * (minor // 3))),
    }
    return Document(kind=kind, total_minor=kind.sign * minor, **{**head, **more})  # type: ignore[arg-type]


def settlement(
    applied: int, discount: int = 0, fee: int = 0, means: Account = Account.CASH, **more: str
) -> Settlement:
    """Money on 21 November."""
    return Settlement(applied, discount, fee, more.pop("value_on", "2026-11-21"), means, **more)


def occasion(source: Source = PAYMENT, *, exportable: bool = True) -> Occasion:
    """An act with an id of its own."""
    return Occasion(f"20261121T090000000-01-{next(_ids):016x}", NOW, source, exportable)


AMOUNTS = st.integers(1, 10**9)
KINDS = st.sampled_from(list(DocumentKind))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document that is not settled yet."""
    return document(draw(AMOUNTS), draw(KINDS))


@st.composite
def settlements(draw: st.DrawFn) -> Settlement:
    """Any money in or out, with a discount in its direction, a fee, and any means."""
    applied = draw(st.integers(-(10**9), 10**9).filter(bool))
    fee = draw(st.integers(0, abs(applied))) if draw(st.booleans()) else 0
    direction = 1 if applied + fee >= 0 else -1
    discount = direction * (draw(st.integers(0, 10**8)) if draw(st.booleans()) else 0)
    day = draw(st.sampled_from(["2026-11-20", "2026-11-21", "2026-11-22"]))
    means = draw(st.sampled_from(sorted(MEANS - {Account.DOWN_PAYMENTS})))
    return settlement(applied, discount, fee, means, value_on=day)
