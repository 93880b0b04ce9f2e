"""Every sentence that the shop reads, in English and German, by its code.

A sentence about a problem says what is wrong and what to do. The codes of problems are those that the health
report carries; docs/runbooks/edge-agent.md explains each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping


class Speaker:
    """Says sentences in one language."""

    def __init__(self, language: str = "en") -> None:
        self.language = language

    def say(self, code: str, **facts: str) -> str:
        """The sentence of a code, filled with facts; a fact that is not known stays empty."""
        english, german = SENTENCES.get(code, (code, code))
        known: Mapping[str, str] = defaultdict(str, facts)
        return (german if self.language == "de" else english).format_map(known)


PROBLEMS: dict[str, tuple[str, str]] = {
    "folder-missing": (
        "The folder {folder} is not there. Create it, or connect its drive; nothing is lost meanwhile.",
        "Den Ordner {folder} gibt es nicht. Bitte anlegen oder das Laufwerk verbinden; es geht nichts"
        " verloren.",
    ),
    "folder-not-a-directory": (
        "{folder} is a file, not a folder. Move the file away and create the folder.",
        "{folder} ist eine Datei und kein Ordner. Bitte die Datei verschieben und den Ordner anlegen.",
    ),
    "folder-not-writable": (
        "The agent may not write to {folder} ({reason}). Give its user the right to create and rename files.",
        "Der Agent darf in {folder} nicht schreiben ({reason}). Bitte seinem Benutzer das Ändern erlauben.",
    ),
    "folder-not-absolute": (
        "The folder's name does not begin at a drive or root ({reason}). Enter the whole path at the"
        " interface.",
        "Der Ordnername beginnt nicht mit Laufwerk oder Wurzel ({reason}). Bitte den ganzen Pfad eintragen.",
    ),
    "folder-not-allowed": (
        "{folder} is not under allowed_folders in agent.toml. Add it there, or change the interface.",
        "{folder} liegt nicht unter allowed_folders in agent.toml. Bitte dort eintragen oder die"
        " Schnittstelle ändern.",
    ),
    "name-occupied": (
        "{folder} already holds another file named {name}. It is never overwritten: move it away.",
        "In {folder} liegt schon eine andere Datei {name}. Sie wird nie überschrieben: bitte verschieben.",
    ),
    "name-too-long": (
        "The path of a file in {folder} is too long for this system. Choose a shorter folder.",
        "Der Pfad einer Datei in {folder} ist für dieses System zu lang. Bitte einen kürzeren Ordner wählen.",
    ),
    "file-locked": (
        "Another program holds {name} in {folder} open. The agent goes on when it is closed.",
        "Ein anderes Programm hält {name} in {folder} geöffnet. Der Agent macht weiter, sobald es frei ist.",
    ),
    "disk-full": (
        "The disk of {folder} is full. Make room; the agent goes on by itself.",
        "Die Festplatte mit {folder} ist voll. Bitte Platz schaffen; der Agent macht von selbst weiter.",
    ),
    "disk-error": (
        "{folder} cannot be used: {reason}. Check the disk or the network drive.",
        "{folder} ist nicht benutzbar: {reason}. Bitte Festplatte oder Netzlaufwerk prüfen.",
    ),
    "job-malformed": (
        "A job from the cloud makes no sense ({reason}). This is an error of Tillbridge: report it.",
        "Ein Auftrag aus der Cloud ergibt keinen Sinn ({reason}). Das ist ein Fehler von Tillbridge:"
        " bitte melden.",
    ),
    "kind-unknown": (
        "This agent is too old for a job ({reason}). Update it.",
        "Dieser Agent ist für einen Auftrag zu alt ({reason}). Bitte aktualisieren.",
    ),
    "message-unreadable": (
        "A message from the cloud cannot be read ({reason}). This is an error of Tillbridge: report it.",
        "Eine Nachricht aus der Cloud ist nicht lesbar ({reason}). Das ist ein Fehler von Tillbridge:"
        " bitte melden.",
    ),
    "notebook-outdated": (
        "The cloud has answers that this notebook does not know: it is an old copy. Stop the agent and enrol"
        " again with --fresh.",
        "Die Cloud kennt Antworten, die dieses Notizbuch nicht kennt: es ist eine alte Kopie."
        " Bitte den Agenten"
        " anhalten und mit --fresh neu anmelden.",
    ),
    "notebook-failing": (
        "The agent cannot write its notebook ({reason}). Check the disk of the state folder.",
        "Der Agent kann sein Notizbuch nicht schreiben ({reason}). Bitte die Festplatte des"
        " Statusordners prüfen.",
    ),
    "agent-error": (
        "The agent met an error of its own ({reason}), details are in its log: report it.",
        "Im Agenten ist ein Fehler aufgetreten ({reason}), Näheres steht im Protokoll: bitte melden.",
    ),
}

EVENTS: dict[str, tuple[str, str]] = {
    "started": (
        "Agent {version} for {place} has started; {open} jobs are open.",
        "Agent {version} für {place} ist gestartet; {open} Aufträge sind offen.",
    ),
    "stopped": ("Agent has stopped.", "Agent ist beendet."),
    "result-put": (
        "{put} put into {folder} ({device} #{sequence})",
        "{put} in {folder} abgelegt ({device} #{sequence})",
    ),
    "result-done": ("{device} #{sequence} done: {folder}", "{device} #{sequence} erledigt: {folder}"),
    "result-withdrawn": (
        "{file} withdrawn from {folder} ({device} #{sequence})",
        "{file} aus {folder} zurückgezogen ({device} #{sequence})",
    ),
    "result-gone": (
        "{file} had been collected, {put} put into {folder} ({device} #{sequence})",
        "{file} war schon abgeholt, {put} in {folder} abgelegt ({device} #{sequence})",
    ),
    "result-in_doubt": (
        "In doubt: {device} #{sequence} in {folder}. {doubt} Nothing is put now; compare with what the"
        " consumer has booked.",
        "Unklar: {device} #{sequence} in {folder}. {doubt} Jetzt wird nichts abgelegt; bitte mit den"
        " Buchungen des Empfängers vergleichen.",
    ),
    "result-refused": (
        "{device} #{sequence} refused: {folder} {detail}",
        "{device} #{sequence} abgelehnt: {folder} {detail}",
    ),
    "collected": ("Collected from {folder}: {files}", "Aus {folder} abgeholt: {files}"),
    "blocked": ("{device} waits. {sentence}", "{device} wartet. {sentence}"),
    "well-again": ("{device} goes on.", "{device} macht weiter."),
    "cloud-away": (
        "The cloud cannot be reached for {what} ({reason}). What is noted is done all the same; the agent"
        " keeps trying.",
        "Die Cloud ist nicht erreichbar für {what} ({reason}). Notiertes wird trotzdem erledigt; der Agent"
        " versucht es weiter.",
    ),
    "cloud-back": (
        "The cloud can be reached again for {what}.",
        "Die Cloud ist wieder erreichbar für {what}.",
    ),
    "clock-wrong": (
        "This PC's clock is {seconds} s off. Set it (automatic time), or the cloud will refuse the queue.",
        "Die Uhr dieses PCs geht {seconds} s falsch. Bitte stellen (automatische Zeit), sonst streikt"
        " die Cloud.",
    ),
    "leftovers": ("{count} unfinished files of earlier runs removed.", "{count} unfertige Dateien entfernt."),
}

DOUBTS: dict[str, tuple[str, str]] = {
    "file-absent": (
        "The file is not there, and whether it ever was cannot be known.",
        "Die Datei ist nicht da, und ob sie je da war, ist nicht feststellbar.",
    ),
    "folder-changed": (
        "The folder was made anew or exchanged: whether the file was taken from the old one is not known.",
        "Der Ordner wurde neu angelegt oder ausgetauscht: ob die Datei aus dem alten abgeholt wurde, ist"
        " nicht feststellbar.",
    ),
    "counter-folder-changed": (
        "The file was taken; then the folder was made anew or exchanged: whether the counter-file was taken"
        " from the old one is not known.",
        "Die Datei wurde abgeholt, dann der Ordner neu angelegt oder ausgetauscht: ob die Gegendatei aus dem"
        " alten abgeholt wurde, ist nicht feststellbar.",
    ),
}

COMMANDS: dict[str, tuple[str, str]] = {
    "enrolled": (
        "Enrolled as {place}. State folder: {folder}. Now start: tillbridge-agent run",
        "Angemeldet als {place}. Statusordner: {folder}. Jetzt starten: tillbridge-agent run",
    ),
    "not-enrolled": (
        "This PC is not enrolled ({folder}). Get a code from the administrator and run:"
        " tillbridge-agent enrol CODE"
        " --api URL",
        "Dieser PC ist nicht angemeldet ({folder}). Code beim Administrator holen, dann:"
        " tillbridge-agent enrol CODE"
        " --api URL",
    ),
    "already-enrolled": (
        "This PC is enrolled as {place} already. To enrol it again, add --again.",
        "Dieser PC ist schon als {place} angemeldet. Zum erneuten Anmelden --again angeben.",
    ),
    "already-running": (
        "An agent is already running with the state folder {folder}.",
        "Ein Agent läuft schon mit dem Statusordner {folder}.",
    ),
    "enrol-refused": (
        "The cloud refuses the code: {reason}. Ask for a new one.",
        "Die Cloud lehnt den Code ab: {reason}. Bitte einen neuen holen.",
    ),
    "enrol-unreachable": (
        "The cloud cannot be reached ({reason}). Check address and line, then repeat the same command.",
        "Die Cloud ist nicht erreichbar ({reason}). Adresse und Leitung prüfen, dann denselben Befehl"
        " wiederholen.",
    ),
    "enrolment-answer-broken": (
        "The cloud's answer lacks {field}. Is --api the address of Tillbridge?",
        "In der Antwort der Cloud fehlt {field}. Ist --api die Adresse von Tillbridge?",
    ),
    "api-not-https": (
        "{api} is not an https:// address.",
        "{api} ist keine https://-Adresse.",
    ),
    "identity-broken": (
        "{path} cannot be read ({reason}). Enrol this PC again with --again.",
        "{path} ist nicht lesbar ({reason}). Bitte diesen PC mit --again neu anmelden.",
    ),
    "notebook-missing": (
        "The notebook in {folder} is missing, so nobody knows which jobs were done. Enrol again with"
        " --fresh.",
        "Das Notizbuch in {folder} fehlt, daher ist unbekannt, was erledigt ist. Bitte mit --fresh neu"
        " anmelden.",
    ),
    "notebook-broken": (
        "The notebook {path} cannot be used ({reason}). Check the disk; if it is damaged, enrol again"
        " with --fresh.",
        "Das Notizbuch {path} ist unbrauchbar ({reason}). Festplatte prüfen; sonst mit --fresh neu anmelden.",
    ),
    "notebook-of-another": (
        "The notebook in {folder} belongs to {place}. Enrol again with --fresh.",
        "Das Notizbuch in {folder} gehört zu {place}. Bitte mit --fresh neu anmelden.",
    ),
    "settings-broken": ("{path} is wrong: {reason}.", "{path} ist falsch: {reason}."),
    "state-not-usable": (
        "The state folder {folder} cannot be used ({reason}). Run this as the agent's user.",
        "Der Statusordner {folder} ist nicht benutzbar ({reason}). Bitte als Benutzer des Agenten ausführen.",
    ),
    "good": ("good   {what}", "gut    {what}"),
    "bad": ("WRONG  {what}", "FALSCH {what}"),
    "check-enrolled": ("enrolled as {place}", "angemeldet als {place}"),
    "check-running": ("the agent is running", "der Agent läuft"),
    "check-not-running": (
        "the agent is not running: start it with `tillbridge-agent run` or its service",
        "der Agent läuft nicht: mit `tillbridge-agent run` oder als Dienst starten",
    ),
    "check-cloud": ("the cloud answers and lets us in", "die Cloud antwortet und lässt uns ein"),
    "check-no-cloud": (
        "the cloud does not answer ({reason}): check line, proxy and address",
        "die Cloud antwortet nicht ({reason}): Leitung, Proxy und Adresse prüfen",
    ),
    "check-clock": ("the clock is right ({seconds} s off)", "die Uhr geht richtig ({seconds} s Abweichung)"),
    "check-folder": ("{folder} can be written", "{folder} ist beschreibbar"),
    "check-no-folder": (
        "no folder is known yet: it comes with the first payment file",
        "noch kein Ordner bekannt: er kommt mit der ersten Zahlungsdatei",
    ),
    "status-open": (
        "{open} jobs open, {unreported} results and sightings not yet reported, {waiting} files wait",
        "{open} Aufträge offen, {unreported} Meldungen noch nicht übertragen, {waiting} Dateien warten",
    ),
    "status-device": ("{device}: done up to #{finished}", "{device}: erledigt bis #{finished}"),
    "status-problem": (
        "{device} waits since {since}: {sentence}",
        "{device} wartet seit {since}: {sentence}",
    ),
}

SENTENCES: dict[str, tuple[str, str]] = {**PROBLEMS, **EVENTS, **DOUBTS, **COMMANDS}
