"""Readers that share nothing with the product read the same bank files and must say the same (RI-19).

For camt a tree and the names of elements alone, for MT940 one line after the other. Both also add up what
they read, since the balances are the bank's own proof.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.formats.test_bank_files import NOT_READ_AT_ALL, OF_CAMT, OF_MT940, recorded, text_of

DECIMALS = {"JPY": 0, "KWD": 3}
WRONG_ENTRIES = "entries-that-are-none"
CAMT = [path for path in OF_CAMT if path.stem not in {*NOT_READ_AT_ALL, WRONG_ENTRIES}]
MT940 = [path for path in OF_MT940 if path.stem not in NOT_READ_AT_ALL]
Element = ElementTree.Element


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def tree_of(sample: Path) -> Element:
    without_declaration = re.sub(r"<\?xml.*?\?>", "", text_of(sample))
    return ElementTree.fromstring(without_declaration)  # noqa: S314 - samples of our own


def at(element: Element, path: str) -> list[Element]:
    found = [element]
    for name in path.split("/"):
        found = [child for one in found for child in one if local(child) == name]
    return found


def words(element: Element | None, *paths: str) -> str:
    if element is None:
        return ""
    texts = [" ".join((one.text or "").split()) for path in paths for one in at(element, path)]
    return next(filter(None, texts), "")


def minor(element: Element, path: str = "Amt") -> int:
    """The amount below an element in minor units, below zero for a debit."""
    amount = at(element, path)[0]
    units = Decimal((amount.text or "").strip()).scaleb(DECIMALS.get(amount.get("Ccy", ""), 2))
    assert units == int(units)
    return -int(units) if words(element, "CdtDbtInd") == "DBIT" else int(units)


def part_of(entry: Element, detail: Element) -> int | None:
    """The amount of a detail in its entry's currency and direction, None where it says none that counts."""
    path = "Amt" if at(detail, "Amt") else "AmtDtls/TxAmt/Amt"
    amounts, direction = at(detail, path), words(detail, "CdtDbtInd")
    if not amounts or amounts[0].get("Ccy") != at(entry, "Amt")[0].get("Ccy"):
        return None
    if direction not in {"", "CRDT", "DBIT"}:
        return None
    return (
        -minor(detail, path) if not direction and words(entry, "CdtDbtInd") == "DBIT" else minor(detail, path)
    )


def told(account: str, entry: Element, detail: Element | None, amount: int) -> dict[str, Any]:
    reversal = words(entry, "RvslInd") in {"true", "1"}
    side = "Dbtr" if (amount >= 0) != reversal else "Cdtr"
    ties = "RltdPties"
    texts = (
        [" ".join((one.text or "").split()) for one in at(detail, "RmtInf/Ustrd")]
        if detail is not None
        else []
    )
    return {
        "account": account,
        "currency": at(entry, "Amt")[0].get("Ccy"),
        "booked_on": words(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt")[:10],
        "value_on": words(entry, "ValDt/Dt", "ValDt/DtTm", "BookgDt/Dt")[:10],
        "amount_minor": amount,
        "reversal": reversal,
        "payer_name": words(detail, f"{ties}/{side}/Pty/Nm", f"{ties}/{side}/Nm"),
        "payer_account": words(detail, f"{ties}/{side}Acct/Id/IBAN", f"{ties}/{side}Acct/Id/Othr/Id"),
        "end_to_end_id": words(detail, "Refs/EndToEndId").replace("NOTPROVIDED", ""),
        "bank_reference": words(detail, "Refs/AcctSvcrRef") or words(entry, "AcctSvcrRef"),
        **({"text": " ".join(texts)} if texts else {}),
    }


def entries_by_tree(sample: Path) -> list[dict[str, Any]]:
    found = []
    for statement in (one for one in tree_of(sample).iter() if local(one) in {"Stmt", "Ntfctn"}):
        account = words(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        for entry in (one for one in at(statement, "Ntry") if words(one, "Sts/Cd", "Sts") == "BOOK"):
            details = at(entry, "NtryDtls/TxDtls")
            amounts = [part_of(entry, detail) for detail in details]
            if len(details) > 1 and None not in amounts and sum(filter(None, amounts)) == minor(entry):
                found += [
                    told(account, entry, detail, amount or 0)
                    for detail, amount in zip(details, amounts, strict=True)
                ]
            else:
                found.append(told(account, entry, details[0] if len(details) == 1 else None, minor(entry)))
    return found


@pytest.mark.parametrize("sample", CAMT, ids=lambda path: path.stem)
def test_a_tree_reads_the_same_entries(sample: Path) -> None:
    by_tree = entries_by_tree(sample)
    ours = [
        {name: entry.get(name) or type(expected)() for name, expected in other.items()}
        for entry, other in zip(recorded(sample), by_tree, strict=True)
    ]
    assert ours == by_tree
    assert by_tree


def test_of_the_wrong_entries_each_is_a_problem_and_only_the_right_one_is_read() -> None:
    sample = next(path for path in OF_CAMT if path.stem == WRONG_ENTRIES)
    lines = [number for number, line in enumerate(text_of(sample).split("\n"), 1) if "<Ntry>" in line]
    assert [one["line"] for one in recorded(sample, "Problem")] == lines[:-1]
    assert [one["line"] for one in recorded(sample)] == lines[-1:]


def test_balances_of_camt_prove_every_statement_in_which_nothing_was_noticed() -> None:
    checked = 0
    for sample in CAMT:
        noticed = [one["facts"]["account"] for one in recorded(sample, "Notice") if "balances" in one["code"]]
        for statement in (one for one in tree_of(sample).iter() if local(one) == "Stmt"):
            balances = {words(one, "Tp/CdOrPrtry/Cd"): minor(one) for one in at(statement, "Bal")}
            if "CLBD" not in balances:
                continue
            booked = [one for one in at(statement, "Ntry") if words(one, "Sts/Cd", "Sts") == "BOOK"]
            opening = balances.get("OPBD", balances.get("PRCD", 0))
            adds_up = opening + sum(map(minor, booked)) == balances["CLBD"]
            assert adds_up == (words(statement, "Acct/Id/IBAN") not in noticed), sample
            checked += 1
    assert checked > 10


def statements_by_lines(text: str) -> list[dict[str, Any]]:
    """Balances, signed amounts and days of each statement; a line that is none is left out."""
    statements: list[dict[str, Any]] = []
    decimals = 2
    for line in re.split(r"\r\n|\r|\n", text):
        if line.startswith((":60F:", ":60M:")):
            decimals = DECIMALS.get(line[12:15], 2)
            statements.append({"opening": balance_of(line, decimals), "entries": [], "days": []})
        elif line.startswith((":62F:", ":62M:")):
            statements[-1]["closing"] = balance_of(line, decimals)
        elif line.startswith(":61:"):
            written = re.match(r":61:(\d{6})(\d{4})?(C|D|RC|RD)[A-Z]?(\d+),(\d*)N", line)
            if written is None or len(written[5]) > decimals or written[1][2:] == "1131":
                continue
            units = int(written[4]) * 10**decimals + int(written[5].ljust(decimals, "0") or "0")
            statements[-1]["entries"].append(units if written[3] in {"C", "RD"} else -units)
            statements[-1]["days"].append((written[1], written[2] or written[1][2:]))
    return statements


def balance_of(line: str, decimals: int) -> int:
    whole, _, part = line[15:].strip().partition(",")
    return (1 if line[5] == "C" else -1) * int(whole + part.ljust(decimals, "0"))


@pytest.mark.parametrize("sample", MT940, ids=lambda path: path.stem)
def test_lines_say_the_same_amounts_days_and_balances(sample: Path) -> None:
    statements = statements_by_lines(text_of(sample))
    amounts = [amount for one in statements for amount in one["entries"]]
    assert [entry["amount_minor"] for entry in recorded(sample)] == amounts
    days = [day for one in statements for day in one["days"]]
    for entry, (value, booked) in zip(recorded(sample), days, strict=True):
        assert entry["booked_on"][5:].replace("-", "") == booked
        if value[2:4] != "02":  # some banks value on 30 February
            assert entry["value_on"] == f"20{value[:2]}-{value[2:4]}-{value[4:]}"
    noticed = sum(one["code"] == "balances-do-not-add-up" for one in recorded(sample, "Notice"))
    off = [one for one in statements if one["opening"] + sum(one["entries"]) != one["closing"]]
    assert noticed == len(off)
