"""What requests and answers of access look like on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tillbridge.kernel.calendar import moment_text

from .model import (
    ALL_BRANCHES,
    ID_PATTERN,
    USERNAME_PATTERN,
    AllBranches,
    AuditEntry,
    Branch,
    Caller,
    Role,
    User,
    UserKind,
    UserState,
    Workstation,
    WorkstationKey,
)
from .rules import PERMISSIONS, Act

Id = Annotated[str, Field(pattern=ID_PATTERN, description="1 to 20 letters, digits, `-`, `_` or `.`")]
Username = Annotated[str, Field(pattern=USERNAME_PATTERN)]
Name = Annotated[str, Field(max_length=100)]
WorkstationText = Annotated[
    str,
    Field(
        pattern=ID_PATTERN[:-1] + "/" + ID_PATTERN[1:],
        description="Branch and workstation, as `01/till-1`",
    ),
]


class _Wire(BaseModel):
    """Refuses unknown fields, guesses no types, and keeps what was sent out of the log."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class BranchBody(_Wire):
    """A branch as it shall be."""

    name: Name = Field(description="What people call the shop", examples=["Hamburg Altona"])
    time_zone: Annotated[str, Field(max_length=60)] = Field(
        default="Europe/Berlin", description="IANA name; decides what day it is in the shop"
    )


class BranchAnswer(_Wire):
    """A branch."""

    id: Id
    name: Name
    time_zone: str

    @classmethod
    def of(cls, branch: Branch) -> BranchAnswer:
        """The answer for a branch."""
        return cls(id=branch.id, name=branch.name, time_zone=branch.time_zone)


class BranchesAnswer(_Wire):
    """A page of branches."""

    branches: list[BranchAnswer]
    next: str | None = Field(description="Cursor of the next page; null at the end")


class WorkstationBody(_Wire):
    """A workstation as it shall be."""

    name: Name = Field(description="What people call the computer", examples=["Till by the door"])


class WorkstationAnswer(_Wire):
    """A workstation of a branch."""

    branch: Id
    id: Id
    name: Name

    @classmethod
    def of(cls, workstation: Workstation) -> WorkstationAnswer:
        """The answer for a workstation."""
        return cls(branch=workstation.branch, id=workstation.id, name=workstation.name)


class WorkstationsAnswer(_Wire):
    """A page of a branch's workstations."""

    workstations: list[WorkstationAnswer]
    next: str | None


class UserBody(_Wire):
    """A user to be made: a person or a till (agents make theirs at enrolment)."""

    username: Username
    kind: Literal["person", "till"]
    roles: Annotated[
        list[Literal["cashier", "approver", "finance", "accountant", "admin", "till"]],
        Field(min_length=1, max_length=6),
    ]
    branches: Annotated[
        list[Id | Literal["*"]], Field(max_length=200, description="Ids of branches, or `*` alone for all")
    ]
    workstation: WorkstationText | None = None
    name: Name = Field(default="", description="The person's name; personal data")

    def user(self) -> User:
        """The user that the body describes; ``Refused`` when it is none."""
        everywhere = self.branches == [ALL_BRANCHES.value]
        return User(
            username=self.username,
            kind=UserKind(self.kind),
            roles=frozenset(Role(role) for role in self.roles),
            branches=ALL_BRANCHES if everywhere else frozenset(self.branches),
            workstation=WorkstationKey.parse(self.workstation) if self.workstation else None,
            name=self.name,
        )


class UserAnswer(_Wire):
    """A user."""

    username: str
    kind: UserKind
    roles: list[Role]
    branches: list[str]
    workstation: str | None
    name: str
    state: UserState

    @classmethod
    def of(cls, user: User) -> UserAnswer:
        """The answer for a user."""
        return cls(
            username=user.username,
            kind=user.kind,
            roles=sorted(user.roles),
            branches=_branch_list(user.branches),
            workstation=str(user.workstation) if user.workstation else None,
            name=user.name,
            state=user.state,
        )


class UsersAnswer(_Wire):
    """A page of users."""

    users: list[UserAnswer]
    next: str | None


class SecretAnswer(_Wire):
    """A user with its secret, which is shown this once and kept nowhere."""

    user: UserAnswer
    secret: str


class MeAnswer(_Wire):
    """Who the caller is, and what it may do."""

    username: str
    roles: list[Role]
    branches: list[str] = Field(description="Ids of the caller's branches, or `*` alone for all")
    workstation: str | None
    acts: list[Act]

    @classmethod
    def of(cls, caller: Caller) -> MeAnswer:
        """The answer for the caller."""
        return cls(
            username=caller.username,
            roles=sorted(caller.roles),
            branches=_branch_list(caller.branches),
            workstation=str(caller.workstation) if caller.workstation else None,
            acts=sorted({act for role in caller.roles for act in PERMISSIONS[role]}),
        )


class AuditEntryAnswer(_Wire):
    """Who did what when to what."""

    id: str
    at: str = Field(description="UTC moment")
    branch: str | None = Field(description="null for what concerns the whole chain")
    actor: str
    act: str
    subject: str
    facts: dict[str, str]

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditEntryAnswer:
        """The answer for an audit entry."""
        return cls(
            id=entry.id,
            at=moment_text(entry.at),
            branch=entry.branch,
            actor=entry.actor,
            act=entry.act,
            subject=entry.subject,
            facts=dict(entry.facts),
        )


class AuditEntriesAnswer(_Wire):
    """A page of the audit trail, newest first; narrowed pages may be short and yet have a next one."""

    entries: list[AuditEntryAnswer]
    next: str | None


def _branch_list(branches: frozenset[str] | AllBranches) -> list[str]:
    return [ALL_BRANCHES.value] if isinstance(branches, AllBranches) else sorted(branches)
