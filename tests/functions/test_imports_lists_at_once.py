"""Two lists of open items of one profile at the same moment: they are booked one after the other (RI-33).

What a list's gaps mean is judged against the last list that was booked; so none may begin on the strength of
a judgement that another list has made old.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.imports import ImportDesk, open_desk
from tillbridge import wiring
from tillbridge.kernel.errors import Conflict
from tillbridge.reconciliation.import_model import Import, ImportState, Limits

HEADING = "Rechnungsnummer;Offener Betrag"
NUMBERS = [f"RE-{place}" for place in range(1, 7)]
GENEROUS = Limits(1_000, 1_000_000_00, 10_000, 0)


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    """A profile that lets lists settle by absence, with a list that was booked already."""
    with open_desk() as opened:
        opened.profile(limits=GENEROUS)
        opened.invoices(*NUMBERS)
        first = opened.upload("first.csv", listed(*NUMBERS), **{"as-of": "2026-10-10"})
        assert opened.approve(first).state is ImportState.FINISHED
        yield opened


def listed(*numbers: str, amount: str = "100,00") -> bytes:
    return ("\r\n".join([HEADING, *(f"{number};{amount}" for number in numbers)]) + "\r\n").encode()


def read(desk: ImportDesk, name: str, content: bytes, day: str) -> Import:
    """A list that is read; nobody has judged it yet."""
    return desk.take_in(desk.put(name, content, **{"as-of": day}))


def codes(one: Import) -> list[str]:
    return [stop.code for stop in one.stops]


def test_a_list_that_another_overtakes_while_it_is_judged_is_judged_again(desk: ImportDesk) -> None:
    older = read(desk, "older.csv", listed("RE-1", "RE-2"), "2026-10-20")
    came: list[str] = []

    def come_between(model: Any, params: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems" and b'"LISTING"' in params["body"] and not came:
            came.append("newer")
            newer = desk.upload("newer.csv", listed(*NUMBERS[:4]), **{"as-of": "2026-10-25"})
            assert newer.state is ImportState.FINISHED

    events = wiring.client("dynamodb").meta.events
    events.register("before-call.dynamodb", come_between)
    try:
        desk.settle()
    finally:
        events.unregister("before-call.dynamodb", come_between)
    assert came, "the newer list came between"
    stands = desk.find(older.id)
    assert (stands.state, codes(stands)) == (ImportState.AWAITING_APPROVAL, ["older-than-last"])
    assert desk.due(*NUMBERS) == [100_00] * 4 + [0, 0]


def test_while_a_list_is_booked_another_waits_and_can_not_be_approved(desk: ImportDesk) -> None:
    earlier = read(desk, "earlier.csv", listed(*NUMBERS, amount="60,00"), "2026-10-20")
    [assess] = desk.messages()
    desk.work(json.loads(assess["Body"]))
    [book] = desk.messages()
    assert desk.find(earlier.id).state is ImportState.BOOKING

    later = desk.upload("later.csv", listed(*NUMBERS, amount="80,00"), **{"as-of": "2026-10-25"})
    assert later.state is ImportState.AWAITING_APPROVAL
    assert codes(later) == ["other-list-in-booking"]
    assert later.stops[0].value == earlier.id
    with pytest.raises(Conflict, match="list-while-other-books"):
        desk.approve(later)
    assert desk.due(*NUMBERS) == [100_00] * 6

    desk.work(json.loads(book["Body"]))
    assert desk.find(earlier.id).state is ImportState.FINISHED
    assert desk.due(*NUMBERS) == [60_00] * 6
    done = desk.approve(later)
    assert (done.state, done.totals.review, done.totals.booked) == (ImportState.FINISHED, 6, 0)
    assert desk.due(*NUMBERS) == [60_00] * 6, "the newer list says 80: a rise waits for a person"


def test_of_two_lists_approved_at_the_same_moment_one_is_booked_first(desk: ImportDesk) -> None:
    desk.profile(limits=Limits())
    one = desk.upload("one.csv", listed("RE-1", "RE-2"), **{"as-of": "2026-10-20"})
    two = desk.upload("two.csv", listed("RE-1", "RE-2", "RE-3"), **{"as-of": "2026-10-25"})
    met: list[str] = []

    def come_between(model: Any, params: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems" and b'"LISTING"' in params["body"] and not met:
            met.append("two")
            desk.approve(two)

    events = wiring.client("dynamodb").meta.events
    events.register("before-call.dynamodb", come_between)
    try:
        with pytest.raises(Conflict, match="list-overtaken"):
            desk.approve(one)
    finally:
        events.unregister("before-call.dynamodb", come_between)
    assert met
    assert desk.find(two.id).state is ImportState.FINISHED
    assert desk.find(one.id).state is ImportState.AWAITING_APPROVAL
    assert desk.due(*NUMBERS) == [100_00] * 3 + [0] * 3
