"""Every minute: what nobody else came to is done, each thing once (PF-9, DV-6)."""

from __future__ import annotations

import json

import pytest

from functions.sweep.app import handler
from tests.functions.calls import calls, failing
from tests.functions.shops import Context, Shop, bucket, directory, event

DEVICE = "folder.erp.folder"


def owing(shop: Shop) -> int:
    return sum("due_key" in row for row in shop.table("PAYMENTS_TABLE"))


def test_the_recorded_event_finds_nothing_to_do_in_a_quiet_shop(shop: Shop) -> None:
    """It asks the sparse indexes and reads no row."""
    before = shop.all_that_is_written()
    with calls() as seen:
        assert handler(event("sweep"), Context()) == {"files": 0, "jobs": 0, "imports": 0}
    assert {name for name, _ in seen} == {"Query"}
    assert {params["IndexName"] for _, params in seen} == {"due"}
    assert len(seen) == 12
    assert shop.all_that_is_written() == before


def test_what_is_not_overdue_is_left_to_its_maker(shop: Shop) -> None:
    """PF-9: within two minutes somebody may still be putting."""
    shop.put_interface().done()
    with failing("s3", "PutObject", "before-call"):
        shop.record("B-1").done()
    for _ in range(2):
        assert shop.sweep() == {"files": 0, "jobs": 0, "imports": 0}
        shop.world.clock.forward(seconds=59)
    assert shop.objects() == {}
    shop.world.clock.forward(seconds=3)
    assert shop.sweep() == {"files": 1, "jobs": 0, "imports": 0}
    assert list(shop.objects()) == ["erp/B-1.in"]
    assert shop.sweep() == {"files": 0, "jobs": 0, "imports": 0}


def test_without_any_stream_every_delivery_is_noted(shop: Shop) -> None:
    """Nothing depends on a stream having fired."""
    shop.put_interface().done()
    for place in range(5):
        shop.record(f"B-{place}").done()
    shop.world.clock.forward(minutes=3)
    assert shop.sweep()["files"] == 5
    assert owing(shop) == 0
    assert {shop.state_of(f"erp.bucket.B-{place}.in") for place in range(5)} == {"delivered"}


def test_more_than_a_page_is_swept_at_once(shop: Shop) -> None:
    """After an outage of the bucket."""
    shop.put_interface().done()
    with failing("s3", "PutObject", "before-call", times=10**6):
        for place in range(25):
            lines = [{"number": f"B-{place}-{line}", "amount": "1", "method": "card"} for line in range(10)]
            body = {"branch": "01", "kind": "sale", "currency": "EUR", "taken_at": "2026-11-21T09:00:00Z"}
            answer = shop.ask("POST", "/payments", {**body, "lines": lines}, idempotency_key=f"k{place}")
            assert answer.status == 201
    shop.world.clock.forward(minutes=3)
    assert shop.sweep()["files"] == 250
    assert len(shop.objects()) == 250


def test_a_file_that_cannot_be_seen_to_holds_up_no_other(shop: Shop) -> None:
    """PF-9: its turn comes again."""
    shop.put_interface().done()
    with failing("s3", "PutObject", "before-call", times=3):
        for place in range(3):
            shop.record(f"B-{place}").done()
    shop.world.clock.forward(minutes=3)
    with failing("s3", "ListObjectVersions", "before-call"):
        shop.sweep()
    assert len(shop.objects()) == 2
    shop.world.clock.forward(minutes=3)
    shop.sweep()
    assert len(shop.objects()) == 3
    assert owing(shop) == 0


@pytest.mark.parametrize("operation", ["ListObjectVersions", "PutObject"])
@pytest.mark.parametrize("lost", ["before-call", "after-call"])
def test_a_sweep_that_breaks_off_is_gone_on_with(shop: Shop, operation: str, lost: str) -> None:
    """PF-9: whoever took the file in hand is surely gone when the next one does."""
    shop.put_interface(targets=[bucket(withdrawal="never")]).done()
    with failing("s3", "PutObject", "before-call"):
        shop.record("B-1").done()
    shop.world.clock.forward(minutes=3)
    with failing("s3", operation, lost):
        shop.sweep()
    shop.world.clock.forward(minutes=1)
    shop.sweep()
    shop.world.clock.forward(minutes=2)
    shop.sweep()
    assert list(shop.objects()) == ["erp/B-1.in"]
    assert shop.happened_to("erp.bucket.B-1.in") == ["made", "delivered"]
    assert owing(shop) == 0


def test_an_agent_whose_wake_up_was_lost_is_woken(shop: Shop) -> None:
    """DV-6: after one minute, then after ever longer pauses, until it answers."""
    shop.put_interface(targets=[directory()]).done()
    agent = shop.enrol()
    with failing("sqs", "SendMessage", "before-call"):
        assert shop.record("B-1").status == 201
    assert agent.woken() == []
    assert shop.sweep()["jobs"] == 0
    shop.world.clock.forward(seconds=61)
    assert shop.sweep()["jobs"] == 1
    [job] = agent.woken()
    assert job == agent.jobs(DEVICE)[0]
    assert shop.sweep()["jobs"] == 0
    shop.world.clock.forward(minutes=5)
    assert shop.sweep()["jobs"] == 1
    agent.tell(DEVICE, 1, "done").done()
    shop.world.clock.forward(days=2)
    assert shop.sweep() == {"files": 0, "jobs": 0, "imports": 0}


def test_a_wake_up_that_was_sent_and_swallowed_is_sent_anew(shop: Shop) -> None:
    """DV-6: the agent took the message and died; SQS must not think that it is the same message again."""
    shop.put_interface(targets=[directory()]).done()
    agent = shop.enrol()
    shop.record("B-1").done()
    assert len(agent.woken()) == 1
    shop.world.clock.forward(seconds=61)
    shop.sweep()
    assert [job["sequence"] for job in agent.woken()] == [1]


def test_jobs_without_an_agent_wait(shop: Shop) -> None:
    """DV-6: nobody is woken; the agent that comes fetches them."""
    shop.put_interface(targets=[directory()]).done()
    shop.record("B-1").done()
    shop.world.clock.forward(minutes=2)
    assert [shop.sweep()["jobs"] for _ in range(2)] == [1, 0]
    shop.world.clock.forward(days=30)
    assert shop.sweep()["jobs"] == 0
    agent = shop.enrol()
    assert [job["payload"]["name"] for job in agent.jobs(DEVICE)] == ["B-1.in"]


def test_a_new_agent_is_told_that_it_inherits(shop: Shop) -> None:
    """DV-5: also by the sweep's wake-up."""
    shop.put_interface(targets=[directory()]).done()
    shop.enrol()
    shop.record("B-1").done()
    shop.world.clock.forward(minutes=20)
    new = shop.enrol(enrolment_id="b" * 32)
    shop.sweep()
    assert [job["inherited"] for job in new.woken()] == [True]


def test_an_agent_whose_queue_is_gone_holds_up_no_other(shop: Shop) -> None:
    """DV-6."""
    shop.put_interface(targets=[directory()]).done()
    gone, works = shop.enrol("01"), shop.enrol("02", "till-1", "b" * 32)
    with failing("sqs", "SendMessage", "before-call", times=2):
        shop.record("B-1").done()
        shop.record("B-2", claims={**works.claims, "cognito:groups": ["till"], "username": "till-b"}).done()
    queue_url = gone.ask("POST", "/queue-credentials").done()["queue_url"]
    shop.world.clients["sqs"].delete_queue(QueueUrl=queue_url)
    shop.world.clock.forward(minutes=2)
    shop.sweep()
    assert [job["payload"]["name"] for job in works.woken()] == ["B-2.in"]


def test_both_halves_are_done_when_one_fails(shop: Shop) -> None:
    """What AWS did not answer is a later sweep's; the agents are woken all the same."""
    shop.put_interface(targets=[directory(), bucket()]).done()
    agent = shop.enrol()
    with failing("sqs", "SendMessage", "before-call"):
        shop.record("B-1").done()
    shop.world.clock.forward(minutes=3)
    with failing("s3", "ListObjectVersions", "before-call"):
        done = shop.sweep()
    assert (done["files"], done["jobs"]) == (0, 1)
    assert len(agent.woken()) == 1
    assert json.dumps(done)
