"""Imports that are taken back: what nothing else has touched is as it was, the rest is named (RI-36)."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.functions.imports import ImportDesk, open_desk, payments_csv
from tests.functions.proofs import books_hold, document_rows, import_holds, journal
from tests.functions.statements import Moved, mt940
from tests.functions.test_imports_open_items import listed
from tillbridge import wiring
from tillbridge.kernel.errors import Conflict, Refused
from tillbridge.ledger.model import DocumentKind
from tillbridge.reconciliation.import_model import Approval, Import, ImportState, RowPolicy, Step

CREDIT_NOTE = DocumentKind.CREDIT_NOTE


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        yield opened


def lines(*words: str) -> bytes:
    return ("\r\n".join(words) + "\r\n").encode("cp1252")


def numbers_alone(*numbers: str) -> bytes:
    return lines("InvoiceNumber", *numbers)


def levels_of(*rows: tuple[str, int]) -> bytes:
    return lines("Belegnr.;Mahnstufe", *(f"{number};{level}" for number, level in rows))


def touched(one: Import) -> list[str]:
    """The documents that the report of a deletion names."""
    return sorted(wiring.import_store().touched(one.id))


def test_what_nothing_else_touched_is_exactly_as_it_was_whatever_the_import_did(desk: ImportDesk) -> None:
    """Every variant on documents with a history: part-paid, dunned, overpaid, closed, credit notes."""
    desk.invoices("NEW", "PART", "DUNNED", "OVER", "CLOSED", "REOPENED", "ABSENT", "RE-01-0001-26")
    desk.invoice("CREDIT", 30_00, kind=CREDIT_NOTE)
    desk.upload("history.csv", payments_csv([["PART", "30,00"], ["OVER", "120,00"], ["REOPENED", "100,00"]]))
    desk.upload("closed.csv", numbers_alone("CLOSED"))
    desk.upload("dunned.csv", levels_of(("DUNNED", 2)))
    desk.shop.record("B-1", "10.00", kind="invoice", invoice_number="NEW").done()
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    before, entries = document_rows(desk), len(journal(desk))
    everything = [
        ("payments.csv", payments_csv([
            ["NEW", "50,00", "20261105", "J"], ["PART", "90,00"], ["PART", "5,00"], ["DUNNED", "108,00"],
            ["OVER", "-20,00"], ["CLOSED", "7,00"], ["REOPENED", "-60,00"], ["CREDIT", "-40,00"],
            ["ABSENT", "3,00", "20261105", "", "3,00"],
        ]), {}),
        ("levels.csv", levels_of(("NEW", 1), ("DUNNED", 0), ("CLOSED", 3)), {}),
        ("all.csv", numbers_alone("NEW", "PART", "DUNNED", "OVER", "CLOSED", "CREDIT", "ABSENT"), {}),
        ("by-date.csv", numbers_alone("NEW", "CREDIT"), {"settle-by": "2026-11-10"}),
        ("open-20261120.csv", listed(("NEW", "1,00"), ("PART", "70,00"), ("DUNNED", "0,00")), {}),
        ("bank.sta", mt940(Moved(100_00, "RE-01-0001-26"), Moved(90_00, "NEW1 90")), {}),
    ]  # fmt: skip
    for name, file, notes in everything:
        one = desk.upload(name, file, **notes)
        if one.state is ImportState.AWAITING_APPROVAL:
            one = desk.approve(one)
        assert one.totals.booked > 0, name
        import_holds(desk, one)
        assert document_rows(desk) != before, name
        gone = desk.delete(one)
        assert (gone.state, gone.touched_since, touched(gone)) == (ImportState.DELETED, 0, []), name
        assert gone.reversed_count == one.totals.booked + one.totals.by_absence, name
        assert document_rows(desk) == before, name
        books_hold(desk)
        assert "booked" not in {row[4] for row in desk.report(gone)}, name
        assert len(journal(desk)) > entries, "nothing is erased"
        assert desk.delete(gone).revision == gone.revision


def test_what_others_touched_loses_the_imports_amounts_and_is_named(desk: ImportDesk) -> None:
    desk.invoices("PAID-AT-TILL", "PAID-AND-CANCELLED", "BY-IMPORT", "LEVEL", "UNTOUCHED")
    rows = [[number, "40,00", "20261105"] for number in ("PAID-AT-TILL", "PAID-AND-CANCELLED", "BY-IMPORT")]
    one = desk.upload("one.csv", payments_csv([*rows, ["UNTOUCHED", "100,00"]]))
    levels = desk.upload("levels.csv", levels_of(("LEVEL", 2)))
    desk.shop.record("B-1", "60.00", kind="invoice", invoice_number="PAID-AT-TILL").done()
    desk.shop.record("B-2", "10.00", kind="invoice", invoice_number="PAID-AND-CANCELLED").done()
    desk.shop.cancel("B-2", "S-2").done()
    desk.shop.record("B-3", "1.00", kind="invoice", invoice_number="LEVEL").done()
    two = desk.upload("two.csv", payments_csv([["BY-IMPORT", "25,00", "20261106"]]))
    assert desk.document("PAID-AT-TILL").balance.settled_on == "2026-11-21"

    gone = desk.delete(one)
    others = ["BY-IMPORT", "PAID-AND-CANCELLED", "PAID-AT-TILL"]
    assert (gone.reversed_count, gone.touched_since, touched(gone)) == (4, 3, others)
    assert books_hold(desk) == {
        "PAID-AT-TILL": 40_00, "PAID-AND-CANCELLED": 100_00, "BY-IMPORT": 75_00, "LEVEL": 99_00,
        "UNTOUCHED": 100_00,
    }  # fmt: skip
    named = {row[1] for row in desk.report(gone) if "Something else" in row[6]}
    assert named == set(others), [row[6] for row in desk.report(gone)]
    of_levels = desk.delete(levels)
    assert (of_levels.touched_since, touched(of_levels)) == (1, ["LEVEL"])
    assert desk.document("LEVEL").balance.dunning_level == 0
    assert desk.delete(two).touched_since == 1
    assert books_hold(desk)["BY-IMPORT"] == 100_00


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_two_imports_on_the_same_invoices_can_be_taken_back_in_any_order(
    desk: ImportDesk, order: str
) -> None:
    desk.invoices("PAY", "CLOSE", "FEE", "BOTH", "LEVEL", "LEVEL-AND-PAY")
    before = document_rows(desk)
    pay = [["PAY", "30,00"], ["CLOSE", "60,00"], ["FEE", "5,00", "20261105", "", "5,00"], ["BOTH", "100,00"]]
    imports = {
        "A": [
            desk.upload("a.csv", payments_csv([*pay, ["LEVEL-AND-PAY", "10,00"]])),
            desk.upload("a-levels.csv", levels_of(("LEVEL", 1))),
        ],
        "B": [
            desk.upload("b.csv", payments_csv([["PAY", "20,00"], ["CLOSE", "70,00"], ["BOTH", "-50,00"]])),
            desk.upload("b-levels.csv", levels_of(("LEVEL-AND-PAY", 2))),
        ],
    }
    due = {number: left for number, left in books_hold(desk).items() if left != 100_00}
    assert due == {"PAY": 50_00, "CLOSE": -30_00, "BOTH": 50_00, "LEVEL-AND-PAY": 90_00}
    for letter in order:
        for one in reversed(imports[letter]):
            desk.delete(one)
        books_hold(desk)
    after = document_rows(desk)
    exact = order == "BA"
    for pk, row in before.items():
        if exact:
            assert after[pk] == row
        else:
            assert {**after[pk], "touched_by": row["touched_by"]} == row, "all but who touched it last"


def test_an_import_is_only_taken_back_once_it_has_ended_and_documents_in_bulk_never(desk: ImportDesk) -> None:
    desk.invoices("RE-1")
    desk.profile(approval=Approval.ALWAYS)
    waiting = desk.upload("pay.csv", payments_csv([["RE-1", "1,00"]]))
    refused = desk.upload("unknown.csv", payments_csv([["NOBODY", "1,00"]]))
    quarantined = desk.upload("empty.csv", b"")
    for one in (waiting, refused, quarantined, desk.reject(waiting)):
        with pytest.raises(Conflict) as conflict:
            desk.delete(one)
        assert conflict.value.code == "import-in-other-state"
    desk.profile()
    bulk = lines(
        "Art;Rechnungsnummer;Filiale;Rechnungsdatum;Währung;Artikel;UStProzent;Betrag",
        "Rechnung;RE-2;01;20261102;EUR;Sehtest;19;59,50",
    )
    with pytest.raises(Refused) as refusal:
        desk.delete(desk.upload("invoices.csv", bulk))
    assert refusal.value.code == "upload-not-deletable"
    assert books_hold(desk) == {"RE-1": 100_00, "RE-2": 59_50}


@dataclass
class Model:
    """What a chain's invoices must stand at: sums of acts that stand, kept by nobody but the test."""

    numbers: list[str]
    payments: dict[str, dict[str, int]] = field(default_factory=dict)

    def due(self) -> dict[str, int]:
        """What is due of each."""
        paid = dict.fromkeys(self.numbers, 0)
        for act in self.payments.values():
            for number, minor in act.items():
                paid[number] += minor
        return {number: 500_00 - minor for number, minor in paid.items()}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_imported_paid_and_taken_back_the_sums_are_right(desk: ImportDesk, seed: int) -> None:
    """Random acts in a random order, beside a model of sums; at the end all is taken back."""
    chance, keys = random.Random(seed), itertools.count(1)
    model = Model([f"RE-{place}" for place in range(6)])
    desk.invoices(*model.numbers, amount_minor=500_00)
    before = document_rows(desk)
    imports: dict[str, Import] = {}
    receipts: list[str] = []
    for step in range(14):
        act, key = chance.choice(("import", "import", "pay", "cancel", "delete", "delete")), f"{next(keys)}"
        if act == "import":
            rows = {number: chance.randrange(1, 80_00) for number in chance.sample(model.numbers, 3)}
            shown = [[number, f"{minor // 100},{minor % 100:02}", "", "N"] for number, minor in rows.items()]
            imports[key] = desk.upload(f"{key}.csv", payments_csv([[*row] for row in shown]))
            assert imports[key].totals.booked == 3
            model.payments[f"import {key}"] = rows
        elif act == "pay":
            number, minor = chance.choice(model.numbers), chance.randrange(1, 80_00)
            amount = f"{minor // 100}.{minor % 100:02}"
            desk.shop.record(f"B-{key}", amount, kind="invoice", invoice_number=number).done()
            receipts.append(key)
            model.payments[f"receipt {key}"] = {number: minor}
        elif act == "cancel" and receipts:
            cancelled = receipts.pop(chance.randrange(len(receipts)))
            desk.shop.cancel(f"B-{cancelled}", f"S-{cancelled}").done()
            del model.payments[f"receipt {cancelled}"]
        elif act == "delete" and imports:
            taken = chance.choice(sorted(imports))
            desk.delete(imports.pop(taken))
            del model.payments[f"import {taken}"]
        assert books_hold(desk) == model.due(), (step, act)
    for receipt in receipts:
        desk.shop.cancel(f"B-{receipt}", f"S-{receipt}").done()
    for taken in sorted(imports, key=lambda _: chance.random()):
        desk.delete(imports[taken])
    assert set(books_hold(desk).values()) == {500_00}
    after = document_rows(desk)
    assert {pk: {**row, "touched_by": ""} for pk, row in after.items()} == before


def notices_of(one: Import) -> list[tuple[str, str]]:
    return [(notice.code, notice.value) for notice in one.notices]


def test_what_a_later_import_passed_over_is_named_and_comes_back_with_its_file(desk: ImportDesk) -> None:
    """Taking back the first import does not book what the second passed over because of it."""
    desk.invoices("RE-1", "RE-2", "RE-3")
    first = desk.upload("first.csv", payments_csv([["RE-1", "60,00", "20261105"], ["RE-2", "100,00"]]))
    again = payments_csv([["RE-1", "60,00", "20261105"], ["RE-3", "10,00", "20261106"]])
    second = desk.upload("second.csv", again)
    third = desk.upload("third.csv", numbers_alone("RE-2"))
    apart = desk.upload("apart.csv", payments_csv([["RE-3", "20,00", "20261107"]]))
    assert (desk.codes(second), desk.codes(third)) == (["booked-before", "paid-in-part"], ["nothing-due"])
    assert first.id in desk.report(second)[0][6], "the report says which import had booked it"
    assert [notices_of(one) for one in (first, second, third, apart)] == [[]] * 4

    gone = desk.delete(first)
    leaning = sorted([second.id, third.id])
    assert sorted(notices_of(gone)) == [("others-passed-over", one) for one in leaning]
    for one in (second, third):
        assert notices_of(desk.find(one.id)) == [("passed-over-for-deleted", first.id)]
    assert notices_of(desk.find(apart.id)) == []
    assert desk.due("RE-1", "RE-2", "RE-3") == [100_00, 100_00, 70_00]

    desk.delete(desk.find(second.id))
    once_more = desk.upload("second.csv", again)
    assert once_more.id != second.id
    assert desk.codes(once_more) == ["paid-in-part", "paid-in-part"]
    assert desk.due("RE-1", "RE-2", "RE-3") == [40_00, 100_00, 70_00]
    books_hold(desk)


def test_an_import_that_is_still_booking_books_what_was_taken_back_meanwhile(desk: ImportDesk) -> None:
    desk.invoices("RE-1")
    first = desk.upload("first.csv", payments_csv([["RE-1", "60,00", "20261105"]]))
    second = desk.take_in(desk.put("second.csv", payments_csv([["RE-1", "60,00", "20261105"]]) + b"\r\n"))
    held_back = desk.messages()
    for message in held_back:
        desk.work(json.loads(message["Body"]))
    [book] = desk.messages()
    wiring.settling().run(second.id, second.attempt, 0, Step.BOOK, lambda: False)
    desk.messages()
    chunk = wiring.import_store().chunk(second.id, 0)
    assert chunk is not None
    assert not chunk.booked
    assert desk.delete(first).notices == ()
    assert desk.find(second.id).state is ImportState.BOOKING
    desk.work(json.loads(book["Body"]))
    desk.settle()
    stands = desk.find(second.id)
    assert stands.state is ImportState.FINISHED
    assert (desk.codes(stands), notices_of(stands)) == (["paid-in-part"], [])
    assert desk.due("RE-1") == [40_00], "it found the payment gone, and booked it"


def test_levels_and_movements_that_were_passed_over_are_named(desk: ImportDesk) -> None:
    desk.profile(policy=RowPolicy.GOOD_ROWS)
    desk.invoices("RE-1", "RE-01-0001-26")
    one = desk.upload("levels.csv", levels_of(("RE-1", 2)))
    same = desk.upload("again.csv", levels_of(("RE-1", 2)) + b"\r\n")
    bank = desk.upload("1.sta", mt940(Moved(100_00, "RE-01-0001-26"), Moved(-7_00, "Miete")))
    overlap = desk.upload("2.sta", mt940(Moved(100_00, "RE-01-0001-26"), Moved(5_00, "?")))
    assert (desk.codes(same), desk.codes(overlap)[0]) == (["unchanged"], "entry-seen-before")
    assert notices_of(desk.delete(one)) == [("others-passed-over", same.id)]
    gone = desk.delete(bank)
    assert notices_of(gone) == [("others-passed-over", overlap.id)]
    assert [row[4] for row in desk.report(gone)] == ["reversed", "stayed undecided; the import is taken back"]
    assert desk.due("RE-01-0001-26") == [100_00]


def test_an_import_that_ends_while_another_is_taken_back_finds_out_itself(desk: ImportDesk) -> None:
    desk.invoices("RE-1")
    first = desk.upload("first.csv", payments_csv([["RE-1", "60,00", "20261105"]]))
    gone: list[Import] = []

    def come_between(model: Any, params: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems" and b"LEANS#" in params["body"] and not gone:
            gone.append(first)
            gone[0] = desk.delete(first)

    events = wiring.client("dynamodb").meta.events
    events.register("before-call.dynamodb", come_between)
    try:
        second = desk.upload("second.csv", payments_csv([["RE-1", "60,00", "20261105"]]) + b"\r\n")
    finally:
        events.unregister("before-call.dynamodb", come_between)
    assert [(one.state, one.notices) for one in gone] == [(ImportState.DELETED, ())]
    assert notices_of(second) == [("passed-over-for-deleted", first.id)]
    assert desk.due("RE-1") == [100_00]
