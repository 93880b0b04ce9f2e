"""The report of an import: every row with what was done and why, for people and for programs (RI-38)."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import ApiDesk, long_csv, open_items_csv
from tillbridge import wiring
from tillbridge.reconciliation.decisions import Outcome
from tillbridge.reconciliation.import_model import ImportState, Step
from tillbridge.reconciliation.model import Problem
from tillbridge.reconciliation.report_words import COLUMNS, OUTCOMES
from tillbridge.reconciliation.reports import ReportService
from tillbridge.reconciliation.row_outcomes import RowOutcome

ROWS = [
    ["RE-1", "97,00", "20261105", "J"],
    ["RE-2", "255,00", "20261105", "", "5,00", "N"],
    ["RE-3", "4,00 EUR", "20261105"],
    ["=1+1", "1,00", "20261105"],
    ["RE-3", "0,00", "20261105"],
    ["RE-2", "5,00", "20261106", "", "", "", "N"],
    ["RE-2", "@SUM(A1)", "99999999"],
    ["RE-4", "-3,00", "20261105"],
    ["-2+3", "1,00", "20261105"],
]


@pytest.fixture
def import_id(desk: ApiDesk) -> str:
    """An import with rows of every outcome."""
    desk.put_profile("accountant", policy="good-rows").done()
    for number in range(1, 5):
        desk.invoice(f"RE-{number}", 10_000 * number)
    return desk.upload_by_form("pay.csv", payments_csv(ROWS))


def csv_rows(content: bytes, language: str) -> list[dict[str, str]]:
    """The rows of a CSV report by the English names of their columns."""
    assert content.startswith(b"\xef\xbb\xbf"), "else spreadsheets take it for an old character set"
    delimiter = ";" if language == "de" else ","
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter)
    assert tuple(heading) == COLUMNS[language]
    return [dict(zip(COLUMNS["en"], line, strict=True)) for line in lines]


def report(desk: ApiDesk, import_id: str, language: str) -> list[dict[str, str]]:
    return csv_rows(desk.fetched(import_id, format="csv", language=language), language)


def test_every_row_stands_in_the_report_with_its_outcome_in_english(desk: ApiDesk, import_id: str) -> None:
    rows = report(desk, import_id, "en")
    assert [(row["Line"], row["Outcome"], row["Code"]) for row in rows] == [
        ("2", "booked", "settled-with-discount"),
        ("3", "booked", "settled-with-fee-rest-ignored"),
        ("4", "refused", "cell-is-no-amount"),
        ("5", "refused", "invoice-unknown"),
        ("6", "waits for a decision", "amount-is-zero"),
        ("7", "ignored", "closed-not-reopened"),
        ("8", "refused", "cell-is-no-amount"),
        ("8", "refused", "cell-is-no-day"),
        ("9", "waits for a decision", "returned-more-than-paid"),
        ("10", "refused", "invoice-unknown"),
    ]
    first, second = rows[:2]
    entry = desk.entries("RE-1")[0].id
    assert first == {
        "Line": "2",
        "Invoice number": "RE-1",
        "Amount": "97.00",
        "Day": "2026-11-05",
        "Outcome": "booked",
        "Code": "settled-with-discount",
        "Reason": "The row grants a cash discount; the shortfall is booked as discount, the invoice is "
        "settled.",
        "Applied": "97.00",
        "Cash discount": "3.00",
        "Dunning fee": "",
        "Not booked": "",
        "Due afterwards": "0.00",
        "Value date": "2026-11-05",
        "Column": "",
        "Cell": "",
        "Journal entry": entry,
        "Dunning level": "",
        "Currency": "EUR",
    }
    money = ("Applied", "Dunning fee", "Not booked", "Due afterwards")
    assert [second[name] for name in money] == ["200.00", "5.00", "50.00", "0.00"]


def test_the_german_report_says_the_same_in_german(desk: ApiDesk, import_id: str) -> None:
    english, german = (report(desk, import_id, language) for language in ("en", "de"))
    for one, other in zip(english, german, strict=True):
        for name in ("Amount", "Applied", "Cash discount", "Dunning fee", "Not booked", "Due afterwards"):
            assert other[name] == one[name].replace(".", ",")
        for name in ("Line", "Invoice number", "Day", "Code", "Value date", "Column", "Cell", "Currency"):
            assert other[name] == one[name]
        assert other["Reason"] != one["Reason"]
        outcomes = dict(zip(OUTCOMES["en"].values(), OUTCOMES["de"].values(), strict=True))
        assert other["Outcome"] == outcomes[one["Outcome"]]
    assert german[0]["Reason"].startswith("Die Zeile gewährt Skonto;")
    assert german[8]["Amount"] == "-3,00"


def test_what_is_wrong_with_a_row_is_told_by_line_column_value_and_reason(
    desk: ApiDesk, import_id: str
) -> None:
    """RI-32."""
    row = report(desk, import_id, "de")[2]
    assert (row["Line"], row["Column"], row["Cell"]) == ("4", "Zahlbetrag", "4,00 EUR")
    assert row["Reason"] == (
        "Spalte Zahlbetrag, Zelle „4,00 EUR“: Das ist kein Betrag. Richtig wäre etwa 1234,50."
    )
    assert (row["Amount"], row["Due afterwards"], row["Journal entry"]) == ("", "", "")


def test_no_cell_is_taken_for_a_formula(desk: ApiDesk, import_id: str) -> None:
    """What strangers wrote into a file must not run in the bookkeeper's spreadsheet."""
    for language in ("de", "en"):
        rows = report(desk, import_id, language)
        assert [rows[place]["Invoice number"] for place in (3, 9)] == ["'=1+1", "'-2+3"]
        assert rows[6]["Cell"] == "'@SUM(A1)"
        amounts = {"Amount", "Applied", "Not booked", "Due afterwards"}
        for row in rows:
            for name, cell in row.items():
                assert name in amounts or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    told = json.loads(desk.fetched(import_id, format="json"))
    assert [told[place]["invoice_number"] for place in (3, 9)] == ["=1+1", "-2+3"]


HOSTILE = {
    "=1+1": "'=1+1",
    "  =1+1": "'  =1+1",
    "\t+1": "'\t'+1",
    "x,=HYPERLINK(A1)": "x,'=HYPERLINK(A1)",
    "x;@SUM(A1)": "x;'@SUM(A1)",
    "x\t-2+3": "x\t'-2+3",
    "x, =1; +2": "x,' =1;' +2",
    'x;"=1': "x;'\"=1",
    "RE-1, RE-2; a=b": "RE-1, RE-2; a=b",
}
"""Texts of a file, and how they stand in a report."""


@pytest.mark.parametrize(("text", "shown"), HOSTILE.items())
@pytest.mark.parametrize("language", ["de", "en"])
def test_no_part_of_a_cell_is_taken_for_a_formula_whatever_a_spreadsheet_cuts_at(
    desk: ApiDesk, text: str, shown: str, language: str
) -> None:
    one = replace(desk.upload("pay.csv", payments_csv([["RE-9", "1,00", "20261105"]])), chunks=0)
    wiring.workspace().keep_problems(one.id, one.attempt, [Problem(2, text, text, "cell-is-no-amount")])
    ReportService(wiring.import_store(), wiring.workspace()).write(one)
    content = wiring.workspace().files.read(f"reports/{one.id}/{one.revision}/report.{language}.csv")
    assert content is not None
    [row] = csv_rows(content, language)
    assert (row["Column"], row["Cell"]) == (shown, shown)


def test_each_report_has_the_form_of_its_spreadsheets(desk: ApiDesk, import_id: str) -> None:
    english, german = (
        desk.fetched(import_id, format="csv", language=language).decode("utf-8-sig").splitlines()[1]
        for language in ("en", "de")
    )
    assert english.startswith("2,RE-1,97.00,2026-11-05,booked,")
    assert german.startswith("2;RE-1;97,00;2026-11-05;gebucht;")


MANY_PROBLEMS = 40_000
MOST_BYTES = 8_000_000
"""All of them at once take three times as much."""


def test_rows_that_could_not_be_read_are_never_all_in_the_memory(desk: ApiDesk) -> None:
    """A file may have two million of them, and a worker has 1,024 MB."""
    one = replace(desk.upload("pay.csv", payments_csv([["RE-9", "1,00", "20261105"]])), chunks=0)
    workspace = wiring.workspace()
    problems = (
        Problem(2 + place, "Zahlbetrag", f"{place} EUR", "cell-is-no-amount", (("place", str(place)),))
        for place in range(MANY_PROBLEMS)
    )
    workspace.keep_problems(one.id, one.attempt, problems)
    tracemalloc.start()
    with ExitStack() as opened:
        lines = [row.told.line for row in ReportService(wiring.import_store(), workspace).rows(one, opened)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == list(range(2, 2 + MANY_PROBLEMS))
    assert peak < MOST_BYTES


def test_rows_and_problems_stand_in_their_order_whatever_lines_they_name(desk: ApiDesk) -> None:
    one = desk.upload("pay.csv", payments_csv([["RE-9", "1,00", "20261105"]]))
    store, workspace = wiring.import_store(), wiring.workspace()
    told = RowOutcome(0, "", Outcome.REFUSED, "invoice-unknown")
    workspace.keep_preview(
        one, 0, store.chunks(one.id)[0].preview, [told._replace(line=line) for line in (2, 4, 9)]
    )
    problems = [Problem(line, "a", "b", "cell-is-no-amount") for line in (3, 3, 8, 5, 10)]
    workspace.keep_problems(one.id, one.attempt, problems)
    with ExitStack() as opened:
        rows = [row.told.line for row in ReportService(store, workspace).rows(one, opened)]
    assert rows == [2, 3, 3, 4, 8, 5, 9, 10], "a problem out of its order stands behind its forerunner"


def as_csv(row: dict[str, Any], language: str) -> dict[str, str]:
    """A row of the JSON report as the CSV report should have it."""

    def amount(name: str, *, zero: str = "") -> str:
        text = row[name]
        if text is None or (not zero and float(text) == 0):
            return ""
        return str(text).replace(".", ",") if language == "de" else str(text)

    def text(name: str) -> str:
        content = "" if row[name] is None else str(row[name])
        return f"'{content}" if content.startswith(("=", "+", "-", "@")) else content

    return {
        "Line": text("line"),
        "Invoice number": text("invoice_number"),
        "Amount": amount("amount", zero="shown"),
        "Day": text("day"),
        "Outcome": OUTCOMES[language][row["outcome"]],
        "Code": row["code"],
        "Reason": row["reason"][language],
        "Applied": amount("applied"),
        "Cash discount": amount("discount"),
        "Dunning fee": amount("fee"),
        "Not booked": amount("ignored"),
        "Due afterwards": amount("due_after", zero="shown"),
        "Value date": text("value_on"),
        "Column": text("column"),
        "Cell": text("value"),
        "Journal entry": text("entry"),
        "Dunning level": text("dunning_level"),
        "Currency": row["currency"],
    }


@pytest.mark.parametrize("language", ["de", "en"])
def test_json_and_csv_say_the_same(desk: ApiDesk, import_id: str, language: str) -> None:
    told = json.loads(desk.fetched(import_id, format="json"))
    assert [as_csv(row, language) for row in told] == report(desk, import_id, language)
    by_page = sorted(desk.all_rows(import_id), key=lambda row: (row["line"], row["code"]))
    assert by_page == told, "and the pages too"


def test_rows_stand_in_the_order_of_the_file_however_many_chunks_it_has(desk: ApiDesk) -> None:
    """RI-37: its rows are spread over workers and brought together again."""
    desk.put_profile("accountant", policy="good-rows").done()
    numbers = [f"NO-{place}" for place in range(2_100)]
    for place in range(0, 2_100, 150):
        numbers[place] = f"RE-{place}"
        desk.invoice(f"RE-{place}", 10_000)
    content = long_csv(numbers)
    content += b"NO-1;abc;20261105;x\r\n"
    assert len(content) > 400_000
    import_id = desk.upload_by_form("long.csv", content)
    assert desk.find(import_id).chunks == 2
    rows = report(desk, import_id, "en")
    assert [row["Line"] for row in rows] == [str(line) for line in range(2, 2_103)]
    assert [row["Invoice number"] for row in rows[:-1]] == numbers
    assert (rows[-1]["Column"], rows[-1]["Cell"]) == ("Zahlbetrag", "abc")
    assert sum(row["Outcome"] == "booked" for row in rows) == 14


def test_rows_of_one_long_line_stand_in_their_order_too(desk: ApiDesk) -> None:
    """A bank may write a whole statement into one line."""
    desk.invoice("RE-1", 10_000)
    one = desk.upload("pay.csv", payments_csv([["RE-9", "1,00", "20261105"]]))
    assert one.state is ImportState.REFUSED
    store, workspace = wiring.import_store(), wiring.workspace()
    store.new_chunks(one.id, [1])
    told = RowOutcome(1, "", Outcome.REVIEW, "no-invoice-found")
    for chunk in (0, 1):
        marked = [told._replace(entry_mark=f"{chunk}-{place}") for place in range(3)]
        workspace.keep_preview(one, chunk, store.chunks(one.id)[chunk].preview, marked)
    with ExitStack() as opened:
        rows = ReportService(store, workspace).rows(replace(one, chunks=2), opened)
        assert [row.told.entry_mark for row in rows] == ["0-0", "0-1", "0-2", "1-0", "1-1", "1-2"]


def test_documents_that_a_list_lacks_stand_at_the_end(desk: ApiDesk) -> None:
    for number in (1, 2, 3):
        desk.invoice(f"RE-{number}", 10_000)
    import_id = desk.upload_by_form("list.csv", open_items_csv([("RE-3", "40,00")]), as_of="2026-11-20")
    rows = report(desk, import_id, "de")
    assert [(row["Line"], row["Invoice number"], row["Outcome"], row["Applied"]) for row in rows] == [
        ("2", "RE-3", "würde gebucht", "60,00"),
        ("", "RE-1", "würde gebucht", "100,00"),
        ("", "RE-2", "würde gebucht", "100,00"),
    ]


def test_dunning_levels_are_told(desk: ApiDesk) -> None:
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("levels.csv", "Belegnr.;Mahnstufe\r\nRE-1;3\r\n".encode("cp1252"))
    [row] = report(desk, import_id, "en")
    assert (row["Outcome"], row["Code"], row["Dunning level"]) == ("booked", "dunning-level-set", "3")


def test_what_is_refused_tells_nothing_of_a_foreign_document(desk: ApiDesk) -> None:
    """PE-1: whoever names it learns that it is not his, not what is due on it."""
    desk.invoice("RE-7", 12_345, branch="02")
    desk.put_profile("one", branches=["01"], policy="good-rows").done()
    import_id = desk.upload_by_form("x.csv", payments_csv([["RE-7", "1,00", "20261105"]]), profile="one")
    [row] = report(desk, import_id, "en")
    assert (row["Code"], row["Due afterwards"]) == ("invoice-of-another-branch", "")
    assert "123" not in desk.fetched(import_id, format="json").decode()


def test_a_row_in_another_currency_shows_its_amount_in_that_currency(desk: ApiDesk) -> None:
    desk.put_profile("accountant", policy="good-rows").done()
    desk.invoice("RE-1", 10_000)
    content = "Rechnungsnummer;Zahlbetrag;Zahldatum;Währung\r\nRE-1;500;20261105;JPY\r\n".encode("cp1252")
    [row] = report(desk, desk.upload_by_form("yen.csv", content), "en")
    assert (row["Code"], row["Amount"], row["Currency"]) == ("currency-differs", "500", "JPY")


def test_the_report_of_a_deletion_names_what_something_else_has_touched_since(desk: ApiDesk) -> None:
    """RI-36."""
    for number in (1, 2, 3):
        desk.invoice(f"RE-{number}", 10_000)
    rows = [
        ["Re-1", "60,00", "20261105"],
        ["RE-2", "100,00", "20261105"],
        ["RE-2", "", "20261106"],
        ["RE-3", "5,00", "20261105"],
    ]
    import_id = desk.upload_by_form("pay.csv", payments_csv(rows))
    later = [["RE-1", "10,00", "20261110"], ["RE-2", "1,00", "20261110"]]
    desk.upload_by_form("later.csv", payments_csv(later))
    desk.post(f"/imports/{import_id}/deletions", reason="Wrong file")
    assert desk.ask("GET", f"/imports/{import_id}/report").code == "report-not-ready"
    desk.settle()
    assert desk.due("RE-1", "RE-2", "RE-3") == [9_000, 9_900, 10_000]
    english, german = (report(desk, import_id, language) for language in ("en", "de"))
    assert [(row["Line"], row["Outcome"]) for row in english] == [
        ("2", "reversed"),
        ("3", "reversed"),
        ("4", "ignored"),
        ("5", "reversed"),
    ]
    since = "Something else has touched the document since; only the import's amounts were taken out."
    assert [since in row["Reason"] for row in english] == [True, True, False, False]
    assert german[0]["Outcome"] == "storniert"
    assert "Seither hat etwas anderes den Beleg verändert" in german[0]["Reason"]
    told = json.loads(desk.fetched(import_id, format="json"))
    assert [row["touched_since"] for row in told] == [True, True, False, False]


def test_a_preview_is_never_given_for_what_was_booked(desk: ApiDesk) -> None:
    desk.put_profile("accountant", approval="always").done()
    desk.invoice("RE-1", 10_000)
    import_id = desk.upload_by_form("pay.csv", payments_csv([["RE-1", "100,00", "20261105"]]))
    assert report(desk, import_id, "en")[0]["Outcome"] == "would be booked"
    desk.post(f"/imports/{import_id}/approvals", decision="approve", reason="Yes")
    desk.step(desk.find(import_id), 0, Step.BOOK)
    assert desk.get(f"/imports/{import_id}")["state"] == "finished"
    for language, part in (("en", "is not written yet"), ("de", "ist noch nicht geschrieben")):
        refused = desk.ask("GET", f"/imports/{import_id}/report", language=language)
        assert (refused.status, refused.code) == (409, "report-not-ready")
        assert part in refused.body["detail"]
    desk.settle()
    assert report(desk, import_id, "en")[0]["Outcome"] == "booked"


def test_an_address_of_a_report_is_good_for_a_while_and_names_the_file(desk: ApiDesk, import_id: str) -> None:
    told = desk.get(f"/imports/{import_id}/report?format=json")
    assert told["expires_at"] == "2026-11-21T09:05:01Z"
    query = parse_qs(urlsplit(told["url"]).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["response-content-disposition"] == [f'attachment; filename="{import_id}.report.json"']
    assert desk.get(f"/imports/{import_id}/report")["url"].partition("?")[0].endswith("/report.de.csv")
    refused = desk.ask("GET", f"/imports/{import_id}/report?format=pdf")
    assert (refused.status, refused.fields) == (422, ["format"])
