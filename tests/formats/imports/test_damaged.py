"""Damaged import files: read right, or told with line and reason; never another row (RI-31, RI-32)."""

from __future__ import annotations

import codecs
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.imports.damage import Outcome, Sound, demand_same_or_told, outcome_of, sound
from tests.formats.imports.record import samples
from tillbridge.reconciliation.model import Variant

ALL = [pytest.param(path, id=f"{path.parent.name}/{path.name}") for path in samples()]
PLAIN = [one for one in ALL if "utf-16" not in str(one.id) and "two-character-sets" not in str(one.id)]
"""Samples that can be written in another character set as a whole."""


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)


def encoded(sample: Sound, text: str) -> bytes:
    """A text as the sample is written, with its mark."""
    assert sample.outcome.facts is not None
    character_set = sample.outcome.facts.character_set
    marks = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    mark = marks.get(character_set, b"")
    return (mark if mark and sample.content.startswith(mark) else b"") + text.encode(character_set)


@pytest.mark.parametrize("path", PLAIN)
def test_a_file_that_ends_at_a_line_is_the_shorter_file(path: Path) -> None:
    sample = sound(path)
    lines = lines_of(sample.text)
    for count in range(1, len(lines) + 1):
        damaged = demand_same_or_told(
            sample, encoded(sample, "".join(lines[:count])), lines=range(1, count + 1)
        )
        assert damaged.refused in {"", "file-without-rows"} | ({"column-missing"} if count < 3 else set())
        if not damaged.refused:
            problems = {line: said for line, said in sample.outcome.problems.items() if line <= count}
            rows = {line: row for line, row in sample.outcome.rows.items() if line <= count}
            assert (damaged.rows, damaged.problems) == (rows, problems)


@pytest.mark.parametrize("path", ALL)
def test_a_file_cut_at_any_byte_loses_no_amount_unnoticed(path: Path) -> None:
    """The line that was cut is no row, wherever the cut is: it has no line end."""
    sample = sound(path)
    for end in range(len(sample.content)):
        damaged = demand_same_or_told(sample, sample.content[:end], lines=())
        whole = sample.content[:end].replace(b"\x00", b"").endswith((b"\n", b"\r"))
        if not damaged.refused and not whole:
            last = max([*damaged.rows, *damaged.problems], default=0)
            assert last in damaged.problems or last not in damaged.rows or _ends_behind(sample, end, last)


def _ends_behind(sample: Sound, end: int, line: int) -> bool:
    """True where the cut left nothing but blanks of the next line, or one byte of a wide line end."""
    rest = sample.content[:end].replace(b"\x00", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return not rest.split(b"\n")[line:] or not rest.split(b"\n")[line].strip()


@pytest.mark.parametrize("path", PLAIN)
def test_a_line_that_stands_twice_is_read_twice(path: Path) -> None:
    sample = sound(path)
    lines = lines_of(sample.text)
    first = min([*sample.outcome.rows, *sample.outcome.problems])
    for at in range(first, len(lines) + 1):
        if any(problem.code.startswith("row-inside") for problem in sample.outcome.problems.get(at, ())):
            continue  # within quotes, a line more may end them elsewhere
        doubled = [*lines[:at], lines[at - 1], *lines[at:]]
        damaged = outcome_of(encoded(sample, "".join(doubled)), sample.settings, sample.kind)
        assert not damaged.refused
        if at in sample.outcome.rows:
            assert damaged.rows[at] == damaged.rows[at + 1] == sample.outcome.rows[at]
            assert len(damaged.rows) == len(sample.outcome.rows) + 1


@pytest.mark.parametrize("path", PLAIN)
def test_headings_that_stand_again_further_down_are_no_row(path: Path) -> None:
    """Two files in one."""
    sample = sound(path)
    mapping = sample.settings.mapping
    if min(sample.outcome.rows) == 1 or (mapping and not mapping.has_headings):
        return
    lines = lines_of(sample.text)
    headings = lines[min([*sample.outcome.rows, *sample.outcome.problems]) - 2]
    damaged = outcome_of(encoded(sample, "".join([*lines, headings])), sample.settings, sample.kind)
    assert [one.code for one in damaged.problems[len(lines) + 1]] == ["row-repeats-headings"]


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize(
    "character_set",
    ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-16-be-sig", "iso-8859-15"],
)
def test_the_character_set_is_recognised(path: Path, character_set: str) -> None:
    sample = sound(path)
    if sample.settings.mapping and sample.settings.mapping.character_set:
        return
    mark = codecs.BOM_UTF16_BE if character_set == "utf-16-be-sig" else b""
    content = mark + sample.text.encode(character_set.removesuffix("-sig") if mark else character_set)
    damaged = demand_same_or_told(sample, content)
    assert (damaged.rows, damaged.problems) == (sample.outcome.rows, sample.outcome.problems)


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize("character_set", ["cp850", "cp437", "mac-roman"])
def test_an_older_character_set_changes_no_more_than_letters(path: Path, character_set: str) -> None:
    sample = sound(path)
    content = sample.text.encode(character_set, "replace")
    demand_same_or_told(sample, content, letters_may_differ=True)


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize(("first", "then"), [("cp1252", "utf-8"), ("utf-8", "cp1252")])
def test_a_file_of_two_character_sets_says_which_lines_it_means(path: Path, first: str, then: str) -> None:
    sample = sound(path)
    lines = lines_of(sample.text)
    for at in range(1, len(lines)):
        demand_same_or_told(sample, "".join(lines[:at]).encode(first) + "".join(lines[at:]).encode(then))


@pytest.mark.parametrize("path", PLAIN)
def test_a_mark_of_utf_8_on_another_character_set_is_noticed(path: Path) -> None:
    sample = sound(path)
    demand_same_or_told(sample, codecs.BOM_UTF8 + sample.text.encode("cp1252"))


@pytest.mark.parametrize("path", PLAIN)
def test_swapped_decimal_marks_change_no_amount(path: Path) -> None:
    sample = sound(path)
    first = min([*sample.outcome.rows, *sample.outcome.problems])
    lines = lines_of(sample.text)
    swapped = [line.translate(str.maketrans(",.", ".,")) for line in lines[first - 1 :]]
    content = encoded(sample, "".join([*lines[: first - 1], *swapped]))
    damaged = demand_amounts(sample, content)
    if _decimals_in(sample):
        assert damaged.refused or damaged.problems


def _decimals_in(sample: Sound) -> bool:
    """True where a row that is read well has an amount with decimals, which is read."""
    return sample.outcome.facts is not None and sample.outcome.facts.variant in {
        Variant.PAYMENTS,
        Variant.OPEN_ITEMS,
        Variant.INVOICES,
    } and bool(re.search(r"\d[,.]\d\d[;,\r\n\"]", sample.text))  # fmt: skip


def demand_amounts(sample: Sound, content: bytes) -> Outcome:
    """No row has another amount than before; texts may have changed with the damage."""
    damaged = outcome_of(content, sample.settings, sample.kind)
    for line, row in damaged.rows.items():
        right = sample.outcome.rows.get(line)
        if right is not None:
            numbers = [one for one in row if not isinstance(one, str)]
            assert numbers == [one for one in right if not isinstance(one, str)], f"line {line}"
        else:
            assert line in sample.outcome.problems
    return damaged


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_every_line_end_is_one(path: Path, line_end: str) -> None:
    sample = sound(path)
    text = line_end.join(re.split(r"\r\n|\r|\n", sample.text))
    damaged = outcome_of(encoded(sample, text), sample.settings, sample.kind)
    assert damaged == sample.outcome


@pytest.mark.parametrize("path", PLAIN)
def test_line_ends_may_change_within_a_file(path: Path) -> None:
    sample = sound(path)
    lines = re.split(r"\r\n|\r|\n", sample.text)
    ends = ["\r\n", "\n", "\r"]
    text = "".join(line + ends[at % 3] for at, line in enumerate(lines[:-1]))
    assert outcome_of(encoded(sample, text), sample.settings, sample.kind) == sample.outcome


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize("where", ["everywhere", "headings", "rows"])
def test_separators_too_many_at_the_end_of_lines_do_no_harm(path: Path, where: str) -> None:
    sample = sound(path)
    assert sample.outcome.facts is not None
    separator = sample.outcome.facts.separator
    lines = re.split(r"\r\n|\r|\n", sample.text)[:-1]
    first = min([*sample.outcome.rows, *sample.outcome.problems])
    for at, line in enumerate(lines, 1):
        heading = at == first - 1
        if any(problem.code == "row-too-short" for problem in sample.outcome.problems.get(at, ())):
            continue  # what is too many here was missing there
        if line and (where == "everywhere" or (where == "headings") == heading) and '"' not in line[-1:]:
            lines[at - 1] = line + separator * 2
    content = encoded(sample, "".join(line + "\r\n" for line in lines))
    damaged = demand_same_or_told(sample, content)
    if separator != "," and not sample.settings.mapping:
        assert damaged.rows == sample.outcome.rows


@pytest.mark.parametrize("path", ALL)
def test_a_zero_byte_anywhere_is_noticed(path: Path) -> None:
    sample = sound(path)
    for at in range(0, len(sample.content) + 1, 7):
        content = sample.content[:at] + b"\x00" + sample.content[at:]
        damaged = demand_same_or_told(sample, content, lines=())
        assert damaged.refused or damaged.problems


@pytest.mark.parametrize("path", PLAIN)
def test_a_zero_byte_in_plain_text_refuses_the_file(path: Path) -> None:
    sample = sound(path)
    for at in range(0, len(sample.content), 11):
        content = sample.content[:at] + b"\x00" + sample.content[at:]
        assert outcome_of(content, sample.settings, sample.kind).refused == "file-has-zero-bytes"


@pytest.mark.parametrize("path", PLAIN)
def test_a_stray_quote_changes_no_amount_and_hides_no_line(path: Path) -> None:
    sample = sound(path)
    first = min([*sample.outcome.rows, *sample.outcome.problems])
    begin = len("".join(lines_of(sample.text)[: first - 1]))
    for at in range(begin, len(sample.text)):
        if sample.text[at - 1 : at + 1] == "\r\n":
            continue  # it would part one line end into two
        content = encoded(sample, sample.text[:at] + '"' + sample.text[at:])
        damaged = demand_amounts(sample, content)
        told = damaged.rows.keys() | damaged.problems.keys()
        assert damaged.refused or told >= sample.outcome.rows.keys()


@pytest.mark.parametrize("path", PLAIN)
def test_every_cell_may_stand_in_quotes(path: Path) -> None:
    sample = sound(path)
    assert sample.outcome.facts is not None
    if '"' in sample.text:
        return
    separator = sample.outcome.facts.separator
    lines = re.split(r"\r\n|\r|\n", sample.text)[:-1]
    quoted = [separator.join(f'"{cell}"' for cell in line.split(separator)) if line else "" for line in lines]
    damaged = outcome_of(encoded(sample, "\r\n".join(quoted) + "\r\n"), sample.settings, sample.kind)
    assert damaged.rows == sample.outcome.rows
    assert damaged.problems.keys() == sample.outcome.problems.keys()


@pytest.mark.parametrize("path", ALL)
def test_bytes_that_toppled_raise_nothing_but_refusals(path: Path) -> None:
    sample = sound(path)
    fate = random.Random(path.name)
    for _ in range(200):
        content = bytearray(sample.content)
        for _ in range(fate.randint(1, 5)):
            content[fate.randrange(len(content))] = fate.randrange(256)
        outcome_of(bytes(content), sample.settings, sample.kind)


@pytest.mark.parametrize("path", ALL)
def test_pieces_that_went_astray_raise_nothing_but_refusals(path: Path) -> None:
    sample = sound(path)
    fate = random.Random(path.name)
    for _ in range(100):
        begin, end, to = sorted(fate.randrange(len(sample.content) + 1) for _ in range(3))
        parts = [
            sample.content[:begin],
            sample.content[end:to],
            sample.content[begin:end],
            sample.content[to:],
        ]
        outcome_of(b"".join(parts), sample.settings, sample.kind)


@given(content=st.binary(max_size=300), sample=st.sampled_from(samples()))
def test_any_bytes_raise_nothing_but_refusals(content: bytes, sample: Path) -> None:
    right = sound(sample)
    outcome_of(content, right.settings, right.kind)
    headings = right.content[: len(right.content) // 3]
    outcome_of(headings + content, right.settings, right.kind)
