"""camt.053 and camt.054, the bank's statement and notification in XML: one entry a ``Ntry`` (RI-5, RI-19).

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

from .bank_text import pieces_of_bytes
from .camt_outline import Outline, minor_units
from .camt_shapes import Found, Shapes, unescaped
from .camt_text import Proof, xml_text
from .reading import MAX_LINE_CHARS, MAX_LINES, ByteStream, Head, ReadSettings

KIND = Kind.CAMT

_CLAIM = re.compile(
    r"urn:(?:iso:std:iso:20022:tech|swift):xsd:[\w$]*camt\.05[34]\.001\.\d\d"
    r"|<(?:[\w.-]+:)?Document[^<>]*>\s*(?:<!--.*?-->\s*)*"
    r"<(?:[\w.-]+:)?(?:BkToCstmrStmt|BkToCstmrDbtCdtNtfctn)[\s>]",
    re.DOTALL,
)
_NOT_BOOKED = frozenset(("PDNG", "FUTR", "INFO"))
_NO_END_TO_END_ID = frozenset(("NOTPROVIDED", "NONREF"))
_SHOWN_CHARS = 80
_MOST_DAYS = 10_000

Read = Iterator[StatementEntry | Problem | Notice]


class _Broken(Exception):
    """An entry can't be read: path of the element, what stands there, code."""


def claims(head: Head) -> bool:
    """True for a file with the namespace of camt.053 or camt.054, or with their first elements."""
    return _CLAIM.search(head.text) is not None


def read(stream: ByteStream, settings: ReadSettings) -> Read:  # noqa: ARG001 - the file says all
    """The booked entries of all statements; ``Refused`` when the XML is broken, cut or not plain."""
    return _Reader().read(stream)


class _Reader:
    """Where in a file we are, the shapes that were learnt, and the days that were read."""

    def __init__(self) -> None:
        self.line = 1
        self.entries = 0
        self.outline = Outline()
        self.heads = Shapes()
        self.details = Shapes("NtryDtls", "TxDtls")
        self.days: dict[str, str] = {}

    def read(self, stream: ByteStream) -> Read:
        """The file, entry by entry."""
        proof = Proof(xml_text(pieces_of_bytes(stream)))
        details = ""
        for before, inside in proof.entries():
            details = details or f"<{proof.prefix}TxDtls>"
            if before and not before.isspace():
                yield from self.outline.feed(before, self.line + before.count("\n"))
            self.line += before.count("\n")
            if inside is not None:
                yield from self._entry(inside, details)
                self.line += inside.count("\n")
        if not self.outline.statements:
            raise Refused("statement-missing", field="file", value="", line=self.line)

    def _entry(self, inside: str, details: str) -> Read:
        if not self.outline.in_statement:
            raise Refused("camt-entry-out-of-place", field="file", line=self.line)
        self.entries += 1
        if self.entries >= MAX_LINES:
            raise Refused(
                "statement-entries-too-many", field="file", value=str(MAX_LINES - 1), line=self.line
            )
        first, *others = inside.split(details)
        head = self.heads.read(first, self.line)
        parts = [self.details.read(piece, self.line) for piece in others]
        try:
            yield from self._booked(head, parts)
        except _Broken as broken:
            path, value, code = broken.args
            self.outline.unread = True
            facts = (("currency", head.currency), ("expected", self.outline.currency))
            yield Problem(self.line, path, value[:_SHOWN_CHARS], code, facts)

    def _booked(self, head: Found, parts: list[Found]) -> Read:
        twice = head.twice or next((part.twice for part in parts if part.twice), "")
        if twice:
            raise _Broken(f"Ntry/{twice}", "", "camt-element-twice")
        status = head.status.strip()
        if status in _NOT_BOOKED:
            yield Notice(self.line, "entry-not-booked", (("status", status),))
            return
        if status != "BOOK":
            raise _Broken("Ntry/Sts", status, "camt-status-unknown")
        amount_minor = self._amount(head)
        reversal = self._reversal(head)
        booked_on = self._day(head.booked_on or head.value_on, "Ntry/BookgDt")
        value_on = self._day(head.value_on or head.booked_on, "Ntry/ValDt")
        self.outline.book(amount_minor, reversal=reversal)
        extra = head.extra or next((part.extra for part in parts if part.extra), "")
        came_in = (amount_minor >= 0) != reversal
        told = _told(parts[0], came_in=came_in) if len(parts) == 1 else ("", "", "", "")
        entry = StatementEntry(
            self.line, self.outline.account, head.currency, booked_on, value_on, amount_minor, reversal,
            *told[:3], told[3] or unescaped(extra), unescaped(head.bank_reference),
        )  # fmt: skip
        if len(parts) > 1:
            yield from self._batch(entry, parts)
        else:
            yield entry

    def _batch(self, entry: StatementEntry, parts: list[Found]) -> Read:
        """One entry for each detail, where their amounts add up to the entry's; else the entry as one."""
        amounts = [_amount_of(part, entry) for part in parts]
        known = [amount for amount in amounts if amount is not None]
        if len(known) == len(parts) and sum(known) == entry.amount_minor:
            for part, amount_minor in zip(parts, known, strict=True):
                told = _told(part, came_in=(amount_minor >= 0) != entry.reversal)
                reference = unescaped(part.detail_reference) or entry.bank_reference
                yield StatementEntry(
                    *entry[:5],
                    amount_minor,
                    entry.reversal,
                    *told[:3],
                    told[3] or entry.text,
                    reference,
                    True,
                )
            return
        code = "batch-details-do-not-add-up" if len(known) == len(parts) else "batch-details-without-amounts"
        yield Notice(self.line, code, (("details", str(len(parts))),))
        text = " ".join(filter(None, (_text_of(part) for part in parts))) or entry.text
        yield entry._replace(text=text[:MAX_LINE_CHARS])

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

    def _reversal(self, head: Found) -> bool:
        said = head.reversal.strip()
        if said not in {"", "true", "false", "1", "0"}:
            raise _Broken("Ntry/RvslInd", said, "camt-reversal-unreadable")
        return said in {"true", "1"}

    def _day(self, text: str, path: str) -> str:
        """The day of a date or of a moment, as the bank writes it: its own clock counts."""
        known = self.days.get(text)
        if known is not None:
            return known
        if not text:
            raise _Broken(path, "", "camt-element-missing")
        try:
            day = date.fromisoformat(text.strip()[:10]).isoformat()
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
        _text_of(part),
    )


def _text_of(part: Found) -> str:
    return unescaped(" ".join(part.texts))[:MAX_LINE_CHARS]


def _amount_of(part: Found, entry: StatementEntry) -> int | None:
    """The signed amount of a detail in the entry's currency, None when it has none."""
    if part.detail_amount:
        text, currency = part.detail_amount, part.detail_currency
    else:
        text, currency = part.part_amount, part.part_currency
    amount_minor = minor_units(text, currency) if currency == entry.currency else None
    if amount_minor is None:
        return None
    direction = part.detail_direction.strip() or ("CRDT" if entry.amount_minor >= 0 else "DBIT")
    return amount_minor if direction == "CRDT" else -amount_minor
