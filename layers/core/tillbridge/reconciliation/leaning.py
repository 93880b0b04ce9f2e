"""Which import a row is passed over for (RI-36); pure. ``leaning_imports`` says what follows from that."""

from __future__ import annotations

from tillbridge.ledger.model import Document

from .model import Variant

_AS_IT_STANDS = frozenset({"closed-not-overpaid", "closed-not-reopened", "nothing-due", "unchanged"})
"""Reasons of rows that are passed over for what a document has become."""
_PREFIX = "import/"


def leans_on(code: str, document: Document, variant: Variant, own_source: str) -> str:
    """The id of the import because of which a row with this reason is passed over; empty for none.

    Of a level it is who set the last one, else who touched the document last.
    """
    if code not in _AS_IT_STANDS:
        return ""
    if variant is not Variant.DUNNING_LEVELS:
        return import_of(document.touched_by, own_source)
    return import_of(document.levels[-1][0], own_source) if document.levels else ""


def import_of(source: str, own_source: str) -> str:
    """The id of another import that is the source of a booking and still stands; empty for none."""
    if not source.startswith(_PREFIX) or source == own_source:
        return ""
    import_id = source.removeprefix(_PREFIX)
    return "" if "/" in import_id else import_id  # ``…/deleted`` has taken it back
