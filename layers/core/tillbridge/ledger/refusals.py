"""What the ledger refuses, in words: documents, customers, orders; the books stand in ``books_refusals``."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

from .books_refusals import BOOKS_REFUSALS

_OF_DOCUMENTS: dict[str, Words] = {
    "country-unreadable": Words(
        en="{value} is no country. Write the two capital letters of ISO 3166-1, such as DE.",
        de="{value} ist kein Land. Bitte die zwei Großbuchstaben nach ISO 3166-1 schreiben, etwa DE.",
    ),
    "customer-changed-meanwhile": Words(
        en="Somebody else changed the customer {value} at the same time. Read it again, then change it.",
        de="Jemand anderes hat den Kunden {value} gleichzeitig geändert. Bitte neu lesen und dann ändern.",
    ),
    "customer-not-found": Words(
        en="There is no customer {value} here. Write the customer down first, or leave it out.",
        de="Einen Kunden {value} gibt es hier nicht. Bitte zuerst anlegen oder weglassen.",
    ),
    "customer-number-taken": Words(
        en="The number {value} belongs to a customer of another branch. Choose another number.",
        de="Die Nummer {value} gehört einem Kunden einer anderen Filiale. Bitte eine andere wählen.",
    ),
    "day-out-of-range": Words(
        en="{value} lies too far away; days from {earliest} to {latest} are taken.",
        de="{value} liegt zu weit weg; möglich sind Tage von {earliest} bis {latest}.",
    ),
    "discount-incomplete": Words(
        en="Step {step} of the cash discount needs both days and a percentage; {field} is missing.",
        de="Zur Stufe {step} des Skontos gehören Tage und ein Prozentsatz; {field} fehlt.",
    ),
    "discounts-out-of-order": Words(
        en="The steps of the cash discount must have growing days and falling percentages, not {value}.",
        de="Die Stufen des Skontos brauchen steigende Tage und fallende Prozentsätze, nicht {value}.",
    ),
    "discounts-too-many": Words(
        en="Terms have at most {most} steps of cash discount, not {value}.",
        de="Zahlungsbedingungen haben höchstens {most} Stufen Skonto, nicht {value}.",
    ),
    "document-cancelled-already": Words(
        en="The invoice {value} was cancelled already, by {by}.",
        de="Die Rechnung {value} ist schon storniert, durch {by}.",
    ),
    "document-handed-over-before": Words(
        en="The document {value} was handed over to accounting already, on {day}; that day stays.",
        de="Der Beleg {value} wurde schon an die Buchhaltung übergeben, am {day}; dieser Tag bleibt.",
    ),
    "document-has-too-many-bookings": Words(
        en="The document {value} has had {most} bookings, which is all that it can hold. "
        "Settle what is left under a new document.",
        de="Der Beleg {value} hat schon {most} Buchungen, mehr fasst er nicht. "
        "Bitte den Rest über einen neuen Beleg ausgleichen.",
    ),
    "document-kind-unknown": Words(
        en="{value} is no kind of document. Write one of: {kinds}.",
        de="{value} ist keine Belegart. Bitte eine davon schreiben: {kinds}.",
    ),
    "document-not-cancellable": Words(
        en="Only an invoice of ours is cancelled by a credit note; {value} is of kind {kind}.",
        de="Nur eine eigene Rechnung wird durch eine Gutschrift storniert; {value} ist von der Art {kind}.",
    ),
    "document-not-found": Words(
        en="There is no document {value} here.",
        de="Einen Beleg {value} gibt es hier nicht.",
    ),
    "document-number-taken": Words(
        en="The number {value} is another document's; every document has its own, whatever its case. "
        "Leave the number out to get the next one of the branch's series.",
        de="Die Nummer {value} hat schon ein anderer Beleg; jeder hat seine eigene, unabhängig von Groß- und "
        "Kleinschreibung. Ohne Angabe wird die nächste aus dem Nummernkreis der Filiale vergeben.",
    ),
    "document-sum-too-large": Words(
        en="What is paid or due on the document {value} would be more than {most}, the largest amount that "
        "can be held. Check the amount.",
        de="Was auf den Beleg {value} gezahlt oder offen ist, wäre mehr als {most}, der größte mögliche "
        "Betrag. Bitte den Betrag prüfen.",
    ),
    "document-twice": Words(
        en="The document {value} stands twice in the list; name each once.",
        de="Der Beleg {value} steht zweimal in der Liste; bitte jeden nur einmal nennen.",
    ),
    "documents-filter-not-given": Words(
        en="Say which documents: branch and day, customer, or branch, side and currency of open ones.",
        de="Bitte angeben, welche Belege: Filiale und Tag, Kunde oder (offene) Filiale, Seite und Währung.",
    ),
    "entry-not-found": Words(
        en="There is no journal entry {value} here.",
        de="Eine Journalbuchung {value} gibt es hier nicht.",
    ),
    "handed-over-before-issue": Words(
        en="{value} lies before the day of the document ({issued}); it can't have been handed over then.",
        de="{value} liegt vor dem Belegdatum ({issued}); da kann er noch nicht übergeben worden sein.",
    ),
    "issued-ahead": Words(
        en="The day {value} lies ahead; it is {today} now. Check the date of the document.",
        de="Der Tag {value} liegt in der Zukunft; heute ist der {today}. Bitte das Belegdatum prüfen.",
    ),
    "issued-before-cancelled": Words(
        en="{value} lies before the day of the invoice ({issued}). Give the day of the cancellation.",
        de="{value} liegt vor dem Rechnungsdatum ({issued}). Bitte den Tag des Stornos angeben.",
    ),
    "language-unknown": Words(
        en="{value} is no language that we write in. Use de or en.",
        de="{value} ist keine Sprache, in der wir schreiben. Bitte de oder en angeben.",
    ),
    "ledger-key-reused": Words(
        en="The Idempotency-Key {value} was used for another request. Use a new one for a new document.",
        de="Der Idempotency-Key {value} wurde für eine andere Anfrage verwendet. "
        "Für einen neuen Beleg bitte einen neuen verwenden.",
    ),
    "lines-differ-in-head": Words(
        en="The lines of {number} contradict each other: {field} is “{value}” in line {line} and “{first}” "
        "in line {first_line}. What concerns the whole document must be the same on all its lines.",
        de="Die Zeilen von {number} widersprechen sich: {field} ist in Zeile {line} „{value}“, in Zeile "
        "{first_line} „{first}“. Was den ganzen Beleg betrifft, muss in allen seinen Zeilen gleich sein.",
    ),
    "lines-none-or-too-many": Words(
        en="A document has 1 to {most} lines, not {value}.",
        de="Ein Beleg hat 1 bis {most} Zeilen, nicht {value}.",
    ),
    "name-is-empty": Words(
        en="The customer has no name. Give it.",
        de="Der Kunde hat keinen Namen. Bitte angeben.",
    ),
    "order-changed-meanwhile": Words(
        en="Somebody else changed the order {value} at the same time. Read it again, then change it.",
        de="Jemand anderes hat den Auftrag {value} gleichzeitig geändert. Bitte neu lesen und dann ändern.",
    ),
    "order-not-found": Words(
        en="There is no order {value} here.",
        de="Einen Auftrag {value} gibt es hier nicht.",
    ),
    "order-number-taken": Words(
        en="The number {value} belongs to an order of another branch. Choose another number.",
        de="Die Nummer {value} gehört einem Auftrag einer anderen Filiale. Bitte eine andere wählen.",
    ),
    "paid-amount-unlikely": Words(
        en="{value} can't have been paid before. Write what was paid on the whole document, zero or more.",
        de="{value} kann nicht vorher bezahlt worden sein. Bitte angeben, was auf den ganzen Beleg bezahlt "
        "wurde, null oder mehr.",
    ),
    "total-has-wrong-sign": Words(
        en="A total of {value} does not fit a document of kind {kind}. Turn its sign round.",
        de="Eine Summe von {value} passt nicht zu einem Beleg der Art {kind}. Bitte das Vorzeichen umkehren.",
    ),
    "total-not-positive": Words(
        en="The lines add up to {value}, which is not above zero. Write amounts as the document prints them; "
        "what is owed to the customer is a credit note.",
        de="Die Zeilen ergeben {value}, also nicht mehr als null. Bitte Beträge wie auf dem Beleg angeben; "
        "was dem Kunden zusteht, ist eine Gutschrift.",
    ),
    "vat-code-missing": Words(
        en="{percent} % alone does not say how the line is booked: on {day}, the VAT codes {candidates} have "
        "that rate. Name the one that is meant.",
        de="{percent} % allein sagen nicht, wie die Zeile gebucht wird: Am {day} haben die USt-Codes "
        "{candidates} diesen Satz. Bitte den gemeinten angeben.",
    ),
    "vat-code-with-two-rates": Words(
        en="The VAT code {vat_code} has {value} % on this line and {other} % on a line before it; in one "
        "document a code has one rate. Write a document for each rate, or give one of them a VAT code of its "
        "own.",
        de="Der USt-Code {vat_code} hat in dieser Zeile {value} % und in einer davor {other} %; in einem "
        "Beleg hat ein Code nur einen Satz. Bitte je Satz einen Beleg schreiben oder für einen davon einen "
        "eigenen USt-Code anlegen.",
    ),
    "vat-not-given": Words(
        en="{field} has neither a VAT code nor a percentage. Give one of them.",
        de="{field} hat weder USt-Code noch Prozentsatz. Bitte eines davon angeben.",
    ),
    "vat-rate-differs": Words(
        en="{value} % is not the rate of the VAT code {vat_code} on {day}; that is {right} %. "
        "Correct the percentage or the code.",
        de="{value} % ist nicht der Satz des USt-Codes {vat_code} am {day}; das sind {right} %. "
        "Bitte den Prozentsatz oder den Code berichtigen.",
    ),
    "vat-rate-unknown": Words(
        en="No VAT code has {value} % on {day}; there are: {known}. Correct the percentage, or write a VAT "
        "code with this rate down first.",
        de="Kein USt-Code hat am {day} {value} %; es gibt: {known}. Bitte den Prozentsatz berichtigen oder "
        "zuerst einen USt-Code mit diesem Satz anlegen.",
    ),
}

REFUSALS: dict[str, Words] = _OF_DOCUMENTS | BOOKS_REFUSALS
