"""The payment file, byte for byte; no value can ever pretend to be another line (PF-3, PF-4, PF-8)."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.record import FOLDER, WRITERS, made_of, main, record_missing, recorded_beside, samples
from tillbridge.access.model import WorkstationKey
from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Refused
from tillbridge.kernel.money import Money
from tillbridge.kernel.text import CharacterSet
from tillbridge.payments.formats.payment_file import KEYS, Settings, file_name, write
from tillbridge.payments.model import (
    Customer,
    Direction,
    DirectoryTarget,
    Interface,
    LineEnding,
    Payment,
    PaymentKind,
    PaymentMethod,
)

ALL_SAMPLES = [pytest.param(name, path, id=path.stem) for name in WRITERS for path in samples(name)]
SEED_IN = (
    b"documentkey=Bon-01-0019-19\r\namount=5.10\r\ncustomer=Kassen Kunde\r\nprocessnr=\r\n"
    b"invoicnr=Bon-01-0019-19\r\npaymenttype=cash\r\ndate=2019-08-02 08:05\r\nstaff=AMPAREX\r\n"
)
SEED_OUT = (
    b"documentkey=Bon-01-0018-19\r\namount=-218.49\r\ncustomer=Abele, Anton\r\nprocessnr=\r\n"
    b"invoicnr=Bon-01-0018-19\r\npaymenttype=cash\r\ndate=2019-08-02 08:15\r\nstaff=AMPAREX\r\n"
)


@pytest.mark.parametrize(("format_name", "sample"), ALL_SAMPLES)
def test_a_sample_gives_what_is_recorded_beside_it(format_name: str, sample: Path) -> None:
    assert made_of(format_name, sample) == recorded_beside(sample).read_bytes()


def test_every_recorded_result_has_its_sample() -> None:
    for format_name in WRITERS:
        recorded = set((FOLDER / format_name).glob("*.recorded"))
        assert recorded == {recorded_beside(sample) for sample in samples(format_name)}
        assert recorded


def test_the_two_files_of_the_original_documentation() -> None:
    """PF-4, seed 000: nothing is added, nothing is left out."""
    folder = FOLDER / "payment_file"
    assert (folder / "money-in-of-a-walk-in-customer.recorded").read_bytes() == SEED_IN
    assert (folder / "money-out-to-a-named-customer.recorded").read_bytes() == SEED_OUT


def test_both_halves_past_two_of_the_autumn_night_look_the_same_to_the_shop() -> None:
    folder = FOLDER / "payment_file"
    halves = [folder / f"autumn-night-{which}-half-past-two.recorded" for which in ("first", "second")]
    assert {b"date=2019-10-27 02:30" in half.read_bytes() for half in halves} == {True}


def test_what_is_recorded_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "payment_file"
    shutil.copytree(FOLDER / "payment_file", folder)
    kept = folder / "money-in-of-a-walk-in-customer.recorded"
    kept.write_bytes(b"by hand")
    gone = folder / "yen-have-no-decimals.recorded"
    gone.unlink()
    assert record_missing(tmp_path) == [gone]
    assert kept.read_bytes() == b"by hand"
    assert gone.read_bytes() == (FOLDER / "payment_file" / gone.name).read_bytes()
    assert record_missing(tmp_path) == []
    assert main() == 0
    assert "nothing is ever overwritten" in capsys.readouterr().out


def test_the_name_is_the_number_and_the_direction() -> None:
    """PF-3."""
    assert file_name("Bon-01-0019-19", Direction.IN) == "Bon-01-0019-19.in"
    assert file_name("BLG-0010-205", Direction.OUT) == "BLG-0010-205.out"


def a_payment(**more: object) -> Payment:
    fields: dict[str, object] = {
        "number": "B-1",
        "workstation_key": WorkstationKey("01", "till-1"),
        "kind": PaymentKind.SALE,
        "direction": Direction.IN,
        "amount": Money(510, "EUR"),
        "method": PaymentMethod.CASH,
        "taken_at": datetime(2019, 8, 2, 6, 5, tzinfo=UTC),
        "taking": "id-1",
        "recorded_at": datetime(2019, 8, 2, 6, 5, tzinfo=UTC),
        "recorded_by": "till-a",
        **more,
    }
    return Payment(**fields)  # type: ignore[arg-type]


def settings(
    character_set: CharacterSet = CharacterSet.UTF_8,
    line_ending: LineEnding = LineEnding.CRLF,
    walk_in: str = "Kassen Kunde",
    time_zone: str = "Europe/Berlin",
) -> Settings:
    return Settings(character_set, line_ending, walk_in, time_zone)


def value_of(key: str, payment: Payment, wanted: Settings | None = None) -> str:
    lines = write(payment, wanted or settings()).content.decode().splitlines()
    return dict(line.split("=", 1) for line in lines)[key]


@pytest.mark.parametrize("method", PaymentMethod)
def test_every_payment_type_is_written_by_its_name(method: PaymentMethod) -> None:
    assert value_of("paymenttype", a_payment(method=method)) == method.value


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("currency", sorted(DECIMALS))
def test_the_amount_has_the_currencys_decimals_and_a_minus_when_it_goes_out(
    currency: str, direction: Direction
) -> None:
    amount = value_of("amount", a_payment(amount=Money(1234, currency), direction=direction))
    plain = {0: "1234", 2: "12.34", 3: "1.234"}[DECIMALS[currency]]
    assert amount == ("-" if direction is Direction.OUT else "") + plain


@pytest.mark.parametrize(
    ("customer", "written"),
    [
        (None, "Laufkundschaft"),
        (Customer("Abele", "Anton"), "Abele, Anton"),
        (Customer("Abele"), "Abele"),
        (Customer("Abele", "  "), "Abele"),
        (Customer("  Abele ", " Anton "), "Abele, Anton"),
        (Customer("von der Heide", "Anna Maria"), "von der Heide, Anna Maria"),
        (Customer("a=b", "c=d"), "a=b, c=d"),
    ],
)
def test_the_customer(customer: Customer | None, written: str) -> None:
    assert value_of("customer", a_payment(customer=customer), settings(walk_in="Laufkundschaft")) == written


@pytest.mark.parametrize(
    ("zone", "written"),
    [("Europe/Berlin", "2019-08-02 08:05"), ("Europe/London", "2019-08-02 07:05"),
     ("America/New_York", "2019-08-02 02:05"), ("Asia/Kathmandu", "2019-08-02 11:50")],
)  # fmt: skip
def test_the_date_is_that_of_the_branchs_clock(zone: str, written: str) -> None:
    assert value_of("date", a_payment(), settings(time_zone=zone)) == written


def test_what_a_set_cannot_hold_is_reported() -> None:
    """PF-8: never an error at the till."""
    payment = a_payment(staff="Łukasz 山", customer=Customer("Dvořák", "🎻"))
    encoded = write(payment, settings(CharacterSet.CP1252))
    assert encoded.content.split(b"\r\n")[2] == b"customer=Dvor\xe1k, ?"
    assert encoded.content.split(b"\r\n")[7] == b"staff=Lukasz ?"
    assert encoded.replaced == ("ř", "🎻", "Ł", "山")


ANYTHING = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029=, \x00\t?")
    ),
    max_size=30,
)
FOLDER_TARGET = DirectoryTarget("folder", "C:\\Payments")


TEXTS = ("number", "case_number", "invoice_number", "staff", "last_name", "first_name", "walk_in")


@given(
    texts=st.dictionaries(st.sampled_from(TEXTS), ANYTHING, max_size=3),
    character_set=st.sampled_from(CharacterSet),
    line_ending=st.sampled_from(LineEnding),
)
def test_no_text_in_any_field_makes_a_ninth_line(
    texts: dict[str, str], character_set: CharacterSet, line_ending: LineEnding
) -> None:
    """PF-13: either it is refused, or there are eight lines with the eight keys in their order."""
    last_name, first_name = texts.pop("last_name", ""), texts.pop("first_name", "")
    walk_in = texts.pop("walk_in", "Kassen Kunde")
    try:
        interface = Interface(id="erp", name="ERP", targets=(FOLDER_TARGET,), walk_in_customer=walk_in)
        customer = Customer(last_name, first_name) if last_name or first_name else None
        payment = a_payment(**{"number": "B-1", "customer": customer, **texts})
    except Refused:
        return
    wanted = settings(character_set, line_ending, interface.walk_in_customer)
    content = write(payment, wanted).content
    ending = line_ending.characters.encode()
    assert content.endswith(ending)
    lines = content.decode(character_set.value).splitlines()
    assert content.count(ending) == len(KEYS)
    assert [line.partition("=")[0] for line in lines] == list(KEYS)
    assert KEYS == (
        "documentkey", "amount", "customer", "processnr", "invoicnr", "paymenttype", "date", "staff"
    )  # fmt: skip
