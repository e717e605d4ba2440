"""The failure table: each row of what can go wrong has a test of that name, or one that shows it.

The rows that are only about hearing and about a silent Stripe are tested here.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from helpspace.core import hearing, outages
from helpspace.core.moments import DAY, HOUR
from helpspace.core.store.tables import Ledger, StripeEvent, Therapist
from helpspace.jobs import events
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe.events import sign
from helpspace.serve import hear_stripe
from tests import makers
from tests.jobs.world import World

ROOT = Path(__file__).parents[1]

TABLE = {
    "jobs/test_money.py": {
        "timeout or drop after Stripe executed": "test_no_fault_takes_or_gives_money_twice",
        "crash between our commit and the call":
            "test_a_worker_that_dies_at_any_step_is_taken_over",
        "answer lost and > 24 h passed":
            "test_a_key_that_stripe_has_forgotten_charges_nobody_twice",
        "500 replayed for ever under a key": "test_a_saved_failure_does_not_hold_the_charge_up",
        "409 key in use": "test_no_fault_takes_or_gives_money_twice",
        "SCA needed": "test_a_bank_that_asks_is_not_pestered",
        "insufficient funds": "test_a_soft_decline_is_tried_again_on_the_ladder",
        "client cancels > 48 h": "test_cancelling_in_time_leaves_nothing_at_stripe",
        "client cancels while the charge is running":
            "test_the_client_whose_update_waits_is_not_charged_yet",
        "client cancels < 48 h": "test_a_late_cancellation_is_charged",
        "therapist cancels": "test_a_session_is_booked_by_card_charged_and_refunded",
        "therapist cancels while charge in flight":
            "test_a_cancellation_while_the_charge_is_under_way_is_refunded",
        "account restricted before T-48h": "test_a_held_up_account_is_no_fault_of_the_client",
        "clock jump": "test_a_clock_that_jumps_while_it_runs_takes_nothing_early",
    },
    "races/test_killed_sweeps.py": {
        "crash between the call and our commit":
            "test_m5_killed_while_charging_there_is_one_charge",
    },
    "jobs/test_gateway.py": {
        "429": "test_too_many_calls_are_answered_by_waiting",
    },
    "races/test_settling.py": {
        "two workers pick one booking": "test_one_process_at_a_time_settles",
        "the holder of the Stripe lease dies": "test_killing_the_holder_causes_no_second_attempt",
        "the holder slept": "test_a_holder_that_slept_finds_itself_fenced",
    },
    "jobs/test_failure_table.py": {
        "duplicate webhook": "test_duplicate_webhook",
        "out of order (failed after succeeded)": "test_out_of_order",
        "webhook before our response / before redirect": "test_webhook_before_our_response",
        "webhook endpoint down": "test_webhook_endpoint_down",
        "forged or stale webhook": "test_forged_or_stale_webhook",
        "account de-authorised or rejected": "test_account_deauthorised",
        "Stripe is away": "test_stripe_is_away",
    },
    "web/test_endpoints.py": {
        "redirect, no webhook":
            "test_whoever_comes_back_from_the_card_page_is_thanked_and_looked_after",
    },
    "jobs/test_listening.py": {
        "setup page abandoned or expired": "test_a_page_that_closes_without_a_card_is_let_go",
    },
    "jobs/test_card_weather.py": {
        "card expired": "test_card_expires_before_the_next_charge",
        "card replaced": "test_card_updated_by_the_network",
        "card detached": "test_card_detached",
    },
    "jobs/test_refund_weather.py": {
        "refund call times out": "test_refund_call_times_out",
        "charge already refunded": "test_charge_already_refunded_is_a_look",
        "connected balance short at reversal": "test_connected_balance_short",
        "a debt is reversed later": "test_a_debt_is_settled_by_its_own_sweep",
        "platform balance short": "test_platform_balance_short",
        "refund.failed later": "test_refund_failed_later",
        "refund_application_fee with no fee": "test_refund_application_fee_with_no_fee",
        "account de-authorised: refunds of old charges":
            "test_account_deauthorised_refunds_all_the_same",
    },
    "jobs/test_disputes.py": {
        "dispute": "test_dispute",
        "dispute: no refund on top": "test_dispute_no_refund_on_top",
        "dispute: no new automatic charges": "test_dispute_no_new_charges_for_this_client",
    },
    "core/test_charging.py": {
        "therapist's account changes between booking and charge":
            "test_m7_a_therapist_with_a_new_account_is_paid_on_that",
        "price changes after booking": "test_m7a_later_fees_do_not_touch_the_charge",
    },
    "core/test_settings.py": {
        "wrong key / mode mix": "test_a5_a_live_key_goes_with_stripe_itself_and_real_mail",
    },
    "core/test_policy.py": {
        "DST": "test_m1_free_until_is_48_elapsed_hours_before_the_start",
    },
}  # fmt: skip
"""By file: what happens, and the test that shows what is right then."""

ROWS = [(file, row, name) for file, rows in TABLE.items() for row, name in rows.items()]


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize(("file", "row", "name"), ROWS, ids=[row for _, row, _ in ROWS])
def test_every_row_has_its_test(file: str, row: str, name: str) -> None:
    """Done when 1: the named test is there."""
    assert name in names_in(ROOT / file), row


# --- hearing

SECRETS = {"STRIPE_WEBHOOK_SECRET": "whsec_platform,whsec_connect"}


def paid(world: World) -> makers.AppointmentView:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    return session


def test_duplicate_webhook(world: World) -> None:
    """A4: one row, one effect, one message."""
    session = paid(world)
    raw = world.bank.events(account="")
    assert all(events.take_in(world.practice, one) for one in raw)
    assert not any(events.take_in(world.practice, one) for one in raw)
    world.settle(HOUR)
    assert len(world.notices("charged")) == 2
    assert len(world.rows(StripeEvent)) == len(raw)
    assert world.payment(session) == "paid"


def test_out_of_order(world: World) -> None:
    """M5a: a failure heard after the success takes nothing back."""
    session = world.booked()
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.to_charge(session)
    world.settle()
    assert world.payment(session) == "paid"
    failures = [one for one in world.bank.events(account="") if one["type"].endswith("failed")]
    assert failures
    for one in failures:
        events.take_in(world.practice, one)
        world.settle(HOUR)
    assert world.payment(session) == "paid"
    assert [row["kind"] for row in world.rows(Ledger)] == ["charge"]


def test_webhook_before_our_response(world: World) -> None:
    """M5a: the answer to the confirmation is lost, and the event is there first."""
    session = world.booked()
    world.bank.faults.add("no_answer_after", "POST", r"confirm$", times=3)
    world.to_charge(session)
    world.charge()
    assert world.payment(session) == "processing"
    for one in world.bank.events(account=""):
        events.take_in(world.practice, one)
    world.charge()
    assert world.payment(session) == "paid"
    assert len(world.notices("charged")) == 2


def test_webhook_endpoint_down(world: World) -> None:
    """A4: what was not delivered is polled from where we were."""
    world.booked()
    world.sweep("stripe-events")
    place = hearing.cursor(world.practice)
    world.bank.restrict(world.account_of(world.zoe))
    world.bank.renew_card(world.card_of(world.sam), exp_month=7, exp_year=2031)
    world.clock.advance(3 * DAY)
    world.sweep("stripe-events", "cards")
    assert hearing.cursor(world.practice) != place
    assert makers.row(world.practice, makers.Client, world.sam.id)["card_year"] == 2031


def webhook(world: World, secret: str, account: str, age: int = 0) -> list[bool]:
    """Deliver every event of an account to the endpoint of a secret."""
    found = []
    for event in world.bank.events(account=account):
        headers, body = sign(event, secret, int(time.time()) - age)
        found.append(hear_stripe(world.practice, body, headers["Stripe-Signature"]))
    return found


@pytest.fixture
def ears(store_url: str, clock: MovableClock) -> Iterator[World]:
    """A world with both webhook endpoints."""
    made = World(store_url, clock, **SECRETS)
    yield made
    made.close()


def test_both_endpoints_are_heard(ears: World) -> None:
    """A4: the platform's and that of connected accounts, each with a secret of its own."""
    session = paid(ears)
    account = ears.account_of(ears.zoe)
    ears.bank.restrict(account)
    assert all(webhook(ears, "whsec_platform", ""))
    assert all(webhook(ears, "whsec_connect", account))
    ears.sweep("accounts", "charges")
    assert makers.row(ears.practice, Therapist, ears.zoe.id)["charges_enabled"] == 0
    assert ears.payment(session) == "paid"


def test_forged_or_stale_webhook(ears: World) -> None:
    """A4: no effect and no detail."""
    paid(ears)
    before = makers.snapshot(ears.practice)
    assert not any(webhook(ears, "whsec_forged", ""))
    assert not any(webhook(ears, "whsec_platform", "", age=301))
    assert makers.snapshot(ears.practice) == before


def test_account_deauthorised(world: World) -> None:
    """J5, M6a: bookings stop, therapist and team are told once each, the client is not."""
    world.booked()
    account = world.account_of(world.zoe)
    world.bank.deauthorise(account)
    for one in world.bank.events(account=account):
        events.take_in(world.practice, one)
        events.take_in(world.practice, one)
    for _ in range(3):
        world.sweep("accounts")
        world.clock.advance(DAY)
    assert makers.row(world.practice, Therapist, world.zoe.id)["charges_enabled"] == 0
    assert [one.party for one in world.notices("account_lost")] == ["therapist", "team"]
    world.sweep("delivery")
    told = [one for one in world.post.sent if one["To"] == "help@helpspace.example"]
    assert [str(one["Subject"]) for one in told] == ["An account can take no payments any more"]


def test_the_recipe_s_events_are_all_heard() -> None:
    """Both ways of hearing know the same types; Stripe's list takes 20 at most."""
    assert len(hearing.HEARD) == len(set(hearing.HEARD)) <= 20
    assert {
        "checkout.session.completed", "checkout.session.expired", "setup_intent.succeeded",
        "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
        "charge.updated", "charge.refunded", "refund.updated", "refund.failed",
        "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
        "payment_method.automatically_updated", "payment_method.detached",
    } <= set(hearing.HEARD)  # fmt: skip
    assert {
        "account.updated", "account.application.deauthorized", "payout.failed"
    } <= set(hearing.OF_ACCOUNTS)  # fmt: skip


def test_a_setup_that_succeeded_lets_the_page_be_looked_at(world: World) -> None:
    """B3: the event of the card itself says the same as that of its page."""
    sam = world.client(card=None)
    page = world.page(sam)
    world.bank.type_card(page, "4242424242424242")
    (one,) = [e for e in world.bank.events(account="") if e["type"] == "setup_intent.succeeded"]
    assert world.sweep("cards")["cards"].did == 0
    events.take_in(world.practice, one)
    assert world.sweep("cards")["cards"].did == 1


def test_stripe_is_away(world: World) -> None:
    """M6a: since when is told after a while, and no more once it answers."""
    session = world.booked()
    world.sweep("stripe-events")
    assert outages.stripe_state(world.practice) == outages.StripeState(None)
    world.to_charge(session)
    world.bank.faults.add("503", None, "", times=None)
    world.sweep("stripe-events", "charges")
    began = world.clock.now()
    state = outages.stripe_state(world.practice)
    assert (state.since, state.down) == (began, False)
    world.clock.advance(outages.PATIENCE)
    world.sweep("charges")
    state = outages.stripe_state(world.practice, "Europe/Berlin")
    assert (state.since, state.down) == (began, True)
    assert "10:01" in state.words
    world.bank.faults.clear()
    world.clock.advance(HOUR)
    world.sweep("stripe-events", "charges")
    assert not outages.stripe_state(world.practice).down
    assert world.payment(session) == "paid"
