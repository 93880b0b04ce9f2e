"""Decisions about waiting rows that make no sense are refused, whatever is wrong with them (RI-5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.imports import open_desk
from tests.functions.imports_shop import FINANCE, ApiDesk, on, statement

IMPOSSIBLE: list[tuple[list[dict[str, str]], str, str]] = [
    ([], "book", "booking-without-allocations"),
    ([on("RE-1", "100.00")], "dismiss", "dismissal-with-allocations"),
    ([on("RE-1", "99.00")], "book", "allocations-not-the-amount"),
    ([on("RE-1", "100.00"), on("RE-2", "1.00")], "book", "allocations-not-the-amount"),
    ([on("RE-1", "50.00"), on("re-1", "50.00")], "book", "allocation-twice"),
    ([on("RE-1", "100.00"), on("RE-2", "0")], "book", "allocation-is-zero"),
    ([on("RE-9", "100.00")], "book", "invoice-not-in-scope"),
    ([on("RE-1", "101.00", fee="-1.00")], "book", "fee-not-possible"),
    ([on("RE-2", "100.00", discount="100.01")], "book", "discount-exceeds-due"),
    ([on("RE-1", "100.00", discount="0.01")], "book", "discount-exceeds-due"),
    ([on("RE-2", "100.00", discount="-1.00")], "book", "discount-has-wrong-sign"),
    ([on("RE-1", "200.00"), on("RE-2", "-100.00", discount="-1.00")], "book", "discount-has-wrong-sign"),
    ([on("RE-2", "0", fee="100.00", discount="5.00")], "book", "discount-has-wrong-sign"),
    ([on("RE-1", "100.001")], "book", "amount-has-too-many-decimals"),
    ([on("RE-1", "1e2")], "book", "amount-unreadable"),
    ([on(f"RE-{number}", "1.00") for number in range(21)], "book", "request-not-valid"),
]


@pytest.fixture(scope="module")
def waiting() -> Iterator[tuple[ApiDesk, str, str]]:
    """A statement with one movement of 100 euros that waits; RE-1 is over 100, RE-2 over 200."""
    with open_desk() as opened:
        desk = ApiDesk(opened.shop)
        desk.invoice("RE-1", 10_000)
        desk.invoice("RE-2", 20_000)
        import_id = desk.upload_by_form("statement.sta", statement([("100,00", "Danke")]))
        yield desk, import_id, desk.get(f"/imports/{import_id}/reviews")["reviews"][0]["id"]


@pytest.mark.parametrize(("allocations", "decision", "code"), IMPOSSIBLE, ids=lambda part: str(part)[:60])
def test_a_decision_that_makes_no_sense_is_refused_in_both_languages(
    waiting: tuple[ApiDesk, str, str], allocations: list[dict[str, str]], decision: str, code: str
) -> None:
    desk, import_id, review = waiting
    before = desk.written()
    body = {"decision": decision, "allocations": allocations}
    target = f"/imports/{import_id}/reviews/{review}/decisions"
    english, german = (desk.ask("POST", target, body, FINANCE, language) for language in ("en", "de"))
    assert (english.status, english.code) == (german.status, german.code) == (422, code)
    assert english.body["detail"] != german.body["detail"]
    assert "…" not in english.body["detail"], "a fact is missing"
    assert english.fields
    assert desk.written() == before


def test_there_is_no_row_of_another_name(waiting: tuple[ApiDesk, str, str]) -> None:
    desk, import_id, _ = waiting
    body = {"decision": "book", "allocations": [on("RE-1", "100.00")]}
    refused = desk.ask("POST", f"/imports/{import_id}/reviews/0000099/decisions", body)
    assert (refused.status, refused.code) == (404, "review-not-found")
