"""Eight tills at once number four hundred documents on the local cloud: no gap, no double (LE-6)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from local.cloud import LocalCloud
from tests.e2e.people import sign_in_admin
from tillbridge.access.service import AccessService
from tillbridge.access.store import AccessStore
from tillbridge.aws.identities import Identities
from tillbridge.aws.table import NEW, CommitConflict, Put, Table, commit
from tillbridge.kernel.errors import Unavailable
from tillbridge.ledger.books import BooksService, number_was_taken
from tillbridge.ledger.books_model import SeriesKind
from tillbridge.ledger.books_store import BooksStore

TILLS = 8
DOCUMENTS_OF_A_TILL = 50
DAY = "2026-11-28"
EVERY_FIFTH = 5
"""So often a till's transaction fails for a reason of its own: its number must not be lost."""


class Till:
    """A till that makes documents until it has enough, whatever the others do."""

    def __init__(self, cloud: LocalCloud, books: BooksService, name: int, start: threading.Barrier) -> None:
        self._table = Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"])
        self._books = books
        self._name = name
        self._start = start
        self._attempts: Iterator[int] = itertools.count(1)
        self.lost = 0

    def work(self) -> list[str]:
        """The numbers of its documents."""
        self._start.wait(timeout=60)
        made: list[str] = []
        while len(made) < DOCUMENTS_OF_A_TILL:
            number = self._make_document()
            made += [number] if number else []
        return made

    def _make_document(self) -> str | None:
        number, taken = self._books.next_number("e1", SeriesKind.INVOICE, DAY)
        fails = next(self._attempts) % EVERY_FIFTH == 0
        name = "TEST-BLOCKED" if fails else f"TEST-NUMBER#{number}"
        document = Put(self._table.name, {"pk": name, "sk": "DOCUMENT", "till": self._name}, "document", NEW)
        try:
            commit(self._table.client, [document, taken])
        except CommitConflict as conflict:
            self.lost += number_was_taken(conflict)
            return None
        except Unavailable:
            return None
        return number


def test_four_hundred_numbers_of_eight_tills_have_no_gap_and_no_double(cloud: LocalCloud) -> None:
    admin = sign_in_admin(cloud)
    admin.call("PUT", "/branches/e1", {"name": "Races"})
    series = admin.call("PUT", "/number-series/e1/invoice", {"branch_code": "E1"})
    assert series["next_number"].startswith("RE-E1-0001-")
    admin.close()
    dynamodb, pool = cloud.client("dynamodb"), cloud.outputs["UserPoolId"]
    ledger = Table(dynamodb, cloud.outputs["LedgerTable"])
    access = AccessService(
        AccessStore(Table(dynamodb, cloud.outputs["AccessTable"])),
        Identities(cloud.client("cognito-idp"), pool),
        lambda: datetime.now(UTC),
        lambda: "unused",
    )
    books = BooksService(BooksStore(ledger), access, clock=lambda: datetime.now(UTC))
    commit(dynamodb, [Put(ledger.name, {"pk": "TEST-BLOCKED", "sk": "DOCUMENT"}, "blocked")])
    start = threading.Barrier(TILLS)
    tills = [Till(cloud, books, name, start) for name in range(TILLS)]
    with ThreadPoolExecutor(TILLS) as together:
        made = [number for numbers in together.map(Till.work, tills) for number in numbers]
    wanted = [f"RE-E1-{running:04}-26" for running in range(1, TILLS * DOCUMENTS_OF_A_TILL + 1)]
    assert sorted(made) == wanted
    assert len(ledger.get_many([(f"TEST-NUMBER#{number}", "DOCUMENT") for number in wanted])) == len(wanted)
    assert books.next_number("e1", SeriesKind.INVOICE, DAY)[0] == "RE-E1-0401-26"
    assert sum(till.lost for till in tills) > 0, "they never met: nothing was proved"
