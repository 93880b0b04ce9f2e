"""A payment and what it settles are one act: repeated, lost or contested, it is done once or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.calls import failing
from tests.functions.journal import Killed, dying, interrupted
from tests.functions.papers import Ledger
from tests.functions.shops import Answer, Shop
from tillbridge import wiring
from tillbridge.aws.table import commit
from tillbridge.ledger.entries import Source, SourceKind
from tillbridge.ledger.rules import Settlement, settled
from tillbridge.payments.model import PaymentMethod
from tillbridge.payments.settlements import MEANS


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop)


def record(shop: Shop) -> Answer:
    return shop.record("B-1", "60.00", kind="invoice", invoice_number="RE-1", key="once")


def cancel(shop: Shop) -> Answer:
    return shop.cancel("B-1", "S-1", key="back")


def cancel_a_part(shop: Shop) -> Answer:
    return shop.cancel("B-1", "S-1", "20.00", key="back")


ACTS = [
    pytest.param(record, 4_000, id="record"),
    pytest.param(cancel, 10_000, id="cancel"),
    pytest.param(cancel_a_part, 6_000, id="cancel a part"),
]


@pytest.mark.parametrize(("act", "due"), ACTS)
def test_a_repetition_settles_nothing_again(shop: Shop, ledger: Ledger, act: Any, due: int) -> None:
    ledger.issue()
    record(shop).done()
    first = act(shop).done()
    before = shop.all_that_is_written()
    shop.world.clock.forward(days=40)
    assert act(shop).done() == first
    assert shop.all_that_is_written() == before
    assert ledger.holds() == due


READS = ["GetItem", "Query", "BatchGetItem"]


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("operation", [*READS, "TransactWriteItems"])
@pytest.mark.parametrize(("act", "due"), ACTS)
def test_an_act_whose_answer_was_lost_is_done_once(
    shop: Shop, ledger: Ledger, act: Any, due: int, operation: str, moment: str
) -> None:
    ledger.issue()
    if act is not record:
        record(shop).done()
    with failing("dynamodb", operation, moment) as failed:
        assert act(shop).status == 503
    assert failed
    act(shop).done()
    assert ledger.holds() == due


@pytest.mark.filterwarnings("ignore:No application metrics")  # a process that is gone publishes none
@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize(("act", "due"), ACTS)
def test_a_process_that_dies_at_any_call_leaves_all_or_nothing(
    shop: Shop, ledger: Ledger, act: Any, due: int, moment: str
) -> None:
    """Payment and settlement are never apart; the repetition ends what was begun."""
    shop.put_interface().done()
    ledger.issue()
    if act is not record:
        record(shop).done()
    for at in range(1, 30):
        before = ledger.holds()
        try:
            with dying(at, moment):
                act(shop)
        except Killed:
            entered = shop.ask("GET", "/payments/B-1" if act is record else "/payments/S-1").status == 200
            assert ledger.holds() == (due if entered else before)
        else:
            break
    assert at > 4
    act(shop).done()
    assert ledger.holds() == due


# Others at the same moment


def settle_behind(shop: Shop, ledger: Ledger, minor: int = 1_000) -> None:
    """Somebody else books on the invoice."""
    world = shop.world
    before = ledger.document()
    occasion = world.ledger.occasion("01", world.clock(), Source(SourceKind.IMPORT, "IM-1"))
    money = Settlement(minor, 0, 0, "2026-11-20", MEANS[PaymentMethod.TRANSFER])
    after, entry = settled(before, money, occasion)
    commit(world.clients["dynamodb"], world.ledger.changed_parts(before, after, [entry]))


@pytest.mark.parametrize(("act", "due"), ACTS)
def test_an_invoice_that_changes_meanwhile_is_read_again(
    shop: Shop, ledger: Ledger, act: Any, due: int
) -> None:
    ledger.issue()
    if act is not record:
        record(shop).done()
    with interrupted("TransactWriteItems", lambda: settle_behind(shop, ledger)):
        act(shop).done()
    assert ledger.holds() == due - 1_000


def test_an_invoice_that_never_stands_still_is_told_to_the_till(shop: Shop, ledger: Ledger) -> None:
    ledger.issue()

    def come_between(model: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems":
            settle_behind(shop, ledger, 1)

    events = wiring.client("dynamodb").meta.events
    events.register("before-call.dynamodb", come_between)
    try:
        assert record(shop).status == 503
    finally:
        events.unregister("before-call.dynamodb", come_between)
    assert {source for source, _, _ in ledger.booked()} == {"import/IM-1"}
    record(shop).done()
    ledger.holds()
