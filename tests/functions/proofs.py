"""Do a chain's books hold? Proved by rows alone: journal, balances, notes, lists of open items."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.functions.imports import ImportDesk
from tillbridge import wiring
from tillbridge.aws.table import plain_row
from tillbridge.ledger import rows
from tillbridge.ledger.entries import Account, Entry, SourceKind
from tillbridge.reconciliation.decisions import Outcome
from tillbridge.reconciliation.import_model import Import

OWED = {Account.RECEIVABLES, Account.PAYABLES}


def ledger_rows(desk: ImportDesk) -> list[dict[str, Any]]:
    """All rows of the ledger."""
    return [plain_row(row) for row in desk.shop.table("LEDGER_TABLE")]


def document_rows(desk: ImportDesk) -> dict[str, dict[str, Any]]:
    """The rows of all documents, without what changes with every act: revision and notes."""
    found = {row["pk"]: row for row in ledger_rows(desk) if row["sk"] == "DOCUMENT"}
    return {
        pk: {name: content for name, content in row.items() if name not in ("revision", "notes")}
        for pk, row in found.items()
    }


def journal(desk: ImportDesk) -> list[Entry]:
    """All entries, by their ids."""
    found = [rows.entry_from(row) for row in ledger_rows(desk) if row["pk"].startswith("JOURNAL#")]
    return sorted(found, key=lambda entry: entry.id)


def books_hold(desk: ImportDesk) -> dict[str, int]:
    """What is due of each document: the journal, the balance, the notes and the list of open items agree.

    What imports have booked is never exported, nor is what takes it back, and nothing is taken back twice.
    """
    everything = ledger_rows(desk)
    documents = {row["number"]: rows.document_from(row) for row in everything if row["sk"] == "DOCUMENT"}
    entries = {row["sk"]: rows.entry_from(row) for row in everything if row["pk"].startswith("JOURNAL#")}
    of_document: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries.values():
        of_document[entry.document].append(entry)
        if entry.reverses:
            assert entry.exportable == entries[entry.reverses].exportable, entry
    taken_back = [entry.reverses for entry in entries.values() if entry.reverses]
    assert len(set(taken_back)) == len(taken_back)
    for number, document in documents.items():
        own = of_document[number]
        brought_in = document.notes[0].entry
        for entry in own:
            if entry.source.kind is SourceKind.IMPORT and not entry.reverses and entry.id != brought_in:
                assert not entry.exportable, entry
        owed = sum(one.amount_minor for entry in own for one in entry.postings if one.account in OWED)
        assert owed == document.due_minor, number
        assert sorted(note.entry for note in document.notes) == sorted(entry.id for entry in own), number
        assert bool(document.balance.settled_on) is not document.is_open, number
    assert open_numbers(documents.values()) == {one.number for one in documents.values() if one.is_open}
    return {number: document.due_minor for number, document in documents.items()}


def open_numbers(documents: Any) -> set[str]:
    """The numbers on the lists of open items on which these documents may stand."""
    lists = {(one.kind.side, one.branch, one.currency) for one in documents}
    return {
        found.number
        for side, branch, currency in lists
        for found in wiring.ledger().open_items(side, branch, currency, "2100-01-01")
    }


def import_holds(desk: ImportDesk, one: Import) -> None:
    """The totals of a finished import are the sums of what is told of its rows, and the report tells all."""
    told = desk.outcomes(one)
    listed = [outcome for outcome in told if outcome.line]
    counted = {
        outcome: sum(row.outcome is outcome for row in listed)
        + (one.problem_lines if outcome is Outcome.REFUSED else 0)
        for outcome in Outcome
    }
    totals = one.totals
    assert counted == {outcome: getattr(totals, outcome.value) for outcome in Outcome}
    assert totals.rows == sum(counted.values())
    absent = [row for row in told if not row.line]
    assert (totals.by_absence, totals.absence_minor) == (
        sum(row.outcome is Outcome.BOOKED for row in absent),
        sum(abs(row.applied_minor) for row in absent),
    )
    assert totals.applied_minor == sum(row.applied_minor for row in listed)
    assert totals.discount_minor == sum(row.discount_minor for row in told)
    assert totals.fee_minor == sum(row.fee_minor for row in told)
    problems = len(list(wiring.workspace().problems(one.id, one.attempt)))
    assert len(desk.report(one)) == len(told) + problems
