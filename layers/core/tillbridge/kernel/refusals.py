"""What the kernel refuses, in words."""

from __future__ import annotations

from .errors import Words

REFUSALS: dict[str, Words] = {
    "amount-has-too-many-decimals": Words(
        en="The amount {value} has too many decimals; {currency} has {decimals}.",
        de="Der Betrag {value} hat zu viele Nachkommastellen; {currency} hat {decimals}.",
    ),
    "amount-too-large": Words(
        en="The amount {value} is too large to be a real one.",
        de="Der Betrag {value} ist zu groß, um echt zu sein.",
    ),
    "amount-unreadable": Words(
        en="{value} is no amount. Write it with a dot and without separators for thousands, such as 1234.50.",
        de="{value} ist kein Betrag. Bitte mit Punkt und ohne Tausendertrennzeichen schreiben, etwa 1234.50.",
    ),
    "currencies-differ": Words(
        en="The currency {value} does not fit here; {expected} is expected.",
        de="Die Währung {value} passt hier nicht; erwartet wird {expected}.",
    ),
    "currency-unknown": Words(
        en="{value} is no currency of ISO 4217. Write three capital letters, such as EUR.",
        de="{value} ist keine Währung nach ISO 4217. Bitte drei Großbuchstaben schreiben, etwa EUR.",
    ),
    "cursor-unreadable": Words(
        en="This cursor does not belong to this list. Take the one from the page before, or leave it out.",
        de="Dieser Zeiger gehört nicht zu dieser Liste. Bitte den der vorigen Seite nehmen oder weglassen.",
    ),
    "day-unreadable": Words(
        en="{value} is no day. Write year, month and day as YYYY-MM-DD.",
        de="{value} ist kein Tag. Bitte Jahr, Monat und Tag als JJJJ-MM-TT schreiben.",
    ),
    "moment-out-of-range": Words(
        en="{value} lies too far away; years from 2000 to 2199 are taken.",
        de="{value} liegt zu weit weg; möglich sind die Jahre 2000 bis 2199.",
    ),
    "moment-unreadable": Words(
        en="{value} is no moment, or a day that does not exist. Write it as 2026-11-21T09:30:00+01:00.",
        de="{value} ist kein Zeitpunkt, oder den Tag gibt es nicht. "
        "Bitte als 2026-11-21T09:30:00+01:00 schreiben.",
    ),
    "moment-without-zone": Words(
        en="{value} does not say in which time zone. Add the offset, such as +01:00 or Z.",
        de="{value} sagt nicht, in welcher Zeitzone. Bitte den Versatz anfügen, etwa +01:00 oder Z.",
    ),
    "number-has-blank-or-dot-at-its-edge": Words(
        en="The number {value} begins or ends with a blank or a dot; as a file name it would be changed.",
        de="Die Nummer {value} beginnt oder endet mit Leerzeichen oder Punkt; "
        "als Dateiname würde sie verändert.",
    ),
    "number-has-control-characters": Words(
        en="The number {value} holds a line break or another invisible character. Take it out.",
        de="Die Nummer {value} enthält einen Zeilenumbruch oder ein anderes unsichtbares Zeichen. "
        "Bitte entfernen.",
    ),
    "number-has-unsafe-characters": Words(
        en="The number {value} holds {unsafe}, which a file name may not. Use letters, digits, - and _.",
        de="Die Nummer {value} enthält {unsafe}; das darf ein Dateiname nicht. "
        "Bitte Buchstaben, Ziffern, - und _ verwenden.",
    ),
    "number-is-empty": Words(
        en="The number is empty or only dots. Give the document's own number.",
        de="Die Nummer ist leer oder besteht nur aus Punkten. Bitte die Nummer des Belegs angeben.",
    ),
    "number-is-reserved-on-windows": Words(
        en="Windows keeps the name {value} for itself; it can't be a document number.",
        de="Windows hat den Namen {value} für sich reserviert; er kann keine Belegnummer sein.",
    ),
    "number-too-long": Words(
        en="The number {value} is longer than {max_bytes} bytes.",
        de="Die Nummer {value} ist länger als {max_bytes} Byte.",
    ),
    "text-has-control-characters": Words(
        en="{field} holds a line break or another invisible character ({value}). Write it on one line.",
        de="{field} enthält einen Zeilenumbruch oder ein anderes unsichtbares Zeichen ({value}). "
        "Bitte einzeilig schreiben.",
    ),
    "text-too-long": Words(
        en="{field} is longer than {max_chars} characters ({value}).",
        de="{field} ist länger als {max_chars} Zeichen ({value}).",
    ),
    "time-zone-unknown": Words(
        en="{value} is no time zone. Give its IANA name, such as Europe/Berlin.",
        de="{value} ist keine Zeitzone. Bitte den IANA-Namen angeben, etwa Europe/Berlin.",
    ),
}
