"""What people and shop software do with documents: record, cancel, hand over (LE-1, LE-2, LE-6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from tillbridge.access.model import Branch, Caller
from tillbridge.access.rules import Act, require
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, Part, commit
from tillbridge.kernel.calendar import local_day
from tillbridge.kernel.errors import Conflict, NotFound, Refused, Unavailable
from tillbridge.kernel.text import fold

from . import cancellations, rules
from .books import BooksService
from .books_model import SeriesKind
from .customers import CustomerService
from .entries import Source, SourceKind
from .model import Customer, Document, DocumentKind
from .reading import DocumentReader
from .requests import CancellationRequest, DocumentRequest, HandoverRequest, RequestKey
from .schemas import CancelledDocumentAnswer, DocumentAnswer
from .service import LedgerService
from .store import LedgerStore
from .vat_rules import rated

ATTEMPTS = 12
"""How often an act is planned anew when others change the same rows at the same moment."""

MOST_AHEAD = timedelta(days=1)
"""A document may be of tomorrow; one of next year is a slip of the pen."""


class _Number(NamedTuple):
    """The number of a new document, and the part that takes it from its series where it was not given."""

    text: str
    parts: tuple[Part, ...]


class DocumentService(DocumentReader):
    """The sentences about documents; those that only read stand in ``DocumentReader``."""

    def __init__(
        self,
        store: LedgerStore,
        ledger: LedgerService,
        books: BooksService,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(store, CustomerService(store, access))
        self._ledger = ledger
        self._books = books
        self._access = access
        self._clock = clock

    # Recording

    def record(self, caller: Caller, request: DocumentRequest, request_key: RequestKey) -> str:
        """Record a document with its journal entry; answers as JSON, a repetition the same (LE-1)."""
        return self._once(caller, request_key, lambda: self._record(caller, request, request_key))

    def _record(self, caller: Caller, request: DocumentRequest, request_key: RequestKey) -> str:
        require(caller, Act.RECORD_DOCUMENTS, request.branch)
        branch = self._access.branch(request.branch)
        self._demand_not_ahead(request.issued_on, branch)
        self._demand_not_ahead(request.handed_over_on, branch, field="handed_over_on")
        client = self._books.client_of(request.branch)
        customer = self.customers.get(caller, request.customer) if request.customer else None
        lines = rated(request.lines, self._books.vat_codes(), request.issued_on)
        taken = False
        for _ in range(ATTEMPTS):
            now = self._clock()
            number = self._number(request.number, request.branch, request.kind, request.issued_on, taken)
            document, signed = rules.drafted(_head(request, number.text, client, customer), lines)
            occasion = self._ledger.occasion(
                document.branch, now, _source(document), exportable=not document.handed_over_on
            )
            recorded = rules.with_issue(document, rules.issued(document, occasion))
            answer = DocumentAnswer.of_known(recorded, signed).model_dump_json()
            parts = [
                *number.parts,
                *self._ledger.issued_parts(document, signed, occasion),
                self._audit(caller, document),
            ]
            try:
                return self._write(caller, request_key, answer, parts, now)
            except CommitConflict as conflict:
                taken = self._taken(conflict, document, request.number)
        raise Unavailable("the same rows are being changed by many others")

    def cancel(
        self, caller: Caller, number: str, request: CancellationRequest, request_key: RequestKey
    ) -> str:
        """Cancel an invoice by a credit note that settles what is due; answers as JSON.

        What was paid on the invoice is due on the credit note, to be given back. Dunning fees stay ours.
        """
        kept = self._once(caller, request_key, lambda: self._cancel(caller, number, request, request_key))
        return self._with_lines(kept)

    def _with_lines(self, kept: str) -> str:
        """The answer with the credit note's lines, which never change: those of an invoice that came in bulk
        may be too many for the row that keeps the answer.
        """
        answer = CancelledDocumentAnswer.model_validate_json(kept)
        note = self._store.document(answer.credit_note.number)
        if note is None:
            raise ValueError(f"the credit note {answer.credit_note.number} is gone")
        return answer.with_lines(self._store.lines(note.number), note).model_dump_json()

    def _cancel(
        self, caller: Caller, number: str, request: CancellationRequest, request_key: RequestKey
    ) -> str:
        kind, taken = DocumentKind.CREDIT_NOTE, False
        for _ in range(ATTEMPTS):
            invoice, lines = self.document(caller, number, Act.RECORD_DOCUMENTS)
            self._demand_not_ahead(request.issued_on, self._access.branch(invoice.branch))
            own = self._number(request.number, invoice.branch, kind, request.issued_on, taken)
            draft = cancellations.cancelling(invoice, lines, own.text, request.issued_on)
            now = self._clock()
            parts, cancelled, note = self._set_off(invoice, draft, now)
            answer = CancelledDocumentAnswer.of_both(note, cancelled).model_dump_json()
            parts += [*own.parts, self._audit(caller, note, cancels=invoice.folded_number)]
            try:
                return self._write(caller, request_key, answer, parts, now)
            except CommitConflict as conflict:
                taken = self._taken(conflict, note, request.number)
        raise Unavailable("the same rows are being changed by many others")

    def _set_off(
        self, invoice: Document, draft: rules.Drafted, now: datetime
    ) -> tuple[list[Part], Document, Document]:
        """Parts that record a credit note and settle it and its invoice against each other; both after it."""
        source = _source(draft.document)
        of_invoice, of_note = cancellations.set_off(invoice, draft.document.issued_on)

        def settled(document: Document, moneys: Sequence[rules.Settlement]) -> cancellations.Change:
            change = cancellations.Change.of(document)
            for money in moneys:
                change.settle(money, self._ledger.occasion(document.branch, now, source))
            return change

        of_the_invoice, of_the_note = settled(invoice, of_invoice), settled(draft.document, of_note)
        cancelled = replace(
            of_the_invoice.after,
            cancelled_by=draft.document.number,
            touched_by=str(source),
            revision=invoice.revision + 1,
        )
        note = replace(of_the_note.after, revision=draft.document.revision)
        issue = self._ledger.occasion(note.branch, now, source)
        parts = [
            *self._ledger.changed_parts(invoice, cancelled, of_the_invoice.entries),
            *self._ledger.issued_parts(note, draft.lines, issue),
            *map(self._store.entry_part, of_the_note.entries),
        ]
        return parts, cancelled, rules.with_issue(note, rules.issued(note, issue))

    def hand_over(self, caller: Caller, request: HandoverRequest) -> list[Document]:
        """Note from which day the accountant's books hold documents of a branch, all of them or none.

        Exports note it themselves; this is for documents that reach the accountant in another way. The same
        day once more changes nothing; another day is refused.
        """
        require(caller, Act.RECORD_DOCUMENTS, request.branch)
        self._demand_not_ahead(request.day, self._access.branch(request.branch), field="handed_over_on")
        for _ in range(ATTEMPTS):
            documents = self._to_hand_over(request)
            waiting = [one for one in documents if not one.handed_over_on]
            parts = [part for one in waiting for part in self._handed_over(caller, one, request.day)]
            try:
                if parts:
                    commit(self._store.table.client, parts)
            except CommitConflict:
                continue
            return [replace(one, handed_over_on=request.day) for one in documents]
        raise Unavailable("the same rows are being changed by many others")

    def _to_hand_over(self, request: HandoverRequest) -> list[Document]:
        known = self._store.documents(request.numbers)
        found: dict[str, Document] = {}
        for place, number in enumerate(request.numbers):
            field = f"numbers.{place}"
            document = known.get(fold(number))
            if document is None or document.branch != request.branch:
                raise NotFound("document-not-found", field=field, value=number)
            if document.folded_number in found:
                raise Refused("document-twice", field=field, value=number)
            if request.day < document.issued_on:
                raise Refused(
                    "handed-over-before-issue", field=field, value=request.day, issued=document.issued_on
                )
            if document.handed_over_on not in ("", request.day):
                raise Conflict(
                    "document-handed-over-before", field=field, value=number, day=document.handed_over_on
                )
            found[document.folded_number] = document
        return list(found.values())

    def _handed_over(self, caller: Caller, document: Document, day: str) -> list[Part]:
        return [
            self._store.handed_over_part(document, day),
            self._audit(caller, document, handed_over_on=day),
        ]

    # What the sentences stand on

    def _demand_not_ahead(self, day: str, branch: Branch, *, field: str = "issued_on") -> None:
        now = self._clock()
        if day > local_day(now + MOST_AHEAD, branch.time_zone):
            today = local_day(now, branch.time_zone)
            raise Refused("issued-ahead", field=field, value=day, today=today)

    def _number(
        self, given: str | None, branch: str, kind: DocumentKind, day: str, series_number_taken: bool
    ) -> _Number:
        """The number that was given, else the next of the branch's series with the part that takes it."""
        if given is not None:
            return _Number(given, ())
        recorded = self._ledger.documents if series_number_taken else None
        text, part = self._books.next_number(branch, SeriesKind(kind.value), day, recorded=recorded)
        return _Number(text, (part,))

    def _once(self, caller: Caller, request_key: RequestKey, act: Callable[[], str]) -> str:
        """Do the act; where it is refused, the first answer if it was done before the world changed."""
        try:
            return act()
        except Refused:
            mark = self._store.mark(caller.username, request_key.key)
            if mark is None:
                raise
            return _repeated(mark, request_key)

    def _write(
        self, caller: Caller, request_key: RequestKey, answer: str, parts: Sequence[Part], now: datetime
    ) -> str:
        """Write the act; the first answer, if it was done before. ``CommitConflict``: plan it anew."""
        mark = self._store.mark_part(caller.username, request_key.key, request_key.fingerprint, answer, now)
        try:
            commit(self._store.table.client, [mark, *parts])
        except CommitConflict as conflict:
            first = conflict.failed.get(mark.label)
            if first is None:
                raise
            return _repeated(first, request_key)
        return answer

    def _taken(self, conflict: CommitConflict, document: Document, given: str | None) -> bool:
        """True when a series gave a number that is another document's; ``Conflict`` where it was given."""
        taken = f"new-document:{document.folded_number}" in conflict.failed
        if taken and given is not None and "idempotency" not in conflict.contended:
            raise Conflict("document-number-taken", field="number", value=given)
        return taken

    def _audit(self, caller: Caller, document: Document, **facts: str) -> Part:
        return self._access.audit_part(
            actor=caller.username,
            act=Act.RECORD_DOCUMENTS,
            branch=document.branch,
            subject=f"document/{document.folded_number}",
            facts={"kind": document.kind.value, **facts},
        )


def _head(request: DocumentRequest, number: str, client: str, customer: Customer | None) -> rules.Head:
    return rules.Head(
        number=number,
        kind=request.kind,
        branch=request.branch,
        client=client,
        currency=request.currency,
        issued_on=request.issued_on,
        customer=customer,
        terms=request.terms,
        order_number=request.order_number,
        handed_over_on=request.handed_over_on,
    )


def _source(document: Document) -> Source:
    return Source(SourceKind.DOCUMENT, document.number)


def _repeated(mark: Mapping[str, str], request_key: RequestKey) -> str:
    if mark["fingerprint"] != request_key.fingerprint:
        raise Conflict("ledger-key-reused", field="Idempotency-Key", value=request_key.key)
    return mark["answer"]
