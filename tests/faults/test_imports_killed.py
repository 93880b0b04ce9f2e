"""Workers of imports die at any call, are told twice and out of order: each row is booked once (RI-37)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from functions.import_file.app import handler as import_file
from tests.faults.import_deaths import MOMENTS, Killed, dying
from tests.functions.imports import FINANCE, ImportDesk, open_desk, payments_csv
from tests.functions.shops import Context
from tillbridge import wiring
from tillbridge.reconciliation import intake, settling
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy

STRIDE = 7
"""In ``make test`` every seventh call is a place to die; ``make test-long`` takes the others too."""
OFFSETS = [0, *(pytest.param(offset, marks=pytest.mark.long) for offset in range(1, STRIDE))]
SEEDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 60))]

EXPECTED = {"rows": 9, "booked": 7, "ignored": 0, "review": 1, "refused": 1}
stories = count(1)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportDesk]:
    """A desk whose chunks and slices are small, so that a file of a few rows has several of both."""
    monkeypatch.setattr(intake, "BYTES_PER_CHUNK", 120)
    monkeypatch.setattr(settling, "MOST_PARTS", 5)
    with open_desk() as opened:
        opened.profile("lenient", policy=RowPolicy.GOOD_ROWS)
        yield opened


class Story:
    """One file of nine rows about seven invoices, and what must become of it however often anybody dies."""

    def __init__(self, desk: ImportDesk) -> None:
        self.desk = desk
        self.number = next(stories)
        self.numbers = [f"RE-{self.number:05}-{place}" for place in range(7)]
        for number in self.numbers:
            desk.invoice(number, 10_000)
        paid, twice, part, over, discount, returned, _ = self.numbers
        self.file = payments_csv(
            [
                [paid, "100,00", "20261105"],
                [twice, "40,00", "20261105"],
                [twice, "40,00", "20261105"],
                [part, "30,00", "20261106", "N"],
                [over, "110,00", "20261106"],
                [discount, "98,00", "20261107", "J"],
                [returned, "0,00", "20261107"],
                [f"UNKNOWN-{self.number}", "1,00", "20261107"],
                [paid, "5,00", "20261108"],
            ]
        )

    def upload(self) -> dict[str, Any]:
        """Put the file into the inbox; the event that S3 tells."""
        self.desk.shop.world.clock.forward(seconds=1)
        return self.desk.put(f"file-{self.number}.csv", self.file, "lenient")

    def check_booked(self, one: Import) -> None:
        """Each row is booked once, and the totals say so."""
        assert one.state is ImportState.FINISHED, (one.state, one.stops)
        totals = {name: getattr(one.totals, name) for name in EXPECTED}
        assert totals == EXPECTED
        assert self.desk.due(*self.numbers) == [-500, 2_000, 7_000, -1_000, 0, 10_000, 10_000]
        entries = [len(self.desk.entries(number)) for number in self.numbers]
        assert entries == [2, 2, 1, 1, 1, 0, 0]
        assert len(self.desk.outcomes(one)) == EXPECTED["rows"]
        assert len(self.desk.reviews(one)) == 1
        assert len(self.desk.report(one)) == EXPECTED["rows"]

    def check_deleted(self, one: Import) -> None:
        """All is as it was before."""
        assert one.state is ImportState.DELETED
        assert self.desk.due(*self.numbers) == [10_000] * 7
        assert [self.desk.document(number).touched_by for number in self.numbers] == [""] * 7
        assert (one.reversed_count, one.touched_since) == (7, 0)
        entries = [len(self.desk.entries(number)) for number in self.numbers]
        assert entries == [4, 4, 2, 2, 2, 0, 0]


class Mortal:
    """Runs a whole import; the process dies at its ``at``-th call to AWS, counted over all its work."""

    def __init__(self, desk: ImportDesk, at: int, moment: str) -> None:
        self.desk = desk
        self.left = at
        self.moment = moment
        self.calls = 0

    def do(self, act: Callable[[], object]) -> None:
        """One delivery of a message; after a death the same message comes again."""
        with dying(self.left, self.moment) as calls:
            try:
                act()
            except Killed:
                self.left = -1
        self.calls += len(calls)
        if self.left == -1:
            self.left = 0
            act()
        elif self.left > 0:
            self.left -= len(calls)

    def take_in(self, event: dict[str, Any]) -> None:
        """Let the file be read."""
        self.do(lambda: import_file(event, Context()))

    def settle(self) -> None:
        """Let all messages be worked on."""
        while messages := self.desk.messages():
            for message in messages:
                body = json.loads(message["Body"])
                self.do(lambda body=body: self.desk.work(body))  # type: ignore[misc]


def sweep_up(desk: ImportDesk) -> None:
    """Who died between a step and its messages leaves the rest to the sweep."""
    desk.shop.world.clock.forward(minutes=7)
    wiring.overdue_imports().sweep()
    desk.settle()


def calls_of_a_life(desk: ImportDesk, *, deleting: bool) -> int:
    """How many calls to AWS an import takes from the file to the report (or its deletion)."""
    story, mortal = Story(desk), Mortal(desk, 0, MOMENTS[0])
    mortal.take_in(story.upload())
    if deleting:
        desk.settle()
        mortal.calls = 0
        _begin_deletion(desk, desk.imports()[0])
    mortal.settle()
    return mortal.calls


def _begin_deletion(desk: ImportDesk, one: Import) -> None:
    wiring.imports().delete(FINANCE, one.id, "was wrong")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_worker_that_dies_anywhere_books_each_row_once(desk: ImportDesk, moment: str, offset: int) -> None:
    total = calls_of_a_life(desk, deleting=False)
    assert total > 30
    for at in range(1 + offset, total + 1, STRIDE):
        story, mortal = Story(desk), Mortal(desk, at, moment)
        mortal.take_in(story.upload())
        mortal.settle()
        sweep_up(desk)
        story.check_booked(desk.imports()[0])


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_deletion_that_dies_anywhere_takes_each_booking_back_once(
    desk: ImportDesk, moment: str, offset: int
) -> None:
    total = calls_of_a_life(desk, deleting=True)
    assert total > 10
    for at in range(1 + offset, total + 1, STRIDE):
        story = Story(desk)
        desk.take_in(story.upload())
        desk.settle()
        _begin_deletion(desk, desk.imports()[0])
        Mortal(desk, at, moment).settle()
        sweep_up(desk)
        story.check_deleted(desk.imports()[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_messages_told_twice_and_out_of_order_change_nothing(desk: ImportDesk, seed: int) -> None:
    chance = random.Random(seed)
    story = Story(desk)
    event = story.upload()
    desk.take_in(event)
    waiting: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    while True:
        waiting += [json.loads(message["Body"]) for message in desk.messages()]
        if not waiting:
            break
        body = waiting.pop(chance.randrange(len(waiting)))
        told.append(body)
        desk.work(body)
        for _ in range(chance.randrange(3)):
            desk.work(chance.choice(told))
        if chance.random() < 0.2:
            assert import_file(event, Context()) == {"batchItemFailures": []}
    story.check_booked(desk.imports()[0])


def test_what_nobody_tells_any_more_the_sweep_finds(desk: ImportDesk) -> None:
    """Every message is lost; each time the sweep asks anew."""
    story = Story(desk)
    desk.take_in(story.upload())
    for _ in range(60):
        one = desk.imports()[0]
        if one.state is ImportState.FINISHED and one.due_at is None:
            break
        lost = desk.messages()
        desk.shop.world.clock.forward(hours=7)
        wiring.overdue_imports().sweep()
        for message in desk.messages()[:2]:
            desk.work(json.loads(message["Body"]))
        del lost
    story.check_booked(desk.imports()[0])


def test_two_workers_on_one_chunk_do_not_both_book(desk: ImportDesk) -> None:
    """One is in the middle of a chunk when another gets the same message and does all of it."""
    story = Story(desk)
    desk.take_in(story.upload())
    booking: list[dict[str, Any]] = []
    while not booking:
        for message in desk.messages():
            body = json.loads(message["Body"])
            if body["step"] == "book":
                booking.append(body)
            else:
                desk.work(body)
    for body in booking:
        with dying(6, "before-call"), pytest.raises(Killed):
            desk.work(body)
        desk.work(body)
        desk.work(body)
    desk.settle()
    story.check_booked(desk.imports()[0])
