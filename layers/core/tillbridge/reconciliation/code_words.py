"""The words for codes that stand inside sentences: states, kinds, variants and events of imports; and days.

A refusal carries them as facts, so that a German sentence has the German word. Where a person must write the
code itself, it stands behind its word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tillbridge.kernel.errors import Words

STATES: Mapping[str, Words] = {
    "reading": Words(en="being read", de="wird gelesen"),
    "quarantined": Words(en="in quarantine", de="in Quarantäne"),
    "assessing": Words(en="being assessed", de="Vorschau entsteht"),
    "refused": Words(en="refused", de="abgelehnt"),
    "awaiting-approval": Words(en="waiting for approval", de="wartet auf Freigabe"),
    "discarded": Words(en="discarded", de="verworfen"),
    "booking": Words(en="being booked", de="wird gebucht"),
    "finished": Words(en="finished", de="fertig"),
    "deleting": Words(en="being deleted", de="wird gelöscht"),
    "deleted": Words(en="deleted", de="gelöscht"),
}
"""Where an import stands."""

KINDS: Mapping[str, Words] = {
    "amparex": Words(en="AMPAREX", de="AMPAREX"),
    "pbs": Words(en="PBS", de="PBS"),
    "datev": Words(en="DATEV list of open items", de="DATEV OPOS-Liste"),
    "datev-pro": Words(en="DATEV pro", de="DATEV pro"),
    "datev-kr-export": Words(en="DATEV KR-Export", de="DATEV KR-Export"),
    "addison-connect": Words(en="ADDISON Connect", de="ADDISON Connect"),
    "diamant": Words(en="Diamant", de="Diamant"),
    "navision": Words(en="Navision", de="Navision"),
    "navision-mahnungen": Words(en="Navision dunning levels", de="Navision Mahnstufen"),
    "camt": Words(en="bank statement in camt", de="Kontoauszug in camt"),
    "mt940": Words(en="bank statement in MT940", de="Kontoauszug in MT940"),
    "own-mapping": Words(en="own mapping", de="eigene Zuordnung"),
    "invoices": Words(en="invoices", de="Rechnungen"),
    "customers": Words(en="customers", de="Kunden"),
    "orders": Words(en="orders", de="Aufträge"),
}
"""What a file is, by whoever writes such files."""

VARIANTS: Mapping[str, Words] = {
    "closed-items": Words(en="closed items", de="geschlossene Posten"),
    "open-items": Words(en="open items", de="offene Posten"),
    "payments": Words(en="payments", de="Zahlungen"),
    "dunning-levels": Words(en="dunning levels", de="Mahnstufen"),
    "bank-statement": Words(en="bank statement", de="Kontoauszug"),
    "invoices": Words(en="invoices", de="Rechnungen"),
    "customers": Words(en="customers", de="Kunden"),
    "orders": Words(en="orders", de="Aufträge"),
}
"""What the rows of a file say."""

EVENTS: Mapping[str, Words] = {
    "uploaded": Words(en="uploaded", de="hochgeladen"),
    "read": Words(en="read", de="gelesen"),
    "quarantined": Words(en="put into quarantine", de="in Quarantäne genommen"),
    "refused": Words(en="refused", de="abgelehnt"),
    "waits for approval": Words(en="waits for approval", de="wartet auf Freigabe"),
    "approved": Words(en="approved", de="freigegeben"),
    "rejected": Words(en="discarded", de="verworfen"),
    "booking begins": Words(en="booking begins", de="die Buchung beginnt"),
    "booked": Words(en="booking ended", de="die Buchung ist beendet"),
    "decided": Words(en="rows decided by hand: {detail}", de="von Hand entschiedene Zeilen: {detail}"),
    "deletion begins": Words(en="deletion begins", de="das Löschen beginnt"),
    "deleted": Words(en="deleted", de="gelöscht"),
}
"""What happened to an import; ``{detail}`` is that of the event."""

_READ = Words(en="read: rows {rows}, kind {kind}", de="gelesen: Zeilen {rows}, Importart {kind}")
_ROWS_AS_KIND = re.compile(r"([0-9]+) rows as ([a-z0-9-]+)")
_NOT_NAMED = Words(en="not named", de="nicht genannt")


def state(code: str) -> Words:
    """Where an import stands."""
    return STATES[code]


def variant(code: str) -> Words:
    """What the rows of a file say, with the code that an uploader writes."""
    return _with_code(code, VARIANTS[code])


def kind(code: str | None) -> Words:
    """What a file is, with the code that an uploader writes, as far as anybody has named it."""
    return _with_code(code, KINDS[code]) if code else _NOT_NAMED


def kinds(codes: Iterable[str]) -> Words:
    """Several kinds, with their codes."""
    return _listed(map(kind, codes))


def variants(codes: Iterable[str]) -> Words:
    """Several variants, with their codes."""
    return _listed(map(variant, codes))


def event(what: str, detail: str) -> Words:
    """What happened to an import; a code that no version of ours writes stands for itself."""
    read = _ROWS_AS_KIND.fullmatch(detail) if what == "read" else None
    if read and read[2] in KINDS:
        of_kind = KINDS[read[2]]
        return Words(
            en=_READ.en.format(rows=read[1], kind=of_kind.en),
            de=_READ.de.format(rows=read[1], kind=of_kind.de),
        )
    words = EVENTS.get(what, Words(en=what, de=what))
    return Words(en=words.en.replace("{detail}", detail), de=words.de.replace("{detail}", detail))


def day(text: str) -> Words:
    """A day ``YYYY-MM-DD`` as it is written in each language."""
    year, month, day_of_month = text.split("-")
    return Words(en=text, de=f"{day_of_month}.{month}.{year}")


def _with_code(code: str, words: Words) -> Words:
    return Words(en=f"{words.en} ({code})", de=f"{words.de} ({code})")


def _listed(several: Iterable[Words]) -> Words:
    found = list(several)
    return Words(en=", ".join(words.en for words in found), de=", ".join(words.de for words in found))
