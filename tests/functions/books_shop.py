"""A chain's books over HTTP: who asks, what is written, and what then stands in the tables."""

from __future__ import annotations

from typing import Any

from functions.books_api.app import handler as books_api
from tests.functions.gateway import event_of
from tests.functions.shops import ERP, FINANCE_A, TILL_A, Answer, Claims, Context, Shop

FINANCE: Claims = {**FINANCE_A, "branches": "*"}
ACCOUNTANT_A: Claims = {**ERP, "username": "ada", "cognito:groups": ["accountant"]}
APPROVER_A: Claims = {**ERP, "username": "abel", "cognito:groups": ["approver"]}
AGENT: Claims = {**TILL_A, "username": "agent", "cognito:groups": ["agent"]}
FINANCE_B: Claims = {**FINANCE_A, "username": "finn", "branches": "02"}

CLIENT = {
    "name": "Muster Optik GmbH",
    "client_number": 20430,
    "consultant_number": 546961,
    "consultant_name": "Kanzlei Beispiel",
}
WHOLE_CLIENT = {
    "id": "optik",
    **CLIENT,
    "fiscal_year_start": "01-01",
    "account_length": 4,
    "accounting_active": True,
    "chart": "SKR03",
    "revision": 1,
}
CHART: dict[str, Any] = {"name": "Optik", "standard": "SKR03", "accounts": []}
RATES: dict[str, Any] = {
    "description": "Sondersatz",
    "rates": [{"valid_from": "2026-01-01", "percent": "10.7"}],
}


def send(request: dict[str, Any]) -> Answer:
    answer = books_api(request, Context())
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return Answer(answer["statusCode"], headers, answer["body"])


def ask(
    method: str,
    target: str,
    body: dict[str, Any] | None = None,
    claims: Claims = FINANCE,
    language: str = "en",
) -> Answer:
    headers = {"accept-language": language}
    return send(event_of(method, target, headers=headers, body=body, claims=claims))


def done(
    method: str, target: str, body: dict[str, Any] | None = None, claims: Claims = FINANCE
) -> dict[str, Any]:
    return ask(method, target, body, claims).done()


def account(role: str, number: str, vat_code: str = "", tax_key: str = "") -> dict[str, str]:
    return {"role": role, "number": number, "vat_code": vat_code, "tax_key": tax_key}


def written(shop: Shop) -> list[dict[str, Any]]:
    """Every row of the books and of the audit trail."""
    rows = [*shop.table("LEDGER_TABLE"), *shop.table("ACCESS_TABLE")]
    return sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))


def noted(shop: Shop, subject: str) -> list[dict[str, str]]:
    """The facts that the audit trail has of each change of a thing, in order."""
    facts: list[dict[str, str]] = [entry["facts"] for entry in shop.audit(subject)]
    return sorted(facts, key=lambda one: int(one["revision"]))


def set_up(*branches: str) -> None:
    """The client ``optik`` with these branches."""
    done("PUT", "/clients/optik", CLIENT)
    for branch in branches:
        done("PUT", f"/branch-clients/{branch}", {"client": "optik"})
