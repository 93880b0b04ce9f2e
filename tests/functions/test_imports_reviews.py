"""What people decide about entries that wait: booked, dismissed, refused where it makes no sense, taken back.

(RI-5, RI-34, RI-36)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.imports import FINANCE, ImportDesk, document_of, open_desk, payments_csv
from tests.functions.proofs import books_hold, document_rows, import_holds
from tests.functions.statements import Moved, mt940
from tests.functions.test_imports_bank import number
from tillbridge import wiring
from tillbridge.access.model import ALL_BRANCHES, Caller, Role
from tillbridge.kernel.errors import Conflict, Forbidden, NotFound, Refused
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import DocumentKind
from tillbridge.reconciliation.import_model import Import, ImportState
from tillbridge.reconciliation.row_outcomes import Allocation, Review, Verdict

CASHIER = Caller("carla", frozenset({Role.CASHIER}), ALL_BRANCHES)
BOOK, DISMISS = Verdict.BOOK, Verdict.DISMISS
STATEMENT = (
    Moved(60_00, f"Anzahlung {number(1)}"),
    Moved(120_00, f"{number(2)} mit Gebühr"),
    Moved(500_00, "Miete"),
    Moved(190_00, f"{number(3)} {number(4)} abzüglich Skonto"),
    Moved(-40_00, f"Rücklastschrift {number(5)}", reversal=True),
    Moved(25_00, "Danke"),
    Moved(100_00, number(6)),
)


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.profile(branches=("01",), number_patterns=("RE-##-####-##",))
        opened.issue(document_of(number(place), 100_00) for place in range(1, 7))
        opened.invoice(number(1, "GU"), 30_00, kind=DocumentKind.CREDIT_NOTE)
        opened.invoice("OTHER-BRANCH", 25_00, branch="02")
        opened.invoice("OTHER-CLIENT", 25_00, client="M2")
        opened.invoice("FRANCS", 25_00, currency="CHF")
        opened.upload("before.csv", payments_csv([[number(5), "100,00", "20261105"]]))
        yield opened


class Waiting:
    """The rows of an import that wait, by the amounts that they move."""

    def __init__(self, desk: ImportDesk, one: Import) -> None:
        self.desk, self.id = desk, one.id

    def of(self, minor: int) -> Review:
        """The row that moves this amount."""
        [found] = [
            each for each in self.desk.reviews(self.desk.find(self.id)) if each.told.amount_minor == minor
        ]
        return found

    def decide(self, minor: int, verdict: Verdict, *amounts: Allocation, who: Caller = FINANCE) -> Review:
        """Decide about the row that moves this amount."""
        review = self.of(minor)
        decided = wiring.imports().decide_review(who, self.id, review.id, verdict, lambda _: amounts)
        return decided[1]

    def refused(self, minor: int, *amounts: Allocation, verdict: Verdict = BOOK) -> str:
        """The code of the refusal of a decision."""
        with pytest.raises(Refused) as refusal:
            self.decide(minor, verdict, *amounts)
        assert self.of(minor).is_open
        return refusal.value.code


def test_a_person_books_splits_and_dismisses_and_a_deletion_takes_all_of_it_back(desk: ImportDesk) -> None:
    before = document_rows(desk)
    one = desk.upload("statement.sta", mt940(*STATEMENT))
    assert (one.open_reviews, one.totals.booked, one.totals.applied_minor) == (6, 1, 100_00)
    waiting, codes = Waiting(desk, one), desk.codes(one)
    waiting.decide(60_00, BOOK, Allocation(number(1), 60_00))
    waiting.decide(120_00, BOOK, Allocation(number(2).lower(), 100_00, 0, 20_00))
    waiting.decide(500_00, DISMISS)
    waiting.decide(190_00, BOOK, Allocation(number(3), 95_00, 5_00), Allocation(number(4), 95_00, 5_00))
    waiting.decide(-40_00, BOOK, Allocation(number(5), -40_00))

    one = desk.find(one.id)
    assert (one.open_reviews, one.totals.review, one.totals.booked, one.totals.ignored) == (1, 1, 5, 1)
    assert one.totals.applied_minor == 100_00 + 60_00 + 100_00 + 190_00 - 40_00
    assert (one.totals.discount_minor, one.totals.fee_minor) == (10_00, 20_00)
    assert {name: due for name, due in books_hold(desk).items() if name.startswith("RE-")} == {
        number(1): 40_00, number(2): 0, number(3): 0, number(4): 0, number(5): 40_00, number(6): 0,
    }  # fmt: skip
    [entry] = desk.entries(number(1))
    assert (entry.postings[0].account, entry.exportable, entry.business_day, str(entry.source)) == (
        Account.BANK, False, "2026-11-20", one.source_id,
    )  # fmt: skip
    decided = waiting.of(120_00)
    assert (decided.decided_by, decided.verdict, decided.allocations[0].fee_minor) == ("fina", BOOK, 20_00)
    assert [(event.what, event.detail) for event in one.history if event.what == "decided"] == [
        ("decided", "5")
    ]

    desk.shop.world.clock.forward(minutes=7)
    wiring.overdue_imports().sweep()
    desk.settle()
    one = desk.find(one.id)
    assert one.due_at is None
    shown = desk.report(one)
    assert sorted(row[5] for row in shown) == [
        "decided-by-hand", "decided-by-hand", "decided-by-hand", "decided-by-hand", "decided-by-hand",
        "dismissed-by-hand", "no-invoice-found", "settled",
    ]  # fmt: skip

    gone = desk.delete(one)
    assert (gone.state, gone.reversed_count, gone.touched_since) == (ImportState.DELETED, 6, 0)
    assert document_rows(desk) == before
    books_hold(desk)
    again = desk.upload("statement.sta", mt940(*STATEMENT))
    assert (again.state, again.open_reviews, desk.codes(again)) == (ImportState.FINISHED, 6, codes)
    import_holds(desk, again)


def test_a_decision_that_makes_no_sense_is_refused_and_books_nothing(desk: ImportDesk) -> None:
    one = desk.upload("statement.sta", mt940(*STATEMENT))
    waiting, before = Waiting(desk, one), document_rows(desk)
    told = {
        "allocations-not-the-amount": waiting.refused(60_00, Allocation(number(1), 59_99)),
        "allocation-twice": waiting.refused(
            60_00, Allocation(number(1), 30_00), Allocation(number(1).lower(), 30_00)
        ),
        "booking-without-allocations": waiting.refused(60_00),
        "dismissal-with-allocations": waiting.refused(60_00, Allocation(number(1), 60_00), verdict=DISMISS),
        "invoice-not-in-scope": waiting.refused(60_00, Allocation("NOBODY", 60_00)),
        "allocation-is-zero": waiting.refused(
            60_00, Allocation(number(1), 60_00), Allocation(number(2), 0)
        ),
        "discount-exceeds-due": waiting.refused(60_00, Allocation(number(1), 60_00, 40_01)),
        "discount-has-wrong-sign": waiting.refused(60_00, Allocation(number(1), 60_00, -1)),
        "fee-not-possible": waiting.refused(60_00, Allocation(number(1), 61_00, 0, -1_00)),
    }  # fmt: skip
    assert told == {code: code for code in told}
    for elsewhere in ("OTHER-BRANCH", "OTHER-CLIENT", "FRANCS"):
        assert waiting.refused(25_00, Allocation(elsewhere, 25_00)) == "invoice-not-in-scope"
    many = [Allocation(number(1), 1)] * 21
    assert waiting.refused(60_00, *many) == "allocations-too-many"
    with pytest.raises(Forbidden):
        waiting.decide(60_00, BOOK, Allocation(number(1), 60_00), who=CASHIER)
    with pytest.raises(NotFound):
        wiring.imports().decide_review(FINANCE, one.id, "9999999", DISMISS, lambda _: [])
    assert (document_rows(desk), desk.find(one.id).totals) == (before, one.totals)


def test_a_decision_counts_once_and_nobody_decides_otherwise_after_it(desk: ImportDesk) -> None:
    one = desk.upload("statement.sta", mt940(*STATEMENT))
    waiting = Waiting(desk, one)
    split = (Allocation(number(3), 95_00, 5_00), Allocation(number(4), 95_00, 5_00))
    waiting.decide(190_00, BOOK, *split)
    stands, rows = desk.find(one.id), document_rows(desk)
    assert waiting.decide(190_00, BOOK, *split[::-1]).decided_by == "fina", "the same, in another order"
    with pytest.raises(Conflict) as conflict:
        waiting.decide(190_00, DISMISS)
    assert conflict.value.code == "review-decided"
    with pytest.raises(Conflict):
        waiting.decide(190_00, BOOK, Allocation(number(3), 190_00))
    assert (desk.find(one.id), document_rows(desk)) == (stands, rows)
    wiring.imports().delete(FINANCE, one.id, "was wrong")
    with pytest.raises(Conflict) as conflict:
        waiting.decide(60_00, BOOK, Allocation(number(1), 60_00))
    assert conflict.value.code == "import-not-finished"
    desk.settle()
    assert desk.due(*map(number, (1, 3, 4))) == [100_00] * 3


def test_an_invoice_that_is_paid_meanwhile_can_be_overpaid_by_a_decision_and_the_deletion_names_it(
    desk: ImportDesk,
) -> None:
    one = desk.upload("statement.sta", mt940(*STATEMENT))
    waiting = Waiting(desk, one)
    desk.shop.record("B-1", "100.00", kind="invoice", invoice_number=number(1)).done()
    waiting.decide(60_00, BOOK, Allocation(number(1), 60_00))
    assert desk.due(number(1)) == [-60_00]
    desk.shop.record("B-2", "5.00", kind="invoice", invoice_number=number(1)).done()
    gone = desk.delete(desk.find(one.id))
    assert (gone.touched_since, desk.due(number(1))) == (1, [-5_00])
    assert list(wiring.import_store().touched(one.id)) == [number(1)]
    books_hold(desk)
