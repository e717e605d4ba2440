"""The account behind a key: whose platform this is."""

from __future__ import annotations

from helpspace.sandbox.stripe.accounts import account_settings
from helpspace.sandbox.stripe.answers import Call
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import PLATFORM, World


def own(world: World, call: Call) -> Obj:
    """The account that asks: the platform's own, or the connected one that it asks for."""
    if call.account != PLATFORM:
        return world.account(call.account)
    return {
        "id": world.platform,
        "object": "account",
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "GB",
        "default_currency": "gbp",
        "details_submitted": True,
        "email": "platform@helpspace.example",
        "payouts_enabled": True,
        "settings": account_settings(),
        "type": "standard",
    }


ROUTES = (Route("GET", "/v1/account", own, connected=True),)
