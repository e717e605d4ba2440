"""The therapist's calendar: what is opened, closed, and what lies in the way (C1, C2, C5, P3)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import booking, calendar
from helpspace.core.actors import Actor
from helpspace.core.errors import (
    HelpspaceError,
    Invalid,
    NoSuchTime,
    NotAllowed,
    NotFound,
    Overlap,
    TimeOccursTwice,
)
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE, read_moment, show
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Claim, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    book_initial,
    follow_up,
    hold,
    open_slot,
    row,
    session,
    set_row,
    snapshot,
)


def states(practice: Practice) -> list[str]:
    return [claim["state"] for claim in all_rows(practice, Claim)]


# --- opening


def test_c1_a_slot_takes_the_therapists_own_length_and_fee(
    practice: Practice, therapist: Actor
) -> None:
    opened = calendar.open_slots(practice, therapist, therapist.id, SOON)
    (slot,) = opened.slots
    assert (slot.start, slot.end, slot.minutes) == (SOON, SOON + 50 * MINUTE, 50)
    assert (slot.fee_pence, slot.state, slot.therapist_id) == (6000, "open", therapist.id)


def test_c1_a_weekly_repeat_opens_each_week(practice: Practice, therapist: Actor) -> None:
    opened = calendar.open_slots(practice, therapist, therapist.id, SOON, minutes=60, weeks=5)
    # The clocks go forward on 29 March, between the fourth and the fifth.
    assert [show(slot.start, LONDON) for slot in opened.slots] == [
        "Fri 6 Mar 09:00", "Fri 13 Mar 09:00", "Fri 20 Mar 09:00", "Fri 27 Mar 09:00",
        "Fri 3 Apr 09:00",
    ]  # fmt: skip
    assert {slot.minutes for slot in opened.slots} == {60}
    assert opened.slots[4].start - opened.slots[3].start == 7 * DAY - HOUR


def test_c5_durations_are_elapsed_time(practice: Practice, therapist: Actor) -> None:
    start = read_moment("2026-03-29T00:30", LONDON)
    opened = calendar.open_slots(practice, therapist, therapist.id, start, minutes=60)
    assert show(opened.slots[0].end, LONDON) == "Sun 29 Mar 02:30"


@pytest.mark.parametrize(
    ("wall", "error"), [("2026-03-22T01:30", NoSuchTime), ("2026-10-18T01:30", TimeOccursTwice)]
)
def test_c5_a_repeat_over_a_skipped_or_repeated_time_opens_nothing(
    practice: Practice, therapist: Actor, wall: str, error: type[HelpspaceError]
) -> None:
    before = snapshot(practice)
    start = read_moment(wall, LONDON)
    with pytest.raises(error):
        calendar.open_slots(practice, therapist, therapist.id, start, weeks=2)
    assert snapshot(practice) == before


@pytest.mark.parametrize(
    ("start", "options", "error"),
    [
        (NOW, {}, Invalid),
        (NOW - 1, {}, Invalid),
        (SOON, {"minutes": 9}, Invalid),
        (SOON, {"minutes": 241}, Invalid),
        (SOON, {"minutes": 0}, Invalid),
        (SOON, {"minutes": -50}, Invalid),
        (SOON, {"weeks": 0}, Invalid),
        (SOON, {"weeks": 53}, Invalid),
    ],
)
def test_c1_what_makes_no_sense_is_refused(
    practice: Practice, therapist: Actor, start: int, options: Any, error: type[HelpspaceError]
) -> None:
    before = snapshot(practice)
    with pytest.raises(error):
        calendar.open_slots(practice, therapist, therapist.id, start, **options)
    assert snapshot(practice) == before


@pytest.mark.parametrize(
    ("start", "options"), [(NOW + 1, {}), (SOON, {"minutes": 10}), (SOON, {"minutes": 240})]
)
def test_c1_what_just_makes_sense_is_opened(
    practice: Practice, therapist: Actor, start: int, options: Any
) -> None:
    assert calendar.open_slots(practice, therapist, therapist.id, start, **options).slots


# --- C2: nothing overlaps


@pytest.mark.parametrize("shift", [-49, -1, 0, 1, 49])
def test_c2_a_slot_over_another_is_refused_with_its_time(
    practice: Practice, therapist: Actor, shift: int
) -> None:
    open_slot(practice, therapist)
    before = snapshot(practice)
    with pytest.raises(Overlap, match="Fri 6 Mar") as refused:
        open_slot(practice, therapist, SOON + shift * MINUTE)
    assert refused.value.hint
    assert snapshot(practice) == before


@pytest.mark.parametrize("shift", [-50, 50])
def test_c2_touching_is_no_overlap(practice: Practice, therapist: Actor, shift: int) -> None:
    open_slot(practice, therapist)
    assert open_slot(practice, therapist, SOON + shift * MINUTE)


def test_c2_a_repeat_with_one_clash_opens_nothing(practice: Practice, therapist: Actor) -> None:
    open_slot(practice, therapist, SOON + 14 * DAY)
    before = snapshot(practice)
    with pytest.raises(Overlap, match="Fri 20 Mar"):
        calendar.open_slots(practice, therapist, therapist.id, SOON, weeks=5)
    assert snapshot(practice) == before


def test_c2_a_repeat_cannot_overlap_itself(practice: Practice, therapist: Actor) -> None:
    opened = calendar.open_slots(practice, therapist, therapist.id, SOON, minutes=240, weeks=52)
    assert len(opened.slots) == 52


@pytest.mark.parametrize("what", ["held", "booked", "follow_up"])
def test_c2_holds_and_sessions_are_in_the_way_too(
    practice: Practice, therapist: Actor, what: str
) -> None:
    client = add_client(practice, card=what != "held")
    if what == "held":
        hold(practice, client, open_slot(practice, therapist))
    else:
        session(practice, therapist, client, SOON if what == "booked" else SOON + DAY)
    if what == "follow_up":
        follow_up(practice, therapist, client, SOON)
    with pytest.raises(Overlap):
        open_slot(practice, therapist, SOON + MINUTE)


def test_c2_a_cancelled_session_is_not_in_the_way(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booking.cancel(practice, therapist, session(practice, therapist, client).id)
    assert open_slot(practice, therapist)


# --- P3: publishing


def test_p3_the_first_bookable_slot_publishes(practice: Practice, therapist: Actor) -> None:
    first = calendar.open_slots(practice, therapist, therapist.id, SOON)
    second = calendar.open_slots(practice, therapist, therapist.id, SOON + DAY)
    assert (first.published, first.why_hidden) == (True, ())
    assert (second.published, second.why_hidden) == (False, ())


def test_p3_a_slot_inside_the_notice_is_said_at_once(practice: Practice, therapist: Actor) -> None:
    opened = calendar.open_slots(practice, therapist, therapist.id, NOW + DAY - 1)
    assert opened.inside_notice == (NOW + DAY - 1,)
    assert not opened.published
    assert opened.why_hidden == ("no_bookable_slot",)


def test_p3_a_slot_at_the_edge_of_the_notice_is_bookable(
    practice: Practice, therapist: Actor
) -> None:
    opened = calendar.open_slots(practice, therapist, therapist.id, NOW + DAY)
    assert (opened.inside_notice, opened.published) == ((), True)


def test_p3_a_slot_of_a_hidden_therapist_says_why(practice: Practice) -> None:
    therapist = add_therapist(practice, account=None, notice_s=None)
    opened = calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert not opened.published
    assert set(opened.why_hidden) >= {"not_approved", "no_minimum_notice"}


# --- closing


def test_c1_an_open_slot_is_closed(practice: Practice, therapist: Actor) -> None:
    slot = open_slot(practice, therapist)
    assert calendar.close_slot(practice, therapist, slot).state == "closed"
    assert states(practice) == ["closed"]
    assert open_slot(practice, therapist)  # the time is free again


def test_b9_a_closed_slot_is_not_closed_again(practice: Practice, therapist: Actor) -> None:
    slot = open_slot(practice, therapist)
    calendar.close_slot(practice, therapist, slot)
    before = snapshot(practice)
    with pytest.raises(NotFound, match="closed already"):
        calendar.close_slot(practice, therapist, slot)
    assert snapshot(practice) == before


def test_b9_a_booked_slot_is_not_closed(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    book_initial(practice, client, slot)
    with pytest.raises(Overlap, match="booked"):
        calendar.close_slot(practice, therapist, slot)


def test_c6_a_held_slot_is_not_closed_until_its_hold_ends(
    practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    slot = open_slot(practice, therapist)
    held = hold(practice, add_client(practice, card=False), slot)
    clock.move_to(held.until - 1)
    with pytest.raises(Overlap, match="just now"):
        calendar.close_slot(practice, therapist, slot)
    clock.move_to(held.until)
    assert calendar.close_slot(practice, therapist, slot).state == "closed"


# --- A1: whose calendar


@pytest.mark.parametrize("slot", ["theirs", "invented"])
def test_a1_another_therapists_slot_is_not_there(
    practice: Practice, therapist: Actor, slot: str
) -> None:
    slot_id = open_slot(practice, therapist) if slot == "theirs" else "aaaaaaaaaaaa"
    other = add_therapist(practice)
    before = snapshot(practice)
    with pytest.raises(NotFound) as refused:
        calendar.close_slot(practice, other, slot_id)
    assert str(refused.value) == str(NotFound())
    assert snapshot(practice) == before


@pytest.mark.parametrize("owner", ["theirs", "invented"])
def test_a1_another_therapists_calendar_is_not_there(
    practice: Practice, therapist: Actor, owner: str
) -> None:
    other = add_therapist(practice)
    whose = therapist.id if owner == "theirs" else "aaaaaaaaaaaa"
    before = snapshot(practice)
    for attempt in (
        lambda: calendar.open_slots(practice, other, whose, SOON),
        lambda: calendar.slots(practice, other, whose),
        lambda: calendar.between(practice, other, whose, NOW, SOON),
    ):
        with pytest.raises(NotFound) as refused:
            attempt()
        assert str(refused.value) == str(NotFound())
    assert snapshot(practice) == before


def test_a1_a_client_has_no_way_into_a_calendar(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    before = snapshot(practice)
    for attempt in (
        lambda: calendar.open_slots(practice, client, therapist.id, SOON + DAY),
        lambda: calendar.close_slot(practice, client, slot),
        lambda: calendar.slots(practice, client, therapist.id),
        lambda: calendar.between(practice, client, therapist.id, NOW, SOON),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotAllowed):
        calendar.slots(practice, client)
    assert snapshot(practice) == before


def test_a1_an_appointments_own_time_is_no_slot_to_close(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    session(practice, therapist, client)
    booked = follow_up(practice, therapist, client, SOON + DAY)
    claim = next(c for c in all_rows(practice, Claim) if c["purpose"] == "follow_up")
    for thing in (claim["id"], booked.id):
        with pytest.raises(NotFound):
            calendar.close_slot(practice, therapist, thing)


# --- what is shown


def test_slots_are_listed_soonest_first(
    practice: Practice, therapist: Actor, team: Actor, clock: MovableClock
) -> None:
    later, sooner = open_slot(practice, therapist, SOON + DAY), open_slot(practice, therapist)
    gone = open_slot(practice, therapist, SOON + 2 * DAY)
    calendar.close_slot(practice, therapist, gone)

    def listed(**options: Any) -> list[str]:
        return [slot.id for slot in calendar.slots(practice, therapist, therapist.id, **options)]

    assert listed() == [sooner, later]
    assert listed(include_closed=True) == [sooner, later, gone]
    assert [slot.id for slot in calendar.slots(practice, team)] == [sooner, later]
    clock.move_to(SOON + 50 * MINUTE)
    assert listed() == [later]
    assert listed(include_past=True) == [sooner, later]


def test_b3_an_expired_hold_is_shown_as_open(
    practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    held = hold(practice, add_client(practice, card=False), open_slot(practice, therapist))

    def shown() -> tuple[str, str]:
        (slot,) = calendar.slots(practice, therapist, therapist.id)
        (entry,) = calendar.between(practice, therapist, therapist.id, SOON, SOON + 1)
        return slot.state, entry.state

    assert shown() == ("held", "held")
    clock.move_to(held.until)
    assert shown() == ("open", "open")
    assert row(practice, Claim, held.slot.id)["state"] == "held"  # by query, not by a sweep


def test_a_week_shows_slots_and_sessions_with_their_clients(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    first = session(practice, therapist, client)
    second = follow_up(practice, therapist, client, SOON + DAY, fee_pence=0)
    slot = open_slot(practice, therapist, SOON + 2 * DAY)
    gone = follow_up(practice, therapist, client, SOON + 3 * DAY)
    booking.cancel(practice, client, gone.id)
    found = calendar.between(practice, therapist, therapist.id, NOW, NOW + 30 * DAY)
    assert [(one.id, one.kind, one.state, one.client_name) for one in found] == [
        (first.id, "initial", "booked", "Sam"),
        (second.id, "follow_up", "booked", "Sam"),
        (slot, "slot", "open", ""),
    ]
    assert [one.payment for one in found] == ["scheduled", "none", "none"]


@pytest.mark.parametrize(
    ("start", "end", "seen"),
    [
        (SOON - DAY, SOON, False),
        (SOON - DAY, SOON + 1, True),
        (SOON + 50 * MINUTE - 1, SOON + DAY, True),
        (SOON + 50 * MINUTE, SOON + DAY, False),
    ],
)
def test_a_stretch_of_time_holds_what_reaches_into_it(
    practice: Practice, therapist: Actor, start: int, end: int, seen: bool
) -> None:
    open_slot(practice, therapist)
    assert bool(calendar.between(practice, therapist, therapist.id, start, end)) is seen


def test_m7a_the_fee_of_a_slot_follows_the_therapist_until_it_is_booked(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    open_slot(practice, therapist, SOON + DAY)
    set_row(practice, Therapist, therapist.id, initial_fee=8000)
    (later,) = [s for s in calendar.slots(practice, therapist, therapist.id) if s.state == "open"]
    assert later.fee_pence == 8000
    assert booking.preview_cancel(practice, client, booked.id).fee_pence == 6000
