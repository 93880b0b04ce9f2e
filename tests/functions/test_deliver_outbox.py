"""The stream of the payments table: deliveries are noted, and nothing is done twice (PF-9, PF-14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.deliver_outbox.app import handler
from tests.functions.calls import calls, failing
from tests.functions.shops import Context, Shop, bucket, directory, event, open_shop, stream_event
from tillbridge.kernel.errors import Unavailable

FILE = "erp.bucket.Bon-01-0019-19.in"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        opened.put_interface().done()
        opened.send(event("payments_api")).done()
        yield opened


def test_the_recorded_event_notes_the_delivery(shop: Shop) -> None:
    """PF-14: the event of the payment that ``events/payments_api.json`` records."""
    assert handler(event("deliver_outbox"), Context()) == {"batchItemFailures": []}
    assert shop.state_of(FILE) == "delivered"
    assert shop.happened_to(FILE) == ["made", "delivered"]


def test_the_recorded_event_is_what_the_table_would_tell(shop: Shop) -> None:
    """Its row has the attributes and keys of a row as it is written today."""
    [row] = [row for row in shop.table("PAYMENTS_TABLE") if "due_key" in row]
    [made] = stream_event([row])["Records"]
    [recorded] = event("deliver_outbox")["Records"]
    assert made["dynamodb"]["NewImage"] == recorded["dynamodb"]["NewImage"]
    assert made["dynamodb"]["Keys"] == recorded["dynamodb"]["Keys"]


def test_the_same_event_again_changes_nothing(shop: Shop) -> None:
    """PF-9: a stream delivers at least once."""
    handler(event("deliver_outbox"), Context())
    before = shop.all_that_is_written()
    for _ in range(3):
        handler(event("deliver_outbox"), Context())
    assert shop.all_that_is_written() == before


def test_what_may_still_be_put_by_its_maker_is_left_alone(shop: Shop) -> None:
    """PF-9: nothing is in the bucket yet, the function that records is perhaps just putting it."""
    with failing("s3", "PutObject", "before-call"):
        shop.record("B-1").done()
    before = shop.all_that_is_written()
    rows = [
        row for row in shop.table("PAYMENTS_TABLE") if row["pk"]["S"] == "PAYMENT#b-1" and "due_key" in row
    ]
    assert handler(stream_event(rows), Context()) == {"batchItemFailures": []}
    assert shop.all_that_is_written() == before


def test_rows_that_are_no_files_are_passed_over(shop: Shop) -> None:
    before = shop.all_that_is_written()
    others = [row for row in shop.table("PAYMENTS_TABLE") if not row["sk"]["S"].startswith("FILE#")]
    assert len(others) >= 3
    with calls() as seen:
        assert handler(stream_event(others), Context()) == {"batchItemFailures": []}
    assert seen == []
    assert shop.all_that_is_written() == before


@pytest.mark.parametrize("operation", ["ListObjectVersions"])
def test_only_the_record_that_failed_is_tried_again(shop: Shop, operation: str) -> None:
    """A failing record holds up no other."""
    shop.record("B-1").done()
    rows = sorted(
        (row for row in shop.table("PAYMENTS_TABLE") if "due_key" in row), key=lambda row: row["pk"]["S"]
    )
    batch = stream_event(rows)
    with failing("s3", operation, "before-call"):
        answer = handler(batch, Context())
    first = batch["Records"][0]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": first}]}
    assert shop.state_of("erp.bucket.B-1.in") == "pending"
    assert shop.state_of(FILE) == "delivered"
    assert handler(batch, Context()) == {"batchItemFailures": []}
    assert shop.state_of("erp.bucket.B-1.in") == "delivered"


def test_a_batch_in_which_everything_failed_says_so(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """In its log too: the call itself ends well, so that nothing else would tell why."""
    with failing("s3", "ListObjectVersions", "before-call"):
        answer = handler(event("deliver_outbox"), Context())
    assert len(answer["batchItemFailures"]) == 1
    assert shop.state_of(FILE) == "pending"
    [told] = [record for record in caplog.records if record.message == "record not followed up"]
    assert told.exc_info is not None
    assert told.exc_info[0] is Unavailable


def test_a_delivery_is_noted_with_few_calls(shop: Shop) -> None:
    """One read, one look into the bucket, one write."""
    with calls() as seen:
        handler(event("deliver_outbox"), Context())
    assert [name for name, _ in seen] == ["GetItem", "ListObjectVersions", "TransactWriteItems"]


def test_files_of_folders_never_come_by_the_stream(shop: Shop) -> None:
    """They owe the bucket nothing; the template's filter lets only rows with ``due_key`` through."""
    shop.put_interface("shop", targets=[directory(), bucket("x/")]).done()
    shop.record("B-1").done()
    due = {row["sk"]["S"] for row in shop.table("PAYMENTS_TABLE") if "due_key" in row}
    assert due == {"FILE#erp#bucket", "FILE#shop#bucket"}
