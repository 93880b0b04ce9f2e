"""SQS: a chunk of an import is assessed, booked or taken back, or its report is written (RI-37)."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from tillbridge import wiring
from tillbridge.reconciliation.import_model import Step

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.SQS)
"""One message a call: where its work fails the whole call does, so that it is logged, counted and alarms."""

ENOUGH_TIME_MS = 30_000
"""A further slice is begun only while so much time is left."""


def work_on(record: SQSRecord, lambda_context: Any) -> None:
    """Do what the message asks for; where time runs out, another message asks for the rest."""
    asked = record.json_body
    step = Step(asked["step"])
    done = wiring.settling().run(
        asked["import"],
        asked["attempt"],
        asked["chunk"],
        step,
        lambda: bool(lambda_context.get_remaining_time_in_millis() > ENOUGH_TIME_MS),
    )
    logger.info(
        "chunk worked on", import_id=asked["import"], chunk=asked["chunk"], step=step.value, done=done
    )
    metrics.add_metric(name="ChunksWorkedOn", unit=MetricUnit.Count, value=1)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A message that failed is delivered again, a bounded number of times; then the sweep asks anew."""
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(event["Records"]))
    return dict(process_partial_response(event, work_on, processor, context))
