"""A whole chain of shops on moto: tables as ``template.yaml`` has them, bucket, pool, queues, and the rooms.

The real services stand on the real adapters; only AWS is moto, in this process. Time is an argument: tests
move ``world.clock`` forward themselves.
"""

from __future__ import annotations

import copy
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from moto import mock_aws
from moto.cognitoidp.models import cognitoidp_backends
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from samtranslator.yaml_helper import yaml_parse

from tillbridge import wiring
from tillbridge.access.model import ALL_BRANCHES, Branch, Caller, Role, Workstation, WorkstationKey
from tillbridge.access.service import AccessService
from tillbridge.access.store import AccessStore
from tillbridge.aws.bucket import Bucket
from tillbridge.aws.credentials import CredentialsDesk
from tillbridge.aws.identities import Identities
from tillbridge.aws.queue import Queues
from tillbridge.aws.table import Table
from tillbridge.devices.service import DeviceService
from tillbridge.devices.store import DeviceStore
from tillbridge.ledger.books import BooksService
from tillbridge.ledger.books_store import BooksStore
from tillbridge.ledger.documents import DocumentService
from tillbridge.ledger.service import LedgerService
from tillbridge.ledger.store import LedgerStore
from tillbridge.payments.files import FileService
from tillbridge.payments.interfaces import InterfaceService
from tillbridge.payments.job_results import JobResults
from tillbridge.payments.service import PaymentService
from tillbridge.payments.settlements import Settlements
from tillbridge.payments.store import PaymentStore

REGION = "eu-central-1"
ACCOUNT = "123456789012"
MOST_IDS_BEFORE = 100
"""Ids below are those of what every world begins with."""
TEMPLATE = Path(__file__).parent.parent / "template.yaml"
TABLES = {
    "PAYMENTS_TABLE": "PaymentsTable",
    "DEVICES_TABLE": "DevicesTable",
    "ACCESS_TABLE": "AccessTable",
    "LEDGER_TABLE": "LedgerTable",
    "IMPORTS_TABLE": "ImportsTable",
}

CLIENT_OF_EVENTS = "3n4b5urk1ft4fl3mg5e62d9ado"
"""The app client in the tokens of the recorded events."""
SIGN_IN_CLIENTS = ("TILL_CLIENT_ID", "AGENT_CLIENT_ID", "PERSON_CLIENT_ID")

ADMIN = Caller("chief", frozenset({Role.ADMIN}), ALL_BRANCHES)
TILL_A = Caller("till-a", frozenset({Role.TILL}), frozenset({"01"}), WorkstationKey("01", "till-1"))
TILL_B = Caller("till-b", frozenset({Role.TILL}), frozenset({"02"}), WorkstationKey("02", "till-1"))
ERP = Caller("erp", frozenset({Role.TILL}), frozenset({"01"}))

_TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


@dataclass
class Clock:
    """Time that tests move."""

    now: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass, in the units of ``timedelta``."""
        self.now += timedelta(**by)


@dataclass
class World:
    """The rooms of one chain, connected to moto."""

    clock: Clock
    clients: dict[str, Any]
    names: dict[str, str]
    access: AccessService
    devices: DeviceService
    store: PaymentStore
    files: FileService
    books: BooksService
    ledger: LedgerService
    documents: DocumentService
    payments: PaymentService
    interfaces: InterfaceService
    results: JobResults
    bucket: Bucket
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))


def table_names() -> dict[str, str]:
    """Environment name of each table -> name of the table in the tests."""
    return {variable: f"test-{logical}" for variable, logical in TABLES.items()}


@cache
def _resources() -> dict[str, Any]:
    """The template's resources; reading them takes longer than most tests."""
    found: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]
    return found


def create_tables(dynamodb: Any) -> None:
    """The tables with the keys and indexes of the template."""
    for variable, name in table_names().items():
        properties = _resources()[TABLES[variable]]["Properties"]
        wanted = {key: properties[key] for key in _TABLE_PROPERTIES if key in properties}
        dynamodb.create_table(TableName=name, **wanted)


def _environment(pool_id: str, clients: dict[str, str]) -> dict[str, str]:
    return {
        **table_names(),
        **clients,
        "PAYMENT_FILES_BUCKET": "test-payment-files",
        "USER_POOL_ID": pool_id,
        "IMPORTS_BUCKET": "test-imports",
        "SEALS_BUCKET": "test-seals",
        "AGENT_QUEUE_PREFIX": "test-tillbridge-agent-",
        "AGENT_QUEUE_ROLE_ARN": "arn:aws:iam::123456789012:role/test-agent-queue",
        "STAGE": "dev",
        "POWERTOOLS_SERVICE_NAME": "tillbridge",
        "POWERTOOLS_METRICS_NAMESPACE": "Tillbridge",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


def forget_wiring() -> None:
    """Let the wiring connect anew."""
    for name in vars(wiring).values():
        if hasattr(name, "cache_clear"):
            name.cache_clear()


@contextmanager
def open_world() -> Iterator[World]:
    """A fresh chain with branches 01 and 02, each with workstation till-1."""
    before = dict(os.environ)
    os.environ.update({"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"})
    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = REGION
    os.environ.pop("AWS_ENDPOINT_URL", None)
    try:
        with mock_aws():
            forget_wiring()
            yield _build()
    finally:
        forget_wiring()
        os.environ.clear()
        os.environ.update(before)


def _build() -> World:
    names = ("dynamodb", "s3", "sqs", "sts", "cognito-idp")
    clients = {name: boto3.client(name, region_name=REGION) for name in names}
    if not _furnished:
        _furnish(clients)
    for name, (backends, region) in _KEPT.items():
        backends[ACCOUNT][region] = copy.deepcopy(_furnished[0].backends[name])
    environment = _furnished[0].environment | _create_queues(clients["sqs"])
    os.environ.update(environment)
    return _connect(Clock(), clients, environment, first_id=_furnished[0].next_id)


class _Furnished(NamedTuple):
    """What every world begins with: made once a process, since that takes longer than most tests."""

    backends: dict[str, Any]
    environment: dict[str, str]
    next_id: int


_furnished: list[_Furnished] = []
_KEPT: dict[str, tuple[Any, str]] = {
    "dynamodb": (dynamodb_backends, REGION),
    "s3": (s3_backends, "aws"),
    "cognito-idp": (cognitoidp_backends, REGION),
}
"""Where moto keeps what a world begins with; its queues can't be copied."""


def _furnish(clients: dict[str, Any]) -> None:
    create_tables(clients["dynamodb"])
    for bucket in ("test-payment-files", "test-imports"):
        clients["s3"].create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        clients["s3"].put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    environment = _environment(*_create_pool(clients["cognito-idp"]))
    os.environ.update(environment)
    world = _connect(Clock(), clients, environment)
    for branch in ("01", "02"):
        world.access.put_branch(ADMIN, Branch(branch, f"Shop {branch}"))
        world.access.put_workstation(ADMIN, Workstation(branch, "till-1", "Till"))
    backends = {name: copy.deepcopy(made[ACCOUNT][region]) for name, (made, region) in _KEPT.items()}
    _furnished.append(_Furnished(backends, environment, MOST_IDS_BEFORE))


def _create_queues(sqs: Any) -> dict[str, str]:
    return {
        f"IMPORT_{name.upper()}_QUEUE_URL": sqs.create_queue(QueueName=f"test-import-{name}")["QueueUrl"]
        for name in ("chunks", "uploads")
    }


def _create_pool(cognito: Any) -> tuple[str, dict[str, str]]:
    pool_id = cognito.create_user_pool(PoolName="test")["UserPool"]["Id"]
    for role in Role:
        cognito.create_group(GroupName=role.value, UserPoolId=pool_id)
    made = {}
    for kind in ("TILL", "AGENT", "PERSON"):
        answer = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName=kind.lower(),
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        made[f"{kind}_CLIENT_ID"] = answer["UserPoolClient"]["ClientId"]
    return pool_id, made | dict.fromkeys(("TILL_CLIENT_ID", "PERSON_CLIENT_ID"), CLIENT_OF_EVENTS)


def _connect(
    clock: Clock, clients: dict[str, Any], environment: dict[str, str], *, first_id: int = 1
) -> World:
    ids = itertools.count(first_id)

    def new_id() -> str:
        return f"id-{next(ids):08d}"

    dynamodb = clients["dynamodb"]
    access = AccessService(
        AccessStore(Table(dynamodb, environment["ACCESS_TABLE"])),
        Identities(clients["cognito-idp"], environment["USER_POOL_ID"]),
        clock,
        new_id,
    )
    devices = DeviceService(
        DeviceStore(Table(dynamodb, environment["DEVICES_TABLE"])),
        access,
        Queues(clients["sqs"], environment["AGENT_QUEUE_PREFIX"], None),
        CredentialsDesk(clients["sts"], environment["AGENT_QUEUE_ROLE_ARN"], None),
        clock=clock,
        random_bytes=lambda count: next(ids).to_bytes(count, "big"),
    )
    store = PaymentStore(Table(dynamodb, environment["PAYMENTS_TABLE"]))
    bucket = Bucket(clients["s3"], environment["PAYMENT_FILES_BUCKET"])
    files = FileService(store, bucket, access, clock=clock)
    of_ledger = Table(dynamodb, environment["LEDGER_TABLE"])
    books = BooksService(BooksStore(of_ledger), access, clock=clock)
    ledger_store = LedgerStore(of_ledger)
    ledger = LedgerService(ledger_store, unique=lambda: f"{next(ids):016x}")
    return World(
        clock=clock,
        clients=clients,
        names=environment,
        access=access,
        devices=devices,
        store=store,
        files=files,
        books=books,
        ledger=ledger,
        documents=DocumentService(ledger_store, ledger, books, access, clock=clock),
        payments=PaymentService(
            store,
            files,
            devices,
            access,
            Settlements(ledger, books.client_of),
            clock=clock,
            new_id=new_id,
        ),
        interfaces=InterfaceService(store, devices, access),
        results=JobResults(store, clock=clock),
        bucket=bucket,
    )
