"""Seals that somebody forged to fit the chain: their times, or the entries they take, give them away (LE-3).

Whoever may write into the bucket can number a seal right and name the one before it. What no sealer would
do is look further back, reach further, or end later than five minutes ago: it could vouch for what was
slipped in, or keep the sealer waiting for years.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from functions.seal_journal.app import handler
from tests.functions.journal import Journal, open_journal, worked
from tests.functions.shops import Context, event
from tillbridge import wiring
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Entry
from tillbridge.ledger.seal_store import Standing, write_leaves
from tillbridge.ledger.seals import FIRST_REACH, GRACE, LONGEST, MARGIN, Fault, Finding, Seal, Window

HOUR = timedelta(hours=1)


@pytest.fixture
def journal() -> Iterator[Journal]:
    with open_journal() as opened:
        yield opened


def forge(
    journal: Journal,
    entry: Entry | None = None,
    *,
    until: datetime | None = None,
    looks_back: timedelta = GRACE,
    made_at: datetime | None = None,
) -> Seal:
    """Put a seal behind the last one that fits it in number and hash, and holds an entry if one is given."""
    store = wiring._kept_seals()[0]
    last = store.newest()
    number, from_ = (last.number + 1, last.window.until) if last else (1, journal.now - MARGIN - HOUR)
    until = until or from_ + timedelta(minutes=1)
    leaves = [Standing(rows.entry_row(entry)["pk"], rows.entry_row(entry)).leaf()] if entry else []
    written = write_leaves(leaves, None)
    assert written is not None
    file, tree = written
    seal = Seal(
        number=number,
        window=Window(from_ - looks_back, from_, until),
        leaves=tree.count,
        root=tree.root().hex(),
        previous=last.hash if last else "",
        made_at=made_at or max(journal.now, until + MARGIN),
    )
    with file:
        assert store.put(seal, file)
    return seal


def test_a_forged_seal_that_keeps_to_all_rules_is_one(journal: Journal) -> None:
    """Else the tests below would prove nothing. What it may hold is what decision 0012 concedes."""
    worked(journal)
    journal.wait(minutes=10)
    forge(journal, journal.book(hours=1))
    journal.wait(hours=1)
    journal.seal_all()
    assert journal.verify().findings == ()


def test_an_entry_slipped_in_by_a_seal_that_looks_far_back_is_told(journal: Journal) -> None:
    worked(journal, hours=12)
    journal.wait(minutes=10)
    added = journal.book(hours=9)
    expected = Finding(Fault.CHAIN_BROKEN, forge(journal, added, looks_back=timedelta(hours=11)).number)
    journal.wait(hours=1)
    assert wiring.sealing().seal(journal.now).findings == (expected,)
    assert expected in journal.verify().findings
    assert journal.prove(added).findings == (Finding(Fault.ENTRY_ADDED, 0, added.id),)


def test_an_entry_slipped_in_from_outside_its_seals_window_is_told(journal: Journal) -> None:
    """The seal itself is made as it should be; only its leaf file takes what it may not."""
    worked(journal, hours=12)
    journal.wait(minutes=10)
    added = journal.book(hours=9)
    expected = Finding(Fault.LEAVES_BROKEN, forge(journal, added).number)
    journal.wait(hours=1)
    assert wiring.sealing().seal(journal.now).findings == (expected,)
    verdict = journal.verify()
    assert set(verdict.findings) == {Finding(Fault.ENTRY_ADDED, 0, added.id), expected}
    assert journal.prove(added).findings == (Finding(Fault.ENTRY_ADDED, 0, added.id),)


def test_a_seal_that_ends_in_years_stops_the_sealing_loudly(journal: Journal) -> None:
    worked(journal)
    forged = forge(journal, until=journal.now + timedelta(days=3650))
    journal.wait(hours=1)
    journal.book()
    with pytest.raises(ValueError, match=f"seal {forged.number} ends at 2036-.*later than now"):
        handler(event("seal_journal"), Context())
    assert Finding(Fault.CHAIN_BROKEN, forged.number) in journal.verify().findings


def test_short_seals_ahead_of_time_are_told_too(journal: Journal) -> None:
    """Each keeps to the rules and says it was made when its time had come: it has not."""
    worked(journal)
    ahead = [forge(journal, until=journal.now + LONGEST * step - HOUR).number for step in (1, 2, 3)]
    with pytest.raises(ValueError, match=f"seal {ahead[-1]} ends at"):
        handler(event("seal_journal"), Context())
    assert Finding(Fault.CHAIN_BROKEN, ahead[0]) in journal.verify().findings


def test_a_seal_that_was_made_before_its_window_was_over_is_told(journal: Journal) -> None:
    worked(journal)
    journal.wait(minutes=10)
    forged = forge(journal, until=journal.now - timedelta(minutes=4), made_at=journal.now)
    journal.wait(hours=1)
    expected = Finding(Fault.CHAIN_BROKEN, forged.number)
    assert wiring.sealing().seal(journal.now).findings == (expected,)
    assert journal.verify().findings == (expected,)


def test_a_first_seal_that_looks_back_is_told(journal: Journal) -> None:
    """Somebody was quicker than the sealer of a new installation."""
    forge(journal, looks_back=FIRST_REACH)
    journal.wait(hours=1)
    expected = Finding(Fault.CHAIN_BROKEN, 1)
    assert wiring.sealing().seal(journal.now).findings == (expected,)
    assert journal.verify().findings == (expected,)


def test_a_seal_whose_forerunner_is_gone_is_still_looked_at(journal: Journal) -> None:
    worked(journal, hours=12)
    gone = journal.seal_file(13)
    journal.wait(minutes=10)
    forged = forge(journal, looks_back=timedelta(hours=11))
    journal.forget(gone)
    assert journal.verify().findings == (
        Finding(Fault.SEAL_MISSING, 13),
        Finding(Fault.CHAIN_BROKEN, forged.number),
    )


def test_a_clock_that_is_put_back_while_a_seal_is_made_breaks_no_chain(journal: Journal) -> None:
    journal.book(minutes=20)
    now = journal.now
    journal.wait(minutes=-1)
    assert wiring.sealing().seal(now).seal is not None
    journal.wait(minutes=61)
    journal.seal_all()
    assert journal.verify().findings == ()
