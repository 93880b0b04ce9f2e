"""Which invoice does a movement on the bank account pay? Pure; certain, suggested or none (RI-5).

Certain is what no person who reads the statement would see otherwise: the payer names the numbers, all of
them are ours, and the amount meets what is due. Amount and payer alone never make it certain. What is certain
is then booked by the rules of payments (``rules.decide_payment``), which say here if the amount meets it.
``docs/formats/bank-statements.md`` has the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from tillbridge.kernel.errors import Words
from tillbridge.kernel.text import fold

from .decisions import Facts, Outcome, Policy
from .invoice_numbers import invoice_numbers_in, number_key, number_like_in
from .model import Row, StatementEntry
from .rules import decide_payment

MAX_SUGGESTED = 10
SHORT_NUMBER = 6
"""Fewer digits alone may be a customer's number, a year or an amount as well."""


class Candidate(NamedTuple):
    """A document that an entry may be about: found by a number in the text, by its payer or by its amount.

    ``facts`` are those that the rules decide on. ``customer_name`` and ``customer_accounts`` (IBANs) are what
    is known of the customer, empty where nothing is.
    """

    number: str
    currency: str
    facts: Facts
    customer: str = ""
    customer_name: str = ""
    customer_accounts: tuple[str, ...] = ()


class MatchKind(StrEnum):
    """What follows: certain ones are booked, suggested ones wait for a person, others for a better idea."""

    CERTAIN = "certain"
    SUGGESTED = "suggested"
    NONE = "none"


class Match(NamedTuple):
    """What an entry pays. ``allocations`` are pairs of number and amount, signed as the entry is.

    Together they never go beyond the entry's amount, and when it is certain they make it exactly; how much of
    an allocation is dunning fee, and which discount goes with it, is for the rules that book it.
    ``candidates`` are the numbers that a person should look at, best first; ``reasons`` are codes of
    ``MATCH_REASONS``.
    """

    kind: MatchKind
    allocations: tuple[tuple[str, int], ...] = ()
    reasons: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


_CLOSED_BY = {
    "settled": "amount-is-due",
    "settled-with-discount-by-terms": "amount-within-discount",
    "settled-with-fee": "amount-with-dunning-fee",
}


def match(
    entry: StatementEntry, candidates: Sequence[Candidate], masks: Sequence[str], policy: Policy
) -> Match:
    """Decide about one entry among these candidates; the masks are the series of invoice numbers.

    No other number than those of the candidates is ever given. Of candidates of one number the first counts.
    """
    ours = list({one.number: one for one in reversed(candidates) if one.currency == entry.currency}.values())
    ours.reverse()
    if entry.amount_minor == 0:
        return Match(MatchKind.NONE, reasons=("nothing-moved",))
    named = _Named.of(entry, ours, masks)
    if named.candidates:
        return _by_number(entry, named, policy)
    if any(number_key(one.number) in named.keys for one in candidates):
        return Match(MatchKind.NONE, reasons=("currency-of-entry-differs",))
    return _by_payer(entry, ours, policy)


class _Named(NamedTuple):
    """The candidates that an entry names, and what makes that less than clear."""

    candidates: tuple[Candidate, ...]
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    keys: frozenset[str]

    @staticmethod
    def of(entry: StatementEntry, ours: Sequence[Candidate], masks: Sequence[str]) -> _Named:
        in_series = (*invoice_numbers_in(entry.text, masks), *invoice_numbers_in(entry.end_to_end_id, masks))
        text_keys = _keys(entry.text, masks)
        id_keys = _keys(entry.end_to_end_id, masks)
        found = tuple(one for one in ours if number_key(one.number) in text_keys | id_keys)
        found_keys = [number_key(one.number) for one in found]
        reasons = []
        if any(key in text_keys for key in found_keys):
            reasons.append("number-in-text")
        if any(key in id_keys for key in found_keys):
            reasons.append("number-in-end-to-end-id")
        doubts = []
        if len(set(found_keys)) < len(found_keys):
            doubts.append("numbers-look-alike")
        if any(number_key(number) not in found_keys for number in in_series):
            doubts.append("further-number-named")
        series_keys = {number_key(number) for number in in_series}
        if any(key.isdigit() and len(key) < SHORT_NUMBER and key not in series_keys for key in found_keys):
            doubts.append("number-is-short")
        return _Named(found, tuple(reasons), tuple(doubts), text_keys | id_keys)


def _keys(text: str, masks: Sequence[str]) -> frozenset[str]:
    return frozenset(map(number_key, (*invoice_numbers_in(text, masks), *number_like_in(text))))


def _by_number(entry: StatementEntry, named: _Named, policy: Policy) -> Match:
    if entry.amount_minor < 0:
        return _money_out(entry, named)
    doubts = [*named.doubts, *(["entry-is-reversal"] if entry.reversal else [])]
    if len(named.candidates) == 1:
        fits = _fits(entry, named.candidates[0], policy)
        allocations = _allocated(entry.amount_minor, named.candidates)
        if fits in _CLOSED_BY.values():
            allocations = ((named.candidates[0].number, entry.amount_minor),)
        else:
            doubts.append(fits)
    else:
        fits = "amount-is-sum-of-dues"
        allocations = _allocated(entry.amount_minor, named.candidates)
        dues = [one.facts.due_minor for one in named.candidates]
        if sum(dues) != entry.amount_minor:
            doubts.append("amount-is-not-sum-of-dues")
        elif any(due <= 0 for due in dues):
            doubts.append("credit-note-in-sum")
    if doubts:
        return Match(
            MatchKind.SUGGESTED,
            allocations,
            (*named.reasons, *doubts),
            tuple(one.number for one in named.candidates)[:MAX_SUGGESTED],
        )
    return Match(MatchKind.CERTAIN, allocations, (*named.reasons, fits))


def _money_out(entry: StatementEntry, named: _Named) -> Match:
    """A refund is certain when it names one credit note with its exact amount; all else is for a person."""
    first = named.candidates[0]
    exact = (
        len(named.candidates) == 1 and first.facts.sign < 0 and first.facts.due_minor == entry.amount_minor
    )
    if exact and not named.doubts and not entry.reversal:
        return Match(
            MatchKind.CERTAIN, ((first.number, entry.amount_minor),), (*named.reasons, "amount-is-due")
        )
    allocations = ((first.number, entry.amount_minor),) if exact else ()
    numbers = tuple(one.number for one in named.candidates)[:MAX_SUGGESTED]
    return Match(MatchKind.SUGGESTED, allocations, (*named.reasons, *named.doubts, "money-went-out"), numbers)


def _by_payer(entry: StatementEntry, ours: Sequence[Candidate], policy: Policy) -> Match:
    """No number is named: what the payer's account, his name and the amount suggest."""
    ranked = []
    for at, one in enumerate(ours):
        reasons = _payer_reasons(entry, one)
        fits = _fits(entry, one, policy)
        meets = fits in _CLOSED_BY.values() and not entry.reversal
        if reasons or meets:
            rank = (-len(reasons) - meets, "account-of-customer" not in reasons, at)
            ranked.append((rank, one, (*reasons, fits) if meets else reasons))
    if not ranked:
        return Match(MatchKind.NONE, reasons=("nothing-fits",))
    ranked.sort(key=lambda three: three[0])
    _, best, reasons = ranked[0]
    clear = len(ranked) == 1 or ranked[1][0][0] > ranked[0][0][0]
    allocations = _allocated(entry.amount_minor, (best,)) if clear else ()
    numbers = tuple(one.number for _, one, _ in ranked)[:MAX_SUGGESTED]
    return Match(MatchKind.SUGGESTED, allocations, ("no-number-named", *reasons), numbers)


def _payer_reasons(entry: StatementEntry, one: Candidate) -> tuple[str, ...]:
    reasons = []
    if entry.payer_account and entry.payer_account in one.customer_accounts:
        reasons.append("account-of-customer")
    if one.customer_name and _words(entry.payer_name) == _words(one.customer_name):
        reasons.append("name-of-customer")
    return tuple(reasons)


def _words(name: str) -> frozenset[str]:
    return frozenset(fold(name).replace(",", " ").split())


def _fits(entry: StatementEntry, one: Candidate, policy: Policy) -> str:
    """How the amount stands to what is due of a document: a reason."""
    if one.facts.due_minor == 0:
        return "nothing-due-on-document"
    if (one.facts.due_minor > 0) != (entry.amount_minor > 0):
        return "direction-does-not-fit-document"
    row = Row(entry.line, one.number, entry.amount_minor, entry.value_on, entry.currency)
    decision = decide_payment(one.facts, row, policy)
    if decision.outcome is Outcome.BOOKED and decision.code in _CLOSED_BY:
        return _CLOSED_BY[decision.code]
    return "amount-above-due" if abs(entry.amount_minor) > abs(one.facts.due_minor) else "amount-below-due"


def _allocated(amount_minor: int, candidates: Sequence[Candidate]) -> tuple[tuple[str, int], ...]:
    """Money that came in, over what is due of these documents in their order; never more than there is."""
    left = max(amount_minor, 0)
    allocations = []
    for one in candidates:
        part = min(left, max(one.facts.due_minor, 0))
        if part:
            allocations.append((one.number, part))
            left -= part
    return tuple(allocations)


MATCH_REASONS: dict[str, Words] = {
    "account-of-customer": Words(
        en="The payer's account belongs to this customer.",
        de="Das Konto des Zahlers gehört zu diesem Kunden.",
    ),
    "amount-above-due": Words(
        en="More was paid than is due.",
        de="Es wurde mehr gezahlt, als offen ist.",
    ),
    "amount-below-due": Words(
        en="Less was paid than is due, and no cash discount fits.",
        de="Es wurde weniger gezahlt, als offen ist, und kein Skonto passt.",
    ),
    "amount-is-due": Words(
        en="The amount is what is due.",
        de="Der Betrag ist genau der offene.",
    ),
    "amount-is-not-sum-of-dues": Words(
        en="The amount is not what is due on the named invoices together.",
        de="Der Betrag ist nicht die Summe des Offenen der genannten Rechnungen.",
    ),
    "amount-is-sum-of-dues": Words(
        en="The amount is what is due on all named invoices together.",
        de="Der Betrag ist die Summe des Offenen aller genannten Rechnungen.",
    ),
    "amount-with-dunning-fee": Words(
        en="The amount is what is due and a dunning fee.",
        de="Der Betrag ist das Offene und eine Mahngebühr.",
    ),
    "amount-within-discount": Words(
        en="The amount is what is due less the cash discount of the invoice's terms.",
        de="Der Betrag ist das Offene abzüglich des vereinbarten Skontos.",
    ),
    "credit-note-in-sum": Words(
        en="The sum only fits with a credit note or a closed invoice in it.",
        de="Die Summe passt nur mit einer Gutschrift oder einer erledigten Rechnung darin.",
    ),
    "currency-of-entry-differs": Words(
        en="The named invoice is in another currency than the payment.",
        de="Die genannte Rechnung hat eine andere Währung als die Zahlung.",
    ),
    "direction-does-not-fit-document": Words(
        en="Money came in for a credit note, or went out for an invoice.",
        de="Für eine Gutschrift ging Geld ein, oder für eine Rechnung ging Geld hinaus.",
    ),
    "entry-is-reversal": Words(
        en="The bank undoes an earlier entry with this one.",
        de="Die Bank nimmt hiermit einen früheren Umsatz zurück.",
    ),
    "further-number-named": Words(
        en="The payer names a further number of a series that is not open here.",
        de="Der Zahler nennt eine weitere Nummer einer Serie, die hier nicht offen ist.",
    ),
    "money-went-out": Words(
        en="Money went out: a refund or a returned debit is for a person to decide.",
        de="Geld ging hinaus: Über eine Erstattung oder Rücklastschrift entscheidet ein Mensch.",
    ),
    "name-of-customer": Words(
        en="The payer has this customer's name.",
        de="Der Zahler heißt wie dieser Kunde.",
    ),
    "no-number-named": Words(
        en="The payer names no invoice number.",
        de="Der Zahler nennt keine Rechnungsnummer.",
    ),
    "nothing-due-on-document": Words(
        en="Nothing is due on the named document.",
        de="Auf dem genannten Beleg ist nichts offen.",
    ),
    "nothing-fits": Words(
        en="No invoice fits by number, payer or amount.",
        de="Keine Rechnung passt nach Nummer, Zahler oder Betrag.",
    ),
    "nothing-moved": Words(
        en="The entry is over nothing; it only informs.",
        de="Der Umsatz lautet über null; er dient nur zur Information.",
    ),
    "number-in-end-to-end-id": Words(
        en="The number stands in the end-to-end id.",
        de="Die Nummer steht in der Ende-zu-Ende-Referenz.",
    ),
    "number-in-text": Words(
        en="The number stands in the payer's text.",
        de="Die Nummer steht im Verwendungszweck.",
    ),
    "number-is-short": Words(
        en="The number has few digits and no letters; it may mean something else.",
        de="Die Nummer hat wenige Ziffern und keine Buchstaben; sie kann etwas anderes bedeuten.",
    ),
    "numbers-look-alike": Words(
        en="Two documents have numbers that only differ in separators.",
        de="Zwei Belege haben Nummern, die sich nur in Trennzeichen unterscheiden.",
    ),
}
"""Code -> what a person reads beside a suggestion or a booking."""
