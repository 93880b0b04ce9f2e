"""Runs in a process of its own: the payments handler and the bare calls that it makes, in turn.

Before each run the handler is *rehearsed* for the payment: its reads go out, its writes are only noted and
answered as if they had been done. Then the payment is recorded for real, by the handler or by the noted calls
on the same clients: the same calls with the same payloads in the same order, and nothing around them. Both
are rehearsed, so that both come after the same quiet moment.
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from botocore import xform_name
from botocore.awsrequest import AWSResponse

from functions.payments_api import app
from tillbridge import wiring

SERVICES = ("dynamodb", "s3", "sqs")
WRITES = ("TransactWriteItems", "PutObject", "SendMessage")
Call = Callable[[], Any]


class Context:
    """What Lambda tells a function about the call."""

    function_name = "payments-api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:payments-api"
    aws_request_id = "6f0cfa5c-2f4e-4b06-9d9f-0c5a4c0e6c11"


class Rehearsal:
    """Notes every AWS call while it is open, and keeps writes back."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.names: list[str] = []

    def __enter__(self) -> Rehearsal:
        for service in SERVICES:
            events = wiring.client(service).meta.events
            events.register("provide-client-params", self._note, unique_id="bench-note")
            events.register("before-send", self._answer, unique_id="bench-answer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for service in SERVICES:
            events = wiring.client(service).meta.events
            events.unregister("provide-client-params", unique_id="bench-note")
            events.unregister("before-send", unique_id="bench-answer")

    def _note(self, event_name: str, params: dict[str, Any], **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        method = getattr(wiring.client(service), xform_name(operation))
        kept = copy.deepcopy(params)
        self.calls.append(lambda: method(**kept))
        self.names.append(operation)

    def _answer(self, event_name: str, request: Any, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        if operation not in WRITES:
            return None
        body = b"{}"
        if operation == "SendMessage":
            sent = json.loads(request.body)["MessageBody"].encode()
            digest = hashlib.md5(sent, usedforsecurity=False).hexdigest()
            body = json.dumps({"MessageId": "0", "MD5OfMessageBody": digest}).encode()
        return AWSResponse(request.url, 200, {}, _Raw(b"" if operation == "PutObject" else body))


class _Raw:
    """A body in the form in which botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        """The whole body in one piece."""
        yield self._body


def rehearse(event: dict[str, Any]) -> Rehearsal:
    """What the handler would call for this event as things stand."""
    with Rehearsal() as rehearsal:
        handle(event)
    return rehearsal


def handle(event: dict[str, Any]) -> float:
    """The seconds of one payment in the handler."""
    started_s = time.perf_counter()
    answer = app.handler(event, Context())
    taken_s = time.perf_counter() - started_s
    if answer["statusCode"] != 201:
        raise SystemExit(f"the handler answered {answer}")
    return taken_s


def call_barely(rehearsal: Rehearsal) -> float:
    """The seconds of the calls that one payment makes, bare."""
    started_s = time.perf_counter()
    for call in rehearsal.calls:
        call()
    return time.perf_counter() - started_s


def event_of(template: dict[str, Any], number: str) -> dict[str, Any]:
    """The event of a request that records a payment under this number."""
    event = json.loads(json.dumps(template).replace("@NUMBER@", number))
    return dict(event)


def main(template: dict[str, Any], pairs: int, warming: int) -> dict[str, Any]:
    """Handler and bare calls in turn, each pair in the other order than the one before."""
    wiring.payments()
    ours_s: list[float] = []
    floor_s: list[float] = []
    names: list[str] = []
    for place in range(-warming, pairs):
        for bare in (False, True) if place % 2 else (True, False):
            event = event_of(template, f"{'Bare' if bare else 'Ours'}-{place}")
            rehearsal = rehearse(event)
            taken_s = call_barely(rehearsal) if bare else handle(event)
            if place >= 0:
                (floor_s if bare else ours_s).append(taken_s)
                names = rehearsal.names
    return {"ours_s": ours_s, "floor_s": floor_s, "calls": names}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    measured = main(asked["event"], asked["pairs"], asked["warming"])
    Path(asked["answer"]).write_text(json.dumps(measured), encoding="utf-8")
