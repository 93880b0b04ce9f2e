"""Whatever is changed, removed or added behind the product's back is found and named (LE-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.functions.journal import Journal, faults, open_journal, worked
from tillbridge import wiring
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Entry
from tillbridge.ledger.seals import Fault, Finding
from tillbridge.ledger.verification import Verdict


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


def seal_of(journal: Journal, entry: Entry) -> int:
    return next(number for number in range(1, 99) if entry.id in journal.sealed_ids_of(number))


def test_nothing_is_found_where_nothing_was_done(journal: Journal) -> None:
    booked = worked(journal)
    verdict = journal.verify()
    assert verdict == Verdict(
        from_=datetime(2026, 11, 20, tzinfo=UTC),
        until=journal.now - timedelta(minutes=5),
        seals=5,
        entries=len(booked),
        waiting=0,
        findings=(),
        count=0,
    )


CHANGES: dict[str, dict[str, Any]] = {
    "the amount": {"postings": [["cash", 50], ["receivables", -50]]},
    "an account": {"postings": [["card", 500], ["receivables", -500]]},
    "the day": {"business_day": "2026-11-20"},
    "the document": {"document": "R-999"},
    "the source": {"source": "payment/B-999"},
    "whether it is exported": {"exportable": False},
    "the text": {"text": "not what it seems"},
    "into nonsense": {"postings": []},
    "more than it says": {"note": "paid twice"},
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_changed_entry_is_named_with_its_seal(journal: Journal, changed: dict[str, Any]) -> None:
    booked = worked(journal)
    journal.tamper(booked[4], **changed)
    expected = Finding(Fault.ENTRY_CHANGED, seal_of(journal, booked[4]), booked[4].id)
    verdict = journal.verify()
    assert (verdict.findings, verdict.count) == ((expected,), 1)
    assert journal.prove(booked[4]).findings == (expected,)
    assert journal.prove(booked[4]).entry == b""
    assert journal.prove(booked[3]).findings == ()


def test_a_removed_entry_is_named_with_its_seal(journal: Journal) -> None:
    booked = worked(journal)
    journal.remove(booked[4])
    expected = Finding(Fault.ENTRY_MISSING, seal_of(journal, booked[4]), booked[4].id)
    assert journal.verify().findings == (expected,)
    assert journal.prove(booked[4]).findings == (expected,)


def test_an_entry_added_with_an_old_id_is_named(journal: Journal) -> None:
    worked(journal, hours=6)
    added = journal.book(hours=4, minutes=30)
    expected = Finding(Fault.ENTRY_ADDED, 0, added.id)
    assert journal.verify().findings == (expected,)
    assert journal.prove(added).findings == (expected,)
    journal.wait(hours=1)
    journal.seal_all()
    assert added.id not in journal.sealed_ids(), "no later seal makes it good"
    assert journal.verify().findings == (expected,)


def test_an_entry_put_in_the_place_of_another_is_named(journal: Journal) -> None:
    """Removed there, added here, with the same amount and a moment later."""
    booked = worked(journal, hours=6)
    journal.remove(booked[4])
    added = journal.book(booked[4].branch, at=booked[4].recorded_at + timedelta(seconds=1))
    assert faults(journal.verify()) == [Fault.ENTRY_MISSING, Fault.ENTRY_ADDED]
    assert [finding.entry for finding in journal.verify().findings] == [booked[4].id, added.id]


def test_an_entry_moved_to_another_shard_is_named(journal: Journal) -> None:
    booked = worked(journal, hours=6)
    row = rows.entry_row(booked[2])
    journal.remove(booked[2])
    journal.write({**row, "pk": f"{row['pk'][:-1]}{(int(row['pk'][-1]) + 1) % rows.JOURNAL_SHARDS}"})
    assert set(faults(journal.verify())) == {Fault.ENTRY_MISSING, Fault.ENTRY_UNREADABLE}


@pytest.mark.parametrize(
    "sk", ["20260101T000000000-01-0000000000000000", "21990101T000000000-01-00", "0", "~"]
)
def test_a_row_that_hides_among_the_entries_of_a_day_is_named(journal: Journal, sk: str) -> None:
    """Who reads a day reads the whole partition; so does the check."""
    booked = worked(journal, hours=6)
    journal.write({**rows.entry_row(booked[0]), "sk": sk})
    assert journal.verify().findings == (Finding(Fault.ENTRY_UNREADABLE, 0, sk),)


def test_the_first_broken_entry_is_told_first(journal: Journal) -> None:
    """By the moment of its recording, whatever its branch and shard, whatever was done to it."""
    booked = sorted(worked(journal, hours=6, each=8), key=lambda entry: entry.id)
    touched = booked[3:40:6]
    for place, entry in enumerate(touched):
        if place % 2:
            journal.remove(entry)
        else:
            journal.tamper(entry, text="changed")
    assert [finding.entry for finding in journal.verify().findings] == [entry.id for entry in touched]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 12))])
def test_exactly_what_was_touched_is_found(journal: Journal, seed: int) -> None:
    """Whatever is changed, removed and added over three days, in any mixture."""
    chance = Random(seed)
    journal.seal_all()
    booked = []
    for _ in range(36):
        booked += [
            journal.book(chance.choice(["01", "02"]), minutes=chance.randrange(90))
            for _ in range(chance.randrange(4))
        ]
        journal.wait(hours=2)
        if chance.random() < 0.6:
            journal.seal_all()
    journal.wait(hours=3)
    journal.seal_all()
    assert journal.verify(days=4).findings == ()
    expected = set()
    for entry in chance.sample(booked, 10):
        if chance.random() < 0.5:
            journal.remove(entry)
            expected.add((Fault.ENTRY_MISSING, entry.id))
        else:
            journal.tamper(entry, document="X")
            expected.add((Fault.ENTRY_CHANGED, entry.id))
    for _ in range(5):
        added = journal.book(chance.choice(["01", "02"]), hours=chance.randrange(6, 60))
        expected.add((Fault.ENTRY_ADDED, added.id))
    verdict = journal.verify(days=4)
    assert {(finding.fault, finding.entry) for finding in verdict.findings} == expected
    assert verdict.count == len(expected)


def test_only_the_period_that_was_asked_for_is_checked(journal: Journal) -> None:
    booked = []
    for _ in range(9):
        booked.append(journal.book())
        journal.wait(hours=6)
    journal.seal_all()
    days = sorted({entry.recorded_at.date() for entry in booked})
    assert len(days) == 3
    for day in days:
        journal.tamper(next(entry for entry in booked if entry.recorded_at.date() == day), text="x")
    verdict = wiring.verification().verify(days[1], days[1])
    assert [finding.entry[:8] for finding in verdict.findings] == [f"{days[1]:%Y%m%d}"]
    assert verdict.entries == 4
    assert (verdict.from_, verdict.until) == (
        datetime.combine(days[1], datetime.min.time(), UTC),
        datetime.combine(days[2], datetime.min.time(), UTC),
    )


def test_many_findings_are_counted_and_the_first_hundred_told(journal: Journal) -> None:
    booked = sorted(worked(journal, hours=3, each=50), key=lambda entry: entry.id)
    for entry in booked:
        journal.remove(entry)
    verdict = journal.verify()
    assert verdict.count == 150
    assert [finding.entry for finding in verdict.findings] == [entry.id for entry in booked[:100]]
