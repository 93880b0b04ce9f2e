"""What the emulator has kept on disk is made ready for its next start: here, since it cannot do so itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Kept = dict[str, Any]


def prepare(state: Path, url: str) -> None:
    """Make the kept state ready for a start at this address."""
    _move(state, url)
    _change(state / "lambda.json", _forget_stream_positions)
    _change(state / "sqs.json", _bring_back_messages)


def _move(state: Path, url: str) -> None:
    """Let everything that was kept lie at the new address.

    The emulator knows a queue by its URL, port included: after a start at another port it would find no queue
    that a bucket, a schedule or a function names. Such URLs stand in outputs, in functions' settings and in
    rows of our tables.
    """
    noted = state.parent / "url"
    former = noted.read_text(encoding="utf-8") if noted.is_file() else url
    if former != url:
        for path in sorted(state.glob("*.json")):
            kept = path.read_text(encoding="utf-8")
            if former in kept:
                path.write_text(kept.replace(former, url), encoding="utf-8")
    noted.write_text(url, encoding="utf-8")


def _change(path: Path, change: Callable[[Kept], None]) -> None:
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        change(kept.get("payload", {}))
        path.write_text(json.dumps(kept), encoding="utf-8")


def _forget_stream_positions(kept: Kept) -> None:
    """Let streams start at their first record after a restart.

    The emulator keeps how far it has read a table's stream, but not the stream: it would pass over as many
    new records as it had read before. What it had not read is found by `sweep`, as it would be on AWS.
    """
    kept.pop("dynamodb_stream_positions", None)


def _bring_back_messages(kept: Kept) -> None:
    """Hand out anew what functions were working on when everything stopped.

    On AWS they go on working; here they ended with the cloud, and the next start would wait for up to an hour
    and a half until the message can be seen again. Agents (whose queues are in order) outlive the cloud.
    """
    for queue in _values(kept.get("queues", {})):
        for message in [] if queue.get("is_fifo") else queue.get("messages", []):
            if message.get("receipt_handle"):
                message["visible_at"] = 0


def _values(scoped: Kept) -> Iterator[Kept]:
    """What a store of the emulator holds, whatever account and region it is for."""
    yield from scoped.get("data", {}).values()
