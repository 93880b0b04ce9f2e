"""Rows that wait for a person: what is shown, and what follows from the decision (RI-5, RI-34).

A decision is one act: the documents it pays, the entries, the row that no longer waits, the chunk of what
people decided (so that a deletion takes it back too), the import's totals, and the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tillbridge.access.model import Caller
from tillbridge.access.rules import Act
from tillbridge.access.service import AccessService
from tillbridge.aws.table import CommitConflict, Part
from tillbridge.kernel.errors import Conflict, NotFound, Refused, Unavailable
from tillbridge.kernel.text import fold
from tillbridge.ledger import rules as ledger_rules
from tillbridge.ledger.entries import Source, SourceKind
from tillbridge.ledger.model import Document
from tillbridge.ledger.rules import Settlement
from tillbridge.ledger.service import LedgerService

from . import identity, registry
from .decisions import Outcome
from .document_work import before_of
from .import_model import BY_HAND, Event, Import, ImportState, Review, RowOutcome, Totals
from .model import Variant
from .progress import PATIENCE
from .store import ImportStore

ATTEMPTS = 8
MOST_ALLOCATIONS = 20
BOOK, DISMISS = "book", "dismiss"


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a person books of a row on one document; amounts are signed as the document's are."""

    number: str
    applied_minor: int
    discount_minor: int = 0
    fee_minor: int = 0


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

    def listed(self, one: Import, *, cursor: str | None, limit: int) -> tuple[list[Review], str | None]:
        """The rows of an import that wait, or waited, for a person, in the order of their lines."""
        return self._store.reviews(one.id, cursor=cursor, limit=limit)

    def decide(
        self, caller: Caller, one: Import, review_id: str, decision: str, allocations: Sequence[Allocation]
    ) -> Review:
        """Book a waiting row as a person says, or dismiss it; the same once more changes nothing.

        ``Conflict`` where it was decided otherwise, ``Refused`` where the amounts make no sense.
        """
        for _ in range(ATTEMPTS):
            review = self._store.review(one.id, review_id)
            if review is None:
                raise NotFound("review-not-found", field="review", value=review_id)
            wanted = _told_decision(decision, allocations)
            if not review.is_open:
                if review.decision == wanted:
                    return review
                raise Conflict("review-decided", field="review", value=review_id, by=review.decided_by)
            if one.state is not ImportState.FINISHED:
                raise Conflict("import-not-finished", field="import", value=one.id, state=one.state.value)
            decided = replace(review, decision=wanted, decided_by=caller.username, decided_at=self._clock())
            if self._written(caller, one, review, decided, allocations):
                return decided
            one = self._fresh(one)
        raise Unavailable("the same rows are being changed by many others")

    def _fresh(self, one: Import) -> Import:
        found = self._store.get(one.id)
        if found is None:
            raise ValueError(f"import {one.id} is gone")
        return found

    def _written(
        self,
        caller: Caller,
        one: Import,
        review: Review,
        decided: Review,
        allocations: Sequence[Allocation],
    ) -> bool:
        parts, outcomes = self._booked(one, review, allocations)
        chunk = self._store.chunk(one.id, BY_HAND)
        if chunk is None:
            raise ValueError(f"import {one.id} has no chunk for decisions")
        moved = replace(chunk, next_slice=chunk.next_slice + 1, progress_at=self._clock())
        booked = sum((_totals_of(told) for told in outcomes), Totals())
        shift = Totals(review=-1, booked=1) if outcomes else Totals(review=-1, ignored=1)
        now = self._clock()
        after = replace(
            one,
            totals=one.totals + booked + shift,
            open_reviews=one.open_reviews - 1,
            history=(
                *one.history,
                Event(now, "decided", caller.username, f"{review.id}: {decided.decision}"),
            ),
            due_at=now + PATIENCE,  # the report is written anew, once for many decisions
            revision=one.revision + 1,
        )
        audit = self._access.audit_part(
            actor=caller.username,
            act=Act.DECIDE_IMPORTS.value,
            branch=one.branches[0],
            subject=f"import/{one.id}",
            facts={"review": review.id, "decision": decided.decision[:200]},
        )
        try:
            self._store.commit(
                [
                    self._store.import_part(after, one),
                    self._store.review_part(one.id, decided, review),
                    *self._store.slice_parts(one.id, chunk, moved, outcomes),
                    *parts,
                    audit,
                ]
            )
        except CommitConflict:
            return False
        return True

    def _booked(
        self, one: Import, review: Review, allocations: Sequence[Allocation]
    ) -> tuple[list[Part], list[RowOutcome]]:
        """The parts and outcomes of what is booked; none for a dismissal."""
        _demand_allocations_fit(one, review, allocations)
        found = self._ledger.documents(one_.number for one_ in allocations)
        parts: list[Part] = []
        outcomes = []
        for allocation in allocations:
            document = found.get(fold(allocation.number))
            if (
                document is None
                or document.client != one.client
                or document.branch not in one.branches
                or document.currency != one.currency
            ):
                raise Refused("invoice-not-in-scope", field="allocations", value=allocation.number)
            more, told = self._settled(one, review, document, allocation)
            parts += more
            outcomes.append(told)
        return parts, outcomes

    def _settled(
        self, one: Import, review: Review, document: Document, allocation: Allocation
    ) -> tuple[list[Part], RowOutcome]:
        told = review.told
        value_on = told.day or one.import_day
        source = Source(SourceKind.IMPORT, one.id)
        occasion = self._ledger.occasion(document.branch, self._clock(), source, exportable=False)
        mark = told.mark
        if told.code == "maybe-booked-before":
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
        after, entry = ledger_rules.settled(document, settlement, occasion)
        outcome = told._replace(
            invoice_number=document.number,
            outcome=Outcome.BOOKED,
            code="decided-by-hand",
            applied_minor=allocation.applied_minor,
            discount_minor=allocation.discount_minor,
            fee_minor=allocation.fee_minor,
            due_after_minor=after.due_minor,
            value_on=value_on,
            entry=entry.id,
            before=before_of(document),
            mark=mark,
            entry_mark="",  # the slice that saw the movement gives it back
            facts=(),
        )
        return self._ledger.changed_parts(document, after, [entry]), outcome


def _told_decision(decision: str, allocations: Sequence[Allocation]) -> str:
    if decision == DISMISS:
        return DISMISS
    booked = "; ".join(
        f"{one.number} {one.applied_minor} {one.discount_minor} {one.fee_minor}" for one in allocations
    )
    return f"{BOOK} {booked}"


def _demand_allocations_fit(one: Import, review: Review, allocations: Sequence[Allocation]) -> None:
    """The whole amount of a payment must go somewhere; an open-items row is about its own invoice."""
    if not allocations:
        return
    if len(allocations) > MOST_ALLOCATIONS:
        raise Refused(
            "allocations-too-many", field="allocations", value=len(allocations), most=MOST_ALLOCATIONS
        )
    folded = [fold(each.number) for each in allocations]
    for each in allocations:
        if folded.count(fold(each.number)) > 1:
            raise Refused("allocation-twice", field="allocations", value=each.number)
        if not each.applied_minor and not each.fee_minor:
            raise Refused("allocation-is-zero", field="allocations", value=each.number)
        if each.discount_minor * each.applied_minor < 0 or (each.discount_minor and not each.applied_minor):
            raise Refused("discount-has-wrong-sign", field="allocations", value=each.number)
    told = review.told
    if one.variant is Variant.OPEN_ITEMS:
        if folded != [fold(told.invoice_number)]:
            raise Refused("allocation-elsewhere", field="allocations", value=told.invoice_number)
        return
    moved = sum(each.applied_minor + each.fee_minor for each in allocations)
    if told.amount_minor and moved != told.amount_minor:
        raise Refused(
            "allocations-not-the-amount", field="allocations", value=moved, amount=told.amount_minor
        )


def _totals_of(told: RowOutcome) -> Totals:
    return Totals(
        applied_minor=told.applied_minor, discount_minor=told.discount_minor, fee_minor=told.fee_minor
    )
