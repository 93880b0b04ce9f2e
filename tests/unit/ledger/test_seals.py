"""Seals as nouns: their trees are those of RFC 6962, their files say one thing only, their windows meet."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.ledger.seals import (
    FIRST_REACH,
    GRACE,
    LONGEST,
    MARGIN,
    Seal,
    TreeHash,
    Window,
    audit_path,
    between,
    next_window,
    root_of_path,
    tree_hash,
)

NOW = datetime(2026, 11, 21, 9, 30, 0, tzinfo=UTC)
ROOT = sha256(b"root").hexdigest()


def leaves(count: int) -> list[bytes]:
    return [sha256(b"\x00" + str(place).encode()).digest() for place in range(count)]


# What RFC 6962, section 2.1, says, word by word and without a thought for speed.


def largest_power_below(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(hashed: list[bytes]) -> bytes:
    if not hashed:
        return sha256().digest()
    if len(hashed) == 1:
        return hashed[0]
    k = largest_power_below(len(hashed))
    return sha256(b"\x01" + mth(hashed[:k]) + mth(hashed[k:])).digest()


def path(m: int, hashed: list[bytes]) -> list[bytes]:
    if len(hashed) == 1:
        return []
    k = largest_power_below(len(hashed))
    if m < k:
        return [*path(m, hashed[:k]), mth(hashed[k:])]
    return [*path(m - k, hashed[k:]), mth(hashed[:k])]


def test_a_tree_without_leaves_has_the_hash_of_nothing() -> None:
    assert tree_hash(iter([])).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_tree_over_eight_known_leaves_has_the_published_hash() -> None:
    """The leaves and the root of Certificate Transparency's own test vectors (RFC 6962)."""
    published = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]  # fmt: skip
    hashed = [sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in published]
    root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert tree_hash(iter(hashed)).hex() == root
    assert [each.hex() for each in audit_path(iter(hashed), 8, 5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("count", [*range(65), 100, 127, 128, 129, 1000])
def test_a_tree_is_that_of_the_standard(count: int) -> None:
    assert tree_hash(iter(leaves(count))) == mth(leaves(count))


@pytest.mark.parametrize("count", range(1, 65))
def test_every_leaf_of_a_small_tree_is_proved_by_the_path_of_the_standard(count: int) -> None:
    hashed = leaves(count)
    root = mth(hashed)
    for index in range(count):
        proof = audit_path(iter(hashed), count, index)
        assert list(proof) == path(index, hashed)
        assert root_of_path(hashed[index], index, count, proof) == root


@given(st.integers(65, 5000), st.randoms(use_true_random=False))
def test_any_leaf_of_any_tree_is_proved(count: int, chance: Random) -> None:
    hashed = leaves(count)
    index = chance.randrange(count)
    proof = audit_path(iter(hashed), count, index)
    assert list(proof) == path(index, hashed)
    assert root_of_path(hashed[index], index, count, proof) == tree_hash(iter(hashed)) == mth(hashed)


@pytest.mark.parametrize("count", range(1, 34))
def test_no_other_leaf_place_or_path_leads_to_the_root(count: int) -> None:
    """Whatever is changed in a proof, it proves nothing any more (the count stands in the seal itself)."""
    hashed = leaves(count)
    root = mth(hashed)
    for index in range(count):
        proof = audit_path(iter(hashed), count, index)
        assert root_of_path(sha256(b"another").digest(), index, count, proof) != root
        for other in {*range(-1, count + 2)} - {index}:
            assert root_of_path(hashed[index], other, count, proof) != root
        for step in range(len(proof)):
            bent = (*proof[:step], sha256(proof[step]).digest(), *proof[step + 1 :])
            assert root_of_path(hashed[index], index, count, bent) != root
            assert root_of_path(hashed[index], index, count, proof[:step] + proof[step + 1 :]) != root
        assert root_of_path(hashed[index], index, count, (*proof, root)) != root


@pytest.mark.parametrize(("count", "index"), [(0, 0), (3, 3), (3, -1)])
def test_there_is_no_path_to_a_leaf_that_is_not_there(count: int, index: int) -> None:
    with pytest.raises(IndexError):
        audit_path(iter(leaves(count)), count, index)


def test_a_tree_tells_its_hash_at_any_time_and_grows_on() -> None:
    tree = TreeHash()
    for count, leaf in enumerate(leaves(70)):
        assert (tree.count, tree.root()) == (count, mth(leaves(count)))
        tree.add(leaf)


# Seals


def window(from_: datetime = NOW - timedelta(hours=1), until: datetime = NOW) -> Window:
    return Window(from_ - GRACE, from_, until)


def seal(number: int = 2, previous: str = sha256(b"before").hexdigest(), **changed: object) -> Seal:
    made = Seal(number=number, window=window(), leaves=3, root=ROOT, previous=previous, made_at=NOW + MARGIN)
    return replace(made, **changed)  # type: ignore[arg-type]


def first_seal(**changed: object) -> Seal:
    """The first of a chain: it ends where ``seal`` begins."""
    begins = NOW - timedelta(hours=1) - FIRST_REACH
    return seal(1, "", **{"window": Window(begins, begins, NOW - timedelta(hours=1)), **changed})


def test_a_seals_file_is_this_and_will_always_be() -> None:
    """Its hash is named by the next seal: one byte more, and every chain that stands is broken."""
    content = seal(made_at=NOW).canonical()
    assert content.decode() == (
        "{\n"
        '  "format": "tillbridge-seal/1",\n'
        '  "number": 2,\n'
        '  "from": "2026-11-21T08:30:00.000Z",\n'
        '  "until": "2026-11-21T09:30:00.000Z",\n'
        '  "looks_back_to": "2026-11-21T06:30:00.000Z",\n'
        '  "leaves": 3,\n'
        '  "root": "4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2",\n'
        '  "previous": "6db7d803e74f1ffa7d8f5adc0bf95b3e15bf4c8373fffadf546227cc6c6742cb",\n'
        '  "made_at": "2026-11-21T09:30:00.000Z"\n'
        "}\n"
    )
    assert seal(made_at=NOW).hash == "1b89796e0d536a9716d32496cd4d76c21d9052c4399f0241509d28a31f809d9e"


def test_a_seal_is_read_back_as_it_was_written() -> None:
    for each in (seal(), seal(1, ""), seal(leaves=0), seal(made_at=NOW + timedelta(microseconds=123_000))):
        assert Seal.read(each.canonical()) == each


CONTENT = seal(made_at=NOW).canonical().decode()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        "{}",
        "7",
        CONTENT[:-1],
        CONTENT + "\n",
        CONTENT.replace("  ", ""),
        CONTENT.replace('"leaves": 3', '"leaves": 3.0'),
        CONTENT.replace('"leaves": 3', '"leaves": true'),
        CONTENT.replace('"leaves": 3', '"leaves": -1'),
        CONTENT.replace('"leaves": 3', '"leaves": "3"'),
        CONTENT.replace('"number": 2', '"number": 0'),
        CONTENT.replace('"number": 2', '"number": 1'),
        CONTENT.replace("seal/1", "seal/2"),
        CONTENT.replace(ROOT, ROOT.upper()),
        CONTENT.replace(ROOT, "g" * 64),
        CONTENT.replace(f'"{ROOT}"', str(list(range(64)))),
        CONTENT.replace(seal().previous, ""),
        CONTENT.replace(seal().previous, "x" * 64),
        CONTENT.replace("T08:30:00.000Z", "T08:30:00Z"),
        CONTENT.replace("T08:30:00.000Z", "T09:30:00.000Z"),
        CONTENT.replace('"until": "2026-11-21T09:30', '"until": "2026-11-21T08:29'),
        CONTENT.replace('"looks_back_to": "2026-11-21T06:30', '"looks_back_to": "2026-11-21T08:31'),
        CONTENT.replace('"made_at": "2026-11-21T09:30:00.000Z"', '"made_at": 5'),
        CONTENT.replace('"leaves": 3,', '"leaves": 3,\n  "extra": 1,'),
        "[" * 100_000,
    ],
)
def test_what_no_seal_would_write_is_no_seal(content: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        Seal.read(content.encode())


def test_bytes_that_are_no_text_are_no_seal() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        Seal.read(b"\xff\xfe")


def test_a_seal_follows_only_the_one_that_it_names() -> None:
    first = first_seal()
    second = seal(2, first.hash)
    assert second.follows(first)
    assert not second.follows(replace(first, leaves=4))
    assert not second.follows(replace(first, made_at=NOW + timedelta(seconds=1)))
    assert not replace(second, number=3).follows(first)
    assert not replace(second, previous=ROOT).follows(first)
    gap = window(NOW - timedelta(minutes=59))
    assert not replace(second, window=gap).follows(first)


LATER = timedelta(seconds=1)
IRREGULAR = {
    "looks further back": seal(window=Window(NOW - timedelta(hours=1) - GRACE - LATER, window().from_, NOW)),
    "looks less far back": seal(window=Window(window().looks_back_to + LATER, window().from_, NOW)),
    "is too long": seal(
        window=window(until=NOW - timedelta(hours=1) + LONGEST + LATER), made_at=NOW + LONGEST
    ),
    "was made too early": seal(made_at=NOW + MARGIN - timedelta(milliseconds=1)),
    "ends in years": seal(window=window(until=NOW + timedelta(days=3650))),
}


@pytest.mark.parametrize("forged", IRREGULAR.values(), ids=IRREGULAR)
def test_a_seal_with_times_that_no_sealer_writes_follows_none(forged: Seal) -> None:
    chained = replace(forged, previous=first_seal().hash)
    assert not chained.regular
    assert not chained.follows(first_seal())


def test_the_longest_and_latest_seal_that_a_sealer_makes_is_regular() -> None:
    until = NOW - timedelta(hours=1) + LONGEST
    longest = seal(2, first_seal().hash, window=window(until=until), made_at=until + MARGIN)
    assert longest.follows(first_seal())


def test_the_first_seal_looks_back_to_its_own_beginning_and_a_week_at_most() -> None:
    begins = NOW - timedelta(hours=1) - FIRST_REACH
    assert first_seal().regular
    assert not first_seal(window=Window(begins - GRACE, begins, NOW - timedelta(hours=1))).regular
    assert not first_seal(window=Window(begins - LATER, begins - LATER, NOW - timedelta(hours=1))).regular


def test_a_chained_seal_vouches_for_all_before_it() -> None:
    """A change in any of them changes the hashes of all that follow."""

    def chain(first_leaves: int) -> list[str]:
        hashes, previous = [], ""
        for number in range(1, 6):
            each = seal(number, previous, leaves=first_leaves if number == 1 else 3)
            hashes.append(previous := each.hash)
        return hashes

    assert all(one != other for one, other in zip(chain(3), chain(4), strict=True))


# Windows


def test_the_first_seal_looks_a_week_back() -> None:
    assert next_window(None, NOW) == Window(
        NOW - MARGIN - FIRST_REACH, NOW - MARGIN - FIRST_REACH, NOW - MARGIN
    )


def test_a_window_begins_where_the_last_one_ends_and_looks_back_for_late_entries() -> None:
    assert next_window(seal(), NOW + timedelta(hours=1)) == Window(
        NOW - GRACE, NOW, NOW + timedelta(hours=1) - MARGIN
    )


def test_nothing_is_sealed_before_its_time() -> None:
    assert next_window(seal(), NOW) is None
    assert next_window(seal(), NOW + MARGIN) is None
    assert next_window(seal(), NOW + MARGIN + timedelta(milliseconds=999)) is None
    assert next_window(seal(), NOW + MARGIN + timedelta(seconds=1)) is not None


def test_a_clock_that_goes_behind_a_little_waits_and_a_seal_from_the_future_is_loud() -> None:
    """Whoever waited for that moment would seal nothing, and nobody would hear of it."""
    with pytest.raises(ValueError, match=r"seal 2 ends at 2026-11-21T09:30:00.000Z, later than now"):
        next_window(seal(), NOW - timedelta(milliseconds=1))


def test_after_a_halt_it_goes_on_in_steps() -> None:
    assert next_window(seal(), NOW + timedelta(days=9)) == Window(NOW - GRACE, NOW, NOW + LONGEST)


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=30), st.data())
def test_windows_leave_no_moment_out_and_none_in_twice(pauses_s: list[int], choice: st.DataObject) -> None:
    """However the sealer is called, and whether it cuts its windows or not."""
    now, last, made = NOW, None, []
    for pause_s in pauses_s:
        now += timedelta(seconds=pause_s, microseconds=pause_s)
        taken = next_window(last, now)
        if taken is None:
            continue
        for _ in range(choice.draw(st.integers(0, 3))):
            if taken.length > timedelta(minutes=1):
                taken = taken.cut(between(taken.from_, taken.until))
        assert taken.until <= now - MARGIN
        assert taken.from_.microsecond == taken.until.microsecond == 0, "an id tells milliseconds"
        if last is not None:
            assert taken.looks_back_to == taken.from_ - GRACE
        last = seal(last.number + 1 if last else 1, last.hash if last else "", window=taken, made_at=now)
        made.append(last)
    assert all(later.follows(earlier) for earlier, later in pairwise(made))
    assert all(each.regular for each in made)


def test_the_middle_is_a_whole_second() -> None:
    assert between(NOW - timedelta(seconds=61), NOW) == NOW - timedelta(seconds=31)


def test_a_seals_file_is_json() -> None:
    """Auditors read it with tools of their own."""
    assert json.loads(seal().canonical())["root"] == ROOT
