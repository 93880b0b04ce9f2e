"""The words for what access refuses, in English and German."""

from tillbridge.kernel.errors import Words

REFUSALS: dict[str, Words] = {
    "act-not-allowed": Words(
        "Your role ({roles}) may not do this ({act}). Ask an administrator for the role that may.",
        "Ihre Rolle ({roles}) darf das nicht ({act}). Bitte die Verwaltung um die passende Rolle bitten.",
    ),
    "branch-not-covered": Words(
        "You may not do this ({act}) in branch {value}; it is none of your branches.",
        "Das ({act}) dürfen Sie in der Filiale {value} nicht; sie gehört nicht zu Ihren Filialen.",
    ),
    "chain-not-covered": Words(
        "This ({act}) concerns every branch, and you have these only: {branches}. Name one of them.",
        "Das ({act}) betrifft alle Filialen, Sie haben nur diese: {branches}. Bitte eine davon angeben.",
    ),
    "branch-not-found": Words(
        "There is no branch {value}, or it is none of yours.",
        "Es gibt keine Filiale {value}, oder sie gehört nicht zu Ihren.",
    ),
    "workstation-not-found": Words(
        "There is no workstation {value}. Write it down under its branch first.",
        "Es gibt keinen Arbeitsplatz {value}. Bitte zuerst in der Filiale anlegen.",
    ),
    "user-not-found": Words("There is no user {value}.", "Es gibt keinen Benutzer {value}."),
    "user-exists": Words(
        "There is a user {value} already. Choose another name, or give the user a new secret.",
        "Es gibt schon einen Benutzer {value}. Bitte einen anderen Namen wählen oder ein neues "
        "Kennwort vergeben.",
    ),
    "user-is-disabled": Words(
        "The user {value} is disabled for good. Make a new user.",
        "Der Benutzer {value} ist endgültig gesperrt. Bitte einen neuen Benutzer anlegen.",
    ),
    "user-is-oneself": Words(
        "You cannot disable yourself ({value}); another administrator can.",
        "Sie können sich nicht selbst sperren ({value}); das kann eine andere Person der Verwaltung.",
    ),
    "id-not-valid": Words(
        "{field} must have 1 to 20 letters, digits or the signs - _ . and begin with a letter or digit; "
        "{value} does not.",
        "{field} muss aus 1 bis 20 Buchstaben, Ziffern oder den Zeichen - _ . bestehen und mit Buchstabe "
        "oder Ziffer beginnen; {value} tut das nicht.",
    ),
    "username-not-valid": Words(
        "{field} must have 1 to 128 small letters, digits or the signs . _ @ + - and begin with a letter or "
        "digit; {value} does not.",
        "{field} muss aus 1 bis 128 Kleinbuchstaben, Ziffern oder den Zeichen . _ @ + - bestehen und mit "
        "Buchstabe oder Ziffer beginnen; {value} tut das nicht.",
    ),
    "roles-not-of-a-person": Words(
        "A person needs at least one role out of cashier, approver, finance, accountant, admin, and neither "
        "till nor agent; given: {value}.",
        "Eine Person braucht mindestens eine der Rollen cashier, approver, finance, accountant, admin und "
        "weder till noch agent; angegeben: {value}.",
    ),
    "admin-without-all-branches": Words(
        "The role admin holds in every branch: give all branches (*), or another role; given: {value}.",
        "Die Rolle admin gilt in allen Filialen: bitte alle Filialen (*) oder eine andere Rolle angeben; "
        "angegeben: {value}.",
    ),
    "roles-not-of-a-device": Words(
        "A user of kind {kind} has the role {kind} and no other; given: {value}.",
        "Ein Benutzer der Art {kind} hat die Rolle {kind} und keine andere; angegeben: {value}.",
    ),
    "device-without-branches": Words(
        "A user of kind {kind} needs its branches by name: at least one, and not all at once.",
        "Ein Benutzer der Art {kind} braucht seine Filialen einzeln: mindestens eine, nicht alle auf einmal.",
    ),
    "agent-without-workstation": Words(
        "An agent needs the workstation that it serves.",
        "Ein Agent braucht den Arbeitsplatz, für den er arbeitet.",
    ),
    "workstation-of-another-branch": Words(
        "The workstation {value} belongs to a branch that the user does not have.",
        "Der Arbeitsplatz {value} gehört zu einer Filiale, die der Benutzer nicht hat.",
    ),
    "audit-search-too-wide": Words(
        "Say which part of the audit trail: a day (and a branch), or one subject, not both.",
        "Bitte angeben, welcher Teil des Protokolls: ein Tag (und eine Filiale) oder ein Gegenstand, "
        "nicht beides.",
    ),
}
