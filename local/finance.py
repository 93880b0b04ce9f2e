"""The finance department on this machine: it keeps the books, uploads files, looks at imports and decides."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import urllib3

from local.caller import Answer, Caller, Unwelcome, wait_for
from local.cloud import LocalCloud

CLIENT, BRANCH, CURRENCY = "M1", "01", "EUR"
SETTLED_STATES = frozenset(
    {"quarantined", "refused", "awaiting-approval", "discarded", "finished", "deleted"}
)
"""States in which an import stands still."""
PATIENCE_S = 900.0


class FinanceFailed(Exception):
    """Something did not happen as it must, in one sentence."""


class Finance:
    """A person with the role of finance in all branches; uploads files as such people do."""

    def __init__(self, cloud: LocalCloud, admin: Caller, username: str = "day-finance") -> None:
        self._cloud = cloud
        self._http = urllib3.PoolManager(timeout=60.0, retries=False)
        self.username = username
        self.secret = f"Aa1{secrets.token_urlsafe(24)}"
        self._caller = _sign_in(cloud, admin, username, self.secret)

    def open_books(self, admin: Caller, branches: Iterable[str] = (BRANCH,)) -> None:
        """A client of the accountant, its branches, and the maximum of a dunning fee."""
        client = {
            "name": "Muster Optik GmbH",
            "client_number": 55003,
            "consultant_number": 29098,
            "consultant_name": "Kanzlei Beck",
        }
        admin.call("PUT", f"/clients/{CLIENT}", client)
        for branch in branches:
            admin.call("PUT", f"/branch-clients/{branch}", {"client": CLIENT})
        admin.call("PUT", "/chain-settings", {"max_dunning_fees": {CURRENCY: "5.00"}})

    def put_profile(self, profile: str, name: str, **more: Any) -> None:
        """How files of a sender are imported."""
        body = {"name": name, "client": CLIENT, "currency": CURRENCY, **more}
        self._caller.call("PUT", f"/import-profiles/{profile}", body)

    def upload(self, profile: str, name: str, content: bytes) -> Answer:
        """Put a file into the bucket, as any S3 client does, and wait until its import stands still."""
        before = {one["id"] for one in self.imports()}
        key = f"inbox/{profile}/{name}"
        self._cloud.client("s3").put_object(
            Bucket=self._cloud.outputs["ImportsBucket"], Key=key, Body=content
        )

        def new() -> list[str]:
            return [one["id"] for one in self.imports() if one["id"] not in before]

        if wait_for(new, PATIENCE_S, look_again_s=0.1) is None:
            raise FinanceFailed(f"{name} was put into the inbox, and no import began.")
        return self.settled(new()[0])

    def post(self, profile: str, name: str, content: bytes, **options: str) -> Answer:
        """Ask the API for a form, post the file with it, and wait until its import stands still."""
        wanted = {"profile": profile, "file_name": name, **options}
        announced = self._caller.call("POST", "/imports", wanted)
        fields = {**announced["fields"], "file": (name, content)}
        answer = self._http.request("POST", announced["url"], fields=fields)
        if answer.status >= 300:  # noqa: PLR2004 - HTTP: from here on it is no success
            raise FinanceFailed(f"The bucket did not take {name}: {answer.status} {answer.data[:300]!r}")
        return self.settled(announced["id"])

    def imports(self) -> list[Answer]:
        """The newest imports of the client, and those whose profile nobody knows."""
        found: list[Answer] = self._caller.call("GET", f"/imports?client={CLIENT}&limit=20")["imports"]
        return found

    def settled(self, import_id: str) -> Answer:
        """An import once it stands still and its report is written."""
        found: dict[str, Answer] = {}

        def still() -> bool:
            listed = [one["id"] for one in self.imports()]
            if import_id not in listed:
                return False
            one = found["import"] = self.read(import_id)
            return one["state"] in SETTLED_STATES and one["report"] != "being-written"

        if wait_for(still, PATIENCE_S, look_again_s=0.1) is None:
            raise FinanceFailed(f"Import {import_id} does not come to an end: {found.get('import')}")
        return found["import"]

    def read(self, import_id: str) -> Answer:
        """An import as it stands."""
        return self._caller.call("GET", f"/imports/{import_id}")

    def decide(self, import_id: str, decision: str, reason: str) -> Answer:
        """Approve or reject an import that waits."""
        body = {"decision": decision, "reason": reason}
        self._caller.call("POST", f"/imports/{import_id}/approvals", body)
        return self.settled(import_id)

    def delete(self, import_id: str, reason: str) -> Answer:
        """Take an import back."""
        self._caller.call("POST", f"/imports/{import_id}/deletions", {"reason": reason})
        return self.settled(import_id)

    def rows(self, import_id: str) -> list[Answer]:
        """What became, or would become, of the first hundred rows."""
        found: list[Answer] = self._caller.call("GET", f"/imports/{import_id}/rows?limit=100")["rows"]
        return found

    def reviews(self, import_id: str) -> list[Answer]:
        """The rows that wait for a person."""
        found: list[Answer] = self._caller.call("GET", f"/imports/{import_id}/reviews?limit=100")["reviews"]
        return found

    def book(self, import_id: str, review_id: str, number: str, amount: str) -> None:
        """Book a row that waits on a document."""
        path = f"/imports/{import_id}/reviews/{quote(review_id, safe='')}/decisions"
        allocation = {"invoice_number": number, "applied": amount}
        self._caller.call("POST", path, {"decision": "book", "allocations": [allocation]})

    def report(self, import_id: str, language: str = "en") -> str:
        """The report of an import as CSV."""
        link = self._caller.call("GET", f"/imports/{import_id}/report?format=csv&language={language}")
        answer = self._http.request("GET", link["url"])
        if answer.status != 200:  # noqa: PLR2004 - HTTP: OK
            raise FinanceFailed(f"The report of {import_id} could not be fetched: {answer.status}")
        return answer.data.decode("utf-8-sig")

    def document(self, number: str) -> Answer:
        """A document as it stands."""
        return self._caller.call("GET", f"/documents/{quote(number, safe='')}")

    def open_documents(self) -> Iterator[Answer]:
        """All open documents of the branch that customers owe, or are owed."""
        path = f"/documents?branch={BRANCH}&side=receivables&currency={CURRENCY}&limit=100"
        cursor = ""
        while True:
            page = self._caller.call("GET", path + cursor)
            yield from page["documents"]
            if page["next"] is None:
                return
            cursor = f"&cursor={quote(page['next'])}"

    def close(self) -> None:
        """Hang up."""
        self._caller.close()
        self._http.clear()


def _sign_in(cloud: LocalCloud, admin: Caller, username: str, secret: str) -> Caller:
    """Somebody in finance, with a password that is made anew at each start."""
    wanted = {"username": username, "kind": "person", "roles": ["finance"], "branches": ["*"]}
    identities, pool = cloud.client("cognito-idp"), cloud.outputs["UserPoolId"]
    with suppress(Unwelcome):  # there from an earlier start; else signing in fails loudly
        admin.call("POST", "/users", wanted)
    identities.admin_set_user_password(UserPoolId=pool, Username=username, Password=secret, Permanent=True)
    return Caller(cloud, cloud.outputs["PersonClientId"], username, secret)
