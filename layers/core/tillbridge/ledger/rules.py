"""How money meets a document and leaves it again: the balance after it, and the entry in the journal; pure.

Amounts are signed as the document is (an invoice's are above zero, a credit note's and an incoming invoice's
below), a fee is above zero where it is for us. ``docs/formats/settlement.md`` says which amounts an import
decides on; here they are booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from tillbridge.kernel.calendar import EARLIEST_YEAR, LATEST_YEAR, parse_day
from tillbridge.kernel.errors import Conflict, Refused
from tillbridge.kernel.money import MAX_MINOR, Money

from .entries import Account, Entry, Source
from .model import (
    MAX_BOOKINGS,
    MAX_LINES,
    NO_TERMS,
    Balance,
    BookingNote,
    Customer,
    Document,
    DocumentKind,
    DocumentLine,
    Terms,
    checked_number,
)
from .operations import ISSUES, SETTLES, postings_of


class Head(NamedTuple):
    """What a document says beside its lines; without terms of its own, those of its customer hold.

    ``handed_over_on`` is the day from which the accountant's books hold it, empty where they don't.
    """

    number: str
    kind: DocumentKind
    branch: str
    client: str
    currency: str
    issued_on: str
    customer: Customer | None = None
    terms: Terms | None = None
    order_number: str = ""
    handed_over_on: str = ""


class Drafted(NamedTuple):
    """A document that is not in the books yet, with its lines; both have the document's sign."""

    document: Document
    lines: tuple[DocumentLine, ...]


def drafted(head: Head, printed: Sequence[DocumentLine]) -> Drafted:
    """A new document out of its head and its lines as printed: above zero on a credit note, too (LE-1).

    Its total is the sum of its lines; single lines may be below zero, such as a rebate.
    """
    if not 1 <= len(printed) <= MAX_LINES:
        raise Refused("lines-none-or-too-many", field="lines", value=len(printed), most=MAX_LINES)
    for line in printed:
        Money(line.amount_minor, head.currency)  # refuses currencies and amounts that don't exist
    total = Money(sum(line.amount_minor for line in printed), head.currency)
    if total.amount_minor <= 0:
        raise Refused("total-not-positive", field="lines", value=total.decimal_text())
    _demand_days(head)
    sign = head.kind.sign
    lines = tuple(replace(line, amount_minor=sign * line.amount_minor) for line in printed)
    customer = head.customer
    inherited = customer.terms if customer else NO_TERMS
    document = Document(
        number=head.number,
        kind=head.kind,
        branch=head.branch,
        client=head.client,
        currency=head.currency,
        total_minor=sign * total.amount_minor,
        issued_on=head.issued_on,
        customer=customer.number if customer else "",
        terms=inherited if head.terms is None else head.terms,
        order_number=checked_number(head.order_number, "order_number") if head.order_number else "",
        handed_over_on=head.handed_over_on,
        vat_shares=vat_shares_of(lines),
    )
    return Drafted(document, lines)


def _demand_days(head: Head) -> None:
    parse_day(head.issued_on, field="issued_on")
    if not EARLIEST_YEAR <= int(head.issued_on[:4]) <= LATEST_YEAR:
        raise Refused(
            "day-out-of-range",
            field="issued_on",
            value=head.issued_on,
            earliest=EARLIEST_YEAR,
            latest=LATEST_YEAR,
        )
    if head.handed_over_on and parse_day(head.handed_over_on, field="handed_over_on") < head.issued_on:
        raise Refused(
            "handed-over-before-issue",
            field="handed_over_on",
            value=head.handed_over_on,
            issued=head.issued_on,
        )


class Settlement(NamedTuple):
    """Money that meets a document: what counts against it, what is granted as discount, what is fee.

    ``means`` is what was paid with, ``value_on`` the day on which the money moved. ``row_mark`` is the mark
    of the import row that caused it (RI-34), empty elsewhere.
    """

    applied_minor: int
    discount_minor: int
    fee_minor: int
    value_on: str
    means: Account
    row_mark: str = ""
    text: str = ""


class Occasion(NamedTuple):
    """The act in which something is booked: the entry's id, the moment, the cause, and whether it travels.

    ``exportable`` is false for what an import books: the accountant knows it already (RI-7).
    """

    entry_id: str
    recorded_at: datetime
    source: Source
    exportable: bool = True


class TakenBack(NamedTuple):
    """A document after something was taken back, and whether nothing else had touched it since."""

    document: Document
    untouched: bool


def issued(document: Document, occasion: Occasion) -> Entry:
    """The entry of a document that comes into the books (LE-2, LE-5)."""
    told = postings_of(
        ISSUES[document.kind], document.total_minor, vat_shares=dict(document.vat_shares) or None
    )
    return Entry(
        id=occasion.entry_id,
        branch=document.branch,
        recorded_at=occasion.recorded_at,
        business_day=document.issued_on,
        currency=document.currency,
        postings=told.postings,
        operations=told.operations,
        source=occasion.source,
        document=document.number,
        exportable=occasion.exportable,
    )


def with_issue(document: Document, entry: Entry) -> Document:
    """The new document with a note of the entry that brought it into the books, before all others."""
    return replace(document, notes=(BookingNote(entry.id, str(entry.source)), *document.notes))


def settled(document: Document, settlement: Settlement, occasion: Occasion) -> tuple[Document, Entry]:
    """The document after money met it, and the entry that says so.

    ``Conflict`` for a document that has had as many bookings as its row can hold, and where one of its sums
    would leave the range of amounts.
    """
    if len(document.notes) >= MAX_BOOKINGS:
        raise Conflict(
            "document-has-too-many-bookings", field="number", value=document.number, most=MAX_BOOKINGS
        )
    after, entry = booked(document, settlement, occasion)
    _demand_in_range(document, after.balance)
    return after, entry


def booked(document: Document, settlement: Settlement, occasion: Occasion) -> tuple[Document, Entry]:
    """As ``settled``, of what must be booked since an act follows from another: it is never refused."""
    told = postings_of(
        SETTLES[document.kind],
        settlement.applied_minor + settlement.fee_minor,
        means=settlement.means,
        discount_minor=settlement.discount_minor,
        fee_minor=settlement.fee_minor,
        vat_shares=dict(document.vat_shares) or None,
    )
    entry = Entry(
        id=occasion.entry_id,
        branch=document.branch,
        recorded_at=occasion.recorded_at,
        business_day=settlement.value_on,
        currency=document.currency,
        postings=told.postings,
        operations=told.operations,
        source=occasion.source,
        document=document.number,
        exportable=occasion.exportable,
        text=settlement.text,
    )
    balance = _moved(document, settlement, 1)
    note = BookingNote(entry.id, str(occasion.source), settlement.row_mark)
    return document.with_balance(balance, note=note, touched_by=str(occasion.source)), entry


def with_level(document: Document, level: int, touched_by: str) -> Document:
    """The document at another dunning level (RI-4); it remembers who set which, to take any back."""
    before = document.levels or (("", document.balance.dunning_level),)
    levels = (*(one for one in before if one[0] != touched_by), (touched_by, level))
    after = document.with_balance(replace(document.balance, dunning_level=level), touched_by=touched_by)
    return replace(after, levels=levels)


def reversed_entry(entry: Entry, occasion: Occasion, business_day: str) -> Entry:
    """The entry that takes another one back; it is exported exactly if that one is (RI-7)."""
    return entry.reversal(occasion.entry_id, occasion.recorded_at, occasion.source, business_day)


def taken_back(
    document: Document, settlement: Settlement, *, of: Source, entry_id: str, reversal_id: str
) -> TakenBack:
    """The document without a settlement: its amounts are taken out; what came later stays (PF-5, RI-36).

    A document that the settlement had reopened counts as settled again from the settlement's day on.
    ``Conflict`` where one of its sums would leave the range of amounts.
    """
    balance = _moved(document, settlement, -1)
    _demand_in_range(document, balance)
    notes = (*_unmarked(document, {entry_id}), BookingNote(reversal_id, f"{of}/reversed"))
    untouched = document.touched_by == str(of)
    after = document.with_balance(balance, touched_by=f"{of}/reversed")
    return TakenBack(replace(after, notes=notes), untouched)


class Former(NamedTuple):
    """What a document was before an act changed it, and by how much the act changed it.

    ``level`` is the dunning level that the act set, None where it set none.
    """

    balance: Balance
    touched_by: str
    applied_minor: int = 0
    discount_minor: int = 0
    fee_minor: int = 0
    level: int | None = None


def restored(
    document: Document, former: Former, *, of: Source, reversals: dict[str, str], day: str
) -> TakenBack:
    """The document as it was before an act, or without the act where something touched it since (RI-36).

    ``reversals`` leads from the ids of the act's entries to those of the entries that reverse them; ``day``
    is that of the reversals, on which a document may become settled again.
    """
    levels = tuple(one for one in document.levels if one[0] != str(of))
    expected = Balance(
        former.balance.paid_minor + former.applied_minor,
        former.balance.discounted_minor + former.discount_minor,
        former.balance.fees_minor + former.fee_minor,
        former.balance.dunning_level if former.level is None else former.level,
        document.balance.settled_on,
    )
    untouched = document.touched_by == str(of) and document.balance == expected
    if untouched:
        balance, touched_by = former.balance, former.touched_by
    else:
        amounts = Settlement(
            former.applied_minor, former.discount_minor, former.fee_minor, day, Account.PAID_AT_ACCOUNTANT
        )
        balance = _moved(document, amounts, -1)
        if levels != document.levels:
            balance = replace(balance, dunning_level=levels[-1][1])
        touched_by = f"{of}/deleted"
    notes = _unmarked(document, set(reversals)) + tuple(
        BookingNote(reversal, f"{of}/deleted") for reversal in reversals.values()
    )
    after = document.with_balance(balance, touched_by=touched_by)
    return TakenBack(replace(after, notes=notes, levels=levels if len(levels) > 1 else ()), untouched)


def vat_shares_of(lines: tuple[DocumentLine, ...]) -> tuple[tuple[str, int], ...]:
    """The gross amount of each VAT code in a document's lines, in the order of their first line."""
    shares: dict[str, int] = {}
    for line in lines:
        shares[line.vat_code] = shares.get(line.vat_code, 0) + line.amount_minor
    return tuple((code, minor) for code, minor in shares.items() if minor)


def _moved(document: Document, settlement: Settlement, way: int) -> Balance:
    """The balance after a settlement (``way`` 1) or without it (-1)."""
    before = document.balance
    after = replace(
        before,
        paid_minor=before.paid_minor + way * settlement.applied_minor,
        discounted_minor=before.discounted_minor + way * settlement.discount_minor,
        fees_minor=before.fees_minor + way * settlement.fee_minor,
    )
    due = (document.total_minor - after.paid_minor - after.discounted_minor) * document.kind.sign
    if due > 0:
        return replace(after, settled_on="")
    return after if before.settled_on else replace(after, settled_on=settlement.value_on)


def _demand_in_range(document: Document, balance: Balance) -> None:
    """Let a balance pass that every answer can print; a payment of a billion is a slip of the pen."""
    due_minor = document.total_minor - balance.paid_minor - balance.discounted_minor
    sums = (balance.paid_minor, balance.discounted_minor, balance.fees_minor, due_minor)
    if max(map(abs, sums)) >= MAX_MINOR:
        raise Conflict(
            "document-sum-too-large",
            field="number",
            value=document.number,
            most=Money(MAX_MINOR - 1, document.currency).decimal_text(),
        )


def _unmarked(document: Document, entries: set[str]) -> tuple[BookingNote, ...]:
    """The notes; those of reversed entries lose their mark, so that the same row may come again (RI-34)."""
    return tuple(
        replace(note, row_mark="") if note.entry in entries and note.row_mark else note
        for note in document.notes
    )
