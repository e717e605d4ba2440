"""Cancelling: who may, until when, what it costs, and what becomes of the slot (M2–M5a, C8, N3)."""

from __future__ import annotations

import json

import pytest

from helpspace.core import booking, inbox, profiles
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import AlreadyCancelled, Changed, NotFound, TooLate
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import (
    Audit,
    Claim,
    Client,
    Intent,
    Ledger,
    Notice,
    Reminder,
    Therapist,
)
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    appointment_of,
    book_initial,
    follow_up,
    open_slot,
    payment_of,
    row,
    session,
    set_row,
    snapshot,
)

T = SOON - 2 * DAY


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> AppointmentView:
    return session(practice, therapist, client)


def pay(practice: Practice, appointment: AppointmentView) -> None:
    """Write what a finished charge leaves behind."""
    with practice.change() as tx:
        tx.insert(
            Intent, id=f"in_{appointment.id}", appointment_id=appointment.id, number=1,
            stripe_id="pi_1", amount=6000, commission=0, account="acct_1", customer="cus_1",
            state="succeeded", created_at=tx.now,
        )  # fmt: skip
        tx.insert(
            Ledger, at=tx.now, appointment_id=appointment.id, kind="charge", amount=6000,
            therapist_id=appointment.therapist_id, client_id=appointment.client_id,
            commission=0, stripe_id="pi_1",
        )  # fmt: skip
    with practice.change() as tx:
        from helpspace.core.store.tables import Payment

        tx.run(
            Payment.update(status="paid", next_at=None).where(
                Payment.appointment_id == appointment.id
            )
        )


# --- M2, M3: what it costs


@pytest.mark.parametrize(("at", "owed"), [(T - 1, 0), (T, 0), (T + 1, 6000), (SOON - 1, 6000)])
def test_m2_client_cancels_at_the_edge_for_free(
    practice: Practice,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    at: int,
    owed: int,
) -> None:
    clock.move_to(at)
    preview = booking.preview_cancel(practice, client, booked.id)
    view, found = booking.cancel(practice, client, booked.id)
    assert preview == found
    assert found.owed_pence == view.owed_pence == owed
    assert (view.state, view.cancelled_at) == ("cancelled_by_client", at)
    assert view.payment == ("due" if owed else "none")


@pytest.mark.parametrize("at", [T - 1, T + 1, SOON - 1])
def test_m3_the_therapists_cancellation_leaves_nothing_owed(
    practice: Practice, therapist: Actor, booked: AppointmentView, clock: MovableClock, at: int
) -> None:
    clock.move_to(at)
    view, found = booking.cancel(practice, therapist, booked.id)
    assert (found.owed_pence, found.refund_pence) == (0, 0)
    assert (view.state, view.owed_pence) == ("cancelled_by_therapist", 0)


def test_m3_what_was_paid_is_given_back(
    practice: Practice, therapist: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(T + HOUR)
    pay(practice, booked)
    assert booking.preview_cancel(practice, therapist, booked.id).refund_pence == 6000
    _, found = booking.cancel(practice, therapist, booked.id)
    assert found.refund_pence == 6000
    assert payment_of(practice, booked.id)["next_at"] == clock.now()  # the next sweep gives it back


def test_m2_a_late_cancellation_of_a_paid_session_gives_nothing_back(
    practice: Practice, client: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(T + HOUR)
    pay(practice, booked)
    _, found = booking.cancel(practice, client, booked.id)
    assert (found.charge_pence, found.refund_pence) == (0, 0)
    assert payment_of(practice, booked.id)["next_at"] is None


def test_m5a_cancelling_in_time_leaves_no_charge_to_come(
    practice: Practice, client: Actor, booked: AppointmentView
) -> None:
    booking.cancel(practice, client, booked.id)
    assert payment_of(practice, booked.id)["next_at"] is None


def test_m5a_cancelling_late_leaves_the_charge_as_it_was(
    practice: Practice, client: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(T + 1)
    booking.cancel(practice, client, booked.id)
    assert payment_of(practice, booked.id)["next_at"] == T + 60


def test_m1_a_free_session_is_cancelled_without_a_word_on_money(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    free = follow_up(practice, therapist, client, SOON + DAY, fee_pence=0)
    view, found = booking.cancel(practice, client, free.id)
    assert (found.owed_pence, view.payment) == (0, "none")


# --- until when


@pytest.mark.parametrize("after", [0, 1, DAY])
@pytest.mark.parametrize("by", ["client", "therapist"])
def test_m2_nobody_cancels_from_the_start_on(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    by: str,
    after: int,
) -> None:
    actor = client if by == "client" else therapist
    clock.move_to(SOON + after)
    before = snapshot(practice)
    for act in (booking.preview_cancel, booking.cancel):
        with pytest.raises(TooLate):
            act(practice, actor, booked.id)
    assert snapshot(practice) == before


def test_m2_nobody_cancels_what_was_held(
    practice: Practice, client: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(booked.end)
    booking.complete_past(practice)
    with pytest.raises(TooLate):
        booking.cancel(practice, client, booked.id)


@pytest.mark.parametrize("first", ["client", "therapist"])
@pytest.mark.parametrize("second", ["client", "therapist"])
def test_b8_a_cancelled_session_is_not_cancelled_again(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    first: str,
    second: str,
) -> None:
    actors = {"client": client, "therapist": therapist}
    booking.cancel(practice, actors[first], booked.id)
    before = snapshot(practice)
    for act in (booking.preview_cancel, booking.cancel):
        with pytest.raises(AlreadyCancelled):
            act(practice, actors[second], booked.id)
    assert snapshot(practice) == before


# --- M2a: when it happened


@pytest.mark.parametrize(("received", "owed"), [(T, 0), (T + 1, 6000)])
def test_m2a_a_client_cancels_when_their_update_was_received(
    practice: Practice,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    received: int,
    owed: int,
) -> None:
    clock.move_to(T + 600)
    assert booking.preview_cancel(practice, client, booked.id, at=received).owed_pence == owed
    view, found = booking.cancel(practice, client, booked.id, at=received)
    assert (found.owed_pence, view.cancelled_at) == (owed, received)


def test_m2a_an_update_from_the_future_counts_as_now(
    practice: Practice, client: Actor, booked: AppointmentView
) -> None:
    view, _ = booking.cancel(practice, client, booked.id, at=NOW + HOUR)
    assert view.cancelled_at == NOW


@pytest.mark.parametrize("late", [0, 600])
def test_m2a_preview_and_act_agree_on_an_update_from_before_the_start(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    late: int,
) -> None:
    """The bot was away for some minutes; what the client did in time is done in time."""
    clock.move_to(SOON - 2 * HOUR)
    second = follow_up(practice, therapist, client, SOON - HOUR)
    assert second.free_until == second.start
    clock.move_to(second.start + late)
    preview = booking.preview_cancel(practice, client, second.id, at=second.start - 1)
    view, found = booking.cancel(practice, client, second.id, at=second.start - 1)
    assert preview == found
    assert (found.owed_pence, view.cancelled_at) == (0, second.start - 1)


def test_m2_a_button_that_showed_another_sum_does_nothing(
    practice: Practice, client: Actor, booked: AppointmentView, clock: MovableClock
) -> None:
    shown = booking.preview_cancel(practice, client, booked.id).owed_pence
    clock.move_to(T + 1)
    before = snapshot(practice)
    with pytest.raises(Changed):
        booking.cancel(practice, client, booked.id, shown_owed_pence=shown)
    assert snapshot(practice) == before
    assert booking.cancel(practice, client, booked.id, shown_owed_pence=6000)


# --- A1: whose


@pytest.mark.parametrize("who", ["other client", "other therapist", "team", "twisted"])
def test_a1_anothers_session_answers_like_none(
    practice: Practice, team: Actor, booked: AppointmentView, who: str
) -> None:
    actor = {
        "other client": lambda: add_client(practice),
        "other therapist": lambda: add_therapist(practice),
        "team": lambda: team,
        "twisted": lambda: Actor.therapist(booked.client_id),
    }[who]()
    before = snapshot(practice)
    for thing in (booked.id, "aaaaaaaaaaaa", ""):
        for act in (booking.preview_cancel, booking.cancel):
            with pytest.raises(NotFound) as refused:
                act(practice, actor, thing)
            assert str(refused.value) == str(NotFound())
    assert snapshot(practice) == before


def test_a1_the_team_cancels_for_somebody_with_a_reason(
    practice: Practice, team: Actor, booked: AppointmentView
) -> None:
    actor = team.on_behalf_of("client", booked.client_id, "asked by phone")
    view, _ = booking.cancel(practice, actor, booked.id)
    assert view.state == "cancelled_by_client"
    kept = [a for a in all_rows(practice, Audit) if a["act"] == "cancel"]
    assert [a["by_whom"] for a in kept] == ["team:ops"]


# --- C8: the slot


def test_c8_a_clients_cancellation_reopens_the_slot(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    booking.cancel(practice, client, booked.id)
    assert row(practice, Claim, str(booked.slot_id))["state"] == "open"
    assert profiles.profile(practice, therapist.id)[1][0].id == booked.slot_id
    assert book_initial(practice, add_client(practice), str(booked.slot_id))
    assert book_initial(practice, client, open_slot(practice, therapist, SOON + DAY))


def test_c8_unless_the_therapist_switched_that_off(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    set_row(practice, Therapist, therapist.id, reopens=0)
    booking.cancel(practice, client, booked.id)
    assert row(practice, Claim, str(booked.slot_id))["state"] == "closed"


def test_b9_a_therapists_cancellation_closes_the_slot(
    practice: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    booking.cancel(practice, therapist, booked.id)
    assert row(practice, Claim, str(booked.slot_id))["state"] == "closed"
    assert open_slot(practice, therapist)  # opened again on purpose


def test_c8_a_follow_up_leaves_no_slot(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    later = follow_up(practice, therapist, client, SOON + DAY)
    booking.cancel(practice, client, later.id)
    claim = appointment_of(practice, later.id)["claim_id"]
    assert row(practice, Claim, claim)["state"] == "closed"


# --- N3


@pytest.mark.parametrize(("by", "at", "owed"), [("client", T, 0), ("client", T + 1, 6000),
                                                ("therapist", T + 1, 0)])  # fmt: skip
def test_n3_both_are_told_who_cancelled_and_what_it_means(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    by: str,
    at: int,
    owed: int,
) -> None:
    clock.move_to(at)
    booking.cancel(practice, client if by == "client" else therapist, booked.id)
    told = [n for n in all_rows(practice, Notice) if n["event"] == "cancelled"]
    assert {(n["party"], n["channel"]) for n in told} == {
        ("client", "email"),
        ("client", "telegram"),
        ("therapist", "email"),
    }
    assert {n["facts"] for n in told} == {
        json.dumps({"by": by, "owed": owed, "refund": 0}, sort_keys=True, separators=(",", ":"))
    }
    assert appointment_of(practice, booked.id)["sequence"] == 1


def test_n2_a_cancelled_session_has_no_reminder(
    practice: Practice, client: Actor, booked: AppointmentView
) -> None:
    booking.cancel(practice, client, booked.id)
    assert {r["state"] for r in all_rows(practice, Reminder)} == {"dropped"}


def test_m2a_a_session_is_not_over_while_an_update_of_its_client_waits(
    practice: Practice, clock: MovableClock, client: Actor, booked: AppointmentView
) -> None:
    """Else a tap that came in time finds its session completed when the process comes back."""
    chat = 7001
    assert (
        practice.vault.digest(str(chat), "client.chat")
        == row(practice, Client, client.id)["chat_hash"]
    )
    clock.move_to(booked.start - 1)
    inbox.take_in(practice, [(1, chat, "tap", {})])
    received = practice.now()
    clock.move_to(booked.end)
    assert booking.complete_past(practice) == 0
    view, _ = booking.cancel(practice, client, booked.id, at=received)
    assert view.state == "cancelled_by_client"


def test_m2a_a_session_is_over_once_the_update_is_handled(
    practice: Practice, clock: MovableClock, booked: AppointmentView
) -> None:
    inbox.take_in(practice, [(1, 7001, "tap", {})])
    clock.move_to(booked.end)
    assert booking.complete_past(practice) == 0
    inbox.handled(practice, 1)
    assert booking.complete_past(practice) == 1
