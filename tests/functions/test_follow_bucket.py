"""What happens in the bucket stands in the histories of its files, and decides nothing by itself (PF-14)."""

from __future__ import annotations

from typing import Any

import pytest

from functions.follow_bucket.app import handler
from tests.functions.shops import Context, Shop, bucket, event


def told(key: str = "erp/B-1.in", kind: str = "Object Deleted", **detail: str) -> dict[str, bool]:
    """What the function makes of an event of S3 about an object."""
    whole: dict[str, Any] = {**event("follow_bucket"), "detail-type": kind}
    whole["detail"] = {**whole["detail"], "object": {**whole["detail"]["object"], "key": key}, **detail}
    noted: dict[str, bool] = handler(whole, Context())
    return noted


@pytest.mark.parametrize("withdrawal", ["conditional_delete", "never", "if_present"])
def test_the_recorded_event_notes_who_took_the_file(shop: Shop, withdrawal: str) -> None:
    """PF-14: of the payment that ``events/payments_api.json`` records."""
    shop.put_interface(targets=[bucket(withdrawal=withdrawal)]).done()
    shop.send(event("payments_api")).done()
    shop.take("erp/Bon-01-0019-19.in")
    assert handler(event("follow_bucket"), Context()) == {"noted": True}
    file = shop.ask("GET", "/payment-files/erp.bucket.Bon-01-0019-19.in").done()
    last = file["history"][-1]
    assert (file["state"], last["what"], last["by"]) == ("collected", "collected", "123456789012")
    before = shop.all_that_is_written()
    assert handler(event("follow_bucket"), Context()) == {"noted": False}
    assert shop.all_that_is_written() == before


def test_an_object_that_arrived_is_a_file_delivered(shop: Shop) -> None:
    """PF-14: once, however often and late S3 says so; what it owed is settled with it."""
    shop.put_interface().done()
    shop.record("Bär 100% #1").done()
    key = "erp/Bär 100% #1.in"
    assert told(key, "Object Created") == {"noted": True}
    assert not [row for row in shop.table("PAYMENTS_TABLE") if "due_key" in row]
    assert told(key, "Object Created") == {"noted": False}
    [file] = shop.ask("GET", "/payment-files?branch=01&day=2026-11-21").done()["files"]
    assert file["state"] == "delivered"


def test_what_waits_for_claims_is_not_taken_by_deleting_it(shop: Shop) -> None:
    """PF-10: our own record decides; a claim is still possible."""
    shop.put_interface().done()
    shop.record("B-1").done()
    shop.take("erp/B-1.in")
    before = shop.all_that_is_written()
    assert told() == {"noted": False}
    assert shop.all_that_is_written() == before
    assert shop.ask("POST", "/payment-files/erp.bucket.B-1.in/claims").status == 200


def test_a_late_word_changes_nothing_that_was_decided(shop: Shop) -> None:
    """PF-9: the cancellation asked the bucket itself; events come afterwards, in any order."""
    shop.put_interface(targets=[bucket(withdrawal="conditional_delete")]).done()
    shop.record("B-1").done()
    shop.take("erp/B-1.in")
    shop.cancel("B-1", "S-1").done()
    shop.let_all_pass()
    before = shop.all_that_is_written()
    for kind in ("Object Deleted", "Object Created"):
        assert told("erp/B-1.in", kind) == {"noted": False}
    assert told("erp/S-1.out", "Object Created") == {"noted": False}
    assert shop.all_that_is_written() == before
    assert list(shop.objects()) == ["erp/S-1.out"]


def test_a_file_known_to_be_taken_is_countered(shop: Shop) -> None:
    """PF-5: after the word of the bucket a cancellation need not ask."""
    shop.put_interface(targets=[bucket(withdrawal="if_present")]).done()
    shop.record("B-1").done()
    shop.take("erp/B-1.in")
    told()
    shop.cancel("B-1", "S-1").done()
    shop.let_all_pass()
    assert list(shop.objects()) == ["erp/S-1.out"]


@pytest.mark.parametrize(
    "key", ["", "x", "erp/", "erp/B-2.in", "erp/B-1.out", "erp/b-1.in", "other/B-1.in", "B-1.in", "erp/B-1"]
)
def test_objects_that_are_no_files_of_ours(shop: Shop, key: str) -> None:
    shop.put_interface(targets=[bucket(withdrawal="never")]).done()
    shop.record("B-1").done()
    before = shop.all_that_is_written()
    for kind in ("Object Deleted", "Object Created"):
        assert told(key, kind) == {"noted": False}
    assert shop.all_that_is_written() == before
