"""What running an import refuses, in words (``refusals`` has those of all the room)."""

from __future__ import annotations

from collections.abc import Mapping

from tillbridge.kernel.errors import Words

IMPORT_REFUSALS: Mapping[str, Words] = {
    "allocation-elsewhere": Words(
        en="This row is about {value}; book it on that document alone, or dismiss it.",
        de="Diese Zeile betrifft {value}; bitte nur auf diesen Beleg buchen oder verwerfen.",
    ),
    "allocation-is-zero": Words(
        en="Nothing would be booked on {value}. Give an amount other than zero, or leave the document out.",
        de="Auf {value} würde nichts gebucht. Bitte einen Betrag ungleich null angeben oder den Beleg "
        "weglassen.",
    ),
    "allocation-twice": Words(
        en="{value} stands twice in the allocations. Add the amounts up into one.",
        de="{value} steht zweimal in der Aufteilung. Bitte die Beträge zu einem zusammenfassen.",
    ),
    "allocations-not-the-amount": Words(
        en="The allocations and their fees add up to {value}, the row's amount is {amount}. Allocate all "
        "of it.",
        de="Aufteilung und Gebühren ergeben {value}, der Betrag der Zeile ist {amount}. Bitte den ganzen "
        "Betrag aufteilen.",
    ),
    "allocations-too-many": Words(
        en="{value} documents are more than one decision takes; {most} are possible.",
        de="{value} Belege sind mehr, als eine Entscheidung fasst; möglich sind {most}.",
    ),
    "as-of-missing": Words(
        en="The list {value} does not say of which day it is. Give the day at the upload (as_of), or "
        "write it into the file's name as 2026-11-28.",
        de="Die Liste {value} sagt nicht, von welchem Tag sie ist. Bitte den Tag beim Hochladen angeben "
        "(as_of) oder als 2026-11-28 in den Dateinamen schreiben.",
    ),
    "booking-without-allocations": Words(
        en="Say on which document row {value} is to be booked, and how much; or dismiss it.",
        de="Bitte sagen, auf welchen Beleg die Zeile {value} gebucht wird und wie viel; oder sie verwerfen.",
    ),
    "branch-of-another-client": Words(
        en="Branch {value} does not belong to client {client}. Name branches of that client only.",
        de="Die Filiale {value} gehört nicht zum Mandanten {client}. Bitte nur dessen Filialen nennen.",
    ),
    "branch-twice": Words(
        en="Branch {value} stands twice in the list. Name each branch once.",
        de="Die Filiale {value} steht zweimal in der Liste. Bitte jede Filiale einmal nennen.",
    ),
    "branches-of-list-missing": Words(
        en="Profile {value} is for all branches of client {client}. What is missing on a list of open items "
        "counts as paid, so the profile must name the branches that its lists are about (now: {branches}).",
        de="Das Profil {value} gilt für alle Filialen des Mandanten {client}. Was auf einer "
        "Offene-Posten-Liste fehlt, gilt als bezahlt; darum muss das Profil die Filialen nennen, um die es "
        "in seinen Listen geht (derzeit: {branches}).",
    ),
    "branches-too-many": Words(
        en="{value} branches are more than a profile takes; {most} are possible. Leave the list empty for"
        " all.",
        de="{value} Filialen sind mehr, als ein Profil fasst; möglich sind {most}. Leer heißt: alle.",
    ),
    "client-has-no-branches": Words(
        en="Client {value} has no branch. Give it one before importing for it.",
        de="Der Mandant {value} hat keine Filiale. Bitte zuerst eine zuordnen.",
    ),
    "day-of-upload-in-future": Words(
        en="{field} is {value}, which lies after today ({today}). Give a day that has been.",
        de="{field} ist {value} und liegt nach heute ({today}). Bitte einen vergangenen Tag angeben.",
    ),
    "discount-exceeds-due": Words(
        en="A cash discount of {value} on {number} is more than is left to be paid ({left}).",
        de="Ein Skonto von {value} auf {number} ist mehr, als noch zu zahlen bleibt ({left}).",
    ),
    "discount-has-wrong-sign": Words(
        en="The cash discount on {value} must have the sign of its payment, and stand beside one.",
        de="Das Skonto auf {value} muss das Vorzeichen seiner Zahlung haben und neben einer stehen.",
    ),
    "dismissal-with-allocations": Words(
        en="Nothing is booked of a row that is dismissed, also not on {value}. Leave the allocations out, or "
        "book the row.",
        de="Von einer verworfenen Zeile wird nichts gebucht, auch nicht auf {value}. Bitte die Aufteilung "
        "weglassen oder die Zeile buchen.",
    ),
    "fee-not-possible": Words(
        en="On {value} no such dunning fee can be booked: it is above zero, and only invoices to customers "
        "have one.",
        de="Auf {value} kann diese Mahngebühr nicht gebucht werden: Sie ist größer als null, und nur "
        "Rechnungen an Kunden haben eine.",
    ),
    "file-gone": Words(
        en="The file was removed before it could be read. Upload it again.",
        de="Die Datei wurde entfernt, bevor sie gelesen werden konnte. Bitte noch einmal hochladen.",
    ),
    "file-imported-before": Words(
        en="The file {value} was imported before, byte for byte, as {import_id}. Delete that import first"
        " if it was wrong.",
        de="Die Datei {value} wurde Byte für Byte schon importiert, als {import_id}. War das falsch, "
        "bitte zuerst jenen Import löschen.",
    ),
    "file-name-unusable": Words(
        en="{value} can't be a file's name here. Use at most {most} bytes on one line, no / and no ${{.",
        de="{value} kann hier kein Dateiname sein. Bitte höchstens {most} Byte, einzeilig und ohne / und "
        "${{ schreiben.",
    ),
    "file-too-large": Words(
        en="The file has {value} bytes; {most} are possible. Split it by days or branches.",
        de="Die Datei hat {value} Byte; möglich sind {most}. Bitte nach Tagen oder Filialen teilen.",
    ),
    "import-changed-meanwhile": Words(
        en="Somebody else has changed import {value} meanwhile. Look at it again, then decide.",
        de="Jemand anderes hat den Import {value} inzwischen geändert. Bitte neu ansehen und dann "
        "entscheiden.",
    ),
    "import-in-other-state": Words(
        en="Import {value} is {state}; this is possible only while it is {wanted}.",
        de="Der Import {value} ist im Zustand „{state}“; das geht nur im Zustand „{wanted}“.",
    ),
    "import-not-finished": Words(
        en="Import {value} is {state}; rows are decided about when it is finished.",
        de="Der Import {value} ist im Zustand „{state}“; über Zeilen wird entschieden, wenn er fertig ist.",
    ),
    "import-not-found": Words(
        en="There is no import {value}, or not for you.",
        de="Einen Import {value} gibt es nicht, oder nicht für Sie.",
    ),
    "invoice-not-in-scope": Words(
        en="{value} is no document of this import's client, branches and currency. Check the number.",
        de="{value} ist kein Beleg von Mandant, Filialen und Währung dieses Imports. Bitte die Nummer "
        "prüfen.",
    ),
    "invoice-of-another-branch": Words(
        en="The document belongs to branch {value}, which this profile does not cover.",
        de="Der Beleg gehört zur Filiale {value}, die dieses Profil nicht umfasst.",
    ),
    "kind-unknown": Words(
        en="{value} is no kind of import. Name one of: {kinds}.",
        de="{value} ist keine Importart. Bitte eine von diesen nennen: {kinds}.",
    ),
    "level-books-nothing": Words(
        en="A row of dunning levels tells of no money, so nothing can be booked on {value} for it. Dismiss "
        "it.",
        de="Eine Zeile mit Mahnstufen spricht von keinem Geld; auf {value} ist dafür nichts zu buchen. Bitte "
        "verwerfen.",
    ),
    "limit-out-of-range": Words(
        en="{field} is {value}; possible are 0 to {most}.",
        de="{field} ist {value}; möglich sind 0 bis {most}.",
    ),
    "list-imported-before": Words(
        en="The list {value} is byte for byte that of {day}, which was imported as {import_id}. Where "
        "something has changed since, export it again from the accounting system, so that it carries what is "
        "new; if nothing has changed, there is nothing to do.",
        de="Die Liste {value} ist Byte für Byte die vom {day}, die als {import_id} importiert wurde. Hat "
        "sich seither etwas geändert, bitte neu aus der Buchhaltung exportieren, damit sie das Neue enthält; "
        "hat sich nichts geändert, ist nichts zu tun.",
    ),
    "list-overtaken": Words(
        en="While import {value} waited, the list of {last} was booked; what this one would do was looked at "
        "before that. Reject it, and upload it again if it still counts.",
        de="Während der Import {value} wartete, wurde die Liste vom {last} gebucht; was dieser tun würde, "
        "wurde davor ermittelt. Bitte verwerfen und, falls er noch gilt, neu hochladen.",
    ),
    "list-while-other-books": Words(
        en="Another list of this profile, import {other}, is being booked at this moment. Wait until that is "
        "done, then decide about {value}.",
        de="Gerade wird eine andere Liste dieses Profils gebucht, der Import {other}. Bitte abwarten, bis "
        "das fertig ist, und dann über {value} entscheiden.",
    ),
    "mapping-and-kind-differ": Words(
        en="A mapping belongs to the kind own mapping (own-mapping), and to no other; the kind is {kind}.",
        de="Eine Zuordnung gehört zur Importart eigene Zuordnung (own-mapping) und zu keiner anderen; die "
        "Importart ist {kind}.",
    ),
    "order-of-another-branch": Words(
        en="The order belongs to branch {value}, which this profile does not cover. It covers: {branches}.",
        de="Der Auftrag gehört zur Filiale {value}, die dieses Profil nicht umfasst. Es umfasst: {branches}.",
    ),
    "pattern-unreadable": Words(
        en="{value} is no pattern of numbers. Write # for a digit, @ for a letter, ? for either, + behind "
        "one of them for several, such as RE-@@-####-##.",
        de="{value} ist kein Muster für Nummern. Bitte # für eine Ziffer schreiben, @ für einen Buchstaben, "
        "? für eines von beiden, + dahinter für mehrere, etwa RE-@@-####-##.",
    ),
    "patterns-too-many": Words(
        en="{value} patterns of numbers are more than a profile takes; {most} are possible.",
        de="{value} Nummernmuster sind mehr, als ein Profil fasst; möglich sind {most}.",
    ),
    "profile-changed-meanwhile": Words(
        en="Somebody else has changed profile {value} meanwhile. Read it again, then save.",
        de="Jemand anderes hat das Profil {value} inzwischen geändert. Bitte neu laden und dann speichern.",
    ),
    "profile-id-taken": Words(
        en="The id {value} belongs to an import profile of other branches. Choose another id.",
        de="Die Kennung {value} hat schon ein Importprofil anderer Filialen. Bitte eine andere wählen.",
    ),
    "profile-id-unreadable": Words(
        en="{value} is no id. Use up to 40 small letters, digits and hyphens, such as accountant-01.",
        de="{value} ist keine Kennung. Bitte bis zu 40 Kleinbuchstaben, Ziffern und Bindestriche "
        "verwenden, etwa steuerberater-01.",
    ),
    "profile-not-active": Words(
        en="Profile {value} is switched off. Switch it on before importing with it.",
        de="Das Profil {value} ist abgeschaltet. Bitte vor dem Import einschalten.",
    ),
    "profile-not-found": Words(
        en="There is no import profile {value}, or not for you. Name one that there is; in the bucket it is "
        "the folder below inbox/.",
        de="Ein Importprofil {value} gibt es nicht, oder nicht für Sie. Bitte eines nennen, das es gibt; im "
        "Bucket ist es der Ordner unter inbox/.",
    ),
    "report-none": Words(
        en="Import {value} is {state} and has no report. Why it ended so, its stops say.",
        de="Der Import {value} ist im Zustand „{state}“ und hat keinen Bericht. Warum er so endete, steht "
        "bei seinen Gründen (stops).",
    ),
    "report-not-ready": Words(
        en="The report of import {value} is not written yet (it is {state}). Ask again in a moment.",
        de="Der Bericht des Imports {value} ist noch nicht geschrieben (Zustand „{state}“). Bitte gleich "
        "noch einmal fragen.",
    ),
    "review-decided": Words(
        en="{by} has decided about row {value} already, and otherwise.",
        de="{by} hat über die Zeile {value} schon entschieden, und anders.",
    ),
    "review-not-found": Words(
        en="No row {value} of this import waits for a decision.",
        de="Keine Zeile {value} dieses Imports wartet auf eine Entscheidung.",
    ),
    "row-booked-meanwhile": Words(
        en="This row was booked on {value} meanwhile ({by}). Dismiss it here; a further payment like it can "
        "be recorded by hand.",
        de="Diese Zeile wurde inzwischen auf {value} gebucht ({by}). Bitte hier verwerfen; eine weitere "
        "gleiche Zahlung kann von Hand erfasst werden.",
    ),
    "rows-not-ready": Words(
        en="The rows of import {value} are just being looked at (it is {state}). Ask again in a moment.",
        de="Die Zeilen des Imports {value} werden gerade geprüft (Zustand „{state}“). Bitte gleich noch "
        "einmal fragen.",
    ),
    "sample-unreadable": Words(
        en="The sample is no Base64 ({value}). Send the bytes of the file, or of its beginning, in Base64.",
        de="Die Probe ist kein Base64 ({value}). Bitte die Bytes der Datei oder ihres Anfangs in Base64 "
        "senden.",
    ),
    "settle-by-of-statement": Words(
        en="A bank statement says itself what was paid and when; it can't be set to paid by {value}. Upload "
        "it without that day.",
        de="Ein Kontoauszug sagt selbst, was wann gezahlt wurde; er kann nicht zum {value} auf bezahlt "
        "gesetzt werden. Bitte ohne diesen Tag hochladen.",
    ),
    "upload-not-deletable": Words(
        en="Import {value} recorded documents, customers or orders; those are not taken back by deleting it. "
        "Write credit notes for documents that are wrong; upload customers and orders as they shall be.",
        de="Der Import {value} hat Belege, Kunden oder Aufträge erfasst; die nimmt ein Löschen nicht zurück. "
        "Bitte für falsche Belege Gutschriften schreiben, Kunden und Aufträge richtig neu hochladen.",
    ),
    "upload-records-documents": Words(
        en="The file records documents, customers or orders ({value}), which its uploader may not. Let "
        "somebody of finance upload it.",
        de="Die Datei erfasst Belege, Kunden oder Aufträge ({value}); das darf nicht, wer sie hochgeladen "
        "hat. Bitte durch jemanden aus dem Finanzwesen hochladen lassen.",
    ),
    "variant-unknown": Words(
        en="{value} is nothing that the rows of a file can say. Name one of: {variants}.",
        de="{value} ist nichts, was die Zeilen einer Datei sagen können. Bitte eines von diesen nennen: "
        "{variants}.",
    ),
}
"""Codes of refusals while a file is taken in, looked at and decided about."""

STOPS: Mapping[str, Words] = {
    "others-passed-over": Words(
        en="Import {value} passed rows over because of this one, which is taken back now. Where those rows "
        "still count, take that import back too and upload its file again.",
        de="Der Import {value} hat Zeilen wegen dieses Imports übergangen, der nun zurückgenommen ist. "
        "Gelten jene Zeilen noch, bitte auch jenen Import löschen und seine Datei neu hochladen.",
    ),
    "passed-over-for-deleted": Words(
        en="Rows of this file were passed over because of import {value}, which has been taken back since. "
        "Where they still count, take this import back too and upload the file again.",
        de="Zeilen dieser Datei wurden wegen des Imports {value} übergangen, der seither zurückgenommen ist. "
        "Gelten sie noch, bitte auch diesen Import löschen und die Datei neu hochladen.",
    ),
    "rows-refused": Words(
        en="Rows that are wrong: {value} of {rows}, and this profile books all rows or none. Mend the file "
        "and send it again.",
        de="Falsche Zeilen: {value} von {rows}, und dieses Profil bucht alle Zeilen oder keine. Bitte "
        "die Datei berichtigen und neu senden.",
    ),
}
"""Why an import ended, beside refusals and guards, and what is worth knowing once it has."""
