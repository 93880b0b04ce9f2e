"""Every hour: what was written into the journal since is sealed (LE-3)."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tillbridge import wiring
from tillbridge.ledger.seals import Finding

logger = Logger()
metrics = Metrics()

ENOUGH_TIME_MS = 420_000
"""A further seal is begun only while so much time is left: the largest takes half of it."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Make seals until everything that is old enough has one; what cannot be sealed is loud in the end."""
    seals, entries = 0, 0
    findings: dict[Finding, None] = {}
    try:
        for done in wiring.sealing().seal_all(lambda: _has_time(context)):
            findings |= dict.fromkeys(done.findings)
            if done.seal is not None and done.ours:
                seals, entries = seals + 1, entries + done.seal.leaves
                logger.info("sealed", seal=done.seal.number, entries=done.seal.leaves, hash=done.seal.hash)
    finally:
        metrics.add_metric(name="Seals", unit=MetricUnit.Count, value=seals)
        metrics.add_metric(name="SealedEntries", unit=MetricUnit.Count, value=entries)
    if findings:
        told = ", ".join(f"{one.fault} (seal {one.seal}) {one.entry}".rstrip() for one in findings)
        raise RuntimeError(f"the journal or its seals have been tampered with: {told}")
    return {"seals": seals, "entries": entries}


def _has_time(context: Any) -> bool:
    left_ms: int = context.get_remaining_time_in_millis()
    return left_ms >= ENOUGH_TIME_MS
