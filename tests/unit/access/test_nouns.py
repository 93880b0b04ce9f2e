"""Branches, workstations and users refuse what they cannot be."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tillbridge.access.model import (
    ALL_BRANCHES,
    AuditEntry,
    Branch,
    Role,
    User,
    UserKind,
    Workstation,
    WorkstationKey,
)
from tillbridge.kernel.errors import Refused

TILL = User(
    "till-1", UserKind.TILL, frozenset({Role.TILL}), frozenset({"01"}), WorkstationKey("01", "kasse.1")
)
PERSON = User("anna", UserKind.PERSON, frozenset({Role.CASHIER}), frozenset({"01"}), name="Anna Abele")


def code_of(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, str | None]:
    return refused.value.code, refused.value.field


@pytest.mark.parametrize("text", ["0", "HH-Altona", "a_b.c", "x" * 20])
def test_ids_of_branches_and_workstations(text: str) -> None:
    assert str(Workstation(text, text, "Till").key) == f"{text}/{text}"


@pytest.mark.parametrize("text", ["", "x" * 21, "a b", "a/b", ".", "-1", "Köln", "01\n", "*", "١"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(Refused) as refused:
        Branch(text, "Shop")
    assert code_of(refused) == ("id-not-valid", "branch")
    with pytest.raises(Refused) as refused:
        Workstation("01", text, "Till")
    assert code_of(refused) == ("id-not-valid", "workstation")


@pytest.mark.parametrize(
    "zone", ["", "Berlin", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "x" * 500]
)
def test_a_branch_needs_a_time_zone_that_exists(zone: str) -> None:
    with pytest.raises(Refused) as refused:
        Branch("01", "Shop", zone)
    assert code_of(refused) == ("time-zone-unknown", "time_zone")


def test_names_stand_on_one_line() -> None:
    with pytest.raises(Refused) as refused:
        Branch("01", "Shop\nnumber two")
    assert refused.value.field == "name"


@pytest.mark.parametrize("name", ["", "Anna", "anna abele", "-anna", "anna\n", "ä", "a" * 129])
def test_what_is_no_username(name: str) -> None:
    with pytest.raises(Refused) as refused:
        replace(PERSON, username=name)
    assert code_of(refused) == ("username-not-valid", "username")


@pytest.mark.parametrize("roles", [frozenset(), {Role.TILL}, {Role.ADMIN, Role.AGENT}])
def test_a_person_has_roles_of_a_person(roles: frozenset[Role]) -> None:
    with pytest.raises(Refused) as refused:
        replace(PERSON, roles=frozenset(roles))
    assert code_of(refused) == ("roles-not-of-a-person", "roles")


def test_an_administrator_is_one_of_all_branches() -> None:
    for roles in ({Role.ADMIN}, {Role.ADMIN, Role.FINANCE}):
        for branches in (frozenset({"01", "02"}), frozenset[str]()):
            with pytest.raises(Refused) as refused:
                replace(PERSON, roles=frozenset(roles), branches=branches)
            assert code_of(refused) == ("admin-without-all-branches", "branches")
        assert replace(PERSON, roles=frozenset(roles), branches=ALL_BRANCHES).branches is ALL_BRANCHES


@pytest.mark.parametrize("roles", [frozenset(), {Role.CASHIER}, {Role.TILL, Role.ADMIN}, {Role.AGENT}])
def test_a_till_is_only_a_till(roles: frozenset[Role]) -> None:
    with pytest.raises(Refused) as refused:
        replace(TILL, roles=frozenset(roles))
    assert code_of(refused) == ("roles-not-of-a-device", "roles")


def test_devices_have_branches_of_their_own_by_name() -> None:
    for branches in (ALL_BRANCHES, frozenset[str]()):
        with pytest.raises(Refused) as refused:
            replace(TILL, branches=branches, workstation=None)
        assert code_of(refused) == ("device-without-branches", "branches")


def test_a_workstation_lies_in_a_branch_of_the_user() -> None:
    with pytest.raises(Refused) as refused:
        replace(TILL, workstation=WorkstationKey("02", "till-1"))
    assert code_of(refused) == ("workstation-of-another-branch", "workstation")


def test_an_agent_serves_a_workstation() -> None:
    with pytest.raises(Refused) as refused:
        User("agent-1", UserKind.AGENT, frozenset({Role.AGENT}), frozenset({"01"}))
    assert code_of(refused) == ("agent-without-workstation", "workstation")


def test_a_persons_name_never_shows_where_a_user_is_printed() -> None:
    assert "Abele" not in repr(PERSON)


def test_an_audit_entry_without_a_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="time zone"):
        AuditEntry("1", datetime(2026, 11, 20, tzinfo=UTC).replace(tzinfo=None), "01", "anna", "x", "y/z")
