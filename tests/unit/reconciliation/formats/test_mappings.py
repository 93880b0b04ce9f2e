"""An own mapping is refused when it is made, not when a file has come; a sample shows it at work (RI-20)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping as Columns
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.file_refusals import FILE_REFUSALS
from tillbridge.reconciliation.formats import own_mapping
from tillbridge.reconciliation.formats.own_mapping import Tried, try_mapping
from tillbridge.reconciliation.formats.reading import ReadSettings
from tillbridge.reconciliation.mappings import COLUMNS, NEEDED, POSSIBLE, VARIANTS, Mapping, mapping_from
from tillbridge.reconciliation.model import Variant

SETTINGS = ReadSettings("probe.csv", "EUR", "2026-11-28")


def mapping(
    variant: Variant = Variant.PAYMENTS, columns: Columns[str, str | int] | None = None, **more: Any
) -> Mapping:
    columns = columns or {meaning: meaning for meaning in NEEDED[variant]}
    return Mapping(variant=variant, columns=columns, **more)


def refusal(**wrong: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        mapping(**wrong)
    words = FILE_REFUSALS[refused.value.code]
    facts = {"field": refused.value.field, "value": refused.value.value, **refused.value.facts}
    assert words.en.format(**facts) != words.de.format(**facts)
    return refused.value


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"variant": Variant.PAYMENTS, "columns": {"amount": "Betrag"}}, "mapping-lacks-column", "columns"),
        (
            {"variant": Variant.OPEN_ITEMS, "columns": {"invoice_number": "Nr"}},
            "mapping-lacks-column",
            "columns",
        ),
        (
            {"variant": Variant.DUNNING_LEVELS, "columns": {"invoice_number": "Nr"}},
            "mapping-lacks-column",
            "columns",
        ),
        ({"columns": {"invoice_number": "Nr", "betrag": "B"}}, "mapping-choice-unknown", "columns"),
        ({"columns": {"invoice_number": "Nr", "amount": "Nr"}}, "mapping-column-twice", "columns"),
        ({"columns": {"invoice_number": 1}}, "mapping-column-unreadable", "columns"),
        (
            {"columns": {"invoice_number": "Nr"}, "has_headings": False},
            "mapping-column-unreadable",
            "columns",
        ),
        ({"columns": {"invoice_number": 0}, "has_headings": False}, "mapping-column-unreadable", "columns"),
        ({"columns": {"invoice_number": 501}, "has_headings": False}, "mapping-column-unreadable", "columns"),
        ({"separator": ":"}, "mapping-choice-unknown", "separator"),
        ({"separator": ""}, "mapping-choice-unknown", "separator"),
        ({"separator": ","}, "mapping-separator-is-decimal-mark", "separator"),
        ({"character_set": "utf-7"}, "mapping-choice-unknown", "character_set"),
        ({"decimal_mark": ";"}, "mapping-choice-unknown", "decimal_mark"),
        ({"skipped_lines": -1}, "mapping-skips-too-many", "skipped_lines"),
        ({"skipped_lines": 101}, "mapping-skips-too-many", "skipped_lines"),
        ({"yes_words": ("J", "j")}, "mapping-word-twice", "words"),
        ({"yes_words": ("J",), "no_words": ("j",)}, "mapping-word-twice", "words"),
        ({"yes_words": (" ",)}, "mapping-word-twice", "words"),
        ({"yes_words": tuple(map(str, range(21)))}, "mapping-word-twice", "words"),
        ({"closing_marks": ("X",)}, "mapping-lacks-closing-marks", "closing_marks"),
    ],
)
def test_what_can_not_be_a_mapping_is_refused(wrong: dict[str, Any], code: str, field: str) -> None:
    refused = refusal(**wrong)
    assert (refused.code, refused.field) == (code, field)


@pytest.mark.parametrize(
    "variant", [Variant.BANK_STATEMENT, Variant.INVOICES, Variant.CUSTOMERS, Variant.ORDERS]
)
def test_a_mapping_reads_rows_about_invoices_alone(variant: Variant) -> None:
    refused = refusal(variant=variant, columns={"invoice_number": "Nr"})
    assert (refused.code, refused.field) == ("mapping-choice-unknown", "variant")


@pytest.mark.parametrize("variant", sorted(VARIANTS))
@pytest.mark.parametrize("meaning", COLUMNS)
def test_a_column_that_its_variant_would_not_look_at_is_refused(variant: Variant, meaning: str) -> None:
    columns = {one: one for one in {*NEEDED[variant], meaning}}
    marks = {"closing_marks": ("A",)} if meaning == "clearing_mark" else {}
    if meaning in POSSIBLE[variant]:
        assert mapping(variant, columns, **marks).columns == columns
    else:
        assert refusal(variant=variant, columns=columns, **marks).code == "mapping-column-not-of-variant"


@pytest.mark.parametrize(
    "date_format",
    ["yyyyMMdd", "ddMMyyyy", "dd.MM.yyyy", "d.M.yy", "yyyy-MM-dd", "MM/dd/yyyy", "ddMMyy", "d M yyyy"],
)
def test_formats_of_days(date_format: str) -> None:
    assert mapping(date_format=date_format).date_format == date_format


@pytest.mark.parametrize(
    "date_format",
    ["", "yyyy", "dd.MM", "dd.mm.yyyy", "dMyyyy", "d.Myyyy", "ddM.yyyy", "dd.MM.yyyy.", ".ddMMyyyy",
     "dd.MM.yyyy HH",
     "dd,MM,yyyy", "yyyyMMddd", "ddMMyyyyMM", "TT.MM.JJJJ", "dd..MM..yyyy"],
)  # fmt: skip
def test_what_is_no_format_of_days(date_format: str) -> None:
    """*dMyyyy* is none: 1112026 would be two days."""
    assert refusal(date_format=date_format).code == "mapping-date-format-unknown"


@given(st.data())
def test_a_mapping_comes_back_from_plain_values(data: st.DataObject) -> None:
    variant = data.draw(st.sampled_from(sorted(VARIANTS)))
    marks = data.draw(st.booleans()) and "clearing_mark" in POSSIBLE[variant]
    meanings = {*NEEDED[variant], *data.draw(st.sets(st.sampled_from(POSSIBLE[variant])))} - {"clearing_mark"}
    if marks:
        meanings.add("clearing_mark")
    headings = data.draw(st.booleans())
    one = mapping(
        variant,
        {
            meaning: meaning.title() if headings else place
            for place, meaning in enumerate(sorted(meanings), 1)
        },
        has_headings=headings,
        separator=data.draw(st.sampled_from([None, ";", "\t"])),
        closing_marks=("A", "B") if marks else (),
        skipped_lines=data.draw(st.integers(0, 100)),
    )
    assert mapping_from(json.loads(json.dumps(one.values()))) == one


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"variant": "geld", "columns": {"invoice_number": "Nr"}}, "variant"),
        ({"columns": {"invoice_number": "Nr"}}, "variant"),
        ({"variant": "payments", "columns": {"invoice_number": "Nr"}, "farbe": "rot"}, "mapping"),
    ],
)
def test_plain_values_that_are_no_mapping_are_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        mapping_from(values)
    assert (refused.value.code, refused.value.field) == ("mapping-choice-unknown", field)


def tried(sample: str, one: Mapping, **more: Any) -> Tried:
    return try_mapping(sample.encode("cp1252"), one, SETTINGS, **more)


PAYMENTS = mapping(Variant.PAYMENTS, {"invoice_number": "Beleg", "amount": "Betrag"})


def test_a_sample_shows_its_first_rows_and_problems_and_counts_all() -> None:
    sample = "Beleg;Betrag\r\n" + "RE-1;1,00\r\n" * 30 + "RE-2;x\r\n" * 40
    shown = tried(sample, PAYMENTS)
    assert (len(shown.rows), len(shown.problems)) == (20, 20)
    assert (shown.facts.rows, shown.facts.problem_lines) == (30, 40)
    assert shown.problems[0][:4] == (32, "Betrag", "x", "cell-is-no-amount")
    assert len(tried(sample, PAYMENTS, most=3).rows) == 3


@pytest.mark.parametrize("character_set", ["cp1252", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("cut", range(1, 13))
def test_the_line_at_which_a_sample_was_cut_is_none(character_set: str, cut: int) -> None:
    whole = "Beleg;Betrag\r\nRE-Ü;1,00\r\nRE-2;22,00\r\n".encode(character_set)
    sample = whole[:-cut]
    shown = try_mapping(sample, PAYMENTS, SETTINGS, is_beginning=True)
    assert not shown.problems
    assert [row.amount_minor for row in shown.rows] in ([100], [100, 2200])
    if cut > (4 if character_set == "utf-16" else 2):
        assert len(shown.rows) == 1
    ended = try_mapping(whole, PAYMENTS, SETTINGS)
    assert len(ended.rows) == 2


def test_a_sample_that_can_not_be_read_so_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        tried("Beleg;Summe\r\nRE-1;1,00\r\n", PAYMENTS)
    assert (refused.value.code, refused.value.value) == ("column-missing", "Beleg, Summe")


@pytest.mark.parametrize(
    ("headings", "code"),
    [
        ("Beleg;Betrag;BETRAG", "column-twice"),
        ("Beleg;Wert", "column-missing"),
        ("Beleg;Betrag;;Egal;Egal", ""),
    ],
)
def test_only_the_mapped_columns_matter(headings: str, code: str) -> None:
    sample = f"{headings}\r\nRE-1;1,00{';' * (headings.count(';') - 1)}\r\n"
    if code:
        with pytest.raises(Refused, match=code):
            tried(sample, PAYMENTS)
    else:
        assert tried(sample, PAYMENTS).rows[0].amount_minor == 100


def test_two_meanings_of_one_column_under_two_spellings_are_refused() -> None:
    twice = mapping(Variant.PAYMENTS, {"invoice_number": "Beleg-Nr.", "reference": "BELEGNR"})
    with pytest.raises(Refused, match="column-twice"):
        tried("Beleg-Nr.;Betrag\r\nRE-1;1,00\r\n", twice)


def test_a_heading_of_signs_alone_is_found_as_it_is_written() -> None:
    signs = mapping(Variant.PAYMENTS, {"invoice_number": "#", "amount": "€"})
    assert tried("€;#\r\n1,00;RE-1\r\n", signs).rows[0][:3] == (2, "RE-1", 100)


def test_a_position_beyond_the_first_row_is_missing() -> None:
    far = mapping(Variant.PAYMENTS, {"invoice_number": 1, "amount": 3}, has_headings=False)
    with pytest.raises(Refused, match="column-missing"):
        tried("RE-1;1,00\r\n", far)
    assert tried("RE-1;x;1,00\r\n", far).rows[0][:3] == (1, "RE-1", 100)


def test_the_separator_of_a_file_without_headings_is_that_of_its_first_row() -> None:
    """A comma stands in amounts too: it separates only where nothing else does."""
    places = mapping(Variant.PAYMENTS, {"invoice_number": 1, "amount": 2}, has_headings=False)
    assert tried("RE-1;1,00;2,00;3,00,4,00\r\n", places).facts.separator == ";"
    dots = mapping(Variant.PAYMENTS, {"invoice_number": 1, "amount": 2}, has_headings=False, decimal_mark=".")
    assert tried("RE-1,1.00\r\n", dots).rows[0].amount_minor == 100
    with pytest.raises(Refused, match="separator-is-decimal-mark"):
        tried("RE-1,100,50\r\n", places)


@pytest.mark.parametrize("row", ["RE-1,1,234.50", "RE-1,1,234.50,", "RE-1,1,,"])
def test_a_comma_too_many_is_never_taken_for_an_empty_cell(row: str) -> None:
    """It may be the group of an amount that lacks its quotes."""
    dots = mapping(Variant.PAYMENTS, {"invoice_number": "Doc", "amount": "Paid"}, decimal_mark=".")
    shown = tried(f"Doc,Paid\r\n{row}\r\nRE-2,1.00\r\n", dots)
    assert [problem.code for problem in shown.problems] == ["row-too-long"]


def test_lines_before_the_headings_can_be_left_out() -> None:
    skipping = mapping(Variant.PAYMENTS, {"invoice_number": "Beleg"}, skipped_lines=2)
    assert tried('Bericht "vom\r\n\r\nBeleg\r\nRE-1\r\n', skipping).rows[0][:2] == (4, "RE-1")
    with pytest.raises(Refused, match="file-without-rows"):
        tried("Bericht\r\nBeleg\r\n", skipping)


def test_what_is_cleared_is_not_open() -> None:
    marks = mapping(
        Variant.OPEN_ITEMS,
        {"invoice_number": "Nr", "amount": "Offen", "clearing_mark": "Kz"},
        closing_marks=("X",),
    )
    shown = tried("Nr;Offen;Kz\r\nRE-1;1,00;\r\nRE-2;2,00;X\r\nRE-3;;X\r\n", marks)
    assert [(row.invoice_number, row.amount_minor, row.cleared) for row in shown.rows] == [
        ("RE-1", 100, None)
    ]
    assert [problem.code for problem in shown.problems] == ["cell-is-empty"]


def test_a_list_whose_marks_are_all_closing_has_no_open_row() -> None:
    marks = mapping(
        Variant.OPEN_ITEMS,
        {"invoice_number": "Nr", "amount": "Offen", "clearing_mark": "Kz"},
        closing_marks=("X",),
    )
    shown = tried("Nr;Offen;Kz\r\nRE-2;2,00;X\r\n", marks)
    assert (shown.rows, shown.facts.rows) == ((), 0)


def test_the_variant_that_the_uploader_names_must_be_that_of_the_mapping() -> None:
    settings = ReadSettings("a.csv", "EUR", "2026-11-28", variant=Variant.OPEN_ITEMS, mapping=PAYMENTS)
    with pytest.raises(Refused, match="variant-differs"):
        list(own_mapping.read(io.BytesIO(b"Beleg;Betrag\r\nRE-1;1,00\r\n"), settings))
