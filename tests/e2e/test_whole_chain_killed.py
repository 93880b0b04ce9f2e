"""PF-9 over the whole chain: the deployed template, tills over HTTP, an agent that is killed again and again.

`tests/faults` kills the agent two hundred times against a truth of its own; here the truth is the deployed
product: functions, tables, bucket, queue, policies and tokens are the real ones of the local cloud.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import urllib3

from local.caller import Unwelcome, wait_for
from local.cloud import LocalCloud
from local.shop import Agent, Consumer, amount_of
from tests.e2e.people import sign_in_admin, sign_in_till

BRANCH, WORKSTATION = "77", "till-k"
KILLS = 30
FOREIGN_TOKEN = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImZvcmVpZ24ifQ"
    ".eyJ0b2tlbl91c2UiOiJhY2Nlc3MiLCJ1c2VybmFtZSI6ImNoaWVmIiwiY29nbml0bzpncm91cHMiOlsiYWRtaW4iXX0.c2lnbmF0dXJl"
)
SETTLED = {"delivered", "collected", "withdrawn", "not_needed"}


class Shop:
    """A branch of its own with one till, one agent and one greedy consumer."""

    def __init__(self, cloud: LocalCloud, root: Path) -> None:
        self.admin = sign_in_admin(cloud)
        self.admin.call("PUT", f"/branches/{BRANCH}", {"name": "Shop that loses power"})
        self.admin.call("PUT", f"/branches/{BRANCH}/workstations/{WORKSTATION}", {"name": "Till"})
        self.till = sign_in_till(cloud, self.admin, f"till-{uuid.uuid4().hex[:8]}", BRANCH, WORKSTATION)
        self.consumer = Consumer(root / "folder", root / "taken")
        self.agent = Agent(cloud, root / "agent")
        place = {"branch": BRANCH, "workstation": WORKSTATION}
        self.agent.enrol(self.admin.call("POST", "/enrolment-codes", place)["code"])
        target = {"kind": "directory", "id": "folder", "path": str(self.consumer.folder)}
        self.admin.call("PUT", "/interfaces/killed", {"name": "k", "branch": BRANCH, "targets": [target]})
        self.expected = Decimal(0)
        self.booked: dict[str, Decimal] = {}
        self.numbers: list[str] = []
        self.stop = threading.Event()

    def pay(self, number: str, cents: int) -> None:
        amount = Decimal(cents) / 100
        line = {"number": number, "amount": f"{amount:.2f}", "method": "cash"}
        body = {
            "branch": BRANCH,
            "kind": "sale",
            "currency": "EUR",
            "taken_at": datetime.now(UTC).isoformat(),
            "lines": [line],
        }
        self.till.call("POST", "/payments", body, key=number)
        self.expected += amount
        self.numbers.append(number)

    def cancel(self, number: str, cents: int) -> None:
        body = {"number": f"ST-{number}", "cancelled_at": datetime.now(UTC).isoformat()}
        self.till.call("POST", f"/payments/{number}/cancellations", body, key=f"cancel-{number}")
        self.expected -= Decimal(cents) / 100
        self.numbers.append(f"ST-{number}")

    def consume(self) -> None:
        """Take whatever can be seen, until told to stop."""
        while not self.stop.wait(0.01):
            self.take_all()

    def take_all(self) -> None:
        for path in sorted(self.consumer.folder.iterdir()):
            if path.name.startswith(".tillbridge-"):
                continue
            with suppress(FileNotFoundError):  # the agent was quicker and has withdrawn it
                content = self.consumer.take(path.name)
                assert path.name not in self.booked, f"{path.name} came twice"
                assert content.splitlines()[7].startswith("staff="), f"{path.name} was not whole"
                self.booked[path.name] = Decimal(amount_of(content))

    def states(self) -> dict[str, Any]:
        files = [self.admin.call("GET", f"/payments/{number}")["files"] for number in self.numbers]
        return {file["id"]: file["state"] for own in files for file in own}


@pytest.fixture
def shop(cloud: LocalCloud, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(cloud, tmp_path)
    yield shop
    shop.stop.set()
    shop.agent.stop()
    shop.admin.close()
    shop.till.close()


def test_an_agent_that_is_killed_all_the_time_loses_and_doubles_nothing(shop: Shop) -> None:
    seed = 20261121
    chance = random.Random(seed)
    print(f"seed {seed}")
    consumer = threading.Thread(target=shop.consume)
    consumer.start()
    try:
        for kill in range(KILLS):
            shop.agent.start()
            for place in range(3):
                number, cents = f"K-{kill}-{place}", chance.randrange(1, 99_999)
                shop.pay(number, cents)
                if chance.random() < 0.4:
                    shop.cancel(number, cents)
            threading.Event().wait(chance.uniform(0.0, 1.2))
            shop.agent.kill()
        shop.agent.start()
        settled = wait_for(lambda: set(shop.states().values()) <= SETTLED, 90, look_again_s=0.5)
    finally:
        shop.stop.set()
        consumer.join()
    assert settled is not None, shop.states()
    shop.take_all()
    assert sum(shop.booked.values()) == shop.expected
    assert [path for path in shop.consumer.folder.iterdir() if path.name.startswith(".tillbridge-")] == []


def test_a_till_of_another_branch_cannot_touch_it(cloud: LocalCloud, shop: Shop) -> None:
    """PE-1 end to end: real tokens, real authorizer, claims from the real trigger."""
    shop.admin.call("PUT", "/branches/78", {"name": "Next door"})
    shop.admin.call("PUT", "/branches/78/workstations/till-1", {"name": "Till"})
    shop.pay("K-foreign", 100)
    stranger = sign_in_till(cloud, shop.admin, f"till-{uuid.uuid4().hex[:8]}", "78", "till-1")
    body = {"number": "ST-foreign", "cancelled_at": datetime.now(UTC).isoformat()}
    for status, method, path, content in (
        (404, "GET", "/payments/K-foreign", None),
        (404, "POST", "/payments/K-foreign/cancellations", body),
        (403, "GET", "/payments?branch=77&day=2026-11-21", None),
        (403, "PUT", "/interfaces/mine", {"name": "m", "branch": "78", "targets": [
            {"kind": "bucket", "id": "b", "prefix": "stolen/"}]}),
        (403, "GET", "/users", None),
    ):  # fmt: skip
        with pytest.raises(Unwelcome) as refused:
            stranger.call(method, path, content, key="foreign" if method == "POST" else None)
        assert refused.value.status == status, (method, path, str(refused.value))
    stranger.close()


@pytest.mark.parametrize("token", ["", "x.y.z", FOREIGN_TOKEN])
def test_a_foreign_token_is_not_let_in(cloud: LocalCloud, token: str) -> None:
    answer = urllib3.request(
        "GET", f"{cloud.api_url}/payments/K-1", headers={"Authorization": f"Bearer {token}"}, retries=False
    )
    assert answer.status == 401
