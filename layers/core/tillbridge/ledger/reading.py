"""What people and shop software read of documents and the journal (LE-1, LE-2)."""

from __future__ import annotations

from typing import NamedTuple

from tillbridge.access.model import ALL_BRANCHES, Caller
from tillbridge.access.rules import Act, require, require_role
from tillbridge.aws.cursors import read_cursor, unreadable, write_cursor
from tillbridge.kernel.errors import NotFound

from .customers import CustomerService
from .entries import Entry
from .model import MAX_BOOKINGS, Document, DocumentLine
from .store import LedgerStore


class Known(NamedTuple):
    """A document with its lines."""

    document: Document
    lines: tuple[DocumentLine, ...]


class DocumentReader:
    """The sentences that only read; a document or entry of a foreign branch is as good as none."""

    def __init__(self, store: LedgerStore, customers: CustomerService) -> None:
        self.customers = customers
        self._store = store

    def document(self, caller: Caller, number: str, act: Act = Act.READ_LEDGER) -> Known:
        """A document as it stands now, with its lines."""
        document = self._visible(caller, number, act)
        return Known(document, self._store.lines(document.number))

    def documents_of_day(
        self, caller: Caller, branch: str, day: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """The documents that a branch issued on a day, by number."""
        require(caller, Act.READ_LEDGER, branch)
        return self._store.documents_of_day(branch, day, cursor=cursor, limit=limit)

    def documents_of_customer(
        self, caller: Caller, customer: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """The documents of a customer in the caller's branches, oldest first; a page may be short."""
        known = self.customers.get(caller, customer)
        while True:
            found, cursor = self._store.documents_of_customer(known.number, cursor=cursor, limit=limit)
            shown = [document for document in found if caller.covers(document.branch)]
            if cursor is None or caller.branches is ALL_BRANCHES:
                return shown, cursor
            if shown:  # the page ends with what the caller may know of
                return shown, self._store.customer_cursor(shown[-1])

    def open_documents(
        self, caller: Caller, side: str, branch: str, currency: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """What is open in a branch, oldest first; one that was settled just now may make a page short."""
        require(caller, Act.READ_LEDGER, branch)
        found, following = self._store.open_documents(side, branch, currency, cursor=cursor, limit=limit)
        return [document for document in found if document.is_open], following

    def entries_of_document(
        self, caller: Caller, number: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Entry], str | None]:
        """The journal entries of a document in the order in which they were booked."""
        document = self._visible(caller, number, Act.READ_LEDGER)
        first = _place(cursor)
        ids = [note.entry for note in document.notes[first : first + limit]]
        found = self._store.entries(ids)
        further = first + limit < len(document.notes)
        following = write_cursor({"place": str(first + limit)}) if further else None
        return [found[entry_id] for entry_id in ids], following

    def entry(self, caller: Caller, entry_id: str) -> Entry:
        """One journal entry."""
        require_role(caller, Act.READ_LEDGER)
        found = self._store.entry(entry_id)
        if found is None or not caller.covers(found.branch):
            raise NotFound("entry-not-found", field="entry", value=entry_id)
        return found

    def entries_of_day(
        self, caller: Caller, branch: str, day: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Entry], str | None]:
        """The entries that were recorded in a branch on a day (UTC), in the order of their recording."""
        require(caller, Act.READ_LEDGER, branch)
        after = read_cursor(cursor).get("entry") if cursor else ""
        if after is None:
            raise unreadable(cursor or "")
        found = self._store.entries_of_day(branch, day, after=after, limit=limit)
        following = write_cursor({"entry": found[-1].id}) if len(found) == limit else None
        return found, following

    def _visible(self, caller: Caller, number: str, act: Act) -> Document:
        document = self._store.document(number)
        if document is None or not caller.covers(document.branch):
            raise NotFound("document-not-found", field="number", value=number)
        require(caller, act, document.branch)
        return document


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    place = read_cursor(cursor).get("place", "")
    if not place.isdecimal() or len(place) > len(str(MAX_BOOKINGS)) + 1:
        raise unreadable(cursor)
    return int(place)
