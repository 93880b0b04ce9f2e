"""SQS: one queue per agent, first in first out per device."""

from __future__ import annotations

from json import dumps
from typing import Any

from botocore.exceptions import ClientError

from .failures import error_code, outside

RETENTION_S = 14 * 24 * 3600
"""A queue keeps what was sent for fourteen days, the most that SQS offers."""

_MISSING = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


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

    def send(self, queue_url: str, body: dict[str, Any], *, group: str, deduplication: str) -> bool:
        """Send one message; False when the queue is gone (its agent was replaced)."""
        try:
            with outside():
                self.client.send_message(
                    QueueUrl=queue_url,
                    MessageBody=dumps(body, ensure_ascii=False, separators=(",", ":")),
                    MessageGroupId=group,
                    MessageDeduplicationId=deduplication,
                )
        except ClientError as error:
            if error_code(error) in _MISSING:
                return False
            raise
        return True
