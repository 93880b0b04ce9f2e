"""Who did what when, searched over HTTP (PE-2)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.access_cloud import FINANCE, TILL, access_cloud, done, refused, set_up_shop, trail
from tillbridge import wiring
from tillbridge.aws.table import commit


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


START = datetime(2026, 11, 20, 9, tzinfo=UTC)


def note(branch: str | None, second: int) -> None:
    """An entry about one interface that has belonged to one branch after the other."""
    part = wiring.access().audit_part(
        actor="chief",
        act=f"act-{second}",
        subject="interface/erp",
        branch=branch,
        at=START + timedelta(seconds=second),
    )
    commit(wiring.client("dynamodb"), [part])


def test_pages_about_one_thing_pass_over_foreign_entries_without_a_trace(cognito: Any) -> None:
    for number, branch in enumerate(("01", "02", None, "02", "01", "02", "01", "02")):
        note(branch, number)
    assert [entry["act"] for entry in trail("subject=interface/erp&limit=1", FINANCE)] == [
        "act-6",
        "act-4",
        "act-0",
    ]
    assert len(trail("subject=interface/erp&limit=3")) == 8
    assert [entry["act"] for entry in trail("subject=interface/erp&limit=1&act=act-4", FINANCE)] == ["act-4"]
    shown = done("GET", "/audit-entries?subject=interface/erp&limit=1", claims=FINANCE)
    (last,) = shown["entries"]
    position = json.loads(urlsafe_b64decode(shown["next"] + "=="))
    assert position == {"before": f"2026-11-20T09:00:06.000Z#{last['id']}"}


def test_a_thing_of_another_branch_is_as_good_as_none(cognito: Any) -> None:
    note("02", 0)
    note("02", 1)
    foreign = done("GET", "/audit-entries?subject=interface/erp&limit=1", claims=FINANCE)
    unknown = done("GET", "/audit-entries?subject=interface/none&limit=1", claims=FINANCE)
    assert foreign == unknown == {"entries": [], "next": None}


@pytest.mark.parametrize(
    "query", ["", "branch=01", "day=2026-11-20&subject=a", "subject=a&branch=01", "day=2026-02-30"]
)
def test_searches_that_are_refused(cognito: Any, query: str) -> None:
    assert refused("GET", f"/audit-entries?{query}")[0] == 422


MADE_UP: list[object] = [
    "x",
    {},
    {"pk": 1},
    {"pk": ""},
    {"pk": "x", "sk": "\ud800"},
    {"before": "x" * 1025},
    {"before": ""},
]


@pytest.mark.parametrize("path", ["/branches?", "/audit-entries?subject=branch/01&"])
@pytest.mark.parametrize(
    "text", ["[" * 1400, '{"pk": ' * 200, "9" * 1400, *(json.dumps(each) for each in MADE_UP)]
)
def test_a_made_up_cursor_is_refused(cognito: Any, path: str, text: str) -> None:
    cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    assert refused("GET", f"{path}cursor={cursor}") == (422, "cursor-unreadable")


@pytest.mark.parametrize("cursor", ["x", "é", "====", "eyJwayI6IDF9"])
def test_what_is_no_cursor_at_all_is_refused(cognito: Any, cursor: str) -> None:
    assert refused("GET", f"/branches?cursor={cursor}") == (422, "cursor-unreadable")


def test_the_cursor_of_another_search_is_refused(cognito: Any) -> None:
    for position in ({"pk": "BRANCHES", "sk": "01"}, {"before": "x", "pk": "x"}):
        cursor = urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")
        target = f"/audit-entries?subject=branch/01&cursor={cursor}"
        assert refused("GET", target) == (422, "cursor-unreadable")
