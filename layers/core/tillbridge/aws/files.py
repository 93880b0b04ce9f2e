"""S3 as a place for files of any size: read in pieces, put whole, handed out and taken in by signed forms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from tillbridge.kernel.errors import Unavailable

from .failures import error_code, outside

_BROKEN_LINE = (ReadTimeoutError, ResponseStreamingError, IncompleteReadError, HTTPClientError)
_NOT_THERE = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound", "404"})


@dataclass(frozen=True, slots=True)
class FileHead:
    """What S3 says of a file without its content; ``notes`` are what its uploader wrote beside it."""

    key: str
    version_id: str
    size_bytes: int
    changed_at: datetime
    notes: dict[str, str]


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form that lets its bearer post one file: where to, and the fields that go before the file."""

    url: str
    fields: dict[str, str]


class Body:
    """The content of a file, read in pieces as it comes; ``Unavailable`` when the line breaks."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end."""
        try:
            piece: bytes = self._body.read(size)
        except _BROKEN_LINE as error:
            raise Unavailable(f"GetObject: {type(error).__name__}") from error
        return piece


class Files:
    """One versioned bucket with files of any size."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def head(self, key: str, version_id: str = "") -> FileHead | None:
        """What S3 says of a file; None where there is none."""
        version = {"VersionId": version_id} if version_id else {}
        try:
            with outside():
                answer = self.client.head_object(Bucket=self.name, Key=key, **version)
        except ClientError as error:
            if error_code(error) in _NOT_THERE:
                return None
            raise
        return FileHead(
            key,
            str(answer.get("VersionId", "")),
            int(answer["ContentLength"]),
            answer["LastModified"],
            {str(name): str(text) for name, text in answer.get("Metadata", {}).items()},
        )

    @contextmanager
    def opened(self, key: str, version_id: str = "") -> Iterator[Body]:
        """The content of a file, to be read in pieces."""
        version = {"VersionId": version_id} if version_id else {}
        with outside():
            body = self.client.get_object(Bucket=self.name, Key=key, **version)["Body"]
        try:
            yield Body(body)
        finally:
            body.close()

    def read(self, key: str) -> bytes | None:
        """The whole content of a small file; None where there is none."""
        try:
            with outside():
                body = self.client.get_object(Bucket=self.name, Key=key)["Body"]
        except ClientError as error:
            if error_code(error) in _NOT_THERE:
                return None
            raise
        try:
            content: bytes = body.read()
        except _BROKEN_LINE as error:
            raise Unavailable(f"GetObject: {type(error).__name__}") from error
        return content

    def put(self, key: str, content: bytes | IO[bytes], content_type: str) -> None:
        """Put a file; the same once more makes another version with the same content."""
        with outside():
            self.client.put_object(Bucket=self.name, Key=key, Body=content, ContentType=content_type)

    def copy(self, key: str, version_id: str, to: str) -> None:
        """Put a version of a file to another key, without its content passing through here.

        Its tags stay behind: reading them is a right of its own, and nothing here asks for them.
        """
        source = {"Bucket": self.name, "Key": key}
        if version_id:
            source["VersionId"] = version_id
        with outside():
            self.client.copy_object(Bucket=self.name, Key=to, CopySource=source, TaggingDirective="REPLACE")

    def upload_form(self, key: str, notes: dict[str, str], *, most_bytes: int, for_s: int) -> UploadForm:
        """A form by which its bearer may post one file of at most so many bytes under this key."""
        fields = {f"x-amz-meta-{name}": text for name, text in notes.items()}
        conditions: list[Any] = [{name: text} for name, text in fields.items()]
        conditions.append(["content-length-range", 1, most_bytes])
        made = self.client.generate_presigned_post(
            self.name, key, Fields=fields, Conditions=conditions, ExpiresIn=for_s
        )
        return UploadForm(made["url"], made["fields"])

    def link(self, key: str, file_name: str, *, for_s: int) -> str:
        """An address from which its bearer may fetch a file, which is saved under a name."""
        wanted = {
            "Bucket": self.name,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        return str(self.client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=for_s))
