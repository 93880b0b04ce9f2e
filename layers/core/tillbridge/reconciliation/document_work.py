"""Rows that name a document: paid, still open, closed, dunned (RI-1 to RI-4, RI-6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tillbridge.kernel.errors import Conflict
from tillbridge.ledger import rules as ledger_rules
from tillbridge.ledger.entries import Account, Entry, Source, SourceKind
from tillbridge.ledger.model import Balance, Document
from tillbridge.ledger.service import LedgerService

from .decisions import Decision, Outcome, Policy
from .groups import Decided, Group, counted, decide, grouped, settlement_of
from .import_model import CHAIN_ZONE, Import, Totals
from .row_outcomes import RowOutcome
from .scope import Scope
from .work import Planned
from .workspace import ChunkContent

BYTES_OF_DOCUMENT = 1_500
BYTES_OF_NOTE = 90
BYTES_OF_ENTRY = 900


class DocumentWork:
    """Decides about documents, and books what was decided."""

    def __init__(self, one: Import, ledger: LedgerService, means: Account, now: datetime) -> None:
        self._ledger = ledger
        self._means = means
        self._now = now
        self._source = Source(SourceKind.IMPORT, one.id)
        self._scope = scope_of(one)
        self._documents: dict[str, Document | None] = {}

    def groups(self, content: ChunkContent) -> list[Group]:
        """The rows of each document, then the documents that the list may lack."""
        return grouped(content.rows, content.absent, self._scope.variant, content.shown)

    def plans(self, groups: Sequence[Group]) -> Iterator[Planned]:
        """A plan for each document; where one is missing, all that follow are read at one go."""
        for place, group in enumerate(groups):
            if group.folded_number not in self._documents:
                self._read(groups[place:])
            yield self._plan(group, self._documents[group.folded_number])

    def _read(self, groups: Sequence[Group]) -> None:
        wanted = {
            group.folded_number: group.number
            for group in groups
            if group.folded_number not in self._documents
        }
        found = self._ledger.documents(wanted.values())
        self._documents |= {folded: found.get(folded) for folded in wanted}

    def assume(self, planned: Planned) -> None:
        """Take for granted that a plan was written: what follows sees it, in a preview too."""
        self._documents |= {document.folded_number: document for document in planned.after}

    def forget(self) -> None:
        """Somebody else has changed documents."""
        self._documents.clear()

    def _plan(self, group: Group, document: Document | None) -> Planned:
        totals = Totals()
        outcomes: list[RowOutcome] = []
        entries: list[Entry] = []
        leans_on: set[str] = set()
        after = document
        for decided in decide(document, group, self._scope):
            booking = Booking.of(decided, after, self)
            if booking.entry is not None:
                entries.append(booking.entry)
            first_change = after is document and booking.document is not document
            after = booking.document
            before = before_of(document) if first_change and document else ()
            outcomes.append(outcome_of(group.number, booking, before, self._scope.currency))
            counts = counted(booking.decided)
            if document is not None and document.currency != self._scope.currency:
                counts = replace(counts, applied_minor=0, discount_minor=0, fee_minor=0, moved_minor=0)
            totals += counts
            leans_on |= {decided.leans_on} - {""}
        own = frozenset({group.folded_number})
        if document is None or after is None or after is document:
            return Planned(tuple(outcomes), totals, rests_on=own, leans_on=frozenset(leans_on))
        size = BYTES_OF_DOCUMENT + BYTES_OF_NOTE * len(after.notes) + BYTES_OF_ENTRY * len(entries)
        parts = self._ledger.changed_parts(document, after, entries)
        return Planned(tuple(outcomes), totals, tuple(parts), own, own, size, (after,), frozenset(leans_on))

    def book(self, decided: Decided, document: Document) -> tuple[Document, Entry | None]:
        """The document after a decision, and the entry that says why."""
        if decided.decision.dunning_level is not None:
            level = decided.decision.dunning_level
            return ledger_rules.with_level(document, level, str(self._source)), None
        occasion = self._ledger.occasion(document.branch, self._now, self._source, exportable=False)
        return ledger_rules.settled(document, settlement_of(decided, self._means), occasion)


class Booking:
    """A decision once it is booked on its document: the document after it, and the entry, if there is one.

    ``refusal`` is what the ledger has against it.
    """

    def __init__(
        self,
        decided: Decided,
        document: Document | None,
        entry: Entry | None,
        refusal: Conflict | None = None,
    ) -> None:
        self.decided = decided
        self.document = document
        self.entry = entry
        self.refusal = refusal

    @staticmethod
    def of(decided: Decided, document: Document | None, work: DocumentWork) -> Booking:
        """Book a decision; a document that can't take the booking refuses the row."""
        if decided.decision.outcome is not Outcome.BOOKED or document is None:
            return Booking(decided, document, None)
        try:
            after, entry = work.book(decided, document)
        except Conflict as refusal:
            refused = Decision(Outcome.REFUSED, refusal.code, due_after_minor=document.due_minor)
            return Booking(decided._replace(decision=refused), document, None, refusal)
        return Booking(decided, after, entry)


def scope_of(one: Import) -> Scope:
    """What an import is about."""
    if one.variant is None:
        raise ValueError(f"import {one.id} was not read")
    policy = Policy(one.max_fee_minor, one.import_day, one.options.settle_by)
    return Scope(
        one.client,
        frozenset(one.branches),
        one.currency,
        one.variant,
        policy,
        one.as_of,
        one.source_id,
        CHAIN_ZONE,
    )


def before_of(document: Document) -> tuple[int | str, ...]:
    """What a deletion needs to know of a document before an import touched it."""
    balance = document.balance
    return (
        balance.paid_minor,
        balance.discounted_minor,
        balance.fees_minor,
        balance.dunning_level,
        balance.settled_on,
        document.touched_by,
    )


def former_of(before: Sequence[int | str]) -> tuple[Balance, str]:
    """Balance and last toucher out of what ``before_of`` gave."""
    paid, discounted, fees, level, settled_on, touched_by = before
    return Balance(int(paid), int(discounted), int(fees), int(level), str(settled_on)), str(touched_by)


def _facts(booking: Booking, currency: str) -> tuple[tuple[str, str], ...]:
    """The row's own currency where it has one, the import because of which it is passed over, and what the
    ledger's refusal tells.
    """
    decided = booking.decided
    own_currency = decided.row.currency if decided.row else None
    told = {
        "currency": own_currency if own_currency != currency else None,
        "import": decided.leans_on,
        **({name: str(fact) for name, fact in booking.refusal.facts.items()} if booking.refusal else {}),
    }
    return tuple((name, text) for name, text in told.items() if text)


def outcome_of(number: str, booking: Booking, before: tuple[int | str, ...], currency: str) -> RowOutcome:
    """What is told of a row; its currency only where it is not that of the import."""
    decision, row = booking.decided.decision, booking.decided.row
    return RowOutcome(
        line=row.line if row else 0,
        invoice_number=row.invoice_number if row else number,
        outcome=decision.outcome,
        code=decision.code,
        applied_minor=decision.applied_minor,
        discount_minor=decision.discount_minor,
        fee_minor=decision.fee_minor,
        ignored_minor=decision.ignored_minor,
        due_after_minor=decision.due_after_minor,
        value_on=decision.value_on,
        entry=booking.entry.id if booking.entry else "",
        value=str(booking.refusal.value) if booking.refusal else "",
        facts=_facts(booking, currency),
        before=before,
        dunning_level=decision.dunning_level,
        mark=booking.decided.mark,
        amount_minor=row.amount_minor if row else None,
        day=(row.day or "") if row else "",
        told_apart=bool(row and (row.day or row.reference)),
    )
