"""The same XML can be spelled in many ways: camt files are read right in each of them, or refused (RI-19)."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.formats.bank_record import READERS, SETTINGS, read
from tests.formats.test_bank_by_others import entries_by_tree
from tests.formats.test_bank_damaged import Seen
from tillbridge.reconciliation.formats.bank_text import PIECE_BYTES
from tillbridge.reconciliation.model import StatementEntry

OPEN = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>'
    "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
)
CLOSE = "</Stmt></BkToCstmrStmt></Document>\n"
HEAD = (
    '<Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-11-20</Dt></BookgDt>"
)
DETAIL = "<TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><RmtInf><Ustrd>RE-1</Ustrd></RmtInf></TxDtls>"
ODD_DETAIL = DETAIL.replace("<TxDtls>", "<TxDtls >")
ENTRY = f"<Ntry>{HEAD}<NtryDtls>{DETAIL}</NtryDtls></Ntry>\n"
MANY = ENTRY * (PIECE_BYTES // len(ENTRY) + 1)
"""Entries beyond the first piece: by then a file shows how it is spelled."""


def seen(*inside: str) -> Seen:
    return Seen("camt", (OPEN + "".join(inside) + CLOSE).encode())


def only(*inside: str) -> StatementEntry:
    found = seen(*inside)
    assert found.refused is None
    assert found.told == []
    assert len(found.entries) == 1
    return found.entries[0]


PLAIN = only(ENTRY)


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ('Ccy="EUR"', "Ccy='EUR'"),
        ('Ccy="EUR"', '\n  Ccy = "EUR"\t'),
        ('Ccy="EUR"', 'other="1" Ccy="EUR" more="&gt;"'),
        ("</Amt>", "</Amt >"),
        ("<TxDtls>", '<TxDtls x="1">'),
        ("<TxDtls>", "<TxDtls\n>"),
        (">10.00<", "> 10.00\n<"),
        (">10.00<", ">010.000<"),
        (">10.00<", ">10<"),
        (">CRDT<", ">\n CRDT <"),
        (">RE-1<", ">&#82;E-&#x31;<"),
        (">RE-1<", "><![CDATA[RE-1]]><"),
        (">RE-1<", "><!-- no --> RE-1\n <!-- --><"),
        ("<Ntry>", "<Ntry >"),
        ("<Ntry>", '<Ntry x="1">'),
        ("</Ntry>", "</Ntry\n>"),
        ("<NtryDtls>", "<NtryDtls><Btch/>"),
        ("</NtryDtls>", "</NtryDtls><NtryDtls/>"),
        ("<Dt>2026-11-20</Dt>", "<DtTm>2026-11-20T23:59:59.999+01:00</DtTm>"),
        ("<Dt>2026-11-20</Dt>", "<Dt>2026-11-20Z</Dt>"),
        ("<Dt>2026-11-20</Dt>", "<Dt>2026-11-20+01:00</Dt>"),
        ("</Refs>", '</Refs><y:Amt xmlns:y="other" Ccy="USD"><y:Part>1</y:Part></y:Amt>'),
        (HEAD, HEAD + "<SplmtryData><Envlp><Amt Ccy='USD'>1</Amt></Envlp></SplmtryData>"),
    ],
)
def test_another_spelling_says_the_same(plain: str, other: str) -> None:
    assert plain in ENTRY
    assert only(ENTRY.replace(plain, other, 1))._replace(line=PLAIN.line) == PLAIN


@pytest.mark.parametrize(
    ("plain", "other", "code", "column"),
    [
        ('Ccy="EUR"', "", "camt-currency-differs", "Ntry/Amt/@Ccy"),
        ('Ccy="EUR"', 'Ccy="E&#85;R"', "camt-currency-differs", "Ntry/Amt/@Ccy"),
        ('Ccy="EUR"', 'x="EUR"', "camt-currency-differs", "Ntry/Amt/@Ccy"),
        (">10.00<", ">-10.00<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">+10.00<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">1e1<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">10.001<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">1.000,00<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">１０<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">10000000000000.00<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">" + "9" * 5000 + "<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">10 .00<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", ">.<", "camt-amount-unreadable", "Ntry/Amt"),
        (">10.00<", "><Sum>10.00</Sum><", "camt-element-missing", "Ntry/Amt"),
        ('<Amt Ccy="EUR">10.00</Amt>', '<Amt Ccy="EUR"/>', "camt-element-missing", "Ntry/Amt"),
        (">CRDT<", ">CREDIT<", "camt-direction-unreadable", "Ntry/CdtDbtInd"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>GEBUCHT</Sts>", "camt-status-unknown", "Ntry/Sts"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts><Prtry>BOOK</Prtry></Sts>", "camt-status-unknown", "Ntry/Sts"),
        ("2026-11-20", "20.11.2026", "camt-day-unreadable", "Ntry/BookgDt"),
        ("2026-11-20", "20261120", "camt-day-unreadable", "Ntry/BookgDt"),
        ("2026-11-20", "2026-W47-5", "camt-day-unreadable", "Ntry/BookgDt"),
        ("2026-11-20", "2026-02-29", "camt-day-unreadable", "Ntry/BookgDt"),
        ("2026-11-20", "2026-11-20 und mehr", "camt-day-unreadable", "Ntry/BookgDt"),
        ("<Sts>", "<RvslInd>nein</RvslInd><Sts>", "camt-reversal-unreadable", "Ntry/RvslInd"),
        (DETAIL, DETAIL + ODD_DETAIL, "camt-element-twice", "Ntry/NtryDtls/TxDtls"),
        ("</NtryDtls>", '</NtryDtls><Amt Ccy="EUR">11.00</Amt>', "camt-element-twice", "Ntry/Amt"),
        (
            f"{DETAIL}</NtryDtls>", f"{DETAIL}{DETAIL}</NtryDtls><CdtDbtInd>DBIT</CdtDbtInd>",
            "camt-element-twice", "Ntry/CdtDbtInd",
        ),
        ("<Sts>", "<CdtDbtInd>DBIT</CdtDbtInd><Sts>", "camt-element-twice", "Ntry/CdtDbtInd"),
    ],
)  # fmt: skip
def test_an_entry_that_can_not_be_read_is_a_problem_and_the_next_one_is_read(
    plain: str, other: str, code: str, column: str
) -> None:
    assert plain in ENTRY
    found = seen(ENTRY.replace(plain, other, 1), ENTRY)
    assert found.refused is None
    assert [(one.code, getattr(one, "column", "")) for one in found.told] == [(code, column)]
    assert len(found.entries) == 1
    assert found.entries[0]._replace(line=PLAIN.line) == PLAIN


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ((MANY, ENTRY.replace("</Ntry>", "</Ntry >"), ENTRY), "camt-entry-out-of-place"),
        ((MANY, ENTRY.replace("<Ntry>", "<Ntry >"), ENTRY), "camt-entry-out-of-place"),
        ((MANY, '<y:Ntry xmlns:y="a"></y:Ntry>'), "camt-entry-out-of-place"),
        ((MANY, "<Ntry/>"), "camt-entry-out-of-place"),
        (("<Bal>", ENTRY, "</Bal>"), "camt-entry-out-of-place"),
        ((ENTRY.replace("</Ntry>", f"{ENTRY}</Ntry>"),), "camt-entry-out-of-place"),
        (("</Stmt>", ENTRY, "<Stmt>"), "camt-entry-out-of-place"),
        ((ENTRY.replace(DETAIL, f"<x>{DETAIL}{DETAIL}</x>"),), "camt-entry-out-of-place"),
        (("</Stmt><Stmt><Id>2</Id>", ENTRY), "camt-account-missing"),
        (("<a>" * 70, "</a>" * 70), "camt-too-deep"),
        ((ENTRY, "<!DOCTYPE x>"), "camt-not-well-formed"),
        ((ENTRY, "&x;"), "camt-not-well-formed"),
        ((ENTRY, "</Stmt></BkToCstmrStmt><BkToCstmrAcctRpt><Stmt>", ENTRY), "statement-is-interim"),
        (
            (ENTRY, "</Stmt></BkToCstmrStmt></Document><Document><BkToCstmrStmt><Stmt>"),
            "camt-not-well-formed",
        ),
    ],
)
def test_what_could_hide_an_entry_is_refused(inside: tuple[str, ...], code: str) -> None:
    refused = seen(*inside).refused
    assert refused is not None
    assert refused.code == code


def test_entries_in_an_unusual_spelling_from_the_first_one_on_are_all_read() -> None:
    odd = ENTRY.replace("<Ntry>", "<Ntry >").replace("</Ntry>", "</Ntry >")
    assert len(seen(odd, ENTRY, odd).entries) == 3
    prefixed = (OPEN + ENTRY * 3 + CLOSE).replace("<", "<ns0:").replace("<ns0:/", "</ns0:")
    prefixed = prefixed.replace("xmlns=", "xmlns:ns0=")
    assert Seen("camt", prefixed.encode()).entries == seen(ENTRY * 3).entries


def random_entries(count: int, chance: random.Random, late: str = "") -> Iterator[str]:
    """Entries of very many shapes, as banks with many kinds of payments write them."""

    def maybe(text: str) -> str:
        return text if chance.random() < 0.5 else ""

    for number in range(count):
        cents = chance.randrange(1, 10_000_000)
        direction = chance.choice(("CRDT", "DBIT"))
        parties = "".join(
            maybe(f"<{side}><Pty><Nm>Name &amp; Söhne {number}</Nm></Pty></{side}>")
            + maybe(f"<{side}Acct><Id><IBAN>DE{number:020}</IBAN></Id></{side}Acct>")
            for side in ("Dbtr", "Cdtr")
        )
        texts = "".join(
            f"<Ustrd>Rechnung {number} Teil {part}</Ustrd>\n" for part in range(chance.randrange(4))
        )
        message = maybe(f"<MsgId>{number}</MsgId>")
        detail = (
            "<TxDtls>" + maybe(f"<Refs>{message}<EndToEndId>E-{number}</EndToEndId></Refs>")
            + maybe(f'<Amt Ccy="EUR">{cents / 100:.2f}</Amt>') + f"<RltdPties>{parties}</RltdPties>"
            + f"<RmtInf>{texts}</RmtInf></TxDtls>"
        )  # fmt: skip
        yield (
            f'<Ntry>\n<Amt Ccy="EUR">{cents / 100:.2f}</Amt><CdtDbtInd>{direction}</CdtDbtInd>\n'
            + maybe("<RvslInd>true</RvslInd>") + "<Sts><Cd>BOOK</Cd></Sts>"
            f"<BookgDt><Dt>2026-11-{number % 28 + 1:02}</Dt></BookgDt>"
            + maybe(f"<ValDt><Dt>2026-12-{number % 28 + 1:02}</Dt></ValDt>")
            + maybe(f"<AcctSvcrRef>B-{number}</AcctSvcrRef>")
            + maybe(f"<NtryDtls>{detail}</NtryDtls>") + "</Ntry>\n"
        )  # fmt: skip
        if number == count // 2:
            yield late


@pytest.mark.parametrize("late", ["", "<!-- a comment in the midst -->\n"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_file_of_many_shapes_says_what_a_tree_says(seed: int, late: str, tmp_path: Path) -> None:
    text = OPEN + "".join(random_entries(5_000, random.Random(seed), late)) + CLOSE
    assert len(text) > 5 * PIECE_BYTES
    sample = tmp_path / "long.xml"
    sample.write_text(text, encoding="utf-8")
    ours = [entry for entry in read("camt", text.encode()) if isinstance(entry, StatementEntry)]
    by_tree = entries_by_tree(sample)
    assert len(ours) == 5_000
    for entry, expected in zip(ours, by_tree, strict=True):
        assert {name: getattr(entry, name) for name in expected} == expected
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith("<Ntry>")]
    assert [entry.line for entry in ours] == lines


class OneByOne:
    """A stream that gives its bytes in pieces of any size."""

    def __init__(self, content: bytes, chance: random.Random) -> None:
        self.stream = io.BytesIO(content)
        self.chance = chance

    def read(self, size: int, /) -> bytes:
        return self.stream.read(min(size, self.chance.choice((1, 2, 1000, 100_000))))


@pytest.mark.parametrize("kind", ["camt", "mt940"])
def test_how_a_stream_cuts_its_bytes_changes_nothing(kind: str) -> None:
    if kind == "camt":
        content = (OPEN + "".join(random_entries(1_500, random.Random(3))) + CLOSE).encode()
    else:
        lines = "".join(
            f":61:2611201120C{n},00NTRFNONREF//Ä{n}\r\n:86:RE-{n}\r\nmehr\r\n" for n in range(9_000)
        )
        first = ":20:X\r\n:25:DE89370400440532013000\r\n:28C:1\r\n:60F:C261119EUR0,00\r\n"
        content = f"{first}{lines}:62F:C261120EUR{sum(range(9_000))},00\r\n-\r\n".encode("cp1252")
        assert Seen(kind, content).told == []
    assert len(content) > PIECE_BYTES
    whole = read(kind, content)
    cut = list(READERS[kind].read(OneByOne(content, random.Random(4)), SETTINGS))
    assert cut == whole
