"""What happens while an import waits, is judged by two workers, or is just ending (RI-33, RI-36, RI-37).

Each case once booked what nobody had seen, stopped an import for ever, or told nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.functions.imports import FINANCE, ImportDesk, open_desk, payments_csv
from tests.functions.papers import cancel
from tests.functions.proofs import books_hold
from tests.functions.test_imports_deleted import levels_of, lines, notices_of
from tillbridge import wiring
from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.import_model import (
    Approval,
    Chunk,
    Import,
    ImportState,
    Limits,
    RowPolicy,
    Step,
)
from tillbridge.reconciliation.leaning_imports import LeaningImports
from tillbridge.reconciliation.row_outcomes import Allocation, RowOutcome, Verdict
from tillbridge.reconciliation.workspace import Workspace

WIDE_OPEN = Limits(1_000, 1_000_000_00, 10_000, 0)
FINISHED = ImportState.FINISHED


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.profile(policy=RowPolicy.GOOD_ROWS, limits=WIDE_OPEN)
        yield opened


def listed(*numbers: str, amount: str = "100,00") -> bytes:
    return lines("Rechnungsnummer;Offener Betrag", *(f"{number};{amount}" for number in numbers))


@pytest.mark.parametrize("rows", [3, 100, 1_000])
def test_rows_of_a_closed_invoice_wait_as_one_however_many(desk: ImportDesk, rows: int) -> None:
    desk.profile(approval=Approval.ALWAYS)
    desk.invoice("RE-1", 100_00)
    paid = desk.approve(desk.upload("paid.csv", payments_csv([["RE-1", "60,00", "20261105"]])))
    heading = "Rechnungsnummer;Zahldatum"
    one = desk.upload("closed.csv", lines(heading, *["RE-1;20261105"] * rows))
    desk.delete(paid)
    done = desk.approve(one)
    assert (done.state, done.totals.review, done.open_reviews) == (FINISHED, rows, 1)
    assert set(desk.codes(done)) == {"changed-since-preview"}
    [review] = desk.reviews(done)
    wiring.imports().decide_review(
        FINANCE, done.id, review.id, Verdict.BOOK, lambda _: (Allocation("RE-1", 100_00),)
    )
    assert (desk.due("RE-1"), desk.find(done.id).open_reviews) == ([0], 0)
    assert desk.find(done.id).totals.review == 0


def test_an_absent_invoice_that_is_reopened_before_the_approval_stays_open(desk: ImportDesk) -> None:
    desk.invoices("RE-1", "RE-2")
    one = desk.upload("list.csv", listed("RE-2"), **{"as-of": "2026-11-20"})
    assert one.totals.by_absence == 1
    desk.upload("paid.csv", payments_csv([["RE-1", "100,00", "20261119"]]))
    desk.upload("returned.csv", payments_csv([["RE-1", "-100,00", "20261121"]]))
    done = desk.approve(one)
    assert (done.state, desk.codes(done)) == (FINISHED, ["unchanged", "absent-but-changed"])
    assert desk.due("RE-1", "RE-2") == [100_00, 100_00]


def test_the_report_names_the_absent_invoices_that_were_booked_on_lately(desk: ImportDesk) -> None:
    desk.invoices("RE-1", "RE-2", "RE-3")
    desk.upload("paid.csv", payments_csv([["RE-1", "40,00", "20261119"]]))
    one = desk.upload("list.csv", listed("RE-2"), **{"as-of": "2026-11-21"})
    assert "touched-after-list" in [stop.code for stop in one.stops]
    told = {row.invoice_number: row.code for row in desk.outcomes(one)}
    assert told["RE-1"] == "settled-by-absence-though-booked"
    assert told["RE-3"] == "settled-by-absence"
    done = desk.approve(one)
    assert (done.totals.by_absence, desk.due("RE-1", "RE-3")) == (2, [0, 0])


@pytest.mark.parametrize(("paid", "shown"), [("100,00", None), ("60,00", "40,00")])
def test_what_an_import_booked_before_the_list_and_is_taken_back_after_it_is_a_change(
    desk: ImportDesk, paid: str, shown: str | None
) -> None:
    """Also where the same import has booked something else after the day of the list."""
    desk.invoices("RE-1", "RE-2")
    desk.approve(desk.upload("first.csv", listed("RE-1", "RE-2"), **{"as-of": "2026-11-10"}))
    file = payments_csv([["RE-1", paid, "20261112"], ["RE-1", "0", "20261112"]])
    payments = desk.upload("payments.csv", file)
    desk.shop.world.clock.forward(days=3)
    [review] = desk.reviews(payments)
    wiring.imports().decide_review(
        FINANCE, payments.id, review.id, Verdict.BOOK, lambda _: (Allocation("RE-1", 10_00),)
    )
    desk.shop.world.clock.forward(days=1)
    desk.delete(payments)
    rows = [f"RE-1;{shown}"] if shown else []
    file = lines("Rechnungsnummer;Offener Betrag", "RE-2;100,00", *rows)
    one = desk.upload("second.csv", file, **{"as-of": "2026-11-23"})
    stops = [stop.code for stop in one.stops]
    assert (one.state, stops) == (
        ImportState.AWAITING_APPROVAL, ["unknown-or-wrong-rows" if shown else "touched-after-list"],
    )  # fmt: skip
    assert desk.due("RE-1") == [100_00]


def test_of_two_workers_who_assess_a_chunk_the_preview_of_the_one_that_counts_is_kept(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow worker has seen 100 due; the quick one, whose totals count, sees 40."""
    desk.invoices("RE-1", "RE-2")
    one = desk.take_in(desk.put("list.csv", listed("RE-2"), **{"as-of": "2026-10-20"}))
    [message] = desk.messages()
    keep = Workspace.keep_preview
    began: list[str] = []
    quick: list[Import] = []

    def slowly(own: Workspace, about: Import, number: int, preview: str, told: Sequence[RowOutcome]) -> None:
        if not began:
            began.append(about.id)
            quick.append(desk.upload("paid.csv", payments_csv([["RE-1", "60,00", "20261011"]])))
            desk.work(json.loads(message["Body"]))
            desk.settle()
        keep(own, about, number, preview, told)

    monkeypatch.setattr(Workspace, "keep_preview", slowly)
    desk.work(json.loads(message["Body"]))
    monkeypatch.undo()
    desk.settle()
    stands = desk.find(one.id)
    assert stands.totals.absence_minor == 40_00
    assert [row.applied_minor for row in desk.outcomes(stands)] == [0, 40_00]
    desk.delete(quick[0])
    done = desk.approve(stands)
    assert (done.totals.by_absence, desk.due("RE-1")) == (0, [100_00])


def test_an_import_that_looked_just_before_another_was_taken_back_is_told_all_the_same(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.invoice("RE-1", 100_00)
    first = desk.upload("first.csv", payments_csv([["RE-1", "100,00", "20261112"]]))
    second = desk.take_in(desk.put("second.csv", payments_csv([["RE-1", "100,00", "20261112"]]) + b"\r\n"))
    note = LeaningImports.note

    def then(own: LeaningImports, one: Import, chunks: Sequence[Chunk]) -> Import:
        after = note(own, one, chunks)
        monkeypatch.undo()
        wiring.imports().delete(FINANCE, first.id, "was wrong")
        for _ in range(2):
            for chunk in wiring.import_store().chunks(first.id):
                desk.step(desk.find(first.id), chunk.number, Step.DELETE)
        return after

    monkeypatch.setattr(LeaningImports, "note", then)
    desk.settle()
    stands = desk.find(second.id)
    assert desk.find(first.id).state is ImportState.DELETED
    assert (stands.state, desk.codes(stands)) == (FINISHED, ["booked-before"])
    assert notices_of(stands) == [("passed-over-for-deleted", first.id)]


def test_a_discount_that_money_makes_up_for_reaches_the_credit_note_too(desk: ImportDesk) -> None:
    """B returned 30 and brought 28 with a discount of 2; cancelled, then taken back: 100 were paid."""
    desk.invoice("RE-1", 100_00)
    desk.upload("a.csv", payments_csv([["RE-1", "100,00", "20261105"]]))
    rows = [["RE-1", "-30,00", "20261106"], ["RE-1", "28,00", "20261107", "J"]]
    later = desk.upload("b.csv", payments_csv(rows))
    assert desk.document("RE-1").balance.discounted_minor == 2_00
    cancel(desk.shop, "RE-1", key="c", number="GU-1").done()
    desk.delete(later)
    assert books_hold(desk) == {"RE-1": 0, "GU-1": -100_00}


def test_a_row_of_dunning_levels_books_no_money(desk: ImportDesk) -> None:
    desk.invoice("RE-1", 100_00)
    cancel(desk.shop, "RE-1", key="c", number="GU-1").done()
    one = desk.upload("levels.csv", levels_of(("RE-1", 2)))
    [review] = desk.reviews(one)

    def decide(verdict: Verdict, *allocations: Allocation) -> Any:
        return wiring.imports().decide_review(FINANCE, one.id, review.id, verdict, lambda _: allocations)

    with pytest.raises(Refused, match="level-books-nothing"):
        decide(Verdict.BOOK, Allocation("RE-1", 10_00))
    decide(Verdict.DISMISS)
    assert desk.find(one.id).open_reviews == 0
