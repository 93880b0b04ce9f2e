"""The nouns of the agent: jobs, files, outcomes. They refuse what cannot be, because it came over a wire."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import ntpath
import os
import re
from dataclasses import dataclass
from typing import Any, Literal

from tillbridge_agent.errors import Malformed

MAX_DEVICE_LENGTH = 200
MAX_NAME_BYTES = 250
MAX_CONTENT_BYTES = 256 * 1024
MAX_SEQUENCE = 2**53
PRIVATE_PREFIX = ".tillbridge-"
NOTED = "noted"
"""The step of a job that has not begun, or of which nothing can be seen yet."""

_ON_WINDOWS = os.name == "nt"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED_ON_WINDOWS = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"]
)
"""Casefolded; exactly those that the cloud refuses in document numbers, so that nothing stops here."""

Result = Literal["done", "withdrawn", "gone", "in_doubt", "refused"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A job as it arrived: the address is read and proved, the rest is kept as `text` to be noted as it is.

    `folder` and `name` say what it is about, as far as the payload tells; empty when it does not.
    """

    device: str
    sequence: int
    inherited: bool
    kind: str
    folder: str
    name: str
    text: str

    @classmethod
    def read(cls, text: str) -> Envelope:
        """Read a job's address; Malformed when not even device and sequence can be known."""
        try:
            job = json.loads(text)
        except ValueError as broken:
            raise Malformed("message", "is not JSON", problem="message-unreadable") from broken
        return cls.of(job)

    @classmethod
    def of(cls, job: object) -> Envelope:
        """The same from JSON already parsed (GET /jobs)."""
        if not isinstance(job, dict):
            raise Malformed("message", "is not an object", problem="message-unreadable")
        device, sequence = job.get("device"), job.get("sequence")
        if not isinstance(device, str) or not 0 < len(device) <= MAX_DEVICE_LENGTH or _CONTROL.search(device):
            raise Malformed("device", "must be a short plain text", problem="message-unreadable")
        if type(sequence) is not int or not 0 < sequence < MAX_SEQUENCE:
            raise Malformed("sequence", "must be a whole number from 1", problem="message-unreadable")
        payload = job.get("payload")
        about = payload if isinstance(payload, dict) else {}
        return cls(
            device=device,
            sequence=sequence,
            inherited=job.get("inherited") is True,
            kind=_text(job.get("kind")),
            folder=_text(about.get("folder")),
            name=_text(about.get("name")),
            text=json.dumps(job, separators=(",", ":")),
        )


@dataclass(frozen=True, slots=True)
class Job:
    """One job of one device, as noted; `step` is how far it came ("noted" at first)."""

    device: str
    sequence: int
    kind: str
    inherited: bool
    payload: dict[str, Any]
    step: str

    @classmethod
    def read(cls, text: str, step: str) -> Job:
        """Read a noted job wholly; Malformed names the field that is wrong."""
        job = json.loads(text)
        envelope = Envelope.of(job)
        payload, inherited = job.get("payload"), job.get("inherited", False)
        if not isinstance(payload, dict):
            raise Malformed("payload", "must be an object")
        if not isinstance(inherited, bool):
            raise Malformed("inherited", "must be true or false")
        if not envelope.kind:
            raise Malformed("kind", "must be a text")
        return cls(envelope.device, envelope.sequence, envelope.kind, inherited, payload, step)


@dataclass(frozen=True, slots=True)
class FileToPut:
    """A payment file with its content, proved against its SHA-256; `name` is a plain safe file name."""

    name: str
    content: bytes
    sha256: str

    @classmethod
    def read(cls, payload: dict[str, Any], field: str = "payload") -> FileToPut:
        """Read name, content_base64 and sha256; Malformed when they do not fit together."""
        name = file_name(payload, field)
        encoded, digest = payload.get("content_base64"), payload.get("sha256")
        if not isinstance(encoded, str) or not isinstance(digest, str):
            raise Malformed(f"{field}.content_base64", "content and sha256 must be texts")
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error as broken:
            raise Malformed(f"{field}.content_base64", "is not base64") from broken
        if len(content) > MAX_CONTENT_BYTES:
            raise Malformed(f"{field}.content_base64", f"is over {MAX_CONTENT_BYTES} bytes")
        if hashlib.sha256(content).hexdigest() != digest.lower():
            raise Malformed(f"{field}.sha256", "does not belong to the content")
        return cls(name, content, digest.lower())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended; `put` names the file that now lies (or lay) in the folder, for sightings."""

    result: Result
    detail: str = ""
    folder: str = ""
    put: str = ""
    ended: str = ""
    """The file that the job made an end of: withdrawn by us or taken by the consumer."""
    folder_id: str = ""
    """Which folder `put` lies (or lay) in, told by the disk."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome with its address and moment, as it is reported to the cloud."""

    device: str
    sequence: int
    outcome: str
    detail: str
    at: str


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """A file that was put and, as far as we know, still waits for its consumer."""

    device: str
    sequence: int
    folder: str
    name: str
    folder_id: str = ""
    """Which folder it was put into, told by the disk; empty when an earlier agent put it."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file that was put and is no longer there."""

    device: str
    sequence: int
    name: str
    at: str


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """What the cloud says about a device: the last job made, the last job answered."""

    device: str
    last_sequence: int
    answered_sequence: int

    @classmethod
    def of(cls, row: object) -> DeviceNews:
        """Read one row of GET /devices."""
        if not isinstance(row, dict):
            raise Malformed("devices", "must be objects")
        device, last, answered = row.get("device"), row.get("last_sequence"), row.get("answered_sequence")
        if not isinstance(device, str) or not 0 < len(device) <= MAX_DEVICE_LENGTH or _CONTROL.search(device):
            raise Malformed("devices.device", "must be a short plain text")
        if type(last) is not int or type(answered) is not int or not 0 <= answered <= last:
            raise Malformed("devices.last_sequence", "0 <= answered_sequence <= last_sequence must hold")
        return cls(device, last, answered)


def _text(value: object) -> str:
    """The value when it is a text that SQLite can hold, else nothing."""
    return value if isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value) else ""


def file_name(payload: dict[str, Any], field: str = "payload") -> str:
    """The payload's `name`: a plain name ending in .in or .out that every system can hold (PF-3, PF-13)."""
    name = payload.get("name")
    if not isinstance(name, str):
        raise Malformed(f"{field}.name", "must be a text")
    stem, dot, ending = name.rpartition(".")
    if not dot or ending not in {"in", "out"}:
        raise Malformed(f"{field}.name", "must end in .in or .out")
    if not stem.strip(". ") or stem.casefold().startswith(PRIVATE_PREFIX) or stem[-1] in ". ":
        raise Malformed(f"{field}.name", "is no plain name")
    if _CONTROL.search(name) or any(sign in name for sign in "/\\:"):
        raise Malformed(f"{field}.name", "holds a separator, colon or control character")
    if _ON_WINDOWS and any(sign in name for sign in '<>"|?*'):
        raise Malformed(f"{field}.name", "holds a character that Windows does not allow")
    if name.split(".", 1)[0].rstrip().casefold() in _RESERVED_ON_WINDOWS:
        raise Malformed(f"{field}.name", "is a reserved name on Windows")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES or any(
        "\ud800" <= c <= "\udfff" for c in name
    ):
        raise Malformed(f"{field}.name", "is too long or no text")
    return name


def folder_name(payload: dict[str, Any]) -> str:
    """The payload's `folder`: an absolute path of this system, on Windows with a drive or server."""
    folder = payload.get("folder")
    if not _text(folder) or not isinstance(folder, str) or _CONTROL.search(folder):
        raise Malformed("payload.folder", "must be a path")
    if not is_absolute(folder):
        raise Malformed("payload.folder", "must be absolute", problem="folder-not-absolute")
    return folder


def is_absolute(folder: str, *, windows: bool = _ON_WINDOWS) -> bool:
    """Whether a path names one place without a current folder or drive (`\\Users` does not on Windows)."""
    if not windows:
        return folder.startswith("/")
    drive, rest = ntpath.splitdrive(folder)
    return bool(drive) and (rest.startswith(("\\", "/")) or drive.startswith(("\\\\", "//")))
