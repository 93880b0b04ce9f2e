"""What the rules decide on, and what they decide: facts of a document, policy, decision, reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from tillbridge.kernel.errors import Words


class Outcome(StrEnum):
    """What became of a row: see ``docs/formats/settlement.md``."""

    BOOKED = "booked"
    IGNORED = "ignored"
    REVIEW = "review"
    REFUSED = "refused"


class Facts(NamedTuple):
    """What the rules must know of a document; amounts are signed as the document's are (invoice above zero).

    ``discounts`` are the steps of its terms: days and basis points, sooner ones first. ``sign`` is 1 for an
    invoice, -1 for a credit note or an incoming invoice.
    """

    sign: int
    total_minor: int
    paid_minor: int
    discounted_minor: int
    fees_minor: int
    dunning_level: int
    issued_on: str
    discounts: tuple[tuple[int, int], ...] = ()

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        return self.total_minor - self.paid_minor - self.discounted_minor


class Policy(NamedTuple):
    """What a profile and the chain say: the maximum of an automatic dunning fee, and the import's own day.

    ``settle_by`` is the value date of *set to paid by date* (RI-6); every listed invoice is then settled.
    """

    max_fee_minor: int
    import_day: str
    settle_by: str = ""


class Decision(NamedTuple):
    """What is done about one row; amounts are signed as the document's are, the fee never below zero.

    ``ignored_minor`` is the part of the row's money that is booked nowhere. ``value_on`` is the day of the
    bookings. ``settled`` says that nothing is due afterwards.
    """

    outcome: Outcome
    code: str
    applied_minor: int = 0
    discount_minor: int = 0
    fee_minor: int = 0
    ignored_minor: int = 0
    due_after_minor: int = 0
    dunning_level: int | None = None
    value_on: str = ""

    @property
    def settled(self) -> bool:
        """True when the document is closed or overpaid afterwards, by a booking of this row."""
        return self.outcome is Outcome.BOOKED and self.code in CLOSING


CLOSING = frozenset(
    {
        "settled",
        "settled-with-discount",
        "settled-with-discount-by-terms",
        "settled-with-fee",
        "settled-with-fee-and-overpaid",
        "settled-with-fee-rest-ignored",
        "overpaid",
        "capped",
        "settled-by-absence",
        "settled-by-absence-though-booked",
    }
)
"""Reasons after which nothing is due any more."""

REASONS: Mapping[str, Words] = {
    "absent-but-changed": Words(
        en="The invoice is not on the list, but it has changed since the list was looked at; nothing is "
        "booked. The next list will tell.",
        de="Die Rechnung steht nicht auf der Liste, hat sich aber seit deren Prüfung geändert; nichts wird "
        "gebucht. Die nächste Liste wird es zeigen.",
    ),
    "amount-is-zero": Words(
        en="The row pays nothing; a discount of the whole invoice is none. Decide by hand.",
        de="Die Zeile zahlt nichts; ein Skonto über die ganze Rechnung ist keines. Bitte von Hand "
        "entscheiden.",
    ),
    "booked-before": Words(
        en="This very row was booked by import {import} already; it is not booked again.",
        de="Genau diese Zeile hat schon der Import {import} gebucht; sie wird nicht noch einmal gebucht.",
    ),
    "booked-before-otherwise": Words(
        en="An earlier import booked this payment, but its row asked otherwise for discount, fee, "
        "overpayment or reopening. Is this another payment?",
        de="Ein früherer Import hat diese Zahlung gebucht, aber mit anderen Angaben zu Skonto, Mahngebühr, "
        "Überzahlung oder Wiederöffnen. Ist dies eine weitere Zahlung?",
    ),
    "booked-since-list": Words(
        en="Something was recorded on this invoice on the day of the list or after it, of which the list may "
        "not know. Compare both, and decide by hand.",
        de="Auf dieser Rechnung wurde am Stichtag der Liste oder danach etwas erfasst; davon weiß die Liste "
        "vielleicht nichts. Bitte beides vergleichen und von Hand entscheiden.",
    ),
    "capped": Words(
        en="The invoice is settled; what was paid beyond it is not booked, since overpayment says no.",
        de="Die Rechnung ist ausgeglichen; was darüber hinaus gezahlt wurde, wird nicht gebucht "
        "(Überzahlung: Nein).",
    ),
    "changed-since-preview": Words(
        en="More would be booked now than when the list was looked at, since the invoice has changed "
        "meanwhile. Decide by hand.",
        de="Es würde jetzt mehr gebucht als bei der Prüfung der Liste, weil die Rechnung sich inzwischen "
        "geändert hat. Bitte von Hand entscheiden.",
    ),
    "closed-not-overpaid": Words(
        en="The invoice is closed and may not be overpaid by this row; nothing is booked.",
        de="Die Rechnung ist geschlossen und darf durch diese Zeile nicht überzahlt werden; nichts "
        "wird gebucht.",
    ),
    "closed-not-reopened": Words(
        en="The invoice is closed, and reopening says no; the row is ignored.",
        de="Die Rechnung ist geschlossen, und Wiederöffnen ist Nein; die Zeile wird übergangen.",
    ),
    "currency-differs": Words(
        en="The row is in another currency than its invoice.",
        de="Die Zeile hat eine andere Währung als ihre Rechnung.",
    ),
    "currency-not-of-list": Words(
        en="The invoice is in another currency than this profile, so the list is not about it; nothing is "
        "booked. Import it by a profile of that currency.",
        de="Die Rechnung hat eine andere Währung als dieses Profil; die Liste betrifft sie nicht, nichts "
        "wird gebucht. Bitte über ein Profil jener Währung importieren.",
    ),
    "day-before-invoice": Words(
        en="The row's day lies before the day of the invoice. Check the invoice number and the day.",
        de="Der Tag der Zeile liegt vor dem Rechnungsdatum. Bitte Rechnungsnummer und Tag prüfen.",
    ),
    "day-in-future": Words(
        en="The row's day lies in the future. Check the day.",
        de="Der Tag der Zeile liegt in der Zukunft. Bitte den Tag prüfen.",
    ),
    "document-in-too-many-rows": Words(
        en="The list names this document in more than 1,000 rows. Check whether its column holds the numbers "
        "of documents.",
        de="Die Liste nennt diesen Beleg in mehr als 1.000 Zeilen. Bitte prüfen, ob ihre Spalte wirklich "
        "Belegnummern enthält.",
    ),
    "dunning-level-set": Words(
        en="The invoice's dunning level is set.",
        de="Die Mahnstufe der Rechnung wird gesetzt.",
    ),
    "dunning-on-credit-note": Words(
        en="The document is no invoice to a customer; nobody duns it.",
        de="Der Beleg ist keine Rechnung an einen Kunden; er wird nicht gemahnt.",
    ),
    "fee-exceeds-payment": Words(
        en="The dunning fee is larger than the whole payment. Check both amounts.",
        de="Die Mahngebühr ist größer als die ganze Zahlung. Bitte beide Beträge prüfen.",
    ),
    "fee-on-credit-note": Words(
        en="A dunning fee can't belong to a credit note or an incoming invoice. Decide by hand.",
        de="Zu einer Gutschrift oder Eingangsrechnung gehört keine Mahngebühr. Bitte von Hand entscheiden.",
    ),
    "fee-only": Words(
        en="The whole payment is dunning fee; the invoice stays as it is.",
        de="Die ganze Zahlung ist Mahngebühr; die Rechnung bleibt, wie sie ist.",
    ),
    "invoice-after-list": Words(
        en="The list is said to be older than this invoice, and still shows it. Check the day of the list.",
        de="Die Liste soll älter sein als diese Rechnung und führt sie doch. Bitte den Stichtag der Liste "
        "prüfen.",
    ),
    "invoice-cancelled": Words(
        en="The invoice is cancelled, so nothing is to be paid on it. Decide by hand: what is booked on it "
        "is passed on to its credit note.",
        de="Die Rechnung ist storniert; auf sie ist nichts mehr zu zahlen. Bitte von Hand entscheiden: Was "
        "auf sie gebucht wird, geht auf ihre Gutschrift über.",
    ),
    "invoice-of-another-branch": Words(
        en="The invoice belongs to a branch that this profile does not cover.",
        de="Die Rechnung gehört zu einer Filiale, die dieses Profil nicht umfasst.",
    ),
    "invoice-of-another-client": Words(
        en="The invoice belongs to another client than this profile.",
        de="Die Rechnung gehört zu einem anderen Mandanten als dieses Profil.",
    ),
    "invoice-unknown": Words(
        en="There is no invoice of this number. Check the number, or record the invoice first.",
        de="Eine Rechnung mit dieser Nummer gibt es nicht. Bitte die Nummer prüfen oder die "
        "Rechnung zuerst erfassen.",
    ),
    "maybe-booked-before": Words(
        en="An equal row without day and reference was booked by an earlier import. Is this another payment?",
        de="Eine gleiche Zeile ohne Tag und Referenz hat ein früherer Import gebucht. Ist dies eine "
        "weitere Zahlung?",
    ),
    "nothing-due": Words(
        en="Nothing is due on the invoice; there is nothing to book.",
        de="Auf der Rechnung ist nichts offen; es gibt nichts zu buchen.",
    ),
    "open-amount-has-wrong-sign": Words(
        en="The list shows this invoice as a credit, or the credit note as a debt. Check the list.",
        de="Die Liste führt diese Rechnung als Guthaben oder die Gutschrift als Forderung. Bitte "
        "die Liste prüfen.",
    ),
    "open-amount-missing": Words(
        en="A row of this invoice names no open amount, so the list doesn't say what is open of it.",
        de="Eine Zeile dieser Rechnung nennt keinen offenen Betrag; die Liste sagt also nicht, was von ihr "
        "offen ist.",
    ),
    "open-amount-rose": Words(
        en="The list shows more open than is due here. A rise is never booked by itself; decide by hand.",
        de="Laut Liste ist mehr offen als hier. Ein Anstieg wird nie von selbst gebucht; bitte von "
        "Hand entscheiden.",
    ),
    "other-row-is-wrong": Words(
        en="Another row of this invoice is wrong, so the list doesn't say what is open of it.",
        de="Eine andere Zeile dieser Rechnung ist falsch; die Liste sagt also nicht, was von ihr offen ist.",
    ),
    "overpaid": Words(
        en="More was paid than was due; the excess is booked onto the invoice.",
        de="Es wurde mehr gezahlt als offen war; der Überschuss wird auf die Rechnung gebucht.",
    ),
    "overtaken-in-file": Words(
        en="A later row of the same file says something else about this invoice; that one counts.",
        de="Eine spätere Zeile derselben Datei sagt über diese Rechnung etwas anderes; jene gilt.",
    ),
    "paid-in-part": Words(
        en="Less was paid than is due, and no cash discount fits; the invoice stays open.",
        de="Es wurde weniger gezahlt als offen ist, und kein Skonto passt; die Rechnung bleibt offen.",
    ),
    "partly-cleared": Words(
        en="Only some of this invoice's lines bear a clearing mark; it is not settled by this list.",
        de="Nur ein Teil der Posten dieser Rechnung trägt ein Ausgleichskennzeichen; die Liste "
        "gleicht sie nicht aus.",
    ),
    "payment-returned": Words(
        en="A payment was returned; the invoice's open amount rises again.",
        de="Eine Zahlung ging zurück; der offene Betrag der Rechnung steigt wieder.",
    ),
    "returned-more-than-paid": Words(
        en="More is returned than was ever paid on this invoice here. Decide by hand.",
        de="Es geht mehr zurück, als hier je auf diese Rechnung gezahlt wurde. Bitte von Hand entscheiden.",
    ),
    "set-to-open-amount": Words(
        en="The invoice is set to the open amount of the list; the difference is booked as payment.",
        de="Die Rechnung wird auf den offenen Betrag der Liste gesetzt; die Differenz wird als "
        "Zahlung gebucht.",
    ),
    "settled": Words(
        en="The invoice is settled.",
        de="Die Rechnung ist ausgeglichen.",
    ),
    "settled-by-absence": Words(
        en="The invoice is not on the list of open items any more; it is settled.",
        de="Die Rechnung steht nicht mehr auf der Liste der offenen Posten; sie wird ausgeglichen.",
    ),
    "settled-by-absence-though-booked": Words(
        en="The invoice is not on the list of open items any more; it is settled, though something was "
        "recorded on it on the day of the list or later.",
        de="Die Rechnung steht nicht mehr auf der Liste der offenen Posten; sie wird ausgeglichen, obwohl am "
        "Stichtag oder danach etwas auf ihr erfasst wurde.",
    ),
    "settled-with-discount": Words(
        en="The row grants a cash discount; the shortfall is booked as discount, the invoice is settled.",
        de="Die Zeile gewährt Skonto; der Fehlbetrag wird als Skonto gebucht, die Rechnung ist ausgeglichen.",
    ),
    "settled-with-discount-by-terms": Words(
        en="Day and share fit the invoice's terms; the shortfall is booked as cash discount.",
        de="Tag und Prozentsatz passen zu den Zahlungsbedingungen; der Fehlbetrag wird als Skonto gebucht.",
    ),
    "settled-with-fee": Words(
        en="The invoice is settled; what was paid beyond it is a dunning fee.",
        de="Die Rechnung ist ausgeglichen; was darüber hinaus gezahlt wurde, ist Mahngebühr.",
    ),
    "settled-with-fee-and-overpaid": Words(
        en="The invoice is settled, a dunning fee taken; the rest is booked onto the invoice as overpayment.",
        de="Rechnung ausgeglichen, Mahngebühr verbucht; der Rest wird als Überzahlung auf die "
        "Rechnung gebucht.",
    ),
    "settled-with-fee-rest-ignored": Words(
        en="The invoice is settled, a dunning fee taken; the rest is not booked, since overpayment says no.",
        de="Rechnung ausgeglichen, Mahngebühr verbucht; der Rest wird nicht gebucht (Überzahlung: Nein).",
    ),
    "still-open-there": Words(
        en="The list shows this item without a clearing mark: it is still open there.",
        de="Die Liste zeigt diesen Posten ohne Ausgleichskennzeichen: er ist dort noch offen.",
    ),
    "unchanged": Words(
        en="Nothing changes: the invoice stands here as the list says.",
        de="Nichts ändert sich: die Rechnung steht hier, wie die Liste es sagt.",
    ),
}
"""Code -> what a person reads in the report (RI-38)."""
