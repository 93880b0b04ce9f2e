"""Orders of an upload as nouns of the ledger (LE-1); pure, whoever read the file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold

from .model import Customer, Order


class OrderColumns(Protocol):
    """One order."""

    @property
    def number(self) -> str:
        """The order's number."""

    @property
    def branch(self) -> str:
        """The branch that took it."""

    @property
    def operator_name(self) -> str:
        """Who took it, or empty."""

    @property
    def contact_number(self) -> str:
        """Whom to reach about it, or empty."""

    @property
    def customer(self) -> str:
        """The customer's number, or empty."""

    @property
    def ordered_on(self) -> str | None:
        """The day of the order."""


def uploaded_order(
    row: OrderColumns, customer: Customer | None, former: Order | None, columns: Collection[str]
) -> Order:
    """The order that a row describes, a revision after the one that is known; just like it: that very one.

    ``customer`` is the one that the row names, None where it names none, or one that nobody knows.
    ``columns`` are those that the file has: what it has no column for stays as it is, an empty cell clears.
    """
    if row.customer and customer is None:
        raise Refused("customer-not-found", field="customer", value=row.customer)
    if fold(row.customer) != (customer.folded_number if customer else ""):
        raise ValueError(f"{row.number}: its customer is not the one that was given")

    kept = former or Order(row.number, row.branch)

    def order(revision: int) -> Order:
        return Order(
            number=row.number,
            branch=row.branch,
            operator_name=row.operator_name,
            contact_number=row.contact_number,
            customer=(customer.number if customer else "") if "customer" in columns else kept.customer,
            ordered_on=(row.ordered_on or "") if "ordered_on" in columns else kept.ordered_on,
            revision=revision,
        )

    if former is None:
        return order(1)
    return former if order(former.revision) == former else order(former.revision + 1)
