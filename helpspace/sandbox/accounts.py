"""Connected accounts for sample therapists, made at whatever Stripe the settings name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import stripe

from helpspace.core.errors import OutsideFault
from helpspace.jobs.limiter import Limiter
from helpspace.jobs.stripe import API_VERSION, TIMEOUT
from helpspace.jobs.stripe_answers import code_of
from helpspace.sandbox.sample import MakeAccounts
from helpspace.settings import Settings

AT_ONCE = 16
"""Calls under way at the same time; the rate of the settings holds for all of them."""


def maker(settings: Settings, http_client: stripe.HTTPClient | None = None) -> MakeAccounts | None:
    """Return what makes accounts with the test key of these settings; None without a key.

    `http_client` stands in for the network.
    """
    if not settings.stripe_key or settings.stripe_is_live:
        return None
    stripe.enable_telemetry = False
    client = stripe.StripeClient(
        settings.stripe_key,
        base_addresses={"api": settings.stripe_api},
        stripe_version=API_VERSION,
        max_network_retries=2,
        http_client=http_client or stripe.RequestsClient(timeout=TIMEOUT),
    )
    limiter = Limiter(settings.stripe_rate)

    def make(email: str) -> str:
        limiter.turn("accounts")
        asked: Any = {
            "country": "GB",
            "email": email,
            "business_type": "individual",
            "controller": {
                "stripe_dashboard": {"type": "express"},
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
            },
            "capabilities": {
                "card_payments": {"requested": True},
                "transfers": {"requested": True},
            },
            "metadata": {"sample": "1"},
        }
        return client.v1.accounts.create(asked).id

    def make_all(emails: list[str]) -> list[str]:
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                return list(pool.map(make, emails))
        except stripe.StripeError as error:
            raise OutsideFault(
                f"Stripe did not make the accounts ({code_of(error)})",
                "Check HELPSPACE_STRIPE_KEY and HELPSPACE_STRIPE_API with helpspace doctor.",
            ) from None

    return make_all
