"""Slots painted over days and weeks, and openings and closings taken back (C1, C2, C5, C7, B9)."""

from __future__ import annotations

import pytest

from helpspace.core import booking, calendar, openings, time_off
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotFound, Overlap
from helpspace.core.moments import DAY, HOUR, MINUTE, read_moment
from helpspace.core.practice import Practice
from tests import makers
from tests.makers import NOW

LONDON = "Europe/London"


def at(text: str) -> int:
    return read_moment(text, LONDON)


def test_c1_c5_everything_is_listed_before_anything_is_opened(practice: Practice) -> None:
    """Two mornings for five weeks; the clocks go forward in between, one is taken, one is off."""
    me = makers.add_therapist(practice)
    starts = [at("2026-03-05T09:00"), at("2026-03-06T09:00")]
    makers.open_slot(practice, me, at("2026-03-12T09:30"))
    time_off.take(practice, me, me.id, at("2026-03-20T00:00"), at("2026-03-21T00:00"), cancel=False)
    before = makers.snapshot(practice)
    plan = openings.plan_slots(practice, me, me.id, starts, minutes=50, weeks=5)
    assert makers.snapshot(practice) == before
    assert [one.wall[5:] for one in plan.dates[:4]] == [
        "03-05T09:00", "03-06T09:00", "03-12T09:00", "03-13T09:00",
    ]  # fmt: skip
    assert {one.wall[5:10]: one.why for one in plan.dates if one.why} == {
        "03-12": "Thu 12 Mar 09:30–10:20 is open already",
        "03-20": "It is in your time off",
    }
    assert plan.changes == (at("2026-03-29T00:00"),)
    assert at("2026-04-03T09:00") in plan.free
    opened = openings.open_planned(
        practice, me, me.id, starts, accept=plan.free, minutes=50, weeks=5
    )
    assert [slot.start for slot in opened.slots] == list(plan.free)
    assert len(opened.slots) == 8


def test_c5_a_time_that_is_not_one_instant_is_said(practice: Practice) -> None:
    me = makers.add_therapist(practice)
    spring = openings.plan_slots(practice, me, me.id, [at("2026-03-22T01:30")], weeks=2)
    assert [one.state for one in spring.dates] == ["free", "no_such_time"]
    autumn = openings.plan_slots(practice, me, me.id, [at("2026-10-18T01:30")], weeks=2)
    assert [one.state for one in autumn.dates] == ["free", "twice"]
    assert autumn.changes == ()


def test_c2_what_is_taken_meanwhile_opens_nothing(practice: Practice) -> None:
    me = makers.add_therapist(practice)
    starts = [NOW + DAY, NOW + DAY + HOUR]
    plan = openings.plan_slots(practice, me, me.id, starts)
    makers.open_slot(practice, me, NOW + DAY + 30 * MINUTE)
    before = makers.snapshot(practice)
    with pytest.raises(Changed):
        openings.open_planned(practice, me, me.id, starts, accept=plan.free)
    with pytest.raises(Invalid):
        openings.open_planned(practice, me, me.id, starts, accept=[])
    assert makers.snapshot(practice) == before


def test_slots_of_one_painting_do_not_meet_and_have_a_bound(practice: Practice) -> None:
    me = makers.add_therapist(practice)
    starts = [NOW + DAY, NOW + DAY + 20 * MINUTE, NOW - HOUR]
    plan = openings.plan_slots(practice, me, me.id, starts, minutes=50)
    assert [one.state for one in plan.dates] == ["past", "free", "taken"]
    many = [NOW + DAY + n * HOUR for n in range(10)]
    with pytest.raises(Invalid, match="At most 400"):
        openings.plan_slots(practice, me, me.id, many, weeks=52)


def test_an_opening_is_taken_back_where_nothing_has_happened(practice: Practice) -> None:
    me, client = makers.add_therapist(practice, notice_s=0), makers.add_client(practice)
    starts = [NOW + DAY + n * HOUR for n in range(4)]
    opened = openings.open_planned(practice, me, me.id, starts, accept=starts)
    ids = [slot.id for slot in opened.slots]
    session = makers.book_initial(practice, client, ids[0])
    booking.cancel(practice, client, session.id)  # opens the slot again (C8): it was touched
    calendar.close_slot(practice, me, ids[1])
    done = openings.take_back(practice, me, me.id, ids)
    assert [slot.id for slot in done.closed] == ids[2:]
    assert {slot.id: slot.state for slot in done.kept} == {ids[0]: "open", ids[1]: "closed"}
    with pytest.raises(Changed):
        openings.take_back(practice, me, me.id, ids)


def test_a_closing_is_taken_back_unless_something_is_there(practice: Practice) -> None:
    me = makers.add_therapist(practice, notice_s=0)
    slot = makers.open_slot(practice, me, NOW + DAY)
    with pytest.raises(Changed):
        openings.open_again(practice, me, me.id, slot)
    calendar.close_slot(practice, me, slot)
    again = openings.open_again(practice, me, me.id, slot).slots[0]
    assert (again.start, again.state) == (NOW + DAY, "open")
    with pytest.raises(Overlap):
        openings.open_again(practice, me, me.id, slot)


def test_a1_nobody_else_opens_or_takes_back(practice: Practice) -> None:
    me, other = makers.add_therapist(practice), makers.add_therapist(practice, "Bob")
    slot = makers.open_slot(practice, me, NOW + DAY)
    before = makers.snapshot(practice)
    for actor in (other, Actor.client("x")):
        with pytest.raises(NotFound):
            openings.plan_slots(practice, actor, me.id, [NOW + DAY])
        with pytest.raises(NotFound):
            openings.open_planned(practice, actor, me.id, [NOW + 2 * DAY], accept=[NOW + 2 * DAY])
        with pytest.raises(NotFound):
            openings.take_back(practice, actor, me.id, [slot])
    with pytest.raises(NotFound):
        openings.take_back(practice, other, other.id, [slot])
    with pytest.raises(NotFound):
        openings.open_again(practice, other, other.id, slot)
    assert makers.snapshot(practice) == before
