"""A therapist's own limits: a cap a day and a break; they warn, and never refuse (C1, B1)."""

from __future__ import annotations

import pytest

from helpspace.core import boundaries, calendar, policy
from helpspace.core.actors import Actor
from helpspace.core.boundaries import Boundaries
from helpspace.core.errors import Changed, Invalid, NotFound
from helpspace.core.joining import profile
from helpspace.core.moments import DAY, MINUTE, read_moment
from helpspace.core.policy import Strain
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit
from tests import makers
from tests.makers import TEAM, add_therapist, all_rows

LONDON = "Europe/London"


def span(text: str, minutes: int = 50) -> tuple[int, int]:
    start = read_moment(text, LONDON)
    return start, start + minutes * MINUTE


NINE, TEN, ELEVEN = (span(f"2026-03-05T{hour}:00") for hour in ("09", "10", "11"))


@pytest.mark.parametrize(
    ("cap", "rest", "expected"),
    [
        (None, 0, ()),
        (3, 10, ()),
        (2, 10, (Strain(ELEVEN[0], 3, 2, None, 600),)),
        (3, 11, (Strain(ELEVEN[0], None, None, 600, 660),)),
        (1, 15, (Strain(ELEVEN[0], 3, 1, 600, 900),)),
    ],
)
def test_the_cap_and_the_break_are_limits_that_may_be_reached(
    cap: int | None, rest: int, expected: tuple[Strain, ...]
) -> None:
    found = policy.strains([ELEVEN], [NINE, TEN], cap=cap, rest=rest * MINUTE, zone=LONDON)
    assert found == expected


def test_touching_sessions_leave_a_break_of_nothing() -> None:
    touching = (NINE[1], NINE[1] + 50 * MINUTE)
    (found,) = policy.strains([touching], [NINE], cap=None, rest=1, zone=LONDON)
    assert found.gap == 0
    assert policy.strains([touching], [NINE], cap=None, rest=0, zone=LONDON) == ()


def test_new_ones_are_counted_with_each_other_and_what_makes_way_is_not() -> None:
    found = policy.strains([NINE, TEN, ELEVEN], [NINE], cap=2, rest=0, zone=LONDON)
    assert [one.sessions for one in found] == [3, 3, 3]
    assert policy.strains([TEN], [TEN, NINE], cap=2, rest=0, zone=LONDON) == ()


def test_a_session_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    late = span("2026-03-28T23:40")
    early = span("2026-03-29T08:00")
    assert policy.strains([late], [early], cap=1, rest=0, zone=LONDON) == ()
    # By the wall it is eight hours and a half, but the clocks go forward that night.
    (found,) = policy.strains([late], [early], cap=None, rest=7 * 3600, zone=LONDON)
    assert found.gap == early[0] - late[1] == 6 * 3600 + 30 * MINUTE


def test_a1_a2_limits_are_kept_for_their_therapist_alone(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    other = add_therapist(practice, "Bob")
    assert boundaries.boundaries_of(practice, therapist) == Boundaries(None, 0)
    for _ in range(2):
        makers.set_limits(practice, therapist, Boundaries(5, 10))
    assert boundaries.boundaries_of(practice, therapist) == Boundaries(5, 10)
    assert boundaries.boundaries_of(practice, other) == Boundaries(None, 0)
    assert [row["act"] for row in all_rows(practice, Audit)].count("limit") == 1
    makers.set_limits(practice, therapist, Boundaries())
    assert boundaries.boundaries_of(practice, therapist) == Boundaries(None, 0)
    for who in (client, TEAM, Actor.client(therapist.id)):
        with pytest.raises(NotFound):
            boundaries.boundaries_of(practice, who)
        with pytest.raises(NotFound):
            makers.set_limits(practice, who, Boundaries(5, 10))


def test_neither_of_two_terminals_overwrites_what_the_other_has_kept(
    practice: Practice, therapist: Actor
) -> None:
    """Limits go with the profile's version, though nothing of the profile itself changes."""
    read = profile.profile_draft(practice, therapist, therapist.id).version
    saved = profile.change_days(practice, therapist, Boundaries(6, 10), "", version=read)
    with pytest.raises(Changed):
        profile.change_days(practice, therapist, Boundaries(8, 0), "", version=read)
    assert boundaries.boundaries_of(practice, therapist) == Boundaries(6, 10)
    assert profile.profile_draft(practice, therapist, therapist.id).version == saved.version
    same = profile.change_days(practice, therapist, Boundaries(6, 10), "", version=saved.version)
    assert same.version == saved.version, "nothing was changed"
    one = profile.change_days(practice, therapist, Boundaries(5, 0), "36h", version=saved.version)
    assert one.version == saved.version + 1, "both are one change"


@pytest.mark.parametrize("wanted", [(0, 0), (25, 0), (-1, 0), (5, -1), (5, 241)])
def test_numbers_that_mean_nothing_are_refused(
    practice: Practice, therapist: Actor, wanted: tuple[int, int]
) -> None:
    before = makers.snapshot(practice)
    with pytest.raises(Invalid):
        makers.set_limits(practice, therapist, Boundaries(*wanted))
    assert makers.snapshot(practice) == before


def test_limits_warn_and_never_refuse(practice: Practice, therapist: Actor) -> None:
    for each in (NINE, TEN):
        makers.open_slot(practice, therapist, each[0])
    assert boundaries.strains(practice, therapist, [ELEVEN]) == (), "nothing is set yet"
    makers.set_limits(practice, therapist, Boundaries(2, 15))
    (found,) = boundaries.strains(practice, therapist, [ELEVEN])
    assert (found.sessions, found.cap, found.gap) == (3, 2, 10 * MINUTE)
    next_week = (ELEVEN[0] + 7 * DAY, ELEVEN[1] + 7 * DAY)
    assert [one.start for one in boundaries.strains(practice, therapist, [next_week, ELEVEN])] == [
        ELEVEN[0]
    ]
    calendar.open_slots(practice, therapist, therapist.id, ELEVEN[0], minutes=50)
    ours = calendar.between(practice, therapist, therapist.id, ELEVEN[0], ELEVEN[1])
    assert len(ours) == 1
    assert boundaries.strains(practice, therapist, [ELEVEN], besides=ours[0].id)[0].sessions == 3
