"""What the rows of one document do to it: the checks before any rule, the rules, and what is then booked;
pure.

A *group* is all rows of one file about one document, in the order of their lines; no rows stand for a
document that the file lacks (RI-2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tillbridge.kernel.text import fold
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import Document
from tillbridge.ledger.rules import Settlement

from . import identity, rules
from .decisions import Decision, Facts, Outcome, Policy
from .import_model import Totals
from .leaning import import_of, leans_on
from .model import Row, Variant

MOST_ROWS_OF_PIECE = 90
"""So many bookings of one document fit into one transaction."""
MOST_ROWS_OF_LIST = 1_000
"""So many rows of one document are told in one row of the table. A list that has more of one is none: most
likely its column of numbers holds something else.
"""


class Scope(NamedTuple):
    """What an import is about: whose documents, in which currency, and by which policy.

    ``source`` is how documents and entries name the import.
    """

    client: str
    branches: frozenset[str]
    currency: str
    variant: Variant
    policy: Policy
    as_of: str = ""
    source: str = ""


class Group(NamedTuple):
    """The rows of one file about one document, or a piece of them.

    ``marks`` are those of its rows, ``marks_in_file`` those of all rows of the document (RI-34).
    ``too_many`` says that a list has more rows of the document than can be decided as one.
    """

    folded_number: str
    number: str
    rows: tuple[Row, ...]
    marks: tuple[str, ...] = ()
    marks_in_file: frozenset[str] = frozenset()
    too_many: bool = False


class Decided(NamedTuple):
    """What was decided about a row; a document that the file lacks has none.

    ``touched`` says of such a document that something was booked on it after the day of the list.
    ``leans_on`` is the import because of which a row is passed over.
    """

    row: Row | None
    decision: Decision
    mark: str = ""
    touched: bool = False
    leans_on: str = ""


def grouped(rows: Iterable[Row], absent: Iterable[str], variant: Variant) -> list[Group]:
    """The groups of a chunk: listed documents in the order of their first line, then those that are absent.

    Payments are decided one by one, so a document with very many comes in pieces.
    """
    listed: dict[str, list[Row]] = {}
    for row in rows:
        listed.setdefault(fold(row.invoice_number), []).append(row)
    groups: list[Group] = []
    for folded, own in listed.items():
        if variant is not Variant.PAYMENTS:
            groups += _of_list(folded, own)
            continue
        marks = identity.row_marks(own)
        in_file = frozenset(filter(None, marks))
        for start in range(0, len(own), MOST_ROWS_OF_PIECE):
            end = start + MOST_ROWS_OF_PIECE
            piece = tuple(own[start:end])
            groups.append(Group(folded, piece[0].invoice_number, piece, tuple(marks[start:end]), in_file))
    missing = {fold(number): number for number in absent}
    return groups + [Group(folded, missing[folded], ()) for folded in sorted(missing) if folded not in listed]


def _of_list(folded: str, own: Sequence[Row]) -> list[Group]:
    """The rows of a list about one document as one, or in pieces that are refused where they are too many."""
    too_many = len(own) > MOST_ROWS_OF_LIST
    return [
        Group(
            folded,
            own[0].invoice_number,
            tuple(own[start : start + MOST_ROWS_OF_LIST]),
            too_many=too_many,
        )
        for start in range(0, len(own), MOST_ROWS_OF_LIST)
    ]


def facts_of(document: Document) -> Facts:
    """What the rules must know of a document."""
    balance = document.balance
    return Facts(
        document.kind.sign,
        document.total_minor,
        balance.paid_minor,
        balance.discounted_minor,
        balance.fees_minor,
        balance.dunning_level,
        document.issued_on,
        tuple((tier.days, tier.basis_points) for tier in document.terms.discounts),
    )


def decide(document: Document | None, group: Group, scope: Scope) -> list[Decided]:
    """The decisions about a group, each against what those before it left."""
    if not group.rows:
        return _absent(document, scope)
    refused = [_inadmissible(document, row, scope) for row in group.rows]
    if group.too_many:
        refused = [code or "document-in-too-many-rows" for code in refused]
    if document is None:
        return [Decided(row, _refused(code)) for row, code in zip(group.rows, refused, strict=True)]
    if document.currency != scope.currency:  # the chain's maximum fee is an amount in the import's currency
        scope = scope._replace(policy=scope.policy._replace(max_fee_minor=0))
    facts = facts_of(document)
    if scope.variant is Variant.PAYMENTS:
        return _payments(document, facts, group, scope, refused)
    if any(refused) and scope.variant is Variant.OPEN_ITEMS and not scope.policy.settle_by:
        waits = Decision(Outcome.REVIEW, "other-row-is-wrong", due_after_minor=facts.due_minor)
        return [
            Decided(row, _refused(code, facts) if code else waits)
            for row, code in zip(group.rows, refused, strict=True)
        ]
    good = [row for row, code in zip(group.rows, refused, strict=True) if not code]
    together = _together(facts, good, scope) if good else []
    if document.cancelled_by:
        together = [rules.waits_for_cancelled(facts, decision) for decision in together]
    decisions = iter(together)
    own_booked = False
    decided = []
    for row, code in zip(group.rows, refused, strict=True):
        decision = _refused(code, facts) if code else next(decisions)
        because = "" if own_booked else leans_on(decision.code, document, scope.variant, scope.source)
        own_booked = own_booked or decision.outcome is Outcome.BOOKED
        decided.append(Decided(row, decision, leans_on=because))
    return decided


def _together(facts: Facts, rows: Sequence[Row], scope: Scope) -> list[Decision]:
    """Rows of a list: they are decided as one."""
    match scope.variant:
        case Variant.CLOSED_ITEMS:
            return rules.decide_closed(facts, rows, scope.policy)
        case Variant.OPEN_ITEMS:
            return rules.decide_open(facts, rows, scope.policy, scope.as_of)
        case Variant.DUNNING_LEVELS:
            return rules.decide_dunning(facts, rows)
        case _:
            raise ValueError(f"no rows of documents in {scope.variant}")


def _payments(
    document: Document, facts: Facts, group: Group, scope: Scope, refused: Sequence[str]
) -> list[Decided]:
    known = {
        note.row_mark: note.source for note in document.notes if note.row_mark and note.source != scope.source
    }
    own_booked = False
    decided = []
    for row, mark, code in zip(group.rows, group.marks, refused, strict=True):
        if code:
            decided.append(Decided(row, _refused(code, facts)))
            continue
        again = None
        if not scope.policy.settle_by:
            again = identity.same_again(row, mark, known, group.marks_in_file)
        if again is not None:
            because = import_of(known.get(mark, ""), scope.source)
            decided.append(Decided(row, rules.repeated(facts, row, again), mark, leans_on=because))
            continue
        decision = rules.decide_payment(facts, row, scope.policy)
        if document.cancelled_by:
            decision = rules.waits_for_cancelled(facts, decision)
        because = "" if own_booked else leans_on(decision.code, document, scope.variant, scope.source)
        decided.append(Decided(row, decision, mark, leans_on=because))
        if decision.outcome is Outcome.BOOKED:
            facts, own_booked = rules.after(facts, decision), True
    return decided


def _absent(document: Document | None, scope: Scope) -> list[Decided]:
    """An open document that the list lacks is settled, if the list still is about it (RI-2, RI-33)."""
    if document is None or document.currency != scope.currency or _elsewhere(document, scope):
        return []
    if not rules.absent_is_settled(
        receivable=document.kind.side == "receivables",
        is_open=document.is_open,
        issued_on=document.issued_on,
        handed_over_on=document.handed_over_on,
        as_of=scope.as_of,
        settle_by=scope.policy.settle_by,
    ):
        return []
    decision = rules.decide_absent(facts_of(document), scope.as_of)
    return [Decided(None, decision, touched=_touched_after(document, scope.as_of))]


def _touched_after(document: Document, day: str) -> bool:
    """True where something was booked on a document after a day, such as a returned debit that reopened it.

    Of that a list of the day says nothing. The ids of entries begin with the moment of their recording; what
    came with the document itself, such as what was paid of it before, has the moment of its first entry. What
    was booked and taken back since is as if it had not been.
    """
    moments = [note.entry.partition("-")[0] for note in document.notes]
    later = {
        note.source
        for note, moment in zip(document.notes, moments, strict=True)
        if moment[:8] > day.replace("-", "") and moment != moments[0]
    }
    gone = {source for source in later if later & {f"{source}/deleted", f"{source}/reversed"}}
    return bool(later - gone - {f"{source}/{end}" for source in gone for end in ("deleted", "reversed")})


def _inadmissible(document: Document | None, row: Row, scope: Scope) -> str:
    """Why a row is not about this document at all; empty when it is (docs/formats/settlement.md)."""
    if document is None:
        return "invoice-unknown"
    elsewhere = _elsewhere(document, scope)
    if elsewhere:
        return elsewhere
    if (row.currency or scope.currency) != document.currency:
        return "currency-differs"
    if row.day and row.day > scope.policy.import_day:
        return "day-in-future"
    if row.day and row.day < document.issued_on:
        return "day-before-invoice"
    return ""


def _elsewhere(document: Document, scope: Scope) -> str:
    if document.client != scope.client:
        return "invoice-of-another-client"
    return "" if document.branch in scope.branches else "invoice-of-another-branch"


def _refused(code: str, facts: Facts | None = None) -> Decision:
    return Decision(Outcome.REFUSED, code, due_after_minor=facts.due_minor if facts else 0)


def settlement_of(decided: Decided, means: Account) -> Settlement:
    """What a decision books in the ledger."""
    decision = decided.decision
    return Settlement(
        decision.applied_minor,
        decision.discount_minor,
        decision.fee_minor,
        decision.value_on,
        means,
        decided.mark,
    )


def counted(decided: Decided) -> Totals:
    """One decision as totals; a document that the file lacks is no row."""
    decision, booked = decided.decision, decided.decision.outcome is Outcome.BOOKED
    absent = decided.row is None
    return Totals(
        rows=0 if absent else 1,
        booked=int(booked and not absent),
        ignored=int(decision.outcome is Outcome.IGNORED),
        review=int(decision.outcome is Outcome.REVIEW),
        refused=int(decision.outcome is Outcome.REFUSED),
        by_absence=int(absent),
        applied_minor=decision.applied_minor if booked and not absent else 0,
        discount_minor=decision.discount_minor if booked else 0,
        fee_minor=decision.fee_minor if booked else 0,
        absence_minor=abs(decision.applied_minor) if absent else 0,
        moved_minor=abs(decision.applied_minor) if booked and not absent else 0,
        absent_touched=int(decided.touched),
    )
