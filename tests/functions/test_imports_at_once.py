"""Several imports at work on the same invoices at the same moment, and payments at the till between them.

Whenever a worker is about to write, others may do so first: each row is still booked once (RI-34, RI-37).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.functions.imports import FINANCE, ImportDesk, open_desk
from tests.functions.proofs import books_hold, document_rows, import_holds
from tests.functions.statements import Moved, mt940
from tests.functions.test_imports_again import written
from tests.functions.test_imports_bank import number
from tillbridge import wiring
from tillbridge.reconciliation import intake, settling
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy, Step
from tillbridge.reconciliation.model import Row

MOST_NESTED = 4
NUMBERS = [f"RE-{place}" for place in range(6)]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportDesk]:
    """Chunks and slices are small, so that workers meet often."""
    monkeypatch.setattr(intake, "BYTES_PER_CHUNK", 150)
    monkeypatch.setattr(settling, "MOST_PARTS", 5)
    with open_desk() as opened:
        opened.profile(policy=RowPolicy.GOOD_ROWS)
        opened.invoices(*NUMBERS, amount_minor=1_000_00)
        yield opened


class Crowd:
    """Workers who all have something to do; one may come between another and its write."""

    def __init__(self, desk: ImportDesk, seed: int) -> None:
        self.desk, self.chance = desk, random.Random(seed)
        self.waiting: list[dict[str, Any]] = []
        self.nested = self.met = 0
        self.receipts = 0
        self.paid: dict[str, int] = dict.fromkeys(NUMBERS, 0)

    def work(self) -> None:
        """Let all messages be worked on, in any order and within each other."""
        with self._coming_between():
            while self._fetch():
                self._one()

    def _fetch(self) -> bool:
        self.waiting += [json.loads(message["Body"]) for message in self.desk.messages()]
        return bool(self.waiting)

    def _one(self) -> None:
        body = self.waiting.pop(self.chance.randrange(len(self.waiting)))
        step = Step(body["step"])
        wiring.settling().run(body["import"], body["attempt"], body["chunk"], step, lambda: True)

    def _pay_at_till(self) -> None:
        self.receipts += 1
        number, minor = self.chance.choice(NUMBERS), self.chance.randrange(1, 900)
        amount = f"{minor // 100}.{minor % 100:02}"
        self.desk.shop.record(f"B-{self.receipts}", amount, kind="invoice", invoice_number=number).done()
        self.paid[number] += minor

    @contextmanager
    def _coming_between(self) -> Iterator[None]:
        def come(model: Any, **_: Any) -> None:
            if model.name != "TransactWriteItems" or self.nested >= MOST_NESTED:
                return
            self.nested += 1
            if self.chance.random() < 0.7 and self._fetch():
                self.met += 1
                self._one()
            elif self.chance.random() < 0.1 and self.nested == 1:
                self._pay_at_till()
            self.nested -= 1

        events = wiring.client("dynamodb").meta.events
        events.register("before-call.dynamodb", come)
        try:
            yield
        finally:
            events.unregister("before-call.dynamodb", come)


def payments(chance: random.Random, day: str, count: int) -> list[Row]:
    return [
        Row(0, chance.choice(NUMBERS), chance.randrange(1, 20_00), day, reference=str(place))
        for place in range(count)
    ]


def sums(*files: list[Row]) -> dict[str, int]:
    """What different payments come to, by invoice: the same in two files counts once."""
    found = dict.fromkeys(NUMBERS, 0)
    for row in {row._replace(line=0) for rows in files for row in rows}:
        found[row.invoice_number] += row.amount_minor or 0
    return found


@pytest.mark.parametrize("seed", range(2))
def test_files_that_overlap_are_booked_once_though_their_workers_meet(desk: ImportDesk, seed: int) -> None:
    chance = random.Random(seed)
    earlier = payments(chance, "2026-11-02", 8)
    shared, mine, yours = (payments(chance, f"2026-11-0{day}", 7) for day in (3, 4, 5))
    old = desk.upload("earlier.csv", written(earlier))
    one = desk.take_in(desk.put("one.csv", written([*mine, *shared])))
    two = desk.take_in(desk.put("two.csv", written([*shared, *yours])))
    wiring.imports().delete(FINANCE, old.id, "was wrong")
    crowd = Crowd(desk, seed)
    crowd.work()
    assert crowd.met > 5, "they did meet"
    due = books_hold(desk)
    paid = sums(mine, shared, yours)
    assert due == {number: 1_000_00 - paid[number] - crowd.paid[number] for number in NUMBERS}
    assert desk.find(old.id).state is ImportState.DELETED
    ended: list[Import] = []
    for each in (one, two):
        found = desk.find(each.id)
        assert found.state is ImportState.FINISHED
        import_holds(desk, found)
        ended.append(found)
    assert sum(each.totals.booked for each in ended) == 21
    assert sum(each.totals.ignored for each in ended) == 7

    for each in ended:
        wiring.imports().delete(FINANCE, each.id, "all of it")
    before = dict(crowd.paid)
    crowd.work()
    assert {desk.find(each.id).state for each in ended} == {ImportState.DELETED}
    assert books_hold(desk) == {number: 1_000_00 - crowd.paid[number] for number in NUMBERS}
    assert all(crowd.paid[number] >= before[number] for number in NUMBERS)
    assert len(document_rows(desk)) == len(NUMBERS)


@pytest.mark.parametrize(("other_number", "ignored", "waiting"), [(1, 4 + 1, 2), (2, 0, 2 + 4 + 1)])
def test_statements_that_overlap_note_each_movement_once_though_their_workers_meet(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch, other_number: int, ignored: int, waiting: int
) -> None:
    """Those of another number may hold other movements: a person is asked, and none is booked twice."""
    monkeypatch.setattr(intake, "ENTRIES_PER_CHUNK", 3)
    numbers = [number(place) for place in range(12)]
    desk.invoices(*numbers)
    moved = [Moved(100_00, each) for each in numbers]
    rent = Moved(-700_00, "Miete")
    files = (mt940(*moved[:8], rent), mt940(*moved[4:], rent, rent, number=other_number))
    imports = [desk.take_in(desk.put(f"{place}.sta", file)) for place, file in enumerate(files)]
    crowd = Crowd(desk, 1)
    crowd.work()
    assert crowd.met > 3
    ended = [desk.find(one.id) for one in imports]
    for one in ended:
        assert one.state is ImportState.FINISHED
        import_holds(desk, one)
    assert sum(one.totals.booked for one in ended) == 12
    assert sum(one.totals.ignored for one in ended) == ignored
    assert sum(one.open_reviews for one in ended) == waiting
    assert {due for each, due in books_hold(desk).items() if each in numbers} == {0}
    for one in ended:
        wiring.imports().delete(FINANCE, one.id, "all of it")
    crowd.work()
    assert {due for each, due in books_hold(desk).items() if each in numbers} == {100_00}
    again = desk.upload("again.sta", mt940(*moved, rent, rent, rent, number=3))
    assert (again.totals.booked, again.open_reviews) == (12, 3)
