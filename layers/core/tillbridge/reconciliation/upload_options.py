"""What an uploader writes beside a file, as far as it makes sense; pure."""

from __future__ import annotations

from tillbridge.kernel.calendar import parse_day
from tillbridge.kernel.errors import Refused

from . import code_words
from .import_model import UploadOptions
from .model import Kind, Variant


def options_of(notes: dict[str, str], *, import_day: str, uploaded_by: str) -> UploadOptions:
    """What the uploader wrote beside the file; ``Refused`` where it makes no sense."""
    settle_by = notes.get("settle-by", "")
    as_of = notes.get("as-of", "")
    kind, variant = notes.get("kind", ""), notes.get("variant", "")
    for name, day in (("as_of", as_of), ("settle_by", settle_by)):
        if day and parse_day(day, field=name) > import_day:
            raise Refused("day-of-upload-in-future", field=name, value=day, today=import_day)
    if kind and kind not in set(Kind):
        raise Refused("kind-unknown", field="kind", value=kind[:40], kinds=code_words.kinds(Kind))
    if variant and variant not in set(Variant):
        known = code_words.variants(Variant)
        raise Refused("variant-unknown", field="variant", value=variant[:40], variants=known)
    return UploadOptions(
        as_of,
        settle_by,
        Kind(kind) if kind else None,
        uploaded_by,
        Variant(variant) if variant else None,
    )
