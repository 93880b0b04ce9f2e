"""PE-1: tills, agents and people sign in through app clients of their own."""

from __future__ import annotations

import os

import pytest

from tests.functions.shops import ADMIN, TILL_A, Claims, Shop


@pytest.mark.parametrize(("claims", "client", "status"), [
    (TILL_A, "TILL_CLIENT_ID", 200),
    (TILL_A, "AGENT_CLIENT_ID", 401),
    (ADMIN, "PERSON_CLIENT_ID", 200),
    (ADMIN, "AGENT_CLIENT_ID", 401),
])  # fmt: skip
def test_everybody_signs_in_through_the_client_of_their_kind(
    shop: Shop, claims: Claims, client: str, status: int
) -> None:
    """PE-1: a token got through another kind's client lives by that client's lifetimes, so it is no good."""
    token = {**claims, "client_id": os.environ[client]}
    assert shop.ask("GET", "/payments?branch=01&day=2026-11-21", claims=token).status == status
