"""What people read in reports and on the page: reasons of rows, outcomes, headings, in both languages
(RI-38).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from tillbridge.kernel.errors import Words
from tillbridge.kernel.refusals import REFUSALS as KERNEL_REFUSALS
from tillbridge.ledger.refusals import REFUSALS as LEDGER_REFUSALS

from .decisions import REASONS
from .guards import GUARDS
from .import_model import Stop
from .import_refusals import STOPS
from .matching import MATCH_REASONS
from .problem_words import NOTICES, PROBLEMS
from .refusals import REFUSALS
from .row_outcomes import RowOutcome

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Line", "Invoice number", "Amount", "Day", "Outcome", "Code", "Reason", "Applied", "Cash discount",
        "Dunning fee", "Not booked", "Due afterwards", "Value date", "Column", "Cell", "Journal entry",
        "Dunning level", "Currency",
    ),
    "de": (
        "Zeile", "Rechnungsnummer", "Betrag", "Datum", "Ergebnis", "Code", "Begründung", "Angerechnet",
        "Skonto", "Mahngebühr", "Nicht gebucht", "Offen danach", "Wertstellung", "Spalte", "Zelle",
        "Buchung", "Mahnstufe", "Währung",
    ),
}  # fmt: skip
"""Headings of the CSV report."""

OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "booked": "booked",
        "ignored": "ignored",
        "review": "waits for a decision",
        "refused": "refused",
        "reversed": "reversed",
        "undecided": "stayed undecided; the import is taken back",
        "would-be-booked": "would be booked",
    },
    "de": {
        "booked": "gebucht",
        "ignored": "übergangen",
        "review": "wartet auf Entscheidung",
        "refused": "abgelehnt",
        "reversed": "storniert",
        "undecided": "blieb unentschieden; der Import ist gelöscht",
        "would-be-booked": "würde gebucht",
    },
}

OWN_REASONS: Mapping[str, Words] = {
    "changed": Words(
        en="Known; what the row says otherwise is changed.",
        de="Bekannt; was die Zeile anders sagt, wird geändert.",
    ),
    "decided-by-hand": Words(
        en="A person decided this booking.",
        de="Diese Buchung hat eine Person entschieden.",
    ),
    "dismissed-by-hand": Words(
        en="A person dismissed this row; nothing is booked.",
        de="Diese Zeile hat eine Person verworfen; nichts wird gebucht.",
    ),
    "entry-seen-before": Words(
        en="This movement of the account was in the statement of import {import} already.",
        de="Diesen Umsatz hatte schon der Auszug des Imports {import}.",
    ),
    "match-not-certain": Words(
        en="The movement may pay a document, but it is not certain. Decide by hand.",
        de="Der Umsatz könnte einen Beleg bezahlen, sicher ist es nicht. Bitte von Hand entscheiden.",
    ),
    "match-not-booked": Words(
        en="The movement names what it pays and the amount fits, but it is not booked by itself. Decide by "
        "hand.",
        de="Der Umsatz nennt, was er bezahlt, und der Betrag passt, aber er wird nicht von selbst gebucht. "
        "Bitte von Hand entscheiden.",
    ),
    "maybe-seen-before": Words(
        en="A movement just like this one came with import {import}, from another statement of the account "
        "({other}; this one is {own}), and the bank gives neither a reference. Look into both statements: if "
        "the money moved twice, book it; if they overlap and it is the same movement, dismiss it.",
        de="Ein Umsatz genau wie dieser kam mit dem Import {import}, aus einem anderen Auszug des Kontos "
        "({other}; dieser ist {own}), und die Bank nennt zu keinem eine Referenz. Bitte in beide Auszüge "
        "sehen: Floss das Geld zweimal, buchen; überlappen sie sich und es ist derselbe Umsatz, verwerfen.",
    ),
    "no-invoice-found": Words(
        en="No document fits this movement. Decide by hand, or dismiss it.",
        de="Zu diesem Umsatz passt kein Beleg. Bitte von Hand entscheiden oder verwerfen.",
    ),
    "nothing-moved": Words(
        en="The entry is over nothing; it only informs.",
        de="Der Umsatz lautet über null; er dient nur zur Information.",
    ),
    "recorded": Words(
        en="New; what the row says is recorded.",
        de="Neu; was die Zeile sagt, wird erfasst.",
    ),
    "recorded-before": Words(
        en="It is recorded already, and nothing in the file says otherwise.",
        de="Er ist schon erfasst, und nichts in der Datei sagt anderes.",
    ),
    "recorded-otherwise": Words(
        en="A document of this number is recorded already, and what it says is not what the file says in: "
        "{columns}. Documents are not edited: write a credit note, or take another number.",
        de="Ein Beleg dieser Nummer ist schon erfasst und sagt anderes als die Datei in: {columns}. "
        "Belege werden nicht geändert: bitte eine Gutschrift schreiben oder eine andere Nummer nehmen.",
    ),
}
"""Reasons beside those of the rules (``decisions.REASONS``)."""

TOUCHED_SINCE = Words(
    en=" Something else has touched the document since; only the import's amounts were taken out.",
    de=" Seither hat etwas anderes den Beleg verändert; nur die Beträge des Imports wurden herausgenommen.",
)
_WHERE = Words(en="Column {column}, cell “{value}”: ", de="Spalte {column}, Zelle „{value}“: ")
_IN_LINE = Words(
    en="Line {line}, column {column}, cell “{value}”: ",
    de="Zeile {line}, Spalte {column}, Zelle „{value}“: ",
)
"""A document is refused as a whole: all its rows name the line at fault."""
_TABLES = (
    REASONS, OWN_REASONS, PROBLEMS, NOTICES, GUARDS, STOPS, REFUSALS, LEDGER_REFUSALS, KERNEL_REFUSALS,
)  # fmt: skip


def words_of(code: str) -> Words:
    """The words of a code, whichever table has them; a code without words is a bug."""
    for table in _TABLES:
        if code in table:
            return table[code]
    raise KeyError(code)


def sentence(told: RowOutcome, language: str, *, touched_since: bool = False) -> str:
    """Why a row had its outcome, as a person reads it."""
    return _sentence(told.code, told.column, told.value, told.facts, language, touched_since)


@lru_cache(maxsize=4096)
def _sentence(
    code: str,
    column: str,
    value: str,
    told_facts: tuple[tuple[str, str], ...],
    language: str,
    touched_since: bool,
) -> str:
    """The same sentence is said about a million rows of a file: it is made once."""
    facts = _Facts(dict(told_facts) | {"field": column, "column": column, "value": value})
    said = _said(words_of(code), language, facts)
    if column and "{field}" not in words_of(code).en:
        said = _said(_IN_LINE if "line" in facts else _WHERE, language, facts) + said
    reasons = [MATCH_REASONS[code] for code in facts.get("reasons", "").split() if code in MATCH_REASONS]
    said = " ".join([said, *(_said(words, language, facts) for words in reasons)])
    return said + (_said(TOUCHED_SINCE, language, facts) if touched_since else "")


def stop_sentence(stop: Stop, language: str) -> str:
    """Why an import waits or ended, or what to know of it; a fact ``x_de`` is ``x`` in German."""
    words = words_of(stop.code)
    facts = {"field": stop.field_name, "value": stop.value, **stop.facts}
    if stop.field_name == "line":
        facts.setdefault("line", stop.value)
    if language == "de":
        facts |= {name.removesuffix("_de"): text for name, text in facts.items() if name.endswith("_de")}
    return _said(words, language, _Facts(facts))


class _Facts(dict[str, str]):
    """Facts of which none may be missing in a sentence: what nobody told stays visible."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def _said(words: Words, language: str, facts: _Facts) -> str:
    return (words.de if language == "de" else words.en).format_map(facts)
