"""Someone who calls the API: signs in as a till or a person does, then speaks HTTP and JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import urllib3
from botocore import UNSIGNED
from botocore.config import Config

from local.cloud import LocalCloud

TIMEOUT_S = 30.0
Answer = dict[str, Any]


class Unwelcome(Exception):
    """An answer that is no success: its status, and the code and words of the problem."""

    def __init__(self, status: int, problem: Answer) -> None:
        kind = str(problem.get("type", ""))
        self.status = status
        self.code = kind.removeprefix("urn:tillbridge:problem:")
        super().__init__(f"{status}: {problem.get('detail') or problem.get('message') or problem}")


class Caller:
    """One user with a token of its own; it has no rights on AWS."""

    def __init__(self, cloud: LocalCloud, client_id: str, username: str, secret: str) -> None:
        self.username = username
        self._api_url = cloud.api_url
        self._http = urllib3.PoolManager(timeout=TIMEOUT_S, retries=False)
        self._token = _sign_in(cloud, client_id, username, secret)

    def call(self, method: str, path: str, body: Answer | None = None, key: str | None = None) -> Answer:
        """The answer's JSON; `Unwelcome` for anything but a success."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        content = json.dumps(body).encode() if body is not None else None
        answer = self._http.request(method, self._api_url + path, body=content, headers=headers)
        said: Answer = json.loads(answer.data or b"{}")
        if answer.status >= 300:  # noqa: PLR2004 - HTTP: from here on it is no success
            raise Unwelcome(answer.status, said)
        return said

    def close(self) -> None:
        """Give up the connections."""
        self._http.clear()


def _sign_in(cloud: LocalCloud, client_id: str, username: str, secret: str) -> str:
    anybody = boto3.client(
        "cognito-idp",
        region_name=cloud.region,
        endpoint_url=cloud.endpoint_url,
        config=Config(signature_version=UNSIGNED, proxies={}),
    )
    try:
        granted = anybody.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": secret},
        )
    finally:
        anybody.close()
    return str(granted["AuthenticationResult"]["AccessToken"])


def wait_for(what: Callable[[], object], timeout_s: float = 60.0, look_again_s: float = 0.02) -> float | None:
    """The seconds until `what()` became true; None when it did not."""
    started_s = time.monotonic()
    while not what():
        if time.monotonic() - started_s > timeout_s:
            return None
        time.sleep(look_again_s)
    return time.monotonic() - started_s
