"""How an invoice is cancelled, and how it and its credit note are set off ever after; pure.

At the cancellation all that is due on the invoice meets the credit note; below zero, where it was overpaid,
too. So nothing is due on a cancelled invoice, and the credit note alone says what is to be given back. What
reaches or leaves the invoice later (its payment is cancelled, a refund names it) is *passed on*: the same act
settles the invoice and the credit note against each other once more. So it makes no difference to what is due
on either in which order all this happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tillbridge.kernel.errors import Conflict, Refused

from .entries import Account, Entry
from .model import Document, DocumentKind, DocumentLine
from .rules import Drafted, Head, Occasion, Settlement, booked, drafted, settled


@dataclass
class Change:
    """A document as it was read, as an act leaves it, and the entries that say why."""

    before: Document
    after: Document
    entries: list[Entry] = field(default_factory=list)

    @staticmethod
    def of(document: Document) -> Change:
        """A document that is not changed yet."""
        return Change(document, document)

    def settle(self, money: Settlement, occasion: Occasion) -> None:
        """Let money meet the document; ``Conflict`` where it can't take it."""
        self.after, entry = settled(self.after, money, occasion)
        self.entries.append(entry)

    def set_off(self, money: Settlement, occasion: Occasion) -> None:
        """Let a side of a set-off meet the document; its note says that it is no payment of its own."""
        before = self.after
        after, entry = booked(before, money, occasion)
        self.entries.append(entry)
        *others, own = after.notes
        told = f"{occasion.source}/set-off"
        touched_by = before.touched_by if before.cancelled_by else told
        self.after = replace(after, notes=(*others, replace(own, source=told)), touched_by=touched_by)


class Reopened(NamedTuple):
    """By how much more is due on an invoice, below zero by how much less; which part of it was discount."""

    due_minor: int
    discount_lost_minor: int


class SetOff(NamedTuple):
    """What settles an invoice and the credit note that cancels it against each other; empty: nothing does."""

    of_invoice: tuple[Settlement, ...]
    of_note: tuple[Settlement, ...]


def cancelling(invoice: Document, lines: Sequence[DocumentLine], number: str, issued_on: str) -> Drafted:
    """The credit note that cancels an invoice, line by line; ``Refused`` where it can't be cancelled."""
    if invoice.kind is not DocumentKind.INVOICE:
        raise Refused(
            "document-not-cancellable", field="number", value=invoice.number, kind=invoice.kind.value
        )
    if invoice.cancelled_by:
        raise Conflict(
            "document-cancelled-already", field="number", value=invoice.number, by=invoice.cancelled_by
        )
    if issued_on < invoice.issued_on:
        raise Refused("issued-before-cancelled", field="issued_on", value=issued_on, issued=invoice.issued_on)
    head = Head(
        number=number,
        kind=DocumentKind.CREDIT_NOTE,
        branch=invoice.branch,
        client=invoice.client,
        currency=invoice.currency,
        issued_on=issued_on,
        order_number=invoice.order_number,
    )
    draft = drafted(head, lines)
    note = replace(draft.document, customer=invoice.customer, cancels=invoice.number)
    return Drafted(note, draft.lines)


def set_off(invoice: Document, day: str) -> SetOff:
    """What settles an invoice and the new credit note that cancels it against each other.

    A discount that was granted on the invoice is taken back, since nobody paid it. What is left of the credit
    note is what was paid: it is to be given back.
    """
    due_minor, discount_minor = invoice.due_minor, invoice.balance.discounted_minor
    return SetOff(_settlements(due_minor, 0, day), _settlements(-due_minor, -discount_minor, day))


def reopened_by(before: Document, after: Document) -> Reopened:
    """By how much an act has opened a cancelled invoice again; by nothing any other document."""
    if not before.cancelled_by:
        return Reopened(0, 0)
    lost_minor = before.balance.discounted_minor - after.balance.discounted_minor
    return Reopened(after.due_minor - before.due_minor, lost_minor)


def passed_on(reopened: Reopened, day: str) -> SetOff:
    """What settles a cancelled invoice and its credit note against each other again.

    The credit note has taken back a discount already: a discount that is lost is granted once more, and no
    money meets the credit note for it.
    """
    discount_minor = reopened.discount_lost_minor
    money_minor = reopened.due_minor - discount_minor
    return SetOff(_settlements(money_minor, discount_minor, day), _settlements(-money_minor, 0, day))


def _settlements(applied_minor: int, discount_minor: int, day: str) -> tuple[Settlement, ...]:
    """One settlement, or two where money and discount go opposite ways, which no single booking can say."""
    together = [(applied_minor, discount_minor)]
    if applied_minor * discount_minor < 0:
        together = [(applied_minor, 0), (0, discount_minor)]
    return tuple(
        Settlement(applied, discount, 0, day, Account.SETTLEMENTS)
        for applied, discount in together
        if applied or discount
    )
