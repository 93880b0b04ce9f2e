"""What the devices room refuses, in words."""

from __future__ import annotations

from tillbridge.kernel.errors import Words

REFUSALS: dict[str, Words] = {
    "agent-not-found": Words(
        en="There is no agent {value} here.",
        de="Einen Agenten {value} gibt es hier nicht.",
    ),
    "agent-replaced": Words(
        en="Another agent was enrolled at workstation {value}; this one gets no more jobs. "
        "Uninstall it here, or enrol it again with a new code.",
        de="Am Arbeitsplatz {value} wurde ein anderer Agent angemeldet; dieser bekommt keine Aufträge mehr. "
        "Bitte hier deinstallieren oder mit einem neuen Code wieder anmelden.",
    ),
    "enrolment-code-unknown": Words(
        en="This enrolment code does not exist. Check it, or have a new one made.",
        de="Diesen Anmeldecode gibt es nicht. Bitte prüfen oder einen neuen erstellen lassen.",
    ),
    "enrolment-code-used": Words(
        en="This enrolment code has been used already; a code enrols one agent. Have a new one made.",
        de="Dieser Anmeldecode wurde schon verwendet; ein Code meldet einen Agenten an. "
        "Bitte einen neuen erstellen lassen.",
    ),
    "enrolment-code-expired": Words(
        en="This enrolment code has expired; it is valid for 24 hours. Have a new one made.",
        de="Dieser Anmeldecode ist abgelaufen; er gilt 24 Stunden. Bitte einen neuen erstellen lassen.",
    ),
    "job-not-found": Words(
        en="Device {device} of this workstation has no job number {value}.",
        de="Das Gerät {device} dieses Arbeitsplatzes hat keinen Auftrag Nummer {value}.",
    ),
    "outcome-does-not-fit": Words(
        en="The outcome {value} does not fit a job of kind {kind}.",
        de="Das Ergebnis {value} passt nicht zu einem Auftrag der Art {kind}.",
    ),
    "job-has-another-outcome": Words(
        en="The job was answered {recorded} before; {value} contradicts that.",
        de="Der Auftrag wurde schon mit {recorded} beantwortet; {value} widerspricht dem.",
    ),
    "result-out-of-order": Words(
        en="Job {value} of device {device} comes too early: the next one to be answered is {expected}.",
        de="Auftrag {value} des Geräts {device} kommt zu früh: Als nächster wird {expected} beantwortet.",
    ),
}
