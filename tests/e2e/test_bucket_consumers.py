"""PF-5, PF-7, PF-10, PF-14 in the deployed cloud: consumers that delete in the bucket, and what is noted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.caller import Caller, wait_for
from local.cloud import LocalCloud
from tests.e2e.people import sign_in_admin, sign_in_till

BRANCH = "66"
WITHDRAWALS = ("conditional_delete", "never", "if_present", "by_claim")


class Bridge:
    """A till, and a consumer of the bucket that deletes what it takes."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.s3 = cloud.client("s3")
        self.bucket = cloud.outputs["PaymentFilesBucket"]
        self.admin = sign_in_admin(cloud)
        self.admin.call("PUT", f"/branches/{BRANCH}", {"name": "Cloud shop"})
        self.admin.call("PUT", f"/branches/{BRANCH}/workstations/w", {"name": "Till"})
        self.till: Caller = sign_in_till(cloud, self.admin, f"till-{uuid.uuid4().hex[:8]}", BRANCH, "w")
        targets = [
            {"kind": "bucket", "id": kind.replace("_", "-"), "prefix": f"{kind}/", "withdrawal": kind}
            for kind in WITHDRAWALS
        ]
        self.admin.call("PUT", "/interfaces/buckets", {"name": "b", "branch": BRANCH, "targets": targets})

    def pay(self, number: str) -> None:
        body = {
            "branch": BRANCH,
            "kind": "sale",
            "currency": "EUR",
            "taken_at": datetime.now(UTC).isoformat(),
            "lines": [{"number": number, "amount": "7.00", "method": "card"}],
        }
        self.till.call("POST", "/payments", body, key=number)

    def cancel(self, number: str) -> None:
        body = {"number": f"ST-{number}", "cancelled_at": datetime.now(UTC).isoformat()}
        self.till.call("POST", f"/payments/{number}/cancellations", body, key=f"cancel-{number}")

    def state(self, kind: str, name: str) -> str:
        target = kind.replace("_", "-")
        return str(self.admin.call("GET", f"/payment-files/buckets.{target}.{name}")["state"])

    def history(self, kind: str, name: str) -> list[Any]:
        target = kind.replace("_", "-")
        file = self.admin.call("GET", f"/payment-files/buckets.{target}.{name}")
        return [event["what"] for event in file["history"]]

    def take(self, kind: str, name: str) -> None:
        """Delete under the condition that it is what was read."""
        key = f"{kind}/{name}"
        etag = self.s3.head_object(Bucket=self.bucket, Key=key)["ETag"]
        self.s3.delete_object(Bucket=self.bucket, Key=key, IfMatch=etag)

    def lies(self, kind: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{kind}/").get("Contents", [])
        return [entry["Key"].removeprefix(f"{kind}/") for entry in listed]


@pytest.fixture(scope="module")
def bridge(cloud: LocalCloud) -> Iterator[Bridge]:
    bridge = Bridge(cloud)
    yield bridge
    bridge.admin.close()
    bridge.till.close()


@pytest.mark.parametrize("kind", WITHDRAWALS)
def test_the_stream_notes_that_a_file_is_delivered(bridge: Bridge, kind: str) -> None:
    number = f"E-{kind}-1"
    bridge.pay(number)
    assert f"{number}.in" in bridge.lies(kind)
    assert wait_for(lambda: bridge.state(kind, f"{number}.in") == "delivered", 30) is not None


@pytest.mark.parametrize("kind", ["conditional_delete", "never", "if_present"])
def test_a_pickup_is_noted_and_its_cancellation_countered(bridge: Bridge, kind: str) -> None:
    number = f"E-{kind}-2"
    bridge.pay(number)
    bridge.take(kind, f"{number}.in")
    assert wait_for(lambda: bridge.state(kind, f"{number}.in") == "collected", 30) is not None
    bridge.cancel(number)
    assert f"ST-{number}.out" in bridge.lies(kind)
    assert "countered" in bridge.history(kind, f"{number}.in")


@pytest.mark.parametrize("kind", ["conditional_delete", "if_present"])
def test_a_cancellation_withdraws_a_file_that_nobody_took(bridge: Bridge, kind: str) -> None:
    number = f"E-{kind}-3"
    bridge.pay(number)
    bridge.cancel(number)
    assert wait_for(lambda: bridge.state(kind, f"{number}.in") == "withdrawn", 30) is not None
    assert not {f"{number}.in", f"ST-{number}.out"} & set(bridge.lies(kind))
    assert bridge.state(kind, f"ST-{number}.out") == "not_needed"


def test_a_file_of_readers_stays_and_is_countered(bridge: Bridge) -> None:
    bridge.pay("E-never-3")
    bridge.cancel("E-never-3")
    assert {"E-never-3.in", "ST-E-never-3.out"} <= set(bridge.lies("never"))
