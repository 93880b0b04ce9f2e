"""Who may change the books, what they refuse in both languages, two changes at the same moment (PE-1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.functions.books_shop import (
    ACCOUNTANT_A,
    AGENT,
    APPROVER_A,
    CHART,
    CLIENT,
    FINANCE,
    FINANCE_B,
    RATES,
    account,
    ask,
    done,
    set_up,
    written,
)
from tests.functions.shops import ADMIN, CASHIER, FINANCE_A, TILL_A, Claims, Shop
from tillbridge import wiring

# Who may do what

READING = ["/clients", "/branch-clients", "/charts", "/charts/SKR03", "/vat-codes", "/vat-codes/REDUCED",
           "/chain-settings", "/clients/optik", "/branch-clients/01", "/number-series?branch=01"]  # fmt: skip
WRITING: dict[str, dict[str, Any]] = {
    "/clients/optik": CLIENT,
    "/branch-clients/01": {"client": "optik"},
    "/charts/own": CHART,
    "/vat-codes/SPECIAL": RATES,
    "/chain-settings": {"max_dunning_fees": {}},
    "/number-series/01/order": {},
}


@pytest.mark.parametrize("claims", [CASHIER, TILL_A, AGENT], ids=["cashier", "till", "agent"])
def test_nobody_at_the_till_sees_the_books(shop: Shop, claims: Claims) -> None:
    set_up("01")
    before = written(shop)
    answers = [ask("GET", target, claims=claims) for target in READING]
    answers += [ask("PUT", target, body, claims) for target, body in WRITING.items()]
    assert {(answer.status, answer.code) for answer in answers} == {(403, "act-not-allowed")}
    assert written(shop) == before


@pytest.mark.parametrize("claims", [ACCOUNTANT_A, APPROVER_A], ids=["accountant", "approver"])
def test_accountant_and_approver_read_and_change_nothing(shop: Shop, claims: Claims) -> None:
    set_up("01")
    before = written(shop)
    assert {ask("GET", target, claims=claims).status for target in READING} == {200}
    answers = [ask("PUT", target, body, claims) for target, body in WRITING.items()]
    assert {(answer.status, answer.code) for answer in answers} == {(403, "act-not-allowed")}
    assert written(shop) == before


@pytest.mark.parametrize("claims", [FINANCE, ADMIN], ids=["finance", "admin"])
def test_finance_and_administrators_change_everything(shop: Shop, claims: Claims) -> None:
    for target, body in WRITING.items():
        done("PUT", target, body, claims)
    assert {ask("GET", target, claims=claims).status for target in READING} == {200}


def test_who_has_one_branch_changes_its_number_series_and_nothing_of_the_chain(shop: Shop) -> None:
    set_up("01")
    before = written(shop)
    chain = {target: body for target, body in WRITING.items() if "number-series" not in target}
    answers = [ask("PUT", target, body, FINANCE_A) for target, body in chain.items()]
    assert {(answer.status, answer.code) for answer in answers} == {(403, "chain-not-covered")}
    for answer in (
        ask("PUT", "/number-series/01/order", {}, FINANCE_B),
        ask("GET", "/number-series?branch=01", claims=FINANCE_B),
    ):
        assert (answer.status, answer.code) == (403, "branch-not-covered")
    assert written(shop) == before
    done("PUT", "/number-series/01/order", {}, FINANCE_A)


# What is refused

TOO_MANY = [account("revenue", "8400", "STANDARD"), account("revenue", "8401", "STANDARD")]
REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("/clients/optik", {**CLIENT, "chart": "nothing"}, 404, "chart-not-found"),
    ("/clients/optik", {**CLIENT, "fiscal_year_start": "02-29"}, 422, "fiscal-year-unreadable"),
    ("/clients/optik", {**CLIENT, "name": "  "}, 422, "text-is-empty"),
    ("/clients/optik", {**CLIENT, "name": "a\nb"}, 422, "text-has-control-characters"),
    ("/clients/optik", {**CLIENT, "client_number": 100_000}, 422, "request-not-valid"),
    ("/clients/optik", {**CLIENT, "client_number": "1"}, 422, "request-not-valid"),
    ("/clients/optik", {**CLIENT, "colour": "red"}, 422, "request-not-valid"),
    ("/clients/a%20b", CLIENT, 422, "request-not-valid"),
    ("/branch-clients/01", {"client": "nobody"}, 404, "client-not-found"),
    ("/branch-clients/99", {"client": "nobody"}, 404, "branch-not-found"),
    ("/charts/own", {**CHART, "accounts": TOO_MANY}, 422, "account-twice"),
    ("/charts/own", {**CHART, "accounts": [account("cash", "0000")]}, 422, "account-unreadable"),
    ("/charts/own", {**CHART, "accounts": [account("cash", "1000", "", "x")]}, 422, "tax-key-unreadable"),
    ("/charts/own", {**CHART, "accounts": [account("tips", "1000")]}, 422, "request-not-valid"),
    ("/charts/own", {**CHART, "accounts": [account("revenue", "8400", "REDUCED", "2")]}, 422,
     "tax-key-on-automatic-account"),
    ("/charts/own", {**CHART, "accounts": [account("revenue", "8320", "NONE")]}, 404, "vat-code-not-found"),
    ("/charts/own", {**CHART, "standard": "SKR07"}, 422, "request-not-valid"),
    ("/vat-codes/SPECIAL", {**RATES, "rates": []}, 422, "request-not-valid"),
    ("/vat-codes/SPECIAL", {**RATES, "rates": 2 * RATES["rates"]}, 422, "vat-rates-out-of-order"),
    ("/vat-codes/SPECIAL", {**RATES, "rates": [{"valid_from": "2026-01-01", "percent": "19%"}]}, 422,
     "percent-unreadable"),
    ("/vat-codes/SPECIAL", {**RATES, "rates": [{"valid_from": "1.1.2026", "percent": "19"}]}, 422,
     "day-unreadable"),
    ("/vat-codes/A%20B", RATES, 422, "request-not-valid"),
    ("/chain-settings", {"max_dunning_fees": {"EUR": "5.001"}}, 422, "amount-has-too-many-decimals"),
    ("/chain-settings", {"max_dunning_fees": {"EUR": "-5.00"}}, 422, "request-not-valid"),
    ("/chain-settings", {"max_dunning_fees": {"EUR": 5}}, 422, "request-not-valid"),
    ("/chain-settings", {"max_dunning_fees": {"XXX": "5.00"}}, 422, "currency-unknown"),
    ("/chain-settings", {"max_dunning_fees": {"EUR": "10000000000000"}}, 422, "amount-too-large"),
    ("/number-series/01/invoice", {"prefix": "R-E"}, 422, "series-prefix-unreadable"),
    ("/number-series/01/invoice", {"branch_code": "H-H"}, 422, "branch-code-unreadable"),
    ("/number-series/01/invoice", {"digits": 10}, 422, "request-not-valid"),
    ("/number-series/01/quotation", {}, 422, "request-not-valid"),
    ("/number-series/99/invoice", {}, 404, "branch-not-found"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "body", "status", "code"), REFUSED, ids=lambda part: str(part)[:40])
def test_what_is_refused_writes_nothing_and_is_said_in_both_languages(
    shop: Shop, target: str, body: dict[str, Any], status: int, code: str
) -> None:
    before = written(shop)
    english, german = (ask("PUT", target, body, language=language) for language in ("en", "de"))
    assert (english.status, english.code) == (german.status, german.code) == (status, code)
    assert english.body["detail"] != german.body["detail"]
    assert "…" not in english.body["detail"], "a fact is missing"
    assert (english.headers["content-language"], german.headers["content-language"]) == ("en", "de")
    assert english.fields
    assert written(shop) == before


def test_what_is_not_there_is_not_found(shop: Shop) -> None:
    for target, code in (
        ("/clients/nobody", "client-not-found"),
        ("/charts/nothing", "chart-not-found"),
        ("/vat-codes/NOTHING", "vat-code-not-found"),
        ("/branch-clients/01", "branch-without-client"),
        ("/branch-clients/99", "branch-not-found"),
        ("/number-series?branch=99", "branch-not-found"),
    ):
        refused = ask("GET", target)
        assert (refused.status, refused.code) == (404, code), target


@contextmanager
def meanwhile(target: str, body: dict[str, Any]) -> Iterator[None]:
    """Somebody else writes just before the transaction of the first request that follows."""
    events, waiting = wiring.client("dynamodb").meta.events, [True]

    def write(**_: Any) -> None:
        if waiting:
            waiting.clear()
            done("PUT", target, body, ADMIN)

    events.register("before-call.dynamodb.TransactWriteItems", write)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", write)


SETTINGS = "max_dunning_fees"
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("/clients/own", CLIENT, {**CLIENT, "name": "Mine"}, {**CLIENT, "name": "Theirs"}),
    ("/branch-clients/02", {"client": "first"}, {"client": "mine"}, {"client": "theirs"}),
    ("/charts/own", CHART, {**CHART, "name": "Mine"}, {**CHART, "name": "Theirs"}),
    ("/charts/SKR03", CHART, {**CHART, "name": "Mine"}, {**CHART, "name": "Theirs"}),
    ("/vat-codes/REDUCED", RATES, {**RATES, "description": "Mine"}, {**RATES, "description": "Theirs"}),
    ("/chain-settings", {SETTINGS: {"EUR": "1"}}, {SETTINGS: {"EUR": "2"}}, {SETTINGS: {"EUR": "3"}}),
    ("/number-series/01/invoice", {"digits": 5}, {"digits": 6}, {"digits": 7}),
]
"""Where, what stands there before, what I want, what somebody else wants."""


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize(("target", "first", "mine", "theirs"), CHANGES, ids=[one[0] for one in CHANGES])
def test_of_two_changes_at_the_same_moment_one_is_told_to_look_again(
    shop: Shop, target: str, first: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], known: bool
) -> None:
    """No change is lost without its author's knowing."""
    for client in ("first", "mine", "theirs"):
        done("PUT", f"/clients/{client}", CLIENT)
    if known:
        done("PUT", target, first)
    with meanwhile(target, theirs):
        refused = ask("PUT", target, mine)
    assert (refused.status, refused.code) == (409, "books-changed-meanwhile")
    kept = done("PUT", target, theirs)
    assert kept["revision"] == (2 if known else 1)
    assert done("PUT", target, mine)["revision"] == kept["revision"] + 1
