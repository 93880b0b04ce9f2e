"""From a resolver to the handler that Lambda calls: one log context, one metric for each request."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from .resolver import SERVICE, Resolver

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_FIRST_REFUSAL = 400
_FIRST_FAILURE = 500


def entry(
    app: Resolver, connect: Callable[[], object], sign_in_clients: Callable[[], Mapping[str, str]] = dict
) -> Handler:
    """The handler of a function that answers HTTP.

    ``connect`` wires the function; it runs before a snapshot is taken (SnapStart), so that restored functions
    have their clients at hand, and otherwise at the first request. ``sign_in_clients`` tells through which
    app client of the user pool each kind of caller (till, agent, person) signs in.
    """
    app.sign_in_clients = sign_in_clients
    logger = Logger(service=SERVICE)
    metrics = Metrics(namespace="Tillbridge", service=SERVICE)

    def prepare() -> None:
        connect()
        app.warm()

    _before_snapshot(prepare)

    @logger.inject_lambda_context
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        answer = app.resolve(event, context)
        metrics.add_metric(name=_outcome(answer["statusCode"]), unit=MetricUnit.Count, value=1)
        return answer

    return handler


def _outcome(status: int) -> str:
    if status >= _FIRST_FAILURE:
        return "RequestsFailed"
    return "RequestsRefused" if status >= _FIRST_REFUSAL else "RequestsAnswered"


def _before_snapshot(prepare: Callable[[], None]) -> None:
    with contextlib.suppress(ModuleNotFoundError):  # only Lambda's own runtimes bring it along
        importlib.import_module("snapshot_restore_py").register_before_snapshot(prepare)
