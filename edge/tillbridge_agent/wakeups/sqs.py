"""Wake-ups by Amazon SQS: long polling of this agent's own FIFO queue with short-lived credentials."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from tillbridge_agent.cloud import QueueAccess
from tillbridge_agent.errors import Unavailable
from tillbridge_agent.pauses import jittered
from tillbridge_agent.wakeups import Letter

log = logging.getLogger(__name__)

WAIT_S = 20
MOST_LETTERS = 10
VISIBILITY_S = 10
"""Noting takes milliseconds; after a kill no message of its device comes for so long (the catch-up does)."""
_LEAST_LIFETIME_S = 60.0


class SqsWakeup:
    """The queue; the client is made anew when its credentials near their end or anything fails."""

    def __init__(self, access: Callable[[], QueueAccess], ca_file: str = "") -> None:
        self._access = access
        self._ca_file = ca_file
        self._client: Any = None
        self._queue_url = ""
        self._renew_at = 0.0

    def wait(self) -> list[Letter]:
        """See Wakeup; returns at once when there is a letter, after 20 seconds without."""
        answer = self._call(
            "receive_message",
            MaxNumberOfMessages=MOST_LETTERS,
            WaitTimeSeconds=WAIT_S,
            VisibilityTimeout=VISIBILITY_S,
        )
        return [Letter(message["Body"], message["ReceiptHandle"]) for message in answer.get("Messages", ())]

    def throw_away(self, letters: Sequence[Letter]) -> None:
        """See Wakeup."""
        entries = [
            {"Id": str(place), "ReceiptHandle": letter.receipt} for place, letter in enumerate(letters)
        ]
        answer = self._call("delete_message_batch", Entries=entries)
        for failed in answer.get("Failed", ()):
            log.info("a message will come again: %s", failed.get("Code"))

    def _call(self, name: str, **arguments: object) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  see identity.CognitoGate

        if self._client is None or time.monotonic() >= self._renew_at:
            self._connect()
        try:
            answer: dict[str, Any] = getattr(self._client, name)(QueueUrl=self._queue_url, **arguments)
        except ClientError as refused:
            self._drop()
            raise Unavailable(
                f"the queue answers {refused.response.get('Error', {}).get('Code')}"
            ) from refused
        except BotoCoreError as broken:
            self._drop()
            raise Unavailable(f"the queue cannot be reached ({type(broken).__name__})") from broken
        return answer

    def _connect(self) -> None:
        import botocore.session  # noqa: PLC0415  see identity.CognitoGate
        from botocore.config import Config  # noqa: PLC0415

        access = self._access()
        self._drop()
        self._client = botocore.session.Session().create_client(
            "sqs",
            region_name=access.region,
            aws_access_key_id=access.access_key_id,
            aws_secret_access_key=access.secret_access_key,
            aws_session_token=access.session_token,
            verify=self._ca_file or None,
            config=Config(
                connect_timeout=5,
                read_timeout=WAIT_S + 10,
                retries={"total_max_attempts": 1},
                tcp_keepalive=True,
            ),
        )
        self._queue_url = access.queue_url
        lifetime_s = max(access.lifetime_s, _LEAST_LIFETIME_S)
        self._renew_at = time.monotonic() + jittered(0.6 * lifetime_s, 0.85 * lifetime_s)

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
