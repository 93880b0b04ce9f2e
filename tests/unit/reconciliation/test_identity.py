"""The marks by which rows and bank movements are known again (RI-34)."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.reconciliation.decisions import REASONS
from tillbridge.reconciliation.identity import (
    EntryCount,
    EntryNote,
    Occurrence,
    entry_content,
    entry_mark,
    further_mark,
    row_marks,
    same_again,
    seen_again,
)
from tillbridge.reconciliation.model import Row, StatementEntry

FULL = Row(2, "RE-1", 50_00, "2026-11-03", "EUR", True, None, 5_00, False, None, reference="Bel 4711 Ä")
PLAIN = Row(2, "RE-1", 50_00, "2026-11-03")
ENTRY = StatementEntry(
    7, "DE02120300000000202051", "EUR", "2026-11-03", "2026-11-04", 50_00, False, "E2E-1", "Jörg Groß",
    "DE02500105170137075030", "RE-1 Danke", "2026110312345", False,
)  # fmt: skip


def mark_of(row: Row) -> str:
    return row_marks([row])[0]


def test_marks_are_what_they_were() -> None:
    """Documents keep marks for years: who changes them books old rows again."""
    assert mark_of(PLAIN) == "7305a6d8aed3dc52-1"
    assert mark_of(FULL) == "3c7c2ea1ba001f0cy_n_500-1"
    assert mark_of(Row(2, "RE-1", None, "2026-11-03")) == "098829987ccc78f9-1"
    assert mark_of(Row(2, "RE-1", -1)) == "be738f63bec1e8ef-1"
    assert entry_mark(ENTRY, 1) == "89540eb9b5471d77627e5deb87a4f8c6"
    assert entry_mark(ENTRY, 2) == "ef67aa797f110f567438aa36970f2b3f"


@pytest.mark.parametrize(
    "other",
    [
        {"amount_minor": 50_01},
        {"amount_minor": -50_00},
        {"amount_minor": 0},
        {"amount_minor": None},
        {"day": "2026-11-04"},
        {"day": None},
        {"reference": "1"},
        {"cash_discount": True},
        {"cash_discount": False},
        {"dunning_fee": True},
        {"dunning_fee": False},
        {"dunning_fee_minor": 0},
        {"dunning_fee_minor": 5},
        {"overpayment": True},
        {"overpayment": False},
        {"reopening": True},
        {"reopening": False},
    ],
    ids=str,
)
def test_whatever_a_row_says_of_its_payment_changes_its_mark(other: dict[str, object]) -> None:
    assert mark_of(PLAIN._replace(**other)) != mark_of(PLAIN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other", [{"line": 3}, {"invoice_number": "re-1"}, {"currency": "EUR"}, {"currency": "CHF"}], ids=str
)
def test_line_spelling_and_currency_do_not_change_a_mark(other: dict[str, object]) -> None:
    assert mark_of(PLAIN._replace(**other)) == mark_of(PLAIN)  # type: ignore[arg-type]


_flags = st.sampled_from([True, False, None])
_rows = st.builds(
    Row,
    line=st.integers(1, 99),
    invoice_number=st.just("RE-1"),
    amount_minor=st.none() | st.integers(-200, 200),
    day=st.none() | st.sampled_from(["2026-11-03", "2026-11-04"]),
    currency=st.none(),
    cash_discount=_flags,
    dunning_fee=_flags,
    dunning_fee_minor=st.none() | st.integers(0, 20),
    overpayment=_flags,
    reopening=_flags,
    dunning_level=st.none(),
    cleared=st.none(),
    reference=st.sampled_from(["", "1", "|", "11|2026-11-03|", "-1", "y___", "ÄÖ", "\ud800"])
    | st.text(max_size=3),
)


@given(st.lists(_rows, max_size=12))
def test_marks_of_one_file_are_all_different_and_have_no_blanks(rows: list[Row]) -> None:
    marks = [mark for mark in row_marks(rows) if mark]
    assert len(set(marks)) == len(marks)
    for mark in marks:
        assert re.fullmatch(r"[0-9a-f]{16}([yn_]{4}[0-9]*)?-[1-9][0-9]*", mark)
    for row, mark in zip(rows, row_marks(rows), strict=True):
        says_nothing = row.amount_minor is None and not row.day and not row.reference
        assert (mark == "") is says_nothing


@given(_rows, _rows)
def test_rows_have_one_mark_exactly_if_they_say_the_same(one: Row, other: Row) -> None:
    same = one._replace(line=0) == other._replace(line=0)
    marks = mark_of(one), mark_of(other)
    if all(marks):
        assert (marks[0] == marks[1]) is same


@given(st.lists(_rows, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(rows: list[Row], shuffler: Random) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert sorted(row_marks(shuffled)) == sorted(row_marks(rows))


@given(st.lists(_rows, max_size=10), st.integers(0, 10))
def test_a_file_that_is_cut_has_the_marks_of_the_whole_one(rows: list[Row], length: int) -> None:
    assert row_marks(rows[:length]) == row_marks(rows)[:length]


def test_the_table_of_rows_that_come_again() -> None:
    bare, asked = Row(2, "RE-1", 50_00), PLAIN._replace(cash_discount=True)
    referenced = Row(2, "RE-1", 50_00, reference="4711")
    for row, code in ((PLAIN, "booked-before"), (referenced, "booked-before"), (bare, "maybe-booked-before")):
        mark = mark_of(row)
        assert same_again(row, mark, {mark}, {mark}) == code
        assert same_again(row, mark, set(), {mark}) is None
        assert same_again(row, mark, {mark_of(Row(2, "RE-1", 50_01))}, {mark}) is None
    plain, other = mark_of(PLAIN), mark_of(asked)
    assert same_again(asked, other, {plain}, {other}) == "booked-before-otherwise"
    assert same_again(asked, other, {plain}, {other, plain}) is None
    assert same_again(PLAIN, plain, {other}, {plain}) == "booked-before-otherwise"
    closed = Row(2, "RE-1")
    assert same_again(closed, "", {"", plain}, {""}) is None
    assert {"booked-before", "maybe-booked-before", "booked-before-otherwise"} <= REASONS.keys()


def test_another_occurrence_of_the_same_content_is_no_evidence() -> None:
    """The first twin was deleted: its row may come again although the second is still booked."""
    first, second = row_marks([PLAIN, PLAIN])
    assert same_again(PLAIN, first, {second}, {first}) is None


def test_a_row_that_is_declared_another_payment_takes_the_next_free_mark() -> None:
    first, second, third = row_marks([PLAIN, PLAIN, PLAIN])
    assert further_mark(first, []) == first
    assert further_mark(first, [first]) == second
    assert further_mark(first, [first, second]) == third
    assert further_mark(second, [first, third]) == second
    assert further_mark(mark_of(FULL), [first]) == mark_of(FULL)


# Movements of bank accounts


@pytest.mark.parametrize(
    "name", [name for name in StatementEntry._fields if name not in ("line", "of_batch", "statement")]
)
def test_whatever_the_bank_says_changes_the_mark_of_a_movement(name: str) -> None:
    former = getattr(ENTRY, name)
    other = (
        (not former) if isinstance(former, bool) else former + 1 if isinstance(former, int) else former + "x"
    )
    changed = StatementEntry(**{**ENTRY._asdict(), name: other})
    assert entry_mark(changed, 1) != entry_mark(ENTRY, 1)


def test_line_batch_and_statement_do_not_change_the_mark_of_a_movement() -> None:
    assert entry_mark(ENTRY._replace(line=99, of_batch=True, statement="2"), 1) == entry_mark(ENTRY, 1)


def test_text_that_moves_from_field_to_field_makes_another_movement() -> None:
    one = ENTRY._replace(payer_name='a","b', text="")
    other = ENTRY._replace(payer_name="a", text='b","')
    assert entry_content(one) != entry_content(other)
    assert entry_mark(ENTRY._replace(payer_name="ab", payer_account="c"), 1) != entry_mark(
        ENTRY._replace(payer_name="a", payer_account="bc"), 1
    )


def test_equal_movements_of_one_file_are_counted() -> None:
    """A reader counts what ``entry_content`` calls equal; each occurrence is a movement of its own."""
    assert entry_content(ENTRY) == entry_content(ENTRY._replace(line=9, of_batch=True, statement="2"))
    assert entry_content(ENTRY) != entry_content(ENTRY._replace(bank_reference="2"))
    assert len({entry_mark(ENTRY, occurrence) for occurrence in range(1, 100)}) == 99


def test_a_movement_with_half_a_sign_still_has_a_mark() -> None:
    """Some banks cut their texts in the middle of a sign that takes two places."""
    assert re.fullmatch(r"[0-9a-f]{32}", entry_mark(ENTRY._replace(text="\ud83d"), 1))


def test_equal_movements_are_numbered_in_their_file_and_in_their_statement() -> None:
    counted = EntryCount()
    statements = ["1", "1", "2", "2", "2", "1"]
    found = [counted.next(ENTRY._replace(line=place, statement=one)) for place, one in enumerate(statements)]
    assert found == [(1, 1), (2, 2), (3, 1), (4, 2), (5, 3), (6, 1)]
    assert counted.next(ENTRY._replace(text="another", statement="1")) == (1, 1)


BARE = ENTRY._replace(end_to_end_id="", bank_reference="")
SURE, MAYBE, NEW = "sure", "maybe", "new"
SIGHTINGS = [
    # statement of the entry, its numbers in file and statement, statements of the notes, result
    ("1", 1, 1, "", NEW),
    ("1", 1, 1, "1", SURE),
    ("2", 1, 1, "1", MAYBE),
    ("2", 1, 1, "1 2", SURE),
    ("2", 1, 1, "2 1", SURE),
    ("1", 2, 2, "1", NEW),
    ("1", 2, 2, "1 1b", SURE),
    ("1", 1, 1, "- 1b", NEW),
    ("2", 2, 2, "1 2", MAYBE),
    ("2", 2, 1, "1", NEW),
    ("2", 2, 1, "1 1b", MAYBE),
    ("2", 2, 1, "1 2", SURE),
    ("1", 1, 1, "2 1", SURE),
    ("1", 1, 1, "-", NEW),
    ("1", 1, 1, "- 2", MAYBE),
    ("1", 1, 1, "- 1", SURE),
    ("", 1, 1, "1", SURE),
    ("", 2, 2, "1", NEW),
    ("1", 1, 1, "?", SURE),
    ("1", 2, 1, "?", NEW),
    ("1", 2, 1, "? ?", SURE),
]
"""``-`` is a note that nobody holds, ``?`` one of an unknown statement, ``1b`` its second equal one."""


@pytest.mark.parametrize(("statement", "in_file", "in_statement", "noted", "result"), SIGHTINGS)
def test_a_movement_of_another_statement_may_be_another(
    statement: str, in_file: int, in_statement: int, noted: str, result: str
) -> None:
    notes = [
        EntryNote() if one == "-" else EntryNote(f"IM-{place}", one.strip("?b"), 1 + one.endswith("b"))
        for place, one in enumerate(noted.split())
    ]
    entry, occurrence = BARE._replace(statement=statement), Occurrence(in_file, in_statement)
    found = seen_again(entry, occurrence, notes)
    assert (NEW if found is None else SURE if found.sure else MAYBE) == result
    for told in (entry._replace(end_to_end_id="E2E-1"), entry._replace(bank_reference="B1")):
        with_reference = seen_again(told, occurrence, notes)
        held = in_file <= len(notes) and bool(notes[in_file - 1].import_id)
        assert (with_reference is not None and with_reference.sure) == held, "a reference says enough"
