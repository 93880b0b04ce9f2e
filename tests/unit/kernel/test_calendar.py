"""Moments carry their zone; a day belongs to a place, also when its clocks change."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.kernel.calendar import (
    local_day,
    local_minute,
    moment_text,
    parse_day,
    parse_moment,
    sortable_text,
    zone,
)
from tillbridge.kernel.errors import Refused

BERLIN = "Europe/Berlin"
MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 2),  # noqa: DTZ001 - the zone is drawn apart
    max_value=datetime(2199, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def refused(text: str) -> str:
    with pytest.raises(Refused) as refusal:
        parse_moment(text, field="taken_at")
    assert refusal.value.field == "taken_at"
    assert refusal.value.value == text
    return refusal.value.code


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2019-08-02T08:05:00+02:00", "2019-08-02T06:05:00Z"),
        ("2019-08-02T08:05+02:00", "2019-08-02T06:05:00Z"),
        ("2019-08-02T06:05:00Z", "2019-08-02T06:05:00Z"),
        ("2019-08-02t06:05:00z", "2019-08-02T06:05:00Z"),
        ("2019-08-02T06:05:00.5Z", "2019-08-02T06:05:00.500Z"),
        ("2019-08-02T06:05:00.123456Z", "2019-08-02T06:05:00.123Z"),
        ("2019-08-01T23:59:59-05:00", "2019-08-02T04:59:59Z"),
        ("2019-08-02T06:05:00+00:00", "2019-08-02T06:05:00Z"),
        ("2019-08-02T11:50:00+05:45", "2019-08-02T06:05:00Z"),
        ("2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"),
    ],
)
def test_moments_are_read_into_utc(text: str, utc: str) -> None:
    moment = parse_moment(text)
    assert moment.tzinfo is UTC
    assert moment_text(moment) == utc


@pytest.mark.parametrize("text", ["2019-08-02T08:05:00", "2019-08-02T08:05", "2019-08-02T08:05:00.123"])
def test_a_moment_without_zone_is_refused(text: str) -> None:
    assert refused(text) == "moment-without-zone"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2019-08-02",
        "2019-08-02 08:05:00+02:00",
        "02.08.2019 08:05",
        "2019-8-2T08:05:00Z",
        "20190802T080500Z",
        "2019-08-02T25:05:00Z",
        "2019-08-02T08:60:00Z",
        "2019-08-02T08:05:61Z",
        "2019-02-29T08:05:00Z",
        "2019-13-01T08:05:00Z",
        "2019-08-02T08:05:00+2:00",
        "2019-08-02T08:05:00+0200",
        "2019-08-02T08:05:00+24:00",
        "2019-08-02T08:05:00 Europe/Berlin",
        "2019-08-02T08:05:00Z\n",
        " 2019-08-02T08:05:00Z",
        "2019-W31-5T08:05:00Z",
        "2019-08-02T08:05:00.1234567Z",
        "٢٠١٩-08-02T08:05:00Z",
        "1564733100",
        "2019-08-02T08:05:00,5Z",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert refused(text) == "moment-unreadable"


@pytest.mark.parametrize(
    "text",
    [
        "1999-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "2000-01-01T00:30:00+01:00",
        "2199-12-31T23:30:00-01:00",
    ],
)
def test_a_moment_too_far_away_is_refused(text: str) -> None:
    assert refused(text) == "moment-out-of-range"


@pytest.mark.parametrize(
    ("utc", "minute"),
    [
        # Spring 2019: at 02:00 the clocks went to 03:00; there was no 02:30.
        ("2019-03-31T00:59:00Z", "2019-03-31 01:59"),
        ("2019-03-31T01:00:00Z", "2019-03-31 03:00"),
        ("2019-03-31T01:30:00Z", "2019-03-31 03:30"),
        # Autumn 2019: at 03:00 the clocks went back to 02:00; 02:30 came twice.
        ("2019-10-27T00:30:00Z", "2019-10-27 02:30"),
        ("2019-10-27T01:30:00Z", "2019-10-27 02:30"),
        ("2019-10-27T02:00:00Z", "2019-10-27 03:00"),
    ],
)
def test_the_minute_in_berlin_around_both_clock_changes(utc: str, minute: str) -> None:
    assert local_minute(parse_moment(utc), BERLIN) == minute


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2019-03-30T22:59:59Z", "2019-03-30"),
        ("2019-03-30T23:00:00Z", "2019-03-31"),
        ("2019-03-31T21:59:59Z", "2019-03-31"),
        ("2019-03-31T22:00:00Z", "2019-04-01"),
        ("2019-10-26T21:59:59Z", "2019-10-26"),
        ("2019-10-26T22:00:00Z", "2019-10-27"),
        ("2019-10-27T22:59:59Z", "2019-10-27"),
        ("2019-10-27T23:00:00Z", "2019-10-28"),
        ("2019-12-31T22:59:59Z", "2019-12-31"),
        ("2019-12-31T23:00:00Z", "2020-01-01"),
    ],
)
def test_the_day_in_berlin_begins_and_ends_with_its_clock(utc: str, day: str) -> None:
    assert local_day(parse_moment(utc), BERLIN) == day


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = parse_moment("2019-08-02T22:30:00Z")
    assert local_day(moment, BERLIN) == local_day(moment, "Asia/Tokyo") == "2019-08-03"
    assert local_day(moment, "Europe/London") == local_day(moment, "America/New_York") == "2019-08-02"


@pytest.mark.parametrize(
    "name",
    ["", "Berlin", "Europe/Atlantis", "../etc/passwd", "/etc/passwd", "Europe", "a\0b", "Europe/Berlin "],
)
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        zone(name, field="time_zone")
    assert (refusal.value.code, refusal.value.field) == ("time-zone-unknown", "time_zone")


@given(MOMENTS)
def test_a_moment_is_read_back_to_the_millisecond(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert parse_moment(moment_text(moment)) == whole
    assert parse_moment(sortable_text(moment)) == whole


@given(MOMENTS, MOMENTS)
def test_texts_of_one_width_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    assert len(sortable_text(one)) == len(sortable_text(other))
    if abs(one - other) >= timedelta(milliseconds=1):
        assert (sortable_text(one) < sortable_text(other)) == (one < other)


@given(MOMENTS, st.integers(min_value=-14 * 60, max_value=14 * 60))
def test_the_offset_says_nothing_of_the_moment(moment: datetime, offset_min: int) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=offset_min)))
    assert moment_text(there) == moment_text(moment)
    assert sortable_text(there) == sortable_text(moment)
    assert parse_moment(there.isoformat()) == moment


@given(st.text(max_size=30))
def test_no_text_is_a_fault(text: str) -> None:
    with suppress(Refused):
        assert parse_moment(text).tzinfo is UTC


def test_a_moment_without_zone_inside_is_a_bug() -> None:
    for write in (moment_text, sortable_text):
        with pytest.raises(ValueError, match="time zone"):
            write(datetime(2019, 8, 2))  # noqa: DTZ001 - that is the bug


@pytest.mark.parametrize("text", ["2019-08-02", "2020-02-29", "2000-01-01"])
def test_days(text: str) -> None:
    assert parse_day(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2019-02-29",
        "2019-8-2",
        "20190802",
        "2019-W31-5",
        "2019-08-02T00:00:00Z",
        "2019-08-02\n",
        "٢٠١٩-08-02",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_day(text, field="day")
    assert (refusal.value.code, refusal.value.field) == ("day-unreadable", "day")
