"""The bank's statement and notification in XML, camt.053 and camt.054: one entry a ``Ntry`` (RI-5, RI-19).

Sources: ISO 20022 message definitions camt.053.001.02 to .13 and camt.054.001.02 to .13; Deutsche
Kreditwirtschaft, *Anlage 3 der Schnittstellenspezifikation für die Datenfernübertragung*, chapter 7.
What is read how: ``docs/formats/bank-statements.md``.

An entry's sign is that of ``CdtDbtInd``. ``RvslInd`` says that the entry undoes another; it turns no sign
(ISO 20022: *if CRDT and reversal, the original was a debit*), and a statement that adds up only if it did is
noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.model import Kind, Notice, Problem, StatementEntry

from .bank_text import SHOWN_CHARS, pieces_of_bytes
from .camt_outline import Outline, minor_units
from .camt_shapes import Found, Shapes, unescaped
from .camt_text import Proof, xml_text
from .reading import MAX_LINE_CHARS, MAX_LINES, ByteStream, Head, ReadSettings

KIND = Kind.CAMT

_CLAIM = re.compile(
    r"urn:(?:iso:std:iso:20022:tech|swift):xsd:[\w$]*camt\.05[234]\.001\.\d\d"
    r"|<(?:[\w.-]+:)?(?:BkToCstmrStmt|BkToCstmrDbtCdtNtfctn|BkToCstmrAcctRpt)[\s>]"
)
_NOT_BOOKED = frozenset(("PDNG", "FUTR", "INFO"))
_NO_END_TO_END_ID = frozenset(("NOTPROVIDED", "NONREF"))
_REVERSAL = {"": False, "false": False, "0": False, "true": True, "1": True}
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[\d:.,]+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_MOST_DAYS = 10_000
_IN_DETAIL = ("NtryDtls", "TxDtls")

Read = Iterator[StatementEntry | Problem | Notice]


class _Broken(Exception):
    """An entry can't be read: path of the element, what stands there, code."""


def claims(head: Head) -> bool:
    """True for XML with the namespace of a bank's statement, or with its first elements.

    The interim report camt.052 is claimed too, so that the refusal can say why it is refused.
    """
    return head.text.lstrip().startswith("<") and _CLAIM.search(head.text) is not None


def read(stream: ByteStream, settings: ReadSettings) -> Read:  # noqa: ARG001 - the file says all
    """The booked entries of all statements; ``Refused`` when the XML is broken, cut or not plain."""
    return _Reader().read(stream)


class _Reader:
    """Where in a file we are, the shapes that were learnt, and the days that were read."""

    def __init__(self) -> None:
        self.found: list[StatementEntry | Problem | Notice] = []
        self.line = 1
        self.entries = 0
        self.outline = Outline()
        self.whole = Shapes()
        self.batch = Shapes(end=_IN_DETAIL[:1])
        self.detail = Shapes(_IN_DETAIL, _IN_DETAIL[:1])
        self.last_detail = Shapes(_IN_DETAIL)
        self.days: dict[str, str] = {}

    def read(self, stream: ByteStream) -> Read:
        """The file, entry by entry; they are handed out by the piece, since a generator each takes longer."""
        proof = Proof(xml_text(pieces_of_bytes(stream)))
        for parts in proof.parts():
            for part in parts:
                before, begins, inside = part.partition(proof.begins)
                if before and not before.isspace():
                    self.found += self.outline.feed(before, self.line)
                self.line += before.count("\n")
                if begins:
                    self._entry(inside, proof.details)
                    self.line += inside.count("\n")
            yield from self.found
            self.found = []
        if not self.outline.count_of_statements:
            raise Refused("statement-missing", field="file", value="", line=self.line)

    def _entry(self, inside: str, detail: str) -> None:
        if not self.outline.in_statement:
            raise Refused("camt-entry-out-of-place", field="file", line=self.line)
        if not self.outline.account:
            raise Refused("camt-account-missing", field="file", line=self.line)
        self.entries += 1
        if self.entries >= MAX_LINES:
            raise Refused(
                "statement-entries-too-many", field="file", value=str(MAX_LINES - 1), line=self.line
            )
        parts: list[Found] = []
        head = self.whole.fit(inside)
        if head is None and inside.count(detail) > 1:
            first, *others, last = inside.split(detail)
            head = self.batch.read(first, self.line)
            parts = [self.detail.read(piece, self.line) for piece in others]
            parts.append(self.last_detail.read(last, self.line))
        elif head is None:
            head = self.whole.read(inside, self.line)
        try:
            self._booked(head, parts)
        except _Broken as broken:
            path, value, code = broken.args
            self.outline.unread = True
            facts = (("currency", head.currency), ("expected", self.outline.currency))
            self.found.append(Problem(self.line, path, value[:SHOWN_CHARS], code, facts))

    def _booked(self, head: Found, parts: list[Found]) -> None:
        twice = head.twice or next((part.twice for part in parts if part.twice), "")
        if twice:
            raise _Broken(f"Ntry/{twice}", "", "camt-element-twice")
        status = head.status.strip()
        if status != "BOOK":
            if status not in _NOT_BOOKED:
                raise _Broken("Ntry/Sts", status, "camt-status-unknown")
            self.outline.not_booked += 1
            self.found.append(Notice(self.line, "entry-not-booked", (("status", status),)))
            return
        amount_minor = self._amount(head)
        reversal = _REVERSAL.get(head.reversal.strip())
        if reversal is None:
            raise _Broken("Ntry/RvslInd", head.reversal.strip(), "camt-reversal-unreadable")
        booked_on = self._day(head.booked_on or head.value_on, "Ntry/BookgDt")
        value_on = self._day(head.value_on or head.booked_on, "Ntry/ValDt")
        end_to_end_id, name, account, text = _told(head, came_in=(amount_minor >= 0) != reversal)
        extra = head.extra or (parts[-1].extra if parts else "")
        values = (
            self.line, self.outline.account, head.currency, booked_on, value_on, amount_minor, reversal,
            end_to_end_id, name, account, text or unescaped(extra), unescaped(head.bank_reference), False,
            self.outline.statement,
        )  # fmt: skip
        entry = tuple.__new__(StatementEntry, values)  # twice as quick as naming the fields
        self.outline.book(entry)
        if parts:
            self._batch(entry, parts)
            return
        if _differs(head, entry):
            self.found.append(Notice(self.line, "batch-details-do-not-add-up", (("details", "1"),)))
        self.found.append(entry)

    def _batch(self, entry: StatementEntry, parts: list[Found]) -> None:
        """One entry for each detail, where their amounts add up to the entry's; else the entry as one."""
        amounts = [_amount_of(part, entry) for part in parts]
        known = [amount for amount in amounts if amount is not None]
        if len(known) == len(parts) and sum(known) == entry.amount_minor:
            self.entries += len(parts) - 1
            for part, amount_minor in zip(parts, known, strict=True):
                end_to_end_id, name, account, text = _told(
                    part, came_in=(amount_minor >= 0) != entry.reversal
                )
                reference = unescaped(part.detail_reference) or entry.bank_reference
                one = StatementEntry(
                    *entry[:5], amount_minor, entry.reversal,
                    end_to_end_id, name, account, text or entry.text, reference, True,
                    entry.statement,
                )  # fmt: skip
                self.found.append(one)
            return
        code = "batch-details-do-not-add-up" if len(known) == len(parts) else "batch-details-without-amounts"
        self.found.append(Notice(self.line, code, (("details", str(len(parts))),)))
        text = " ".join(filter(None, (_text_of(part) for part in parts))) or entry.text
        self.found.append(entry._replace(text=text[:MAX_LINE_CHARS]))

    def _amount(self, head: Found) -> int:
        if not head.amount:
            raise _Broken("Ntry/Amt", "", "camt-element-missing")
        expected = self.outline.currency
        if expected and head.currency != expected:
            raise _Broken("Ntry/Amt/@Ccy", head.currency, "camt-currency-differs")
        amount_minor = minor_units(head.amount, head.currency)
        if amount_minor is None:
            raise _Broken("Ntry/Amt", head.amount, "camt-amount-unreadable")
        direction = head.direction.strip()
        if direction not in {"CRDT", "DBIT"}:
            raise _Broken("Ntry/CdtDbtInd", direction, "camt-direction-unreadable")
        return amount_minor if direction == "CRDT" else -amount_minor

    def _day(self, text: str, path: str) -> str:
        """The day of a date or of a moment, as the bank writes it: its own clock counts."""
        known = self.days.get(text)
        if known is not None:
            return known
        if not text:
            raise _Broken(path, "", "camt-element-missing")
        written = _DAY.fullmatch(text.strip())
        try:
            day = date.fromisoformat(written[1] if written else "").isoformat()
        except ValueError:
            raise _Broken(path, text, "camt-day-unreadable") from None
        if len(self.days) >= _MOST_DAYS:
            self.days = {}
        self.days[text] = day
        return day


def _told(part: Found, *, came_in: bool) -> tuple[str, str, str, str]:
    """End-to-end id, name, account and text of a detail; who is named is the other side of the movement."""
    end_to_end_id = unescaped(part.end_to_end_id)
    account = part.debtor_account if came_in else part.creditor_account
    return (
        "" if end_to_end_id in _NO_END_TO_END_ID else end_to_end_id,
        unescaped(part.debtor if came_in else part.creditor),
        "".join(account.split()),
        _text_of(part) or unescaped(part.detail_extra),
    )


def _text_of(part: Found) -> str:
    texts = part.texts
    return unescaped(texts[0] if len(texts) == 1 else " ".join(texts))[:MAX_LINE_CHARS]


def _differs(head: Found, entry: StatementEntry) -> bool:
    """True for an entry whose only detail speaks of another amount."""
    if head.detail_amount == head.amount and head.detail_direction in {"", head.direction}:
        return False
    return _amount_of(head, entry) not in {None, entry.amount_minor}


def _amount_of(part: Found, entry: StatementEntry) -> int | None:
    """The signed amount of a detail in the entry's currency, None when it has none."""
    if part.detail_amount:
        text, currency = part.detail_amount, part.detail_currency
    else:
        text, currency = part.part_amount, part.part_currency
    amount_minor = minor_units(text, currency) if currency == entry.currency else None
    direction = part.detail_direction.strip() or ("CRDT" if entry.amount_minor >= 0 else "DBIT")
    if amount_minor is None or direction not in {"CRDT", "DBIT"}:
        return None
    return amount_minor if direction == "CRDT" else -amount_minor
