"""Headings are the same whatever their case, blanks, dots and umlauts; a file's name may tell its day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.formats.as_of import as_of_in
from tillbridge.reconciliation.formats.cells import Number, text
from tillbridge.reconciliation.formats.characters import start_of
from tillbridge.reconciliation.formats.heads import cells_of, head_of, heading_key, separator_of
from tillbridge.reconciliation.formats.layouts import Columns, Field, layout_of, named, shown, width_of
from tillbridge.reconciliation.formats.reading import HEAD_BYTES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rechnungs-Nr.", "RECHNUNGSNR"),
        ("Mahngebühr", "mahngebuehr"),
        ("Mahngebu\u0308hr", "Mahngebühr"),
        ("ÜBERZAHLUNG", "ueberzahlung"),
        ("Straße", "STRASSE"),
        ("PaidAmount", "Paid Amount"),
        ("Belegfeld 1", "belegfeld_1"),
        ("\ufeffBelegnr.", "Belegnr"),
    ],
)
def test_headings_that_are_the_same(one: str, other: str) -> None:
    assert heading_key(one) == heading_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Belegfeld 1", "Belegfeld 2"), ("Skonto", "Skonto%"), ("Öre", "Ore")]
)
def test_headings_that_differ(one: str, other: str) -> None:
    assert heading_key(one) != heading_key(other)


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("a;b;c", ";"),
        ("a\tb", "\t"),
        ("a|b|c;d", "|"),
        ("a,b,c", ","),
        ("a;b,c,d,e", ";"),
        ('"a;b;c",d', ","),
        ("a", ";"),
        ("", ";"),
        ("1,50", ","),
    ],
)
def test_the_separator_shows_in_the_first_line(line: str, separator: str) -> None:
    assert separator_of(line) == separator


def test_cells_of_a_line_whose_quotes_do_not_match_are_none() -> None:
    assert cells_of('a;"b;c"', ";") == ["a", "b;c"]
    assert cells_of('a;"b', ";") is None
    assert cells_of('a;"b"c', ";") is None


def test_a_head_is_made_of_the_beginning_alone() -> None:
    head = head_of("a.csv", b"\xef\xbb\xbf\r\n \r\nNr.;Betr\xc3\xa4ge\r\n1;2")
    assert (head.character_set, head.separator, head.cells) == ("utf-8", ";", ("Nr.", "Beträge"))
    assert head.keys == {"nr", "betraege"}
    assert head.text.startswith("\r\n \r\nNr.;Betr")


class Dripping:
    """A stream that gives its bytes one by one."""

    def __init__(self, content: bytes) -> None:
        self.rest = content

    def read(self, size: int, /) -> bytes:
        piece, self.rest = self.rest[: min(size, 1)], self.rest[1:]
        return piece


def test_the_first_bytes_are_fetched_however_they_come() -> None:
    assert start_of(Dripping(b"abc")) == b"abc"
    dripping = Dripping(b"x" * (HEAD_BYTES + 5))
    assert len(start_of(dripping)) == HEAD_BYTES
    assert len(dripping.rest) == 5


@given(st.text(max_size=40), st.sampled_from(["cp1252", "utf-8", "utf-16-le", "utf-16-be"]))
def test_a_head_of_any_text_is_one_or_refused(words: str, character_set: str) -> None:
    content = words.encode(character_set, "replace")
    if not content.strip(b" \t\r\n") or b"\x00" in content:
        return
    head = head_of("a.csv", content)
    assert head.character_set in {"ascii", "cp1252", "utf-8", "utf-16-le", "utf-16-be"}


COLUMNS = Columns(
    (Field("number", ("Number", "Nummer"), Number, needed=True), Field("note", ("Note",), text)), ("X",)
)


def test_a_layout_finds_its_columns_in_any_order() -> None:
    layout = layout_of(["x", "NOTE", "Nummer", "", " "], COLUMNS)
    assert (layout.places, layout.width, layout.columns) == ((2, 1), 3, ("x", "NOTE", "Nummer"))
    assert layout.has("note")
    assert layout.column_of("number") == "Nummer"
    lacking = layout_of(["Nummer"], COLUMNS)
    assert (lacking.places, lacking.of_file.places) == ((0, -1), (0,))
    assert not lacking.has("note")
    assert lacking.column_of("note") == "Note"
    assert lacking.column_of("other") == "other"


@pytest.mark.parametrize(
    ("headings", "code", "value"),
    [
        (["Note"], "column-missing", "Note"),
        (["Nummer", "Number"], "column-twice", "Number"),
        (["Nummer", "Notiz", "Art"], "columns-unknown", "Notiz, Art"),
        (["Nummer", "", "Note"], "columns-unknown", "(2)"),
        (["Nummer", "???"], "columns-unknown", "???"),
    ],
)
def test_a_layout_that_is_none(headings: list[str], code: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        layout_of(headings, COLUMNS)
    assert (refused.value.code, refused.value.value) == (code, value)


def test_many_headings_are_told_shortly() -> None:
    assert named(["a", " ", "b"]) == "a, b"
    assert named([str(number) for number in range(12)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 … (2)"
    assert shown(" " + "x" * 100) == "x" * 80 + "…"
    assert width_of(["", ""]) == 1


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("OP_20261120.csv", "2026-11-20"),
        ("offene-posten-2026-11-20.csv", "2026-11-20"),
        ("2026.11.20 offen.csv", "2026-11-20"),
        ("offen_2026_11_20.csv", "2026-11-20"),
        ("20261120_offen_20261120.csv", "2026-11-20"),
        ("EXP20261120.TXT", "2026-11-20"),
        ("offen.csv", None),
        ("offen_20261120_20261121.csv", None),
        ("offen_20261129.csv", None),
        ("offen_20261301.csv", None),
        ("offen_2026-1120.csv", None),
        ("offen_120261120.csv", None),
        ("offen_202611201.csv", None),
        ("20112026.csv", None),
    ],
)
def test_the_day_in_a_name_counts_if_there_is_one_that_is_past(name: str, day: str | None) -> None:
    assert as_of_in(name, "2026-11-28") == day
