"""Rows that wait for a person: what is shown, and what follows from the decision (RI-5, RI-34).

A decision is one act: the documents it pays, the entries, the row that no longer waits, the chunk of what
people decided (so that a deletion takes it back too), the import's totals, and the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tillbridge.access.model import Caller
from tillbridge.access.rules import Act
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, Part
from tillbridge.kernel.errors import Conflict, NotFound, Refused, Unavailable
from tillbridge.kernel.text import fold
from tillbridge.ledger.cancellations import Change
from tillbridge.ledger.entries import Source, SourceKind
from tillbridge.ledger.model import Document
from tillbridge.ledger.rules import Settlement
from tillbridge.ledger.service import LedgerService

from . import code_words, identity, registry
from .allocations import MOST_ALLOCATIONS, demand_fit, demand_whole
from .decisions import Outcome
from .document_work import before_of
from .import_model import BY_HAND, Event, Import, ImportState, Totals
from .model import Variant
from .progress import SOON
from .row_outcomes import Allocation, Review, RowOutcome, Verdict
from .store import ImportStore

ATTEMPTS = 8
DECIDED = "decided"
AllocationsIn = Callable[[str], Sequence[Allocation]]
"""What is to be booked, told in a currency: whoever asks does not know yet which one the row has."""


class ReviewService:
    """Lists rows that wait, and does what a person decides about one."""

    def __init__(
        self,
        store: ImportStore,
        ledger: LedgerService,
        access: AccessService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._access = access
        self._clock = clock

    def listed(
        self, one: Import, *, only_open: bool, cursor: str | None, limit: int
    ) -> tuple[list[Review], str | None]:
        """The rows of an import that wait, or waited, for a person, in the order of their lines."""
        return self._store.reviews(one.id, only_open=only_open, cursor=cursor, limit=limit)

    def decide(
        self, caller: Caller, one: Import, review_id: str, verdict: Verdict, allocations_in: AllocationsIn
    ) -> Review:
        """Book a waiting row as a person says, or dismiss it; the same once more changes nothing.

        ``Conflict`` where it was decided otherwise, ``Refused`` where the amounts make no sense.
        """
        for _ in range(ATTEMPTS):
            review = self._store.review(one.id, review_id)
            if review is None:
                raise NotFound("review-not-found", field="review", value=review_id)
            allocations = tuple(allocations_in(review.told.currency_in(one.currency)))
            if not review.is_open:
                if (review.verdict, _in_order(review.allocations)) == (verdict, _in_order(allocations)):
                    return review
                raise Conflict("review-decided", field="review", value=review_id, by=review.decided_by)
            if one.state is not ImportState.FINISHED:
                raise Conflict(
                    "import-not-finished", field="import", value=one.id, state=code_words.state(one.state)
                )
            decided = replace(
                review,
                verdict=verdict,
                allocations=allocations,
                decided_by=caller.username,
                decided_at=self._clock(),
            )
            if self._written(caller, one, review, decided):
                return decided
            one = self._fresh(one)
        raise Unavailable("the same rows are being changed by many others")

    def _fresh(self, one: Import) -> Import:
        found = self._store.get(one.id)
        if found is None:
            raise ValueError(f"import {one.id} is gone")
        return found

    def _written(self, caller: Caller, one: Import, review: Review, decided: Review) -> bool:
        parts, outcomes = self._booked(one, decided)
        chunk = self._store.chunk(one.id, BY_HAND)
        if chunk is None:
            raise ValueError(f"import {one.id} has no chunk for decisions")
        moved = replace(chunk, next_slice=chunk.next_slice + 1, progress_at=self._clock())
        audit = self._access.audit_part(
            actor=caller.username,
            act=Act.DECIDE_IMPORTS.value,
            branch=one.branches[0] if len(one.branches) == 1 else None,
            subject=f"import/{one.id}",
            facts={"review": review.id, "decision": str(decided.verdict)},
        )
        try:
            self._store.commit(
                [
                    self._store.import_part(self._counted(one, decided, outcomes), one),
                    self._store.review_part(one.id, decided, review),
                    *self._store.slice_parts(one.id, chunk, moved, outcomes),
                    *parts,
                    audit,
                ]
            )
        except CommitConflict:
            return False
        return True

    def _counted(self, one: Import, decided: Review, outcomes: Sequence[RowOutcome]) -> Import:
        """The import with one decision more.

        Its history tells the last decision and how many there were: an import may have thousands, and each
        stands with its own row.
        """
        now = self._clock()
        before = [event for event in one.history if event.what == DECIDED]
        count = 1 + (int(before[-1].detail) if before else 0)
        others = tuple(event for event in one.history if event.what != DECIDED)
        shift = Totals(
            review=-decided.rows,
            booked=decided.rows if outcomes else 0,
            ignored=0 if outcomes else decided.rows,
        )
        if decided.told.currency_in(one.currency) == one.currency:
            shift = sum(map(_totals_of, outcomes), shift)
        return replace(
            one,
            totals=one.totals + shift,
            open_reviews=one.open_reviews - 1,
            history=(*others, Event(now, DECIDED, decided.decided_by, str(count))),
            due_at=now + SOON,  # the report is written anew, once for many decisions
            revision=one.revision + 1,
        )

    def _booked(self, one: Import, decided: Review) -> tuple[list[Part], list[RowOutcome]]:
        """The parts and outcomes of what is booked; none for a dismissal."""
        currency = decided.told.currency_in(one.currency)
        if one.variant is Variant.DUNNING_LEVELS and decided.verdict is Verdict.BOOK:
            raise Refused("level-books-nothing", field="decision", value=decided.told.invoice_number)
        demand_whole(decided, currency, of_statement=one.variant is Variant.BANK_STATEMENT)
        found = self._ledger.documents(allocation.number for allocation in decided.allocations)
        changes: dict[str, Change] = {}
        outcomes = []
        for allocation in decided.allocations:
            document = found.get(fold(allocation.number))
            if (
                document is None
                or document.client != one.client
                or document.branch not in one.branches
                or document.currency != currency
            ):
                raise Refused("invoice-not-in-scope", field="allocations", value=allocation.number)
            demand_fit(document, allocation)
            change = changes[document.folded_number] = Change.of(document)
            outcomes.append(self._settled(one, decided.told, change, allocation))
        self._ledger.pass_on(changes)
        if len(changes) > MOST_ALLOCATIONS:  # with the credit notes of cancelled invoices
            raise Refused(
                "allocations-too-many", field="allocations", value=len(changes), most=MOST_ALLOCATIONS
            )
        outcomes = [
            told._replace(due_after_minor=changes[fold(told.invoice_number)].after.due_minor)
            for told in outcomes
        ]
        return self._ledger.parts_of(changes.values()), outcomes

    def _settled(self, one: Import, told: RowOutcome, change: Change, allocation: Allocation) -> RowOutcome:
        document = change.before
        listed_on = one.as_of if one.variant is Variant.OPEN_ITEMS else ""
        value_on = told.day or listed_on or one.import_day
        source = Source(SourceKind.IMPORT, one.id)
        occasion = self._ledger.occasion(document.branch, self._clock(), source, exportable=False)
        mark = told.mark
        _demand_not_booked(told, document)
        if mark:  # the payment is another one than its equal, so it gets the next mark that is free
            mark = identity.further_mark(mark, {note.row_mark for note in document.notes})
        if one.kind is None:
            raise ValueError(f"import {one.id} was not read")
        settlement = Settlement(
            allocation.applied_minor,
            allocation.discount_minor,
            allocation.fee_minor,
            value_on,
            registry.means_of(one.kind),
            mark,
        )
        change.settle(settlement, occasion)
        return told._replace(
            invoice_number=document.number,
            outcome=Outcome.BOOKED,
            code="decided-by-hand",
            applied_minor=allocation.applied_minor,
            discount_minor=allocation.discount_minor,
            fee_minor=allocation.fee_minor,
            ignored_minor=0,
            value_on=value_on,
            entry=occasion.entry_id,
            before=before_of(document),
            mark=mark,
            entry_mark="",  # the slice that saw the movement gives it back
            facts=tuple(fact for fact in told.facts if fact[0] == "currency"),
        )


def _demand_not_booked(told: RowOutcome, document: Document) -> None:
    """Let a row pass that nothing has booked since it began to wait; ``Conflict`` where another import did.

    The same row may wait in two imports, the second file being the whole list so far: booked in both, it
    would count twice. A row with neither day nor reference may be another payment; that is what a person is
    asked (RI-34).
    """
    for note in document.notes:
        if told.mark and told.told_apart and note.row_mark == told.mark:
            raise Conflict("row-booked-meanwhile", field="review", value=document.number, by=note.source)


def with_decisions(
    outcomes: Iterable[RowOutcome], decided: Mapping[str, Review], *, together: bool
) -> Iterator[RowOutcome | None]:
    """Rows as they stand now that people have decided about some: None for one that was booked by hand.

    Such a row is told by its bookings, in the chunk of what people decided. ``together`` says that the rows
    of a document waited as one, under the id of the first.
    """
    first_of: dict[str, str] = {}
    for told in outcomes:
        if told.outcome is not Outcome.REVIEW:
            yield told
            continue
        review_id = Review.of(told).id
        if together:
            review_id = first_of.setdefault(fold(told.invoice_number), review_id)
        review = decided.get(review_id)
        if review is None or review.verdict is None:
            yield told
        elif review.verdict is Verdict.DISMISS:
            yield told._replace(outcome=Outcome.IGNORED, code="dismissed-by-hand")
        else:
            yield None


def _in_order(allocations: Sequence[Allocation]) -> list[Allocation]:
    """The same decision always in the same form, however its numbers are written."""
    return sorted(one._replace(number=fold(one.number)) for one in allocations)


def _totals_of(told: RowOutcome) -> Totals:
    return Totals(
        applied_minor=told.applied_minor, discount_minor=told.discount_minor, fee_minor=told.fee_minor
    )
