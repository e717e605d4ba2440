"""Wished hours as stretches of time, across clock changes and in words (P4)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.core import hours, moments
from helpspace.core.moments import DAY, HOUR, LONDON
from tests.makers import NOW

EVENINGS = 0b100
SUNDAY = 0b1000000


def shown(found: list[hours.Stretch], zone: str = LONDON) -> list[str]:
    return [f"{moments.show(a, zone)} - {moments.show(b, zone)}" for a, b in found]


def test_evenings_of_a_week_begin_now_and_end_at_midnight() -> None:
    begun = NOW + 9 * HOUR
    found = hours.stretches(0b0000011, EVENINGS, LONDON, begun, begun + 7 * DAY)
    assert shown(found) == [
        "Mon 2 Mar 18:00 - Tue 3 Mar 00:00",
        "Tue 3 Mar 17:00 - Wed 4 Mar 00:00",
        "Mon 9 Mar 17:00 - Mon 9 Mar 18:00",
    ]


def test_days_that_touch_are_one_stretch_and_no_wish_is_all_of_it() -> None:
    assert hours.stretches(0, 0, LONDON, NOW, NOW + 9 * DAY) == [(NOW, NOW + 9 * DAY)]
    assert len(hours.stretches(0b1100000, 0, LONDON, NOW, NOW + 14 * DAY)) == 2
    assert hours.stretches(0, 0, LONDON, NOW, NOW) == []


def test_the_wall_time_counts_on_both_sides_of_a_clock_change() -> None:
    """C5: Sunday 29 March has 23 hours in London, Sunday 25 October 25."""
    for first, length in ((1_774_569_600, 23), (1_792_713_600, 25)):
        [(since, upto)] = hours.stretches(SUNDAY, 0, LONDON, first, first + 6 * DAY)
        assert (upto - since) / HOUR == length
        [(since, upto)] = hours.stretches(SUNDAY, EVENINGS, LONDON, first, first + 6 * DAY)
        assert moments.show_time(since, LONDON) == "17:00"
        assert upto - since == 7 * HOUR


def test_the_zone_is_the_clients() -> None:
    [(since, _)] = hours.stretches(0b1, EVENINGS, "Asia/Kolkata", NOW, NOW + DAY)
    assert moments.show(since, "Asia/Kolkata") == "Mon 2 Mar 17:00"


@given(
    st.integers(0, 127),
    st.integers(0, 7),
    st.sampled_from((LONDON, "Asia/Kolkata", "America/New_York", "Pacific/Apia")),
    st.integers(0, 400 * DAY),
    st.integers(0, 60 * DAY),
)
def test_an_instant_is_covered_if_its_wall_time_was_wished(
    days: int, parts: int, zone: str, ahead: int, within: int
) -> None:
    since = NOW + ahead
    found = hours.stretches(days, parts, zone, since, since + 60 * DAY)
    assert found == sorted(found)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    local = moments.at_zone(since + within, zone)
    part = 0 if local.hour < 12 else 1 if local.hour < 17 else 2
    wished = (not days or days >> local.weekday() & 1) and (not parts or parts >> part & 1)
    inside = within < 60 * DAY
    assert hours.covers(found, since + within) is bool(wished and inside)
    assert not hours.covers(found, since - 1)


@pytest.mark.parametrize(
    ("days", "parts", "said"),
    [
        (0, 0, ""),
        (0, EVENINGS, "evenings"),
        (0b11111, 0, "weekdays"),
        (0b1100000, 0b11, "mornings or afternoons on weekends"),
        (0b101, EVENINGS, "evenings on Mon or Wed"),
    ],
)
def test_hours_in_words(days: int, parts: int, said: str) -> None:
    assert hours.words(days, parts) == said
