"""STS: short-lived credentials for one queue and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from typing import Any

from .failures import outside

LIFETIME_S = 3600
"""Role chaining allows one hour at most."""


@dataclass(frozen=True, slots=True)
class QueueCredentials:
    """Credentials of an agent for its own queue."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime


class CredentialsDesk:
    """Hands out credentials of one role, narrowed to one queue by a session policy."""

    def __init__(self, client: Any, role_arn: str, key_arn: str | None) -> None:
        self.client = client
        self.role_arn = role_arn
        self.key_arn = key_arn

    def for_queue(self, queue_arn: str, session_name: str) -> QueueCredentials:
        """Credentials that may receive from and delete in that queue for an hour."""
        statements: list[dict[str, Any]] = [
            {
                "Effect": "Allow",
                "Action": [
                    "sqs:ReceiveMessage",
                    # With a star: the local cloud knows batches as actions of their own. The role has none.
                    "sqs:DeleteMessage*",
                    "sqs:ChangeMessageVisibility*",
                    "sqs:GetQueueAttributes",
                ],
                "Resource": queue_arn,
            }
        ]
        if self.key_arn:
            statements.append({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": self.key_arn})
        with outside():
            answer = self.client.assume_role(
                RoleArn=self.role_arn,
                RoleSessionName=session_name[:64],
                DurationSeconds=LIFETIME_S,
                Policy=dumps({"Version": "2012-10-17", "Statement": statements}),
            )
        given = answer["Credentials"]
        return QueueCredentials(
            given["AccessKeyId"],
            given["SecretAccessKey"],
            given["SessionToken"],
            given["Expiration"].astimezone(UTC),
        )
