"""Telling what happened: the list of events, webhook endpoints, and signed deliveries."""

from __future__ import annotations

import hashlib
import hmac
import json

from helpspace.sandbox.stripe.answers import Call, page, page_of
from helpspace.sandbox.stripe.errors import invalid, missing
from helpspace.sandbox.stripe.params import (
    DATED,
    PAGING,
    Obj,
    address,
    choice,
    clearable,
    flag,
    labels,
    many,
    merged,
    need,
    text,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import API_VERSION, Event, World

MOST_TYPES = 20


def find_event(world: World, ident: str) -> Event:
    """One event of the last thirty days."""
    world.forget_old_events()
    for event in world.events:
        if event.id == ident:
            return event
    raise missing("event", ident)


def retrieve(world: World, call: Call) -> Obj:
    """One event of the account that the call is about."""
    event = find_event(world, call.ids[0])
    if event.account != call.account:
        raise missing("event", call.ids[0])
    return event.show()


def listing(world: World, call: Call) -> Obj:
    """Events, newest first; those of connected accounts only when asked on their behalf."""
    asked = call.params
    world.forget_old_events()
    if "type" in asked and "types" in asked:
        raise invalid("You may pass either type or types.", "types")
    types = asked.get("types") or ([asked["type"]] if "type" in asked else None)
    return page(
        call,
        [event for event in world.events if event.account == call.account],
        keep=lambda event: (
            (types is None or event.type in types) and within(event.created, asked.get("created"))
        ),
        ident=lambda event: event.id,
        show=lambda event: event.show(),
        what="event",
    )


def sign(event: Obj, secret: str, at: int) -> tuple[dict[str, str], bytes]:
    """The headers and raw body of a webhook delivery, signed as Stripe signs."""
    body = json.dumps(event, indent=2).encode()
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": f"t={at},v1={mac}",
        "User-Agent": "Stripe/1.0 (helpspace sandbox)",
    }
    return headers, body


def create_endpoint(world: World, call: Call) -> Obj:
    """Register a webhook endpoint; its secret is shown this once."""
    asked = call.params
    endpoint: Obj = {
        "id": world.new_id("we_"),
        "object": "webhook_endpoint",
        "api_version": asked.get("api_version"),
        "application": "ca_sandbox" if asked.get("connect") else None,
        "created": world.now,
        "description": asked.get("description"),
        "enabled_events": asked["enabled_events"],
        "livemode": False,
        "metadata": merged({}, asked.get("metadata", {})),
        "status": "enabled",
        "url": asked["url"],
    }
    world.add(endpoint)
    return {**endpoint, "secret": world.new_id("whsec_", 32)}


def list_endpoints(world: World, call: Call) -> Obj:
    """The registered endpoints, without their secrets."""
    return page_of(world, call, "webhook_endpoint", lambda _: True)


EVENTS = {
    **DATED,
    "type": text(),
    "types": many(text(), MOST_TYPES),
    "delivery_success": flag(),
}
ENDPOINT = {
    "url": need(address()),
    "enabled_events": need(many(text(), 300)),
    "api_version": choice(API_VERSION),
    "connect": flag(),
    "description": clearable(text()),
    "metadata": labels(),
}
ROUTES = (
    Route("GET", "/v1/events", listing, EVENTS, connected=True),
    Route("GET", "/v1/events/{}", retrieve, connected=True),
    Route("POST", "/v1/webhook_endpoints", create_endpoint, ENDPOINT),
    Route("GET", "/v1/webhook_endpoints", list_endpoints, PAGING),
)
