"""Moments are UTC; a day belongs to a time zone, which is always an argument."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import Refused

EARLIEST_YEAR, LATEST_YEAR = 2000, 2199
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d([.]\d{1,6})?)?(?P<zone>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@lru_cache(maxsize=256)
def zone(name: str, *, field: str = "time_zone") -> ZoneInfo:
    """The IANA time zone of that name (``Europe/Berlin``), or ``Refused``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("time-zone-unknown", field=field, value=name) from None


def parse_moment(text: str, *, field: str = "moment") -> datetime:
    """Read an RFC 3339 moment that names its offset into UTC; ``Refused`` without one."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise Refused("moment-unreadable", field=field, value=text)
    if match["zone"] is None:
        raise Refused("moment-without-zone", field=field, value=text)
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("moment-unreadable", field=field, value=text) from None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise Refused("moment-out-of-range", field=field, value=text)
    return moment


def moment_text(moment: datetime) -> str:
    """``2019-08-02T06:05:00Z``; fractions of a second as milliseconds. Naive moments are a bug."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    utc = moment.astimezone(UTC)
    spec = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=spec).replace("+00:00", "Z")


def sortable_text(moment: datetime) -> str:
    """A moment as text of one width, so that comparing texts compares moments (keys of stores)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_day(moment: datetime, zone_name: str) -> str:
    """The calendar day ``YYYY-MM-DD`` of a moment in a time zone."""
    return moment.astimezone(zone(zone_name)).date().isoformat()


def local_minute(moment: datetime, zone_name: str) -> str:
    """``YYYY-MM-DD HH:MM`` of a moment in a time zone (PF-4)."""
    return moment.astimezone(zone(zone_name)).strftime("%Y-%m-%d %H:%M")


def parse_day(text: str, *, field: str = "day") -> str:
    """A calendar day ``YYYY-MM-DD`` that exists, or ``Refused``."""
    if _DAY.fullmatch(text) is None:
        raise Refused("day-unreadable", field=field, value=text)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused("day-unreadable", field=field, value=text) from None
