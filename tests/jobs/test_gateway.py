"""The Stripe gateway by itself: requests, repeats, answers, listings and the clock."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from helpspace.core import cards
from helpspace.core.cards import PageOrder
from helpspace.core.errors import OutsideFault
from helpspace.core.payments.debts import TakenBack, TakingBack
from helpspace.core.payments.steps import (
    AccountRefused,
    AlreadySo,
    ApprovalNeeded,
    CancelIntent,
    ConfirmIntent,
    Declined,
    FindIntent,
    LookAtIntent,
    LookAtRefunds,
    MakeIntent,
    MakeRefund,
    NoAnswer,
    NotThere,
    RefundsSeen,
    Step,
)
from helpspace.jobs import lanes
from helpspace.jobs.stripe_answers import account_seen, answer_to, code_of, page_seen
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.world import World

MAKE = MakeIntent("a", "i", "key", 6000, 0, "cus_1", "acct_1", (("store", "s"),))
CONFIRM = ConfirmIntent("a", "pi_1", "t", "key", "pm_1")
LOOK = LookAtIntent("a", "pi_1")
CANCEL = CancelIntent("a", "pi_1")
REFUND = MakeRefund("a", "r", "pi_1", "key", 6000, False, ())


def failure(kind: type[Any], status: int, **body: str) -> Any:
    """An error as the SDK raises it."""
    whole = {"error": body}
    if kind in (stripe.CardError, stripe.InvalidRequestError):
        return kind("m", None, body.get("code"), None, status, whole, {})
    return kind("m", None, status, whole, {})


INVALID, CARD = stripe.InvalidRequestError, stripe.CardError


@pytest.mark.parametrize(
    ("kind", "status", "body", "step", "answer"),
    [
        (CARD, 402, {"code": "authentication_required"}, CONFIRM, ApprovalNeeded()),
        (
            CARD,
            402,
            {"code": "card_declined", "decline_code": "authentication_required"},
            CONFIRM,
            ApprovalNeeded(),
        ),
        (
            CARD,
            402,
            {
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "advice_code": "try_again_later",
            },
            CONFIRM,
            Declined("insufficient_funds", "try_again_later"),
        ),
        (CARD, 402, {"code": "expired_card"}, CONFIRM, Declined("expired_card")),
        (
            INVALID,
            400,
            {"code": "insufficient_capabilities_for_transfer"},
            MAKE,
            AccountRefused("insufficient_capabilities_for_transfer"),
        ),
        (
            stripe.PermissionError,
            403,
            {"code": "account_invalid"},
            CONFIRM,
            AccountRefused("account_invalid"),
        ),
        (
            INVALID,
            400,
            {"code": "resource_missing", "param": "transfer_data[destination]"},
            MAKE,
            AccountRefused("resource_missing"),
        ),
        (INVALID, 404, {"code": "resource_missing", "param": "intent"}, LOOK, NotThere()),
        (INVALID, 400, {"code": "resource_missing", "param": "customer"}, MAKE, NotThere()),
        (
            INVALID,
            400,
            {"code": "resource_missing", "param": "payment_method"},
            CONFIRM,
            Declined("card_unusable"),
        ),
        (
            INVALID,
            400,
            {"code": "payment_intent_unexpected_state"},
            CANCEL,
            AlreadySo("payment_intent_unexpected_state"),
        ),
        (
            INVALID,
            400,
            {"code": "charge_already_refunded"},
            REFUND,
            AlreadySo("charge_already_refunded"),
        ),
        (INVALID, 400, {"code": "charge_disputed"}, REFUND, AlreadySo("charge_disputed")),
        (
            stripe.PermissionError,
            403,
            {"code": "account_invalid"},
            REFUND,
            AlreadySo("account_invalid"),
        ),
        (INVALID, 400, {"code": "parameter_unknown"}, MAKE, NoAnswer("parameter_unknown")),
        (INVALID, 400, {}, MAKE, NoAnswer("http_400")),
        (stripe.RateLimitError, 429, {"code": "rate_limit"}, MAKE, NoAnswer("rate_limit", wait=1)),
        (stripe.IdempotencyError, 400, {}, MAKE, NoAnswer("http_400")),
        (stripe.AuthenticationError, 401, {}, MAKE, NoAnswer("http_401")),
        (stripe.PermissionError, 403, {}, MAKE, NoAnswer("http_403")),
        (stripe.APIError, 500, {}, CONFIRM, NoAnswer("http_500")),
        (
            stripe.APIError,
            409,
            {"code": "idempotency_key_in_use"},
            MAKE,
            NoAnswer("idempotency_key_in_use"),
        ),
        (stripe.APIConnectionError, None, {}, CONFIRM, NoAnswer("connection")),
    ],
)
def test_every_error_has_its_answer(
    kind: type[Any], status: int, body: dict[str, str], step: Step, answer: object
) -> None:
    """M5, M6, M6a: what is unclear is never taken for an outcome."""
    assert answer_to(failure(kind, status, **body), step) == answer


def test_a_body_that_is_no_object_is_no_answer() -> None:
    error = stripe.APIError("<html>", "<html>", 502, None, {})
    assert (code_of(error), answer_to(error, CONFIRM)) == ("http_502", NoAnswer("http_502"))


def customer(world: World) -> str:
    return world.sdk.v1.customers.create({}).id


def make(world: World, **changes: Any) -> MakeIntent:
    given = {
        "appointment_id": "a",
        "intent_id": "i1",
        "key": "s:intent:i1",
        "amount": 6000,
        "commission": 0,
        "customer": customer(world),
        "account": world.account(),
        "metadata": (("store", "s"), ("appointment", "a"), ("intent", "i1")),
    }
    return MakeIntent(**{**given, **changes})


def test_a_dropped_call_is_repeated_twice_with_its_key(world: World) -> None:
    """M5: quick repeats under the same key, with jitter between them, then no answer."""
    step = make(world)
    world.bank.faults.add("drop_before", "POST", "payment_intents$", times=2)
    assert world.stripe.carry_out(step).status == "requires_payment_method"  # type: ignore[union-attr]
    keys = {one.idempotency_key for one in world.posted("POST", "payment_intents")}
    assert keys == {"s:intent:i1"}
    assert world.slept == [0.5, 1.0]
    world.bank.faults.add("drop_before", "POST", "cancel$", times=3)
    pi = world.bank.ledger()[0].payment_intent
    assert world.stripe.carry_out(CancelIntent("a", pi)) == NoAnswer("connection")
    assert len({one.idempotency_key for one in world.posted("POST", "cancel")}) == 1


def test_a_500_that_stripe_says_not_to_repeat_is_not_repeated(world: World) -> None:
    world.bank.faults.add("500_before", "POST", "payment_intents$", times=1)
    assert world.stripe.carry_out(make(world)) == NoAnswer("http_500")
    assert len(world.posted("POST", "payment_intents")) == 1


def test_too_many_calls_are_answered_by_waiting(world: World) -> None:
    """House: 429 is backed off from, and spends no attempt."""
    world.bank.faults.add("429", "POST", "payment_intents$", times=1)
    assert world.stripe.carry_out(make(world)) == NoAnswer("rate_limit", wait=1)
    world.stripe.carry_out(make(world))
    assert any(1 < pause <= 2 for pause in world.slept)


def test_an_intent_is_found_among_many_of_its_customer(world: World) -> None:
    """M5: by what is written on it, through all pages."""
    who = customer(world)
    account = world.account()
    for number in range(205):
        written = (("store", "s"), ("intent", f"i{number}"))
        world.stripe.carry_out(
            make(world, customer=who, account=account, key=f"k{number}", metadata=written)
        )
    found = world.stripe.carry_out(FindIntent("a", "i0", who, "s"))
    assert found.stripe_id == world.bank.ledger()[0].payment_intent  # type: ignore[union-attr]
    assert world.stripe.carry_out(FindIntent("a", "i0", who, "another")) == NotThere()
    assert world.stripe.carry_out(FindIntent("a", "i0", customer(world), "s")) == NotThere()


def test_refunds_of_an_intent_are_listed(world: World) -> None:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    pi = world.bank.ledger()[0].payment_intent
    assert world.stripe.carry_out(LookAtRefunds("a", pi)) == RefundsSeen(())
    world.sdk.v1.refunds.create({"payment_intent": pi})
    seen = world.stripe.carry_out(LookAtRefunds("a", pi))
    assert [one.amount for one in seen.refunds] == [6000]  # type: ignore[union-attr]


def order(world: World) -> PageOrder:
    sam = makers.add_client(world.practice, card=False)
    request = cards.ask_for_card(world.practice, sam)
    found = cards.order(world.practice, sam, request)
    assert isinstance(found, PageOrder)
    return found


def test_a_card_page_says_nothing_of_its_client(world: World) -> None:
    """P1, B3: ids only; it leads back to the chat."""
    asked = order(world)
    who = world.stripe.make_customer(asked)
    session, url = world.stripe.make_page(asked, who)
    again = world.stripe.make_page(asked, who)
    assert (session, url) == again
    (page,) = world.posted("POST", "sessions")[:1]
    assert page.params["success_url"] == "https://t.me/HelpspaceBot?start=card"
    assert page.params["mode"] == "setup"
    assert int(page.params["expires_at"]) == asked.expires_at
    assert world.posted("POST", "customers")[0].params == {
        "metadata": {"store": asked.metadata["store"], "client": asked.client_id}
    }
    assert world.stripe.look_at_page(session).status == "open"


def test_with_a_public_address_a_card_page_leads_there(world: World) -> None:
    world.stripe = world.gateway(public_url="https://helpspace.example")
    asked = order(world)
    world.stripe.make_page(asked, world.stripe.make_customer(asked))
    (page,) = world.posted("POST", "sessions")
    back = "https://helpspace.example/card/done?session={CHECKOUT_SESSION_ID}"
    assert page.params["success_url"] == back


def test_a_page_that_is_asked_for_late_still_has_its_shortest_life(world: World) -> None:
    """B3: Stripe refuses pages that close in less than 30 minutes."""
    asked = order(world)
    world.clock.advance(20 * 60)
    session, _ = world.stripe.make_page(asked, world.stripe.make_customer(asked))
    assert world.bank.get(session)["expires_at"] == world.clock.now() + 30 * 60 + 15


def test_a_person_who_waits_is_told_to_try_again(world: World) -> None:
    asked = order(world)
    world.bank.faults.add("503", "POST", "customers$", times=3)
    with pytest.raises(OutsideFault, match="Try again in a minute"):
        world.stripe.make_customer(asked)
    assert world.stripe.make_customer(asked).startswith("cus_")


def card_page(**changes: Any) -> dict[str, Any]:
    method = {
        "id": "pm_1",
        "customer": "cus_1",
        "card": {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2030},
    }
    setup = {"status": "succeeded", "customer": "cus_1", "payment_method": method}
    return {"status": "complete", "customer": "cus_1", "setup_intent": setup, **changes}


def test_only_a_card_of_the_same_customer_counts() -> None:
    """A4: the page proves nothing; what stands behind it does."""
    seen = page_seen(card_page())
    assert seen.card is not None
    assert seen.card.method == "pm_1"
    assert page_seen(card_page(customer="cus_2")).card is None
    assert page_seen(card_page(setup_intent="seti_1")).card is None
    assert page_seen(card_page(status="open")).status == "open"
    behind = {**card_page()["setup_intent"], "status": "requires_action"}
    assert page_seen(card_page(setup_intent=behind)).card is None


def test_an_account_is_ready_only_with_both_capabilities() -> None:
    """J5: Stripe's account state, with what it still asks for."""
    account = {
        "id": "acct_1",
        "charges_enabled": True,
        "payouts_enabled": True,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "requirements": {"currently_due": [], "past_due": [], "disabled_reason": None},
    }
    assert account_seen(account).charges_enabled
    half = {**account, "capabilities": {"card_payments": "active", "transfers": "inactive"}}
    assert not account_seen(half).charges_enabled
    asked = {"currently_due": ["a", "b"], "past_due": ["b"], "disabled_reason": "listed"}
    assert account_seen({**account, "requirements": asked}).requirements == ("listed", "b", "a")


def test_an_account_that_left_can_do_nothing(world: World) -> None:
    account = world.account()
    assert world.stripe.look_at_account(account).payouts_enabled
    world.bank.deauthorise(account)
    seen = world.stripe.look_at_account(account)
    assert (seen.charges_enabled, seen.requirements) == (False, ("access_withdrawn",))
    world.bank.faults.add("503", "GET", "accounts", times=3)
    with pytest.raises(OutsideFault):
        world.stripe.look_at_account(account)


def test_events_come_oldest_first_from_a_place_on(world: World) -> None:
    """Notes: each page is newest first; a place that Stripe has forgotten begins anew."""
    assert world.stripe.events_after(None) == []
    sam = makers.add_client(world.practice, card=False)
    for _ in range(3):
        world.type_card(sam)
    (newest,) = world.stripe.events_after(None)
    everything = world.stripe.events_after("")
    assert everything[-1] == newest
    assert len(everything) == 6  # each time the setup, then its page
    assert world.stripe.events_after(everything[0].id) == everything[1:]
    world.clock.advance(31 * 86_400)
    assert world.stripe.events_after(everything[0].id) == []


def test_many_events_are_read_page_by_page(world: World) -> None:
    world.booked()
    who, account = customer(world), world.account()
    first = world.stripe.events_after("")[-1].id
    for number in range(130):
        asked = make(world, customer=who, account=account, key=f"k{number}")
        pi = world.stripe.carry_out(asked).stripe_id  # type: ignore[union-attr]
        world.stripe.carry_out(CancelIntent("a", pi))
    seen = world.stripe.events_after(first)
    assert [one.type for one in seen] == ["payment_intent.canceled"] * 130
    order_made = [row.payment_intent for row in world.bank.ledger()]
    assert [one.payment_intent for one in seen] == order_made


def test_the_difference_of_the_clocks_is_noticed(world: World) -> None:
    """D4: from the Date of any answer, good or bad."""
    slow = MovableClock(world.clock.now() - 400)
    gateway = world.gateway(clock=slow)
    assert gateway.clock_ahead() is None
    assert gateway.carry_out(LOOK) == NotThere()
    assert gateway.clock_ahead() == 400
    slow.advance(400)
    assert gateway.check().trouble is None
    assert gateway.clock_ahead() == 0


def test_a_wrong_key_is_told_by_its_code(world: World) -> None:
    """A5: nothing of the key appears anywhere."""
    from helpspace.jobs.stripe import Stripe
    from helpspace.sandbox.stripe.transport import SandboxHTTPClient

    gateway = Stripe(
        "sk_wrong",
        api="https://sandbox.invalid",
        rate=100,
        clock=world.clock,
        http_client=SandboxHTTPClient(world.bank),
    )
    state = gateway.check()
    assert state.trouble == "http_401"
    assert "sk_wrong" not in repr(gateway) + repr(state)
    assert world.stripe.check().live is False


def test_a_sweep_that_lost_its_role_sends_nothing(world: World) -> None:
    """M5: looked at right before each call; whoever waits for a page is not asked for a role."""
    with lanes.sweeping(lambda: False):
        assert world.stripe.carry_out(MAKE) == NoAnswer("role_lost")
        taken = world.stripe.take_back(TakingBack("r", "a", "pi_1", 1, False, "key", {}))
        assert taken == TakenBack("role_lost")
    assert world.bank.requests == ()
    assert world.stripe.check().trouble is None
    assert len(world.bank.requests) == 1


def test_a_dispute_and_a_card_that_are_not_there(world: World) -> None:
    assert world.stripe.dispute("dp_nothing") is None
    assert world.stripe.look_at_card("pm_nothing", "cus_1") is None
    world.bank.faults.add("503", "GET", "", times=None)
    for ask in (
        lambda: world.stripe.dispute("dp_1"),
        lambda: world.stripe.disputes(0),
        lambda: world.stripe.look_at_card("pm_1", "cus_1"),
    ):
        with pytest.raises(OutsideFault):
            ask()
    assert world.stripe.take_back(TakingBack("r", "a", "pi_1", 1, False, "key", {})) == TakenBack(
        "http_503"
    )
