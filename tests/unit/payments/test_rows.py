"""What is written to the table is read back the same, and the keys say what ``store`` promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.payments.orders import TAKEN_AT, TILL, a_bucket, a_folder, a_payment, an_interface
from tillbridge.access.model import Branch
from tillbridge.aws.table import Row
from tillbridge.kernel.text import CharacterSet
from tillbridge.payments import rows
from tillbridge.payments.model import (
    BucketPlace,
    Customer,
    Direction,
    FileKey,
    FileState,
    FolderPlace,
    HistoryEvent,
    Interface,
    LineEnding,
    Payment,
    PaymentKind,
    Place,
    Withdrawal,
)
from tillbridge.payments.plans import Occasion, make_file

NOW = datetime(2026, 11, 21, 9, 0, 0, 123000, tzinfo=UTC)
OCCASION = Occasion(Branch("01", "Altona"), NOW, "till-a")
EVENT = HistoryEvent(NOW, "recorded", "till-a", "cancels Ü-1")
PLACES: list[Place] = [FolderPlace(TILL, "C:\\Payments"), BucketPlace("erp/", Withdrawal.NEVER)]


def as_kept(row: Row) -> Row:
    """The table keeps no attribute that has no value."""
    return {name: content for name, content in row.items() if content is not None}


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(history=(EVENT,)),
        a_payment(customer=Customer("Abele", "Anton"), case_number="V-1", invoice_number="R-1", staff="AM"),
        a_payment("S-1", kind=PaymentKind.CANCELLATION, direction=Direction.OUT, cancels="B-1"),
        a_payment(cancelled_minor=300, cancelled_by=("S-1", "S-2")),
    ],
)
def test_a_payment_is_read_back(payment: Payment) -> None:
    assert rows.payment_from(as_kept(rows.payment_row(payment, "2019-08-02"))) == payment


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("held", [True, False])
def test_a_file_is_read_back(place: Place, held: bool) -> None:
    file = make_file(a_payment(), an_interface(), "main", place, OCCASION, held=held)
    countered = replace(file, counters="b-0", countered_by="s-1", replaced=("€",))
    for one in (file, countered):
        assert rows.file_from(as_kept(rows.file_row(one, "2019-08-02"))) == one


@pytest.mark.parametrize(
    "interface",
    [
        an_interface(),
        an_interface("erp", a_bucket(withdrawal=Withdrawal.IF_PRESENT), a_folder()),
        an_interface(
            branch="01",
            workstation="till-1",
            starts_at=TAKEN_AT,
            active=False,
            character_set=CharacterSet.CP1252,
            line_ending=LineEnding.LF,
            walk_in_customer="Laufkundschaft",
            revision=7,
        ),
    ],
)
def test_an_interface_is_read_back(interface: Interface) -> None:
    assert rows.interface_from(as_kept(rows.interface_row(interface))) == interface


@pytest.mark.parametrize("state", FileState)
def test_only_files_that_wait_in_the_bucket_are_open_to_consumers(state: FileState) -> None:
    folder, bucket = (make_file(a_payment(), an_interface(), "main", place, OCCASION) for place in PLACES)
    waits = state in {FileState.PENDING, FileState.DELIVERED}
    assert bool(rows.open_attributes(bucket, state)) is waits
    assert rows.open_attributes(folder, state) == {}


def test_only_what_owes_the_bucket_something_is_due() -> None:
    """The sparse index holds nothing else, so a sweep of a quiet shop reads nothing."""
    interface, payment = an_interface(), a_payment()
    folder, bucket = (make_file(payment, interface, "main", place, OCCASION) for place in PLACES)
    held = make_file(payment, interface, "main", PLACES[1], OCCASION, held=True)
    assert [("due_key" in rows.file_row(file, "d")) for file in (folder, bucket, held)] == [
        False,
        True,
        False,
    ]
    assert bucket.due_at == NOW + timedelta(minutes=2)


def test_files_that_are_due_spread_over_all_keys_and_stay_with_theirs() -> None:
    files = [
        make_file(a_payment(f"B-{number}"), an_interface(), "main", PLACES[1], OCCASION)
        for number in range(200)
    ]
    assert {rows.due_key(file) for file in files} == set(rows.DUE_KEYS)
    assert all(rows.due_key(file) == rows.due_key(replace(file, state=FileState.WITHDRAWN)) for file in files)


def test_the_keys_of_a_file_lead_back_to_it() -> None:
    key = FileKey("erp", "main", "bär#1#x")
    assert rows.key_of(rows.payment_pk(key.folded_number), rows.file_sk(key)) == key
    assert rows.key_of("PAYMENT#x", "PAYMENT") is None
    assert rows.key_of("INTERFACES", "erp") is None
    assert rows.key_of("IDEMPOTENCY#till-a#k", "IDEMPOTENCY") is None


def test_a_number_cannot_pretend_to_be_another_key() -> None:
    """``#`` may stand in a number and in an idempotency key; no two rows get the same keys by that."""
    numbers = ["A", "A#FILE#erp#main", "#", "A#"]
    keys = {(rows.payment_pk(number), "PAYMENT") for number in numbers}
    assert len(keys) == len(numbers)
