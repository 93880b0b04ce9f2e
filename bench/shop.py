"""A shop on the local cloud to measure in: one branch, workstations with agents, one interface, a till."""

from __future__ import annotations

import secrets
from pathlib import Path

from local.caller import Caller
from local.cloud import LocalCloud
from local.shop import Agent

BRANCH = "01"
INTERFACE = "bench"
_ADMIN = "bench-admin"


class Shop:
    """What the administrator sets up once before anything is measured."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self.admin = self._sign_in_admin()
        self.admin.call("PUT", f"/branches/{BRANCH}", {"name": "Bench"})

    def open_workstation(self, workstation: str) -> Agent:
        """A workstation with its agent, enrolled and not yet started."""
        self.admin.call("PUT", f"/branches/{BRANCH}/workstations/{workstation}", {"name": workstation})
        place = {"branch": BRANCH, "workstation": workstation}
        agent = Agent(self._cloud, self._cloud.folder / f"agent-{workstation}")
        agent.enrol(self.admin.call("POST", "/enrolment-codes", place)["code"])
        return agent

    def open_interface(self, folder: Path) -> None:
        """One file for each payment into a folder of its workstation, one into the bucket."""
        wanted = {
            "name": "Bench",
            "branch": BRANCH,
            "targets": [
                {"kind": "directory", "id": "folder", "path": str(folder)},
                {"kind": "bucket", "id": "cloud", "prefix": "bench/"},
            ],
        }
        self.admin.call("PUT", f"/interfaces/{INTERFACE}", wanted)

    def sign_in_till(self, workstation: str) -> Caller:
        """The till of a workstation."""
        wanted = {
            "username": f"till-{workstation}",
            "kind": "till",
            "roles": ["till"],
            "branches": [BRANCH],
            "workstation": f"{BRANCH}/{workstation}",
        }
        secret = self.admin.call("POST", "/users", wanted)["secret"]
        return Caller(self._cloud, self._cloud.outputs["TillClientId"], str(wanted["username"]), secret)

    def close(self) -> None:
        """The administrator hangs up."""
        self.admin.close()

    def _sign_in_admin(self) -> Caller:
        identities, pool = self._cloud.client("cognito-idp"), self._cloud.outputs["UserPoolId"]
        secret = f"Aa1{secrets.token_urlsafe(24)}"
        identities.admin_create_user(
            UserPoolId=pool, Username=_ADMIN, MessageAction="SUPPRESS", TemporaryPassword=secret
        )
        identities.admin_add_user_to_group(UserPoolId=pool, Username=_ADMIN, GroupName="admin")
        identities.admin_set_user_password(UserPoolId=pool, Username=_ADMIN, Password=secret, Permanent=True)
        return Caller(self._cloud, self._cloud.outputs["PersonClientId"], _ADMIN, secret)


def payment(number: str) -> dict[str, object]:
    """The body of a request that records one sale, as large as the one of the seed document."""
    return {
        "branch": BRANCH,
        "kind": "sale",
        "currency": "EUR",
        "taken_at": "2026-11-21T08:05:00+01:00",
        "staff": "AMPAREX",
        "customer": {"last_name": "Abele", "first_name": "Anton"},
        "lines": [
            {
                "number": number,
                "amount": "5.10",
                "direction": "in",
                "method": "cash",
                "invoice_number": number,
            }
        ],
    }
