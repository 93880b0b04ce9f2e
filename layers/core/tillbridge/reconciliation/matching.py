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
from .invoice_numbers import MAX_NUMBERS, MAX_TEXT_CHARS, invoice_numbers_in, number_key, number_like_in
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

    No other number than those of the candidates is ever given. Of candidates of one number the first counts;
    otherwise their order does not matter: older documents are paid first.
    """
    if entry.amount_minor == 0:
        return Match(MatchKind.NONE, reasons=("nothing-moved",))
    known: dict[str, Candidate] = {}
    for one in candidates:
        known.setdefault(one.number, one)
    ordered = sorted(known.values(), key=lambda one: (one.facts.issued_on, one.number))
    named = _Named.of(entry, ordered, masks)
    if named.candidates:
        return _by_number(entry, named, policy)
    if named.doubts:
        return Match(MatchKind.NONE, reasons=named.doubts)
    return _by_payer(entry, [one for one in ordered if one.currency == entry.currency], policy)


class _Named(NamedTuple):
    """The candidates that an entry names, and what makes that less than clear."""

    candidates: tuple[Candidate, ...]
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]

    @staticmethod
    def of(entry: StatementEntry, known: Sequence[Candidate], masks: Sequence[str]) -> _Named:
        texts = (entry.text, entry.end_to_end_id)
        in_series = [number for text in texts for number in invoice_numbers_in(text, masks)]
        text_keys, id_keys = (_keys(text, masks) for text in texts)
        named = [one for one in known if number_key(one.number) in text_keys | id_keys]
        found = tuple(one for one in named if one.currency == entry.currency)
        keys = [number_key(one.number) for one in found]
        reasons = [
            reason
            for reason, there in (("number-in-text", text_keys), ("number-in-end-to-end-id", id_keys))
            if any(key in there for key in keys)
        ]
        doubts = ["currency-of-entry-differs"] if len(found) < len(named) else []
        if found:
            doubts += _doubts_about(keys, {number_key(number) for number in in_series}, known)
            if max(map(len, texts)) > MAX_TEXT_CHARS or len(in_series) >= MAX_NUMBERS:
                doubts.append("text-not-read-to-its-end")
        return _Named(found, tuple(reasons), tuple(doubts))


def _doubts_about(keys: Sequence[str], series_keys: set[str], known: Sequence[Candidate]) -> list[str]:
    """What makes the numbers that an entry names less than clear."""
    doubts = []
    if len(set(keys)) < len(keys):
        doubts.append("numbers-look-alike")
    if series_keys - {number_key(one.number) for one in known}:
        doubts.append("further-number-named")
    if any(key.isdigit() and len(key) < SHORT_NUMBER and key not in series_keys for key in keys):
        doubts.append("number-is-short")
    return doubts


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
    for one in ours:
        reasons = _payer_reasons(entry, one)
        fits = _fits(entry, one, policy)
        meets = fits in _CLOSED_BY.values() and not entry.reversal
        if reasons or meets:
            rank = (-len(reasons) - meets, "account-of-customer" not in reasons)
            ranked.append((rank, one, (*reasons, fits) if meets else reasons))
    if not ranked:
        return Match(MatchKind.NONE, reasons=("nothing-fits",))
    ranked.sort(key=lambda three: three[0])  # older documents stay before newer ones
    _, best, reasons = ranked[0]
    clear = len(ranked) == 1 or ranked[1][0][0] > ranked[0][0][0]
    allocations = _allocated(entry.amount_minor, (best,)) if clear else ()
    numbers = tuple(one.number for _, one, _ in ranked)[:MAX_SUGGESTED]
    return Match(MatchKind.SUGGESTED, allocations, ("no-number-named", *reasons), numbers)


def _payer_reasons(entry: StatementEntry, one: Candidate) -> tuple[str, ...]:
    reasons = []
    if entry.payer_account and entry.payer_account in one.customer_accounts:
        reasons.append("account-of-customer")
    words = _words(one.customer_name)
    if words and _words(entry.payer_name) == words:
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
    decision = decide_payment(one.facts, row, policy._replace(settle_by=""))
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
        en="A named invoice is in another currency than the payment.",
        de="Eine genannte Rechnung hat eine andere Währung als die Zahlung.",
    ),
    "direction-does-not-fit-document": Words(
        en="Money came in for a credit note, or went out for an invoice.",
        de="Für eine Gutschrift ging Geld ein, oder für eine Rechnung ging Geld hinaus.",
    ),
    "document-full": Words(
        en="A named document can hold no further booking, or none so large; write a credit note and a new "
        "invoice.",
        de="Ein genannter Beleg fasst keine weitere Buchung, oder keine so große; bitte eine Gutschrift und "
        "eine neue Rechnung schreiben.",
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
    "rules-decide-otherwise": Words(
        en="The rules of payments leave this amount on a named document to a person.",
        de="Die Regeln für Zahlungen überlassen diesen Betrag auf einem genannten Beleg einem Menschen.",
    ),
    "text-not-read-to-its-end": Words(
        en="The payer's text is longer than what is searched; it may name further numbers.",
        de="Der Verwendungszweck ist länger als das, was durchsucht wird; er kann weitere Nummern nennen.",
    ),
    "value-day-ahead": Words(
        en="Its booking day lies after today, or its value day more than a week after today; check the days "
        "of the statement, and book it when they have come.",
        de="Der Buchungstag liegt nach heute oder die Wertstellung mehr als eine Woche nach heute; bitte die "
        "Tage des Auszugs prüfen und buchen, wenn sie gekommen sind.",
    ),
    "value-day-before-invoice": Words(
        en="The value day lies before the day of a named invoice; check that it really is this invoice.",
        de="Die Wertstellung liegt vor dem Tag einer genannten Rechnung; bitte prüfen, ob es wirklich diese "
        "Rechnung ist.",
    ),
}
"""Code -> what a person reads beside a suggestion or a booking."""

NOT_BOOKED = frozenset(
    {"document-full", "rules-decide-otherwise", "value-day-ahead", "value-day-before-invoice"}
)
"""Those of a certain match that waits all the same; whoever books finds them, not the match."""
