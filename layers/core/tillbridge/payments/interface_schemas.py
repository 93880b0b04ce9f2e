"""What requests and answers about interfaces look like on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillbridge.access.schemas import Id
from tillbridge.http.shapes import Wire
from tillbridge.kernel.calendar import moment_text, parse_moment
from tillbridge.kernel.text import CharacterSet

from .interfaces import FolderChecks
from .model import MAX_TARGETS, BucketTarget, DirectoryTarget, Interface, LineEnding, Target, Withdrawal
from .schemas import MomentText, Text


class DirectoryShape(Wire):
    """A folder of the workstation, into which its agent drops the files."""

    kind: Literal["directory"]
    id: str = Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=40, examples=["folder"])
    path: str = Field(max_length=240, examples=["C:\\Payments"])

    def target(self) -> Target:
        """The target in the room's own words."""
        return DirectoryTarget(self.id, self.path)


class BucketShape(Wire):
    """A prefix of the payment-file bucket."""

    kind: Literal["bucket"]
    id: str = Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=40, examples=["erp"])
    prefix: str = Field(max_length=240, examples=["erp/payments/"])
    withdrawal: Literal["by_claim", "conditional_delete", "never", "if_present"] = Field(
        default="by_claim",
        description="Who decides between a consumer and a cancellation: `by_claim` the API's claim (exact); "
        "`conditional_delete` an If-Match delete that succeeded (exact); `never` the file stays and a "
        "counter-file is made (exact); `if_present` a file still there is removed, as the original did: a "
        "consumer that has read it but not yet deleted it books a payment whose file was withdrawn",
    )

    def target(self) -> Target:
        """The target in the room's own words."""
        return BucketTarget(self.id, self.prefix, Withdrawal(self.withdrawal))


TargetShape = Annotated[DirectoryShape | BucketShape, Field(discriminator="kind")]


class InterfaceBody(Wire):
    """An interface as it shall be."""

    name: Text = Field(examples=["Till for the ERP"])
    branch: Id | None = Field(default=None, description="None: every branch")
    workstation: Id | None = Field(
        default=None,
        description="None: every workstation; a file then goes to the one that took the payment",
    )
    starts_at: MomentText | None = Field(default=None, description="None: at once")
    active: bool = True
    character_set: Literal["utf-8", "cp1252", "iso-8859-15"] = "utf-8"
    line_ending: Literal["crlf", "lf"] = "crlf"
    walk_in_customer: Text = Field(default="Kassen Kunde", description="Name where no customer is known")
    targets: Annotated[list[TargetShape], Field(min_length=1, max_length=MAX_TARGETS)]

    def interface(self, interface_id: str) -> Interface:
        """The interface in the room's own words."""
        return Interface(
            id=interface_id,
            name=self.name,
            branch=self.branch,
            workstation=self.workstation,
            starts_at=None if self.starts_at is None else parse_moment(self.starts_at, field="starts_at"),
            active=self.active,
            character_set=CharacterSet(self.character_set),
            line_ending=LineEnding(self.line_ending),
            walk_in_customer=self.walk_in_customer,
            targets=tuple(target.target() for target in self.targets),
        )


class FolderCheck(Wire):
    """What the agent of a workstation said of a folder when the interface was saved."""

    target: str
    workstation: str
    outcome: str
    detail: str
    at: str


class InterfaceAnswer(Wire):
    """An interface as it stands."""

    id: str
    name: str
    branch: str | None
    workstation: str | None
    starts_at: str | None
    active: bool
    character_set: CharacterSet
    line_ending: LineEnding
    walk_in_customer: str
    targets: list[TargetShape]
    revision: int
    folder_checks: list[FolderCheck] = Field(description="Empty until the agents have answered")

    @classmethod
    def of(cls, interface: Interface, checks: FolderChecks) -> InterfaceAnswer:
        """The answer for an interface."""
        return cls(
            id=interface.id,
            name=interface.name,
            branch=interface.branch,
            workstation=interface.workstation,
            starts_at=moment_text(interface.starts_at) if interface.starts_at else None,
            active=interface.active,
            character_set=interface.character_set,
            line_ending=interface.line_ending,
            walk_in_customer=interface.walk_in_customer,
            targets=[_shape(target) for target in interface.targets],
            revision=interface.revision,
            folder_checks=[
                FolderCheck(target=place.split("@", 1)[0], workstation=place.split("@", 1)[1], **said)
                for place, said in sorted(checks.items())
            ],
        )


class InterfacesAnswer(Wire):
    """The interfaces of the caller's branches."""

    interfaces: list[InterfaceAnswer]


def _shape(target: Target) -> DirectoryShape | BucketShape:
    if isinstance(target, DirectoryTarget):
        return DirectoryShape(kind="directory", id=target.id, path=target.path)
    return BucketShape(kind="bucket", id=target.id, prefix=target.prefix, withdrawal=target.withdrawal.value)
