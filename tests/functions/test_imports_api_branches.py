"""Imports of several branches side by side, and uploads that would record documents (PE-1, LE-1)."""

from __future__ import annotations

import base64
import json
from itertools import product

from tests.functions.imports import payments_csv
from tests.functions.imports_shop import ACCOUNTANT, AGENT, ApiDesk
from tests.functions.shops import FINANCE_A


def test_pages_of_ones_own_imports_tell_nothing_of_the_others_between_them(desk: ApiDesk) -> None:
    """Cursors can be read: they name nothing but what their bearer may see."""
    for branch in ("01", "02"):
        desk.put_profile(f"p{branch}", branches=[branch]).done()
    desk.invoice("RE-1", 10_000)
    own: list[str] = []
    foreign: list[str] = []
    for number in range(6):
        content = payments_csv([["RE-1", f"{number + 1},00", "20261105"]])
        ids = foreign if number % 3 else own
        ids.append(desk.upload_by_form(f"{number}.csv", content, profile="p02" if number % 3 else "p01"))
    states = {one: desk.find(one).state.value for one in own}
    for wanted, limit in product(("", "refused", "finished"), (1, 2, 4)):
        target = f"/imports?client=M1&limit={limit}" + (f"&state={wanted}" if wanted else "")
        found: list[str] = []
        page = desk.get(target, FINANCE_A)
        while page["next"]:
            found += [one["id"] for one in page["imports"]]
            position = json.dumps(json.loads(base64.urlsafe_b64decode(page["next"] + "==")))
            assert not [one for one in foreign if one in position]
            page = desk.get(f"{target}&cursor={page['next']}", FINANCE_A)
        found += [one["id"] for one in page["imports"]]
        assert sorted(found) == sorted(one for one in own if wanted in ("", states[one]))


INVOICES = (
    "Art;Rechnungsnummer;Filiale;Rechnungsdatum;Währung;Artikel;UStProzent;Betrag\r\n"
    "Rechnung;RE-9;01;20261102;EUR;Sehtest;19;59,50\r\n"
).encode("cp1252")


def test_documents_come_in_bulk_only_from_who_may_record_them(desk: ApiDesk) -> None:
    """LE-1: who brings in payments does not thereby write invoices, whatever the file turns out to be."""
    for kind in ("invoices", "customers", "orders"):
        refused = desk.ask(
            "POST", "/imports", {"profile": "accountant", "file_name": "x.csv", "kind": kind}, ACCOUNTANT
        )
        assert (refused.status, refused.code) == (403, "act-not-allowed")
    for claims in (ACCOUNTANT, {**AGENT, "branches": "01 02"}):
        import_id = desk.upload_by_form("innocent.csv", INVOICES, claims)
        told = desk.get(f"/imports/{import_id}")
        assert (told["state"], [stop["code"] for stop in told["stops"]]) == (
            "quarantined",
            ["upload-records-documents"],
        )
    by_finance = desk.get(f"/imports/{desk.upload_by_form('invoices.csv', INVOICES)}")
    assert (by_finance["state"], by_finance["kind"]) == ("finished", "invoices")
    assert desk.due("RE-9") == [5_950]
