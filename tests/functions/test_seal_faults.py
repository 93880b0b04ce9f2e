"""Sealers die, meet and lose answers: each entry is in the journal's seals all the same, and once (LE-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tests.functions.journal import (
    SEALS,
    Journal,
    Killed,
    dying,
    interrupted,
    losing_answers,
    open_journal,
)
from tillbridge import wiring
from tillbridge.kernel.errors import Unavailable
from tillbridge.ledger import rows
from tillbridge.ledger.seals import Fault, Seal


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


def book(journal: Journal) -> list[str]:
    """Something is sealed, something late and something new waits."""
    ids = [journal.book(branch, minutes=30).id for branch in ("01", "02")]
    journal.seal_all()
    ids += [journal.book(branch, minutes=20).id for branch in ("01", "02")]
    ids += [journal.book(branch).id for branch in ("01", "02")]
    journal.wait(hours=1)
    return sorted(ids)


def all_is_well(journal: Journal, ids: list[str]) -> None:
    """Everything is in one seal, the chain holds, and nobody finds anything."""
    assert sorted(journal.sealed_ids()) == sorted(ids)
    verdict = journal.verify(days=2)
    assert (verdict.findings, verdict.entries, verdict.waiting) == ((), len(ids), 0)


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_sealer_that_dies_at_any_call_leaves_nothing_wrong(journal: Journal, moment: str) -> None:
    """Its next run goes on: what it left behind is used or in nobody's way."""
    ids: list[str] = []
    for at in count(1):
        ids += book(journal)
        try:
            with dying(at, moment):
                journal.seal()
            break
        except Killed:
            journal.seal_all()
    assert at > 20, "there are that many calls at which it may die"
    all_is_well(journal, ids)


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("at", [1, 2, 3, -3, -2, -1])
def test_the_first_sealer_may_die_too(journal: Journal, moment: str, at: int) -> None:
    ids = [journal.book(branch, minutes=30).id for branch in ("01", "02")]
    calls = 1 + 1 + 2 * 8 * rows.JOURNAL_SHARDS + 2  # seals, branches, partitions of eight days, two files
    with dying(at if at > 0 else calls + 1 + at, moment), pytest.raises(Killed):
        journal.seal()
    journal.seal_all()
    all_is_well(journal, ids)


def test_leaves_without_a_seal_are_in_nobodys_way(journal: Journal) -> None:
    """It died between the leaves and the seal, and then more was written with an earlier stamp."""
    ids = [journal.book(minutes=30).id]
    with losing_answers("PutObject"), pytest.raises(Unavailable):
        journal.seal()
    assert [key.endswith(".leaves.gz") for key in journal.files()] == [True]
    ids += [journal.book(minutes=40).id]
    journal.seal_all()
    assert len([key for key in journal.files() if key.endswith(".leaves.gz")]) == 2
    seal = Seal.read(journal.content(journal.seal_file(1)))
    assert seal.leaves == 2
    assert journal.verify().findings == ()
    assert [journal.prove(entry_id).findings for entry_id in ids] == [(), ()]


@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "ListObjectVersions"])
def test_lost_answers_are_made_up_for_by_the_next_run(journal: Journal, operation: str) -> None:
    ids = book(journal)
    with losing_answers(operation), pytest.raises(Unavailable):
        journal.seal()
    journal.seal_all()
    all_is_well(journal, ids)


def test_a_seal_whose_answer_was_lost_stands(journal: Journal) -> None:
    """The next run goes on behind it."""
    ids = book(journal)
    with losing_answers("PutObject", after=1), pytest.raises(Unavailable):
        journal.seal()
    assert Seal.read(journal.content(journal.seal_file(2))).leaves == 4
    assert journal.seal_all() == []
    all_is_well(journal, ids)


@pytest.mark.parametrize("operation", ["ListObjectVersions", "GetObject", "Query", "PutObject"])
def test_of_two_sealers_at_once_one_makes_the_seal(journal: Journal, operation: str) -> None:
    ids = book(journal)
    with interrupted(operation, journal.seal_all):
        done = journal.seal()
    assert done.findings == ()
    all_is_well(journal, ids)


def test_the_slower_sealer_gets_the_seal_that_stands(journal: Journal) -> None:
    """Even if it had seen more, and others went on meanwhile."""
    ids = book(journal)

    def others() -> None:
        journal.seal_all()
        journal.wait(hours=3)
        ids.append(journal.book(hours=1).id)
        journal.seal_all()

    with interrupted("PutObject", others):
        done = journal.seal()
    assert not done.ours
    assert done.seal == Seal.read(journal.content(journal.seal_file(2)))
    assert done.findings == ()
    all_is_well(journal, sorted(ids))


def test_two_first_sealers_want_the_same_place_even_when_a_month_ends_between_them(journal: Journal) -> None:
    """Nothing before the first seal says when its window begins."""
    clock = journal.shop.world.clock
    clock.now = datetime(2026, 12, 8, 0, 4, 59, tzinfo=UTC)
    ids = [journal.book(minutes=30).id]

    def another() -> None:
        clock.now += timedelta(seconds=2)
        journal.seal_all()

    with interrupted("PutObject", another):
        assert not journal.seal().ours
    assert [key for key in journal.files() if key.endswith(".json")] == ["seals/0000/00/00000001.json"]
    all_is_well(journal, ids)


def test_a_seal_that_somebody_else_put_into_the_next_place_is_told(journal: Journal) -> None:
    """Who may write into the bucket could do it; the chain shows it."""
    book(journal)
    first = Seal.read(journal.content(journal.seal_file(1)))

    def forge() -> None:
        journal.wait(hours=1)
        forged = Seal(
            number=2, window=first.window, leaves=0, root="0" * 64, previous="0" * 64, made_at=journal.now
        )
        key = f"seals/{first.window.until:%Y/%m}/00000002.json"
        journal.s3.put_object(Bucket=SEALS, Key=key, Body=forged.canonical())

    with interrupted("PutObject", forge):
        done = journal.seal()
    assert [finding.fault for finding in done.findings] == [Fault.CHAIN_BROKEN]
    assert Fault.CHAIN_BROKEN in {finding.fault for finding in journal.verify().findings}


def test_a_leaf_file_that_somebody_else_put_first_is_told_within_the_hour(journal: Journal) -> None:
    """Its name follows from its root; what it should hold is sealed once more."""
    ids = book(journal)
    assert journal.seal().seal is not None
    key = journal.leaf_file(2)
    journal.forget(key)
    journal.s3.put_object(Bucket=SEALS, Key=key, Body=b"no leaves")
    journal.wait(minutes=30)
    done = journal.seal()
    assert [finding.fault for finding in done.findings] == [Fault.LEAVES_BROKEN]
    assert sorted(journal.sealed_ids_of(3)) == sorted(set(ids) - set(journal.sealed_ids_of(1)))


def test_a_slow_sealer_is_not_alarmed_by_a_quick_one_that_came_further(journal: Journal) -> None:
    """It took its moment at its start; what the other has sealed meanwhile does not lie in the future."""
    journal.book()
    journal.seal()
    for _ in range(12):
        journal.wait(hours=6)
        journal.book()
    journal.wait(minutes=10)
    slow = wiring.sealing().seal_all(lambda: True)
    assert next(slow).seal is not None
    journal.wait(minutes=7)
    quick = journal.seal_all()
    assert len(quick) > 1
    assert next(slow).seal is None
    assert journal.verify(days=4).findings == ()
