"""Reminders on the day: once, when due, never late, never for what was cancelled (N2, N3)."""

from __future__ import annotations

import pytest

from helpspace.core import accounts, booking, notices, reminders
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE, read_moment
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice, Reminder
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, SOON, add_client, all_rows, follow_up, session

DUE = SOON - 2 * HOUR
"""The session is at 09:00, so the reminder of the day is two hours before."""


def written(practice: Practice) -> list[tuple[str, str]]:
    return [
        (one["party"], one["channel"])
        for one in all_rows(practice, Notice)
        if one["event"] == "reminder"
    ]


def states(practice: Practice) -> set[str]:
    return {one["state"] for one in all_rows(practice, Reminder)}


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> str:
    return session(practice, therapist, client).id


def test_n2_both_are_reminded_once(practice: Practice, booked: str, clock: MovableClock) -> None:
    clock.move_to(DUE - 1)
    assert reminders.sweep(practice) == 0
    clock.advance(1)
    assert reminders.sweep(practice) == 2
    assert sorted(written(practice)) == [
        ("client", "email"),
        ("client", "telegram"),
        ("therapist", "email"),
    ]
    clock.advance(MINUTE)
    assert reminders.sweep(practice) == 0
    assert len(written(practice)) == 3


def test_n2_two_sweeps_at_once_remind_once(
    practice: Practice, other: Practice, booked: str, clock: MovableClock
) -> None:
    clock.move_to(DUE)
    reminders.sweep(practice)
    reminders.sweep(other)
    assert len(written(practice)) == 3


def test_n3_a_sweep_that_was_away_reminds_late_but_before_the_start(
    practice: Practice, booked: str, clock: MovableClock
) -> None:
    clock.move_to(SOON - 1)
    assert reminders.sweep(practice) == 2


@pytest.mark.parametrize("late", [0, 1, DAY])
def test_n2_from_the_start_on_it_expires(
    practice: Practice, booked: str, clock: MovableClock, late: int
) -> None:
    clock.move_to(SOON + late)
    assert reminders.sweep(practice) == 0
    assert states(practice) == {"expired"}
    assert written(practice) == []


def test_n2_a_reminder_not_sent_by_the_start_expires(
    practice: Practice, booked: str, clock: MovableClock
) -> None:
    clock.move_to(SOON - 1)
    reminders.sweep(practice)
    clock.move_to(SOON)
    assert [e for e in notices.claim(practice, "s", 100) if e.event == "reminder"] == []
    expired = [n for n in all_rows(practice, Notice) if n["event"] == "reminder"]
    assert {one["state"] for one in expired} == {"expired"}


@pytest.mark.parametrize("by", ["client", "therapist"])
def test_n2_a_cancelled_session_is_not_reminded_of(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: str,
    clock: MovableClock,
    by: str,
) -> None:
    booking.cancel(practice, client if by == "client" else therapist, booked)
    clock.move_to(DUE)
    assert reminders.sweep(practice) == 0
    assert written(practice) == []


def test_n2_a_reminder_already_written_is_dropped_with_its_session(
    practice: Practice, client: Actor, booked: str, clock: MovableClock
) -> None:
    clock.move_to(DUE)
    reminders.sweep(practice)
    booking.cancel(practice, client, booked)
    kept = [one for one in all_rows(practice, Notice) if one["event"] == "reminder"]
    assert {one["state"] for one in kept} == {"dropped"}


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-06T00:30", "2026-03-06T00:00"),
        ("2026-03-06T07:00", "2026-03-06T05:00"),
        ("2026-03-06T09:59", "2026-03-06T07:59"),
        ("2026-03-06T10:00", "2026-03-06T08:00"),
        ("2026-03-06T23:30", "2026-03-06T08:00"),
    ],
)
def test_n2_when_the_reminder_is_due(
    practice: Practice, therapist: Actor, client: Actor, start: str, due: str
) -> None:
    session(practice, therapist, client, read_moment(start, LONDON))
    found = {one["due_at"] for one in all_rows(practice, Reminder)}
    assert found == {read_moment(due, LONDON)}


def test_n2_each_in_their_own_zone(practice: Practice, therapist: Actor) -> None:
    client = add_client(practice)
    accounts.set_zone(practice, client, "Pacific/Auckland")  # 13 hours ahead in March
    start = read_moment("2026-03-06T20:00", LONDON)  # 09:00 on the 7th there
    session(practice, therapist, client, start)
    due = {one["party"]: one["due_at"] for one in all_rows(practice, Reminder)}
    assert due["therapist"] == read_moment("2026-03-06T08:00", LONDON)
    assert due["client"] == start - 2 * HOUR


@pytest.mark.parametrize(
    ("ahead", "state", "due"),
    [
        (5 * HOUR, "waiting", -HOUR),
        (90 * MINUTE, "waiting", -HOUR),
        (90 * MINUTE - 1, "confirmation", None),
        (10 * MINUTE, "confirmation", None),
    ],
)
def test_n2_booked_on_the_day(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    clock: MovableClock,
    ahead: int,
    state: str,
    due: int | None,
) -> None:
    """At 09:00 the usual moment has passed for a session at 14:00."""
    session(practice, therapist, client)
    today = follow_up(practice, therapist, client, NOW + ahead)
    found = [one for one in all_rows(practice, Reminder) if one["appointment_id"] == today.id]
    assert {one["state"] for one in found} == {state}
    assert {one["due_at"] for one in found} == {None if due is None else NOW + ahead + due}


def test_n2_a_crowd_is_written_in_batches(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    session(practice, therapist, client)
    for number in range(1, 6):
        follow_up(practice, therapist, client, SOON + number * HOUR)
    clock.move_to(SOON - 1)
    assert reminders.sweep(practice, limit=4) == 12
    assert states(practice) == {"written"}
