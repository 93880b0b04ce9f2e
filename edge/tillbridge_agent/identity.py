"""Who this agent is: enrolled once with a code, signed in to Cognito from then on (DV-1, PE-1)."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from tillbridge_agent.errors import NotReady, Unavailable
from tillbridge_agent.pauses import jittered

IDENTITY_NAME = "identity.json"
ENROLMENT_NAME = "enrolment.json"
_LEAST_LIFETIME_S = 30.0


@dataclass(frozen=True, slots=True)
class Identity:
    """What enrolment gave us; the password is a secret of this PC."""

    api: str
    agent_id: str
    branch: str
    workstation: str
    username: str
    password: str
    client_id: str
    region: str

    @property
    def place(self) -> str:
        """Branch and workstation in one text."""
        return f"{self.branch}/{self.workstation}"


def load(state: Path) -> Identity:
    """The identity kept in the state folder; NotReady when there is none or it cannot be read."""
    path = state / IDENTITY_NAME
    try:
        kept = json.loads(path.read_text("utf-8"))
        return Identity(**kept)
    except FileNotFoundError:
        raise NotReady("not-enrolled", folder=str(state)) from None
    except PermissionError as forbidden:
        raise NotReady("state-not-usable", folder=str(state), reason=forbidden.strerror or "") from forbidden
    except (OSError, ValueError, TypeError) as broken:
        raise NotReady("identity-broken", path=str(path), reason=type(broken).__name__) from broken


def save(state: Path, api: str, answer: dict[str, str]) -> Identity:
    """Keep what the enrolment answered, readable for the agent alone, and forget the used code."""
    try:
        identity = Identity(api=api, **{name: answer[name] for name in Identity.__slots__ if name != "api"})
    except KeyError as missing:
        raise NotReady("enrolment-answer-broken", field=str(missing)) from missing
    _write(state / IDENTITY_NAME, asdict(identity))
    (state / ENROLMENT_NAME).unlink(missing_ok=True)
    return identity


def enrolment_id(state: Path, api: str, code: str) -> str:
    """A random id for using this code, on the disk before the call: a lost answer can be asked for again."""
    path = state / ENROLMENT_NAME
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        kept = {}
    if kept.get("code") == code and kept.get("api") == api:
        return str(kept["enrolment_id"])
    begun = {"api": api, "code": code, "enrolment_id": secrets.token_hex(16)}
    _write(path, begun)
    return begun["enrolment_id"]


def _write(path: Path, content: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens from Cognito."""

    access: str
    refresh: str
    lifetime_s: float


class Gate(Protocol):
    """Where one signs in."""

    def by_password(self, username: str, password: str) -> Granted:
        """Sign in with the password; Unavailable when it is not possible now."""
        ...

    def by_refresh(self, refresh: str) -> Granted | None:
        """Renew; None when the refresh token is no longer accepted."""
        ...


class SignIn:
    """Keeps an access token at hand, renewed well before its end, at a moment that differs between agents."""

    def __init__(self, identity: Identity, gate: Gate) -> None:
        self._identity = identity
        self._gate = gate
        self._lock = threading.Lock()
        self._granted: Granted | None = None
        self._renew_at = 0.0

    def token(self) -> str:
        """A token that is valid by all we know."""
        with self._lock:
            if self._granted is None or time.monotonic() >= self._renew_at:
                self._granted = self._renewed()
                lifetime_s = max(self._granted.lifetime_s, _LEAST_LIFETIME_S)
                self._renew_at = time.monotonic() + jittered(0.6 * lifetime_s, 0.85 * lifetime_s)
            return self._granted.access

    def discard(self, token: str) -> None:
        """The cloud did not accept this token: the next call gets another."""
        with self._lock:
            if self._granted is not None and self._granted.access == token:
                self._renew_at = 0.0

    def _renewed(self) -> Granted:
        if self._granted is not None:
            granted = self._gate.by_refresh(self._granted.refresh)
            if granted is not None:
                return granted
        return self._gate.by_password(self._identity.username, self._identity.password)


class CognitoGate:
    """Cognito's user pool, called unsigned: an agent has no AWS credentials of its own."""

    def __init__(self, region: str, client_id: str, ca_file: str = "") -> None:
        self._region = region
        self._client_id = client_id
        self._ca_file = ca_file

    def by_password(self, username: str, password: str) -> Granted:
        """See Gate."""
        granted = self._initiate("USER_PASSWORD_AUTH", {"USERNAME": username, "PASSWORD": password})
        if granted is None:
            raise Unavailable("the sign-in is refused: this agent was disabled or replaced; enrol it again")
        return granted

    def by_refresh(self, refresh: str) -> Granted | None:
        """See Gate."""
        return self._initiate("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": refresh})

    def _initiate(self, flow: str, parameters: dict[str, str]) -> Granted | None:
        # Imported here: it takes a fifth of a second, and open jobs need not wait for it.
        import botocore.session  # noqa: PLC0415
        from botocore import UNSIGNED  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        config = Config(
            signature_version=UNSIGNED, connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 1}
        )
        client = botocore.session.Session().create_client(
            "cognito-idp", region_name=self._region, config=config, verify=self._ca_file or None
        )
        try:
            answer = client.initiate_auth(ClientId=self._client_id, AuthFlow=flow, AuthParameters=parameters)
        except ClientError as refused:
            code = refused.response.get("Error", {}).get("Code", "")
            if code in {"NotAuthorizedException", "UserNotFoundException"}:
                return None
            raise Unavailable(f"the sign-in failed ({code})") from refused
        except BotoCoreError as broken:
            raise Unavailable(f"the sign-in failed ({type(broken).__name__})") from broken
        finally:
            client.close()
        result = answer.get("AuthenticationResult") or {}
        if "AccessToken" not in result:
            raise Unavailable("the sign-in asks for more than a password")
        refresh = result.get("RefreshToken") or parameters.get("REFRESH_TOKEN", "")
        return Granted(result["AccessToken"], refresh, float(result.get("ExpiresIn", 300)))
