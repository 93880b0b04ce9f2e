"""The cloud's HTTP API as the agent uses it: TLS checked, everything timed, answers read with distrust."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from tillbridge_agent import __version__
from tillbridge_agent.errors import Malformed, NotReady, Refused, Unavailable
from tillbridge_agent.model import Answered, DeviceNews, Sighting

_TIMEOUT = urllib3.Timeout(connect=5.0, read=30.0)
_ASK_AGAIN = {408, 425, 429}
_NOT_LET_IN = {401, 403}
_CLIENT_FAULT, _SERVER_FAULT = 400, 500
_UNAUTHORIZED = 401


class Tokens(Protocol):
    """Where access tokens come from; identity.SignIn."""

    def token(self) -> str:
        """A token that is valid now."""
        ...

    def discard(self, token: str) -> None:
        """This token was not accepted."""
        ...


@dataclass(frozen=True, slots=True)
class QueueAccess:
    """Short-lived credentials for this agent's queue alone; `lifetime_s` counts from the answer's arrival."""

    queue_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    lifetime_s: float


class Cloud:
    """The calls of the agent protocol. Refused: the answer is no. Unavailable: try again."""

    def __init__(
        self, api: str, tokens: Tokens | None = None, *, ca_file: str = "", language: str = "en"
    ) -> None:
        self._api = proved_address(api)
        self._tokens = tokens
        self._http = _pool(self._api, ca_file)
        self._headers = {
            "Accept": "application/json",
            "Accept-Language": language,
            "User-Agent": f"tillbridge-agent/{__version__}",
        }
        self.clock_ahead_s: float | None = None
        """How far this PC's clock is ahead of the cloud's, by the last answer; None before the first."""

    def enrol(self, code: str, enrolment_id: str, host_name: str) -> dict[str, str]:
        """Use a one-time code; the same code with the same id may be repeated and gives the same agent."""
        answer = self._call(
            "POST",
            "/enrolments",
            {
                "code": code,
                "enrolment_id": enrolment_id,
                "host_name": host_name,
                "agent_version": __version__,
            },
            signed=False,
        )
        return {name: value for name, value in answer.items() if isinstance(value, str)}

    def queue_access(self) -> QueueAccess:
        """New credentials for the queue."""
        answer = self._call("POST", "/queue-credentials", {})
        texts = ("queue_url", "region", "access_key_id", "secret_access_key", "session_token")
        if not all(isinstance(answer.get(name), str) for name in (*texts, "expires_at")):
            raise Malformed("queue-credentials", "fields are missing")
        try:
            expires_at = datetime.fromisoformat(answer["expires_at"]).astimezone(UTC)
        except ValueError as broken:
            raise Malformed("queue-credentials.expires_at", "is no moment") from broken
        lifetime_s = (expires_at - datetime.now(UTC)).total_seconds() + (self.clock_ahead_s or 0.0)
        return QueueAccess(**{name: answer[name] for name in texts}, lifetime_s=lifetime_s)

    def devices(self) -> list[DeviceNews]:
        """The devices of this workstation with their last sequences."""
        return [DeviceNews.of(row) for row in self._rows("/devices", "devices")]

    def jobs(self, device: str, after: int) -> list[object]:
        """Up to 100 jobs of a device after a sequence, ascending."""
        return self._rows("/jobs?" + urlencode({"device": device, "after": after}), "jobs")

    def send_results(self, results: Sequence[Answered]) -> list[tuple[str, int]]:
        """Report results; returns which the cloud has."""
        answer = self._call("POST", "/job-results", {"results": [asdict(result) for result in results]})
        accepted = answer.get("accepted")
        if not isinstance(accepted, list):
            raise Malformed("job-results.accepted", "must be a list")
        return [
            (str(row["device"]), int(row["sequence"]))
            for row in accepted
            if isinstance(row, dict) and "device" in row and type(row.get("sequence")) is int
        ]

    def send_sightings(self, sightings: Sequence[Sighting]) -> None:
        """Report files that their consumer has taken."""
        rows = [{**asdict(seen), "event": "collected"} for seen in sightings]
        self._call("POST", "/file-sightings", {"sightings": rows})

    def send_health(
        self, at: str, host_name: str, open_jobs: int, blocked: Sequence[tuple[str, str, str]]
    ) -> None:
        """Report the agent's health."""
        rows = [{"device": device, "problem": problem, "since": since} for device, problem, since in blocked]
        report = {"agent_version": __version__, "host_name": host_name, "at": at, "open_jobs": open_jobs}
        self._call("POST", "/health-reports", {**report, "blocked": rows})

    def _rows(self, path: str, name: str) -> list[object]:
        rows = self._call("GET", path).get(name)
        if not isinstance(rows, list):
            raise Malformed(name, "must be a list")
        return rows

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, signed: bool = True
    ) -> dict[str, Any]:
        token = self._tokens.token() if signed and self._tokens else ""
        status, answer = self._send(method, path, body, token)
        if status == _UNAUTHORIZED and token and self._tokens:
            # The token may have run out while the PC slept; a new one is tried once.
            self._tokens.discard(token)
            status, answer = self._send(method, path, body, self._tokens.token())
        if status in _NOT_LET_IN and signed:
            raise Unavailable(f"the cloud does not let this agent in ({status})")
        if status >= _CLIENT_FAULT:
            problem = str(answer.get("type", "")).rpartition(":")[2] or f"http-{status}"
            raise Refused(problem, status, str(answer.get("detail", "")))
        return answer

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None, token: str
    ) -> tuple[int, dict[str, Any]]:
        headers = dict(self._headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, separators=(",", ":")).encode()
        try:
            answer = self._http.request(
                method, self._api + path, body=content, headers=headers,
                timeout=_TIMEOUT, retries=False, redirect=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as broken:
            raise Unavailable(f"{type(broken).__name__} at {method} {path.partition('?')[0]}") from broken
        self._compare_clocks(answer.headers.get("Date"))
        if answer.status in _ASK_AGAIN or answer.status >= _SERVER_FAULT:
            raise Unavailable(
                f"{answer.status} at {path}", retry_after_s=_seconds(answer.headers.get("Retry-After"))
            )
        try:
            parsed = json.loads(answer.data or b"{}")
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            if answer.status < _CLIENT_FAULT:
                raise Unavailable(f"no JSON at {path}: something else answers at this address")
            parsed = {}
        return answer.status, parsed

    def _compare_clocks(self, date: str | None) -> None:
        if date:
            try:
                self.clock_ahead_s = time.time() - parsedate_to_datetime(date).timestamp()
            except ValueError:
                return


def proved_address(api: str) -> str:
    """The API's address without a slash at its end; NotReady unless it is https (or this very PC)."""
    parts = urlsplit(api)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.scheme not in {"https", "http"} or (parts.scheme == "http" and not local):
        raise NotReady("api-not-https", api=api)
    return api.rstrip("/")


def _pool(api: str, ca_file: str) -> urllib3.PoolManager:
    """Connections that check certificates, through the proxy of this PC if it has one."""
    parts = urlsplit(api)
    trust: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED", **({"ca_certs": ca_file} if ca_file else {})}
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, maxsize=4, **trust)
    return urllib3.PoolManager(maxsize=4, **trust)


def _seconds(retry_after: str | None) -> float:
    return min(float(retry_after), 300.0) if retry_after and retry_after.isdigit() else 0.0


def moment_text(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str:
    """The moment as it is noted and reported: UTC with milliseconds and Z."""
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
