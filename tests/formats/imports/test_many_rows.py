"""A row says the same wherever it stands: rows are read many at once, and one by one where one is odd."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.imports.record import TODAY
from tillbridge.kernel.currencies import DECIMALS
from tillbridge.reconciliation.formats import amparex, datev, navision
from tillbridge.reconciliation.formats.reading import Reading, ReadSettings
from tillbridge.reconciliation.model import Facts, Problem, Row

SETTINGS = ReadSettings("a.csv", "EUR", TODAY)
PAYMENTS = "Rechnungsnummer;Zahlbetrag;Zahldatum;Währung;Skonto;Mahngebühr;Überzahlung;Wiederöffnen;Referenz"
NUMBERS = st.sampled_from(
    ["RE-1", " RE-2 ", "RE 3", "", "RÉ-4", "R\u0301E", "x" * 121, "ü" * 60, '"RE;5"', "R\u200bE"]
)
AMOUNTS = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "0,00",
            "-0,00",
            "1.234,50",
            "1.234",
            "1,5",
            " 7 ",
            "+3,20",
            "1,234",
            "12.5",
            "01,00",
            "1e3",
            "١,٠٠",
        ]
    ),
    st.integers(-(10**12), 10**12).map(lambda cents: f"{Decimal(cents) / 100:.2f}".replace(".", ",")),
)
DAYS = st.sampled_from(
    ["", "20261101", " 20261101", "20260230", "20261129", "2026-11-01", "00000000", "19991231"]
)
FLAGS = st.sampled_from(["", "J", "ja", "Y", "N", "nein", "vielleicht", " J ", "5,00", "-1,00", "1.00"])
CURRENCIES = st.sampled_from(["", "EUR", "eur", "JPY", "KWD", "XXX", " CHF"])
ODD_LINES = st.sampled_from(
    ["", ";;;", "RE-9", ";" * 20, '"', 'RE-1;"1,00', '"a"b;', ";" * 8, PAYMENTS, "RE-1;1;2;3"]
)
LINES = st.one_of(
    st.tuples(
        NUMBERS, AMOUNTS, DAYS, CURRENCIES, FLAGS, FLAGS, FLAGS, FLAGS, st.sampled_from(["", "b", "ß;"])
    ).map(";".join),
    ODD_LINES,
)


def said(headings: str, lines: list[str], module: object = amparex) -> list[Reading]:
    """What a file of these lines says."""
    content = "".join(line + "\r\n" for line in [headings, *lines]).encode()
    return list(module.read(io.BytesIO(content), SETTINGS))  # type: ignore[attr-defined]


@settings(max_examples=400)
@given(st.lists(LINES, min_size=1, max_size=12))
def test_a_row_says_the_same_alone_and_among_others(lines: list[str]) -> None:
    together = said(PAYMENTS, [*lines, "RE-SURE;1,00;;;;;;;"])
    alone: list[Reading] = []
    for at, line in enumerate(lines):
        if line.count('"') % 2 or '"a"' in line:
            return  # a quote that is left open changes what follows
        readings = said(PAYMENTS, [line, "RE-SURE;1,00;;;;;;;"])
        alone += [
            one._replace(line=at + 2) for one in readings if not isinstance(one, Facts) and one.line == 2
        ]
    assert [one for one in together if not isinstance(one, Facts)][:-1] == alone


@settings(max_examples=200)
@given(st.lists(LINES, min_size=1, max_size=30), st.integers(1, 40))
def test_nothing_depends_on_where_a_piece_of_the_file_ends(lines: list[str], shift: int) -> None:
    """Pieces of 16 KiB end anywhere; a long blank line moves their ends through the rows."""
    few = said(PAYMENTS, [*lines, "RE-SURE;1,00;;;;;;;"])
    padding = " " * ((1 << 14) - sum(len(line.encode()) + 2 for line in [PAYMENTS, *lines]) + shift)
    moved = said(PAYMENTS, [padding[: 1 << 14], *lines, "RE-SURE;1,00;;;;;;;"])
    if any(line.count('"') % 2 for line in lines):
        return
    assert [(type(one), one[1:]) for one in few] == [(type(one), one[1:]) for one in moved]


@given(st.lists(st.tuples(st.integers(-(10**11), 10**11), st.sampled_from(sorted(DECIMALS))), min_size=1))
def test_amounts_follow_the_currency_of_their_own_row(amounts: list[tuple[int, str]]) -> None:
    def written(minor: int, decimals: int) -> str:
        return f"{Decimal(minor).scaleb(-decimals):.{decimals}f}".replace(".", ",")

    lines = [f"RE-1;{written(minor, DECIMALS[code])};{code}" for minor, code in amounts]
    rows = said("InvoiceNumber;OpenAmount;Currency", lines)[:-1]
    assert [(row.amount_minor, row.currency) for row in rows if isinstance(row, Row)] == amounts


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)), min_size=1))
def test_what_is_open_is_debit_less_credit_to_the_cent(lines: list[tuple[int, int]]) -> None:
    """RI-12: whatever stands on which side, lines of an invoice add up exactly."""

    def written(cents: int) -> str:
        return f"{Decimal(cents) / 100:.2f}".replace(".", ",")

    rows = said(
        "Rechnungsnummer;Sollbetrag;Habenbetrag", [f"R;{written(d)};{written(c)}" for d, c in lines], datev
    )
    assert [row.amount_minor for row in rows if isinstance(row, Row)] == [
        debit - credit for debit, credit in lines
    ]


CELLS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1))
def test_what_a_csv_writer_quotes_is_read_as_it_was(cells: list[tuple[str, str]]) -> None:
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Rechnungsnummer", "Referenz"])
    writer.writerows(("R" + number + "E", text) for number, text in cells)
    readings = list(amparex.read(io.BytesIO(held.getvalue().encode()), SETTINGS))
    rows = {row.line: row for row in readings if isinstance(row, Row)}
    problems = {one.line: one for one in readings if isinstance(one, Problem)}
    for line, (number, text) in enumerate(cells, 2):
        if line in problems:
            assert problems[line].code == "cell-has-invisible-characters"
            assert "\xad" in number + text  # a soft hyphen is the one invisible sign of this set
        else:
            assert (rows[line].invoice_number, rows[line].reference) == ("R" + number + "E", text.strip())


@given(st.lists(st.sampled_from(["Invoice", "Payment", "", "Rechnung"]), min_size=1))
def test_rows_left_out_are_counted(kinds: list[str]) -> None:
    readings = said("Belegart;Belegnr.;Restbetrag", [f"{kind};RE-1;1,00" for kind in kinds], navision)
    facts, left_out = readings[-1], kinds.count("Payment")
    assert isinstance(facts, Facts)
    assert facts.rows == len(kinds) - left_out
    notices = [dict(one.facts) for one in readings if type(one).__name__ == "Notice"]  # type: ignore[union-attr]
    assert notices == ([{"rows": str(left_out)}] if left_out else [])
