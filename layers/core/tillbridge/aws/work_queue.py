"""SQS: a queue of work that any worker may take, in any order, more than once."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Any

from tillbridge.kernel.errors import Unavailable

from .failures import outside

MAX_BATCH = 10
"""What one call sends at most."""


class WorkQueue:
    """One standard queue."""

    def __init__(self, client: Any, url: str) -> None:
        self.client = client
        self.url = url

    def send(self, bodies: Sequence[dict[str, Any]], *, delay_s: int = 0) -> None:
        """Send messages, ten a call; who receives one twice must not mind."""
        for start in range(0, len(bodies), MAX_BATCH):
            entries = [
                {
                    "Id": str(place),
                    "MessageBody": dumps(body, ensure_ascii=False, separators=(",", ":")),
                    "DelaySeconds": delay_s,
                }
                for place, body in enumerate(bodies[start : start + MAX_BATCH])
            ]
            with outside():
                answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if answer.get("Failed"):
                raise Unavailable(f"SendMessageBatch: {answer['Failed'][0].get('Code')}")
