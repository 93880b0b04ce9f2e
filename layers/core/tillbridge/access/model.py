"""The nouns of access: roles, callers, branches, workstations, users and audit entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum

from tillbridge.kernel.calendar import zone
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import single_line

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$"
"""A branch's or workstation's id: 1 to 20 letters, digits, ``-``, ``_`` or ``.``, a letter or digit first."""

USERNAME_PATTERN = r"^[a-z0-9][a-z0-9._@+-]{0,127}$"
"""A user's name for signing in: small letters, so that no two users differ by case alone."""

_ID = re.compile(ID_PATTERN[:-1] + r"\Z", re.ASCII)
_USERNAME = re.compile(USERNAME_PATTERN[:-1] + r"\Z", re.ASCII)


class Role(StrEnum):
    """What somebody is in the chain of shops (PE-1); also the name of the group in the user pool."""

    CASHIER = "cashier"
    APPROVER = "approver"
    FINANCE = "finance"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"
    TILL = "till"
    AGENT = "agent"


class AllBranches(Enum):
    """Every branch, also those that will be opened later."""

    ALL = "*"


ALL_BRANCHES = AllBranches.ALL


@dataclass(frozen=True, slots=True)
class WorkstationKey:
    """Which workstation of which branch; written ``01/till-1``."""

    branch: str
    workstation: str

    def __str__(self) -> str:
        return f"{self.branch}/{self.workstation}"

    @classmethod
    def parse(cls, text: str) -> WorkstationKey:
        """Read ``01/till-1``; ``Refused`` when it is not a branch, a slash and a workstation."""
        branch, _, workstation = text.partition("/")
        return cls(checked_id(branch, "branch"), checked_id(workstation, "workstation"))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, as the user pool vouches for it."""

    username: str
    roles: frozenset[Role]
    branches: frozenset[str] | AllBranches
    workstation: WorkstationKey | None = None

    def covers(self, branch: str) -> bool:
        """True when the branch is one of the caller's."""
        return isinstance(self.branches, AllBranches) or branch in self.branches


@dataclass(frozen=True, slots=True)
class Branch:
    """A shop of the chain; its time zone decides what day it is there."""

    id: str
    name: str
    time_zone: str = "Europe/Berlin"

    def __post_init__(self) -> None:
        checked_id(self.id, "branch")
        _checked_name(self.name)
        zone(self.time_zone, field="time_zone")


@dataclass(frozen=True, slots=True)
class Workstation:
    """A computer of a branch: a till, or the PC that the shop's agent runs on."""

    branch: str
    id: str
    name: str

    def __post_init__(self) -> None:
        checked_id(self.branch, "branch")
        checked_id(self.id, "workstation")
        _checked_name(self.name)

    @property
    def key(self) -> WorkstationKey:
        """The branch and the workstation's id together."""
        return WorkstationKey(self.branch, self.id)


class UserKind(StrEnum):
    """A person signs in with a password of their own; tills and agents with a secret made for them."""

    PERSON = "person"
    TILL = "till"
    AGENT = "agent"


class UserState(StrEnum):
    """A disabled user gets no new token; an old one ends by itself within minutes."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody or something that may sign in. ``name`` is personal data: shown, never logged (PE-3)."""

    username: str
    kind: UserKind
    roles: frozenset[Role]
    branches: frozenset[str] | AllBranches
    workstation: WorkstationKey | None = None
    name: str = field(default="", repr=False)
    state: UserState = UserState.ACTIVE

    def __post_init__(self) -> None:
        checked_username(self.username)
        _checked_name(self.name)
        if not isinstance(self.branches, AllBranches):
            for branch in self.branches:
                checked_id(branch, "branches")
        self._check_kind()
        if self.workstation is not None and not self._covers(self.workstation.branch):
            raise Refused("workstation-of-another-branch", field="workstation", value=str(self.workstation))

    def _check_kind(self) -> None:
        """A till is only a till, an agent only an agent of one workstation, a person neither.

        An administrator makes users and opens branches, and so is one of the whole chain or none at all.
        """
        if self.kind is UserKind.PERSON:
            if not self.roles or self.roles & {Role.TILL, Role.AGENT}:
                raise Refused("roles-not-of-a-person", field="roles", value=_joined(self.roles))
            if Role.ADMIN in self.roles and isinstance(self.branches, frozenset):
                branches = " ".join(sorted(self.branches)) or None
                raise Refused("admin-without-all-branches", field="branches", value=branches)
            return
        if self.roles != {Role(self.kind.value)}:
            raise Refused(
                "roles-not-of-a-device", field="roles", value=_joined(self.roles), kind=self.kind.value
            )
        if isinstance(self.branches, AllBranches) or not self.branches:
            raise Refused("device-without-branches", field="branches", value=None, kind=self.kind.value)
        if self.kind is UserKind.AGENT and self.workstation is None:
            raise Refused("agent-without-workstation", field="workstation")

    def _covers(self, branch: str) -> bool:
        return isinstance(self.branches, AllBranches) or branch in self.branches


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what when to what (PE-2). ``branch`` is None for what concerns the whole chain."""

    id: str
    at: datetime
    branch: str | None
    actor: str
    act: str
    subject: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an audit entry's moment needs a time zone")


def checked_id(text: str, field_name: str) -> str:
    """The text, if it is a branch's or workstation's id; else ``Refused``."""
    if _ID.match(text) is None:
        raise Refused("id-not-valid", field=field_name, value=text[:40])
    return text


def checked_username(text: str) -> str:
    """The text, if a user may sign in under it; else ``Refused``."""
    if _USERNAME.match(text) is None:
        raise Refused("username-not-valid", field="username", value=text[:40])
    return text


def _checked_name(text: str) -> None:
    single_line(text, field="name", max_chars=100)


def _joined(roles: frozenset[Role]) -> str:
    return " ".join(sorted(roles))
