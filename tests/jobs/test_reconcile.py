"""The ledger against Stripe, both ways (M8)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import Ledger, Payment
from tests import makers
from tests.jobs.world import World


def kinds(world: World) -> list[str]:
    world.clock.advance(1)
    return [one.kind for one in reconcile(world.practice, world.stripe)]


def paid(world: World) -> Any:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    return session


def test_no_difference_is_the_normal_answer(world: World) -> None:
    session = paid(world)
    assert kinds(world) == []
    world.cancel(world.zoe, session.id)
    world.settle()
    assert kinds(world) == []


def test_what_belongs_to_another_store_is_not_looked_at(world: World) -> None:
    """Two stores may use one Stripe account."""
    paid(world)
    world.sdk.v1.payment_intents.create(
        {"amount": 500, "currency": "gbp", "metadata": {"store": "another", "appointment": "x"}}
    )
    assert kinds(world) == []


def test_a_charge_that_the_ledger_lacks_is_found(world: World) -> None:
    """A store restored from before the charge."""
    session = world.booked()
    store = world.stripe_store()
    who = makers.row(world.practice, makers.Client, world.sam.id)
    world.sdk.v1.payment_intents.create(
        {
            "amount": 6000,
            "currency": "gbp",
            "customer": who["customer"],
            "payment_method": who["card"],
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "metadata": {"store": store, "appointment": session.id, "intent": "lost"},
        }
    )
    (found,) = reconcile(world.practice, world.stripe)
    assert (found.kind, found.appointment_id) == ("unrecorded_charge", session.id)
    assert (found.ledger_pence, found.stripe_pence) == (None, 6000)
    assert "--adopt" in found.proposal


def test_a_refund_made_by_hand_is_found(world: World) -> None:
    paid(world)
    pi = world.bank.ledger()[0].payment_intent
    world.sdk.v1.refunds.create({"payment_intent": pi, "amount": 1000})
    (found,) = reconcile(world.practice, world.stripe)
    assert (found.kind, found.stripe_pence) == ("unrecorded_refund", 1000)


def test_a_second_payment_is_found_until_it_is_given_back(world: World) -> None:
    session = paid(world)
    who = makers.row(world.practice, makers.Client, world.sam.id)
    second = world.sdk.v1.payment_intents.create(
        {
            "amount": 6000,
            "currency": "gbp",
            "customer": who["customer"],
            "payment_method": who["card"],
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "metadata": {"store": world.stripe_store(), "appointment": session.id, "intent": "x"},
        }
    )
    assert kinds(world) == ["unrecorded_charge", "paid_twice", "paid_twice"]
    world.sdk.v1.refunds.create({"payment_intent": second.id})
    assert kinds(world) == []


def test_what_stripe_does_not_have_is_found(world: World) -> None:
    session = paid(world)
    with world.practice.change() as tx:
        tx.insert(
            Ledger,
            at=tx.now,
            appointment_id=session.id,
            therapist_id=world.zoe.id,
            client_id=world.sam.id,
            kind="refund",
            amount=6000,
            commission=0,
            stripe_id="re_invented",
        )
    assert kinds(world) == ["missing_refund"]


@pytest.mark.parametrize("known", [True, False])
def test_an_intent_nobody_knows_is_found(world: World, known: bool) -> None:
    session = world.booked()
    about = session.id if known else "a"
    made = world.sdk.v1.payment_intents.create(
        {
            "amount": 6000,
            "currency": "gbp",
            "metadata": {"store": world.stripe_store(), "appointment": about, "intent": "i"},
        }
    )
    assert kinds(world) == ["stray_intent" if known else "unknown_appointment"]
    world.sdk.v1.payment_intents.cancel(made.id)
    assert kinds(world) == []


def test_d5_a_payment_for_a_session_not_known_here_is_found_until_it_is_given_back(
    world: World,
) -> None:
    world.booked()
    who = makers.row(world.practice, makers.Client, world.sam.id)
    made = world.sdk.v1.payment_intents.create(
        {
            "amount": 6000,
            "currency": "gbp",
            "customer": who["customer"],
            "payment_method": who["card"],
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "metadata": {"store": world.stripe_store(), "appointment": "later", "intent": "i"},
        }
    )
    (found,) = reconcile(world.practice, world.stripe)
    assert (found.kind, found.appointment_id) == ("unknown_appointment", "later")
    assert (found.ledger_pence, found.stripe_pence) == (None, 6000)
    assert "refund this at Stripe" in found.proposal
    world.sdk.v1.refunds.create({"payment_intent": made.id})
    assert kinds(world) == []


def test_what_is_being_settled_just_now_is_left_out(world: World) -> None:
    session = paid(world)
    pi = world.bank.ledger()[0].payment_intent
    world.sdk.v1.refunds.create({"payment_intent": pi, "amount": 1000})
    makers.set_row(world.practice, Payment, session.id, holder="w", held_until=2**40)
    assert kinds(world) == []


def test_a_pending_refund_is_no_difference(world: World) -> None:
    session = paid(world)
    world.bank.refund_answers(["pending"])
    world.cancel(world.zoe, session.id)
    world.charge()
    assert kinds(world) == []


def test_a_silent_stripe_is_said(world: World) -> None:
    from helpspace.core.errors import OutsideFault

    world.bank.faults.add("503", "GET", "", times=None)
    with pytest.raises(OutsideFault):
        reconcile(world.practice, world.stripe)
