"""Invoices and customers in bulk keep the rules of the API, and say what is wrong in the file's own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.imports import CLIENT, ImportDesk, open_desk
from tests.world import ADMIN
from tillbridge import wiring
from tillbridge.aws.table import Put
from tillbridge.ledger.books_model import VatCode, VatRate
from tillbridge.ledger.entries import Account
from tillbridge.ledger.model import MAX_LINES, Customer, DiscountTier, Terms
from tillbridge.ledger.standard_charts import VAT_CODES
from tillbridge.reconciliation.decisions import Outcome
from tillbridge.reconciliation.import_model import Import, ImportState, RowPolicy
from tillbridge.reconciliation.model import InvoiceRow, Variant
from tillbridge.reconciliation.rows import packed
from tillbridge.reconciliation.upload_work import InvoiceUpload
from tillbridge.reconciliation.work import Planned
from tillbridge.reconciliation.workspace import ChunkContent

HEAD = "Art;Rechnungsnummer;Filiale;Rechnungsdatum;Währung;Artikel;Leistungsdatum;UStProzent;UStCode;Betrag"


@pytest.fixture
def desk() -> Iterator[ImportDesk]:
    with open_desk() as opened:
        opened.profile(policy=RowPolicy.GOOD_ROWS)
        yield opened


def upload(desk: ImportDesk, head: str, *rows: str) -> Import:
    """Upload a file, with the end that makes its bytes new."""
    return desk.upload("file.csv", ("\r\n".join([head, *rows]) + "\r\n").encode())


def row(percent: str, code: str = "", amount: str = "119,00", day: str = "", number: str = "RE-1") -> str:
    """A line of an invoice."""
    return f"Rechnung;{number};01;20261101;EUR;Brille;{day};{percent};{code};{amount}"


def revenue(desk: ImportDesk, number: str) -> list[tuple[str, int]]:
    """The postings on revenue when a document came into the books."""
    issue = desk.entries(number)[0]
    return [(one.vat_code, -one.amount_minor) for one in issue.postings if one.account is Account.REVENUE]


def reasons(desk: ImportDesk, one: Import, language: str = "en") -> list[str]:
    """Why each row had its outcome."""
    return [cells[6] for cells in desk.report(one, language)]


# VAT


def test_percentages_without_codes_are_kept_apart_in_the_journal(desk: ImportDesk) -> None:
    upload(desk, HEAD, row("19"), row("7", amount="10,70"), row("0", amount="5,00"))
    assert revenue(desk, "RE-1") == [("STANDARD", 11_900), ("REDUCED", 1_070), ("EXEMPT", 500)]


@pytest.mark.parametrize(
    ("wrong", "code", "column", "cell", "part"),
    [
        (row("7", "STANDARD"), "vat-rate-differs", "UStProzent", "7", "that is 19 %"),
        (row("19", "STANDARD", day="20201215"), "vat-rate-differs", "UStProzent", "19", "that is 16 %"),
        (row("19", "NONE"), "vat-code-not-found", "UStCode", "NONE", "no VAT code NONE"),
        (row("8,1"), "vat-rate-unknown", "UStProzent", "8,1", "EXEMPT 0 %, REDUCED 7 %, STANDARD 19 %"),
        (row("16", "STANDARD", day="20201215"), "vat-code-with-two-rates", "UStProzent", "16", "19 %"),
    ],
)
def test_vat_that_the_api_refuses_is_refused_of_a_file(
    desk: ImportDesk, wrong: str, code: str, column: str, cell: str, part: str
) -> None:
    one = upload(desk, HEAD, row("19", "STANDARD"), wrong, row("19", number="RE-2"))
    assert desk.codes(one) == [code, code, "recorded"]
    for told in desk.outcomes(one)[:2]:
        assert (told.column, told.value, dict(told.facts)["line"]) == (column, cell, "3")
    first, second, _ = reasons(desk, one)
    assert first == second
    assert part in first
    assert first.startswith(f"Line 3, column {column}, cell “{cell}”: ")
    assert reasons(desk, one, "de")[0].startswith(f"Zeile 3, Spalte {column}, Zelle „{cell}“: ")


def test_several_codes_of_a_percentage_are_named(desk: ImportDesk) -> None:
    export = VatCode("EXPORT", "Ausfuhr", (VatRate("1968-01-01", 0),))
    wiring.books().put_vat_code(ADMIN, export)
    one = upload(desk, HEAD, row("0"), row("0", "EXPORT", number="RE-2"))
    assert desk.codes(one) == ["vat-code-missing", "recorded"]
    assert "EXEMPT, EXPORT" in reasons(desk, one)[0]
    bare = "Kind;InvoiceNumber;Branch;InvoiceDate;Currency;ArticleName;VatPercent;Amount"
    lacking = upload(desk, bare, "Invoice;RE-3;01;20261101;EUR;x;0;1,00")
    assert desk.outcomes(lacking)[0].column == "VatCode / UStCode", "the file has no such column"


# The same number again

WHOLE = (
    "Kind;InvoiceNumber;Branch;CustomerNumber;InvoiceDate;Currency;PaymentDays;DiscountDays1;"
    "DiscountPercent1;OrderNumber;ArticleName;VatPercent;VatCode;Amount;PaidAmount"
)
CELLS = {
    "kind": "Invoice", "number": "RE-1", "branch": "01", "customer": "K-1", "day": "20261101",
    "currency": "EUR", "payment_days": "14", "days": "7", "percent": "2,50", "order": "AU-7",
    "product": "Glasses", "vat_percent": "19", "vat_code": "STANDARD", "amount": "119,00", "paid": "50,00",
}  # fmt: skip


def whole(**cells: str) -> str:
    """A line with all that a document may say."""
    return ";".join({**CELLS, **cells}.values())


@pytest.fixture
def recorded(desk: ImportDesk) -> ImportDesk:
    """A desk that has recorded the document."""
    for number in ("K-1", "K-2"):
        wiring.import_store().commit([wiring.ledger().customer_part(Customer(number, "01", "Abele"), None)])
    one = upload(desk, WHOLE, whole())
    assert desk.codes(one) == ["recorded"], reasons(desk, one)
    return desk


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"kind": "CreditNote"}, "Kind"),
        ({"branch": "02"}, "Branch"),
        ({"customer": "K-2"}, "CustomerNumber"),
        ({"day": "20261102"}, "InvoiceDate"),
        ({"currency": "CHF"}, "Currency"),
        ({"order": "AU-8"}, "OrderNumber"),
        ({"order": ""}, "OrderNumber"),
        ({"vat_percent": "7", "vat_code": "REDUCED"}, "VatPercent, VatCode"),
        ({"amount": "119,01"}, "Amount"),
        ({"paid": "60,00"}, "PaidAmount"),
        ({"paid": ""}, "PaidAmount"),
        ({"payment_days": "30"}, "PaymentDays"),
        ({"days": "8"}, "DiscountDays1"),
        ({"percent": "3"}, "DiscountPercent1"),
        ({"order": "AU-8", "amount": "119,01"}, "OrderNumber, Amount"),
    ],
    ids=str,
)
def test_a_document_that_differs_is_refused_with_the_columns(
    recorded: ImportDesk, cells: dict[str, str], columns: str
) -> None:
    before = recorded.document("RE-1")
    one = upload(recorded, WHOLE, whole(**cells))
    assert recorded.codes(one) == ["recorded-otherwise"]
    assert f": {columns}. " in reasons(recorded, one)[0]
    assert f": {columns}. " in reasons(recorded, one, "de")[0]
    assert recorded.document("RE-1") == before


def test_a_document_that_says_the_same_is_passed_over(recorded: ImportDesk) -> None:
    assert recorded.codes(upload(recorded, WHOLE, whole(product="Other words"))) == ["recorded-before"]
    no_terms = whole(payment_days="", days="", percent="")
    assert recorded.codes(upload(recorded, WHOLE, no_terms)) == ["recorded-before"]
    bare = "Kind;InvoiceNumber;Branch;InvoiceDate;Currency;ArticleName;VatPercent;Amount"
    one = upload(recorded, bare, "Invoice;RE-1;01;20261101;EUR;Glasses;19;119,00")
    assert recorded.codes(one) == ["recorded-before"]


def test_what_was_paid_since_is_not_what_was_paid_before(recorded: ImportDesk) -> None:
    paid = upload(recorded, "InvoiceNumber;PaidAmount;PaymentDate", "RE-1;69,00;20261105")
    assert (paid.variant, recorded.due("RE-1")) == (Variant.PAYMENTS, [0])
    assert recorded.codes(upload(recorded, WHOLE, whole(product="Again"))) == ["recorded-before"]
    assert recorded.codes(upload(recorded, WHOLE, whole(paid="119,00"))) == ["recorded-otherwise"]


def test_who_does_not_cover_a_branch_learns_of_its_document_only_that_it_is_there(
    recorded: ImportDesk,
) -> None:
    recorded.profile("second", branches=("02",), policy=RowPolicy.GOOD_ROWS)
    file = f"{WHOLE}\r\n{whole(branch='02', customer='', amount='1,00', paid='')}\r\n"
    one = recorded.upload("other.csv", file.encode(), "second")
    [told] = recorded.outcomes(one)
    assert (told.code, told.due_after_minor, told.facts) == (
        "recorded-otherwise",
        0,
        (("columns", "Branch"),),
    )


# What is wrong, in the words of the file


@pytest.mark.parametrize(
    ("cells", "column", "value", "first"),
    [
        ({"paid": "60,00"}, "PaidAmount", "60,00", "50,00"),
        ({"paid": ""}, "PaidAmount", "", "50,00"),
        ({"percent": "3,00"}, "DiscountPercent1", "3", "2,5"),
        ({"payment_days": "30"}, "PaymentDays", "30", "14"),
        ({"kind": "CreditNote"}, "Kind", "CreditNote", "Invoice"),
    ],
    ids=str,
)
def test_lines_that_contradict_each_other_are_named_with_their_cells(
    recorded: ImportDesk, cells: dict[str, str], column: str, value: str, first: str
) -> None:
    rows = [whole(number="RE-2"), whole(number="RE-2"), whole(number="RE-2", **cells)]
    one = upload(recorded, WHOLE, *rows)
    assert recorded.codes(one) == ["lines-differ-in-head"] * 3
    said = f"{column} is “{value}” in line 4 and “{first}” in line 2."
    assert all(said in reason for reason in reasons(recorded, one))
    assert {(told.column, told.value) for told in recorded.outcomes(one)} == {(column, value)}


@pytest.mark.parametrize(
    ("cells", "code", "column", "value"),
    [
        ({"amount": "-1,00"}, "total-not-positive", "Amount", "-1.00"),
        ({"customer": "K-9"}, "customer-not-found", "CustomerNumber", "K-9"),
        ({"day": "20271101"}, "issued-ahead", "InvoiceDate", "2027-11-01"),
        ({"branch": "09"}, "invoice-of-another-branch", "Branch", "09"),
        ({"order": "A/1"}, "number-has-unsafe-characters", "OrderNumber", "A/1"),
    ],
    ids=str,
)
def test_what_makes_no_document_is_refused_with_the_columns_heading(
    recorded: ImportDesk, cells: dict[str, str], code: str, column: str, value: str
) -> None:
    one = upload(recorded, WHOLE, whole(number="RE-2", **cells))
    [told] = recorded.outcomes(one)
    assert (told.code, told.column, told.value) == (code, column, value)


def test_a_heading_is_told_as_the_file_writes_it(desk: ImportDesk) -> None:
    head = "ART;Rechnungs-Nummer;filiale;Rechnungsdatum;Waehrung;Artikel;USt-Prozent;Betrag"
    one = upload(desk, head, "Rechnung;RE-1;01;20261101;EUR;x;8,1;1,00")
    assert [told.column for told in desk.outcomes(one)] == ["USt-Prozent"]


# Customers


def test_a_file_of_customers_changes_only_what_it_has_columns_for(desk: ImportDesk) -> None:
    known = Customer(
        "K-1", "01", "Abele", "Deich 1", "20095", "Hamburg", "DE", "en", "10001",
        Terms(14, (DiscountTier(7, 200),)),
    )  # fmt: skip
    wiring.import_store().commit([wiring.ledger().customer_part(known, None)])
    assert desk.codes(upload(desk, "Kundennummer;Name", "K-1;Abele")) == ["recorded-before"]
    assert desk.codes(upload(desk, "Kundennummer;Name;Ort", "K-1;Abele;")) == ["changed"]
    assert desk.codes(upload(desk, "Kundennummer;Name;Zahlungsziel", "K-1;Abele;30")) == ["changed"]
    stands = wiring.ledger().customers(["K-1"])["k-1"]
    assert (stands.city, stands.street, stands.account, stands.language) == ("", "Deich 1", "10001", "en")
    assert (stands.terms, stands.revision) == (Terms(30, (DiscountTier(7, 200),)), 3)


# The size of a slice

LONGEST = {"product": "鏡" * 200, "product_family": "片" * 100, "vat_code": "", "item_date": "2026-11-01"}


def planned_of(desk: ImportDesk, count: int, texts: dict[str, Any], number: str) -> Planned:
    """The plan for an invoice of so many lines."""
    one = Import(
        id="IM-1", profile="accountant", client=CLIENT, state=ImportState.BOOKING, file_name="f",
        size_bytes=1, inbox_key="k", inbox_version="v", uploaded_at=desk.shop.world.clock.now,
        uploaded_by="fina", branches=("01",), currency="EUR", import_day="2026-11-21",
    )  # fmt: skip
    values: dict[str, Any] = dict.fromkeys(InvoiceRow._fields)
    values |= {
        "kind": "invoice", "number": number, "branch": "01", "customer": "", "invoice_date": "2026-11-01",
        "currency": "EUR", "order_number": "", "product": "x", "product_family": "", "vat_basis_points": 1900,
        "vat_code": "", "amount_minor": 99_999_99, "paid_minor": 1_00, **texts,
    }  # fmt: skip
    rows = [InvoiceRow(**{**values, "line": line}) for line in range(2, count + 2)]
    work = InvoiceUpload(one, wiring.ledger(), VAT_CODES, desk.shop.world.clock.now)
    [planned] = work.plans(work.groups(ChunkContent(rows, [], [])))
    assert {told.outcome for told in planned.outcomes} == {Outcome.BOOKED}
    return planned


def weight(content: Any) -> int:
    """What DynamoDB counts for a value."""
    match content:
        case dict():
            return 3 + sum(1 + len(name.encode()) + weight(one) for name, one in content.items())
        case list():
            return 3 + sum(1 + weight(one) for one in content)
        case str():
            return len(content.encode())
        case _:
            return 21


@pytest.mark.parametrize("count", [1, 3, MAX_LINES])
@pytest.mark.parametrize("texts", [{}, LONGEST, {"product": "👓" * 200, "product_family": "👓" * 100}])
@pytest.mark.parametrize("number", ["RE-1", "鏡" * 40])
def test_a_plan_weighs_no_more_than_it_says(
    desk: ImportDesk, count: int, texts: dict[str, Any], number: str
) -> None:
    """A slice is filled by this weight: what was above it could never be written."""
    planned = planned_of(desk, count, texts, number)
    parts = sum(weight(part.row) for part in planned.parts if isinstance(part, Put))
    assert parts + len(packed(planned.outcomes)) <= planned.size_bytes
