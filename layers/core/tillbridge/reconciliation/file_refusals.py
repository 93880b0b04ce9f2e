"""What is refused about whole files and about own mappings, in words (``refusals`` has all the room's)."""

from __future__ import annotations

from collections.abc import Mapping

from tillbridge.kernel.errors import Words

FILE_REFUSALS: Mapping[str, Words] = {
    "column-missing": Words(
        en="The column {headings} is missing; the file has {value}. Name its columns in the first line.",
        de="Die Spalte {headings} fehlt; die Datei hat {value}. Bitte Spalten in der ersten Zeile nennen.",
    ),
    "column-twice": Words(
        en="The column {field} stands twice in the file (also as {value}). Leave one of them out.",
        de="Die Spalte {field} steht zweimal in der Datei (auch als {value}). Bitte eine davon weglassen.",
    ),
    "columns-contradict": Words(
        en="The file has a column {field} for what is open and a column {value} for what was paid. "
        "A file is a list of open items or one of payments: leave one of them out.",
        de="Die Datei hat eine Spalte {field} für Offenes und eine Spalte {value} für Gezahltes. "
        "Eine Datei ist eine Liste offener Posten oder eine von Zahlungen: bitte eine davon weglassen.",
    ),
    "columns-unknown": Words(
        en="Nobody reads the columns {value}; one of them may be a misspelled one. Known are {known}. "
        "Rename them, leave them out, or read the file with an own mapping.",
        de="Die Spalten {value} werden nicht gelesen; eine davon könnte verschrieben sein. Bekannt sind "
        "{known}. Bitte umbenennen, weglassen, oder die Datei mit eigener Zuordnung einlesen.",
    ),
    "file-has-too-many-columns": Words(
        en="Line {line} of {value} has {columns} columns; {most} are possible.",
        de="Zeile {line} von {value} hat {columns} Spalten; möglich sind {most}.",
    ),
    "file-has-too-many-lines": Words(
        en="{value} has more than {most} lines. Split it.",
        de="{value} hat mehr als {most} Zeilen. Bitte aufteilen.",
    ),
    "file-has-zero-bytes": Words(
        en="Line {line} of {value} holds zero bytes: it is no text, or was damaged. Export it anew.",
        de="Zeile {line} von {value} enthält Nullbytes: Es ist kein Text, oder die Datei wurde unterwegs "
        "beschädigt. Bitte neu exportieren.",
    ),
    "file-is-archive": Words(
        en="{value} is an archive. Unpack it and upload the file inside.",
        de="{value} ist ein Archiv. Bitte entpacken und die Datei darin hochladen.",
    ),
    "file-is-empty": Words(
        en="{value} is empty. Export it anew.",
        de="{value} ist leer. Bitte neu exportieren.",
    ),
    "file-is-image": Words(
        en="{value} is an image. Upload the file that the accounting program exports (CSV, MT940 or camt).",
        de="{value} ist ein Bild. Bitte die Datei hochladen, die das Buchhaltungsprogramm exportiert "
        "(CSV, MT940 oder camt).",
    ),
    "file-is-pdf": Words(
        en="{value} is a PDF. Upload the file that the accounting program exports (CSV, MT940 or camt).",
        de="{value} ist ein PDF. Bitte die Datei hochladen, die das Buchhaltungsprogramm exportiert "
        "(CSV, MT940 oder camt).",
    ),
    "file-is-program": Words(
        en="{value} is a program. Upload the file that the accounting program exports (CSV, MT940 or camt).",
        de="{value} ist ein Programm. Bitte die Datei hochladen, die das Buchhaltungsprogramm exportiert "
        "(CSV, MT940 oder camt).",
    ),
    "file-is-workbook": Words(
        en="{value} is a workbook or office document. Save it as CSV, separated by semicolons.",
        de="{value} ist eine Arbeitsmappe oder ein Office-Dokument. Bitte als CSV speichern, getrennt durch "
        "Strichpunkte.",
    ),
    "file-without-rows": Words(
        en="{value} has no rows behind its headings. Export it anew.",
        de="{value} hat hinter den Überschriften keine Zeilen. Bitte neu exportieren.",
    ),
    "heading-line-broken": Words(
        en="Line {line} should hold the headings and can't be read: {value}. "
        "Check quotes, line end and character set.",
        de="Zeile {line} sollte die Überschriften enthalten und ist nicht lesbar: {value}. "
        "Bitte Anführungszeichen, Zeilenende und Zeichensatz prüfen.",
    ),
    "line-too-long": Words(
        en="Line {line} of {value} is longer than {most} characters; no row of a real file is.",
        de="Zeile {line} von {value} ist länger als {most} Zeichen; keine Zeile einer echten Datei ist das.",
    ),
    "mapping-choice-unknown": Words(
        en="{value} can't stand in {field}. Possible are {allowed}.",
        de="{value} kann nicht in {field} stehen. Möglich sind {allowed}.",
    ),
    "mapping-column-not-of-variant": Words(
        en="A file of {variant} has no use for the column {value}. Possible are {allowed}.",
        de="Eine Datei der Art {variant} braucht die Spalte {value} nicht. Möglich sind {allowed}.",
    ),
    "mapping-column-twice": Words(
        en="The column {value} is given two meanings. Give each column one.",
        de="Die Spalte {value} hat zwei Bedeutungen. Bitte jeder Spalte eine geben.",
    ),
    "mapping-column-unreadable": Words(
        en="{value} is no column: give its heading, or its position from 1 where the file has no headings.",
        de="{value} ist keine Spalte: bitte ihre Überschrift angeben, oder ihre Stelle ab 1, wenn die Datei "
        "keine Überschriften hat.",
    ),
    "mapping-date-format-unknown": Words(
        en="{value} is no date format. Use dd, MM and yyyy once each with . - / or blanks between, such as "
        "dd.MM.yyyy.",
        de="{value} ist kein Datumsformat. Bitte dd, MM und yyyy je einmal verwenden, mit . - / oder "
        "Leerzeichen dazwischen, etwa dd.MM.yyyy.",
    ),
    "mapping-lacks-closing-marks": Words(
        en="A column for the clearing mark and the marks that close belong together. Give both or neither.",
        de="Eine Spalte für das Ausgleichskennzeichen und die schließenden Kennzeichen gehören zusammen. "
        "Bitte beides oder keines angeben.",
    ),
    "mapping-lacks-column": Words(
        en="A file of {variant} needs the column {value}. Say which one it is.",
        de="Eine Datei der Art {variant} braucht die Spalte {value}. Bitte angeben, welche es ist.",
    ),
    "mapping-not-given": Words(
        en="{value} is to be read with an own mapping, and there is none. Name a profile that has one.",
        de="{value} soll mit eigener Zuordnung gelesen werden, und es gibt keine. "
        "Bitte ein Profil nennen, das eine hat.",
    ),
    "mapping-separator-is-decimal-mark": Words(
        en="{value} can't separate columns and decimals alike. Let the file separate columns by semicolons.",
        de="{value} kann nicht zugleich Spalten und Nachkommastellen trennen. "
        "Bitte die Spalten in der Datei durch Strichpunkte trennen.",
    ),
    "mapping-skips-too-many": Words(
        en="{value} lines before the headings are too many; {most} can be left out.",
        de="{value} Zeilen vor den Überschriften sind zu viele; {most} können übergangen werden.",
    ),
    "mapping-word-twice": Words(
        en="“{value}” is empty, stands twice, or is one of more than {most} words. A word means one thing.",
        de="„{value}“ ist leer, steht zweimal da oder ist eines von mehr als {most} Wörtern. "
        "Jedes Wort bedeutet genau eines.",
    ),
    "no-kind-claims": Words(
        en="No kind of import recognises {value} (its first line: {first_line}). "
        "Name the kind, or read it with an own mapping.",
        de="Keine Importart erkennt {value} (erste Zeile: {first_line}). "
        "Bitte die Importart nennen oder die Datei mit eigener Zuordnung einlesen.",
    ),
    "separator-is-decimal-mark": Words(
        en="{value} separates its columns by “{mark}”, which also stands before decimals. "
        "Separate the columns by semicolons.",
        de="{value} trennt die Spalten durch „{mark}“, das auch vor Nachkommastellen steht. "
        "Bitte die Spalten durch Strichpunkte trennen.",
    ),
    "several-kinds-claim": Words(
        en="Several kinds of import recognise {value}: {kinds}. Name the one that is meant.",
        de="Mehrere Importarten erkennen {value}: {kinds}. Bitte die gemeinte nennen.",
    ),
    "variant-differs": Words(
        en="The file was announced as {announced} and is one of {found}. Check which file this is.",
        de="Die Datei wurde als {announced} angekündigt und ist eine von {found}. "
        "Bitte prüfen, welche Datei das ist.",
    ),
}
