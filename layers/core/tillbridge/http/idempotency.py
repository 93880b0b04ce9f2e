"""What was asked, in a form that stays the same for the same request however it is written (PF-12)."""

from __future__ import annotations

import json
from hashlib import sha256

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2


def fingerprint(event: APIGatewayProxyEventV2) -> str:
    """SHA-256 over method, path and body; the order of a body's names and its blanks don't matter."""
    body = json.loads(event.decoded_body or "null")
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(f"{event.http_method} {event.path}\n{canonical}".encode()).hexdigest()
