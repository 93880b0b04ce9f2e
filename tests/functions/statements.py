"""Bank statements whose balances add up, as tests of imports need them: MT940 and camt.053."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

ACCOUNT, OTHER_ACCOUNT = "37040044/0532013000", "37040044/0532013001"
IBAN = "DE89370400440532013000"
OPENING_MINOR = 50_000_00


class Moved(NamedTuple):
    """One movement; ``day`` of its value and, where that is another, ``booked`` are ``yyMMdd``. The amount is
    below zero for money that went out.

    ``details`` are amount and text of each payment in a batch (camt alone).
    """

    amount_minor: int
    text: str
    day: str = "261120"
    reversal: bool = False
    payer: str = ""
    end_to_end_id: str = ""
    reference: str = ""
    details: tuple[tuple[int, str], ...] = ()
    booked: str = ""


def mt940(
    *movements: Moved,
    account: str = ACCOUNT,
    currency: str = "EUR",
    number: int = 1,
    closes: bool = True,
    before_minor: int = 0,
) -> bytes:
    """One statement; with ``closes`` false it says no closing balance, as one that was cut.

    ``before_minor`` is what earlier statements of the account moved.
    """
    opening = _balance(before_minor, currency)
    lines = [":20:STARTUMS", f":25:{account}", f":28C:{number:05}/001", f":60F:{opening}"]
    for one in movements:
        mark = "RD" if one.amount_minor > 0 else "RC"
        if not one.reversal:
            mark = "C" if one.amount_minor > 0 else "D"
        reference = f"//{one.reference}" if one.reference else ""
        lines.append(
            f":61:{one.day}{(one.booked or one.day)[2:]}{mark}{_comma(one.amount_minor)}NTRFNONREF{reference}"
        )
        id_ = f"EREF+{one.end_to_end_id} " if one.end_to_end_id else ""
        text = f"{id_}SVWZ+{one.text}" if id_ else one.text
        pieces = [text[start : start + 27] for start in range(0, len(text), 27)]
        purpose = "".join(f"?{20 + place}{piece}" for place, piece in enumerate(pieces))
        payer = f"?32{one.payer}" if one.payer else ""
        lines.append(f":86:166?00UMSATZ{purpose}{payer}")
    if closes:
        moved_minor = before_minor + sum(one.amount_minor for one in movements)
        lines.append(f":62F:{_balance(moved_minor, currency)}")
        lines.append("-")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def camt053(
    *movements: Moved,
    iban: str = IBAN,
    currency: str = "EUR",
    number: int = 1,
    line_end: str = "\n",
    before_minor: int = 0,
) -> bytes:
    """One statement; with an empty ``line_end`` all of it stands on one line.

    ``before_minor`` is what earlier statements of the account moved.
    """
    opening = OPENING_MINOR + before_minor
    closing = opening + sum(one.amount_minor for one in movements)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>',
        f"<Stmt><Id>S-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>",
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>",
        _camt_balance("OPBD", opening, currency),
        _camt_balance("CLBD", closing, currency),
        *(_entry(one, currency) for one in movements),
        "</Stmt></BkToCstmrStmt></Document>",
    ]
    return (line_end.join(parts) + line_end).encode()


def _entry(one: Moved, currency: str) -> str:
    day, booked = (f"20{each[:2]}-{each[2:4]}-{each[4:]}" for each in (one.day, one.booked or one.day))
    details: Sequence[tuple[int, str]] = one.details or ((one.amount_minor, one.text),)
    told = "".join(_detail(one, minor, text, currency) for minor, text in details)
    return (
        f"<Ntry>{_amount(one.amount_minor, currency)}"
        f"{'<RvslInd>true</RvslInd>' if one.reversal else ''}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{booked}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"{f'<AcctSvcrRef>{one.reference}</AcctSvcrRef>' if one.reference else ''}"
        f"<NtryDtls>{told}</NtryDtls></Ntry>"
    )


def _detail(one: Moved, minor: int, text: str, currency: str) -> str:
    party = "Dbtr" if minor > 0 else "Cdtr"
    payer = f"<RltdPties><{party}><Pty><Nm>{escape(one.payer)}</Nm></Pty></{party}></RltdPties>"
    id_ = f"<Refs><EndToEndId>{escape(one.end_to_end_id)}</EndToEndId></Refs>"
    return (
        f"<TxDtls>{id_ if one.end_to_end_id else ''}{_amount(minor, currency)}{payer if one.payer else ''}"
        f"<RmtInf><Ustrd>{escape(text)}</Ustrd></RmtInf></TxDtls>"
    )


def _amount(minor: int, currency: str) -> str:
    direction = "CRDT" if minor > 0 else "DBIT"
    whole, cents = divmod(abs(minor), 100)
    return f'<Amt Ccy="{currency}">{whole}.{cents:02}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'


def _camt_balance(kind: str, minor: int, currency: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(minor, currency)}"
        "<Dt><Dt>2026-11-20</Dt></Dt></Bal>"
    )


def _balance(moved_minor: int, currency: str) -> str:
    return f"C261120{currency}{_comma(OPENING_MINOR + moved_minor)}"


def _comma(minor: int) -> str:
    whole, cents = divmod(abs(minor), 100)
    return f"{whole},{cents:02}"
