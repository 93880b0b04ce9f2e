"""Rows that wait for a person, and what follows from the decision, over HTTP (RI-5, RI-34)."""

from __future__ import annotations

from typing import Any

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import APPROVER, FINANCE, ApiDesk, on, open_items_csv, statement
from tests.functions.shops import Answer
from tillbridge.ledger.model import DocumentKind
from tillbridge.wiring import overdue_imports


def the_review(desk: ApiDesk, import_id: str) -> dict[str, Any]:
    [review] = desk.get(f"/imports/{import_id}/reviews")["reviews"]
    found: dict[str, Any] = review
    return found


def decide(
    desk: ApiDesk, import_id: str, review_id: str, *allocations: dict[str, str], **more: Any
) -> Answer:
    body = {"decision": "book", "allocations": list(allocations), **more}
    return desk.ask("POST", f"/imports/{import_id}/reviews/{review_id}/decisions", body)


def a_statement(desk: ApiDesk, *entries: tuple[str, str], **more: str) -> str:
    return desk.upload_by_form("statement.sta", statement(entries, **more))


def test_a_movement_that_fits_an_open_amount_is_suggested_not_booked(desk: ApiDesk) -> None:
    """RI-5."""
    desk.invoice("RE-1", 10_000)
    import_id = a_statement(desk, ("100,00", "Danke"))
    told = desk.get(f"/imports/{import_id}")
    assert (told["state"], told["totals"]["review"], told["open_reviews"]) == ("finished", 1, 1)
    review = the_review(desk, import_id)
    assert (review["code"], review["amount"], review["currency"], review["day"]) == (
        "match-not-certain",
        "100.00",
        "EUR",
        "2026-11-20",
    )
    assert (review["text"], review["candidates"]) == ("Danke", ["RE-1"])
    assert review["suggested"] == [{**on("RE-1", "100.00"), "discount": "0.00", "fee": "0.00"}]
    assert review["reason"]["de"].startswith("Der Umsatz könnte einen Beleg bezahlen")
    assert review["reason"]["en"].startswith("The movement may pay a document")
    assert (review["decision"], review["decided_by"], review["allocations"]) == (None, None, [])
    assert desk.due("RE-1") == [10_000]


def test_a_movement_is_booked_on_several_documents_with_discount_and_fee(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    desk.invoice("RE-2", 20_000)
    import_id = a_statement(desk, ("302,50", "zusammen"))
    review = the_review(desk, import_id)
    told = decide(
        desk, import_id, review["id"], on("RE-1", "98.00", discount="2.00"), on("re-2", "200.00", fee="4.50")
    ).done()
    assert (told["decision"], told["decided_by"], told["decided_at"]) == (
        "book",
        "fina",
        "2026-11-21T09:00:01Z",
    )
    assert told["allocations"][0] == {**on("RE-1", "98.00"), "discount": "2.00", "fee": "0.00"}
    assert desk.due("RE-1", "RE-2") == [0, 0]
    assert desk.document("RE-2").balance.fees_minor == 450
    [entry] = desk.entries("RE-1")
    assert (entry.exportable, entry.business_day) == (False, "2026-11-20")
    totals = desk.get(f"/imports/{import_id}")["totals"]
    assert (totals["review"], totals["booked"], totals["applied"], totals["discount"], totals["fee"]) == (
        0,
        1,
        "298.00",
        "2.00",
        "4.50",
    )
    [noted] = desk.shop.audit(f"import/{import_id}")
    assert noted["facts"] == {"review": review["id"], "decision": "book"}


def test_a_decision_is_taken_back_with_its_import_and_the_movement_may_come_again(desk: ApiDesk) -> None:
    """RI-36."""
    desk.invoice("RE-1", 10_000)
    import_id = a_statement(desk, ("100,00", "Danke"))
    decide(desk, import_id, the_review(desk, import_id)["id"], on("RE-1", "100.00")).done()
    assert desk.due("RE-1") == [0]
    desk.post(f"/imports/{import_id}/deletions", reason="Wrong account")
    desk.settle()
    assert desk.due("RE-1") == [10_000]
    again = a_statement(desk, ("100,00", "Danke"))
    assert desk.get(f"/imports/{again}")["open_reviews"] == 1


def test_the_report_tells_the_decision_in_the_rows_place(desk: ApiDesk) -> None:
    """RI-38: written anew once for many decisions, by the sweep."""
    desk.invoice("RE-1", 10_000)
    import_id = a_statement(desk, ("100,00", "Danke"), ("7,00", "Irrtum"), ("8,00", "noch offen"))
    first, second, _ = desk.get(f"/imports/{import_id}/reviews")["reviews"]
    decide(desk, import_id, first["id"], on("RE-1", "100.00")).done()
    decide(desk, import_id, second["id"], decision="dismiss").done()
    assert desk.get(f"/imports/{import_id}")["report"] == "being-written"
    desk.shop.world.clock.forward(minutes=7)
    assert overdue_imports().sweep() == 1
    desk.settle()
    assert desk.get(f"/imports/{import_id}")["report"] == "ready"
    expected = [
        ("5", "RE-1", "booked", "decided-by-hand"),
        ("7", "", "ignored", "dismissed-by-hand"),
        ("9", "", "waits for a decision", "no-invoice-found"),
    ]
    assert [(row[0], row[1], row[4], row[5]) for row in desk.report(desk.find(import_id))] == expected
    shown = sorted((row["line"], row["code"]) for row in desk.all_rows(import_id))
    assert shown == [(int(line), code) for line, _, _, code in expected]
    assert [row["line"] for row in desk.all_rows(import_id, outcome="review")] == [9]


def test_a_dismissed_row_books_nothing(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = a_statement(desk, ("100,00", "Danke"))
    told = decide(desk, import_id, the_review(desk, import_id)["id"], decision="dismiss").done()
    assert (told["decision"], told["allocations"]) == ("dismiss", [])
    assert desk.due("RE-1") == [10_000]
    totals = desk.get(f"/imports/{import_id}")["totals"]
    assert (totals["review"], totals["ignored"], totals["booked"]) == (0, 1, 0)


def test_the_same_decision_again_changes_nothing_and_another_one_is_a_conflict(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    desk.invoice("RE-2", 10_000)
    import_id = a_statement(desk, ("150,00", "Danke"))
    review = the_review(desk, import_id)["id"]
    told = decide(desk, import_id, review, on("RE-1", "100.00"), on("RE-2", "50.00")).done()
    before = desk.written()
    assert decide(desk, import_id, review, on("re-2", "50"), on("RE-1", "100.00")).done() == told
    for answer in (
        decide(desk, import_id, review, on("RE-1", "50.00"), on("RE-2", "100.00")),
        decide(desk, import_id, review, decision="dismiss"),
    ):
        assert (answer.status, answer.code) == (409, "review-decided")
        assert "fina" in answer.body["detail"]
    assert desk.written() == before


def test_only_rows_about_which_nobody_has_decided_are_listed_if_asked(desk: ApiDesk) -> None:
    import_id = a_statement(desk, *[(f"{number},00", "Danke") for number in range(1, 6)])
    target = f"/imports/{import_id}/reviews"
    reviews = desk.get(target)["reviews"]
    assert [review["line"] for review in reviews] == [5, 7, 9, 11, 13]
    for review in reviews[::2]:
        decide(desk, import_id, review["id"], decision="dismiss").done()
    assert [review["line"] for review in desk.get(f"{target}?open=true")["reviews"]] == [7, 11]
    found: list[int] = []
    page = desk.get(f"{target}?limit=2")
    while page["next"]:
        found += [review["line"] for review in page["reviews"]]
        page = desk.get(f"{target}?limit=2&cursor={page['next']}")
    assert found + [review["line"] for review in page["reviews"]] == [5, 7, 9, 11, 13]


def test_many_decisions_are_one_line_of_history(desk: ApiDesk) -> None:
    """An import may have thousands; each stands with its own row."""
    import_id = a_statement(desk, *[(f"{number},00", "Danke") for number in range(1, 6)])
    for place, review in enumerate(desk.get(f"/imports/{import_id}/reviews")["reviews"]):
        target = f"/imports/{import_id}/reviews/{review['id']}/decisions"
        desk.post(target, APPROVER if place % 2 else FINANCE, decision="dismiss")
    told = desk.get(f"/imports/{import_id}")
    decided = [happened for happened in told["history"] if happened["what"] == "decided"]
    assert [(one["by"], one["detail"]) for one in decided] == [("fina", "5")]
    assert told["open_reviews"] == 0


def test_money_in_another_currency_is_booked_in_that_currency_alone(desk: ApiDesk) -> None:
    """One hundred dollars do not settle one hundred euros."""
    desk.invoice("RE-1", 10_000)
    desk.invoice("US-2026-0001", 10_000, currency="USD")
    desk.invoice("US-2026-0002", 5_000, currency="USD")
    import_id = a_statement(desk, ("100,00", "thanks"), ("50,00", "US-2026-0002"), currency="USD")
    review = the_review(desk, import_id)
    assert (review["amount"], review["currency"], review["candidates"]) == ("100.00", "USD", ["US-2026-0001"])
    refused = decide(desk, import_id, review["id"], on("RE-1", "100.00"))
    assert (refused.status, refused.code) == (422, "invoice-not-in-scope")
    decide(desk, import_id, review["id"], on("US-2026-0001", "100.00")).done()
    assert desk.due("RE-1", "US-2026-0001", "US-2026-0002") == [10_000, 0, 0]
    told = desk.get(f"/imports/{import_id}")
    assert (told["currency"], told["totals"]["booked"], told["totals"]["applied"]) == ("EUR", 2, "0.00")
    assert {(row["invoice_number"], row["currency"]) for row in desk.all_rows(import_id)} == {
        ("US-2026-0001", "USD"),
        ("US-2026-0002", "USD"),
    }


def test_money_out_pays_a_credit_note_and_a_fee_belongs_to_invoices_alone(desk: ApiDesk) -> None:
    desk.invoice("GU-1", 5_000, kind=DocumentKind.CREDIT_NOTE)
    import_id = a_statement(desk, ("-50,00", "Erstattung"))
    review = the_review(desk, import_id)["id"]
    refused = decide(desk, import_id, review, on("GU-1", "-51.00", fee="1.00"))
    assert (refused.status, refused.code) == (422, "fee-not-possible")
    decide(desk, import_id, review, on("GU-1", "-50.00")).done()
    assert desk.due("GU-1") == [0]


# Rows of files that name their document


def test_a_payment_row_stays_on_the_document_that_it_names(desk: ApiDesk) -> None:
    """RI-34: only there it is known again when it comes once more."""
    desk.invoice("RE-1", 10_000)
    desk.invoice("RE-2", 10_000)
    desk.upload_by_form("one.csv", payments_csv([["RE-1", "40,00"]]))
    import_id = desk.upload_by_form("two.csv", payments_csv([["RE-1", "40,00"], ["RE-2", "1,00"]]))
    review = the_review(desk, import_id)
    assert (review["code"], review["invoice_number"]) == ("maybe-booked-before", "RE-1")
    refused = decide(desk, import_id, review["id"], on("RE-2", "40.00"))
    assert (refused.status, refused.code) == (422, "allocation-elsewhere")
    refused = decide(desk, import_id, review["id"], on("RE-1", "39.00"))
    assert (refused.status, refused.code) == (422, "allocations-not-the-amount")
    decide(desk, import_id, review["id"], on("RE-1", "40.00")).done()
    assert desk.due("RE-1", "RE-2") == [2_000, 9_900]
    by_hand = next(row for row in desk.all_rows(import_id) if row["code"] == "decided-by-hand")
    assert (by_hand["applied"], by_hand["ignored"], by_hand["due_after"]) == ("40.00", "0.00", "20.00")
    both = desk.upload_by_form("both.csv", payments_csv([["RE-1", "40,00"], ["RE-1", "40,00"]]))
    assert [row["code"] for row in desk.all_rows(both)] == ["maybe-booked-before"] * 2, "both are known"


def test_a_row_that_pays_nothing_is_booked_as_the_person_says(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("zero.csv", payments_csv([["RE-1", "0,00", "20261105"]]))
    decide(desk, import_id, the_review(desk, import_id)["id"], on("RE-1", "97.00", discount="3.00")).done()
    assert desk.due("RE-1") == [0]


def test_rows_of_a_list_that_wait_as_one_are_decided_as_one(desk: ApiDesk) -> None:
    """RI-2: a rise is reported; its value date is the day of the list."""
    desk.invoice("RE-1", 10_000)
    rows = [("RE-1", "90,00"), ("RE-1", "30,00")]
    import_id = desk.upload_by_form("list.csv", open_items_csv(rows), as_of="2026-11-20")
    desk.post(f"/imports/{import_id}/approvals", decision="approve", reason="Yes")
    desk.settle()
    told = desk.get(f"/imports/{import_id}")
    assert (told["totals"]["review"], told["open_reviews"]) == (2, 1)
    review = the_review(desk, import_id)
    assert (review["rows"], review["code"]) == (2, "open-amount-rose")
    decide(desk, import_id, review["id"], on("RE-1", "-20.00")).done()
    assert desk.due("RE-1") == [12_000]
    [entry] = desk.entries("RE-1")
    assert entry.business_day == "2026-11-20"
    told = desk.get(f"/imports/{import_id}")
    assert (told["totals"]["review"], told["totals"]["booked"], told["open_reviews"]) == (0, 2, 0)
    assert [row["code"] for row in desk.all_rows(import_id)] == ["decided-by-hand"]


def test_nobody_decides_about_rows_of_an_import_that_is_taken_back(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = a_statement(desk, ("100,00", "Danke"))
    review = the_review(desk, import_id)["id"]
    desk.post(f"/imports/{import_id}/deletions", reason="Wrong")
    for state in ("being deleted", "deleted"):
        refused = decide(desk, import_id, review, on("RE-1", "100.00"))
        assert (refused.status, refused.code) == (409, "import-not-finished")
        assert state in refused.body["detail"]
        desk.settle()
    assert desk.due("RE-1") == [10_000]
