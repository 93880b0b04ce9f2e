"""One workstation and the cloud for fault tests: real services on moto, the real agent, every call can fail.

What fails is drawn by the tests: a function dies before or after a call to AWS took effect, a call times out
before or after it took effect, a put lingers in the network, the PC loses power at any file or database act.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ReadTimeoutError
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from tests.functions.quick_tables import quick_tables
from tests.unit.edge.shop import Shop
from tests.world import ADMIN, REGION, World, open_world
from tillbridge.access.model import Caller, Role, WorkstationKey
from tillbridge.devices.model import JobResult, Outcome
from tillbridge.kernel.calendar import parse_moment
from tillbridge.kernel.errors import Refused as CloudRefused
from tillbridge.kernel.errors import Unavailable as CloudUnavailable
from tillbridge.payments.job_results import Sighting as CloudSighting
from tillbridge.payments.model import BucketTarget, DirectoryTarget, Interface, Target, Withdrawal
from tillbridge_agent.errors import Refused, Unavailable
from tillbridge_agent.model import Answered, DeviceNews, Sighting

ACCOUNT = "123456789012"
STATION = WorkstationKey("01", "till-1")
BUCKET_TARGETS = {
    "claimed": Withdrawal.BY_CLAIM,
    "deleted": Withdrawal.CONDITIONAL_DELETE,
    "read": Withdrawal.NEVER,
    "present": Withdrawal.IF_PRESENT,
}
LINGER = timedelta(seconds=60)
"""A put that its function gave up may still arrive so much later; far less than a lease."""


class FunctionDied(BaseException):
    """Lambda ended the function; no code of ours sees it."""


class Fuse:
    """Fails one call to AWS, a drawn number of moments from now."""

    def __init__(self) -> None:
        self.mode: str | None = None
        self.moments = 0
        self.lingering: list[dict[str, Any]] = []
        self.fired = 0

    def set(self, mode: str | None, moments: int) -> None:
        self.mode, self.moments = mode, moments

    def attach(self, client: Any) -> None:
        client.meta.events.register("provide-client-params.s3.PutObject", self._put)
        client.meta.events.register("before-call", self._moment)
        client.meta.events.register("after-call", self._moment)

    def _put(self, params: dict[str, Any], **_: object) -> None:
        if self.mode == "linger":
            self.lingering.append(dict(params))
            self._blow("timeout")

    def _moment(self, **_: object) -> None:
        if self.mode in ("die", "timeout"):
            self.moments -= 1
            if self.moments < 0:
                self._blow(self.mode)

    def _blow(self, mode: str) -> None:
        self.mode = None
        self.fired += 1
        if mode == "die":
            raise FunctionDied
        raise ReadTimeoutError(endpoint_url="https://aws.test")


class Line:
    """The agent's line to the cloud: the real services; whatever breaks there is `Unavailable`."""

    def __init__(self, world: World, agent: Caller) -> None:
        self._world = world
        self.agent = agent

    def devices(self) -> list[DeviceNews]:
        with _broken_line():
            orders = self._world.devices.devices(self.agent)
        return [DeviceNews(order.device, order.last_sequence, order.answered_sequence) for order in orders]

    def jobs(self, device: str, after: int) -> list[object]:
        with _broken_line():
            return list(self._world.devices.jobs_after(self.agent, device, after))

    def send_results(self, results: Sequence[Answered]) -> list[tuple[str, int]]:
        accepted = []
        with _broken_line():
            for told in results:
                at = parse_moment(told.at)
                result = JobResult(told.device, told.sequence, Outcome(told.outcome), at, told.detail or "")
                self._world.devices.record_result(self.agent, result, self._world.results.follow_up)
                accepted.append((told.device, told.sequence))
        return accepted

    def send_sightings(self, sightings: Sequence[Sighting]) -> None:
        with _broken_line():
            agent = self._world.devices.agent_of(self.agent)
            for seen in sightings:
                file_id = f"{seen.device.removeprefix('folder.')}.{seen.name}"
                sighting = CloudSighting(file_id, parse_moment(seen.at))
                self._world.results.note_sighting(STATION, sighting, agent)

    def send_health(
        self, at: str, host_name: str, open_jobs: int, blocked: Sequence[tuple[str, str, str]]
    ) -> None:
        """Health is told elsewhere."""


@contextmanager
def _broken_line() -> Iterator[None]:
    try:
        yield
    except (CloudUnavailable, FunctionDied) as broken:
        raise Unavailable("line") from broken
    except CloudRefused as refused:
        raise Refused(refused.code, 409, str(refused)) from refused


class Chain:
    """The world with one workstation, one interface with a folder and every kind of bucket target."""

    def __init__(self, world: World, root: Path) -> None:
        self.world = world
        self.root = root
        self.fuse = Fuse()
        targets: list[Target] = [
            DirectoryTarget("folder", str(root / "payments")),
            *(BucketTarget(name, f"{name}/", withdrawal) for name, withdrawal in BUCKET_TARGETS.items()),
        ]
        code, _ = world.devices.make_enrolment_code(ADMIN, STATION)
        enrolment = world.devices.enrol(code, "0" * 32, "pc", "1")
        self.queue_url = enrolment.agent.queue_url
        self.agent = Caller(enrolment.agent.username, frozenset({Role.AGENT}), frozenset({"01"}), STATION)
        world.interfaces.put(ADMIN, Interface(id="erp", name="ERP", targets=tuple(targets)))
        for client in world.clients.values():
            self.fuse.attach(client)
        backend = dynamodb_backends[ACCOUNT][REGION]
        self._tables = {name: copy.deepcopy(table.items) for name, table in backend.tables.items()}
        self._started = world.clock.now

    def begin(self) -> None:
        """Everything as it was when the chain was set up; a new PC with an empty folder."""
        self.fuse.set(None, 0)
        self.fuse.lingering.clear()
        backend = dynamodb_backends[ACCOUNT][REGION]
        for name, rows in self._tables.items():
            backend.tables[name].items = copy.deepcopy(rows)
        bucket = s3_backends[ACCOUNT]["aws"].buckets[self.world.bucket.name]
        bucket.keys = type(bucket.keys)()
        queues = self.world.clients["sqs"]
        queues.delete_queue(QueueUrl=self.queue_url)
        queues.create_queue(QueueName=self.queue_url.rsplit("/", 1)[-1], Attributes={"FifoQueue": "true"})
        self.world.clock.now = self._started
        if self.root.exists():
            shutil.rmtree(self.root)
        self.root.mkdir(parents=True)
        self.shop = Shop(self.root, Line(self.world, self.agent))  # type: ignore[arg-type]

    def arrive(self, lingering: dict[str, Any]) -> None:
        """A put that lingered in the network arrives after all."""
        try:
            self.world.clients["s3"].put_object(**lingering)
        except self.world.clients["s3"].exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise

    def objects(self, target: str) -> list[str]:
        """The keys that a consumer of a bucket target sees now."""
        answer = self.world.clients["s3"].list_objects_v2(Bucket=self.world.bucket.name, Prefix=f"{target}/")
        return [entry["Key"] for entry in answer.get("Contents", [])]

    def happened(self) -> tuple[list[str], list[str]]:
        """The keys that were ever put and are not removed for good, and those that somebody deleted."""
        answer = self.world.clients["s3"].list_object_versions(Bucket=self.world.bucket.name)
        put = sorted({version["Key"] for version in answer.get("Versions", [])})
        return put, sorted({marker["Key"] for marker in answer.get("DeleteMarkers", [])})

    def letters(self) -> list[dict[str, Any]]:
        """What the agent's queue hands out now."""
        answer = self.world.clients["sqs"].receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=0
        )
        return list(answer.get("Messages", []))

    def throw_away(self, letter: dict[str, Any]) -> None:
        """Take a letter out of the queue."""
        self.world.clients["sqs"].delete_message(
            QueueUrl=self.queue_url, ReceiptHandle=letter["ReceiptHandle"]
        )


def number_of(key: str) -> str:
    """The document number in the name of a file."""
    return os.path.splitext(key.rsplit("/", 1)[-1])[0]


@contextmanager
def open_chain() -> Iterator[Chain]:
    """A chain for many examples."""
    with TemporaryDirectory() as root, quick_tables(), open_world() as world:
        yield Chain(world, Path(root) / "pc")
