"""The sentences of the ledger for other rooms: documents, what is open, and parts of their acts.

Who may do what has been asked by the room that calls. What people and shop software do with documents stands
in ``documents``, what they do with clients, charts and series in ``books``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tillbridge.aws.table import Part
from tillbridge.kernel.text import fold

from . import rules
from .cancellations import Change, SetOff, passed_on, reopened_by
from .entries import Entry, Source
from .model import Customer, Document, DocumentLine, Order
from .rows import new_entry_id
from .store import LedgerStore, OpenItem
from .uploads import Upload


class LedgerService:
    """Documents and the journal, for rooms that have asked for permission themselves."""

    def __init__(self, store: LedgerStore, *, unique: Callable[[], str]) -> None:
        """``unique`` gives 16 hexadecimal characters that nobody can guess."""
        self._store = store
        self._unique = unique

    def documents(self, numbers: Iterable[str]) -> dict[str, Document]:
        """Documents as they stand now, by their folded numbers; those that don't exist are not in it."""
        return self._store.documents(numbers)

    def open_items(self, side: str, branch: str, currency: str, until: str) -> Iterator[OpenItem]:
        """Open documents of a branch, issued until a day; what was settled just now may still show."""
        return self._store.open_items(side, branch, currency, until)

    def entries(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Journal entries by their ids."""
        return self._store.entries(ids)

    def occasion(
        self, branch: str, recorded_at: datetime, source: Source, *, exportable: bool = True
    ) -> rules.Occasion:
        """An act in which one entry is booked, with a new id for that entry."""
        return rules.Occasion(
            new_entry_id(branch, recorded_at, self._unique()), recorded_at, source, exportable
        )

    def changed_parts(self, before: Document, after: Document, entries: Sequence[Entry]) -> list[Part]:
        """Parts that change a document's balance and write the entries that say why.

        The document's part has the label ``document:<folded number>``: it fails where anything else has
        touched the document since it was read.
        """
        return [self._store.balance_part(before, after), *map(self._store.entry_part, entries)]

    def pass_on(self, changes: dict[str, Change]) -> None:
        """Pass on to their credit notes what an act's changes did to cancelled invoices, in the same act.

        ``changes`` are by folded numbers; those of the credit notes come into it. What is passed on has the
        cause, the moment and the day of the invoice's last entry, and travels if that does.
        """
        moved = [(one, reopened_by(one.before, one.after)) for one in changes.values()]
        moved = [(one, reopened) for one, reopened in moved if any(reopened)]
        missing = {fold(one.before.cancelled_by) for one, _ in moved} - changes.keys()
        found = self.documents(missing) if missing else {}
        changes |= {number: Change.of(note) for number, note in found.items()}
        for invoice, reopened in moved:
            because = invoice.entries[-1]
            note = changes[fold(invoice.before.cancelled_by)]
            day = max(because.business_day, note.before.issued_on)
            self.set_off(
                (invoice, note),
                passed_on(reopened, day),
                because.recorded_at,
                because.source,
                exportable=because.exportable,
            )

    def set_off(
        self,
        pair: tuple[Change, Change],
        sides: SetOff,
        recorded_at: datetime,
        source: Source,
        *,
        exportable: bool,
    ) -> None:
        """Book on a cancelled invoice and its credit note what settles them against each other."""
        for change, moneys in zip(pair, sides, strict=True):
            for money in moneys:
                branch = change.before.branch
                change.set_off(money, self.occasion(branch, recorded_at, source, exportable=exportable))

    def parts_of(self, changes: Iterable[Change]) -> list[Part]:
        """The parts of all changes of an act."""
        return [
            part
            for change in changes
            for part in self.changed_parts(change.before, change.after, change.entries)
        ]

    def issued_parts(
        self, document: Document, lines: tuple[DocumentLine, ...], occasion: rules.Occasion
    ) -> list[Part]:
        """Parts that record a new document with its lines and its entry, which its notes name first.

        The document's part has the label ``new-document:<folded number>``; it fails where the number is
        taken.
        """
        entry = rules.issued(document, occasion)
        return [
            *self._store.new_document_parts(rules.with_issue(document, entry), lines),
            self._store.entry_part(entry),
        ]

    def uploaded_parts(self, upload: Upload, recorded_at: datetime, source: Source) -> list[Part]:
        """Parts that record an uploaded document, with what was paid of it before (LE-1).

        Its entry is exported where the document was not handed over to accounting before; what was paid
        before never is. Labels as in ``issued_parts``: up to five rows of lines, the document, two entries.
        """
        document, lines, opening = upload
        exportable = not document.handed_over_on
        occasion = self.occasion(document.branch, recorded_at, source, exportable=exportable)
        if opening is None:
            return self.issued_parts(document, lines, occasion)
        again = self.occasion(document.branch, recorded_at, source, exportable=False)
        opened, entry = rules.settled(document, opening, again)
        return [
            *self.issued_parts(replace(opened, revision=document.revision), lines, occasion),
            self._store.entry_part(entry),
        ]

    def customers(self, numbers: Iterable[str]) -> dict[str, Customer]:
        """Customers as they stand now, by their folded numbers; those that don't exist are not in it."""
        return self._store.customers(numbers)

    def customer_part(self, customer: Customer, former: Customer | None) -> Part:
        """The part that writes a customer, new (``former`` is None) or changed, a revision after the former.

        Its label is ``customer:<folded number>``; it fails where anybody has changed the customer since.
        """
        return self._store.customer_part(customer, former)

    def orders(self, numbers: Iterable[str]) -> dict[str, Order]:
        """Orders as they stand now, by their folded numbers; those that don't exist are not in it."""
        return self._store.orders(numbers)

    def order_part(self, order: Order, former: Order | None) -> Part:
        """The part that writes an order, new (``former`` is None) or changed, a revision after the former.

        Its label is ``order:<folded number>``; it fails where anybody has changed the order since.
        """
        return self._store.order_part(order, former)

    def lines(self, number: str) -> tuple[DocumentLine, ...]:
        """The lines of a document."""
        return self._store.lines(number)
