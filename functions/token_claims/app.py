"""Before a token is issued: branches and workstation, from our own table, go into the access token.

When this fails nobody signs in, rather than somebody with the branches of someone else.
"""

from typing import Any

from aws_lambda_powertools import Logger

from tillbridge import wiring

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer Cognito's trigger ``PreTokenGeneration`` (version 2)."""
    groups = (event["request"].get("groupConfiguration") or {}).get("groupsToOverride") or []
    claims = wiring.access().token_claims(event["userName"], groups)
    details = {"accessTokenGeneration": {"claimsToAddOrOverride": claims}}
    return {**event, "response": {"claimsAndScopeOverrideDetails": details}}
