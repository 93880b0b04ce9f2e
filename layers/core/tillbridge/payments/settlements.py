"""Payments that settle documents of the ledger, in the transaction of the payment itself (LE-1, LE-5).

A line of a visit that names a document settles it, whatever its direction: money in counts for an invoice and
takes back what a credit note or an incoming invoice was paid; money out does the opposite, so that a refund
raises what is due on an invoice. It is booked as it moved: too much is overpaid, and more given back than was
ever paid is due again, since the money has left the till and what a till sends late may come in any order.
What reaches or leaves a cancelled invoice is passed on to its credit note (``ledger.cancellations``).

A document may be paid in any branch of its own client; it is booked in the document's branch, and the payment
says where the money is. A document of another client is as good as none: then the number is a receipt's own,
or that of an invoice that the ledger does not know. Cash that is moved without a sale settles nothing; petty
cash may, since it pays incoming invoices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tillbridge.aws.table import Part
from tillbridge.kernel.calendar import local_day
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger.cancellations import Change
from tillbridge.ledger.entries import Account, Source, SourceKind
from tillbridge.ledger.model import Document
from tillbridge.ledger.rules import Settlement, reversed_entry, taken_back
from tillbridge.ledger.service import LedgerService

from .model import Payment, PaymentKind, PaymentMethod
from .plans import Occasion

SETTLING = frozenset(
    {PaymentKind.SALE, PaymentKind.DOWN_PAYMENT, PaymentKind.INVOICE, PaymentKind.PETTY_CASH}
)
"""Kinds of payments that settle the document which they name."""

MEANS: Mapping[PaymentMethod, Account] = {
    PaymentMethod.CASH: Account.CASH,
    PaymentMethod.CARD: Account.CARD,
    PaymentMethod.TRANSFER: Account.BANK,
    PaymentMethod.DIRECT_DEBIT: Account.BANK,
    PaymentMethod.CHEQUE: Account.CHEQUES,
    PaymentMethod.BILL_OF_EXCHANGE: Account.BILLS_OF_EXCHANGE,
    PaymentMethod.VOUCHER: Account.VOUCHERS,
    PaymentMethod.ON_ACCOUNT: Account.ON_ACCOUNT,
    PaymentMethod.SETTLEMENT: Account.SETTLEMENTS,
}
"""What is booked for each way of paying."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Parts that settle documents, and the payments, which say what they settle."""

    parts: tuple[Part, ...]
    payments: tuple[Payment, ...]


class Settlements:
    """Finds the documents that payments name, and books what the payments do to them."""

    def __init__(self, ledger: LedgerService, client_of: Callable[[str], str]) -> None:
        """``client_of`` tells to which client a branch belongs; ``Refused`` where it belongs to none."""
        self._ledger = ledger
        self._client_of = client_of

    def of_visit(self, payments: Sequence[Payment], occasion: Occasion) -> Settled:
        """What the payments of one visit settle; the documents are read as they stand now.

        Several lines for one document change it once, with an entry for each. ``Refused`` where a payment has
        another currency than the document that it names.
        """
        documents = self._documents(payments, occasion)
        changes: dict[str, Change] = {}
        told = []
        for payment in payments:
            document = documents.get(fold(payment.invoice_number)) if _settles(payment) else None
            if document is None:
                told.append(payment)
                continue
            change = changes.setdefault(document.folded_number, Change.of(document))
            self._settle(change, payment, occasion)
            told.append(_telling(payment, document))
        self._ledger.pass_on(changes)
        return Settled(tuple(self._ledger.parts_of(changes.values())), tuple(told))

    def taken_back(
        self, payment: Payment, cancellation: Payment, occasion: Occasion, *, whole: bool
    ) -> tuple[Part, ...]:
        """Parts that take back what a payment settled, as far as its cancellation reaches (PF-5).

        A payment that is cancelled at once and wholly has its entry reversed; a part of one moves the
        opposite way. Where the payment settled nothing, there are no parts.
        """
        if not _settles(payment):
            return ()
        document = self._ledger.documents([payment.invoice_number]).get(fold(payment.invoice_number))
        of = _source(payment)
        booked = [note.entry for note in document.notes if note.source == str(of)] if document else []
        if document is None or not booked:
            return ()
        change = Change.of(document)
        if whole:
            self._reverse(change, booked[0], payment, cancellation, occasion)
        else:
            self._settle(change, cancellation, occasion)
        changes = {document.folded_number: change}
        self._ledger.pass_on(changes)
        return tuple(self._ledger.parts_of(changes.values()))

    def _documents(self, payments: Iterable[Payment], occasion: Occasion) -> dict[str, Document]:
        """The documents that payments name, without those of other clients."""
        named = [payment.invoice_number for payment in payments if _settles(payment)]
        found = self._ledger.documents(named) if named else {}
        branch = occasion.branch.id
        if all(document.branch == branch for document in found.values()):
            return found
        client = self._client(branch)
        return {
            number: document
            for number, document in found.items()
            if document.branch == branch or document.client == client
        }

    def _client(self, branch: str) -> str | None:
        try:
            return self._client_of(branch)
        except Refused:  # a branch that keeps no books has no documents
            return None

    def _settle(self, change: Change, payment: Payment, occasion: Occasion) -> None:
        if payment.amount.currency != change.before.currency:
            raise Refused(
                "currencies-differ",
                field="currency",
                value=payment.amount.currency,
                expected=change.before.currency,
            )
        money = _settlement(payment, local_day(payment.taken_at, occasion.branch.time_zone))
        change.settle(money, self._ledger.occasion(change.before.branch, occasion.now, _source(payment)))

    def _reverse(
        self, change: Change, entry_id: str, payment: Payment, cancellation: Payment, occasion: Occasion
    ) -> None:
        entry = self._ledger.entries([entry_id])[entry_id]
        booking = self._ledger.occasion(change.before.branch, occasion.now, _source(cancellation))
        day = local_day(cancellation.taken_at, occasion.branch.time_zone)
        reversal = reversed_entry(entry, booking, day)
        change.after = taken_back(
            change.after,
            _settlement(payment, entry.business_day),
            of=_source(payment),
            entry_id=entry_id,
            reversal_id=reversal.id,
        ).document
        change.entries.append(reversal)


def _settles(payment: Payment) -> bool:
    return bool(payment.invoice_number) and payment.kind in SETTLING


def _source(payment: Payment) -> Source:
    return Source(SourceKind.PAYMENT, payment.number)


def _settlement(payment: Payment, day: str) -> Settlement:
    """The money of a payment as the ledger counts it: above zero into the till, below out of it."""
    return Settlement(payment.signed_amount.amount_minor, 0, 0, day, MEANS[payment.method])


def _telling(payment: Payment, document: Document) -> Payment:
    recorded, *others = payment.history
    history = (replace(recorded, detail=f"settles {document.number}"), *others)
    return replace(payment, settles=document.number, history=history)
