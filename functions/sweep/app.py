"""Every minute: what is overdue is done, so that nothing depends on a stream or a message having come."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tillbridge import wiring

logger = Logger()
metrics = Metrics()

ROUNDS = 20
ENOUGH_TIME_MS = 15_000
"""A further round begins only while so much time is left."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """See to files that owe the bucket something, wake agents with unanswered jobs, go on with imports."""
    failures: list[Exception] = []
    done = {
        "files": _all(wiring.payment_files().sweep, context, failures),
        "jobs": _all(wiring.devices().wake_due, context, failures),
        "imports": _all(wiring.overdue_imports().sweep, context, failures),
    }
    metrics.add_metric(name="OverdueFiles", unit=MetricUnit.Count, value=done["files"])
    metrics.add_metric(name="OverdueJobs", unit=MetricUnit.Count, value=done["jobs"])
    metrics.add_metric(name="OverdueImports", unit=MetricUnit.Count, value=done["imports"])
    if failures:
        raise ExceptionGroup("the sweep left something undone", failures)
    return done


def _all(sweep: Callable[[], int], context: Any, failures: list[Exception]) -> int:
    """Sweep until nothing is due; what one sweep raises is kept, so that the other is still done."""
    done = 0
    for _ in range(ROUNDS):
        try:
            seen_to = sweep()
        except Exception as failure:  # noqa: BLE001 - raised by the handler, once all is swept
            failures.append(failure)
            break
        done += seen_to
        if not seen_to or context.get_remaining_time_in_millis() < ENOUGH_TIME_MS:
            break
    return done
