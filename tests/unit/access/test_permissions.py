"""Who may do what where: the whole table, written down a second time and compared."""

import itertools

import pytest

from tillbridge.access.model import ALL_BRANCHES, Caller, Role, User, UserKind, UserState, WorkstationKey
from tillbridge.access.rules import (
    PERMISSIONS,
    Act,
    caller_of,
    may,
    require,
    require_role,
    token_claims,
)
from tillbridge.kernel.errors import Forbidden, Refused

TABLE = """
                      cashier approver finance accountant admin till agent
record-payment           x       .        .        .        .    x     .
cancel-payment           x       x        .        .        .    x     .
read-payments            x       x        x        x        x    x     .
claim-payment-files      .       .        x        .        .    x     .
resolve-doubts           .       .        x        .        x    .     .
read-ledger              x       x        x        x        x    x     .
record-documents         .       .        x        .        .    x     .
read-books               .       x        x        x        x    .     .
manage-books             .       .        x        .        x    .     .
read-imports             .       x        x        x        x    .     .
import-files             .       .        x        x        .    .     x
decide-imports           .       x        x        .        .    .     .
manage-import-profiles   .       .        x        .        x    .     .
read-interfaces          .       x        x        .        x    .     .
manage-interfaces        .       .        x        .        x    .     .
read-agents              x       x        x        .        x    .     .
enrol-agent              .       .        .        .        x    .     .
run-jobs                 .       .        .        .        .    .     x
read-branches            x       x        x        x        x    x     .
manage-branches          .       .        .        .        x    .     .
manage-users             .       .        .        .        x    .     .
read-audit-trail         .       .        x        .        x    .     .
"""
HEAD, *LINES = [line.split() for line in TABLE.strip().splitlines()]
ALLOWED = {
    (Role(role), Act(line[0]))
    for line in LINES
    for role, mark in zip(HEAD, line[1:], strict=True)
    if mark == "x"
}
EVERY_ROLE_AND_ACT = list(itertools.product(Role, Act))


def caller(*roles: Role, branches: frozenset[str] = frozenset({"01"})) -> Caller:
    return Caller("somebody", frozenset(roles), branches)


def test_the_table_names_every_role_and_every_act() -> None:
    assert {Role(role) for role in HEAD} == set(Role) == set(PERMISSIONS)
    assert {Act(line[0]) for line in LINES} == set(Act)


@pytest.mark.parametrize(("role", "act"), EVERY_ROLE_AND_ACT)
def test_in_an_own_branch_the_table_decides(role: Role, act: Act) -> None:
    if (role, act) in ALLOWED:
        require(caller(role), act, "01")
    else:
        with pytest.raises(Forbidden) as refusal:
            require(caller(role), act, "01")
        assert refusal.value.code == "act-not-allowed"
        assert refusal.value.facts == {"act": act.value, "roles": role.value}


@pytest.mark.parametrize(("role", "act"), EVERY_ROLE_AND_ACT)
def test_in_a_foreign_branch_nothing_is_allowed(role: Role, act: Act) -> None:
    with pytest.raises(Forbidden):
        require(caller(role), act, "02")


@pytest.mark.parametrize(("role", "act"), EVERY_ROLE_AND_ACT)
def test_for_the_chain_as_a_whole_one_needs_all_branches(role: Role, act: Act) -> None:
    with pytest.raises(Forbidden):
        require(caller(role), act, None)
    everywhere = Caller("somebody", frozenset({role}), ALL_BRANCHES)
    if (role, act) in ALLOWED:
        require(everywhere, act, None)
        require(everywhere, act, "a branch that opens next year")
    else:
        with pytest.raises(Forbidden):
            require(everywhere, act, None)


def test_roles_add_up_and_nobody_without_a_role_may_do_anything() -> None:
    both = caller(Role.CASHIER, Role.ACCOUNTANT)
    assert {act for act in Act if may(both, act)} == PERMISSIONS[Role.CASHIER] | PERMISSIONS[Role.ACCOUNTANT]
    for act in Act:
        with pytest.raises(Forbidden):
            require_role(caller(), act)


def test_a_refusal_names_act_and_branch() -> None:
    with pytest.raises(Forbidden) as refusal:
        require(caller(Role.TILL), Act.RECORD_PAYMENT, "02")
    assert (refusal.value.code, refusal.value.field, refusal.value.value) == (
        "branch-not-covered",
        "branch",
        "02",
    )
    assert refusal.value.facts["act"] == "record-payment"


def test_a_token_says_what_the_table_of_users_says() -> None:
    key = WorkstationKey("02", "till-1")
    till = User("till-7", UserKind.TILL, frozenset({Role.TILL}), frozenset({"02", "01"}), key)
    assert token_claims(till, ["till"]) == {"branches": "01 02", "workstation": "02/till-1"}
    chief = User("chief", UserKind.PERSON, frozenset({Role.FINANCE}), ALL_BRANCHES)
    assert token_claims(chief, ["finance"]) == {"branches": "*", "workstation": ""}


def test_whoever_is_unknown_or_disabled_gets_no_branches() -> None:
    gone = User("gone", UserKind.PERSON, frozenset({Role.ADMIN}), ALL_BRANCHES, state=UserState.DISABLED)
    assert token_claims(gone, ["admin"]) == {"branches": "", "workstation": ""}
    assert token_claims(None, ["till"]) == {"branches": "", "workstation": ""}


def test_the_first_admin_has_every_branch_before_anything_is_written_down() -> None:
    assert token_claims(None, ["admin"])["branches"] == "*"
    assert caller_of("first", ["admin"], None, "").branches is ALL_BRANCHES
    assert caller_of("first", ["finance"], None, "").branches == frozenset()
    assert caller_of("disabled", ["admin"], "", "").branches == frozenset()


def test_claims_become_a_caller_and_foreign_groups_are_passed_over() -> None:
    who = caller_of("till-7", ["till", "newsletter"], "01 02", "02/till-1")
    assert who == Caller(
        "till-7", frozenset({Role.TILL}), frozenset({"01", "02"}), WorkstationKey("02", "till-1")
    )
    assert who.covers("01")
    assert not who.covers("03")
    with pytest.raises(Refused):
        caller_of("till-7", ["till"], "01", "no slash")
