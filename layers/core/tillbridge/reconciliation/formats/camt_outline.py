"""What stands around the entries of a camt file: statements, their accounts, balances and counts (RI-5)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import MAX_MINOR, Money
from tillbridge.reconciliation.model import Notice

from .camt_text import MAX_DEPTH

_STATEMENTS = frozenset(("Stmt", "Ntfctn"))
_INTERIM = "BkToCstmrAcctRpt"
_MESSAGES = frozenset(("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"))
_OPENING = ("OPBD", "PRCD")
_CLOSING = "CLBD"
_MAX_TEXT = 500


class Outline:
    """Reads the file without its entries. ``account`` and ``currency`` are those of the open statement."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.texts: dict[str, str] = {}
        self.text = ""
        self.account = self.currency = ""
        self.balances: dict[str, tuple[int, str]] = {}
        self.count = ""
        self.goes_on = False
        self.entries = self.sum_minor = self.reversals_minor = 0
        self.unread = False
        self.statements = 0
        self.line = 1
        self.notices: list[Notice] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def feed(self, text: str, line: int) -> Iterator[Notice]:
        """The text between two entries; gives what there is to be noticed about a statement that ends."""
        self.line = line
        try:
            self.parser.Parse(text, False)
        except expat.ExpatError as broken:
            raise Refused("camt-not-well-formed", field="file", line=line, column=broken.offset + 1) from None
        yield from self.notices
        self.notices.clear()

    @property
    def in_statement(self) -> bool:
        """True where an entry may stand."""
        return len(self.path) > 1 and self.path[-1] in _STATEMENTS

    def book(self, amount_minor: int, *, reversal: bool) -> None:
        """An entry of the open statement was read."""
        self.entries += 1
        self.sum_minor += amount_minor
        if reversal:
            self.reversals_minor += amount_minor

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "Ntry":
            raise Refused("camt-entry-out-of-place", field="file", line=self.line)
        if len(self.path) == 1 and name == _INTERIM:
            raise Refused("statement-is-interim", field="file", value="camt.052", line=self.line)
        if not self.path and name != "Document":
            raise Refused("camt-message-unknown", field="file", value=name[:80], line=self.line)
        if len(self.path) == 1 and name not in _MESSAGES:
            raise Refused("camt-message-unknown", field="file", value=name[:80], line=self.line)
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise Refused("camt-too-deep", field="file", value=str(MAX_DEPTH), line=self.line)
        self.text = ""
        if name in _STATEMENTS and len(self.path) == 3:  # noqa: PLR2004 - Document, message, statement
            self.account = self.currency = self.count = ""
            self.balances = {}
            self.entries = self.sum_minor = self.reversals_minor = 0
            self.unread = self.goes_on = False
            self.statements += 1
        elif name == "Bal":
            self.texts = {}
        elif name == "Amt":
            self.texts["Ccy"] = attributes.get("Ccy", "")

    def _characters(self, text: str) -> None:
        if len(self.text) < _MAX_TEXT:
            self.text += text[:_MAX_TEXT]

    def _end(self, _tag: str) -> None:
        place = "/".join(self.path[3:])
        text, self.text = self.text.strip(), ""
        if place in {"Acct/Id/IBAN", "Acct/Id/Othr/Id"}:
            self.account = self.account or text.replace(" ", "")
        elif place == "Acct/Ccy":
            self.currency = text
        elif place in {"Bal/Amt", "Bal/CdtDbtInd", "Bal/Tp/CdOrPrtry/Cd"}:
            self.texts[place] = text
        elif place == "Bal":
            self._balance()
        elif place == "TxsSummry/TtlNtries/NbOfNtries":
            self.count = text
        elif place == "StmtPgntn/LastPgInd":
            self.goes_on = text in {"false", "0"}
        elif not place and self.path[-1] in _STATEMENTS:
            self.notices.extend(self._checked())
        self.path.pop()

    def _balance(self) -> None:
        currency = self.texts.get("Ccy", "")
        amount_minor = minor_units(self.texts.get("Bal/Amt", ""), currency)
        if amount_minor is None:
            self.notices.append(Notice(self.line, "balance-unreadable", (("account", self.account),)))
            return
        if self.texts.get("Bal/CdtDbtInd") == "DBIT":
            amount_minor = -amount_minor
        self.balances.setdefault(self.texts.get("Bal/Tp/CdOrPrtry/Cd", ""), (amount_minor, currency))
        self.currency = self.currency or currency

    def _checked(self) -> Iterator[Notice]:
        about = (("account", self.account),)
        if self.count.isdecimal() and int(self.count[:12]) != self.entries and not self.unread:
            facts = (*about, ("said", self.count[:12]), ("found", str(self.entries)))
            yield Notice(self.line, "entries-do-not-count-up", facts)
        if self.goes_on:
            yield Notice(self.line, "statement-goes-on-elsewhere", about)
        opening = next((self.balances[name] for name in _OPENING if name in self.balances), None)
        closing = self.balances.get(_CLOSING)
        if opening is None or closing is None or self.unread:
            return
        if opening[1] == closing[1] and opening[0] + self.sum_minor == closing[0]:
            return
        turned = (
            opening[1] == closing[1] and opening[0] + self.sum_minor - 2 * self.reversals_minor == closing[0]
        )
        yield Notice(
            self.line,
            "balances-fit-with-reversals-turned" if turned else "balances-do-not-add-up",
            (
                *about,
                ("opening", Money(*opening).decimal_text()),
                ("closing", Money(*closing).decimal_text()),
                ("entries", Money(self.sum_minor, opening[1]).decimal_text()),
                ("currency", opening[1]),
            ),
        )


def minor_units(text: str, currency: str) -> int | None:
    """``123.45`` of a currency in minor units; None when it is no amount, or finer than the currency."""
    decimals = DECIMALS.get(currency)
    whole, dot, part = text.partition(".")
    if decimals is None or not text.isascii() or not whole.isdigit() or (dot and not part.isdigit()):
        return None
    if len(part) > decimals:
        if part[decimals:].strip("0"):
            return None
        part = part[:decimals]
    amount_minor = int(whole[:16] + part.ljust(decimals, "0"))
    return amount_minor if amount_minor < MAX_MINOR and len(whole) < 16 else None  # noqa: PLR2004 - as above
