"""Lists of open items from S3 to settled invoices: what they lack is settled, and only with a person's yes.

(RI-2, RI-33)
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.faults.test_damaged_open_items import (
    AS_OF,
    BOOKS,
    DAMAGES,
    HEADS,
    KINDS,
    LAST,
    OPEN,
    judged,
    whole,
)
from tests.functions.imports import FINANCE, ImportDesk, document_of, open_desk
from tests.functions.proofs import books_hold, document_rows, import_holds
from tillbridge import wiring
from tillbridge.access.model import ALL_BRANCHES, Caller, Role
from tillbridge.kernel.errors import Conflict, Forbidden
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import Document, DocumentKind
from tillbridge.reconciliation.import_model import Approval, Import, ImportState, Limits, RowPolicy

OF_BOOKS = [
    document_of(
        one.number,
        abs(one.due_minor),
        kind=one.kind,
        client=one.client,
        issued_on=one.issued_on,
        handed_over_on=one.handed_over_on,
    )
    for one in BOOKS.values()
]
"""The documents on which damaged lists are tried, with all of their amount still due."""
WIDE_OPEN = Limits(10**6, 10**12, 10_000, 0)
CASHIER = Caller("carla", frozenset({Role.CASHIER}), ALL_BRANCHES)
CREDIT_NOTE, INCOMING = DocumentKind.CREDIT_NOTE, DocumentKind.INCOMING_INVOICE


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        yield opened


def listed(*rows: tuple[str, str], heading: str = "Rechnungsnummer;Offener Betrag") -> bytes:
    return ("\r\n".join([heading, *map(";".join, rows)]) + "\r\n").encode("cp1252")


def stopped_by(one: Import) -> list[str]:
    return [stop.code for stop in one.stops]


def out_of_scope() -> list[Document]:
    """Open documents that no list of these branches may settle by absence, each for a reason of its own."""
    return [
        document_of("NOT-HANDED-OVER", 100_00, handed_over_on=""),
        document_of("HANDED-OVER-LATER", 100_00, handed_over_on="2026-11-21"),
        document_of("YOUNGER", 100_00, issued_on="2026-11-21", handed_over_on="2026-11-21"),
        document_of("OTHER-BRANCH", 100_00, branch="02"),
        document_of("OTHER-CLIENT", 100_00, client="M2"),
        document_of("OTHER-CURRENCY", 100_00, currency="CHF"),
        document_of("SUPPLIER", 100_00, kind=INCOMING),
    ]


def test_what_a_list_lacks_is_settled_once_a_named_person_agrees(desk: ImportDesk) -> None:
    desk.profile(branches=("01",))
    desk.invoices("SAME", "LOWER", "NOTHING-LEFT", "ROSE", "TWO-LINES", "ABSENT")
    desk.invoice("CREDIT-ABSENT", 25_00, kind=CREDIT_NOTE)
    desk.invoice("CREDIT-LISTED", 30_00, kind=CREDIT_NOTE)
    desk.issue(out_of_scope())
    before = books_hold(desk)
    file = listed(
        ("SAME", "100,00"), ("LOWER", "60,00"), ("NOTHING-LEFT", "0,00"), ("ROSE", "150,00"),
        ("TWO-LINES", "80,00"), ("two-lines", "-30,00"), ("CREDIT-LISTED", "-30,00"),
    )  # fmt: skip
    one = desk.upload("OP_20261120.csv", file)

    assert (one.state, one.as_of, one.listed, one.in_scope) == (
        ImportState.AWAITING_APPROVAL, "2026-11-20", 7, 8,
    )  # fmt: skip
    assert stopped_by(one) == [
        "too-many-by-absence", "share-by-absence", "first-list", "unknown-or-wrong-rows",
    ]  # fmt: skip
    preview = one.totals
    assert (preview.rows, preview.booked, preview.ignored, preview.review) == (7, 3, 3, 1)
    assert (preview.by_absence, preview.absence_minor) == (2, 125_00)
    assert (preview.applied_minor, preview.refused) == (40_00 + 100_00 + 50_00, 0)
    assert desk.codes(one) == [
        "unchanged", "set-to-open-amount", "settled", "open-amount-rose", "set-to-open-amount", "unchanged",
        "unchanged", "settled-by-absence", "settled-by-absence",
    ]  # fmt: skip
    assert [row[4] for row in desk.report(one)].count("would be booked") == 5
    assert books_hold(desk) == before, "a preview books nothing"
    assert desk.reviews(one) == []
    with pytest.raises(Forbidden):
        wiring.imports().approve(CASHIER, one.id, "why not")

    one = desk.approve(one, "checked with the accountant")
    assert (one.state, one.open_reviews) == (ImportState.FINISHED, 1)
    assert [event.by for event in one.history if event.what == "approved"] == ["fina"]
    assert one.totals == preview
    import_holds(desk, one)
    after = books_hold(desk)
    changed = {number: due for number, due in after.items() if due != before[number]}
    assert changed == {"LOWER": 60_00, "NOTHING-LEFT": 0, "TWO-LINES": 50_00, "ABSENT": 0, "CREDIT-ABSENT": 0}
    absent = desk.document("ABSENT")
    assert (absent.balance.paid_minor, absent.balance.settled_on) == (100_00, "2026-11-20")
    [entry] = desk.entries("ABSENT")
    assert (entry.business_day, entry.exportable, str(entry.source)) == ("2026-11-20", False, one.source_id)
    assert {posting.account for posting in entry.postings} == {
        Account.PAID_AT_ACCOUNTANT, Account.RECEIVABLES,
    }  # fmt: skip
    assert len(desk.entries("TWO-LINES")) == 1
    assert [row[0] for row in desk.report(one)] == [*map(str, range(2, 9)), "", ""]
    assert desk.approve(one).revision == one.revision, "agreeing again changes nothing"


def test_a_later_list_books_by_itself_within_the_limits_and_waits_beyond_them(desk: ImportDesk) -> None:
    numbers = [f"RE-{place:02}" for place in range(20)]
    desk.invoices(*numbers)
    desk.profile(limits=Limits(2, 300_00, 1_000, 5_000))
    rows = [(number, "100,00") for number in numbers]

    def upload(day: str, *shown: tuple[str, str]) -> Import:
        return desk.upload(f"open-{day}.csv", listed(*shown))

    first = upload("20261110", *rows)
    assert (first.state, stopped_by(first)) == (ImportState.AWAITING_APPROVAL, ["first-list"])
    assert desk.approve(first).totals.ignored == 20

    exactly = upload("20261111", *rows[2:])
    assert (exactly.state, exactly.totals.by_absence) == (ImportState.FINISHED, 2)
    assert desk.due("RE-00", "RE-01", "RE-02") == [0, 0, 100_00]

    for day, shown, guards in (
        ("20261112", rows[5:], ["too-many-by-absence", "share-by-absence"]),
        ("20261112", [(number, "70,00") for number, _ in rows[2:13]] + rows[13:], ["too-much-set-lower"]),
        ("20261111", rows[:1:-1], ["older-than-last"]),
        ("20261109", rows[:1:-1], ["older-than-last"]),
        ("20261112", [*rows[2:], ("RE-02", "1,00")], ["unknown-or-wrong-rows"]),
        ("20261112", rows[12:], ["too-many-by-absence", "too-much-by-absence", "share-by-absence",
                                 "suspiciously-small"]),
    ):  # fmt: skip
        waiting = upload(day, *shown)
        assert (waiting.state, stopped_by(waiting)) == (ImportState.AWAITING_APPROVAL, guards), day
        assert desk.reject(waiting).state is ImportState.DISCARDED
        with pytest.raises(Conflict):
            wiring.imports().approve(FINANCE, waiting.id, "too late")
    desk.delete(exactly)
    corrected = upload("20261111", *rows[1:])
    assert (corrected.state, corrected.totals.by_absence) == (ImportState.FINISHED, 1)
    assert desk.delete(corrected).touched_since == 0
    same = upload("20261111", *rows[2:])
    assert (same.state, same.totals.by_absence) == (ImportState.FINISHED, 2), "it may come again"
    nothing = upload("20261112")
    assert (nothing.state, stopped_by(nothing)) == (ImportState.QUARANTINED, ["file-without-rows"])
    assert sum(desk.due(*numbers)) == 18 * 100_00
    for policy, state in (
        (RowPolicy.ALL_OR_NOTHING, ImportState.REFUSED),
        (RowPolicy.GOOD_ROWS, ImportState.AWAITING_APPROVAL),
    ):
        desk.profile(limits=WIDE_OPEN, policy=policy)
        unknown = upload("20261113", *rows[3:], ("RE-99", "5,00"))
        assert unknown.state is state
    desk.reject(unknown)
    desk.profile(limits=WIDE_OPEN, approval=Approval.ALWAYS)
    always = upload("20261113", *rows[:1:-1])
    assert stopped_by(always) == ["approval-always"]
    assert sum(books_hold(desk).values()) == 18 * 100_00


def test_the_day_of_a_list_comes_from_its_name_or_its_uploader_and_nothing_goes_without_it(
    desk: ImportDesk,
) -> None:
    desk.invoices("RE-1", "RE-2")
    file = listed(("RE-1", "100,00"))
    for name, notes, code in (
        ("open.csv", {}, "as-of-missing"),
        ("open-20261130.csv", {}, "as-of-missing"),
        ("open-20261101-20261102.csv", {}, "as-of-missing"),
        ("open.csv", {"as-of": "2026-11-22"}, "day-of-upload-in-future"),
        ("open-20261101.csv", {"as-of": "yesterday"}, "day-unreadable"),
    ):
        one = desk.upload(name, file, **notes)
        assert (one.state, stopped_by(one)) == (ImportState.QUARANTINED, [code]), (name, notes)
        assert wiring.workspace().files.read(one.raw_key) == file
        assert (one.due_at, one.attempt) == (None, "")
    told = desk.upload("open-20261101.csv", file, **{"as-of": "2026-11-05"})
    assert (told.as_of, told.state) == ("2026-11-05", ImportState.AWAITING_APPROVAL)
    assert desk.due("RE-1", "RE-2") == [100_00, 100_00]
    desk.reject(told)
    paid = desk.upload("open.csv", file, **{"settle-by": "2026-11-03"})
    assert (paid.state, paid.in_scope, desk.codes(paid)) == (ImportState.FINISHED, 0, ["settled"])
    assert desk.due("RE-1", "RE-2") == [0, 100_00], "set to paid by date settles what is listed, no more"
    assert desk.document("RE-1").balance.settled_on == "2026-11-03"
    books_hold(desk)


def test_what_changed_between_preview_and_approval_is_decided_as_it_then_stands(desk: ImportDesk) -> None:
    desk.invoices("PAID-MEANWHILE", "PAID-IN-PART", "STILL", "LISTED")
    one = desk.upload("open-20261120.csv", listed(("LISTED", "50,00")))
    assert one.totals.by_absence == 3
    for receipt, amount, invoice in (("B-1", "100.00", "PAID-MEANWHILE"), ("B-2", "30.00", "PAID-IN-PART"),
                                     ("B-3", "60.00", "LISTED")):  # fmt: skip
        desk.shop.record(receipt, amount, kind="invoice", invoice_number=invoice).done()
    one = desk.approve(one)
    assert (one.totals.by_absence, one.totals.absence_minor) == (1, 100_00)
    assert desk.codes(one) == ["open-amount-rose", "absent-but-changed", "settled-by-absence"]
    assert [told.invoice_number for told in desk.outcomes(one)[1:]] == ["PAID-IN-PART", "STILL"]
    import_holds(desk, one)
    assert books_hold(desk) == {"PAID-MEANWHILE": 0, "PAID-IN-PART": 70_00, "STILL": 0, "LISTED": 40_00}


def damaged(count: int) -> Iterator[tuple[str, bytes, str]]:
    """So many damaged lists, each with the day that it is said to be of."""
    chance = random.Random("damaged lists through everything")
    for place in range(count):
        file = whole(chance.choice(KINDS), OPEN)
        chosen = [DAMAGES[place % len(DAMAGES)], *(chance.choice(DAMAGES) for _ in range(place % 3))]
        for damage in chosen:
            file = damage(file, chance) if file.startswith(HEADS) else file
        yield " ".join(damage.__name__ for damage in chosen), file, chance.choice((AS_OF, AS_OF, LAST))


def test_damaged_lists_do_through_everything_what_the_rules_alone_say(desk: ImportDesk) -> None:
    """The rules are proved on ten thousand such lists; here some go through S3, the queue and the tables."""
    desk.issue(OF_BOOKS)
    states = set()
    first = desk.upload("open.csv", whole(KINDS[0], OPEN), **{"as-of": LAST})
    assert stopped_by(desk.approve(first)) == ["first-list"]
    desk.profile(branches=("01",), policy=RowPolicy.GOOD_ROWS)
    before = document_rows(desk)
    for damage, file, as_of in damaged(12):
        expected = judged(file, as_of=as_of, limits=Limits(), policy=RowPolicy.GOOD_ROWS)
        one = desk.upload("open.csv", file, **{"as-of": as_of})
        states.add(one.state)
        if expected.found is None:
            assert one.state is ImportState.QUARANTINED, damage
        else:
            booked = expected.found.state is ImportState.BOOKING
            assert one.state is (ImportState.FINISHED if booked else expected.found.state), damage
            assert (one.totals, one.stops) == (expected.totals, expected.found.stops), damage
        if one.state is ImportState.AWAITING_APPROVAL:
            desk.reject(one)
        elif one.state is ImportState.FINISHED:
            assert one.totals.by_absence == 0, damage
            assert "settled-by-absence" not in desk.codes(one), damage
            import_holds(desk, one)
            assert desk.delete(one).touched_since == 0
            assert document_rows(desk) == before, damage
    assert document_rows(desk) == before
    books_hold(desk)
    assert states == {ImportState.QUARANTINED, ImportState.AWAITING_APPROVAL, ImportState.FINISHED}
