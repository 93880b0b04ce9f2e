"""Bank statements from S3 to the books: certain entries are booked, the others wait for a person (RI-5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.functions.imports import FINANCE, ImportDesk, document_of, open_desk
from tests.functions.proofs import books_hold, document_rows, import_holds
from tests.functions.statements import OTHER_ACCOUNT, Moved, camt053, mt940
from tillbridge import wiring
from tillbridge.ledger import rules as ledger_rules
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import Customer, DiscountTier, DocumentKind, Terms
from tillbridge.reconciliation import intake
from tillbridge.reconciliation.import_model import Approval, Import, ImportState
from tillbridge.reconciliation.matching import MATCH_REASONS
from tillbridge.reconciliation.model import Kind, Variant
from tillbridge.reconciliation.row_outcomes import Allocation, Verdict

CREDIT_NOTE = DocumentKind.CREDIT_NOTE
TERMS = Terms(60, (DiscountTier(60, 200),))


def number(place: int, kind: str = "RE") -> str:
    return f"{kind}-01-{place:04}-26"


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.profile(number_patterns=("RE-##-####-##", "GU-##-####-##"))
        yield opened


def fill(desk: ImportDesk) -> None:
    """Invoices 1 to 12 over 100.00, a credit note, and an invoice of a customer whom the bank may name."""
    customer = Customer(number="K-1", branch="01", name="Muster, Anna")
    wiring.import_store().commit([wiring.ledger().customer_part(customer, None)])
    desk.issue(document_of(number(place), 100_00, terms=TERMS) for place in range(1, 13))
    desk.invoice(number(20), 77_77, customer="K-1")
    desk.invoice(number(1, "GU"), 30_00, kind=CREDIT_NOTE)
    desk.upload("dunned.csv", f"Belegnr.;Mahnstufe\r\n{number(3)};1\r\n".encode())
    desk.upload("closed.csv", f"InvoiceNumber\r\n{number(8)}\r\n".encode())


STATEMENT = (
    Moved(100_00, f"Rechnung {number(1)} Danke", reference="B1"),
    Moved(98_00, "Rg.Nr. 01 0002 26 abzgl. Skonto"),
    Moved(103_00, f"{number(3)} mit Mahngebühr"),
    Moved(200_00, f"{number(4)} und {number(5)}"),
    Moved(60_00, f"Anzahlung {number(6)}"),
    Moved(120_00, number(7)),
    Moved(77_77, "Vielen Dank", payer="Anna Muster"),
    Moved(500_00, "Miete November"),
    Moved(-30_00, f"Erstattung {number(1, 'GU')}"),
    Moved(-100_00, f"Rücklastschrift {number(8)}", reversal=True),
    Moved(12_34, "Storno Beitrag", reversal=True),
    Moved(100_00, "", end_to_end_id=number(9)),
    Moved(100_00, number(10)),
    Moved(100_00, number(10)),
    Moved(100_00, number(11), day="261223"),
    Moved(100_00, number(12), day="260930"),
    Moved(5_00, f"{number(1)} nachträglich"),
)
CODES = [
    "settled", "settled-with-discount-by-terms", "settled-with-fee", "settled", "settled",
    "match-not-certain", "match-not-certain", "match-not-certain", "no-invoice-found", "settled",
    "match-not-certain", "no-invoice-found", "settled", "settled", "match-not-certain", "match-not-booked",
    "match-not-booked", "match-not-certain",
]  # fmt: skip
"""The fourth movement pays two invoices; the second of two equal ones finds nothing due any more."""


@pytest.mark.parametrize("written", [mt940, camt053])
def test_certain_entries_are_booked_on_the_bank_and_all_others_wait(
    desk: ImportDesk, written: object
) -> None:
    fill(desk)
    before = books_hold(desk)
    file = written(*STATEMENT)  # type: ignore[operator]
    kind = Kind.MT940 if written is mt940 else Kind.CAMT
    one = desk.upload("statement", file)
    assert (one.state, one.kind, one.variant, one.notices) == (
        ImportState.FINISHED, kind, Variant.BANK_STATEMENT, (),
    )  # fmt: skip
    assert desk.codes(one) == CODES
    totals = one.totals
    assert (totals.rows, totals.booked, totals.review, one.open_reviews) == (17, 7, 10, 10)
    assert totals.applied_minor == 100_00 + 98_00 + 100_00 + 200_00 - 30_00 + 100_00 + 100_00
    assert (totals.discount_minor, totals.fee_minor) == (2_00, 3_00)
    after = books_hold(desk)
    settled = {name for name, due in after.items() if not due and before[name]}
    assert settled == {*map(number, (1, 2, 3, 4, 5, 9, 10)), number(1, "GU")}
    assert all(after[name] == before[name] for name in before.keys() - settled)

    [entry] = desk.entries(number(1))
    assert {posting.account: posting.amount_minor for posting in entry.postings} == {
        Account.BANK: 100_00, Account.RECEIVABLES: -100_00,
    }  # fmt: skip
    assert (entry.business_day, entry.exportable) == ("2026-11-20", False)
    assert desk.document(number(1)).balance.settled_on == "2026-11-20"
    [refund] = desk.entries(number(1, "GU"))
    assert {posting.account: posting.amount_minor for posting in refund.postings}[Account.BANK] == -30_00
    accounts = {posting.account for posting in desk.entries(number(3))[0].postings}
    assert Account.DUNNING_FEES in accounts
    assert len(desk.report(one)) == len(CODES)

    told = {dict(each.told.facts)["text"]: dict(each.told.facts) for each in desk.reviews(one)}
    payer = told["Vielen Dank"]
    assert (payer["candidates"], payer["payer"], payer["amount"]) == (number(20), "Anna Muster", "77.77")
    assert {"no-number-named", "name-of-customer", "amount-is-due"} <= set(payer["reasons"].split())
    assert told[number(7)]["allocations"] == f"10000 {number(7)}"
    assert "entry-is-reversal" in told[f"Rücklastschrift {number(8)}"]["reasons"] or (
        "money-went-out" in told[f"Rücklastschrift {number(8)}"]["reasons"]
    )


def test_the_preview_of_a_statement_tells_what_is_then_booked(desk: ImportDesk) -> None:
    fill(desk)
    desk.profile(number_patterns=("RE-##-####-##", "GU-##-####-##"), approval=Approval.ALWAYS)
    before = document_rows(desk)
    waiting = desk.upload("statement.sta", mt940(*STATEMENT))
    assert waiting.state is ImportState.AWAITING_APPROVAL
    assert desk.codes(waiting) == CODES
    assert (document_rows(desk), desk.reviews(waiting)) == (before, [])
    booked = desk.approve(waiting)
    assert (booked.totals, desk.codes(booked)) == (waiting.totals, CODES)


def seen(desk: ImportDesk, one: Import) -> list[bool]:
    """For each row, whether it was seen before."""
    return [told.code == "entry-seen-before" for told in desk.outcomes(one)]


def test_each_movement_counts_once_in_whatever_statements_it_comes(desk: ImportDesk) -> None:
    desk.issue(document_of(number(place), 100_00) for place in range(1, 9))
    one, two, three = (Moved(100_00, number(place)) for place in (1, 2, 3))
    miete = Moved(900_00, "Miete")
    first = desk.upload("monday.sta", mt940(one, two, miete))
    again = desk.upload("monday-again.sta", mt940(one, two, miete))
    assert [stop.code for stop in again.stops] == ["file-imported-before"]
    overlap = desk.upload("tuesday.sta", mt940(one, two, miete, three))
    assert (overlap.state, seen(desk, overlap)) == (ImportState.FINISHED, [True, True, True, False])
    assert {dict(told.facts)["import"] for told in desk.outcomes(overlap)[:3]} == {first.id}
    assert (overlap.totals.ignored, overlap.totals.booked, overlap.open_reviews) == (3, 1, 0)
    twins = desk.upload("wednesday.sta", mt940(three, three, miete, miete))
    assert seen(desk, twins) == [True, False, True, False], "the second of two equal ones is another"
    assert twins.open_reviews == 2, "nothing is due for a second payment of the same invoice"
    import_holds(desk, twins)
    other = desk.upload("other-account.sta", mt940(Moved(100_00, number(4)), one, account=OTHER_ACCOUNT))
    assert seen(desk, other) == [False, False], "the same of another account is another movement"
    assert books_hold(desk) == dict.fromkeys(map(number, range(1, 5)), 0) | dict.fromkeys(
        map(number, range(5, 9)), 100_00
    )

    gone = desk.delete(first)
    assert (gone.reversed_count, gone.touched_since, desk.due(number(1), number(2), number(3))) == (
        2, 0, [100_00, 100_00, 0],
    )  # fmt: skip
    back = desk.upload("monday.sta", mt940(one, two, miete))
    assert (back.state, seen(desk, back)) == (ImportState.FINISHED, [False] * 3)
    assert desk.due(number(1), number(2)) == [0, 0]
    later = desk.upload("thursday.sta", mt940(one, two, miete, three, Moved(1_00, "Zins")))
    assert seen(desk, later) == [True] * 4 + [False]
    books_hold(desk)


def test_batches_accounts_and_currencies_are_told_apart(desk: ImportDesk) -> None:
    desk.issue(document_of(number(place), 100_00) for place in range(1, 5))
    desk.invoice(number(5), 80_00, currency="CHF")
    batch = Moved(250_00, "", details=((100_00, number(1)), (100_00, number(2)), (50_00, number(3))))
    one = desk.upload("batch.xml", camt053(batch))
    assert desk.codes(one) == ["settled", "settled", "match-not-certain"]
    assert desk.due(number(1), number(2), number(3)) == [0, 0, 100_00]
    several = mt940(Moved(100_00, number(3))) + mt940(
        Moved(80_00, number(5)), Moved(100_00, number(4)), account=OTHER_ACCOUNT, currency="CHF"
    )
    two = desk.upload("several.sta", several)
    assert desk.codes(two) == ["settled", "settled", "no-invoice-found"], "francs pay no euros"
    assert (two.totals.booked, two.totals.applied_minor) == (2, 100_00), "sums are of one currency"
    assert [told.currency_in("EUR") for told in desk.outcomes(two)] == ["EUR", "CHF", "CHF"]
    assert books_hold(desk) == {number(1): 0, number(2): 0, number(3): 0, number(4): 100_00, number(5): 0}
    odd = camt053(Moved(1_00, "x"), number=9).replace(b">50001.00<", b">60000.00<")
    assert [notice.code for notice in desk.upload("odd.xml", odd).notices] == ["balances-do-not-add-up"]
    wrong = desk.upload("cut.sta", mt940(Moved(100_00, number(4)), closes=False))
    assert (wrong.state, wrong.stops[0].code) == (ImportState.QUARANTINED, "statement-cut-off")
    by_date = desk.upload("by-date.sta", mt940(Moved(100_00, number(4))), **{"settle-by": "2026-11-03"})
    assert (by_date.state, by_date.stops[0].code) == (ImportState.QUARANTINED, "settle-by-of-statement")
    assert desk.due(number(4)) == [100_00]


def test_entries_are_booked_in_their_order_however_many_chunks_there_are(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an entry pays depends on those before it; all of this statement stands on one line."""
    monkeypatch.setattr(intake, "ENTRIES_PER_CHUNK", 3)
    desk.issue(document_of(number(place), 100_00) for place in range(1, 9))
    places = [1, 2, 3, 1, 4, 2, 5, 6, 1, 7, 8, 8]
    file = camt053(
        *(Moved(100_00, f"{number(each)} x{place}") for place, each in enumerate(places)), line_end=""
    )
    one = desk.upload("statement.xml", file)
    assert one.chunks == 4
    codes = [told.code for chunk in range(4) for told in wiring.import_store().outcomes(one.id, chunk)]
    firsts = [each not in places[:place] for place, each in enumerate(places)]
    assert codes == ["settled" if first else "match-not-certain" for first in firsts]
    assert len({review.id for review in desk.reviews(one)}) == 4
    assert set(books_hold(desk).values()) == {0}
    assert len(desk.report(one)) == 12
    gone = desk.delete(one)
    assert (gone.state, gone.reversed_count, gone.touched_since) == (ImportState.DELETED, 8, 0)
    assert {row["touched_by"] for row in document_rows(desk).values()} == {""}
    assert set(books_hold(desk).values()) == {100_00}


RATE = Moved(100_00, number(1), payer="Meier")
"""One of several equal instalments; the bank gives it no reference."""


@pytest.mark.parametrize("written", [mt940, camt053])
def test_an_equal_movement_of_another_statement_waits_for_a_person(
    desk: ImportDesk, written: Callable[..., bytes]
) -> None:
    """RI-34: the statement proves that it may be another one, and nothing tells whether it is."""
    desk.invoice(number(1), 200_00)
    one = desk.upload("one", written(RATE, number=1))
    two = desk.upload("two", written(RATE, number=2, before_minor=100_00))
    assert desk.codes(one) == ["match-not-certain"]
    assert desk.codes(two) == ["maybe-seen-before"]
    assert (two.totals.review, two.open_reviews) == (1, 1)
    told = dict(desk.outcomes(two)[0].facts)
    assert told["import"] == one.id
    assert told["other"] != told["own"]
    assert (told["candidates"], told["allocations"]) == (number(1), f"10000 {number(1)}")
    for language in ("en", "de"):
        [row] = desk.report(two, language)
        assert all(part in row[6] for part in (one.id, told["other"], told["own"]))
    again = desk.upload("again", written(RATE, Moved(7_00, "x"), number=2, before_minor=100_00))
    assert seen(desk, again) == [True, False], "a further download of the second one has it again"
    whole = written(RATE, number=1) + written(RATE, number=2, before_minor=100_00)
    if written is mt940:
        assert seen(desk, desk.upload("whole", whole)) == [True, True], "and so has a file with both"


def test_equal_movements_far_apart_in_one_file_are_looked_for_too(desk: ImportDesk) -> None:
    """Workers read ahead by the hundred; an entry whose mark is known by then needs its documents too."""
    desk.invoice(number(1), 400_00)
    desk.upload("one.sta", mt940(RATE, number=1))
    between = [Moved(place, f"x {place}") for place in range(1, 131)]
    file = mt940(RATE, *between, RATE, RATE, number=2, before_minor=100_00)
    two = desk.upload("two.sta", file)
    codes = desk.codes(two)
    assert (codes[0], codes[131:]) == ("maybe-seen-before", ["maybe-seen-before"] * 2)
    assert len({review.told.entry_mark for review in desk.reviews(two)}) == len(desk.reviews(two)) > 100
    whole = mt940(RATE, *between, RATE, RATE, Moved(5_00, "y"), number=2, before_minor=100_00)
    assert seen(desk, desk.upload("whole.sta", whole)) == [True] * 133 + [False]


def test_equal_movements_with_a_reference_or_of_no_known_statement_are_the_same(desk: ImportDesk) -> None:
    desk.invoices(*map(number, (1, 2)), amount_minor=200_00)
    for rate in (RATE._replace(reference="B-1"), RATE._replace(end_to_end_id="E-1")):
        desk.upload("one.sta", mt940(rate, number=1))
        assert seen(desk, desk.upload("two.sta", mt940(rate, number=2, before_minor=100_00))) == [True]
    notice = Moved(100_00, number(2))
    files = [camt053(notice, number=each, before_minor=each).decode() for each in (1, 2)]
    names = {"053.": "054.", "BkToCstmrStmt": "BkToCstmrDbtCdtNtfctn", "Stmt>": "Ntfctn>"}
    for former, later in names.items():
        files = [each.replace(former, later) for each in files]
    files = [re.sub("<Bal>.*?</Bal>", "", each) for each in files]
    one, two = (desk.upload(f"{place}.xml", each.encode()) for place, each in enumerate(files))
    assert (seen(desk, one), seen(desk, two)) == ([False], [True]), "notifications tell no balances"


def test_a_file_of_both_statements_tells_equal_movements_apart(desk: ImportDesk) -> None:
    """The file accounts for the one that was noted, so the other one is new."""
    desk.invoice(number(1), 200_00)
    two = mt940(RATE, number=2, before_minor=100_00)
    desk.upload("one.sta", mt940(RATE, number=1))
    both = desk.upload("both.sta", mt940(RATE, number=1) + two)
    assert desk.codes(both) == ["entry-seen-before", "match-not-certain"]
    assert seen(desk, desk.upload("two.sta", two + mt940(Moved(7_00, "x"), number=3))) == [True, False]
    twice = desk.upload("twice.sta", mt940(RATE, RATE, number=2, before_minor=100_00))
    assert desk.codes(twice) == ["entry-seen-before", "maybe-seen-before"]


def book_by_hand(desk: ImportDesk, one: Import) -> None:
    """Book the first row that waits on invoice 1."""
    review, *_ = desk.reviews(one)
    allocations = [Allocation(number(1), 100_00)]
    wiring.imports().decide_review(FINANCE, one.id, review.id, Verdict.BOOK, lambda _: allocations)


@pytest.mark.parametrize("first", [0, 1])
def test_imports_of_equal_movements_are_deleted_each_by_itself(desk: ImportDesk, first: int) -> None:
    desk.invoice(number(1), 200_00)
    files = [mt940(RATE, number=1), mt940(RATE, number=2, before_minor=100_00)]
    imports = [desk.upload(f"{place}.sta", file) for place, file in enumerate(files)]
    for one in imports:
        book_by_hand(desk, one)
    assert desk.due(number(1)) == [0]
    gone = desk.delete(desk.find(imports[first].id))
    assert (gone.state, gone.reversed_count, desk.due(number(1))) == (ImportState.DELETED, 1, [100_00])

    stays = 1 - first
    further = [
        desk.upload(f"{place}-again.sta", file + mt940(Moved(1 + place, "x"), number=3))
        for place, file in enumerate(files)
    ]
    assert seen(desk, further[stays]) == [True, False], "the note of the other import stands"
    assert desk.codes(further[first])[0] == "maybe-seen-before", "its own is given back"
    book_by_hand(desk, further[first])
    assert desk.due(number(1)) == [0]
    for one in (further[first], imports[stays]):
        desk.delete(desk.find(one.id))
    assert desk.due(number(1)) == [200_00]
    books_hold(desk)
    fresh = desk.upload("fresh.sta", files[1] + mt940(Moved(8_00, "x"), number=3))
    assert seen(desk, fresh) == [False, False], "nobody holds any of them any more"
    assert desk.codes(fresh)[0] == "match-not-certain"


DAYS = [
    # booking day, value day, code, reason
    ("261120", "261123", "settled", "amount-is-due"),
    ("261121", "261128", "settled", "amount-is-due"),
    ("261121", "261129", "match-not-booked", "value-day-ahead"),
    ("261122", "261122", "match-not-booked", "value-day-ahead"),
    ("261122", "261121", "match-not-booked", "value-day-ahead"),
    ("261001", "261001", "settled", "amount-is-due"),
    ("261002", "260930", "match-not-booked", "value-day-before-invoice"),
]
"""Imported on 21 November; the invoice is of 1 October."""


@pytest.mark.parametrize(("booked", "value", "code", "reason"), DAYS)
@pytest.mark.parametrize("written", [mt940, camt053])
def test_a_value_day_a_little_ahead_counts_and_another_one_is_told(
    desk: ImportDesk, written: Callable[..., bytes], booked: str, value: str, code: str, reason: str
) -> None:
    desk.invoice(number(1), 100_00)
    one = desk.upload("s", written(Moved(100_00, number(1), day=value, booked=booked)))
    [told] = desk.outcomes(one)
    assert (told.code, dict(told.facts)["reasons"].split()[-1]) == (code, reason)
    assert told.value_on == f"20{value[:2]}-{value[2:4]}-{value[4:]}"
    for language in ("en", "de"):
        [row] = desk.report(one, language)
        assert getattr(MATCH_REASONS[reason], language) in row[6]
        assert "not certain" not in row[6]
        assert "sicher ist es nicht" not in row[6]
    if code == "match-not-booked":
        assert told.invoice_number == number(1), "it names what it would pay"
        return
    [entry] = desk.entries(number(1))
    assert (entry.business_day, desk.due(number(1))) == (told.value_on, [0])
    assert desk.delete(one).reversed_count == 1
    assert desk.due(number(1)) == [100_00]


def test_a_document_that_takes_no_more_bookings_is_told(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_rules, "MAX_BOOKINGS", 1)
    desk.invoice(number(1), 100_00)
    one = desk.upload("s.sta", mt940(Moved(100_00, number(1))))
    [told] = desk.outcomes(one)
    assert (told.code, dict(told.facts)["reasons"].split()[-1]) == ("match-not-booked", "document-full")
