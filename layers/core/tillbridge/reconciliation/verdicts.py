"""What follows an assessment: the file is booked, waits for a person, or is refused; pure (RI-32, RI-33)."""

from __future__ import annotations

from typing import NamedTuple

from .guards import LastList, guards_that_fire
from .import_model import Approval, Import, ImportState, Profile, RowPolicy, Stop, Totals
from .model import Variant


class Verdict(NamedTuple):
    """The state that follows, and why it is not booked at once."""

    state: ImportState
    stops: tuple[Stop, ...] = ()


def settles_by_absence(one: Import) -> bool:
    """True for a list of open items whose gaps mean something: not where everything listed is set to paid."""
    return one.variant is Variant.OPEN_ITEMS and not one.options.settle_by


def is_overtaken(one: Import, last: LastList | None) -> bool:
    """True for a list that waits for approval while one of the same day or a later one was booked meanwhile.

    What its absences mean was looked at before that. Where an earlier look has said that the list is an old
    one, the person knows.
    """
    told = any(stop.code == "older-than-last" for stop in one.stops)
    return settles_by_absence(one) and last is not None and one.as_of <= last.as_of and not told


def verdict(one: Import, totals: Totals, profile: Profile, last: LastList | None) -> Verdict:
    """What follows for an import whose rows would have these totals.

    ``last`` is the last list of open items of the profile that was booked. A wrong row refuses the file where
    the profile books all rows or none; before that no guard is asked.
    """
    if totals.refused and one.policy is RowPolicy.ALL_OR_NOTHING:
        refusal = Stop("rows-refused", "rows", str(totals.refused), {"rows": str(totals.rows)})
        return Verdict(ImportState.REFUSED, (refusal,))
    stops: tuple[Stop, ...] = ()
    if settles_by_absence(one):
        stops = guards_that_fire(
            totals,
            listed=one.listed,
            in_scope=one.in_scope,
            as_of=one.as_of,
            import_day=one.import_day,
            currency=one.currency,
            last=last,
            limits=profile.limits,
        )
    if profile.approval is Approval.ALWAYS:
        stops = (*stops, Stop("approval-always"))
    if stops:
        return Verdict(ImportState.AWAITING_APPROVAL, stops)
    return Verdict(ImportState.BOOKING)
