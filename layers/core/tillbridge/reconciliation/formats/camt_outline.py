"""What stands around the entries of a camt file: statements, their accounts, balances and counts (RI-5)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import MAX_MINOR
from tillbridge.reconciliation.model import Notice, StatementEntry

from .bank_text import MAX_STATEMENTS, SHOWN_CHARS, amount_text, statement_text
from .camt_text import MAX_DEPTH

_STATEMENTS = frozenset(("Stmt", "Ntfctn"))
_STATEMENT_DEPTH = 3
_INTERIM = "BkToCstmrAcctRpt"
_MESSAGES = frozenset(("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"))
_OPENING = ("OPBD", "PRCD")
_CLOSING = "CLBD"
_OWN_NUMBERS = ("ElctrncSeqNb", "LglSeqNb", "Id")
"""What numbers a statement, best first: some banks give it another ``Id`` each time it is fetched."""
_NUMBERS = frozenset(("Id", "ElctrncSeqNb", "LglSeqNb", "CreDtTm", "StmtPgntn/PgNb", "NtfctnPgntn/PgNb"))
_MAX_TEXT = 500
_MAX_DIGITS = 15


class Outline:
    """Reads the file without its entries.

    ``account`` and ``currency`` are those of the open statement; ``in_statement`` is true where an entry may
    stand.
    """

    def __init__(self) -> None:
        self.path: list[str] = []
        self.notices: list[Notice] = []
        self.statements: set[int] = set()
        self.count_of_statements = 0
        self.in_statement = False
        self.line_offset = 0
        self.text = ""
        self._begin_statement()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _begin_statement(self) -> None:
        self.account = self.currency = self.said_count = ""
        self.told_statement: str | None = None
        self.balance: dict[str, str] = {}
        self.balances: dict[str, tuple[int, str]] = {}
        self.numbers: dict[str, str] = {}
        self.goes_on = self.unread = self.unread_balance = False
        self.entries = self.not_booked = self.sum_minor = self.reversals_minor = 0
        self.first: StatementEntry | None = None
        self.last: StatementEntry | None = None

    def feed(self, text: str, line: int) -> list[Notice]:
        """The text between two entries, and its first line; what is to be noticed about statements in it."""
        self.line_offset = line - self.parser.CurrentLineNumber
        try:
            self.parser.Parse(text, False)
        except expat.ExpatError as broken:
            raise Refused(
                "camt-not-well-formed",
                field="file",
                line=broken.lineno + self.line_offset,
                column=broken.offset + 1,
            ) from None
        noticed, self.notices = self.notices, []
        return noticed

    @property
    def statement(self) -> str:
        """What tells the open statement from others of its account; its head stands before its entries."""
        if self.told_statement is None:
            number = next((self.numbers[name] for name in _OWN_NUMBERS if self.numbers.get(name)), "")
            page = self.numbers.get("StmtPgntn/PgNb", "")
            opening = self._opening()
            self.told_statement = statement_text(
                f"{number}/{page}" if page else number,
                f"{amount_text(*opening)} {opening[1]}" if opening else "",
            )
        return self.told_statement

    def _opening(self) -> tuple[int, str] | None:
        return next((self.balances[name] for name in _OPENING if name in self.balances), None)

    def book(self, entry: StatementEntry) -> None:
        """An entry of the open statement was read."""
        self.entries += 1
        self.sum_minor += entry.amount_minor
        if entry.reversal:
            self.reversals_minor += entry.amount_minor
        if self.first is None:
            self.first = entry
        self.last = entry

    def _line(self) -> int:
        return self.parser.CurrentLineNumber + self.line_offset

    def _refused(self, code: str, value: str) -> Refused:
        return Refused(code, field="file", value=value[:SHOWN_CHARS], line=self._line())

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "Ntry":
            raise self._refused("camt-entry-out-of-place", name)
        if len(self.path) == 1 and name == _INTERIM:
            raise self._refused("statement-is-interim", "camt.052")
        if (not self.path and name != "Document") or (len(self.path) == 1 and name not in _MESSAGES):
            raise self._refused("camt-message-unknown", name)
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise self._refused("camt-too-deep", str(MAX_DEPTH))
        self.text = ""
        self.in_statement = len(self.path) == _STATEMENT_DEPTH and name in _STATEMENTS
        if self.in_statement:
            self._begin_statement()
            self.count_of_statements += 1
            if self.count_of_statements > MAX_STATEMENTS:
                raise self._refused("statements-too-many", str(MAX_STATEMENTS))
        elif name == "Bal":
            self.balance = {}
        elif self.path[-2:] == ["Bal", "Amt"]:
            self.balance["Ccy"] = attributes.get("Ccy", "")

    def _characters(self, text: str) -> None:
        if len(self.text) < _MAX_TEXT:
            self.text += text[:_MAX_TEXT]

    def _end(self, _tag: str) -> None:
        place = "/".join(self.path[_STATEMENT_DEPTH:])
        text, self.text = self.text.strip(), ""
        if not place:
            if self.in_statement:
                self.notices.extend(self._checked())
        elif place in {"Acct/Id/IBAN", "Acct/Id/Othr/Id"}:
            self.account = self.account or text.replace(" ", "")
        elif place == "Acct/Ccy":
            self.currency = text
        elif place in {"Bal/Amt", "Bal/CdtDbtInd", "Bal/Tp/CdOrPrtry/Cd"}:
            self.balance[place] = text
        elif place == "Bal":
            self._balance()
        elif place == "TxsSummry/TtlNtries/NbOfNtries":
            self.said_count = text
        elif place in {"StmtPgntn/LastPgInd", "NtfctnPgntn/LastPgInd"}:
            self.goes_on = text in {"false", "0"}
        elif place in _NUMBERS:
            self.numbers[place] = text
        self.path.pop()
        self.in_statement = len(self.path) == _STATEMENT_DEPTH and self.path[-1] in _STATEMENTS

    def _balance(self) -> None:
        currency = self.balance.get("Ccy", "")
        amount_minor = minor_units(self.balance.get("Bal/Amt", ""), currency)
        direction = self.balance.get("Bal/CdtDbtInd")
        if amount_minor is None or direction not in {"CRDT", "DBIT"}:
            if not self.unread_balance:
                about = (("account", self.account),)
                self.notices.append(Notice(self._line(), "balance-unreadable", about))
            self.unread_balance = True
            return
        if direction == "DBIT":
            amount_minor = -amount_minor
        self.balances.setdefault(self.balance.get("Bal/Tp/CdOrPrtry/Cd", ""), (amount_minor, currency))
        self.currency = self.currency or currency

    def _checked(self) -> Iterator[Notice]:
        about = (("account", self.account),)
        opening = self._opening()
        closing = self.balances.get(_CLOSING)
        self._once(opening, closing)
        found = self.entries + self.not_booked
        counted = self.said_count.isdecimal() and not self.unread
        if counted and self.said_count.lstrip("0") != str(found).lstrip("0"):
            facts = (*about, ("said", self.said_count[:_MAX_DIGITS]), ("found", str(found)))
            yield Notice(self._line(), "entries-do-not-count-up", facts)
        if self.goes_on:
            yield Notice(self._line(), "statement-goes-on-elsewhere", about)
        if opening is None or closing is None or self.unread:
            return
        difference = closing[0] - opening[0] - self.sum_minor
        if opening[1] == closing[1] and not difference:
            return
        turned = opening[1] == closing[1] and difference == -2 * self.reversals_minor
        yield Notice(
            self._line(),
            "balances-fit-with-reversals-turned" if turned else "balances-do-not-add-up",
            (
                *about,
                ("opening", amount_text(*opening)),
                ("closing", amount_text(*closing)),
                ("entries", amount_text(self.sum_minor, opening[1])),
                ("currency", closing[1]),
            ),
        )

    def _once(self, opening: tuple[int, str] | None, closing: tuple[int, str] | None) -> None:
        """``Refused`` for a statement that stands twice: its payments would be booked twice."""
        if self.first is None or self.last is None:
            return
        said = (
            self.account, *sorted(self.numbers.items()), opening, closing, self.entries, self.sum_minor,
            self.first[1:], self.last[1:],
        )  # fmt: skip
        statement = hash(said)  # 64 bits: of 100,000 statements, two meet once in a thousand million files
        if statement in self.statements:
            raise Refused(
                "statement-stands-twice",
                field="file",
                value=self.numbers.get("Id", "")[:SHOWN_CHARS],
                line=self._line(),
                account=self.account,
            )
        self.statements.add(statement)


def minor_units(text: str, currency: str) -> int | None:
    """``123.45`` of a currency in minor units; None when it is no amount, or finer than the currency."""
    decimals = DECIMALS.get(currency)
    if decimals and text[-decimals - 1 : -decimals] == ".":  # as nearly every bank writes every amount
        digits = text[: -decimals - 1] + text[-decimals:]
        if decimals < len(digits) <= _MAX_DIGITS and digits.isdecimal() and digits.isascii():
            return int(digits)
    whole, dot, part = text.strip().partition(".")
    if decimals is None or not text.isascii() or not whole.isdigit() or (dot and not part.isdigit()):
        return None
    if len(part) > decimals:
        if part[decimals:].strip("0"):
            return None
        part = part[:decimals]
    if len(whole) > _MAX_DIGITS:
        return None
    amount_minor = int(whole + part.ljust(decimals, "0"))
    return amount_minor if amount_minor < MAX_MINOR else None
