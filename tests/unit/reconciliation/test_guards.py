"""What makes a list of open items wait for a person (RI-33), and the words that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tillbridge.kernel.errors import Words
from tillbridge.reconciliation.decisions import CLOSING, REASONS, Decision, Outcome
from tillbridge.reconciliation.groups import Decided, counted
from tillbridge.reconciliation.guards import GUARDS, LastList, Lists, guards_that_fire
from tillbridge.reconciliation.import_model import Limits, Stop, Totals
from tillbridge.reconciliation.model import Row

DOCS = Path(__file__).parents[3] / "docs" / "formats" / "settlement.md"
LIMITS = Limits(
    most_settled_by_absence=50,
    most_minor_by_absence=10_000_00,
    most_share_basis_points=2_000,
    least_rows_basis_points=5_000,
)
LAST = LastList("2026-10-31", 400)


def fired(
    totals: Totals | None = None,
    *,
    listed: int = 400,
    in_scope: int = 1_000,
    as_of: str = "2026-11-30",
    import_day: str = "2026-12-02",
    currency: str = "EUR",
    last: LastList | None = LAST,
    booking: str = "",
    limits: Limits = LIMITS,
) -> tuple[Stop, ...]:
    return guards_that_fire(
        totals or Totals(),
        listed=listed,
        in_scope=in_scope,
        as_of=as_of,
        import_day=import_day,
        currency=currency,
        lists=Lists(last, booking),
        limits=limits,
    )


def codes(stops: tuple[Stop, ...]) -> list[str]:
    return [stop.code for stop in stops]


def said(stop: Stop) -> tuple[str, str]:
    """What people read of it, in English and in German."""
    words = GUARDS[stop.code]
    told = {"field": stop.field_name, "value": stop.value, **stop.facts}
    return words.en.format(**told), words.de.format(**told)


def test_a_list_like_the_last_one_is_booked_without_asking() -> None:
    assert fired(Totals(rows=400, ignored=380, booked=20, by_absence=30, absence_minor=3_000_00)) == ()


# Borders: at the limit none fires, one beyond it does.


@pytest.mark.parametrize(
    ("count", "fires"), [(0, False), (49, False), (50, False), (51, True), (1_000, True)]
)
def test_too_many_by_absence(count: int, fires: bool) -> None:
    found = codes(fired(Totals(by_absence=count), in_scope=10**6))
    assert found == (["too-many-by-absence"] if fires else [])


@pytest.mark.parametrize(
    ("minor", "fires"), [(0, False), (10_000_00, False), (10_000_01, True), (10**17, True)]
)
def test_too_much_by_absence(minor: int, fires: bool) -> None:
    found = codes(fired(Totals(by_absence=1, absence_minor=minor)))
    assert found == (["too-much-by-absence"] if fires else [])


@pytest.mark.parametrize(
    ("minor", "fires"),
    [(0, False), (10_000_00, False), (10_000_01, True)],
)
def test_too_much_set_lower(minor: int, fires: bool) -> None:
    """A list whose amounts are all 0 settles as much as an empty one."""
    found = codes(fired(Totals(booked=1, moved_minor=minor)))
    assert found == (["too-much-set-lower"] if fires else [])


def test_what_is_set_lower_on_credit_notes_hides_nothing_that_is_set_lower_on_invoices() -> None:
    rows = [Decided(Row(2, "RE-1"), Decision(Outcome.BOOKED, "settled", applied_minor=6_000_00))]
    rows += [Decided(Row(3, "GU-1"), Decision(Outcome.BOOKED, "settled", applied_minor=-6_000_00))]
    assert codes(fired(sum(map(counted, rows), Totals()))) == ["too-much-set-lower"]


@pytest.mark.parametrize(
    ("count", "in_scope", "fires"),
    [
        (0, 0, False),
        (0, 100, False),
        (20, 100, False),
        (21, 100, True),
        (20, 99, True),
        (1, 5, False),
        (1, 4, True),
        (1, 1, True),
        (1, 0, True),
        (2_000, 10_000, False),
        (2_001, 10_000, True),
    ],
)
def test_share_by_absence(count: int, in_scope: int, fires: bool) -> None:
    """20 % of what is open: compared without rounding."""
    wide = Limits(10**6, 10**15, 2_000, 5_000)
    assert codes(fired(Totals(by_absence=count), in_scope=in_scope, limits=wide)) == (
        ["share-by-absence"] if fires else []
    )


@pytest.mark.parametrize(
    ("as_of", "fires"),
    [("2026-11-01", False), ("2026-10-31", True), ("2026-10-30", True), ("2025-12-31", True), ("", True)],
)
def test_older_than_last_fires_for_the_same_day_too(as_of: str, fires: bool) -> None:
    assert codes(fired(as_of=as_of)) == (["older-than-last"] if fires else [])


@pytest.mark.parametrize(
    ("as_of", "fires"), [("2026-12-01", False), ("2026-12-02", False), ("2026-12-03", True)]
)
def test_as_of_in_future(as_of: str, fires: bool) -> None:
    assert codes(fired(as_of=as_of)) == (["as-of-in-future"] if fires else [])


def test_first_list() -> None:
    assert codes(fired(last=None)) == ["first-list"]
    assert codes(fired(last=None, as_of="2026-12-03")) == ["first-list", "as-of-in-future"]


@pytest.mark.parametrize(
    ("listed", "last", "least", "fires"),
    [
        (200, 400, 5_000, False),
        (199, 400, 5_000, True),
        (201, 401, 5_000, False),
        (200, 401, 5_000, True),
        (1, 1, 5_000, False),
        (1, 2, 5_000, False),
        (1, 3, 5_000, True),
        (0, 0, 5_000, True),
        (1, 0, 5_000, False),
        (0, 400, 0, True),
        (1, 400, 0, False),
        (399, 400, 10_000, True),
        (400, 400, 10_000, False),
    ],
)
def test_suspiciously_small(listed: int, last: int, least: int, fires: bool) -> None:
    limits = Limits(50, 10_000_00, 2_000, least)
    found = codes(fired(listed=listed, last=LastList("2026-10-31", last), limits=limits))
    assert found == (["suspiciously-small"] if fires else [])


def test_an_empty_list_is_suspiciously_small_even_if_it_is_the_first() -> None:
    assert codes(fired(listed=0, last=None)) == ["first-list", "suspiciously-small"]
    assert codes(fired(listed=1, last=None)) == ["first-list"]


@pytest.mark.parametrize(("refused", "review"), [(1, 0), (0, 1), (3, 4)])
def test_unknown_or_wrong_rows(refused: int, review: int) -> None:
    (stop,) = fired(Totals(rows=400, refused=refused, review=review))
    assert (stop.code, stop.value) == ("unknown-or-wrong-rows", str(refused + review))


def test_all_guards_can_fire_at_once_in_the_order_of_the_page() -> None:
    everything = Totals(refused=1, by_absence=60, absence_minor=10**9, moved_minor=10**9, absent_touched=1)
    late = fired(
        everything, listed=0, in_scope=60, as_of="2026-12-03", last=LastList("2026-12-04", 9), booking="IM-1"
    )
    first = fired(everything, listed=0, in_scope=60, as_of="2026-12-03", last=None, booking="IM-1")
    both = [code for code in _guards_of_the_page() if code in {*codes(late), *codes(first)}]
    assert both == _guards_of_the_page()
    assert codes(late) == [code for code in both if code != "first-list"]
    assert codes(first) == [code for code in both if code != "older-than-last"]


# Properties

_totals = st.builds(
    Totals,
    rows=st.just(0),
    booked=st.just(0),
    ignored=st.just(0),
    review=st.integers(0, 1),
    refused=st.integers(0, 1),
    by_absence=st.integers(0, 80),
    applied_minor=st.just(0),
    discount_minor=st.just(0),
    fee_minor=st.just(0),
    absence_minor=st.integers(0, 12_000_00),
    moved_minor=st.integers(0, 12_000_00),
    absent_touched=st.integers(0, 1),
)
_days = st.sampled_from(["2026-10-30", "2026-10-31", "2026-11-30", "2026-12-02", "2026-12-03"])
_lasts = st.none() | st.builds(LastList, _days, st.integers(0, 500))
_limits = st.builds(
    Limits, st.integers(0, 60), st.integers(0, 11_000_00), st.integers(0, 10_000), st.integers(0, 10_000)
)


@given(_totals, st.integers(0, 500), st.integers(0, 300), _days, _lasts, _limits)
@settings(max_examples=500)
@example(Totals(), 1, 0, "2026-11-30", LastList("2026-10-31", 1), Limits(0, 0, 0, 10_000))
def test_where_no_guard_fires_absence_is_within_all_limits(
    totals: Totals, listed: int, in_scope: int, as_of: str, last: LastList | None, limits: Limits
) -> None:
    stops = fired(totals, listed=listed, in_scope=in_scope, as_of=as_of, last=last, limits=limits)
    assert len(set(codes(stops))) == len(stops)
    for stop in stops:
        assert all("{" not in words for words in said(stop))
    if stops:
        return
    assert last is not None
    assert last.as_of < as_of <= "2026-12-02"
    assert totals.by_absence <= limits.most_settled_by_absence
    assert totals.absence_minor <= limits.most_minor_by_absence
    assert totals.moved_minor <= limits.most_minor_by_absence
    assert totals.by_absence / max(in_scope, 1) <= limits.most_share_basis_points / 10_000 + 1e-12
    assert totals.by_absence <= in_scope
    assert listed >= 1
    assert listed / max(last.listed, 1) >= limits.least_rows_basis_points / 10_000 - 1e-12 or not last.listed
    assert totals.refused == totals.review == totals.absent_touched == 0


@given(_totals, st.integers(0, 500), st.integers(0, 300), _days, _lasts, _limits)
def test_stricter_limits_never_let_more_pass(
    totals: Totals, listed: int, in_scope: int, as_of: str, last: LastList | None, limits: Limits
) -> None:
    strict = Limits(0, 0, 0, 10_000)
    usual = fired(totals, listed=listed, in_scope=in_scope, as_of=as_of, last=last, limits=limits)
    strictly = fired(totals, listed=listed, in_scope=in_scope, as_of=as_of, last=last, limits=strict)
    assert set(codes(usual)) <= set(codes(strictly))


# Words


def test_amounts_shares_and_days_are_written_as_bookkeepers_write_them() -> None:
    totals = Totals(by_absence=333, absence_minor=12_345_67, moved_minor=1_234_567_89)
    stops = fired(totals, in_scope=1_000, as_of="2026-10-05", limits=Limits(50, 10_000_00, 3_325, 5_000))
    told = {stop.code: said(stop) for stop in stops}
    assert told["too-much-by-absence"] == (
        "12,345.67 EUR would be settled because the invoices are not listed; the limit is 10,000.00 EUR.",
        "12.345,67 EUR würden ausgeglichen, weil die Rechnungen nicht auf der Liste stehen; "
        "die Grenze ist 10.000,00 EUR.",
    )
    assert told["too-much-set-lower"][1].startswith("1.234.567,89 EUR würden gebucht")
    assert "33.3 %" in told["share-by-absence"][0]
    assert "33.25 %" in told["share-by-absence"][0]
    assert "33,3 %" in told["share-by-absence"][1]
    assert "33,25 %" in told["share-by-absence"][1]
    assert told["older-than-last"] == (
        "The list is of 2026-10-05, not later than the last one of 2026-10-31.",
        "Die Liste ist vom 05.10.2026 und damit nicht jünger als die letzte vom 31.10.2026.",
    )


@pytest.mark.parametrize(
    ("currency", "english", "german"),
    [
        ("JPY", "1,234,567 JPY", "1.234.567 JPY"),
        ("EUR", "12,345.67 EUR", "12.345,67 EUR"),
        ("KWD", "1,234.567 KWD", "1.234,567 KWD"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, english: str, german: str) -> None:
    none = Limits(50, 7, 2_000, 5_000)
    (stop,) = fired(Totals(absence_minor=1_234_567), currency=currency, limits=none)
    assert stop.facts["amount"] == english
    assert stop.facts["amount_de"] == german
    assert (stop.value, stop.facts["limit"]) == (
        "1234567",
        {"JPY": "7", "EUR": "0.07", "KWD": "0.007"}[currency] + f" {currency}",
    )


def test_a_share_that_fires_is_never_shown_as_the_limit_itself() -> None:
    """20.001 % of what is open is more than 20 %, so it is shown as 20.01 %."""
    (stop,) = fired(Totals(by_absence=20_001), in_scope=100_000, limits=Limits(10**6, 10**9, 2_000, 0))
    assert (stop.value, stop.facts["share"], stop.facts["limit"]) == ("2001", "20.01 %", "20 %")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("words", [*GUARDS.items(), *REASONS.items()], ids=lambda words: words[0])
def test_every_guard_and_every_reason_has_words_in_both_languages(words: tuple[str, Words]) -> None:
    code, (en, de) = words[0], (words[1].en, words[1].de)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    for text in (en, de):
        assert text == text.strip()
        assert text[-1] in ".?"
        assert "  " not in text
    assert en != de
    assert placeholders(en) == {name.removesuffix("_de") for name in placeholders(de)}


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_of_a_row_needs_no_facts(code: str) -> None:
    """A report of a million rows keeps the code alone; only what was booked before names its import."""
    wanted = {"import"} if code == "booked-before" else set()
    assert placeholders(REASONS[code].en) == placeholders(REASONS[code].de) == wanted


def test_tables_of_words_are_in_order() -> None:
    for table in (GUARDS, REASONS):
        assert list(table) == sorted(table)


def test_what_closes_has_words() -> None:
    assert REASONS.keys() >= CLOSING


# The page


def _section(page: str, heading: str) -> str:
    return page.split(heading, 1)[1].split("\n\n", 2)[1]


def _guards_of_the_page() -> list[str]:
    return re.findall(
        r"^\| `([a-z-]+)` \|", _section(DOCS.read_text(encoding="utf-8"), "**Guards** (RI-33)"), re.MULTILINE
    )


def test_the_page_names_every_guard_and_every_reason() -> None:
    page = DOCS.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", page))
    codes_of: Mapping[str, Words] = {**GUARDS, **REASONS}
    assert codes_of.keys() - named == {"approval-always"}, "that one is the profile's wish"
    of_closed_items = {"approval-always", "unreadable-rows-in-marked-list"}
    assert set(_guards_of_the_page()) == GUARDS.keys() - of_closed_items
    elsewhere = {
        "branches-of-list-missing",
        "document-has-too-many-bookings",
        "document-sum-too-large",
        "entry-seen-before",
        "file-imported-before",
        "list-imported-before",
        "maybe-seen-before",
        "list-overtaken",
        "list-while-other-books",
        "row-booked-meanwhile",
        "touched-since",
    }
    assert {code for code in named if "-" in code} - codes_of.keys() <= elsewhere
