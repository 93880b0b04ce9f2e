"""A chain of shops as strangers see it: the API through real handlers, stream, schedule, consumers, agents.

Below is ``tests.world``: the real rooms on moto. Time is the world's clock, also for the functions.
"""

from __future__ import annotations

import base64
import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.deliver_outbox.app import handler as deliver_outbox
from functions.sweep.app import handler as sweep
from tests.functions.calls import SERVICES
from tests.functions.gateway import LambdaContext, event_of
from tests.functions.handlers import FUNCTIONS
from tests.functions.quick_tables import quick_tables
from tests.world import REGION, World, open_world
from tillbridge import wiring

EVENTS = Path(__file__).parents[2] / "events"

Claims = Mapping[str, object]
TILL_A: Claims = {
    "token_use": "access",
    "username": "till-a",
    "cognito:groups": ["till"],
    "branches": "01",
    "workstation": "01/till-1",
}
TILL_B: Claims = {**TILL_A, "username": "till-b", "branches": "02", "workstation": "02/till-1"}
ERP: Claims = {**TILL_A, "username": "erp", "workstation": ""}
"""A consumer in the cloud: a till client of branch 01 that belongs to no workstation."""
CASHIER: Claims = {**ERP, "username": "carla", "cognito:groups": ["cashier"]}
FINANCE_A: Claims = {**ERP, "username": "fina", "cognito:groups": ["finance"]}
ADMIN: Claims = {"token_use": "access", "username": "chief", "cognito:groups": ["admin"], "branches": "*"}

TAKEN_AT = "2026-11-21T09:55:00+01:00"
DAY = "2026-11-21"


def event(name: str) -> dict[str, Any]:
    """The recorded event of a function."""
    recorded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return recorded


@dataclass(frozen=True)
class Context(LambdaContext):
    """A call that has time enough."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
        return 60_000


@dataclass(frozen=True)
class Answer:
    """What a caller got."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        read: dict[str, Any] = json.loads(self.text)
        return read

    @property
    def code(self) -> str:
        """The stable name of the problem."""
        return str(self.body["type"]).removeprefix("urn:tillbridge:problem:")

    @property
    def fields(self) -> list[str]:
        """The fields at fault."""
        return [str(entry["field"]) for entry in self.body.get("errors", [])]

    def done(self) -> dict[str, Any]:
        """The body of an answer that must be a success."""
        assert self.status < 300, self.text
        return self.body


@dataclass
class ShopAgent:
    """An enrolled agent as the API sees it: it fetches jobs and answers; tests decide what it answers."""

    shop: Shop
    enrolment: dict[str, Any]
    branch: str
    workstation: str

    @property
    def claims(self) -> Claims:
        """What the agent's token says."""
        return {
            "token_use": "access",
            "username": self.enrolment["username"],
            "cognito:groups": ["agent"],
            "branches": self.branch,
            "workstation": f"{self.branch}/{self.workstation}",
        }

    def ask(self, method: str, target: str, body: dict[str, Any] | None = None) -> Answer:
        """A request of the agent."""
        return self.shop.ask(method, target, body, claims=self.claims)

    def woken(self) -> list[dict[str, Any]]:
        """The jobs that lie in its queue; they are taken out."""
        queue_url = self.ask("POST", "/queue-credentials").done()["queue_url"]
        sqs = self.shop.world.clients["sqs"]
        found: list[dict[str, Any]] = []
        while True:
            answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            messages = answer.get("Messages", [])
            if not messages:
                return found
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])

    def jobs(self, device: str, after: int = 0) -> list[dict[str, Any]]:
        """The jobs of a device behind a sequence."""
        listed = self.ask("GET", f"/jobs?device={device}&after={after}").done()
        return list(listed["jobs"])

    def tell(self, device: str, sequence: int, outcome: str, detail: str = "") -> Answer:
        """Report what became of a job."""
        result = {"device": device, "sequence": sequence, "outcome": outcome, "detail": detail}
        return self.ask("POST", "/job-results", {"results": [{**result, "at": "2026-11-21T09:00:05Z"}]})

    def sight(self, device: str, sequence: int, name: str) -> Answer:
        """Report that a file is no longer in its folder."""
        seen = {"device": device, "sequence": sequence, "name": name, "event": "collected"}
        return self.ask("POST", "/file-sightings", {"sightings": [{**seen, "at": "2026-11-21T09:00:09Z"}]})


@dataclass
class Shop:
    """The chain with its API, as callers, consumers and agents meet it."""

    world: World
    keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(
        self,
        method: str,
        target: str,
        body: dict[str, Any] | str | bytes | None = None,
        *,
        claims: Claims | None = TILL_A,
        **headers: str,
    ) -> Answer:
        """One request through the handler that serves its path; header names have ``_`` for ``-``."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.send(event_of(method, target, headers=sent, body=body, claims=claims))

    def send(self, request: dict[str, Any]) -> Answer:
        """One event of the gateway to the function that serves its path."""
        noun = request["rawPath"].split("/")[1]
        answer = FUNCTIONS[noun](request, Context())
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Answer(answer["statusCode"], headers, answer["body"])

    # What tills do

    def record(
        self,
        number: str = "B-1",
        amount: str = "5.10",
        *,
        claims: Claims = TILL_A,
        key: str | None = None,
        **more: Any,
    ) -> Answer:
        """Record one payment of one line; ``more`` changes the body."""
        line = {"number": number, "amount": amount, "method": more.pop("method", "cash")}
        line |= {
            name: more.pop(name) for name in ("direction", "invoice_number", "case_number") if name in more
        }
        body = {
            "branch": str(claims["branches"]),
            "kind": "sale",
            "currency": "EUR",
            "taken_at": TAKEN_AT,
            "lines": [line],
            **more,
        }
        return self.ask(
            "POST", "/payments", body, claims=claims, idempotency_key=key or f"k-{next(self.keys)}"
        )

    def cancel(
        self,
        number: str,
        by: str,
        amount: str | None = None,
        *,
        claims: Claims = TILL_A,
        key: str | None = None,
        at: str = "2026-11-21T09:58:00+01:00",
    ) -> Answer:
        """Cancel a payment, wholly or in part."""
        body = {"number": by, "cancelled_at": at} | ({"amount": amount} if amount else {})
        return self.ask(
            "POST",
            f"/payments/{number}/cancellations",
            body,
            claims=claims,
            idempotency_key=key or f"k-{next(self.keys)}",
        )

    def files_of(self, number: str, claims: Claims = TILL_A) -> dict[str, dict[str, Any]]:
        """Target -> the payment's own file there."""
        payment = self.ask("GET", f"/payments/{number}", claims=claims).done()
        return {f"{file['interface']}.{file['target']}": file for file in payment["files"]}

    def state_of(self, file_id: str) -> str:
        """The state of a file."""
        return str(self.ask("GET", f"/payment-files/{file_id}").done()["state"])

    def happened_to(self, file_id: str) -> list[str]:
        """What happened to a file, in order."""
        return [each["what"] for each in self.ask("GET", f"/payment-files/{file_id}").done()["history"]]

    # What administrators do

    def put_interface(self, name: str = "erp", *, claims: Claims = ADMIN, **body: Any) -> Answer:
        """Write down an interface; a bucket that is claimed where no targets are given."""
        targets = body.pop("targets", [bucket()])
        shape = {"name": name.upper(), "targets": targets, **body}
        return self.ask("PUT", f"/interfaces/{name}", shape, claims=claims)

    def enrol(
        self, branch: str = "01", workstation: str = "till-1", enrolment_id: str = "a" * 32
    ) -> ShopAgent:
        """An agent, enrolled with a code of its own."""
        wanted = {"branch": branch, "workstation": workstation}
        code = self.ask("POST", "/enrolment-codes", wanted, claims=ADMIN).done()["code"]
        body = {"code": code, "enrolment_id": enrolment_id, "host_name": "PC", "agent_version": "0.1.0"}
        return ShopAgent(self, self.ask("POST", "/enrolments", body, claims=None).done(), branch, workstation)

    # What happens by itself

    def deliver(self, rows: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
        """The stream's event of these rows of the table (all that owe something, as its filter has it)."""
        owing = [row for row in self.table("PAYMENTS_TABLE") if "due_key" in row] if rows is None else rows
        return deliver_outbox(stream_event(owing), Context()) if owing else {}

    def sweep(self) -> dict[str, Any]:
        """The schedule's wake-up."""
        done: dict[str, Any] = sweep(event("sweep"), Context())
        return done

    def let_all_pass(self) -> None:
        """Stream and sweeps, until nothing is owed any more."""
        for _ in range(4):
            self.deliver()
            self.world.clock.forward(minutes=3)
            self.sweep()

    # What consumers of the bucket do

    def objects(self) -> dict[str, bytes]:
        """What lies in the bucket now."""
        s3, name = self.world.clients["s3"], self.world.names["PAYMENT_FILES_BUCKET"]
        listed = s3.list_objects_v2(Bucket=name).get("Contents", [])
        return {one["Key"]: s3.get_object(Bucket=name, Key=one["Key"])["Body"].read() for one in listed}

    def take(self, key: str) -> bytes:
        """Read an object, then delete it, as a consumer does; the delete is conditional on what was read."""
        s3, name = self.world.clients["s3"], self.world.names["PAYMENT_FILES_BUCKET"]
        got = s3.get_object(Bucket=name, Key=key)
        content: bytes = got["Body"].read()
        s3.delete_object(Bucket=name, Key=key, IfMatch=got["ETag"])
        return content

    # What stands in the tables

    def table(self, variable: str) -> list[dict[str, Any]]:
        """All rows of a table, in their wire form."""
        dynamodb, name = self.world.clients["dynamodb"], self.world.names[variable]
        return list(dynamodb.scan(TableName=name)["Items"])

    def all_that_is_written(self) -> str:
        """Every row, every version of every object and every queue: to compare before and after."""
        s3, name = self.world.clients["s3"], self.world.names["PAYMENT_FILES_BUCKET"]
        versions = s3.list_object_versions(Bucket=name)
        tables = {
            variable: sorted(repr(sorted(row.items(), key=str)) for row in self.table(variable))
            for variable in ("PAYMENTS_TABLE", "DEVICES_TABLE", "ACCESS_TABLE", "LEDGER_TABLE")
        }
        queues = {
            url: self.world.clients["sqs"].get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]
            for url in self.world.clients["sqs"].list_queues().get("QueueUrls", [])
        }
        objects = [versions.get("Versions", []), versions.get("DeleteMarkers", [])]
        return json.dumps([tables, queues, objects], default=str, sort_keys=True)

    def audit(self, subject: str) -> list[dict[str, Any]]:
        """The audit trail of one thing as an administrator reads it."""
        listed = self.ask("GET", f"/audit-entries?subject={subject}", claims=ADMIN).done()
        return list(listed["entries"])


def bucket(prefix: str = "erp/", name: str = "bucket", withdrawal: str = "by_claim") -> dict[str, str]:
    """A prefix of the bucket as target."""
    return {"kind": "bucket", "id": name, "prefix": prefix, "withdrawal": withdrawal}


def directory(path: str = "C:\\Payments", name: str = "folder") -> dict[str, str]:
    """A folder as target."""
    return {"kind": "directory", "id": name, "path": path}


def content_of(content_base64: str) -> dict[str, str]:
    """A payment file as its consumer reads it."""
    lines = base64.b64decode(content_base64).decode().splitlines()
    return dict(line.split("=", 1) for line in lines)


def stream_event(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the payments table's stream hands over for these rows, in the shape of the recorded event."""
    whole = event("deliver_outbox")
    [pattern] = whole["Records"]
    whole["Records"] = [
        {
            **pattern,
            "eventID": f"{place:032x}",
            "dynamodb": {
                **pattern["dynamodb"],
                "Keys": {"pk": row["pk"], "sk": row["sk"]},
                "NewImage": json.loads(json.dumps(row, default=_wire_bytes)),
                "SequenceNumber": str(4421584500000000017450439091 + place),
            },
        }
        for place, row in enumerate(rows)
    ]
    return whole


def _wire_bytes(content: Any) -> str:
    return base64.b64encode(bytes(content)).decode()


AWS = {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@functools.cache
def _clients() -> tuple[dict[str, Any], dict[str, Any]]:
    """The functions' own clients and the tests', made once: making them takes longer than a test."""
    own = {service: wiring.client.__wrapped__(service) for service in SERVICES}
    return own, {service: boto3.client(service, region_name=REGION) for service in SERVICES}


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A fresh chain; the functions' clock is the world's."""
    with pytest.MonkeyPatch.context() as patch:
        for name, text in AWS.items():
            patch.setenv(name, text)
        own, others = _clients()
        patch.setattr(boto3, "client", lambda service, **_: others[service])
        with open_world() as world, quick_tables():
            patch.setattr(wiring, "client", own.__getitem__)
            patch.setattr(wiring, "clock", world.clock)
            patch.delenv("POWERTOOLS_METRICS_DISABLED")
            yield Shop(world)
