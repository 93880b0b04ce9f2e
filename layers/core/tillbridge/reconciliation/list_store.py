"""Lists of open items of a profile in the table of imports (RI-33).

pk                         sk                       what
LISTS#<profile>            <day>#<moment>#<import>  a list of open items that was booked
LISTING#<profile>          LISTING                  the list that is being booked, and how often one began
"""

from __future__ import annotations

from tillbridge.aws.table import NEW, Expects, Part, Put, Table, Update
from tillbridge.kernel.calendar import sortable_text

from .guards import LastList, Lists
from .import_model import Import

LISTS_AT_ONCE = 10


class ListStore:
    """Which lists were booked, and which one is being booked."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, profile_id: str) -> Lists:
        """What is known of a profile's lists of open items.

        The one that is being booked is read first: a list that ends in between is then told twice, not lost.
        """
        row = self._table.get((f"LISTING#{profile_id}", "LISTING")) or {"booking": "", "revision": 0}
        return Lists(self._last_list(profile_id), row["booking"], row["revision"])

    def begins_part(self, one: Import, lists: Lists) -> Part:
        """Note that a list is being booked; no other may be, or have been since ``lists`` was read."""
        row = {
            "pk": f"LISTING#{one.profile}",
            "sk": "LISTING",
            "booking": one.id,
            "revision": lists.revision + 1,
        }
        expects = Expects(equals={"booking": "", "revision": lists.revision}) if lists.revision else NEW
        return Put(self._table.name, row, "listing", expects)

    def ends_part(self, one: Import) -> Part:
        """Let the next list be booked."""
        key = (f"LISTING#{one.profile}", "LISTING")
        return Update(
            self._table.name,
            key,
            "list-ends",
            set_={"booking": ""},
            expects=Expects(equals={"booking": one.id}),
        )

    def _last_list(self, profile_id: str) -> LastList | None:
        """The last list of open items of a profile that was booked and not taken back."""
        cursor = None
        while True:
            page = self._table.query(
                f"LISTS#{profile_id}", newest_first=True, limit=LISTS_AT_ONCE, cursor=cursor
            )
            for row in page.rows:
                if row["stands"]:
                    return LastList(row["as_of"], row["listed"])
            cursor = page.next_cursor
            if cursor is None:
                return None

    def booked_part(self, one: Import, *, stands: bool) -> Part:
        """Note a list of open items that is booked, or that it is taken back."""
        row = {
            "pk": f"LISTS#{one.profile}",
            "sk": f"{one.as_of}#{sortable_text(one.uploaded_at)}#{one.id}",
            "as_of": one.as_of,
            "listed": one.listed,
            "stands": stands,
        }
        return Put(self._table.name, row, "list")
