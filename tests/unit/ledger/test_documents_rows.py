"""Documents, customers, orders and entries come out of their rows as they went in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.papers import NOW, document, documents, occasion, settlement, settlements
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Source, SourceKind
from tillbridge.ledger.model import (
    Balance,
    BookingNote,
    Customer,
    DiscountTier,
    Document,
    DocumentLine,
    Order,
    Terms,
)
from tillbridge.ledger.rules import Settlement, issued, settled

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20)
NUMBERS = st.text(st.sampled_from("abcÄß€019-_ .%#"), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip(" .")) and text == text.strip() and text == text.strip(".")
)
TERMS = st.sampled_from([Terms(), Terms(14), Terms(30, (DiscountTier(7, 300), DiscountTier(14, 200)))])
NOTES = st.builds(
    BookingNote,
    st.sampled_from(["20261121T090000000-01-0123456789abcdef"]),
    NUMBERS.map(lambda number: f"payment/{number}"),
    st.sampled_from(["", "0f" * 16]),
)


@st.composite
def whole_documents(draw: st.DrawFn) -> Document:
    """Documents with everything that they may have."""
    return replace(
        draw(documents()),
        number=draw(NUMBERS),
        customer=draw(NUMBERS | st.just("")),
        terms=draw(TERMS),
        order_number=draw(NUMBERS | st.just("")),
        handed_over_on=draw(st.sampled_from(["", "2026-11-05"])),
        cancels=draw(NUMBERS | st.just("")),
        cancelled_by=draw(NUMBERS | st.just("")),
        balance=Balance(draw(st.integers(-9, 9)), draw(st.integers(-9, 9)), 3, 2, "2026-11-07"),
        notes=tuple(draw(st.lists(NOTES, max_size=4))),
        touched_by="import/IM-1",
        revision=draw(st.integers(1, 9)),
    )


@given(whole_documents())
def test_a_document_comes_out_of_its_row_as_it_went_in(paper: Document) -> None:
    assert rows.document_from(rows.document_row(paper)) == paper


@given(whole_documents())
def test_a_document_stands_on_the_list_of_open_ones_exactly_while_it_is_open(paper: Document) -> None:
    assert ("open_key" in rows.document_row(paper)) is paper.is_open


@given(
    NUMBERS,
    TEXT.map(str.strip).filter(bool),
    TERMS,
    st.sampled_from(["", "DE"]),
    st.sampled_from(["", "10001"]),
)
def test_a_customer_comes_out_of_its_row_as_it_went_in(
    number: str, name: str, terms: Terms, country: str, account: str
) -> None:
    customer = Customer(number, "01", name, terms=terms, country=country, account=account, revision=3)
    assert rows.customer_from(rows.customer_row(customer)) == customer


def test_the_list_of_a_branchs_customers_is_no_customers_list_of_documents() -> None:
    """Both stand in one index; no number of a customer holds a slash."""
    assert "/" in rows.customers_key("01")
    assert "/" in rows.orders_key("01")
    assert rows.orders_key("01") != rows.customers_key("01")


@given(NUMBERS, NUMBERS)
def test_an_order_comes_out_of_its_row_as_it_went_in(number: str, customer: str) -> None:
    order = Order(number, "01", "Petra", "040 1", customer, "2026-11-01", 2)
    assert rows.order_from(rows.order_row(order)) == order


@given(documents(), settlements())
def test_an_entry_comes_out_of_its_row_as_it_went_in(paper: Document, money: Settlement) -> None:
    _, entry = settled(paper, money, occasion())
    for one in (entry, issued(paper, occasion()), entry.reversal(entry.id, NOW, entry.source, "2026-11-22")):
        assert rows.entry_from(rows.entry_row(one)) == one
        assert rows.entry_from(rows.entry_row(one)).leaf_hash() == one.leaf_hash()


@given(st.integers(0, 500))
def test_lines_come_out_of_their_rows_in_their_order(count: int) -> None:
    lines = tuple(DocumentLine(f"p{place}", place, 1900, "19", "f", "2026-11-01") for place in range(count))
    kept = rows.line_rows(document(), lines)
    assert len(kept) == -(-count // rows.LINES_PER_ROW)
    assert rows.lines_from(sorted(kept, key=lambda row: str(row["sk"]))) == lines


@given(
    st.sampled_from(["01", "a-b", "x.y_z-1"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware
    st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}"),
)
def test_an_entrys_id_alone_says_where_it_lies(branch: str, at: datetime, unique: str) -> None:
    entry_id = rows.new_entry_id(branch, at, unique)
    shard = int(unique[0], 16) % rows.JOURNAL_SHARDS
    assert rows.entry_key(entry_id) == (f"JOURNAL#{branch}#{at.date().isoformat()}#{shard}", entry_id)


@pytest.mark.parametrize(
    "text", ["", "-", "--", "20261121T090000000-01-xyz", "x" * 100, "RE-1", "2026-01-0" * 4]
)
def test_what_is_no_entrys_id_leads_nowhere(text: str) -> None:
    assert rows.entry_key(text) is None


def test_ids_are_in_the_order_of_their_recording() -> None:
    moments = [datetime(2026, 11, 21, 9, 0, second, tzinfo=UTC) for second in range(5)]
    ids = [rows.new_entry_id("01", moment, f"{9 - place:016x}") for place, moment in enumerate(moments)]
    assert ids == sorted(ids)


def test_a_payments_number_with_blanks_stays_whole_in_a_note() -> None:
    source = Source(SourceKind.PAYMENT, "Bon 1 a")
    paper, _ = settled(document(), settlement(1, row_mark="0f-1"), occasion(source))
    kept = rows.document_from(rows.document_row(paper)).notes[-1]
    assert (kept.source, kept.row_mark) == ("payment/Bon 1 a", "0f-1")
