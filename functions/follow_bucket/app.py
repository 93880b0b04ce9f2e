"""EventBridge from S3: what happened to payment files in the bucket is noted in their history (PF-14)."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tillbridge import wiring

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _context: Any) -> dict[str, bool]:
    """An object created is a file delivered; a delete marker tells of a consumer, who so took it.

    What the bridge itself withdraws leaves no marker; the rule in the template passes no other deletions on.
    """
    detail = event["detail"]
    key = str(detail["object"]["key"])
    if event["detail-type"] == "Object Created":
        noted = wiring.payment_files().note_delivery(key)
    else:
        noted = wiring.payment_files().note_pickup(key, str(detail.get("requester") or "a consumer"))
    metrics.add_metric(name="BucketEventsNoted", unit=MetricUnit.Count, value=int(noted))
    return {"noted": noted}
