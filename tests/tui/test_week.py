"""Wall clocks: what exists once, twice or not at all, and that no instant is lost or doubled."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpspace.tui.steps import Steps
from helpspace.tui.week import DAY_MINUTES, Hole, Mark, Spot, Week

LONDON = "Europe/London"
SPRING = date(2026, 3, 23)
AUTUMN = date(2026, 10, 19)
ODD = [
    (SPRING, LONDON),
    (AUTUMN, LONDON),
    (date(2026, 11, 23), LONDON),
    (date(2026, 11, 23), "Asia/Kolkata"),
    (date(2026, 10, 26), "America/New_York"),
    (date(2026, 3, 30), "Australia/Lord_Howe"),  # back by half an hour
    (date(2026, 9, 28), "Australia/Lord_Howe"),
    (date(2018, 10, 29), "America/Sao_Paulo"),  # midnight did not exist
    (date(2018, 2, 12), "America/Sao_Paulo"),  # the last hour of Saturday came twice
    (date(2010, 11, 1), "America/St_Johns"),  # back at 00:01, across midnight
    (date(2011, 12, 26), "Pacific/Apia"),  # Friday was left out
]


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


@given(st.sampled_from(ODD), st.integers(0, 7 * DAY_MINUTES * 60 + 7200))
@settings(deadline=None, max_examples=400)
def test_every_instant_has_one_spot_and_one_row(where: tuple[date, str], offset: int) -> None:
    week = Week(where[0], 7, where[1])
    instant = week.stretches[0].start + offset
    spot = week.spot(instant)
    if spot is None:
        day = (week.local(instant).date() - week.first).days
        assert not 0 <= day < 7
        return
    local = week.local(instant)
    assert local.date() == week.date_of(spot.day)
    assert (local.hour * 60 + local.minute, local.fold) == (spot.minute, spot.fold)
    minute = instant - instant % 60
    assert week.instant(spot) == minute
    row = week.row(instant)
    assert row is not None
    assert week.at_row(spot.day, row) == minute


@pytest.mark.parametrize(("first", "zone"), ODD)
def test_rows_of_a_day_grow_with_time_and_meet_no_hole(first: date, zone: str) -> None:
    week = Week(first, 7, zone)
    for day in range(7):
        rows = [row for row in range(week.rows) if week.at_row(day, row) is not None]
        instants = [week.at_row(day, row) for row in rows]
        assert instants == sorted(set(instants), key=lambda instant: instant or 0)
        holes = {row for hole in week.holes(day) for row in range(hole.top, hole.bottom)}
        assert holes == set(range(week.rows)) - set(rows)
        assert len(rows) == DAY_MINUTES + week.shifts.get(day, 0)


def test_autumn_gives_the_repeated_hour_rows_of_its_own() -> None:
    week = Week(AUTUMN, 7, LONDON)
    assert week.rows == 25 * 60
    assert week.shifts == {6: 60}
    assert week.row(utc(2026, 10, 25, 0, 30)) == 90  # 01:30 BST
    assert week.row(utc(2026, 10, 25, 1, 30)) == 150  # 01:30 GMT
    assert week.row(utc(2026, 10, 25, 2, 0)) == 180  # 02:00
    assert week.row(utc(2026, 10, 24, 1, 0)) == 180  # 02:00 on Saturday is level with it
    assert week.holes(0) == [Hole(120, 180, skipped=False)]
    assert week.holes(6) == []
    assert week.marks()[:4] == [
        Mark(0, 0, ""),
        Mark(60, 60, "BST"),
        Mark(120, 60, "GMT"),
        Mark(180, 120, ""),
    ]


def test_spring_leaves_a_hole_on_one_day_only() -> None:
    week = Week(SPRING, 7, LONDON)
    assert week.rows == 24 * 60
    assert week.shifts == {6: -60}
    assert week.holes(6) == [Hole(60, 120, skipped=True)]
    assert week.holes(5) == []
    assert week.instant(Spot(6, 90)) is None
    assert week.nearest(Spot(6, 90)) == utc(2026, 3, 29, 1, 0)  # 02:00 BST
    assert week.instant(Spot(5, 90)) == utc(2026, 3, 28, 1, 30)


def test_a_repeated_time_is_named_and_others_are_not() -> None:
    week = Week(AUTUMN, 7, LONDON)
    assert week.clock(utc(2026, 10, 25, 0, 30)) == "01:30 BST"
    assert week.clock(utc(2026, 10, 25, 1, 30)) == "01:30 GMT"
    assert week.clock(utc(2026, 10, 25, 9, 30)) == "09:30"
    assert Week(SPRING, 7, LONDON).clock(utc(2026, 3, 29, 1, 0)) == "02:00"


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    week = Week(date(2011, 12, 26), 7, "Pacific/Apia")
    assert week.bounds(4) is None
    assert week.holes(4) == [Hole(0, 24 * 60, skipped=True)]
    assert week.nearest(Spot(4, 600)) is None


def test_a_single_day_is_a_week_of_one() -> None:
    week = Week(date(2026, 10, 25), 1, LONDON)
    assert week.bounds(0) == (utc(2026, 10, 24, 23), utc(2026, 10, 26, 0))
    assert week.spot(utc(2026, 10, 26, 0)) is None


# -- steps ---------------------------------------------------------------------------------------


@given(st.sampled_from(ODD), st.sampled_from((15, 30, 60)), st.integers(0, 7 * DAY_MINUTES - 1))
@settings(deadline=None, max_examples=300)
def test_cells_tile_time(where: tuple[date, str], step: int, offset: int) -> None:
    week = Week(where[0], 7, where[1])
    instant = week.stretches[0].start + offset * 60
    if week.spot(instant) is None:
        return
    steps = Steps(week, step)
    start, end = steps.cell(instant)
    assert start <= instant < end <= start + step * 60
    assert steps.cell(start) == (start, end)
    assert steps.above(end) == start or week.spot(end) is None
    assert steps.below(start) == end


def test_the_cursor_walks_through_the_repeated_hour() -> None:
    steps = Steps(Week(AUTUMN, 7, LONDON), 30)
    instant = utc(2026, 10, 24, 23, 30)  # 00:30 BST on Sunday
    seen = []
    for _ in range(5):
        instant = steps.below(instant)
        seen.append(steps.week.clock(instant))
    assert seen == ["01:00 BST", "01:30 BST", "01:00 GMT", "01:30 GMT", "02:00"]
    assert steps.above(utc(2026, 10, 25, 1, 0)) == utc(2026, 10, 25, 0, 30)


def test_the_cursor_steps_over_the_missing_hour() -> None:
    steps = Steps(Week(SPRING, 7, LONDON), 30)
    assert steps.below(utc(2026, 3, 29, 0, 30)) == utc(2026, 3, 29, 1, 0)
    assert steps.above(utc(2026, 3, 29, 1, 0)) == utc(2026, 3, 29, 0, 30)


def test_the_cursor_stays_within_its_day() -> None:
    week = Week(AUTUMN, 7, LONDON)
    steps = Steps(week, 30)
    first, end = week.bounds(6) or (0, 0)
    assert steps.within_day(first, steps.above(first)) == first
    assert steps.within_day(end - 1800, steps.below(end - 1800)) == end - 1800
    assert steps.by_minutes(first, 90) == first + 90 * 60
