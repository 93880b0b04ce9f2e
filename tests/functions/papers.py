"""Invoices in the ledger of a test's chain, requests about them, and what the journal says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.functions.shops import FINANCE_A, TILL_A, Answer, Claims, Shop
from tests.world import ADMIN
from tillbridge.aws.table import commit, plain_row
from tillbridge.ledger import rows
from tillbridge.ledger.books_model import Client, NumberSeries, SeriesKind
from tillbridge.ledger.entries import Account, Entry, Source, SourceKind
from tillbridge.ledger.model import Document, DocumentKind, DocumentLine
from tillbridge.ledger.rules import Head, drafted

CLIENT = Client(
    id="c1", name="Optik GmbH", client_number=1, consultant_number=1001, consultant_name="Kanzlei"
)
OTHER_CLIENT = Client(
    id="c2", name="Akustik GmbH", client_number=2, consultant_number=1001, consultant_name="Kanzlei"
)


@dataclass
class Ledger:
    """The ledger as the tests fill it and look into it."""

    shop: Shop

    def with_books(self) -> Ledger:
        """The ledger, with a client for each branch."""
        self.keep_books(b01="c1", b02="c2")
        return self

    def keep_books(self, **client_of_branch: str) -> None:
        """Two clients; ``b01="c1"`` gives branch 01 to the first."""
        books = self.shop.world.books
        for client in (CLIENT, OTHER_CLIENT):
            books.put_client(ADMIN, client)
        for branch, client_id in client_of_branch.items():
            books.assign_branch(ADMIN, branch.removeprefix("b"), client_id)

    def issue(
        self,
        number: str = "RE-1",
        minor: int = 10_000,
        kind: DocumentKind = DocumentKind.INVOICE,
        **more: Any,
    ) -> Document:
        """A document that is in the books."""
        head = {"branch": "01", "client": "c1", "currency": "EUR", "issued_on": "2026-11-02", **more}
        document, lines = drafted(
            Head(number=number, kind=kind, **head), [DocumentLine("Brille", minor, 1900, "19")]
        )
        world = self.shop.world
        occasion = world.ledger.occasion(
            document.branch, world.clock(), Source(SourceKind.DOCUMENT, document.number)
        )
        commit(world.clients["dynamodb"], world.ledger.issued_parts(document, lines, occasion))
        return self.document(number)

    def document(self, number: str = "RE-1") -> Document:
        """A document as it stands now."""
        [found] = self.shop.world.ledger.documents([number]).values()
        return found

    def entries(self, number: str | None = "RE-1") -> list[Entry]:
        """All entries of the journal for a document, as its notes name them (None: of all, by their ids)."""
        found = [
            rows.entry_from(plain_row(row))
            for row in self.shop.table("LEDGER_TABLE")
            if row["pk"]["S"].startswith("JOURNAL#")
        ]
        if number is None:
            return sorted(found, key=lambda entry: entry.id)
        noted = [note.entry for note in self.document(number).notes]
        own = [entry for entry in found if entry.document == number]
        return sorted(own, key=lambda entry: noted.index(entry.id) if entry.id in noted else len(noted))

    def booked(self, number: str = "RE-1") -> list[tuple[str, str, int]]:
        """Source, means and money of the entries after the first, which brought the document in."""
        return [
            (str(entry.source), entry.postings[0].account.value, entry.postings[0].amount_minor)
            for entry in self.entries(number)
            if entry.source.kind is not SourceKind.DOCUMENT
        ]

    def holds(self, number: str = "RE-1") -> int:
        """What is due, proved: by the journal, by the balance, by the list of open items, by the notes."""
        document = self.document(number)
        entries = self.entries(number)
        payable = document.kind is DocumentKind.INCOMING_INVOICE
        account = Account.PAYABLES if payable else Account.RECEIVABLES
        journal = sum(
            posting.amount_minor
            for entry in entries
            for posting in entry.postings
            if posting.account is account
        )
        assert journal == document.due_minor
        assert {note.entry for note in document.notes} == {entry.id for entry in entries}
        assert len(document.notes) == len(entries)
        listed = {
            one.number
            for one in self.shop.world.ledger.open_items(
                document.kind.side, document.branch, document.currency, "2027-01-01"
            )
        }
        assert (number in listed) is document.is_open
        assert bool(document.balance.settled_on) is not document.is_open
        return document.due_minor


# Requests

LINES = [
    {"product": "Brille", "product_family": "Fassungen", "item_day": "2026-11-20", "vat_code": "STANDARD",
     "amount": "119.00"},
    {"product": "Buch", "vat_code": "REDUCED", "vat_percent": "7", "amount": "10.70"},
    {"product": "Rabatt", "vat_percent": "0", "amount": "-9.70"},
]  # fmt: skip


def body(**more: Any) -> dict[str, Any]:
    head = {"kind": "invoice", "branch": "01", "currency": "EUR", "issued_on": "2026-11-20", "number": "RE-1"}
    whole = {**head, "lines": LINES, **more}
    return {name: content for name, content in whole.items() if content is not None}


def record(shop: Shop, key: str | None = None, *, claims: Claims = TILL_A, **more: Any) -> Answer:
    return shop.ask(
        "POST",
        "/documents",
        body(**more),
        claims=claims,
        idempotency_key=key or f"k-{next(shop.keys)}",
    )


def cancel(shop: Shop, invoice: str, key: str = "c", *, claims: Claims = TILL_A, **more: Any) -> Answer:
    wanted = {"issued_on": "2026-11-21", **more}
    return shop.ask("POST", f"/documents/{invoice}/cancellations", wanted, claims=claims, idempotency_key=key)


def put_customer(shop: Shop, number: str = "K-1", *, claims: Claims = TILL_A, **more: Any) -> Answer:
    terms = {"payment_days": 14, "discounts": [{"days": 7, "percent": "2.5"}]}
    wanted = {"branch": "01", "name": "Muster, Eva", "city": "Hamburg", "terms": terms, **more}
    return shop.ask("PUT", f"/customers/{number}", wanted, claims=claims)


def hand_over(shop: Shop, *numbers: str, day: str = "2026-11-21", claims: Claims = FINANCE_A) -> Answer:
    wanted = {"branch": "01", "numbers": list(numbers), "handed_over_on": day}
    return shop.ask("POST", "/documents/handovers", wanted, claims=claims)


def number_invoices(shop: Shop, kind: SeriesKind = SeriesKind.INVOICE, branch: str = "01") -> None:
    shop.world.books.put_series(ADMIN, NumberSeries(branch, kind, kind.usual_prefix, "HH"))
