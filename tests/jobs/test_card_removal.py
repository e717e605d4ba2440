"""A card that its client has removed leaves Stripe too, whatever happens on the way (M6)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import card_removal
from helpspace.core.accounts import me
from helpspace.core.moments import HOUR
from helpspace.core.store.tables import Attempt, CardRemoval, Intent
from tests import makers
from tests.jobs.world import World

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


def on_record(world: World) -> list[str]:
    """The cards that Stripe has on record for Sam."""
    customer = makers.row(world.practice, makers.Client, world.sam.id)["customer"]
    listed: Any = world.sdk.v1.payment_methods.list({"customer": customer, "type": "card"})
    return [one["id"] for one in listed["data"]]


def remove(world: World) -> None:
    plan = card_removal.plan_removal(world.practice, world.sam)
    assert plan is not None
    assert card_removal.remove(world.practice, world.sam, plan.mark)


@BOTH
def test_it_leaves_the_record_here_at_once_and_at_stripe_by_the_sweep(world: World) -> None:
    session = world.booked()
    assert len(on_record(world)) == 1
    remove(world)
    assert me(world.practice, world.sam).card == "missing"
    assert len(on_record(world)) == 1
    report = world.sweep("cards")["cards"]
    assert "1 card removed" in report.words
    assert on_record(world) == []
    assert "removed" not in world.sweep("cards")["cards"].words
    # The session stands; its fee waits for a card (M6).
    world.to_charge(session)
    world.charge()
    found = makers.payment_of(world.practice, session.id)
    assert (found["status"], found["reason"]) == ("failed", "no_card")


def test_a_lost_answer_is_found_and_not_an_error(world: World) -> None:
    world.booked()
    remove(world)
    [row] = makers.all_rows(world.practice, CardRemoval)
    world.sdk.v1.payment_methods.detach(row["method"])
    world.sweep("cards")
    [row] = makers.all_rows(world.practice, CardRemoval)
    assert row["done_at"] is not None


def test_a_stripe_that_is_away_is_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is there before Stripe is asked, so a death or an outage leaves no card behind."""
    from helpspace.core.errors import OutsideFault

    world.booked()
    remove(world)

    def away(*_: object) -> None:
        raise OutsideFault

    monkeypatch.setattr(world.stripe, "let_go_of_card", away)
    assert world.sweep("cards")["cards"].error == "stripe_unheard"
    monkeypatch.undo()
    assert len(on_record(world)) == 1
    world.clock.advance(card_removal.LEASE)
    world.sweep("cards")
    assert on_record(world) == []


def test_a_payment_under_way_is_answered_first(world: World) -> None:
    """M5: nothing takes the card from under a confirm whose answer is still to come."""
    session = world.booked()
    card = world.card_of(world.sam)
    with world.practice.change() as tx:
        tx.insert(
            Intent, id="intentaaaaaa", appointment_id=session.id, number=1, amount=6000,
            commission=0, account="acct_1", customer="cus_1", state="asked", created_at=tx.now,
        )  # fmt: skip
        tx.insert(
            Attempt, id="attemptaaaaa", intent_id="intentaaaaaa", number=1, card=card,
            outcome="unknown", started_at=tx.now,
        )  # fmt: skip
    remove(world)
    assert card_removal.due(world.practice) == []
    makers.set_row(
        world.practice, Attempt, "attemptaaaaa", outcome="declined", ended_at=world.clock.now()
    )
    world.clock.advance(HOUR)
    assert [one.method for one in card_removal.due(world.practice)] == [card]
