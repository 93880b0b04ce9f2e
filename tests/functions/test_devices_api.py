"""Agents over HTTP: enrolment, jobs in order, answers, sightings, health (DV-1, DV-2, DV-5 to DV-7)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.functions.calls import failing
from tests.functions.shops import ADMIN, FINANCE_A, TILL_A, TILL_B, Shop, ShopAgent, bucket, directory

DEVICE = "folder.erp.folder"


@pytest.fixture
def agent(shop: Shop) -> ShopAgent:
    """The agent of till-1 in branch 01, with a folder that waits for payment files."""
    enrolled = shop.enrol()
    shop.put_interface(targets=[directory()]).done()
    enrolled.woken()
    return enrolled


OWN_ROUTES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/devices", None),
    ("GET", f"/jobs?device={DEVICE}&after=0", None),
    ("POST", "/queue-credentials", None),
    (
        "POST",
        "/job-results",
        {"results": [{"device": DEVICE, "sequence": 1, "outcome": "done", "at": "2026-11-21T09:00:00Z"}]},
    ),
    (
        "POST",
        "/file-sightings",
        {
            "sightings": [
                {
                    "device": DEVICE,
                    "sequence": 1,
                    "name": "B-1.in",
                    "event": "collected",
                    "at": "2026-11-21T09:00:00Z",
                }
            ]
        },
    ),
    (
        "POST",
        "/health-reports",
        {
            "agent_version": "1",
            "host_name": "PC",
            "at": "2026-11-21T09:00:00Z",
            "open_jobs": 0,
            "blocked": [],
        },
    ),
]


@pytest.mark.parametrize("claims", [TILL_A, ADMIN, FINANCE_A])
def test_only_agents_run_jobs(shop: Shop, agent: ShopAgent, claims: dict[str, object]) -> None:
    """PE-1."""
    before = shop.all_that_is_written()
    for method, target, body in OWN_ROUTES:
        refused = shop.ask(method, target, body, claims=claims)
        assert (refused.status, refused.code) == (403, "act-not-allowed"), target
    assert shop.all_that_is_written() == before


def test_a_replaced_agent_reaches_nothing_any_more(shop: Shop, agent: ShopAgent) -> None:
    """DV-1: whatever token it still has."""
    shop.enrol(enrolment_id="b" * 32)
    before = shop.all_that_is_written()
    for method, target, body in OWN_ROUTES:
        refused = agent.ask(method, target, body)
        assert (refused.status, refused.code) == (403, "agent-replaced"), target
    assert shop.all_that_is_written() == before


def test_only_administrators_have_agents_enrolled(shop: Shop) -> None:
    before = shop.all_that_is_written()
    for claims in (TILL_A, TILL_B, FINANCE_A):
        wanted = {"branch": "01", "workstation": "till-1"}
        assert shop.ask("POST", "/enrolment-codes", wanted, claims=claims).code == "act-not-allowed"
    missing = {"branch": "01", "workstation": "till-9"}
    assert shop.ask("POST", "/enrolment-codes", missing, claims=ADMIN).code == "workstation-not-found"
    assert shop.all_that_is_written() == before


# Jobs and their answers


def test_jobs_come_in_order_from_the_queue_and_over_the_api(shop: Shop, agent: ShopAgent) -> None:
    """DV-6: the same shape on both ways; sequences start at 1 and have no gaps."""
    for number in ("B-1", "B-2", "B-3"):
        shop.record(number).done()
    shop.cancel("B-2", "S-2").done()
    woken = agent.woken()
    assert agent.jobs(DEVICE) == woken
    assert [(job["sequence"], job["kind"]) for job in woken] == [
        (1, "put_file"),
        (2, "put_file"),
        (3, "put_file"),
        (4, "withdraw_file"),
    ]
    assert {job["inherited"] for job in woken} == {False}
    assert [job["sequence"] for job in agent.jobs(DEVICE, after=2)] == [3, 4]
    assert agent.jobs(DEVICE, after=4) == agent.jobs("folder.erp.other") == []
    orders = {each["device"]: each for each in agent.ask("GET", "/devices").done()["devices"]}
    assert orders[DEVICE] == {"device": DEVICE, "last_sequence": 4, "answered_sequence": 0}


def test_a_device_whose_name_begins_another_gets_only_its_own_jobs(shop: Shop, agent: ShopAgent) -> None:
    """DV-6: ``folder.erp.folder`` and ``folder.erp.folder-2``."""
    targets = [directory("C:\\a"), directory("C:\\b", "folder-2")]
    shop.put_interface(targets=targets).done()
    shop.record("B-1").done()
    assert [job["payload"]["folder"] for job in agent.jobs(DEVICE)] == ["C:\\a"]
    assert [job["payload"]["folder"] for job in agent.jobs(f"{DEVICE}-2")] == ["C:\\b"]


def test_a_page_of_jobs_holds_a_hundred(shop: Shop, agent: ShopAgent) -> None:
    """DV-6: after a month away."""
    for place in range(11):
        lines = [{"number": f"B-{place}-{line}", "amount": "1", "method": "card"} for line in range(10)]
        body = {
            "branch": "01",
            "kind": "sale",
            "currency": "EUR",
            "taken_at": "2026-11-21T09:00:00Z",
            "lines": lines,
        }
        shop.ask("POST", "/payments", body, idempotency_key=f"k{place}").done()
    first = agent.jobs(DEVICE)
    second = agent.jobs(DEVICE, after=100)
    assert [job["sequence"] for job in first + second] == list(range(1, 111))
    assert len(first) == 100


def test_an_answer_is_noted_once(shop: Shop, agent: ShopAgent) -> None:
    """DV-5: its repetition changes nothing, also later; another outcome contradicts."""
    shop.record("B-1").done()
    assert agent.tell(DEVICE, 1, "done").done() == {"accepted": [{"device": DEVICE, "sequence": 1}]}
    before = shop.all_that_is_written()
    shop.world.clock.forward(days=3)
    assert agent.tell(DEVICE, 1, "done").status == 200
    refused = agent.tell(DEVICE, 1, "in_doubt")
    assert (refused.status, refused.code) == (409, "job-has-another-outcome")
    assert shop.all_that_is_written() == before


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
def test_an_answer_whose_reply_was_lost_is_repeated(shop: Shop, agent: ShopAgent, lost: str) -> None:
    """DV-6, PF-9."""
    shop.record("B-1").done()
    with failing("dynamodb", "TransactWriteItems", lost):
        assert agent.tell(DEVICE, 1, "done").status == 503
    assert agent.tell(DEVICE, 1, "done").status == 200
    assert shop.happened_to("erp.folder.B-1.in") == ["made", "delivered"]


def test_answers_come_in_order(shop: Shop, agent: ShopAgent) -> None:
    """DV-6: nothing is skipped."""
    shop.record("B-1").done()
    shop.record("B-2").done()
    before = shop.all_that_is_written()
    early = agent.tell(DEVICE, 2, "done")
    assert (early.status, early.code, early.fields) == (409, "result-out-of-order", ["sequence"])
    assert shop.all_that_is_written() == before
    at = "2026-11-21T09:00:00Z"
    results = [{"device": DEVICE, "sequence": place, "outcome": "done", "at": at} for place in (1, 2)]
    assert agent.ask("POST", "/job-results", {"results": results}).status == 200


@pytest.mark.parametrize(
    ("sequence", "outcome", "status", "code"),
    [
        (1, "withdrawn", 422, "outcome-does-not-fit"),
        (1, "gone", 422, "outcome-does-not-fit"),
        (1, "refused", 422, "outcome-does-not-fit"),
        (2, "done", 404, "job-not-found"),
        (1, "finished", 422, "request-not-valid"),
        (0, "done", 422, "request-not-valid"),
    ],
)
def test_answers_that_cannot_be(
    shop: Shop, agent: ShopAgent, sequence: int, outcome: str, status: int, code: str
) -> None:
    shop.record("B-1").done()
    before = shop.all_that_is_written()
    refused = agent.tell(DEVICE, sequence, outcome)
    assert (refused.status, refused.code) == (status, code)
    assert shop.all_that_is_written() == before


def test_jobs_of_a_former_agent_are_inherited(shop: Shop, agent: ShopAgent) -> None:
    """DV-5: only the new agent's own jobs are surely not begun; in doubt is then an answer."""
    shop.record("B-1").done()
    shop.world.clock.forward(minutes=5)
    new = shop.enrol(enrolment_id="b" * 32)
    shop.record("B-2").done()
    assert [job["inherited"] for job in new.jobs(DEVICE)] == [True, False]
    new.tell(DEVICE, 1, "in_doubt", "the disk was changed").done()
    assert shop.state_of("erp.folder.B-1.in") == "in_doubt"
    file = shop.ask("GET", "/payment-files/erp.folder.B-1.in").done()
    assert (file["history"][-1]["what"], file["history"][-1]["detail"]) == (
        "in doubt",
        "the disk was changed",
    )


def test_the_first_agent_of_a_workstation_inherits_nothing(shop: Shop) -> None:
    """DV-6: payments were taken before there was an agent; nobody can have begun their jobs."""
    shop.put_interface(targets=[directory()]).done()
    shop.record("B-1").done()
    shop.world.clock.forward(days=1)
    agent = shop.enrol()
    assert [job["inherited"] for job in agent.jobs(DEVICE)] == [False]


def test_sightings_are_taken_only_of_the_agents_own_files(shop: Shop, agent: ShopAgent) -> None:
    """PF-14: of files that it has put, in its own folders, under their own names."""
    shop.put_interface("cloud", targets=[bucket(name="folder")]).done()
    shop.record("B-1").done()
    stranger = shop.enrol("02", "till-1", "c" * 32)
    before = shop.all_that_is_written()
    assert agent.sight(DEVICE, 1, "B-1.in").done() == {"noted": 0}, "not yet delivered"
    assert stranger.sight(DEVICE, 1, "B-1.in").done() == {"noted": 0}
    assert agent.sight("folder.cloud.folder", 1, "B-1.in").done() == {"noted": 0}
    assert shop.all_that_is_written() == before
    agent.tell(DEVICE, 1, "done").done()
    assert agent.sight(DEVICE, 1, "B-1.out").done() == {"noted": 0}
    assert agent.sight(DEVICE, 1, "x").done() == {"noted": 0}
    assert stranger.sight(DEVICE, 1, "B-1.in").done() == {"noted": 0}
    assert agent.sight(DEVICE, 1, "B-1.in").done() == {"noted": 1}
    last = shop.ask("GET", "/payment-files/erp.folder.B-1.in").done()["history"][-1]
    assert (last["what"], last["by"]) == ("collected", agent.enrolment["username"])
    assert "2026-11-21T09:00:09Z" in last["detail"]


def test_an_agents_last_word_is_shown(shop: Shop, agent: ShopAgent) -> None:
    """DV-7."""
    word = {
        "agent_version": "0.2.0",
        "host_name": "KASSE-01",
        "at": "2026-11-21T09:00:00Z",
        "open_jobs": 3,
        "blocked": [{"device": DEVICE, "problem": "folder-missing", "since": "2026-11-21T08:00:00Z"}],
    }
    agent.ask("POST", "/health-reports", word).done()
    shown = shop.ask("GET", f"/agents/{agent.enrolment['agent_id']}", claims=ADMIN).done()
    assert (shown["last_word"], shown["last_word_at"]) == (word, "2026-11-21T09:00:00Z")
    foreign = copy.deepcopy(word) | {"secret": "x"}
    assert agent.ask("POST", "/health-reports", foreign).fields == ["secret"]


def test_credentials_are_for_the_agents_own_queue(shop: Shop, agent: ShopAgent) -> None:
    """DV-1: for an hour."""
    given = agent.ask("POST", "/queue-credentials")
    assert given.status == 201
    assert agent.enrolment["agent_id"] in given.body["queue_url"]
    assert set(given.body) == {
        "queue_url", "region", "access_key_id", "secret_access_key", "session_token", "expires_at"
    }  # fmt: skip


def test_agents_are_listed_page_by_page(shop: Shop) -> None:
    for place in range(3):
        shop.ask("PUT", f"/branches/02/workstations/w{place}", {"name": "W"}, claims=ADMIN).done()
        shop.enrol("02", f"w{place}", f"{place:032x}")
    first = shop.ask("GET", "/agents?branch=02&limit=2", claims=ADMIN).done()
    rest = shop.ask("GET", f"/agents?branch=02&limit=2&cursor={first['next']}", claims=ADMIN).done()
    assert [len(page["agents"]) for page in (first, rest)] == [2, 1]
    assert rest["next"] is None
    assert shop.ask("GET", "/agents?branch=01", claims=ADMIN).done()["agents"] == []
