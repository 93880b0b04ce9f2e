"""The decisions of access: which role may do what, and in which branches."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from tillbridge.kernel.errors import Forbidden

from .model import ALL_BRANCHES, AllBranches, Caller, Role, User, UserState, WorkstationKey


class Act(StrEnum):
    """Everything that can be done; the name also stands in the audit trail."""

    RECORD_PAYMENT = "record-payment"
    CANCEL_PAYMENT = "cancel-payment"
    READ_PAYMENTS = "read-payments"
    CLAIM_PAYMENT_FILES = "claim-payment-files"
    RESOLVE_DOUBTS = "resolve-doubts"
    READ_LEDGER = "read-ledger"
    RECORD_DOCUMENTS = "record-documents"
    READ_BOOKS = "read-books"
    MANAGE_BOOKS = "manage-books"
    READ_IMPORTS = "read-imports"
    IMPORT_FILES = "import-files"
    DECIDE_IMPORTS = "decide-imports"
    MANAGE_IMPORT_PROFILES = "manage-import-profiles"
    READ_INTERFACES = "read-interfaces"
    MANAGE_INTERFACES = "manage-interfaces"
    READ_AGENTS = "read-agents"
    ENROL_AGENT = "enrol-agent"
    RUN_JOBS = "run-jobs"
    READ_BRANCHES = "read-branches"
    MANAGE_BRANCHES = "manage-branches"
    MANAGE_USERS = "manage-users"
    READ_AUDIT_TRAIL = "read-audit-trail"


PERMISSIONS: dict[Role, frozenset[Act]] = {
    Role.CASHIER: frozenset(
        {
            Act.RECORD_PAYMENT,
            Act.CANCEL_PAYMENT,
            Act.READ_PAYMENTS,
            Act.READ_LEDGER,
            Act.READ_BRANCHES,
            Act.READ_AGENTS,
        }
    ),
    Role.APPROVER: frozenset(
        {
            Act.CANCEL_PAYMENT,
            Act.READ_PAYMENTS,
            Act.READ_LEDGER,
            Act.READ_BOOKS,
            Act.READ_IMPORTS,
            Act.DECIDE_IMPORTS,
            Act.READ_BRANCHES,
            Act.READ_AGENTS,
            Act.READ_INTERFACES,
        }
    ),
    Role.FINANCE: frozenset(
        {
            Act.READ_PAYMENTS,
            Act.CLAIM_PAYMENT_FILES,
            Act.RESOLVE_DOUBTS,
            Act.READ_LEDGER,
            Act.RECORD_DOCUMENTS,
            Act.READ_BOOKS,
            Act.MANAGE_BOOKS,
            Act.READ_IMPORTS,
            Act.IMPORT_FILES,
            Act.DECIDE_IMPORTS,
            Act.MANAGE_IMPORT_PROFILES,
            Act.READ_INTERFACES,
            Act.MANAGE_INTERFACES,
            Act.READ_BRANCHES,
            Act.READ_AGENTS,
            Act.READ_AUDIT_TRAIL,
        }
    ),
    Role.ACCOUNTANT: frozenset(
        {
            Act.READ_PAYMENTS,
            Act.READ_LEDGER,
            Act.READ_BOOKS,
            Act.READ_IMPORTS,
            Act.IMPORT_FILES,
            Act.READ_BRANCHES,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Act.READ_PAYMENTS,
            Act.RESOLVE_DOUBTS,
            Act.READ_LEDGER,
            Act.READ_BOOKS,
            Act.MANAGE_BOOKS,
            Act.READ_IMPORTS,
            Act.MANAGE_IMPORT_PROFILES,
            Act.READ_INTERFACES,
            Act.MANAGE_INTERFACES,
            Act.READ_AGENTS,
            Act.ENROL_AGENT,
            Act.READ_BRANCHES,
            Act.MANAGE_BRANCHES,
            Act.MANAGE_USERS,
            Act.READ_AUDIT_TRAIL,
        }
    ),
    Role.TILL: frozenset(
        {
            Act.RECORD_PAYMENT,
            Act.CANCEL_PAYMENT,
            Act.READ_PAYMENTS,
            Act.CLAIM_PAYMENT_FILES,
            Act.READ_LEDGER,
            Act.RECORD_DOCUMENTS,
            Act.READ_BRANCHES,
        }
    ),
    Role.AGENT: frozenset({Act.RUN_JOBS, Act.IMPORT_FILES}),
}
"""Role -> what it may do in its branches (PE-1). Nobody may do what does not stand here."""


def may(caller: Caller, act: Act) -> bool:
    """True when one of the caller's roles allows the act, wherever."""
    return any(act in PERMISSIONS[role] for role in caller.roles)


def require(caller: Caller, act: Act, branch: str | None) -> None:
    """Let the caller do the act in the branch, or ``Forbidden``.

    ``branch=None`` means the whole chain (an interface of every branch, a new branch): that needs all
    branches. For lists over "whatever is mine" ask ``require_role`` and filter by ``caller.branches``.
    """
    require_role(caller, act)
    if branch is None and not isinstance(caller.branches, AllBranches):
        raise Forbidden("chain-not-covered", act=act.value, branches=_branches_text(caller.branches))
    if branch is not None and not caller.covers(branch):
        raise Forbidden("branch-not-covered", field="branch", value=branch, act=act.value)


def require_role(caller: Caller, act: Act) -> None:
    """Let the caller do the act in some branch or other, or ``Forbidden``."""
    if not may(caller, act):
        raise Forbidden("act-not-allowed", act=act.value, roles=" ".join(sorted(caller.roles)) or "-")


def token_claims(user: User | None, groups: Iterable[str]) -> dict[str, str]:
    """What a token says about branches and workstation.

    Unknown and disabled users get none; a member of ``admin`` has every branch, even before anybody
    has written down a user (that is how the first one starts).
    """
    if user is None:
        return {"branches": ALL_BRANCHES.value if Role.ADMIN in set(groups) else "", "workstation": ""}
    if user.state is UserState.DISABLED:
        return {"branches": "", "workstation": ""}
    everywhere = isinstance(user.branches, AllBranches) or Role.ADMIN in user.roles
    return {
        "branches": ALL_BRANCHES.value if everywhere else _branches_text(user.branches),
        "workstation": str(user.workstation) if user.workstation else "",
    }


def caller_of(username: str, groups: Iterable[str], branches: str | None, workstation: str) -> Caller:
    """The caller behind a token's claims; groups that are no roles are passed over.

    ``branches`` is ``"01 02"``, ``"*"`` or empty; None (nobody asked ``token_claims``) leaves an admin
    every branch and everybody else none. ``workstation`` is ``"01/till-1"`` or empty.
    """
    roles = frozenset(Role(group) for group in groups if group in set(Role))
    if branches is None:
        branches = ALL_BRANCHES.value if Role.ADMIN in roles else ""
    return Caller(
        username=username,
        roles=roles,
        branches=ALL_BRANCHES if branches == ALL_BRANCHES.value else frozenset(branches.split()),
        workstation=WorkstationKey.parse(workstation) if workstation else None,
    )


def _branches_text(branches: frozenset[str] | AllBranches) -> str:
    return ALL_BRANCHES.value if isinstance(branches, AllBranches) else " ".join(sorted(branches))
