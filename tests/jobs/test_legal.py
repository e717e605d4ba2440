"""Done by the real SDK, judged by Stripe's published description: the calls of the rarer ways.

The stories of `test_explain` and `test_noise` are judged likewise; where the description is absent,
what is left is that every request carries the pinned version of the API.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import payouts
from helpspace.core.reconcile import reconcile
from tests import makers
from tests.jobs import legal
from tests.jobs.test_explain import charged, refunded_before_the_account_gave_it_back
from tests.jobs.world import World

pytestmark = makers.ON_SQLITE


def a_debt_that_is_taken_back(world: World) -> None:
    refunded_before_the_account_gave_it_back(world)
    world.bank.short_of_money(world.account_of(world.zoe), short=False)
    world.clock.advance(HOUR)
    assert world.sweep("debts")["debts"].did == 1
    assert world.posted("POST", "reversals")


def a_lost_intent_that_is_looked_for(world: World) -> None:
    session = world.booked()
    world.to_charge(session)
    world.bank.faults.add("no_answer_after", "POST", "payment_intents$", times=3)
    world.charge()
    world.clock.advance(2 * HOUR)
    world.settle()
    assert world.payment(session) == "paid"


def books_that_are_compared(world: World) -> None:
    charged(world)
    world.clock.advance(DAY)
    assert reconcile(world.practice, world.stripe) == []
    payouts.payouts(world.practice, world.stripe, makers.TEAM, since=0)


def looks_without_any_word(world: World) -> None:
    charged(world)
    world.stripe.check()
    world.clock.advance(2 * DAY)
    world.sweep("stripe-events", "disputes", "accounts", "cards", "housekeeping")


@pytest.mark.parametrize(
    "play",
    [
        a_debt_that_is_taken_back,
        a_lost_intent_that_is_looked_for,
        books_that_are_compared,
        looks_without_any_word,
    ],
    ids=lambda play: play.__name__,
)
def test_every_request_is_legal(world: World, play: Callable[[World], None]) -> None:
    """M5, M8: known parameters, their types and words, nothing missing, one version."""
    play(world)
    assert len(world.bank.requests) > 5
    assert legal.faults(world) == []
