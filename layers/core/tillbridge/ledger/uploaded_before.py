"""Is an uploaded document the one of its number that is recorded already, and where does it differ? Pure."""

from __future__ import annotations

from tillbridge.kernel.text import fold

from .entries import Account, Entry, SourceKind
from .model import MAX_TIERS, Document, Terms
from .uploads import Upload


def opening_entry(document: Document) -> str:
    """The id of the entry that booked what was paid before a document came here; empty where none did."""
    if len(document.notes) < 2:  # noqa: PLR2004 - that of its issue, then that of the opening
        return ""
    issue, second = document.notes[:2]
    by_import = issue.source.startswith(f"{SourceKind.IMPORT}/")
    return second.entry if by_import and second.source == issue.source else ""


def opened_minor(entry: Entry) -> int:
    """What such an entry booked, with the document's sign."""
    return sum(one.amount_minor for one in entry.postings if one.account is Account.PAID_AT_ACCOUNTANT)


def differing(
    known: Document, upload: Upload, known_opening_minor: int, own_terms: Terms | None
) -> list[str]:
    """The columns in which an upload is not the document of its number that is recorded already.

    ``own_terms`` are those that the file itself gives: it says nothing about a customer's. The day of the
    handover is not compared: it is noted later than the document.
    """
    new = upload.document
    shares, new_shares = _printed_shares(known), _printed_shares(new)
    same_total = abs(known.total_minor) == abs(new.total_minor)
    same_shares = shares == new_shares if same_total else shares.keys() == new_shares.keys()
    opening_minor = upload.opening.applied_minor if upload.opening else 0
    same = {
        "kind": known.kind is new.kind,
        "branch": known.branch == new.branch,
        "customer": fold(known.customer) == fold(new.customer),
        "invoice_date": known.issued_on == new.issued_on,
        "currency": known.currency == new.currency,
        "order_number": known.order_number == new.order_number,
        "vat_basis_points": same_shares,
        "vat_code": same_shares,
        "amount_minor": same_total,
        "paid_minor": abs(known_opening_minor) == abs(opening_minor),
    }
    found = [column for column, is_same in same.items() if not is_same]
    return found + (_differing_terms(known.terms, own_terms) if own_terms else [])


def _printed_shares(document: Document) -> dict[str, int]:
    return {code: minor * document.kind.sign for code, minor in document.vat_shares}


def _differing_terms(known: Terms, new: Terms) -> list[str]:
    found = [] if known.payment_days == new.payment_days else ["payment_days"]
    for step in range(MAX_TIERS):
        before, after = (terms.discounts[step : step + 1] for terms in (known, new))
        if before != after:
            same_days = [one.days for one in before] == [one.days for one in after]
            found.append(f"discount_{'basis_points' if same_days else 'days'}_{step + 1}")
    return found
