"""The words for requests that never reach a room: unreadable, unsigned, misshapen (English and German)."""

from tillbridge.kernel.errors import Words

TITLES: dict[int, Words] = {
    400: Words("The request cannot be read", "Die Anfrage ist nicht lesbar"),
    401: Words("Not signed in", "Nicht angemeldet"),
    403: Words("Not allowed", "Nicht erlaubt"),
    404: Words("Not found", "Nicht gefunden"),
    405: Words("Not possible at this address", "An dieser Adresse nicht möglich"),
    409: Words("Contradicts what is recorded", "Widerspricht dem, was verbucht ist"),
    413: Words("The request is too large", "Die Anfrage ist zu groß"),
    415: Words("Only JSON is understood", "Nur JSON wird verstanden"),
    422: Words("Not accepted", "Nicht angenommen"),
    500: Words("An error on our side", "Ein Fehler auf unserer Seite"),
    503: Words("Not available at the moment", "Im Augenblick nicht verfügbar"),
}
"""HTTP status -> the headline of its problems."""

REFUSALS: dict[str, Words] = {
    "address-unknown": Words(
        "There is nothing at this address. Compare it with the addresses on the API page.",
        "Unter dieser Adresse gibt es nichts. Bitte mit den Adressen der API-Seite vergleichen.",
    ),
    "method-not-possible": Words(
        "{value} is not possible at this address; possible are: {possible}.",
        "{value} ist an dieser Adresse nicht möglich; möglich sind: {possible}.",
    ),
    "body-is-not-json": Words(
        "The body of the request is not valid JSON: {reason}. Send one JSON object, encoded as UTF-8.",
        "Der Inhalt der Anfrage ist kein gültiges JSON: {reason}. Bitte ein JSON-Objekt in UTF-8 senden.",
    ),
    "body-too-large": Words(
        "The body of the request has {bytes} bytes; at most {max_bytes} are read.",
        "Der Inhalt der Anfrage hat {bytes} Bytes; höchstens {max_bytes} werden gelesen.",
    ),
    "content-type-not-json": Words(
        "The body is sent as {value}; send it as application/json.",
        "Der Inhalt wird als {value} gesendet; bitte als application/json senden.",
    ),
    "idempotency-key-missing": Words(
        "The header Idempotency-Key is missing. Send a new value of your own for each new request, "
        "and the same value when you repeat one.",
        "Der Header Idempotency-Key fehlt. Bitte für jede neue Anfrage einen neuen eigenen Wert senden "
        "und denselben Wert, wenn eine Anfrage wiederholt wird.",
    ),
    "idempotency-key-not-valid": Words(
        "The header Idempotency-Key must have 1 to 200 characters: letters, digits and signs without blanks.",
        "Der Header Idempotency-Key muss 1 bis 200 Zeichen haben: Buchstaben, Ziffern und Satzzeichen "
        "ohne Leerzeichen.",
    ),
    "token-missing": Words(
        "Sign in first: the request carries no access token.",
        "Bitte zuerst anmelden: Die Anfrage trägt kein Zugriffstoken.",
    ),
    "token-not-for-access": Words(
        "The request carries a token of kind {value}; send the access token.",
        "Die Anfrage trägt ein Token der Art {value}; bitte das Zugriffstoken (access) senden.",
    ),
    "token-of-another-client": Words(
        "This token came through a sign-in that is not meant for you. Sign in where your kind of user does.",
        "Diese Anmeldung ist nicht für Sie gedacht. Bitte dort anmelden, wo Ihre Art von Benutzer es tut.",
    ),
    "token-unreadable": Words(
        "The access token names neither a user nor a workstation that we understand; sign in anew.",
        "Das Zugriffstoken nennt keinen Benutzer oder Arbeitsplatz, den wir verstehen; bitte neu anmelden.",
    ),
    "request-not-valid": Words(
        "{count} field(s) of the request are not right. {first}",
        "{count} Feld(er) der Anfrage stimmen nicht. {first}",
    ),
    "field-missing": Words("{field} is missing.", "{field} fehlt."),
    "field-unknown": Words(
        "{field} is not known here; leave it out or correct its spelling.",
        "{field} ist hier unbekannt; bitte weglassen oder die Schreibweise berichtigen.",
    ),
    "field-not-text": Words(
        "{field} must be a text in quotation marks.", "{field} muss ein Text in Anführungszeichen sein."
    ),
    "field-not-whole-number": Words(
        "{field} must be a whole number, without quotation marks.",
        "{field} muss eine ganze Zahl sein, ohne Anführungszeichen.",
    ),
    "field-not-number": Words("{field} must be a number.", "{field} muss eine Zahl sein."),
    "field-not-true-or-false": Words("{field} must be true or false.", "{field} muss true oder false sein."),
    "field-not-list": Words(
        "{field} must be a list in square brackets.", "{field} muss eine Liste in eckigen Klammern sein."
    ),
    "field-not-object": Words(
        "{field} must be an object in curly brackets.",
        "{field} muss ein Objekt in geschweiften Klammern sein.",
    ),
    "field-too-short": Words(
        "{field} is too short; it needs at least {limit} character(s) or entries.",
        "{field} ist zu kurz; nötig ist/sind mindestens {limit} Zeichen oder Einträge.",
    ),
    "field-too-long": Words(
        "{field} is too long; it may have at most {limit} characters or entries.",
        "{field} ist zu lang; erlaubt sind höchstens {limit} Zeichen oder Einträge.",
    ),
    "field-not-in-form": Words(
        "{field} does not have the form that is asked for here (pattern {limit}).",
        "{field} hat nicht die Form, die hier verlangt ist (Muster {limit}).",
    ),
    "field-not-in-list": Words(
        "{field} must be one of: {limit}.", "{field} muss einer dieser Werte sein: {limit}."
    ),
    "field-too-small": Words(
        "{field} is too small; it must not be below the limit of {limit}.",
        "{field} ist zu klein; die Grenze ist {limit}.",
    ),
    "field-too-great": Words(
        "{field} is too great; it must not be above the limit of {limit}.",
        "{field} ist zu groß; die Grenze ist {limit}.",
    ),
    "field-not-valid": Words(
        "{field} has a value that is not possible here.",
        "{field} hat einen Wert, der hier nicht möglich ist.",
    ),
    "error-of-ours": Words(
        "Something went wrong on our side. It has been noted under {reference}; "
        "repeat the request with the same Idempotency-Key.",
        "Auf unserer Seite ging etwas schief. Es ist unter {reference} vermerkt; bitte die Anfrage mit "
        "demselben Idempotency-Key wiederholen.",
    ),
    "outside-not-available": Words(
        "A service that we need does not answer. Repeat the same request in a few seconds.",
        "Ein Dienst, den wir brauchen, antwortet nicht. Bitte dieselbe Anfrage in einigen Sekunden "
        "wiederholen.",
    ),
}
