"""The therapists' connected accounts at Stripe: made, found again, looked at, and led into (J5).

Stripe asks the therapist itself; we send the e-mail address, what kind of account it is, and ids of
ours by which it is found again.
"""

from __future__ import annotations

from typing import Any

import stripe

from helpspace.core.gateways import AccountOrder, AccountSeen
from helpspace.core.links import bot_address
from helpspace.jobs.stripe_answers import account_seen, code_of
from helpspace.jobs.stripe_calls import Calls, fault, with_key

GONE = ("account_invalid", "resource_missing")
"""Codes of an account to which this platform has no access any more."""

TRADE = {"mcc": "8099", "product_description": "Sessions by appointment, booked online"}
"""What the business does, so that Stripe need not ask: health practitioners."""


class AccountCalls(Calls):
    """Calls about connected accounts: Express, in GB, with both capabilities."""

    def platform(self) -> str:
        """Return the id of the account that the key belongs to; Stripe is asked once a process."""
        try:
            return self._own_account()
        except stripe.StripeError as error:
            raise fault(error) from None

    def make_account(self, order: AccountOrder) -> str:
        """Create a therapist's account and return its id; safe to repeat under the same key."""
        accounts = self._client.v1.accounts
        params: Any = {
            "country": "GB",
            "email": order.email,
            "business_type": "individual",
            "business_profile": TRADE,
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
            "metadata": order.metadata,
        }
        made = self._asked("POST accounts", lambda: accounts.create(params, with_key(order.key)))
        return str(made["id"])

    def find_account(self, order: AccountOrder) -> str | None:
        """Return the account that was made for an order, the oldest if ever there are two."""
        accounts = self._client.v1.accounts
        asked = {"created": {"gte": order.since}}
        try:
            found = [
                str(one["id"])
                for one in self._listed("GET accounts", accounts.list, asked)
                if dict(one.get("metadata") or {}) == order.metadata
            ]
        except stripe.StripeError as error:
            raise fault(error) from None
        return found[-1] if found else None

    def look_at_account(self, account: str) -> AccountSeen:
        """Read a connected account back; one that has withdrawn its access can do nothing."""
        accounts = self._client.v1.accounts
        try:
            found = self._call("GET accounts/id", lambda: accounts.retrieve(account))
        except stripe.StripeError as error:
            if code_of(error) in GONE:
                return AccountSeen(account, False, False, ("access_withdrawn",), gone=True)
            raise fault(error) from None
        return account_seen(found)

    def onboarding_link(self, account: str) -> str:
        """Make a link into Stripe's own questions: one visit, a few minutes, kept nowhere."""
        links = self._client.v1.account_links
        back = self._back()
        params: Any = {
            "account": account,
            # Stripe refuses `account_update` for accounts with its Express dashboard.
            "type": "account_onboarding",
            "refresh_url": back,
            "return_url": back,
        }
        made = self._asked("POST account_links", lambda: links.create(params, with_key(None)))
        return str(made["url"])

    def dashboard_link(self, account: str) -> str:
        """Make a link into the therapist's own dashboard at Stripe: one visit, kept nowhere."""
        links = self._client.v1.accounts.login_links
        empty: Any = {}
        made = self._asked("POST login_links", lambda: links.create(account, empty, with_key(None)))
        return str(made["url"])

    def _back(self) -> str:
        """Return where Stripe's pages lead back to; the visit itself proves nothing (J5)."""
        if self._public_url is None:
            return bot_address(self._bot())
        return f"{self._public_url}/payments/done"
