"""What goes into an access token before it is issued; needs the table alone, and nothing of the user pool."""

from __future__ import annotations

from collections.abc import Iterable

from .rules import token_claims
from .store import AccessStore


class TokenClaims:
    """Branches and workstation of whoever signs in."""

    def __init__(self, store: AccessStore) -> None:
        self._store = store

    def of(self, username: str, groups: Iterable[str]) -> dict[str, str]:
        """The claims of a new token; empty ones for who is unknown or disabled."""
        found = self._store.user(username)
        return token_claims(found[0] if found else None, groups)
