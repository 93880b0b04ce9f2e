"""Who did what when, searched over HTTP (PE-2)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.access_cloud import FINANCE, TILL, access_cloud, done, refused, set_up_shop, trail


@pytest.fixture
def cognito() -> Iterator[Any]:
    with access_cloud() as client:
        yield client


def test_the_trail_of_a_branchs_day_is_narrowed_and_paged(cognito: Any) -> None:
    set_up_shop()
    day = trail("subject=branch/01")[0]["at"][:10]
    subjects = [entry["subject"] for entry in trail(f"day={day}&branch=01&limit=1")]
    assert subjects == ["workstation/01/till-1", "branch/01"]
    assert trail(f"day={day}&branch=01&actor=nobody&limit=1") == []
    assert len(trail(f"day={day}&branch=01&actor=chief&act=manage-branches")) == 2
    assert trail("day=2020-01-01&branch=01") == []


def test_what_concerns_the_chain_stands_in_the_chains_trail(cognito: Any) -> None:
    person = {"username": "anna", "kind": "person", "roles": ["finance"], "branches": ["*"]}
    done("POST", "/users", person)
    entry = trail("subject=user/anna")[0]
    assert entry["branch"] is None
    assert trail("day=" + entry["at"][:10]) == [entry]


def test_finance_reads_the_trail_of_its_own_branches_only(cognito: Any) -> None:
    set_up_shop()
    assert refused("GET", "/audit-entries?day=2026-11-20&branch=02", claims=FINANCE) == (
        403,
        "branch-not-covered",
    )
    assert refused("GET", "/audit-entries?day=2026-11-20", claims=FINANCE) == (403, "chain-not-covered")
    assert trail("subject=branch/02", FINANCE) == []
    assert len(trail("subject=branch/01", FINANCE)) == 1
    assert refused("GET", "/audit-entries?subject=branch/01", claims=TILL) == (403, "act-not-allowed")


@pytest.mark.parametrize(
    "query", ["", "branch=01", "day=2026-11-20&subject=a", "subject=a&branch=01", "day=2026-02-30"]
)
def test_searches_that_are_refused(cognito: Any, query: str) -> None:
    assert refused("GET", f"/audit-entries?{query}")[0] == 422


def test_a_made_up_cursor_is_refused(cognito: Any) -> None:
    for cursor in ("x", "eyJwayI6IDF9"):
        assert refused("GET", f"/branches?cursor={cursor}") == (422, "cursor-unreadable")
