"""Stream of the payments table: follow up files that owe the bucket something."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from tillbridge import wiring
from tillbridge.payments.rows import key_of

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def follow_up(record: DynamoDBRecord) -> None:
    """Note the delivery of the file that this record tells of; what fails is told, then tried again."""
    keys = record.dynamodb.keys if record.dynamodb else None
    key = key_of(keys["pk"], keys["sk"]) if keys else None
    if not key:
        return
    try:
        wiring.payment_files().see_to(key)
    except Exception:
        logger.exception("record not followed up", payment=key.folded_number, interface=key.interface)
        raise


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A record that failed is tried again, a bounded number of times; then the sweep finds its file."""
    answer = process_partial_response(event, follow_up, processor, context)
    followed_up = len(event["Records"]) - len(answer["batchItemFailures"])
    metrics.add_metric(name="RecordsFollowedUp", unit=MetricUnit.Count, value=followed_up)
    failed = len(answer["batchItemFailures"])
    metrics.add_metric(name="RecordsFailed", unit=MetricUnit.Count, value=failed)
    return dict(answer)
