"""Cognito: the user pool that people, tills and agents sign in to; every call may be repeated.

A secret is made here, handed out once and kept nowhere: the pool stores its own digest of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from .failures import error_code, outside

_SECRET_BYTES = 32
_ONE_OF_EACH_KIND = "aA1-"
"""A pool's password policy may ask for small and capital letters, digits and signs."""


class Identities:
    """The users of one pool, as far as they are needed to sign in."""

    def __init__(self, client: Any, user_pool_id: str) -> None:
        self._client = client
        self._pool = user_pool_id

    def ensure(self, username: str, groups: Iterable[str]) -> str:
        """Make the user, if there is none, put it into exactly these groups, and give it a new secret.

        An older secret and every refresh token end with that; access tokens end by themselves.
        """
        with outside():
            try:
                self._client.admin_create_user(
                    UserPoolId=self._pool,
                    Username=username,
                    MessageAction="SUPPRESS",
                    TemporaryPassword=_new_secret(),  # never used: the pool's own idea may break its policy
                )
            except ClientError as error:
                if error_code(error) != "UsernameExistsException":
                    raise
            self._join(username, frozenset(groups))
            self._client.admin_enable_user(UserPoolId=self._pool, Username=username)
            secret = self._give_secret(username)
            self._client.admin_user_global_sign_out(UserPoolId=self._pool, Username=username)
            return secret

    def disable(self, username: str) -> None:
        """No new token for the user, whether or not it was ever made."""
        with outside():
            try:
                self._client.admin_disable_user(UserPoolId=self._pool, Username=username)
                self._client.admin_user_global_sign_out(UserPoolId=self._pool, Username=username)
            except ClientError as error:
                if error_code(error) != "UserNotFoundException":
                    raise

    def _join(self, username: str, groups: frozenset[str]) -> None:
        listed = self._client.admin_list_groups_for_user(UserPoolId=self._pool, Username=username)
        present = {group["GroupName"] for group in listed["Groups"]}
        for group in sorted(groups - present):
            self._client.admin_add_user_to_group(UserPoolId=self._pool, Username=username, GroupName=group)
        for group in sorted(present - groups):
            self._client.admin_remove_user_from_group(
                UserPoolId=self._pool, Username=username, GroupName=group
            )

    def _give_secret(self, username: str) -> str:
        secret = _new_secret()
        self._client.admin_set_user_password(
            UserPoolId=self._pool, Username=username, Password=secret, Permanent=True
        )
        return secret


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES) + _ONE_OF_EACH_KIND
