"""How fast bank files become entries, against readers that look at every byte and understand nothing (RI-37).

    python -m bench.bank_parsing

The floor of MT940 decodes the bytes, splits them into lines and makes an integer of the amount of each
``:61:``. The floor of camt is expat over the same bytes with nobody listening: no reader of XML that proves
what it reads can be faster. Ours gives every entry with its days, payer and purpose, adds up the balances,
and finds the kind by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from xml.parsers import expat

from bench.figures import Figure
from bench.file_reading import facts_of, memory, read_many, time_s
from tillbridge.reconciliation.model import Kind

LEAST_OF_MT940, LEAST_OF_CAMT = 100_000, 50_000
ENTRIES, MANY_ENTRIES = 50_000, 300_000
FILE_NAME = "umsaetze.sta"
DAYS = 28
NAMES = ("Anna Muster", "Müller, Jörg", "Beispiel & Söhne GmbH", "Optik Größner", "C. Example")


@dataclass(frozen=True)
class Shape:
    """A file to be read: what stands before its entries, each of them by its number, and what behind them."""

    name: str
    kind: Kind
    first: str
    entry: Callable[[int], str]
    last: Callable[[int], str]
    charset: str
    least: int

    def pieces(self, entries: int) -> Iterator[bytes]:
        """The file, made while it is read."""
        yield self.first.encode(self.charset)
        for begin in range(0, entries, 500):
            some = range(begin, min(begin + 500, entries))
            yield "".join(map(self.entry, some)).encode(self.charset)
        yield self.last(entries).encode(self.charset)


def _cents(number: int) -> int:
    return number * 7919 % 250_000 + 1


def _total(entries: int) -> int:
    return sum(map(_cents, range(entries)))


def _mt940_entry(number: int) -> str:
    cents, day = _cents(number), f"11{number % DAYS + 1:02}"
    head = f":61:26{day}{day}CR{cents // 100},{cents % 100:02}N166NONREF//{number:016}\r\n:86:166?00GUTSCHR. "
    name = NAMES[number % len(NAMES)].upper()
    account = f"?30BYLADEM1001?31DE{number:020}?32{name}?34000\r\n"
    if number % 3 == 0:
        return f"{head}UEBERWEISUNG?109251?20Rechnung RE-HH-{number % 9999:04}-26{account}"
    text = f"SVWZ+Rechnung RE-HH-{number % 9999:04}-26 vom {number % DAYS + 1:02}.11.2026, vielen Dank"
    more = "".join(f"?{22 + at}{text[at * 27 : at * 27 + 27]}" for at in range(1, 3))
    folded = (
        f"{head}UEBERWEISUNG?109251?20EREF+RE-HH-{number:07}-26?21KREF+NONREF?22{text[:27]}{more}{account}"
    )
    return f"{folded[:140]}\r\n{folded[140:]}" if number % 2 else folded


def _mt940_last(entries: int) -> str:
    return f":62F:C261128EUR{_total(entries) // 100},{_total(entries) % 100:02}\r\n-\r\n"


def _camt_balances(entries: int) -> str:
    return "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-28</Dt></Dt></Bal>\n"
        for code, amount in (("OPBD", "0.00"), ("CLBD", f"{_total(entries) / 100:.2f}"))
    )


def _camt_entry(number: int) -> str:
    cents, day = _cents(number), f"2026-11-{number % DAYS + 1:02}"
    amount = f'<Amt Ccy="EUR">{cents // 100}.{cents % 100:02}</Amt>'
    name = NAMES[number % len(NAMES)].replace("&", "&amp;")
    end_to_end_id = f"RE-HH-{number:07}-26" if number % 3 else "NOTPROVIDED"
    mandate = f"<MndtId>M-{number}</MndtId>" if number % 7 == 0 else ""
    second = "<Ustrd>vielen Dank und bis zum naechsten Mal</Ustrd>" if number % 4 == 0 else ""
    address = "<PstlAdr><Ctry>DE</Ctry></PstlAdr>" if number % 5 == 0 else ""
    return f"""  <Ntry>
    {amount}
    <CdtDbtInd>CRDT</CdtDbtInd>
    <Sts><Cd>BOOK</Cd></Sts>
    <BookgDt><Dt>{day}</Dt></BookgDt>
    <ValDt><Dt>{day}</Dt></ValDt>
    <AcctSvcrRef>{number:016}</AcctSvcrRef>
    <BkTxCd><Prtry><Cd>NTRF+166</Cd><Issr>DK</Issr></Prtry></BkTxCd>
    <NtryDtls>
      <TxDtls>
        <Refs><EndToEndId>{end_to_end_id}</EndToEndId>{mandate}</Refs>
        {amount}
        <CdtDbtInd>CRDT</CdtDbtInd>
        <RltdPties>
          <Dbtr><Pty><Nm>{name}</Nm>{address}</Pty></Dbtr>
          <DbtrAcct><Id><IBAN>DE{number:020}</IBAN></Id></DbtrAcct>
          <Cdtr><Pty><Nm>Optik am Markt</Nm></Pty></Cdtr>
        </RltdPties>
        <RmtInf><Ustrd>Rechnung RE-HH-{number % 9999:04}-26 vom {day}</Ustrd>{second}</RmtInf>
      </TxDtls>
    </NtryDtls>
  </Ntry>
"""


MT940_FIRST = ":20:STARTUMSE\r\n:25:37040044/0532013000EUR\r\n:28C:00042/001\r\n:60F:C261031EUR0,00\r\n"
CAMT_FIRST = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>S-1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
"""
CAMT_LAST = "</Stmt></BkToCstmrStmt></Document>\n"
SHAPES = (
    Shape("MT940", Kind.MT940, MT940_FIRST, _mt940_entry, _mt940_last, "cp1252", LEAST_OF_MT940),
    Shape(
        "camt.053", Kind.CAMT, CAMT_FIRST, _camt_entry,
        lambda entries: f"{_camt_balances(entries)}{CAMT_LAST}", "utf-8", LEAST_OF_CAMT,
    ),
    Shape(
        "camt.053 on one line", Kind.CAMT, CAMT_FIRST.replace("\n", ""),
        lambda number: "".join(line.strip() for line in _camt_entry(number).split("\n")),
        lambda entries: f"{_camt_balances(entries)}{CAMT_LAST}", "utf-8", LEAST_OF_CAMT,
    ),
)  # fmt: skip


def floor(shape: Shape, content: bytes) -> int:
    """Look at every byte, and count the entries."""
    if shape.kind is Kind.CAMT:
        parser = expat.ParserCreate()
        parser.Parse(content, True)
        return content.count(b"<Ntry>")
    count = total = 0
    for line in content.decode(shape.charset).split("\r\n"):
        if line.startswith(":61:"):
            total += int(line[16 : line.index("N", 16)].replace(",", ""))
            count += 1
    return count if total else 0


def measure(pairs: int, tell: Callable[[str], None]) -> list[Figure]:
    """Read each file and its floor in turn; then large ones in a process of their own, for the memory.

    ``pairs`` says how often each is read.
    """
    figures = []
    for shape in SHAPES:
        tell(f"reading {shape.name} …")
        figures.append(_speed(shape, pairs))
    for number, shape in enumerate(SHAPES):
        tell(f"reading {MANY_ENTRIES:,} entries of {shape.name} …")
        figures.append(memory(f"{shape.name}: memory of {MANY_ENTRIES:,} entries", _read_many, number))
    return figures


def _speed(shape: Shape, count: int) -> Figure:
    content = b"".join(shape.pieces(ENTRIES))
    if not facts_of(FILE_NAME, content).rows == floor(shape, content) == ENTRIES:
        raise ValueError(f"{shape.name} is not read")
    ours_s, floor_s = [], []
    for _ in range(count):
        ours_s.append(time_s(lambda: facts_of(FILE_NAME, content)))
        floor_s.append(time_s(lambda: floor(shape, content)))
    per_s, floor_per_s = ENTRIES / median(ours_s), ENTRIES / median(floor_s)
    return Figure(
        what=f"{shape.name}: speed",
        ours=f"{len(content) / median(ours_s) / (1 << 20):.0f} MiB/s",
        floor=f"{floor_per_s:,.0f} entries/s",
        figure=f"{per_s:,.0f} entries/s",
        goal=f"≥ {shape.least:,} entries/s",
        met=per_s >= shape.least,
    )


def _read_many(number: int) -> None:
    read_many(FILE_NAME, SHAPES[number].pieces, MANY_ENTRIES)


def main() -> int:
    """Measure and show."""
    from bench.figures import table  # noqa: PLC0415 - only when run by itself

    print(table("Bank files to entries", measure(9, lambda line: print(line, flush=True))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
