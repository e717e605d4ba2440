"""Hearing of cards, events and accounts: hints only, each once, in any order (M5a, A4, J5)."""

from __future__ import annotations

import json
import random

import pytest

from helpspace.core import hearing
from helpspace.core.gateways import EventSeen
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.store.tables import Appointment, CardRequest, StripeEvent, Therapist
from helpspace.jobs import events
from tests import makers
from tests.jobs.world import World


def test_an_event_lets_the_card_page_be_looked_at_now(world: World) -> None:
    """B3: not only once a minute."""
    zoe, sam = world.therapist(), world.client(card=None)
    held = makers.hold(world.practice, sam, makers.open_slot(world.practice, zoe))
    page = world.page(sam, held.request_id)
    world.sweep("stripe-events", "cards")
    world.bank.type_card(page, "4242424242424242")
    assert world.sweep("cards")["cards"].did == 0
    assert world.sweep("stripe-events", "cards")["cards"].did == 1
    assert [row["kind"] for row in world.rows(Appointment)] == ["initial"]


def test_a_page_that_closes_without_a_card_is_let_go(world: World) -> None:
    sam = world.client(card=None)
    world.page(sam)
    world.clock.advance(32 * 60)
    world.sweep("cards")
    assert [row["state"] for row in world.rows(CardRequest)] == ["expired"]


def test_pages_wait_while_stripe_is_away(world: World) -> None:
    sam = world.client(card=None)
    page = world.page(sam)
    world.bank.type_card(page, "4242424242424242")
    world.bank.faults.add("503", "GET", "sessions", times=3)
    world.clock.advance(60)
    report = world.sweep("cards")["cards"]
    assert (report.did, report.error) == (0, "stripe_unheard")
    world.clock.advance(60)
    assert world.sweep("cards")["cards"].did == 1


def test_each_event_counts_once_however_often_it_comes(world: World) -> None:
    """A4: by poll, by webhook, twice and in reverse: one row, one effect."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    raw = world.bank.events(account="")
    before = world.money()
    taken = [events.take_in(world.practice, one) for one in reversed(raw)]
    assert all(taken)
    assert not any(events.take_in(world.practice, one) for one in raw)
    assert world.sweep("stripe-events")["stripe-events"].did == 0
    world.settle()
    assert world.money() == before
    assert len(world.rows(StripeEvent)) == len(raw)


def test_no_event_at_all_ends_the_same(world: World) -> None:
    """M9 of the invariants: noise, or silence, changes nothing."""
    loud, seed = world.booked(), random.Random(1)
    world.to_charge(loud)
    world.settle()
    world.cancel(world.zoe, loud.id)
    for _ in range(3):
        heard = world.bank.events(account="")
        seed.shuffle(heard)
        for one in heard:
            hearing.hear(world.practice, [hearing.event_of(one)])
        world.settle()
    assert world.payment(loud) == "refunded"
    assert world.money() == (6000, 6000)


def test_the_place_is_kept_with_the_effects(world: World) -> None:
    """M5a: from the newest on at first, then from the last one heard."""
    assert hearing.cursor(world.practice) is None
    world.sweep("stripe-events")
    assert hearing.cursor(world.practice) == ""
    sam = world.client()
    world.sweep("stripe-events")
    newest = world.bank.events(account="")[-1]["id"]
    assert hearing.cursor(world.practice) != ""
    world.type_card(sam)
    world.sweep("stripe-events")
    assert hearing.cursor(world.practice) not in ("", newest)
    assert world.sweep("stripe-events")["stripe-events"].did == 0


def test_old_ids_are_forgotten(world: World) -> None:
    world.client()
    world.sweep("stripe-events")
    world.clock.advance(36 * DAY)
    assert world.sweep("housekeeping")["housekeeping"].did >= 1
    assert world.rows(StripeEvent) == []


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"id": "evt_1", "type": "x"},
        {"id": "e", "type": "charge.updated", "data": {"object": 5}},
    ],
)
def test_an_event_of_no_shape_is_harmless(world: World, raw: dict[str, object]) -> None:
    events.take_in(world.practice, raw)


def test_an_event_says_what_it_is_about() -> None:
    charge = {"id": "ch_1", "payment_intent": "pi_1"}
    seen = hearing.event_of({"id": "e", "type": "charge.updated", "data": {"object": charge}})
    assert seen == EventSeen("e", "charge.updated", "ch_1", None, "pi_1")
    grown = {"id": "card_payments", "account": "acct_2"}
    raw = {"id": "e", "type": "capability.updated", "data": {"object": grown}}
    assert hearing.event_of(raw).account == "acct_2"
    left = {"id": "e", "type": "account.updated", "data": {"object": {"id": "acct_1"}}}
    assert hearing.event_of(left).account == "acct_1"
    assert len(hearing.HEARD) <= 20


def test_accounts_are_read_of_themselves_and_soon_where_they_are_few(world: World) -> None:
    """J5: without webhooks nobody tells of a change; see tests/core/test_joining_payments."""
    zoe = world.therapist()
    assert world.sweep("accounts")["accounts"].did == 0
    world.clock.advance(DAY)
    world.bank.restrict(world.account_of(zoe), "requirements.past_due")
    world.sweep("accounts")
    row = makers.row(world.practice, Therapist, zoe.id)
    assert (row["charges_enabled"], row["account_next_at"]) == (0, world.clock.now() + MINUTE)
    assert json.loads(row["requirements"]) == [
        "requirements.past_due",
        "individual.verification.document",
    ]
    world.bank.verify(world.account_of(zoe))
    assert world.sweep("accounts")["accounts"].did == 0
    world.clock.advance(MINUTE)
    assert world.sweep("accounts")["accounts"].did == 1
    row = makers.row(world.practice, Therapist, zoe.id)
    assert (row["payouts_enabled"], row["account_next_at"]) == (1, world.clock.now() + MINUTE)


def test_an_event_lets_an_account_be_read_now(world: World) -> None:
    """J5: losing it hides the profile at once."""
    zoe = world.therapist()
    account = world.account_of(zoe)
    world.bank.restrict(account)
    for one in world.bank.events(account=account):
        events.take_in(world.practice, one)
    assert world.sweep("accounts")["accounts"].did == 1
    assert makers.row(world.practice, Therapist, zoe.id)["charges_enabled"] == 0


def test_an_account_that_cannot_be_read_has_another_turn(world: World) -> None:
    zoe = world.therapist()
    world.clock.advance(DAY)
    world.bank.faults.add("503", "GET", "accounts", times=3)
    assert world.sweep("accounts")["accounts"].error == "stripe_unheard"
    row = makers.row(world.practice, Therapist, zoe.id)
    assert (row["charges_enabled"], row["account_next_at"]) == (1, world.clock.now() + HOUR)
