"""From a request to an answer: who asks, what for, whether it was asked before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from helpspace.sandbox.stripe import (
    accounts,
    balance,
    charges,
    checkout,
    customers,
    disputes,
    events,
    payment_intents,
    payouts,
    platform,
    refunds,
    transfers,
)
from helpspace.sandbox.stripe.answers import Call, check_expand, render
from helpspace.sandbox.stripe.errors import ApiError, invalid, unauthorised
from helpspace.sandbox.stripe.params import Obj, decode, read_params
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import API_VERSION, PLATFORM, World

ROUTES: tuple[Route, ...] = (
    *accounts.ROUTES,
    *balance.ROUTES,
    *charges.ROUTES,
    *checkout.ROUTES,
    *customers.ROUTES,
    *disputes.ROUTES,
    *events.ROUTES,
    *payment_intents.ROUTES,
    *payouts.ROUTES,
    *platform.ROUTES,
    *refunds.ROUTES,
    *transfers.ROUTES,
)
PATTERNS = [(route, route.pattern) for route in ROUTES]


@dataclass(frozen=True)
class Response:
    """What goes back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


@dataclass
class Request:
    """One request as a test sees it afterwards; `began` and `ended` are seconds of a real clock."""

    number: int
    at: int
    method: str
    path: str
    params: Obj
    idempotency_key: str | None
    account: str
    headers: Mapping[str, str]
    began: float
    ended: float | None = None
    status: int | None = None
    replayed: bool = False
    fault: str | None = None


@dataclass
class Incoming:
    """A request taken apart as far as that goes without judging it."""

    call: Call
    headers: Mapping[str, str]
    unreadable: ApiError | None = None
    shown: Mapping[str, str] = field(default_factory=dict)


def take_apart(
    method: str, target: str, headers: Mapping[str, str], body: bytes, request_id: str
) -> Incoming:
    """Read the request line, headers and parameters; what cannot be read is refused later."""
    low = {name.lower(): value for name, value in headers.items()}
    parts = urlsplit(target)
    call = Call(method.upper(), parts.path, {}, request_id=request_id)
    call.account = low.get("stripe-account", PLATFORM)
    if call.method == "POST":
        call.key = low.get("idempotency-key")
    shown = {name: value for name, value in low.items() if name != "authorization"}
    incoming = Incoming(call, low, None, shown)
    try:
        encoded = body.decode() if call.method == "POST" else parts.query
        call.raw = decode(encoded)
    except UnicodeDecodeError:
        incoming.unreadable = invalid("The request is not valid form encoding in UTF-8.")
    except ApiError as refusal:
        incoming.unreadable = refusal
    return incoming


def authorise(incoming: Incoming, api_key: str | None) -> None:
    """Let only test keys in, and only the API version that this sandbox speaks."""
    given = _key_of(incoming.headers.get("authorization", ""))
    if given.startswith(("sk_live", "rk_live")):
        raise unauthorised("This is a sandbox: live keys are refused here. Use a test key.")
    if not given.startswith(("sk_test_", "rk_test_")) or (api_key and given != api_key):
        raise unauthorised("Invalid API Key provided." if given else "No API key provided.")
    version = incoming.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"This sandbox speaks {API_VERSION} only; {version} was asked for.")


def _key_of(authorization: str) -> str:
    """The API key, given as a bearer or as the user of basic authentication."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def perform(world: World, incoming: Incoming) -> Obj:
    """Run the endpoint; its refusals leave as ApiError."""
    call = incoming.call
    if incoming.unreadable is not None:
        raise incoming.unreadable
    route, call.ids = find_route(call.method, call.path)
    if call.account != PLATFORM:
        world.account(call.account)
        if not route.connected:
            raise invalid("This sandbox does not do this on behalf of an account.")
    call.params = read_params(call.raw, route.full_shape)
    kind, many = route.answers
    expand = call.params.pop("expand", ())
    check_expand(expand, kind, many=many)
    world.cause = {"id": call.request_id, "idempotency_key": call.key}
    try:
        thing = route.handler(world, call)
        return render(world, thing, expand)
    finally:
        world.cause = {"id": None, "idempotency_key": None}


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The endpoint for a method and path, and the ids in the path."""
    for route, pattern in PATTERNS:
        found = pattern.fullmatch(path) if route.method == method else None
        if found is not None:
            return route, found.groups()
    raise ApiError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({method}: {path}). This sandbox answers what Helpspace calls.",
    )


def packed(
    status: int, body: bytes, call: Call, now: int, *, replayed_from: str | None = None
) -> Response:
    """An answer with the headers that Stripe sets."""
    headers = {
        "Content-Type": "application/json",
        "Date": formatdate(now, usegmt=True),
        "Request-Id": call.request_id,
        "Stripe-Version": API_VERSION,
    }
    if call.key is not None:
        headers["Idempotency-Key"] = call.key
    if call.account != PLATFORM:
        headers["Stripe-Account"] = call.account
    if replayed_from is not None:
        headers["Idempotent-Replayed"] = "true"
        headers["Original-Request"] = replayed_from
    if status == 500:
        headers["Stripe-Should-Retry"] = "false"
    return Response(status, headers, body)
