"""The two days of an entry in MT940: the value date with its year, the booking date without one."""

from __future__ import annotations

from datetime import date

_CENTURY = 2000
_HALF_A_YEAR = 183
_MOST_KNOWN = 10_000
_MONTH_OF_SHORT_DAYS = 2
_LONGEST_FEBRUARY = 30


class Days:
    """Reads ``YYMMDD`` or ``YYMMDDMMDD``, each of them once."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, str, bool]] = {}

    def of(self, text: str) -> tuple[str, str, bool] | None:
        """Booking day, value day, and whether the value day was moved; None where a day does not exist.

        The booking day's year is the one that brings it nearest to the value day: across a year's end they
        differ. Banks that count thirty days a month value on 30 February: that is its last day.
        """
        found = self.known.get(text)
        if found is None:
            found = _read(text)
            if found is not None:
                if len(self.known) >= _MOST_KNOWN:
                    self.known = {}
                self.known[text] = found
        return found


def _read(text: str) -> tuple[str, str, bool] | None:
    year, month, day = _CENTURY + int(text[:2]), int(text[2:4]), int(text[4:6])
    moved = False
    if month == _MONTH_OF_SHORT_DAYS and day <= _LONGEST_FEBRUARY:
        last = 29 if year % 4 == 0 else 28  # every fourth year, without exception from 2001 to 2099
        moved, day = day > last, min(day, last)
    value = _day(year, month, day)
    if value is None:
        return None
    if not text[6:]:
        return value.isoformat(), value.isoformat(), moved
    booked = _nearest(value, int(text[6:8]), int(text[8:]))
    return (booked.isoformat(), value.isoformat(), moved) if booked else None


def _nearest(value: date, month: int, day: int) -> date | None:
    """The day of that month that is nearest to the value day, before it where two are; None where none is."""
    days = (_day(value.year + years, month, day) for years in (-1, 0, 1))
    near = [one for one in days if one is not None and abs((one - value).days) <= _HALF_A_YEAR]
    return min(near, key=lambda one: abs((one - value).days), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
