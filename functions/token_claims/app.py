"""Before a token is issued: branches and workstation, from our own table, go into the access token.

When this fails nobody signs in, rather than somebody with the branches of someone else.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from tillbridge import wiring
from tillbridge.access.store import AccessStore
from tillbridge.access.tokens import TokenClaims
from tillbridge.aws.table import Table

logger = Logger(service="tillbridge")


@cache
def token_claims() -> TokenClaims:
    """Without ``wiring.access``: that knows the user pool, and the pool cannot exist before this function."""
    return TokenClaims(AccessStore(Table(wiring.client("dynamodb"), wiring.setting("ACCESS_TABLE"))))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer Cognito's trigger ``PreTokenGeneration`` (version 2)."""
    groups = (event["request"].get("groupConfiguration") or {}).get("groupsToOverride") or []
    claims = token_claims().of(event["userName"], groups)
    details = {"accessTokenGeneration": {"claimsToAddOrOverride": claims}}
    return {**event, "response": {"claimsAndScopeOverrideDetails": details}}
