"""Files of which nobody knows whether they were put: a person decides, once, for all that waits (DV-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.functions.shops import ADMIN, TILL_A, TILL_B, Answer, Shop, ShopAgent, directory, open_shop
from tillbridge.devices import rules

DEVICE = "folder.erp.folder"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        opened.put_interface(targets=[directory()]).done()
        yield opened


def replaced(shop: Shop) -> ShopAgent:
    """The old PC was handed a payment file and never answered; a new one takes its place."""
    old = shop.enrol(enrolment_id="a" * 32)
    old.ask("POST", "/queue-credentials").done()
    shop.record("B-1", "5.00").done()
    return shop.enrol(enrolment_id="b" * 32)


def resolve(shop: Shop, file_id: str, *, taken: bool) -> Answer:
    return shop.ask("POST", f"/payment-files/{file_id}/resolutions", {"taken": taken}, claims=ADMIN)


def names(agent: ShopAgent, after: int) -> list[str]:
    return [job["payload"]["name"] for job in agent.jobs(DEVICE, after)]


def in_doubt(shop: Shop, agent: ShopAgent) -> None:
    assert [job["inherited"] for job in agent.jobs(DEVICE)] == [True]
    agent.tell(DEVICE, 1, "in_doubt", "file-absent").done()
    assert shop.state_of("erp.folder.B-1.in") == "in_doubt"


def test_a_file_that_was_not_taken_is_put_again(shop: Shop) -> None:
    agent = replaced(shop)
    in_doubt(shop, agent)
    assert resolve(shop, "erp.folder.B-1.in", taken=False).done()["state"] == "pending"
    (again,) = agent.jobs(DEVICE, 1)
    assert (again["kind"], again["payload"]["name"], again["inherited"]) == ("put_file", "B-1.in", False)
    agent.tell(DEVICE, 2, "done").done()
    assert shop.state_of("erp.folder.B-1.in") == "delivered"
    assert "said not to be taken" in shop.happened_to("erp.folder.B-1.in")


def test_a_file_that_was_taken_counts_as_collected(shop: Shop) -> None:
    agent = replaced(shop)
    in_doubt(shop, agent)
    assert resolve(shop, "erp.folder.B-1.in", taken=True).done()["state"] == "collected"
    assert agent.jobs(DEVICE, 1) == []
    shop.cancel("B-1", "ST-1").done()
    assert names(agent, 1) == ["ST-1.out"]


@pytest.mark.parametrize(
    ("taken", "put"), [(True, ["ST-1.out", "ST-2.out"]), (False, ["B-1.in", "ST-1.out", "ST-2.out"])]
)
def test_counter_files_of_a_file_in_doubt_wait_for_the_word(shop: Shop, taken: bool, put: list[str]) -> None:
    agent = replaced(shop)
    in_doubt(shop, agent)
    shop.cancel("B-1", "ST-1", "2.00").done()
    shop.cancel("B-1", "ST-2").done()
    assert agent.jobs(DEVICE, 1) == []
    assert shop.state_of("erp.folder.ST-1.out") == "in_doubt"
    assert resolve(shop, "erp.folder.ST-1.out", taken=taken).code == "doubt-of-another-file"
    resolve(shop, "erp.folder.B-1.in", taken=taken).done()
    assert names(agent, 1) == put


@pytest.mark.parametrize(("taken", "put", "states"), [
    (True, ["ST-1.out"], ("collected", "pending")),
    (False, [], ("withdrawn", "not_needed")),
])  # fmt: skip
def test_a_withdrawal_in_doubt_is_decided_too(
    shop: Shop, taken: bool, put: list[str], states: tuple[str, str]
) -> None:
    agent = replaced(shop)
    in_doubt(shop, agent)
    shop.cancel("B-1", "ST-1").done()
    agent.tell(DEVICE, 2, "in_doubt", "put-in-doubt").done()
    resolve(shop, "erp.folder.B-1.in", taken=taken).done()
    assert names(agent, 2) == put
    assert (shop.state_of("erp.folder.B-1.in"), shop.state_of("erp.folder.ST-1.out")) == states


def test_only_what_is_in_doubt_is_decided_and_only_once(shop: Shop) -> None:
    agent = replaced(shop)
    assert resolve(shop, "erp.folder.B-1.in", taken=True).code == "file-not-in-doubt"
    in_doubt(shop, agent)
    resolve(shop, "erp.folder.B-1.in", taken=True).done()
    assert resolve(shop, "erp.folder.B-1.in", taken=True).status == 409


def test_a_till_decides_nothing(shop: Shop) -> None:
    agent = replaced(shop)
    in_doubt(shop, agent)
    path = "/payment-files/erp.folder.B-1.in/resolutions"
    assert shop.ask("POST", path, {"taken": True}, claims=TILL_A).status == 403
    assert shop.ask("POST", path, {"taken": True}, claims=TILL_B).status == 404


def test_what_came_after_the_old_pc_lost_its_reach_is_not_in_doubt(shop: Shop) -> None:
    """Its credentials had ended before the payment: nobody can have begun that job."""
    old = shop.enrol(enrolment_id="a" * 32)
    old.ask("POST", "/queue-credentials").done()
    shop.world.clock.forward(minutes=rules.QUEUE_REACH / timedelta(minutes=1) + 1)
    shop.record("B-1", "5.00").done()
    agent = shop.enrol(enrolment_id="b" * 32)
    assert [job["inherited"] for job in agent.jobs(DEVICE)] == [False]


def test_a_payment_made_while_an_agent_is_replaced_is_meant_for_the_one_it_was_sent_to(shop: Shop) -> None:
    """The old agent may do it, so the new one must not do it as if nobody could have."""
    agent = replaced(shop)
    shop.record("B-2", "1.00").done()
    assert [job["inherited"] for job in agent.jobs(DEVICE)] == [True, False]
