"""The decisions about payments: which make files, where, what change and cancellations do."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.payments.orders import TAKEN_AT, TILL, a_bucket, a_folder, a_line, a_payment, an_interface
from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.errors import Conflict, Refused
from tillbridge.kernel.money import Money
from tillbridge.payments import rules
from tillbridge.payments.model import (
    BucketPlace,
    Direction,
    FileState,
    FolderPlace,
    PaymentKind,
    PaymentMethod,
    Withdrawal,
)
from tillbridge.payments.rules import Line, Measure

SOLD = {PaymentKind.SALE, PaymentKind.DOWN_PAYMENT, PaymentKind.INVOICE, PaymentKind.CANCELLATION}
MOVED = {
    PaymentKind.CASH_DEPOSIT: Direction.IN,
    PaymentKind.FLOAT: Direction.IN,
    PaymentKind.CASH_WITHDRAWAL: Direction.OUT,
    PaymentKind.PETTY_CASH: Direction.OUT,
    PaymentKind.SAFE_DROP: Direction.OUT,
}


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


# PF-1, PF-2


@pytest.mark.parametrize("kind", PaymentKind)
def test_what_was_sold_makes_files_and_cash_that_was_only_moved_never_does(kind: PaymentKind) -> None:
    """PF-1, PF-2: every kind is decided, and decided so."""
    assert (kind in SOLD) != (kind in MOVED)
    assert rules.MAKES_FILE[kind] is (kind in SOLD)
    assert rules.FIXED_DIRECTION.get(kind) is MOVED.get(kind)


@pytest.mark.parametrize(("kind", "direction"), list(product(PaymentKind, Direction)))
def test_moved_cash_goes_one_way_only(kind: PaymentKind, direction: Direction) -> None:
    line = a_line(direction=direction)
    if MOVED.get(kind, direction) is direction:
        rules.demand_line(kind, line, field="lines.0")
    else:
        with pytest.raises(Refused) as refusal:
            rules.demand_line(kind, line, field="lines.0")
        assert (refusal.value.code, refusal.value.field) == ("direction-does-not-fit", "lines.0.direction")
        assert refusal.value.facts["right"] == MOVED[kind].value


@pytest.mark.parametrize(("kind", "method"), list(product(PaymentKind, PaymentMethod)))
def test_moved_cash_is_cash(kind: PaymentKind, method: PaymentMethod) -> None:
    line = a_line(method=method, direction=MOVED.get(kind, Direction.IN))
    if kind in SOLD or method is PaymentMethod.CASH:
        rules.demand_line(kind, line, field="lines.3")
    else:
        with pytest.raises(Refused) as refusal:
            rules.demand_line(kind, line, field="lines.3")
        assert (refusal.value.code, refusal.value.field) == ("method-does-not-fit", "lines.3.method")


@pytest.mark.parametrize("minor", [0, -1, -510])
def test_a_line_has_an_amount_above_zero(minor: int) -> None:
    with pytest.raises(Refused) as refusal:
        rules.demand_line(PaymentKind.SALE, a_line(minor=minor), field="lines.1")
    assert (refusal.value.code, refusal.value.field) == ("amount-not-positive", "lines.1.amount")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (a_line(invoice_number="R-1\r\namount=999"), "invoice_number"),
        (a_line(case_number="R-1\u2028amount=999"), "case_number"),
    ],
)
def test_a_line_break_in_a_line_is_refused_with_the_lines_place(line: Line, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.demand_line(PaymentKind.SALE, line, field="lines.2")
    assert (refusal.value.code, refusal.value.field) == ("text-has-control-characters", f"lines.2.{name}")


@pytest.mark.parametrize(
    ("numbers", "place"),
    [
        (("a", "b", "a"), 2),
        (("Bon-1", "BON-1"), 1),
        (("bär", "ba\u0308r"), 1),
        (("Straße", "x", "STRASSE"), 2),
    ],
)
def test_a_number_stands_once_in_a_visit_whatever_its_case(numbers: tuple[str, ...], place: int) -> None:
    """PF-3."""
    with pytest.raises(Refused) as refusal:
        rules.demand_different_numbers([a_line(number) for number in numbers])
    assert (refusal.value.code, refusal.value.field) == ("number-twice", f"lines.{place}.number")


def test_different_numbers_stand_beside_each_other() -> None:
    rules.demand_different_numbers([a_line("Bon-1"), a_line("Bon-01"), a_line("Bon 1"), a_line("Bon-1.")])


# Change given back

LINES = st.lists(
    st.builds(
        a_line,
        number=st.uuids().map(str),
        minor=st.integers(min_value=1, max_value=10_000),
        method=st.sampled_from([PaymentMethod.CASH, PaymentMethod.CASH, PaymentMethod.CARD]),
        direction=st.sampled_from([Direction.IN, Direction.IN, Direction.IN, Direction.OUT]),
    ),
    min_size=1,
    max_size=8,
)


def is_cash_in(line: Line) -> bool:
    return line.method is PaymentMethod.CASH and line.direction is Direction.IN


@given(LINES, st.integers(min_value=1, max_value=50_000))
def test_change_comes_out_of_the_cash_and_out_of_nothing_else(lines: list[Line], change_minor: int) -> None:
    """PF-1: the sum is conserved, only cash lines change, each stays above zero; or all is refused."""
    cash = [line for line in lines if is_cash_in(line)]
    possible = bool(cash) and sum(line.amount.amount_minor for line in cash) - change_minor >= len(cash)
    if not possible:
        with pytest.raises(Refused) as refusal:
            rules.net_change(lines, euro(change_minor))
        assert (refusal.value.code, refusal.value.field) == ("change-exceeds-cash", "change")
        return
    netted = rules.net_change(lines, euro(change_minor))
    assert len(netted) == len(lines)
    taken_minor = 0
    for before, after in zip(lines, netted, strict=True):
        assert (before.number, before.method, before.direction) == (
            after.number,
            after.method,
            after.direction,
        )
        assert after.amount.amount_minor > 0
        part_minor = before.amount.amount_minor - after.amount.amount_minor
        assert part_minor >= 0
        assert part_minor == 0 or is_cash_in(before)
        taken_minor += part_minor
    assert taken_minor == change_minor


def test_change_comes_out_of_the_last_cash_line_first() -> None:
    lines = [a_line("a", 1000), a_line("b", 500, PaymentMethod.CARD), a_line("c", 1000)]
    amounts = [line.amount.amount_minor for line in rules.net_change(lines, euro(300))]
    assert amounts == [1000, 500, 700]
    amounts = [line.amount.amount_minor for line in rules.net_change(lines, euro(1200))]
    assert amounts == [799, 500, 1]


@given(LINES)
def test_without_change_nothing_changes(lines: list[Line]) -> None:
    assert rules.net_change(lines, None) == tuple(lines)


@pytest.mark.parametrize("minor", [0, -1])
def test_change_is_above_zero(minor: int) -> None:
    with pytest.raises(Refused) as refusal:
        rules.net_change([a_line()], euro(minor))
    assert (refusal.value.code, refusal.value.field) == ("amount-not-positive", "change")


# Who wants a file, and where it goes (PF-6, PF-7)

BRANCHES = (None, "01", "02")
SEATS = (None, "till-1", "till-2")
STARTS = (None, TAKEN_AT, TAKEN_AT - timedelta(days=1), TAKEN_AT + timedelta(milliseconds=1))


@pytest.mark.parametrize(
    ("branch", "seat", "starts_at", "active"),
    [
        choice
        for choice in product(BRANCHES, SEATS, STARTS, (True, False))
        if not (choice[0] is None and choice[1] is not None)
    ],
)
def test_who_wants_a_file(branch: str | None, seat: str | None, starts_at: object, active: bool) -> None:
    """PF-6: branch, workstation, start and end each narrow by themselves, for every kind of payment."""
    interface = an_interface(branch=branch, workstation=seat, starts_at=starts_at, active=active)
    for kind in PaymentKind:
        wanted = (
            kind in SOLD
            and active
            and branch in {None, "01"}
            and seat in {None, "till-1"}
            and starts_at in {None, TAKEN_AT, TAKEN_AT - timedelta(days=1)}
        )
        assert rules.wants_file(interface, kind, TILL, TAKEN_AT) is wanted


def test_a_file_goes_to_the_workstation_that_took_the_payment() -> None:
    """PF-6, PF-7."""
    other = WorkstationKey("02", "till-9")
    assert rules.place_of(a_folder("D:\\x"), other) == FolderPlace(other, "D:\\x")
    assert rules.place_of(a_bucket("a/b/"), other) == BucketPlace("a/b/", Withdrawal.BY_CLAIM)


# What a cancellation takes back


@pytest.mark.parametrize(
    ("cancelled_minor", "asked_minor", "part_minor", "whole"),
    [
        (0, None, 510, True),
        (0, 510, 510, True),
        (0, 509, 509, False),
        (0, 1, 1, False),
        (10, None, 500, False),
        (10, 500, 500, False),
        (509, None, 1, False),
        (509, 1, 1, False),
    ],
)
def test_what_a_cancellation_takes_back(
    cancelled_minor: int, asked_minor: int | None, part_minor: int, whole: bool
) -> None:
    """PF-5: the whole is only whole when nothing of it was cancelled before."""
    payment = a_payment(cancelled_minor=cancelled_minor, cancelled_by=("S-0",) if cancelled_minor else ())
    part = rules.cancel(payment, None if asked_minor is None else euro(asked_minor))
    assert part == rules.CancelledPart(euro(part_minor), whole=whole)


@pytest.mark.parametrize(
    ("cancelled_minor", "asked", "code", "kind"),
    [
        (0, euro(511), "cancels-more-than-is-left", Conflict),
        (10, euro(501), "cancels-more-than-is-left", Conflict),
        (510, None, "payment-is-cancelled", Conflict),
        (510, euro(1), "payment-is-cancelled", Conflict),
        (0, euro(0), "amount-not-positive", Refused),
        (0, euro(-1), "amount-not-positive", Refused),
        (0, Money(1, "CHF"), "currencies-differ", Refused),
    ],
)
def test_cancellations_that_cannot_be(
    cancelled_minor: int, asked: Money | None, code: str, kind: type[Refused]
) -> None:
    payment = a_payment(cancelled_minor=cancelled_minor, cancelled_by=("S-0",) if cancelled_minor else ())
    with pytest.raises(Refused) as refusal:
        rules.cancel(payment, asked)
    assert (refusal.value.code, type(refusal.value)) == (code, kind)


def test_a_cancellation_is_not_cancelled() -> None:
    payment = a_payment(kind=PaymentKind.CANCELLATION, direction=Direction.OUT, cancels="B-1")
    for amount in (None, euro(1)):
        with pytest.raises(Conflict, match="cancellation-of-a-cancellation"):
            rules.cancel(payment, amount)


@given(st.lists(st.integers(min_value=1, max_value=600), max_size=8))
def test_cancellations_never_take_back_more_than_was_paid(parts: list[int]) -> None:
    """PF-9: whatever is asked, in whatever portions."""
    cancelled_minor = 0
    for part in parts:
        payment = a_payment(cancelled_minor=cancelled_minor, cancelled_by=("S",) if cancelled_minor else ())
        try:
            cancelled_minor += rules.cancel(payment, euro(part)).amount.amount_minor
        except Conflict:
            assert part > 510 - cancelled_minor or cancelled_minor == 510
        assert 0 <= cancelled_minor <= 510


FOLDER = FolderPlace(TILL, "C:\\Payments")
WAITING = {FileState.PENDING, FileState.DELIVERED, FileState.IN_DOUBT}
ASKED_OF: dict[str, Measure] = {
    "folder": Measure.ASK_FOLDER,
    "by_claim": Measure.WITHDRAW_NOW,
    "conditional_delete": Measure.ASK_BUCKET,
    "if_present": Measure.ASK_BUCKET,
    "never": Measure.COUNTER,
}
"""Who decides about a whole payment's file that may still be there: written down here a second time."""


@pytest.mark.parametrize(("place", "state", "whole"), list(product(ASKED_OF, FileState, (True, False))))
def test_what_a_cancellation_does_about_one_file(place: str, state: FileState, whole: bool) -> None:
    """PF-5, PF-9: a part leaves the file, a file that is gone is countered, else the place is asked."""
    where = FOLDER if place == "folder" else BucketPlace("erp/", Withdrawal(place))
    expected = ASKED_OF[place] if whole and state in WAITING else Measure.COUNTER
    if state is FileState.IN_DOUBT and not whole:
        expected = Measure.WAIT
    assert rules.measure(where, state, whole=whole) is expected


def test_every_way_of_withdrawal_is_in_the_table() -> None:
    assert set(ASKED_OF) - {"folder"} == {each.value for each in Withdrawal}


# A folder of its own (PF-3)


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ("C:\\Payments", "C:\\Payments"),
        ("C:\\Payments", "c:\\PAYMENTS\\"),
        ("C:\\Payments", "C:/Payments"),
        ("/srv/payments", "/srv/payments/"),
    ],
)
def test_two_interfaces_do_not_share_a_folder(mine: str, other: str) -> None:
    with pytest.raises(Conflict) as refusal:
        rules.demand_folder_of_its_own(
            an_interface("mine", a_folder(mine)), [an_interface("other", a_folder(other))]
        )
    assert (refusal.value.code, refusal.value.facts["other"]) == ("place-is-shared", "other")


def test_two_interfaces_do_not_share_a_prefix() -> None:
    with pytest.raises(Conflict, match="place-is-shared"):
        rules.demand_folder_of_its_own(
            an_interface("mine", a_bucket("erp/")), [an_interface("other", a_folder(), a_bucket("erp/"))]
        )


def test_two_targets_of_one_interface_do_not_share_a_place() -> None:
    twice = an_interface("mine", a_folder("C:\\a", "one"), a_folder("c:/A/", "two"))
    with pytest.raises(Refused, match="place-is-shared"):
        rules.demand_folder_of_its_own(twice, [])


@pytest.mark.parametrize(
    ("mine", "other", "meet"),
    [
        ({}, {}, True),
        ({}, {"branch": "01"}, True),
        ({"branch": "01"}, {"branch": "01"}, True),
        ({"branch": "01"}, {"branch": "02"}, False),
        ({"branch": "01"}, {"branch": "01", "workstation": "till-1"}, True),
        ({"branch": "01", "workstation": "till-1"}, {"branch": "01", "workstation": "till-1"}, True),
        ({"branch": "01", "workstation": "till-1"}, {"branch": "01", "workstation": "till-2"}, False),
        ({"branch": "01", "workstation": "till-1"}, {"branch": "02", "workstation": "till-1"}, False),
        ({}, {"active": False}, False),
    ],
)
def test_only_interfaces_that_can_meet_disturb_each_other(
    mine: dict[str, str], other: dict[str, str], meet: bool
) -> None:
    for one, two in ((mine, other), (other, mine)) if "active" not in other else ((mine, other),):
        both = an_interface("mine", **one), [an_interface("other", **two)]
        if meet:
            with pytest.raises(Conflict, match="place-is-shared"):
                rules.demand_folder_of_its_own(*both)
        else:
            rules.demand_folder_of_its_own(*both)


def test_an_interface_does_not_disturb_its_own_former_revision() -> None:
    rules.demand_folder_of_its_own(an_interface("mine"), [an_interface("mine", revision=1)])
