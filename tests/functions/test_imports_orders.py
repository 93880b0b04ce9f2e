"""Orders that come as a file (LE-1): recorded, told or changed, and never those of a foreign branch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.imports import FINANCE, ImportDesk, open_desk
from tillbridge import wiring
from tillbridge.kernel.errors import Refused
from tillbridge.ledger.model import Customer, Order
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy
from tillbridge.reconciliation.model import Kind, Variant

HEADINGS = "OrderNumber;Branch;Operator;ContactNumber;CustomerNumber;OrderDate"


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        wiring.import_store().commit([wiring.ledger().customer_part(Customer("K-1", "01", "Abele"), None)])
        yield opened


def upload(desk: ImportDesk, *rows: str, profile: str = "accountant") -> Import:
    content = ("\r\n".join((HEADINGS, *rows)) + "\r\n").encode("cp1252")
    return desk.upload("orders.csv", content, profile)


def order(number: str) -> Order | None:
    return wiring.ledger().orders([number]).get(number.casefold())


def test_orders_are_recorded_told_and_changed(desk: ImportDesk) -> None:
    first = upload(desk, "AU-1;01;Petra;040 1;k-1;20261119", "AU-2;01;;;;")
    assert (first.state, first.kind, first.variant) == (ImportState.FINISHED, Kind.ORDERS, Variant.ORDERS)
    assert desk.codes(first) == ["recorded", "recorded"]
    assert order("AU-1") == Order("AU-1", "01", "Petra", "040 1", "K-1", "2026-11-19")
    again = upload(desk, "AU-1;01;Petra;040 1;K-1;20261119", "au-2;01;Jan;;;", "AU-3;01;;;;")
    assert desk.codes(again) == ["recorded-before", "changed", "recorded"]
    assert order("AU-1") == Order("AU-1", "01", "Petra", "040 1", "K-1", "2026-11-19")
    assert order("AU-2") == Order("au-2", "01", "Jan", revision=2)


def test_what_a_file_has_no_column_for_stays(desk: ImportDesk) -> None:
    upload(desk, "AU-1;01;Petra;040 1;k-1;20261119")
    content = b"Auftragsnummer;Filiale;Bearbeiter;Kontaktnummer\r\nAU-1;01;Jan;\r\n"
    assert desk.codes(desk.upload("short.csv", content)) == ["changed"]
    assert order("AU-1") == Order("AU-1", "01", "Jan", "", "K-1", "2026-11-19", revision=2)


def test_of_several_rows_of_an_order_the_last_counts(desk: ImportDesk) -> None:
    one = upload(desk, "AU-1;01;Petra;;;", "au-1;01;Jan;;;")
    assert desk.codes(one) == ["overtaken-in-file", "recorded"]
    assert (one.totals.rows, one.totals.booked, one.totals.ignored) == (2, 1, 1)
    assert order("AU-1") == Order("au-1", "01", "Jan")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("AU-9;02;Petra;;;", "order-of-another-branch"),
        ("AU-9;01;Petra;;K-9;", "customer-not-found"),
        ("AU-9;01;Petra;;K-2;", "customer-not-found"),
        ("AU-2;01;Petra;;;", "order-number-taken"),
    ],
)
def test_what_belongs_to_a_foreign_branch_is_as_good_as_none(desk: ImportDesk, row: str, code: str) -> None:
    desk.profile("first", branches=("01",), policy=RowPolicy.GOOD_ROWS)
    theirs = Order("AU-2", "02", "Petra")
    foreign = Customer("K-2", "02", "Weiss")
    ledger = wiring.ledger()
    wiring.import_store().commit([ledger.order_part(theirs, None), ledger.customer_part(foreign, None)])
    one = upload(desk, row, "AU-1;01;;;;", profile="first")
    assert desk.codes(one) == [code, "recorded"]
    assert desk.outcomes(one)[0].column in HEADINGS.split(";"), "in the words of the file"
    assert (order("AU-2"), order("AU-9")) == (theirs, None)


def test_uploaded_orders_are_not_taken_back_by_deleting_the_import(desk: ImportDesk) -> None:
    one = upload(desk, "AU-1;01;Petra;;;")
    with pytest.raises(Refused, match="upload-not-deletable"):
        wiring.imports().delete(FINANCE, one.id, "wrong file")
    assert order("AU-1") is not None
