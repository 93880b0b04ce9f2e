"""What the payments room refuses, in words."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

REFUSALS: dict[str, Words] = {
    "act-too-large": Words(
        en="This visit would make too many files at once ({value} rows, {most} are possible). Split it.",
        de="Dieser Vorgang ergäbe zu viele Dateien auf einmal ({value} Zeilen, möglich sind {most}). "
        "Bitte aufteilen.",
    ),
    "amount-not-positive": Words(
        en="The amount {value} is not above zero. Give it without a sign; the direction says in or out.",
        de="Der Betrag {value} ist nicht größer als null. Bitte ohne Vorzeichen angeben; "
        "die Richtung sagt, ob er herein- oder hinausgeht.",
    ),
    "cancellation-of-a-cancellation": Words(
        en="{value} is itself a cancellation and can't be cancelled. Record the payment anew.",
        de="{value} ist selbst ein Storno und kann nicht storniert werden. Bitte die Zahlung neu erfassen.",
    ),
    "cancelled-too-often": Words(
        en="The payment {value} was cancelled in {most} parts already. Record what else is paid back anew.",
        de="Die Zahlung {value} wurde schon in {most} Teilen storniert. "
        "Bitte weitere Rückzahlungen neu erfassen.",
    ),
    "cancelled-before-taken": Words(
        en="{value} lies before the payment itself ({taken}). Give the moment of the cancellation.",
        de="{value} liegt vor der Zahlung selbst ({taken}). Bitte den Zeitpunkt des Stornos angeben.",
    ),
    "cancels-more-than-is-left": Words(
        en="{value} can't be cancelled; only {left} is left of this payment.",
        de="{value} kann nicht storniert werden; von dieser Zahlung sind nur noch {left} übrig.",
    ),
    "change-exceeds-cash": Words(
        en="The change of {value} does not fit the cash received ({cash}); it must be less.",
        de="Das Wechselgeld von {value} passt nicht zum erhaltenen Bargeld ({cash}); es muss weniger sein.",
    ),
    "customer-without-name": Words(
        en="The customer has no last name. Give it, or leave the customer out for a walk-in customer.",
        de="Der Kunde hat keinen Nachnamen. Bitte angeben, oder den Kunden für Laufkundschaft weglassen.",
    ),
    "direction-does-not-fit": Words(
        en="A payment of kind {kind} can't go {value}; it goes {right}.",
        de="Eine Zahlung der Art {kind} kann nicht die Richtung {value} haben, nur {right}.",
    ),
    "doubt-of-another-file": Words(
        en="The file {value} waits for word about the file of {other}; decide about that one.",
        de="Die Datei {value} wartet auf ein Wort über die Datei von {other}; bitte über jene entscheiden.",
    ),
    "file-not-in-doubt": Words(
        en="Nobody doubts where the file {value} is ({state}); there is nothing to decide.",
        de="Der Verbleib der Datei {value} steht fest ({state}); es gibt nichts zu entscheiden.",
    ),
    "file-collected": Words(
        en="The file {value} was collected by somebody else already.",
        de="Die Datei {value} wurde schon von jemand anderem abgeholt.",
    ),
    "file-not-claimable": Words(
        en="The file {value} is not collected through the API: its interface's target says otherwise.",
        de="Die Datei {value} wird nicht über die API abgeholt: Das Ziel ihrer Schnittstelle sagt es anders.",
    ),
    "file-not-found": Words(
        en="There is no payment file {value} here.",
        de="Eine Zahlungsdatei {value} gibt es hier nicht.",
    ),
    "file-withdrawn": Words(
        en="The file {value} is no longer to be had: its payment was cancelled ({state}).",
        de="Die Datei {value} ist nicht mehr zu haben: Ihre Zahlung wurde storniert ({state}).",
    ),
    "filter-not-given": Words(
        en="Say which: give {field}.",
        de="Bitte angeben, welche: {field} fehlt.",
    ),
    "id-unreadable": Words(
        en="{value} can't be an id here: use 1 to 40 small letters, digits and dashes.",
        de="{value} kann hier keine Kennung sein: "
        "bitte 1 bis 40 Kleinbuchstaben, Ziffern und Bindestriche verwenden.",
    ),
    "idempotency-key-reused": Words(
        en="The Idempotency-Key {value} was used for another request. Use a new one for a new payment.",
        de="Der Idempotency-Key {value} wurde für eine andere Anfrage verwendet. "
        "Für eine neue Zahlung bitte einen neuen verwenden.",
    ),
    "interface-changed-meanwhile": Words(
        en="Somebody else changed the interface {value} at the same time. Read it again, then change it.",
        de="Jemand anderes hat die Schnittstelle {value} gleichzeitig geändert. "
        "Bitte neu lesen und dann ändern.",
    ),
    "interface-id-taken": Words(
        en="The id {value} belongs to an interface that you can't change. Choose another one.",
        de="Die Kennung {value} gehört zu einer Schnittstelle, die Sie nicht ändern können. "
        "Bitte eine andere wählen.",
    ),
    "interface-not-found": Words(
        en="There is no interface {value} here.",
        de="Eine Schnittstelle {value} gibt es hier nicht.",
    ),
    "method-does-not-fit": Words(
        en="A payment of kind {kind} moves cash; {value} is not possible.",
        de="Eine Zahlung der Art {kind} bewegt Bargeld; {value} ist nicht möglich.",
    ),
    "moment-ahead": Words(
        en="{value} lies ahead; it is {now} now. Check the clock of the till.",
        de="{value} liegt in der Zukunft; jetzt ist es {now}. Bitte die Uhr der Kasse prüfen.",
    ),
    "number-taken": Words(
        en="The number {value} was used before; every document has a number of its own, whatever its case.",
        de="Die Nummer {value} wurde schon verwendet; "
        "jeder Beleg hat seine eigene, unabhängig von Groß- und Kleinschreibung.",
    ),
    "number-twice": Words(
        en="The number {value} stands twice in this visit; every line has a number of its own.",
        de="Die Nummer {value} steht zweimal in diesem Vorgang; jede Zeile hat ihre eigene.",
    ),
    "path-goes-up": Words(
        en="The folder {value} contains a step upwards (..). Give the whole path.",
        de="Das Verzeichnis {value} enthält einen Schritt nach oben (..). Bitte den ganzen Pfad angeben.",
    ),
    "path-not-absolute": Words(
        en=r"{value} is no whole path of a folder. Give it from the drive on, such as C:\Payments.",
        de=r"{value} ist kein ganzer Pfad eines Verzeichnisses. "
        r"Bitte ab dem Laufwerk angeben, etwa C:\Zahlungen.",
    ),
    "payment-is-cancelled": Words(
        en="The payment {value} is cancelled already, by {by}.",
        de="Die Zahlung {value} ist schon storniert, durch {by}.",
    ),
    "payment-not-found": Words(
        en="There is no payment {value} here.",
        de="Eine Zahlung {value} gibt es hier nicht.",
    ),
    "place-is-shared": Words(
        en="The place {value} belongs to the interface {other} already; files of the same name would meet.",
        de="Der Ort {value} gehört schon zur Schnittstelle {other}; "
        "Dateien gleichen Namens würden sich treffen.",
    ),
    "prefix-unreadable": Words(
        en="{value} can't be a prefix: use letters, digits, dots, dashes and underscores, each part ending "
        "with /, such as erp/payments/.",
        de="{value} kann kein Präfix sein: Buchstaben, Ziffern, Punkte, Binde- und Unterstriche, "
        "jeder Teil endet mit /, etwa erp/zahlungen/.",
    ),
    "target-twice": Words(
        en="Two targets have the same id ({value}); each needs its own.",
        de="Zwei Ziele haben dieselbe Kennung ({value}); jedes braucht seine eigene.",
    ),
    "targets-too-many-together": Words(
        en="With this interface a payment would make {value} files, too many for one act. "
        "Use fewer targets, or narrow interfaces to branches.",
        de="Mit dieser Schnittstelle ergäbe eine Zahlung {value} Dateien, zu viele für einen Vorgang. "
        "Bitte weniger Ziele verwenden oder Schnittstellen auf Filialen einschränken.",
    ),
    "targets-too-many-or-none": Words(
        en="An interface has 1 to {most} targets, not {value}.",
        de="Eine Schnittstelle hat 1 bis {most} Ziele, nicht {value}.",
    ),
    "workstation-not-given": Words(
        en="Say at which workstation the payment was taken.",
        de="Bitte angeben, an welchem Arbeitsplatz die Zahlung genommen wurde.",
    ),
    "workstation-not-own": Words(
        en="You belong to another workstation than {value}.",
        de="Sie gehören zu einem anderen Arbeitsplatz als {value}.",
    ),
    "workstation-without-branch": Words(
        en="The workstation {value} needs its branch beside it.",
        de="Zum Arbeitsplatz {value} gehört die Angabe der Filiale.",
    ),
}
