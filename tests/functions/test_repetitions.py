"""The same request twice is one payment, also a year later, also when a reply was lost (PF-12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functions.calls import failing
from tests.functions.shops import ADMIN, CASHIER, DAY, TAKEN_AT, TILL_B, Shop, bucket


def a_visit(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "branch": "01",
        "kind": "sale",
        "currency": "EUR",
        "taken_at": TAKEN_AT,
        "lines": list(lines),
        **more,
    }


def line(number: str, amount: str, method: str = "cash", **more: str) -> dict[str, str]:
    return {"number": number, "amount": amount, "method": method, **more}


def test_a_repetition_gets_the_first_answer_even_after_a_year(shop: Shop) -> None:
    """PF-12: also when the payment was cancelled and interfaces were changed meanwhile."""
    shop.put_interface().done()
    first = shop.record("B-1", key="same")
    assert first.status == 201
    cancelled = shop.cancel("B-1", "S-1", key="other")
    shop.let_all_pass()
    shop.put_interface("late", targets=[bucket("late/")]).done()
    shop.ask("DELETE", "/interfaces/erp", claims=ADMIN).done()
    shop.world.clock.forward(days=366)
    before = shop.all_that_is_written()
    again = shop.record("B-1", key="same")
    assert (again.status, again.text) == (first.status, first.text)
    again = shop.cancel("B-1", "S-1", key="other")
    assert (again.status, again.text) == (cancelled.status, cancelled.text)
    assert shop.all_that_is_written() == before


def test_a_repetition_is_known_however_it_is_written(shop: Shop) -> None:
    """PF-12: blanks and the order of names say nothing."""
    body = a_visit(line("B-1", "5.10"))
    first = shop.ask("POST", "/payments", body, idempotency_key="k")
    turned = json.dumps(dict(reversed(body.items())), indent=3)
    again = shop.ask("POST", "/payments", turned, idempotency_key="k", content_type="application/json")
    assert (again.status, again.text) == (201, first.text)


@pytest.mark.parametrize(
    "other",
    [
        {"number": "B-2"},
        {"amount": "5.11"},
        {"number": "b-1"},
        {"taken_at": "2026-11-21T09:56:00+01:00"},
        {"staff": "A"},
    ],
)
def test_a_key_with_another_body_is_refused(shop: Shop, other: dict[str, str]) -> None:
    """PF-12."""
    shop.record(key="same").done()
    before = shop.all_that_is_written()
    refused = shop.record(**{"key": "same", **other})  # type: ignore[arg-type]
    assert (refused.status, refused.code) == (409, "idempotency-key-reused")
    assert refused.fields == ["Idempotency-Key"]
    assert shop.all_that_is_written() == before


def test_a_key_of_a_recording_is_none_for_a_cancellation(shop: Shop) -> None:
    """PF-12: another address is another request."""
    shop.record("B-1", key="same").done()
    assert shop.cancel("B-1", "S-1", key="same").code == "idempotency-key-reused"
    shop.record("B-2", key="x").done()
    shop.cancel("B-1", "S-1", key="y").done()
    assert shop.cancel("B-2", "S-1", key="y").code == "idempotency-key-reused"


def test_the_same_key_of_another_user_is_another_request(shop: Shop) -> None:
    """PF-12: keys belong to their user."""
    shop.record("B-1", key="1").done()
    assert shop.record("B-2", key="1", claims=TILL_B).status == 201
    assert shop.record("B-3", key="1", claims=CASHIER, workstation="till-1").status == 201
    assert shop.record("B-1", key="1").status == 201


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_lost_reply_and_a_repetition_are_one_payment(shop: Shop, moment: str) -> None:
    """PF-9, PF-12: the write timed out, with or without effect; the till repeats itself."""
    shop.put_interface().done()
    with failing("dynamodb", "TransactWriteItems", moment):
        lost = shop.record("B-1", key="same")
    assert (lost.status, lost.headers["retry-after"]) == (503, "2")
    assert shop.record("B-1", key="same").status == 201
    assert shop.record("B-1", key="same").status == 201
    shop.let_all_pass()
    assert list(shop.objects()) == ["erp/B-1.in"]
    assert len(shop.ask("GET", f"/payments?branch=01&day={DAY}").done()["payments"]) == 1


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_lost_reply_to_a_cancellation_takes_back_once(shop: Shop, moment: str) -> None:
    """PF-5, PF-9, PF-12."""
    shop.put_interface().done()
    shop.record("B-1", "10.00").done()
    with failing("dynamodb", "TransactWriteItems", moment):
        assert shop.cancel("B-1", "S-1", "4.00", key="same").status == 503
    first = shop.cancel("B-1", "S-1", "4.00", key="same")
    assert first.status == 201
    assert shop.cancel("B-1", "S-1", "4.00", key="same").text == first.text
    payment = shop.ask("GET", "/payments/B-1").done()
    assert (payment["cancelled_amount"], payment["cancelled_by"]) == ("4.00", ["S-1"])


def test_a_keys_absence_is_refused(shop: Shop) -> None:
    """PF-12: whoever could not repeat safely is told so."""
    before = shop.all_that_is_written()
    body = a_visit(line("B-1", "5.10"))
    missing = shop.ask("POST", "/payments", body)
    assert (missing.status, missing.code) == (400, "idempotency-key-missing")
    assert [name.lower() for name in missing.fields] == ["idempotency-key"]
    for key in ("", " ", "a b", "ü", "x" * 201, "a\tb"):
        refused = shop.ask("POST", "/payments", body, idempotency_key=key)
        assert refused.status == 400, key
    assert shop.all_that_is_written() == before
