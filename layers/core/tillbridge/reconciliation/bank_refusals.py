"""What is refused, wrong or worth knowing about bank files, in words."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

REFUSALS: dict[str, Words] = {
    "balance-unreadable": Words(
        en="A balance of the account {account} can't be read; the entries could not be checked against it.",
        de="Ein Saldo des Kontos {account} ist nicht lesbar; die Umsätze konnten nicht daran geprüft werden.",
    ),
    "balances-do-not-add-up": Words(
        en="Account {account}: {opening} at first and {entries} of entries don't make {closing} {currency}. "
        "Entries are missing or stand twice; fetch the statement anew from the bank.",
        de="Konto {account}: Anfangssaldo {opening} und Umsätze {entries} ergeben nicht {closing} "
        "{currency}. Umsätze fehlen oder stehen doppelt da; bitte den Auszug neu bei der Bank abholen.",
    ),
    "balances-fit-with-reversals-turned": Words(
        en="Account {account}: {opening}, {entries} and {closing} {currency} only fit if reversals are "
        "turned round: the bank marks them unlike the standard. Check the reversals by hand.",
        de="Konto {account}: {opening}, {entries} und {closing} {currency} passen nur, wenn man Stornos "
        "umdreht: Die Bank kennzeichnet sie anders als die Norm. Bitte die Stornos von Hand prüfen.",
    ),
    "bank-file-charset-broken": Words(
        en="Line {line}: the byte {value} is no character in {charset}. "
        "Fetch the file anew and don't edit it.",
        de="Zeile {line}: Das Byte {value} ist in {charset} kein Zeichen. "
        "Bitte die Datei neu abholen und nicht bearbeiten.",
    ),
    "bank-file-holds-nul": Words(
        en="Line {line} holds zero bytes: the file was damaged on its way. Fetch it anew.",
        de="Zeile {line} enthält Nullbytes: Die Datei wurde unterwegs beschädigt. Bitte neu abholen.",
    ),
    "batch-details-do-not-add-up": Words(
        en="The details of an entry ({details}) don't add up to its amount; it stands as one entry.",
        de="Die Einzelposten eines Umsatzes ({details}) ergeben nicht seinen Betrag; er bleibt ein Umsatz.",
    ),
    "batch-details-without-amounts": Words(
        en="Not all details of an entry ({details}) say their amount; it stands as one entry.",
        de="Nicht alle Einzelposten eines Umsatzes ({details}) nennen ihren Betrag; er bleibt ein Umsatz.",
    ),
    "camt-account-missing": Words(
        en="Line {line}: the statement of this entry does not name its account. Fetch the file anew.",
        de="Zeile {line}: Der Auszug dieses Umsatzes nennt sein Konto nicht. Bitte die Datei neu abholen.",
    ),
    "camt-amount-unreadable": Words(
        en="{value} is no amount in {currency}. It should be like 1234.50, with no more decimals than the "
        "currency has.",
        de="{value} ist kein Betrag in {currency}. Richtig wäre etwa 1234.50, mit höchstens so vielen "
        "Nachkommastellen, wie die Währung hat.",
    ),
    "camt-currency-differs": Words(
        en="The entry is in {currency}, its account in {expected}. Ask the bank for a file of that account.",
        de="Der Umsatz ist in {currency}, das Konto in {expected}. "
        "Bitte bei der Bank eine Datei dieses Kontos anfordern.",
    ),
    "camt-cut-off": Words(
        en="The file ends in line {line}, before it is complete. Fetch it anew.",
        de="Die Datei endet in Zeile {line}, bevor sie vollständig ist. Bitte neu abholen.",
    ),
    "camt-day-unreadable": Words(
        en="{value} is no day. It should be like 2026-11-20.",
        de="{value} ist kein Tag. Richtig wäre etwa 2026-11-20.",
    ),
    "camt-direction-unreadable": Words(
        en="{value} does not say whether money came in (CRDT) or went out (DBIT).",
        de="{value} sagt nicht, ob Geld einging (CRDT) oder hinausging (DBIT).",
    ),
    "camt-doctype-forbidden": Words(
        en="Line {line}: the file begins with a DOCTYPE ({value}). Bank files have none; it could do harm.",
        de="Zeile {line}: Die Datei beginnt mit einem DOCTYPE ({value}). "
        "Bankdateien haben keinen; er könnte Schaden anrichten.",
    ),
    "camt-element-missing": Words(
        en="The element {field} is missing; the entry can't be booked without it.",
        de="Das Element {field} fehlt; ohne es kann der Umsatz nicht gebucht werden.",
    ),
    "camt-element-twice": Words(
        en="The element {field} stands twice in one entry; it may stand once. Fetch the file anew.",
        de="Das Element {field} steht zweimal in einem Umsatz; erlaubt ist einmal. "
        "Bitte die Datei neu abholen.",
    ),
    "camt-element-too-large": Words(
        en="Line {line}: an element is larger than any real one. Fetch the file anew and don't edit it.",
        de="Zeile {line}: Ein Element ist größer als jedes echte. "
        "Bitte die Datei neu abholen und nicht bearbeiten.",
    ),
    "camt-encoding-unknown": Words(
        en="The file says that it is written in {value}; it can't be read so. UTF-8, ISO-8859-1, "
        "ISO-8859-15, Windows-1252 and UTF-16 with its byte order mark can be read.",
        de="Die Datei gibt {value} als Zeichensatz an; so ist sie nicht lesbar. Lesbar sind UTF-8, "
        "ISO-8859-1, ISO-8859-15, Windows-1252 und UTF-16 mit Bytereihenfolge-Marke.",
    ),
    "camt-entry-out-of-place": Words(
        en="Line {line}: an entry stands outside of a statement, or in another form than the ones before.",
        de="Zeile {line}: Ein Umsatz steht außerhalb eines Auszugs oder in anderer Form als die vorigen.",
    ),
    "camt-entry-too-large": Words(
        en="Line {line}: one entry is larger than any real one. Ask the bank to split the batch.",
        de="Zeile {line}: Ein Umsatz ist größer als jeder echte. Bitte die Bank, den Sammler aufzuteilen.",
    ),
    "camt-message-unknown": Words(
        en="This XML is no bank statement ({value}); camt.053 and camt.054 can be read.",
        de="Dieses XML ist kein Kontoauszug ({value}); lesbar sind camt.053 und camt.054.",
    ),
    "camt-not-well-formed": Words(
        en="Line {line}, column {column}: the XML is broken there. Fetch the file anew and don't edit it.",
        de="Zeile {line}, Spalte {column}: Das XML ist dort fehlerhaft. "
        "Bitte die Datei neu abholen und nicht bearbeiten.",
    ),
    "camt-reversal-unreadable": Words(
        en="{value} does not say whether the entry is a reversal; it should be true or false.",
        de="{value} sagt nicht, ob der Umsatz ein Storno ist; richtig wäre true oder false.",
    ),
    "camt-status-unknown": Words(
        en="The entry's status is {value}; only booked entries (BOOK) can be taken.",
        de="Der Umsatz hat den Status {value}; übernommen werden nur gebuchte (BOOK).",
    ),
    "camt-tag-unreadable": Words(
        en="Line {line}: the tag {value} can't be read. Fetch the file anew.",
        de="Zeile {line}: Das Element {value} ist nicht lesbar. Bitte die Datei neu abholen.",
    ),
    "camt-too-deep": Words(
        en="Line {line}: elements lie more than {value} deep; no bank file does that.",
        de="Zeile {line}: Elemente liegen mehr als {value} tief ineinander; das tut keine Bankdatei.",
    ),
    "entries-do-not-count-up": Words(
        en="The statement says that it has {said} entries and has {found}. Fetch it anew from the bank.",
        de="Der Auszug nennt {said} Umsätze und hat {found}. Bitte neu bei der Bank abholen.",
    ),
    "entry-not-booked": Words(
        en="An entry is not booked yet ({status}); it is left out until the bank has booked it.",
        de="Ein Umsatz ist noch nicht gebucht ({status}); er bleibt weg, bis die Bank ihn gebucht hat.",
    ),
    "statement-amount-has-too-many-decimals": Words(
        en="The amount {value} has too many decimals; {currency} has {decimals}.",
        de="Der Betrag {value} hat zu viele Nachkommastellen; {currency} hat {decimals}.",
    ),
    "statement-balance-unreadable": Words(
        en="Line {line}: {value} is no balance of this statement. It should be like C261120EUR1234,50.",
        de="Zeile {line}: {value} ist kein Saldo dieses Auszugs. Richtig wäre etwa C261120EUR1234,50.",
    ),
    "statement-begins-elsewhere": Words(
        en="Account {account}: the statement's first pages are in another file. Import that one too.",
        de="Konto {account}: Die ersten Blätter des Auszugs stehen in einer anderen Datei. "
        "Bitte auch diese einlesen.",
    ),
    "statement-cut-off": Words(
        en="A statement ends in line {line} without its closing balance (:62F:); it was cut. Fetch it anew.",
        de="Ein Auszug endet in Zeile {line} ohne Schlusssaldo (:62F:); er ist abgeschnitten. "
        "Bitte neu abholen.",
    ),
    "statement-day-does-not-exist": Words(
        en="The days {value} (YYMMDD, then MMDD) don't exist.",
        de="Die Tage {value} (JJMMTT, dann MMTT) gibt es nicht.",
    ),
    "statement-entries-too-many": Words(
        en="The file has more than {value} entries. Ask the bank for shorter periods.",
        de="Die Datei hat mehr als {value} Umsätze. Bitte bei der Bank kürzere Zeiträume abholen.",
    ),
    "statement-field-out-of-place": Words(
        en="Line {line}: {value} can't stand here. A line is missing before it, or stands twice.",
        de="Zeile {line}: {value} kann hier nicht stehen. "
        "Davor fehlt eine Zeile, oder eine steht doppelt da.",
    ),
    "statement-field-too-long": Words(
        en="Line {line}: the field {value} is longer than any real one. Fetch the file anew.",
        de="Zeile {line}: Das Feld {value} ist länger als jedes echte. Bitte die Datei neu abholen.",
    ),
    "statement-goes-on-elsewhere": Words(
        en="Account {account}: the statement goes on in another file. Import that one too.",
        de="Konto {account}: Der Auszug geht in einer anderen Datei weiter. Bitte auch diese einlesen.",
    ),
    "statement-is-interim": Words(
        en="This is an interim report ({value}); what it lists may still change. "
        "Import the statement instead.",
        de="Das ist eine untertägige Meldung ({value}); was sie nennt, kann sich noch ändern. "
        "Bitte stattdessen den Kontoauszug einlesen.",
    ),
    "statement-line-unreadable": Words(
        en="{value} is no entry. It should be like 2611201120C123,45NTRFNONREF.",
        de="{value} ist kein Umsatz. Richtig wäre etwa 2611201120C123,45NTRFNONREF.",
    ),
    "statement-missing": Words(
        en="There is no bank statement in this file ({value}).",
        de="In dieser Datei ist kein Kontoauszug ({value}).",
    ),
    "statement-stands-twice": Words(
        en="Line {line}: the statement {value} of the account {account} stands twice in the file. "
        "Take one of them out, or fetch the file anew: its payments would be booked twice.",
        de="Zeile {line}: Der Auszug {value} des Kontos {account} steht zweimal in der Datei. "
        "Bitte einen entfernen oder neu abholen: Seine Zahlungen würden doppelt gebucht.",
    ),
    "statements-too-many": Words(
        en="The file has more than {value} statements. Ask the bank for shorter periods.",
        de="Die Datei hat mehr als {value} Auszüge. Bitte bei der Bank kürzere Zeiträume abholen.",
    ),
    "value-day-moved": Words(
        en="The value date {value} lies behind the end of February; {day} is taken.",
        de="Die Wertstellung {value} liegt hinter dem Ende des Februars; genommen wird der {day}.",
    ),
}
