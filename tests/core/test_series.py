"""A weekly series: listed first, booked whole, cancelled from one on (B8, C5)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import booking, moments
from helpspace.core.actors import Actor
from helpspace.core.booking import Ending
from helpspace.core.errors import Changed, HelpspaceError, Invalid, NotFound, NotYourClient
from helpspace.core.moments import DAY, LONDON, read_moment
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Notice
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import FakeStripe, settle_all
from tests.core.invariants import always_bookings, always_money, always_notices
from tests.makers import (
    NOW,
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    follow_up,
    hold,
    open_slot,
    snapshot,
)

WEEK = 7 * DAY


@pytest.fixture
def known(practice: Practice, therapist: Actor, client: Actor) -> Actor:
    acquaint(practice, therapist, client)
    return client


def plan(
    practice: Practice, therapist: Actor, client: Actor, start: int = SOON, weeks: int = 4,
    **options: Any,
) -> booking.SeriesPlan:  # fmt: skip
    return booking.plan_series(
        practice, therapist, therapist.id, client.id, start, weeks, **options
    )


def book(
    practice: Practice, therapist: Actor, client: Actor, start: int = SOON, weeks: int = 4,
    **options: Any,
) -> Any:  # fmt: skip
    shown = options.pop("shown", None)
    accept = options.pop("accept", None)
    if accept is None:
        accept = plan(practice, therapist, client, start, weeks, **options).free
    return booking.book_series(
        practice, therapist, therapist.id, client.id, start, weeks, accept=accept, shown=shown,
        **options,
    )  # fmt: skip


def test_b8_every_date_is_listed_before_anything_is_saved(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    follow_up(practice, therapist, known, SOON + WEEK - 600)
    slot = open_slot(practice, therapist, SOON + 2 * WEEK)
    hold(
        practice, add_client(practice, card=False), open_slot(practice, therapist, SOON + 3 * WEEK)
    )
    before = snapshot(practice)
    found = plan(practice, therapist, known)
    assert snapshot(practice) == before
    assert [(one.number, one.wall, one.state) for one in found.dates] == [
        (1, "2026-03-06T09:00", "free"),
        (2, "2026-03-13T09:00", "taken"),
        (3, "2026-03-20T09:00", "free"),
        (4, "2026-03-27T09:00", "taken"),
    ]
    assert found.dates[1].why == "Fri 13 Mar 08:50–09:40 is booked already"
    assert "booking a slot" in found.dates[3].why
    assert found.dates[2].plan is not None
    assert found.dates[2].plan.withdraws == (slot,)
    assert (found.free, found.fee_pence) == ((SOON, SOON + 2 * WEEK), 12000)


@pytest.mark.parametrize(
    ("first", "weeks", "walls"),
    [
        ("2026-03-20T10:00", 3, ["2026-03-27T10:00", "2026-04-03T10:00"]),
        ("2026-10-18T10:00", 3, ["2026-10-25T10:00", "2026-11-01T10:00"]),
    ],
)
def test_c5_a_series_keeps_the_wall_time_across_clock_changes(
    practice: Practice, therapist: Actor, known: Actor, first: str, weeks: int, walls: list[str]
) -> None:
    made = book(practice, therapist, known, read_moment(first, LONDON), weeks)
    assert [one.start for one in made[1:]] == [read_moment(wall, LONDON) for wall in walls]
    assert {one.minutes for one in made} == {50}
    assert [one.free_until for one in made] == [one.start - 2 * DAY for one in made]


def test_c5_a_time_that_does_not_exist_is_listed_and_left_out(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    first = read_moment("2026-03-22T01:30", LONDON)
    found = plan(practice, therapist, known, first, 3)
    assert [one.state for one in found.dates] == ["free", "no_such_time", "free"]
    assert found.dates[1].why == "01:30 on Sun 29 Mar does not exist"
    made = book(practice, therapist, known, first, 3)
    assert [moments.show(one.start, LONDON) for one in made] == [
        "Sun 22 Mar 01:30", "Sun 5 Apr 01:30",
    ]  # fmt: skip


@pytest.mark.parametrize(("fold", "hour"), [(0, "+01:00"), (1, "+00:00")])
def test_c5_a_time_that_happens_twice_is_asked_about_once(
    practice: Practice, therapist: Actor, known: Actor, fold: Any, hour: str
) -> None:
    first = read_moment("2026-10-18T01:30", LONDON)
    found = plan(practice, therapist, known, first, 3)
    assert [one.state for one in found.dates] == ["free", "twice", "free"]
    assert found.dates[1].either == tuple(
        read_moment(f"2026-10-25T01:30{one}", LONDON) for one in ("+01:00", "+00:00")
    )
    made = book(practice, therapist, known, first, 3, fold=fold)
    assert made[1].start == read_moment(f"2026-10-25T01:30{hour}", LONDON)


def test_b8_a_series_is_n_independent_follow_ups_with_a_mark(
    practice: Practice, therapist: Actor, known: Actor, stripe: FakeStripe
) -> None:
    made = book(practice, therapist, known, weeks=3, fee_pence=4500, minutes=80)
    assert len({one.id for one in made}) == 3
    assert len({one.video_url for one in made}) == 3
    assert len({one.series for one in made}) == 1
    assert made[0].series is not None
    assert {(one.fee_pence, one.minutes, one.kind) for one in made} == {(4500, 80, "follow_up")}
    told = [n for n in all_rows(practice, Notice) if n["event"] == "booked"]
    assert len(told) == 9
    always_bookings(practice)
    always_notices(practice)
    always_money(practice, stripe)


@pytest.fixture
def stripe(clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


def test_b8_two_series_have_two_marks_and_one_session_none(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    first = book(practice, therapist, known, weeks=2)
    second = book(practice, therapist, known, SOON + DAY, weeks=2)
    single = book(practice, therapist, known, SOON + 2 * DAY, weeks=1)
    assert len({first[0].series, second[0].series}) == 2
    assert single[0].series is None


def test_b8_all_accepted_dates_are_booked_or_none(
    practice: Practice, other: Practice, therapist: Actor, known: Actor
) -> None:
    shown = plan(practice, therapist, known)
    follow_up(other, therapist, known, SOON + 2 * WEEK)
    before = snapshot(practice)
    with pytest.raises(Changed):
        book(practice, therapist, known, accept=shown.free, shown=shown)
    assert snapshot(practice) == before
    rest = [start for start in shown.free if start != SOON + 2 * WEEK]
    assert len(book(practice, therapist, known, accept=rest, shown=shown)) == 3


def test_b8_a_slot_that_would_be_withdrawn_unseen_is_shown_first(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    shown = plan(practice, therapist, known)
    open_slot(practice, therapist, SOON + WEEK)
    with pytest.raises(Changed):
        book(practice, therapist, known, accept=shown.free, shown=shown)


@pytest.mark.parametrize(
    ("start", "weeks", "options"),
    [(SOON, 0, {}), (SOON, 53, {}), (NOW, 2, {}), (SOON, 2, {"minutes": 9}),
     (SOON, 2, {"fee_pence": 29}), (SOON, 2, {"accept": ()})],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    practice: Practice, therapist: Actor, known: Actor, start: int, weeks: int, options: Any
) -> None:
    before = snapshot(practice)
    with pytest.raises(Invalid):
        book(practice, therapist, known, start, weeks, **options)
    assert snapshot(practice) == before


def test_a_date_that_is_not_of_the_series_is_not_booked(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    with pytest.raises(Changed):
        book(practice, therapist, known, accept=[SOON, SOON + DAY])


def test_b2_only_for_ones_own_clients(
    practice: Practice, therapist: Actor, client: Actor, known: Actor
) -> None:
    with pytest.raises(NotYourClient):
        plan(practice, therapist, add_client(practice))
    for actor in (client, add_therapist(practice)):
        with pytest.raises(HelpspaceError):
            booking.plan_series(practice, actor, therapist.id, client.id, SOON, 2)


# --- cancelling


def test_b8_this_one_and_later_ones_with_the_consequences_first(
    practice: Practice, therapist: Actor, known: Actor, clock: MovableClock, stripe: FakeStripe
) -> None:
    made = book(practice, therapist, known)
    clock.move_to(SOON + WEEK - DAY)
    settle_all(practice, stripe)
    shown = booking.plan_cancel_series(practice, known, made[1].id)
    assert [(e.appointment_id, e.consequence.owed_pence) for e in shown] == [
        (made[1].id, 6000), (made[2].id, 0), (made[3].id, 0),
    ]  # fmt: skip
    assert booking.cancel_series(practice, known, made[1].id, shown=shown) == shown
    states = {a["id"]: a["state"] for a in all_rows(practice, Appointment)}
    assert [states[one.id] for one in made] == ["booked"] + 3 * ["cancelled_by_client"]
    told = [n for n in all_rows(practice, Notice) if n["event"] == "cancelled"]
    assert len(told) == 9
    settle_all(practice, stripe)
    always_money(practice, stripe)
    always_notices(practice)


def test_b8_cancelling_one_leaves_the_others(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    made = book(practice, therapist, known)
    booking.cancel(practice, therapist, made[1].id)
    shown = booking.plan_cancel_series(practice, therapist, made[0].id)
    assert [e.appointment_id for e in shown] == [made[0].id, made[2].id, made[3].id]


def test_b8_a_session_without_a_series_stands_alone(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    one = follow_up(practice, therapist, known)
    follow_up(practice, therapist, known, SOON + WEEK)
    shown = booking.plan_cancel_series(practice, therapist, one.id)
    assert [e.appointment_id for e in shown] == [one.id]


def test_m4_a_series_is_cancelled_exactly_as_shown_or_not_at_all(
    practice: Practice, therapist: Actor, known: Actor, clock: MovableClock
) -> None:
    made = book(practice, therapist, known)
    shown = booking.plan_cancel_series(practice, known, made[0].id)
    clock.move_to(made[0].free_until + 1)
    before = snapshot(practice)
    with pytest.raises(Changed):
        booking.cancel_series(practice, known, made[0].id, shown=shown)
    assert snapshot(practice) == before


def test_a1_a_series_of_others_answers_like_nobodys(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    made = book(practice, therapist, known)
    for actor in (add_client(practice), add_therapist(practice), Actor.team("ops")):
        for about in (made[0].id, "aaaaaaaaaaaa"):
            with pytest.raises(NotFound):
                booking.plan_cancel_series(practice, actor, about)
            with pytest.raises(NotFound):
                booking.cancel_series(practice, actor, about)


def test_m2a_a_client_cancels_a_series_as_of_when_they_wrote(
    practice: Practice, therapist: Actor, known: Actor, clock: MovableClock
) -> None:
    made = book(practice, therapist, known)
    clock.move_to(made[0].free_until + 30)
    done: tuple[Ending, ...] = booking.cancel_series(
        practice, known, made[0].id, at=made[0].free_until
    )
    assert [one.consequence.owed_pence for one in done] == [0, 0, 0, 0]
