"""SQS from S3: a file came into the inbox of imports; it is kept, read, and its rows are handed over."""

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from tillbridge import wiring
from tillbridge.reconciliation.intake import Upload

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.SQS)
"""One message a call: where its work fails the whole call does, so that it is logged, counted and alarms."""


def take_in(record: SQSRecord) -> None:
    """Take in each file that the message tells of; S3's test message tells of none."""
    for told in record.json_body.get("Records", []):
        file = told["s3"]["object"]
        upload = Upload(
            key=unquote_plus(file["key"]),
            version_id=file.get("versionId", ""),
            principal=told.get("userIdentity", {}).get("principalId", "unknown"),
        )
        one = wiring.intake().receive(upload)
        if one is not None:
            reason = one.stops[0].code if one.stops else ""
            logger.info("file taken in", import_id=one.id, state=one.state.value, reason=reason)
            metrics.add_metric(name=f"Imports-{one.state.value}", unit=MetricUnit.Count, value=1)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A message that failed is delivered again, a bounded number of times."""
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(event["Records"]))
    return dict(process_partial_response(event, take_in, processor, context))
