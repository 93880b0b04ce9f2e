"""How fast a file in S3 becomes booked rows on the local cloud: through SQS, both functions and DynamoDB.

The floor writes as many rows of the same size, a hundred in a transaction, with nothing but boto3: what the
emulator and the client take by themselves on this machine.
"""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.figures import Figure
from local import many_rows
from local.caller import Caller
from local.cloud import LocalCloud
from local.finance import Finance

LEAST_ROWS_PER_S = 300
ITEMS_PER_ROW = 2
ITEMS_PER_TRANSACTION = 100
WRITERS = 2


def measure(cloud: LocalCloud, admin: Caller, count: int) -> tuple[list[Figure], list[str]]:
    """Record so many invoices by a file, pay them by another, and time the second."""
    prefix = f"BENCH-{secrets.token_hex(3).upper()}"
    finance = Finance(cloud, admin, "bench-finance")
    try:
        finance.open_books(admin)
        finance.put_profile("bench", "Bench")
        began_s = time.monotonic()
        recorded = finance.upload("bench", f"{prefix}-invoices.csv", many_rows.invoices(prefix, count))
        recorded_s = time.monotonic() - began_s
        began_s = time.monotonic()
        booked = finance.upload("bench", f"{prefix}-payments.csv", many_rows.payments(prefix, count))
        booked_s = time.monotonic() - began_s
    finally:
        finance.close()
    if booked["totals"]["booked"] != count or recorded["totals"]["booked"] != count:
        raise RuntimeError(f"{booked['totals']} of {count} rows; {booked['stops']} {recorded['stops']}")
    rate, floor = count / booked_s, _bare_rows_per_s(cloud, count)
    figure = Figure(
        what="file in S3 → all rows booked",
        ours=f"{rate:,.0f} rows/s",
        floor=f"{floor:,.0f} rows/s",
        figure=f"{floor / rate:.1f} × its time",
        goal=f"≥ {LEAST_ROWS_PER_S} rows/s",
        met=rate >= LEAST_ROWS_PER_S,
    )
    notes = [
        f"{count:,} rows in {booked_s:.1f} s, reading, assessment and report included; "
        f"the invoices before them {count / recorded_s:,.0f} rows/s",
        f"the floor: {ITEMS_PER_ROW} rows of DynamoDB for each, nothing read, {WRITERS} writers",
    ]
    return [figure], notes


def _bare_rows_per_s(cloud: LocalCloud, count: int) -> float:
    table = cloud.outputs["ImportsTable"]
    written = min(count, 5_000)
    transactions = written * ITEMS_PER_ROW // ITEMS_PER_TRANSACTION
    run = secrets.token_hex(4)

    def write(place: int) -> None:
        puts = [_put(table, f"BARE#{run}#{place}#{part}") for part in range(ITEMS_PER_TRANSACTION)]
        cloud.client("dynamodb").transact_write_items(TransactItems=puts)

    began_s = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(transactions)))
    return written / (time.monotonic() - began_s)


def _put(table: str, name: str) -> dict[str, Any]:
    """A row of about the size of a document's or an entry's."""
    row = {"pk": {"S": name}, "sk": {"S": "ROW"}, **{f"field_{n}": {"S": "x" * 20} for n in range(20)}}
    return {"Put": {"TableName": table, "Item": row}}
