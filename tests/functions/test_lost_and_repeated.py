"""Deliveries and withdrawals that are lost, late or repeated: each file once, or not at all (PF-9)."""

from __future__ import annotations

import pytest

from tests.functions.calls import failing
from tests.functions.shops import ERP, Shop, bucket

FILE = "erp.bucket.B-1.in"
COUNTER = "erp.bucket.S-1.out"


def claim(shop: Shop, file_id: str = FILE) -> tuple[int, str]:
    answer = shop.ask("POST", f"/payment-files/{file_id}/claims", claims=ERP)
    return (answer.status, answer.text if answer.status == 200 else answer.code)


def test_a_repeated_delivery_never_brings_a_taken_file_back(shop: Shop) -> None:
    """PF-9: the stream and the sweep may come as often and as late as they like."""
    for place, withdrawal in enumerate(["by_claim", "conditional_delete", "never", "if_present"]):
        shop.put_interface(f"i{place}", targets=[bucket(f"{place}/", withdrawal=withdrawal)]).done()
    shop.record("B-1").done()
    owing = [row for row in shop.table("PAYMENTS_TABLE") if "due_key" in row]
    assert len(owing) == 4
    assert claim(shop, "i0.bucket.B-1.in")[0] == 200
    for place in (1, 2, 3):
        shop.take(f"{place}/B-1.in")
    for _ in range(2):
        assert shop.deliver(owing) == {"batchItemFailures": []}
        shop.world.clock.forward(minutes=5)
        shop.sweep()
    shop.world.clock.forward(days=30)
    shop.deliver(owing)
    shop.sweep()
    assert shop.objects() == {}
    assert not [row for row in shop.table("PAYMENTS_TABLE") if "due_key" in row]


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
@pytest.mark.parametrize("withdrawal", ["by_claim", "never"])
def test_a_lost_put_is_mended_once(shop: Shop, lost: str, withdrawal: str) -> None:
    """PF-9: the till has its answer; while somebody may still be putting nobody else does; then the sweep."""
    shop.put_interface(targets=[bucket(withdrawal=withdrawal)]).done()
    with failing("s3", "PutObject", lost) as failed:
        assert shop.record("B-1").status == 201
    assert failed == ["PutObject"]
    shop.deliver()
    assert list(shop.objects()) == (["erp/B-1.in"] if lost == "after-call" else [])
    shop.world.clock.forward(minutes=1)
    shop.sweep()
    assert list(shop.objects()) == (["erp/B-1.in"] if lost == "after-call" else [])
    shop.world.clock.forward(minutes=2)
    shop.sweep()
    assert list(shop.objects()) == ["erp/B-1.in"]
    assert shop.happened_to(FILE) == ["made", "delivered"]
    for _ in range(3):
        shop.take("erp/B-1.in") if shop.objects() else None
        shop.let_all_pass()
    assert shop.objects() == {}, "one file, taken once"


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
def test_a_file_whose_put_was_lost_and_that_was_taken_meanwhile_is_not_put_again(
    shop: Shop, lost: str
) -> None:
    """PF-9: the put took effect, its reply did not come, the consumer was quick."""
    shop.put_interface(targets=[bucket(withdrawal="never")]).done()
    with failing("s3", "PutObject", lost):
        shop.record("B-1").done()
    if lost == "after-call":
        shop.take("erp/B-1.in")
    shop.world.clock.forward(minutes=3)
    shop.sweep()
    assert list(shop.objects()) == ([] if lost == "after-call" else ["erp/B-1.in"])


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
@pytest.mark.parametrize("operation", ["ListObjectVersions", "DeleteObject"])
@pytest.mark.parametrize("withdrawal", ["by_claim", "conditional_delete", "if_present"])
def test_a_lost_withdrawal_is_ended_by_the_sweep(
    shop: Shop, withdrawal: str, operation: str, lost: str
) -> None:
    """PF-5, PF-9: the cancellation holds, and there is neither a file nor a counter-file in the end."""
    shop.put_interface(targets=[bucket(withdrawal=withdrawal)]).done()
    shop.record("B-1").done()
    shop.deliver()
    with failing("s3", operation, lost):
        assert shop.cancel("B-1", "S-1").status == 201
    shop.let_all_pass()
    assert shop.objects() == {}
    assert shop.state_of(FILE) == "withdrawn"
    assert not [row for row in shop.table("PAYMENTS_TABLE") if "due_key" in row]


def test_a_consumer_that_takes_the_file_while_the_withdrawal_is_lost_gets_the_counter_file(
    shop: Shop,
) -> None:
    """PF-9: in between, the file is the consumer's; then the bucket says so."""
    shop.put_interface(targets=[bucket(withdrawal="conditional_delete")]).done()
    shop.record("B-1").done()
    shop.deliver()
    with failing("s3", "ListObjectVersions", "before-call"):
        shop.cancel("B-1", "S-1").done()
    shop.take("erp/B-1.in")
    shop.let_all_pass()
    assert list(shop.objects()) == ["erp/S-1.out"]
    assert shop.state_of(FILE) == "collected"


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
def test_a_cancellation_overtakes_a_put_that_was_lost(shop: Shop, lost: str) -> None:
    """PF-5, PF-9: whatever arrives late in the bucket is cleared; nothing is ever countered."""
    for withdrawal in ("by_claim", "conditional_delete"):
        shop.put_interface(
            withdrawal.replace("_", "-"), targets=[bucket(f"{withdrawal}/", withdrawal=withdrawal)]
        )
    with failing("s3", "PutObject", lost, times=2):
        shop.record("B-1").done()
    shop.cancel("B-1", "S-1").done()
    shop.let_all_pass()
    assert shop.objects() == {}
    assert {file["state"] for file in shop.files_of("B-1").values()} == {"withdrawn"}
