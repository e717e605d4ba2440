"""Keys, idempotency and bad weather: what the real SDK raises, and what really happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_kit import ALWAYS_ASKS, KEY, SAVES_THEN_EMPTY, Platform

DAY = 86_400
CONFIRM = r"/v1/payment_intents/[^/]+/confirm$"


@pytest.fixture
def platform() -> Platform:
    return Platform()


def ready(platform: Platform, number: str = "4242424242424242") -> tuple[str, str]:
    """An unconfirmed intent and the card to charge."""
    customer, therapist = platform.customer(), platform.therapist()
    return platform.intent(customer, therapist).id, platform.card(customer, number)


def gross(platform: Platform) -> int:
    return sum(row.gross for row in platform.sandbox.ledger())


# ------------------------------------------------------------------- idempotency


def test_the_same_key_gives_the_same_answer_and_does_nothing_again(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    asked = {
        "amount": 6000,
        "currency": "gbp",
        "customer": customer,
        "payment_method": platform.card(customer),
        "payment_method_types": ["card"],
        "transfer_data": {"destination": therapist},
        "confirm": True,
        "off_session": True,
    }
    options: Any = {"idempotency_key": "charge:a1"}
    first = platform.stripe.v1.payment_intents.create(asked, options)
    again = platform.stripe.v1.payment_intents.create(asked, options)
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    original = first.last_response.headers["Request-Id"]
    assert again.last_response.headers["Original-Request"] == original
    assert again.last_response.headers["Request-Id"] != original
    assert [request.replayed for request in platform.sandbox.requests][-2:] == [False, True]
    assert gross(platform) == 6000


def test_the_same_key_for_something_else_is_refused(platform: Platform) -> None:
    options: Any = {"idempotency_key": "k"}
    platform.stripe.v1.customers.create({"name": "a"}, options)
    for call in (
        lambda: platform.stripe.v1.customers.create({"name": "b"}, options),
        lambda: platform.stripe.v1.accounts.create({}, options),
    ):
        with pytest.raises(stripe.IdempotencyError) as refused:
            call()
        assert refused.value.http_status == 400
        assert refused.value.error.type == "idempotency_error"
    assert len(platform.stripe.v1.customers.list().data) == 1


def test_a_key_is_forgotten_after_a_day(platform: Platform) -> None:
    options: Any = {"idempotency_key": "k"}
    first = platform.stripe.v1.customers.create({}, options).id
    platform.clock.advance(DAY - 1)
    assert platform.stripe.v1.customers.create({}, options).id == first
    platform.clock.advance(1)
    assert platform.stripe.v1.customers.create({}, options).id != first


def test_a_kept_decline_is_repeated_even_with_a_good_card_since(platform: Platform) -> None:
    intent, card = ready(platform, SAVES_THEN_EMPTY)
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            platform.charge(intent, card, "charge:1")
        platform.sandbox.card_answers(card, ["ok"])
    assert declined.value.headers["Idempotent-Replayed"] == "true"
    assert gross(platform) == 0
    assert platform.charge(intent, card, "charge:2").status == "succeeded"


def test_a_refusal_that_began_is_kept_and_a_wrong_parameter_is_not(platform: Platform) -> None:
    intent, card = ready(platform)
    platform.stripe.v1.payment_intents.cancel(intent)
    for replayed in (None, "true"):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            platform.charge(intent, card, "kept")
        assert refused.value.headers.get("idempotent-replayed") == replayed
    options: Any = {"idempotency_key": "not kept"}
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.customers.create({"colour": "red"}, options)  # type: ignore[typeddict-unknown-key]
    assert platform.stripe.v1.customers.create({}, options).id


def test_two_requests_with_one_key_at_once(platform: Platform) -> None:
    intent, card = ready(platform)
    told: list[stripe.StripeError] = []

    def meanwhile(_: float) -> None:
        with pytest.raises(stripe.APIError) as refused:
            platform.charge(intent, card, "charge:1")
        told.append(refused.value)

    platform.sandbox = type(platform.sandbox)(platform.clock, sleep=meanwhile)
    platform.stripe = platform.client()
    intent, card = ready(platform)
    platform.sandbox.faults.add("slow", path=CONFIRM, seconds=1)
    assert platform.charge(intent, card, "charge:1").status == "succeeded"
    assert [(one.http_status, one.error.code) for one in told] == [(409, "idempotency_key_in_use")]
    assert told[0].code is None
    assert gross(platform) == 6000


def test_a_key_that_is_too_long_is_refused_and_gets_take_no_keys(platform: Platform) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.customers.create({}, {"idempotency_key": "k" * 256})
    assert platform.stripe.v1.customers.create({}, {"idempotency_key": "k" * 255}).id
    platform.stripe.v1.customers.list({}, {"idempotency_key": "g"})
    assert platform.sandbox.requests[-1].idempotency_key is None


# ------------------------------------------------------------------------- keys


@pytest.mark.parametrize("key", ["sk_live_51Helpspace", "rk_live_1", "pk_test_1", "nonsense", ""])
def test_only_test_keys_are_let_in(platform: Platform, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        platform.client(key).v1.customers.create({})
    assert refused.value.http_status == 401
    if key.startswith("sk_live"):
        assert "live keys are refused" in str(refused.value)


def test_a_sandbox_may_know_just_one_key() -> None:
    platform = Platform()
    platform.sandbox._api_key = KEY
    assert platform.stripe.v1.customers.list().data == []
    with pytest.raises(stripe.AuthenticationError):
        platform.client("sk_test_other").v1.customers.list()


def test_another_api_version_is_refused(platform: Platform) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"speaks 2026-05-27\.dahlia only"):
        platform.stripe.v1.customers.list({}, {"stripe_version": "2026-10-28.endive"})


def test_answers_carry_the_sandboxs_time_and_requests_are_recorded_without_the_key(
    platform: Platform,
) -> None:
    platform.customer()
    made = platform.stripe.v1.customers.create({"metadata": {"a": "1"}}, {"idempotency_key": "k"})
    assert made.last_response.headers["Date"] == "Sun, 17 Mar 2030 17:46:40 GMT"
    request = platform.sandbox.requests[-1]
    assert (request.method, request.path, request.params, request.idempotency_key) == (
        "POST",
        "/v1/customers",
        {"metadata": {"a": "1"}},
        "k",
    )
    assert (request.status, request.at) == (200, platform.clock.now())
    assert KEY not in str(request)
    platform.sandbox.forget_requests()
    assert platform.sandbox.requests == ()


# ------------------------------------------------------------------- bad weather


def test_dropped_before_nothing_happened(platform: Platform) -> None:
    intent, card = ready(platform)
    rule = platform.sandbox.faults.add("drop_before", "POST", CONFIRM)
    with pytest.raises(stripe.APIConnectionError) as lost:
        platform.charge(intent, card, "c")
    assert lost.value.should_retry
    assert (rule.seen, rule.fired, gross(platform)) == (1, 1, 0)
    assert platform.charge(intent, card, "c").status == "succeeded"
    assert platform.sandbox.requests[-1].replayed is False


def test_lost_after_it_took_effect_and_found_again_by_the_key(platform: Platform) -> None:
    intent, card = ready(platform)
    platform.sandbox.faults.add("no_answer_after", "POST", CONFIRM)
    with pytest.raises(stripe.APIConnectionError):
        platform.charge(intent, card, "c")
    assert gross(platform) == 6000
    assert platform.charge(intent, card, "c").status == "succeeded"
    assert platform.sandbox.requests[-1].replayed
    assert gross(platform) == 6000


def test_lost_after_it_took_effect_and_refused_with_another_key(platform: Platform) -> None:
    intent, card = ready(platform)
    platform.sandbox.faults.add("no_answer_after", "POST", CONFIRM)
    with pytest.raises(stripe.APIConnectionError):
        platform.charge(intent, card, "c")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.charge(intent, card, "d")
    assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(("effect", "taken"), [("500_before", 0), ("500_after", 6000)])
def test_a_500_is_repeated_for_a_day_whether_it_took_effect_or_not(
    platform: Platform, effect: Any, taken: int
) -> None:
    intent, card = ready(platform)
    platform.sandbox.faults.add(effect, "POST", CONFIRM)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            platform.charge(intent, card, "c")
        assert failed.value.http_status == 500
    assert failed.value.headers["Idempotent-Replayed"] == "true"
    assert gross(platform) == taken


@pytest.mark.parametrize(
    ("effect", "error", "status", "code"),
    [
        ("429", stripe.RateLimitError, 429, "rate_limit"),
        ("409", stripe.APIError, 409, "idempotency_key_in_use"),
        ("503", stripe.APIError, 503, None),
        ("account_error", stripe.PermissionError, 403, "account_invalid"),
    ],
)
def test_turned_away_at_the_door_and_nothing_is_kept(
    platform: Platform, effect: Any, error: Any, status: int, code: str | None
) -> None:
    intent, card = ready(platform)
    platform.sandbox.faults.add(effect, "POST", CONFIRM)
    with pytest.raises(error) as refused:
        platform.charge(intent, card, "c")
    assert refused.value.http_status == status
    assert refused.value.error.code == code
    assert gross(platform) == 0
    assert platform.charge(intent, card, "c").status == "succeeded"


def test_an_account_error_of_another_kind(platform: Platform) -> None:
    intent, card = ready(platform)
    platform.sandbox.faults.add(
        "account_error", path=CONFIRM, code="insufficient_capabilities_for_transfer"
    )
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.charge(intent, card)
    assert refused.value.code == "insufficient_capabilities_for_transfer"


@pytest.mark.parametrize("effect", ["drop_before", "no_answer_after", "409", "503"])
def test_the_sdk_retries_with_the_same_key_and_charges_once(effect: Any) -> None:
    platform = Platform(retries=2)
    intent, card = ready(platform)
    platform.sandbox.faults.add(effect, "POST", CONFIRM, times=2)
    assert platform.charge(intent, card).status == "succeeded"
    tried = [one for one in platform.sandbox.requests if one.path.endswith("/confirm")]
    assert len(tried) == 3
    assert len({one.idempotency_key for one in tried}) == 1
    assert gross(platform) == 6000


def test_the_sdk_gives_up_in_the_end_and_never_retries_a_429() -> None:
    platform = Platform(retries=2)
    intent, card = ready(platform)
    platform.sandbox.faults.add("drop_before", "POST", CONFIRM, times=None)
    with pytest.raises(stripe.APIConnectionError):
        platform.charge(intent, card)
    platform.sandbox.faults.clear()
    platform.sandbox.faults.add("429", "POST", CONFIRM)
    with pytest.raises(stripe.RateLimitError):
        platform.charge(intent, card)


def test_slowness_adds_up_and_rules_are_counted_apart(platform: Platform) -> None:
    faults = platform.sandbox.faults
    faults.latency = 0.25
    faults.add("slow", seconds=1.0, nth=2, times=1)
    second = faults.add("429", "GET", "/v1/customers", nth=2)
    platform.stripe.v1.customers.list()
    with pytest.raises(stripe.RateLimitError):
        platform.stripe.v1.customers.list()
    assert second.fired == 1
    assert platform.slept == [0.25]
    platform.sandbox.faults.clear()
    platform.stripe.v1.customers.list()
    assert platform.slept == [0.25]


def test_two_faults_on_one_request_hit_one_after_the_other(platform: Platform) -> None:
    intent, card = ready(platform)
    platform.sandbox.faults.add("no_answer_after", path=CONFIRM)
    platform.sandbox.faults.add("429", path=CONFIRM)
    with pytest.raises(stripe.APIConnectionError):
        platform.charge(intent, card, "c")
    with pytest.raises(stripe.RateLimitError):
        platform.charge(intent, card, "c")
    assert platform.charge(intent, card, "c").status == "succeeded"


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/v1/customers$", lambda p: p.customer()),
        ("/v1/checkout/sessions$", lambda p: p.card_page(p.customer())),
        ("/v1/payment_intents$", lambda p: p.intent(p.customer(), p.therapist())),
        ("/v1/refunds$", lambda p: p.stripe.v1.refunds.create({"payment_intent": p.paid().id})),
        ("/cancel$", lambda p: p.stripe.v1.payment_intents.cancel(ready(p)[0])),
        ("/v1/events$", lambda p: p.stripe.v1.events.list()),
    ],
)
def test_every_call_can_be_hit(
    platform: Platform, path: str, call: Callable[[Platform], object]
) -> None:
    platform.sandbox.faults.add("no_answer_after", path=path)
    with pytest.raises(stripe.APIConnectionError):
        call(platform)
    assert platform.sandbox.requests[-1].fault == "no_answer_after"
    assert platform.sandbox.requests[-1].status is None


def test_an_approval_lost_is_asked_for_again(platform: Platform) -> None:
    intent, card = ready(platform, ALWAYS_ASKS)
    platform.sandbox.faults.add("no_answer_after", path=CONFIRM)
    asked: Any = {"payment_method": card, "return_url": "https://helpspace.invalid/r"}
    with pytest.raises(stripe.APIConnectionError):
        platform.stripe.v1.payment_intents.confirm(intent, asked)
    now = platform.stripe.v1.payment_intents.retrieve(intent)
    assert now.status == "requires_action"
    again = platform.stripe.v1.payment_intents.confirm(intent, asked)
    assert again.next_action.redirect_to_url.url != now.next_action.redirect_to_url.url
    assert platform.sandbox.approve(intent).ok
    assert gross(platform) == 6000


def test_an_unknown_effect_is_a_mistake_of_the_test(platform: Platform) -> None:
    with pytest.raises(ValueError, match="unknown effect"):
        platform.sandbox.faults.add("explode")  # type: ignore[arg-type]


def test_what_the_sandbox_does_not_answer_is_404(platform: Platform) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.products.list()
    assert refused.value.http_status == 404
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.customers.list({}, {"stripe_account": platform.therapist()})


def test_the_sdk_paces_its_retries_where_that_is_wanted() -> None:
    platform = Platform()
    from helpspace.sandbox.stripe.transport import SandboxHTTPClient

    assert SandboxHTTPClient(platform.sandbox)._sleep_time_seconds(1) == 0
    assert SandboxHTTPClient(platform.sandbox, patient=True)._sleep_time_seconds(1) >= 0.5
