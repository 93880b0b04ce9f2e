"""Damaged bank files are read right or refused, with line and reason; nothing else ever comes out (RI-32).

"Read right" means: the amounts, accounts and days are those of the whole file, or of its first statements, or
the reader says that something is wrong. What a payer wrote can lose a line without anybody noticing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.formats.bank_record import read, samples
from tests.formats.test_bank_files import NOT_READ_AT_ALL, text_of
from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation.bank_refusals import REFUSALS
from tillbridge.reconciliation.model import Notice, Problem, StatementEntry

WHOLE = [path for path in samples() if path.stem not in NOT_READ_AT_ALL]
CAMT = [path for path in WHOLE if path.parent.name == "camt"]
MT940 = [path for path in WHOLE if path.parent.name == "mt940"]
CUTS = 120


class Seen:
    """What a reader made of some bytes, checked for what must hold whatever they are."""

    def __init__(self, kind: str, content: bytes) -> None:
        self.refused: Refused | None = None
        self.entries: list[StatementEntry] = []
        self.told: list[Problem | Notice] = []
        try:
            for reading in read(kind, content):
                if isinstance(reading, StatementEntry):
                    self.entries.append(reading)
                elif isinstance(reading, Problem | Notice):
                    self.told.append(reading)
        except Refused as refused:
            self.refused = refused
        if self.refused is not None:
            assert self.refused.code in REFUSALS or self.refused.code == "amount-too-large"
            assert int(str(self.refused.facts["line"])) >= 1
        lines = content.count(b"\n") + content.count(b"\r") + 2
        for one in self.told:
            assert one.code in REFUSALS or one.code == "amount-too-large"
            assert 1 <= one.line <= lines
        assert all(1 <= entry.line <= lines for entry in self.entries)

    @property
    def money(self) -> list[tuple[Any, ...]]:
        """What would be booked: account, currency and amount of each entry that moved anything."""
        return [
            (entry.account, entry.currency, entry.amount_minor)
            for entry in self.entries
            if entry.amount_minor
        ]

    @property
    def codes(self) -> list[str]:
        return sorted(one.code for one in self.told)

    @property
    def warnings(self) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """What is told about the file, wherever it stands in it."""
        return sorted((one.code, one.facts) for one in self.told)


def raw(sample: Path) -> bytes:
    return sample.read_bytes()


def cut_places(length: int, count: int) -> list[int]:
    return sorted({length * part // count for part in range(count)} | set(range(min(length, 40))))


def check_cut(sample: Path, place: int, whole: Seen) -> None:
    content = raw(sample)[:place]
    seen = Seen(sample.parent.name, content)
    if seen.refused is not None:
        return
    assert seen.money == whole.money[: len(seen.money)]
    if sample.parent.name == "camt":
        assert not raw(sample)[place:].strip(b"\r\n\0")
    elif len(seen.money) < len(whole.money) or seen.codes != whole.codes:
        ends = content.count(b":62") + content.count(b":\x006\x002")
        assert ends == content.count(b":20:") + content.count(b":\x002\x000\x00:")


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_cut_anywhere_is_refused_or_ends_with_a_whole_statement(sample: Path) -> None:
    content = raw(sample)
    whole = Seen(sample.parent.name, content)
    ends = [at + 1 for at, byte in enumerate(content) if byte in b"\r\n"]
    for place in sorted({*cut_places(len(content), CUTS), *ends[:: max(len(ends) // CUTS, 1)]}):
        check_cut(sample, place, whole)


@pytest.mark.long
@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_cut_at_any_byte_at_all(sample: Path) -> None:
    whole = Seen(sample.parent.name, raw(sample))
    for place in range(len(raw(sample))):
        check_cut(sample, place, whole)


def test_an_mt940_whose_last_balance_is_cut_is_refused_or_does_not_add_up() -> None:
    """The amount ``1065,66`` cut to ``1065,6`` is another one; cut before its comma it is none."""
    sample = next(path for path in MT940 if path.stem == "structured-with-reversals")
    content = (
        raw(sample).replace(b"119,00", b"119,66").replace(b"62F:C261120EUR1065,00", b"62F:C261120EUR1065,66")
    )
    content = content.split(b"\r\n:64:")[0]
    assert Seen("mt940", content).codes == []
    assert Seen("mt940", content[:-1]).codes == ["balances-do-not-add-up"]
    assert Seen("mt940", content[:-2]).codes == ["balances-do-not-add-up"]
    for less in range(3, len("62F:C261120EUR1065,66")):
        assert Seen("mt940", content[:-less]).refused is not None


def lines_of(sample: Path) -> tuple[list[str], str]:
    text = text_of(sample)
    ending = "\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n"
    return text.split(ending), ending


def changed(sample: Path, lines: list[str]) -> Seen:
    text = lines_of(sample)[1].join(lines)
    if sample.parent.name == "camt":
        text = text.replace('encoding="ISO-8859-1"', 'encoding="UTF-8"').replace("UTF-16", "UTF-8")
    return Seen(sample.parent.name, text.encode())


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_line_that_stands_twice_or_not_at_all_never_changes_what_is_booked_silently(sample: Path) -> None:
    lines, _ = lines_of(sample)
    whole = Seen(sample.parent.name, raw(sample))
    has_balances = "camt054" not in sample.stem and not any(isinstance(one, Problem) for one in whole.told)
    for at in range(len(lines)):
        for other in ([*lines[: at + 1], *lines[at:]], [*lines[:at], *lines[at + 1 :]]):
            seen = changed(sample, other)
            if seen.refused is None and seen.warnings == whole.warnings and has_balances:
                assert seen.money == whole.money, (at, lines[at])


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_that_stands_twice_is_refused(sample: Path) -> None:
    seen = Seen(sample.parent.name, raw(sample) * 2)
    assert seen.refused is not None or not seen.money
    if sample.parent.name == "mt940" and "utf" not in sample.stem:
        assert seen.refused is not None
        assert seen.refused.code == "statement-stands-twice"


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_zero_byte_anywhere_is_refused(sample: Path) -> None:
    content = raw(sample)
    for place in cut_places(len(content), 60):
        seen = Seen(sample.parent.name, content[:place] + b"\0" + content[place:])
        assert seen.refused is not None


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_any_line_end_gives_the_same_lines_and_entries(sample: Path) -> None:
    lines, _ = lines_of(sample)
    whole = changed(sample, lines)
    for ending in ("\n", "\r\n", "\r"):
        text = ending.join(lines).replace('encoding="ISO-8859-1"', "").replace('encoding="UTF-16"', "")
        seen = Seen(sample.parent.name, text.encode())
        assert seen.entries == whole.entries
        assert seen.told == whole.told


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850"])
@pytest.mark.parametrize("sample", MT940, ids=lambda path: path.stem)
def test_mt940_is_read_in_every_character_set_of_banks(sample: Path, name: str) -> None:
    text = text_of(sample)
    try:
        content = text.encode(name)
    except UnicodeEncodeError:
        assert "€" in text
        return
    assert Seen("mt940", content).entries == Seen("mt940", text.encode()).entries


@pytest.mark.parametrize(
    "name", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252"]
)
@pytest.mark.parametrize("sample", CAMT, ids=lambda path: path.stem)
def test_camt_is_read_in_the_character_set_that_it_names(sample: Path, name: str) -> None:
    text = re.sub(r"^<\?xml.*?\?>", "", text_of(sample))
    declared = f'<?xml version="1.0" encoding="{name.removesuffix("-sig")}"?>{text}'
    assert Seen("camt", declared.encode(name)).entries == Seen("camt", text.encode()).entries


def test_bytes_that_are_no_characters_are_refused_with_their_line() -> None:
    sample = next(path for path in CAMT if path.stem == "camt053-version-08")
    broken = raw(sample).replace(b"Clara", b"Cl\xe4ra")
    refused = Seen("camt", broken).refused
    assert refused is not None
    assert (refused.code, refused.value) == ("bank-file-charset-broken", "e4")
    assert refused.facts["charset"] == "utf-8"
    assert refused.facts["line"] == broken[: broken.index(b"Cl\xe4ra")].count(b"\n") + 1
    utf_8_and_other = ":20:X\r\n:25:äöü\r\n:28C:1\r\n".encode() + b"\xff\xff"
    told = Seen("mt940", utf_8_and_other).refused
    assert told is not None
    wide = Seen("mt940", ":20:X\n".encode("utf-16") + b"\x00\xd8\x00").refused
    assert wide is not None
    assert (wide.code, wide.facts["line"]) == ("bank-file-charset-broken", 2)
    unknown = Seen("camt", b'<?xml version="1.0" encoding="EBCDIC"?><Document/>').refused
    assert unknown is not None
    assert (unknown.code, unknown.value) == ("camt-encoding-unknown", "EBCDIC")


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_swapped_decimal_marks_are_never_read_as_other_amounts(sample: Path) -> None:
    lines, _ = lines_of(sample)
    is_camt = sample.parent.name == "camt"
    whole = Seen(sample.parent.name, raw(sample))
    swapped = [
        line.replace(".", ",") if is_camt and "<" in line and "Amt " in line else
        line.replace(",", ".") if not is_camt and line.startswith((":61:", ":60", ":62")) else line
        for line in lines
    ]  # fmt: skip
    if swapped == lines:
        return
    seen = changed(sample, swapped)
    assert seen.refused is not None or seen.money != whole.money or is_camt
    left = {amount for _, _, amount in seen.money}
    assert left <= {amount for _, _, amount in whole.money}
    assert seen.refused is not None or any(isinstance(one, Problem) for one in seen.told)


NO_STATEMENTS = (
    b"", b" ", b"\n" * 1000, b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04" + bytes(range(256)),
    b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n", b"Belegnr.;Betrag\r\n1;2,00\r\n",
    b"<html><body>Fehler 503</body></html>", b"{}", b"<", b"<?xml",
    b":20:", b":20:X\n", b":61:2611201120C1,00NTRFNONREF\n", b"<Document/>", b"<a><b/></a>",
    b"<Document><BkToCstmrStmt/></Document>", b"<Document><CstmrCdtTrfInitn/></Document>",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["camt", "mt940"])
@pytest.mark.parametrize("content", NO_STATEMENTS)
def test_what_is_no_statement_is_refused(kind: str, content: bytes) -> None:
    seen = Seen(kind, content)
    assert seen.refused is not None
    assert not seen.entries
