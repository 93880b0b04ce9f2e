"""Imports over HTTP, from the announced upload to the deletion (RI-30, RI-33, RI-35, RI-36)."""

from __future__ import annotations

import json
from typing import Any

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import (
    ACCOUNTANT,
    APPROVER,
    FINANCE,
    ApiDesk,
    open_items_csv,
    policy_of,
)
from tests.functions.shops import event
from tillbridge.reconciliation.import_model import Step
from tillbridge.reconciliation.intake import MOST_FILE_BYTES

NOTHING = {
    "stands_for": "would-be-booked",
    "rows": 0, "booked": 0, "ignored": 0, "review": 0, "refused": 0, "by_absence": 0,
    "applied": "0.00", "discount": "0.00", "fee": "0.00", "settled_by_absence": "0.00",
}  # fmt: skip


def whats(one: dict[str, Any]) -> list[tuple[str, str]]:
    """What happened to an import, and by whom."""
    return [(happened["what"], happened["by"]) for happened in one["history"]]


# Announcing


def test_the_recorded_event_announces_an_upload(desk: ApiDesk) -> None:
    announced = desk.shop.send(event("imports_api"))
    assert announced.status == 201
    fields = announced.body["fields"]
    assert fields["x-amz-meta-as-of"] == "2026-11-20"
    assert fields["key"].endswith("/Offene Posten.csv")


def test_a_form_takes_one_file_of_a_size_under_one_key_with_what_the_uploader_said(desk: ApiDesk) -> None:
    """RI-30."""
    announced = desk.announce("pay.csv", settle_by="2026-11-20", kind="amparex")
    fields = announced["fields"]
    folder, profile, upload, name = fields["key"].split("/")
    assert (folder, profile, name) == ("inbox", "accountant", "pay.csv")
    assert len(upload) == 20
    notes = {"uploaded-by": "fina", "settle-by": "2026-11-20", "kind": "amparex"}
    conditions = policy_of(fields)
    assert ["content-length-range", 1, MOST_FILE_BYTES] in conditions
    assert {"key": fields["key"]} in conditions
    for note, text in notes.items():
        assert fields[f"x-amz-meta-{note}"] == text
        assert {f"x-amz-meta-{note}": text} in conditions
    assert not [one for one in conditions if isinstance(one, list) and one[0] == "starts-with"]
    assert announced["expires_at"] == "2026-11-21T09:15:00Z"


def test_every_announcement_has_a_folder_and_an_import_of_its_own(desk: ApiDesk) -> None:
    first, second = desk.announce("pay.csv"), desk.announce("pay.csv")
    assert first["id"] != second["id"]
    assert first["fields"]["key"] != second["fields"]["key"]


def test_there_is_no_import_before_its_file_has_come(desk: ApiDesk) -> None:
    announced = desk.announce()
    refused = desk.ask("GET", f"/imports/{announced['id']}")
    assert (refused.status, refused.code) == (404, "import-not-found")
    assert desk.get("/imports?client=M1") == {"imports": [], "next": None}


# From the upload to the deletion


def test_an_upload_is_previewed_approved_booked_reported_and_deleted(desk: ApiDesk) -> None:
    desk.put_profile("accountant", approval="always").done()
    desk.invoice("RE-1", 10_000)
    desk.invoice("RE-2", 20_000)
    rows = [["RE-1", "100,00", "20261105"], ["RE-2", "150,00", "20261106", "J"]]
    import_id = desk.upload_by_form("pay.csv", payments_csv(rows))

    waiting = desk.get(f"/imports/{import_id}")
    assert (waiting["state"], waiting["kind"], waiting["variant"]) == (
        "awaiting-approval",
        "amparex",
        "payments",
    )
    would = {**NOTHING, "rows": 2, "booked": 2, "applied": "250.00", "discount": "50.00"}
    assert waiting["totals"] == would
    assert [(stop["code"], stop["is_guard"]) for stop in waiting["stops"]] == [("approval-always", True)]
    assert (waiting["report"], waiting["approval"]) == ("ready", None)
    assert {row["outcome"] for row in desk.all_rows(import_id)} == {"would-be-booked"}
    assert desk.due("RE-1", "RE-2") == [10_000, 20_000]

    approved = desk.post(
        f"/imports/{import_id}/approvals", APPROVER, decision="approve", reason="Looks right"
    )
    assert (approved["state"], approved["report"]) == ("booking", "being-written")
    assert approved["approval"] == {
        "decision": "approve",
        "by": "abel",
        "at": "2026-11-21T09:00:01Z",
        "reason": "Looks right",
    }
    desk.settle()
    booked = desk.get(f"/imports/{import_id}")
    assert (booked["state"], booked["totals"]) == ("finished", {**would, "stands_for": "booked"})
    assert booked["stops"] == waiting["stops"], "what was let pass stays to be seen"
    assert desk.due("RE-1", "RE-2") == [0, 0]
    told = json.loads(desk.fetched(import_id, format="json"))
    assert [(row["line"], row["outcome"], row["applied"]) for row in told] == [
        (2, "booked", "100.00"),
        (3, "booked", "150.00"),
    ]

    deleting = desk.ask("POST", f"/imports/{import_id}/deletions", {"reason": "Wrong file"})
    assert (deleting.status, deleting.body["state"]) == (202, "deleting")
    desk.settle()
    deleted = desk.get(f"/imports/{import_id}")
    assert (deleted["state"], deleted["reversed"], deleted["touched_since"]) == ("deleted", 2, 0)
    assert desk.due("RE-1", "RE-2") == [10_000, 20_000]
    assert whats(deleted) == [
        ("uploaded", "fina"),
        ("read", "tillbridge"),
        ("waits for approval", "tillbridge"),
        ("approved", "abel"),
        ("booking begins", "abel"),
        ("booked", "tillbridge"),
        ("deletion begins", "fina"),
        ("deleted", "tillbridge"),
    ]
    decisions = [entry["facts"]["decision"] for entry in desk.shop.audit(f"import/{import_id}")]
    assert sorted(decisions) == ["approve", "delete"]


def test_a_list_of_open_items_waits_for_who_sees_the_guards(desk: ApiDesk) -> None:
    """RI-33: how many and how much would be settled stands in the preview, in both languages."""
    for number in range(1, 11):
        desk.invoice(f"RE-{number}", 10_000)
    rows = [(f"RE-{number}", "100,00") for number in range(1, 8)]
    import_id = desk.upload_by_form(
        "list.csv", open_items_csv([*rows, ("RE-8", "60,00")]), as_of="2026-11-20"
    )
    waiting = desk.get(f"/imports/{import_id}")
    assert waiting["state"] == "awaiting-approval"
    assert (waiting["as_of"], waiting["open_in_scope"], waiting["rows_read"]) == ("2026-11-20", 10, 8)
    assert waiting["totals"] == {
        **NOTHING,
        "rows": 8,
        "booked": 1,
        "ignored": 7,
        "by_absence": 2,
        "applied": "40.00",
        "settled_by_absence": "200.00",
    }
    words = {stop["code"]: stop["words"] for stop in waiting["stops"]}
    assert list(words) == ["too-many-by-absence", "first-list"]
    assert words["too-many-by-absence"] == {
        "de": "Rechnungen, die ausgeglichen würden, weil sie nicht auf der Liste stehen: 2; "
        "die Grenze ist 0.",
        "en": "Invoices that would be settled because they are not listed: 2; the limit is 0.",
    }
    absent = [row for row in desk.all_rows(import_id) if row["line"] is None]
    assert [(row["invoice_number"], row["code"], row["applied"]) for row in absent] == [
        ("RE-10", "settled-by-absence", "100.00"),
        ("RE-9", "settled-by-absence", "100.00"),
    ]
    assert desk.due("RE-9") == [10_000]
    desk.post(f"/imports/{import_id}/approvals", APPROVER, decision="approve", reason="Checked by phone")
    desk.settle()
    done = desk.get(f"/imports/{import_id}")
    assert (done["state"], done["approval"]["by"]) == ("finished", "abel")
    assert desk.due("RE-1", "RE-8", "RE-9", "RE-10") == [10_000, 6_000, 0, 0]


def test_a_rejected_import_books_nothing_and_its_file_may_come_again(desk: ApiDesk) -> None:
    desk.put_profile("accountant", approval="always").done()
    desk.invoice("RE-1", 10_000)
    content = payments_csv([["RE-1", "100,00", "20261105"]])
    first = desk.upload_by_form("pay.csv", content)
    rejected = desk.post(f"/imports/{first}/approvals", decision="reject", reason="Not ours")
    assert (rejected["state"], rejected["report"]) == ("discarded", "ready")
    assert rejected["approval"]["decision"] == "reject"
    assert desk.settle() == 0
    assert desk.due("RE-1") == [10_000]
    assert [row["outcome"] for row in desk.all_rows(first)] == ["would-be-booked"]
    again = desk.upload_by_form("pay.csv", content)
    assert desk.get(f"/imports/{again}")["state"] == "awaiting-approval"


def test_an_import_that_was_rejected_before_its_report_was_written_gets_one_yet(desk: ApiDesk) -> None:
    desk.put_profile("accountant", approval="always").done()
    desk.invoice("RE-1", 10_000)
    announced = desk.announce()
    one = desk.take_in(desk.post_form(announced, payments_csv([["RE-1", "100,00", "20261105"]])))
    desk.step(one, 0, Step.ASSESS)
    rejected = desk.post(f"/imports/{one.id}/approvals", decision="reject", reason="Not ours")
    assert (rejected["state"], rejected["report"]) == ("discarded", "being-written")
    refused = desk.ask("GET", f"/imports/{one.id}/report")
    assert (refused.status, refused.code) == (409, "report-not-ready")
    desk.settle()
    assert desk.get(f"/imports/{one.id}")["report"] == "ready"
    assert b"would be booked" in desk.fetched(one.id, language="en")


def test_progress_can_be_watched_while_workers_run(desk: ApiDesk) -> None:
    """RI-35: rows read, booked, ignored, failed."""
    desk.put_profile("accountant", policy="good-rows").done()
    desk.invoice("RE-1", 10_000)
    rows = [["RE-1", "100,00", "20261105"], ["RE-1", "abc", "20261105"], ["RE-7", "1,00", "20261105"]]
    announced = desk.announce()
    one = desk.take_in(desk.post_form(announced, payments_csv(rows)))
    target = f"/imports/{one.id}"

    def stands() -> tuple[str, int, dict[str, int]]:
        told = desk.get(target)
        counted = {name: count for name, count in told["totals"].items() if isinstance(count, int) and count}
        return told["state"], told["rows_read"], counted

    assert stands() == ("assessing", 3, {"rows": 1, "refused": 1})
    desk.step(one, 0, Step.ASSESS)
    assert stands() == ("booking", 3, {"rows": 1, "refused": 1})
    desk.step(one, 0, Step.BOOK)
    assert stands() == ("finished", 3, {"rows": 3, "booked": 1, "refused": 2})
    assert desk.get(target)["report"] == "being-written"
    desk.settle()
    desk.post(f"{target}/deletions", reason="Try")
    assert stands()[0] == "deleting"
    assert desk.get(target)["reversed"] == 0
    desk.settle()
    assert desk.get(target)["reversed"] == 1


def test_a_file_that_nobody_can_read_is_quarantined_with_the_reason_for_who_uploaded_it(
    desk: ApiDesk,
) -> None:
    """RI-31: nothing is booked; who covers the profile's branches sees why, and the raw file is kept."""
    desk.put_profile("one", branches=["01"]).done()
    finance_of_01 = {**FINANCE, "branches": "01"}
    import_id = desk.upload_by_form(
        "photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(64), finance_of_01, profile="one"
    )
    told = desk.get(f"/imports/{import_id}", finance_of_01)
    assert (told["state"], told["branches"], told["kind"]) == ("quarantined", ["01"], None)
    [stop] = told["stops"]
    assert (stop["code"], stop["field"], stop["is_guard"]) == ("file-is-image", "file", False)
    assert stop["words"]["de"].startswith("photo.csv ist ein Bild.")
    assert stop["words"]["en"].startswith("photo.csv is an image.")
    assert told["totals"] == NOTHING
    assert desk.get(f"/imports/{import_id}/rows", finance_of_01) == {"rows": [], "next": None}
    kept = desk.find(import_id).raw_key
    assert kept == f"imports/01/2026-11-21/{import_id}/photo.csv"
    stored = desk.shop.world.clients["s3"].get_object(Bucket="test-imports", Key=kept)["Body"].read()
    assert stored.startswith(b"\x89PNG")


def test_the_same_file_twice_names_the_import_that_has_it(desk: ApiDesk) -> None:
    """RI-34."""
    desk.invoice("RE-1", 10_000)
    content = payments_csv([["RE-1", "100,00", "20261105"]])
    first = desk.upload_by_form("pay.csv", content)
    second = desk.upload_by_form("again.csv", content)
    [stop] = desk.get(f"/imports/{second}")["stops"]
    assert (stop["code"], first in stop["words"]["de"]) == ("file-imported-before", True)


def test_the_same_list_of_a_later_day_names_the_day_that_had_it(desk: ApiDesk) -> None:
    """RI-34: deleting what the first one booked would be no remedy; a new export is, if anything is new."""
    desk.put_profile("accountant", branches=["01"]).done()
    desk.invoice("RE-1", 10_000)
    content = open_items_csv([("RE-1", "100,00")])
    first = desk.upload_by_form("list.csv", content, as_of="2026-11-01")
    for name, as_of in (("later.csv", "2026-11-20"), ("same-day.csv", "2026-11-01")):
        [stop] = desk.get(f"/imports/{desk.upload_by_form(name, content, as_of=as_of)}")["stops"]
        assert stop["code"] == "list-imported-before"
        assert f"that of 2026-11-01, which was imported as {first}." in stop["words"]["en"]
        assert f"die vom 01.11.2026, die als {first} importiert wurde." in stop["words"]["de"]
        assert "elete" not in stop["words"]["en"]
        assert "lösch" not in stop["words"]["de"]
    paid = desk.upload_by_form("paid.csv", content, settle_by="2026-11-03")
    [stop] = desk.get(f"/imports/{paid}")["stops"]
    assert stop["code"] == "file-imported-before", "set to paid by date, it is no list of what is open"


def test_the_history_has_words_in_both_languages(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("pay.csv", payments_csv([["RE-1", "100,00", "20261105"]]))
    told = [each["words"] for each in desk.get(f"/imports/{import_id}")["history"]]
    assert [words["de"] for words in told] == [
        "hochgeladen", "gelesen: Zeilen 1, Importart AMPAREX", "die Buchung beginnt",
        "die Buchung ist beendet",
    ]  # fmt: skip
    assert [words["en"] for words in told] == [
        "uploaded", "read: rows 1, kind AMPAREX", "booking begins", "booking ended",
    ]  # fmt: skip


def test_notices_about_a_file_are_told_in_both_languages(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    content = "Belegnr.;Restbetrag;Offen\r\nRE-1;100,00;Ja\r\nRE-2;0,00;Nein\r\n".encode("cp1252")
    import_id = desk.upload_by_form("list.csv", content, as_of="2026-11-20")
    [notice] = desk.get(f"/imports/{import_id}")["notices"]
    assert notice["code"] == "rows-left-out-closed"
    assert notice["words"]["de"].startswith("1 Zeilen sagen, dass sie nicht mehr offen sind")
    assert notice["words"]["en"].startswith("1 rows say that they are not open any more")


# Searching


def test_imports_are_searched_by_profile_state_kind_and_day_newest_first(desk: ApiDesk) -> None:
    """RI-36."""
    desk.put_profile("other").done()
    for number in range(1, 5):
        desk.invoice(f"RE-{number}", 10_000)
    ids = []
    for number, profile in ((1, "accountant"), (2, "other"), (3, "accountant")):
        content = payments_csv([[f"RE-{number}", "100,00", "20261105"]])
        ids.append(desk.upload_by_form(f"{number}.csv", content, ACCOUNTANT, profile=profile))
    ids.append(desk.upload_by_form("list.csv", open_items_csv([("RE-4", "100,00")]), as_of="2026-11-20"))

    def found(query: str) -> list[str]:
        return [one["id"] for one in desk.get(f"/imports?client=M1{query}")["imports"]]

    assert set(found("")) == set(ids)
    assert set(found("&profile=accountant")) == {ids[0], ids[2], ids[3]}
    assert found("&profile=other&state=finished") == [ids[1]]
    assert found("&state=awaiting-approval") == found("&kind=navision") == [ids[3]]
    assert found("&state=quarantined") == found("&until=2019-12-31") == []
    today = desk.find(ids[0]).uploaded_at.date().isoformat()
    assert set(found(f"&until={today}")) == set(found("&until=9999-12-31")) == set(ids)
    assert desk.get("/imports?client=M2") == {"imports": [], "next": None}

    paged: list[str] = []
    page = desk.get("/imports?client=M1&limit=1")
    while page["next"]:
        paged += [one["id"] for one in page["imports"]]
        page = desk.get(f"/imports?client=M1&limit=1&cursor={page['next']}")
    paged += [one["id"] for one in page["imports"]]
    assert paged == found("")
    summary = next(one for one in desk.get("/imports?client=M1")["imports"] if one["id"] == ids[1])
    assert (summary["uploaded_by"], summary["file_name"], summary["totals"]["applied"]) == (
        "ada",
        "2.csv",
        "100.00",
    )


def test_an_upload_that_names_no_profile_stands_under_no_client(desk: ApiDesk) -> None:
    one = desk.take_in(desk.put("pay.csv", b"x", "nobody"))
    told = desk.get(f"/imports/{one.id}")
    assert (told["state"], told["client"], told["currency"]) == ("quarantined", "-", None)
    assert told["totals"]["applied"] is None
    assert [stop["code"] for stop in told["stops"]] == ["profile-not-found"]
    only_both = {**FINANCE, "branches": "01 02"}
    assert desk.ask("GET", f"/imports/{one.id}", claims=only_both).status == 404
