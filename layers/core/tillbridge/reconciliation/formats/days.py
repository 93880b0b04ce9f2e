"""Days in cells: as a format writes them, ``YYYY-MM-DD`` for us (RI-32)."""

from __future__ import annotations

import re
from datetime import date

from tillbridge.kernel.calendar import EARLIEST_YEAR, LATEST_YEAR

from .cells import BadCell, Learned, Reader, Terms

_PARTS = {
    "yyyy": r"(?P<year>[0-9]{4})", "yy": r"(?P<year>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})", "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})", "d": r"(?P<day>[0-9]{1,2})",
}  # fmt: skip
_YEAR_DIGITS = 4
_LEAP_DAY = "02-29"


class Days(Learned):
    """Days in one of the formats of a file; None for an empty cell. ``latest`` is the last possible one."""

    def __init__(self, terms: Terms, *, latest: str = "") -> None:
        super().__init__({"": None})
        self._formats, self._latest = terms.date_formats, latest
        self._matches = [_pattern(one).fullmatch for one in terms.date_formats]

    def read(self, cell: str) -> str | None:
        """The day of a cell."""
        trimmed = cell.strip()
        if not trimmed:
            return None
        match = next((found for match in self._matches if (found := match(trimmed))), None)
        if match is None:
            raise BadCell("cell-is-no-day", format=self._formats[0])
        year = int(match["year"]) + (0 if len(match["year"]) == _YEAR_DIGITS else EARLIEST_YEAR)
        try:
            day = date(year, int(match["month"]), int(match["day"])).isoformat()
        except ValueError:
            raise BadCell("cell-is-no-day", format=self._formats[0]) from None
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise BadCell("cell-day-too-far", earliest=EARLIEST_YEAR, latest=LATEST_YEAR)
        if self._latest and day > self._latest:
            raise BadCell("day-lies-ahead", today=self._latest)
        return day


def _pattern(date_format: str) -> re.Pattern[str]:
    split = re.split(r"(yyyy|yy|MM|M|dd|d)", date_format)
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in split), re.ASCII)


def day(terms: Terms) -> Reader:
    """Any day that exists; None for an empty cell."""
    return Days(terms)


def past_day(terms: Terms) -> Reader:
    """A day that exists and is not after the day of the import; None for an empty cell."""
    return Days(terms, latest=terms.today)


def two_years_before(today: str) -> str:
    """The same day two years ago; the last of February where that year has no 29th."""
    year, rest = int(today[:4]) - 2, today[5:]
    return f"{year}-02-28" if rest == _LEAP_DAY else f"{year}-{rest}"
