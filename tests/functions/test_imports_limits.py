"""What a hostile or unlucky file can't do: stop an import for ever, reach other branches, hide an error."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from io import BytesIO

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.response import StreamingBody

import functions.settle_rows.app as settle_rows
from tests.functions.imports import FINANCE, ImportDesk, open_desk, payments_csv
from tests.functions.shops import Context
from tillbridge import wiring
from tillbridge.aws.files import Body
from tillbridge.kernel.errors import Conflict, Unavailable
from tillbridge.ledger.model import Customer, Terms
from tillbridge.reconciliation import import_model, intake
from tillbridge.reconciliation.import_model import ImportState, Limits, RowPolicy, Step
from tillbridge.reconciliation.model import Kind, StatementEntry, Variant
from tillbridge.reconciliation.row_outcomes import Allocation, Verdict
from tillbridge.reconciliation.statement_work import MOST_TOLD_CHARS, StatementWork
from tillbridge.reconciliation.workspace import ChunkContent, MarkedEntry


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        yield opened


def lines(*words: str) -> bytes:
    return ("\r\n".join(words) + "\r\n").encode("cp1252")


def test_a_worker_that_fails_fails_aloud(desk: ImportDesk) -> None:
    """Else neither log nor alarm would tell of it: a reported failure is no error of the function."""
    desk.invoice("RE-1", 100)
    one = desk.take_in(desk.put("file.csv", payments_csv([["RE-1", "1,00", "20261105"]])))
    body = {"import": one.id, "attempt": one.attempt, "chunk": 0, "step": "no such step"}
    record = {"messageId": "1", "body": json.dumps(body), "eventSource": "aws:sqs"}
    with pytest.raises(BatchProcessingError, match="no such step"):
        settle_rows.handler({"Records": [record]}, Context())


def test_a_row_that_would_leave_the_range_of_amounts_is_refused_in_words(desk: ImportDesk) -> None:
    """Else nobody could read the invoice any more."""
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    desk.invoice("RE-1", 120_00)
    large = "9999999999999,00"
    rows = [["RE-1", large, "20261105"], ["RE-1", large, "20261106"], ["RE-1", "1,00", "20261107"]]
    one = desk.upload("file.csv", payments_csv(rows))
    assert desk.codes(one) == ["overpaid", "document-sum-too-large", "document-sum-too-large"]
    assert desk.document("RE-1").balance.paid_minor == 9_999_999_999_999_00
    for language, number in (("en", "document RE-1 would"), ("de", "Beleg RE-1 gezahlt")):
        sentence = desk.report(one, language)[1][6]
        assert number in sentence
        assert "9999999999999.99" in sentence


def test_an_upload_changes_no_customer_of_a_branch_that_its_profile_is_not_for(desk: ImportDesk) -> None:
    desk.profile("second", branches=("02",))
    theirs = Customer("K-1", "01", "Abele", terms=Terms(14))
    wiring.import_store().commit([wiring.ledger().customer_part(theirs, None)])
    one = desk.upload("customers.csv", lines("CustomerNumber;Name", "K-1;Somebody", "K-2;Weiss"), "second")
    assert (one.state, one.totals.refused) == (ImportState.REFUSED, 1)
    assert "customer-number-taken" in desk.codes(one)
    assert wiring.ledger().customers(["K-1"]) == {"k-1": theirs}


def test_an_uploaded_invoice_is_for_no_customer_of_a_branch_that_its_profile_is_not_for(
    desk: ImportDesk,
) -> None:
    desk.profile("second", branches=("02",))
    wiring.import_store().commit([wiring.ledger().customer_part(Customer("K-1", "01", "Abele"), None)])
    invoice = lines(
        "Kind;InvoiceNumber;Branch;CustomerNumber;InvoiceDate;Currency;ArticleName;VatPercent;VatCode;Amount",
        "Invoice;RE-9;02;K-1;20261101;EUR;Brille;19;STANDARD;10,00",
    )
    one = desk.upload("invoices.csv", invoice, "second")
    assert (one.state, desk.codes(one)) == (ImportState.REFUSED, ["customer-not-found"]), one.stops


def test_an_upload_records_no_invoice_of_a_day_that_is_far_ahead(desk: ImportDesk) -> None:
    heading = "Kind;InvoiceNumber;Branch;InvoiceDate;HandedOverOn;Currency;ArticleName;VatPercent;Amount"
    rows = ["Invoice;RE-1;01;20261122;;EUR;Brille;19;10,00", "Invoice;RE-2;01;20261123;;EUR;Brille;19;10,00"]
    rows += ["Invoice;RE-3;01;20261120;20271120;EUR;Brille;19;10,00"]
    one = desk.upload("invoices.csv", lines(heading, *rows))
    assert (one.import_day, one.state) == ("2026-11-21", ImportState.REFUSED)
    assert [(told.line, told.code, told.column) for told in desk.outcomes(one)] == [
        (2, "recorded", ""), (3, "issued-ahead", "InvoiceDate"), (4, "issued-ahead", "HandedOverOn"),
    ]  # fmt: skip


def test_a_short_list_that_lacks_very_many_invoices_is_spread_over_more_chunks(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assessment of a chunk is made at one go: a single chunk for all of them would never end."""
    monkeypatch.setattr(import_model, "ROWS_PER_CHUNK", 3)
    numbers = [f"RE-{place:03}" for place in range(20)]
    desk.invoices(*numbers)
    one = desk.upload("list.csv", lines("Rechnungsnummer;Offener Betrag", "RE-000;100,00", "RE-001;40,00"),
                      **{"as-of": "2026-10-20"})  # fmt: skip
    assert (one.variant, one.chunks, one.in_scope) == (Variant.OPEN_ITEMS, 7, 20), one.stops
    assert (one.state, one.totals.by_absence) == (ImportState.AWAITING_APPROVAL, 18)
    after = desk.approve(one)
    assert after.state is ImportState.FINISHED
    assert desk.due(*numbers) == [100_00, 40_00, *[0] * 18]


def test_a_list_with_one_number_in_all_its_rows_is_refused_row_by_row_and_ends(desk: ImportDesk) -> None:
    """What is told of the rows of one document goes into one row of the table, which holds 400 KB."""
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    desk.invoices("SALE", "RE-1")
    one = desk.upload("closed.csv", lines("InvoiceNumber", *["SALE"] * 2_500, "RE-1"))
    assert (one.state, one.totals.refused, one.totals.booked) == (ImportState.FINISHED, 2_500, 1)
    assert desk.due("SALE", "RE-1") == [100_00, 0]
    most = max(len(told) for _, _, told in wiring.import_store().slices_from(one.id, 0, 0))
    assert most <= 1_001


def test_a_very_long_text_of_a_payer_is_told_in_part(desk: ImportDesk) -> None:
    """Else the texts of one transaction would not fit into the row that tells of them."""
    one = desk.take_in(desk.put("file.csv", payments_csv([["RE-1", "1,00", "20261105"]])))
    entry = StatementEntry(
        1, "DE02120300000000202051", "EUR", "2026-11-02", "2026-11-02", 500, payer_name="x" * 70_000,
        text="Miete " * 10_000,
    )  # fmt: skip
    wiring.workspace().keep_open_by_amount(one.id, one.attempt, {})
    work = StatementWork(
        one, wiring.import_store(), wiring.ledger(), wiring.workspace(), (), desk.shop.world.clock.now
    )
    [planned] = work.plans(work.groups(ChunkContent([], [MarkedEntry("0" * 32, entry)], [])))
    told = dict(planned.outcomes[0].facts)
    assert len(told["text"]) == MOST_TOLD_CHARS
    assert sum(map(len, told.values())) < MOST_TOLD_CHARS + 500


def test_a_fee_of_another_currency_is_never_taken_by_itself(desk: ImportDesk) -> None:
    """The chain's maximum of 5.00 EUR says nothing about dinars, of which 500 are half a one."""
    desk.invoices("KWD-1", amount_minor=100_000, currency="KWD")
    desk.invoices("EUR-1")
    for currency in ("KWD", "EUR"):
        desk.profile("levels", currency=currency, kind=Kind.NAVISION_DUNNING)
        desk.upload("levels.csv", lines("Belegnr.;Mahnstufe", f"{currency}-1;1"), "levels")
    one = desk.upload(
        "payments.csv",
        lines(
            "Rechnungsnummer;Zahlbetrag;Zahldatum;Währung", "KWD-1;100,400;20261105;KWD",
            "EUR-1;104,00;20261105;EUR",
        ),
    )  # fmt: skip
    assert desk.codes(one) == ["overpaid", "settled-with-fee"], one.stops
    assert (one.totals.applied_minor, one.totals.fee_minor) == (100_00, 4_00)


def test_chunks_of_a_reading_that_another_one_has_replaced_hold_nothing_up(desk: ImportDesk) -> None:
    desk.invoice("RE-1", 100)
    event = desk.put("file.csv", payments_csv([["RE-1", "1,00", "20261105"]]))
    one = desk.take_in(event)
    wiring.import_store().new_chunks(one.id, range(3))
    desk.step(one, 0, Step.ASSESS)
    desk.settle()
    after = desk.find(one.id)
    assert (after.state, desk.due("RE-1")) == (ImportState.FINISHED, [0])
    assert len(desk.report(after)) == 1


def test_a_row_that_waits_in_two_imports_is_booked_once(desk: ImportDesk) -> None:
    """The second file is the whole list so far: its rows wait again, since nobody has decided yet."""
    desk.invoices("RE-1", "RE-2")
    returned = ["RE-1", "-50,00", "20261105"]
    first = desk.upload("november.csv", payments_csv([returned]))
    second = desk.upload("both.csv", payments_csv([returned, ["RE-2", "100,00", "20261106"]]))
    assert desk.codes(second) == ["returned-more-than-paid", "settled"]
    [one], [again] = desk.reviews(first), desk.reviews(second)
    amounts = [Allocation("RE-1", -50_00)]
    wiring.imports().decide_review(FINANCE, first.id, one.id, Verdict.BOOK, lambda _: amounts)
    with pytest.raises(Conflict, match="row-booked-meanwhile"):
        wiring.imports().decide_review(FINANCE, second.id, again.id, Verdict.BOOK, lambda _: amounts)
    assert desk.due("RE-1") == [150_00]
    wiring.imports().decide_review(FINANCE, second.id, again.id, Verdict.DISMISS, lambda _: [])
    desk.delete(first)
    assert desk.due("RE-1", "RE-2") == [100_00, 0]


def test_an_invoice_booked_on_after_the_day_of_a_list_is_not_settled_unasked(desk: ImportDesk) -> None:
    """It was paid when the list was made, hence not on it; then the direct debit came back."""
    desk.invoices("RE-1", "RE-2", "RE-3")
    heading = "Rechnungsnummer;Offener Betrag"
    desk.profile(limits=Limits(5, 1_000_00, 10_000, 0))
    first = lines(heading, *[f"RE-{one};100,00" for one in (1, 2, 3)])
    desk.approve(desk.upload("open.csv", first, **{"as-of": "2026-10-10"}))
    desk.upload("payments.csv", payments_csv([["RE-2", "100,00", "20261020"]]))
    desk.upload("returned.csv", payments_csv([["RE-2", "-100,00", "20261105"]]))
    assert desk.due("RE-2") == [100_00]
    one = desk.upload("list.csv", lines(heading, "RE-1;100,00"), **{"as-of": "2026-10-31"})
    assert (one.state, [stop.code for stop in one.stops]) == (
        ImportState.AWAITING_APPROVAL, ["touched-after-list"],
    )  # fmt: skip
    assert one.stops[0].facts["count"] == "1"
    assert desk.due("RE-1", "RE-2", "RE-3") == [100_00, 100_00, 100_00]
    desk.reject(one)
    later = desk.upload("list.csv", lines(heading, "RE-1;100,00", "RE-2;100,00"), **{"as-of": "2026-11-10"})
    assert (later.state, desk.due("RE-1", "RE-2", "RE-3")) == (ImportState.FINISHED, [100_00, 100_00, 0])


def test_a_list_that_waits_is_not_approved_once_a_later_one_was_booked(desk: ImportDesk) -> None:
    """What its gaps mean was looked at before; uploaded again, the guard tells that it is an old one."""
    desk.invoices("RE-1", "RE-2")
    heading = "Rechnungsnummer;Offener Betrag"
    old = lines(heading, "RE-1;100,00")
    first = desk.upload("old.csv", old, **{"as-of": "2026-10-10"})
    assert [stop.code for stop in first.stops if stop.code == "older-than-last"] == []
    later = desk.upload("later.csv", lines(heading, "RE-1;100,00", "RE-2;100,00"), **{"as-of": "2026-10-20"})
    assert desk.approve(later).state is ImportState.FINISHED
    with pytest.raises(Conflict, match="list-overtaken"):
        desk.approve(first)
    assert desk.due("RE-1", "RE-2") == [100_00, 100_00]
    desk.reject(first)
    again = desk.upload("old.csv", old, **{"as-of": "2026-10-10"})
    assert "older-than-last" in [stop.code for stop in again.stops]
    assert desk.approve(again).state is ImportState.FINISHED


def test_a_file_whose_content_ends_before_its_end_was_not_read() -> None:
    """The line broke: that is no end of the file, and reading it again may help."""
    body = Body(StreamingBody(BytesIO(b"RE-1;1,00"), content_length=100))
    assert body.read(50)
    with pytest.raises(Unavailable):
        body.read(50)


def test_an_import_that_nobody_can_go_on_with_is_asked_for_ever_more_rarely(desk: ImportDesk) -> None:
    """Until somebody mends what stops it: it floods no queue, and goes on by itself then."""
    desk.invoice("RE-1", 100_00)
    one = desk.take_in(desk.put("payments.csv", payments_csv([["RE-1", "100,00"]])))
    asked_after = []
    for minute in range(6, 24 * 60 + 1, 6):
        desk.messages()  # every message comes to nothing
        desk.shop.world.clock.forward(minutes=6)
        if wiring.overdue_imports().sweep():
            asked_after.append(minute)
    gaps = [after - before for before, after in itertools.pairwise([0, *asked_after])]
    assert gaps == [6, 12, 24, 48, 96, 192, 384, 384]
    assert desk.find(one.id).state is ImportState.ASSESSING
    desk.shop.world.clock.forward(hours=7)
    wiring.overdue_imports().sweep()
    desk.settle()
    done = desk.find(one.id)
    assert (done.state, done.due_at, desk.due("RE-1")) == (ImportState.FINISHED, None, [0])


def test_an_import_that_comes_on_is_asked_for_as_soon_as_ever(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BYTES_PER_CHUNK", 40)
    numbers = [f"RE-{place}" for place in range(12)]
    desk.invoices(*numbers)
    one = desk.take_in(desk.put("payments.csv", payments_csv([[number, "1,00"] for number in numbers])))
    assert one.chunks > 4
    patience = []
    for _ in range(3):
        desk.shop.world.clock.forward(minutes=1)
        first, *_ = desk.messages()
        desk.work(json.loads(first["Body"]))
        desk.shop.world.clock.forward(hours=7)
        wiring.overdue_imports().sweep()
        due_at = desk.find(one.id).due_at
        assert due_at is not None
        patience.append((due_at - desk.shop.world.clock.now).seconds // 60)
    assert patience == [12, 12, 12]
