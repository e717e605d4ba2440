"""Charging: once, after `free_until`, by one intent, with a plain word when it fails (M1–M7)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import appointments, booking, inbox
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store.tables import (
    Attempt,
    Audit,
    Client,
    Intent,
    Ledger,
    Notice,
    Payment,
    Therapist,
)
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import FakeStripe, come_to_rest, settle_all
from tests.core.invariants import always_money, settled_money
from tests.makers import (
    ON_SQLITE,
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    card_of,
    follow_up,
    give_card,
    payment_of,
    practice_at,
    session,
    set_row,
)

T = SOON - 2 * DAY
DUE = T + 60


@pytest.fixture
def stripe(practice: Practice, clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> AppointmentView:
    return session(practice, therapist, client)


def told(practice: Practice, event: str, party: str = "client") -> list[dict[str, Any]]:
    """Return an event's notices by mail."""
    return [
        n
        for n in all_rows(practice, Notice)
        if (n["event"], n["party"], n["channel"]) == (event, party, "email")
    ]


def word(practice: Practice, client: Actor, booked: AppointmentView) -> str:
    return appointments.appointment(practice, client, booked.id).payment


# --- when


@pytest.mark.parametrize(("at", "charged"), [(T, 0), (T + 1, 0), (DUE - 1, 0), (DUE, 1), (SOON, 1)])
def test_m2a_charged_a_minute_after_free_until(
    practice: Practice,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    at: int,
    charged: int,
) -> None:
    clock.move_to(at)
    settle_all(practice, stripe)
    assert len(stripe.taken(booked.id)) == charged
    always_money(practice, stripe)


def test_m1_charged_once_and_never_again(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)
    for hours in (1, 24, 24 * 30):
        clock.advance(hours * HOUR)
        settle.look_again(practice, [i["stripe_id"] for i in all_rows(practice, Intent)])
        settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    assert word(practice, client, booked) == "paid"
    assert payment_of(practice, booked.id)["next_at"] is None
    always_money(practice, stripe)
    settled_money(practice, stripe)


def test_m5_the_intent_is_made_unconfirmed_and_kept_before_it_is_confirmed(
    practice: Practice, stripe: FakeStripe, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    make = settle.advance(practice, task)
    assert all_rows(practice, Intent)[0]["state"] == "asked"
    assert make is not None
    confirm = settle.advance(practice, task, make, stripe.carry_out(make))
    kept = all_rows(practice, Intent)[0]
    assert (kept["state"], kept["stripe_id"]) == ("open", "pi_1")
    assert all_rows(practice, Attempt)[0]["outcome"] == "unknown"
    assert confirm is not None
    assert settle.advance(practice, task, confirm, stripe.carry_out(confirm)) is None
    assert stripe.steps() == ["MakeIntent", "ConfirmIntent"]


def test_n4_the_client_is_told_of_the_charge_once(
    practice: Practice, stripe: FakeStripe, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)
    (notice,) = told(practice, "charged")
    assert notice["facts"] == '{"amount":6000}'
    assert told(practice, "charged", "therapist") == []


def test_a2_m8_a_charge_is_in_the_ledger_and_in_the_trail(
    practice: Practice, stripe: FakeStripe, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)
    (entry,) = all_rows(practice, Ledger)
    assert (entry["kind"], entry["amount"], entry["stripe_id"]) == ("charge", 6000, "pi_1")
    kept = all_rows(practice, Audit)[-1]
    assert (kept["role"], kept["act"], kept["thing_id"]) == ("system", "charge", booked.id)


def test_m1_a_free_session_makes_no_stripe_object(
    practice: Practice, stripe: FakeStripe, clock: MovableClock
) -> None:
    therapist = add_therapist(practice, initial_fee=0)
    client = add_client(practice)
    session(practice, therapist, client)
    clock.move_to(SOON + DAY)
    assert settle_all(practice, stripe) == 0
    assert stripe.calls == []


@pytest.mark.parametrize(("hundredths", "expected"), [("0", 0), ("7.5", 450)])
def test_m7_money_goes_to_the_therapists_account_less_the_commission(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
    hundredths: str,
    expected: int,
) -> None:
    session(practice, therapist, client)
    platform = practice_at(practice.settings.database, clock, seed=4, COMMISSION_PERCENT=hundredths)
    clock.move_to(DUE)
    settle_all(platform, stripe)
    (intent,) = stripe.intents.values()
    assert (intent.account, intent.commission) == ("acct_1", expected)
    assert intent.customer == f"cus_{client.id}"
    assert all_rows(practice, Ledger)[0]["commission"] == expected
    platform.store.close()


def test_m7a_later_fees_do_not_touch_the_charge(
    practice: Practice,
    therapist: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    set_row(practice, Therapist, therapist.id, initial_fee=9000, follow_up_fee=9000)
    clock.move_to(DUE)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000


def test_m2_a_late_cancellation_is_charged(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    clock.move_to(T + 1)
    booking.cancel(practice, client, booked.id)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 0
    clock.move_to(DUE)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    settled_money(practice, stripe)


@pytest.mark.parametrize("by", ["client", "therapist"])
def test_m5_cancelled_in_time_nothing_is_ever_taken(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    by: str,
) -> None:
    clock.move_to(T)
    booking.cancel(practice, client if by == "client" else therapist, booked.id)
    for _ in range(5):
        clock.advance(DAY)
        settle_all(practice, stripe)
    assert stripe.calls == []
    settled_money(practice, stripe)


# --- M2a: a client who is waiting


def test_m2a_no_charge_while_an_update_of_the_client_waits(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    """They pressed cancel at the last second, and the bot was slow."""
    clock.move_to(T)
    inbox.take_in(practice, [(1, 7001, "tap", {})])
    clock.move_to(DUE)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 0
    found = inbox.next_of(practice, practice.vault.digest("7001", "client.chat"))
    assert found is not None
    _, consequence = booking.cancel(practice, client, booked.id, at=found.received_at)
    inbox.handled(practice, 1)
    clock.advance(DAY)
    settle_all(practice, stripe)
    assert consequence.owed_pence == stripe.gross(booked.id) == 0
    settled_money(practice, stripe)


def test_m2a_the_charge_follows_as_soon_as_nothing_waits(
    practice: Practice, stripe: FakeStripe, booked: AppointmentView, clock: MovableClock
) -> None:
    inbox.take_in(practice, [(1, 7001, "tap", {}), (2, 9999, "tap", {})])
    clock.move_to(DUE)
    settle_all(practice, stripe)
    inbox.handled(practice, 1)  # somebody else's may wait on
    clock.advance(5)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000


def test_m2a_an_update_that_comes_between_making_and_confirming_stops_the_charge(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    make = settle.advance(practice, task)
    assert make is not None
    inbox.take_in(practice, [(1, 7001, "tap", {})])
    assert settle.advance(practice, task, make, stripe.carry_out(make)) is None
    booking.cancel(practice, client, booked.id)
    inbox.handled(practice, 1)
    clock.advance(HOUR)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000  # late, so it is owed
    settled_money(practice, stripe)


# --- M6: declines


def decline(practice: Practice, stripe: FakeStripe, client: Actor, how: str) -> None:
    stripe.cards[card_of(client).method] = how


def test_m6_a_decline_is_told_to_both_and_leaves_the_fee_owed(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "insufficient_funds")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    view = appointments.appointment(practice, client, booked.id)
    assert (view.payment, view.payment_reason) == ("failed", "insufficient_funds")
    assert (view.owed_pence, view.paid_pence) == (6000, 0)
    assert len(told(practice, "charge_failed")) == 1
    assert len(told(practice, "charge_failed", "therapist")) == 1
    settled_money(practice, stripe)


def tries_at(stripe: FakeStripe) -> list[int]:
    return [at for at, step in stripe.calls if type(step).__name__ == "ConfirmIntent"]


@ON_SQLITE
def test_m6_soft_declines_are_tried_again_at_24_and_12_hours(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "insufficient_funds")
    clock.move_to(DUE)
    come_to_rest(practice, stripe, clock, SOON + DAY, lambda: None)
    assert tries_at(stripe) == [DUE, SOON - DAY, SOON - 12 * HOUR]
    assert len(stripe.intents) == 1  # the same intent is confirmed again
    assert len(told(practice, "charge_failed")) == 4  # each try, and once more before the start
    assert len(told(practice, "charge_failed", "therapist")) == 2  # the first, and the last word
    settled_money(practice, stripe)


def test_m6_a_decline_that_was_paid_later(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "insufficient_funds")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    decline(practice, stripe, client, "ok")
    clock.move_to(SOON - DAY)
    settle_all(practice, stripe)
    assert word(practice, client, booked) == "paid"
    settled_money(practice, stripe)


@ON_SQLITE
@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "expired_card", "pickup_card"])
def test_m6_hard_declines_are_not_tried_again(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    code: str,
) -> None:
    decline(practice, stripe, client, code)
    clock.move_to(DUE)
    while clock.now() < SOON + DAY:
        settle_all(practice, stripe)
        clock.advance(HOUR)
    assert tries_at(stripe) == [DUE]
    settled_money(practice, stripe)


@ON_SQLITE
@pytest.mark.parametrize("code", ["lost_card", "insufficient_funds", "ask"])
@pytest.mark.parametrize("after", [HOUR, 3 * DAY])
def test_m6_a_new_card_is_tried_at_once_even_after_the_session(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    code: str,
    after: int,
) -> None:
    decline(practice, stripe, client, code)
    clock.move_to(DUE)
    settle_all(practice, stripe)
    clock.advance(after)
    settle_all(practice, stripe)
    give_card(practice, client, card_of(client, 2))
    settle_all(practice, stripe)
    assert tries_at(stripe)[-1] == clock.now()
    assert stripe.gross(booked.id) == 6000
    assert len(stripe.intents) == 1
    settled_money(practice, stripe)


@ON_SQLITE
def test_m6_a_new_card_that_is_declined_too_is_one_try(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "lost_card")
    stripe.cards[card_of(client, 2).method] = "stolen_card"
    clock.move_to(DUE)
    settle_all(practice, stripe)
    clock.advance(HOUR)
    give_card(practice, client, card_of(client, 2))
    while clock.now() < SOON:
        settle_all(practice, stripe)
        clock.advance(HOUR)
    assert len(tries_at(stripe)) == 2
    assert payment_of(practice, booked.id)["reason"] == "stolen_card"


@ON_SQLITE
def test_m6_approval_is_its_own_state_without_blind_retries(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "ask")
    clock.move_to(DUE)
    while clock.now() < SOON - HOUR:
        settle_all(practice, stripe)
        clock.advance(HOUR)
    assert tries_at(stripe) == [DUE]
    assert word(practice, client, booked) == "needs_approval"
    assert len(told(practice, "approval_needed")) == 1
    assert told(practice, "charge_failed") == []


def test_m6_an_approval_at_the_bank_is_found_by_looking(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "ask")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    stripe.approve(booked.id)
    settle.look_again(practice, ["pi_1"])
    settle_all(practice, stripe)
    assert word(practice, client, booked) == "paid"
    assert len(tries_at(stripe)) == 1
    settled_money(practice, stripe)


def test_m6_a_new_card_ends_an_approval_that_is_under_way(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "ask")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    stripe.intents["pi_1"].status = "requires_action"  # the bank's page is open
    give_card(practice, client, card_of(client, 2))
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    settled_money(practice, stripe)


@ON_SQLITE
@pytest.mark.parametrize("missing", [{"card": None}, {"card_year": 2026, "card_month": 2}])
def test_b7_without_a_usable_card_the_client_is_asked_and_the_fee_stays_owed(
    practice: Practice,
    therapist: Actor,
    stripe: FakeStripe,
    clock: MovableClock,
    missing: dict[str, Any],
) -> None:
    client = add_client(practice)
    acquaint(practice, therapist, client)
    booked = follow_up(practice, therapist, client, SOON)
    set_row(practice, Client, client.id, **missing)
    clock.move_to(DUE)
    for _ in range(30):
        settle_all(practice, stripe)
        clock.advance(HOUR)
    assert stripe.calls == []
    assert word(practice, client, booked) == "failed"
    assert len(told(practice, "charge_failed")) == 1
    give_card(practice, client, card_of(client, 2))
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    settled_money(practice, stripe)


def test_m6_an_hour_before_the_start_both_hear_it_once_more(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "lost_card")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    clock.move_to(SOON - HOUR - 1)
    settle_all(practice, stripe)
    assert len(told(practice, "charge_failed", "therapist")) == 1
    clock.advance(1)
    for _ in range(12):
        settle_all(practice, stripe)
        clock.advance(4 * MINUTE)
    last = [n for n in told(practice, "charge_failed", "therapist") if "last" in n["facts"]]
    assert len(last) == 1


def test_m6_there_is_no_last_word_on_a_session_that_was_cancelled(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    """There is nothing left for the therapist to decide: keep it, or cancel."""
    decline(practice, stripe, client, "lost_card")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    booking.cancel(practice, client, booked.id)
    clock.move_to(SOON - HOUR)
    for _ in range(12):
        settle_all(practice, stripe)
        clock.advance(4 * MINUTE)
    assert not [n for n in told(practice, "charge_failed", "therapist") if "last" in n["facts"]]


def test_m6_nothing_is_released_by_itself(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "lost_card")
    clock.move_to(SOON + 30 * DAY)
    settle_all(practice, stripe)
    assert appointments.appointment(practice, client, booked.id).owed_pence == 6000


# --- M6a: the therapist's account


@pytest.mark.parametrize("how", ["at stripe", "known to us"])
def test_m6a_the_account_is_no_fault_of_the_client(
    practice: Practice,
    therapist: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    how: str,
) -> None:
    if how == "at stripe":
        stripe.refused_accounts.add("acct_1")
    else:
        set_row(practice, Therapist, therapist.id, charges_enabled=0)
    clock.move_to(DUE)
    settle_all(practice, stripe)
    assert told(practice, "charge_failed") == []
    assert len(told(practice, "account_refused", "therapist")) == 1
    kept = payment_of(practice, booked.id)
    assert kept["reason"].startswith("account:")
    assert kept["next_at"] == DUE + HOUR


@pytest.mark.parametrize("step", ["making", "confirming"])
def test_m6a_it_is_tried_again_every_hour(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    step: str,
) -> None:
    """A refused key would repeat its refusal for a day."""
    clock.move_to(DUE)
    if step == "confirming":
        (task,) = settle.claim(practice, "w")
        make = settle.advance(practice, task)
        assert make is not None
        confirm = settle.advance(practice, task, make, stripe.carry_out(make))
        assert confirm is not None
        stripe.refused_accounts.add("acct_1")
        settle.advance(practice, task, confirm, stripe.carry_out(confirm))
    stripe.refused_accounts.add("acct_1")
    for _ in range(3):
        settle_all(practice, stripe)
        clock.advance(HOUR)
    stripe.refused_accounts.clear()
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
    told = [one["party"] for one in told_all(practice, "account_refused")]
    assert told == ["therapist", "team"]
    assert word(practice, client, booked) == "paid"
    settled_money(practice, stripe)


def told_all(practice: Practice, event: str) -> list[dict[str, Any]]:
    return [n for n in all_rows(practice, Notice) if n["event"] == event]


@ON_SQLITE
@pytest.mark.parametrize("made", [False, True])
def test_m6a_from_the_start_on_the_fee_is_waived(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
    made: bool,
) -> None:
    clock.move_to(DUE)
    if made:
        (task,) = settle.claim(practice, "w")
        make = settle.advance(practice, task)
        assert make is not None
        settle.advance(practice, task, make, stripe.carry_out(make))
    stripe.refused_accounts.add("acct_1")
    while clock.now() < SOON + DAY:
        settle_all(practice, stripe)
        clock.advance(HOUR)
    view = appointments.appointment(practice, client, booked.id)
    assert (view.payment, view.owed_pence) == ("waived", 0)
    stripe.refused_accounts.clear()
    settle.look_again(practice, list(stripe.intents))
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 0
    assert [one.status for one in stripe.intents.values()] == ["canceled"] * made
    assert [a["act"] for a in all_rows(practice, Audit) if a["thing_id"] == booked.id][
        -1
    ] == "waive"


def test_m7_a_therapist_with_a_new_account_is_paid_on_that(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "insufficient_funds")
    clock.move_to(DUE)
    settle_all(practice, stripe)
    decline(practice, stripe, client, "ok")
    set_row(practice, Therapist, therapist.id, account="acct_new")
    clock.move_to(SOON - DAY)
    settle_all(practice, stripe)
    first, second = stripe.intents.values()
    assert (first.status, first.account) == ("canceled", "acct_1")
    assert (second.status, second.account) == ("succeeded", "acct_new")


# --- two at work


def test_m5_one_case_has_one_worker(
    practice: Practice, other: Practice, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(DUE)
    assert len(settle.claim(practice, "a")) == 1
    assert settle.claim(other, "b") == []
    clock.advance(settle.LEASE - 1)
    assert settle.claim(other, "b") == []
    clock.advance(1)
    assert len(settle.claim(other, "b")) == 1


def test_m5_a_worker_who_lost_its_lease_writes_nothing(
    practice: Practice,
    other: Practice,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "a")
    make = settle.advance(practice, task)
    assert make is not None
    answer = stripe.carry_out(make)
    clock.advance(settle.LEASE)
    settle_all(other, stripe, "b")
    assert settle.advance(practice, task, make, answer) is None
    assert stripe.gross(booked.id) == 6000
    assert len(all_rows(practice, Intent)) == 1
    settled_money(practice, stripe)


def test_m5a_a_hint_during_a_pass_is_not_forgotten(
    practice: Practice,
    client: Actor,
    stripe: FakeStripe,
    booked: AppointmentView,
    clock: MovableClock,
) -> None:
    decline(practice, stripe, client, "lost_card")
    clock.move_to(DUE)
    (task,) = settle.claim(practice, "w")
    make = settle.advance(practice, task)
    assert make is not None
    confirm = settle.advance(practice, task, make, stripe.carry_out(make))
    assert confirm is not None
    answer = stripe.carry_out(confirm)
    give_card(practice, client, card_of(client, 2))
    set_row(practice, Payment, booked.id, next_at=clock.now())
    settle.advance(practice, task, confirm, answer)
    settle_all(practice, stripe)
    assert stripe.gross(booked.id) == 6000
