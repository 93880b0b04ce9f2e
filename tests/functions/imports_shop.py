"""Imports over HTTP: who asks, the files that they upload, and what then stands in tables and bucket."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.functions.imports import ImportDesk
from tests.functions.shops import ERP, FINANCE_A, TILL_A, Answer, Claims

FINANCE: Claims = {**FINANCE_A, "branches": "*"}
FINANCE_B: Claims = {**FINANCE_A, "username": "finn", "branches": "02"}
BOTH: Claims = {**FINANCE_A, "username": "frida", "branches": "01 02"}
ACCOUNTANT: Claims = {**ERP, "username": "ada", "cognito:groups": ["accountant"], "branches": "*"}
APPROVER: Claims = {**ERP, "username": "abel", "cognito:groups": ["approver"], "branches": "*"}
AGENT: Claims = {**TILL_A, "username": "agent", "cognito:groups": ["agent"]}

PROFILE: dict[str, Any] = {"name": "Accountant", "client": "M1", "currency": "EUR"}
WHOLE_PROFILE: dict[str, Any] = {
    "id": "bank",
    **PROFILE,
    "branches": [],
    "kind": None,
    "policy": "all-or-nothing",
    "approval": "guards",
    "limits": {
        "most_settled_by_absence": 0,
        "most_amount_by_absence": "10000.00",
        "most_share_percent": "20",
        "least_rows_percent": "50",
    },
    "mapping": None,
    "number_patterns": [],
    "active": True,
    "revision": 1,
}


@dataclass
class ApiDesk(ImportDesk):
    """The desk of finance people who use the API."""

    claims: Claims = field(default_factory=lambda: FINANCE)

    def ask(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None = None,
        claims: Claims | None = None,
        language: str = "en",
    ) -> Answer:
        """One request of somebody, or of finance."""
        sent = dict(body) if body is not None else None
        who = self.claims if claims is None else claims
        return self.shop.ask(method, target, sent, claims=who, accept_language=language)

    def get(self, target: str, claims: Claims | None = None) -> dict[str, Any]:
        """What must be there."""
        return self.ask("GET", target, claims=claims).done()

    def post(self, target: str, claims: Claims | None = None, **body: Any) -> dict[str, Any]:
        """What must be possible."""
        return self.ask("POST", target, body, claims).done()

    def put_profile(self, id_: str = "bank", claims: Claims | None = None, **body: Any) -> Answer:
        """Write a profile down."""
        return self.ask("PUT", f"/import-profiles/{id_}", {**PROFILE, **body}, claims)

    def announce(self, name: str = "pay.csv", claims: Claims | None = None, **body: Any) -> dict[str, Any]:
        """A form for a file."""
        return self.post(
            "/imports", claims, profile=body.pop("profile", "accountant"), file_name=name, **body
        )

    def post_form(self, announced: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        """Put what the form would bring, as S3 does; the event that S3 then tells of it."""
        fields = announced["fields"]
        prefix = "x-amz-meta-"
        notes = {name.removeprefix(prefix): text for name, text in fields.items() if name.startswith(prefix)}
        _, profile, upload, name = fields["key"].split("/")
        return self.put(f"{upload}/{name}", content, profile, **notes)

    def upload_by_form(self, name: str, content: bytes, claims: Claims | None = None, **body: Any) -> str:
        """Announce a file, post it, let everything happen that follows; the import's id."""
        self.shop.world.clock.forward(seconds=1)
        announced = self.announce(name, claims, **body)
        self.take_in(self.post_form(announced, content))
        self.settle()
        return str(announced["id"])

    def all_rows(self, import_id: str, limit: int = 100, outcome: str = "") -> list[dict[str, Any]]:
        """All rows of an import, page by page."""
        found: list[dict[str, Any]] = []
        narrowed = f"&outcome={outcome}" if outcome else ""
        target = f"/imports/{import_id}/rows?limit={limit}{narrowed}"
        page = self.get(target)
        while True:
            assert len(page["rows"]) <= limit
            found += page["rows"]
            if page["next"] is None:
                return found
            page = self.get(f"{target}&cursor={page['next']}")

    def fetched(self, import_id: str, **wanted: str) -> bytes:
        """A report, fetched from the address that the API gives."""
        query = "&".join(f"{name}={text}" for name, text in wanted.items())
        url = self.get(f"/imports/{import_id}/report?{query}")["url"]
        key = unquote(urlsplit(url).path.lstrip("/"))
        stored = self.shop.world.clients["s3"].get_object(Bucket="test-imports", Key=key)
        content: bytes = stored["Body"].read()
        return content

    def written(self) -> str:
        """Every row and object that imports may change, to compare before and after."""
        tables = {name: self.shop.table(name) for name in ("IMPORTS_TABLE", "LEDGER_TABLE", "ACCESS_TABLE")}
        rows = {name: sorted(map(repr, found)) for name, found in tables.items()}
        versions = self.shop.world.clients["s3"].list_object_versions(Bucket="test-imports")
        keys = [(one["Key"], one["VersionId"]) for one in versions.get("Versions", [])]
        return json.dumps([rows, sorted(keys)])


def policy_of(fields: Mapping[str, str]) -> list[Any]:
    """The conditions under which S3 takes a form."""
    conditions: list[Any] = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    return conditions


def on(number: str, applied: str, **more: str) -> dict[str, str]:
    """What a person books on one document."""
    return {"invoice_number": number, "applied": applied, **more}


def long_csv(numbers: Sequence[str]) -> bytes:
    """Payments of one euro whose references are as long as may be: few rows make several chunks."""
    lines = ["Rechnungsnummer;Zahlbetrag;Zahldatum;Referenz"]
    lines += [f"{number};1,00;20261105;{place:0>190}" for place, number in enumerate(numbers)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def open_items_csv(rows: Sequence[tuple[str, str]]) -> bytes:
    """A list of open items as Navision exports it."""
    lines = ["Belegnr.;Restbetrag", *(f"{number};{amount}" for number, amount in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def statement(
    entries: Sequence[tuple[str, str]], currency: str = "EUR", account: str = "0532013000"
) -> bytes:
    """An MT940 statement of one day: amount and text of each entry; a minus before the amount: money out."""
    told = []
    total = 0
    for amount, text in entries:
        cents = int(amount.replace(",", "").lstrip("-")) * (-1 if amount.startswith("-") else 1)
        total += cents
        told += [f":61:2611201120{'D' if cents < 0 else 'C'}{amount.lstrip('-')}NTRFNONREF", f":86:{text}"]
    sign, closing = ("D" if total < 0 else "C"), f"{abs(total) // 100},{abs(total) % 100:02}"
    lines = [
        ":20:X",
        f":25:37040044/{account}{currency}",
        ":28C:1",
        f":60F:C261119{currency}0,00",
        *told,
        f":62F:{sign}261120{currency}{closing}",
        "-",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()
