"""Bank files that are made to do harm, each a stream of bytes that is made as it is read.

    python -m tests.formats.bank_attacks

reads them one after the other and says, each as one line of JSON, what came of it and how much memory was
taken so far at most, beside what the imports alone take.
"""

from __future__ import annotations

import gc
import json
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.formats.bank_record import READERS, SETTINGS
from tillbridge.kernel.errors import Refused

MEBIBYTE = 1024 * 1024
STATUS = Path("/proc/self/status")
Attack = Callable[[], Iterator[bytes]]
OPEN = (
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>'
    b"<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
)
CLOSE = b"</Stmt></BkToCstmrStmt></Document>\n"
DETAIL = (
    b"<TxDtls><Refs><EndToEndId>RE-HH-0001-26</EndToEndId></Refs>"
    b'<Amt Ccy="EUR">0.01</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    b"<RltdPties><Dbtr><Pty><Nm>Anna Muster</Nm></Pty></Dbtr></RltdPties>"
    b"<RmtInf><Ustrd>" + b"Rechnung RE-HH-0001-26 " * 20 + b"</Ustrd></RmtInf></TxDtls>\n"
)


def entry(inside: bytes = b"", amount: bytes = b"10.00") -> bytes:
    return (
        b'<Ntry><Amt Ccy="EUR">' + amount + b"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        b"<BookgDt><Dt>2026-11-20</Dt></BookgDt>" + inside + b"</Ntry>\n"
    )


Part = bytes | tuple[bytes, int]
"""Bytes, or bytes and how often they come: a stream of them is never held as one."""


def made_of(*parts: Part) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        piece, count = part
        at_once = max(1, 65536 // len(piece))
        for _ in range(count // at_once):
            yield piece * at_once
        yield piece * (count % at_once)


def stream_of(*parts: Part) -> Attack:
    return lambda: made_of(*parts)


def around(*parts: Part) -> Attack:
    """In an open statement."""
    return stream_of(OPEN, *parts, CLOSE)


def in_entry(*parts: Part, amount: bytes = b"10.00") -> Attack:
    """In an entry that is whole else."""
    first, last = entry(b"@", amount).split(b"@")
    return around(first, *parts, last)


def attributes() -> Iterator[bytes]:
    for number in range(0, 1_000_000, 1000):
        yield b"".join(b' a%d=""' % (number + more) for more in range(1000))


def camt_attributes(before: bytes, behind: bytes) -> Attack:
    def made() -> Iterator[bytes]:
        yield OPEN + before + b"<X"
        yield from attributes()
        yield b"/>" + behind + CLOSE

    return made


def camt_many_shapes() -> Iterator[bytes]:
    yield OPEN
    for number in range(5_000):
        yield entry(b"<x%d/>" % number)
    yield CLOSE


def camt_batch(details: int) -> Attack:
    amount = b"%d.%02d" % divmod(details, 100)
    return in_entry(b"<NtryDtls>", (DETAIL, details), b"</NtryDtls>", amount=amount)


def camt_doctype(*declared: Part) -> Attack:
    return stream_of(b"<!DOCTYPE Document ", *declared, b">", OPEN, entry(b"<X>&a;</X>"), CLOSE)


BOMB = b'[<!ENTITY z "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at if at else 122) * 10) for at in range(10)
) + b'<!ENTITY a "&k;">]'  # fmt: skip


MT940_OPEN = b":20:X\r\n:25:DE89370400440532013000\r\n:28C:1\r\n:60F:C261119EUR0,00\r\n"
MT940_ENTRY = (
    b":61:2611201120CR119,00N166NONREF//2026112000001\r\n:86:166?00GUTSCHR. UEBERWEISUNG?109251"
    b"?20EREF+RE-HH-0001-26?21SVWZ+Rechnung RE-HH-0001-?2226 vom 01.11.2026?32Muster, Anna?34000\r\n"
)


def mt940_with(*parts: Part) -> Attack:
    """Behind the only line of a statement that is whole else."""
    first = MT940_OPEN + b":61:2611201120C1,NTRFNONREF\r\n"
    return stream_of(first, *parts, b"\r\n:62F:C261120EUR1,\r\n-\r\n")


TEXT = (b"a", 10 * MEBIBYTE)
ENDLESS = 300 * MEBIBYTE
DOCTYPE = "camt-doctype-forbidden"
LARGE_ELEMENT, LARGE_ENTRY = "camt-element-too-large", "camt-entry-too-large"
LONG_FIELD = "statement-field-too-long"
READ = ""
ATTACKS: dict[str, tuple[Attack, str]] = {
    "camt-billion-laughs": (camt_doctype(BOMB), DOCTYPE),
    "camt-external-entity": (camt_doctype(b'[<!ENTITY a SYSTEM "file:///etc/hostname">]'), DOCTYPE),
    "camt-external-subset": (camt_doctype(b'SYSTEM "http://localhost:1/x.dtd"'), DOCTYPE),
    "camt-parameter-entity": (camt_doctype(b'[<!ENTITY % p "x"> %p;]'), DOCTYPE),
    "camt-quadratic-entity": (camt_doctype(b'[<!ENTITY a "', (b"a", 50_000), b'">]'), DOCTYPE),
    "camt-large-entity": (camt_doctype(b'[<!ENTITY a "', TEXT, b'">]'), LARGE_ELEMENT),
    "camt-doctype-late": (around(entry(), b"<!DOCTYPE a>", entry()), "camt-not-well-formed"),
    "camt-entity-nobody-declared": (in_entry(b"<X>&a;</X>"), "camt-not-well-formed"),
    "camt-text-in-entry": (in_entry(b"<X>", TEXT, b"</X>"), LARGE_ELEMENT),
    "camt-text-in-header": (around(b"<X>", TEXT, b"</X>", entry()), LARGE_ELEMENT),
    "camt-attributes-in-entry": (camt_attributes(*entry(b"@").split(b"@")), LARGE_ELEMENT),
    "camt-attributes-in-header": (camt_attributes(b"", entry()), LARGE_ELEMENT),
    "camt-deep-entry": (in_entry((b"<a>", 1_000_000), (b"</a>", 1_000_000)), "camt-too-deep"),
    "camt-deep-header": (around((b"<a>", 1_000_000), (b"</a>", 1_000_000), entry()), "camt-too-deep"),
    "camt-deep-before-entries": (around((b"<a>" * 60_000 + entry(), 300)), "camt-too-deep"),
    "camt-deep-small-entry": (in_entry((b"<a>", 100), (b"</a>", 100)), "camt-tag-unreadable"),
    "camt-empty-elements-in-entry": (in_entry((b"<a/>", 1_000_000)), LARGE_ENTRY),
    "camt-empty-elements-in-header": (around((b"<a/>", 300_000), entry()), READ),
    "camt-comment": (in_entry(b"<!--", TEXT, b"-->"), LARGE_ELEMENT),
    "camt-many-comments": (in_entry((b"<!--a-->", 500_000)), READ),
    "camt-cdata": (in_entry(b"<X><![CDATA[", TEXT, b"]]></X>"), LARGE_ELEMENT),
    "camt-instruction": (in_entry(b"<?a ", TEXT, b"?>"), LARGE_ELEMENT),
    "camt-many-balances": (around((b"<Bal/>", 100_000), entry()), READ),
    "camt-many-statements": (around((b"</Stmt><Stmt>", 200_000)), "statements-too-many"),
    "camt-many-shapes": (camt_many_shapes, READ),
    "camt-large-batch": (camt_batch(16_000), READ),
    "camt-batch-too-large": (camt_batch(30_000), LARGE_ENTRY),
    "camt-endless-header": (stream_of(OPEN, (b"<X>a</X>\n", ENDLESS)), LARGE_ENTRY),
    "camt-endless-entry": (stream_of(OPEN, b"<Ntry>", (b"<X>a</X>\n", ENDLESS)), LARGE_ENTRY),
    "camt-endless-tag": (stream_of(OPEN, b"<Ntry><", (b"a", ENDLESS)), LARGE_ENTRY),
    "camt-endless-blanks": (stream_of(OPEN, (b" \n", ENDLESS)), LARGE_ENTRY),
    "camt-endless-comment": (stream_of(OPEN, b"<!--", (b"a", ENDLESS)), LARGE_ELEMENT),
    "camt-long-number": (around(entry(amount=b"9" * 60_000)), READ),
    "camt-many-zeros": (around(entry(amount=b"1." + b"0" * 60_000)), READ),
    "camt-in-utf-16": (
        stream_of(b"\xff\xfe", OPEN.decode().encode("utf-16-le"), b"<\0X\0>\0", (b"\xe4\x00", 10 * MEBIBYTE)),
        LARGE_ELEMENT,
    ),
    "mt940-no-line-ends": (stream_of(MT940_OPEN, (b"a", ENDLESS)), LONG_FIELD),
    "mt940-line-ends-alone": (stream_of(MT940_OPEN, (b"\r\n", ENDLESS)), LONG_FIELD),
    "mt940-nothing-but-blanks": (stream_of((b" ", ENDLESS)), LONG_FIELD),
    "mt940-fields-without-end": (
        stream_of(MT940_OPEN, b":62F:C261119EUR0,\r\n", (b":64:C261120EUR1,\r\n", 500_000)), READ
    ),
    "mt940-long-statement": (
        stream_of(MT940_OPEN, (MT940_ENTRY, 50_000), b":62F:C261120EUR5950000,\r\n-\r\n"), READ
    ),
    "mt940-braces-behind-the-end": (mt940_with(b":86:a\r\n-", (b"{", 7_000), b"\r\nx"), READ),
    "mt940-braces-before-all": (stream_of((b"{", 7_000), b"\nx\n", MT940_OPEN), "statement-missing"),
    "mt940-words-before-all": (stream_of((b"A ", 3_000), b"\n", MT940_OPEN), "statement-missing"),
    "mt940-many-ends": (mt940_with(b":86:a", (b"\r\n-", 2_000), b"x"), READ),
    "mt940-many-subfields": (mt940_with(b":86:166", (b"?20a", 1_900)), READ),
    "mt940-many-keys": (mt940_with(b":86:", (b"EREF+ SVWZ+ ", 600)), READ),
    "mt940-many-separators": (mt940_with(b":86:166?20", (b"?", 7_000)), READ),
    "mt940-field-too-long": (mt940_with(b":86:", (b"a", 9_000)), LONG_FIELD),
    "mt940-slashes": (
        mt940_with(b":61:2611201120C0,NTRF", (b"/ ", 3_500), b"//", (b"/", 500)), READ
    ),
}  # fmt: skip
"""Name -> the bytes, and the code of the refusal; ``""`` where the file is odd and can be read."""


class Stream:
    """Bytes that are made when they are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.held = b""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        if not self.held:
            self.held = next(self.pieces, b"")
        given, self.held = self.held[:size], self.held[size:]
        return given


def peak_bytes() -> int:
    """The most memory that this process ever held; Linux's own count, which no parent process is part of."""
    if STATUS.exists():
        peak = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Read them all, in their order: the memory is the most that any of them so far has taken."""
    before = peak_bytes()
    for name, (made, _) in ATTACKS.items():
        gc.collect()  # what the last one held in cycles
        counts = Counter[str]()
        code = ""
        try:
            for reading in READERS[name.split("-", maxsplit=1)[0]].read(Stream(made()), SETTINGS):
                counts[type(reading).__name__] += 1
        except Refused as refused:
            code = refused.code
        told = {"name": name, "code": code, "megabytes": (peak_bytes() - before) / MEBIBYTE, **counts}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
