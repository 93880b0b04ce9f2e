"""Documents in memory, and what files that come again do to them by rules and identity alone (RI-34)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.unit.reconciliation.settlement_cases import IMPORT_DAY, ISSUED_ON
from tillbridge.kernel.text import fold
from tillbridge.reconciliation.decisions import Decision, Facts, Outcome, Policy
from tillbridge.reconciliation.identity import further_mark, row_marks, same_again
from tillbridge.reconciliation.model import Row
from tillbridge.reconciliation.rules import after, decide_payment, repeated

TOTAL = 1_000_00


class Booked(NamedTuple):
    """What one row of an import booked on a document."""

    of_import: str
    mark: str
    decision: Decision


class Open(NamedTuple):
    """A row that waits for a person."""

    of_import: str
    document: str
    row: Row
    mark: str


class Books:
    """Invoices of 1,000.00 each, in euros; one appears when a row names it."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or Policy(5_00, IMPORT_DAY)
        self.booked: dict[str, list[Booked]] = {}
        self.reviews: list[Open] = []
        self.codes: list[str] = []

    def facts(self, number: str) -> Facts:
        """A document as its bookings left it."""
        facts = Facts(1, TOTAL, 0, 0, 0, 0, ISSUED_ON)
        for one in self.booked.get(fold(number), []):
            facts = after(facts, one.decision)
        return facts

    def paid(self, number: str = "RE-1") -> int:
        """What was paid on a document, dunning fees included."""
        facts = self.facts(number)
        return facts.paid_minor + facts.fees_minor

    def import_file(self, name: str, rows: Sequence[Row], settle_by: str = "") -> list[str]:
        """Book a file; the reason for each of its rows, in the order of its lines."""
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(fold(row.invoice_number), []).append(row)
        reasons = {}
        for number, own in groups.items():
            marks = row_marks(own)
            known = {one.mark for one in self.booked.get(number, []) if one.mark}
            for row, mark in zip(own, marks, strict=True):
                again = None if settle_by else same_again(row, mark, known, marks)
                facts = self.facts(number)
                if again:
                    decision = repeated(facts, row, again)
                else:
                    decision = decide_payment(facts, row, self.policy._replace(settle_by=settle_by))
                self._note(Open(name, number, row, mark), decision)
                reasons[row.line] = decision.code
        self.codes = [reasons[row.line] for row in rows]
        return self.codes

    def _note(self, one: Open, decision: Decision) -> None:
        if decision.outcome is Outcome.BOOKED:
            self.booked.setdefault(one.document, []).append(Booked(one.of_import, one.mark, decision))
        elif decision.outcome is Outcome.REVIEW:
            self.reviews.append(one)

    def delete(self, name: str) -> None:
        """Take an import back: its bookings, its marks, its open reviews (RI-36)."""
        for number, bookings in self.booked.items():
            self.booked[number] = [one for one in bookings if one.of_import != name]
        self.reviews = [one for one in self.reviews if one.of_import != name]

    def answer(self, *, another: bool) -> None:
        """A person answers the oldest review: the row is another payment, or the same again."""
        one = self.reviews.pop(0)
        if another:
            marks = [booked.mark for booked in self.booked.get(one.document, [])]
            decision = decide_payment(self.facts(one.document), one.row, self.policy)
            self._note(one._replace(mark=further_mark(one.mark, marks)), decision)


def file_of(*rows: Row) -> list[Row]:
    """Rows as lines of one file, under a heading."""
    return [row._replace(line=line) for line, row in enumerate(rows, 2)]
