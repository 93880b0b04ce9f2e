"""Who calls: from the claims that API Gateway has verified to the caller that the rooms know.

The gateway checks signature, issuer, audience and expiry before we are called; what it does not check is
that the token is meant for access (an ID token of the same pool would pass too).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillbridge.access.model import Caller, Role
from tillbridge.access.rules import caller_of
from tillbridge.kernel.errors import Refused

from .problems import Unauthenticated
from .resolver import Resolver


def caller(app: Resolver) -> Caller:
    """The caller of the request that ``app`` is answering; 401 for any but an access token of its kind."""
    claims = app.current_event.request_context.authorizer.jwt_claim
    found = caller_of_claims(claims)
    wanted = app.sign_in_clients().get(_kind_of(found))
    if wanted is not None and claims.get("client_id", wanted) != wanted:
        raise Unauthenticated("token-of-another-client")
    return found


def _kind_of(found: Caller) -> str:
    """Tills, agents and people sign in through clients of their own, each with its own lifetimes."""
    device = found.roles & {Role.TILL, Role.AGENT}
    return next(iter(device)).value if device else "person"


def caller_of_claims(claims: Mapping[str, Any]) -> Caller:
    """The caller whom these claims vouch for; API Gateway hands each claim over as a string."""
    if not claims:
        raise Unauthenticated("token-missing")
    if claims.get("token_use") != "access":
        raise Unauthenticated("token-not-for-access", value=claims.get("token_use"))
    username = claims.get("username")
    if not username:
        raise Unauthenticated("token-unreadable")
    branches = claims.get("branches")
    try:
        return caller_of(
            str(username),
            groups_of(claims.get("cognito:groups")),
            None if branches is None else str(branches),
            str(claims.get("workstation") or ""),
        )
    except Refused as refusal:
        raise Unauthenticated("token-unreadable") from refusal


def groups_of(claim: object) -> tuple[str, ...]:
    """The groups of a claim that arrives as ``"[till admin]"``, ``"till"`` or a list."""
    if isinstance(claim, list | tuple):
        return tuple(str(group) for group in claim)
    return tuple(str(claim or "").strip("[]").replace(",", " ").split())
