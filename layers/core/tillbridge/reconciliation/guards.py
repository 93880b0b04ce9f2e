"""What makes a list of open items wait for a named person (RI-33); pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tillbridge.kernel.currencies import DECIMALS
from tillbridge.kernel.errors import Words
from tillbridge.ledger.model import WHOLE_BASIS_POINTS

from .import_model import Limits, Stop, Totals


class LastList(NamedTuple):
    """The last list of open items of a profile that was booked: its day, and how many rows it had."""

    as_of: str
    listed: int


class Lists(NamedTuple):
    """What is known of a profile's lists of open items: the last one booked, and the import being booked.

    ``revision`` counts how often booking a list has begun: a list begins only while it is as it was when the
    list was judged, so of two that are judged at the same moment the second is judged again.
    """

    last: LastList | None = None
    booking: str = ""
    revision: int = 0


def guards_that_fire(
    totals: Totals,
    *,
    listed: int,
    in_scope: int,
    as_of: str,
    import_day: str,
    currency: str,
    lists: Lists,
    limits: Limits,
) -> tuple[Stop, ...]:
    """The guards that fire, in the order of ``docs/formats/settlement.md``; none: the list may be booked.

    ``listed`` counts the rows of the list, ``in_scope`` the open documents in its scope. ``totals`` are those
    of the assessment; its sums of amounts have no signs: credit notes hide nothing.
    """
    fired = [
        *_too_much(totals, in_scope=in_scope, currency=currency, limits=limits),
        *_wrong_day(as_of, import_day, lists.last),
        *_too_little(listed, lists.last, limits),
    ]
    if lists.booking:
        fired.append(Stop("other-list-in-booking", "", lists.booking))
    if totals.absent_touched:
        told = {"value_de": _german_day(as_of), "count": str(totals.absent_touched)}
        fired.append(Stop("touched-after-list", "as_of", as_of, told))
    wrong = totals.refused + totals.review
    if wrong:
        fired.append(Stop("unknown-or-wrong-rows", "", str(wrong)))
    return tuple(fired)


def _too_much(totals: Totals, *, in_scope: int, currency: str, limits: Limits) -> list[Stop]:
    """More would be settled than the profile lets pass."""
    fired = []
    count, most_count = totals.by_absence, limits.most_settled_by_absence
    if count > most_count:
        fired.append(Stop("too-many-by-absence", "", str(count), {"limit": str(most_count)}))
    for code, minor in (
        ("too-much-by-absence", totals.absence_minor),
        ("too-much-set-lower", totals.moved_minor),
    ):
        most_minor = limits.most_minor_by_absence
        if minor > most_minor:
            facts = _told("amount", minor, currency) | _told("limit", most_minor, currency)
            fired.append(Stop(code, "", str(minor), facts))
    most_share = limits.most_share_basis_points
    if count * WHOLE_BASIS_POINTS > most_share * in_scope:
        # Rounded up: what is shown must lie above the limit. None in scope means all of them.
        share = -(-count * WHOLE_BASIS_POINTS // in_scope) if in_scope else WHOLE_BASIS_POINTS
        facts = _told_share("share", share) | _told_share("limit", most_share)
        fired.append(Stop("share-by-absence", "", str(share), facts))
    return fired


def _wrong_day(as_of: str, import_day: str, last: LastList | None) -> list[Stop]:
    """The day of the list can't be right, or nothing is known to compare it with."""
    fired = []
    if last is None:
        fired.append(Stop("first-list"))
    elif as_of <= last.as_of:
        facts = {"value_de": _german_day(as_of), "last": last.as_of, "last_de": _german_day(last.as_of)}
        fired.append(Stop("older-than-last", "as_of", as_of, facts))
    if as_of > import_day:
        fired.append(Stop("as-of-in-future", "as_of", as_of, {"value_de": _german_day(as_of)}))
    return fired


def _too_little(listed: int, last: LastList | None, limits: Limits) -> list[Stop]:
    """The list has fewer rows than one would expect after the last one; an empty list is always too small."""
    share = last.listed * limits.least_rows_basis_points if last else 0
    least = max(-(-share // WHOLE_BASIS_POINTS), 1)
    if listed >= least:
        return []
    return [Stop("suspiciously-small", "", str(listed), {"limit": str(least)})]


def _told(name: str, minor: int, currency: str) -> dict[str, str]:
    """An amount as a bookkeeper reads it, in both languages: ``12,345.67 EUR`` and ``12.345,67 EUR``."""
    whole, fraction = divmod(minor, 10 ** DECIMALS[currency])
    decimals = f".{fraction:0{DECIMALS[currency]}}" if DECIMALS[currency] else ""
    return _in_both(name, f"{whole:,}{decimals} {currency}")


def _told_share(name: str, basis_points: int) -> dict[str, str]:
    """Basis points as per cent, in both languages: ``12.5 %`` and ``12,5 %``."""
    whole, fraction = divmod(basis_points, 100)
    decimals = f".{fraction:02}".rstrip("0") if fraction else ""
    return _in_both(name, f"{whole:,}{decimals} %")


def _in_both(name: str, english: str) -> dict[str, str]:
    return {name: english, f"{name}_de": english.translate(str.maketrans(",.", ".,"))}


def _german_day(day: str) -> str:
    return ".".join(reversed(day.split("-")))


GUARDS: Mapping[str, Words] = {
    "approval-always": Words(
        en="The profile asks for a person's approval of every file.",
        de="Das Profil verlangt für jede Datei die Freigabe durch eine Person.",
    ),
    "as-of-in-future": Words(
        en="The list claims to show the open items of {value}, a day that is still to come. Check the day.",
        de="Die Liste soll die offenen Posten vom {value_de} zeigen; dieser Tag kommt erst noch. "
        "Bitte den Stichtag prüfen.",
    ),
    "first-list": Words(
        en="This is the first list of open items of this profile. Look at it before it settles anything.",
        de="Dies ist die erste Offene-Posten-Liste dieses Profils. "
        "Bitte ansehen, bevor sie etwas ausgleicht.",
    ),
    "older-than-last": Words(
        en="The list is of {value}, not later than the last one of {last}.",
        de="Die Liste ist vom {value_de} und damit nicht jünger als die letzte vom {last_de}.",
    ),
    "other-list-in-booking": Words(
        en="While this list was looked at, another one of the profile was being booked ({value}). What this "
        "one would do may be less by now; look at that one first.",
        de="Während diese Liste geprüft wurde, lief die Buchung einer anderen Liste des Profils ({value}). "
        "Was diese bewirken würde, kann inzwischen weniger sein; bitte zuerst jene ansehen.",
    ),
    "share-by-absence": Words(
        en="Of the open invoices in scope, {share} would be settled because they are not listed; "
        "the limit is {limit}.",
        de="Von den offenen Rechnungen im Umfang würden {share_de} ausgeglichen, weil sie nicht auf der "
        "Liste stehen; die Grenze ist {limit_de}.",
    ),
    "suspiciously-small": Words(
        en="Rows of the list: {value}; at least {limit} would be expected. Is it complete?",
        de="Zeilen der Liste: {value}; zu erwarten wären mindestens {limit}. Ist sie vollständig?",
    ),
    "too-many-by-absence": Words(
        en="Invoices that would be settled because they are not listed: {value}; the limit is {limit}.",
        de="Rechnungen, die ausgeglichen würden, weil sie nicht auf der Liste stehen: {value}; "
        "die Grenze ist {limit}.",
    ),
    "too-much-by-absence": Words(
        en="{amount} would be settled because the invoices are not listed; the limit is {limit}.",
        de="{amount_de} würden ausgeglichen, weil die Rechnungen nicht auf der Liste stehen; "
        "die Grenze ist {limit_de}.",
    ),
    "too-much-set-lower": Words(
        en="{amount} would be booked because listed invoices have a lower open amount there; "
        "the limit is {limit}.",
        de="{amount_de} würden gebucht, weil Rechnungen auf der Liste mit kleinerem offenem Betrag stehen; "
        "die Grenze ist {limit_de}.",
    ),
    "touched-after-list": Words(
        en="Invoices that would be settled because they are not listed, though something was recorded on "
        "them on {value}, the day of the list, or later: {count} (named in the report). Was one of them "
        "reopened since?",
        de="Rechnungen, die ausgeglichen würden, weil sie nicht auf der Liste stehen, obwohl am "
        "Stichtag {value_de} oder danach noch etwas auf ihnen erfasst wurde: {count} (im Bericht einzeln "
        "genannt). Ist eine davon seither wieder offen?",
    ),
    "unknown-or-wrong-rows": Words(
        en="Rows that are wrong or need a decision: {value}. A list that is wrong in one place can't be "
        "trusted about what is missing.",
        de="Zeilen, die falsch sind oder eine Entscheidung brauchen: {value}. Einer Liste, die an einer "
        "Stelle falsch ist, darf man beim Fehlenden nicht trauen.",
    ),
    "unreadable-rows-in-marked-list": Words(
        en="Rows that can't be read: {value}. Any of them may say that an invoice is still open of which "
        "another row says that it is cleared.",
        de="Zeilen, die nicht lesbar sind: {value}. Jede davon kann besagen, dass eine Rechnung noch offen "
        "ist, die eine andere Zeile als ausgeglichen führt.",
    ),
}
"""Guard -> what the person reads who approves or rejects; facts with ``_de`` are for the German words."""
