"""How branches, workstations, users and the audit trail live in the access table.

    access pattern                         key or index
    -------------------------------------  -----------------------------------------------------------------
    a branch; all branches by id           pk BRANCHES                sk <branch>
    a workstation; those of a branch       pk WORKSTATIONS#<branch>   sk <workstation>
    a user; all users by name              pk USERS                   sk <username>
    audit trail of a branch's day          pk AUDIT#<branch>#<day>    sk <moment>#<id>     (* = chain)
    audit trail of one thing               by_subject: subject_key <subject>, subject_sort <moment>#<id>

One thing may have entries of several branches, and a cursor can be read: a page about one thing starts after
the last entry shown, never after a row of the index that was passed over.

A day of the audit trail is a UTC day. Entries are put once and never written again; no part of ours updates
or deletes them. Nothing is ever scanned.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tillbridge.aws.cursors import read_cursor, unreadable, write_cursor
from tillbridge.aws.table import (
    NEW,
    Check,
    Expects,
    Part,
    Put,
    Row,
    Table,
    Update,
    commit_unless_busy,
)
from tillbridge.kernel.calendar import moment_text, parse_moment, sortable_text

from .model import (
    ALL_BRANCHES,
    AllBranches,
    AuditEntry,
    Branch,
    Role,
    User,
    UserKind,
    UserState,
    Workstation,
    WorkstationKey,
)

_BRANCHES = "BRANCHES"
_USERS = "USERS"
CHAIN = "*"
"""Stands for the branch of what concerns the whole chain."""
_ENTRIES_A_QUERY = 200


class AccessStore:
    """Reads nouns of access and makes the parts of transactions that write them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def commit(self, *parts: Part) -> None:
        """Write the parts as one transaction; ``Unavailable`` when it only met another one under way."""
        commit_unless_busy(self._table.client, parts)

    # Branches and workstations

    def branch(self, branch_id: str) -> Branch | None:
        """The branch, if it was ever written down."""
        row = self._table.get((_BRANCHES, branch_id))
        return _branch(row) if row else None

    def branches(self, limit: int, cursor: str | None) -> tuple[list[Branch], str | None]:
        """Branches by id, page by page."""
        page = self._table.query(_BRANCHES, limit=limit, cursor=cursor)
        return [_branch(row) for row in page.rows], page.next_cursor

    def put_branch(self, branch: Branch) -> Put:
        """The part that writes a branch down, new or changed."""
        row = {"pk": _BRANCHES, "sk": branch.id, "name": branch.name, "time_zone": branch.time_zone}
        return Put(self._table.name, row, label=f"branch {branch.id}")

    def demand_branch(self, branch_id: str) -> Check:
        """The part that fails when the branch does not exist."""
        return Check(self._table.name, (_BRANCHES, branch_id), f"branch {branch_id}", Expects())

    def workstation(self, key: WorkstationKey) -> Workstation | None:
        """The workstation, if it was ever written down."""
        row = self._table.get((_workstations(key.branch), key.workstation))
        return _workstation(row, key.branch) if row else None

    def workstations(
        self, branch: str, limit: int, cursor: str | None
    ) -> tuple[list[Workstation], str | None]:
        """Workstations of a branch by id, page by page."""
        page = self._table.query(_workstations(branch), limit=limit, cursor=cursor)
        return [_workstation(row, branch) for row in page.rows], page.next_cursor

    def put_workstation(self, workstation: Workstation) -> Put:
        """The part that writes a workstation down, new or changed."""
        row = {"pk": _workstations(workstation.branch), "sk": workstation.id, "name": workstation.name}
        return Put(self._table.name, row, label=f"workstation {workstation.key}")

    # Users

    def user(self, username: str) -> tuple[User, bool] | None:
        """The user, and whether it has been made in the user pool to the end."""
        row = self._table.get((_USERS, username))
        return (_user(row), bool(row["in_pool"])) if row else None

    def users(self, limit: int, cursor: str | None) -> tuple[list[User], str | None]:
        """Users by name, page by page."""
        page = self._table.query(_USERS, limit=limit, cursor=cursor)
        return [_user(row) for row in page.rows], page.next_cursor

    def put_user(self, user: User, *, new: bool = False) -> Put:
        """Writes down a user not yet made in the pool; ``new`` demands that the name is free."""
        row = {
            "pk": _USERS,
            "sk": user.username,
            "kind": user.kind.value,
            "roles": sorted(user.roles),
            "branches": _branch_list(user.branches),
            "workstation": str(user.workstation) if user.workstation else None,
            "name": user.name,
            "state": user.state.value,
            "in_pool": False,
        }
        return Put(self._table.name, row, label=f"user {user.username}", expects=NEW if new else None)

    def user_in_pool(self, username: str) -> Update:
        """The part that notes a user as made to the end; fails for one that was disabled meanwhile."""
        active = Expects(equals={"state": UserState.ACTIVE.value})
        return Update(
            self._table.name, (_USERS, username), f"user {username}", set_={"in_pool": True}, expects=active
        )

    def disable_user(self, username: str) -> Update:
        """The part that takes a user's access away; fails for one that is disabled already."""
        return Update(
            self._table.name,
            (_USERS, username),
            f"user {username}",
            set_={"state": UserState.DISABLED.value},
            expects=Expects(equals={"state": UserState.ACTIVE.value}),
        )

    def demand_active(self, username: str) -> Check:
        """The part that fails for a user that is disabled."""
        active = Expects(equals={"state": UserState.ACTIVE.value})
        return Check(self._table.name, (_USERS, username), f"user {username}", active)

    # Audit trail

    def put_audit_entry(self, entry: AuditEntry) -> Put:
        """The part that notes who did what; it goes into the transaction of the act itself."""
        at = moment_text(entry.at)
        sort = _audit_sort(entry)
        row = {
            "pk": _audit_key(entry.branch, at[:10]),
            "sk": sort,
            "subject_key": entry.subject,
            "subject_sort": sort,
            "at": at,
            "branch": entry.branch,
            "actor": entry.actor,
            "act": entry.act,
            "facts": dict(entry.facts),
        }
        return Put(self._table.name, row, label=f"audit entry {entry.id}", expects=NEW)

    def audit_day(
        self, branch: str | None, day: str, limit: int, cursor: str | None, **equals: str
    ) -> tuple[list[AuditEntry], str | None]:
        """Entries of a branch's day, newest first; ``equals`` narrows by actor or act."""
        key = _audit_key(branch, day)
        page = self._table.query(key, limit=limit, cursor=cursor, newest_first=True, equals=equals)
        return [_audit_entry(row) for row in page.rows], page.next_cursor

    def audit_subject(self, subject: str, cursor: str | None, **equals: str) -> Iterator[AuditEntry]:
        """Entries about one thing, newest first, whatever their branches; ``equals`` narrows them.

        ``cursor`` is an ``audit_cursor``. Few things have more entries than the first query brings.
        """
        before = _before(cursor) if cursor is not None else None
        page_cursor = None
        while True:
            page = self._table.query_index(
                "by_subject",
                subject,
                until=before,
                limit=_ENTRIES_A_QUERY,
                cursor=page_cursor,
                newest_first=True,
                equals=equals,
            )
            yield from (_audit_entry(row) for row in page.rows if row["sk"] != before)
            page_cursor = page.next_cursor
            if page_cursor is None:
                return

    def audit_cursor(self, last: AuditEntry) -> str:
        """Where the page after this entry starts; tells its bearer of no other entry."""
        return write_cursor({"before": _audit_sort(last)})


def _workstations(branch: str) -> str:
    return f"WORKSTATIONS#{branch}"


def _audit_key(branch: str | None, day: str) -> str:
    return f"AUDIT#{branch or CHAIN}#{day}"


def _audit_sort(entry: AuditEntry) -> str:
    return f"{sortable_text(entry.at)}#{entry.id}"


def _before(cursor: str) -> str:
    position = read_cursor(cursor)
    if position.keys() != {"before"}:
        raise unreadable(cursor)
    return position["before"]


def _branch(row: Row) -> Branch:
    return Branch(id=row["sk"], name=row["name"], time_zone=row["time_zone"])


def _workstation(row: Row, branch: str) -> Workstation:
    return Workstation(branch=branch, id=row["sk"], name=row["name"])


def _user(row: Row) -> User:
    workstation: str | None = row.get("workstation")
    return User(
        username=row["sk"],
        kind=UserKind(row["kind"]),
        roles=frozenset(Role(role) for role in row["roles"]),
        branches=ALL_BRANCHES if row["branches"] == [CHAIN] else frozenset(row["branches"]),
        workstation=WorkstationKey.parse(workstation) if workstation else None,
        name=row["name"],
        state=UserState(row["state"]),
    )


def _branch_list(branches: frozenset[str] | AllBranches) -> list[str]:
    return [CHAIN] if isinstance(branches, AllBranches) else sorted(branches)


def _audit_entry(row: Row) -> AuditEntry:
    facts: dict[str, Any] = row["facts"]
    return AuditEntry(
        id=row["sk"].partition("#")[2],
        at=parse_moment(row["at"]),
        branch=row.get("branch"),
        actor=row["actor"],
        act=row["act"],
        subject=row["subject_key"],
        facts=facts,
    )
