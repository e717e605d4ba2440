"""A platform with the real SDK on a sandbox, and the usual first steps of a practice."""

from __future__ import annotations

from typing import Any

import stripe

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe import API_VERSION, StripeSandbox
from helpspace.sandbox.stripe.transport import SandboxHTTPClient

START = 1_900_000_000
HOUR = 3600
KEY = "sk_test_helpspace"
OK_CARD = "4242424242424242"
ASKS_ONCE = "4000002500003155"
ALWAYS_ASKS = "4000002760003184"
SAVES_THEN_DECLINES = "4000000000000341"
SAVES_THEN_EMPTY = "4000008260003178"
DISPUTES = "4000000000000259"
BACK = "https://helpspace.invalid/back"


class Platform:
    """Helpspace's own Stripe account as the sandbox knows it, reached through the real SDK."""

    def __init__(self, *, http_client: stripe.HTTPClient | None = None, retries: int = 0) -> None:
        self.clock = MovableClock(START)
        self.slept: list[float] = []
        self.sandbox = StripeSandbox(self.clock, sleep=self.slept.append)
        self.stripe = self.client(http_client=http_client, retries=retries)

    def client(
        self,
        key: str = KEY,
        *,
        http_client: stripe.HTTPClient | None = None,
        retries: int = 0,
        base: str | None = None,
    ) -> stripe.StripeClient:
        """A client of the real SDK."""
        return stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            http_client=http_client or SandboxHTTPClient(self.sandbox),
            max_network_retries=retries,
            base_addresses={"api": base} if base else None,
        )

    def new_account(self) -> stripe.Account:
        """An account that has not been onboarded."""
        return self.stripe.v1.accounts.create(
            {
                "country": "GB",
                "email": "t@example.org",
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
                "business_profile": {"mcc": "8099", "product_description": "Sessions"},
                "metadata": {"therapist_id": "t1"},
            }
        )

    def therapist(self) -> str:
        """The id of an account that is ready to be paid."""
        account = self.new_account().id
        self.sandbox.complete_onboarding(account)
        return account

    def customer(self) -> str:
        """The id of a new customer."""
        return self.stripe.v1.customers.create({"metadata": {"client_id": "c1"}}).id

    def card_page(self, customer: str, **more: Any) -> stripe.checkout.Session:
        """A page on which a customer puts a card on record."""
        return self.stripe.v1.checkout.sessions.create(
            {
                "mode": "setup",
                "customer": customer,
                "payment_method_types": ["card"],
                "success_url": BACK + "?session={CHECKOUT_SESSION_ID}",
                "cancel_url": BACK,
                "expires_at": self.clock.now() + 31 * 60,
                **more,
            }
        )

    def card(self, customer: str, number: str = OK_CARD) -> str:
        """The id of a card put on a customer's record."""
        page = self.card_page(customer)
        result = self.sandbox.type_card(page.id, number)
        assert result.ok, result
        done = self.stripe.v1.checkout.sessions.retrieve(page.id, {"expand": ["setup_intent"]})
        method = done.setup_intent.payment_method
        assert isinstance(method, str)
        return method

    def intent(self, customer: str, therapist: str, **more: Any) -> stripe.PaymentIntent:
        """An unconfirmed intent for a session of sixty pounds."""
        return self.stripe.v1.payment_intents.create(
            {
                "amount": 6000,
                "currency": "gbp",
                "customer": customer,
                "payment_method_types": ["card"],
                "on_behalf_of": therapist,
                "transfer_data": {"destination": therapist},
                "metadata": {"appointment": "a1"},
                **more,
            }
        )

    def charge(
        self, intent: str, method: str, key: str | None = None, **more: Any
    ) -> stripe.PaymentIntent:
        """Confirm an intent while the client is away."""
        return self.stripe.v1.payment_intents.confirm(
            intent,
            {"payment_method": method, "off_session": True, **more},
            {"idempotency_key": key} if key else {},
        )

    def paid(self, number: str = OK_CARD, **more: Any) -> stripe.PaymentIntent:
        """A session that has been paid."""
        customer, therapist = self.customer(), self.therapist()
        intent = self.intent(customer, therapist, **more)
        return self.charge(intent.id, self.card(customer, number))

    def types(self, account: str = "") -> list[str]:
        """The types of all events so far."""
        return [event["type"] for event in self.sandbox.events(account=account)]
