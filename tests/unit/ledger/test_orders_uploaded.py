"""Rows of an upload become the orders that they mean, or are refused with the column at fault (LE-1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tillbridge.kernel.errors import Refused
from tillbridge.ledger.model import Customer, Order
from tillbridge.ledger.order_uploads import uploaded_order
from tillbridge.reconciliation.model import OrderRow

ROW = OrderRow(2, "AU-7", "01", "Petra", "040 1", "k-1", "2026-11-19")
CUSTOMER = Customer("K-1", "01", "Muster, Eva")
ALL = OrderRow._fields[1:]
ORDER = Order("AU-7", "01", "Petra", "040 1", "K-1", "2026-11-19")


def test_a_new_order_is_as_its_row_says_with_the_customers_own_number() -> None:
    assert uploaded_order(ROW, CUSTOMER, None, ALL) == ORDER


def test_a_known_order_is_itself_where_nothing_differs() -> None:
    former = replace(ORDER, revision=4)
    assert uploaded_order(ROW, CUSTOMER, former, ALL) is former


@pytest.mark.parametrize(
    "row",
    [
        ROW._replace(number="au-7"),
        ROW._replace(branch="02"),
        ROW._replace(operator_name=""),
        ROW._replace(contact_number="040 2"),
        ROW._replace(ordered_on=None),
    ],
)
def test_a_row_that_differs_is_the_next_revision(row: OrderRow) -> None:
    changed = uploaded_order(row, CUSTOMER, replace(ORDER, revision=4), ALL)
    assert changed == replace(uploaded_order(row, CUSTOMER, None, ALL), revision=5)


def test_a_customer_that_nobody_knows_is_refused_and_a_wrong_one_is_a_bug() -> None:
    with pytest.raises(Refused, match="customer-not-found") as refused:
        uploaded_order(ROW, None, None, ALL)
    assert (refused.value.field, refused.value.value) == ("customer", "k-1")
    with pytest.raises(ValueError, match="not the one that was given"):
        uploaded_order(ROW, Customer("K-2", "01", "Weiss"), None, ALL)
    assert uploaded_order(ROW._replace(customer=""), None, None, ALL).customer == ""


def test_an_operators_name_is_in_no_text_of_an_error_or_log() -> None:
    assert "Petra" not in repr(uploaded_order(ROW, CUSTOMER, None, ALL))


def test_what_a_file_has_no_column_for_stays_and_an_empty_cell_clears() -> None:
    empty, former = ROW._replace(customer="", ordered_on=None), replace(ORDER, revision=4)
    assert uploaded_order(empty, None, former, ALL[:4]) is former
    cleared = uploaded_order(empty, None, former, ALL)
    assert (cleared.customer, cleared.ordered_on, cleared.revision) == ("", "", 5)
