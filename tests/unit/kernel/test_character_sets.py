"""What a receiver's character set cannot hold is transliterated or visibly replaced, and reported (PF-8)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import CharacterSet, encode, single_line

NARROW = [CharacterSet.CP1252, CharacterSet.ISO_8859_15]
ALL = list(CharacterSet)


def test_the_three_sets_of_the_interface() -> None:
    assert [one.value for one in ALL] == ["utf-8", "cp1252", "iso-8859-15"]


@pytest.mark.parametrize("character_set", ALL)
@pytest.mark.parametrize(
    "text", ["", "Abele, Anton", "Jürgen Groß ÄÖÜ", "Çelik, Ñuñez", "5 €", "Œuvre Žižek Šimon"]
)
def test_what_every_set_holds_goes_through_unchanged(text: str, character_set: CharacterSet) -> None:
    encoded = encode(text, character_set)
    assert encoded.content.decode(character_set.value) == text
    assert encoded.replaced == ()


def test_the_euro_has_its_own_byte_in_each_set() -> None:
    assert [encode("€", one).content for one in ALL] == [b"\xe2\x82\xac", b"\x80", b"\xa4"]


@pytest.mark.parametrize(
    ("text", "character_set", "written", "replaced"),
    [
        ("Łukasz", CharacterSet.CP1252, b"Lukasz", ("Ł",)),
        ("Małgorzata Dębska", CharacterSet.ISO_8859_15, b"Malgorzata Debska", ("ł", "ę")),
        ("Đorđe", CharacterSet.CP1252, b"Dorde", ("Đ", "đ")),
        ("Dvořák, Antonín", CharacterSet.CP1252, b"Dvor\xe1k, Anton\xedn", ("ř",)),
        ("Erdoğan Işık", CharacterSet.CP1252, b"Erdogan Isik", ("ğ", "ş", "ı")),
        ("Müller – Söhne", CharacterSet.ISO_8859_15, b"M\xfcller - S\xf6hne", ("–",)),
        ("„Anna“ …", CharacterSet.ISO_8859_15, b'"Anna" ...', ("„", "“", "…")),
        ("山田 太郎", CharacterSet.CP1252, b"?? ??", ("山", "田", "太", "郎")),
        ("Eis 🍦!", CharacterSet.CP1252, b"Eis ?!", ("🍦",)),
        ("Eis 🍦🍦", CharacterSet.ISO_8859_15, b"Eis ??", ("🍦",)),
        ("x\u0323y", CharacterSet.CP1252, b"x?y", ("\u0323",)),
        ("Nguyễn", CharacterSet.CP1252, b"Nguyen", ("ễ",)),
        ("①②½", CharacterSet.CP1252, b"12\xbd", ("①", "②")),
        ("ẞ", CharacterSet.CP1252, b"SS", ("ẞ",)),
    ],
)
def test_what_a_set_lacks(
    text: str, character_set: CharacterSet, written: bytes, replaced: tuple[str, ...]
) -> None:
    encoded = encode(text, character_set)
    assert (encoded.content, encoded.replaced) == (written, replaced)


@pytest.mark.parametrize("character_set", ALL)
def test_letters_in_two_pieces_are_put_together_first(character_set: CharacterSet) -> None:
    encoded = encode(unicodedata.normalize("NFD", "Jürgen Größe"), character_set)
    assert encoded.content.decode(character_set.value) == "Jürgen Größe"
    assert encoded.replaced == ()


@given(st.text(max_size=60), st.sampled_from(ALL))
def test_nothing_is_lost_without_being_reported(text: str, character_set: CharacterSet) -> None:
    encoded = encode(text, character_set)
    back = encoded.content.decode(character_set.value)
    whole = unicodedata.normalize("NFC", text)
    if not encoded.replaced:
        assert back == whole
    else:
        assert set(encoded.replaced) <= set(whole)
        assert len(set(encoded.replaced)) == len(encoded.replaced)
    kept = [char for char in whole if char not in encoded.replaced]
    rest = iter(back)
    assert all(char in rest for char in kept), "what the set holds keeps its place"


@given(st.text(max_size=60), st.sampled_from(ALL))
def test_every_question_mark_was_there_or_is_reported(text: str, character_set: CharacterSet) -> None:
    encoded = encode(text, character_set)
    marks = encoded.content.decode(character_set.value).count("?")
    assert marks == text.count("?") or (marks > text.count("?") and encoded.replaced)


@given(st.text(max_size=60), st.sampled_from(ALL))
def test_replacing_starts_no_new_line(text: str, character_set: CharacterSet) -> None:
    try:
        line = single_line(text, field="customer")
    except Refused:
        return
    assert len(encode(line, character_set).content.splitlines()) <= 1


@pytest.mark.parametrize(
    "char", [*map(chr, range(0x20)), "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\ufeff"]
)
def test_a_value_stands_on_one_line(char: str) -> None:
    with pytest.raises(Refused) as refusal:
        single_line(f"Abele{char}amount=999.00", field="customer.last_name")
    assert (refusal.value.code, refusal.value.field) == ("text-has-control-characters", "customer.last_name")
    assert char not in str(refusal.value.value)


def test_a_value_is_trimmed_and_not_endless() -> None:
    assert single_line("  Abele  ", field="staff") == "Abele"
    assert single_line("a" * 200, field="staff") == "a" * 200
    with pytest.raises(Refused, match="text-too-long"):
        single_line("a" * 201, field="staff")
    with pytest.raises(Refused, match="text-too-long"):
        single_line("\ufb2c" * 100, field="staff"), "three characters each, once they are normalised"
