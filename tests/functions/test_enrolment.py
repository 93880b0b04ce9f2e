"""Agents are enrolled with a code, once; a new one takes the place of the former one (DV-1)."""

from __future__ import annotations

import os
from typing import Any

import boto3
import pytest

from tests.functions.calls import failing
from tests.functions.shops import ADMIN, Answer, Shop, directory, event


def a_code(shop: Shop, workstation: str = "till-1", branch: str = "01") -> str:
    wanted = {"branch": branch, "workstation": workstation}
    return str(shop.ask("POST", "/enrolment-codes", wanted, claims=ADMIN).done()["code"])


def enrol(shop: Shop, code: str, enrolment_id: str = "1" * 32) -> Answer:
    body = {"code": code, "enrolment_id": enrolment_id, "host_name": "PC", "agent_version": "0.1.0"}
    return shop.ask("POST", "/enrolments", body, claims=None)


def may_sign_in(enrolment: dict[str, Any]) -> bool:
    cognito = boto3.client("cognito-idp")
    try:
        answer = cognito.initiate_auth(
            ClientId=os.environ["AGENT_CLIENT_ID"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": enrolment["username"], "PASSWORD": enrolment["password"]},
        )
    except cognito.exceptions.NotAuthorizedException:
        return False
    return "AccessToken" in answer["AuthenticationResult"]


def test_the_recorded_event_enrols_an_agent(shop: Shop) -> None:
    """DV-1: one code, one agent, whose password signs in."""
    request = event("devices_api")
    request["body"] = request["body"].replace("ABCD-EFGH-JKMN", a_code(shop))
    enrolment = shop.send(request).done()
    assert (enrolment["branch"], enrolment["workstation"]) == ("01", "till-1")
    assert enrolment["client_id"] == os.environ["AGENT_CLIENT_ID"]
    assert enrolment["region"] == "eu-central-1"
    assert may_sign_in(enrolment)
    [listed] = shop.ask("GET", "/agents?branch=01", claims=ADMIN).done()["agents"]
    assert (listed["id"], listed["state"], listed["host_name"]) == (
        enrolment["agent_id"],
        "enrolled",
        "KASSE-01",
    )


def test_a_code_that_nobody_made_enrols_nobody(shop: Shop) -> None:
    before = shop.all_that_is_written()
    answer = shop.send(event("devices_api"))
    assert (answer.status, answer.code, answer.fields) == (422, "enrolment-code-unknown", ["code"])
    assert shop.all_that_is_written() == before


@pytest.mark.parametrize(
    "change", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "]
)
def test_a_code_is_taken_however_it_was_typed(shop: Shop, change: Any) -> None:
    """DV-1: from paper or by telephone."""
    assert enrol(shop, change(a_code(shop))).status == 201


def test_a_code_enrols_once(shop: Shop) -> None:
    """DV-1: nobody else may use what somebody has read over the shoulder."""
    code = a_code(shop)
    enrol(shop, code, "1" * 32).done()
    before = shop.all_that_is_written()
    again = enrol(shop, code, "2" * 32)
    assert (again.status, again.code, again.fields) == (422, "enrolment-code-used", ["code"])
    assert shop.all_that_is_written() == before


def test_a_code_expires_after_a_day(shop: Shop) -> None:
    code, other = a_code(shop), a_code(shop)
    shop.world.clock.forward(hours=23, minutes=59)
    assert enrol(shop, other).status == 201
    shop.world.clock.forward(minutes=1)
    assert enrol(shop, code).code == "enrolment-code-expired"


def test_the_code_itself_is_kept_nowhere(shop: Shop) -> None:
    code = a_code(shop)
    assert code not in shop.all_that_is_written()
    assert code.replace("-", "") not in shop.all_that_is_written()


def test_an_enrolment_whose_reply_was_lost_is_repeated(shop: Shop) -> None:
    """DV-1: the same agent, the same queue; the password is a new one."""
    code = a_code(shop)
    first = enrol(shop, code).done()
    again = enrol(shop, code).done()
    assert {**again, "password": ""} == {**first, "password": ""}
    assert may_sign_in(again)
    assert not may_sign_in(first)
    assert len(shop.ask("GET", "/agents?branch=01", claims=ADMIN).done()["agents"]) == 1


@pytest.mark.parametrize("lost", ["before-call", "after-call"])
@pytest.mark.parametrize(
    ("service", "operation"),
    [("sqs", "CreateQueue"), ("dynamodb", "TransactWriteItems"), ("cognito-idp", "AdminSetUserPassword")],
)
def test_an_enrolment_that_broke_off_is_ended_by_repeating_it(
    shop: Shop, service: str, operation: str, lost: str
) -> None:
    code = a_code(shop)
    with failing(service, operation, lost):
        assert enrol(shop, code).status == 503
    assert may_sign_in(enrol(shop, code).done())


def test_a_new_agent_takes_the_place_of_the_former_one(shop: Shop) -> None:
    """DV-1: the former one is out, whatever token it still has."""
    former = shop.enrol(enrolment_id="a" * 32)
    shop.world.clock.forward(minutes=1)
    new = shop.enrol(enrolment_id="b" * 32)
    assert not may_sign_in(former.enrolment)
    for target in ("/devices", "/jobs?device=workstation&after=0"):
        refused = former.ask("GET", target)
        assert (refused.status, refused.code) == (403, "agent-replaced"), target
    assert new.ask("GET", "/devices").status == 200
    states = {
        each["id"]: each["state"]
        for each in shop.ask("GET", "/agents?branch=01", claims=ADMIN).done()["agents"]
    }
    assert states == {former.enrolment["agent_id"]: "replaced", new.enrolment["agent_id"]: "enrolled"}


def test_a_replaced_agent_that_repeats_its_enrolment_does_not_come_back(shop: Shop) -> None:
    """DV-1: its reply was lost, a new one was enrolled meanwhile; the new one goes on working."""
    code = a_code(shop)
    enrol(shop, code, "a" * 32).done()
    new = shop.enrol(enrolment_id="b" * 32)
    again = enrol(shop, code, "a" * 32)
    assert 400 <= again.status < 500
    assert may_sign_in(new.enrolment)
    assert new.ask("GET", "/devices").status == 200


@pytest.mark.parametrize("first_dies", [True, False])
def test_a_job_that_any_earlier_agent_may_have_begun_is_inherited(shop: Shop, first_dies: bool) -> None:
    """DV-5, PF-9: not only the one that worked there when the payment was taken."""
    shop.put_interface(targets=[directory()]).done()
    if first_dies:
        shop.enrol(enrolment_id="a" * 32)
        shop.world.clock.forward(days=2)
    shop.record("B-1").done()
    shop.world.clock.forward(days=2)
    second = shop.enrol(enrolment_id="b" * 32)
    assert [job["inherited"] for job in second.jobs("folder.erp.folder")] == [False], (
        "nobody can have begun it"
    )
    shop.world.clock.forward(days=2)
    third = shop.enrol(enrolment_id="c" * 32)
    shop.record("B-2").done()
    assert [job["inherited"] for job in third.jobs("folder.erp.folder")] == [True, False]


def test_what_was_made_while_the_former_agent_was_long_dead_is_not_inherited(shop: Shop) -> None:
    """DV-5: its PC burnt down on Friday; Monday's payments are surely not begun."""
    shop.put_interface(targets=[directory()]).done()
    former = shop.enrol(enrolment_id="a" * 32)
    shop.record("B-1").done()
    assert len(former.jobs("folder.erp.folder")) == 1
    shop.world.clock.forward(days=3)
    shop.record("B-2").done()
    new = shop.enrol(enrolment_id="b" * 32)
    assert [job["inherited"] for job in new.jobs("folder.erp.folder")] == [True, False]
