"""What the books refuse, in words; ``refusals`` has them with those of the documents."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

BOOKS_REFUSALS: dict[str, Words] = {
    "account-missing": Words(
        en="The chart of accounts {value} has no account for {case} (VAT code {vat_code}). "
        "Add it to the chart, then repeat.",
        de="Der Kontenrahmen {value} hat kein Konto für {case} (USt-Code {vat_code}). "
        "Bitte im Kontenrahmen ergänzen und wiederholen.",
    ),
    "account-too-long": Words(
        en="The account {value} ({case}) has more than the client's {digits} digits. "
        "Shorten it, or give the client longer accounts.",
        de="Das Konto {value} ({case}) hat mehr als die {digits} Stellen des Mandanten. "
        "Bitte kürzen oder beim Mandanten eine größere Sachkontenlänge eintragen.",
    ),
    "account-twice": Words(
        en="The chart has two accounts for {value} (VAT code {vat_code}). Keep one of them.",
        de="Der Kontenrahmen hat zwei Konten für {value} (USt-Code {vat_code}). Bitte eines davon streichen.",
    ),
    "account-unreadable": Words(
        en="{value} is no account. Write 1 to 9 digits, not all of them zero.",
        de="{value} ist kein Konto. Bitte 1 bis 9 Ziffern schreiben, nicht nur Nullen.",
    ),
    "books-changed-meanwhile": Words(
        en="{value} was changed by somebody else at the same moment. Look at it and save again.",
        de="{value} wurde im selben Moment von jemand anderem geändert. "
        "Bitte ansehen und noch einmal speichern.",
    ),
    "branch-code-unreadable": Words(
        en="The branch code {value} does not fit into a number. Use at most 20 letters (A to Z) and digits.",
        de="Das Filialkürzel {value} passt nicht in eine Nummer. Bitte höchstens 20 Buchstaben (A bis Z) "
        "und Ziffern verwenden.",
    ),
    "branch-without-client": Words(
        en="The branch {value} belongs to no client yet. Say first whose books it belongs to.",
        de="Die Filiale {value} gehört noch zu keinem Mandanten. Bitte zuerst zuordnen.",
    ),
    "chart-is-standard": Words(
        en="The chart {chart} is the standard chart of that name and cannot stand on {value}. "
        "Choose another id for a chart of your own.",
        de="Der Kontenrahmen {chart} ist der gleichnamige Standard und kann nicht auf {value} beruhen. "
        "Bitte für einen eigenen Kontenrahmen eine andere Kennung wählen.",
    ),
    "chart-not-found": Words(
        en="There is no chart of accounts {value}. SKR03 and SKR04 are always there; "
        "write others down first.",
        de="Es gibt keinen Kontenrahmen {value}. SKR03 und SKR04 gibt es immer; andere bitte zuerst anlegen.",
    ),
    "chart-too-large": Words(
        en="A chart has at most {most} accounts of its own, not {value}. "
        "Leave out those of the standard chart.",
        de="Ein Kontenrahmen hat höchstens {most} eigene Konten, nicht {value}. "
        "Bitte die des Standardkontenrahmens weglassen.",
    ),
    "client-not-found": Words(
        en="There is no client {value}, or none of your branches belongs to it.",
        de="Es gibt keinen Mandanten {value}, oder keine Ihrer Filialen gehört zu ihm.",
    ),
    "fiscal-year-unreadable": Words(
        en="{value} is no first day of a fiscal year. Write month and day of a day that every year has, "
        "such as 01-01.",
        de="{value} ist kein erster Tag eines Wirtschaftsjahres. Bitte Monat und Tag eines Tages schreiben, "
        "den es in jedem Jahr gibt, etwa 01-01.",
    ),
    "number-out-of-range": Words(
        en="{field} must lie between {least} and {most}; {value} does not.",
        de="{field} muss zwischen {least} und {most} liegen; {value} tut das nicht.",
    ),
    "percent-unreadable": Words(
        en="{value} is no percentage. Write 0 to 100 with a dot and at most two decimals, "
        "such as 19 or 10.7.",
        de="{value} ist kein Prozentsatz. Bitte 0 bis 100 mit Punkt und höchstens zwei Nachkommastellen "
        "schreiben, etwa 19 oder 10.7.",
    ),
    "series-missing": Words(
        en="The branch {branch} has no number series for {value}. Set one up, or give the number yourself.",
        de="Die Filiale {branch} hat keinen Nummernkreis für {value}. Bitte einen einrichten oder die Nummer "
        "selbst angeben.",
    ),
    "series-name-taken": Words(
        en="Another number series begins with {value}, or once did. Choose another prefix or branch code, "
        "so that no number is given twice.",
        de="Mit {value} beginnt schon ein anderer Nummernkreis, oder einer begann damit. Bitte ein anderes "
        "Präfix oder Filialkürzel wählen, damit keine Nummer zweimal vergeben wird.",
    ),
    "series-prefix-unreadable": Words(
        en="{value} cannot stand at the beginning of a number. Use 1 to 10 letters (A to Z), such as RE.",
        de="{value} kann nicht am Anfang einer Nummer stehen. Bitte 1 bis 10 Buchstaben (A bis Z) verwenden, "
        "etwa RE.",
    ),
    "tax-key-on-automatic-account": Words(
        en="The account {account} works out its tax by itself and takes no tax key ({value}). "
        "Leave it empty.",
        de="Das Konto {account} ist ein Automatikkonto und verträgt keinen Steuerschlüssel ({value}). "
        "Bitte leer lassen.",
    ),
    "tax-key-unreadable": Words(
        en="{value} is no tax key. Write at most 4 digits, or leave it empty.",
        de="{value} ist kein Steuerschlüssel. Bitte höchstens 4 Ziffern schreiben oder leer lassen.",
    ),
    "text-is-empty": Words(en="{field} is empty. Fill it in.", de="{field} ist leer. Bitte ausfüllen."),
    "vat-code-not-found": Words(
        en="There is no VAT code {value}. Write it down with its rates first.",
        de="Es gibt keinen USt-Code {value}. Bitte zuerst mit seinen Sätzen anlegen.",
    ),
    "vat-code-unreadable": Words(
        en="{value} is no VAT code. Use 1 to 20 letters (A to Z), digits or the signs - _ . and begin with a "
        "letter or digit.",
        de="{value} ist kein USt-Code. Bitte 1 bis 20 Buchstaben (A bis Z), Ziffern oder die Zeichen - _ . "
        "verwenden und mit Buchstabe oder Ziffer beginnen.",
    ),
    "vat-rate-missing": Words(
        en="The VAT code {value} has no rate on {day}. Add the rate that held then.",
        de="Der USt-Code {value} hat am {day} keinen Satz. Bitte den damals gültigen Satz ergänzen.",
    ),
    "vat-rates-out-of-order": Words(
        en="The rates must begin on different days, oldest first, one at least and {most} at most; "
        "given: {value}.",
        de="Die Sätze müssen an verschiedenen Tagen beginnen, der älteste zuerst, mindestens einer und "
        "höchstens {most}; angegeben: {value}.",
    ),
}
