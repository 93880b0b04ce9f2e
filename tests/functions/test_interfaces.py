"""Interfaces: who gets files of which payments, and whether their folders can be written (PF-6 to PF-8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.calls import calls
from tests.functions.shops import ADMIN, FINANCE_A, TILL_A, Shop, bucket, directory, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        opened.ask("PUT", "/branches/01/workstations/till-2", {"name": "Two"}, claims=ADMIN).done()
        yield opened


def test_an_interface_is_written_read_changed_and_ended(shop: Shop) -> None:
    """PF-6 to PF-8: what was written comes back, each change as a new revision."""
    body: dict[str, Any] = {
        "branch": "01",
        "workstation": "till-1",
        "starts_at": "2026-12-01T00:00:00+01:00",
        "character_set": "cp1252",
        "line_ending": "lf",
        "walk_in_customer": "Laufkundschaft",
        "targets": [directory(), bucket(withdrawal="never")],
    }
    made = shop.put_interface(**body).done()
    assert made == {
        **body,
        "id": "erp",
        "name": "ERP",
        "active": True,
        "starts_at": "2026-11-30T23:00:00Z",
        "revision": 1,
        "folder_checks": [],
    }
    assert shop.ask("GET", "/interfaces/erp", claims=ADMIN).done() == made
    assert shop.put_interface(**{**body, "line_ending": "crlf"}).done()["revision"] == 2
    ended = shop.ask("DELETE", "/interfaces/erp", claims=ADMIN).done()
    assert (ended["active"], ended["revision"]) == (False, 3)
    assert shop.ask("DELETE", "/interfaces/erp", claims=ADMIN).done() == ended
    assert shop.put_interface(**body).done()["active"] is True
    facts = [entry["facts"] for entry in shop.audit("interface/erp")]
    assert sorted((fact["revision"], fact["active"]) for fact in facts) == [
        ("1", "true"),
        ("2", "true"),
        ("3", "false"),
        ("4", "true"),
    ]


def test_the_same_once_more_is_no_new_revision(shop: Shop) -> None:
    first = shop.put_interface(targets=[bucket()]).done()
    before = shop.all_that_is_written()
    assert shop.put_interface(targets=[bucket()]).done() == first
    assert shop.all_that_is_written() == before


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ({}, {"B-1", "B-2", "B-3"}),
        ({"branch": "01"}, {"B-1", "B-2"}),
        ({"branch": "01", "workstation": "till-2"}, {"B-2"}),
        ({"branch": "02"}, {"B-3"}),
        ({"starts_at": "2026-11-21T09:55:00+01:00"}, {"B-1", "B-2", "B-3"}),
        ({"starts_at": "2026-11-21T09:55:00.001+01:00"}, set()),
        ({"active": False}, set()),
    ],
)
def test_who_gets_files_of_which_payments(shop: Shop, where: dict[str, Any], numbers: set[str]) -> None:
    """PF-6: per branch, per workstation, from a start on."""
    shop.put_interface(**where).done()
    anywhere_in_01 = {**TILL_A, "workstation": ""}
    shop.record("B-1").done()
    shop.record("B-2", claims=anywhere_in_01, workstation="till-2").done()
    shop.record("B-3", claims={**TILL_A, "branches": "02", "workstation": "02/till-1"}).done()
    assert set(shop.objects()) == {f"erp/{number}.in" for number in numbers}


def test_a_file_goes_to_the_workstation_that_took_the_payment(shop: Shop) -> None:
    """PF-6: no workstation means every one, each in its own folder."""
    shop.put_interface(targets=[directory()]).done()
    one = shop.enrol("01", "till-1")
    two = shop.enrol("01", "till-2", "b" * 32)
    shop.record("B-1").done()
    shop.record("B-2", claims={**TILL_A, "workstation": "01/till-2"}).done()
    for agent, name in ((one, "B-1.in"), (two, "B-2.in")):
        assert [job["payload"]["name"] for job in agent.jobs("folder.erp.folder")] == [name]


def test_listing_can_be_narrowed_to_interfaces_with_a_workstation(shop: Shop) -> None:
    """PF-6: the check box of the original."""
    shop.put_interface("all").done()
    shop.put_interface("branch", branch="01", targets=[bucket("b/")]).done()
    shop.put_interface("seat", branch="01", workstation="till-1", targets=[bucket("s/")]).done()
    shop.put_interface("other", branch="02", targets=[bucket("o/")]).done()

    def listed(target: str, **by: object) -> list[str]:
        found = shop.ask("GET", target, claims={**ADMIN, **by}).done()["interfaces"]
        return [interface["id"] for interface in found]

    assert listed("/interfaces") == ["all", "branch", "other", "seat"]
    assert listed("/interfaces?with_workstation=true") == ["seat"]
    assert listed("/interfaces", **FINANCE_A) == ["all", "branch", "seat"]


def test_saving_has_every_agent_check_its_folder(shop: Shop) -> None:
    """PF-7: what the agents said is shown on the interface."""
    agents = [
        shop.enrol("01", "till-1"),
        shop.enrol("01", "till-2", "b" * 32),
        shop.enrol("02", "till-1", "c" * 32),
    ]
    shop.put_interface(targets=[directory("C:\\P"), bucket()]).done()
    for agent in agents:
        [job] = agent.woken()
        assert (job["device"], job["kind"], job["payload"]) == (
            "workstation",
            "check_folder",
            {"folder": "C:\\P"},
        )
    agents[0].tell("workstation", 1, "done").done()
    agents[1].tell("workstation", 1, "refused", "folder-missing").done()
    checks = shop.ask("GET", "/interfaces/erp", claims=ADMIN).done()["folder_checks"]
    assert [(each["target"], each["workstation"], each["outcome"], each["detail"]) for each in checks] == [
        ("folder", "01/till-1", "done", ""),
        ("folder", "01/till-2", "refused", "folder-missing"),
    ]
    assert checks[0]["at"] == "2026-11-21T09:00:00Z"
    [listed] = shop.ask("GET", "/interfaces", claims=ADMIN).done()["interfaces"]
    assert listed["folder_checks"] == checks


def test_saving_again_has_the_folder_checked_again(shop: Shop) -> None:
    """PF-7: the folder was made meanwhile, nothing else has changed: whoever saves wants to know."""
    agent = shop.enrol()
    shop.put_interface(targets=[directory()]).done()
    agent.tell("workstation", 1, "refused", "folder-missing").done()
    shop.put_interface(targets=[directory()]).done()
    assert [job["sequence"] for job in agent.jobs("workstation")] == [1, 2]
    agent.tell("workstation", 2, "done").done()
    [check] = shop.ask("GET", "/interfaces/erp", claims=ADMIN).done()["folder_checks"]
    assert check["outcome"] == "done"


def test_the_answer_for_a_former_folder_is_not_shown_for_the_new_one(shop: Shop) -> None:
    """PF-7: the agent was offline while the interface changed."""
    agent = shop.enrol()
    shop.put_interface(targets=[directory("C:\\old")]).done()
    shop.put_interface(targets=[directory("C:\\new")]).done()
    agent.tell("workstation", 1, "done").done()
    assert shop.ask("GET", "/interfaces/erp", claims=ADMIN).done()["folder_checks"] == []
    agent.tell("workstation", 2, "refused", "folder-not-writable").done()
    [check] = shop.ask("GET", "/interfaces/erp", claims=ADMIN).done()["folder_checks"]
    assert check["detail"] == "folder-not-writable"


def test_an_ended_interface_has_nothing_checked(shop: Shop) -> None:
    agent = shop.enrol()
    shop.put_interface(targets=[directory()], active=False).done()
    assert agent.jobs("workstation") == []


def test_a_workstation_without_agent_gets_its_check_when_one_comes(shop: Shop) -> None:
    """PF-7, DV-6: the job waits."""
    shop.put_interface(branch="01", workstation="till-2", targets=[directory()]).done()
    agent = shop.enrol("01", "till-2")
    assert [job["kind"] for job in agent.jobs("workstation")] == ["check_folder"]


def test_two_interfaces_do_not_write_into_one_folder(shop: Shop) -> None:
    """PF-3: files of the same name would meet."""
    shop.put_interface("one", branch="01", targets=[directory("C:\\P")]).done()
    before = shop.all_that_is_written()
    refused = shop.put_interface("two", targets=[directory("c:/p/")])
    assert (refused.status, refused.code, refused.fields) == (409, "place-is-shared", ["targets"])
    assert shop.all_that_is_written() == before
    shop.put_interface("two", branch="02", targets=[directory("c:/p/")]).done()


def test_an_interface_of_many_workstations_is_checked_in_portions(shop: Shop) -> None:
    """PF-7: more agents than one transaction should hold."""
    for place in range(23):
        shop.ask("PUT", f"/branches/02/workstations/w{place}", {"name": "W"}, claims=ADMIN).done()
        shop.enrol("02", f"w{place}", f"{place:032x}")
    with calls() as seen:
        shop.put_interface(branch="02", targets=[directory()]).done()
    sizes = [len(params["TransactItems"]) for name, params in seen if name == "TransactWriteItems"]
    assert sizes == [3, 40, 6]
    jobs = [row for row in shop.table("DEVICES_TABLE") if row["sk"]["S"].startswith("JOB#workstation")]
    assert len(jobs) == 23
