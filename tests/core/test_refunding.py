"""Giving back: in full, once, however it was asked for, and never what was not taken (M3–M5)."""

from __future__ import annotations

import pytest

from helpspace.core import appointments, booking
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Debt, Ledger, Notice, Payment, Refund
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import (
    AFTER,
    BEFORE,
    BUSY,
    SAVED,
    FakeStripe,
    come_to_rest,
    die_after,
    settle_all,
)
from tests.core.invariants import always_money, settled_money
from tests.makers import (
    ON_SQLITE,
    SOON,
    all_rows,
    card_of,
    payment_of,
    practice_at,
    session,
    set_row,
)

DUE = SOON - 2 * DAY + 60


@pytest.fixture
def stripe(clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


@pytest.fixture
def paid(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
) -> AppointmentView:
    """A session that has been paid for."""
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    return booked


def word(practice: Practice, client: Actor, booked: AppointmentView) -> str:
    return appointments.appointment(practice, client, booked.id).payment


def until_settled(practice: Practice, stripe: FakeStripe, clock: MovableClock) -> None:
    """Let a day and a half pass."""
    until = clock.now() + 36 * HOUR
    come_to_rest(practice, stripe, clock, until, lambda: always_money(practice, stripe))


def test_m3_a_paid_session_that_the_therapist_cancels_is_given_back(
    practice: Practice, therapist: Actor, client: Actor, stripe: FakeStripe, paid: AppointmentView
) -> None:
    booking.cancel(practice, therapist, paid.id)
    settle_all(practice, stripe)
    assert stripe.refunded(paid.id) == 6000
    assert word(practice, client, paid) == "refunded"
    assert appointments.appointment(practice, client, paid.id).paid_pence == 0
    assert [(e["kind"], e["amount"]) for e in all_rows(practice, Ledger)] == [
        ("charge", 6000),
        ("refund", 6000),
    ]
    settled_money(practice, stripe)


def test_m3_the_refund_is_asked_for_in_the_first_pass(
    practice: Practice, therapist: Actor, stripe: FakeStripe, paid: AppointmentView
) -> None:
    booking.cancel(practice, therapist, paid.id)
    (task,) = settle.claim(practice, "w")
    step = settle.advance(practice, task)
    assert type(step).__name__ == "MakeRefund"
    assert all_rows(practice, Refund)[0]["state"] == "asked"


def test_n4_a2_a_refund_is_told_and_in_the_trail(
    practice: Practice, therapist: Actor, stripe: FakeStripe, paid: AppointmentView
) -> None:
    booking.cancel(practice, therapist, paid.id)
    settle_all(practice, stripe)
    told = [n for n in all_rows(practice, Notice) if n["event"] == "refunded"]
    assert {(n["party"], n["channel"]) for n in told} == {
        ("client", "email"),
        ("client", "telegram"),
    }
    kept = all_rows(practice, Audit)[-1]
    assert (kept["act"], kept["thing_id"], kept["via"]) == ("refund", paid.id, "jobs")


def test_m2_a_late_cancellation_by_the_client_gives_nothing_back(
    practice: Practice, client: Actor, stripe: FakeStripe, paid: AppointmentView
) -> None:
    booking.cancel(practice, client, paid.id)
    settle.look_again(practice, ["pi_1"])
    settle_all(practice, stripe)
    assert stripe.refunded(paid.id) == 0
    assert word(practice, client, paid) == "paid"
    settled_money(practice, stripe)


def test_m9_a_waived_fee_that_was_paid_is_given_back(
    practice: Practice, client: Actor, stripe: FakeStripe, paid: AppointmentView
) -> None:
    set_row(practice, Payment, paid.id, waived_at=practice.now(), next_at=practice.now())
    settle_all(practice, stripe)
    assert stripe.refunded(paid.id) == 6000
    settled_money(practice, stripe)


@pytest.mark.parametrize("percent", ["0", "7.5"])
def test_m3_the_commission_is_given_back_if_one_was_taken(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
    percent: str,
) -> None:
    platform = practice_at(practice.settings.database, clock, seed=7, COMMISSION_PERCENT=percent)
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    settle_all(platform, stripe)
    booking.cancel(practice, therapist, booked.id)
    settle_all(platform, stripe)
    (step,) = [step for _, step in stripe.calls if type(step).__name__ == "MakeRefund"]
    assert step.with_commission is (percent != "0")
    platform.store.close()


# --- doubt


@ON_SQLITE
@pytest.mark.parametrize("fault", [BEFORE, AFTER, SAVED, BUSY])
@pytest.mark.parametrize("again", [0, 1, 5])
def test_m5_a_refund_of_unknown_fate_is_made_once(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
    fault: str,
    again: int,
) -> None:
    booking.cancel(practice, therapist, paid.id)
    stripe.faults.extend([fault, *[BEFORE] * again])
    until_settled(practice, stripe, clock)
    assert stripe.refunded(paid.id) == 6000
    assert len([r for r in stripe.refunds.values() if r.status != "failed"]) == 1
    assert word(practice, client, paid) == "refunded"
    settled_money(practice, stripe)


def test_m5_a_refund_made_long_ago_is_found_not_repeated(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
) -> None:
    """The answer was lost, the machine was off for three days, and Stripe forgot the key."""
    booking.cancel(practice, therapist, paid.id)
    stripe.faults.append(AFTER)
    settle_all(practice, stripe)
    clock.advance(3 * DAY)
    settle_all(practice, stripe)
    assert stripe.steps()[-1] == "LookAtRefunds"
    assert len(stripe.refunds) == 1
    settled_money(practice, stripe)


def test_m5_a_refund_that_takes_days_is_waited_for(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
) -> None:
    stripe.slow_refunds = True
    booking.cancel(practice, therapist, paid.id)
    for _ in range(30):
        settle_all(practice, stripe)
        clock.advance(HOUR)
    assert word(practice, client, paid) == "refunding"
    assert len(all_rows(practice, Ledger)) == 1  # it has not happened yet
    stripe.finish_refunds()
    settle_all(practice, stripe)
    assert len(stripe.refunds) == 1
    assert word(practice, client, paid) == "refunded"
    settled_money(practice, stripe)


def test_m5_a_refund_that_failed_is_shown_and_not_blindly_repeated(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
) -> None:
    stripe.slow_refunds = True
    booking.cancel(practice, therapist, paid.id)
    settle_all(practice, stripe)
    stripe.finish_refunds("failed")
    for _ in range(30):
        clock.advance(HOUR)
        settle_all(practice, stripe)
    assert len(stripe.refunds) == 1
    kept = payment_of(practice, paid.id)
    assert (kept["status"], kept["reason"]) == ("refunding", "refund_failed")
    always_money(practice, stripe)


def test_m5_a_refund_that_stripe_refuses_does_not_spin(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
) -> None:
    """Refused as things stand (a dispute, an empty balance), and nothing there: tried hourly."""
    booking.cancel(practice, therapist, paid.id)
    stripe.intents["pi_1"].status = "requires_capture"  # makes the fake refuse
    settle_all(practice, stripe)
    first = len(stripe.calls)
    settle_all(practice, stripe)
    assert len(stripe.calls) == first
    stripe.intents["pi_1"].status = "succeeded"
    until_settled(practice, stripe, clock)
    assert stripe.refunded(paid.id) == 6000
    settled_money(practice, stripe)


@ON_SQLITE
@pytest.mark.parametrize("fault", [BEFORE, AFTER, SAVED, BUSY])
@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_m3_a_short_account_keeps_no_client_waiting(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
    fault: str,
    at: int,
) -> None:
    """Each fault at each call of a refund that goes without its transfer: once, with one debt."""
    stripe.short_accounts.add("acct_1")
    booking.cancel(practice, therapist, paid.id)
    stripe.faults.extend([*[None] * at, fault])
    until_settled(practice, stripe, clock)
    assert stripe.refunded(paid.id) == 6000
    assert len([r for r in stripe.refunds.values() if r.status != "failed"]) == 1
    assert word(practice, client, paid) == "refunded"
    assert [(d["state"], d["amount"]) for d in all_rows(practice, Debt)] == [("open", 6000)]
    settled_money(practice, stripe)


def test_m5_death_between_a_refusal_and_its_second_refund(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    paid: AppointmentView,
    clock: MovableClock,
) -> None:
    """Dying at any move of it leaves one refund and one debt."""
    stripe.short_accounts.add("acct_1")
    booking.cancel(practice, therapist, paid.id)
    for moves in range(1, 10):
        die_after(practice, stripe, moves)
        clock.advance(settle.LEASE)
    until_settled(practice, stripe, clock)
    assert stripe.refunded(paid.id) == 6000
    assert len(all_rows(practice, Debt)) == 1
    settled_money(practice, stripe)


# --- cancelled while a charge is under way


@ON_SQLITE
@pytest.mark.parametrize("how", ["ok", "insufficient_funds", "ask"])
@pytest.mark.parametrize("fault", [None, BEFORE, AFTER, SAVED])
@pytest.mark.parametrize("moment", ["before making", "before confirming", "after confirming"])
def test_m7_a_cancellation_while_a_charge_is_under_way(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
    how: str,
    fault: str | None,
    moment: str,
) -> None:
    booked = session(practice, therapist, client)
    stripe.cards[card_of(client).method] = how
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    step = settle.advance(practice, task)
    if moment == "before making":
        booking.cancel(practice, therapist, booked.id)
    assert step is not None
    step = settle.advance(practice, task, step, stripe.carry_out(step))
    if moment == "before confirming":
        booking.cancel(practice, therapist, booked.id)
    stripe.faults.append(fault)
    if step is not None:
        answer = stripe.carry_out(step)
        if moment == "after confirming":
            booking.cancel(practice, therapist, booked.id)
        settle.advance(practice, task, step, answer)
    until_settled(practice, stripe, clock)
    assert stripe.gross(booked.id) - stripe.refunded(booked.id) == 0
    assert payment_of(practice, booked.id)["status"] in ("none", "refunded")
    settled_money(practice, stripe)


def test_m7_no_confirm_is_begun_after_a_cancellation_was_committed(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    make = settle.advance(practice, task)
    assert make is not None
    booking.cancel(practice, therapist, booked.id)
    cancel = settle.advance(practice, task, make, stripe.carry_out(make))
    assert type(cancel).__name__ == "CancelIntent"
    settle_all(practice, stripe)
    assert "ConfirmIntent" not in stripe.steps()


def test_n4_nobody_is_told_of_a_failure_that_costs_nothing(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
) -> None:
    booked = session(practice, therapist, client)
    stripe.cards[card_of(client).method] = "insufficient_funds"
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    make = settle.advance(practice, task)
    assert make is not None
    confirm = settle.advance(practice, task, make, stripe.carry_out(make))
    assert confirm is not None
    answer = stripe.carry_out(confirm)
    booking.cancel(practice, therapist, booked.id)
    settle.advance(practice, task, confirm, answer)
    until_settled(practice, stripe, clock)
    assert not [n for n in all_rows(practice, Notice) if n["event"] == "charge_failed"]
