"""How much work it is to seal and to check the journal, against the bare reading of the same rows.

Processor time of the function alone: the local cloud needs longer for reading than it does for everything.

By itself: `python3 -m local.environment development cloud functions -- -m bench.sealing [entries]`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer

from bench.figures import Figure, Pairs, table
from local.emulator import REGION, ROOT_KEY, Emulator, free_port
from local.environment import ROOT, python_of
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Account, Entry, Operation, Posting, Source, SourceKind

RUNS = 3
BRANCHES = [f"{number:02}" for number in range(1, 11)]
LEDGER, ACCESS = "bench-ledger", "bench-access"
MOST = 3.0
"""Sealing is reading, a row made an entry, a hash and a line: so many times the reading alone."""
MOST_MB = 150
WHAT = ("read", "seal", "verify")
"""In turn, so that what disturbs one disturbs its neighbours too."""
CHILD = Path(__file__).with_name("sealing_runs.py")
_BATCH = 25
_serializer = TypeSerializer()


def measure(count: int, tell: Callable[[str], None]) -> tuple[list[Figure], list[str]]:
    """Seal and check so many entries of the last hour, in turn with the bare reading."""
    with tempfile.TemporaryDirectory(prefix="tillbridge-bench-") as place:
        emulator = Emulator(Path(place), free_port(), Path(place) / "logs")
        emulator.start({})
        try:
            tell(f"writing {count} entries …")
            _fill(emulator.url, count)
            runs = [[_run(emulator.url, what, run) for what in WHAT] for run in range(RUNS)]
        finally:
            emulator.stop(kept=False)
    if {measured["entries"] for run in runs for measured in run} != {count}:
        raise SystemExit(f"{count} entries were written, and others read: {runs}")
    return _figures(count, *map(list, zip(*runs, strict=True)))


def _figures(
    count: int, read: list[dict[str, float]], sealed: list[dict[str, float]], checked: list[dict[str, float]]
) -> tuple[list[Figure], list[str]]:
    def pairs(runs: list[dict[str, float]]) -> Pairs:
        return Pairs(tuple(run["taken_s"] for run in runs), tuple(run["taken_s"] for run in read))

    peak_mb = max(run["peak_mb"] for run in (*sealed, *checked))
    rates = {name: count / median(run["taken_s"] for run in runs)
             for name, runs in (("read", read), ("sealed", sealed), ("checked", checked))}  # fmt: skip
    memory = Figure(
        what="memory of the whole process",
        ours=f"{peak_mb:.0f} MB",
        floor=f"{max(run['peak_mb'] for run in read):.0f} MB",
        figure=f"{peak_mb:.0f} MB",
        goal=f"≤ {MOST_MB} MB",
        met=peak_mb <= MOST_MB,
    )
    notes = [
        f"{count} entries; a processor second: "
        + ", ".join(f"{rate:.0f} {name}" for name, rate in rates.items())
    ]
    return [
        Figure.of_pairs("sealing an hour", pairs(sealed), MOST),
        Figure.of_pairs("checking a day", pairs(checked), MOST),
        memory,
    ], notes


def _run(url: str, what: str, run: int) -> dict[str, float]:
    """One run in a process of its own, with nothing but what a function has."""
    done = subprocess.run(
        [str(python_of("functions")), "-P", str(CHILD), what],
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT / "layers" / "core"),
            "PYTHONPYCACHEPREFIX": str(ROOT / ".local" / "bytecode"),
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "LEDGER_TABLE": LEDGER,
            "ACCESS_TABLE": ACCESS,
            "SEALS_BUCKET": f"bench-seals-{run}",
            "USER_POOL_ID": "none",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _fill(url: str, count: int) -> None:
    """Tables, a bucket for each run, branches, and entries spread over the hour that is old enough."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=url,
            aws_access_key_id=ROOT_KEY,
            aws_secret_access_key=ROOT_KEY,
        )

    dynamodb, s3 = client("dynamodb"), client("s3")
    for name in (LEDGER, ACCESS):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
    for run in range(RUNS):
        s3.create_bucket(
            Bucket=f"bench-seals-{run}",
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=True,
        )
    branches = ({"pk": "BRANCHES", "sk": one, "name": one, "time_zone": "UTC"} for one in BRANCHES)
    _write(dynamodb, ACCESS, branches)
    _write(dynamodb, LEDGER, map(rows.entry_row, _entries(count, datetime.now(UTC) - timedelta(minutes=70))))


def _write(dynamodb: Any, table_name: str, written: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(written, _BATCH)):
        wire = [{name: _serializer.serialize(one) for name, one in row.items()} for row in batch]
        asked = [{"PutRequest": {"Item": row}} for row in wire]
        if dynamodb.batch_write_item(RequestItems={table_name: asked})["UnprocessedItems"]:
            raise SystemExit("the local cloud did not take all rows")


def _entries(count: int, begin: datetime) -> Iterator[Entry]:
    """Settled invoices, as an import books them."""
    for number in range(count):
        at = begin + timedelta(hours=1) * number / count
        branch = BRANCHES[number % len(BRANCHES)]
        yield Entry(
            id=rows.new_entry_id(branch, at, f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}"),
            branch=branch,
            recorded_at=at,
            business_day=at.date().isoformat(),
            currency="EUR",
            postings=(
                Posting(Account.BANK, 11_662),
                Posting(Account.CASH_DISCOUNT_GRANTED, 238, "standard"),
                Posting(Account.RECEIVABLES, -11_900),
            ),
            source=Source(SourceKind.IMPORT, "IM-0123456789abcdef"),
            operations=(Operation.CREDIT_CREDIT_NOTE, Operation.DIRECT_PAYMENT),
            document=f"RE-HH-{number:06}-26",
            exportable=False,
        )


def main(arguments: list[str]) -> int:
    """Measure and show."""
    count = int(arguments[0]) if arguments else 20_000
    figures, notes = measure(count, lambda line: print(line, flush=True))
    print(table("The journal, sealed and checked on the local cloud", figures), *notes, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
