"""Document numbers: no gaps and no doubles, in whatever order two tills read and write (LE-6).

moto answers one request at a time, so the races are told step by step; real ones run against the local cloud.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import ADMIN, World, open_world
from tillbridge.access.model import Branch
from tillbridge.aws.table import NEW, CommitConflict, Part, Put, Table, commit
from tillbridge.kernel.errors import Conflict, Refused
from tillbridge.kernel.text import fold
from tillbridge.ledger.books import BooksService, SeriesStand, number_was_taken
from tillbridge.ledger.books_model import NumberSeries, SeriesKind
from tillbridge.ledger.books_store import BooksStore
from tillbridge.reconciliation.invoice_numbers import invoice_numbers_in

INVOICE, CREDIT_NOTE, RECEIPT = SeriesKind.INVOICE, SeriesKind.CREDIT_NOTE, SeriesKind.RECEIPT
DAY = "2026-11-21"


@dataclass
class Numbering:
    """The books of a chain, and documents that are nothing but their numbers."""

    world: World
    table: Table
    books: BooksService
    branches: Iterator[int] = field(default_factory=itertools.count)

    def set_up(
        self,
        prefix: str = "RE",
        code: str = "HH",
        digits: int = 4,
        *,
        branch: str = "01",
        kind: SeriesKind = INVOICE,
    ) -> SeriesStand:
        """How a branch numbers a kind of document."""
        return self.books.put_series(ADMIN, NumberSeries(branch, kind, prefix, code, digits))

    def read(self, branch: str = "01", kind: SeriesKind = INVOICE, day: str = DAY) -> tuple[str, Part]:
        """The number that a document would get now."""
        return self.books.next_number(branch, kind, day)

    def write(self, number: str, taken: Part) -> None:
        """The document with its number, in one transaction."""
        commit(self.table.client, [self.document(number), taken])

    def take(self, branch: str = "01", kind: SeriesKind = INVOICE, day: str = DAY) -> str:
        """A document that meets nobody else."""
        number, taken = self.read(branch, kind, day)
        self.write(number, taken)
        return number

    def document(self, number: str) -> Put:
        """The part that writes a document whose number must be new."""
        row = {"pk": f"DOCUMENT#{fold(number)}", "sk": "DOCUMENT", "number": number}
        return Put(self.table.name, row, f"new-document:{fold(number)}", NEW)

    def recorded(self, numbers: Sequence[str]) -> Collection[str]:
        """Which of these numbers have a document."""
        rows = self.table.get_many([(f"DOCUMENT#{fold(number)}", "DOCUMENT") for number in numbers])
        return {fold(row["number"]) for row in rows}

    def stand_at(self, last: int, name: str = "re-hh", year: int = 2026) -> None:
        """Let the counter stand where it would after so many documents."""
        store = BooksStore(self.table)
        commit(self.table.client, [store.number_part(name, year, store.last_number(name, year), last)])


def connect(world: World) -> Numbering:
    table = Table(world.clients["dynamodb"], world.names["LEDGER_TABLE"])
    return Numbering(world, table, BooksService(BooksStore(table), world.access, clock=world.clock))


@pytest.fixture
def numbering() -> Iterator[Numbering]:
    with open_world() as world:
        yield connect(world)


def test_documents_get_one_number_after_the_other(numbering: Numbering) -> None:
    numbering.set_up()
    assert [numbering.take() for _ in range(3)] == ["RE-HH-0001-26", "RE-HH-0002-26", "RE-HH-0003-26"]


def test_reading_a_number_takes_none(numbering: Numbering) -> None:
    numbering.set_up()
    assert {numbering.read()[0] for _ in range(3)} == {"RE-HH-0001-26"}


@pytest.mark.parametrize("before", [0, 7])
def test_who_comes_second_tries_again_and_gets_the_next(numbering: Numbering, before: int) -> None:
    """Also at the first number of a year, where there is no counter yet."""
    numbering.set_up()
    for _ in range(before):
        numbering.take()
    first, second = numbering.read(), numbering.read()
    assert first[0] == second[0]
    numbering.write(*second)
    with pytest.raises(CommitConflict) as conflict:
        commit(numbering.table.client, [numbering.document("another"), first[1]])
    assert number_was_taken(conflict.value)
    assert not numbering.recorded(["another"]), "the document was not made either"
    assert numbering.take() == f"RE-HH-{before + 2:04}-26"


def test_a_document_that_fails_leaves_its_number_to_the_next(numbering: Numbering) -> None:
    """LE-6: no gap."""
    numbering.set_up()
    numbering.take()
    taken = numbering.document("taken")
    commit(numbering.table.client, [taken])
    number, part = numbering.read()
    with pytest.raises(CommitConflict) as conflict:
        commit(numbering.table.client, [taken, part])
    assert not number_was_taken(conflict.value)
    assert numbering.take() == number == "RE-HH-0002-26"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.integers(0, 3), max_size=40))
def test_in_whatever_order_four_tills_read_and_write_there_is_no_gap_and_no_double(
    numbering: Numbering, turns: list[int]
) -> None:
    """Each turn is one step of one till: read a number, or write the document with the number read before."""
    branch = f"t{next(numbering.branches)}"
    numbering.world.access.put_branch(ADMIN, Branch(branch, "Shop"))
    numbering.set_up("RE", branch, branch=branch)
    held: dict[int, tuple[str, Part]] = {}
    written: list[str] = []
    for till in turns:
        if till not in held:
            held[till] = numbering.read(branch)
            continue
        number, part = held.pop(till)
        try:
            numbering.write(number, part)
        except CommitConflict as conflict:
            lost_to_another = number_was_taken(conflict) and number in written
            assert lost_to_another
        else:
            written.append(number)
    assert written == [f"RE-{branch}-{running:04}-26" for running in range(1, len(written) + 1)]


def test_every_year_begins_with_one_and_an_old_year_goes_on(numbering: Numbering) -> None:
    numbering.set_up()
    days = ["2026-12-31", "2027-01-01", "2026-12-31", "2027-02-01", "2025-06-01"]
    assert [numbering.take(day=day) for day in days] == [
        "RE-HH-0001-26",
        "RE-HH-0001-27",
        "RE-HH-0002-26",
        "RE-HH-0002-27",
        "RE-HH-0001-25",
    ]


def test_branches_and_kinds_have_numbers_of_their_own(numbering: Numbering) -> None:
    numbering.set_up()
    numbering.set_up("RE", "LX", branch="02")
    numbering.set_up("GU", kind=CREDIT_NOTE)
    asked = [("01", INVOICE), ("02", INVOICE), ("01", CREDIT_NOTE), ("01", INVOICE), ("02", INVOICE)]
    assert [numbering.take(*one) for one in asked] == [
        "RE-HH-0001-26",
        "RE-LX-0001-26",
        "GU-HH-0001-26",
        "RE-HH-0002-26",
        "RE-LX-0002-26",
    ]


def test_a_kind_that_nobody_numbers_is_refused_by_name(numbering: Numbering) -> None:
    numbering.set_up()
    with pytest.raises(Refused) as refused:
        numbering.read("02")
    assert (refused.value.code, refused.value.value) == ("series-missing", "invoice")
    assert refused.value.facts == {"branch": "02"}
    with pytest.raises(Refused):
        numbering.read("01", RECEIPT)


def test_a_series_that_returns_to_a_former_name_goes_on_where_it_was(numbering: Numbering) -> None:
    numbering.set_up()
    numbering.take()
    numbering.set_up("RE", "AL")
    assert [numbering.take(), numbering.take()] == ["RE-AL-0001-26", "RE-AL-0002-26"]
    stand = numbering.set_up("re", "hh", digits=5)
    assert (stand.series.revision, stand.last) == (3, 1)
    assert numbering.take() == "re-hh-00002-26"


def test_a_name_belongs_to_one_series_for_ever(numbering: Numbering) -> None:
    """LE-6: else two branches would give the same number. Letters of another size are the same name."""
    numbering.set_up()
    numbering.set_up("RE", "AL")
    for name in ("HH", "hh", "AL"):
        for branch, kind in (("02", INVOICE), ("01", CREDIT_NOTE)):
            with pytest.raises(Conflict) as conflict:
                numbering.set_up("RE", name, branch=branch, kind=kind)
            assert (conflict.value.code, conflict.value.value) == ("series-name-taken", f"RE-{name}")


def test_two_branches_that_want_a_name_at_the_same_moment_do_not_both_get_it(numbering: Numbering) -> None:
    store = BooksStore(numbering.table)
    wanted = [NumberSeries(branch, INVOICE, "RE", "HH", revision=1) for branch in ("01", "02")]
    parts = [(store.series_part(series), store.series_name_part(series, None)) for series in wanted]
    store.commit(*parts[0])
    with pytest.raises(CommitConflict):
        store.commit(*parts[1])
    assert store.series("02", INVOICE) is None


def test_a_number_that_outgrows_its_digits_is_wider_and_still_found_in_a_payers_text(
    numbering: Numbering,
) -> None:
    numbering.set_up()
    numbering.stand_at(9998)
    assert numbering.take() == "RE-HH-9999-26"
    assert numbering.books.number_masks(["01"]) == ("RE-HH-####-##",)
    assert numbering.take() == "RE-HH-10000-26"
    assert numbering.books.number_masks(["01"]) == ("RE-HH-####-##", "RE-HH-#####-##")
    assert numbering.take() == "RE-HH-10001-26"
    assert numbering.take(day="2027-01-01") == "RE-HH-0001-27"
    masks = numbering.books.number_masks(["01"])
    assert invoice_numbers_in("RE-HH-10001-26 und RE HH 0001 27", masks) == (
        "RE-HH-10001-26",
        "RE-HH-0001-27",
    )


def test_masks_are_those_of_the_branches_asked_for_former_names_and_widths_included(
    numbering: Numbering,
) -> None:
    """RI-5: old invoices are paid too; nobody names a receipt or an order when he pays."""
    numbering.set_up()
    numbering.set_up("RE", "AL", digits=6)
    numbering.set_up("RE", "AL", digits=5)
    numbering.set_up("BON", kind=RECEIPT)
    numbering.set_up("GU", kind=CREDIT_NOTE)
    numbering.set_up("RG", "", branch="02")
    of_01 = {"RE-HH-####-##", "RE-AL-#####-##", "RE-AL-######-##", "GU-HH-####-##"}
    assert set(numbering.books.number_masks(["01"])) == of_01
    assert numbering.books.number_masks(["02"]) == ("RG-####-##",)
    assert set(numbering.books.number_masks(["01", "02"])) == {*of_01, "RG-####-##"}
    assert numbering.books.number_masks([]) == ()


def test_numbers_that_were_given_by_hand_are_passed_over(numbering: Numbering) -> None:
    """A shop that moves here in the middle of a year brings documents with numbers of its series along."""
    numbering.set_up()
    numbering.take()
    by_hand = [f"re-hh-{running:04}-26" for running in [*range(2, 155), 156]]
    for number in by_hand:
        commit(numbering.table.client, [numbering.document(number)])
    number, part = numbering.read()
    with pytest.raises(CommitConflict) as conflict:
        numbering.write(number, part)
    assert not number_was_taken(conflict.value)
    free = [numbering.books.next_number("01", INVOICE, DAY, recorded=numbering.recorded)]
    numbering.write(*free[0])
    free.append(numbering.books.next_number("01", INVOICE, DAY, recorded=numbering.recorded))
    numbering.write(*free[1])
    assert [number for number, _ in free] == ["RE-HH-0155-26", "RE-HH-0157-26"]
    assert numbering.take() == "RE-HH-0158-26"


def test_the_present_year_of_a_branch_is_that_of_its_time_zone(numbering: Numbering) -> None:
    """Half an hour after midnight in Hamburg it is still the old year in Lisbon."""
    numbering.world.access.put_branch(ADMIN, Branch("02", "Lissabon", "Europe/Lisbon"))
    numbering.world.clock.forward(days=40, hours=14, minutes=30)
    assert numbering.world.clock().isoformat() == "2026-12-31T23:30:00+00:00"
    assert numbering.set_up().year == 2027
    assert numbering.set_up("RE", "LX", branch="02").year == 2026
