"""A journal on moto, its sealer and its checkers, and somebody who tampers with rows unseen."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ReadTimeoutError

from tests.functions.shops import Shop, open_shop
from tests.world import REGION
from tillbridge import wiring
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Account, Entry, Operation, Posting, Source, SourceKind
from tillbridge.ledger.sealing import Sealed
from tillbridge.ledger.seals import Fault, Seal, tree_hash
from tillbridge.ledger.verification import Proof, Verdict

SEALS = "test-seals"
LEDGER = "test-LedgerTable"
KEYS: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
_serializer = TypeSerializer()


def entry_of(branch: str, at: datetime, number: int, amount_minor: int = 500) -> Entry:
    """A payment's entry, with an id as the product makes them."""
    stamp = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}"
    return Entry(
        id=f"{stamp}-{branch}-{sha256(str(number).encode()).hexdigest()[:16]}",
        branch=branch,
        recorded_at=at,
        business_day=at.date().isoformat(),
        currency="EUR",
        postings=(Posting(Account.CASH, amount_minor), Posting(Account.RECEIVABLES, -amount_minor)),
        source=Source(SourceKind.PAYMENT, f"B-{number}"),
        operations=(Operation.DIRECT_PAYMENT,),
        document=f"R-{number}",
    )


@dataclass
class Journal:
    """A chain's journal with a bucket for its seals."""

    shop: Shop
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def now(self) -> datetime:
        """The moment now."""
        return self.shop.world.clock.now

    def wait(self, **by: float) -> None:
        """Let time pass."""
        self.shop.world.clock.forward(**by)

    def book(self, branch: str = "01", *, at: datetime | None = None, **ago: float) -> Entry:
        """Write an entry, recorded now or so long ago."""
        entry = entry_of(branch, (at or self.now) - timedelta(**ago), next(self.numbers))
        self.write(rows.entry_row(entry))
        return entry

    def write(self, row: dict[str, Any]) -> None:
        """Put a row as anybody could who has the right to."""
        wire = {name: _serializer.serialize(content) for name, content in row.items()}
        self.shop.world.clients["dynamodb"].put_item(TableName=LEDGER, Item=wire)

    def tamper(self, entry: Entry, **changed: Any) -> None:
        """Change an entry's row."""
        self.write({**rows.entry_row(entry), **changed})

    def remove(self, entry: Entry) -> None:
        """Take an entry out."""
        pk, sk = rows.entry_row(entry)["pk"], entry.id
        self.shop.world.clients["dynamodb"].delete_item(
            TableName=LEDGER, Key={"pk": {"S": pk}, "sk": {"S": sk}}
        )

    def seal(self) -> Sealed:
        """Make one seal, if one is due."""
        return wiring.sealing().seal(self.now)

    def seal_all(self) -> list[Seal]:
        """Make seals until none is due; all must go well."""
        made: list[Seal] = []
        while True:
            done = self.seal()
            assert done.findings == ()
            if done.seal is None:
                return made
            made.append(done.seal)

    def verify(self, days: int = 1) -> Verdict:
        """Check the last days and today."""
        today = self.now.date()
        return wiring.verification().verify(today - timedelta(days=days), today)

    def prove(self, entry: Entry | str) -> Proof:
        """Prove an entry."""
        return wiring.verification().prove(entry if isinstance(entry, str) else entry.id)

    def sealed_ids(self) -> list[str]:
        """The ids of all entries in all seals, in the order of the seals."""
        keys = [key for key in self.files() if key.endswith(".json")]
        return [entry_id for key in keys for entry_id in self._ids_of(key)]

    def sealed_ids_of(self, number: int) -> list[str]:
        """The ids of the entries in a seal, as its files say it."""
        return self._ids_of(self.seal_file(number))

    def _ids_of(self, key: str) -> list[str]:
        seal = Seal.read(self.content(key))
        lines = gzip.decompress(self.content(key.replace(".json", f".{seal.root[:16]}.leaves.gz")))
        leaves = [json.loads(line) for line in lines.splitlines()]
        assert tree_hash(bytes.fromhex(leaf["leaf"]) for leaf in leaves).hex() == seal.root
        return [leaf["sk"] for leaf in leaves]

    def files(self) -> list[str]:
        """The keys in the bucket of seals."""
        listed = self.s3.list_objects_v2(Bucket=SEALS).get("Contents", [])
        return [one["Key"] for one in listed]

    def content(self, key: str) -> bytes:
        """A file of the bucket."""
        content: bytes = self.s3.get_object(Bucket=SEALS, Key=key)["Body"].read()
        return content

    def seal_file(self, number: int) -> str:
        """The key of a seal."""
        [key] = [key for key in self.files() if key.endswith(f"/{number:08}.json")]
        return key

    def leaf_file(self, number: int) -> str:
        """The key of a seal's leaves."""
        [key] = [key for key in self.files() if f"/{number:08}." in key and key.endswith(".leaves.gz")]
        return key

    def forget(self, key: str) -> None:
        """Remove all versions of a file, as the account's owner could where nothing is locked."""
        for one in self.s3.list_object_versions(Bucket=SEALS, Prefix=key)["Versions"]:
            self.s3.delete_object(Bucket=SEALS, Key=key, VersionId=one["VersionId"])

    @property
    def s3(self) -> Any:
        """S3 as others reach it."""
        return self.shop.world.clients["s3"]


@contextmanager
def open_journal(lock: dict[str, Any] | None = None) -> Iterator[Journal]:
    """A chain with branches 01 and 02, an empty journal, and a bucket under Object Lock."""
    with open_shop() as shop, pytest.MonkeyPatch.context() as patch:
        clients = shop.world.clients
        if LEDGER not in clients["dynamodb"].list_tables()["TableNames"]:
            clients["dynamodb"].create_table(TableName=LEDGER, **KEYS)
        clients["s3"].create_bucket(
            Bucket=SEALS,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=True,
        )
        if lock:
            configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": lock}}
            clients["s3"].put_object_lock_configuration(Bucket=SEALS, ObjectLockConfiguration=configuration)
        patch.setenv("LEDGER_TABLE", LEDGER)
        patch.setenv("SEALS_BUCKET", SEALS)
        yield Journal(shop)


def worked(journal: Journal, hours: int = 4, each: int = 3) -> list[Entry]:
    """Some hours of work in both branches, sealed hour by hour: seal 1 is empty."""
    journal.seal_all()
    booked = []
    for _ in range(hours):
        for minute in range(each):
            at = journal.now + timedelta(minutes=minute)
            booked.append(journal.book("01" if minute % 2 else "02", at=at))
        journal.wait(hours=1)
        journal.seal_all()
    return booked


def faults(verdict: Verdict) -> list[Fault]:
    """What was found, without where."""
    return [finding.fault for finding in verdict.findings]


class Killed(BaseException):
    """The process is gone; nothing of ours may catch it."""


@contextmanager
def dying(at: int, moment: str) -> Iterator[list[str]]:
    """The process dies at its call number ``at`` to AWS: ``before-call`` or ``after-call``."""
    calls: list[str] = []

    def die(**facts: Any) -> None:
        calls.append(str(facts.get("model", facts.get("event_name"))))
        if len(calls) == at:
            raise Killed

    with _hooked(moment, die):
        yield calls


@contextmanager
def interrupted(operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Something else happens just before the first call of an operation goes out."""
    waiting = [act]

    def come_between(model: Any, **_: Any) -> None:
        if model.name == operation and waiting:
            waiting.pop()()

    with _hooked("before-call", come_between):
        yield


@contextmanager
def losing_answers(operation: str, after: int = 0) -> Iterator[None]:
    """Each call of an operation is done, and its answer is lost, after so many that arrive."""
    arriving = [operation] * after

    def lose(model: Any, **_: Any) -> None:
        if model.name != operation:
            return
        if arriving:
            arriving.pop()
        else:
            raise ReadTimeoutError(endpoint_url="https://s3.eu-central-1.amazonaws.com")

    with _hooked("after-call", lose):
        yield


@contextmanager
def _hooked(moment: str, act: Callable[..., None]) -> Iterator[None]:
    services = ("dynamodb", "s3")
    for service in services:
        wiring.client(service).meta.events.register(f"{moment}.{service}", act)
    try:
        yield
    finally:
        for service in services:
            wiring.client(service).meta.events.unregister(f"{moment}.{service}", act)
