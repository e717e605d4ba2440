"""The story of the money through the real SDK: taken once, given back once, whatever happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helpspace.core import appointments, inbox
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import settle
from helpspace.core.payments.steps import Answer, MakeIntent, Step
from helpspace.core.store.tables import (
    Appointment,
    Attempt,
    Intent,
    Ledger,
    Payment,
    Refund,
    Therapist,
)
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe.faults import EFFECTS
from tests import makers
from tests.jobs.world import ASKS, DECLINES, EMPTY, PAYS, World

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


@BOTH
def test_a_session_is_booked_by_card_charged_and_refunded(world: World) -> None:
    """B3, M1, M3: a held slot is booked by its card, charged after D, refunded in full."""
    zoe = world.therapist()
    sam = world.client(card=None)
    held = makers.hold(world.practice, sam, makers.open_slot(world.practice, zoe))
    world.type_card(sam, PAYS, held.request_id)
    (row,) = world.rows(Appointment)
    session = appointments.appointment(world.practice, makers.TEAM, row["id"])
    world.charge()
    assert world.bank.ledger() == []
    world.to_charge(session)
    world.settle()
    assert world.payment(session) == "paid"
    assert world.money() == (6000, 0)
    (paid,) = world.bank.ledger()
    assert paid.captured_at == (session.free_until + 60,)
    assert (paid.destination, paid.transferred, paid.fee) == (world.account_of(zoe), 6000, 0)
    world.cancel(zoe, session.id)
    world.settle()
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    assert world.bank.ledger()[0].reversed == 6000


def test_cancelling_in_time_leaves_nothing_at_stripe(world: World) -> None:
    """M2: not "charged and given back"."""
    session = world.booked()
    world.clock.move_to(session.free_until)
    world.cancel(world.sam, session.id)
    world.settle()
    assert world.posted("POST", "payment_intents") == []
    assert world.payment(session) == "none"


def test_a_free_session_makes_no_object_at_stripe(world: World) -> None:
    """M1, B6."""
    zoe = world.therapist(initial_fee=0)
    sam = world.client(card=None)
    session = world.session(zoe, sam)
    world.to_charge(session)
    world.settle()
    assert world.bank.ledger() == []
    assert world.payment(session) == "none"


def test_a_late_cancellation_is_charged(world: World) -> None:
    """M2: after `free_until` the fee is due, cancelled or not."""
    session = world.booked()
    world.clock.move_to(session.free_until + 1)
    world.cancel(world.sam, session.id)
    world.to_charge(session)
    world.settle()
    assert world.money() == (6000, 0)


def test_the_commission_is_taken_and_returned(store_url: str, clock: MovableClock) -> None:
    """M7: the platform's part, and back with the transfer."""
    world = World(store_url, clock, COMMISSION_PERCENT="10", COMMISSION_PENCE="5")
    session = world.booked()
    world.to_charge(session)
    world.settle()
    assert world.bank.ledger()[0].fee == 605
    world.cancel(world.zoe, session.id)
    world.settle()
    (row,) = world.bank.ledger()
    assert (row.fee_refunded, row.reversed, row.refunded) == (605, 6000, 6000)
    world.close()


def test_what_is_sent_to_stripe_holds_no_name(world: World) -> None:
    """P1: ids of ours only; neither name nor address nor the word for what it is."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    sent = str([(one.path, one.params) for one in world.bank.requests]).lower()
    for private in ("zoë", "brien", "sam", "example.org", "counsel", "therap", "session_with"):
        assert private not in sent
    (made,) = world.posted("POST", "payment_intents")
    assert set(made.params) == {
        "amount",
        "currency",
        "customer",
        "metadata",
        "on_behalf_of",
        "payment_method_types",
        "transfer_data",
    }


def test_a_soft_decline_is_tried_again_on_the_ladder(world: World) -> None:
    """M6: once more 24 h before the start; the same intent is confirmed again (M5)."""
    session = world.booked()
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.to_charge(session)
    world.charge()
    assert world.payment(session) == "failed"
    assert world.next_due() == session.start - DAY
    assert [one.party for one in world.notices("charge_failed")] == ["client"] * 2 + ["therapist"]
    world.clock.move_to(session.start - DAY)
    world.charge()
    assert world.payment(session) == "paid"
    (row,) = world.bank.ledger()
    assert row.attempts == 2


def card_of(world: World) -> str:
    client = world.sam
    return str(makers.row(world.practice, makers.Client, client.id)["card"])


def test_a_hard_decline_waits_for_another_card(world: World) -> None:
    """M6: no retry with the same card; a new one is tried at once, on the same intent."""
    session = world.booked()
    world.bank.card_answers(world.card_of(world.sam), ["lost_card"])
    world.to_charge(session)
    world.settle(DAY)
    assert len(world.posted("POST", "confirm")) == 1
    world.type_card(world.sam, PAYS)
    world.charge()
    assert world.payment(session) == "paid"
    assert len(world.posted("POST", "payment_intents")) == 1


def test_the_last_word_comes_an_hour_before_the_start(world: World) -> None:
    """M6: client and therapist hear once more, once."""
    session = world.booked(DECLINES)
    world.to_charge(session)
    world.settle(4 * DAY)
    told = world.notices("charge_failed", "therapist")
    assert [one.created_at for one in told] == [session.free_until + 60, session.start - HOUR]
    assert world.money() == (0, 0)


def test_a_bank_that_asks_is_not_pestered(world: World) -> None:
    """M6: its own state, no blind retries."""
    session = world.booked(ASKS)
    world.to_charge(session)
    world.settle(DAY)
    assert world.payment(session) == "needs_approval"
    assert len(world.posted("POST", "confirm")) == 1
    assert {one.channel for one in world.notices("approval_needed", "client")} == {
        "email",
        "telegram",
    }


def test_an_empty_card_is_a_soft_decline(world: World) -> None:
    """M6: insufficient funds, read through the SDK's own error."""
    session = world.booked(EMPTY)
    world.to_charge(session)
    world.charge()
    assert world.reason(session) == "insufficient_funds"


CALLS = {"create": r"payment_intents$", "confirm": r"confirm$", "refund": r"refunds$"}


@pytest.mark.parametrize("effect", [one for one in EFFECTS if one != "account_error"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("times", [1, 4])
def test_no_fault_takes_or_gives_money_twice(
    world: World, call: str, effect: str, times: int
) -> None:
    """M5: each fault at each call, once and four times, then settled: paid once, refunded once."""
    session = world.booked()
    fault = world.bank.faults.add(effect, "POST", CALLS[call], times=times)
    world.to_charge(session)
    world.settle(HOUR)
    assert world.payment(session) == "paid"
    world.cancel(world.zoe, session.id)
    world.settle(HOUR)
    assert world.payment(session) == "refunded"
    assert fault.fired >= 1
    assert world.money() == (6000, 6000)
    assert [row["kind"] for row in world.rows(Ledger)] == ["charge", "refund"]


@pytest.mark.parametrize("effect", ["no_answer_after", "500_after", "drop_before"])
def test_a_key_that_stripe_has_forgotten_charges_nobody_twice(world: World, effect: str) -> None:
    """M5: the answer to making the intent is lost, and a day passes before the next pass."""
    session = world.booked()
    world.bank.faults.add(effect, "POST", CALLS["create"], times=3)
    world.to_charge(session)
    world.charge()
    world.clock.advance(25 * HOUR)
    world.settle()
    assert world.payment(session) == "paid"
    made = [row for row in world.bank.ledger() if row.status != "canceled"]
    assert len(made) == 1
    assert world.money() == (6000, 0)


def test_a_saved_failure_does_not_hold_the_charge_up(world: World) -> None:
    """M5: Stripe repeats a 500 under its key for a day; we look instead of repeating it."""
    session = world.booked()
    world.bank.faults.add("500_before", "POST", CALLS["create"])
    world.to_charge(session)
    began = world.clock.now()
    world.settle(HOUR)
    assert world.payment(session) == "paid"
    assert world.clock.now() - began < 10 * 60


def steps_until(world: World, kind: str) -> tuple[settle.Task, Any]:
    """Take a case's steps until the next one is of a kind, and return it not taken."""
    (task,) = settle.claim(world.practice, "w")
    step = settle.advance(world.practice, task)
    while type(step).__name__ != kind:
        assert step is not None
        step = settle.advance(world.practice, task, step, world.stripe.carry_out(step))
    return task, step


@BOTH
def test_a_cancellation_between_making_and_confirming_stops_the_charge(world: World) -> None:
    """M3, M5: the last look before the confirmation finds the cancellation."""
    session = world.booked()
    world.to_charge(session)
    task, step = steps_until(world, "MakeIntent")
    answer = world.stripe.carry_out(step)
    world.cancel(world.zoe, session.id)
    after = settle.advance(world.practice, task, step, answer)
    assert type(after).__name__ == "CancelIntent"
    assert settle.advance(world.practice, task, after, world.stripe.carry_out(after)) is None
    assert [row.status for row in world.bank.ledger()] == ["canceled"]
    assert world.posted("POST", "confirm") == []
    assert world.payment(session) == "none"


def test_a_cancellation_while_the_charge_is_under_way_is_refunded(world: World) -> None:
    """M3: the confirmation was made before the cancellation committed, and took the money."""
    session = world.booked()
    world.to_charge(session)
    task, step = steps_until(world, "ConfirmIntent")
    answer = world.stripe.carry_out(step)
    world.cancel(world.zoe, session.id)
    after = settle.advance(world.practice, task, step, answer)
    assert type(after).__name__ == "MakeRefund"
    settle.advance(world.practice, task, after, world.stripe.carry_out(after))
    assert world.money() == (6000, 6000)
    assert world.payment(session) == "refunded"


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("kind", ["MakeIntent", "ConfirmIntent"])
def test_a_worker_that_dies_at_any_step_is_taken_over(world: World, kind: str, done: bool) -> None:
    """M5: the next worker looks at what may have happened and goes on, after the lease."""
    session = world.booked()
    world.to_charge(session)
    _, step = steps_until(world, kind)
    if done:
        world.stripe.carry_out(step)
    world.clock.advance(settle.LEASE - 1)
    assert settle.claim(world.practice, "other") == []
    world.clock.advance(1)
    world.settle(HOUR)
    assert world.payment(session) == "paid"
    assert world.money() == (6000, 0)
    assert len(world.bank.ledger()) == 1


@pytest.mark.parametrize("effect", ["no_answer_after", "500_after"])
def test_a_lost_answer_to_cancelling_an_intent_is_looked_up(world: World, effect: str) -> None:
    """M5: an intent that is cancelled already is read back, not cancelled for ever."""
    session = world.booked(DECLINES)
    world.to_charge(session)
    world.charge()
    world.bank.faults.add(effect, "POST", r"cancel$", times=3)
    world.cancel(world.zoe, session.id)
    world.settle(HOUR)
    assert world.payment(session) == "none"
    assert world.next_due() is None
    assert [row["state"] for row in world.rows(Intent)] == ["canceled"]


def test_a_held_up_account_is_no_fault_of_the_client(world: World) -> None:
    """M6a: the therapist is told, the client is not; charged as soon as Stripe allows it."""
    session = world.booked()
    account = world.account_of(world.zoe)
    world.bank.restrict(account)
    world.to_charge(session)
    world.charge()
    assert world.payment(session) == "failed"
    assert world.notices("charge_failed") == []
    assert [one.party for one in world.notices("account_refused")] == ["therapist", "team"]
    world.sweep("accounts")
    assert makers.row(world.practice, Therapist, world.zoe.id)["charges_enabled"] == 0
    world.bank.verify(account)
    world.clock.advance(HOUR)
    world.sweep("accounts")
    world.settle(HOUR)
    assert world.payment(session) == "paid"
    assert len(world.notices("account_refused")) == 2


def test_a_refund_that_stripe_refuses_altogether_waits_for_better_days(world: World) -> None:
    """M3: asked again under a new key until it goes through."""
    session = world.booked()
    account = world.account_of(world.zoe)
    world.to_charge(session)
    world.settle()
    world.bank.faults.add(
        "account_error", "POST", r"refunds$", code="balance_insufficient", times=3
    )
    world.cancel(world.zoe, session.id)
    world.charge()
    row = makers.payment_of(world.practice, session.id)
    assert (row["status"], row["reason"]) == ("refunding", "balance_insufficient")
    world.clock.advance(HOUR)
    world.charge()
    assert len(world.posted("POST", "refunds")) == 3
    world.settle(3 * HOUR)
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    states = [row["state"] for row in world.rows(Refund)]
    assert sorted(states) == ["failed", "failed", "failed", "succeeded"]
    assert world.account_of(world.zoe) == account


def test_a_pending_refund_is_followed_to_its_end(world: World) -> None:
    """N4: the client hears of it when the money is on its way."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    world.bank.refund_answers(["pending"])
    world.cancel(world.zoe, session.id)
    world.charge()
    assert world.payment(session) == "refunding"
    assert world.notices("refunded") == []
    (row,) = world.rows(Refund)
    world.bank.finish_refund(row["stripe_id"], ok=True)
    world.sweep("stripe-events", "charges")
    assert world.payment(session) == "refunded"
    assert len(world.notices("refunded")) == 2


def test_a_card_that_left_stripe_is_told_like_a_decline(world: World) -> None:
    """M10 of the invariants: no silent failure."""
    session = world.booked()
    world.sdk.v1.payment_methods.detach(world.card_of(world.sam))
    world.to_charge(session)
    world.charge()
    assert world.reason(session) == "card_unusable"
    assert len(world.notices("charge_failed", "client")) == 2


def test_a_wrong_clock_stops_charges(world: World) -> None:
    """D4: more than five minutes from the Date of Stripe's answers; they go on once it is right."""
    session = world.booked()
    world.to_charge(session)
    wrong = MovableClock(world.clock.now() + 301)
    object.__setattr__(world.practice, "clock", wrong)
    world.stripe = world.gateway(clock=wrong)
    report = world.charge()
    assert report.error == "clock_skew"
    assert world.bank.ledger() == []
    world.clock.advance(301)
    world.settle()
    assert world.payment(session) == "paid"


def test_a_clock_that_jumps_while_it_runs_takes_nothing_early(world: World) -> None:
    """D4, M1: the last answer looked right, and the jump comes after it or between two steps."""
    session = world.booked()
    world.charge()
    jumping = MovableClock(world.clock.now())
    object.__setattr__(world.practice, "clock", jumping)
    world.stripe = world.gateway(clock=jumping)
    world.stripe.check()
    jumping.move_to(session.free_until + 120)
    assert world.charge().error == "clock_skew"
    assert world.bank.ledger() == []


def test_a_clock_that_jumps_between_making_and_confirming_takes_nothing(world: World) -> None:
    session = world.booked()
    world.to_charge(session)
    jumping = MovableClock(world.clock.now())
    object.__setattr__(world.practice, "clock", jumping)
    gateway = world.stripe = world.gateway(clock=jumping)
    made = gateway.carry_out

    def jump_after_making(step: Step) -> Answer:
        answer = made(step)
        if isinstance(step, MakeIntent):
            jumping.advance(DAY)
        return answer

    gateway.carry_out = jump_after_making  # type: ignore[method-assign]
    world.charge()
    assert sum(row.gross for row in world.bank.ledger()) == 0
    gateway.carry_out = made  # type: ignore[method-assign]
    world.clock.advance(DAY)
    object.__setattr__(world.practice, "clock", world.clock)
    world.stripe = world.gateway()
    world.settle()
    assert world.payment(session) == "paid"
    assert [row.gross for row in world.bank.ledger()] == [session.fee_pence]


def test_a_wrong_clock_completes_and_reminds_of_nothing(world: World) -> None:
    """D4: neither could be taken back."""
    session = world.booked()
    jumping = MovableClock(session.end + 1)
    object.__setattr__(world.practice, "clock", jumping)
    world.outside = replace(world.outside, stripe=world.gateway(clock=jumping))
    world.sweep("housekeeping", "reminders")
    assert world.session_of(session).state == "booked"
    assert world.notices("reminder") == []
    world.clock.move_to(session.end + 1)
    world.sweep("housekeeping")
    assert world.session_of(session).state == "completed"


def test_a_customer_who_left_stripe_is_told_like_a_decline(world: World) -> None:
    """M10 of the invariants: no silent failure."""
    session = world.booked()
    world.sdk.v1.customers.delete(world.customer_of(world.sam))
    world.to_charge(session)
    world.charge()
    assert world.payment(session) == "failed"
    assert len(world.notices("charge_failed", "client")) == 2
    assert len(world.notices("charge_failed", "therapist")) == 1


def test_when_stripe_is_away_a_pass_stops_early(world: World) -> None:
    """N5's neighbour: one pass does not knock at every case of a silent Stripe."""
    zoe, sam = world.therapist(), world.client()
    first = world.session(zoe, sam)
    for week in range(1, 8):
        makers.follow_up(world.practice, zoe, sam, first.start + week * 7 * DAY)
    world.clock.move_to(first.start + 60 * DAY)
    world.bank.faults.add("drop_before", None, "", times=None)
    report = world.charge()
    assert report.error == "stripe_unheard"
    assert report.did < 8


def test_every_attempt_is_written_before_it_is_made(world: World) -> None:
    """M5, D1: what may have happened is always on record."""
    session = world.booked()
    world.to_charge(session)
    steps_until(world, "ConfirmIntent")
    (attempt,) = world.rows(Attempt)
    assert attempt["outcome"] == "unknown"
    assert makers.payment_of(world.practice, session.id)["status"] == "processing"


@BOTH
def test_several_workers_settle_each_case_once(world: World) -> None:
    """M5a: a pool of threads, one attempt for each case."""
    zoe = world.therapist()
    clients = [world.client() for _ in range(12)]
    for number, client in enumerate(clients):
        makers.acquaint(world.practice, zoe, client)
        makers.follow_up(world.practice, zoe, client, makers.SOON + number * HOUR)
    world.clock.move_to(makers.SOON)
    report = world.sweep("charges")["charges"]
    assert (report.did, report.error) == (12, None)
    assert {row["status"] for row in world.rows(Payment)} == {"paid"}
    assert world.money() == (12 * 6000, 0)
    assert len(world.posted("POST", "confirm")) == 12


def test_the_client_whose_update_waits_is_not_charged_yet(world: World) -> None:
    """M2a: an update that has arrived and is not handled may be a cancellation."""
    session = world.booked()
    world.to_charge(session)
    inbox.take_in(world.practice, [(1, 7001, "callback", {"data": "x"})])
    world.charge()
    assert world.bank.ledger() == []
    inbox.handled(world.practice, 1)
    world.settle()
    assert world.payment(session) == "paid"
