"""Seals that were lost, exchanged or spoilt are named, and accuse nobody of what was not done (LE-3)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.functions.journal import SEALS, Journal, entry_of, faults, open_journal, worked
from tillbridge import wiring
from tillbridge.ledger import rows
from tillbridge.ledger.seals import Fault, Finding, Seal, root_of_path


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


# The seals themselves, where nothing locks them


def rewrite(journal: Journal, number: int, **changed: Any) -> None:
    """Put another seal where one stands, and leave no trace of the first."""
    key = journal.seal_file(number)
    seal = replace(Seal.read(journal.content(key)), **changed)
    journal.forget(key)
    journal.s3.put_object(Bucket=SEALS, Key=key, Body=seal.canonical())


def test_a_seal_that_was_exchanged_is_told_by_the_next_one(journal: Journal) -> None:
    worked(journal)
    rewrite(journal, 3, made_at=journal.now)
    assert journal.verify().findings == (Finding(Fault.CHAIN_BROKEN, 4),)


def test_a_changed_entry_is_not_hidden_by_a_seal_made_to_fit(journal: Journal) -> None:
    """Entry, leaf file and seal are all exchanged, and fit together: the chain does not."""
    booked = worked(journal, each=1)
    fourth, third = (Seal.read(journal.content(journal.seal_file(number))) for number in (4, 3))
    changed = replace(booked[1], text="made to fit")
    journal.write(rows.entry_row(changed))
    for key in (journal.leaf_file(3), journal.seal_file(3)):
        journal.forget(key)
    for later in (5, 4):
        for key in (journal.leaf_file(later), journal.seal_file(later)):
            journal.forget(key)
    now, journal.shop.world.clock.now = journal.now, third.made_at
    journal.seal_all()  # as an honest sealer would have done then
    journal.shop.world.clock.now = now
    assert journal.sealed_ids_of(3) == [changed.id]
    journal.s3.put_object(Bucket=SEALS, Key="seals/2026/11/00000004.json", Body=fourth.canonical())
    assert Finding(Fault.CHAIN_BROKEN, 4) in journal.verify().findings
    assert Finding(Fault.CHAIN_BROKEN, 4) in journal.prove(changed).findings


def test_a_missing_seal_is_named_and_accuses_nobody_of_adding(journal: Journal) -> None:
    booked = worked(journal)
    held = journal.sealed_ids_of(3)
    journal.forget(journal.seal_file(3))
    assert journal.verify().findings == (Finding(Fault.SEAL_MISSING, 3),)
    assert journal.prove(held[0]).findings == (Finding(Fault.SEAL_MISSING, 3),)
    journal.remove(booked[0])
    assert faults(journal.verify()) == [Fault.SEAL_MISSING, Fault.ENTRY_MISSING]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_an_unreadable_seal_is_named_and_accuses_nobody_of_adding(journal: Journal, content: bytes) -> None:
    worked(journal)
    held = journal.sealed_ids_of(3)
    key = journal.seal_file(3)
    journal.forget(key)
    journal.s3.put_object(Bucket=SEALS, Key=key, Body=content)
    assert journal.verify().findings == (Finding(Fault.SEAL_UNREADABLE, 3),)
    assert journal.prove(held[0]).findings == (Finding(Fault.SEAL_UNREADABLE, 3),)


def test_a_missing_leaf_file_is_named_and_what_other_seals_hold_is_checked(journal: Journal) -> None:
    booked = worked(journal)
    held = journal.sealed_ids_of(3)
    journal.forget(journal.leaf_file(3))
    assert journal.verify().findings == (Finding(Fault.LEAVES_MISSING, 3),)
    assert journal.prove(held[0]).findings == (Finding(Fault.LEAVES_MISSING, 3),)
    journal.tamper(booked[0], text="before")
    journal.tamper(booked[-1], text="after")
    verdict = journal.verify()
    assert [finding.fault for finding in verdict.findings if finding.entry] == [Fault.ENTRY_CHANGED] * 2


def broken_leaves(content: bytes) -> dict[str, bytes]:
    lines = gzip.decompress(content).splitlines(keepends=True)
    return {
        "nothing": b"",
        "no gzip": b"leaves",
        "cut": content[: len(content) // 2],
        "a leaf less": gzip.compress(b"".join(lines[1:])),
        "a leaf twice": gzip.compress(b"".join([lines[0], *lines])),
        "another order": gzip.compress(b"".join(lines[::-1])),
        "no JSON": gzip.compress(b"leaves\n"),
        "no objects": gzip.compress(b"7\n"),
        "another hash": gzip.compress(b"".join(lines).replace(b'"leaf":"', b'"leaf":"0')),
        "bytes behind": content + b"x",
    }


@pytest.mark.parametrize("how", broken_leaves(gzip.compress(b"{}\n{}\n")))
def test_a_leaf_file_that_was_not_sealed_is_named(journal: Journal, how: str) -> None:
    worked(journal)
    key = journal.leaf_file(3)
    content = broken_leaves(journal.content(key))[how]
    journal.forget(key)
    journal.s3.put_object(Bucket=SEALS, Key=key, Body=content)
    assert journal.verify().findings == (Finding(Fault.LEAVES_BROKEN, 3),)


def test_seals_that_were_taken_off_the_end_are_missed(journal: Journal) -> None:
    worked(journal, hours=8)
    for number in (7, 8, 9):
        journal.forget(journal.seal_file(number))
    assert journal.verify().findings == (), "they may still come: the sealer has missed three hours"
    journal.wait(hours=3)
    assert journal.verify().findings == (Finding(Fault.SEALING_STOPPED, 6),)


def test_a_sealer_that_stands_still_is_told_though_nothing_was_booked(journal: Journal) -> None:
    worked(journal)
    journal.wait(hours=4)
    assert journal.verify().findings == ()
    journal.wait(minutes=1)
    assert journal.verify().findings == (Finding(Fault.SEALING_STOPPED, 5),)


def test_of_a_time_without_seals_nothing_is_proved(journal: Journal) -> None:
    assert faults(journal.verify()) == [Fault.PERIOD_NOT_SEALED]
    worked(journal)
    long_ago = wiring.verification().verify(date(2020, 1, 1), date(2020, 12, 31))
    assert (faults(long_ago), long_ago.entries) == ([Fault.PERIOD_NOT_SEALED], 0)
    ahead = wiring.verification().verify(date(2030, 1, 1), date.max)
    assert faults(ahead) == [Fault.PERIOD_NOT_SEALED]


def test_of_a_period_that_begins_before_the_first_seal_the_rest_is_checked(journal: Journal) -> None:
    booked = worked(journal)
    verdict = wiring.verification().verify(date.min, date.max)
    assert verdict.findings == ()
    assert verdict.entries == len(booked)
    assert verdict.from_ == Seal.read(journal.content(journal.seal_file(1))).window.from_


def test_what_the_next_seal_takes_is_counted_apart(journal: Journal) -> None:
    worked(journal)
    late, new = journal.book(minutes=50), journal.book()
    verdict = journal.verify()
    assert (verdict.findings, verdict.waiting) == ((), 2)
    for entry in (late, new):
        assert journal.prove(entry).findings == (Finding(Fault.ENTRY_NOT_SEALED, 0, entry.id),)


def test_entries_of_a_branch_that_was_struck_off_the_list_are_still_checked(journal: Journal) -> None:
    booked = worked(journal)
    dynamodb, names = journal.shop.world.clients["dynamodb"], journal.shop.world.names
    dynamodb.delete_item(TableName=names["ACCESS_TABLE"], Key={"pk": {"S": "BRANCHES"}, "sk": {"S": "02"}})
    assert journal.verify().findings == ()
    of_02 = next(entry for entry in booked if entry.branch == "02")
    journal.tamper(of_02, text="x")
    assert [finding.entry for finding in journal.verify().findings] == [of_02.id]


def test_the_turn_of_a_month_hides_nothing(journal: Journal) -> None:
    journal.shop.world.clock.now = datetime(2026, 11, 30, 20, tzinfo=UTC)
    booked = worked(journal, hours=9, each=1)
    assert {journal.seal_file(number)[6:13] for number in range(2, 11)} == {"2026/11", "2026/12"}
    journal.wait(hours=2)
    journal.seal_all()
    november, december = date(2026, 11, 30), date(2026, 12, 1)
    verify = wiring.verification().verify
    assert (verify(november, november).findings, verify(december, december).findings) == ((), ())
    assert [verify(day, day).entries for day in (november, december)] == [4, 5]
    for entry in booked:
        assert journal.prove(entry).findings == ()
        journal.remove(entry)
    assert [verify(day, day).count for day in (november, december)] == [4, 5]


# One entry


def test_a_proof_holds_for_whoever_does_the_sums_himself(journal: Journal) -> None:
    booked = worked(journal, each=7)
    for entry in booked:
        proof = journal.prove(entry)
        assert proof.findings == ()
        assert proof.seal is not None
        assert proof.leaf == sha256(b"\x00" + proof.entry).digest()
        root = root_of_path(proof.leaf, proof.index, proof.seal.leaves, proof.path)
        assert root is not None
        assert root.hex() == proof.seal.root
        assert proof.seal.canonical() == journal.content(journal.seal_file(proof.seal.number))


@pytest.mark.parametrize(
    "entry_id",
    [
        "",
        "R-1",
        "20261121T090000000-01-zzzzzzzzzzzzzzzz",
        "20261321T090000000-01-3f9c0a1b2c3d4e5f",
        "00010101T000000000-01-3f9c0a1b2c3d4e5f",
        "99991231T235959999-01-3f9c0a1b2c3d4e5f",
    ],
)
def test_what_is_no_id_is_told_so(journal: Journal, entry_id: str) -> None:
    assert journal.prove(entry_id).findings == (Finding(Fault.ID_UNREADABLE, 0, entry_id),)


def test_an_entry_that_never_was_is_told_so(journal: Journal) -> None:
    worked(journal)
    never = entry_of("01", journal.now - timedelta(hours=2), 4711)
    assert journal.prove(never).findings == (Finding(Fault.ENTRY_MISSING, 0, never.id),)


def test_before_the_first_seal_an_entry_is_not_sealed_yet(journal: Journal) -> None:
    entry = journal.book(minutes=10)
    assert journal.prove(entry).findings == (Finding(Fault.ENTRY_NOT_SEALED, 0, entry.id),)
