"""Ten thousand damaged lists of open items: none settles an invoice by absence without a person (RI-2,
RI-33).

The files are read, decided and judged by the rules that the workers use; only DynamoDB and S3 are left out,
so that so many of them take seconds. ``tests/functions/test_imports_open_items.py`` sends some through all
of it.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import pytest

from tillbridge.kernel.errors import Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger.model import Balance, Document, DocumentKind
from tillbridge.reconciliation import registry
from tillbridge.reconciliation.document_work import scope_of
from tillbridge.reconciliation.formats.reading import ReadSettings
from tillbridge.reconciliation.groups import counted, decide, grouped
from tillbridge.reconciliation.guards import LastList, Lists
from tillbridge.reconciliation.import_model import (
    Import,
    ImportState,
    Limits,
    Profile,
    RowPolicy,
    Totals,
)
from tillbridge.reconciliation.model import Facts, Problem, Row, Variant
from tillbridge.reconciliation.verdicts import Verdict, verdict

SEED = 20261128
FILES = 10_000
TODAY, AS_OF, LAST = "2026-11-21", "2026-11-20", "2026-11-13"
LISTED = 40
WIDE_OPEN = Limits(10**6, 10**12, 10_000, 0)


def document(number: str, due_minor: int, **more: str) -> Document:
    """An open document over twice what is due of it, for half of it was paid."""
    kind = DocumentKind.INVOICE if due_minor > 0 else DocumentKind.CREDIT_NOTE
    return Document(
        number=number,
        kind=kind,
        branch=more.get("branch", "01"),
        client=more.get("client", "M1"),
        currency="EUR",
        total_minor=2 * due_minor,
        issued_on=more.get("issued_on", "2026-10-01"),
        handed_over_on=more.get("handed_over_on", "2026-10-02"),
        balance=Balance(paid_minor=due_minor),
    )


OPEN = [document(f"RE-01-{place:04}-26", 1_000 + 37 * place) for place in range(LISTED - 4)]
OPEN += [document(f"GU-01-{place:04}-26", -500 - place) for place in range(4)]
FOREIGN = [document(f"RE-09-{place:04}-26", 2_000, client="M2") for place in range(10)]
TOO_YOUNG = [document(f"RE-01-9{place:03}-26", 900, issued_on=TODAY) for place in range(3)]
NOT_HANDED_OVER = [document(f"RE-01-8{place:03}-26", 900, handed_over_on="") for place in range(3)]
BOOKS = {fold(each.number): each for each in (*OPEN, *FOREIGN, *TOO_YOUNG, *NOT_HANDED_OVER)}


class Kind(NamedTuple):
    """How a list of open items is written: its heading, and one row."""

    heading: str
    row: Callable[[Document], str]


def money(minor: int) -> str:
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{minor // 100},{minor % 100:02}"


def opos_cells(one: Document) -> list[str]:
    """A row of DATEV's list of open items."""
    debit, credit = money(max(one.due_minor, 0)), money(max(-one.due_minor, 0))
    days = ("01.10.2026", "15.10.2026")
    return ["12041", one.number, *days, debit, credit, money(abs(one.due_minor)), "8400", "x"]


KINDS = (
    Kind("Rechnungsnummer;Offener Betrag", lambda one: f"{one.number};{money(one.due_minor)}"),
    Kind("Document No.;Remaining Amount", lambda one: f"{one.number};{money(one.due_minor)}"),
    Kind(
        "Konto;Rechnungsnummer;Datum;Fälligkeit;Sollbetrag;Habenbetrag;Saldo;Gegenkonto;Buchungstext",
        lambda one: ";".join(opos_cells(one)),
    ),
)


def whole(kind: Kind, documents: list[Document]) -> bytes:
    """A list as it ought to be."""
    return ("\r\n".join([kind.heading, *map(kind.row, documents)]) + "\r\n").encode("cp1252", "replace")


def cut_anywhere(file: bytes, chance: random.Random) -> bytes:
    return file[: chance.randrange(len(file) + 1)]


def cut_between_lines(file: bytes, chance: random.Random) -> bytes:
    lines = file.splitlines(keepends=True)
    return b"".join(lines[: chance.randrange(len(lines) + 1)])


def lines_lost(file: bytes, chance: random.Random) -> bytes:
    heading, *rows = file.splitlines(keepends=True)
    kept = chance.random()
    return heading + b"".join(row for row in rows if chance.random() < kept)


def doubled(file: bytes, chance: random.Random) -> bytes:
    lines = file.splitlines(keepends=True)
    return (
        file + file if chance.random() < 0.3 else b"".join(line * chance.choice((1, 1, 2)) for line in lines)
    )


def signs_swapped(file: bytes, chance: random.Random) -> bytes:
    lines = file.decode("cp1252", "replace").splitlines(keepends=True)
    swapped = [
        ";".join(
            (cell[1:] if cell.startswith("-") else f"-{cell}")
            if "," in cell and chance.random() < 0.7
            else cell
            for cell in line.split(";")
        )
        for line in lines
    ]
    return "".join(swapped).encode("cp1252", "replace")


def of_another_client(file: bytes, chance: random.Random) -> bytes:
    kind = next((each for each in KINDS if file.startswith(each.heading.encode("cp1252")[:8])), KINDS[0])
    return whole(kind, chance.sample(FOREIGN, chance.randrange(len(FOREIGN) + 1)))


def bytes_spoiled(file: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(file)
    for _ in range(chance.randrange(1, 12)):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def emptied(file: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"", file.splitlines(keepends=True)[0], b"\r\n\r\n", b"\xef\xbb\xbf"))


def amounts_shuffled(file: bytes, chance: random.Random) -> bytes:
    heading, *rows = file.decode("cp1252", "replace").splitlines(keepends=True)
    split = [row.rstrip("\r\n").split(";") for row in rows]
    amounts = [cells[1:] for cells in split]
    chance.shuffle(amounts)
    return (
        heading
        + "".join(
            ";".join([cells[0], *amount]) + "\r\n" for cells, amount in zip(split, amounts, strict=True)
        )
    ).encode("cp1252", "replace")


def another_character_set(file: bytes, chance: random.Random) -> bytes:
    return file.decode("cp1252", "replace").encode(
        chance.choice(("utf-16", "utf-8-sig", "utf-16-le", "cp500")), "replace"
    )


DAMAGES = (
    cut_anywhere, cut_between_lines, lines_lost, doubled, signs_swapped, of_another_client, bytes_spoiled,
    emptied, amounts_shuffled, another_character_set,
)  # fmt: skip


HEADS = tuple(kind.heading[:5].encode("cp1252") for kind in KINDS)
"""What was damaged beyond its heading is damaged enough."""


class Judged(NamedTuple):
    """What a file came to: refused as a whole, or its totals and the verdict about them."""

    totals: Totals | None
    found: Verdict | None


def judged(file: bytes, *, as_of: str, limits: Limits, policy: RowPolicy) -> Judged:
    """Read a file, decide about all that it says and lacks, and judge, as the workers do."""
    settings = ReadSettings(file_name="open.csv", currency="EUR", today=TODAY)
    try:
        kind = registry.claim(registry.head_of("open.csv", file[: 1 << 16]), settings)
        readings = list(registry.read_file(io.BytesIO(file), settings, kind))
    except Refused:
        return Judged(None, None)
    [facts] = [reading for reading in readings if isinstance(reading, Facts)]
    if facts.variant is not Variant.OPEN_ITEMS:
        return Judged(None, None)
    rows = [reading for reading in readings if isinstance(reading, Row)]
    problem_lines = len({reading.line for reading in readings if isinstance(reading, Problem)})
    in_scope = [one for one in OPEN if one.is_open]
    at = datetime(2026, 11, 21, tzinfo=UTC)
    one = Import(
        id="IM-1", profile="p", client="M1", state=ImportState.ASSESSING, file_name="open.csv",
        size_bytes=len(file), inbox_key="", inbox_version="", uploaded_at=at, uploaded_by="fina",
        branches=("01",), currency="EUR", variant=facts.variant, policy=policy, as_of=as_of,
        import_day=TODAY, listed=facts.rows, in_scope=len(in_scope), problem_lines=problem_lines,
    )  # fmt: skip
    candidates = [one.number for one in (*in_scope, *NOT_HANDED_OVER, *TOO_YOUNG, *FOREIGN)]
    totals = Totals(rows=problem_lines, refused=problem_lines)
    for group in grouped(rows, candidates, facts.variant):
        for decided in decide(BOOKS.get(group.folded_number), group, scope_of(one)):
            totals += counted(decided)
    profile = Profile(id="p", name="P", client="M1", currency="EUR", policy=policy, limits=limits)
    return Judged(totals, verdict(one, totals, profile, Lists(LastList(LAST, LISTED))))


@cache
def damaged_files() -> list[tuple[str, bytes, str]]:
    """All damaged files of a run: the damage's name, the file, and the day that it is said to be of."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    files = []
    for place in range(FILES):
        file = whole(chance.choice(KINDS), OPEN)
        chosen = [DAMAGES[place % len(DAMAGES)], *(chance.choice(DAMAGES) for _ in range(place % 3))]
        for damage in chosen:
            file = damage(file, chance) if file.startswith(HEADS) else file
        as_of = chance.choice((AS_OF, AS_OF, LAST, "2026-11-01"))
        files.append((" ".join(damage.__name__ for damage in chosen), file, as_of))
    return files


def test_a_whole_list_of_what_is_open_changes_nothing() -> None:
    for kind in KINDS:
        found = judged(whole(kind, OPEN), as_of=AS_OF, limits=Limits(), policy=RowPolicy.ALL_OR_NOTHING)
        assert found.found == Verdict(ImportState.BOOKING)
        assert found.totals == Totals(rows=LISTED, ignored=LISTED)


@pytest.mark.parametrize("policy", list(RowPolicy))
def test_no_damaged_list_settles_anything_by_absence_without_a_person(policy: RowPolicy) -> None:
    dangerous = booked = 0
    for damage, file, as_of in damaged_files():
        totals, found = judged(file, as_of=as_of, limits=Limits(), policy=policy)
        if totals is None or found is None:
            continue
        dangerous += totals.by_absence > 0
        booked += found.state is ImportState.BOOKING
        if found.state is ImportState.BOOKING:
            assert totals.by_absence == 0, (damage, file)
            assert totals.refused == totals.review == 0, (damage, file)
            assert abs(totals.applied_minor) <= Limits().most_minor_by_absence, (damage, file)
    assert dangerous > FILES // 4, "else the files would not be dangerous"
    assert booked > 100, "else everything would be stopped, whatever it says"


def test_without_its_guards_the_rules_would_settle_what_damaged_lists_lack() -> None:
    """The test above can fail: it is the limits that hold."""
    settled = 0
    for _, file, as_of in damaged_files()[:2_000]:
        totals, found = judged(file, as_of=as_of, limits=WIDE_OPEN, policy=RowPolicy.GOOD_ROWS)
        if totals is not None and found is not None and found.state is ImportState.BOOKING:
            settled += totals.by_absence
    assert settled > 1_000


def test_limits_that_a_profile_raised_hold_to_the_cent() -> None:
    limits = Limits(3, 5_000, 1_000, 9_000)
    for damage, file, as_of in damaged_files()[:3_000]:
        totals, found = judged(file, as_of=as_of, limits=limits, policy=RowPolicy.GOOD_ROWS)
        if totals is not None and found is not None and found.state is ImportState.BOOKING:
            assert totals.by_absence <= 3, (damage, file)
            assert totals.absence_minor <= 5_000, (damage, file)
            assert totals.rows >= 0.9 * LISTED, (damage, file)
            assert as_of > LAST, (damage, file)
