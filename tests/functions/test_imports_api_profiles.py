"""Import profiles, and own mappings that are tried before they are kept, over HTTP (RI-20, RI-32, RI-33)."""

from __future__ import annotations

import base64
from typing import Any, get_args

import pytest

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import FINANCE, PROFILE, WHOLE_PROFILE, ApiDesk
from tests.functions.shops import FINANCE_A
from tillbridge.reconciliation import profile_schemas
from tillbridge.reconciliation.mappings import COLUMNS
from tillbridge.reconciliation.model import Kind

MAPPING: dict[str, Any] = {
    "variant": "payments",
    "columns": {"invoice_number": "Nr", "amount": "Betrag", "day": "Tag", "cash_discount": "Skonto"},
    "decimal_mark": ".",
    "date_format": "dd.MM.yyyy",
}
WHOLE_MAPPING: dict[str, Any] = {
    **MAPPING,
    "has_headings": True,
    "separator": None,
    "character_set": None,
    "yes_words": ["J", "JA", "Y", "YES"],
    "no_words": ["N", "NEIN", "NO"],
    "closing_marks": [],
    "open_marks": [],
    "skipped_lines": 0,
}
OPEN_ITEMS: dict[str, Any] = {
    "variant": "open-items",
    "columns": {"invoice_number": 1, "amount": 3, "clearing_mark": 2},
    "has_headings": False,
    "separator": "|",
    "character_set": "cp1252",
    "closing_marks": ["x"],
    "open_marks": ["o"],
    "skipped_lines": 2,
}


def trial(content: bytes, mapping: dict[str, Any] = MAPPING, **more: Any) -> dict[str, Any]:
    sample = base64.b64encode(content).decode()
    return {"file_name": "own.csv", "currency": "EUR", "mapping": mapping, "sample": sample, **more}


# Profiles


def test_a_profile_is_written_down_changed_and_read(desk: ApiDesk) -> None:
    assert desk.put_profile().done() == WHOLE_PROFILE
    assert desk.get("/import-profiles/bank") == WHOLE_PROFILE
    before = desk.written()
    assert desk.put_profile().done() == WHOLE_PROFILE
    assert desk.written() == before, "the same once more changes nothing"
    changed: dict[str, Any] = {
        "branches": ["02"],
        "kind": "camt",
        "policy": "good-rows",
        "approval": "always",
        "limits": {
            "most_settled_by_absence": 7,
            "most_amount_by_absence": "0.50",
            "most_share_percent": "2.5",
            "least_rows_percent": "100",
        },
        "number_patterns": ["RE-@@-####-##"],
        "active": False,
    }
    assert desk.put_profile(**changed).done() == {**WHOLE_PROFILE, **changed, "revision": 2}
    assert [one["id"] for one in desk.get("/import-profiles")["profiles"]] == ["accountant", "bank"]
    trail = desk.shop.audit("import-profile/bank")
    assert sorted((entry["facts"]["revision"], entry["facts"]["active"]) for entry in trail) == [
        ("1", "true"),
        ("2", "false"),
    ]


@pytest.mark.parametrize("mapping", [MAPPING, OPEN_ITEMS], ids=["by heading", "by place"])
def test_an_own_mapping_is_kept_as_it_was_written(desk: ApiDesk, mapping: dict[str, Any]) -> None:
    """RI-20."""
    saved = desk.put_profile(kind="own-mapping", mapping=mapping).done()
    assert saved["mapping"] == {**WHOLE_MAPPING, "decimal_mark": ",", "date_format": "yyyyMMdd", **mapping}
    before = desk.written()
    assert desk.put_profile(kind="own-mapping", mapping=saved["mapping"]).done() == saved
    assert desk.written() == before


def test_limits_that_are_left_out_have_their_usual_values_in_the_currency(desk: ApiDesk) -> None:
    saved = desk.put_profile(currency="KWD", limits={"most_share_percent": "0"}).done()
    assert saved["limits"] == {
        "most_settled_by_absence": 0,
        "most_amount_by_absence": "1000.000",
        "most_share_percent": "0",
        "least_rows_percent": "50",
    }


def test_every_kind_and_meaning_can_be_named(desk: ApiDesk) -> None:
    assert set(get_args(profile_schemas.KindText)) == set(Kind)
    assert get_args(profile_schemas.MeaningText) == COLUMNS
    for kind in Kind:
        mapping = MAPPING if kind is Kind.MAPPED else None
        assert desk.put_profile(kind=kind.value, mapping=mapping).done()["kind"] == kind.value


def test_files_are_read_by_the_mapping_of_their_profile(desk: ApiDesk) -> None:
    desk.put_profile("own", kind="own-mapping", mapping=MAPPING).done()
    desk.invoice("RE-1", 10_000)
    content = b"Nr;Betrag;Tag;Skonto\r\nRE-1;97.00;05.11.2026;ja\r\n"
    import_id = desk.upload_by_form("own.csv", content, profile="own")
    told = desk.get(f"/imports/{import_id}")
    assert (told["kind"], told["state"], told["totals"]["discount"]) == ("own-mapping", "finished", "3.00")


def test_a_profile_that_is_switched_off_takes_no_files(desk: ApiDesk) -> None:
    desk.put_profile("accountant", active=False).done()
    refused = desk.ask("POST", "/imports", {"profile": "accountant", "file_name": "x.csv"})
    assert (refused.status, refused.code) == (409, "profile-not-active")
    desk.put_profile("off", branches=["01"], active=False).done()
    one = desk.upload("x.csv", payments_csv([["RE-1", "1,00", "20261105"]]), "off")
    told = desk.get(f"/imports/{one.id}", FINANCE_A)
    assert (told["state"], told["branches"]) == ("quarantined", ["01"])
    assert [stop["code"] for stop in told["stops"]] == ["profile-not-active"]


# Trials


def test_a_mapping_is_tried_on_a_sample_and_nothing_is_kept(desk: ApiDesk) -> None:
    before = desk.written()
    content = "Nr;Betrag;Tag;Skonto\r\nRE-1;97.00;05.11.2026;ja\r\nRE-2;9,70;31.11.2026;\r\nÄ-3;;;n\r\n"
    told = desk.post("/mapping-trials", **trial(content.encode("cp1252")))
    assert (told["rows_read"], told["lines_with_problems"]) == (2, 1)
    assert (told["character_set"], told["separator"]) == ("cp1252", ";")
    nothing = dict.fromkeys(
        ("currency", "dunning_fee", "overpayment", "reopening", "dunning_level", "cleared", "reference")
    )
    assert told["rows"] == [
        {
            **nothing,
            "line": 2,
            "invoice_number": "RE-1",
            "amount": "97.00",
            "day": "2026-11-05",
            "cash_discount": True,
        },
        {
            **nothing,
            "line": 4,
            "invoice_number": "Ä-3",
            "amount": None,
            "day": None,
            "cash_discount": False,
        },
    ]
    places = [(problem["line"], problem["column"], problem["value"]) for problem in told["problems"]]
    assert places == [(3, "Betrag", "9,70"), (3, "Tag", "31.11.2026")]
    assert told["problems"][1]["code"] == "cell-is-no-day"
    assert told["problems"][1]["words"] == {
        "de": "Spalte Tag, Zelle „31.11.2026“: Das ist kein Tag; richtig wäre die Form dd.MM.yyyy.",
        "en": "Column Tag, cell “31.11.2026”: This is no day; it should be written as dd.MM.yyyy.",
    }
    assert desk.written() == before


def test_a_dunning_fee_is_shown_as_yes_no_or_amount(desk: ApiDesk) -> None:
    mapping = {"variant": "payments", "columns": {"invoice_number": "Nr", "dunning_fee": "Gebühr"}}
    content = "Nr;Gebühr\r\nA-1;J\r\nA-2;N\r\nA-3;\r\nA-4;2,50\r\n".encode()
    told = desk.post("/mapping-trials", **trial(content, mapping))
    assert [row["dunning_fee"] for row in told["rows"]] == [True, False, None, "2.50"]


def test_the_beginning_of_a_file_may_end_in_a_cut_line(desk: ApiDesk) -> None:
    content = b"Nr;Betrag;Tag;Skonto\r\nRE-1;97.00;05.11.2026;ja\r\nRE-2;9"
    assert desk.post("/mapping-trials", **trial(content))["lines_with_problems"] == 1
    told = desk.post("/mapping-trials", **trial(content, is_beginning=True))
    assert (told["rows_read"], told["lines_with_problems"]) == (1, 0)


def test_a_sample_may_have_forty_kilobytes_and_no_more(desk: ApiDesk) -> None:
    row = b"RE-1;97.00;05.11.2026;ja\r\n"
    content = b"Nr;Betrag;Tag;Skonto\r\n" + row * ((40 * 1024 - 22) // len(row))
    told = desk.post("/mapping-trials", **trial(content))
    assert (told["rows_read"], len(told["rows"])) == ((40 * 1024 - 22) // len(row), 20)
    refused = desk.ask("POST", "/mapping-trials", trial(content + row * 2))
    assert (refused.status, refused.fields) == (422, ["sample"])


# What is refused

BAD_PROFILES: list[tuple[dict[str, Any], int, str]] = [
    ({"name": "  "}, 422, "name-is-empty"),
    ({"name": "a\nb"}, 422, "text-has-control-characters"),
    ({"client": "M9"}, 404, "client-not-found"),
    ({"currency": "XXX"}, 422, "currency-unknown"),
    ({"branches": ["99"]}, 422, "branch-of-another-client"),
    ({"branches": ["01", "01"]}, 422, "branch-twice"),
    ({"kind": "own-mapping"}, 422, "mapping-and-kind-differ"),
    ({"mapping": MAPPING}, 422, "mapping-and-kind-differ"),
    ({"kind": "excel"}, 422, "request-not-valid"),
    ({"limits": {"most_settled_by_absence": -1}}, 422, "request-not-valid"),
    ({"limits": {"most_amount_by_absence": "-1.00"}}, 422, "limit-out-of-range"),
    ({"limits": {"most_amount_by_absence": "1.001"}}, 422, "amount-has-too-many-decimals"),
    ({"limits": {"most_share_percent": "100.01"}}, 422, "percent-unreadable"),
    ({"limits": {"least_rows_percent": "-1"}}, 422, "percent-unreadable"),
    ({"number_patterns": ["RE"]}, 422, "pattern-unreadable"),
    ({"colour": "red"}, 422, "request-not-valid"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD_PROFILES, ids=lambda part: str(part)[:50])
def test_a_profile_that_makes_no_sense_is_refused_in_both_languages(
    desk: ApiDesk, body: dict[str, Any], status: int, code: str
) -> None:
    before = desk.written()
    whole = {**PROFILE, **body}
    english, german = (
        desk.ask("PUT", "/import-profiles/bank", whole, FINANCE, language) for language in ("en", "de")
    )
    assert (english.status, english.code) == (german.status, german.code) == (status, code)
    assert english.body["detail"] != german.body["detail"]
    assert "…" not in english.body["detail"], "a fact is missing"
    assert english.fields
    assert desk.written() == before


@pytest.mark.parametrize("name", ["Bank", "-bank", "bank-", "b_k", "a" * 41])
def test_an_id_is_fit_for_a_folder(desk: ApiDesk, name: str) -> None:
    refused = desk.put_profile(name)
    assert (refused.status, refused.fields) == (422, ["profile"])


BAD_TRIALS: list[tuple[dict[str, Any], str]] = [
    ({"sample": "?"}, "sample-unreadable"),
    ({"sample": ""}, "file-is-empty"),
    ({"sample": base64.b64encode(b"%PDF-1.4\n").decode()}, "file-is-pdf"),
    ({"file_name": "a/b.csv"}, "file-name-unusable"),
    ({"file_name": "${filename}"}, "file-name-unusable"),
    ({"currency": "XXX"}, "currency-unknown"),
    ({"mapping": {**MAPPING, "separator": ".", "columns": {"invoice_number": "Nr"}}}, "request-not-valid"),
    ({"mapping": {**MAPPING, "columns": {"amount": "Betrag"}}}, "mapping-lacks-column"),
    ({"mapping": {**MAPPING, "columns": {"invoice_number": "Nummer"}}}, "column-missing"),
    ({"mapping": {**MAPPING, "columns": {"invoice_number": 1}}}, "mapping-column-unreadable"),
    ({"mapping": {**MAPPING, "columns": {"invoice_number": "Nr", "colour": "Rot"}}}, "request-not-valid"),
    ({"mapping": {**MAPPING, "date_format": "dd.MM"}}, "mapping-date-format-unknown"),
    ({"mapping": {**MAPPING, "yes_words": ["J", "j"]}}, "mapping-word-twice"),
    ({"mapping": {**MAPPING, "closing_marks": ["x"]}}, "mapping-lacks-closing-marks"),
]


@pytest.mark.parametrize(("body", "code"), BAD_TRIALS, ids=lambda part: str(part)[:50])
def test_a_trial_that_can_not_be_is_refused_in_both_languages(
    desk: ApiDesk, body: dict[str, Any], code: str
) -> None:
    whole = {**trial(b"Nr;Betrag;Tag;Skonto\r\nRE-1;97.00;05.11.2026;ja\r\n"), **body}
    english, german = (
        desk.ask("POST", "/mapping-trials", whole, FINANCE, language) for language in ("en", "de")
    )
    assert (english.status, english.code) == (german.status, german.code) == (422, code)
    assert english.body["detail"] != german.body["detail"]
    assert "…" not in english.body["detail"], "a fact is missing"
