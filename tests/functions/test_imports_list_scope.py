"""What a list of open or closed items can't know is not booked by it, and nobody approves what was not shown.

Each case was once booked without a question (RI-2, RI-33).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.functions.imports import FINANCE, ImportDesk, open_desk, payments_csv
from tests.functions.test_imports_deleted import lines
from tillbridge import wiring
from tillbridge.kernel.errors import Conflict
from tillbridge.reconciliation.import_model import Import, ImportState, Limits, RowPolicy
from tillbridge.reconciliation.row_outcomes import Allocation, Verdict

WIDE_OPEN = Limits(10**6, 10**12, 10_000, 0)
HEADING = "Rechnungsnummer;Offener Betrag"
FINISHED, WAITS = ImportState.FINISHED, ImportState.AWAITING_APPROVAL


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        yield opened


def stops(one: Import) -> list[str]:
    return [stop.code for stop in one.stops]


def told(desk: ImportDesk, one: Import) -> list[tuple[str, str, int]]:
    return [(row.invoice_number, row.code, row.applied_minor) for row in desk.outcomes(one)]


def first_list(desk: ImportDesk, *rows: str) -> None:
    assert desk.approve(desk.upload("OP_20261101.csv", lines(HEADING, *rows))).state is FINISHED


def test_documents_in_another_currency_are_none_of_the_list(desk: ImportDesk) -> None:
    desk.invoice("A", 100_00)
    desk.invoices("CH-1", "CH-2", amount_minor=50_000_00, currency="CHF")
    heading = f"{HEADING};Currency"
    desk.approve(desk.upload("OP_20261101.csv", lines(heading, "A;100,00;EUR")))
    file = lines(heading, "A;100,00;EUR", "CH-1;0,00;CHF", "CH-2;1,00;CHF")
    one = desk.upload("OP_20261120.csv", file)
    assert told(desk, one)[1:] == [("CH-1", "currency-not-of-list", 0), ("CH-2", "currency-not-of-list", 0)]
    assert desk.due("CH-1", "CH-2") == [50_000_00, 50_000_00]


def test_more_than_was_shown_is_not_booked_of_an_invoice_that_the_list_lacks(desk: ImportDesk) -> None:
    desk.invoices("A", "B", amount_minor=500_00)
    paid = desk.upload("paid.csv", payments_csv([["A", "400,00", "20261103"]]))
    one = desk.upload("OP_20261120.csv", lines(HEADING, "B;500,00"))
    assert (one.totals.by_absence, one.totals.absence_minor) == (1, 100_00)
    desk.delete(paid)
    done = desk.approve(one)
    assert told(desk, done) == [("B", "unchanged", 0), ("A", "absent-but-changed", 0)]
    assert (done.totals.by_absence, done.totals.absence_minor, done.totals.ignored) == (0, 0, 1)
    assert desk.due("A", "B") == [500_00, 500_00]


def test_more_than_was_shown_is_not_booked_of_a_listed_invoice(desk: ImportDesk) -> None:
    desk.invoices("A", amount_minor=500_00)
    paid = desk.upload("paid.csv", payments_csv([["A", "400,00", "20261103"]]))
    one = desk.upload("OP_20261122.csv", lines(HEADING, "A;40,00"), **{"as-of": "2026-11-21"})
    assert "booked-since-list" in desk.codes(one), "paid on the list's own day"
    desk.reject(one)
    desk.shop.world.clock.forward(days=2)
    again = desk.upload("OP_20261122.csv", lines(HEADING, "A;40,00"))
    assert told(desk, again) == [("A", "set-to-open-amount", 60_00)]
    desk.delete(paid)
    done = desk.approve(again)
    assert told(desk, done) == [("A", "changed-since-preview", 0)]
    assert (desk.due("A"), done.open_reviews) == ([500_00], 1)


def test_a_returned_debit_is_not_paid_again_by_an_older_list(desk: ImportDesk) -> None:
    desk.invoice("A", 100_00)
    desk.upload("paid.csv", payments_csv([["A", "60,00", "20261103"]]))
    desk.shop.world.clock.forward(days=1)
    first_list(desk, "A;40,00")
    desk.upload("returned.csv", payments_csv([["A", "-60,00", "20261121"]]))
    one = desk.upload("OP_20261120.csv", lines(HEADING, "A;40,00", ""))
    assert (one.state, stops(one)) == (WAITS, ["unknown-or-wrong-rows"])
    assert told(desk, one) == [("A", "booked-since-list", 0)]
    assert desk.due("A") == [100_00]


@pytest.mark.parametrize(
    ("booked_at", "day"),
    [
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "20261121"),
        (datetime(2026, 11, 21, 23, 20, tzinfo=UTC), "20261122"),  # 22 November in Berlin
    ],
)
def test_what_was_booked_on_the_day_of_the_list_may_be_unknown_to_it(
    desk: ImportDesk, booked_at: datetime, day: str
) -> None:
    desk.profile(limits=WIDE_OPEN)
    desk.invoices("A", "B")
    desk.upload("paid.csv", payments_csv([["A", "100,00", "20261103"]]))
    first_list(desk, "B;100,00")
    desk.shop.world.clock.now = booked_at
    desk.upload("returned.csv", payments_csv([["A", "-100,00", day]]))
    desk.shop.world.clock.forward(hours=12)
    one = desk.upload("OP_20261121.csv", lines(HEADING, "B;100,00", ""))
    assert (one.state, stops(one)) == (WAITS, ["touched-after-list"])
    assert desk.due("A") == [100_00]


def test_what_was_handed_over_on_the_day_of_the_list_may_be_unknown_to_it(desk: ImportDesk) -> None:
    desk.profile(limits=WIDE_OPEN)
    desk.invoice("A", 100_00)
    first_list(desk, "A;100,00")
    desk.invoice("TODAY", 100_00, issued_on="2026-11-20", handed_over_on="2026-11-21")
    today = desk.upload("OP_20261121.csv", lines(HEADING, "A;100,00", ""))
    assert (today.state, today.totals.by_absence, desk.due("TODAY")) == (FINISHED, 0, [100_00])


def test_a_list_that_shows_an_invoice_of_a_later_day_is_refused(desk: ImportDesk) -> None:
    desk.profile(limits=WIDE_OPEN)
    desk.invoice("LATE", 100_00, issued_on="2026-11-20", handed_over_on="2026-11-20")
    one = desk.upload("OP_20261110.csv", lines(HEADING, "LATE;40,00"))
    assert (one.state, desk.codes(one)) == (ImportState.REFUSED, ["invoice-after-list"])
    assert desk.due("LATE") == [100_00]


def test_nothing_is_set_to_paid_by_a_day_before_the_invoice(desk: ImportDesk) -> None:
    desk.invoice("A", 100_00, issued_on="2026-10-01")
    one = desk.upload("closed.csv", lines("InvoiceNumber", "A"), **{"settle-by": "2020-01-01"})
    assert (one.state, desk.codes(one)) == (ImportState.REFUSED, ["day-before-invoice"])


def test_a_profile_for_all_branches_takes_no_list_of_open_items(desk: ImportDesk) -> None:
    desk.profile(branches=(), limits=WIDE_OPEN)
    desk.invoice("A", 100_00)
    one = desk.upload("OP_20261101.csv", lines(HEADING, "A;100,00"))
    assert (one.state, stops(one)) == (ImportState.QUARANTINED, ["branches-of-list-missing"])
    assert one.stops[0].facts["branches"] == "01, 02"
    closed = desk.upload("closed.csv", lines("InvoiceNumber", "A"))
    assert closed.state is FINISHED, "nothing is settled by absence there"


def test_good_rows_close_no_invoice_of_which_another_row_is_wrong(desk: ImportDesk) -> None:
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    desk.invoice("A", 119_00)
    foreign = desk.upload(
        "c.csv", lines("InvoiceNumber;ClearedOn;Currency;Addison", "A;20261102;EUR;1", "A;;CHF;2")
    )
    assert (foreign.state, desk.codes(foreign)) == (FINISHED, ["other-row-is-wrong", "currency-differs"])
    heading = "Konto;Rechnungsnummer;Datum;Sollbetrag;Habenbetrag;AusgleichsKZ"
    rows = ("10000;A;02.11.2026;0,00;19,00;A", "10000;A;02.11.2026;119,00;0,00;0")
    unread = desk.upload("d.csv", lines(heading, *rows))
    assert (unread.state, stops(unread)) == (WAITS, ["unreadable-rows-in-marked-list"])
    assert desk.due("A") == [119_00]


def test_part_payments_that_pay_all_of_it_take_no_discount(desk: ImportDesk) -> None:
    desk.invoices("A", "B", "C")
    file = payments_csv([
        ["A", "60,00", "20261103", "JA"], ["B", "58,00", "20261103", "JA"], ["C", "50,00", "20261103", "JA"],
        ["A", "40,00", "20261104", "JA"], ["B", "40,00", "20261104", "JA"], ["C", "-10,00", "20261104"],
    ])  # fmt: skip
    one = desk.upload("parts.csv", file)
    found = [(row.invoice_number, row.code, row.discount_minor) for row in desk.outcomes(one)]
    assert found == [
        ("A", "paid-in-part", 0), ("B", "paid-in-part", 0), ("C", "settled-with-discount", 50_00),
        ("A", "settled", 0), ("B", "settled-with-discount", 2_00), ("C", "payment-returned", 0),
    ]  # fmt: skip
    assert desk.due("A", "B", "C") == [0, 0, 10_00]


def test_a_row_with_a_reference_that_waits_twice_is_booked_once(desk: ImportDesk) -> None:
    desk.invoices("A", "B")
    heading = "PBS;Rechnungsnummer;Zahlbetrag"
    one = desk.upload("a.csv", lines(heading, "4711;A;-50,00"))
    two = desk.upload("b.csv", lines(heading, "4711;A;-50,00", "4712;B;1,00"))
    for place, waiting in enumerate((one, two)):
        [review] = desk.reviews(waiting)
        if place:
            with pytest.raises(Conflict, match="row-booked-meanwhile"):
                decide(waiting, review.id)
        else:
            decide(waiting, review.id)
    assert desk.due("A") == [150_00]


def decide(one: Import, review_id: str) -> None:
    wiring.imports().decide_review(
        FINANCE, one.id, review_id, Verdict.BOOK, lambda _: [Allocation("A", -50_00)]
    )


def test_who_uploads_to_the_bucket_is_who_s3_says_it_is(desk: ImportDesk) -> None:
    one = desk.upload("p.csv", payments_csv([["A", "1,00"]]), **{"uploaded-by": "the chief"})
    assert one.uploaded_by == "s3:AWS:fina"
