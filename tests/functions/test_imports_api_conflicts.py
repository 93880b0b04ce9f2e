"""Repetitions, two people at the same moment, and what an import's state does not allow (RI-33, RI-36)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import APPROVER, FINANCE, ApiDesk, on, statement
from tests.functions.shops import Answer
from tillbridge import wiring
from tillbridge.reconciliation.import_model import Step

APPROVE: dict[str, Any] = {"decision": "approve", "reason": "Yes"}
REJECT: dict[str, Any] = {"decision": "reject", "reason": "No"}
DELETE: dict[str, Any] = {"reason": "Wrong"}


@contextmanager
def meanwhile(*acts: Callable[[], object]) -> Iterator[None]:
    """Others act just before the transaction of the first request that follows."""
    events, waiting = wiring.client("dynamodb").meta.events, [True]

    def act(**_: Any) -> None:
        if waiting:
            waiting.clear()
            for one in acts:
                one()

    events.register("before-call.dynamodb.TransactWriteItems", act)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", act)


def waiting_import(desk: ApiDesk) -> str:
    desk.put_profile("accountant", approval="always").done()
    desk.invoice("RE-1", 10_000)
    return desk.upload_by_form("pay.csv", payments_csv([["RE-1", "100,00", "20261105"]]))


def booked_import(desk: ApiDesk) -> str:
    desk.invoice("RE-1", 10_000)
    return desk.upload_by_form("pay.csv", payments_csv([["RE-1", "100,00", "20261105"]]))


def decided(desk: ApiDesk, import_id: str, body: dict[str, Any], **more: Any) -> Answer:
    return desk.ask("POST", f"/imports/{import_id}/approvals", body, **more)


def deleted(desk: ApiDesk, import_id: str) -> Answer:
    return desk.ask("POST", f"/imports/{import_id}/deletions", DELETE)


def test_approving_again_changes_nothing_however_far_it_has_come(desk: ApiDesk) -> None:
    import_id = waiting_import(desk)
    first = decided(desk, import_id, APPROVE, claims=APPROVER).done()
    for _ in range(2):
        before = desk.written()
        again = decided(desk, import_id, {**APPROVE, "reason": "Once more"}).done()
        assert again["approval"] == first["approval"]
        assert desk.written() == before
        desk.settle()
    assert desk.due("RE-1") == [0]
    assert len(desk.entries("RE-1")) == 1


def test_rejecting_and_deleting_again_change_nothing(desk: ApiDesk) -> None:
    import_id = waiting_import(desk)
    decided(desk, import_id, REJECT).done()
    before = desk.written()
    assert decided(desk, import_id, REJECT).done()["state"] == "discarded"
    assert desk.written() == before

    other = desk.upload_by_form("pay.csv", payments_csv([["RE-1", "100,00", "20261105"]]))
    decided(desk, other, APPROVE).done()
    desk.settle()
    assert deleted(desk, other).body["state"] == "deleting"
    for state in ("deleting", "deleted"):
        before = desk.written()
        assert deleted(desk, other).body["state"] == state
        assert desk.written() == before
        desk.settle()
    assert desk.due("RE-1") == [10_000]
    assert len(desk.entries("RE-1")) == 2, "a booking and its reversal"


def test_what_an_import_is_not_ready_for_is_a_conflict_that_names_its_state(desk: ApiDesk) -> None:
    waiting = waiting_import(desk)
    rejected = desk.upload_by_form("other.csv", payments_csv([["RE-1", "1,00", "20261105"]]))
    decided(desk, rejected, REJECT).done()
    decided(desk, waiting, APPROVE).done()
    desk.settle()
    for answer, state in (
        (decided(desk, waiting, REJECT), "finished"),
        (decided(desk, rejected, APPROVE), "discarded"),
        (deleted(desk, rejected), "discarded"),
    ):
        assert (answer.status, answer.code) == (409, "import-in-other-state")
        assert state in answer.body["detail"]
    german = desk.ask("POST", f"/imports/{rejected}/deletions", DELETE, FINANCE, "de")
    assert german.body["detail"].startswith(f"Der Import {rejected} ist im Zustand „verworfen“;")


def test_what_recorded_documents_is_not_deleted(desk: ApiDesk) -> None:
    """LE-3: a document that is wrong gets a credit note."""
    content = (
        "Art;Rechnungsnummer;Filiale;Rechnungsdatum;Währung;Artikel;UStProzent;Betrag\r\n"
        "Rechnung;RE-9;01;20261102;EUR;Sehtest;19;59,50\r\n"
    )
    refused = deleted(desk, desk.upload_by_form("invoices.csv", content.encode("cp1252")))
    assert (refused.status, refused.code) == (422, "upload-not-deletable")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"decision": "maybe", "reason": "x"}, "request-not-valid"),
        ({"decision": "approve"}, "request-not-valid"),
        ({"decision": "approve", "reason": "x" * 501}, "request-not-valid"),
        ({"decision": "approve", "reason": "   "}, "text-is-empty"),
        ({"decision": "approve", "reason": "a\nb"}, "text-has-control-characters"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_a_decision_has_a_reason_that_can_be_read(desk: ApiDesk, body: dict[str, Any], code: str) -> None:
    import_id = waiting_import(desk)
    before = desk.written()
    answers = [decided(desk, import_id, body)]
    if body.get("decision") == "approve":
        answers.append(desk.ask("POST", f"/imports/{import_id}/deletions", {**body, "decision": "x"}))
    assert (answers[0].status, answers[0].code) == (422, code)
    assert {answer.status for answer in answers} == {422}
    assert desk.written() == before


def test_of_two_people_who_decide_at_the_same_moment_one_is_told_what_the_other_did(desk: ApiDesk) -> None:
    import_id = waiting_import(desk)
    with meanwhile(lambda: decided(desk, import_id, REJECT, claims=APPROVER).done()):
        refused = decided(desk, import_id, APPROVE)
    assert (refused.status, refused.code) == (409, "import-in-other-state")
    desk.settle()
    assert desk.get(f"/imports/{import_id}")["state"] == "discarded"
    assert desk.due("RE-1") == [10_000]


def test_two_people_who_approve_at_the_same_moment_book_once(desk: ApiDesk) -> None:
    import_id = waiting_import(desk)
    with meanwhile(lambda: decided(desk, import_id, APPROVE, claims=APPROVER).done()):
        told = decided(desk, import_id, APPROVE).done()
    assert told["approval"]["by"] == "abel"
    desk.settle()
    assert len(desk.entries("RE-1")) == 1


def test_a_report_that_is_written_at_the_same_moment_stops_no_decision(desk: ApiDesk) -> None:
    desk.put_profile("accountant", approval="always").done()
    desk.invoice("RE-1", 10_000)
    announced = desk.announce()
    one = desk.take_in(desk.post_form(announced, payments_csv([["RE-1", "100,00", "20261105"]])))
    desk.step(one, 0, Step.ASSESS)
    with meanwhile(lambda: desk.step(one, 0, Step.REPORT)):
        assert decided(desk, one.id, APPROVE).done()["state"] == "booking"
    desk.settle()
    assert desk.due("RE-1") == [0]
    with meanwhile(lambda: desk.step(one, 0, Step.REPORT)):
        assert deleted(desk, one.id).body["state"] == "deleting"
    desk.settle()
    assert desk.due("RE-1") == [10_000]


def test_two_people_who_decide_about_different_rows_at_the_same_moment_both_do(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("s.sta", statement([("60,00", "Danke"), ("40,00", "Danke")]))
    first, second = desk.get(f"/imports/{import_id}/reviews")["reviews"]

    def book(review: dict[str, Any]) -> Answer:
        body = {"decision": "book", "allocations": [on("RE-1", review["amount"])]}
        return desk.ask("POST", f"/imports/{import_id}/reviews/{review['id']}/decisions", body)

    with meanwhile(lambda: book(second).done()):
        book(first).done()
    assert desk.due("RE-1") == [0]
    told = desk.get(f"/imports/{import_id}")
    assert (told["totals"]["applied"], told["totals"]["booked"], told["open_reviews"]) == ("100.00", 2, 0)


def test_two_people_who_decide_about_the_same_row_at_the_same_moment_book_once(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("s.sta", statement([("60,00", "Danke")]))
    [review] = desk.get(f"/imports/{import_id}/reviews")["reviews"]
    target = f"/imports/{import_id}/reviews/{review['id']}/decisions"
    body = {"decision": "book", "allocations": [on("RE-1", "60.00")]}
    with meanwhile(lambda: desk.ask("POST", target, body, APPROVER).done()):
        told = desk.ask("POST", target, body).done()
    assert told["decided_by"] == "abel"
    with meanwhile(lambda: None):
        refused = desk.ask("POST", target, {"decision": "dismiss"})
    assert (refused.status, refused.code) == (409, "review-decided")
    assert desk.due("RE-1") == [4_000]


def test_a_deletion_and_a_decision_at_the_same_moment_leave_nothing_booked(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("s.sta", statement([("60,00", "Danke")]))
    [review] = desk.get(f"/imports/{import_id}/reviews")["reviews"]
    target = f"/imports/{import_id}/reviews/{review['id']}/decisions"
    body = {"decision": "book", "allocations": [on("RE-1", "60.00")]}
    with meanwhile(lambda: deleted(desk, import_id).done()):
        refused = desk.ask("POST", target, body)
    assert (refused.status, refused.code) == (409, "import-not-finished")
    desk.settle()
    assert desk.due("RE-1") == [10_000]


def test_of_two_changes_of_a_profile_at_the_same_moment_one_is_told_to_look_again(desk: ApiDesk) -> None:
    for profile, known in (("new", False), ("known", True)):
        if known:
            desk.put_profile(profile).done()
        theirs = partial(desk.put_profile, profile, name="Theirs")
        with meanwhile(theirs):
            refused = desk.put_profile(profile, name="Mine")
        assert (refused.status, refused.code) == (409, "profile-changed-meanwhile")
        assert desk.get(f"/import-profiles/{profile}")["name"] == "Theirs"
