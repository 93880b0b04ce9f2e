"""Which rows are the same row again (RI-34); pure. ``docs/formats/settlement.md`` has the table.

A payment is known by its amount, its day and its reference; what a row asks for (cash discount, dunning fee,
overpayment, reopening) says how to book it. Equal rows of one file are several payments, told apart by
counting them. Currency and invoice number are left out, since marks are only ever compared on one document,
which has one currency: another file may spell the number otherwise or leave the currency out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256
from json import dumps
from typing import NamedTuple

from .model import Row, StatementEntry

PAYMENT_CHARS = 16
ENTRY_CHARS = 32
_ASKED = {True: "y", False: "n", None: "_"}


def row_marks(rows: Sequence[Row]) -> list[str]:
    """The marks of the payment rows of one document in one file, in the order of their lines.

    A mark is a hash of the payment, what the row asks for where it asks for anything, and the number of the
    row among its equals. It has no blanks and never changes: documents keep marks for years. A row that has
    neither amount nor day nor reference has none (``""``): it pays what is open, as often as it comes.

    16 hexadecimal digits are 64 bits. Marks are compared on one document only, which holds at most 2,000: the
    chance that two different payments of a full one meet is 2000 ** 2 / 2 ** 65, about 1 in 10 ** 13; among
    ten million documents with ten payments each, less than 1 in 10 ** 10.
    """
    counted: dict[str, int] = {}
    marks = []
    for row in rows:
        content = _content(row)
        if content:
            number = counted[content] = counted.get(content, 0) + 1
            marks.append(f"{content}-{number}")
        else:
            marks.append("")
    return marks


def _content(row: Row) -> str:
    """What one row says, without its number among its equals; empty where the row only says *closed*."""
    amount, day, reference = row.amount_minor, row.day, row.reference
    if amount is None and not day and not reference:
        return ""
    # The only free text stands last, so no two payments give one text; repr() would change with Unicode.
    payment = f"{'' if amount is None else amount}|{day or ''}|{reference}"
    content = sha256(payment.encode("utf-8", "surrogatepass")).hexdigest()[:PAYMENT_CHARS]
    fee = row.dunning_fee_minor
    asked = (row.cash_discount, row.dunning_fee, row.overpayment, row.reopening)
    if fee is None and asked == (None, None, None, None):
        return content
    return f"{content}{''.join(_ASKED[one] for one in asked)}{'' if fee is None else fee}"


def same_again(
    row: Row, mark: str, marks_on_document: Collection[str], marks_in_file: Collection[str]
) -> str | None:
    """The code of ``decisions.REASONS`` for a row whose payment was booked before; None for a new one.

    ``marks_on_document`` are those that *earlier imports* left on the document, without those of the import
    that is running. ``marks_in_file`` are all that ``row_marks`` gave for the document in this file: a mark
    that a row of the file accounts for is no evidence against another row.
    """
    if not mark:
        return None
    if mark in marks_on_document:
        return "booked-before" if row.day or row.reference else "maybe-booked-before"
    payment, content = mark[:PAYMENT_CHARS], _content_of(mark)
    for other in marks_on_document:
        asks_otherwise = other[:PAYMENT_CHARS] == payment and _content_of(other) != content
        if asks_otherwise and other not in marks_in_file:
            return "booked-before-otherwise"
    return None


def further_mark(mark: str, marks_on_document: Collection[str]) -> str:
    """The mark under which a row is booked that a person declared to be another payment than its equal.

    It is the first that is free, so that a later file that holds all of them finds all of them.
    """
    content = _content_of(mark)
    number = int(mark[len(content) + 1 :])
    while f"{content}-{number}" in marks_on_document:
        number += 1
    return f"{content}-{number}"


def _content_of(mark: str) -> str:
    return mark.rpartition("-")[0]


def entry_mark(entry: StatementEntry, occurrence: int) -> str:
    """The mark of a movement on a bank account: 32 hexadecimal digits over all that the bank says of it.

    ``occurrence`` is its number among the equal entries of one file, from 1 (``entry_content`` tells which
    are equal). Marks of all accounts lie in one place, hence 128 bits: among a thousand million entries two
    meet with a chance of less than 1 in 10 ** 20. The line and how a batch was told are no part of it.
    """
    return sha256(f"{occurrence}|{entry_content(entry)}".encode("ascii")).hexdigest()[:ENTRY_CHARS]


def entry_content(entry: StatementEntry) -> str:
    """What the bank says of a movement, as one text of ASCII: equal entries have equal ones."""
    said = (
        entry.account, entry.currency, entry.booked_on, entry.value_on, entry.amount_minor, entry.reversal,
        entry.end_to_end_id, entry.bank_reference, entry.payer_name, entry.payer_account, entry.text,
    )  # fmt: skip
    return dumps(said, separators=(",", ":"))


class Occurrence(NamedTuple):
    """The number of an entry among its equals, from 1: in its file, and in its statement in that file."""

    in_file: int = 1
    in_statement: int = 1


class EntryCount:
    """Numbers the entries of one file among their equals.

    A file has up to two million entries, nearly all without an equal: those of a statement share one tuple.
    """

    def __init__(self) -> None:
        self._counted: dict[bytes, tuple[str, Occurrence]] = {}
        self._first = ("", Occurrence())

    def next(self, entry: StatementEntry) -> Occurrence:
        """The number of an entry among those that came before it."""
        said = sha256(entry_content(entry).encode("ascii")).digest()[:16]
        before = self._counted.get(said)
        if before is None:
            if self._first[0] != entry.statement:
                self._first = (entry.statement, Occurrence())
            self._counted[said] = self._first
        else:
            statement, (in_file, in_statement) = before
            again = in_statement + 1 if statement == entry.statement else 1
            self._counted[said] = (entry.statement, Occurrence(in_file + 1, again))
        return self._counted[said][1]


class EntryNote(NamedTuple):
    """What is noted of a movement under one of its marks: the import that holds it, empty for none now; the
    statement in which it stood, as far as that is known, and its number among its equals there.
    """

    import_id: str = ""
    statement: str = ""
    number: int = 1


class Sighting(NamedTuple):
    """The note of a movement that an entry is again, or where that is not ``sure`` may be again."""

    note: EntryNote
    sure: bool = True


def seen_again(entry: StatementEntry, occurrence: Occurrence, notes: Sequence[EntryNote]) -> Sighting | None:
    """Whether *other imports* noted the movement before; None for a new one.

    ``notes`` are those under the marks of the first, second, third … of its equals. A movement with a
    reference is the same in whatever statement it stands. One without is the same under the same number of
    its own statement; in another statement it may be a further payment, unless equals in other statements of
    this file account for all that was noted of those.
    """
    own = notes[occurrence.in_file - 1] if occurrence.in_file <= len(notes) else EntryNote()
    if not (entry.statement and own.statement) and own.import_id:
        return Sighting(own)
    if not is_told_by_statement(entry):
        return Sighting(own) if own.import_id else None
    held = [note for note in notes if note.import_id and note.statement]
    for note in held:
        if (note.statement, note.number) == (entry.statement, occurrence.in_statement):
            return Sighting(note)
    others = [note for note in held if note.statement != entry.statement]
    if len(others) > occurrence.in_file - occurrence.in_statement:
        return Sighting(others[-1], sure=False)
    return None


def is_told_by_statement(entry: StatementEntry) -> bool:
    """True for a movement that only its statement tells from its equals: it has no reference."""
    return bool(entry.statement) and not entry.bank_reference and not entry.end_to_end_id
