"""What is no import file at all is refused at once, with a reason and within little memory (RI-31, RI-37)."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.formats.imports.record import TODAY
from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.formats import amparex
from tillbridge.reconciliation.formats.reading import (
    HEAD_BYTES,
    MAX_COLUMNS,
    MAX_LINE_CHARS,
    MAX_LINES,
    ReadSettings,
)
from tillbridge.reconciliation.model import Kind, Problem

MIB = 1 << 20


def archive(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            opened.writestr(name, b"0" * 1_000_000)
    return held.getvalue()


def png() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refusal(content: bytes, name: str = "posten.csv", named: Kind | None = None) -> Refused:
    """Why a file is refused, from its first bytes to its last."""
    settings = ReadSettings(name, "EUR", TODAY)
    try:
        kind = registry.claim(registry.head_of(name, content[:HEAD_BYTES]), settings, named=named)
        list(registry.read_file(io.BytesIO(content), settings, kind))
    except Refused as refused:
        return refused
    pytest.fail("the file was read")


@contextmanager
def at_most(most_bytes: int) -> Iterator[None]:
    """What happens inside takes no more memory than this at any time."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most_bytes, f"{peak / MIB:.1f} MiB"


@pytest.mark.parametrize("named", [None, Kind.AMPAREX, Kind.DATEV_PRO, Kind.NAVISION])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-is-empty"),
        (b" \r\n\t\r\n", "file-is-empty"),
        (b"\xef\xbb\xbf", "file-is-empty"),
        (b"\xff\xfe", "file-is-empty"),
        (png(), "file-is-image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "file-is-image"),
        (b"GIF89a\x01\x00", "file-is-image"),
        (archive("bombe.csv"), "file-is-archive"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "file-is-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504, "file-is-workbook"),
        (b"\x1f\x8b\x08\x00", "file-is-archive"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "file-is-pdf"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "file-is-program"),
        (b"\x7fELF\x02\x01\x01\x00", "file-is-program"),
        (b"\x00" * 5000, "file-has-zero-bytes"),
        ("Rechnungsnummer\r\nRE-1\r\n".encode("utf-32"), "file-has-zero-bytes"),
    ],
)
def test_what_is_no_text_is_refused_by_its_first_bytes(content: bytes, code: str, named: Kind | None) -> None:
    refused = refusal(content, named=named)
    assert refused.code == code
    assert (refused.field, refused.value) == ("file", "posten.csv")


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf\r\n", b"\xff\xfe \x00", b"\n;\n;;\n"])
def test_a_file_of_blanks_has_no_kind(content: bytes) -> None:
    assert refusal(content).code == "no-kind-claims"


@pytest.mark.parametrize(
    "content", [b"<html><body>Anmelden</body></html>", b'{"posten": []}', b"\x80\x81\x82\r\n"]
)
def test_other_text_has_no_kind(content: bytes) -> None:
    assert refusal(content).code == "no-kind-claims"


@pytest.mark.parametrize(
    "content",
    [
        b"Rechnungsnummer;Zahlbetrag\r\n",
        b"Rechnungsnummer;Zahlbetrag\r\n\r\n;\r\n",
        b"Rechnungsnummer;Zahlbetrag\r\n\x1a",
    ],
)
def test_headings_alone_are_no_list(content: bytes) -> None:
    """A list of open items that is empty would settle every invoice: nobody means that."""
    assert refusal(content).code == "file-without-rows"


def test_a_thousand_columns_are_refused() -> None:
    headings = "Rechnungsnummer;" + ";".join(f"Spalte{number}" for number in range(999))
    assert refusal(f"{headings}\r\n".encode()).code == "no-kind-claims"
    refused = refusal(f"{headings}\r\n".encode(), named=Kind.AMPAREX)
    assert (refused.code, refused.facts) == (
        "file-has-too-many-columns",
        {"line": 1, "columns": 1000, "most": MAX_COLUMNS},
    )
    row = "Rechnungsnummer;Zahlbetrag\r\nRE-1;1,00" + ";" * 998 + "\r\n"
    assert refusal(row.encode()).code == "file-has-too-many-columns"
    assert refusal(row.replace("RE-1", '"RE-1"').encode()).code == "file-has-too-many-columns"


def test_columns_that_nobody_reads_are_refused_by_their_names() -> None:
    """*Zahlbetrg* would leave every row without its amount."""
    refused = refusal(b"Rechnungsnummer;Zahlbetrg\r\nRE-1;1,00\r\n", named=Kind.AMPAREX)
    assert (refused.code, refused.value) == ("columns-unknown", "Zahlbetrg")
    refused = refusal(b"Rechnungsnummer;;Zahlbetrag\r\nRE-1;;1,00\r\n", named=Kind.AMPAREX)
    assert (refused.code, refused.value) == ("columns-unknown", "(2)")


class Endless:
    """A file of 5 GB, made while it is read."""

    def __init__(self, beginning: bytes, piece: bytes) -> None:
        self.given = 0
        self._beginning, self._piece = beginning, piece

    def read(self, size: int, /) -> bytes:
        if self.given >= 5 * 1024 * MIB:
            return b""
        piece = self._beginning or self._piece * max(1, size // len(self._piece))
        self._beginning = b""
        self.given += len(piece)
        return piece[:size]


@pytest.mark.parametrize("beginning", [b"", b"Rechnungsnummer;Zahlbetrag\r\nRE-1;1,00\r\n"])
@pytest.mark.parametrize("piece", [b"0", b"ab;", b'"x', "ü".encode("cp1252")])
def test_a_line_of_five_gigabytes_is_given_up_soon(beginning: bytes, piece: bytes) -> None:
    stream = Endless(beginning, piece)
    with at_most(8 * MIB), pytest.raises(Refused) as refused:
        for _ in amparex.read(stream, ReadSettings("a.csv", "EUR", TODAY)):
            pass
    assert refused.value.code == "line-too-long"
    assert refused.value.facts["line"] == (3 if beginning else 1)
    assert stream.given < MIB


def test_a_line_of_ten_megabytes_within_a_file_is_refused_with_its_number() -> None:
    content = b"Rechnungsnummer;Zahlbetrag\r\nRE-1;1,00\r\nRE-2;" + b"1" * 10 * MIB + b"\r\n"
    refused = refusal(content)
    assert (refused.code, refused.facts) == ("line-too-long", {"line": 3, "most": 65536})


def test_a_line_has_so_many_characters_and_no_more() -> None:
    row = "RE-1;" + "x" * 195
    longest = row + ";" * (MAX_LINE_CHARS - len(row))
    assert refusal(f"Rechnungsnummer;Referenz\r\n{longest};\r\n".encode()).code == "line-too-long"
    assert refusal(f"Rechnungsnummer;Referenz\r\n{longest}\r\n".encode()).code == "file-has-too-many-columns"


def test_zero_bytes_far_into_a_file_are_found_with_their_line() -> None:
    content = b"Rechnungsnummer;Zahlbetrag\r\n" + b"RE-1;1,00\r\n" * 20_000 + b"RE-2;1,\x0000\r\n"
    refused = refusal(content)
    assert (refused.code, refused.facts) == ("file-has-zero-bytes", {"line": 20_002})


@pytest.mark.parametrize("row", ["RE-{};1.234,50;{}", "RE-{};x;{}", 'RE-{};"1,00";{}', "RE-{};1,00;ü{}"])
def test_thirty_thousand_rows_take_no_more_memory_than_a_few(row: str) -> None:
    """Whatever stands in them: good ones, bad ones, quoted ones."""
    lines = "".join(row.format(number, number) + "\r\n" for number in range(30_000))
    content = ("Rechnungsnummer;Zahlbetrag;Referenz\r\n" + lines).encode("cp1252")
    stream, count = io.BytesIO(content), 0
    with at_most(4 * MIB):
        for reading in amparex.read(stream, ReadSettings("a.csv", "EUR", TODAY)):
            count += 1
            assert isinstance(reading, Problem) == (";x;" in row) or count > 30_000
    assert count == 30_001


@pytest.mark.long
def test_a_file_of_too_many_lines_is_given_up() -> None:
    stream = Endless(b"Rechnungsnummer\r\n", b"RE-1\r\n")
    with pytest.raises(Refused) as refused:
        for _ in amparex.read(stream, ReadSettings("a.csv", "EUR", TODAY)):
            pass
    assert (refused.value.code, refused.value.facts) == ("file-has-too-many-lines", {"most": MAX_LINES})
    assert stream.given < 6 * MAX_LINES + MIB
