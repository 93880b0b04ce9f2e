"""Bank files that are made to do harm are refused or read, and never fill the memory (RI-19, RI-32)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.formats.bank_attacks import ATTACKS
from tests.formats.test_bank_damaged import WHOLE, Seen

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 120
"""A worker has 512; a batch of 16,000 details in one entry takes most of this."""
READ_WITH = {
    "camt-empty-elements-in-header": {"StatementEntry": 1},
    "camt-many-comments": {"StatementEntry": 1},
    "camt-many-balances": {"StatementEntry": 1, "Notice": 1},
    "camt-many-shapes": {"StatementEntry": 5_000},
    "camt-large-batch": {"StatementEntry": 16_000},
    "camt-long-number": {"Problem": 1},
    "camt-many-zeros": {"StatementEntry": 1},
    "mt940-fields-without-end": {},
    "mt940-long-statement": {"StatementEntry": 50_000},
    "mt940-slashes": {"StatementEntry": 2},
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    """All of them read in one process of their own, whose memory can be told."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.formats.bank_attacks"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "layers" / "core"), str(ROOT)))},
        capture_output=True,
        text=True,
        check=True,
    )
    return {told["name"]: told for told in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_with_its_reason_or_read(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    told = outcomes[name]
    assert told["code"] == ATTACKS[name][1]
    counts = {kind: told[kind] for kind in ("StatementEntry", "Problem", "Notice") if kind in told}
    assert counts == ({} if told["code"] else READ_WITH.get(name, {"StatementEntry": 1}))


def test_no_attack_takes_more_memory_than_a_worker_has(outcomes: dict[str, dict[str, Any]]) -> None:
    most = max(told["megabytes"] for told in outcomes.values())
    assert 10 < most < MOST_MEGABYTES, most


PIECES = (
    b"\0", b"\xff", b"<", b">", b"&", b"</Ntry>", b"<Ntry>", b"<TxDtls>", b"</TxDtls>", b"<!--", b"]]>",
    b"&#0;", b"\r", b"\n:61:", b"\n:86:", b"\n-", b"\n:62F:", b",", b"-", b"9" * 30, b"?20", b"SVWZ+",
    b"\xe2\x80\xa8", b"\x85", b"<Amt Ccy='EUR'>1</Amt>", b"<NtryDtls>", b"<Sts>BOOK</Sts>", b'Ccy="USD"',
    b"<x:Ntry>", b"\t",
)  # fmt: skip


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The file with one to three pieces put in, taken out, doubled or moved."""
    for _ in range(chance.randint(1, 3)):
        begin = chance.randrange(len(content) + 1)
        end = min(begin + chance.choice((0, 1, 2, 7, 40, 300)), len(content))
        piece, rest = content[begin:end], content[end:]
        put = chance.choice(
            (b"", piece * 2, chance.choice(PIECES), chance.choice(PIECES) + piece, piece[::-1])
        )
        content = content[:begin] + put + rest
    return content


def try_damage(sample: Path, count: int) -> None:
    chance = random.Random(sample.stem)
    read = 0
    for _ in range(count):
        seen = Seen(sample.parent.name, damaged(sample.read_bytes(), chance))
        read += seen.refused is None
    assert 0 < read < count


@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_whatever_is_done_to_a_file_nothing_but_readings_or_a_refusal_comes_out(sample: Path) -> None:
    try_damage(sample, 150)


@pytest.mark.long
@pytest.mark.parametrize("sample", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_same_with_very_much_damage(sample: Path) -> None:
    try_damage(sample, 3_000)
