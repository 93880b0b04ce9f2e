"""Every line that is booked has the VAT code and rate that it means, or is refused by its place (LE-4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.errors import Refused
from tillbridge.ledger.books_model import VatCode, VatRate
from tillbridge.ledger.requests import LineRequest
from tillbridge.ledger.rules import vat_shares_of
from tillbridge.ledger.standard_charts import VAT_CODES
from tillbridge.ledger.vat_rules import rated

DAY = "2026-11-20"
EXPORT = {**VAT_CODES, "EXPORT": VatCode("EXPORT", "Ausfuhr", (VatRate("1968-01-01", 0),))}


def line(percent: int | None = None, code: str = "", day: str = "", minor: int = 100) -> LineRequest:
    """A line at so many basis points."""
    return LineRequest("x", minor, code, percent, "", day)


def taxed(*lines: LineRequest, codes: Any = VAT_CODES) -> list[tuple[str, int]]:
    """The codes and rates that lines get."""
    return [(one.vat_code, one.vat_basis_points) for one in rated(lines, codes, DAY)]


def refused(*lines: LineRequest, codes: Any = VAT_CODES) -> Refused:
    """Why lines are refused."""
    with pytest.raises(Refused) as refusal:
        rated(lines, codes, DAY)
    return refusal.value


def test_a_percentage_alone_tells_the_code_that_has_it_on_the_day() -> None:
    assert taxed(line(1900), line(700)) == [("STANDARD", 1900), ("REDUCED", 700)]
    assert taxed(line(1600, day="2020-12-15"), line(500, day="2020-12-15")) == [
        ("STANDARD", 1600),
        ("REDUCED", 500),
    ]


def test_lines_of_two_percentages_never_become_one_share() -> None:
    lines = rated([line(1900, minor=11_900), line(700, minor=1_070)], VAT_CODES, DAY)
    assert vat_shares_of(tuple(lines)) == (("STANDARD", 11_900), ("REDUCED", 1_070))


def test_what_is_free_of_tax_has_the_only_code_that_is() -> None:
    assert taxed(line(0)) == [("EXEMPT", 0)]


def test_why_there_is_no_tax_is_asked_for_where_there_are_several_reasons() -> None:
    refusal = refused(line(1900), line(0), codes=EXPORT)
    assert (refusal.code, refusal.field) == ("vat-code-missing", "lines.1.vat_code")
    assert refusal.facts == {"percent": "0", "day": DAY, "candidates": "EXEMPT, EXPORT"}
    assert taxed(line(0, "EXPORT"), codes=EXPORT) == [("EXPORT", 0)]


def test_a_percentage_that_no_code_has_is_refused_with_those_that_there_are() -> None:
    refusal = refused(line(810))
    assert (refusal.code, refusal.field, refusal.value) == ("vat-rate-unknown", "lines.0.vat_percent", "8.1")
    assert refusal.facts["known"] == "EXEMPT 0 %, REDUCED 7 %, STANDARD 19 %"
    assert refused(line(1900, day="1960-01-01")).facts["known"] == "-"


def test_a_code_alone_has_its_rate_of_the_day() -> None:
    assert taxed(line(code="STANDARD"), line(code="REDUCED")) == [("STANDARD", 1900), ("REDUCED", 700)]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (line(1900, "NONE"), "vat-code-not-found", "lines.1.vat_code"),
        (line(700, "STANDARD"), "vat-rate-differs", "lines.1.vat_percent"),
        (line(0, "STANDARD"), "vat-rate-differs", "lines.1.vat_percent"),
        (line(None, "STANDARD", "1998-03-31"), "vat-rate-missing", "lines.1.vat_code"),
        (line(), "vat-not-given", "lines.1"),
    ],
)
def test_a_wrong_code_or_rate_is_refused_by_its_place(wrong: LineRequest, code: str, field: str) -> None:
    refusal = refused(line(1900), wrong)
    assert (refusal.code, refusal.field) == (code, field)


def test_a_rate_that_differs_is_told_the_right_one() -> None:
    assert refused(line(1900, "STANDARD", "2020-12-15")).facts["right"] == "16"


@pytest.mark.parametrize("code", ["", "STANDARD"])
def test_two_rates_of_one_code_are_two_documents(code: str) -> None:
    refusal = refused(line(1600, code, "2020-12-15"), line(1900, code, "2021-01-15"))
    assert (refusal.code, refusal.field) == ("vat-code-with-two-rates", "lines.1.vat_percent")
    assert (refusal.value, refusal.facts) == ("19", {"vat_code": "STANDARD", "other": "16"})


@given(
    st.lists(
        st.tuples(st.sampled_from(["", *VAT_CODES]), st.sampled_from([None, 0, 500, 700, 1600, 1900]),
                  st.sampled_from(["", "2020-12-15", "2021-01-15"])),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_whatever_is_taken_has_one_rate_for_each_code_and_loses_nothing(
    given_lines: list[tuple[str, int | None, str]],
) -> None:
    lines = [line(percent, code, day, place + 1) for place, (code, percent, day) in enumerate(given_lines)]
    try:
        taken = rated(lines, VAT_CODES, DAY)
    except Refused:
        return
    assert [one.amount_minor for one in taken] == [one.amount_minor for one in lines]
    for asked, one in zip(lines, taken, strict=True):
        assert one.vat_code in VAT_CODES
        assert asked.vat_code in ("", one.vat_code)
        assert asked.vat_basis_points in (None, one.vat_basis_points)
    assert len({(one.vat_code, one.vat_basis_points) for one in taken}) == len(
        {one.vat_code for one in taken}
    )
