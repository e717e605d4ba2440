"""Stripe through its own SDK: our timeouts, our repeats, our rate, and plain answers.

No name, address or description of a session is ever sent: customers and payments carry ids of ours
only (P1). Nothing is logged of what is sent.
"""

from __future__ import annotations

from typing import Any

import stripe

from helpspace.core.cards import PageOrder
from helpspace.core.gateways import EventSeen, PageSeen, PaymentSeen, StripeState
from helpspace.core.hearing import HEARD, event_of
from helpspace.core.links import return_address
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.payments.steps import (
    Answer,
    CancelIntent,
    ConfirmIntent,
    FindIntent,
    LookAtIntent,
    MakeIntent,
    MakeRefund,
    NoAnswer,
    NotThere,
    RefundsSeen,
    Step,
)
from helpspace.jobs.stripe_accounts import AccountCalls
from helpspace.jobs.stripe_answers import (
    Obj,
    answer_to,
    code_of,
    intent_seen,
    page_seen,
    payment_seen,
    refund_seen,
)
from helpspace.jobs.stripe_calls import API_VERSION, TIMEOUT, fault, with_key
from helpspace.jobs.stripe_customers import CustomerCalls
from helpspace.jobs.stripe_looks import LookCalls
from helpspace.jobs.stripe_payouts import PayoutCalls

__all__ = ("API_VERSION", "TIMEOUT", "Stripe")

SAVED = 500
"""The failure that Stripe saves; when it is away or too busy nothing is kept."""

KEPT = 2 * DAY
"""How long ago a customer may have been made that is looked for after a failure: keys and what is
saved under them last a day."""

SHORTEST_PAGE = 30 * MINUTE + 15
"""The shortest life of a card page at Stripe, with a little for the way there."""


class Stripe(AccountCalls, CustomerCalls, LookCalls, PayoutCalls):
    """The real Stripe behind `core.gateways.StripeGateway`; one for all threads of a process."""

    # What people wait for

    def make_customer(self, order: PageOrder) -> str:
        """Create a client's customer: ids of ours only, no name and no address.

        Stripe repeats a saved failure under its key for a day. So after one the customer is looked
        for, and made under another key where it is not there (M5).
        """
        try:
            return self._new_customer(order, order.customer_key)
        except stripe.StripeError as error:
            if error.http_status != SAVED:
                raise fault(error) from None
        made = self.find_customer(order.metadata, since=self._clock.now() - KEPT)
        key = f"{order.customer_key}:{self._clock.now() // MINUTE}"
        return made or self._asked_customer(order, key)

    def _asked_customer(self, order: PageOrder, key: str) -> str:
        try:
            return self._new_customer(order, key)
        except stripe.StripeError as error:
            raise fault(error) from None

    def _new_customer(self, order: PageOrder, key: str) -> str:
        customers = self._client.v1.customers
        params: Any = {"metadata": {k: order.metadata[k] for k in ("store", "client")}}
        made = self._call("POST customers", lambda: customers.create(params, with_key(key)))
        return str(made["id"])

    def make_page(self, order: PageOrder, customer: str) -> tuple[str, str]:
        """Create the page on which a client puts a card on record; it closes by itself (B3)."""
        sessions = self._client.v1.checkout.sessions
        # A page asked for late still needs its shortest life; then it is another request.
        closes = max(order.expires_at, self._clock.now() + SHORTEST_PAGE)
        key = order.page_key if closes == order.expires_at else f"{order.page_key}:{closes}"
        params: Any = {
            "mode": "setup",
            "customer": customer,
            "payment_method_types": ["card"],
            "success_url": self._return_url(),
            "cancel_url": return_address(self._bot()),
            "client_reference_id": order.request_id,
            "expires_at": closes,
            "metadata": order.metadata,
            "setup_intent_data": {"metadata": order.metadata},
        }
        made = self._asked(
            "POST sessions",
            lambda: sessions.create(params, with_key(key)),
        )
        return str(made["id"]), str(made["url"])

    def _return_url(self) -> str:
        if self._public_url is None:
            return return_address(self._bot())
        return f"{self._public_url}/card/done?session={{CHECKOUT_SESSION_ID}}"

    def look_at_page(self, session: str) -> PageSeen:
        """Read a card page back, with the card if there is one."""
        sessions = self._client.v1.checkout.sessions
        params: Any = {"expand": ["setup_intent.payment_method"]}
        found = self._asked(
            "GET sessions/id",
            lambda: sessions.retrieve(session, params),
        )
        return page_seen(found)

    def check(self) -> StripeState:
        """Ask for the balance: whether Stripe answers, to which kind of key, by what clock."""
        balance = self._client.v1.balance
        try:
            found = self._call("GET balance", balance.retrieve, guarded=False)
        except stripe.StripeError as error:
            return StripeState(code_of(error))
        return StripeState(None, bool(found.get("livemode")))

    def clock_ahead(self) -> int | None:
        """Return by how many seconds Stripe's clock is ahead of ours, None before any answer.

        It goes on from the last answer by the monotonic clock: a jump of ours shows at once.
        """
        if self._heard is None:
            return None
        theirs, then = self._heard
        return theirs + int(self._monotonic() - then) - self._clock.now()

    # Settlement

    def carry_out(self, step: Step) -> Answer:
        """Take one step; every outcome is an answer (M5)."""
        try:
            return self._take(step)
        except stripe.StripeError as error:
            return answer_to(error, step)
        except (KeyError, TypeError, ValueError, AttributeError):
            return NoAnswer("unreadable")

    def _take(self, step: Step) -> Answer:
        if isinstance(step, MakeIntent):
            return self._make_intent(step)
        if isinstance(step, FindIntent):
            return self._find_intent(step)
        if isinstance(step, ConfirmIntent):
            return self._confirm(step)
        if isinstance(step, LookAtIntent):
            intents = self._client.v1.payment_intents
            asked: Any = {"expand": ["latest_charge"]}
            found = self._call("GET intents/id", lambda: intents.retrieve(step.stripe_id, asked))
            return intent_seen(found)
        if isinstance(step, CancelIntent):
            intents, options = self._client.v1.payment_intents, with_key(None)
            done = self._call(
                "POST intents/id/cancel", lambda: intents.cancel(step.stripe_id, {}, options)
            )
            return intent_seen(done)
        if isinstance(step, MakeRefund):
            return self._make_refund(step)
        refunds = self._client.v1.refunds
        of: Any = {"payment_intent": step.stripe_id}
        listed = self._listed("GET refunds", refunds.list, of)
        return RefundsSeen(tuple(refund_seen(one) for one in listed))

    def _make_intent(self, step: MakeIntent) -> Answer:
        intents = self._client.v1.payment_intents
        params: Any = {
            "amount": step.amount,
            "currency": "gbp",
            "customer": step.customer,
            "payment_method_types": ["card"],
            "on_behalf_of": step.account,
            "transfer_data": {"destination": step.account},
            "metadata": dict(step.metadata),
        }
        if step.commission > 0:
            params["application_fee_amount"] = step.commission
        options = with_key(step.key)
        made = self._call(
            "POST intents",
            lambda: intents.create(params, options),
        )
        return intent_seen(made)

    def _find_intent(self, step: FindIntent) -> Answer:
        intents = self._client.v1.payment_intents
        for one in self._listed("GET intents", intents.list, {"customer": step.customer}):
            metadata = one.get("metadata") or {}
            if metadata.get("store") == step.store and metadata.get("intent") == step.intent_id:
                return intent_seen(one)
        return NotThere()

    def _confirm(self, step: ConfirmIntent) -> Answer:
        intents = self._client.v1.payment_intents
        params: Any = {"payment_method": step.card}
        if step.return_url is None:
            params["off_session"] = True
        else:
            params["return_url"] = step.return_url
        options = with_key(step.key)
        done = self._call(
            "POST intents/id/confirm",
            lambda: intents.confirm(step.stripe_id, params, options),
        )
        return intent_seen(done)

    def _make_refund(self, step: MakeRefund) -> Answer:
        refunds = self._client.v1.refunds
        params: Any = {
            "payment_intent": step.stripe_id,
            "amount": step.amount,
            "metadata": dict(step.metadata),
        }
        if step.reverse:
            params["reverse_transfer"] = True
        if step.with_commission:
            params["refund_application_fee"] = True
        options = with_key(step.key)
        made = self._call(
            "POST refunds",
            lambda: refunds.create(params, options),
        )
        return refund_seen(made)

    # Listening and comparing

    def events_after(self, cursor: str | None) -> list[EventSeen]:
        """Return events of the types we hear, newer than a cursor, oldest first.

        A cursor that Stripe has forgotten (30 days) begins anew at the newest one.
        """
        events = self._client.v1.events
        asked: Any = {"types": list(HEARD)}
        try:
            if cursor is None:
                one: Any = {**asked, "limit": 1}
                newest = self._call("GET events", lambda: events.list(one))
                return [event_of(event) for event in newest["data"]]
            found = [*self._listed("GET events", events.list, asked, before=cursor or None)]
        except stripe.StripeError as error:
            if cursor and code_of(error) == "resource_missing":
                return self.events_after(None)
            raise fault(error) from None
        return [event_of(one) for one in (found if cursor else reversed(found))]

    def payments(self, store: str) -> list[PaymentSeen]:
        """Return every PaymentIntent with a store's name on it, with its refunds (M8)."""
        v1 = self._client.v1
        try:
            intents = [
                one
                for one in self._listed("GET intents", v1.payment_intents.list, {})
                if (one.get("metadata") or {}).get("store") == store
            ]
            refunds: dict[str, list[Obj]] = {}
            for one in self._listed("GET refunds", v1.refunds.list, {}):
                refunds.setdefault(str(one.get("payment_intent")), []).append(one)
        except stripe.StripeError as error:
            raise fault(error) from None
        return [payment_seen(one, refunds.get(str(one["id"]), [])) for one in intents]
