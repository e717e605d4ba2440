"""A client pays by tap, through the real SDK: the bank's page, its answers, every fault (M6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from threading import Barrier, Thread
from typing import Any

import pytest

from helpspace.core import booking, cards
from helpspace.core.errors import OutsideFault
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import paying, settle
from helpspace.core.payments.paying import Outcome, Way
from helpspace.core.payments.settle import Task
from helpspace.core.store.tables import Attempt, Ledger
from helpspace.jobs import charges
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.owing import FAULTS, Owing
from tests.jobs.world import ASKS, DECLINES, EMPTY, PAYS
from tests.sandbox.stripe_description import FILE, Description, load

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
REFUSED = "4000000000009995"
"""A card that cannot be put on record."""


@pytest.fixture
def owing(store_url: str, clock: MovableClock) -> Iterator[Owing]:
    made = Owing(store_url, clock)
    made.sweep("stripe-events")
    yield made
    made.close()


@BOTH
def test_m6_approved_at_the_bank(owing: Owing) -> None:
    """The same intent, on-session, with a way back; the event makes the sweep look."""
    session = owing.begin()
    assert owing.word() == "needs_approval"
    done = owing.tap()
    assert done.outcome is Outcome.BANK
    assert done.bank_page is not None
    assert done.bank_page.startswith(f"https://sandbox.invalid/approve/{owing.intent()}/")
    off, on = owing.confirmed()
    assert off == {"payment_method": owing.card_of(owing.sam), "off_session": "true"}
    assert on == {
        "payment_method": owing.card_of(owing.sam),
        "return_url": f"https://t.me/HelpspaceBot?start=paid_{session.id}",
    }
    assert owing.bank.approve(owing.intent()).ok
    owing.hear()
    assert owing.word() == "paid"
    assert owing.money() == (6000, 0)
    assert len(owing.posted("POST", "payment_intents")) == 1
    assert [one.channel for one in owing.notices("charged", "client")] == ["email", "telegram"]


def test_m6_with_a_public_address_the_bank_leads_back_there(
    store_url: str, clock: MovableClock
) -> None:
    world = Owing(store_url, clock, PUBLIC_URL="https://practice.example.org")
    world.begin()
    world.tap()
    assert world.confirmed()[-1]["return_url"] == "https://practice.example.org/payments/done"
    assert world.bank.approve(world.intent()).redirect is not None
    world.close()


def test_m6_without_any_event_the_payment_is_looked_at(owing: Owing) -> None:
    """No webhook, no poll, no return: the sweep looks while the page may be open."""
    owing.begin()
    owing.tap()
    assert owing.bank.approve(owing.intent()).ok
    began = owing.clock.now()
    owing.settle(10 * MINUTE)
    assert owing.word() == "paid"
    assert owing.clock.now() - began <= 2 * MINUTE


def test_m6_refused_at_the_bank(owing: Owing) -> None:
    owing.begin()
    owing.tap()
    assert not owing.bank.approve(owing.intent(), yes=False).ok
    owing.hear()
    assert (owing.word(), owing.way()) == ("needs_approval", Way.APPROVE)
    assert [one.channel for one in owing.notices("charge_failed")] == ["email", "telegram"]
    again = owing.tap()
    assert again.outcome is Outcome.BANK
    assert owing.bank.approve(owing.intent()).ok
    owing.hear()
    assert owing.money() == (6000, 0)


def test_m6_declined_after_the_approval(owing: Owing) -> None:
    owing.begin()
    owing.bank.card_answers(
        owing.card_of(owing.sam), ["authentication_required", "insufficient_funds"]
    )
    owing.tap()
    assert not owing.bank.approve(owing.intent()).ok
    owing.hear()
    assert (owing.word(), owing.reason(owing.session_)) == ("failed", "insufficient_funds")
    assert owing.way() is Way.PAY


def test_m6_an_abandoned_page_and_a_fresh_one(owing: Owing) -> None:
    owing.begin()
    first = owing.tap()
    owing.clock.advance(30 * MINUTE)
    owing.sweep("charges")
    assert owing.word() == "needs_approval"
    second = owing.tap()
    assert first.bank_page != second.bank_page
    assert second.bank_page is not None
    assert second.bank_page.endswith(str(owing.bank.approval_token(owing.intent())))
    assert owing.posted("POST", "cancel") == []


@pytest.mark.parametrize(
    ("card", "said", "way"),
    [
        (DECLINES, Outcome.REFUSED, Way.PAY),
        (EMPTY, Outcome.REFUSED, Way.PAY),
        (ASKS, Outcome.BANK, Way.APPROVE),
    ],
)
def test_m6_each_test_card_at_the_tap(owing: Owing, card: str, said: Outcome, way: Way) -> None:
    owing.begin(card)
    done = owing.tap()
    assert (done.outcome, done.due.way) == (said, way)
    assert owing.money() == (0, 0)


def test_m6_a_soft_decline_is_paid_by_tap(owing: Owing) -> None:
    owing.begin(PAYS)
    assert owing.word() == "paid"
    other = owing.client()
    session = owing.session(owing.zoe, other, makers.SOON + 3 * HOUR)
    owing.bank.card_answers(owing.card_of(other), ["insufficient_funds"])
    owing.to_charge(session)
    owing.charge()
    assert owing.payment(session) == "failed"
    done = paying.pay(owing.practice, owing.stripe, other, session.id)
    assert done.outcome is Outcome.PAID


@pytest.mark.parametrize("new", [PAYS, ASKS, DECLINES, REFUSED])
def test_m6_another_card_is_tried_once_at_once(owing: Owing, new: str) -> None:
    """A new card page, and then the same intent; the chat hears what came of it."""
    owing.begin()
    owing.bank.card_answers(owing.card_of(owing.sam), ["lost_card"])
    page = owing.page(owing.sam)
    taken = owing.bank.type_card(page, new).ok
    assert taken is (new != REFUSED)
    owing.clock.advance(cards.LOOK_EVERY)
    owing.sweep("cards", "charges")
    owing.settle(HOUR)
    assert len(owing.confirmed()) == 1 + taken
    assert len(owing.posted("POST", "payment_intents")) == 1
    assert owing.word() == {PAYS: "paid", DECLINES: "failed"}.get(new, "needs_approval")
    event = {PAYS: "charged", DECLINES: "charge_failed"}.get(new, "approval_needed")
    told = [one for one in owing.notices(event, "client") if one.channel == "telegram"]
    assert len(told) == 1 + (new == ASKS)


@pytest.mark.parametrize("effect", FAULTS)
@pytest.mark.parametrize("call", ["sessions$", "sessions/cs_"])
def test_m6_faults_of_the_new_cards_page(owing: Owing, call: str, effect: str) -> None:
    owing.begin()
    fault = owing.bank.faults.add(effect, None, call, times=2, seconds=30)  # type: ignore[arg-type]
    request = cards.ask_for_card(owing.practice, owing.sam)
    for _ in range(4):
        try:
            page = cards.page(owing.practice, owing.stripe, owing.sam, request)
            break
        except OutsideFault:
            owing.clock.advance(20)
    assert owing.bank.type_card(page.url.rsplit("/", 1)[-1], PAYS).ok
    for _ in range(5):
        owing.clock.advance(cards.LOOK_EVERY)
        owing.sweep("cards", "charges")
    assert fault.fired >= 1
    assert owing.word() == "paid"
    assert owing.money() == (6000, 0)


# --- cancelling beside it


@pytest.mark.parametrize("approved", ["before", "after", "never"])
@pytest.mark.parametrize("by", ["therapist", "client"])
def test_m3_cancelled_while_the_banks_page_is_open(owing: Owing, by: str, approved: str) -> None:
    """The therapist's closes the intent, or all goes back; the client's late one stays owed."""
    session = owing.begin()
    owing.tap()
    if approved == "before":
        assert owing.bank.approve(owing.intent()).ok
    owing.cancel(owing.zoe if by == "therapist" else owing.sam, session.id)
    if approved == "after":
        assert owing.bank.approve(owing.intent()).ok
    owing.hear()
    owing.settle(DAY)
    taken = approved != "never"
    back = by == "therapist"
    assert owing.money() == (6000 * taken, 6000 * (taken and back))
    if not taken:
        assert owing.bank.approve(owing.intent()).ok is (not back)
    if back:
        assert owing.word() == ("refunded" if taken else "none")
        assert len(owing.notices("refunded")) == 2 * taken
        assert owing.tap().outcome is Outcome.NOTHING


# --- faults, singly, at each call of the approval


@cache
def faults_of_the_approval() -> list[tuple[str, str, str]]:
    calls = [("look", "GET", r"payment_intents/pi_\w+$"), ("confirm", "POST", "confirm$")]
    return [(effect, method, path) for _, method, path in calls for effect in FAULTS]


@pytest.mark.parametrize(("effect", "method", "path"), faults_of_the_approval())
@pytest.mark.parametrize("times", [1, 3])
def test_m5_no_fault_of_the_approval_takes_money_twice(
    owing: Owing, effect: Any, method: str, path: str, times: int
) -> None:
    """Once the SDK's own repeats mend it; three times nothing is known: the next tap goes on."""
    owing.begin()
    fault = owing.bank.faults.add(effect, method, path, times=times, seconds=25)
    owing.tap_until_the_bank_asks()
    assert fault.fired >= 1
    owing.hear()
    owing.settle(HOUR)
    assert owing.word() == "paid"
    assert owing.money() == (6000, 0)
    assert [row["kind"] for row in owing.rows(Ledger)] == ["charge"]
    assert "unknown" not in {row["outcome"] for row in owing.rows(Attempt)}


@pytest.mark.parametrize("effect", ["no_answer_after", "500_after", "drop_before", "500_before"])
def test_m5_a_tap_whose_answer_is_lost_is_settled_without_another(
    owing: Owing, effect: Any
) -> None:
    """The client goes away: whatever the confirmation did is found out, and nothing is repeated."""
    owing.begin()
    owing.bank.card_answers(owing.card_of(owing.sam), ["ok"])
    owing.bank.faults.add(effect, "POST", "confirm$", times=3)
    assert owing.tap().outcome is Outcome.UNHEARD
    owing.bank.faults.clear()
    owing.settle(HOUR)
    # A saved 500 is all that its key ever says; then it counts as never made, as the look shows.
    assert owing.word() == ("needs_approval" if effect == "500_before" else "paid")
    assert "unknown" not in {row["outcome"] for row in owing.rows(Attempt)}
    offs = [one for one in owing.confirmed() if one.get("off_session")]
    assert len(offs) == 1


def test_d4_a_tap_takes_nothing_by_a_wrong_clock(owing: Owing) -> None:
    owing.begin()
    owing.bank.card_answers(owing.card_of(owing.sam), ["ok"])
    wrong = MovableClock(owing.clock.now() + 301)
    object.__setattr__(owing.practice, "clock", wrong)
    owing.stripe = owing.gateway(clock=wrong)
    assert owing.tap().outcome is Outcome.UNHEARD
    assert len(owing.confirmed()) == 1


@BOTH
def test_m5_a_tap_races_the_sweep(owing: Owing) -> None:
    """Two threads at the moment at which the ladder tries again: one confirmation takes it."""
    session = owing.begin(EMPTY)
    owing.bank.card_answers(owing.card_of(owing.sam), ["ok", "ok", "ok"])
    owing.clock.move_to(session.start - DAY)
    ready, said = Barrier(2), []

    def at_once(act: Callable[[makers.Practice], object]) -> Thread:
        def run() -> None:
            mine = makers.beside(owing.practice, seed=len(said) + 7)
            ready.wait()
            said.append(act(mine))
            mine.store.close()

        return Thread(target=run)

    threads = [
        at_once(lambda mine: paying.pay(mine, owing.stripe, owing.sam, session.id).outcome),
        at_once(lambda mine: charges.sweep(mine, owing.stripe, worker="w", parallel=1).error),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owing.settle(HOUR)
    assert owing.word() == "paid"
    assert owing.money() == (6000, 0)
    assert len(owing.confirmed()) == 2


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("moves", [1, 2])
def test_m5_a_bot_that_dies_in_a_tap_is_taken_over(owing: Owing, moves: int, done: bool) -> None:
    """Begun, looked, confirmed: the sweeps look at what may have happened, and the ladder stays."""
    owing.begin(EMPTY)
    owing.bank.card_answers(owing.card_of(owing.sam), ["ok"])
    begun = paying._begin(owing.practice, owing.sam, owing.session_.id)
    assert isinstance(begun, Task)
    step = settle.advance(owing.practice, begun)
    for number in range(moves):
        assert step is not None
        if number < moves - 1 or done:
            answer = owing.stripe.carry_out(step)
            if number < moves - 1:
                step = settle.advance(owing.practice, begun, step, answer)
    assert owing.tap().outcome is Outcome.BUSY
    owing.clock.advance(settle.LEASE)
    owing.settle(4 * DAY)
    assert owing.word() == "paid"
    assert owing.money() == (6000, 0)


def test_m6_the_fee_of_a_past_session_is_paid_by_tap(owing: Owing) -> None:
    session = owing.begin(DECLINES)
    owing.settle(4 * DAY)
    owing.clock.move_to(session.end + 3 * DAY)
    booking.complete_past(owing.practice)
    assert paying.owing(owing.practice, owing.sam) == [session.id]
    owing.bank.card_answers(owing.card_of(owing.sam), ["ok"])
    assert owing.tap().outcome is Outcome.PAID
    assert owing.money() == (6000, 0)


if FILE.exists():

    @pytest.fixture(scope="module")
    def description() -> Description:
        """Stripe's published description, where it is at hand."""
        return load()

    def test_every_request_of_the_approval_is_legal(owing: Owing, description: Description) -> None:
        owing.begin()
        owing.tap()
        owing.bank.approve(owing.intent(), yes=False)
        owing.hear()
        owing.tap()
        owing.cancel(owing.zoe, owing.session_.id)
        owing.settle()
        assert description.illegal(owing.bank.requests) == []
