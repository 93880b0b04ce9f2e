"""How documents, customers, orders and the journal live in DynamoDB.

pk                               sk                    what
DOCUMENT#<folded number>         DOCUMENT              an invoice or credit note and its balance
DOCUMENT#<folded number>         LINES#<first line>    its lines, a hundred in a row; never changed
CUSTOMER#<folded number>         CUSTOMER              a customer: the only row with name and address (PE-3)
ORDER#<folded number>            ORDER                 an order
JOURNAL#<branch>#<day>#<shard>   <entry id>            an entry; the day is that of its recording, in UTC
IDEMPOTENCY#<user>#<key>         IDEMPOTENCY           the first answer to a request, kept for ever

An entry's id begins with the moment of its recording, so that a partition of the journal is in order of time,
and its last part says the shard: the id alone finds the entry.

Access patterns beside these keys:

index          key                          sort                   asked for
by_open        side#branch#currency         day#number             open items of a branch (RI-2); sparse
by_issue_day   branch#day                   number                 documents of a day; keys alone
by_customer    folded number of customer    day#number             documents of a customer; keys alone
by_customer    customers/<branch>           folded number          customers of a branch; keys alone
by_customer    orders/<branch>              folded number          orders of a branch; keys alone
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from tillbridge.aws.cursors import write_cursor
from tillbridge.aws.table import NEW, Expects, Part, Put, Row, Table, Update
from tillbridge.kernel.calendar import sortable_text
from tillbridge.kernel.text import MAX_FOLDED_BYTES, fold

from . import rows
from .entries import Entry
from .model import Customer, Document, DocumentLine, Order


class OpenItem(NamedTuple):
    """An open document as the list of open items shows it: enough to tell whether it is in scope."""

    number: str
    kind: str
    client: str
    issued_on: str
    handed_over_on: str
    due_minor: int
    customer: str


class LedgerStore:
    """Documents and the journal."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def document(self, number: str) -> Document | None:
        """A document as it stands now."""
        return self.documents([number]).get(fold(number))

    def documents(self, numbers: Iterable[str]) -> dict[str, Document]:
        """Documents as they stand now, by their folded numbers; those that don't exist are not in it."""
        keys = [(rows.document_pk(folded), "DOCUMENT") for folded in _possible(numbers)]
        found = self.table.get_many(keys)
        return {row["pk"].partition("#")[2]: rows.document_from(row) for row in found}

    def lines(self, number: str) -> tuple[DocumentLine, ...]:
        """The lines of a document."""
        found = list(self._all(rows.document_pk(fold(number)), "LINES#"))
        return rows.lines_from(found)

    def open_items(self, side: str, branch: str, currency: str, until: str) -> Iterator[OpenItem]:
        """Open documents issued until a day, page by page; what was settled meanwhile may still show."""
        cursor = None
        while True:
            page = self.table.query_index(
                "by_open", f"{side}#{branch}#{currency}", until=f"{until}#\uffff", cursor=cursor
            )
            for row in page.rows:
                yield OpenItem(
                    row["number"],
                    row["kind"],
                    row["client"],
                    row["issued_on"],
                    row.get("handed_over_on", ""),
                    row["total_minor"] - row["paid_minor"] - row["discounted_minor"],
                    row.get("customer", ""),
                )
            cursor = page.next_cursor
            if cursor is None:
                return

    def documents_of_day(
        self, branch: str, day: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """Documents that a branch issued on a day."""
        return self._listed("by_issue_day", f"{branch}#{day}", cursor, limit)

    def documents_of_customer(
        self, customer: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """Documents of a customer, oldest first."""
        return self._listed("by_customer", fold(customer), cursor, limit)

    def customer_cursor(self, document: Document) -> str:
        """Where a page of a customer's documents ends that ends with this one."""
        row = rows.document_row(document)
        return write_cursor({name: row[name] for name in ("pk", "sk", "customer_key", "customer_sort")})

    def open_documents(
        self, side: str, branch: str, currency: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """Open documents of a branch, oldest first."""
        return self._listed("by_open", f"{side}#{branch}#{currency}", cursor, limit)

    def _listed(
        self, index: str, key: str, cursor: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        page = self.table.query_index(index, key, cursor=cursor, limit=limit)
        numbers = [row["pk"].partition("#")[2] for row in page.rows]
        found = self.documents(numbers)
        return [found[number] for number in numbers if number in found], page.next_cursor

    def customers(self, numbers: Iterable[str]) -> dict[str, Customer]:
        """Customers as they stand now, by their folded numbers; those that don't exist are not in it."""
        keys = [rows.customer_key(folded) for folded in _possible(numbers)]
        found = self.table.get_many(keys)
        return {row["pk"].partition("#")[2]: rows.customer_from(row) for row in found}

    def customers_of_branch(
        self, branch: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Customer], str | None]:
        """Customers of a branch, by number."""
        page = self.table.query_index("by_customer", rows.customers_key(branch), cursor=cursor, limit=limit)
        numbers = [row["pk"].partition("#")[2] for row in page.rows]
        found = self.customers(numbers)
        return [found[number] for number in numbers if number in found], page.next_cursor

    def customer_part(self, customer: Customer, former: Customer | None) -> Part:
        """Write a customer, new or changed; nobody else may have changed it since it was read."""
        expects = Expects(equals={"revision": former.revision}) if former else NEW
        label = f"customer:{customer.folded_number}"
        return Put(self.table.name, rows.customer_row(customer), label, expects)

    def orders(self, numbers: Iterable[str]) -> dict[str, Order]:
        """Orders as they stand now, by their folded numbers; those that don't exist are not in it."""
        found = self.table.get_many([rows.order_key(folded) for folded in _possible(numbers)])
        return {row["pk"].partition("#")[2]: rows.order_from(row) for row in found}

    def orders_of_branch(
        self, branch: str, *, cursor: str | None, limit: int
    ) -> tuple[list[Order], str | None]:
        """Orders of a branch, by number."""
        page = self.table.query_index("by_customer", rows.orders_key(branch), cursor=cursor, limit=limit)
        numbers = [row["pk"].partition("#")[2] for row in page.rows]
        found = self.orders(numbers)
        return [found[number] for number in numbers if number in found], page.next_cursor

    def order_part(self, order: Order, former: Order | None) -> Part:
        """Write an order, new or changed; nobody else may have changed it since it was read."""
        expects = Expects(equals={"revision": former.revision}) if former else NEW
        return Put(self.table.name, rows.order_row(order), f"order:{order.folded_number}", expects)

    def new_document_parts(self, document: Document, lines: tuple[DocumentLine, ...]) -> list[Part]:
        """Write a new document with its lines; its number must be new in the chain."""
        label = f"new-document:{document.folded_number}"
        parts: list[Part] = [Put(self.table.name, rows.document_row(document), label, NEW)]
        parts += [
            Put(self.table.name, row, f"{label}:{row['sk']}") for row in rows.line_rows(document, lines)
        ]
        return parts

    def balance_part(self, before: Document, after: Document) -> Part:
        """Change what is settled of a document; nothing else may have touched it since it was read.

        The row is written whole: DynamoDB charges a change of one attribute just like one of all.
        """
        return Put(
            self.table.name,
            rows.document_row(after),
            f"document:{before.folded_number}",
            Expects(equals={"revision": before.revision}),
        )

    def handed_over_part(self, document: Document, day: str) -> Part:
        """Note the day from which the accountant's books hold a document that was not handed over yet."""
        return Update(
            self.table.name,
            (rows.document_pk(document.folded_number), "DOCUMENT"),
            f"document:{document.folded_number}",
            set_={"handed_over_on": day, "revision": document.revision + 1},
            expects=Expects(equals={"revision": document.revision}),
        )

    def entry_part(self, entry: Entry) -> Part:
        """Write a journal entry; nothing ever changes one."""
        return Put(self.table.name, rows.entry_row(entry), f"entry:{entry.id}", NEW)

    def entry(self, entry_id: str) -> Entry | None:
        """One entry."""
        key = rows.entry_key(entry_id)
        row = self.table.get(key) if key else None
        return rows.entry_from(row) if row else None

    def entries(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Entries by their ids; those that don't exist are not in it."""
        keys = {rows.entry_key(entry_id) for entry_id in ids} - {None}
        found = self.table.get_many([key for key in keys if key])
        return {row["sk"]: rows.entry_from(row) for row in found}

    def entries_of_day(self, branch: str, day: str, *, after: str, limit: int) -> list[Entry]:
        """Entries that a branch recorded on a day (UTC), in the order of their ids, behind one of them."""
        found: list[Entry] = []
        for shard in range(rows.JOURNAL_SHARDS):
            page = self.table.query(f"JOURNAL#{branch}#{day}#{shard}", after=after or None, limit=limit)
            found += [rows.entry_from(row) for row in page.rows]
        return sorted(found, key=lambda entry: entry.id)[:limit]

    def mark(self, username: str, key: str) -> Mapping[str, str] | None:
        """What was answered to this user's request with this key."""
        return self.table.get((f"IDEMPOTENCY#{username}#{key}", "IDEMPOTENCY"))

    def mark_part(self, username: str, key: str, fingerprint: str, answer: str, at: datetime) -> Part:
        """Keep the first answer to a request."""
        row = {
            "pk": f"IDEMPOTENCY#{username}#{key}",
            "sk": "IDEMPOTENCY",
            "fingerprint": fingerprint,
            "answer": answer,
            "at": sortable_text(at),
        }
        return Put(self.table.name, row, "idempotency", NEW)

    def _all(self, pk: str, prefix: str) -> Iterator[Row]:
        cursor = None
        while True:
            page = self.table.query(pk, begins_with=prefix, cursor=cursor)
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return


def _possible(numbers: Iterable[str]) -> list[str]:
    """Folded numbers, each once, without those that are too long (or empty) to be anybody's."""
    folded = dict.fromkeys(map(fold, numbers))
    return [number for number in folded if 0 < len(number.encode()) <= MAX_FOLDED_BYTES]
