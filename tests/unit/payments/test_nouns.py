"""Impossible payments, targets and interfaces cannot be made."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.payments.orders import a_bucket, a_folder, a_payment, an_interface
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.payments.model import (
    Customer,
    Direction,
    FileKey,
    LineEnding,
    PaymentMethod,
    PaymentState,
    Withdrawal,
)


def refusal_of(make: Any, *given: Any, **more: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refusal:
        make(*given, **more)
    return refusal.value.code, refusal.value.field


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"number": "a/b"}, "number-has-unsafe-characters", "number"),
        ({"minor": 0}, "amount-not-positive", "amount"),
        ({"minor": -1}, "amount-not-positive", "amount"),
        ({"staff": "A\nB"}, "text-has-control-characters", "staff"),
        ({"case_number": "A\rB"}, "text-has-control-characters", "case_number"),
        ({"invoice_number": "A\u2028B"}, "text-has-control-characters", "invoice_number"),
        ({"staff": "a" * 101}, "text-too-long", "staff"),
    ],
)
def test_payments_that_cannot_be(change: dict[str, Any], code: str, field: str) -> None:
    assert refusal_of(a_payment, **change) == (code, field)


@pytest.mark.parametrize("cancelled_minor", [-1, 511])
def test_more_cancelled_than_paid_is_a_bug(cancelled_minor: int) -> None:
    with pytest.raises(ValueError, match="cancelled of"):
        a_payment(cancelled_minor=cancelled_minor)


@pytest.mark.parametrize(
    ("cancelled_minor", "state"),
    [(0, PaymentState.RECORDED), (1, PaymentState.PARTLY_CANCELLED), (509, PaymentState.PARTLY_CANCELLED),
     (510, PaymentState.CANCELLED)],
)  # fmt: skip
def test_how_much_of_a_payment_stands(cancelled_minor: int, state: PaymentState) -> None:
    payment = a_payment(cancelled_minor=cancelled_minor)
    assert payment.state is state
    assert payment.remaining == Money(510 - cancelled_minor, "EUR")


def test_the_sign_follows_the_direction() -> None:
    assert a_payment().signed_amount == Money(510, "EUR")
    assert a_payment(direction=Direction.OUT).signed_amount == Money(-510, "EUR")
    assert [way.opposite for way in Direction] == [Direction.OUT, Direction.IN]


def test_a_number_is_kept_in_one_form_however_its_umlauts_are_written() -> None:
    """A number of 40 syllables in single letters would be a file name of 360 bytes: no folder takes that."""
    syllables = "각" * 40
    for number in ("Bär-1", syllables):
        apart = unicodedata.normalize("NFD", number)
        assert a_payment(apart).number == number
        assert len(a_payment(apart).number.encode()) <= 120


@pytest.mark.parametrize("last_name", ["", " ", "   "])
def test_a_customer_has_a_last_name(last_name: str) -> None:
    assert refusal_of(Customer, last_name) == ("customer-without-name", "customer.last_name")


def test_a_customers_names_stand_on_one_line() -> None:
    assert refusal_of(Customer, "A\nB") == ("text-has-control-characters", "customer.last_name")
    assert refusal_of(Customer, "A", "B\tC") == ("text-has-control-characters", "customer.first_name")


@pytest.mark.parametrize(
    "path",
    ["C:\\Payments", "C:/Payments", "d:\\", "\\\\server\\share", "\\\\server\\share\\in", "/srv/payments",
     "/", "C:\\Users\\Jürgen Groß\\Zahlungen"],
)  # fmt: skip
def test_whole_paths(path: str) -> None:
    assert a_folder(path).path == path


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "path-not-absolute"),
        ("Payments", "path-not-absolute"),
        ("C:Payments", "path-not-absolute"),
        ("\\Payments", "path-not-absolute"),
        ("\\\\server", "path-not-absolute"),
        ("./x", "path-not-absolute"),
        ("~/x", "path-not-absolute"),
        ("C:\\" + "a" * 240, "path-not-absolute"),
        ("C:\\a\\..\\b", "path-goes-up"),
        ("/srv/../etc", "path-goes-up"),
        ("C:/a/..", "path-goes-up"),
        ("C:\\a\nb", "text-has-control-characters"),
        ("/a\0b", "text-has-control-characters"),
    ],
)
def test_paths_that_are_refused(path: str, code: str) -> None:
    assert refusal_of(a_folder, path) == (code, "targets.path")


@pytest.mark.parametrize("prefix", ["erp/", "erp/payments/", "a-b_c.d/1/"])
def test_prefixes(prefix: str) -> None:
    assert a_bucket(prefix).prefix == prefix


@pytest.mark.parametrize(
    "prefix",
    ["", "/", "erp", "/erp/", "erp//x/", "../", "./", ".x/", "ä/", "a b/", "a\n/", "erp/*", "a" * 240 + "/"],
)
def test_prefixes_that_are_refused(prefix: str) -> None:
    assert refusal_of(a_bucket, prefix) == ("prefix-unreadable", "targets.prefix")


@pytest.mark.parametrize(
    "name", ["", "A", "a b", "-a", "a-", "a.b", "ä", "a" * 41, "a\n", "a/b", "a#b", "a@b"]
)
def test_ids_that_are_refused(name: str) -> None:
    assert refusal_of(an_interface, name) == ("id-unreadable", "id")
    assert refusal_of(a_folder, "/x", name) == ("id-unreadable", "targets.id")
    assert refusal_of(a_bucket, "x/", name) == ("id-unreadable", "targets.id")


def test_an_interface_has_one_to_five_targets_of_different_ids() -> None:
    five = [a_folder(f"/srv/{place}", f"t{place}") for place in range(5)]
    assert len(an_interface("erp", *five).targets) == 5
    six = [*five, a_folder("/srv/5", "t5")]
    assert refusal_of(an_interface, "erp", *six) == ("targets-too-many-or-none", "targets")
    assert refusal_of(an_interface, "erp", a_folder(), a_folder("/x")) == ("target-twice", "targets.id")


def test_a_workstation_needs_its_branch() -> None:
    assert refusal_of(an_interface, workstation="till-1") == ("workstation-without-branch", "workstation")


def test_an_interfaces_texts_stand_on_one_line() -> None:
    assert refusal_of(an_interface, walk_in_customer="A\nB")[0] == "text-has-control-characters"


def test_the_closed_list_of_payment_types() -> None:
    """PF-4; whoever reads the files relies on these words."""
    assert [method.value for method in PaymentMethod] == [
        "cash", "card", "transfer", "direct_debit", "cheque", "bill_of_exchange", "voucher", "on_account",
        "settlement",
    ]  # fmt: skip


def test_ways_of_withdrawal_and_line_endings() -> None:
    assert [each.value for each in Withdrawal] == ["by_claim", "conditional_delete", "never", "if_present"]
    assert [each.characters for each in LineEnding] == ["\r\n", "\n"]


@pytest.mark.parametrize(
    ("file_id", "key"),
    [
        ("erp.bucket.Bon-01-0019-19.in", FileKey("erp", "bucket", "bon-01-0019-19")),
        ("erp.bucket.a.b.c.out", FileKey("erp", "bucket", "a.b.c")),
        ("erp.bucket.BÄR.out", FileKey("erp", "bucket", "bär")),
        ("", None),
        ("erp", None),
        ("erp.bucket", None),
        ("erp.bucket.Bon", None),
        ("erp.bucket.Bon.txt", None),
        ("erp.bucket..in", None),
        ("erp.bucket.Bon.IN", None),
        ("Erp.bucket.Bon.in", None),
        ("erp#.bucket.Bon.in", None),
        (".bucket.Bon.in", None),
        ("erp..Bon.in", None),
    ],
)
def test_the_id_of_a_file(file_id: str, key: FileKey | None) -> None:
    assert FileKey.from_id(file_id) == key


@given(st.text(max_size=40))
def test_no_text_is_a_fault_as_id_of_a_file(text: str) -> None:
    key = FileKey.from_id(text)
    assert key is None or key.interface.isascii()
