"""A client's tap on an unpaid fee: the same intent, confirmed while they are there (M5, M6, A1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from helpspace.core import appointments, booking, inbox
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import paying, settle
from helpspace.core.payments.paying import MOST_DECLINES, PAUSE, Outcome, Tapped, Way
from helpspace.core.payments.settle import Task
from helpspace.core.payments.steps import Answer, ConfirmIntent, Step
from helpspace.core.payments.tries import APPROVAL, NOT_APPROVED
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Attempt, Audit, Client, Intent, Ledger, Notice
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import AFTER, BEFORE, BUSY, SAVED, FakeStripe, come_to_rest, settle_all
from tests.core.invariants import always_money, settled_money
from tests.makers import (
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    beside,
    card_of,
    follow_up,
    give_card,
    payment_of,
    session,
    set_row,
    snapshot,
)

DUE = SOON - 2 * DAY + 60
UNKNOWN = "aaaaaaaaaaaa"


class World:
    """A session whose charge has just failed in some way, its people and its Stripe."""

    def __init__(self, practice: Practice, clock: MovableClock, how: str = "ask") -> None:
        self.practice = practice
        self.clock = clock
        self.stripe = FakeStripe(clock.now)
        self.therapist, self.client = add_therapist(practice), add_client(practice)
        self.booked = session(practice, self.therapist, self.client)
        clock.move_to(DUE)
        self.card(how)
        self.settle()

    def card(self, how: str, number: int = 1) -> None:
        self.stripe.cards[card_of(self.client, number).method] = how

    def settle(self) -> None:
        settle_all(self.practice, self.stripe)
        always_money(self.practice, self.stripe)

    def tap(self) -> Tapped:
        done = paying.pay(self.practice, self.stripe, self.client, self.booked.id)
        always_money(self.practice, self.stripe)
        return done

    def way(self) -> Way:
        return paying.due(self.practice, self.client, self.booked.id).way

    def word(self) -> str:
        return appointments.appointment(self.practice, self.client, self.booked.id).payment

    def hint(self) -> None:
        """Let Stripe's event come."""
        settle.look_again(self.practice, list(self.stripe.intents))
        self.settle()

    def cancel(self, by: Actor) -> None:
        booking.cancel(self.practice, by, self.booked.id)

    def confirmed(self) -> list[bool]:
        """Whether the client was there, for each confirmation that reached Stripe."""
        steps = [step for _, step in self.stripe.calls if isinstance(step, ConfirmIntent)]
        return [step.return_url is not None for step in steps]

    def told(self, event: str, party: str = "client", channel: str = "email") -> list[Any]:
        return [
            n
            for n in all_rows(self.practice, Notice)
            if (n["event"], n["party"], n["channel"]) == (event, party, channel)
        ]

    def come_to_rest(self, until: int = SOON + DAY) -> None:
        check = lambda: always_money(self.practice, self.stripe)  # noqa: E731
        come_to_rest(self.practice, self.stripe, self.clock, until, check)
        settled_money(self.practice, self.stripe)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, where a test does not say otherwise."""
    return str(getattr(request, "param", "sqlite"))


BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
Make = Callable[..., World]


@pytest.fixture
def world(practice: Practice, clock: MovableClock) -> World:
    """One whose bank asks for approval."""
    return World(practice, clock)


@pytest.fixture
def declined(practice: Practice, clock: MovableClock) -> World:
    """One whose card had no money."""
    return World(practice, clock, "insufficient_funds")


# --- approval


@BOTH
def test_m6_the_same_intent_is_approved_at_the_bank(world: World) -> None:
    assert (world.word(), world.way()) == ("needs_approval", Way.APPROVE)
    done = world.tap()
    assert (done.outcome, done.bank_page) == (Outcome.BANK, "https://bank.example.org/1")
    assert world.confirmed() == [False, True]
    assert world.stripe.open_page(done.bank_page, yes=True)
    world.hint()
    assert world.word() == "paid"
    assert len(world.stripe.intents) == 1
    assert [a["outcome"] for a in all_rows(world.practice, Attempt)].count("paid") == 1
    assert len(all_rows(world.practice, Ledger)) == 1
    assert len(world.told("charged")) == len(world.told("charged", channel="telegram")) == 1
    assert world.tap().outcome is Outcome.PAID
    assert world.confirmed() == [False, True]
    world.come_to_rest()


def test_m5_the_attempt_is_a_row_before_the_call(world: World) -> None:
    seen: list[list[tuple[str, str | None]]] = []
    carry_out = world.stripe.carry_out

    def look_first(step: Step) -> Answer:
        if isinstance(step, ConfirmIntent):
            rows = all_rows(world.practice, Attempt)
            seen.append([(row["outcome"], row["return_url"]) for row in rows if row["return_url"]])
        return carry_out(step)

    world.stripe.carry_out = look_first  # type: ignore[method-assign]
    world.tap()
    assert seen == [[("unknown", "https://t.me")]]


def test_m6_the_banks_page_is_kept_nowhere(world: World) -> None:
    """It is a link for the person who waits: no row, no notice, no repr holds it."""
    done = world.tap()
    assert done.bank_page is not None
    assert done.bank_page not in str(snapshot(world.practice))
    world.hint()
    assert done.bank_page not in str(snapshot(world.practice))
    assert done.bank_page not in repr(world.stripe._seen("pi_1"))


def test_a2_the_tap_is_in_the_trail(world: World) -> None:
    world.tap()
    trail = [row for row in all_rows(world.practice, Audit) if row["act"] == "pay"]
    assert [(row["role"], row["actor_id"], row["thing_id"]) for row in trail] == [
        ("client", world.client.id, world.booked.id)
    ]


def test_m6_tapping_twice_shows_the_page_that_is_there(world: World) -> None:
    first, second = world.tap(), world.tap()
    assert first.bank_page == second.bank_page
    assert world.confirmed() == [False, True]


def test_m6_a_page_that_was_left_is_replaced_by_a_fresh_one(world: World) -> None:
    """Nothing is cancelled: the same intent is confirmed again."""
    first = world.tap()
    world.clock.advance(5 * MINUTE)
    world.settle()
    assert world.word() == "needs_approval"
    second = world.tap()
    assert first.bank_page != second.bank_page
    assert not world.stripe.open_page(first.bank_page, yes=True)
    assert world.stripe.open_page(second.bank_page, yes=True)
    world.hint()
    assert world.word() == "paid"
    assert len(world.stripe.intents) == 1


def test_m6_nobody_confirms_while_the_page_may_be_open(declined: World) -> None:
    """Not even on the ladder; it is only looked at, and the ladder goes on after it."""
    declined.card("ask")
    declined.clock.move_to(SOON - DAY - 10 * MINUTE)
    assert declined.tap().outcome is Outcome.BANK
    began = declined.clock.now()
    while declined.clock.now() < began + APPROVAL:
        declined.settle()
        declined.clock.advance(MINUTE)
    assert declined.confirmed() == [False, True]
    looks = [at for at, step in declined.stripe.calls if type(step).__name__ == "LookAtIntent"]
    # The last one is the ladder's own moment.
    assert [(at - began) // MINUTE for at in looks if at > began] == [2, 4, 8, 10]
    declined.card("ok")
    declined.settle()
    assert declined.confirmed() == [False, True, False]
    assert declined.word() == "paid"


def test_m6_an_abandoned_page_is_no_blind_retry(world: World) -> None:
    world.tap()
    while world.clock.now() < SOON - 2 * HOUR:
        world.clock.advance(HOUR)
        world.settle()
    assert world.confirmed() == [False, True]
    assert world.word() == "needs_approval"
    assert len(world.told("approval_needed")) == 1
    world.come_to_rest()
    assert len(world.told("charge_failed", "therapist")) == 1  # the last word


def test_m6_refused_at_the_bank_is_told_once_and_can_be_tried_again(world: World) -> None:
    done = world.tap()
    assert world.stripe.open_page(done.bank_page, yes=False)
    for _ in range(3):
        world.hint()
    assert (world.word(), world.way()) == ("needs_approval", Way.APPROVE)
    assert payment_of(world.practice, world.booked.id)["reason"] == NOT_APPROVED
    assert [n["facts"] for n in world.told("charge_failed")] == [f'{{"code":"{NOT_APPROVED}"}}']
    again = world.tap()
    assert again.outcome is Outcome.BANK
    assert world.stripe.open_page(again.bank_page, yes=True)
    world.hint()
    assert world.word() == "paid"


def test_m6_refused_at_the_bank_and_tapped_before_anybody_looked(world: World) -> None:
    first = world.tap()
    world.stripe.open_page(first.bank_page, yes=False)
    second = world.tap()
    assert (second.outcome, second.bank_page) == (Outcome.BANK, "https://bank.example.org/2")
    assert len(world.told("charge_failed")) == 1
    # The client is in the chat and sees it there.
    assert world.told("charge_failed", channel="telegram") == []


def test_m6_a_decline_after_the_approval_goes_back_on_the_ladder(world: World) -> None:
    done = world.tap()
    world.stripe.open_page(done.bank_page, yes=False)
    world.stripe.intents["pi_1"].code = "insufficient_funds"
    world.hint()
    assert (world.word(), world.way()) == ("failed", Way.PAY)
    assert len(world.told("charge_failed")) == 1
    world.card("ok")
    world.clock.move_to(SOON - DAY)
    world.settle()
    assert world.word() == "paid"


def test_m6_an_approval_that_comes_after_a_long_time_counts(world: World) -> None:
    done = world.tap()
    world.clock.advance(3 * HOUR)
    world.settle()
    assert world.stripe.open_page(done.bank_page, yes=True)
    world.hint()
    assert world.word() == "paid"
    world.come_to_rest()


# --- paying by tap


def test_m6_a_soft_decline_is_paid_by_tap(declined: World) -> None:
    found = paying.due(declined.practice, declined.client, declined.booked.id)
    assert (found.way, found.owed_pence, found.retry_at) == (Way.PAY, 6000, SOON - DAY)
    assert found.settle_by == SOON - HOUR
    declined.card("ok")
    assert declined.tap().outcome is Outcome.PAID
    assert declined.confirmed() == [False, True]
    assert len(declined.stripe.intents) == 1
    declined.come_to_rest()


def test_m6_a_decline_at_the_tap_is_told_and_tapping_again_at_once_is_no_try(
    declined: World,
) -> None:
    done = declined.tap()
    assert (done.outcome, done.due.reason) == (Outcome.REFUSED, "insufficient_funds")
    assert len(declined.told("charge_failed")) == 2
    assert len(declined.told("charge_failed", channel="telegram")) == 1
    declined.clock.advance(PAUSE - 1)
    assert declined.tap().outcome is Outcome.REFUSED
    assert declined.confirmed() == [False, True]
    declined.clock.advance(1)
    declined.tap()
    assert declined.confirmed() == [False, True, True]


def test_m10_a_client_without_email_hears_of_the_decline_in_the_chat(
    practice: Practice, clock: MovableClock
) -> None:
    """Each declined attempt has its notice."""
    world = World(practice, clock, "insufficient_funds")
    set_row(practice, Client, world.client.id, by_email=0)
    world.tap()
    assert len(world.told("charge_failed", channel="telegram")) == 2


def test_m6_after_many_declines_only_another_card_helps(declined: World) -> None:
    for _ in range(MOST_DECLINES):
        assert declined.way() is Way.PAY
        declined.tap()
        declined.clock.advance(PAUSE)
    assert declined.way() is Way.CARD
    assert declined.tap().outcome is Outcome.NOTHING
    assert len(declined.confirmed()) == 1 + MOST_DECLINES
    give_card(declined.practice, declined.client, card_of(declined.client, 2))
    declined.settle()
    assert declined.word() == "paid"


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "expired_card", "card_unusable"])
def test_m6_a_hard_decline_needs_another_card(
    practice: Practice, clock: MovableClock, code: str
) -> None:
    world = World(practice, clock, code)
    assert world.way() is Way.CARD
    calls = len(world.stripe.calls)
    assert world.tap().outcome is Outcome.NOTHING
    assert len(world.stripe.calls) == calls
    give_card(practice, world.client, card_of(world.client, 2))
    assert world.tap().outcome is Outcome.PAID
    assert len(world.stripe.intents) == 1


def test_m6_tapping_before_the_new_card_had_its_turn_is_one_try(declined: World) -> None:
    declined.card("lost_card", 2)
    give_card(declined.practice, declined.client, card_of(declined.client, 2))
    assert declined.tap().outcome is Outcome.REFUSED
    declined.settle()
    assert declined.confirmed() == [False, True]


def test_m6_a_card_put_on_record_while_another_is_tried_has_its_turn_at_once(
    practice: Practice, clock: MovableClock
) -> None:
    world = World(practice, clock, "ok")
    client, booked = add_client(practice), None
    booked = session(practice, world.therapist, client, SOON + 3 * HOUR)
    world.stripe.cards[card_of(client).method] = "lost_card"
    clock.move_to(booked.free_until + 60)
    (task,) = settle.claim(practice, "w")
    step = settle.advance(practice, task)
    while not isinstance(step, ConfirmIntent):
        assert step is not None
        step = settle.advance(practice, task, step, world.stripe.carry_out(step))
    answer = world.stripe.carry_out(step)
    give_card(practice, client, card_of(client, 2))
    assert settle.advance(practice, task, step, answer) is None
    world.settle()
    assert world.stripe.gross(booked.id) == 6000


@pytest.mark.parametrize("when", ["late", "after the session"])
def test_m6_an_owed_fee_can_be_paid_after_all(declined: World, when: str) -> None:
    """A late cancellation's too: it stays owed until it is paid or waived."""
    if when == "late":
        declined.cancel(declined.client)
    declined.clock.move_to(SOON + 5 * DAY)
    booking.complete_past(declined.practice)
    declined.settle()
    assert paying.owing(declined.practice, declined.client) == [declined.booked.id]
    declined.card("ok")
    assert declined.tap().outcome is Outcome.PAID
    assert paying.owing(declined.practice, declined.client) == []
    declined.come_to_rest(SOON + 9 * DAY)


def test_b7_without_a_card_the_way_is_a_card(practice: Practice, clock: MovableClock) -> None:
    world = World(practice, clock, "ok")
    client = add_client(practice, card=False)
    acquaint(practice, world.therapist, client)
    booked = follow_up(practice, world.therapist, client, SOON + 3 * HOUR)
    clock.move_to(booked.free_until + 60)
    world.settle()
    assert paying.due(practice, client, booked.id).way is Way.CARD
    give_card(practice, client)
    assert paying.pay(practice, world.stripe, client, booked.id).outcome is Outcome.PAID


def test_m6a_the_accounts_fault_is_not_the_clients_to_mend(declined: World) -> None:
    declined.stripe.refused_accounts.add("acct_1")
    done = declined.tap()
    assert (done.outcome, done.due.way) == (Outcome.REFUSED, Way.NOTHING)
    assert len(declined.told("charge_failed")) == 1  # the decline before, and none of this
    assert len(declined.told("account_refused", "therapist")) == 1
    declined.stripe.refused_accounts.clear()
    declined.card("ok")
    declined.clock.advance(HOUR)
    declined.settle()
    assert declined.word() == "paid"


def test_m6a_a_fee_that_is_waived_at_the_start_is_told_to_the_therapist_alone(
    practice: Practice, clock: MovableClock
) -> None:
    world = World(practice, clock, "insufficient_funds")
    world.stripe.refused_accounts.add("acct_1")
    while clock.now() < SOON:
        world.settle()
        clock.advance(HOUR)
    world.settle()
    world.settle()
    assert world.word() == "waived"
    told = world.told("account_refused", "therapist")
    assert [n["facts"] for n in told] == ["{}", '{"last":true}']
    assert world.told("account_refused") == []
    assert world.way() is Way.NOTHING


def test_m6_the_therapist_hears_once_of_a_late_cancellation_that_waits_for_the_bank(
    world: World,
) -> None:
    """M10 of the invariants: uncollected, and each of them has exactly one notice of it."""
    world.cancel(world.client)
    world.come_to_rest(SOON + DAY)
    assert len(world.told("charge_failed", "therapist")) == 1
    assert len(world.told("approval_needed")) == 1
    assert world.told("charge_failed") == []


def test_m5_an_intent_that_stripe_closes_at_the_tap_has_a_successor(world: World) -> None:
    """Confirmed too often, Stripe closes it; another is made once it was read back as canceled."""
    world.tap()
    world.clock.advance(5 * MINUTE)
    carry_out = world.stripe.carry_out

    def too_often(step: Step) -> Answer:
        if isinstance(step, ConfirmIntent) and step.stripe_id == "pi_1":
            world.stripe.intents["pi_1"].status = "canceled"
            return world.stripe._seen("pi_1")
        return carry_out(step)

    world.stripe.carry_out = too_often  # type: ignore[method-assign]
    done = world.tap()
    assert done.outcome is Outcome.BANK
    assert world.stripe.open_page(done.bank_page, yes=True)
    world.hint()
    assert [i.status for i in world.stripe.intents.values()] == ["canceled", "succeeded"]
    world.come_to_rest()


def test_m6_a_first_failure_within_the_last_hour_is_told_once(
    practice: Practice, clock: MovableClock
) -> None:
    """The therapist decides at once: not "nothing to do" and "decide" in the same minute."""
    world = World(practice, clock, "ok")
    client = add_client(practice)
    world.stripe.cards[card_of(client).method] = "lost_card"
    hasty = add_therapist(practice, notice_s=0)
    booked = session(practice, hasty, client, clock.now() + 40 * MINUTE)
    clock.advance(MINUTE)
    world.settle()
    world.settle()
    for party in ("client", "therapist"):
        told = [n for n in world.told("charge_failed", party) if n["appointment_id"] == booked.id]
        assert [n["facts"] for n in told] == ['{"code":"lost_card","last":true}']
    give_card(practice, client, card_of(client, 2))
    world.stripe.cards[card_of(client, 2).method] = "lost_card"
    world.settle()
    told = [n for n in world.told("charge_failed") if n["appointment_id"] == booked.id]
    assert len(told) == 2  # each declined attempt has its notice
    assert len(world.told("charge_failed", "therapist")) == 1


# --- cancelling beside it


@pytest.mark.parametrize("approves", [False, True])
def test_m3_cancelling_closes_the_page(world: World, approves: bool) -> None:
    """Whoever approves in time for the money, or after it: nothing stays taken."""
    done = world.tap()
    world.cancel(world.therapist)
    if approves:
        assert world.stripe.open_page(done.bank_page, yes=True)
    world.settle()
    assert not world.stripe.open_page(done.bank_page, yes=True)
    world.come_to_rest()
    assert world.stripe.gross(world.booked.id) == (6000 if approves else 0)
    assert world.stripe.refunded(world.booked.id) == world.stripe.gross(world.booked.id)
    assert world.way() is Way.NOTHING
    assert len(world.told("refunded")) == approves


def test_m3_a_cancellation_while_the_tap_is_under_way_gives_no_page(world: World) -> None:
    carry_out = world.stripe.carry_out

    def cancelled_meanwhile(step: Step) -> Answer:
        answer = carry_out(step)
        if isinstance(step, ConfirmIntent):
            world.cancel(world.therapist)
        return answer

    world.stripe.carry_out = cancelled_meanwhile  # type: ignore[method-assign]
    done = world.tap()
    assert (done.outcome, done.bank_page) == (Outcome.NOTHING, None)
    assert world.stripe.intents["pi_1"].status == "canceled"
    world.come_to_rest()


def test_m3_no_confirmation_begins_after_a_cancellation(world: World) -> None:
    world.cancel(world.therapist)
    assert world.tap().outcome is Outcome.NOTHING
    assert world.confirmed() == [False]


def test_m2a_their_own_tap_does_not_hold_it_up(declined: World) -> None:
    """The tap is an update that waits until it is handled, and it is the one to pay."""
    inbox.take_in(declined.practice, [(1, 7001, "tap", {})])
    declined.card("ok")
    assert declined.tap().outcome is Outcome.PAID


def test_m6_a_hint_from_the_banks_page_looks_only_where_something_waits(world: World) -> None:
    """The visit proves nothing, and may be anybody's."""
    assert not paying.returned(world.practice, "pi_unknown")
    done = world.tap()
    assert paying.returned(world.practice, "pi_1")
    assert not paying.returned(world.practice, "pi_1")  # about to be looked at anyway
    world.settle()
    world.stripe.open_page(done.bank_page, yes=True)
    assert paying.look_now(world.practice, world.client, world.booked.id)
    world.settle()
    assert world.word() == "paid"
    assert not paying.returned(world.practice, "pi_1")


# --- others


@BOTH
def test_a1_another_clients_session_is_like_none(world: World) -> None:
    stranger = add_client(world.practice)
    before, said = snapshot(world.practice), []
    acts: tuple[Callable[[Actor, str], object], ...] = (
        lambda who, which: paying.pay(world.practice, world.stripe, who, which),
        lambda who, which: paying.due(world.practice, who, which),
        lambda who, which: paying.look_now(world.practice, who, which),
    )
    for act, which in product(acts, (world.booked.id, UNKNOWN)):
        for who in (stranger, world.therapist, Actor.team("ops")):
            with pytest.raises(NotFound) as refused:
                act(who, which)
            said.append(str(refused.value))
    assert len(set(said)) == 1
    assert snapshot(world.practice) == before
    assert paying.owing(world.practice, stranger) == []


# --- faults, deaths, rivals

FAULTS = (BEFORE, AFTER, SAVED, BUSY)


@pytest.mark.parametrize("how", ["ask", "ok", "insufficient_funds"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", [0, 1])
def test_m5_faults_at_each_call_of_the_tap(
    declined: World, call: int, fault: str, how: str
) -> None:
    """The client is told that Stripe did not answer; the next tap or the sweeps go on from it."""
    declined.card(how)
    declined.stripe.faults.extend([None] * call + [fault])
    first = declined.tap()
    assert first.outcome is Outcome.UNHEARD
    declined.stripe.faults.clear()
    for _ in range(12):
        declined.clock.advance(20)
        done = declined.tap()
        if done.outcome is Outcome.BANK:
            assert declined.stripe.open_page(done.bank_page, yes=True)
    if how == "insufficient_funds":
        declined.card("ok")
    declined.come_to_rest()
    assert declined.word() == "paid"
    assert len(declined.stripe.intents) == 1


@pytest.mark.parametrize("fault", [AFTER, SAVED])
def test_m5_a_decline_whose_answer_was_lost_is_still_told(declined: World, fault: str) -> None:
    declined.stripe.faults.extend([None, fault])
    assert declined.tap().outcome is Outcome.UNHEARD
    declined.come_to_rest(SOON - DAY - HOUR)
    assert declined.word() == "failed"
    assert len(declined.told("charge_failed")) == 2


def test_m6_a_tap_that_never_reached_stripe_is_no_reason_to_try_off_session(world: World) -> None:
    """No blind retries: it leaves things as they were before it."""
    world.stripe.faults.extend([None, BEFORE, BEFORE, BEFORE])
    world.tap()
    world.stripe.faults.clear()
    world.clock.advance(20 * MINUTE)
    world.come_to_rest()
    assert world.confirmed().count(False) == 1
    assert len(world.told("approval_needed")) == 1


def die_in_tap(world: World, moves: int) -> bool:
    """Tap like somebody whose bot dies after some moves (begin, write, call, …); True if so."""
    begun = paying._begin(world.practice, world.client, world.booked.id)
    if moves == 1 or not isinstance(begun, Task):
        return moves == 1
    step = settle.advance(world.practice, begun)
    moves -= 2
    while step is not None and moves > 0:
        answer = world.stripe.carry_out(step)
        if moves == 1:
            return True
        step = settle.advance(world.practice, begun, step, answer)
        moves -= 2
    return step is not None


@pytest.mark.parametrize("after", ["sweeps", "tap", "cancelled"])
@pytest.mark.parametrize("how", ["ask", "ok", "lost_card"])
@pytest.mark.parametrize("moves", range(1, 7))
def test_m5_death_between_any_two_lines_of_the_tap(
    declined: World, moves: int, how: str, after: str
) -> None:
    declined.card(how)
    die_in_tap(declined, moves)
    always_money(declined.practice, declined.stripe)
    if after == "cancelled":
        declined.cancel(declined.therapist)
    assert declined.tap().outcome in (Outcome.BUSY, Outcome.PAID, Outcome.REFUSED, Outcome.BANK,
                                      Outcome.NOTHING)  # fmt: skip
    declined.clock.advance(settle.LEASE)
    if after == "tap":
        declined.tap()
    declined.come_to_rest()
    gross, back = (f(declined.booked.id) for f in (declined.stripe.gross, declined.stripe.refunded))
    assert gross - back == (6000 if how == "ok" and after != "cancelled" else 0)
    assert len(declined.stripe.taken(declined.booked.id)) == (gross > 0)


@pytest.mark.parametrize("order", list(product("ts", repeat=4)), ids="".join)
def test_m5_a_tap_and_a_sweep_in_any_order(declined: World, order: tuple[str, ...]) -> None:
    """Whoever holds the case goes on; the other one touches nothing."""
    declined.card("ok")
    declined.clock.move_to(SOON - DAY)
    other = beside(declined.practice)
    steps: dict[str, tuple[Task, Step | None] | None] = {"t": None, "s": None}
    stores = {"t": declined.practice, "s": other}
    for who in order:
        held = steps[who]
        if held is None:
            if who == "t":
                begun = paying._begin(declined.practice, declined.client, declined.booked.id)
                task = begun if isinstance(begun, Task) else None
            else:
                task = next(iter(settle.claim(other, "s")), None)
            if task is not None:
                steps[who] = (task, settle.advance(stores[who], task))
        elif held[1] is not None:
            answer = declined.stripe.carry_out(held[1])
            steps[who] = (held[0], settle.advance(stores[who], held[0], held[1], answer))
        always_money(declined.practice, declined.stripe)
    other.store.close()
    declined.clock.advance(settle.LEASE)
    declined.come_to_rest()
    assert declined.stripe.gross(declined.booked.id) == 6000
    assert declined.confirmed() in ([False, True], [False, False])


@BOTH
def test_m5_a_tap_races_the_sweep(declined: World) -> None:
    """Two threads, one payment: at the moment when the ladder says so."""
    declined.card("ok")
    declined.clock.move_to(SOON - DAY)
    ready, said = threading.Barrier(3), []

    def tap() -> None:
        mine = beside(declined.practice, seed=threading.get_ident())
        ready.wait()
        done = paying.pay(mine, declined.stripe, declined.client, declined.booked.id)
        said.append(done.outcome)
        mine.store.close()

    def sweep() -> None:
        mine = beside(declined.practice, seed=threading.get_ident())
        ready.wait()
        settle_all(mine, declined.stripe)
        mine.store.close()

    threads = [threading.Thread(target=act) for act in (tap, tap, sweep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    declined.come_to_rest()
    assert declined.stripe.gross(declined.booked.id) == 6000
    assert set(said) <= {Outcome.PAID, Outcome.BUSY, Outcome.REFUSED}
    assert len(declined.confirmed()) == 2
    assert len(all_rows(declined.practice, Intent)) == 1
