"""EventBridge from S3: a consumer took a payment file by deleting it in the bucket; its history says so."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tillbridge import wiring

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _context: Any) -> dict[str, bool]:
    """A delete marker tells of a consumer; what the bridge itself withdraws leaves none."""
    detail = event["detail"]
    by = str(detail.get("requester") or "a consumer of the bucket")
    noted = wiring.payment_files().note_pickup(str(detail["object"]["key"]), by)
    metrics.add_metric(name="PickupsNoted", unit=MetricUnit.Count, value=int(noted))
    return {"noted": noted}
