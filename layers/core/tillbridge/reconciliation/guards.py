"""What makes a list of open items wait for a named person (RI-33); pure."""

from __future__ import annotations

from typing import NamedTuple

from tillbridge.kernel.errors import Words
from tillbridge.ledger.model import WHOLE_BASIS_POINTS

from .import_model import Limits, Stop, Totals


class LastList(NamedTuple):
    """The last list of open items of a profile that was booked: its day, and how many rows it had."""

    as_of: str
    listed: int


def guards_that_fire(
    totals: Totals, *, listed: int, in_scope: int, as_of: str, last: LastList | None, limits: Limits
) -> tuple[Stop, ...]:
    """The guards that fire, in the order of ``docs/formats/settlement.md``; none: the list may be booked.

    ``listed`` counts the rows of the list, ``in_scope`` the open documents in its scope.
    """
    fired = []
    if totals.by_absence > limits.most_settled_by_absence:
        fired.append(_stop("too-many-by-absence", totals.by_absence, limits.most_settled_by_absence))
    if totals.absence_minor > limits.most_minor_by_absence:
        fired.append(_stop("too-much-by-absence", totals.absence_minor, limits.most_minor_by_absence))
    if totals.by_absence * WHOLE_BASIS_POINTS > limits.most_share_basis_points * in_scope:
        share = totals.by_absence * WHOLE_BASIS_POINTS // max(in_scope, 1)
        fired.append(_stop("share-by-absence", share, limits.most_share_basis_points))
    if last is None:
        fired.append(_stop("first-list", listed, 0))
    elif as_of <= last.as_of:
        fired.append(Stop("older-than-last", "as_of", as_of, {"last": last.as_of}))
    if listed == 0 or (
        last is not None and listed * WHOLE_BASIS_POINTS < last.listed * limits.least_rows_basis_points
    ):
        fired.append(_stop("suspiciously-small", listed, last.listed if last else 0))
    if totals.refused or totals.review:
        fired.append(_stop("unknown-or-wrong-rows", totals.refused + totals.review, 0))
    return tuple(fired)


def _stop(code: str, value: int, limit: int) -> Stop:
    return Stop(code, "", str(value), {"limit": str(limit)})


GUARDS: dict[str, Words] = {
    "approval-always": Words(
        en="The profile asks for a person's approval of every file.",
        de="Das Profil verlangt für jede Datei die Freigabe durch eine Person.",
    ),
    "first-list": Words(
        en="This is the first list of open items of this profile. Look at it before it settles anything.",
        de="Dies ist die erste Offene-Posten-Liste dieses Profils. "
        "Bitte ansehen, bevor sie etwas ausgleicht.",
    ),
    "older-than-last": Words(
        en="The list is of {value}, not later than the last one of {last}.",
        de="Die Liste ist vom {value} und damit nicht jünger als die letzte vom {last}.",
    ),
    "share-by-absence": Words(
        en="{value} of 10,000 open invoices in scope would be settled because they are not listed; "
        "the limit is {limit}.",
        de="{value} von 10.000 offenen Rechnungen im Umfang würden ausgeglichen, weil sie fehlen; "
        "die Grenze ist {limit}.",
    ),
    "suspiciously-small": Words(
        en="The list has {value} rows, the last one had {limit}. Is it complete?",
        de="Die Liste hat {value} Zeilen, die letzte hatte {limit}. Ist sie vollständig?",
    ),
    "too-many-by-absence": Words(
        en="{value} invoices would be settled because they are not listed; the limit is {limit}.",
        de="{value} Rechnungen würden ausgeglichen, weil sie nicht auf der Liste stehen; "
        "die Grenze ist {limit}.",
    ),
    "too-much-by-absence": Words(
        en="An amount of {value} (in the smallest unit) would be settled by absence; the limit is {limit}.",
        de="Durch Fehlen würde ein Betrag von {value} (in der kleinsten Einheit) ausgeglichen; "
        "die Grenze ist {limit}.",
    ),
    "unknown-or-wrong-rows": Words(
        en="{value} rows are wrong or need a decision; a list that is wrong in one place can't be trusted "
        "about what is missing.",
        de="{value} Zeilen sind falsch oder brauchen eine Entscheidung; einer Liste, die an einer Stelle "
        "falsch ist, darf man beim Fehlenden nicht trauen.",
    ),
}
"""Guard -> what the person reads who approves or rejects."""
