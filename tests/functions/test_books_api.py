"""Clients, charts of accounts, VAT codes, chain settings and number series over HTTP (LE-4, LE-6, LE-7)."""

from __future__ import annotations

from tests.functions.books_shop import (
    ACCOUNTANT_A,
    CHART,
    CLIENT,
    RATES,
    WHOLE_CLIENT,
    account,
    ask,
    done,
    noted,
    send,
    set_up,
    written,
)
from tests.functions.shops import FINANCE_A, Shop, event
from tillbridge import wiring
from tillbridge.aws.table import commit
from tillbridge.ledger.books_model import SeriesKind

# Clients and their branches


def test_the_recorded_event_writes_a_client_down(shop: Shop) -> None:
    assert send(event("books_api")).done() == WHOLE_CLIENT
    assert done("GET", "/clients/optik") == WHOLE_CLIENT
    [entry] = shop.audit("client/optik")
    assert (entry["actor"], entry["act"], entry["branch"]) == ("fina", "manage-books", None)
    assert entry["facts"] == {
        "revision": "1",
        "chart": "SKR03",
        "client_number": "20430",
        "consultant_number": "546961",
        "account_length": "4",
        "fiscal_year_start": "01-01",
        "accounting_active": "true",
    }


def test_the_same_client_once_more_changes_nothing_and_a_change_is_a_new_revision(shop: Shop) -> None:
    send(event("books_api")).done()
    before = written(shop)
    assert send(event("books_api")).done() == WHOLE_CLIENT
    assert written(shop) == before
    changed = done("PUT", "/clients/optik", {**CLIENT, "account_length": 6, "accounting_active": False})
    assert changed == {**WHOLE_CLIENT, "account_length": 6, "accounting_active": False, "revision": 2}
    assert [facts["revision"] for facts in noted(shop, "client/optik")] == ["1", "2"]


def test_a_branch_belongs_to_one_client_and_may_move(shop: Shop) -> None:
    set_up("01")
    done("PUT", "/clients/akustik", {**CLIENT, "client_number": 20431})
    assert done("GET", "/branch-clients/01") == {"branch": "01", "client": "optik", "revision": 1}
    before = written(shop)
    done("PUT", "/branch-clients/01", {"client": "optik"})
    assert written(shop) == before
    moved = {"branch": "01", "client": "akustik", "revision": 2}
    assert done("PUT", "/branch-clients/01", {"client": "akustik"}) == moved
    assert done("GET", "/branch-clients") == {"branch_clients": [moved], "next": None}
    moves = [(facts["former"], facts["client"]) for facts in noted(shop, "branch-client/01")]
    assert moves == [("-", "optik"), ("optik", "akustik")]
    books = wiring.books()
    assert (books.client_of("01"), books.branches_of("akustik"), books.branches_of("optik")) == (
        "akustik",
        ("01",),
        (),
    )


def test_who_has_some_branches_sees_their_clients_alone(shop: Shop) -> None:
    set_up("01")
    done("PUT", "/clients/akustik", {**CLIENT, "client_number": 20431})
    done("PUT", "/branch-clients/02", {"client": "akustik"})
    assert [one["id"] for one in done("GET", "/clients")["clients"]] == ["akustik", "optik"]
    assert [one["id"] for one in done("GET", "/clients", claims=ACCOUNTANT_A)["clients"]] == ["optik"]
    links = done("GET", "/branch-clients", claims=ACCOUNTANT_A)["branch_clients"]
    assert [link["branch"] for link in links] == ["01"]
    assert done("GET", "/clients/optik", claims=ACCOUNTANT_A)["id"] == "optik"
    for target, code in (
        ("/clients/akustik", "client-not-found"),
        ("/clients/nobody", "client-not-found"),
        ("/branch-clients/02", "branch-not-found"),
        ("/branch-clients/99", "branch-not-found"),
    ):
        refused = ask("GET", target, claims=ACCOUNTANT_A)
        assert (refused.status, refused.code) == (404, code)


def test_lists_come_page_by_page(shop: Shop) -> None:
    set_up("01", "02")
    done("PUT", "/clients/akustik", {**CLIENT, "client_number": 20431})
    for target, name, key in (("/clients", "clients", "id"), ("/branch-clients", "branch_clients", "branch")):
        first = done("GET", f"{target}?limit=1")
        second = done("GET", f"{target}?limit=1&cursor={first['next']}")
        found = [first[name][0][key], second[name][0][key]]
        assert found == sorted(set(found))
        assert len(found) == 2


# Charts, VAT codes, settings


def test_every_chain_has_the_standard_charts_and_rates_without_writing_any(shop: Shop) -> None:
    """LE-4."""
    charts = done("GET", "/charts")["charts"]
    assert charts == [
        {"id": name, "name": f"DATEV {name}", "standard": name, "revision": 0} for name in ("SKR03", "SKR04")
    ]
    for name, number in (("SKR03", "8400"), ("SKR04", "4400")):
        chart = done("GET", f"/charts/{name}")
        assert {**account("revenue", number, "STANDARD"), "own": False} in chart["accounts"]
        assert (chart["missing"], chart["revision"]) == ([], 0)
    codes = {code["code"]: code for code in done("GET", "/vat-codes")["vat_codes"]}
    assert list(codes) == ["EXEMPT", "REDUCED", "STANDARD"]
    assert codes["REDUCED"]["rates"][-2:] == [
        {"valid_from": "2020-07-01", "percent": "5"},
        {"valid_from": "2021-01-01", "percent": "7"},
    ]
    assert done("GET", "/vat-codes/STANDARD") == codes["STANDARD"]
    assert done("GET", "/chain-settings") == {"max_dunning_fees": {}, "revision": 0}
    assert shop.table("LEDGER_TABLE") == []


def test_a_chart_of_ones_own_goes_before_its_standard(shop: Shop) -> None:
    own = [account("revenue", "8401", "STANDARD"), account("petty-cash-expenses", "4980", "STANDARD", "9")]
    chart = done("PUT", "/charts/optik", {**CHART, "accounts": own})
    assert (chart["id"], chart["revision"], chart["missing"]) == ("optik", 1, [])
    assert chart["accounts"][:2] == [{**line, "own": True} for line in own]
    roles = [(line["role"], line["vat_code"]) for line in chart["accounts"]]
    assert len(set(roles)) == len(roles) == len(done("GET", "/charts/SKR03")["accounts"])
    assert done("GET", "/charts/optik") == chart
    before = written(shop)
    assert done("PUT", "/charts/optik", {**CHART, "accounts": own}) == chart
    assert written(shop) == before
    assert noted(shop, "chart/optik") == [{"revision": "1", "standard": "SKR03", "accounts": "2"}]
    assert [one["id"] for one in done("GET", "/charts")["charts"]] == ["SKR03", "SKR04", "optik"]


def test_a_chart_without_standard_says_what_it_lacks(shop: Shop) -> None:
    chart = done("PUT", "/charts/bare", {"name": "Bare", "accounts": [account("cash", "1000")]})
    assert (chart["standard"], len(chart["accounts"]), "bank" in chart["missing"]) == (None, 1, True)
    assert "cash" not in chart["missing"]


def test_a_standard_chart_may_get_accounts_of_ones_own_but_not_another_standard(shop: Shop) -> None:
    before = written(shop)
    same = done("PUT", "/charts/SKR03", {"name": "DATEV SKR03", "standard": "SKR03"})
    assert (same["revision"], written(shop)) == (0, before)
    changed = {"name": "DATEV SKR03", "standard": "SKR03", "accounts": [account("card", "1361")]}
    assert done("PUT", "/charts/SKR03", changed)["revision"] == 1
    for standard in ("SKR04", None):
        refused = ask("PUT", "/charts/SKR03", {**changed, "standard": standard})
        assert (refused.status, refused.code, refused.fields) == (422, "chart-is-standard", ["standard"])


def test_chart_and_client_must_fit_each_other(shop: Shop) -> None:
    """LE-4: what would stop an export is told when it is written."""
    long = {**CHART, "accounts": [account("card", "136100")]}
    done("PUT", "/charts/long", long)
    refused = ask("PUT", "/clients/optik", {**CLIENT, "chart": "long"})
    assert (refused.status, refused.code) == (422, "account-too-long")
    assert "136100" in refused.body["detail"]
    done("PUT", "/clients/optik", {**CLIENT, "chart": "long", "account_length": 6})
    refused = ask("PUT", "/charts/long", {**CHART, "accounts": [account("card", "1361000")]})
    assert (refused.status, refused.code) == (422, "account-too-long")
    collective = [account("receivables", "1000000")]
    assert done("PUT", "/charts/long", {**CHART, "accounts": collective})["revision"] == 2


def test_a_vat_code_is_written_changed_and_used_in_a_chart(shop: Shop) -> None:
    line = {**CHART, "accounts": [account("revenue", "8320", "SPECIAL", "3")]}
    refused = ask("PUT", "/charts/optik", line)
    assert (refused.status, refused.code, refused.fields) == (
        404,
        "vat-code-not-found",
        ["accounts.vat_code"],
    )
    made = done("PUT", "/vat-codes/SPECIAL", RATES)
    assert made == {"code": "SPECIAL", **RATES, "revision": 1}
    assert done("PUT", "/charts/optik", line)["revision"] == 1
    before = written(shop)
    assert done("PUT", "/vat-codes/SPECIAL", RATES) == made
    assert written(shop) == before
    longer = {**RATES, "rates": [*RATES["rates"], {"valid_from": "2027-01-01", "percent": "11.5"}]}
    assert done("PUT", "/vat-codes/SPECIAL", longer)["revision"] == 2
    assert [facts["rates"] for facts in noted(shop, "vat-code/SPECIAL")] == [
        "2026-01-01:1070",
        "2026-01-01:1070 2027-01-01:1150",
    ]


def test_a_german_rate_may_be_written_anew(shop: Shop) -> None:
    standard = done("GET", "/vat-codes/STANDARD")
    body = {"description": standard["description"], "rates": standard["rates"]}
    assert done("PUT", "/vat-codes/STANDARD", body) == standard
    body["rates"] = [*body["rates"], {"valid_from": "2030-01-01", "percent": "20"}]
    assert done("PUT", "/vat-codes/STANDARD", body) == {"code": "STANDARD", **body, "revision": 1}
    assert len(done("GET", "/vat-codes")["vat_codes"]) == 3


def test_the_maximum_dunning_fee_has_the_decimals_of_its_currency(shop: Shop) -> None:
    fees = {"EUR": "5.00", "JPY": "700", "KWD": "1.500"}
    assert done("PUT", "/chain-settings", {"max_dunning_fees": {**fees, "EUR": "5"}}) == {
        "max_dunning_fees": fees,
        "revision": 1,
    }
    before = written(shop)
    assert done("PUT", "/chain-settings", {"max_dunning_fees": fees})["revision"] == 1
    assert written(shop) == before
    assert done("GET", "/chain-settings")["max_dunning_fees"] == fees
    assert wiring.books().chain_settings().max_dunning_fee_minor("KWD") == 1500
    assert done("PUT", "/chain-settings", {"max_dunning_fees": {}})["revision"] == 2
    assert noted(shop, "chain-settings/chain")[0] == {
        "revision": "1",
        "max_dunning_fee_EUR": "500",
        "max_dunning_fee_JPY": "700",
        "max_dunning_fee_KWD": "1500",
    }


# Number series


def test_a_number_series_is_set_up_and_tells_where_it_stands(shop: Shop) -> None:
    made = done("PUT", "/number-series/01/invoice", {"branch_code": "HH"}, FINANCE_A)
    assert made == {
        "branch": "01",
        "kind": "invoice",
        "prefix": "RE",
        "branch_code": "HH",
        "digits": 4,
        "last_number": None,
        "next_number": "RE-HH-0001-26",
        "revision": 1,
    }
    number, part = wiring.books().next_number("01", SeriesKind.INVOICE, "2026-11-21")
    commit(wiring.client("dynamodb"), [part])
    listed = done("GET", "/number-series?branch=01", claims=ACCOUNTANT_A)["number_series"]
    assert listed == [{**made, "last_number": number, "next_number": "RE-HH-0002-26"}]
    before = written(shop)
    assert done("PUT", "/number-series/01/invoice", {"branch_code": "HH"}, FINANCE_A) == listed[0]
    assert written(shop) == before
    [entry] = shop.audit("number-series/01/invoice")
    assert (entry["branch"], entry["facts"]) == ("01", {"revision": "1", "example": "RE-HH-0001-26"})


def test_two_branches_do_not_share_a_series_name(shop: Shop) -> None:
    done("PUT", "/number-series/01/invoice", {})
    before = written(shop)
    refused = ask("PUT", "/number-series/02/invoice", {"prefix": "re"})
    assert (refused.status, refused.code, refused.fields) == (409, "series-name-taken", ["prefix"])
    assert written(shop) == before
    assert done("PUT", "/number-series/02/credit-note", {})["next_number"] == "GU-0001-26"
    assert done("GET", "/number-series?branch=02")["number_series"][0]["kind"] == "credit-note"
