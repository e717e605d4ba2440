"""Settlement through every fault: death between any two moves, lost answers, forgotten keys (M5).

After each of them the money is as it would have been without: one charge, at most one refund, and
a ledger that says what Stripe says.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Intent, Ledger
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
    ON_POSTGRESQL,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    card_of,
    give_card,
    payment_of,
    session,
)

DUE = SOON - 2 * DAY + 60
FAULTS = (None, BEFORE, AFTER, SAVED, BUSY)


class World:
    """A session about to be charged, its people and its Stripe."""

    def __init__(self, practice: Practice, clock: MovableClock) -> None:
        self.practice = practice
        self.clock = clock
        self.stripe = FakeStripe(clock.now)
        self.therapist, self.client = add_therapist(practice), add_client(practice)
        self.booked = session(practice, self.therapist, self.client)
        clock.move_to(DUE)

    def card(self, how: str) -> None:
        self.stripe.cards[card_of(self.client).method] = how

    def settle(self) -> None:
        settle_all(self.practice, self.stripe)

    def cancel(self, by: Actor) -> None:
        booking.cancel(self.practice, by, self.booked.id)

    def come_to_rest(self, until: int = SOON + DAY) -> None:
        """Let time pass until nothing is to be done any more."""
        check = lambda: always_money(self.practice, self.stripe)  # noqa: E731
        come_to_rest(self.practice, self.stripe, self.clock, until, check)
        settled_money(self.practice, self.stripe)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, where a test does not say otherwise: the statements are the same, the locks differ,
    and those are met by the tests that name PostgreSQL and by `test_charging`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def world(practice: Practice, clock: MovableClock) -> World:
    return World(practice, clock)


# --- death between any two moves


def charge(world: World) -> None:
    """Nothing before: the pass that dies is the charge."""


def refund(world: World) -> None:
    world.settle()
    world.cancel(world.therapist)


def declined(world: World) -> None:
    world.card("lost_card")


def retried(world: World) -> None:
    world.card("insufficient_funds")
    world.settle()
    world.card("ok")
    world.clock.move_to(SOON - DAY)


def given_up(world: World) -> None:
    world.card("lost_card")
    world.settle()
    world.cancel(world.therapist)


def new_card(world: World) -> None:
    world.card("lost_card")
    world.settle()
    give_card(world.practice, world.client, card_of(world.client, 2))


def approval(world: World) -> None:
    world.card("ask")


def account(world: World) -> None:
    world.stripe.refused_accounts.add("acct_1")


SCENES: dict[str, tuple[Callable[[World], None], int]] = {
    "charge": (charge, 6000),
    "refund": (refund, 0),
    "declined": (declined, 0),
    "retried": (retried, 6000),
    "given up": (given_up, 0),
    "new card": (new_card, 6000),
    "approval": (approval, 0),
    "account": (account, 0),
}


@pytest.mark.parametrize("moves", range(1, 8))
@pytest.mark.parametrize("scene", SCENES)
def test_m5_death_between_any_two_moves(world: World, scene: str, moves: int) -> None:
    prepare, net = SCENES[scene]
    prepare(world)
    die_after(world.practice, world.stripe, moves)
    always_money(world.practice, world.stripe)
    world.clock.advance(settle.LEASE)
    world.come_to_rest()
    gross, back = (f(world.booked.id) for f in (world.stripe.gross, world.stripe.refunded))
    assert gross - back == net
    assert len(world.stripe.taken(world.booked.id)) == (gross > 0)


@ON_POSTGRESQL
@pytest.mark.parametrize("moves", [2, 3, 4, 5])
@pytest.mark.parametrize("scene", ["charge", "refund"])
def test_m5_death_between_any_two_moves_on_postgresql(world: World, scene: str, moves: int) -> None:
    test_m5_death_between_any_two_moves(world, scene, moves)


@pytest.mark.parametrize("moves", range(1, 8))
def test_m5_death_then_a_cancellation_by_the_therapist(world: World, moves: int) -> None:
    die_after(world.practice, world.stripe, moves)
    world.cancel(world.therapist)
    world.clock.advance(settle.LEASE)
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == world.stripe.refunded(world.booked.id)


@pytest.mark.parametrize("pause", [MINUTE, HOUR, 21 * HOUR, 25 * HOUR, 60 * DAY])
@pytest.mark.parametrize("moves", range(1, 6))
def test_m5_death_then_a_long_time_without_anybody(world: World, moves: int, pause: int) -> None:
    """After about a day Stripe has forgotten every key."""
    die_after(world.practice, world.stripe, moves)
    world.clock.advance(settle.LEASE + pause)
    world.come_to_rest(max(SOON, world.clock.now()) + DAY)
    assert world.stripe.gross(world.booked.id) == 6000
    assert len(all_rows(world.practice, Ledger)) == 1


def test_m5_dying_again_and_again(world: World) -> None:
    for moves in (1, 2, 3, 2, 4, 3, 5, 4, 1, 2):
        die_after(world.practice, world.stripe, moves)
        always_money(world.practice, world.stripe)
        world.clock.advance(settle.LEASE)
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == 6000


# --- lost answers and failures


@pytest.mark.parametrize("faults", list(product(FAULTS, repeat=2)), ids=str)
def test_m5_faults_of_the_charge(world: World, faults: tuple[str | None, str | None]) -> None:
    world.stripe.faults.extend(faults)
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == 6000
    assert payment_of(world.practice, world.booked.id)["status"] == "paid"


@pytest.mark.parametrize("fault", [BEFORE, AFTER, SAVED, BUSY])
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_m5_faults_at_one_call_of_many(world: World, fault: str, calls: int) -> None:
    world.card("insufficient_funds")
    world.stripe.faults.extend([None] * calls + [fault] * 3)
    world.settle()
    world.card("ok")
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) in (0, 6000)
    assert len(world.stripe.intents) <= 2


@pytest.mark.parametrize("fault", [BEFORE, AFTER, SAVED])
def test_m5_stripe_away_for_hours(world: World, fault: str) -> None:
    world.stripe.faults.extend([fault] * 12)
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == 6000


def test_m5_a_saved_failure_does_not_hold_up_the_charge_for_a_day(world: World) -> None:
    """Stripe repeats a saved 500 under its key; looking, and another key, end that."""
    world.stripe.faults.append(SAVED)
    started = world.clock.now()
    while not world.stripe.gross(world.booked.id):
        world.settle()
        world.clock.advance(10)
    assert world.clock.now() - started < HOUR
    world.come_to_rest()


@pytest.mark.parametrize("fault", [BEFORE, AFTER])
def test_m5_an_intent_of_unknown_fate_is_looked_for_when_its_key_is_old(
    world: World, fault: str
) -> None:
    world.stripe.faults.append(fault)
    world.settle()
    world.clock.advance(25 * HOUR)
    world.settle()
    assert "FindIntent" in world.stripe.steps()
    assert len([i for i in world.stripe.intents.values() if i.status != "canceled"]) == 1
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == 6000
    assert len(world.stripe.intents) == 1


def test_m5_a_confirmation_of_unknown_fate_is_looked_at_first(world: World) -> None:
    world.stripe.faults.extend([None, AFTER])
    world.settle()
    assert world.stripe.gross(world.booked.id) == 6000
    world.clock.advance(MINUTE)
    world.settle()
    assert world.stripe.steps() == ["MakeIntent", "ConfirmIntent", "LookAtIntent"]
    world.come_to_rest()


def test_m5_a_decline_whose_answer_was_lost_is_found(world: World) -> None:
    world.card("lost_card")
    world.stripe.faults.extend([None, AFTER])
    world.settle()
    world.clock.advance(MINUTE)
    world.settle()
    assert payment_of(world.practice, world.booked.id)["reason"] == "lost_card"
    assert world.stripe.declines == 1
    world.come_to_rest()


def test_m5_an_intent_canceled_behind_our_back_is_succeeded_by_another(world: World) -> None:
    world.card("lost_card")
    world.settle()
    world.stripe.intents["pi_1"].status = "canceled"
    world.card("ok")
    give_card(world.practice, world.client, card_of(world.client, 2))
    world.settle()
    assert [i.status for i in world.stripe.intents.values()] == ["canceled", "succeeded"]
    assert len(all_rows(world.practice, Intent)) == 2  # all ids stay on record
    world.come_to_rest()


def test_m5_an_unconfirmed_intent_canceled_behind_our_back_does_not_spin(world: World) -> None:
    (task,) = settle.claim(world.practice, "w")
    make = settle.advance(world.practice, task)
    assert make is not None
    confirm = settle.advance(world.practice, task, make, world.stripe.carry_out(make))
    world.stripe.intents["pi_1"].status = "canceled"
    assert confirm is not None
    step = settle.advance(world.practice, task, confirm, world.stripe.carry_out(confirm))
    while step is not None:
        step = settle.advance(world.practice, task, step, world.stripe.carry_out(step))
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == 6000
    assert len(world.stripe.calls) < 10


def test_m9_repeated_hints_change_nothing(world: World) -> None:
    world.settle()
    before = (all_rows(world.practice, Ledger), len(world.stripe.calls))
    for _ in range(5):
        settle.look_again(world.practice, ["pi_1", "pi_unknown"])
        world.settle()
        world.clock.advance(HOUR)
    assert (all_rows(world.practice, Ledger), len(world.stripe.calls)) == before


# --- two workers


@pytest.mark.parametrize("order", list(product("ab", repeat=5)), ids="".join)
def test_m5_two_workers_in_any_order_after_a_lost_lease(
    world: World, other: Practice, order: tuple[str, ...]
) -> None:
    """Both believe that the case is theirs; whoever moves when, the money moves once."""
    tasks = {"a": settle.claim(world.practice, "a")[0]}
    steps = {"a": settle.advance(world.practice, tasks["a"])}
    world.clock.advance(settle.LEASE)
    tasks["b"] = settle.claim(other, "b")[0]
    steps["b"] = settle.advance(other, tasks["b"])
    stores = {"a": world.practice, "b": other}
    for who in order:
        step = steps[who]
        if step is not None:
            answer = world.stripe.carry_out(step)
            steps[who] = settle.advance(stores[who], tasks[who], step, answer)
        always_money(world.practice, world.stripe)
    world.clock.advance(settle.LEASE)
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == 6000


@ON_POSTGRESQL
@pytest.mark.parametrize("order", ["abbab", "baaba", "ababa"])
def test_m5_two_workers_on_postgresql(world: World, other: Practice, order: str) -> None:
    test_m5_two_workers_in_any_order_after_a_lost_lease(world, other, tuple(order))


# --- an intent that still shows an earlier decline


@pytest.mark.parametrize("pause", [MINUTE, 2 * HOUR])
def test_m6_a_new_card_is_tried_though_the_worker_died_before_its_call(
    world: World, pause: int
) -> None:
    new_card(world)
    assert die_after(world.practice, world.stripe, 4)
    world.clock.advance(settle.LEASE + pause)
    world.settle()
    assert world.stripe.gross(world.booked.id) == 6000
    world.come_to_rest()


def test_m6_a_retry_is_made_though_the_worker_died_before_its_call(world: World) -> None:
    retried(world)
    assert die_after(world.practice, world.stripe, 4)
    world.clock.advance(settle.LEASE)
    world.settle()
    assert world.stripe.gross(world.booked.id) == 6000
    world.come_to_rest()


@pytest.mark.parametrize("how", ["insufficient_funds", "ask"])
def test_m6_a_retry_whose_answer_was_lost_is_no_second_try(world: World, how: str) -> None:
    world.card(how)
    world.settle()
    if how == "ask":
        give_card(world.practice, world.client, card_of(world.client, 2))
        world.stripe.cards[card_of(world.client, 2).method] = how
    else:
        world.clock.move_to(SOON - DAY)
    world.stripe.faults.extend([None, AFTER])
    world.settle()
    assert world.stripe.declines == 2
    world.clock.advance(MINUTE)
    world.settle()
    assert world.stripe.declines == 2  # the key told the answer
    world.come_to_rest()


def test_m6_a_retry_that_never_answers_comes_to_rest(world: World) -> None:
    retried(world)
    world.stripe.faults.extend([None, SAVED])
    world.come_to_rest()
    assert len([step for step in world.stripe.steps() if step == "ConfirmIntent"]) < 80
