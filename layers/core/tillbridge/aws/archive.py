"""S3 under Object Lock: what was put once stays as it is, and every version of a key can be told."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import file_digest
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from botocore.exceptions import ClientError, IncompleteReadError

from tillbridge.kernel.errors import Unavailable

from .failures import error_code, outside

_NOT_MET = frozenset({"PreconditionFailed", "412"})
_NOT_THERE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_PIECE_BYTES = 1024 * 1024
_IN_MEMORY_BYTES = 4 * 1024 * 1024
"""What is larger goes to the disk."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A key of the archive: its oldest version (the true one), and whether anybody touched it since."""

    key: str
    version_id: str
    replaced: bool


def working_file() -> IO[bytes]:
    """A file for as long as it is used: in memory while it is small, then on the disk."""
    return SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)


class Archive:
    """One versioned bucket that is only ever added to."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def put_new(self, key: str, content: IO[bytes], content_type: str) -> bool:
        """Put a file's content where nothing stands; False when something stands there already.

        The checksum finds what the line has spoiled; S3 demands it, and its algorithm, where a retention
        is set.
        """
        content.seek(0)
        checksum = b64encode(file_digest(content, "sha256").digest()).decode()  # type: ignore[arg-type]
        content.seek(0)
        try:
            with outside():
                self.client.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=content,
                    ContentType=content_type,
                    IfNoneMatch="*",
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=checksum,
                )
        except ClientError as error:
            if error_code(error) in _NOT_MET:
                return False
            raise
        return True

    def fetch(self, key: str, version_id: str = "") -> IO[bytes] | None:
        """An object, wholly here, to be read from its beginning and then closed; None when there is none.

        It is fetched in one go, so that who reads it slowly does not keep a line open.
        """
        version = {"VersionId": version_id} if version_id else {}
        with ExitStack() as closing_if_not_whole:
            file = closing_if_not_whole.enter_context(working_file())
            try:
                with outside():
                    body = self.client.get_object(Bucket=self.name, Key=key, **version)["Body"]
                    for piece in body.iter_chunks(_PIECE_BYTES):
                        file.write(piece)
            except IncompleteReadError as error:
                raise Unavailable("GetObject: the answer broke off") from error
            except ClientError as error:
                if error_code(error) in _NOT_THERE:
                    return None
                raise
            closing_if_not_whole.pop_all()
        file.seek(0)
        return file

    def folders(self, prefix: str) -> list[str]:
        """The names of what lies one level below a prefix that ends with ``/``, in order."""
        found = set()
        for page in self._pages(prefix, Delimiter="/"):
            found |= {one["Prefix"] for one in page.get("CommonPrefixes", [])}
        return sorted(name.removeprefix(prefix).rstrip("/") for name in found)

    def kept(self, prefix: str) -> list[Kept]:
        """Everything that was ever put below a prefix, in the order of its keys."""
        versions: dict[str, list[str]] = {}
        deleted: set[str] = set()
        for page in self._pages(prefix):
            for one in page.get("Versions", []):  # newest first
                versions.setdefault(one["Key"], []).append(one["VersionId"])
            deleted |= {one["Key"] for one in page.get("DeleteMarkers", [])}
        return [
            Kept(key, ids[-1], replaced=len(ids) > 1 or key in deleted)
            for key, ids in sorted(versions.items())
        ]

    def _pages(self, prefix: str, **wanted: str) -> Iterator[dict[str, Any]]:
        start: dict[str, str] = {}
        while True:
            with outside():
                page = self.client.list_object_versions(Bucket=self.name, Prefix=prefix, **wanted, **start)
            yield page
            if not page.get("IsTruncated"):
                return
            start = {"KeyMarker": page["NextKeyMarker"]}
            if page.get("NextVersionIdMarker"):
                start["VersionIdMarker"] = page["NextVersionIdMarker"]
