"""MT940, the customer statement of SWIFT as German banks write it (STA): one entry a ``:61:`` (RI-5, RI-19).

Sources: SWIFT user handbook, category 9, MT940; Deutsche Kreditwirtschaft, *Anlage 3 der
Schnittstellenspezifikation für die Datenfernübertragung*, chapter MT940. What is read how:
``docs/formats/bank-statements.md``.

A statement goes from ``:20:`` to ``:62F:`` or ``:62M:``; one that ends sooner was cut, and its whole file is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.reconciliation.model import Kind, Notice, Problem, StatementEntry

from .bank_text import MAX_STATEMENTS, SHOWN_CHARS, amount_text, pieces_of_bytes, statement_text, text_pieces
from .mt940_days import Days
from .mt940_purpose import NO_PURPOSE, Purpose, read_purpose
from .reading import MAX_LINES, ByteStream, Head, ReadSettings

KIND = Kind.MT940

MAX_FIELD_CHARS = 8 * 1024
"""Twenty times what the standard gives to the longest field."""

_TAGS = "20|21|25P?|28C?|60[FM]|61|62[FM]|64|65|86|NS|34F|90[CD]"
_FIELD = re.compile(rf"\n:(?=(?:{_TAGS}):)")
_CLAIM = re.compile(r"(?:\A|[\n\r]):20:[^\n\r]*[\n\r]+(?::21:[^\n\r]*[\n\r]+)?:25P?:")
_LINE = re.compile(
    r"([0-9]{6}(?:[0-9]{4})?)"  # value date, booking date
    r"(R?)([CD])[A-Z]?"  # reversal, credit or debit, funds code
    r"([0-9]{1,15}),([0-9]{0,3})"  # amount
    r"[A-Z][A-Z0-9]{3}([^\n/]*+(?:/(?!/)[^\n/]*+)*+)"  # type of movement, reference of who ordered it
    r"(?://([^\n]*+))?(?:\n.*)?",  # the bank's reference; what follows is for people
    re.DOTALL | re.ASCII,
)
_BALANCE = re.compile(r"([CD])[0-9]{6}([A-Z]{3})([0-9]{1,15}),([0-9]{0,3})\s*", re.ASCII)
_BEFORE_ALL = re.compile(r"\{.*|[A-Z0-9 ]{1,80}|", re.ASCII)
_MOST_LINES_BEFORE = 9
_ACCOUNT_WITH_CURRENCY = re.compile(r"(.*[0-9])([A-Z]{3})", re.ASCII)
_NO_REFERENCE = frozenset(("NONREF", "NOREF", "KREF+", "EREF+", ""))
_MAY_FOLLOW = {
    "": {"20"},
    "20": {"21", "25"},
    "21": {"25"},
    "25": {"28"},
    "28": {"60"},
    "60": {"61", "62"},
    "61": {"61", "86", "62"},
    "86": {"61", "62"},
    "62": {"64", "65", "86", "20"},
    "end": {"20"},
}
_WHOLE = ("62", "end")

Read = Iterator[StatementEntry | Problem | Notice]


def claims(head: Head) -> bool:
    """True for a file with a ``:20:`` and its ``:25:`` behind it, both at the beginning of a line."""
    return _CLAIM.search(head.text) is not None


def read(stream: ByteStream, settings: ReadSettings) -> Read:  # noqa: ARG001 - the file says all that is asked
    """The entries of all statements in their order; ``Refused`` when the file is cut or is no MT940."""
    return _Reader().read(stream)


class _Reader:
    """Where in a file we are, and what its open statement says so far.

    ``place`` is the number of the last field, ``end`` behind the line that ends a message. ``found`` waits to
    be handed out: a generator for each field would take half the time.
    """

    def __init__(self) -> None:
        self.found: list[StatementEntry | Problem | Notice] = []
        self.line = 1
        self.place = ""
        self.account = self.number = self.opening = self.currency = self.statement = ""
        self.decimals = 0
        self.opening_minor = self.sum_minor = 0
        self.unread = False
        self.goes_on: tuple[str, int] | None = None
        self.entries = self.entries_before = 0
        self.statements: set[int] = set()
        self.waiting: tuple[int, str, str, int, bool, str, str] | None = None
        self.days = Days()

    def read(self, stream: ByteStream) -> Read:
        """The file, field by field; a field is whole when the next one begins."""
        rest, first = "\n", True
        for text in text_pieces(pieces_of_bytes(stream)):
            fields = _FIELD.split(rest + text)
            rest = fields.pop()
            if fields:
                self._fields(fields, first=first)
                first = False
                yield from self.found
                self.found = []
            if len(rest) > MAX_FIELD_CHARS:
                raise self._refused("statement-field-too-long", rest)
        self._fields([rest], first=first)
        self.line = max(self.line - 1 - len(rest) + len(rest.rstrip("\n")), 1)  # the last one with a word
        self._entry(NO_PURPOSE)
        if self.place not in _WHOLE:
            raise self._refused("statement-cut-off" if self.place else "statement-missing", "")
        self._torn()
        yield from self.found

    def _fields(self, fields: list[str], *, first: bool) -> None:
        if first:
            self._before_all(fields.pop(0))
        for whole in fields:
            if len(whole) > MAX_FIELD_CHARS:
                raise self._refused("statement-field-too-long", whole)
            field = _without_end(whole) if "\n-" in whole else whole
            if field[:3] == "61:":
                if self.waiting is not None:
                    self._entry(NO_PURPOSE)
                self._statement_line(field[3:])
            elif self.place == "61" and field[:3] == "86:":
                self.place = "86"
                if self.waiting is not None:
                    self._entry(read_purpose(field[3:]))
            else:
                self._other(field)
            if field is not whole and len(field) < len(whole):
                self._end()
            self.line += whole.count("\n") + 1

    def _before_all(self, before: str) -> None:
        """What may stand before the first field: blocks of SWIFT, and the lines of capitals of some banks."""
        lines = before.split("\n", _MOST_LINES_BEFORE + 1)
        known = all(_BEFORE_ALL.fullmatch(line.strip()) for line in lines)
        if not known or len(lines) > _MOST_LINES_BEFORE + 1:
            raise self._refused("statement-missing", before.strip())
        self.line += before.count("\n")

    def _end(self) -> None:
        self._entry(NO_PURPOSE)
        if self.place != "62":
            raise self._refused("statement-cut-off", "")
        self.place = "end"

    def _statement_line(self, content: str) -> None:
        if self.place != "86" or self.entries >= MAX_LINES - 1:
            self._step("61", content)
        self.place = "61"
        line = _LINE.fullmatch(content)
        if line is None:
            return self._problem("statement-line-unreadable", content)
        days, reversal, sign, whole, part, reference, bank_reference = line.groups("")
        if len(part) > self.decimals:
            return self._problem("statement-amount-has-too-many-decimals", f"{whole},{part}")
        amount_minor = int(whole + part.ljust(self.decimals, "0"))
        known = self.days.known.get(days) or self.days.of(days)
        if known is None:
            return self._problem("statement-day-does-not-exist", days)
        if amount_minor >= MAX_MINOR:
            return self._problem("amount-too-large", f"{whole},{part}")
        booked_on, value_on, moved = known
        if moved:
            self.found.append(Notice(self.line, "value-day-moved", (("value", days), ("day", value_on))))
        if (sign == "D") != (reversal == "R"):
            amount_minor = -amount_minor
        references = reference.strip(), bank_reference.strip()
        self.waiting = (self.line, booked_on, value_on, amount_minor, reversal == "R", *references)
        return None

    def _entry(self, purpose: Purpose) -> None:
        """The entry that waited for its purpose, or nothing where none waits."""
        if self.waiting is None:
            return
        line, booked_on, value_on, amount_minor, reversal, reference, bank_reference = self.waiting
        self.waiting = None
        text, end_to_end_id, name, account = purpose
        if not end_to_end_id and reference not in _NO_REFERENCE:
            end_to_end_id = reference
        self.sum_minor += amount_minor
        self.entries += 1
        values = (
            line, self.account, self.currency, booked_on, value_on, amount_minor, reversal,
            end_to_end_id, name, account, text, bank_reference, False, self.statement,
        )  # fmt: skip
        self.found.append(tuple.__new__(StatementEntry, values))  # twice as quick as naming the fields

    def _step(self, number: str, content: str) -> None:
        """One field further, where the order of the fields allows it."""
        if number not in _MAY_FOLLOW[self.place]:
            if number == "20":
                raise self._refused("statement-cut-off", content)
            raise self._refused("statement-field-out-of-place", f":{number}:{content}")
        if number == "61" and self.entries >= MAX_LINES - 1:
            raise self._refused("statement-entries-too-many", str(MAX_LINES - 1))
        self.place = number

    def _other(self, field: str) -> None:
        tag, _, content = field.partition(":")
        if tag == "NS":  # what one bank adds for its own programs
            return
        self._entry(NO_PURPOSE)
        if tag in {"34F", "90C", "90D"}:
            raise self._refused("statement-is-interim", f":{tag}:")
        number = tag[:2]
        if number in {"64", "65"} or (number == "86" and self.place == "62"):
            if self.place != "62":
                raise self._refused("statement-field-out-of-place", f":{field}")
            return
        self._step(number, content)
        if number == "25":
            account = content.strip().partition("\n")[0].replace(" ", "")
            parts = _ACCOUNT_WITH_CURRENCY.fullmatch(account)
            self.account = parts[1] if parts and parts[2] in DECIMALS else account
        elif number == "28":
            self.number = content.strip()
        elif number == "60":
            self._open(content, is_first=tag == "60F")
        elif number == "62":
            self._close(content, is_last=tag == "62F")

    def _open(self, content: str, *, is_first: bool) -> None:
        self.currency, self.decimals = "", -1
        self.opening, self.opening_minor = content.strip(), self._balance(content)
        self.statement = statement_text(self.number, self.opening)
        self.sum_minor, self.unread, self.entries_before = 0, False, self.entries
        if is_first or self.goes_on != (self.account, self.opening_minor):
            self._torn()
            if not is_first:
                self.found.append(
                    Notice(self.line, "statement-begins-elsewhere", (("account", self.account),))
                )
        self.goes_on = None

    def _close(self, content: str, *, is_last: bool) -> None:
        closing_minor = self._balance(content)
        self._once(content.strip())
        if not is_last:
            self.goes_on = (self.account, closing_minor)
        difference = closing_minor - self.opening_minor - self.sum_minor
        if difference and not self.unread:
            facts = (
                ("account", self.account),
                ("opening", amount_text(self.opening_minor, self.currency)),
                ("closing", amount_text(closing_minor, self.currency)),
                ("entries", amount_text(self.sum_minor, self.currency)),
                ("currency", self.currency),
            )
            self.found.append(Notice(self.line, "balances-do-not-add-up", facts))

    def _once(self, closing: str) -> None:
        """``Refused`` for a statement that stands twice: its payments would be booked twice."""
        count = self.entries - self.entries_before
        said = (self.account, self.number, self.opening, closing, count, self.sum_minor)
        statement = hash(said)  # 64 bits: of 100,000 statements, two meet once in a thousand million files
        if count and statement in self.statements:
            raise Refused(
                "statement-stands-twice", field="file", value=self.number[:SHOWN_CHARS], line=self.line,
                account=self.account,
            )  # fmt: skip
        if len(self.statements) >= MAX_STATEMENTS:
            raise self._refused("statements-too-many", str(MAX_STATEMENTS))
        self.statements.add(statement)

    def _balance(self, content: str) -> int:
        """A balance in minor units, below zero for a debit; an opening one says the statement's currency."""
        balance = _BALANCE.fullmatch(content)
        if balance is None:
            raise self._refused("statement-balance-unreadable", content)
        sign, currency, whole, part = balance.groups()
        if not self.currency and currency in DECIMALS:
            self.currency, self.decimals = currency, DECIMALS[currency]
        if currency != self.currency or len(part) > self.decimals:
            raise self._refused("statement-balance-unreadable", content)
        amount_minor = int(whole + part.ljust(self.decimals, "0"))
        if amount_minor >= MAX_MINOR:
            raise self._refused("amount-too-large", content)
        return amount_minor if sign == "C" else -amount_minor

    def _torn(self) -> None:
        """A page said that another follows, and none did."""
        if self.goes_on is not None:
            self.found.append(
                Notice(self.line, "statement-goes-on-elsewhere", (("account", self.goes_on[0]),))
            )
            self.goes_on = None

    def _problem(self, code: str, value: str) -> None:
        self.unread = True
        self.entries += 1
        facts = (("currency", self.currency), ("decimals", str(self.decimals)))
        self.found.append(Problem(self.line, ":61:", value[:SHOWN_CHARS], code, facts))

    def _refused(self, code: str, value: str) -> Refused:
        return Refused(code, field="file", value=value[:SHOWN_CHARS], line=self.line)


def _without_end(whole: str) -> str:
    """The field without the line ``-`` or ``-}`` that ends a message, and without the blocks behind it."""
    lines = whole.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("{")):
        lines.pop()
    if len(lines) > 1 and (lines[-1].rstrip() == "-" or lines[-1].startswith("-}")):
        return "\n".join(lines[:-1])
    return whole
