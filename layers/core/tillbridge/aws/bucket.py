"""S3: a versioned bucket in which what happened to an object can be told afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from .failures import error_code, outside

_NOT_MET = frozenset({"PreconditionFailed", "412"})


@dataclass(frozen=True, slots=True)
class Traces:
    """What a key's past left in the bucket: its versions (newest first), and whether someone deleted it."""

    version_ids: tuple[str, ...]
    deleted_by_someone: bool

    @property
    def ever_put(self) -> bool:
        """True once an object stood under the key, whatever became of it."""
        return bool(self.version_ids) or self.deleted_by_someone


class Bucket:
    """One versioned bucket."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def put_new(self, key: str, content: bytes, content_type: str) -> bool:
        """Put an object where none stands; False when one stands there already."""
        try:
            with outside():
                self.client.put_object(
                    Bucket=self.name, Key=key, Body=content, ContentType=content_type, IfNoneMatch="*"
                )
        except ClientError as error:
            if error_code(error) in _NOT_MET:
                return False
            raise
        return True

    def traces(self, key: str) -> Traces:
        """The versions and delete markers of exactly this key."""
        with outside():
            answer = self.client.list_object_versions(Bucket=self.name, Prefix=key, MaxKeys=50)
        versions = [one for one in answer.get("Versions", []) if one["Key"] == key]
        markers = [one for one in answer.get("DeleteMarkers", []) if one["Key"] == key]
        return Traces(tuple(one["VersionId"] for one in versions), bool(markers))

    def remove_version(self, key: str, version_id: str) -> None:
        """Remove one version for ever; it leaves no delete marker, and doing it twice changes nothing."""
        with outside():
            self.client.delete_object(Bucket=self.name, Key=key, VersionId=version_id)
