"""Wall time at the edges: reading, showing, and the two Sundays when the clocks change (C5)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.core import moments, policy
from helpspace.core.errors import Invalid, NoSuchTime, TimeOccursTwice
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE

ZONES = (LONDON, "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe")


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-02T09:00", LONDON, "2026-03-02T09:00"),
        (" 2026-03-02 09:00 ", LONDON, "2026-03-02T09:00"),
        ("2026-07-02T09:00", LONDON, "2026-07-02T08:00"),
        ("2026-07-02T09:00Z", LONDON, "2026-07-02T09:00"),
        ("2026-07-02T09:00+05:45", LONDON, "2026-07-02T03:15"),
        ("2026-03-29T00:59", LONDON, "2026-03-29T00:59"),
        ("2026-03-29T02:00", LONDON, "2026-03-29T01:00"),
        ("2026-10-25T00:59", LONDON, "2026-10-24T23:59"),
        ("2026-10-25T02:00", LONDON, "2026-10-25T02:00"),
        ("2026-07-02T09:00", "America/New_York", "2026-07-02T13:00"),
    ],
)
def test_c5_reading_a_moment(text: str, zone: str, expected: str) -> None:
    assert moments.read_moment(text, zone) == utc(expected)


@pytest.mark.parametrize("wall", ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T01:59"])
def test_c5_a_time_the_spring_change_skips_is_refused(wall: str) -> None:
    with pytest.raises(NoSuchTime, match="does not exist"):
        moments.read_moment(wall, LONDON)


@pytest.mark.parametrize("wall", ["2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T01:59"])
def test_c5_a_time_that_occurs_twice_is_asked_about(wall: str) -> None:
    with pytest.raises(TimeOccursTwice) as asked:
        moments.read_moment(wall, LONDON)
    for offset in ("+01:00", "+00:00"):
        assert f"{wall}{offset}" in asked.value.hint
        moments.read_moment(f"{wall}{offset}", LONDON)


def test_c5_the_answer_to_twice_is_first_or_second() -> None:
    wall = datetime(2026, 10, 25, 1, 30)  # noqa: DTZ001 - wall time is meant
    first = moments.instant_of(wall, LONDON, fold=0)
    assert first == utc("2026-10-25T00:30")
    assert moments.instant_of(wall, LONDON, fold=1) == first + HOUR


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "10:00", "2026-13-01T10:00", "2026-02-30T10:00", "28.03.2026 10:00", "9" * 80,
     "0001-01-01T00:00", "9999-12-31T23:59"],
)  # fmt: skip
def test_bad_moments_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        moments.read_moment(text, LONDON)
    assert len(refused.value.title) < 80


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "London\0"])
def test_unknown_zones_are_refused(zone: str) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        moments.zone_of(zone)


@pytest.mark.parametrize(
    ("first", "weeks", "expected"),
    [
        (
            "2026-03-22T10:00",
            3,
            ["2026-03-22T10:00", "2026-03-29T09:00", "2026-04-05T09:00"],
        ),
        (
            "2026-10-18T09:00",
            3,
            ["2026-10-18T09:00", "2026-10-25T10:00", "2026-11-01T10:00"],
        ),
        ("2026-03-02T09:00", 1, ["2026-03-02T09:00"]),
    ],
)
def test_c5_a_weekly_repeat_keeps_the_wall_time(
    first: str, weeks: int, expected: list[str]
) -> None:
    assert moments.weekly(utc(first), weeks, LONDON) == [utc(text) for text in expected]


def test_c5_a_weekly_repeat_refuses_a_week_whose_time_is_skipped_or_repeated() -> None:
    with pytest.raises(NoSuchTime, match="Sun 29 Mar"):
        moments.weekly(utc("2026-03-22T01:30"), 2, LONDON)
    with pytest.raises(TimeOccursTwice, match="Sun 25 Oct"):
        moments.weekly(utc("2026-10-18T00:30"), 2, LONDON)


def test_c5_a_repeat_may_begin_in_the_repeated_hour_itself() -> None:
    second = utc("2026-10-25T01:30")
    assert moments.weekly(second, 2, LONDON) == [second, utc("2026-11-01T01:30")]


@given(start=st.integers(utc("2026-01-01"), utc("2030-01-01")), zone=st.sampled_from(ZONES))
def test_c5_next_week_has_the_same_wall_time(start: int, zone: str) -> None:
    try:
        later = policy.same_wall_time_next_week(start, zone)
    except (NoSuchTime, TimeOccursTwice):
        return
    assert moments.show_time(later, zone) == moments.show_time(start, zone)
    assert abs(later - start - 7 * DAY) <= HOUR


@given(instant=st.integers(utc("2026-01-01"), utc("2030-01-01")), zone=st.sampled_from(ZONES))
def test_c5_what_is_shown_can_be_read_back(instant: int, zone: str) -> None:
    instant -= instant % MINUTE
    written = moments.at_zone(instant, zone)
    assert moments.read_moment(written.isoformat(), zone) == instant
    try:
        assert moments.read_moment(written.replace(tzinfo=None).isoformat(), zone) == instant
    except TimeOccursTwice:
        assert moments.instant_of(written.replace(tzinfo=None), zone, fold=written.fold) == instant


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 3, 29), LONDON, "2026-03-29T00:00"),
        (date(2026, 10, 25), LONDON, "2026-10-24T23:00"),
        (date(2026, 4, 24), "Africa/Cairo", "2026-04-23T22:00"),  # midnight itself is skipped
        (date(2026, 3, 8), "America/Havana", "2026-03-08T05:00"),  # and here
        (date(2026, 11, 1), "America/Havana", "2026-11-01T04:00"),  # and happens twice here
    ],
)
def test_the_first_instant_of_a_day(day: date, zone: str, expected: str) -> None:
    start = moments.start_of_day(day, zone)
    assert start == utc(expected)
    assert moments.local_date(start, zone) == day
    assert moments.local_date(start - 1, zone) < day


@pytest.mark.parametrize(
    ("instant", "zone", "options", "expected"),
    [
        ("2026-03-28T09:00", LONDON, {}, "Sat 28 Mar 09:00"),
        ("2026-07-05T09:05", LONDON, {}, "Sun 5 Jul 10:05"),
        ("2026-07-05T09:05", LONDON, {"named": True}, "Sun 5 Jul 10:05 (UK time)"),
        ("2026-07-05T09:05", "Asia/Tokyo", {"named": True}, "Sun 5 Jul 18:05 (Tokyo time)"),
        ("2027-01-01T09:00", LONDON, {"reference": 1_780_000_000}, "Fri 1 Jan 2027 09:00"),
    ],
)
def test_how_moments_are_shown(
    instant: str, zone: str, options: dict[str, object], expected: str
) -> None:
    assert moments.show(utc(instant), zone, **options) == expected


@pytest.mark.parametrize(
    ("pence", "expected"),
    [(0, "£0"), (30, "£0.30"), (6000, "£60"), (6050, "£60.50"), (123_456_78, "£123,456.78"),
     (-6000, "-£60")],
)  # fmt: skip
def test_how_money_is_shown(pence: int, expected: str) -> None:
    assert moments.pounds(pence) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(50 * MINUTE, "50 min"), (3 * HOUR, "3 h"), (48 * HOUR, "2 days"), (24 * HOUR, "24 h")],
)
def test_how_durations_are_shown(seconds: int, expected: str) -> None:
    assert moments.show_minutes(seconds) == expected
