"""Invoice numbers are found in what payers write and banks break (RI-5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.reconciliation.invoice_numbers import (
    MAX_NUMBERS,
    MAX_TEXT_CHARS,
    invoice_numbers_in,
    is_mask,
    number_key,
    number_like_in,
)

MASKS = ("RE-HH-####-##", "GU-HH-####-##")
NUMBER = "RE-HH-0001-26"


@pytest.mark.parametrize(
    "text",
    [
        "RE-HH-0001-26",
        "re-hh-0001-26",
        "Rechnung RE-HH-0001-26 vom 01.11.2026",
        "RE HH 0001 26",
        "REHH000126",
        "RE/HH/0001/26",
        "RE.HH.0001.26",
        "RE–HH—0001−26",
        "RE-HH-00 01-26",
        "R E-HH-0001-2 6",
        "RE-HH-00\n01-26",
        "RE- HH -0001 - 26",
        "Rechnung HH-0001-26",
        "RechnungHH-0001-26",
        "Rechnungs-Nr. HH-0001-26",
        "Rechn.Nr: HH-0001-26",
        "RG HH-0001-26",
        "Invoice no. HH-0001-26",
        "RechnungRE-HH-0001-26",
        "Nr.RE-HH-0001-26",
        "RE-HH-0001-26Danke",
        "RE-HH-0001-26, danke",
        "(RE-HH-0001-26)",
        "RE-HH-0001-26/GU-HH-0002-26",
    ],
)
def test_a_number_is_found_in_whatever_payer_and_bank_make_of_it(text: str) -> None:
    assert invoice_numbers_in(text, MASKS)[0] == NUMBER


@pytest.mark.parametrize(
    "text",
    ["", "RE-HH-0001-261", "RE-HH-0001-2", "XRE-HH-0001-26", "1RE-HH-0001-26", "RE-HH-00O1-26",
     "RE-HH-0001-26a", "RE-HB-0001-26", "HH-0001-26", "0001-26", "FUER HH-0001-26", "RE-HH--0001--26",
     "RE-HH-0001_x-26", "RE-HH-٠٠٠١-٢٦"],
)  # fmt: skip
def test_what_only_looks_like_it_is_no_number(text: str) -> None:
    assert NUMBER not in invoice_numbers_in(text, MASKS)


def test_numbers_come_in_the_order_of_the_text_each_once() -> None:
    text = "GU-HH-0002-26 und RE-HH-0001-26, RE HH 0001 26, RE-HH-0003-26"
    assert invoice_numbers_in(text, MASKS) == ("GU-HH-0002-26", "RE-HH-0001-26", "RE-HH-0003-26")
    assert invoice_numbers_in(text, tuple(reversed(MASKS))) == invoice_numbers_in(text, MASKS)
    assert invoice_numbers_in(text) == ()


@pytest.mark.parametrize(
    ("mask", "text", "number"),
    [
        ("RE-@@-####-##", "re hb 0007 26", "RE-HB-0007-26"),
        ("#######", "Nr 4711 001", "4711001"),
        ("R#+", "R123 und mehr", "R123"),
        ("K?+/####", "K12AB/2026", "K12AB/2026"),
        ("##+", "zwei 12345", "12345"),
        ("A.B-####", "A.B-0001", "A.B-0001"),
        ("(##)", "(12)", "(12)"),
        ("####-##", "0001-26", "0001-26"),
        ("@##", "B12", "B12"),
        ("RE####", "Rechnung Nr. 0001", "RE0001"),
        ("GS-NO-####", "Gutschrift NO 0001", "GS-NO-0001"),
        ("RE-NOR-####", "Rechnung NOR 0001", "RE-NOR-0001"),
    ],
)
def test_masks(mask: str, text: str, number: str) -> None:
    assert invoice_numbers_in(text, (mask,)) == (number,)


@pytest.mark.parametrize(
    ("mask", "good"),
    [("RE-####", True), ("#", True), ("K?+/##", True), ("##+", True), ("#+-#+", True), ("", False),
     ("RE", False), ("@@", False), ("#+#", False), ("?+#+", False), ("+##", False), ("A+##", False),
     ("#++", False), ("#" * 61, False), ("#" * 60, True)],
)  # fmt: skip
def test_a_mask_that_means_nothing_finds_nothing(mask: str, good: bool) -> None:
    assert is_mask(mask) is good
    if not good:
        assert invoice_numbers_in(f"RE RE-0001 12345678 A1 {mask}", (mask,)) == ()


@given(
    st.text(alphabet="RE-HGU0123456789 /.\n", max_size=200),
    st.text(alphabet="RE-#@?+/ ", min_size=1, max_size=12),
)
def test_whatever_mask_and_text_are_they_are_searched_without_an_error(text: str, mask: str) -> None:
    for number in invoice_numbers_in(text, (mask,)):
        assert number_key(number)
        assert len(number) <= len(mask) * 21


@given(st.text(max_size=30), st.text(max_size=30), st.integers(1, 9999), st.integers(0, 99))
def test_a_number_between_blanks_is_always_found(before: str, behind: str, running: int, year: int) -> None:
    number = f"RE-HH-{running:04}-{year:02}"
    assert number in invoice_numbers_in(f"{before} . {number} . {behind}", MASKS)


def test_only_so_much_is_searched_and_only_so_many_are_given() -> None:
    many = " ".join(f"RE-HH-{number:04}-26" for number in range(200))
    assert len(invoice_numbers_in(many, MASKS)) == MAX_NUMBERS
    assert len(number_like_in(many)) == MAX_NUMBERS
    assert invoice_numbers_in(" " * MAX_TEXT_CHARS + NUMBER, MASKS) == ()
    assert number_like_in(" " * MAX_TEXT_CHARS + NUMBER) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kunde 12345, RE-2026/77", ("12345", "RE-2026/77", "RE-2026")),
        ("vom 01.11.2026 bis 2026-11-20", ()),
        ("12", ()),
        ("A1B2C3", ("A1B2C3",)),
        ("4711001/4711002", ("4711001/4711002", "4711001", "4711002")),
        ("4711001 4711001", ("4711001",)),
        ("1" * 41, ()),
        ("", ()),
    ],
)
def test_words_that_may_be_numbers(text: str, found: tuple[str, ...]) -> None:
    assert number_like_in(text) == found


def test_two_spellings_of_a_number_have_one_key() -> None:
    keys = {number_key(text) for text in ("RE-HH-0001-26", "re hh 0001 26", "RE/HH.0001_26", "REHH000126")}
    assert keys == {"REHH000126"}


@pytest.mark.parametrize(
    "text",
    ["1" * 4000, "1 " * 2000, "RE   HH   " * 400, "RE-HH-00 01-2" * 300, "RECHNUNG NR. " * 300, "A-" * 2000,
     "RECHNUNGNR.-:.-: " * 230, "RE - H H - 0 0 0 1 - 2 x " * 160, "/" * 4000],
)  # fmt: skip
def test_no_text_makes_the_search_hang(text: str) -> None:
    masks = (*MASKS, "#+-#+-#+", "?+/?+", "@+-#+", "####-##", "R#+")
    assert len(invoice_numbers_in(text, masks)) <= MAX_NUMBERS
