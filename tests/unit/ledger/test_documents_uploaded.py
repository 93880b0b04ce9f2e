"""Lines of an upload become the document that they mean, or are refused with the column at fault (LE-1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import NO_TERMS, Customer, DiscountTier, DocumentKind, Terms
from tillbridge.ledger.standard_charts import VAT_CODES
from tillbridge.ledger.uploads import CUSTOMER_TEXTS, HEAD_COLUMNS, uploaded, uploaded_customer
from tillbridge.reconciliation.model import CustomerRow, InvoiceRow

LINE = InvoiceRow(
    line=2,
    kind="invoice",
    number="RE-HH-0001-26",
    branch="01",
    customer="",
    invoice_date="2026-11-02",
    currency="EUR",
    payment_days=None,
    discount_days_1=None,
    discount_basis_points_1=None,
    discount_days_2=None,
    discount_basis_points_2=None,
    order_number="AU-7",
    handed_over_on=None,
    product="Brille",
    product_family="Gläser",
    item_date="2026-11-01",
    vat_basis_points=1900,
    vat_code="STANDARD",
    amount_minor=11_900,
    paid_minor=None,
)
SECOND = LINE._replace(line=3, product="Etui", vat_basis_points=700, vat_code="REDUCED", amount_minor=1_070)
CUSTOMER = Customer(
    "K-1", "01", "Muster, Eva", terms=Terms(14, (DiscountTier(7, 200),)), account="10001", revision=4
)
ROW = CustomerRow(
    line=2,
    number="K-1",
    name="Muster, Eva",
    street="Deich 1",
    postal_code="20095",
    city="Hamburg",
    country="DE",
    payment_days=30,
    discount_days_1=10,
    discount_basis_points_1=200,
    discount_days_2=None,
    discount_basis_points_2=None,
    account="10001",
    language="",
)


def test_several_vat_lines_are_one_document() -> None:
    document, lines, opening = uploaded([LINE, SECOND], client="c1", customer=None, codes=VAT_CODES)
    assert (document.number, document.total_minor, document.due_minor) == ("RE-HH-0001-26", 12_970, 12_970)
    assert document.vat_shares == (("STANDARD", 11_900), ("REDUCED", 1_070))
    assert [line.product for line in lines] == ["Brille", "Etui"]
    assert (document.order_number, document.terms, opening) == ("AU-7", NO_TERMS, None)


@pytest.mark.parametrize("kind", ["credit-note", "incoming-invoice"])
def test_what_we_owe_is_printed_above_zero_and_kept_below(kind: str) -> None:
    document, lines, opening = uploaded(
        [LINE._replace(kind=kind, paid_minor=4_000)], client="c1", customer=None, codes=VAT_CODES
    )
    assert document.kind is DocumentKind(kind)
    assert (document.total_minor, lines[0].amount_minor, document.vat_shares) == (
        -11_900,
        -11_900,
        (("STANDARD", -11_900),),
    )
    assert opening is not None
    assert opening.applied_minor == -4_000


def test_what_was_paid_before_is_an_opening_at_the_accountants() -> None:
    _, _, opening = uploaded([LINE._replace(paid_minor=5_000)], client="c1", customer=None, codes=VAT_CODES)
    assert opening is not None
    assert (opening.applied_minor, opening.discount_minor, opening.fee_minor) == (5_000, 0, 0)
    assert (opening.means, opening.value_on) == (Account.PAID_AT_ACCOUNTANT, "2026-11-02")


@pytest.mark.parametrize("paid_minor", [None, 0])
def test_nothing_paid_before_is_no_opening(paid_minor: int | None) -> None:
    assert (
        uploaded([LINE._replace(paid_minor=paid_minor)], client="c1", customer=None, codes=VAT_CODES).opening
        is None
    )


def test_terms_are_those_of_the_file_or_else_of_the_customer() -> None:
    named = LINE._replace(customer="k-1")
    assert uploaded([named], client="c1", customer=CUSTOMER, codes=VAT_CODES).document.terms == CUSTOMER.terms
    own = named._replace(payment_days=0)
    assert uploaded([own], client="c1", customer=CUSTOMER, codes=VAT_CODES).document.terms == NO_TERMS
    stepped = named._replace(
        payment_days=30,
        discount_days_1=8,
        discount_basis_points_1=300,
        discount_days_2=14,
        discount_basis_points_2=200,
    )
    wanted = Terms(30, (DiscountTier(8, 300), DiscountTier(14, 200)))
    assert uploaded([stepped], client="c1", customer=CUSTOMER, codes=VAT_CODES).document.terms == wanted


def test_the_customer_is_named_as_it_is_written_down() -> None:
    document = uploaded(
        [LINE._replace(customer="k-1")], client="c1", customer=CUSTOMER, codes=VAT_CODES
    ).document
    assert document.customer == "K-1"


OTHER_HEADS: dict[str, Any] = {
    "kind": "credit-note",
    "branch": "02",
    "customer": "K-2",
    "invoice_date": "2026-11-03",
    "currency": "CHF",
    "payment_days": 3,
    "discount_days_1": 1,
    "discount_basis_points_1": 1,
    "discount_days_2": 1,
    "discount_basis_points_2": 1,
    "order_number": "AU-8",
    "handed_over_on": "2026-11-05",
    "paid_minor": 1,
}


@pytest.mark.parametrize("column", HEAD_COLUMNS)
def test_lines_that_contradict_each_other_are_refused_with_the_column(column: str) -> None:
    rows = [LINE, SECOND, SECOND._replace(**{column: OTHER_HEADS[column]})]
    with pytest.raises(Refused) as refused:
        uploaded(rows, client="c1", customer=None, codes=VAT_CODES)
    assert (refused.value.code, refused.value.field) == ("lines-differ-in-head", column)
    facts = refused.value.facts
    assert (facts["place"], facts["line"], facts["first_line"]) == (2, 3, 2)
    assert facts["first"] == getattr(LINE, column)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "receipt"}, "document-kind-unknown"),
        ({"amount_minor": 0}, "total-not-positive"),
        ({"amount_minor": -1}, "total-not-positive"),
        ({"amount_minor": 10**15}, "amount-too-large"),
        ({"currency": "XXX"}, "currency-unknown"),
        ({"invoice_date": "2026-02-30"}, "day-unreadable"),
        ({"invoice_date": "9999-12-31"}, "day-out-of-range"),
        ({"handed_over_on": "2026-11-01"}, "handed-over-before-issue"),
        ({"item_date": "2026-02-30"}, "day-unreadable"),
        ({"number": "RE/1"}, "number-has-unsafe-characters"),
        ({"order_number": "AU/1"}, "number-has-unsafe-characters"),
        ({"discount_days_1": 7}, "discount-incomplete"),
        ({"discount_basis_points_2": 200}, "discount-incomplete"),
        ({"payment_days": 1_000}, "number-out-of-range"),
        ({"vat_basis_points": 10_001}, "vat-rate-differs"),
        ({"vat_basis_points": 700}, "vat-rate-differs"),
        ({"vat_code": "NONE"}, "vat-code-not-found"),
        ({"vat_basis_points": 810, "vat_code": ""}, "vat-rate-unknown"),
        ({"paid_minor": -1}, "paid-amount-unlikely"),
        ({"customer": "K-9"}, "customer-not-found"),
    ],
)
def test_what_makes_no_document_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        uploaded([LINE._replace(**change)], client="c1", customer=None, codes=VAT_CODES)
    assert refused.value.code == code


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=12).filter(lambda found: sum(found) > 0),
    st.sampled_from(list(DocumentKind)),
    st.integers(0, 10**8),
)
def test_the_total_is_the_sum_of_the_lines_and_nothing_is_lost(
    amounts: list[int], kind: DocumentKind, paid_minor: int
) -> None:
    rows = [
        LINE._replace(
            kind=kind.value,
            amount_minor=minor,
            vat_code=list(VAT_CODES)[place % 3],
            vat_basis_points=(1900, 700, 0)[place % 3],
            paid_minor=paid_minor,
        )
        for place, minor in enumerate(amounts)
    ]
    document, lines, opening = uploaded(rows, client="c1", customer=None, codes=VAT_CODES)
    assert document.total_minor == kind.sign * sum(amounts) == sum(line.amount_minor for line in lines)
    assert sum(minor for _, minor in document.vat_shares) == document.total_minor
    assert (opening.applied_minor if opening else 0) == kind.sign * paid_minor


def test_a_row_makes_a_customer_or_the_next_revision_of_one() -> None:
    made = uploaded_customer(ROW, "01", None, CustomerRow._fields)
    assert (made.number, made.revision, made.language, made.postcode) == ("K-1", 1, "de", "20095")
    assert made.terms == Terms(30, (DiscountTier(10, 200),))
    assert uploaded_customer(ROW, "01", CUSTOMER, CustomerRow._fields).revision == 5


def test_a_customers_name_is_in_no_text_of_an_error_or_log() -> None:
    assert "Muster" not in repr(CUSTOMER)
    assert "Deich" not in repr(uploaded_customer(ROW, "01", None, CustomerRow._fields))


KNOWN = Customer(
    "K-1", "01", "Muster, Eva", "Deich 1", "20095", "Hamburg", "DE", "en", "10001",
    Terms(14, (DiscountTier(7, 200), DiscountTier(10, 100))), 4,
)  # fmt: skip
BARE = ROW._replace(
    name="Muster, Ida", street="", postal_code="", city="", country="", payment_days=None,
    discount_days_1=None, discount_basis_points_1=None, account="", language="",
)  # fmt: skip


def test_a_column_that_the_file_lacks_keeps_what_is_known_of_a_customer() -> None:
    kept = uploaded_customer(BARE, "01", KNOWN, ("number", "name"))
    assert kept == replace(KNOWN, name="Muster, Ida", revision=5)


def test_an_empty_cell_clears_what_is_known_of_a_customer() -> None:
    cleared = uploaded_customer(BARE, "01", KNOWN, CustomerRow._fields)
    assert cleared == Customer("K-1", "01", "Muster, Ida", revision=5)


@pytest.mark.parametrize("column", ["street", "postal_code", "city", "country", "account"])
def test_each_column_of_a_customer_clears_its_own(column: str) -> None:
    name = CUSTOMER_TEXTS[column]
    cleared = uploaded_customer(BARE, "01", KNOWN, ("number", "name", column))
    assert cleared == replace(KNOWN, name="Muster, Ida", revision=5, **{name: ""})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("columns", "terms"),
    [
        (("payment_days",), Terms(30, KNOWN.terms.discounts)),
        (
            ("discount_days_1", "discount_basis_points_1"),
            Terms(14, (DiscountTier(8, 150), DiscountTier(10, 100))),
        ),
        (("discount_days_2", "discount_basis_points_2"), Terms(14, (DiscountTier(7, 200),))),
    ],
)
def test_terms_keep_what_the_file_has_no_columns_for(columns: tuple[str, ...], terms: Terms) -> None:
    row = BARE._replace(payment_days=30, discount_days_1=8, discount_basis_points_1=150)
    row = row if "payment_days" in columns or "discount_days_1" in columns else BARE
    assert uploaded_customer(row, "01", KNOWN, ("number", "name", *columns)).terms == terms
