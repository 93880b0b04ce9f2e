"""What kills workers of imports: a process that is gone before or after any call to AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tillbridge import wiring

MOMENTS = ("before-call", "after-call")


class Killed(BaseException):
    """The process is gone; nothing of ours may catch it."""


@contextmanager
def dying(at: int, moment: str) -> Iterator[list[str]]:
    """The process dies at its call number ``at`` to AWS: before it has any effect, or before its answer
    comes.
    """
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)
        if len(calls) == at:
            raise Killed

    with _hooked(moment, count):
        yield calls


@contextmanager
def _hooked(moment: str, act: Callable[..., None]) -> Iterator[None]:
    clients = (
        (wiring.client("dynamodb"), "dynamodb"),
        (wiring.client("sqs"), "sqs"),
        (wiring._patient_files(), "s3"),
    )
    for client, service in clients:
        client.meta.events.register(f"{moment}.{service}", act)
    try:
        yield
    finally:
        for client, service in clients:
            client.meta.events.unregister(f"{moment}.{service}", act)
