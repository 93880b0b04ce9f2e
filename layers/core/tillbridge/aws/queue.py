"""SQS: one queue per agent, first in first out per device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from typing import Any

from botocore.exceptions import ClientError

from tillbridge.kernel.errors import Unavailable

from .failures import error_code, outside

RETENTION_S = 14 * 24 * 3600
"""A queue keeps what was sent for fourteen days, the most that SQS offers."""

MAX_BATCH = 10
"""What one call sends at most."""

_MISSING = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


@dataclass(frozen=True, slots=True)
class Message:
    """A body for a queue; messages of one group keep their order, the same deduplication goes out once."""

    body: dict[str, Any]
    group: str
    deduplication: str


class Queues:
    """Makes the agents' queues and sends to them."""

    def __init__(self, client: Any, name_prefix: str, key_arn: str | None) -> None:
        self.client = client
        self.name_prefix = name_prefix
        self.key_arn = key_arn

    def make(self, name: str) -> str:
        """Make the queue of an agent, or find it made; returns its URL."""
        attributes = {
            "FifoQueue": "true",
            "MessageRetentionPeriod": str(RETENTION_S),
            "ReceiveMessageWaitTimeSeconds": "20",
            "VisibilityTimeout": "30",
        }
        if self.key_arn:
            attributes |= {"KmsMasterKeyId": self.key_arn, "KmsDataKeyReusePeriodSeconds": "86400"}
        with outside():
            answer = self.client.create_queue(
                QueueName=f"{self.name_prefix}{name}.fifo", Attributes=attributes
            )
        return str(answer["QueueUrl"])

    def arn(self, queue_url: str) -> str:
        """The resource name of a queue, for the policy of those who may read it."""
        with outside():
            answer = self.client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def send(self, queue_url: str, messages: Sequence[Message]) -> bool:
        """Send messages in their order, one call for up to ten; False when the queue is gone."""
        entries = [_entry(message) for message in messages]
        try:
            with outside():
                if len(entries) == 1:
                    self.client.send_message(QueueUrl=queue_url, **entries[0])
                    return True
                for start in range(0, len(entries), MAX_BATCH):
                    self._send_batch(queue_url, entries[start : start + MAX_BATCH])
        except ClientError as error:
            if error_code(error) in _MISSING:
                return False
            raise
        return True

    def _send_batch(self, queue_url: str, entries: Sequence[dict[str, str]]) -> None:
        numbered = [{"Id": str(place), **entry} for place, entry in enumerate(entries)]
        answer = self.client.send_message_batch(QueueUrl=queue_url, Entries=numbered)
        if answer.get("Failed"):
            raise Unavailable(f"SendMessageBatch: {answer['Failed'][0].get('Code')}")


def _entry(message: Message) -> dict[str, str]:
    return {
        "MessageBody": dumps(message.body, ensure_ascii=False, separators=(",", ":")),
        "MessageGroupId": message.group,
        "MessageDeduplicationId": message.deduplication,
    }
