"""Entries of bank statements: matched to documents, booked where that is certain, else left for a person
(RI-5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from tillbridge.aws.table import Part
from tillbridge.kernel.errors import Conflict
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import fold
from tillbridge.ledger import rules as ledger_rules
from tillbridge.ledger.entries import Account, Entry, Source, SourceKind
from tillbridge.ledger.model import Customer, Document, day_after
from tillbridge.ledger.service import LedgerService

from . import rules
from .decisions import Outcome, Policy
from .document_work import BYTES_OF_DOCUMENT, BYTES_OF_ENTRY, BYTES_OF_NOTE, before_of, scope_of
from .groups import Decided, counted, facts_of, settlement_of
from .identity import EntryNote
from .import_model import Import, Totals
from .invoice_numbers import invoice_numbers_in, number_like_in
from .matching import MAX_SUGGESTED, Candidate, Match, MatchKind, match
from .model import Row, StatementEntry
from .movements import Movements
from .row_outcomes import RowOutcome
from .store import ImportStore
from .work import Planned
from .workspace import ChunkContent, MarkedEntry, Workspace

MOST_NUMBERS = 20
"""So many numbers in one payer's text are looked up."""
MOST_DAYS_AHEAD = 7
"""So far ahead of the import a value day may lie: over a weekend with the holidays beside it."""
MOST_TOLD_CHARS, MOST_NAME_CHARS = 2_000, 200
"""So much of a payer's text and name is told of an entry: those of a transaction stand in one row of 400 KB.

A batch without amounts may have a text of 64 Ki characters; the file itself has all of it.
"""


class _Booked(NamedTuple):
    """A document that an entry pays, before and after, with the decision and its journal entry."""

    before: Document
    after: Document
    decided: Decided
    entry: Entry


class StatementWork:
    """Decides about entries one after the other, as the bank tells them."""

    def __init__(
        self,
        one: Import,
        store: ImportStore,
        ledger: LedgerService,
        workspace: Workspace,
        masks: Sequence[str],
        now: datetime,
    ) -> None:
        self._import = one
        self._ledger = ledger
        self._masks = masks
        self._now = now
        self._source = Source(SourceKind.IMPORT, one.id)
        self._scope = scope_of(one)
        self._by_amount = workspace.open_by_amount(one.id, one.attempt)
        self._documents: dict[str, Document | None] = {}
        self._movements = Movements(one, store)
        self._ready: set[str] = set()  # marks of entries for which all was read
        self._latest_value_day = day_after(one.import_day, MOST_DAYS_AHEAD)
        self._named: dict[str, list[str]] = {}
        self._customers: dict[str, Customer] = {}

    def groups(self, content: ChunkContent) -> Sequence[MarkedEntry]:
        """Each entry by itself, in the order of the statement."""
        return content.entries

    def plans(self, groups: Sequence[MarkedEntry]) -> Iterator[Planned]:
        """A plan for each entry; where something is missing, what all that follow need is read at one go."""
        for place, marked in enumerate(groups):
            if marked.mark not in self._ready:
                self._read_ahead(groups[place:])
            sighting = self._movements.sighting(marked)
            if sighting is not None and (sighting.sure or marked.entry.amount_minor == 0):
                yield self._seen_before(marked, sighting.note.import_id)
            else:
                yield self._plan(marked, sighting.note if sighting else None)

    def _read_ahead(self, groups: Sequence[MarkedEntry]) -> None:
        """What is noted of these movements, and the documents that they may be about."""
        missing = [marked for marked in groups if marked.mark not in self._ready]
        self._ready |= {marked.mark for marked in missing}
        self._movements.read([marked.mark for marked in missing])
        for marked in missing:
            self._named[marked.mark] = self._named_in(marked.entry)
        self._read(number for marked in missing for number in self._numbers(marked))

    def forget(self) -> None:
        """Somebody else has changed documents, or noted movements."""
        self._documents.clear()
        self._movements.forget()
        self._ready.clear()

    def _named_in(self, entry: StatementEntry) -> list[str]:
        """The numbers that the payer may name."""
        named = [
            number
            for text in (entry.text, entry.end_to_end_id)
            for number in (*invoice_numbers_in(text, self._masks), *number_like_in(text))
        ]
        return list(dict.fromkeys(map(fold, named)))[:MOST_NUMBERS]

    def _numbers(self, marked: MarkedEntry) -> list[str]:
        """The numbers that an entry may be about: those that the payer names, then those of its amount."""
        of_amount = map(fold, self._by_amount.get(marked.entry.amount_minor, ()))
        return list(dict.fromkeys([*self._named[marked.mark], *of_amount]))

    def _read(self, numbers: Iterable[str]) -> None:
        missing = [number for number in dict.fromkeys(numbers) if number not in self._documents]
        if not missing:
            return
        found = self._ledger.documents(missing)
        self._documents |= {number: found.get(number) for number in missing}
        payers = {one.customer for one in found.values() if one.customer} - self._customers.keys()
        if payers:
            known = self._ledger.customers(payers)
            self._customers |= {payer: known[fold(payer)] for payer in payers if fold(payer) in known}

    def assume(self, planned: Planned) -> None:
        """Take for granted that a plan was written: what follows sees it, in a preview too."""
        self._documents |= {document.folded_number: document for document in planned.after}
        self._movements.assume(planned.touches)

    def _plan(self, marked: MarkedEntry, maybe: EntryNote | None) -> Planned:
        """What an entry books or waits for; ``maybe`` is the note of a movement that it may be again."""
        entry, numbers = marked.entry, self._numbers(marked)
        found = match(entry, self._candidates(numbers), self._masks, self._policy_of(entry))
        if found.kind is MatchKind.CERTAIN:  # by what is named alone, not by others of the same amount
            numbers = [*self._named[marked.mark], *(fold(number) for number, _ in found.allocations)]
        mark, seen = self._movements.note_part(marked)
        rests_on = frozenset({marked.mark, mark, *numbers})
        marked = marked._replace(mark=mark)
        booked: list[_Booked] = []
        code = _undecided(entry, found)
        if maybe is not None:
            code = "maybe-seen-before"
        elif found.kind is MatchKind.CERTAIN:
            booked, why_not = self._booked(entry, found)
            if why_not:
                code, found = "match-not-booked", found._replace(reasons=(*found.reasons, why_not))
        if not booked:
            told = self._waiting(marked, found, code, maybe)
            ignored = told.outcome is Outcome.IGNORED
            totals = Totals(rows=1, ignored=int(ignored), review=int(not ignored))
            return Planned((told,), totals, (seen,), frozenset({mark}), rests_on)
        parts: list[Part] = [seen]
        totals = Totals(rows=1, booked=1)
        size = 0
        for one in booked:
            parts += self._ledger.changed_parts(one.before, one.after, [one.entry])
            size += BYTES_OF_DOCUMENT + BYTES_OF_NOTE * len(one.after.notes) + BYTES_OF_ENTRY
            if entry.currency == self._import.currency:  # sums are of one currency; rows tell their own
                totals += replace(counted(one.decided), rows=0, booked=0)
        return Planned(
            tuple(self._told(marked, found, one) for one in booked),
            totals,
            tuple(parts),
            frozenset({mark, *(one.before.folded_number for one in booked)}),
            rests_on,
            size,
            tuple(one.after for one in booked),
        )

    def _policy_of(self, entry: StatementEntry) -> Policy:
        """The policy about an entry; the chain's maximum fee is an amount in the import's currency."""
        policy = self._scope.policy
        return policy if entry.currency == self._import.currency else policy._replace(max_fee_minor=0)

    def _candidates(self, numbers: Sequence[str]) -> list[Candidate]:
        """The documents of these numbers that the import is about."""
        found = []
        for number in numbers:
            document = self._documents.get(number)
            if (
                document is not None
                and document.client == self._scope.client
                and document.branch in self._scope.branches
            ):
                customer = self._customers.get(document.customer)
                name = customer.name if customer else ""
                found.append(
                    Candidate(document.number, document.currency, facts_of(document), document.customer, name)
                )
        return found

    def _booked(self, entry: StatementEntry, found: Match) -> tuple[list[_Booked], str]:
        """What a certain match books; or nothing at all, and the reason, where a part of it can't be booked.

        Banks state an entry some days before its value day (a Friday's with value on Monday), which then
        counts; but what the bank itself has not booked yet may still change.
        """
        booked = []
        for number, amount_minor in found.allocations:
            document = self._documents.get(fold(number))
            if document is None:
                raise ValueError(f"{number} was matched and is no candidate")
            row = Row(entry.line, number, amount_minor, entry.value_on, entry.currency)
            if entry.booked_on > self._import.import_day or entry.value_on > self._latest_value_day:
                return [], "value-day-ahead"
            if entry.value_on < document.issued_on:
                return [], "value-day-before-invoice"
            decision = rules.decide_payment(facts_of(document), row, self._policy_of(entry))
            if decision.outcome is not Outcome.BOOKED:
                return [], "rules-decide-otherwise"
            decided = Decided(row, decision)
            occasion = self._ledger.occasion(document.branch, self._now, self._source, exportable=False)
            try:
                after, journal_entry = ledger_rules.settled(
                    document, settlement_of(decided, Account.BANK), occasion
                )
            except Conflict:
                return [], "document-full"
            booked.append(_Booked(document, after, decided, journal_entry))
        return booked, ""

    def _told(self, marked: MarkedEntry, found: Match, one: _Booked) -> RowOutcome:
        decision, row = one.decided.decision, one.decided.row
        return RowOutcome(
            line=marked.entry.line,
            invoice_number=one.before.number,
            outcome=decision.outcome,
            code=decision.code,
            applied_minor=decision.applied_minor,
            discount_minor=decision.discount_minor,
            fee_minor=decision.fee_minor,
            ignored_minor=decision.ignored_minor,
            due_after_minor=decision.due_after_minor,
            value_on=decision.value_on,
            entry=one.entry.id,
            facts=_facts(marked.entry, found),
            before=before_of(one.before),
            entry_mark=marked.mark,
            amount_minor=row.amount_minor if row else None,
            day=marked.entry.value_on,
        )

    def _waiting(self, marked: MarkedEntry, found: Match, code: str, maybe: EntryNote | None) -> RowOutcome:
        """An entry that waits for a person, or that moved nothing."""
        entry = marked.entry
        about = {"import": maybe.import_id, "other": maybe.statement, "own": entry.statement} if maybe else {}
        numbers = found.candidates or tuple(number for number, _ in found.allocations)
        document = self._documents.get(fold(numbers[0])) if numbers else None
        return RowOutcome(
            line=entry.line,
            invoice_number=numbers[0] if numbers else "",
            outcome=Outcome.IGNORED if entry.amount_minor == 0 else Outcome.REVIEW,
            code=code,
            due_after_minor=document.due_minor if document else 0,
            value_on=entry.value_on,
            facts=(*_facts(entry, found._replace(candidates=numbers[:MAX_SUGGESTED])), *about.items()),
            entry_mark=marked.mark,
            amount_minor=entry.amount_minor,
            day=entry.value_on,
        )

    def _seen_before(self, marked: MarkedEntry, import_id: str) -> Planned:
        told = RowOutcome(
            line=marked.entry.line,
            invoice_number="",
            outcome=Outcome.IGNORED,
            code="entry-seen-before",
            value_on=marked.entry.value_on,
            facts=(("import", import_id),),
            amount_minor=marked.entry.amount_minor,
            day=marked.entry.value_on,
        )
        return Planned((told,), Totals(rows=1, ignored=1), leans_on=frozenset({import_id}))


def _undecided(entry: StatementEntry, found: Match) -> str:
    """The code of an entry that is not booked."""
    if entry.amount_minor == 0:
        return "nothing-moved"
    return "no-invoice-found" if found.kind is MatchKind.NONE else "match-not-certain"


def _facts(entry: StatementEntry, found: Match) -> tuple[tuple[str, str], ...]:
    """What a person must see to decide about an entry."""
    told = {
        "amount": Money(entry.amount_minor, entry.currency).decimal_text(),
        "currency": entry.currency,
        "payer": _shortened(entry.payer_name, MOST_NAME_CHARS),
        "text": _shortened(entry.text, MOST_TOLD_CHARS),
        "reasons": " ".join(found.reasons),
        "candidates": "\n".join(found.candidates),
        "allocations": "\n".join(f"{minor} {number}" for number, minor in found.allocations),
    }
    return tuple((name, text) for name, text in told.items() if text)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
