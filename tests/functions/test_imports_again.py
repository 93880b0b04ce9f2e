"""Files that come again, through everything: no row is booked twice, none is lost (RI-34).

The stories are those of ``tests/unit/reconciliation/test_identity_reimports.py``, each with an invoice of its
own; here they go from S3 to the journal, many beside each other in one file where that makes no difference.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from tests.functions.imports import FINANCE, ImportDesk, open_desk
from tests.functions.proofs import books_hold, import_holds
from tests.unit.reconciliation.reimports import TOTAL
from tests.unit.reconciliation.test_identity_reimports import CASES, Answer, ByDate, Case, Delete
from tillbridge import wiring
from tillbridge.kernel.text import fold
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy
from tillbridge.reconciliation.model import Row
from tillbridge.reconciliation.row_outcomes import Allocation, Review, Verdict

HEADING = (
    "Rechnungsnummer;Zahlbetrag;Zahldatum;Skonto;Mahngebühr;Überzahlung;Wiederöffnen;Referenz;Währung\r\n"
)
FLAGS = {True: "J", False: "N", None: ""}
blank_lines = count(1)


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.profile(policy=RowPolicy.GOOD_ROWS)
        yield opened


def money(minor: int | None) -> str:
    if minor is None:
        return ""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100},{abs(minor) % 100:02}"


def written(rows: Sequence[Row]) -> bytes:
    """A file of these payments; blank lines at its end make its bytes others than those of any before."""
    shown = [
        [
            row.invoice_number,
            money(row.amount_minor),
            (row.day or "").replace("-", ""),
            FLAGS[row.cash_discount],
            FLAGS[row.dunning_fee] if row.dunning_fee_minor is None else money(row.dunning_fee_minor),
            FLAGS[row.overpayment],
            FLAGS[row.reopening],
            row.reference,
            row.currency or "",
        ]
        for row in rows
    ]
    text = HEADING + "".join(";".join(cells) + "\r\n" for cells in shown)
    return (text + "\r\n" * next(blank_lines)).encode("cp1252")


class Story:
    """One case with its invoice, as far as it has come."""

    def __init__(self, desk: ImportDesk, place: int, case: Case) -> None:
        self.desk, self.case = desk, case
        self.number = f"RE-{place:03}"
        self.steps = list(case.steps)
        self.imports: list[Import] = []
        self.waiting: list[tuple[Import, Review]] = []
        self.codes: list[str] = []

    @property
    def stands_alone(self) -> bool:
        """True where its files must be imports of their own."""
        return any(isinstance(step, Delete | ByDate) for step in self.steps)

    def rows(self, rows: Sequence[Row]) -> list[Row]:
        """The rows about its own invoice, in their spelling of its number."""
        return [
            row._replace(invoice_number=self.number if row.invoice_number.isupper() else self.number.lower())
            for row in rows
        ]

    def note(self, one: Import) -> None:
        """Look at what an import did to its rows."""
        mine = [told for told in self.desk.outcomes(one) if fold(told.invoice_number) == fold(self.number)]
        self.codes = [told.code for told in mine]
        self.imports.append(one)
        self.waiting += [
            (one, review)
            for review in self.desk.reviews(one)
            if review.is_open and fold(review.told.invoice_number) == fold(self.number)
        ]

    def answer(self, answer: Answer) -> None:
        """A person answers the oldest review."""
        one, review = self.waiting.pop(0)
        verdict, amounts = Verdict.DISMISS, list[Allocation]()
        if answer.another:
            verdict = Verdict.BOOK
            amounts = [Allocation(self.number, review.told.amount_minor or 0)]
        wiring.imports().decide_review(FINANCE, one.id, review.id, verdict, lambda _: amounts)

    def next_file(self) -> list[Row] | None:
        """The rows of its next file, after what people do before it."""
        while self.steps:
            step = self.steps.pop(0)
            if isinstance(step, Answer):
                self.answer(step)
            elif isinstance(step, Delete):
                gone = self.desk.delete(self.desk.find(self.imports[step.file - 1].id))
                assert gone.state is ImportState.DELETED
            elif isinstance(step, ByDate):
                file = written(self.rows(step.rows))
                self.note(self.desk.upload("by-date.csv", file, **{"settle-by": "2026-11-20"}))
            else:
                return self.rows(step)
        return None

    def check(self) -> None:
        """What is paid at the end, and what the rows of the last file were told."""
        balance = self.desk.document(self.number).balance
        assert self.codes == list(self.case.last), self.case.name
        assert balance.paid_minor + balance.fees_minor == self.case.paid, self.case.name


def test_in_every_story_each_row_is_booked_once(desk: ImportDesk) -> None:
    stories = [Story(desk, place, case) for place, case in enumerate(CASES)]
    assert len(stories) >= 30
    desk.invoices(*(story.number for story in stories), amount_minor=TOTAL)
    beside = [story for story in stories if not story.stands_alone]
    while files := [(story, rows) for story in beside if (rows := story.next_file()) is not None]:
        one = desk.upload("payments.csv", written([row for _, rows in files for row in rows]))
        assert one.state is ImportState.FINISHED, one.stops
        for story, _ in files:
            story.note(one)
    for story in stories:
        while story.stands_alone and (rows := story.next_file()) is not None:
            story.note(desk.upload("payments.csv", written(rows)))
        story.check()
    for import_id in {one.id for story in stories for one in story.imports}:
        one = desk.find(import_id)
        if one.state is ImportState.FINISHED and one.open_reviews == one.totals.review == 0:
            assert one.totals.rows == one.totals.booked + one.totals.ignored + one.totals.refused
    due = books_hold(desk)
    assert {number for number, left in due.items() if left < 0} == set()


def test_a_file_that_was_cut_anywhere_and_then_comes_whole_is_booked_once(desk: ImportDesk) -> None:
    """Whatever the first try saw: all rows, some, half a row, or none."""
    chance = random.Random("cut files")
    for story in range(5):
        numbers = [f"RE-{story}-{place}" for place in range(4)]
        desk.invoices(*numbers)
        rows = [
            Row(0, number, minor, "2026-11-05", reference=reference)
            for number, minor, reference in zip(
                [*numbers, numbers[0], numbers[0]],
                (40_00, 100_00, 30_00, 7_00, 40_00, 5_00),
                ("", "4711", "", "", "", ""),
                strict=True,
            )
        ]
        whole = written(rows)
        cut = len(HEADING) + chance.randrange(len(whole) - len(HEADING))
        first = desk.upload("cut.csv", whole[:cut])
        assert first.state in (ImportState.FINISHED, ImportState.QUARANTINED), first.stops
        second = desk.upload("whole.csv", whole)
        assert (second.state, second.totals.rows, second.totals.refused) == (ImportState.FINISHED, 6, 0)
        assert first.totals.booked + second.totals.booked == 6, (cut, first.totals, second.totals)
        assert desk.due(*numbers) == [15_00, 0, 70_00, 93_00], cut
    books_hold(desk)


def test_an_invoice_with_hundreds_of_equal_payments_is_paid_by_each_of_them_once(desk: ImportDesk) -> None:
    """They are more than one transaction takes."""
    desk.invoice("PLAN", 1_000_00)
    instalment = Row(0, "PLAN", 1_00, "2026-11-05")
    first = desk.upload("first.csv", written([instalment] * 130))
    assert (first.totals.booked, desk.due("PLAN")) == (130, [870_00])
    whole = desk.upload("whole.csv", written([instalment] * 220))
    assert (whole.totals.booked, whole.totals.ignored, desk.due("PLAN")) == (90, 130, [780_00])
    import_holds(desk, whole)
    gone = desk.delete(first)
    assert (gone.reversed_count, gone.touched_since, desk.due("PLAN")) == (130, 1, [910_00])
    again = desk.upload("again.csv", written([instalment] * 220))
    assert (again.totals.booked, again.totals.ignored, desk.due("PLAN")) == (130, 90, [780_00])
    books_hold(desk)


def test_whatever_files_show_of_many_payments_each_is_booked_once(desk: ImportDesk) -> None:
    """Random files of random payments: cut, overlapping, shuffled, deleted; the sum is kept beside them."""
    chance = random.Random("random files")
    numbers = [f"RE-{place}" for place in range(12)]
    desk.invoices(*numbers, amount_minor=10_000_00)
    posted = [
        Row(0, chance.choice(numbers), chance.choice((50_00, 50_00, 7_25)), chance.choice(DAYS),
            reference=chance.choice(("", "", "4711")))
        for _ in range(60)
    ]  # fmt: skip
    imports: list[Import] = []
    for _ in range(8):
        known = posted[: chance.randrange(1, len(posted) + 1)]
        shown = chance.sample(known, chance.randrange(1, len(known) + 1))
        imports.append(desk.upload("some.csv", written(shown)))
        assert imports[-1].totals.review == 0
        if chance.random() < 0.4:
            desk.delete(imports.pop(chance.randrange(len(imports))))
        assert_no_more_is_paid_than(posted, books_hold(desk))
    desk.upload("all.csv", written(chance.sample(posted, len(posted))))
    paid = {number: 10_000_00 - due for number, due in books_hold(desk).items()}
    assert paid == {number: sum_of(posted, number) for number in numbers}


DAYS = ("2026-11-03", "2026-11-04")


def sum_of(rows: Sequence[Row], number: str) -> int:
    return sum(row.amount_minor or 0 for row in rows if row.invoice_number == number)


def assert_no_more_is_paid_than(posted: Sequence[Row], due: dict[str, int]) -> None:
    for number, left in due.items():
        assert 10_000_00 - left <= sum_of(posted, number), number
