"""Events by polling and by webhook, through the real SDK."""

from __future__ import annotations

import json
import time

import pytest
import stripe

from helpspace.sandbox.stripe import API_VERSION
from tests.sandbox.stripe_kit import Platform

SECRET = "whsec_of_the_sandbox"
DAY = 86_400


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_polling_forward_from_a_cursor_misses_and_repeats_nothing(platform: Platform) -> None:
    customer = platform.customer()
    cursor = platform.stripe.v1.events.list({"limit": 1}).data[0].id
    assert platform.stripe.v1.events.list({"ending_before": cursor}).data == []
    for _ in range(7):
        platform.stripe.v1.customers.update(customer, {"name": f"n{platform.clock.advance(1)}"})
        platform.customer()
    seen = []
    while True:
        page = platform.stripe.v1.events.list(
            {"ending_before": cursor, "limit": 3, "types": ["customer.updated"]}
        )
        seen += [event.id for event in reversed(page.data)]
        if not page.data:
            break
        cursor = page.data[0].id
    wanted = [e["id"] for e in platform.sandbox.events() if e["type"] == "customer.updated"]
    assert seen == wanted


def test_an_event_shows_the_object_as_it_was_and_who_caused_it(platform: Platform) -> None:
    customer = platform.customer()
    platform.stripe.v1.customers.update(customer, {"name": "Zoë"}, {"idempotency_key": "name-once"})
    platform.stripe.v1.customers.update(customer, {"name": "Later"})
    event = platform.stripe.v1.events.list({"type": "customer.updated"}).data[-1]
    assert event.data.object.name == "Zoë"
    assert event.data.previous_attributes.to_dict() == {"name": None}
    assert event["request"]["idempotency_key"] == "name-once"
    assert (event.api_version, event.livemode) == (API_VERSION, False)
    assert platform.stripe.v1.events.retrieve(event.id).id == event.id


def test_events_of_accounts_are_not_in_the_platforms_list(platform: Platform) -> None:
    therapist = platform.therapist()
    assert platform.stripe.v1.events.list().data == []
    on_account = platform.stripe.v1.events.list({}, {"stripe_account": therapist})
    assert {event.type for event in on_account} == {"account.updated", "capability.updated"}
    assert {event.account for event in on_account} == {therapist}


def test_events_are_forgotten_after_thirty_days(platform: Platform) -> None:
    platform.customer()
    event = platform.stripe.v1.events.list().data[0].id
    platform.clock.advance(30 * DAY - 1)
    assert platform.stripe.v1.events.list().data[0].id == event
    platform.clock.advance(1)
    assert platform.stripe.v1.events.list().data == []
    for call in (
        lambda: platform.stripe.v1.events.retrieve(event),
        lambda: platform.stripe.v1.events.list({"ending_before": event}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call()
        assert refused.value.code == "resource_missing"


def test_types_and_pages_have_bounds(platform: Platform) -> None:
    for asked in (
        {"types": [f"t{n}" for n in range(21)]},
        {"type": "a", "types": ["b"]},
        {"limit": 0},
        {"starting_after": "evt_a", "ending_before": "evt_b"},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            platform.stripe.v1.events.list(asked)


def test_a_webhook_is_signed_as_stripe_signs(platform: Platform) -> None:
    platform.customer()
    event = platform.sandbox.events()[0]
    at = int(time.time())
    headers, body = platform.sandbox.signed_webhook(event["id"], SECRET, at=at)
    told = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
    assert (told.id, told.type) == (event["id"], "customer.created")
    assert json.loads(body) == event
    for payload, signature, secret in (
        (body.replace(b"c1", b"c2"), headers["Stripe-Signature"], SECRET),
        (body, headers["Stripe-Signature"], "whsec_other"),
        (body, platform.sandbox.signed_webhook(event, SECRET, at=at - 301)[0], SECRET),
    ):
        header = signature["Stripe-Signature"] if isinstance(signature, dict) else signature
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(payload, header, secret)


def test_by_default_a_delivery_is_signed_in_the_sandboxs_time(platform: Platform) -> None:
    platform.customer()
    headers, _ = platform.sandbox.signed_webhook(platform.sandbox.events()[0], SECRET)
    assert headers["Stripe-Signature"].startswith(f"t={platform.clock.now()},v1=")


def test_an_endpoint_tells_its_secret_once(platform: Platform) -> None:
    made = platform.stripe.v1.webhook_endpoints.create(
        {
            "url": "https://helpspace.invalid/hooks",
            "enabled_events": ["account.updated"],
            "connect": True,
            "api_version": API_VERSION,
        }
    )
    assert made.secret.startswith("whsec_")
    listed = platform.stripe.v1.webhook_endpoints.list().data
    assert [one.id for one in listed] == [made.id]
    assert not hasattr(listed[0], "secret")
