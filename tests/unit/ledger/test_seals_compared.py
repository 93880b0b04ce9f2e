"""What seals hold against what stands in the journal: streams in order, compared in one pass (LE-3)."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from heapq import merge
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.ledger import rows
from tillbridge.ledger.seal_store import LeafFile, recorded_at, write_leaves
from tillbridge.ledger.sealing import unsealed
from tillbridge.ledger.seals import Fault, Leaf, Seal, Window, differences, stamp, tree_hash

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def leaf(place: int, content: int = 0) -> Leaf:
    entry_id = rows.new_entry_id(f"0{place % 3}", AT + timedelta(seconds=place), f"{place:x}".rjust(16, "0"))
    key = rows.entry_key(entry_id)
    assert key is not None
    return Leaf(*key, sha256(f"{place} {content}".encode()).digest())


def in_order(contents: dict[int, int]) -> list[Leaf]:
    return sorted(leaf(place, content) for place, content in contents.items())


journals = st.dictionaries(st.integers(0, 60), st.integers(0, 1), max_size=40)
seals = st.lists(journals, max_size=4)


@given(journals, seals)
def test_differences_are_those_of_two_sets(standing: dict[int, int], sealed: list[dict[int, int]]) -> None:
    """Each entry may be in several seals; each seal that disagrees is named."""
    expected = {
        (Fault.ENTRY_ADDED, 0, place) for place in standing if not any(place in one for one in sealed)
    }
    for number, one in enumerate(sealed, start=1):
        expected |= {(Fault.ENTRY_MISSING, number, place) for place in one if place not in standing}
        expected |= {
            (Fault.ENTRY_CHANGED, number, place)
            for place, content in one.items()
            if standing.get(place, content) != content
        }
    tagged = [[(each, number) for each in in_order(one)] for number, one in enumerate(sealed, start=1)]
    found = list(differences(merge(*tagged), iter(in_order(standing))))
    places = {leaf(place).sk: place for place in range(61)}
    assert {(each.fault, each.seal, places[each.entry]) for each, _ in found} == expected
    assert len(found) == len(expected)
    assert [at.place for _, at in found] == sorted(at.place for _, at in found)


@given(journals, seals)
def test_what_no_former_seal_holds_is_left(standing: dict[int, int], sealed: list[dict[int, int]]) -> None:
    """By its place, whatever its content: what was changed since is not sealed anew."""
    left = {place: content for place, content in standing.items() if not any(place in one for one in sealed)}
    assert list(unsealed(iter(in_order(standing)), [in_order(one) for one in sealed])) == in_order(left)


@given(journals)
def test_a_leaf_file_is_read_back_as_it_was_written(contents: dict[int, int]) -> None:
    leaves = in_order(contents)
    written = write_leaves(leaves, None)
    assert written is not None
    file, tree = written
    with file:
        assert list(LeafFile(file)) == leaves
        assert list(LeafFile(file)) == leaves, "as often as one wants"
        assert tree.root() == tree_hash(one.hash for one in leaves)
        assert LeafFile(file).fits(seal(tree.count, tree.root()))
        assert not LeafFile(file).fits(seal(tree.count + 1, tree.root()))
        assert not LeafFile(file).fits(seal(tree.count, b"\x00" * 32))


def seal(leaves: int, root: bytes) -> Seal:
    window = Window(AT, AT, AT + timedelta(hours=1))
    return Seal(number=1, window=window, leaves=leaves, root=root.hex(), previous="", made_at=AT)


def test_the_same_leaves_are_the_same_bytes() -> None:
    """Two sealers at once, or one that comes again, put the same file."""

    def content() -> bytes:
        written = write_leaves(in_order({1: 0, 2: 0, 7: 1}), None)
        assert written is not None
        with written[0] as file:
            file.seek(0)
            return file.read()

    assert content() == content()


@pytest.mark.parametrize(("until_s", "fits"), [(8, True), (7, False), (6, False)])
def test_a_leaf_from_outside_the_window_fits_no_seal(until_s: int, fits: bool) -> None:
    """Whoever forges a seal could slip an old entry into its leaf file: the root alone would not tell."""
    written = write_leaves(in_order({1: 0, 7: 0}), None)
    assert written is not None
    file, tree = written
    whole = seal(tree.count, tree.root())
    from_ = AT + timedelta(seconds=1)
    with file:
        assert (
            LeafFile(file).fits(replace(whole, window=Window(from_, from_, AT + timedelta(seconds=until_s))))
            is fits
        )
        later = from_ + timedelta(milliseconds=1)
        assert not LeafFile(file).fits(replace(whole, window=Window(later, later, AT + timedelta(hours=1))))


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_a_leaf_file_takes_as_many_as_it_may(count: int) -> None:
    written = write_leaves(in_order(dict.fromkeys(range(count), 0)), 4)
    assert (written is None) is (count > 4)
    if written is not None:
        written[0].close()


@pytest.mark.parametrize(
    "line",
    [
        b'{"pk":"JOURNAL#01#2026-11-21#0","sk":"20260101T000000000-01-0000000000000000","leaf":"00"}',
        b'{"pk":"x","sk":"y","leaf":"00"}',
        b'{"pk":"x","sk":"y"}',
        b'{"pk":1,"sk":2,"leaf":"00"}',
        b'{"pk":"x","sk":"y","leaf":7}',
        b"[" * 100_000,
        b"7",
        b"\xff",
    ],
)
def test_a_line_that_is_no_leaf_breaks_the_file(line: bytes) -> None:
    file = BytesIO(gzip.compress(line + b"\n"))
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        list(LeafFile(file))
    assert not LeafFile(file).fits(seal(1, b"\x00" * 32))


# Ids


@given(st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_id_tells_its_moment_and_sorts_by_it(moment: datetime) -> None:
    entry_id = rows.new_entry_id("HH-1", moment, "0" * 16)
    assert recorded_at(entry_id) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert stamp(moment) < entry_id < stamp(moment + timedelta(milliseconds=1))
    key = rows.entry_key(entry_id)
    assert key == (f"JOURNAL#HH-1#{moment.date().isoformat()}#0", entry_id)


@pytest.mark.parametrize(
    "entry_id",
    [
        "20261324T170512345-01-3f9c0a1b2c3d4e5f",
        "20261131T170512345-01-3f9c0a1b2c3d4e5f",
        "20261124T250512345-01-3f9c0a1b2c3d4e5f",
        "20261124X170512345-01-3f9c0a1b2c3d4e5f",
        " 0261124T170512345-01-3f9c0a1b2c3d4e5f",
        "2026112４T170512345-01-3f9c0a1b2c3d4e5f",
        "20261124T170512345-3f9c0a1b2c3d4e5f",
        "20261124T170512345-01-",
        "",
    ],
)
def test_what_is_no_id_has_no_moment(entry_id: str) -> None:
    assert recorded_at(entry_id) is None
