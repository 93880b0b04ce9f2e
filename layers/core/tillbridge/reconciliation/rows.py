"""Imports, chunks, slices and profiles as rows of their table, and back; keys are explained in ``store``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from json import dumps, loads
from typing import Any
from zlib import compress, crc32, decompress

from tillbridge.aws.table import Row
from tillbridge.kernel.calendar import parse_moment, sortable_text

from .decisions import Outcome
from .import_model import (
    Approval,
    Chunk,
    Event,
    Import,
    ImportState,
    Limits,
    Profile,
    RowPolicy,
    Stop,
    Totals,
    UploadOptions,
)
from .mappings import Mapping as OwnMapping
from .model import Kind, Variant
from .row_outcomes import Allocation, Review, RowOutcome, Verdict

DUE_KEYS = tuple(f"DUE#{shard}" for shard in range(4))
"""Keys of the due index: several, so that no single one is hot."""


def import_pk(import_id: str) -> str:
    """The partition of an import, its chunks and its slices."""
    return f"IMPORT#{import_id}"


def chunk_sk(number: int) -> str:
    """The sort key of a chunk."""
    return f"CHUNK#{number:04}"


def slice_sk(chunk: int, number: int) -> str:
    """The sort key of a slice of a chunk."""
    return f"SLICE#{chunk:04}#{number:06}"


def import_row(one: Import) -> Row:
    """An import; it is on the list of what is due while something of ours must still happen to it."""
    row: Row = {
        "pk": import_pk(one.id),
        "sk": "IMPORT",
        "upload_key": one.client,
        "upload_sort": f"{sortable_text(one.uploaded_at)}#{one.id}",
        "id": one.id,
        "profile": one.profile,
        "client": one.client,
        "state": one.state.value,
        "file_name": one.file_name,
        "size_bytes": one.size_bytes,
        "inbox_key": one.inbox_key,
        "inbox_version": one.inbox_version,
        "uploaded_at": sortable_text(one.uploaded_at),
        "uploaded_by": one.uploaded_by,
        "options": _options_row(one.options),
        "raw_key": one.raw_key,
        "sha256": one.sha256,
        "branches": list(one.branches),
        "currency": one.currency,
        "kind": one.kind.value if one.kind else None,
        "variant": one.variant.value if one.variant else None,
        "policy": one.policy.value,
        "max_fee_minor": one.max_fee_minor,
        "as_of": one.as_of,
        "import_day": one.import_day,
        "attempt": one.attempt,
        "chunks": one.chunks,
        "listed": one.listed,
        "in_scope": one.in_scope,
        "problem_lines": one.problem_lines,
        "older_rows": one.older_rows,
        "character_set": one.character_set,
        "separator": one.separator,
        "columns": [list(column) for column in one.columns],
        "totals": totals_row(one.totals),
        "reversed_count": one.reversed_count,
        "touched_since": one.touched_since,
        "open_reviews": one.open_reviews,
        "stops": [_stop_row(stop) for stop in one.stops],
        "notices": [_stop_row(stop) for stop in one.notices],
        "history": [event_row(event) for event in one.history],
        "report": one.report,
        "asked": one.asked,
        "asked_in": one.asked_in,
        "revision": one.revision,
    }
    if one.due_at:
        row["due_key"] = DUE_KEYS[crc32(one.id.encode()) % len(DUE_KEYS)]
        row["due_sort"] = sortable_text(one.due_at)
    return row


def import_from(row: Row) -> Import:
    """An import."""
    options = row["options"]
    return Import(
        **{name: row[name] for name in _PLAIN_NAMES},
        state=ImportState(row["state"]),
        uploaded_at=parse_moment(row["uploaded_at"]),
        options=UploadOptions(
            options["as_of"],
            options["settle_by"],
            _kind(options.get("kind")),
            options["uploaded_by"],
            Variant(options["variant"]) if options.get("variant") else None,
        ),
        branches=tuple(row["branches"]),
        kind=_kind(row.get("kind")),
        variant=Variant(row["variant"]) if row.get("variant") else None,
        policy=RowPolicy(row["policy"]),
        columns=tuple((name, heading) for name, heading in row.get("columns", ())),
        totals=Totals(**row["totals"]),
        stops=tuple(_stop_from(stop) for stop in row["stops"]),
        notices=tuple(_stop_from(stop) for stop in row["notices"]),
        history=tuple(_event_from(event) for event in row["history"]),
        due_at=parse_moment(row["due_sort"]) if "due_sort" in row else None,
    )


_PLAIN_NAMES = (
    "id", "profile", "client", "file_name", "size_bytes", "inbox_key", "inbox_version", "uploaded_by",
    "raw_key", "sha256", "currency", "max_fee_minor", "as_of", "import_day", "attempt", "chunks", "listed",
    "in_scope", "problem_lines", "older_rows", "character_set", "separator", "reversed_count",
    "touched_since", "open_reviews", "report", "asked", "asked_in", "revision",
)  # fmt: skip


def _kind(text: str | None) -> Kind | None:
    return Kind(text) if text else None


def _options_row(options: UploadOptions) -> Row:
    return {
        "as_of": options.as_of,
        "settle_by": options.settle_by,
        "kind": options.kind.value if options.kind else "",
        "uploaded_by": options.uploaded_by,
        "variant": options.variant.value if options.variant else "",
    }


def totals_row(totals: Totals) -> Row:
    """How many rows had which outcome; zeros are left out."""
    return {name: number for name, number in zip(Totals.__slots__, _numbers(totals), strict=True) if number}


def _numbers(totals: Totals) -> Iterable[int]:
    return (getattr(totals, name) for name in Totals.__slots__)


def _stop_row(stop: Stop) -> Row:
    return {"code": stop.code, "field": stop.field_name, "value": stop.value, "facts": dict(stop.facts)}


def _stop_from(row: Row) -> Stop:
    return Stop(row["code"], row["field"], row["value"], row["facts"])


def event_row(event: Event) -> Row:
    """One event of a history."""
    return {"at": sortable_text(event.at), "what": event.what, "by": event.by, "detail": event.detail}


def _event_from(row: Row) -> Event:
    return Event(parse_moment(row["at"]), row["what"], row["by"], row["detail"])


def chunk_row(import_id: str, chunk: Chunk) -> Row:
    """A chunk."""
    return {
        "pk": import_pk(import_id),
        "sk": chunk_sk(chunk.number),
        "number": chunk.number,
        "assessed": chunk.assessed,
        "booked": chunk.booked,
        "next_group": chunk.next_group,
        "next_slice": chunk.next_slice,
        "deleted_slices": chunk.deleted_slices,
        "deleted": chunk.deleted,
        "worker": chunk.worker,
        "progress_at": sortable_text(chunk.progress_at) if chunk.progress_at else "",
        "assessment": totals_row(chunk.assessment),
        "totals": totals_row(chunk.totals),
        "reversed_count": chunk.reversed_count,
        "touched_since": chunk.touched_since,
        "leans_on": list(chunk.leans_on),
        "preview": chunk.preview,
    }


def chunk_from(row: Row) -> Chunk:
    """A chunk."""
    return Chunk(
        number=row["number"],
        assessed=row["assessed"],
        booked=row["booked"],
        next_group=row["next_group"],
        next_slice=row["next_slice"],
        deleted_slices=row["deleted_slices"],
        deleted=row["deleted"],
        worker=row["worker"],
        progress_at=_moment(row["progress_at"]),
        assessment=Totals(**row["assessment"]),
        totals=Totals(**row["totals"]),
        reversed_count=row["reversed_count"],
        touched_since=row["touched_since"],
        leans_on=tuple(row.get("leans_on", ())),
        preview=row.get("preview", ""),
    )


def _moment(text: str) -> datetime | None:
    return parse_moment(text) if text else None


def packed(outcomes: Iterable[RowOutcome]) -> bytes:
    """Outcomes as few bytes: a write costs by the kilobyte."""
    return compress(dumps([tuple(one) for one in outcomes], separators=(",", ":")).encode())


def unpacked(content: bytes) -> list[RowOutcome]:
    """Outcomes as they were packed."""
    return [outcome_from(one) for one in loads(decompress(content))]


def outcome_from(values: list[Any]) -> RowOutcome:
    """An outcome from its values in JSON."""
    one = RowOutcome(*values)
    return one._replace(
        outcome=Outcome(one.outcome),
        facts=tuple((name, text) for name, text in one.facts),
        before=tuple(one.before),
    )


def review_row(import_id: str, review: Review) -> Row:
    """A row that waits, or waited, for a person."""
    row: Row = {
        "pk": import_pk(import_id),
        "sk": f"REVIEW#{review.id}",
        "id": review.id,
        "told": packed([review.told]),
        "rows": review.rows,
        "decision": review.verdict.value if review.verdict else "",
        "allocations": [list(one) for one in review.allocations],
        "decided_by": review.decided_by,
    }
    if review.decided_at:
        row["decided_at"] = sortable_text(review.decided_at)
    return row


def review_from(row: Row) -> Review:
    """A row that waits, or waited, for a person."""
    [told] = unpacked(row["told"])
    decided_at = _moment(row.get("decided_at", ""))
    return Review(
        row["id"],
        told,
        row["rows"],
        Verdict(row["decision"]) if row["decision"] else None,
        tuple(Allocation(*one) for one in row["allocations"]),
        row["decided_by"],
        decided_at,
    )


def profile_row(profile: Profile) -> Row:
    """A profile."""
    return {
        "pk": "PROFILES",
        "sk": profile.id,
        "id": profile.id,
        "name": profile.name,
        "client": profile.client,
        "currency": profile.currency,
        "branches": list(profile.branches),
        "kind": profile.kind.value if profile.kind else None,
        "policy": profile.policy.value,
        "approval": profile.approval.value,
        "limits": {name: getattr(profile.limits, name) for name in Limits.__slots__},
        "mapping": _mapping_row(profile.mapping) if profile.mapping else None,
        "number_patterns": list(profile.number_patterns),
        "active": profile.active,
        "revision": profile.revision,
    }


def _mapping_row(mapping: OwnMapping) -> Row:
    return {**asdict(mapping), "variant": mapping.variant.value, "columns": dict(mapping.columns)}


def _mapping_from(row: Mapping[str, Any]) -> OwnMapping:
    tuples = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    optional = {name: row.get(name) for name in ("separator", "character_set")}
    return OwnMapping(**{**row, **tuples, **optional, "variant": Variant(row["variant"])})


def profile_from(row: Mapping[str, Any]) -> Profile:
    """A profile."""
    return Profile(
        id=row["id"],
        name=row["name"],
        client=row["client"],
        currency=row["currency"],
        branches=tuple(row["branches"]),
        kind=_kind(row.get("kind")),
        policy=RowPolicy(row["policy"]),
        approval=Approval(row["approval"]),
        limits=Limits(**row["limits"]),
        mapping=_mapping_from(row["mapping"]) if row.get("mapping") else None,
        number_patterns=tuple(row["number_patterns"]),
        active=row["active"],
        revision=row["revision"],
    )
