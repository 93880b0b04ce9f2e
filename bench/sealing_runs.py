"""Runs in a process of its own: reads the journal barely, seals it, or checks it; tells work and memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tillbridge import wiring
from tillbridge.ledger.rows import JOURNAL_SHARDS

DAYS = 8
"""The first seal looks a week back."""


def read_barely() -> int:
    """The number of rows in the same partitions, through the same client, each page just let go."""
    dynamodb, table_name = wiring.client("dynamodb"), wiring.setting("LEDGER_TABLE")
    count = 0
    for branch in [branch.id for branch in wiring.access().every_branch()]:
        for day in range(DAYS):
            date = (datetime.now(UTC) - timedelta(days=day)).date().isoformat()
            for shard in range(JOURNAL_SHARDS):
                asked: dict[str, Any] = {
                    "TableName": table_name,
                    "ConsistentRead": True,
                    "KeyConditionExpression": "pk = :pk",
                    "ExpressionAttributeValues": {":pk": {"S": f"JOURNAL#{branch}#{date}#{shard}"}},
                }
                while True:
                    page = dynamodb.query(**asked)
                    count += len(page["Items"])
                    if "LastEvaluatedKey" not in page:
                        break
                    asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    return count


def seal() -> int:
    """The number of entries that were sealed."""
    made = [done.seal for done in wiring.sealing().seal_all(lambda: True) if done.seal]
    return sum(each.leaves for each in made)


def verify() -> int:
    """The number of entries that were checked."""
    today = datetime.now(UTC).date()
    verdict = wiring.verification().verify(today - timedelta(days=1), today)
    if verdict.findings:
        raise SystemExit(str(verdict.findings))
    return verdict.entries


def main(what: str) -> None:
    """Do it once and tell."""
    wiring.verification()
    wiring.sealing()
    started_s = time.process_time()
    entries = {"read": read_barely, "seal": seal, "verify": verify}[what]()
    taken_s = time.process_time() - started_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"entries": entries, "taken_s": taken_s, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(sys.argv[1])
