"""The one place that reads the environment and connects the rooms with AWS.

Nothing is connected at import: each piece is made on its first use and kept (functions call the service
they need; those behind the HTTP API do so before a snapshot is taken).
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import boto3
from botocore.config import Config

from tillbridge.aws.archive import Archive
from tillbridge.aws.bucket import Bucket
from tillbridge.aws.credentials import CredentialsDesk
from tillbridge.aws.failures import outside
from tillbridge.aws.identities import Identities
from tillbridge.aws.queue import Queues
from tillbridge.aws.table import Table

if TYPE_CHECKING:
    from tillbridge.access.service import AccessService
    from tillbridge.devices.service import DeviceService
    from tillbridge.ledger.books import BooksService
    from tillbridge.ledger.documents import DocumentService
    from tillbridge.ledger.seal_store import JournalReader, SealStore
    from tillbridge.ledger.sealing import SealingService
    from tillbridge.ledger.service import LedgerService
    from tillbridge.ledger.store import LedgerStore
    from tillbridge.ledger.verification import VerificationService
    from tillbridge.payments.doubts import DoubtService
    from tillbridge.payments.files import FileService
    from tillbridge.payments.interfaces import InterfaceService
    from tillbridge.payments.job_results import JobResults
    from tillbridge.payments.service import PaymentService
    from tillbridge.payments.store import PaymentStore
    from tillbridge.reconciliation.intake import IntakeService
    from tillbridge.reconciliation.overdue import OverdueImports
    from tillbridge.reconciliation.progress import ProgressService
    from tillbridge.reconciliation.service import ImportService
    from tillbridge.reconciliation.settling import SettlingService
    from tillbridge.reconciliation.store import ImportStore
    from tillbridge.reconciliation.workspace import Workspace

_PATIENT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
_ONCE = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"total_max_attempts": 1},
    request_checksum_calculation="when_required",
)
"""For S3: a put that is repeated behind our back could bring back a file that was taken meanwhile (PF-9)."""

_UNCHECKED = _PATIENT.merge(Config(parameter_validation=False))
"""For DynamoDB: rows are made by our own serializer, and checking each again takes longer than sending it."""


def clock() -> datetime:
    """The moment now, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new id that nobody can guess; from ``secrets``, since a snapshot clones the state of ``random``."""
    return str(UUID(bytes=secrets.token_bytes(16), version=4))


def setting(name: str) -> str:
    """A setting of the environment; missing is a fault of the deployment, loud."""
    return os.environ[name]


def use_stack(name: str) -> None:
    """Take the settings of the commands that people run from the outputs of a deployed stack."""
    outputs = {
        "LedgerTable": "LEDGER_TABLE",
        "SealsBucket": "SEALS_BUCKET",
        "AccessTable": "ACCESS_TABLE",
        "UserPoolId": "USER_POOL_ID",
    }
    with outside():
        [stack] = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    for output in stack["Outputs"]:
        if output["OutputKey"] in outputs:
            os.environ[outputs[output["OutputKey"]]] = output["OutputValue"]


def sign_in_clients() -> dict[str, str]:
    """Kind of caller -> the app client of the user pool through which it signs in."""
    return {kind: setting(f"{kind.upper()}_CLIENT_ID") for kind in ("till", "agent", "person")}


@cache
def client(service: str) -> Any:
    """The AWS client of a service."""
    return boto3.client(service, config={"s3": _ONCE, "dynamodb": _UNCHECKED}.get(service, _PATIENT))


class _WhenCalled:
    """The client of a service that many functions know and few call: made at the first call, not before."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, method: str) -> Any:
        return getattr(client(self._service), method)


@cache
def access() -> AccessService:
    """Who may do what where."""
    from tillbridge.access.service import AccessService
    from tillbridge.access.store import AccessStore

    store = AccessStore(Table(client("dynamodb"), setting("ACCESS_TABLE")))
    identities = Identities(_WhenCalled("cognito-idp"), setting("USER_POOL_ID"))
    return AccessService(store, identities, clock, new_id)


@cache
def devices() -> DeviceService:
    """Agents and jobs."""
    from tillbridge.devices.service import DeviceService
    from tillbridge.devices.store import DeviceStore

    key_arn = os.environ.get("AGENT_QUEUE_KEY_ARN")
    return DeviceService(
        DeviceStore(Table(client("dynamodb"), setting("DEVICES_TABLE"))),
        access(),
        Queues(client("sqs"), setting("AGENT_QUEUE_PREFIX"), key_arn),
        CredentialsDesk(_WhenCalled("sts"), setting("AGENT_QUEUE_ROLE_ARN"), key_arn),
        clock=clock,
        random_bytes=secrets.token_bytes,
    )


@cache
def payment_store() -> PaymentStore:
    """Payments, files and interfaces as they are kept."""
    from tillbridge.payments.store import PaymentStore

    return PaymentStore(Table(client("dynamodb"), setting("PAYMENTS_TABLE")))


@cache
def payment_files() -> FileService:
    """Payment files."""
    from tillbridge.payments.files import FileService

    bucket = Bucket(client("s3"), setting("PAYMENT_FILES_BUCKET"))
    return FileService(payment_store(), bucket, access(), clock=clock)


@cache
def payments() -> PaymentService:
    """Payments."""
    from tillbridge.payments.service import PaymentService
    from tillbridge.payments.settlements import Settlements

    return PaymentService(
        payment_store(),
        payment_files(),
        devices(),
        access(),
        Settlements(ledger(), lambda branch: books().client_of(branch)),  # rarely asked: not at start
        clock=clock,
        new_id=new_id,
    )


@cache
def doubts() -> DoubtService:
    """Files of which nobody knows whether they were put."""
    from tillbridge.payments.doubts import DoubtService

    return DoubtService(payment_store(), payment_files(), devices(), access(), clock=clock)


@cache
def interfaces() -> InterfaceService:
    """Interfaces."""
    from tillbridge.payments.interfaces import InterfaceService

    return InterfaceService(payment_store(), devices(), access())


@cache
def job_results() -> JobResults:
    """What follows from agents' answers."""
    from tillbridge.payments.job_results import JobResults

    return JobResults(payment_store(), clock=clock)


def unique() -> str:
    """Sixteen hexadecimal characters that nobody can guess: the end of an entry's id."""
    return secrets.token_hex(8)


@cache
def ledger_store() -> LedgerStore:
    """Documents and the journal as they are kept."""
    from tillbridge.ledger.store import LedgerStore

    return LedgerStore(Table(client("dynamodb"), setting("LEDGER_TABLE")))


@cache
def ledger() -> LedgerService:
    """The ledger, for other rooms."""
    from tillbridge.ledger.service import LedgerService

    return LedgerService(ledger_store(), unique=unique)


@cache
def books() -> BooksService:
    """Clients, charts of accounts, VAT codes, number series."""
    from tillbridge.ledger.books import BooksService
    from tillbridge.ledger.books_store import BooksStore

    return BooksService(BooksStore(Table(client("dynamodb"), setting("LEDGER_TABLE"))), access(), clock=clock)


@cache
def documents() -> DocumentService:
    """Documents, customers and orders."""
    from tillbridge.ledger.documents import DocumentService

    return DocumentService(ledger_store(), ledger(), books(), access(), clock=clock)


def _kept_seals() -> tuple[SealStore, JournalReader]:
    """The seals and the journal that they cover."""
    from tillbridge.ledger.seal_store import JournalReader, SealStore

    archive = Archive(client("s3"), setting("SEALS_BUCKET"))
    return SealStore(archive), JournalReader(Table(client("dynamodb"), setting("LEDGER_TABLE")))


@cache
def sealing() -> SealingService:
    """Sealing the journal."""
    from tillbridge.ledger.sealing import SealingService

    return SealingService(*_kept_seals(), access(), clock=clock)


@cache
def verification() -> VerificationService:
    """Checking the journal against its seals."""
    from tillbridge.ledger.verification import VerificationService

    return VerificationService(*_kept_seals(), access(), clock=clock)


@cache
def _patient_files() -> Any:
    """S3 for files of any size: what is put there may be put again, and reading one may take minutes.

    AWS's own S3 is addressed by the bucket's host in its region: a signed address of the general host would
    be redirected while a bucket is new, and the signature not fit any more.
    """
    config = Config(connect_timeout=2, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4})
    anywhere = boto3.client("s3", config=config)
    if not anywhere.meta.endpoint_url.endswith(".amazonaws.com"):
        return anywhere
    return boto3.client("s3", config=config.merge(Config(s3={"addressing_style": "virtual"})))


@cache
def import_store() -> ImportStore:
    """Imports, their chunks, what became of their rows."""
    from tillbridge.reconciliation.store import ImportStore

    return ImportStore(Table(client("dynamodb"), setting("IMPORTS_TABLE")))


@cache
def workspace() -> Workspace:
    """The files of imports."""
    from tillbridge.aws.files import Files
    from tillbridge.reconciliation.workspace import Workspace

    return Workspace(Files(_patient_files(), setting("IMPORTS_BUCKET")))


@cache
def import_progress() -> ProgressService:
    """How far imports have come."""
    from tillbridge.aws.work_queue import WorkQueue
    from tillbridge.reconciliation.progress import ProgressService

    queue = WorkQueue(client("sqs"), setting("IMPORT_CHUNKS_QUEUE_URL"))
    return ProgressService(import_store(), queue, clock=clock)


@cache
def overdue_imports() -> OverdueImports:
    """Imports of which nobody has heard for too long."""
    from tillbridge.aws.work_queue import WorkQueue
    from tillbridge.reconciliation.overdue import OverdueImports

    uploads = WorkQueue(client("sqs"), setting("IMPORT_UPLOADS_QUEUE_URL"))
    return OverdueImports(import_store(), import_progress(), uploads, clock=clock)


@cache
def intake() -> IntakeService:
    """From uploaded files to chunks of rows."""
    from tillbridge.reconciliation.intake import IntakeService

    return IntakeService(
        import_store(), workspace(), import_progress(), ledger(), books(), clock=clock, new_id=new_id
    )


@cache
def settling() -> SettlingService:
    """The work on chunks."""
    from tillbridge.reconciliation.deletion import DeletionService
    from tillbridge.reconciliation.reports import ReportService
    from tillbridge.reconciliation.settling import SettlingService
    from tillbridge.reconciliation.work_choice import WorkChoice

    choice = WorkChoice(import_store(), workspace(), ledger(), books(), clock=clock)
    return SettlingService(
        import_store(),
        workspace(),
        import_progress(),
        ReportService(import_store(), workspace()),
        DeletionService(import_store(), ledger(), clock=clock),
        choice.of,
        clock=clock,
        new_id=new_id,
    )


@cache
def imports() -> ImportService:
    """What people do with imports."""
    from tillbridge.reconciliation.reviews import ReviewService
    from tillbridge.reconciliation.service import ImportService

    reviews = ReviewService(import_store(), ledger(), access(), clock=clock)
    return ImportService(
        import_store(),
        workspace(),
        import_progress(),
        reviews,
        books(),
        access(),
        clock=clock,
        new_id=new_id,
    )
