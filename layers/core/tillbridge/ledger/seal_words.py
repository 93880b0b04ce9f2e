"""What the commands about seals say, in English and German."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

from .seals import Fault, Finding

FAULTS: dict[Fault, Words] = {
    Fault.SEAL_MISSING: Words(
        en="Seal {seal} is missing; others stand after it.",
        de="Siegel {seal} fehlt; nach ihm stehen noch welche.",
    ),
    Fault.SEAL_REPLACED: Words(
        en="Somebody put another file over seal {seal} or its leaves, or deleted them. "
        "The first version was checked.",
        de="Jemand hat über Siegel {seal} oder seine Blätter eine andere Datei gelegt oder sie gelöscht. "
        "Geprüft wurde die erste Fassung.",
    ),
    Fault.SEAL_UNREADABLE: Words(
        en="Seal {seal} cannot be read: its file is not one that a seal writes.",
        de="Siegel {seal} ist nicht lesbar: Seine Datei ist keine, die ein Siegel schreibt.",
    ),
    Fault.CHAIN_BROKEN: Words(
        en="Seal {seal} does not follow the seal before it, or its times are none that a seal is made with: "
        "that one, or this one, was exchanged or forged.",
        de="Siegel {seal} schließt nicht an das vorige an, oder mit seinen Zeiten entsteht kein Siegel: "
        "Dieses oder das vorige wurde ausgetauscht oder untergeschoben.",
    ),
    Fault.LEAVES_MISSING: Words(
        en="The leaf file of seal {seal} is missing; its entries cannot be checked one by one.",
        de="Die Blätterdatei von Siegel {seal} fehlt; seine Buchungen lassen sich nicht einzeln prüfen.",
    ),
    Fault.LEAVES_BROKEN: Words(
        en="The leaf file of seal {seal} is not the one that was sealed, "
        "or it holds entries from outside the seal's window.",
        de="Die Blätterdatei von Siegel {seal} ist nicht die versiegelte, "
        "oder sie enthält Buchungen von außerhalb seines Fensters.",
    ),
    Fault.SEALING_STOPPED: Words(
        en="After seal {seal} there is none, though the period goes on: sealing stands still, "
        "or later seals are gone.",
        de="Nach Siegel {seal} gibt es keines, obwohl der Zeitraum weitergeht: Das Siegeln steht still, "
        "oder spätere Siegel sind weg.",
    ),
    Fault.PERIOD_NOT_SEALED: Words(
        en="No seal covers any of this period: nothing is proved.",
        de="Kein Siegel deckt etwas von diesem Zeitraum: Es ist nichts bewiesen.",
    ),
    Fault.ENTRY_CHANGED: Words(
        en="Entry {entry} was changed after it had been sealed (seal {seal}).",
        de="Buchung {entry} wurde nach dem Versiegeln geändert (Siegel {seal}).",
    ),
    Fault.ENTRY_MISSING: Words(
        en="Entry {entry} is not in the journal (sealed in {seal}; 0: in none).",
        de="Buchung {entry} steht nicht im Journal (versiegelt in {seal}; 0: in keinem).",
    ),
    Fault.ENTRY_ADDED: Words(
        en="Entry {entry} was added behind: it is older than the last seals, and none holds it.",
        de="Buchung {entry} wurde nachträglich eingefügt: Sie ist älter als die letzten Siegel, "
        "und keines enthält sie.",
    ),
    Fault.ENTRY_UNREADABLE: Words(
        en="The row {entry} stands in the journal, in no seal, and is no journal entry.",
        de="Die Zeile {entry} steht im Journal, in keinem Siegel, und ist keine Buchung.",
    ),
    Fault.ENTRY_NOT_SEALED: Words(
        en="Entry {entry} is not sealed yet. Seals are made every hour; ask again then.",
        de="Buchung {entry} ist noch nicht versiegelt. Gesiegelt wird stündlich; bitte dann erneut fragen.",
    ),
    Fault.ID_UNREADABLE: Words(
        en="{entry} is no id of an entry. One looks like this: 20261124T170512345-01-3f9c0a1b2c3d4e5f.",
        de="{entry} ist keine Kennung einer Buchung. Eine sieht so aus: "
        "20261124T170512345-01-3f9c0a1b2c3d4e5f.",
    ),
}

SENTENCES: dict[str, Words] = {
    "checking": Words(
        en="{day}; {entries} entries read so far …",
        de="{day}; bisher {entries} Buchungen gelesen …",
    ),
    "checked": Words(
        en="{seals} seals, from {from_} until {until} (UTC); {entries} entries read; "
        "{waiting} wait for the next seal.",
        de="{seals} Siegel, von {from_} bis {until} (UTC); {entries} Buchungen gelesen; "
        "{waiting} warten auf das nächste Siegel.",
    ),
    "begins-later": Words(
        en="Before {from_} there are no seals; of that part of the period nothing is proved.",
        de="Vor {from_} gibt es keine Siegel; von diesem Teil des Zeitraums ist nichts bewiesen.",
    ),
    "unbroken": Words(
        en="UNBROKEN: every entry is there as it was sealed, and no other.",
        de="UNVERSEHRT: Jede Buchung ist da, wie sie versiegelt wurde, und keine andere.",
    ),
    "broken": Words(
        en="BROKEN: {count} findings. The first:",
        de="GEBROCHEN: {count} Befunde. Der erste:",
    ),
    "more": Words(
        en="and {count} more.",
        de="und {count} weitere.",
    ),
    "proved": Words(
        en="PROVED: entry {entry} stands in the journal as seal {seal} holds it (made {made_at}, "
        "place {index} of {leaves}).",
        de="BEWIESEN: Buchung {entry} steht im Journal, wie Siegel {seal} sie enthält (vom {made_at}, "
        "Platz {index} von {leaves}).",
    ),
    "not-proved": Words(
        en="NOT PROVED:",
        de="NICHT BEWIESEN:",
    ),
    "setting-missing": Words(
        en="The setting {setting} is missing. Name the stage with --stage, or set the environment variable.",
        de="Die Einstellung {setting} fehlt. Bitte mit --stage die Umgebung nennen "
        "oder die Umgebungsvariable setzen.",
    ),
    "outside-failed": Words(
        en="AWS does not answer or does not let you in ({reason}). Nothing was found out; repeat it.",
        de="AWS antwortet nicht oder lässt Sie nicht ein ({reason}). Es wurde nichts festgestellt; "
        "bitte wiederholen.",
    ),
    "period-backwards": Words(
        en="--until is before --from. Both days are UTC days, and both belong to the period.",
        de="--until liegt vor --from. Beides sind UTC-Tage, und beide gehören zum Zeitraum.",
    ),
}


def say(language: str, words: Words, **facts: object) -> str:
    """A sentence in a language, ``de`` or ``en``."""
    return (words.de if language == "de" else words.en).format(**facts)


def say_finding(language: str, finding: Finding) -> str:
    """A finding as a sentence."""
    return say(language, FAULTS[finding.fault], seal=finding.seal, entry=finding.entry)
