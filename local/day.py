"""A day in a shop, played with the real parts: a till calls, files travel, are taken, are taken back."""

from __future__ import annotations

import json
import secrets
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.caller import Answer, Caller, Unwelcome, wait_for
from local.cloud import LocalCloud
from local.finance_day import FinanceDay
from local.shop import Agent, Consumer, amount_of

BRANCH, WORKSTATION, TILL, INTERFACE, PREFIX = "01", "till-1", "till-01-1", "own-till", "own-till/"
ADMIN = "day-admin"
SEEDS: tuple[Answer, ...] = (
    {
        "number": "Bon-01-0019-19",
        "amount": "5.10",
        "direction": "in",
        "taken_at": "2019-08-02T08:05:00+02:00",
    },
    {
        "number": "Bon-01-0018-19",
        "amount": "218.49",
        "direction": "out",
        "taken_at": "2019-08-02T08:15:00+02:00",
        "customer": {"last_name": "Abele", "first_name": "Anton"},
    },
)


class DayFailed(Exception):
    """Something did not happen as it must, in one sentence."""


@dataclass
class Memory:
    """What the day keeps: everybody's sign-in (people's are new at each start), and which numbers it gave."""

    path: Path
    till_username: str = TILL
    till_secret: str = ""
    admin_username: str = ADMIN
    admin_secret: str = ""
    finance_username: str = ""
    finance_secret: str = ""
    last_number: int = 100
    last_finance_run: int = 0
    seeds_taken: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> Memory:
        """What was kept, or a fresh memory."""
        return cls(path, **json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else cls(path)

    def save(self) -> None:
        """Keep it; the secret is for its owner alone."""
        self.path.touch(mode=0o600)
        kept = {name: value for name, value in vars(self).items() if name != "path"}
        self.path.write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def next_finance_run(self) -> int:
        """A number for the invoices of one day in finance."""
        self.last_finance_run += 1
        self.save()
        return self.last_finance_run

    def next_number(self, now: datetime) -> str:
        """A document number that was never given before."""
        self.last_number += 1
        self.save()
        return f"Bon-{BRANCH}-{self.last_number:04d}-{now:%y}"


class Day:
    """The steps of the day, in order; each tells what happened."""

    def __init__(self, cloud: LocalCloud, tell: Callable[[str], None]) -> None:
        self._cloud = cloud
        self._tell = tell
        self._memory = Memory.load(cloud.folder / "day.json")
        self._consumer = Consumer(cloud.folder / "shop-folder", cloud.folder / "shop-taken")
        self._agent = Agent(cloud, cloud.folder / "agent")
        self._booked = Decimal(0)
        self._expected = Decimal(0)
        self._step = 0

    @property
    def folder(self) -> Path:
        """The shop's folder."""
        return self._consumer.folder

    @property
    def memory_path(self) -> Path:
        """Where the till's secret is kept on this machine."""
        return self._memory.path

    def open_shop(self) -> None:
        """Branch, workstation, till, agent and interface, as far as they are not there yet."""
        self._admin = self._sign_in_admin()
        self._admin.call("PUT", f"/branches/{BRANCH}", {"name": "Hamburg Altona"})
        self._admin.call(
            "PUT", f"/branches/{BRANCH}/workstations/{WORKSTATION}", {"name": "Till by the door"}
        )
        self._till = self._sign_in_till()
        self._say(
            f"Branch {BRANCH} “Hamburg Altona” has workstation {WORKSTATION} and a till with its own sign-in"
        )
        self._open_agent()
        self._open_interface()

    def play(self) -> None:
        """Payments come, files arrive, some are taken, one is cancelled before that and one after."""
        self._record_seeds()
        self._cancel_before_it_is_taken()
        self._cancel_after_it_was_taken()
        self._settle_up()
        finance = FinanceDay(self._cloud, self._admin, self._memory.next_finance_run(), self._say, self._tell)
        self._memory.finance_username = finance.username
        self._memory.finance_secret = finance.secret
        self._memory.save()
        try:
            finance.play()
        finally:
            finance.close()

    def close(self) -> None:
        """The agent stops; the callers hang up."""
        self._agent.stop()
        for name in ("_admin", "_till"):
            if hasattr(self, name):
                getattr(self, name).close()

    # ── opening ──

    def _sign_in_admin(self) -> Caller:
        """The first administrator is made by whoever owns the AWS account, as in README."""
        identities, pool = self._cloud.client("cognito-idp"), self._cloud.outputs["UserPoolId"]
        secret = self._memory.admin_secret = f"Aa1{secrets.token_urlsafe(24)}"
        self._memory.save()
        with suppress(identities.exceptions.UsernameExistsException):
            identities.admin_create_user(
                UserPoolId=pool, Username=ADMIN, MessageAction="SUPPRESS", TemporaryPassword=secret
            )
        identities.admin_add_user_to_group(UserPoolId=pool, Username=ADMIN, GroupName="admin")
        identities.admin_set_user_password(UserPoolId=pool, Username=ADMIN, Password=secret, Permanent=True)
        return Caller(self._cloud, self._cloud.outputs["PersonClientId"], ADMIN, secret)

    def _sign_in_till(self) -> Caller:
        if not self._memory.till_secret:
            wanted = {
                "username": TILL,
                "kind": "till",
                "roles": ["till"],
                "branches": [BRANCH],
                "workstation": f"{BRANCH}/{WORKSTATION}",
            }
            try:
                made = self._admin.call("POST", "/users", wanted)
            except Unwelcome:
                made = self._admin.call("POST", f"/users/{TILL}/secrets")
            self._memory.till_secret = made["secret"]
            self._memory.save()
        return Caller(self._cloud, self._cloud.outputs["TillClientId"], TILL, self._memory.till_secret)

    def _open_agent(self) -> None:
        if self._agent.enrolled:
            self._say("The agent on the workstation is enrolled already and starts")
        else:
            place = {"branch": BRANCH, "workstation": WORKSTATION}
            self._agent.enrol(self._admin.call("POST", "/enrolment-codes", place)["code"])
            self._say("The agent on the workstation enrols with a one-time code and starts")
        self._agent.start()

    def _open_interface(self) -> None:
        wanted = {
            "name": "Files for the independent till system",
            "branch": BRANCH,
            "targets": [
                {"kind": "directory", "id": "folder", "path": str(self.folder)},
                {"kind": "bucket", "id": "cloud", "prefix": PREFIX},
            ],
        }
        path = f"/interfaces/{INTERFACE}"
        self._admin.call("PUT", path, wanted)

        def checked() -> list[Any]:
            checks: list[Any] = self._admin.call("GET", path)["folder_checks"]
            return checks

        if wait_for(checked, look_again_s=0.1) is None:
            raise DayFailed(f"The agent did not say whether it can write to {self.folder}. {self._logs}")
        outcome = checked()[0]
        if outcome["outcome"] != "done":
            raise DayFailed(f"The agent cannot use {self.folder}: {outcome['detail']}")
        self._say(
            "An interface sends each payment as a file to the shop's folder (the agent can write there)"
        )
        self._tell("    and to a bucket")

    # ── the day ──

    def _record_seeds(self) -> None:
        for seed in SEEDS:
            number, arrow = seed["number"], "in" if seed["direction"] == "in" else "out"
            name = f"{number}.{arrow}"
            self._record(**seed)
            if number in self._memory.seeds_taken:
                self._say(
                    f"The till records {number} again: the first answer comes back, nothing happens twice"
                )
                continue
            after = self._await(name)
            self._say(f"The till books {seed['amount']} EUR {arrow} ({number})")
            self._tell(f"    {name} is in the bucket and, {after}, in the folder; the consumer takes it:")
            self._show(self._take(name))
            self._expected += Decimal(seed["amount"]) * (1 if arrow == "in" else -1)
            self._memory.seeds_taken.append(number)
            self._memory.save()

    def _cancel_before_it_is_taken(self) -> None:
        number = self._memory.next_number(self._now())
        self._record(number=number, amount="12.30", direction="in")
        self._await(f"{number}.in")
        counter = self._cancel(number)
        if wait_for(lambda: not self._consumer.sees(f"{number}.in")) is None:
            raise DayFailed(f"{number}.in was cancelled and still lies in {self.folder}.")
        if wait_for(lambda: f"{number}.in" not in self._in_bucket()) is None:
            raise DayFailed(f"{number}.in was cancelled and still lies in the bucket.")
        if self._consumer.sees(f"{counter}.out"):
            raise DayFailed(f"{counter}.out came although {number}.in was withdrawn.")
        self._say(f"12.30 EUR in ({number}) are cancelled before anybody took the file")
        self._tell(f"    {number}.in is gone from folder and bucket, and no other file came")

    def _cancel_after_it_was_taken(self) -> None:
        number = self._memory.next_number(self._now())
        self._record(number=number, amount="49.90", direction="in")
        self._await(f"{number}.in")
        self._take(f"{number}.in")
        counter = self._cancel(number)
        after = self._await(f"{counter}.out")
        self._say(f"49.90 EUR in ({number}) are cancelled after the consumer took the file")
        self._tell(f"    {counter}.out takes them back, in the folder {after}:")
        self._show(self._take(f"{counter}.out"))

    def _settle_up(self) -> None:
        number = self._memory.next_number(self._now())
        self._record(number=number, amount="19.99", direction="in")
        self._await(f"{number}.in")
        self._take(f"{number}.in")
        self._expected += Decimal("19.99")
        if self._booked != self._expected:
            raise DayFailed(f"The consumer booked {self._booked} EUR and the till took {self._expected} EUR.")
        self._say(f"The last customer pays 19.99 EUR ({number})")
        self._tell(
            f"    The files that the consumer took add up to {self._booked} EUR in this run: "
            "payments less cancellations"
        )

    # ── what the steps are made of ──

    def _record(self, *, number: str, amount: str, direction: str, **more: Any) -> None:
        line = {"number": number, "amount": amount, "direction": direction, "method": "cash"}
        line["invoice_number"] = number  # a receipt is its own invoice, as in the seed
        body = {
            "branch": BRANCH,
            "kind": "sale",
            "currency": "EUR",
            "taken_at": self._now().isoformat(),
            "staff": "AMPAREX",
            "lines": [line],
            **more,
        }
        self._till.call("POST", "/payments", body, key=f"record-{number}")

    def _cancel(self, number: str) -> str:
        counter = self._memory.next_number(self._now())
        body = {"number": counter, "cancelled_at": self._now().isoformat(), "staff": "AMPAREX"}
        self._till.call("POST", f"/payments/{number}/cancellations", body, key=f"cancel-{number}")
        return counter

    def _await(self, name: str) -> str:
        """Wait until a file is in both places; how long after the till's answer the folder had it."""
        waited_s = wait_for(lambda: self._consumer.sees(name))
        if waited_s is None:
            raise DayFailed(f"{name} did not come to {self.folder}. {self._logs}")
        if wait_for(lambda: name in self._in_bucket()) is None:
            raise DayFailed(f"{name} did not come to the bucket. {self._logs}")
        return f"{waited_s:.2f} s after the answer"

    @property
    def _logs(self) -> str:
        return f"What the parts said is in {self._cloud.logs}."

    def _in_bucket(self) -> list[str]:
        bucket = self._cloud.outputs["PaymentFilesBucket"]
        listed = self._cloud.client("s3").list_objects_v2(Bucket=bucket, Prefix=PREFIX)
        return [entry["Key"].removeprefix(PREFIX) for entry in listed.get("Contents", [])]

    def _take(self, name: str) -> str:
        """The consumer in the shop takes the file, the one in the cloud claims its twin; they must agree."""
        content = self._consumer.take(name)
        claim = self._till.call("POST", f"/payment-files/{INTERFACE}.cloud.{name}/claims")
        if b64decode(claim["content_base64"]).decode() != content:
            raise DayFailed(f"{name} in the bucket is not the same as in the folder.")
        self._booked += Decimal(amount_of(content))
        return content

    def _now(self) -> datetime:
        return datetime.now(UTC).replace(microsecond=0)

    def _say(self, what: str) -> None:
        self._step += 1
        self._tell(f"{self._step:>2}  {what}")

    def _show(self, content: str) -> None:
        for line in content.splitlines():
            self._tell(f"      {line}")
