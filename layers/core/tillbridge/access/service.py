"""The sentences of access: what the product does about branches, workstations, users and the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice

from tillbridge.aws.identities import Identities
from tillbridge.aws.table import CommitConflict, Put
from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.errors import Conflict, NotFound

from .model import (
    ALL_BRANCHES,
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
from .rules import Act, require, require_role
from .store import AccessStore

PAGE_SIZE = 50
"""So many rows a page has when nobody says otherwise."""


class AccessService:
    """Who may do what where, and who did what when."""

    def __init__(
        self,
        store: AccessStore,
        identities: Identities,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._identities = identities
        self._clock = clock
        self._new_id = new_id

    # Branches and workstations

    def branch(self, branch_id: str) -> Branch:
        """The branch, for rooms that have asked for permission themselves; ``NotFound`` if there is none."""
        branch = self._store.branch(branch_id)
        if branch is None:
            raise NotFound("branch-not-found", field="branch", value=branch_id)
        return branch

    def visible_branch(self, caller: Caller, branch_id: str) -> Branch:
        """The branch, if the caller covers it; a foreign one is as good as none."""
        require_role(caller, Act.READ_BRANCHES)
        if not caller.covers(branch_id):
            raise NotFound("branch-not-found", field="branch", value=branch_id)
        return self.branch(branch_id)

    def list_branches(
        self, caller: Caller, *, limit: int = PAGE_SIZE, cursor: str | None = None
    ) -> tuple[list[Branch], str | None]:
        """The branches that the caller covers, by id; page by page for who covers all."""
        require_role(caller, Act.READ_BRANCHES)
        if isinstance(caller.branches, frozenset):
            own = (self._store.branch(branch_id) for branch_id in sorted(caller.branches))
            return [branch for branch in own if branch is not None], None
        return self._store.branches(limit, cursor)

    def every_branch(self) -> Iterator[Branch]:
        """All branches that were ever opened, by id, for what sees to the whole chain and has no caller."""
        cursor = None
        while True:
            branches, cursor = self._store.branches(PAGE_SIZE, cursor)
            yield from branches
            if cursor is None:
                return

    def put_branch(self, caller: Caller, branch: Branch) -> Branch:
        """Write a branch down, new or changed; the same once more changes nothing."""
        require(caller, Act.MANAGE_BRANCHES, None)
        if self._store.branch(branch.id) != branch:
            note = self.audit_part(
                actor=caller.username,
                act=Act.MANAGE_BRANCHES,
                subject=f"branch/{branch.id}",
                branch=branch.id,
                facts={"time_zone": branch.time_zone},
            )
            self._store.commit(self._store.put_branch(branch), note)
        return branch

    def workstation(self, branch: str, workstation: str) -> Workstation:
        """The workstation, for rooms that have asked for permission themselves; ``NotFound`` if none."""
        found = self._store.workstation(WorkstationKey(branch, workstation))
        if found is None:
            raise NotFound("workstation-not-found", field="workstation", value=f"{branch}/{workstation}")
        return found

    def list_workstations(
        self, caller: Caller, branch: str, *, limit: int = PAGE_SIZE, cursor: str | None = None
    ) -> tuple[list[Workstation], str | None]:
        """The workstations of a branch that the caller covers, by id."""
        self.visible_branch(caller, branch)
        return self._store.workstations(branch, limit, cursor)

    def put_workstation(self, caller: Caller, workstation: Workstation) -> Workstation:
        """Write a workstation down, new or changed; ``NotFound`` when its branch does not exist."""
        require(caller, Act.MANAGE_BRANCHES, workstation.branch)
        if self._store.workstation(workstation.key) == workstation:
            return workstation
        note = self.audit_part(
            actor=caller.username,
            act=Act.MANAGE_BRANCHES,
            subject=f"workstation/{workstation.key}",
            branch=workstation.branch,
        )
        demand = self._store.demand_branch(workstation.branch)
        try:
            self._store.commit(demand, self._store.put_workstation(workstation), note)
        except CommitConflict as conflict:
            raise NotFound("branch-not-found", field="branch", value=workstation.branch) from conflict
        return workstation

    # Users

    def create_user(self, caller: Caller, user: User) -> tuple[User, str]:
        """Make a user and its secret, which is shown this once.

        Repeating an interrupted call ends it. A user that was made to the end is a ``Conflict``: its secret
        may be in use; ``renew_secret`` gives a new one.
        """
        require(caller, Act.MANAGE_USERS, None)
        self._demand_places(user)
        note = self._user_note(caller.username, "create-user", user)
        try:
            self._store.commit(self._store.put_user(user, new=True), note)
        except CommitConflict as conflict:
            if self._store.user(user.username) != (user, False):
                raise Conflict("user-exists", field="username", value=user.username) from conflict
        return user, self._finish_user(user)

    def create_agent_user(self, username: str, workstation: WorkstationKey) -> str:
        """Make the user of a workstation's agent, or give it a new password, which is shown this once."""
        user = User(
            username=username,
            kind=UserKind.AGENT,
            roles=frozenset({Role.AGENT}),
            branches=frozenset({workstation.branch}),
            workstation=workstation,
        )
        note = self._user_note(username, "create-user", user)
        self._store.commit(self._store.put_user(user), note)
        return self._finish_user(user)

    def renew_secret(self, caller: Caller, username: str) -> tuple[User, str]:
        """A new secret for a user; the old one ends at once, access tokens within the hour."""
        user = self.user(caller, username)
        note = self._user_note(caller.username, "renew-secret", user)
        try:
            self._store.commit(self._store.demand_active(username), note)
        except CommitConflict as conflict:
            raise Conflict("user-is-disabled", field="username", value=username) from conflict
        return user, self._finish_user(user)

    def disable_user(self, caller: Caller, username: str) -> User:
        """Take a user's access away for good; what it did stays in the audit trail."""
        user = self.user(caller, username)
        if username == caller.username:
            raise Conflict("user-is-oneself", field="username", value=username)
        return self._disable(caller.username, user)

    def disable_agent_user(self, username: str, *, by: str) -> None:
        """Take the access of an agent away, for ``devices``, which has asked for permission itself."""
        found = self._store.user(username)
        if found is not None and found[0].kind is UserKind.AGENT:
            self._disable(by, found[0])

    def user(self, caller: Caller, username: str) -> User:
        """A user; ``NotFound`` if there is none of that name."""
        require(caller, Act.MANAGE_USERS, None)
        found = self._store.user(username)
        if found is None:
            raise NotFound("user-not-found", field="username", value=username)
        return found[0]

    def list_users(
        self, caller: Caller, *, limit: int = PAGE_SIZE, cursor: str | None = None
    ) -> tuple[list[User], str | None]:
        """Users by name, page by page."""
        require(caller, Act.MANAGE_USERS, None)
        return self._store.users(limit, cursor)

    # Audit trail

    def audit_part(
        self,
        *,
        actor: str,
        act: str,
        subject: str,
        branch: str | None,
        facts: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> Put:
        """The part that notes who did what to what, for the transaction of the act itself (PE-2).

        ``subject`` is ``<kind>/<name>``, such as ``payment/Bon-01-0019-19``; ``branch`` is None for what
        concerns the whole chain; ``facts`` must not hold names of persons.
        """
        entry = AuditEntry(
            id=self._new_id(),
            at=at or self._clock(),
            branch=branch,
            actor=actor,
            act=str(act),
            subject=subject,
            facts=facts or {},
        )
        return self._store.put_audit_entry(entry)

    def audit_entries(
        self,
        caller: Caller,
        *,
        branch: str | None,
        day: str,
        actor: str | None = None,
        act: str | None = None,
        limit: int = PAGE_SIZE,
        cursor: str | None = None,
    ) -> tuple[list[AuditEntry], str | None]:
        """What happened in a branch (None: in the chain as a whole) on a UTC day, newest first.

        A narrowed page may be short or empty and yet have a next one.
        """
        require(caller, Act.READ_AUDIT_TRAIL, branch)
        equals = _given(actor=actor, act=act)
        return self._store.audit_day(branch, parse_day(day, field="day"), limit, cursor, **equals)

    def audit_entries_about(
        self,
        caller: Caller,
        subject: str,
        *,
        actor: str | None = None,
        act: str | None = None,
        limit: int = PAGE_SIZE,
        cursor: str | None = None,
    ) -> tuple[list[AuditEntry], str | None]:
        """What happened to one thing, newest first, as far as the caller covers where it happened.

        Pages are full, and whether there is a next one tells nothing of other branches either.
        """
        require_role(caller, Act.READ_AUDIT_TRAIL)
        entries = self._store.audit_subject(subject, cursor, **_given(actor=actor, act=act))
        seen = list(islice((entry for entry in entries if _covers(caller, entry.branch)), limit + 1))
        shown = seen[:limit]
        return shown, self._store.audit_cursor(shown[-1]) if len(seen) > limit else None

    def _finish_user(self, user: User) -> str:
        """Make the user in the pool; one that is disabled while this goes on stays out."""
        secret = self._identities.ensure(user.username, user.roles)
        try:
            self._store.commit(self._store.user_in_pool(user.username))
        except CommitConflict as conflict:
            self._identities.disable(user.username)
            raise Conflict("user-is-disabled", field="username", value=user.username) from conflict
        return secret

    def _disable(self, actor: str, user: User) -> User:
        """Note it first, so that no new token has branches; then close the door. Repeating ends it."""
        note = self._user_note(actor, "disable-user", user)
        with suppress(CommitConflict):  # it is disabled already; the door may still be open
            self._store.commit(self._store.disable_user(user.username), note)
        self._identities.disable(user.username)
        return replace(user, state=UserState.DISABLED)

    def _demand_places(self, user: User) -> None:
        """Nobody is given a branch or workstation that does not exist."""
        if isinstance(user.branches, frozenset):
            for branch_id in sorted(user.branches):
                self.branch(branch_id)
        if user.workstation is not None:
            self.workstation(user.workstation.branch, user.workstation.workstation)

    def _user_note(self, actor: str, act: str, user: User) -> Put:
        facts = {"kind": user.kind.value, "roles": " ".join(sorted(user.roles))}
        if user.workstation is not None:
            facts["workstation"] = str(user.workstation)
        branch = user.workstation.branch if user.workstation is not None else None
        return self.audit_part(
            actor=actor, act=act, subject=f"user/{user.username}", branch=branch, facts=facts
        )


def _given(**narrowing: str | None) -> dict[str, str]:
    return {name: text for name, text in narrowing.items() if text is not None}


def _covers(caller: Caller, branch: str | None) -> bool:
    return caller.branches is ALL_BRANCHES if branch is None else caller.covers(branch)
