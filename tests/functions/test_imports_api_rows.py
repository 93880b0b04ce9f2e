"""The rows of an import page by page: before it is booked, afterwards, and while it is taken back (RI-33)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import ApiDesk, long_csv, open_items_csv
from tillbridge import wiring
from tillbridge.aws.cursors import write_cursor
from tillbridge.reconciliation.decisions import Outcome
from tillbridge.reconciliation.import_model import Step
from tillbridge.reconciliation.intake import BYTES_PER_CHUNK
from tillbridge.reconciliation.row_pages import RowPages

ROWS = [
    ["RE-1", "100,00", "20261105"],
    ["RE-2", "250,00", "20261105"],
    ["RE-3", "abc", "20261105"],
    ["RE-9", "1,00", "20261105"],
    ["RE-4", "0,00", "20261105"],
    ["RE-1", "5,00", "20261106", "", "", "", "N"],
    ["RE-3", "1,00", "99999999"],
]


def a_file_of_all_outcomes(desk: ApiDesk, **profile: Any) -> str:
    desk.put_profile("accountant", policy="good-rows", **profile).done()
    for number in range(1, 5):
        desk.invoice(f"RE-{number}", 10_000 * number)
    return desk.upload_by_form("pay.csv", payments_csv(ROWS))


def by_line(rows: list[dict[str, Any]]) -> list[tuple[int | None, str, str]]:
    return sorted((row["line"], row["outcome"], row["code"]) for row in rows)


SHOWN = [
    (2, "would-be-booked", "settled"),
    (3, "would-be-booked", "overpaid"),
    (4, "refused", "cell-is-no-amount"),
    (5, "refused", "invoice-unknown"),
    (6, "review", "amount-is-zero"),
    (7, "ignored", "closed-not-reopened"),
    (8, "refused", "cell-is-no-day"),
]


def test_a_row_is_shown_with_all_that_is_said_of_it(desk: ApiDesk) -> None:
    rows = {row["line"]: row for row in desk.all_rows(a_file_of_all_outcomes(desk))}
    overpaid = rows[3]
    entry = overpaid.pop("entry")
    assert desk.entries("RE-2")[0].id == entry
    assert overpaid == {
        "line": 3,
        "invoice_number": "RE-2",
        "amount": "250.00",
        "day": "2026-11-05",
        "currency": "EUR",
        "outcome": "booked",
        "code": "overpaid",
        "reason": {
            "de": "Es wurde mehr gezahlt als offen war; der Überschuss wird auf die Rechnung gebucht.",
            "en": "More was paid than was due; the excess is booked onto the invoice.",
        },
        "applied": "250.00",
        "discount": "0.00",
        "fee": "0.00",
        "ignored": "0.00",
        "due_after": "-50.00",
        "value_on": "2026-11-05",
        "dunning_level": None,
        "column": None,
        "value": None,
        "touched_since": False,
    }
    broken = rows[4]
    assert (broken["column"], broken["value"], broken["invoice_number"], broken["due_after"]) == (
        "Zahlbetrag",
        "abc",
        None,
        None,
    )
    assert broken["reason"]["de"].startswith("Spalte Zahlbetrag, Zelle „abc“: Das ist kein Betrag.")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_lose_no_row_and_show_none_twice(desk: ApiDesk, limit: int) -> None:
    waiting = a_file_of_all_outcomes(desk, approval="always")
    assert by_line(desk.all_rows(waiting, limit)) == SHOWN
    desk.post(f"/imports/{waiting}/approvals", decision="approve", reason="Yes")
    desk.settle()
    booked = [(line, outcome.replace("would-be-booked", "booked"), code) for line, outcome, code in SHOWN]
    assert by_line(desk.all_rows(waiting, limit)) == booked


def test_rows_are_narrowed_to_an_outcome(desk: ApiDesk) -> None:
    waiting = a_file_of_all_outcomes(desk, approval="always")
    for outcome, lines in (("booked", [2, 3]), ("refused", [4, 5, 8]), ("review", [6]), ("ignored", [7])):
        for limit in (1, 100):
            found = desk.all_rows(waiting, limit, outcome)
            assert sorted(row["line"] for row in found) == lines
    refused = desk.ask("GET", f"/imports/{waiting}/rows?outcome=gone")
    assert (refused.status, refused.fields) == (422, ["outcome"])


def test_while_rows_are_looked_at_there_are_none_yet(desk: ApiDesk) -> None:
    one = desk.take_in(desk.post_form(desk.announce(), payments_csv(ROWS)))
    refused = desk.ask("GET", f"/imports/{one.id}/rows")
    assert (refused.status, refused.code) == (409, "rows-not-ready")


def test_a_refused_import_shows_what_would_have_been_and_what_stopped_it(desk: ApiDesk) -> None:
    """RI-32: all or nothing."""
    desk.invoice("RE-1", 10_000)
    refused = desk.upload_by_form("pay.csv", payments_csv([ROWS[0], ROWS[3]]))
    told = desk.get(f"/imports/{refused}")
    assert (told["state"], [stop["code"] for stop in told["stops"]]) == ("refused", ["rows-refused"])
    assert told["stops"][0]["words"]["en"].startswith("Rows that are wrong: 1 of 2, ")
    assert by_line(desk.all_rows(refused)) == [
        (2, "would-be-booked", "settled"),
        (3, "refused", "invoice-unknown"),
    ]
    assert desk.due("RE-1") == [10_000]


def test_cursors_belong_to_one_import_and_to_what_is_shown_of_it(desk: ApiDesk) -> None:
    waiting = a_file_of_all_outcomes(desk, approval="always")
    content = payments_csv([["RE-4", "1,00", "20261105"], ["RE-4", "2,00", "20261105"]])
    other = desk.upload_by_form("other.csv", content)
    cursor = desk.get(f"/imports/{waiting}/rows?limit=1")["next"]
    position = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    bad = [
        "nonsense",
        write_cursor({"pk": "IMPORT", "sk": "SLICE"}),
        *(
            write_cursor({**position, **change})
            for change in ({"row": "x"}, {"row": "-1"}, {"chunk": "-2"}, {"slice": "9" * 30}, {"row": "٣"})
        ),
    ]
    wrong = [(waiting, one) for one in bad] + [(other, cursor)]
    for import_id, text in wrong:
        refused = desk.ask("GET", f"/imports/{import_id}/rows?cursor={text}")
        assert (refused.status, refused.code) == (422, "cursor-unreadable"), text
    desk.post(f"/imports/{waiting}/approvals", decision="approve", reason="Yes")
    desk.settle()
    refused = desk.ask("GET", f"/imports/{waiting}/rows?cursor={cursor}")
    assert (refused.status, refused.code) == (422, "cursor-unreadable"), "those were others"


def test_rows_of_many_chunks_come_page_by_page(desk: ApiDesk) -> None:
    """RI-37: a file over several chunks and slices; few rows of many are booked."""
    desk.put_profile("accountant", policy="good-rows").done()
    booked = {line: f"RE-{line}" for line in range(100, 2_100, 100)}
    for number in booked.values():
        desk.invoice(number, 10_000)
    content = long_csv([booked.get(line, f"NO-{line}") for line in range(2_100)])
    assert len(content) > 2 * BYTES_PER_CHUNK
    import_id = desk.upload_by_form("long.csv", content)
    one = desk.find(import_id)
    assert one.chunks == 2
    assert all(chunk.next_slice > 1 for chunk in wiring.import_store().chunks(import_id)[:2])
    rows = desk.all_rows(import_id)
    assert sorted(row["line"] for row in rows) == list(range(2, 2_102))
    narrowed = desk.all_rows(import_id, 7, "booked")
    assert sorted(row["invoice_number"] for row in narrowed) == sorted(booked.values())

    pages = RowPages(wiring.import_store(), wiring.workspace(), most_looked_at=50)
    found: list[str] = []
    cursor: str | None = None
    short = 0
    while True:
        page, cursor = pages.page(one, outcome=Outcome.BOOKED, cursor=cursor, limit=100)
        found += [row.told.invoice_number for row in page]
        short += not page
        if cursor is None:
            break
    assert sorted(found) == sorted(booked.values())
    assert short, "a page of what is rare may have nothing, and yet a next one"


def test_while_an_import_is_taken_back_its_rows_say_how_far_that_is(desk: ApiDesk) -> None:
    """RI-36: from the last slice to the first, and what others have touched since."""
    desk.put_profile("accountant", policy="good-rows").done()
    for number in (1, 2, 3):
        desk.invoice(f"RE-{number}", 10_000)
    import_id = desk.upload_by_form(
        "pay.csv", payments_csv([[f"RE-{number}", "1,00", "20261105"] for number in (1, 2, 3)])
    )
    desk.upload_by_form("more.csv", payments_csv([["re-3", "2,00", "20261106"]]))
    desk.post(f"/imports/{import_id}/deletions", reason="Wrong")
    assert {row["outcome"] for row in desk.all_rows(import_id)} == {"booked"}
    one = desk.find(import_id)
    desk.step(one, 9_999, Step.DELETE)
    desk.step(one, 0, Step.DELETE)
    desk.settle()
    rows = desk.all_rows(import_id)
    assert [(row["invoice_number"], row["outcome"], row["touched_since"]) for row in rows] == [
        ("RE-1", "reversed", False),
        ("RE-2", "reversed", False),
        ("RE-3", "reversed", True),
    ]
    assert rows[2]["reason"]["de"].endswith("nur die Beträge des Imports wurden herausgenommen.")
    assert "touched" not in rows[1]["reason"]["en"]
    assert desk.get(f"/imports/{import_id}")["touched_since"] == 1


def test_documents_that_a_list_lacks_stand_among_its_rows_without_a_line(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    desk.invoice("RE-2", 10_000)
    import_id = desk.upload_by_form("list.csv", open_items_csv([("RE-1", "100,00")]), as_of="2026-11-20")
    rows = desk.all_rows(import_id, 1)
    assert [(row["line"], row["invoice_number"], row["outcome"], row["amount"]) for row in rows] == [
        (2, "RE-1", "ignored", "100.00"),
        (None, "RE-2", "would-be-booked", None),
    ]
