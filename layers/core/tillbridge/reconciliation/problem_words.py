"""What is wrong with single rows of import files, and what is worth knowing about a file, in words (RI-32).

The place (line, column, cell) is told by whoever shows a problem; the words say what is wrong and what would
be right.
"""

from __future__ import annotations

from collections.abc import Mapping

from tillbridge.kernel.errors import Words

from .bank_refusals import REFUSALS as BANK_WORDS

PROBLEMS: Mapping[str, Words] = {
    **BANK_WORDS,
    "cell-amount-below-zero": Words(
        en="The amount is below zero; it should be zero or more.",
        de="Der Betrag ist kleiner als null; richtig wäre null oder mehr.",
    ),
    "cell-amount-is-ambiguous": Words(
        en="This can be read as two different amounts. Write it like {right}.",
        de="Das kann als zwei verschiedene Beträge gelesen werden. Bitte wie {right} schreiben.",
    ),
    "cell-amount-too-large": Words(
        en="The amount is larger than any real one. Check it.",
        de="Der Betrag ist größer als jeder echte. Bitte prüfen.",
    ),
    "cell-day-too-far": Words(
        en="The day lies outside of the years {earliest} to {latest}. Check it.",
        de="Der Tag liegt außerhalb der Jahre {earliest} bis {latest}. Bitte prüfen.",
    ),
    "cell-has-invisible-characters": Words(
        en="The cell holds control or invisible characters. Remove them.",
        de="Die Zelle enthält Steuer- oder unsichtbare Zeichen. Bitte entfernen.",
    ),
    "cell-has-too-many-decimals": Words(
        en="The amount has too many decimals; {currency} has {decimals}.",
        de="Der Betrag hat zu viele Nachkommastellen; {currency} hat {decimals}.",
    ),
    "cell-is-empty": Words(
        en="The cell is empty; the row means nothing without it.",
        de="Die Zelle ist leer; ohne sie bedeutet die Zeile nichts.",
    ),
    "cell-is-neither-yes-nor-no": Words(
        en="This is neither yes nor no. Use one of {allowed}, or leave it empty.",
        de="Das ist weder ja noch nein. Bitte {allowed} verwenden oder leer lassen.",
    ),
    "cell-is-no-account": Words(
        en="This is no account; it has at most nine digits.",
        de="Das ist kein Konto; ein Konto hat höchstens neun Ziffern.",
    ),
    "cell-is-no-amount": Words(
        en="This is no amount. It should be like {right}.",
        de="Das ist kein Betrag. Richtig wäre etwa {right}.",
    ),
    "cell-is-no-branch": Words(
        en="This can't be the id of a branch. Use the id under which the branch was set up.",
        de="Das kann nicht die Kennung einer Filiale sein. "
        "Bitte die Kennung verwenden, unter der die Filiale angelegt ist.",
    ),
    "cell-is-no-country": Words(
        en="This is no country; it should be two capital letters, such as DE.",
        de="Das ist kein Land; richtig wären zwei Großbuchstaben, etwa DE.",
    ),
    "cell-is-no-currency": Words(
        en="This is no currency; it should be three letters of ISO 4217, such as EUR.",
        de="Das ist keine Währung; richtig wären drei Buchstaben nach ISO 4217, etwa EUR.",
    ),
    "cell-is-no-day": Words(
        en="This is no day; it should be written as {format}.",
        de="Das ist kein Tag; richtig wäre die Form {format}.",
    ),
    "cell-is-no-document-number": Words(
        en="This can't be the number of a document: at most 120 bytes, none of the signs that file names "
        "forbid, no dot or blank at its edges.",
        de="Das kann keine Belegnummer sein: höchstens 120 Byte, keines der Zeichen, die in Dateinamen "
        "verboten sind, weder Punkt noch Leerzeichen am Rand.",
    ),
    "cell-is-no-number": Words(
        en="This is no whole number from 0 to {most}.",
        de="Das ist keine ganze Zahl von 0 bis {most}.",
    ),
    "cell-is-no-percentage": Words(
        en="This is no possible percentage. It should be like {right}, with at most two decimals.",
        de="Das ist kein möglicher Prozentsatz. Richtig wäre etwa {right}, mit höchstens zwei "
        "Nachkommastellen.",
    ),
    "cell-is-none-of-these": Words(
        en="This is none of the words that are possible here: {allowed}.",
        de="Das ist keines der Wörter, die hier möglich sind: {allowed}.",
    ),
    "cell-number-too-long": Words(
        en="The number is longer than {most} bytes; no document here has one.",
        de="Die Nummer ist länger als {most} Byte; so lang ist hier keine Belegnummer.",
    ),
    "cell-too-long": Words(
        en="The text is longer than {most} characters. Shorten it.",
        de="Der Text ist länger als {most} Zeichen. Bitte kürzen.",
    ),
    "characters-of-two-sets": Words(
        en="The line is written in UTF-8, others in Windows-1252. Save the whole file in one of them.",
        de="Die Zeile ist in UTF-8 geschrieben, die Zeilen davor in Windows-1252. "
        "Bitte die ganze Datei in einem davon speichern.",
    ),
    "characters-unreadable": Words(
        en="The line holds bytes that are no characters in the set of the file. Save it in UTF-8.",
        de="Die Zeile enthält Bytes, die im Zeichensatz der Datei keine Zeichen sind. "
        "Bitte in UTF-8 speichern.",
    ),
    "clearing-mark-unknown": Words(
        en="This clearing mark is not known. Possible are {allowed}, or nothing for what is still open.",
        de="Dieses Ausgleichskennzeichen ist unbekannt. Möglich sind {allowed}, oder nichts, wenn der Posten "
        "offen ist.",
    ),
    "day-lies-ahead": Words(
        en="The day lies after the day of the import ({today}). Check it.",
        de="Der Tag liegt nach dem Tag des Imports ({today}). Bitte prüfen.",
    ),
    "discount-lacks-its-other-half": Words(
        en="A cash discount needs its days and its percentage. Give both or neither.",
        de="Ein Skonto braucht Tage und Prozentsatz. Bitte beides oder keines angeben.",
    ),
    "dunning-fee-below-zero": Words(
        en="A dunning fee can't be below zero. Write it without a sign.",
        de="Eine Mahngebühr kann nicht kleiner als null sein. Bitte ohne Vorzeichen schreiben.",
    ),
    "last-line-has-no-end": Words(
        en="The last line has no line end; the file was cut there, perhaps in an amount. Export it anew.",
        de="Die letzte Zeile hat kein Zeilenende; die Datei ist dort abgeschnitten, vielleicht mitten in "
        "einem Betrag. Bitte neu exportieren.",
    ),
    "neither-debit-nor-credit": Words(
        en="The line has neither a debit nor a credit amount. One of them must be filled.",
        de="Die Zeile hat weder einen Soll- noch einen Habenbetrag. Einer davon muss gefüllt sein.",
    ),
    "open-item-in-foreign-currency": Words(
        en="The item was booked in another currency than {expected}; what is open of it can't be told from "
        "this file.",
        de="Der Posten wurde in einer anderen Währung als {expected} gebucht; was davon offen ist, sagt "
        "diese Datei nicht.",
    ),
    "quotes-misplaced": Words(
        en="A quotation mark stands where a cell goes on. Double it within a cell.",
        de="Ein Anführungszeichen steht, wo eine Zelle weitergeht. Innerhalb einer Zelle bitte verdoppeln.",
    ),
    "quotes-not-closed": Words(
        en="A quotation mark is opened and not closed in this line. A row must stand on one line.",
        de="Ein Anführungszeichen wird in dieser Zeile geöffnet und nicht geschlossen. "
        "Eine Zeile muss auf einer Zeile stehen.",
    ),
    "row-inside-quotes": Words(
        en="The line stands within quotation marks that were opened before. Check the line where they begin.",
        de="Die Zeile steht in Anführungszeichen, die davor geöffnet wurden. "
        "Bitte die Zeile prüfen, in der sie beginnen.",
    ),
    "row-repeats-headings": Words(
        en="The headings stand here again: two files were put together. Upload them one by one.",
        de="Hier stehen die Überschriften noch einmal: Zwei Dateien wurden zusammengefügt. "
        "Bitte einzeln hochladen.",
    ),
    "row-too-long": Words(
        en="The row has {cells} cells, the file {columns} columns. Put cells with separators into quotes.",
        de="Die Zeile hat {cells} Zellen, die Datei {columns} Spalten. "
        "Bitte Zellen mit Trennzeichen in Anführungszeichen setzen.",
    ),
    "row-too-short": Words(
        en="The row has {cells} cells, the file {columns} columns. An empty cell needs its separator too.",
        de="Die Zeile hat {cells} Zellen, die Datei {columns} Spalten. "
        "Auch eine leere Zelle braucht ihr Trennzeichen.",
    ),
    "second-discount-not-smaller": Words(
        en="The second cash discount must come later and be smaller than the first.",
        de="Das zweite Skonto muss später kommen und kleiner sein als das erste.",
    ),
    "side-unknown": Words(
        en="This is no side of an account. Possible are {allowed}, or nothing.",
        de="Das ist keine Seite eines Kontos. Möglich sind {allowed}, oder nichts.",
    ),
}
"""Code of a problem of a row -> its words."""

NOTICES: Mapping[str, Words] = {
    **BANK_WORDS,
    "rows-left-out-cleared": Words(
        en="{rows} rows are marked as cleared; they are not open and were left out.",
        de="{rows} Zeilen sind als ausgeglichen gekennzeichnet; sie sind nicht offen und blieben weg.",
    ),
    "rows-left-out-closed": Words(
        en="{rows} rows say that they are not open any more; they were left out.",
        de="{rows} Zeilen sagen, dass sie nicht mehr offen sind; sie blieben weg.",
    ),
    "rows-left-out-older": Words(
        en="{rows} closed items are older than two years; they were left out.",
        de="{rows} geschlossene Posten sind älter als zwei Jahre; sie blieben weg.",
    ),
    "rows-left-out-other-document": Words(
        en="{rows} rows are neither invoices nor credit notes; they were left out.",
        de="{rows} Zeilen sind weder Rechnungen noch Gutschriften; sie blieben weg.",
    ),
}
"""Code of a notice about a file -> its words."""
