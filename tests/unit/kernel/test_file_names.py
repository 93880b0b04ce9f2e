"""A document number that both kinds of folders take as it is, or a refusal (PF-3, PF-13)."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import MAX_FILE_NAME_BYTES, fold, safe_file_stem

PORTS = [f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"]
RESERVED = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *PORTS]


def code_of(text: str) -> str:
    with pytest.raises(Refused) as refusal:
        safe_file_stem(text, field="lines.0.number")
    assert refusal.value.field == "lines.0.number"
    return refusal.value.code


@pytest.mark.parametrize(
    "number",
    [
        "BLG-0010-205",
        "Bon-01-0019-19",
        "RE-HH-0001-26",
        "1",
        "a b",
        "Bär Straße",
        "ŁÓDŹ-1",
        "領収書-1",
        "R(1)+2=3",
        "x.y",
        "-",
        "_",
        "~1",
        "#1",
        "100%",
        "a'b",
        "$CON",
        "CONTO",
        "CON-1",
        "COM10",
        "COM",
        "LPT",
        "COM⁴",
        "NULL",
        "AUXILIARY",
        "X.CON",
        "1.NUL",
        "CONSOLE.1",
    ],
)
def test_numbers_that_are_safe_stay_as_they_are(number: str) -> None:
    assert safe_file_stem(number, field="number") == number


@pytest.mark.parametrize(
    ("name", "change"),
    list(product(RESERVED, [str, str.lower, str.title, str.swapcase])),
)
@pytest.mark.parametrize("ending", ["", ".txt", ".in", ".tar.gz", " .x", "  .in.out", "."])
def test_names_that_windows_keeps_for_itself(name: str, change: Callable[[str], str], ending: str) -> None:
    expected = "number-has-blank-or-dot-at-its-edge" if ending == "." else "number-is-reserved-on-windows"
    assert code_of(change(name) + ending) == expected


@pytest.mark.parametrize("char", list('<>:"/\\|?*'))
@pytest.mark.parametrize("place", ["{}a", "a{}", "a{}b", "{}"])
def test_separators_and_wildcards(char: str, place: str) -> None:
    assert code_of(place.format(char)) == "number-has-unsafe-characters"


@pytest.mark.parametrize(
    "number", ["../x", "..\\x", "/etc/passwd", "C:x", "a/../b", "\\\\srv\\x", "file.txt:stream"]
)
def test_paths(number: str) -> None:
    assert code_of(number) == "number-has-unsafe-characters"


@pytest.mark.parametrize("number", ["", " ", "   ", ".", "..", "...", ". .", " . "])
def test_nothing_and_only_dots(number: str) -> None:
    assert code_of(number) == "number-is-empty"


@pytest.mark.parametrize("number", ["a.", "a ", "a. ", "a .", " a", ".a", "a\u00a0", "\u3000a", "a\u2003"])
def test_dots_and_blanks_at_the_edge(number: str) -> None:
    assert code_of(number) == "number-has-blank-or-dot-at-its-edge"


@pytest.mark.parametrize("point", [*range(0x20), 0x7F, *range(0x80, 0xA0)])
def test_every_control_character(point: int) -> None:
    assert code_of(f"a{chr(point)}b") == "number-has-control-characters"


@pytest.mark.parametrize(
    "char",
    [
        "\u200e",
        "\u200f",
        "\u061c",
        *map(chr, range(0x202A, 0x202F)),
        *map(chr, range(0x2066, 0x206A)),
        "\u200b",
        "\u200c",
        "\u200d",
        "\u00ad",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\ufff9",
        "\ufffe",
        "\uffff",
        "\udc80",
        "\U000e0041",
    ],
)
def test_marks_that_nobody_sees(char: str) -> None:
    """``Bon-\\u202e91-1000`` would look like another number on the screen of the till."""
    assert code_of(f"a{char}b") == "number-has-control-characters"


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("a" * 120, True),
        ("a" * 121, False),
        ("ü" * 60, True),
        ("ü" * 60 + "a", False),
        ("€" * 40, True),
        ("€" * 41, False),
        ("𝄞" * 30, True),
        ("𝄞" * 31, False),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_at_most_120_bytes_however_umlauts_are_written(number: str, fits: bool, form: str) -> None:
    written = unicodedata.normalize(form, number)  # type: ignore[arg-type]
    if fits:
        stem = safe_file_stem(written, field="number")
        assert stem == unicodedata.normalize("NFC", number)
        assert len(stem.encode()) == MAX_FILE_NAME_BYTES
    else:
        assert code_of(written) == "number-too-long"


NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from('.. /\\:*?"<>|conCON1¹$\u0308\u0327ßİıſﬁ\u202e\u2028\r\n\t\x00'), st.characters()
    ),
    max_size=40,
)


@given(NASTY)
def test_an_accepted_number_is_listed_by_the_folder_as_it_was_written(number: str) -> None:
    try:
        stem = safe_file_stem(number, field="number")
    except Refused:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / f"{stem}.in").write_bytes(b"x")
        assert [path.name for path in folder.iterdir()] == [f"{stem}.in"]


@given(NASTY)
def test_what_was_accepted_is_accepted_again_unchanged(number: str) -> None:
    try:
        stem = safe_file_stem(number, field="number")
    except Refused:
        return
    assert safe_file_stem(stem, field="number") == stem
    assert fold(stem) == fold(number)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bon-01", "BON-01"),
        ("bär", "BÄR"),
        (unicodedata.normalize("NFD", "bär"), "BÄR"),
        ("Straße", "STRASSE"),
        ("ΣΑΣ", "σας"),
        ("ﬁ-1", "FI-1"),
    ],
)
def test_numbers_that_are_the_same_on_a_folder_that_ignores_case(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_numbers_that_differ_stay_apart() -> None:
    numbers = ["Bon-01", "Bon-1", "Bon 01", "Bon_01", "Bär", "Bar", "Bon-01.", "İ1", "I1"]
    assert len({fold(number) for number in numbers}) == len(numbers)


def test_folding_twice_changes_nothing_for_any_character() -> None:
    points = (point for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    assert [hex(point) for point in points if fold(fold(chr(point))) != fold(chr(point))] == []


@given(NASTY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=20))
def test_case_never_tells_two_numbers_apart(text: str) -> None:
    assert fold(text.lower()) == fold(text.lower().casefold())


def test_a_sign_that_stands_for_a_whole_sentence_makes_no_endless_key() -> None:
    """One sign of this sort folds into eighteen letters; a table's key has an end."""
    assert code_of("ﷺ" * 40) == "number-too-long"
    assert len(fold(safe_file_stem("ﷺ" * 7, field="number")).encode()) <= 240
