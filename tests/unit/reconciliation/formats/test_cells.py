"""Numbers, texts, days, flags, marks and currencies in cells (RI-10, RI-12, RI-32)."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import is_printable, safe_file_stem
from tillbridge.reconciliation.formats.cells import (
    MAX_LEARNED_CHARS,
    BadCell,
    Cell,
    Currencies,
    Number,
    Reader,
    Terms,
    checked,
    clearing_mark,
    flag,
    needed,
    one_of,
    text,
    text_of,
    whole_number,
)
from tillbridge.reconciliation.formats.days import day, past_day, two_years_before
from tillbridge.reconciliation.formats.document_numbers import DocumentNumber

TERMS = Terms("EUR", "2026-11-28", closing_marks=("A", "M"), open_marks=("O",))
ALL_CELLS: list[Cell] = [
    Number, text, text_of(5), flag, clearing_mark, Currencies, day, past_day, whole_number(999), needed(text),
    DocumentNumber, one_of({"a": 1, "b": 2}), checked(str.isdigit, "cell-is-no-account"),
]  # fmt: skip


def code_of(read: Reader, cell: str) -> str:
    with pytest.raises(BadCell) as bad:
        read(cell)
    return bad.value.code


@given(st.lists(st.text(max_size=8), min_size=1), st.sampled_from(ALL_CELLS))
def test_a_column_says_what_its_cells_say(cells: list[str], cell: Cell) -> None:
    fresh, learned = cell(TERMS), cell(TERMS)
    try:
        one_by_one = [fresh(one) for one in cells]
    except BadCell:
        with pytest.raises(BadCell):
            learned.column(cells)
        return
    assert list(learned.column(cells)) == one_by_one
    assert list(learned.column(cells)) == one_by_one, "and again, once it has learned"


def fault_of(number: str) -> str:
    """Why a trimmed text is no number; empty where it is one."""
    if not number:
        return "cell-is-empty"
    if not is_printable(number):
        return "cell-has-invisible-characters"
    return "cell-number-too-long" if len(number.encode()) > 120 else ""


@given(st.text(max_size=130))
def test_a_number_is_trimmed_and_nothing_else(cell: str) -> None:
    read = Number(TERMS)
    right = unicodedata.normalize("NFC", cell.strip())
    fault = fault_of(right)
    if fault:
        assert code_of(read, cell) == fault
    else:
        assert read(cell) == right


@pytest.mark.parametrize(
    "cell", ["RE\u200b-1", "RE\ufeff-1", "RE\x07-1", "RE\u2028-1", "RE\ud800-1", "RE\xad-1"]
)
def test_invisible_characters_are_told(cell: str) -> None:
    for read in (Number(TERMS), text(TERMS)):
        assert code_of(read, cell) == "cell-has-invisible-characters"
        with pytest.raises(BadCell):
            read.column(["RE-1", cell])


def test_a_number_has_as_many_bytes_as_a_document_may_have() -> None:
    read = Number(TERMS)
    assert read("x" * 120) == "x" * 120
    assert code_of(read, "x" * 121) == "cell-number-too-long"
    assert code_of(read, "ü" * 61) == "cell-number-too-long"
    with pytest.raises(BadCell):
        read.column(["x" * 121])


@given(
    st.one_of(
        st.text(max_size=130),
        st.text("AZaz09-_.", max_size=124),
        st.sampled_from(["CON", "nul", "COM1", "lpt9"]),
    )
)
def test_a_number_of_ours_is_fit_for_a_file_name(cell: str) -> None:
    """LE-1, PF-13: as documents have it."""
    try:
        right = safe_file_stem(cell.strip(), field="number")
    except Refused:
        right = ""
    read = DocumentNumber(TERMS)
    if right:
        assert read(cell) == right
        assert list(read.column([cell, "RE-HH-0001-26"])) == [right, "RE-HH-0001-26"]
    else:
        assert code_of(read, cell) == "cell-is-no-document-number"
        with pytest.raises(BadCell):
            read.column(["RE-HH-0001-26", cell])


def test_a_number_of_ours_has_at_most_so_many_bytes() -> None:
    read = DocumentNumber(TERMS)
    assert read.column(["x" * 120]) == ["x" * 120]
    for cell in ("x" * 121, "CON", "com1"):
        with pytest.raises(BadCell):
            read.column([cell])


def test_a_text_has_a_length() -> None:
    assert text_of(5)(TERMS)("  12345  ") == "12345"
    assert code_of(text_of(5)(TERMS), "123456") == "cell-too-long"
    assert code_of(text(TERMS), "x" * 201) == "cell-too-long"


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_as_it_is_written(one: date) -> None:
    formats = {
        "yyyyMMdd": "%Y%m%d", "dd.MM.yyyy": "%d.%m.%Y", "ddMMyyyy": "%d%m%Y", "MM/dd/yyyy": "%m/%d/%Y",
        "yyyy-MM-dd": "%Y-%m-%d",
    }  # fmt: skip
    for ours, theirs in formats.items():
        assert day(Terms("EUR", "", date_formats=(ours,)))(f" {one.strftime(theirs)} ") == one.isoformat()
    short = f"{one.day}.{one.month}.{one.year % 100:02}"
    if one.year < 2100:
        assert day(Terms("EUR", "", date_formats=("d.M.yy",)))(short) == one.isoformat()


@given(st.integers(0, 99_999_999).map("{:08}".format))
def test_eight_digits_are_a_day_only_if_the_calendar_has_it(cell: str) -> None:
    try:
        right = date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    except ValueError:
        right = None
    read = day(TERMS)
    if right is None:
        assert code_of(read, cell) == "cell-is-no-day"
    elif not 2000 <= right.year <= 2199:
        assert code_of(read, cell) == "cell-day-too-far"
    else:
        assert read(cell) == right.isoformat()


@pytest.mark.parametrize(
    "cell",
    ["2026-11-01", "1.11.2026", "261101", "202611011", "2026110", "0", "heute", "٢٠٢٦١١٠١", "20261101x"],
)
def test_other_forms_are_no_day(cell: str) -> None:
    assert code_of(day(TERMS), cell) == "cell-is-no-day"


def test_of_several_forms_each_is_a_day() -> None:
    read = day(Terms("EUR", "", date_formats=("dd.MM.yyyy", "ddMMyyyy")))
    assert read("01.11.2026") == read("01112026") == "2026-11-01"
    with pytest.raises(BadCell) as bad:
        read("2026-11-01")
    assert bad.value.facts == {"format": "dd.MM.yyyy"}


def test_a_payment_is_not_made_tomorrow() -> None:
    read = past_day(TERMS)
    assert read("20261128") == "2026-11-28"
    assert code_of(read, "20261129") == "day-lies-ahead"
    assert day(TERMS)("20261129") == "2026-11-29"


@given(st.dates(date(2002, 1, 1), date(2199, 12, 31)))
def test_two_years_before_is_a_day_of_the_calendar(one: date) -> None:
    before = date.fromisoformat(two_years_before(one.isoformat()))
    assert before.year == one.year - 2
    assert timedelta(730) <= one - before <= timedelta(731)


def test_a_leap_day_has_a_day_two_years_before() -> None:
    assert two_years_before("2028-02-29") == "2026-02-28"
    assert two_years_before("2026-02-28") == "2024-02-28"


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [("J", True), ("JA", True), ("ja", True), ("Y", True), ("Yes", True), ("N", False), ("NEIN", False),
     ("nein", False), ("no", False), ("", None), (" ", None), (" J ", True)],
)  # fmt: skip
def test_yes_no_and_empty(cell: str, meaning: bool | None) -> None:
    assert flag(TERMS)(cell) is meaning


@pytest.mark.parametrize("cell", ["LEER", "1", "x", "Jein", "-"])
def test_neither_yes_nor_no(cell: str) -> None:
    assert code_of(flag(TERMS), cell) == "cell-is-neither-yes-nor-no"


@pytest.mark.parametrize(
    ("cell", "closes"), [("A", True), ("m", True), ("O", False), ("", False), ("  ", False)]
)
def test_only_a_mark_closes(cell: str, closes: bool) -> None:
    assert clearing_mark(TERMS)(cell) is closes


def test_a_mark_that_nobody_knows_closes_nothing() -> None:
    assert code_of(clearing_mark(TERMS), "X") == "clearing-mark-unknown"


@pytest.mark.parametrize(("cell", "code"), [("eur", "EUR"), (" JPY ", "JPY"), ("", None)])
def test_a_currency_in_any_case(cell: str, code: str | None) -> None:
    assert Currencies(TERMS)(cell) == code


def test_every_currency_of_the_list_is_one_and_no_other() -> None:
    read = Currencies(TERMS)
    assert all(read(code) == code for code in DECIMALS)
    for cell in ("DEM", "€", "EURO", "E U"):
        assert code_of(read, cell) == "cell-is-no-currency"


@pytest.mark.parametrize("cell", ["10", "-1", "1,0", "²", "٣", "+1", "x", "0" * 5000])
def test_what_is_no_whole_number(cell: str) -> None:
    assert code_of(whole_number(9)(TERMS), cell) == "cell-is-no-number"


def test_whole_numbers() -> None:
    read = whole_number(9)(TERMS)
    assert [read(cell) for cell in ("", " ", "0", " 9 ")] == [None, None, 0, 9]


def test_a_needed_cell_must_be_filled() -> None:
    assert code_of(needed(day)(TERMS), "  ") == "cell-is-empty"
    assert needed(day)(TERMS)("20261101") == "2026-11-01"


def test_a_reader_remembers_no_more_than_is_good_for_its_memory() -> None:
    read = text_of(1000)(TERMS)
    assert not isinstance(read, dict), "texts differ from row to row: there is nothing to learn"
    learned = day(TERMS)
    assert isinstance(learned, dict)
    learned(" " * MAX_LEARNED_CHARS + "20261101")
    assert len(learned) == 1
