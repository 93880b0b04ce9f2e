"""What each kind makes of its columns: variants, marks, sides, years (RI-10 to RI-18, LE-1)."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.reconciliation import code_words, registry
from tillbridge.reconciliation.formats import (
    addison,
    amparex,
    customers,
    datev,
    diamant,
    invoices,
    navision,
    navision_dunning,
    orders,
    pbs,
)
from tillbridge.reconciliation.formats.layouts import Columns
from tillbridge.reconciliation.formats.opos_ascii import HEADINGS
from tillbridge.reconciliation.formats.reading import Reading, ReadSettings
from tillbridge.reconciliation.model import (
    Facts,
    Kind,
    Notice,
    Problem,
    Row,
    Variant,
)

TODAY = "2026-11-28"
_MODULES = (
    amparex, pbs, datev, addison, diamant, navision, navision_dunning, invoices, customers, orders,
)  # fmt: skip
COLUMNS: dict[Kind, Columns] = {module.KIND: module.COLUMNS for module in _MODULES}


def said(kind: Kind, *lines: str, name: str = "a.csv", variant: Variant | None = None) -> list[Reading]:
    content = "".join(line + "\r\n" for line in lines).encode("cp1252")
    settings = ReadSettings(name, "EUR", TODAY, variant=variant)
    return list(registry.read_file(io.BytesIO(content), settings, registry.KINDS[kind]))


def rows(kind: Kind, *lines: str, **more: object) -> list[Row]:
    readings = said(kind, *lines, **more)  # type: ignore[arg-type]
    assert not [one for one in readings if isinstance(one, Problem)]
    return [one for one in readings if isinstance(one, Row)]


def facts(kind: Kind, *lines: str, **more: object) -> Facts:
    last = said(kind, *lines, **more)[-1]  # type: ignore[arg-type]
    assert isinstance(last, Facts)
    return last


@given(st.data())
def test_headings_are_claimed_by_their_kind_alone_in_either_language_and_any_order(
    data: st.DataObject,
) -> None:
    """RI-31, for every choice of columns; Navision's two kinds share a page, so their columns may meet."""
    kind = data.draw(st.sampled_from(sorted(COLUMNS)))
    columns = COLUMNS[kind]
    chosen = [one for one in columns.fields if one.needed or data.draw(st.booleans(), one.name)]
    headings = [data.draw(st.sampled_from(one.headings)) for one in chosen]
    if columns.passed_over and kind not in (Kind.NAVISION, Kind.NAVISION_DUNNING):
        headings += data.draw(st.lists(st.sampled_from(columns.passed_over), unique=True))
    line = ";".join(data.draw(st.permutations(headings)))
    changed = data.draw(
        st.sampled_from([line, line.upper(), line.lower(), line.replace("ä", "ae"), f" {line} "])
    )
    head = registry.head_of("a.csv", f"{changed}\r\n".encode())
    claiming = {one.KIND for one in registry.KINDS.values() if one.claims(head)}
    assert claiming == {kind}


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_a_column_that_the_kind_does_not_know_unclaims_the_file(kind: Kind) -> None:
    needed = [one.headings[0] for one in COLUMNS[kind].fields if one.needed]
    head = registry.head_of("a.csv", f"{';'.join(needed)};Farbe\r\n".encode())
    assert not any(one.claims(head) for one in registry.KINDS.values())


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_every_needed_column_is_missed(kind: Kind) -> None:
    needed = [one.headings[0] for one in COLUMNS[kind].fields if one.needed]
    for missing in needed:
        line = ";".join(one for one in needed if one != missing)
        with pytest.raises(Refused) as refused:
            said(kind, line or "x", "1")
        assert refused.value.code == "column-missing"
        assert refused.value.field == missing


@pytest.mark.parametrize(
    ("headings", "variant"),
    [
        ("Rechnungsnummer", Variant.CLOSED_ITEMS),
        ("Rechnungsnummer;Zahldatum;Währung;Referenz", Variant.CLOSED_ITEMS),
        ("Rechnungsnummer;Zahlbetrag", Variant.PAYMENTS),
        ("Rechnungsnummer;Skonto", Variant.PAYMENTS),
        ("Rechnungsnummer;Mahngebühr", Variant.PAYMENTS),
        ("Rechnungsnummer;Überzahlung", Variant.PAYMENTS),
        ("Rechnungsnummer;Wiederöffnen", Variant.PAYMENTS),
        ("Rechnungsnummer;OffenerBetrag", Variant.OPEN_ITEMS),
    ],
)
def test_the_columns_say_which_variant_a_file_is(headings: str, variant: Variant) -> None:
    values = ";".join(
        {"OffenerBetrag": "1,00"}.get(one, "RE-1" if one == "Rechnungsnummer" else "")
        for one in headings.split(";")
    )
    assert facts(Kind.AMPAREX, headings, values).variant is variant
    assert facts(Kind.AMPAREX, headings, values, variant=variant).variant is variant
    for other in {Variant.PAYMENTS, Variant.CLOSED_ITEMS, Variant.OPEN_ITEMS} - {variant}:
        with pytest.raises(Refused) as refused:
            facts(Kind.AMPAREX, headings, values, variant=other)
        assert refused.value.code == "variant-differs"
        announced, found = (code_words.variant(each.value) for each in (other, variant))
        assert refused.value.value == other.value
        assert refused.value.facts == {"announced": announced, "found": found}


@pytest.mark.parametrize(
    "column", ["Zahlbetrag", "Skonto", "Mahngebühr", "Überzahlung", "Wiederöffnen", "Zahldatum"]
)
def test_a_file_is_not_of_two_variants(column: str) -> None:
    with pytest.raises(Refused) as refused:
        said(Kind.AMPAREX, f"Rechnungsnummer;{column};OffenerBetrag", "RE-1;;1,00")
    assert refused.value.code == "columns-contradict"
    assert (refused.value.field, refused.value.value) == ("OffenerBetrag", column)


@pytest.mark.parametrize(
    ("kind", "headings", "row"),
    [
        (Kind.AMPAREX, "Rechnungsnummer;OffenerBetrag", "RE-1;"),
        (Kind.PBS, "PBS;Rechnungsnummer;OffenerBetrag", ";RE-1; "),
        (Kind.NAVISION, "Belegnr.;Restbetrag", "RE-1;"),
        (Kind.DATEV, "Rechnungsnummer;Soll;Haben", "RE-1;;"),
    ],
)
def test_an_open_item_without_an_amount_is_a_problem(kind: Kind, headings: str, row: str) -> None:
    """As a row it would look as if nothing were open, and the invoice would be settled."""
    readings = said(kind, headings, row)
    assert [one.code for one in readings if isinstance(one, Problem)] in (
        ["cell-is-empty"],
        ["neither-debit-nor-credit"],
    )
    assert not [one for one in readings if isinstance(one, Row)]


@pytest.mark.parametrize("mark", ["A", "M", "K", "N", "a", " M "])
def test_a_mark_closes(mark: str) -> None:
    assert (
        rows(Kind.DATEV, "Rechnungsnummer;Soll;Haben;AusgleichsKZ", f"RE-1;1,00;;{mark}")[0].cleared is True
    )


@pytest.mark.parametrize("mark", ["", "O", " "])
def test_without_a_mark_an_item_is_open(mark: str) -> None:
    """RI-12: also where no line of the list has one; the column alone makes it a list of closed items."""
    readings = said(Kind.DATEV, "Rechnungsnummer;Soll;Haben;AusgleichsKZ", f"RE-1;1,00;;{mark}")
    assert readings[0] == Row(2, "RE-1", cleared=False)
    assert isinstance(readings[-1], Facts)
    assert readings[-1].variant is Variant.CLOSED_ITEMS


def test_a_cell_over_two_lines_is_told_also_where_nobody_reads_its_column() -> None:
    """Read as one, it would hide a line, and every row behind it would have another number."""
    lines = ("1;1;RE-1;a", '1;1;RE-2;"Teil 1', 'Teil 2"', "1;1;RE-3;b")
    readings = said(Kind.DATEV, "Soll;Haben;Rechnungsnummer;Buchungstext", *lines)
    assert [(one.line, one.invoice_number) for one in readings if isinstance(one, Row)] == [
        (2, "RE-1"),
        (5, "RE-3"),
    ]
    problems = [(one.line, one.code) for one in readings if isinstance(one, Problem)]
    assert problems == [(3, "quotes-not-closed"), (4, "row-inside-quotes")]


def test_a_quote_that_is_opened_in_an_unreadable_line_is_open_behind_it() -> None:
    lines = (
        b"Rechnungsnummer;Referenz",
        "RE-1;ü".encode(),
        b'RE-2;"\xff',
        b"RE-3;x",
        b'RE-4;"',
        b"RE-5;y",
        b"",
    )
    settings = ReadSettings("a.csv", "EUR", TODAY)
    readings = list(amparex.read(io.BytesIO(b"\r\n".join(lines)), settings))
    assert [one.invoice_number for one in readings if isinstance(one, Row)] == ["RE-1", "RE-5"]
    problems = [(one.line, one.code) for one in readings if isinstance(one, Problem)]
    assert problems == [(3, "characters-unreadable"), (4, "row-inside-quotes"), (5, "row-inside-quotes")]


def test_a_list_without_the_column_of_marks_is_one_of_open_items() -> None:
    listed = said(Kind.DATEV, "Rechnungsnummer;Soll;Haben", "RE-1;1,00;0,00", name="OP_20261120.csv")
    assert listed[0] == Row(2, "RE-1", 100)
    assert isinstance(listed[-1], Facts)
    assert (listed[-1].variant, listed[-1].as_of) == (Variant.OPEN_ITEMS, "2026-11-20")
    with pytest.raises(Refused, match="variant-differs"):
        said(Kind.DATEV, "Rechnungsnummer;Soll;Haben", "RE-1;1,00;0,00", variant=Variant.CLOSED_ITEMS)


def opos(
    number: str = "RE-1",
    on: str = "03112026",
    debit: str = "0,00",
    credit: str = "0,00",
    mark: str = "",
    currency: str = "",
) -> str:
    """One line of the 22 fields."""
    cells = ["12041", f'"{number}"', on, "", "1200", debit, credit, "0,00", '"S"', f'"{currency}"',
             "0,00", '" "', "",
             '" "', "0", '""', '""', '"Zahlung"', "0,00", '"12-2026/0002"', "379", f'"{mark}"']  # fmt: skip
    return ";".join(cells)


def test_who_says_so_reads_the_open_lines_of_an_opos_file_as_open_items() -> None:
    """RI-13: a line without a mark is open; several lines of an invoice add up."""
    lines = (opos(debit="119,00"), opos(credit="19,00"), opos("RE-2", debit="50,00", mark="A"))
    readings = said(Kind.DATEV_PRO, *lines, variant=Variant.OPEN_ITEMS)
    assert readings[:2] == [Row(1, "RE-1", 11_900), Row(2, "RE-1", -1_900)]
    assert readings[2] == Notice(1, "rows-left-out-cleared", (("rows", "1"),))
    assert isinstance(readings[3], Facts)
    assert (readings[3].variant, readings[3].rows) == (Variant.OPEN_ITEMS, 2)


@pytest.mark.parametrize("variant", [Variant.PAYMENTS, Variant.DUNNING_LEVELS])
def test_an_opos_file_is_of_no_other_variant(variant: Variant) -> None:
    with pytest.raises(Refused, match="variant-differs"):
        said(Kind.DATEV_PRO, opos(debit="1,00"), variant=variant)


def test_what_is_open_in_a_foreign_currency_is_not_told_by_its_value_in_euro() -> None:
    line = opos(debit="92,00", currency="USD")
    assert rows(Kind.DATEV_PRO, line)[0] == Row(1, "RE-1", currency="USD", cleared=False)
    readings = said(Kind.DATEV_PRO, line, variant=Variant.OPEN_ITEMS)
    assert readings[0][:4] == (1, "WKZ Eingabebetrag", "USD", "open-item-in-foreign-currency")
    assert (
        rows(Kind.DATEV_PRO, opos(debit="92,00", currency="EUR"), variant=Variant.OPEN_ITEMS)[0].amount_minor
        == 9_200
    )


@pytest.mark.parametrize(
    "headings",
    [
        ";".join(HEADINGS),
        ";".join(HEADINGS).upper(),
        ";".join(f'"{one}"' for one in HEADINGS),
        ";".join(HEADINGS) + ";",
    ],
)
def test_the_headings_of_an_opos_file_are_no_line(headings: str) -> None:
    head = registry.head_of("op.csv", f"{headings}\r\n".encode())
    assert [one.KIND for one in registry.KINDS.values() if one.claims(head)] == [Kind.DATEV_PRO]
    assert [row.line for row in rows(Kind.DATEV_PRO, headings, opos(debit="1,00"))] == [2]


def test_two_headings_of_an_opos_file_may_be_exchanged() -> None:
    """*Belegnummer* and *KZ*: published examples do, and neither is read."""
    exchanged = list(HEADINGS)
    exchanged[15], exchanged[16] = exchanged[16], exchanged[15]
    assert len(rows(Kind.DATEV_PRO, ";".join(exchanged), opos(debit="1,00"))) == 1
    wrong = list(HEADINGS)
    wrong[5], wrong[6] = wrong[6], wrong[5]
    head = registry.head_of("op.csv", (";".join(wrong) + "\r\n").encode())
    assert not any(one.claims(head) for one in registry.KINDS.values())


@pytest.mark.parametrize(
    "name",
    ["EXP20261120.TXT", "exp20261120.txt", "imports/01/EXP20261120.TXT", "C:\\Export\\EXP20261120.TXT"],
)
def test_the_name_tells_what_the_exporter_wrote(name: str) -> None:
    """RI-14."""
    head = registry.head_of(name, (opos(debit="1,00") + "\r\n").encode())
    assert [one.KIND for one in registry.KINDS.values() if one.claims(head)] == [Kind.DATEV_KR_EXPORT]


@pytest.mark.parametrize(
    "name", ["EXP.TXT", "EXP2026112.TXT", "EXP20261120.CSV", "XEXP20261120.TXT", "EXP20261120.TXT.csv"]
)
def test_any_other_name_is_datev_pro(name: str) -> None:
    head = registry.head_of(name, (opos(debit="1,00") + "\r\n").encode())
    assert [one.KIND for one in registry.KINDS.values() if one.claims(head)] == [Kind.DATEV_PRO]


@given(st.integers(-3, 3), st.sampled_from(["A", "O", ""]))
def test_two_years_to_the_day(shift: int, mark: str) -> None:
    """RI-14: only what is closed is left out; without its open line an invoice would look closed."""
    on = date(2024, 11, 28) + timedelta(shift)
    readings = said(Kind.DATEV_KR_EXPORT, opos(on=on.strftime("%d%m%Y"), debit="1,00", mark=mark))
    left_out = shift < 0 and mark == "A"
    assert [row.cleared for row in readings if isinstance(row, Row)] == ([] if left_out else [mark == "A"])
    assert isinstance(readings[-1], Facts)
    assert readings[-1].older_rows == int(left_out)


def test_a_line_without_a_date_is_not_older_than_anything() -> None:
    assert len(rows(Kind.DATEV_KR_EXPORT, opos(on="", debit="1,00", mark="A"))) == 1


@pytest.mark.parametrize(("kind", "system"), [(Kind.ADDISON, "Addison"), (Kind.DIAMANT, "Diamant")])
@pytest.mark.parametrize(
    ("cleared_on", "cleared"), [("20261128", True), ("20241128", True), ("20241127", None), ("", False)]
)
def test_an_item_is_closed_by_the_day_of_its_clearing(
    kind: Kind, system: str, cleared_on: str, cleared: bool | None
) -> None:
    """RI-15, RI-16: of the last two years."""
    readings = said(kind, f"{system};InvoiceNumber;ClearedOn", f"17;RE-1;{cleared_on}")
    assert [row.cleared for row in readings if isinstance(row, Row)] == ([] if cleared is None else [cleared])
    assert isinstance(readings[-1], Facts)
    assert readings[-1].older_rows == int(cleared is None)


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ("Invoice;Yes", 1190), ("Rechnung;Ja", 1190), ("Credit Memo;", 1190), (";True", 1190),
        ("Gutschrift;1", 1190),
        ("Invoice;No", "closed"), ("Invoice;Nein", "closed"), ("Invoice;False", "closed"),
        ("Payment;Yes", "other-document"),
        ("Zahlung;Ja", "other-document"), ("Reminder;Yes", "other-document"),
        ("Erstattung;Ja", "other-document"),
    ],
)  # fmt: skip
def test_only_open_invoices_and_credit_memos_are_listed(cells: str, outcome: int | str) -> None:
    """RI-17; an entry whose type is empty may be anything, so it stays on the list."""
    readings = said(Kind.NAVISION, "Document Type;Open;Document No.;Remaining Amount", f"{cells};RE-1;11,90")
    if isinstance(outcome, int):
        assert readings[0] == Row(2, "RE-1", outcome)
    else:
        assert readings[0] == Notice(1, f"rows-left-out-{outcome}", (("rows", "1"),))


def test_amounts_of_navision_follow_their_currency() -> None:
    readings = rows(
        Kind.NAVISION, "Belegnr.;Restbetrag;Währungscode", "RE-1;1190;JPY", "RE-2;1,190;KWD", "RE-3;1,19;"
    )
    assert [(row.amount_minor, row.currency) for row in readings] == [
        (1190, "JPY"),
        (1190, "KWD"),
        (119, None),
    ]


@pytest.mark.parametrize(
    "caption", ["Mahnstufe", "Reminder Level", "Last Issued Reminder Level", "Letzte registrierte Mahnstufe"]
)
def test_a_dunning_level_is_one_digit(caption: str) -> None:
    """RI-18."""
    levels = [
        row.dunning_level
        for row in rows(Kind.NAVISION_DUNNING, f"Belegnr.;{caption}", *(f"RE-1;{n}" for n in range(10)))
    ]
    assert levels == list(range(10))


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (";;;;", ""), ("30;;;;", ""), ("30;7;2;;", ""), ("30;7;3;14;2", ""), ("0;0;3;1;0,01", ""),
        ("30;7;;;", "discount-lacks-its-other-half"), ("30;;2;;", "discount-lacks-its-other-half"),
        ("30;;;14;2", "second-discount-not-smaller"), ("30;7;3;14;", "discount-lacks-its-other-half"),
        ("30;7;3;7;2", "second-discount-not-smaller"), ("30;7;3;14;3", "second-discount-not-smaller"),
        ("30;7;0;;", "cell-is-no-percentage"), ("30;7;100;;", "cell-is-no-percentage"),
        ("1000;;;;", "cell-is-no-number"),
    ],
)  # fmt: skip
def test_terms_make_sense_or_are_told(terms: str, code: str) -> None:
    """LE-1."""
    headings = "CustomerNumber;Name;PaymentDays;DiscountDays1;DiscountPercent1;DiscountDays2;DiscountPercent2"
    readings = said(Kind.CUSTOMERS, headings, f"K-1;Abele;{terms}")
    assert [one.code for one in readings if isinstance(one, Problem)] == ([code] if code else [])


def test_a_named_kind_reads_no_file_of_another_variant() -> None:
    for kind, variant in ((Kind.INVOICES, Variant.CUSTOMERS), (Kind.ADDISON, Variant.OPEN_ITEMS)):
        needed = [one.headings[0] for one in COLUMNS[kind].fields if one.needed]
        with pytest.raises(Refused, match="variant-differs"):
            said(kind, ";".join(needed), variant=variant)
