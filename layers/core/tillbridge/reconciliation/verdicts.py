"""What follows an assessment: the file is booked, waits for a person, or is refused; pure (RI-32, RI-33)."""

from __future__ import annotations

from typing import NamedTuple

from tillbridge.kernel.errors import Conflict

from .guards import Lists, guards_that_fire
from .import_model import Approval, Import, ImportState, Profile, RowPolicy, Stop, Totals
from .model import Kind, Variant

MARKED_KINDS = frozenset(
    {Kind.DATEV, Kind.DATEV_PRO, Kind.DATEV_KR_EXPORT, Kind.ADDISON, Kind.DIAMANT, Kind.MAPPED}
)
"""Their lists of closed items may hold rows of one invoice that are cleared beside others that are not."""


class Verdict(NamedTuple):
    """The state that follows, and why it is not booked at once."""

    state: ImportState
    stops: tuple[Stop, ...] = ()


def settles_by_absence(one: Import) -> bool:
    """True for a list of open items whose gaps mean something: not where everything listed is set to paid."""
    return one.variant is Variant.OPEN_ITEMS and not one.options.settle_by


def demand_not_overtaken(one: Import, lists: Lists) -> None:
    """Let a list pass that waits for approval; ``Conflict`` while another one of the profile is being booked,
    and when one of the same day or a later one was booked meanwhile.

    What its absences mean was looked at before that. Where an earlier look has said that the list is an old
    one, the person knows.
    """
    if not settles_by_absence(one):
        return
    if lists.booking:
        raise Conflict("list-while-other-books", field="import", value=one.id, other=lists.booking)
    told = any(stop.code == "older-than-last" for stop in one.stops)
    if lists.last is not None and one.as_of <= lists.last.as_of and not told:
        raise Conflict("list-overtaken", field="import", value=one.id, last=lists.last.as_of)


def verdict(one: Import, totals: Totals, profile: Profile, lists: Lists) -> Verdict:
    """What follows for an import whose rows would have these totals.

    ``lists`` is what is known of the profile's lists of open items. A wrong row refuses the file where
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
            lists=lists,
            limits=profile.limits,
        )
    if one.variant is Variant.CLOSED_ITEMS and one.kind in MARKED_KINDS and one.problem_lines:
        stops = (Stop("unreadable-rows-in-marked-list", "rows", str(one.problem_lines)),)
    if profile.approval is Approval.ALWAYS:
        stops = (*stops, Stop("approval-always"))
    if stops:
        return Verdict(ImportState.AWAITING_APPROVAL, stops)
    return Verdict(ImportState.BOOKING)
