"""What the rows of one document do to it: the checks before any rule, the rules, and what is then booked;
pure.

A *group* is all rows of one file about one document, in the order of their lines; no rows stand for a
document that the file lacks (RI-2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tillbridge.kernel.text import fold
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import Document
from tillbridge.ledger.rules import Settlement

from . import identity, rules
from .decisions import Decision, Facts, Outcome
from .import_model import Totals
from .leaning import import_of, leans_on
from .model import Row, Variant
from .scope import Scope, elsewhere, inadmissible, touched_since

THOUGH_BOOKED = "settled-by-absence-though-booked"
MOST_ROWS_OF_PIECE = 90
"""So many bookings of one document fit into one transaction."""
MOST_ROWS_OF_LIST = 1_000
"""So many rows of one document are told in one row of the table. A list that has more of one is none: most
likely its column of numbers holds something else.
"""


class Shown(NamedTuple):
    """What a preview has told of a document: what would be paid of it, and if it was booked on lately."""

    applied_minor: int = 0
    touched: bool = False


class Group(NamedTuple):
    """The rows of one file about one document, or a piece of them.

    ``marks`` are those of its rows, ``marks_in_file`` those of all rows of the document (RI-34).
    ``too_many`` says that a list has more rows of the document than can be decided as one, ``more_follow``
    that other pieces of the same document do. ``shown`` is what the preview has told; None while that
    preview is made.
    """

    folded_number: str
    number: str
    rows: tuple[Row, ...]
    marks: tuple[str, ...] = ()
    marks_in_file: frozenset[str] = frozenset()
    too_many: bool = False
    more_follow: bool = False
    shown: Shown | None = None


class Decided(NamedTuple):
    """What was decided about a row; a document that the file lacks has none.

    ``touched`` says of such a document that something was booked on it since the day of the list.
    ``leans_on`` is the import because of which a row is passed over.
    """

    row: Row | None
    decision: Decision
    mark: str = ""
    touched: bool = False
    leans_on: str = ""


def grouped(
    rows: Iterable[Row],
    absent: Iterable[str],
    variant: Variant,
    shown: Mapping[str, Shown] | None = None,
) -> list[Group]:
    """The groups of a chunk: listed documents in the order of their first line, then those that are absent.

    Payments are decided one by one, so a document with very many comes in pieces. ``shown`` is what a preview
    has told, by folded number.
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
            more = end < len(own)
            number, own_marks = piece[0].invoice_number, tuple(marks[start:end])
            groups.append(Group(folded, number, piece, own_marks, in_file, more_follow=more))
    missing = {fold(number): number for number in absent}
    groups += [Group(folded, missing[folded], ()) for folded in sorted(missing) if folded not in listed]
    if shown is None:
        return groups
    return [group._replace(shown=shown.get(group.folded_number, Shown())) for group in groups]


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
        return _absent(document, group, scope)
    refused = [inadmissible(document, row, scope) for row in group.rows]
    if group.too_many:
        refused = [code or "document-in-too-many-rows" for code in refused]
    if document is None:
        return [Decided(row, _refused(code)) for row, code in zip(group.rows, refused, strict=True)]
    if document.currency != scope.currency:  # the chain's maximum fee is an amount in the import's currency
        scope = scope._replace(policy=scope.policy._replace(max_fee_minor=0))
    facts = facts_of(document)
    if scope.variant is Variant.PAYMENTS:
        return _payments(document, facts, group, scope, refused)
    good = [row for row, code in zip(group.rows, refused, strict=True) if not code]
    if any(refused) and scope.is_list:
        together = [_waits(facts, "other-row-is-wrong")] * len(good)
    elif scope.is_open_items and document.currency != scope.currency:
        out_of_scope = Decision(Outcome.IGNORED, "currency-not-of-list", due_after_minor=facts.due_minor)
        together = [out_of_scope] * len(good)
    else:
        together = _held_back(_together(facts, good, scope), document, group, scope) if good else []
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


def _last_payment(group: Group, sign: int, refused: Sequence[str], again_of: Sequence[str | None]) -> int:
    """The place of the last row of the document that brings money: only then it shows what falls short.

    Rows of one document are decided as one (RI-3): a discount on the first of two part payments would be
    given although the second one pays it.
    """
    if group.more_follow:
        return len(group.rows)
    brings = [
        place
        for place, row in enumerate(group.rows)
        if not refused[place]
        and again_of[place] is None
        and (row.amount_minor is None or row.amount_minor * sign > 0)
    ]
    return brings[-1] if brings else 0


def _held_back(decisions: list[Decision], document: Document, group: Group, scope: Scope) -> list[Decision]:
    """What a list would book waits for a person where the list may not know all, or more than was shown."""
    code = ""
    if scope.is_list and any(one.outcome is Outcome.BOOKED for one in decisions):
        if _is_more_than_shown(sum(one.applied_minor for one in decisions), group):
            code = "changed-since-preview"
        elif scope.is_open_items and touched_since(document, scope.as_of, scope.time_zone):
            code = "booked-since-list"
    return [_waits(facts_of(document), code)] * len(decisions) if code else decisions


def _is_more_than_shown(applied_minor: int, group: Group) -> bool:
    """True where more would be booked of a document than the preview has told."""
    return group.shown is not None and abs(applied_minor) > abs(group.shown.applied_minor)


def _waits(facts: Facts, code: str) -> Decision:
    return Decision(Outcome.REVIEW, code, due_after_minor=facts.due_minor)


def _payments(
    document: Document, facts: Facts, group: Group, scope: Scope, refused: Sequence[str]
) -> list[Decided]:
    known = {
        note.row_mark: note.source for note in document.notes if note.row_mark and note.source != scope.source
    }
    own_booked = False
    decided = []
    again_of = [
        None if scope.policy.settle_by else identity.same_again(row, mark, known, group.marks_in_file)
        for row, mark in zip(group.rows, group.marks, strict=True)
    ]
    last = _last_payment(group, facts.sign, refused, again_of)
    for place, (row, mark, code) in enumerate(zip(group.rows, group.marks, refused, strict=True)):
        if code:
            decided.append(Decided(row, _refused(code, facts)))
            continue
        again = again_of[place]
        if again is not None:
            because = import_of(known.get(mark, ""), scope.source)
            decided.append(Decided(row, rules.repeated(facts, row, again), mark, leans_on=because))
            continue
        asked = row if place >= last else row._replace(cash_discount=False)
        decision = rules.decide_payment(facts, asked, scope.policy)
        if document.cancelled_by:
            decision = rules.waits_for_cancelled(facts, decision)
        because = "" if own_booked else leans_on(decision.code, document, scope.variant, scope.source)
        decided.append(Decided(row, decision, mark, leans_on=because))
        if decision.outcome is Outcome.BOOKED:
            facts, own_booked = rules.after(facts, decision), True
    return decided


def _absent(document: Document | None, group: Group, scope: Scope) -> list[Decided]:
    """An open document that the list lacks is settled, if the list still is about it (RI-2, RI-33)."""
    if document is None or document.currency != scope.currency or elsewhere(document, scope):
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
    touched = touched_since(document, scope.as_of, scope.time_zone)
    newly_touched = touched and group.shown is not None and not group.shown.touched
    if newly_touched or _is_more_than_shown(decision.applied_minor, group):
        code, due_minor = "absent-but-changed", document.due_minor
        return [Decided(None, Decision(Outcome.IGNORED, code, due_after_minor=due_minor))]
    if touched:
        decision = decision._replace(code=THOUGH_BOOKED)
    return [Decided(None, decision, touched=touched)]


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
        ignored=int(decision.outcome is Outcome.IGNORED and not absent),
        review=int(decision.outcome is Outcome.REVIEW),
        refused=int(decision.outcome is Outcome.REFUSED),
        by_absence=int(booked and absent),
        applied_minor=decision.applied_minor if booked and not absent else 0,
        discount_minor=decision.discount_minor if booked else 0,
        fee_minor=decision.fee_minor if booked else 0,
        absence_minor=abs(decision.applied_minor) if booked and absent else 0,
        moved_minor=abs(decision.applied_minor) if booked and not absent else 0,
        absent_touched=int(decided.touched),
    )
