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
from tillbridge.kernel.money import MAX_MINOR, Money
from tillbridge.reconciliation.model import Kind, Notice, Problem, StatementEntry

from .bank_text import pieces_of_bytes, text_pieces
from .mt940_days import Days
from .mt940_purpose import NO_PURPOSE, Purpose, read_purpose
from .reading import MAX_LINE_CHARS, MAX_LINES, ByteStream, Head, ReadSettings

KIND = Kind.MT940

_TAGS = "20|21|25P?|28C?|60[FM]|61|62[FM]|64|65|86|NS|34F|90[CD]"
_FIELD = re.compile(rf"\n:(?=(?:{_TAGS}):)")
_CLAIM = re.compile(r"(?:\A|\n):20:[^\n\r]*[\n\r]+(?::21:[^\n\r]*[\n\r]+)?:25P?:")
_LINE = re.compile(
    r"([0-9]{6}(?:[0-9]{4})?)"  # value date, booking date
    r"(R?)([CD])[A-Z]?"  # reversal, credit or debit, funds code
    r"([0-9]{1,13}),([0-9]{0,3})"  # amount
    r"[A-Z][A-Z0-9]{3}((?:(?!//)[^\n])*)"  # type of movement, reference of who ordered it
    r"(?://([^\n]*))?(?:\n.*)?",  # the bank's reference; what follows is for people
    re.DOTALL | re.ASCII,
)
_BALANCE = re.compile(r"([CD])[0-9]{6}([A-Z]{3})([0-9]{1,13}),([0-9]{0,3})\s*", re.ASCII)
_TRAILER = re.compile(r"\n-(?:\}[^\n]*)?\s*(?:\{[^\n]*\s*)*\Z")
_PREAMBLE = re.compile(r"\s*(?:\{[^\n]*\s*|[A-Z0-9]{1,35}\s+){0,9}\Z", re.ASCII)
_ACCOUNT_WITH_CURRENCY = re.compile(r"(.*[0-9])[A-Z]{3}", re.ASCII)
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
_SHOWN_CHARS = 80

Read = Iterator[StatementEntry | Problem | Notice]


def claims(head: Head) -> bool:
    """True for a file with a ``:20:`` and its ``:25:`` behind it, both at the beginning of a line."""
    return _CLAIM.search(head.text) is not None


def read(stream: ByteStream, settings: ReadSettings) -> Read:  # noqa: ARG001 - the file says all that is asked
    """The entries of all statements in their order; ``Refused`` when the file is cut or is no MT940."""
    return _Reader().read(stream)


class _Reader:
    """Where in a file we are, and what its open statement says so far.

    ``place`` is the number of the last field, ``end`` behind the line that ends a message.
    """

    def __init__(self) -> None:
        self.line = 1
        self.place = ""
        self.account = self.currency = ""
        self.decimals = 0
        self.opening_minor = self.sum_minor = 0
        self.unread = False
        self.goes_on: tuple[str, int] | None = None
        self.entries = 0
        self.waiting: tuple[int, tuple[str, str, bool], tuple[str, ...], int] | None = None
        self.days = Days()

    def read(self, stream: ByteStream) -> Read:
        """The file, field by field; a field is whole when the next one begins."""
        rest, first = "\n", True
        for text in text_pieces(pieces_of_bytes(stream)):
            fields = _FIELD.split(rest + text)
            rest = fields.pop()
            if len(rest) > MAX_LINE_CHARS:
                raise self._refused("statement-field-too-long", rest)
            if fields:
                yield from self._fields(fields, first=first)
                first = False
        yield from self._fields([rest], first=first)
        yield from self._entry(NO_PURPOSE)
        if self.place not in _WHOLE:
            raise self._refused("statement-cut-off" if self.place else "statement-missing", "")
        yield from self._torn()

    def _fields(self, fields: list[str], *, first: bool) -> Read:
        longest = max(fields, key=len)
        if len(longest) > MAX_LINE_CHARS:
            raise self._refused("statement-field-too-long", longest)
        if first:
            self._preamble(fields.pop(0))
        for whole in fields:
            ended = _TRAILER.search(whole) if "\n-" in whole else None
            yield from self._field(whole[: ended.start()] if ended else whole)
            if ended:
                if self.place != "62":
                    raise self._refused("statement-cut-off", "")
                self.place = "end"
            self.line += whole.count("\n") + 1

    def _preamble(self, before: str) -> None:
        if _PREAMBLE.match(before) is None:
            raise self._refused("statement-missing", before.strip())
        self.line += before.count("\n")

    def _field(self, field: str) -> Read:
        if field.startswith("86:") and self.place == "61":
            self.place = "86"
            if self.waiting is not None:
                yield from self._entry(read_purpose(field[3:]))
            return
        if self.waiting is not None:
            yield from self._entry(NO_PURPOSE)
        if field.startswith("61:"):
            yield from self._statement_line(field[3:])
        else:
            yield from self._other(field)

    def _statement_line(self, content: str) -> Read:
        self._step("61", content)
        line = _LINE.fullmatch(content)
        if line is None:
            yield self._problem("statement-line-unreadable", content)
            return
        days, _, sign, whole, part, _, _ = groups = line.groups(default="")
        if len(part) > self.decimals:
            yield self._problem("statement-amount-has-too-many-decimals", f"{whole},{part}")
            return
        amount_minor = int(whole + part.ljust(self.decimals, "0"))
        known = self.days.of(days)
        if known is None:
            yield self._problem("statement-day-does-not-exist", days)
            return
        if amount_minor >= MAX_MINOR:
            yield self._problem("amount-too-large", f"{whole},{part}")
            return
        if known[2]:
            yield Notice(self.line, "value-day-moved", (("value", days), ("day", known[1])))
        self.waiting = (self.line, known, groups, amount_minor if sign == "C" else -amount_minor)

    def _entry(self, purpose: Purpose) -> Read:
        """The entry that waited for its purpose, or nothing where none waits."""
        if self.waiting is None:
            return
        line, (booked_on, value_on, _), groups, amount_minor = self.waiting
        _, reversal, _, _, _, reference, bank_reference = groups
        self.waiting = None
        if reversal:
            amount_minor = -amount_minor
        text, end_to_end_id, name, account = purpose
        if not end_to_end_id and reference not in _NO_REFERENCE:
            end_to_end_id = reference.strip()
        self.sum_minor += amount_minor
        self.entries += 1
        yield StatementEntry(
            line, self.account, self.currency, booked_on, value_on, amount_minor, reversal == "R",
            end_to_end_id, name, account, text, bank_reference.strip(),
        )  # fmt: skip

    def _step(self, number: str, content: str) -> None:
        """One field further, where the order of the fields allows it."""
        if number not in _MAY_FOLLOW[self.place]:
            if number == "20":
                raise self._refused("statement-cut-off", content)
            raise self._refused("statement-field-out-of-place", f":{number}:{content}")
        if number == "61" and self.entries >= MAX_LINES - 1:
            raise self._refused("statement-entries-too-many", str(MAX_LINES - 1))
        self.place = number

    def _other(self, field: str) -> Read:
        tag, _, content = field.partition(":")
        if tag == "NS":
            return
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
            with_currency = _ACCOUNT_WITH_CURRENCY.fullmatch(account)
            self.account = with_currency[1] if with_currency else account
        elif number == "60":
            yield from self._open(content, is_first=tag == "60F")
        elif number == "62":
            yield from self._close(content, is_last=tag == "62F")

    def _open(self, content: str, *, is_first: bool) -> Read:
        self.currency, self.decimals = "", -1
        self.opening_minor = self._balance(content)
        self.sum_minor, self.unread = 0, False
        if is_first or self.goes_on != (self.account, self.opening_minor):
            yield from self._torn()
            if not is_first:
                yield Notice(self.line, "statement-begins-elsewhere", (("account", self.account),))
        self.goes_on = None

    def _close(self, content: str, *, is_last: bool) -> Read:
        closing_minor = self._balance(content)
        if not is_last:
            self.goes_on = (self.account, closing_minor)
        difference = closing_minor - self.opening_minor - self.sum_minor
        if difference and not self.unread:
            yield Notice(
                self.line,
                "balances-do-not-add-up",
                (
                    ("account", self.account),
                    ("opening", Money(self.opening_minor, self.currency).decimal_text()),
                    ("closing", Money(closing_minor, self.currency).decimal_text()),
                    ("entries", Money(self.sum_minor, self.currency).decimal_text()),
                    ("currency", self.currency),
                ),
            )

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

    def _torn(self) -> Read:
        """A page said that another follows, and none did."""
        if self.goes_on is not None:
            yield Notice(self.line, "statement-goes-on-elsewhere", (("account", self.goes_on[0]),))
            self.goes_on = None

    def _problem(self, code: str, value: str) -> Problem:
        self.unread = True
        facts = (("currency", self.currency), ("decimals", str(self.decimals)))
        return Problem(self.line, ":61:", value[:_SHOWN_CHARS], code, facts)

    def _refused(self, code: str, value: str) -> Refused:
        return Refused(code, field="file", value=value[:_SHOWN_CHARS], line=self.line)
