"""Every hour what was written into the journal is sealed, each entry once (LE-3)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.seal_journal.app import handler
from tests.functions.journal import SEALS, Journal, open_journal
from tests.functions.shops import Context, event
from tillbridge import wiring
from tillbridge.ledger import rows
from tillbridge.ledger.sealing import SealingService
from tillbridge.ledger.seals import GRACE, LONGEST, MARGIN, Fault, Seal, tree_hash


class Patient(Context):
    """A call that has a quarter of an hour."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
        return 900_000


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


def run() -> dict[str, int]:
    done: dict[str, int] = handler(event("seal_journal"), Patient())
    return done


def told(capsys: pytest.CaptureFixture[str], metric: str) -> list[float]:
    """The values of a metric in what was written."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if f'"{metric}":[' in line]
    return [line[metric][0] for line in lines]


def test_the_recorded_event_seals_what_was_booked(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = {journal.book(branch, minutes=10).id for branch in ("01", "02") for _ in range(10)}
    assert run() == {"seals": 1, "entries": 20}
    assert set(journal.sealed_ids()) == booked
    assert told(capsys, "SealedEntries") == [20.0]
    assert run() == {"seals": 0, "entries": 0}
    assert journal.verify().findings == ()


def test_the_files_are_such_that_any_tool_reads_them(journal: Journal) -> None:
    """Only the standard's words: no code of the product is needed to check a seal."""
    booked = [journal.book("01", minutes=minutes) for minutes in range(6, 40)]
    run()
    seal = json.loads(journal.content("seals/0000/00/00000001.json"))
    lines = [json.loads(line) for line in gzip.decompress(journal.content(journal.leaf_file(1))).splitlines()]
    assert [line["sk"] for line in lines] == [
        entry.id for entry in sorted(booked, key=lambda entry: rows.entry_key(entry.id) or ("", ""))
    ]
    by_id = {entry.id: entry for entry in booked}
    for line in lines:
        entry = by_id[line["sk"]]
        assert line["pk"] == rows.entry_row(entry)["pk"]
        assert line["leaf"] == sha256(b"\x00" + entry.canonical()).hexdigest()
    assert tree_hash(bytes.fromhex(line["leaf"]) for line in lines).hex() == seal["root"]
    assert (seal["number"], seal["leaves"], seal["previous"]) == (1, 34, "")


def test_a_seal_names_the_hash_of_the_file_before_it(journal: Journal) -> None:
    for _ in range(3):
        journal.book()
        journal.wait(hours=1)
        run()
    for number in (2, 3):
        before = journal.content(journal.seal_file(number - 1))
        assert (
            json.loads(journal.content(journal.seal_file(number)))["previous"] == sha256(before).hexdigest()
        )


def test_a_new_installation_gets_its_first_seal_at_once(journal: Journal) -> None:
    """So that a week without a seal is a week before the product."""
    assert run() == {"seals": 1, "entries": 0}
    assert journal.verify().findings == ()


def test_what_was_written_within_minutes_waits(journal: Journal) -> None:
    """Somebody may still be writing beside it."""
    run()
    early, late = journal.book(minutes=6), journal.book(minutes=4)
    assert run() == {"seals": 0, "entries": 0}, "the first seal covers the time of both but the last minutes"
    journal.wait(seconds=59)
    assert run() == {"seals": 1, "entries": 1}, early
    journal.wait(minutes=5)
    run()
    assert sorted(journal.sealed_ids()) == [early.id, late.id]


def test_an_entry_that_is_written_late_is_sealed_by_the_next_seal(journal: Journal) -> None:
    """A function may run for a quarter of an hour, and its clock may go behind."""
    journal.book(minutes=30)
    run()
    late = [journal.book(minutes=minutes) for minutes in (6, 20, 35, 100)]
    journal.wait(minutes=1)
    run()
    assert set(journal.sealed_ids()) >= {entry.id for entry in late}
    assert len(journal.sealed_ids()) == 5
    assert journal.verify().findings == ()


def test_an_entry_from_a_clock_ahead_is_sealed_once_when_its_time_has_come(journal: Journal) -> None:
    run()
    ahead = journal.book(at=journal.now + timedelta(minutes=3))
    journal.wait(minutes=7)
    run()
    assert journal.sealed_ids() == []
    journal.wait(minutes=2)
    run()
    journal.wait(hours=1)
    run()
    assert journal.sealed_ids() == [ahead.id]


def test_an_hour_without_an_entry_is_sealed_too(journal: Journal) -> None:
    """But not each call's few minutes."""
    run()
    for minutes in (1, 48, 2, 57, 63):
        journal.wait(minutes=minutes)
        run()
    seals = [Seal.read(journal.content(journal.seal_file(number))) for number in (1, 2, 3, 4)]
    assert [seal.leaves for seal in seals] == [0, 0, 0, 0]
    assert [seal.window.length / timedelta(minutes=1) for seal in seals[1:]] == [51, 57, 63]
    assert journal.verify().findings == ()


def test_after_a_halt_everything_is_made_up_for(journal: Journal) -> None:
    """Three days and a half, with nothing in the middle."""
    run()
    at = [journal.now + timedelta(hours=hours) for hours in (0, 1, 13, 14, 60, 83)]
    booked = [journal.book(at=moment).id for moment in at]
    journal.wait(hours=84)
    made = journal.seal_all()
    assert sorted(journal.sealed_ids()) == booked
    assert made[-1].window.until == journal.now - MARGIN
    assert max(seal.window.length for seal in made) == LONGEST
    assert journal.verify(5).findings == ()


def test_a_busy_hour_is_one_seal_and_not_one_for_each_second(journal: Journal) -> None:
    """While a seal is made, more becomes old enough; that waits for the next hour."""
    journal.book(minutes=10)

    def time_passes_and_more_is_booked() -> bool:
        journal.wait(seconds=30)
        journal.book(minutes=5, seconds=10)
        return True

    done = list(islice(wiring.sealing().seal_all(time_passes_and_more_is_booked), 5))
    assert [each.seal is not None for each in done] == [True, False]


def test_no_further_seal_is_begun_when_time_runs_out(journal: Journal) -> None:
    run()
    journal.book()
    journal.wait(hours=9)
    journal.book(minutes=6)
    assert handler(event("seal_journal"), Context()) == {"seals": 1, "entries": 1}
    assert handler(event("seal_journal"), Context()) == {"seals": 1, "entries": 1}


def test_too_many_entries_are_sealed_in_pieces(journal: Journal) -> None:
    run()
    booked = sorted(
        journal.book(branch, at=journal.now + timedelta(seconds=second)).id
        for second in range(0, 1800, 60)
        for branch in ("01", "02")
    )
    journal.wait(hours=1)
    sealing = SealingService(*wiring._kept_seals(), wiring.access(), clock=wiring.clock, most_leaves=25)
    made = [done.seal for done in sealing.seal_all(lambda: True) if done.seal]
    assert max(seal.leaves for seal in made) <= 25
    assert sorted(journal.sealed_ids()) == booked
    assert journal.verify().findings == ()


@pytest.mark.parametrize("minutes", [0, 10, 29, 54])
def test_a_minute_with_too_many_entries_is_one_seal_all_the_same(journal: Journal, minutes: int) -> None:
    """Wherever it lies; the quiet time before it stands in nobody's way."""
    run()
    at = journal.now + timedelta(minutes=minutes)
    booked = sorted(journal.book(at=at).id for _ in range(40))
    journal.wait(hours=1)
    sealing = SealingService(*wiring._kept_seals(), wiring.access(), clock=wiring.clock, most_leaves=15)
    assert max(done.seal.leaves for done in sealing.seal_all(lambda: True) if done.seal) == 40
    assert sorted(journal.sealed_ids()) == booked


def test_entries_of_a_new_branch_are_sealed_too(journal: Journal) -> None:
    from tests.world import ADMIN
    from tillbridge.access.model import Branch

    run()
    journal.shop.world.access.put_branch(ADMIN, Branch("77", "Shop 77"))
    booked = journal.book("77")
    journal.wait(hours=1)
    run()
    assert journal.sealed_ids() == [booked.id]


def test_midnight_and_new_year_divide_no_seal(journal: Journal) -> None:
    journal.shop.world.clock.now = journal.now.replace(month=12, day=31, hour=23, minute=30)
    run()
    booked = [journal.book(at=journal.now + timedelta(minutes=minutes)).id for minutes in (0, 29, 30, 59)]
    journal.wait(hours=2)
    [old_year] = journal.seal_all()
    assert sorted(journal.sealed_ids()) == booked
    assert journal.seal_file(old_year.number).startswith("seals/2026/12/")
    assert journal.verify(2).findings == ()
    journal.book()
    journal.wait(hours=1)
    [new_year] = journal.seal_all()
    assert journal.seal_file(new_year.number).startswith("seals/2027/01/")
    assert journal.verify(2).findings == ()


NO_ENTRIES: dict[str, dict[str, Any]] = {
    "unbalanced": {"postings": [["cash", 500], ["receivables", -499]]},
    "an unknown account": {"postings": [["pocket", 500], ["receivables", -500]]},
    "no list": {"postings": 7},
    "an amount as text": {"postings": [["cash", "500"], ["receivables", -500]]},
    "bytes": {"text": b"\xff"},
    "another branch": {"branch": "02"},
    "another moment": {"recorded_at": "2026-11-21T08:00:00.000Z"},
    "no moment": {"recorded_at": "yesterday"},
    "something more": {"note": "paid twice"},
    "another form of the same": {"postings": [["cash", 500, ""], ["receivables", -500, ""]]},
    "a source of no kind": {"source": "hearsay/1"},
    "a set": {"document": {"R-1", "R-2"}},
}


@pytest.mark.parametrize("changed", NO_ENTRIES.values(), ids=NO_ENTRIES)
def test_a_row_that_is_no_entry_is_left_out_and_loud(journal: Journal, changed: dict[str, Any]) -> None:
    """It stops nothing: the others are sealed."""
    good, bad = journal.book(minutes=20), journal.book(minutes=20)
    journal.tamper(bad, **changed)
    with pytest.raises(RuntimeError, match=f"entry-unreadable .*{bad.id}"):
        run()
    assert journal.sealed_ids() == [good.id]
    [finding] = journal.verify().findings
    assert (finding.fault, finding.entry) == (Fault.ENTRY_UNREADABLE, bad.id)


def test_a_row_that_lies_where_no_entry_does_is_loud(journal: Journal) -> None:
    entry = journal.book(minutes=20)
    row = rows.entry_row(entry)
    wrong = f"{row['pk'][:-1]}{(int(row['pk'][-1]) + 1) % rows.JOURNAL_SHARDS}"
    journal.write({**row, "pk": wrong})
    with pytest.raises(RuntimeError, match="entry-unreadable"):
        run()
    assert journal.sealed_ids() == [entry.id]


def test_seals_are_locked() -> None:
    with open_journal({"Mode": "COMPLIANCE", "Days": 4383}) as locked:
        entry = locked.book(minutes=10)
        run()
        for key in (locked.seal_file(1), locked.leaf_file(1)):
            [version] = locked.s3.list_object_versions(Bucket=SEALS, Prefix=key)["Versions"]
            assert locked.s3.head_object(Bucket=SEALS, Key=key)["ObjectLockMode"] == "COMPLIANCE"
            with pytest.raises(ClientError, match="AccessDenied"):
                locked.s3.delete_object(
                    Bucket=SEALS, Key=key, VersionId=version["VersionId"], BypassGovernanceRetention=True
                )
        assert locked.prove(entry).findings == ()


def test_what_is_put_over_a_locked_seal_changes_nothing_and_is_told(journal: Journal) -> None:
    """Object Lock keeps versions, it does not forbid new ones: the first one counts."""
    entry = journal.book(minutes=10)
    run()
    for key in (journal.seal_file(1), journal.leaf_file(1)):
        journal.s3.put_object(Bucket=SEALS, Key=key, Body=b"{}")
    journal.book()
    journal.wait(hours=1)
    with pytest.raises(RuntimeError, match="seal-replaced"):
        run()
    assert len(journal.sealed_ids_of(2)) == 1
    proof = journal.prove(entry)
    assert {finding.fault for finding in proof.findings} == {Fault.SEAL_REPLACED}
    assert proof.entry == entry.canonical()


def test_what_is_deleted_from_the_list_of_files_is_still_there_and_told(journal: Journal) -> None:
    entry = journal.book(minutes=10)
    run()
    for key in (journal.seal_file(1), journal.leaf_file(1)):
        journal.s3.delete_object(Bucket=SEALS, Key=key)
    journal.wait(hours=1)
    late = journal.book(hours=1, minutes=20)
    with pytest.raises(RuntimeError, match="seal-replaced"):
        run()
    assert journal.sealed_ids_of(2) == [late.id], "nothing is sealed twice"
    assert {finding.fault for finding in journal.verify().findings} == {Fault.SEAL_REPLACED}
    assert journal.prove(entry).entry == entry.canonical()


def test_entries_whose_leaf_file_is_lost_are_sealed_once_more(journal: Journal) -> None:
    """Better twice than not at all."""
    entry = journal.book(minutes=10)
    run()
    journal.forget(journal.leaf_file(1))
    journal.wait(minutes=30)
    with pytest.raises(RuntimeError, match=r"leaves-missing \(seal 1\)"):
        run()
    assert journal.sealed_ids_of(2) == [entry.id]


def test_a_lost_leaf_file_that_is_too_old_to_matter_stops_nothing(journal: Journal) -> None:
    journal.book(minutes=10)
    run()
    journal.forget(journal.leaf_file(1))
    journal.wait(hours=GRACE / timedelta(hours=1), minutes=30)
    with pytest.raises(RuntimeError, match="leaves-missing"):
        run()
    journal.book(minutes=20)
    journal.wait(hours=1)
    assert run() == {"seals": 1, "entries": 1}


def test_a_seal_that_cannot_be_read_stops_the_sealing_loudly(journal: Journal) -> None:
    """Nobody knows where to go on: somebody must look (docs/runbooks/seals.md)."""
    run()
    journal.forget(journal.seal_file(1))
    journal.s3.put_object(Bucket=SEALS, Key="seals/0000/00/00000001.json", Body=b"{}")
    journal.wait(hours=1)
    with pytest.raises(ValueError, match="seal 1 cannot be read"):
        run()
