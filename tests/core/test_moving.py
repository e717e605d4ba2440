"""Moving an appointment: same id, link and payment, another time and its money (M10, N3a, C2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpspace.core import appointments, booking, calendar, reminders
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import (
    AlreadyCancelled,
    BeingCharged,
    Changed,
    HelpspaceError,
    Invalid,
    NotAllowed,
    NotFound,
    Overlap,
    TooLate,
)
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import settle
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Audit, Claim, Notice, Reminder
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import AFTER, FakeStripe, come_to_rest, settle_all
from tests.core.invariants import (
    always_bookings,
    always_money,
    always_notices,
    settled_money,
)
from tests.makers import (
    NOW,
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    appointment_of,
    card_of,
    follow_up,
    give_card,
    hold,
    open_slot,
    payment_of,
    row,
    session,
    snapshot,
)

CLIENT, THERAPIST = Party.CLIENT, Party.THERAPIST
T = SOON - 2 * DAY
DUE = T + 60
LATER = SOON + 7 * DAY


@pytest.fixture
def stripe(clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> AppointmentView:
    acquaint(practice, therapist, client)
    return follow_up(practice, therapist, client)


def move(
    practice: Practice, therapist: Actor, about: AppointmentView, start: int = LATER, **options: Any
) -> AppointmentView:
    options = {"asked_by": THERAPIST, **options}
    return booking.move(practice, therapist, about.id, start, **options)


def refuses(
    practice: Practice,
    error: type[HelpspaceError],
    actor: Actor,
    appointment_id: str,
    start: int = LATER,
    *,
    match: str = "",
    **options: Any,
) -> None:
    """Check that plan and act both refuse, and that nothing changes."""
    before = snapshot(practice)
    options = {"asked_by": THERAPIST, **options}
    for act in (booking.plan_move, booking.move):
        with pytest.raises(error, match=match or None):
            act(practice, actor, appointment_id, start, **options)
    assert snapshot(practice) == before


def told(practice: Practice, about: str, event: str = "moved") -> list[dict[str, Any]]:
    return [
        n for n in all_rows(practice, Notice) if (n["appointment_id"], n["event"]) == (about, event)
    ]


def holds(practice: Practice, stripe: FakeStripe) -> None:
    always_bookings(practice)
    always_money(practice, stripe)
    always_notices(practice)


# --- what stays and what changes


def test_m10_a_move_keeps_everything_but_time_and_free_until(
    practice: Practice, therapist: Actor, booked: AppointmentView, stripe: FakeStripe
) -> None:
    before = appointment_of(practice, booked.id)
    moved = move(practice, therapist, booked)
    after = appointment_of(practice, booked.id)
    changed = {name for name, value in after.items() if before[name] != value}
    assert changed == {
        "claim_id", "start_at", "end_at", "free_until", "sequence", "moved_at", "moved_for",
    }  # fmt: skip
    assert (moved.id, moved.video_url, moved.fee_pence) == (
        booked.id, booked.video_url, booked.fee_pence,
    )  # fmt: skip
    assert (moved.start, moved.end, moved.sequence) == (LATER, LATER + 3000, 1)
    assert moved.free_until == LATER - 2 * DAY
    assert payment_of(practice, booked.id)["next_at"] == LATER - 2 * DAY + 60
    holds(practice, stripe)


def test_m4_the_plan_says_what_moving_does(
    practice: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    plan = booking.plan_move(practice, therapist, booked.id, LATER, asked_by=THERAPIST, minutes=80)
    moved = move(practice, therapist, booked, minutes=80, shown=plan.shown)
    assert (plan.start, plan.end, plan.free_until) == (moved.start, moved.end, moved.free_until)
    assert (plan.old_start, plan.old_end) == (booked.start, booked.end)
    assert moved.minutes == 80
    assert (plan.charge_at, plan.locked, plan.paid_pence) == (moved.free_until + 60, False, 0)
    assert plan.words == "free to cancel until Wed 11 Mar 09:00"
    assert plan.tells == (CLIENT, THERAPIST)
    assert not plan.closes_slot


@pytest.mark.parametrize("by", [-3000, -600, -1, 1, 600, 2999, 3000])
def test_c2_moved_onto_a_part_of_its_own_time(
    practice: Practice, therapist: Actor, booked: AppointmentView, stripe: FakeStripe, by: int
) -> None:
    """D3 holds between any two statements; nothing is left of the way."""
    moved = move(practice, therapist, booked, SOON + by)
    assert moved.start == SOON + by
    assert moved.sequence > booked.sequence
    mine = [c for c in all_rows(practice, Claim) if c["state"] != "closed"]
    assert [(c["start_at"], c["end_at"]) for c in mine] == [(SOON + by, SOON + by + 3000)]
    assert all(c["start_at"] < SOON + DAY for c in all_rows(practice, Claim))
    holds(practice, stripe)


def test_m10_only_the_length_can_change(
    practice: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    assert move(practice, therapist, booked, SOON, minutes=90).minutes == 90
    refuses(practice, Invalid, therapist, booked.id, SOON, minutes=90)


def test_c8_the_slot_of_a_moved_first_session_stays_closed(
    practice: Practice, therapist: Actor, client: Actor, stripe: FakeStripe
) -> None:
    """C1: only the therapist opens it again; also when the client cancels at the new time."""
    first = session(practice, therapist, client)
    assert booking.plan_move(practice, therapist, first.id, LATER, asked_by=CLIENT).closes_slot
    moved = move(practice, therapist, first, asked_by=CLIENT)
    assert moved.slot_id == first.slot_id
    assert row(practice, Claim, str(first.slot_id))["state"] == "closed"
    assert open_slot(practice, therapist, SOON)
    booking.cancel(practice, client, first.id)
    open_now = [c for c in all_rows(practice, Claim) if c["state"] == "open"]
    assert [c["start_at"] for c in open_now] == [SOON]
    holds(practice, stripe)


# --- who, and when


def test_b2_no_client_path_moves(practice: Practice, booked: AppointmentView) -> None:
    said = set()
    for about in (booked.id, "aaaaaaaaaaaa", ""):
        with pytest.raises(NotAllowed) as refused:
            booking.move(practice, Actor.client(booked.client_id), about, LATER, asked_by=CLIENT)
        said.add(str(refused.value))
    assert len(said) == 1
    refuses(practice, NotAllowed, Actor.client(booked.client_id), booked.id)
    refuses(practice, NotAllowed, Actor.team("ops"), booked.id)


def test_a1_another_therapists_answers_like_nobodys(
    practice: Practice, booked: AppointmentView
) -> None:
    stranger = add_therapist(practice)
    refuses(practice, NotFound, stranger, booked.id, match=str(NotFound()))
    refuses(practice, NotFound, stranger, "aaaaaaaaaaaa", match=str(NotFound()))


@pytest.mark.parametrize("start", [NOW, NOW - 1, 0, SOON])
def test_what_makes_no_sense_is_refused(
    practice: Practice, therapist: Actor, booked: AppointmentView, start: int
) -> None:
    refuses(practice, Invalid, therapist, booked.id, start)


def test_m10_client_or_therapist_ask_for_it(
    practice: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    refuses(practice, Invalid, therapist, booked.id, asked_by=Party.TEAM)


@pytest.mark.parametrize("minutes", [9, 241])
def test_a_length_that_nobody_means_is_refused(
    practice: Practice, therapist: Actor, booked: AppointmentView, minutes: int
) -> None:
    refuses(practice, Invalid, therapist, booked.id, minutes=minutes)


@pytest.mark.parametrize(("at", "possible"), [(SOON - 1, True), (SOON, False), (SOON + 1, False)])
def test_b8_nothing_is_moved_from_its_start_on(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    at: int,
    possible: bool,
) -> None:
    clock.move_to(at)
    if possible:
        assert move(practice, therapist, booked)
    else:
        refuses(practice, TooLate, therapist, booked.id, match="no longer be moved")


def test_b8_nothing_cancelled_is_moved(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    booking.cancel(practice, client, booked.id)
    refuses(practice, AlreadyCancelled, therapist, booked.id)


# --- what is in the way: C2, C3, C6


def test_c2_a_booked_time_is_in_the_way(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    follow_up(practice, therapist, client, LATER)
    for start in (LATER, LATER - 2999, LATER + 2999):
        refuses(practice, Overlap, therapist, booked.id, start)
    assert move(practice, therapist, booked, LATER + 3000)


def test_c6_a_hold_is_in_the_way_and_an_open_slot_makes_way(
    practice: Practice, therapist: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    slot = open_slot(practice, therapist, LATER)
    hold(practice, add_client(practice, card=False), slot)
    refuses(practice, Overlap, therapist, booked.id)
    clock.advance(34 * 60)
    plan = booking.plan_move(practice, therapist, booked.id, LATER, asked_by=THERAPIST)
    assert plan.withdraws == (slot,)
    move(practice, therapist, booked)
    assert row(practice, Claim, slot)["state"] == "closed"


def test_c3_a_clash_with_another_therapist_is_told_to_the_client_alone(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    session(practice, add_therapist(practice), client, LATER)
    move(practice, therapist, booked)
    facts = {n["party"]: json.loads(n["facts"]) for n in told(practice, booked.id)}
    assert facts["client"]["overlaps"] is True
    assert "overlaps" not in facts["therapist"]


def test_c4_a_race_for_the_same_time_has_one_winner(
    practice: Practice, other: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    plan = booking.plan_move(practice, therapist, booked.id, LATER, asked_by=THERAPIST)
    follow_up(other, therapist, client, LATER)
    with pytest.raises(Overlap):
        move(practice, therapist, booked, shown=plan.shown)


# --- exactly on what was shown


def test_two_terminals_cannot_overwrite_each_other(
    practice: Practice, other: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    plan = booking.plan_move(practice, therapist, booked.id, LATER, asked_by=THERAPIST)
    move(other, therapist, booked, LATER + DAY)
    before = snapshot(practice)
    with pytest.raises(Changed):
        move(practice, therapist, booked, shown=plan.shown)
    assert snapshot(practice) == before


@pytest.mark.parametrize("what", ["paid", "locked", "window", "withdraws"])
def test_m4_a_move_that_means_something_else_by_now_is_shown_again(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
    what: str,
) -> None:
    start = NOW + 3 * DAY if what == "window" else LATER
    clock.move_to(DUE - 61 if what == "locked" else NOW)
    plan = booking.plan_move(practice, therapist, booked.id, start, asked_by=CLIENT)
    if what == "withdraws":
        open_slot(practice, therapist, LATER)
    else:
        clock.move_to(DUE)
    if what == "paid":
        settle_all(practice, stripe)
    with pytest.raises(Changed):
        move(practice, therapist, booked, start, asked_by=CLIENT, shown=plan.shown)


# --- the money: M10


def paid(practice: Practice, stripe: FakeStripe, clock: MovableClock) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)


@pytest.mark.parametrize("asked_by", [CLIENT, THERAPIST])
def test_m10_unpaid_before_the_window_it_is_scheduled_anew(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
    asked_by: Party,
) -> None:
    clock.move_to(T)
    settle_all(practice, stripe)
    moved = move(practice, therapist, booked, asked_by=asked_by)
    clock.move_to(moved.free_until + 59)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 0
    clock.advance(1)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    holds(practice, stripe)


def test_m10_unpaid_inside_the_window_at_the_clients_request_it_stays_due(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    clock.move_to(T + 1)
    moved = move(practice, therapist, booked, asked_by=CLIENT)
    assert (moved.free_until, moved.start) == (T, LATER)
    assert booking.preview_cancel(practice, client, booked.id).owed_pence == 6000
    clock.move_to(DUE)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    holds(practice, stripe)


@pytest.mark.parametrize("cancels", [True, False])
def test_m10_paid_at_the_clients_request_it_stays_paid_also_when_cancelled(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
    cancels: bool,
) -> None:
    paid(practice, stripe, clock)
    plan = booking.plan_move(practice, therapist, booked.id, LATER, asked_by=CLIENT)
    assert (plan.locked, plan.charge_at, plan.paid_pence) == (True, None, 6000)
    move(practice, therapist, booked, asked_by=CLIENT)
    if cancels:
        assert booking.preview_cancel(practice, client, booked.id).refund_pence == 0
        booking.cancel(practice, client, booked.id)
    come_to_rest(practice, stripe, clock, LATER + 9 * DAY, lambda: holds(practice, stripe))
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 0)
    settled_money(practice, stripe)


@pytest.mark.parametrize(("late", "refund"), [(0, 6000), (1, 0)])
def test_m10_paid_at_the_therapists_request_it_goes_back_when_cancelled_in_time(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
    late: int,
    refund: int,
) -> None:
    paid(practice, stripe, clock)
    moved = move(practice, therapist, booked)
    settle_all(practice, stripe)
    assert (stripe.refunded(booked.id), moved.payment, moved.owed_pence) == (0, "paid", 6000)
    clock.move_to(moved.free_until + late)
    settle_all(practice, stripe)
    assert stripe.refunded(booked.id) == 0
    preview = booking.preview_cancel(practice, client, booked.id)
    assert preview.refund_pence == refund
    booking.cancel(practice, client, booked.id)
    settle_all(practice, stripe)
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, refund)
    come_to_rest(practice, stripe, clock, LATER + 9 * DAY, lambda: holds(practice, stripe))
    settled_money(practice, stripe)


def test_m10_paid_and_moved_it_is_never_charged_again(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    paid(practice, stripe, clock)
    move(practice, therapist, booked)
    move(practice, therapist, booked, LATER + DAY, asked_by=CLIENT)
    come_to_rest(practice, stripe, clock, LATER + 9 * DAY, lambda: holds(practice, stripe))
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 0)
    settled_money(practice, stripe)


def test_m10_a_second_move_at_the_clients_request_gives_no_longer_way_out(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    paid(practice, stripe, clock)
    first = move(practice, therapist, booked)
    second = move(practice, therapist, booked, LATER + 7 * DAY, asked_by=CLIENT)
    assert second.free_until == first.free_until
    clock.move_to(first.free_until)
    assert booking.preview_cancel(practice, client, booked.id).refund_pence == 6000
    clock.advance(1)
    assert booking.preview_cancel(practice, client, booked.id).refund_pence == 0


def test_m5_a_declined_fee_is_closed_at_stripe_and_scheduled_anew(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    stripe.cards[f"pm_{client.id}_1"] = "insufficient_funds"
    paid(practice, stripe, clock)
    assert payment_of(practice, booked.id)["status"] == "failed"
    moved = move(practice, therapist, booked)
    assert appointments.appointment(practice, client, booked.id).payment == "scheduled"
    settle_all(practice, stripe)
    assert [one.status for one in stripe.intents.values()] == ["canceled"]
    assert payment_of(practice, booked.id)["next_at"] == moved.free_until + 60
    stripe.cards.clear()
    come_to_rest(practice, stripe, clock, LATER + DAY, lambda: holds(practice, stripe))
    assert stripe.gross(booked.id) == 6000
    settled_money(practice, stripe)


def test_m6_a_locked_fee_is_tried_by_the_ladder_of_the_new_start(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    stripe.cards[f"pm_{client.id}_1"] = "insufficient_funds"
    paid(practice, stripe, clock)
    move(practice, therapist, booked, asked_by=CLIENT)
    settle_all(practice, stripe)
    assert stripe.declines == 1
    assert payment_of(practice, booked.id)["next_at"] == LATER - DAY
    give_card(practice, client, card_of(client, 2))
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000


@pytest.mark.parametrize("asked_by", [CLIENT, THERAPIST])
def test_m5_nothing_is_moved_while_nobody_knows_whether_it_is_being_paid(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
    asked_by: Party,
) -> None:
    stripe.faults.extend([None, AFTER])
    paid(practice, stripe, clock)
    assert stripe.gross(booked.id) == 6000
    refuses(practice, BeingCharged, therapist, booked.id, asked_by=asked_by)
    clock.advance(DAY)
    settle_all(practice, stripe)
    assert move(practice, therapist, booked, asked_by=asked_by).paid_pence == 6000


def test_m5_a_worker_in_the_middle_of_a_step_goes_by_the_new_terms(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    """The intent is being made when its session moves: it is never confirmed."""
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    step = settle.advance(practice, task)
    assert step is not None
    answer = stripe.carry_out(step)
    moved = move(practice, therapist, booked)
    step = settle.advance(practice, task, step, answer)
    while step is not None:
        step = settle.advance(practice, task, step, stripe.carry_out(step))
    settle_all(practice, stripe)
    assert "ConfirmIntent" not in stripe.steps()
    assert payment_of(practice, booked.id)["next_at"] == moved.free_until + 60
    holds(practice, stripe)


def test_m10_what_the_client_approved_meanwhile_stays_paid_and_is_not_taken_twice(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    """M3, M5: the bank has asked, the session moves, and only then we hear that it was approved."""
    stripe.cards[f"pm_{client.id}_1"] = "ask"
    paid(practice, stripe, clock)
    stripe.approve(booked.id)
    moved = move(practice, therapist, booked)
    settle_all(practice, stripe)
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 0)
    assert appointment_of(practice, booked.id)["taken"] == 1
    clock.move_to(moved.free_until)
    assert booking.preview_cancel(practice, client, booked.id).refund_pence == 6000
    come_to_rest(practice, stripe, clock, LATER + 9 * DAY, lambda: holds(practice, stripe))
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 0)
    settled_money(practice, stripe)


def test_m9_a_waived_fee_stays_waived(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    booking.waive(practice, therapist, booked.id)
    plan = booking.plan_move(practice, therapist, booked.id, LATER, asked_by=THERAPIST)
    assert (plan.waived, plan.charge_at, plan.words) == (True, None, "the fee is waived")
    move(practice, therapist, booked)
    come_to_rest(practice, stripe, clock, LATER + 9 * DAY, lambda: holds(practice, stripe))
    assert stripe.intents == {}


def test_m1_a_free_session_moves_without_stripe(
    practice: Practice, therapist: Actor, client: Actor, stripe: FakeStripe, clock: MovableClock
) -> None:
    acquaint(practice, therapist, client)
    free = follow_up(practice, therapist, client, fee_pence=0)
    clock.move_to(SOON - 1)
    plan = booking.plan_move(practice, therapist, free.id, LATER, asked_by=CLIENT)
    assert (plan.charge_at, plan.locked, plan.words) == (None, False, "free of charge")
    move(practice, therapist, free, asked_by=CLIENT)
    come_to_rest(practice, stripe, clock, LATER + DAY, lambda: holds(practice, stripe))
    assert stripe.intents == {}


def test_m2a_a_cancellation_from_before_the_move_counts_by_its_own_moment(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    clock.move_to(T)
    clock.advance(30)
    move(practice, therapist, booked, asked_by=CLIENT)
    _, found = booking.cancel(practice, client, booked.id, at=T)
    assert found.owed_pence == 0
    come_to_rest(practice, stripe, clock, LATER, lambda: holds(practice, stripe))
    assert stripe.gross(booked.id) == 0


# --- notices and reminders: N3a


def test_n3a_both_are_told_once_a_move(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    move(practice, therapist, booked)
    move(practice, therapist, booked, LATER + DAY, asked_by=CLIENT)
    found = told(practice, booked.id)
    assert sorted((n["party"], n["person_id"], n["channel"]) for n in found) == sorted(
        2 * [
            ("client", client.id, "email"),
            ("client", client.id, "telegram"),
            ("therapist", therapist.id, "email"),
        ]
    )  # fmt: skip
    facts = [json.loads(n["facts"]) for n in found if n["party"] == "therapist"]
    assert [(f["old_start"], f["start"], f["asked_by"]) for f in facts] == [
        (SOON, LATER, "therapist"),
        (LATER, LATER + DAY, "client"),
    ]


def test_n3a_reminders_belong_to_the_new_start(
    practice: Practice, therapist: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    move(practice, therapist, booked)
    clock.move_to(SOON - 1)
    assert reminders.sweep(practice) == 0
    clock.move_to(LATER - 1)
    assert reminders.sweep(practice) == 2
    facts = [json.loads(n["facts"]) for n in told(practice, booked.id, "reminder")]
    assert {one["start"] for one in facts} == {LATER}


def test_n3a_a_reminder_that_waits_to_be_sent_goes_with_its_start(
    practice: Practice, therapist: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(SOON - HOUR)
    assert reminders.sweep(practice) == 2
    move(practice, therapist, booked)
    states = {n["state"] for n in told(practice, booked.id, "reminder")}
    assert states == {"dropped"}


def test_n3a_moved_away_and_back_it_is_reminded_of(
    practice: Practice, therapist: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    move(practice, therapist, booked)
    move(practice, therapist, booked, SOON)
    waiting = [r for r in all_rows(practice, Reminder) if r["state"] == "waiting"]
    assert {(r["party"], r["start_at"]) for r in waiting} == {("client", SOON), ("therapist", SOON)}
    clock.move_to(SOON - HOUR)
    assert reminders.sweep(practice) == 2


def test_a2_the_trail_says_who_moved_it_for_whom(
    practice: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    move(practice, therapist, booked, asked_by=CLIENT)
    entry = next(a for a in all_rows(practice, Audit) if a["act"] == "move")
    assert (entry["role"], entry["actor_id"], entry["thing_id"]) == (
        "therapist", therapist.id, booked.id,
    )  # fmt: skip
    detail = json.loads(entry["detail"])
    assert (detail["was"], detail["start"], detail["asked_by"]) == (SOON, LATER, "client")


def test_b5_a_moved_first_session_counts_as_one(
    practice: Practice, therapist: Actor, client: Actor, stripe: FakeStripe
) -> None:
    first = session(practice, therapist, client)
    move(practice, therapist, first)
    with pytest.raises(HelpspaceError, match="already have a first session"):
        session(practice, therapist, client, SOON)
    mine = [a for a in all_rows(practice, Appointment) if a["client_id"] == client.id]
    assert [a["start_at"] for a in mine] == [LATER]
    entries = calendar.between(practice, therapist, therapist.id, LATER, LATER + HOUR)
    assert [(e.id, e.kind) for e in entries] == [(first.id, "initial")]
    holds(practice, stripe)
