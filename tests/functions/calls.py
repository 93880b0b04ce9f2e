"""The functions' calls to AWS: counted, or made to time out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tillbridge import wiring

SERVICES = ("dynamodb", "s3", "sqs", "sts", "cognito-idp")


@contextmanager
def failing(service: str, operation: str, moment: str, *, times: int = 1) -> Iterator[list[str]]:
    """Calls of the functions to AWS time out: ``before-call`` without effect, ``after-call`` with it."""
    events = wiring.client(service).meta.events
    name = f"{moment}.{service}.{operation}"
    failed: list[str] = []

    def fail(**_: Any) -> None:
        if len(failed) < times:
            failed.append(operation)
            raise ReadTimeoutError(endpoint_url=f"https://{service}.eu-central-1.amazonaws.com")

    events.register(name, fail)
    try:
        yield failed
    finally:
        events.unregister(name, fail)


@contextmanager
def calls() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Every call of the functions to AWS meanwhile: operation and its parameters."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((model.name, params))

    for service in SERVICES:
        wiring.client(service).meta.events.register("provide-client-params", note)
    try:
        yield seen
    finally:
        for service in SERVICES:
            wiring.client(service).meta.events.unregister("provide-client-params", note)
