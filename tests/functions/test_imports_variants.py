"""Every variant and every kind of file from S3 to the books: closed items, payments, dunning levels.

(RI-1, RI-3, RI-4, RI-6, RI-7, RI-10 to RI-20)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functions.imports import ImportDesk, document_of, open_desk, payments_csv
from tests.functions.proofs import books_hold, import_holds
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import DiscountTier, DocumentKind, Terms
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats.reading import ReadSettings
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy
from tillbridge.reconciliation.mappings import Mapping
from tillbridge.reconciliation.model import Kind, Row, Variant

CREDIT_NOTE, INCOMING = DocumentKind.CREDIT_NOTE, DocumentKind.INCOMING_INVOICE
SAMPLES = Path(__file__).parents[1] / "formats" / "imports"


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        yield opened


def lines(*words: str) -> bytes:
    return ("\r\n".join(words) + "\r\n").encode("cp1252")


def numbers_alone(*numbers: str) -> bytes:
    return lines("InvoiceNumber", *numbers)


def told(desk: ImportDesk, one: Import) -> list[tuple[str, str, int]]:
    """Number, reason and what is due afterwards, of each row."""
    return [(row.invoice_number, row.code, row.due_after_minor) for row in desk.outcomes(one)]


def test_closed_items_settle_their_whole_due_and_a_datev_line_only_by_its_mark(desk: ImportDesk) -> None:
    desk.invoices("FULL", "PART-PAID", "OVERPAID", "DAY", "CLEARED", "PARTLY", "STILL-OPEN")
    desk.invoice("CREDIT", 30_00, kind=CREDIT_NOTE)
    desk.invoice("SUPPLIER", 40_00, kind=INCOMING)
    desk.upload("before.csv", payments_csv([["PART-PAID", "30,00", "20261103"], ["OVERPAID", "101,00"]]))
    one = desk.upload(
        "closed.csv", numbers_alone("FULL", "PART-PAID", "OVERPAID", "full", "CREDIT", "SUPPLIER")
    )
    assert (one.state, one.kind, one.variant) == (
        ImportState.FINISHED, Kind.AMPAREX, Variant.CLOSED_ITEMS,
    )  # fmt: skip
    assert told(desk, one) == [
        ("FULL", "settled", 0), ("PART-PAID", "settled", 0), ("OVERPAID", "nothing-due", -1_00),
        ("full", "nothing-due", 0), ("CREDIT", "settled", 0), ("SUPPLIER", "settled", 0),
    ]  # fmt: skip
    assert [row.applied_minor for row in desk.outcomes(one)] == [100_00, 70_00, 0, 0, -30_00, -40_00]
    assert desk.document("FULL").balance.settled_on == one.import_day == "2026-11-21"
    import_holds(desk, one)
    with_day = desk.upload("days.csv", lines("Rechnungsnummer;Zahldatum;Referenz", "DAY;20261104;4711"))
    assert [row.value_on for row in desk.outcomes(with_day)] == ["2026-11-04"]
    marks = desk.upload(
        "datev.csv",
        lines(
            "Konto;Rechnungsnummer;Datum;Sollbetrag;Habenbetrag;AusgleichsKZ",
            "10000;CLEARED;01.10.2026;100,00;0,00;A",
            "10000;CLEARED;09.11.2026;0,00;100,00;M",
            "10000;PARTLY;01.10.2026;100,00;0,00;K",
            "10000;PARTLY;02.10.2026;0,00;60,00;",
            "10000;STILL-OPEN;02.10.2026;100,00;0,00;O",
        ),
    )
    assert (marks.kind, marks.variant) == (Kind.DATEV, Variant.CLOSED_ITEMS)
    assert told(desk, marks) == [
        ("CLEARED", "settled", 0), ("CLEARED", "nothing-due", 0), ("PARTLY", "partly-cleared", 100_00),
        ("PARTLY", "partly-cleared", 100_00), ("STILL-OPEN", "still-open-there", 100_00),
    ]  # fmt: skip
    [entry] = desk.entries("CLEARED")
    assert entry.postings[0].account is Account.PAID_AT_ACCOUNTANT
    assert {number: due for number, due in books_hold(desk).items() if due} == {
        "OVERPAID": -1_00, "PARTLY": 100_00, "STILL-OPEN": 100_00,
    }  # fmt: skip
    gone = desk.delete(one)
    assert (gone.state, gone.reversed_count, gone.touched_since) == (ImportState.DELETED, 4, 0)
    assert books_hold(desk)["PART-PAID"] == 70_00, "and no reversal is ever exported (RI-7)"


FOUR_FIELDS: list[tuple[list[str], str, tuple[int, int, int, int]]] = [
    # the row; the reason; what is paid, discounted, taken as fee, due afterwards
    (["P01", "100,00", "20261105"], "settled", (100_00, 0, 0, 0)),
    (["P02", "40,00", "20261105"], "paid-in-part", (40_00, 0, 0, 60_00)),
    (["P03", "98,00", "20261105"], "settled-with-discount-by-terms", (98_00, 2_00, 0, 0)),
    (["P04", "97,00", "20261030"], "settled-with-discount-by-terms", (97_00, 3_00, 0, 0)),
    (["P05", "97,00", "20261105"], "paid-in-part", (97_00, 0, 0, 3_00)),
    (["P06", "98,00", "20261105", "NEIN"], "paid-in-part", (98_00, 0, 0, 2_00)),
    (["P07", "60,00", "20261105", "JA"], "settled-with-discount", (60_00, 40_00, 0, 0)),
    (["P08", "", "20261105"], "settled", (100_00, 0, 0, 0)),
    (["P09", "", "20261105", "", "5,00"], "settled-with-fee", (100_00, 0, 5_00, 0)),
    (["P10", "110,00", "20261105", "", "JA"], "settled-with-fee", (100_00, 0, 10_00, 0)),
    (["P11", "110,00", "20261105", "", "N"], "overpaid", (110_00, 0, 0, -10_00)),
    (["P12", "110,00", "20261105"], "overpaid", (110_00, 0, 0, -10_00)),
    (["D13", "110,00", "20261105"], "settled-with-fee-and-overpaid", (105_00, 0, 5_00, -5_00)),
    (["D14", "104,00", "20261105"], "settled-with-fee", (100_00, 0, 4_00, 0)),
    (["D15", "110,00", "20261105", "", "", "N"], "settled-with-fee-rest-ignored", (100_00, 0, 5_00, 0)),
    (["P16", "110,00", "20261105", "", "", "NEIN"], "capped", (100_00, 0, 0, 0)),
    (["C17", "10,00", "20261105", "", "", "", "N"], "closed-not-reopened", (100_00, 0, 0, 0)),
    (["C18", "10,00", "20261105"], "overpaid", (110_00, 0, 0, -10_00)),
    (["C19", "10,00", "20261105", "", "", "N", "J"], "closed-not-overpaid", (100_00, 0, 0, 0)),
    (["C20", "-40,00", "20261105"], "payment-returned", (60_00, 0, 0, 40_00)),
    (["P21", "-10,00", "20261105"], "returned-more-than-paid", (0, 0, 0, 100_00)),
    (["P22", "0,00", "20261105", "JA"], "amount-is-zero", (0, 0, 0, 100_00)),
    (["P23", "10,00", "20261105", "", "20,00"], "fee-exceeds-payment", (0, 0, 0, 100_00)),
    (["P24", "10,00", "20261105", "", "10,00"], "fee-only", (0, 0, 10_00, 100_00)),
    (["GU1", "-100,00", "20261105"], "settled", (-100_00, 0, 0, 0)),
    (["GU2", "-10,00", "20261105", "", "5,00"], "fee-on-credit-note", (0, 0, 0, -100_00)),
    (["ER1", "-40,00", "20261105", "J"], "settled-with-discount", (-40_00, -60_00, 0, 0)),
]


def test_the_four_fields_of_payments_do_what_the_page_says(desk: ImportDesk) -> None:
    terms = Terms(60, (DiscountTier(30, 300), DiscountTier(45, 200)))
    numbers = [row[0] for row, _, _ in FOUR_FIELDS]
    kinds = {"GU1": CREDIT_NOTE, "GU2": CREDIT_NOTE, "ER1": INCOMING}
    desk.issue(
        document_of(one, 100_00, kind=kinds.get(one, DocumentKind.INVOICE), terms=terms) for one in numbers
    )
    desk.upload("closed.csv", numbers_alone(*(one for one in numbers if one.startswith("C"))))
    desk.upload("dunned.csv", lines("Belegnr.;Mahnstufe", *(f"{one};1" for one in numbers if one[0] == "D")))
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    one = desk.upload("payments.csv", payments_csv([row for row, _, _ in FOUR_FIELDS]))
    assert one.state is ImportState.FINISHED
    for (row, code, amounts), outcome in zip(FOUR_FIELDS, desk.outcomes(one), strict=True):
        balance = desk.document(row[0]).balance
        found = (balance.paid_minor, balance.discounted_minor, balance.fees_minor)
        assert (outcome.code, (*found, desk.document(row[0]).due_minor)) == (code, amounts), row
        paid = outcome.amount_minor
        if paid is not None and outcome.outcome.value in ("booked", "ignored"):
            assert paid == outcome.applied_minor + outcome.fee_minor + outcome.ignored_minor, row
    assert (one.totals.review, one.totals.refused, one.open_reviews) == (3, 1, 3)
    import_holds(desk, one)
    books_hold(desk)
    discount = desk.entries("P07")[-1]
    assert Account.CASH_DISCOUNT_GRANTED in {posting.account for posting in discount.postings}
    assert Account.DUNNING_FEES in {posting.account for posting in desk.entries("P10")[-1].postings}
    again = desk.upload("two-rows.csv", payments_csv([["P02", "40,00"], ["P02", "40,00"], ["P05", "3,00"]]))
    assert told(desk, again) == [
        ("P02", "paid-in-part", 20_00), ("P02", "overpaid", -20_00), ("P05", "settled", 0),
    ]  # fmt: skip


def test_dunning_levels_are_set_up_and_down_and_never_on_a_credit_note(desk: ImportDesk) -> None:
    desk.invoices("UP", "TWICE", "SAME", "CLOSED")
    desk.invoice("CREDIT", 10_00, kind=CREDIT_NOTE)
    desk.upload("closed.csv", numbers_alone("CLOSED"))
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    rows = ("UP;3", "TWICE;1", "SAME;0", "CLOSED;2", "CREDIT;1", "TWICE;2", "UNKNOWN;1", "UP;10", "UP;")
    one = desk.upload("mahnungen.csv", lines("Document No.;Reminder Level", *rows))
    assert (one.kind, one.variant, one.problem_lines) == (
        Kind.NAVISION_DUNNING, Variant.DUNNING_LEVELS, 2,
    )  # fmt: skip
    assert desk.codes(one) == [
        "dunning-level-set", "overtaken-in-file", "unchanged", "dunning-level-set", "dunning-on-credit-note",
        "dunning-level-set", "invoice-unknown",
    ]  # fmt: skip
    import_holds(desk, one)

    def levels() -> list[int]:
        return [desk.document(each).balance.dunning_level for each in ("UP", "TWICE", "SAME", "CLOSED")]

    assert levels() == [3, 2, 0, 2]
    down = desk.upload("down.csv", lines("Document No.;Reminder Level", "UP;1", "TWICE;0"))
    assert levels() == [1, 0, 0, 2]
    by_date = desk.upload("by-date.csv", lines("Belegnr.;Mahnstufe", "SAME;4"), **{"settle-by": "2026-11-03"})
    assert (levels()[2], desk.due("SAME")) == (4, [100_00]), "set to paid by date is not for dunning levels"
    for each in (by_date, down, one):
        assert desk.delete(each).touched_since == 0
    assert levels() == [0, 0, 0, 0]
    assert desk.document("UP").touched_by == ""
    books_hold(desk)


def test_set_to_paid_by_date_settles_what_a_file_of_any_variant_names(desk: ImportDesk) -> None:
    desk.invoices("OPEN", "PAYMENT", "TWICE", "CLOSED", "DATEV", "NOT-LISTED")
    files = (
        ("open.csv", lines("Rechnungsnummer;Offener Betrag", "OPEN;100,00"), ["settled"]),
        ("pay.csv", payments_csv([["PAYMENT", "1,00", "20261105", "N"], ["TWICE", "2,00"], ["TWICE", "9"]]),
         ["settled", "settled", "nothing-due"]),
        ("closed.csv", numbers_alone("CLOSED"), ["settled"]),
        ("datev.csv", lines("Rechnungsnummer;Sollbetrag;Habenbetrag;AusgleichsKZ", "DATEV;100,00;0,00;"),
         ["settled"]),
    )  # fmt: skip
    for name, file, codes in files:
        one = desk.upload(name, file, **{"settle-by": "2026-11-10"})
        assert (one.state, desk.codes(one)) == (ImportState.FINISHED, codes), name
    assert books_hold(desk) == {
        "OPEN": 0, "PAYMENT": 0, "TWICE": 0, "CLOSED": 0, "DATEV": 0, "NOT-LISTED": 100_00,
    }  # fmt: skip
    for number in ("OPEN", "PAYMENT", "TWICE", "CLOSED", "DATEV"):
        [entry] = desk.entries(number)
        assert (entry.business_day, desk.document(number).balance.settled_on) == ("2026-11-10",) * 2
    wrong = desk.upload("late.csv", numbers_alone("NOT-LISTED"), **{"settle-by": "2026-11-22"})
    assert [stop.code for stop in wrong.stops] == ["day-of-upload-in-future"]


def mapping_of(sample: Path) -> Mapping | None:
    beside = sample.with_suffix(".mapping.json")
    if not beside.exists():
        return None
    told: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
    lists = {name: tuple(each) for name, each in told.items() if isinstance(each, list)}
    return Mapping(**{**told, **lists, "variant": Variant(told["variant"])})


OF_KINDS = [
    "amparex/payments-english-headings-other-order-and-currencies.csv", "amparex/open-items-20261120.csv",
    "amparex/payments-utf-16-with-mark.csv", "amparex/payments-with-problems-everywhere.csv",
    "pbs/payments.csv", "datev/closed-items-with-marks.csv", "datev/open-items-standard-2026-11-20.csv",
    "datev-pro/with-headings.csv", "datev-kr-export/EXP20261120.TXT", "addison-connect/closed-items.csv",
    "diamant/closed-items.csv", "navision/english-captions-of-the-whole-page_20261120.csv",
    "navision-mahnungen/german-captions.csv", "own-mapping/closed-items-without-headings.txt",
    "own-mapping/dunning-levels.csv", "own-mapping/open-items-with-marks_2026-11-20.csv",
    "own-mapping/payments-with-dots.csv", "invoices/english-headings.csv", "customers/english-headings.csv",
    "orders/english-headings.csv",
]  # fmt: skip


def test_every_kind_goes_its_whole_way(desk: ImportDesk) -> None:
    seen: set[str] = set()
    for name in OF_KINDS:
        sample = SAMPLES / name
        mapping, file = mapping_of(sample), sample.read_bytes()
        kind = Kind(sample.parent.name)
        named = kind if mapping else None
        desk.profile(policy=RowPolicy.GOOD_ROWS, kind=named, mapping=mapping)
        settings = ReadSettings(sample.name, "EUR", "2026-11-21", mapping=mapping)
        reader = registry.claim(registry.head_of(sample.name, file[: 1 << 16]), settings, named=named)
        with sample.open("rb") as stream:
            rows = [each for each in registry.read_file(stream, settings, reader) if isinstance(each, Row)]
        fresh = {row.invoice_number for row in rows} - seen
        desk.invoices(*sorted(fresh), amount_minor=500_00)
        seen |= fresh
        one = desk.upload(sample.name, file)
        assert (one.kind, one.totals.rows > 0) == (kind, True), (name, one.stops)
        if one.state is ImportState.AWAITING_APPROVAL:
            marked = [stop.code for stop in one.stops] == ["unreadable-rows-in-marked-list"]
            assert one.variant is Variant.OPEN_ITEMS or marked, name
            one = desk.approve(one)
        assert (one.state, one.due_at) == (ImportState.FINISHED, None), (name, one.stops)
        import_holds(desk, one)
    books_hold(desk)
    assert {Path(name).parent.name for name in OF_KINDS} == set(Kind) - registry.BANK_KINDS
