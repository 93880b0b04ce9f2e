"""Who calls in end-to-end tests: an administrator made by the account's owner, and tills made by it."""

from __future__ import annotations

import secrets
from contextlib import suppress

from local.caller import Caller
from local.cloud import LocalCloud

ADMIN = "e2e-admin"


def sign_in_admin(cloud: LocalCloud) -> Caller:
    """The first administrator, made as README says."""
    identities, pool = cloud.client("cognito-idp"), cloud.outputs["UserPoolId"]
    secret = f"Aa1{secrets.token_urlsafe(24)}"
    with suppress(identities.exceptions.UsernameExistsException):
        identities.admin_create_user(
            UserPoolId=pool, Username=ADMIN, MessageAction="SUPPRESS", TemporaryPassword=secret
        )
    identities.admin_add_user_to_group(UserPoolId=pool, Username=ADMIN, GroupName="admin")
    identities.admin_set_user_password(UserPoolId=pool, Username=ADMIN, Password=secret, Permanent=True)
    return Caller(cloud, cloud.outputs["PersonClientId"], ADMIN, secret)


def sign_in_till(cloud: LocalCloud, admin: Caller, username: str, branch: str, workstation: str) -> Caller:
    """A till with a sign-in of its own."""
    wanted = {
        "username": username,
        "kind": "till",
        "roles": ["till"],
        "branches": [branch],
        "workstation": f"{branch}/{workstation}",
    }
    made = admin.call("POST", "/users", wanted)
    return Caller(cloud, cloud.outputs["TillClientId"], username, made["secret"])
