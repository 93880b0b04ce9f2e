"""A chain with books and invoices, whose finance people upload files: the real handlers, fed as S3 and SQS
do.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import functions.import_file.app as import_file
import functions.settle_rows.app as settle_rows
from tests.functions.shops import Context, Shop, open_shop
from tillbridge import wiring
from tillbridge.access.model import ALL_BRANCHES, Caller, Role
from tillbridge.aws.table import Part
from tillbridge.kernel.text import fold
from tillbridge.ledger.books_model import ChainSettings, Client
from tillbridge.ledger.entries import Entry, Source, SourceKind
from tillbridge.ledger.model import Document, DocumentKind, DocumentLine
from tillbridge.reconciliation.import_model import Import, ImportState, Profile, Step
from tillbridge.reconciliation.intake import Upload, import_id_of
from tillbridge.reconciliation.row_outcomes import Review, RowOutcome

FINANCE = Caller("fina", frozenset({Role.FINANCE}), ALL_BRANCHES)
CLIENT = "M1"
MOST_MESSAGES = 5_000
MOST_PARTS = 99
"""Parts of a transaction: three for a document of one line."""


@dataclass
class ImportDesk:
    """Uploads files and lets the workers run; what a test asks for is one sentence each."""

    shop: Shop
    uploads: Iterator[int] = field(default_factory=lambda: count(1))

    # Before

    def profile(self, id_: str = "accountant", **more: Any) -> Profile:
        """A profile of the client for EUR, of both its branches."""
        wanted = {"name": "Accountant", "client": CLIENT, "currency": "EUR", "branches": ("01", "02"), **more}
        return wiring.imports().put_profile(FINANCE, Profile(id=id_, **wanted))

    def invoice(self, number: str, amount_minor: int, **more: Any) -> Document:
        """Record a document; the amount is above zero for every kind."""
        self.issue([document_of(number, amount_minor, **more)])
        return self.document(number)

    def issue(self, documents: Iterable[Document]) -> None:
        """Record many documents of one line each, in few transactions."""
        ledger, now = wiring.ledger(), self.shop.world.clock.now
        parts: list[Part] = []
        for document in documents:
            line = DocumentLine("Glasses", document.total_minor, 1900, "STANDARD")
            occasion = ledger.occasion(document.branch, now, Source(SourceKind.DOCUMENT, document.number))
            parts += ledger.issued_parts(document, (line,), occasion)
        for start in range(0, len(parts), MOST_PARTS):
            wiring.import_store().commit(parts[start : start + MOST_PARTS])

    def invoices(self, *numbers: str, amount_minor: int = 100_00, **more: Any) -> None:
        """Record many invoices over the same amount."""
        self.issue(document_of(number, amount_minor, **more) for number in numbers)

    # Files and workers

    def put(self, name: str, content: bytes, profile: str = "accountant", **notes: str) -> dict[str, Any]:
        """Upload a file as a finance person does; the event that S3 tells of it."""
        return self.put_at(f"inbox/{profile}/{name}", content, **notes)

    def put_at(self, key: str, content: bytes, **notes: str) -> dict[str, Any]:
        """Upload a file to a key of the bucket; the event that S3 tells of it."""
        answer = self.shop.world.clients["s3"].put_object(
            Bucket="test-imports", Key=key, Body=content, Metadata=notes
        )
        record = {
            "eventSource": "aws:s3",
            "userIdentity": {"principalId": "AWS:fina"},
            "s3": {"object": {"key": quote_plus(key), "versionId": answer["VersionId"]}},
        }
        return _sqs({"Records": [record]})

    def take_in(self, event: dict[str, Any]) -> Import:
        """Let the function read the file; the import as it stands then."""
        answer = import_file.handler(event, Context())
        assert answer == {"batchItemFailures": []}, answer
        [told] = json.loads(event["Records"][0]["body"])["Records"]
        file = told["s3"]["object"]
        return self.find(import_id_of(Upload(unquote_plus(file["key"]), file["versionId"], "")))

    def upload(self, name: str, content: bytes, profile: str = "accountant", **notes: str) -> Import:
        """Upload a file, and let everything happen that follows by itself."""
        self.shop.world.clock.forward(seconds=1)
        one = self.take_in(self.put(name, content, profile, **notes))
        self.settle()
        return self.find(one.id)

    def settle(self) -> int:
        """Let workers work until nothing is to be done; how many messages that took."""
        done = 0
        while messages := self.messages():
            for message in messages:
                self.work(json.loads(message["Body"]))
                done += 1
            assert done < MOST_MESSAGES
        return done

    def messages(self) -> list[dict[str, Any]]:
        """What waits for workers, taken from the queue."""
        sqs, url = self.shop.world.clients["sqs"], self.shop.world.names["IMPORT_CHUNKS_QUEUE_URL"]
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    def work(self, body: dict[str, Any]) -> None:
        """Let one worker do one message's work."""
        answer = settle_rows.handler(_sqs(body), Context())
        assert answer == {"batchItemFailures": []}, answer

    def step(self, one: Import, chunk: int, step: Step) -> None:
        """Let one worker take one step with a chunk."""
        self.work({"import": one.id, "attempt": one.attempt, "chunk": chunk, "step": step.value})

    # Afterwards

    def imports(self) -> list[Import]:
        """All imports of the client, newest first, then those of no client."""
        store = wiring.import_store()
        found = [
            *store.uploads(CLIENT, cursor=None, limit=100)[0],
            *store.uploads("-", cursor=None, limit=100)[0],
        ]
        return sorted(found, key=lambda one: one.history[0].at, reverse=True)

    def find(self, import_id: str) -> Import:
        """An import as it stands."""
        found = wiring.import_store().get(import_id)
        assert found is not None
        return found

    def document(self, number: str) -> Document:
        """A document as it stands."""
        return wiring.ledger().documents([number])[fold(number)]

    def due(self, *numbers: str) -> list[int]:
        """What is due of documents."""
        return [self.document(number).due_minor for number in numbers]

    def entries(self, number: str) -> list[Entry]:
        """The journal entries that a document's notes name, without that of its issue."""
        document = self.document(number)
        found = wiring.ledger().entries(note.entry for note in document.notes)
        entries = [found[note.entry] for note in document.notes]
        return [entry for entry in entries if entry.source.kind is not SourceKind.DOCUMENT]

    def outcomes(self, one: Import) -> list[RowOutcome]:
        """What became of each row, in the order of the file."""
        store, workspace = wiring.import_store(), wiring.workspace()
        found: list[RowOutcome] = []
        for chunk in store.chunks(one.id):
            if one.state in (ImportState.AWAITING_APPROVAL, ImportState.REFUSED):
                found += workspace.preview(one, chunk)
            else:
                found += store.outcomes(one.id, chunk.number)
        return sorted(found, key=lambda told: (told.line or 2**31, told.invoice_number))

    def codes(self, one: Import) -> list[str]:
        """The code of each row, in the order of the file."""
        return [told.code for told in self.outcomes(one)]

    def reviews(self, one: Import) -> list[Review]:
        """The rows that wait, or waited, for a person."""
        return wiring.import_store().reviews(one.id)[0]

    def report(self, one: Import, language: str = "en") -> list[list[str]]:
        """The CSV report, without its heading."""
        content = wiring.workspace().files.read(f"{one.report}report.{language}.csv")
        assert content is not None
        lines = content.decode("utf-8-sig").splitlines()
        return list(csv.reader(lines[1:], delimiter=";" if language == "de" else ","))

    def approve(self, one: Import, reason: str = "looks right") -> Import:
        """Approve an import, and let everything happen that follows."""
        wiring.imports().approve(FINANCE, one.id, reason)
        self.settle()
        return self.find(one.id)

    def reject(self, one: Import, reason: str = "looks wrong") -> Import:
        """Discard an import that waits for approval."""
        return wiring.imports().reject(FINANCE, one.id, reason)

    def delete(self, one: Import, reason: str = "was wrong") -> Import:
        """Delete an import, and let everything happen that follows."""
        wiring.imports().delete(FINANCE, one.id, reason)
        self.settle()
        return self.find(one.id)


def document_of(
    number: str,
    amount_minor: int,
    *,
    kind: DocumentKind = DocumentKind.INVOICE,
    issued_on: str = "2026-10-01",
    handed_over_on: str = "2026-10-02",
    **more: Any,
) -> Document:
    """A document of the client in branch 01, as it is before anything was paid; the amount above zero."""
    whose = {"branch": "01", "client": CLIENT, "currency": "EUR", **more}
    return Document(
        number=number,
        kind=kind,
        total_minor=amount_minor * kind.sign,
        issued_on=issued_on,
        handed_over_on=handed_over_on,
        vat_shares=(("STANDARD", amount_minor * kind.sign),),
        **whose,
    )


def _sqs(body: dict[str, Any]) -> dict[str, Any]:
    record = {
        "messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
        "receiptHandle": "MessageReceiptHandle",
        "body": json.dumps(body),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:test",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


def payments_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A file of payments as the AMPAREX kind reads it: number, amount, day, then the four fields."""
    heading = "Rechnungsnummer;Zahlbetrag;Zahldatum;Skonto;Mahngebühr;Überzahlung;Wiederöffnen"
    padded = [[*row, *[""] * (7 - len(row))] for row in rows]
    return ("\r\n".join([heading, *map(";".join, padded)]) + "\r\n").encode("cp1252")


@contextmanager
def open_desk() -> Iterator[ImportDesk]:
    """A chain with a client, its branches 01 and 02, and a profile for the accountant's files."""
    with open_shop() as shop:
        admin = Caller("chief", frozenset({Role.ADMIN}), ALL_BRANCHES)
        books = wiring.books()
        client = Client(
            id=CLIENT, name="Optik GmbH", client_number=1, consultant_number=1001, consultant_name="Beck"
        )
        books.put_client(admin, client)
        for branch in ("01", "02"):
            books.assign_branch(admin, branch, CLIENT)
        books.put_settings(admin, ChainSettings({"EUR": 500}))
        desk = ImportDesk(shop)
        desk.profile()
        yield desk
