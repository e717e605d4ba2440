"""Time off: what it closes and hits, and that nothing opens in it until it is lifted (C7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpspace.core import booking, calendar, holds, time_off
from helpspace.core.actors import Actor
from helpspace.core.errors import (
    Changed,
    HelpspaceError,
    Invalid,
    NotFound,
    Overlap,
    SlotTaken,
)
from helpspace.core.moments import DAY, HOUR
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Claim, Client, Notice, TimeOff
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
    book,
    book_initial,
    card_of,
    follow_up,
    hold,
    open_page,
    open_slot,
    row,
    session,
    snapshot,
)

FIRST, LAST = SOON - DAY, SOON + 6 * DAY
"""A week off around the usual session."""


@pytest.fixture
def stripe(clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


def take(practice: Practice, therapist: Actor, **options: bool) -> time_off.Taken:
    options = {"cancel": False, **options}
    return time_off.take(practice, therapist, therapist.id, FIRST, LAST, **options)


def test_c7_it_lists_what_it_closes_and_hits_with_the_refunds(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock, stripe: FakeStripe
) -> None:
    slot = open_slot(practice, therapist, SOON + DAY)
    outside = open_slot(practice, therapist, LAST)
    first = session(practice, therapist, client)
    later = follow_up(practice, therapist, client, SOON + 2 * DAY)
    clock.move_to(first.free_until + 60)
    settle_all(practice, stripe)
    before = snapshot(practice)
    found = time_off.plan(practice, therapist, therapist.id, FIRST, LAST)
    assert snapshot(practice) == before
    assert [one.id for one in found.slots] == [slot]
    assert [
        (one.appointment_id, one.consequence.refund_pence, one.consequence.owed_pence)
        for one in found.sessions
    ] == [(first.id, 6000, 0), (later.id, 0, 0)]
    assert found.refund_pence == 6000
    done = time_off.take(practice, therapist, therapist.id, FIRST, LAST, cancel=True, shown=found)
    assert (done.closed, done.cancelled, done.kept) == ((slot,), found.sessions, ())
    states = {a["id"]: a["state"] for a in all_rows(practice, Appointment)}
    assert states == {first.id: "cancelled_by_therapist", later.id: "cancelled_by_therapist"}
    assert row(practice, Claim, slot)["state"] == "closed"
    assert row(practice, Claim, outside)["state"] == "open"
    settle_all(practice, stripe)
    assert stripe.refunded(first.id) == 6000
    always_bookings(practice)
    always_money(practice, stripe)
    always_notices(practice)


def test_c7_what_the_therapist_keeps_stays(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    kept = session(practice, therapist, client)
    done = take(practice, therapist)
    assert (done.kept, done.cancelled) == ((kept.id,), ())
    assert row(practice, Appointment, kept.id)["state"] == "booked"
    assert [n for n in all_rows(practice, Notice) if n["event"] == "cancelled"] == []
    always_bookings(practice)


def test_c7_touching_is_not_inside_and_what_has_begun_is_not_hit(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    acquaint(practice, therapist, client)
    before = follow_up(practice, therapist, client, FIRST - 3000)
    into = follow_up(practice, therapist, client, LAST - 1)
    after = follow_up(practice, therapist, client, LAST + 3000)
    found = time_off.plan(practice, therapist, therapist.id, FIRST, LAST)
    assert [one.appointment_id for one in found.sessions] == [into.id]
    found = time_off.plan(practice, therapist, therapist.id, FIRST - 1, LAST + 3001)
    assert {one.appointment_id for one in found.sessions} == {before.id, into.id, after.id}
    clock.move_to(FIRST - 3000)
    found = time_off.plan(practice, therapist, therapist.id, FIRST - 1, LAST)
    assert [one.appointment_id for one in found.sessions] == [into.id]


# --- nothing opens or is booked in it


def opens(practice: Practice, therapist: Actor, _client: Actor) -> None:
    open_slot(practice, therapist, SOON)


def books(practice: Practice, therapist: Actor, client: Actor) -> None:
    follow_up(practice, therapist, client, SOON)


def plans(practice: Practice, therapist: Actor, client: Actor) -> None:
    booking.plan_follow_up(practice, therapist, therapist.id, client.id, SOON)


def moves(practice: Practice, therapist: Actor, client: Actor) -> None:
    about = next(a for a in all_rows(practice, Appointment) if a["client_id"] == client.id)
    booking.move(practice, therapist, about["id"], SOON, asked_by=Party.THERAPIST)


def takes(practice: Practice, therapist: Actor, _client: Actor) -> None:
    take(practice, therapist)


@pytest.mark.parametrize("act", [opens, books, plans, moves, takes])
def test_c7_nothing_opens_or_is_booked_until_it_is_lifted(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    act: Callable[[Practice, Actor, Actor], None],
) -> None:
    acquaint(practice, therapist, client)
    follow_up(practice, therapist, client, LAST + DAY)
    off = take(practice, therapist).time_off
    before = snapshot(practice)
    with pytest.raises(Overlap, match="time off"):
        act(practice, therapist, client)
    assert snapshot(practice) == before
    time_off.lift(practice, therapist, off.id)
    act(practice, therapist, client)


def test_c7_a_repeat_that_runs_into_it_opens_nothing_at_all(
    practice: Practice, therapist: Actor
) -> None:
    week = 7 * DAY
    time_off.take(practice, therapist, therapist.id, FIRST + week, LAST + week, cancel=False)
    with pytest.raises(Overlap, match="time off"):
        calendar.open_slots(practice, therapist, therapist.id, SOON, weeks=2)
    assert all_rows(practice, Claim) == []


def test_b8_a_series_lists_the_weeks_in_it(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    acquaint(practice, therapist, client)
    take(practice, therapist)
    found = booking.plan_series(practice, therapist, therapist.id, client.id, SOON, 2)
    assert [one.state for one in found.dates] == ["taken", "free"]
    assert "time off" in found.dates[0].why


def test_b1_a_slot_is_gone_for_a_client_who_was_just_looking(
    practice: Practice, other: Practice, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    offer = booking.offer(practice, client, slot)
    take(other, therapist)
    with pytest.raises(SlotTaken):
        booking.book(practice, client, slot, offer.shown, accept_terms=True)


def test_b3_a_hold_in_it_ends_and_its_card_is_only_put_on_record(
    practice: Practice, therapist: Actor
) -> None:
    waiting = add_client(practice, card=False)
    slot = open_slot(practice, therapist)
    held = hold(practice, waiting, slot)
    open_page(practice, waiting, held.request_id)
    found = time_off.plan(practice, therapist, therapist.id, FIRST, LAST)
    assert [(one.id, one.held) for one in found.slots] == [(slot, True)]
    take(practice, therapist)
    assert holds.card_completed(practice, held.request_id, card_of(waiting)) is None
    assert row(practice, Client, waiting.id)["card"] is not None
    assert all_rows(practice, Appointment) == []


@pytest.mark.parametrize("lifted", [False, True])
def test_c8_a_kept_session_that_its_client_cancels_opens_no_slot_in_it(
    practice: Practice, therapist: Actor, client: Actor, lifted: bool
) -> None:
    kept = session(practice, therapist, client)
    off = take(practice, therapist).time_off
    if lifted:
        time_off.lift(practice, therapist, off.id)
    booking.cancel(practice, client, kept.id)
    assert row(practice, Claim, str(kept.slot_id))["state"] == ("open" if lifted else "closed")


def test_m10_a_kept_session_can_move_out_but_not_within(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    kept = session(practice, therapist, client)
    take(practice, therapist)
    asked = Party.CLIENT
    with pytest.raises(Overlap):
        booking.move(practice, therapist, kept.id, SOON + DAY, asked_by=asked)
    assert booking.move(practice, therapist, kept.id, LAST, asked_by=asked).start == LAST


def test_another_therapist_is_not_off(practice: Practice, therapist: Actor, client: Actor) -> None:
    take(practice, therapist)
    assert session(practice, add_therapist(practice), client)


# --- exactly on what was shown


@pytest.mark.parametrize("what", ["slot", "session", "hold", "refund"])
def test_c7_what_has_changed_since_is_shown_again(
    practice: Practice,
    other: Practice,
    therapist: Actor,
    client: Actor,
    clock: MovableClock,
    stripe: FakeStripe,
    what: str,
) -> None:
    slot = open_slot(practice, therapist, SOON + DAY)
    first = session(practice, therapist, client)
    found = time_off.plan(practice, therapist, therapist.id, FIRST, LAST)
    if what == "slot":
        open_slot(other, therapist, SOON + 2 * DAY)
    elif what == "session":
        book_initial(other, add_client(practice), slot)
    elif what == "hold":
        book(other, add_client(practice, card=False), slot)
    else:
        clock.move_to(first.free_until + 60)
        settle_all(practice, stripe)
    before = snapshot(practice)
    with pytest.raises(Changed):
        time_off.take(practice, therapist, therapist.id, FIRST, LAST, cancel=True, shown=found)
    assert snapshot(practice) == before


# --- edges, rights, list


@pytest.mark.parametrize(
    ("start", "end"), [(FIRST, FIRST), (LAST, FIRST), (NOW - DAY, NOW), (FIRST, FIRST + 367 * DAY)]
)
def test_what_makes_no_sense_is_refused(
    practice: Practice, therapist: Actor, start: int, end: int
) -> None:
    for act in (
        lambda: time_off.plan(practice, therapist, therapist.id, start, end),
        lambda: time_off.take(practice, therapist, therapist.id, start, end, cancel=False),
    ):
        with pytest.raises(Invalid):
            act()


def test_c7_two_stretches_do_not_overlap_but_may_touch(
    practice: Practice, therapist: Actor
) -> None:
    take(practice, therapist)
    with pytest.raises(Overlap, match="You have time off from"):
        time_off.plan(practice, therapist, therapist.id, LAST - 1, LAST + DAY)
    assert time_off.take(practice, therapist, therapist.id, LAST, LAST + DAY, cancel=False)


def test_a1_only_their_own(practice: Practice, therapist: Actor, client: Actor) -> None:
    off = take(practice, therapist).time_off
    stranger = add_therapist(practice)
    before = snapshot(practice)
    for actor in (stranger, client):
        for act in (
            lambda who: time_off.plan(practice, who, therapist.id, NOW + DAY, NOW + 2 * DAY),
            lambda who: time_off.take(
                practice, who, therapist.id, NOW + DAY, NOW + 2 * DAY, cancel=True
            ),
            lambda who: time_off.lift(practice, who, off.id),
            lambda who: time_off.lift(practice, who, "aaaaaaaaaaaa"),
            lambda who: time_off.listed(practice, who, therapist.id),
            lambda who: time_off.between(practice, who, therapist.id, FIRST, LAST),
        ):
            with pytest.raises(HelpspaceError) as refused:
                act(actor)
            assert str(refused.value) == str(NotFound())
    assert snapshot(practice) == before


def test_it_is_listed_until_it_is_over_or_lifted(
    practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    off = take(practice, therapist).time_off
    assert time_off.listed(practice, therapist, therapist.id) == [off]
    assert time_off.listed(practice, Actor.team("ops")) == [off]
    assert time_off.between(practice, therapist, therapist.id, LAST - 1, LAST + HOUR) == [off]
    assert time_off.between(practice, therapist, therapist.id, LAST, LAST + HOUR) == []
    clock.move_to(LAST)
    assert time_off.listed(practice, therapist, therapist.id) == []
    time_off.lift(practice, therapist, off.id)
    (known,) = time_off.listed(practice, therapist, therapist.id, include_past=True)
    assert known.lifted_at == LAST
    with pytest.raises(NotFound, match="lifted already"):
        time_off.lift(practice, therapist, off.id)


def test_p1_with_the_last_slot_closed_it_says_why_nobody_sees_the_profile(
    practice: Practice, therapist: Actor
) -> None:
    open_slot(practice, therapist)
    assert take(practice, therapist).why_hidden == ("no_bookable_slot",)


def test_d2_it_is_whole_or_not_at_all(
    practice: Practice, therapist: Actor, client: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_slot(practice, therapist, SOON + DAY)
    session(practice, therapist, client)
    before = snapshot(practice)

    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time_off, "cancel_one", dies)
    with pytest.raises(KeyboardInterrupt):
        take(practice, therapist, cancel=True)
    assert snapshot(practice) == before
    assert all_rows(practice, TimeOff) == []
