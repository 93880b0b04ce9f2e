"""Every minute: what is overdue is done, so that nothing depends on a stream or a message having come."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tillbridge import wiring

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """See to files that still owe the bucket something, and wake agents whose jobs nobody answered."""
    done = {"files": wiring.payment_files().sweep(), "jobs": wiring.devices().wake_due()}
    metrics.add_metric(name="OverdueFiles", unit=MetricUnit.Count, value=done["files"])
    metrics.add_metric(name="OverdueJobs", unit=MetricUnit.Count, value=done["jobs"])
    return done
