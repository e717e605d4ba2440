"""The customers of a store at Stripe, read back after a restore (D5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import stripe

from helpspace.core.cards import CardFound
from helpspace.core.gateways import CustomerSeen
from helpspace.jobs.stripe_answers import Obj, card_found
from helpspace.jobs.stripe_calls import Calls, fault


class CustomerCalls(Calls):
    """Calls about customers and the cards on their records."""

    def customers(self, store: str, known: Collection[str]) -> list[CustomerSeen]:
        """Return every customer with a store's name on it, newest first, by lists and no search.

        The cards are read for those of known clients only.
        """
        listing = self._client.v1.customers
        found = []
        try:
            for one in self._listed("GET customers", listing.list, {}):
                metadata = one.get("metadata") or {}
                if metadata.get("store") == store:
                    client_id = str(metadata.get("client", ""))
                    cards = self._cards_of(str(one["id"])) if client_id in known else ()
                    found.append(CustomerSeen(str(one["id"]), client_id, cards))
        except stripe.StripeError as error:
            raise fault(error) from None
        return found

    def find_customer(self, metadata: Mapping[str, str], *, since: int) -> str | None:
        """Return a client's customer that was made since an instant, the oldest if there are two.

        By a list: a search lags behind by up to a minute.
        """
        listing = self._client.v1.customers
        wanted = {name: metadata[name] for name in ("store", "client")}
        asked = {"created": {"gte": since}}
        try:
            found = [
                str(one["id"])
                for one in self._listed("GET customers", listing.list, asked)
                if dict(one.get("metadata") or {}) == wanted
            ]
        except stripe.StripeError as error:
            raise fault(error) from None
        return found[-1] if found else None

    def _cards_of(self, customer: str) -> tuple[CardFound, ...]:
        methods = self._client.v1.payment_methods
        asked = {"customer": customer, "type": "card"}
        found: list[Obj] = [*self._listed("GET payment_methods", methods.list, asked)]
        found.sort(key=lambda one: int(one.get("created") or 0), reverse=True)
        return tuple(card_found(one) for one in found)

    def forget_customer(self, customer: str) -> None:
        """Take every card off a customer's record and delete it; one that is gone will do (D6)."""
        customers, methods = self._client.v1.customers, self._client.v1.payment_methods
        try:
            for card in self._cards_of(customer):
                self._call(
                    "POST payment_methods/detach",
                    lambda card=card: methods.detach(card.method),  # type: ignore[misc]
                )
            self._call("DELETE customers", lambda: customers.delete(customer))
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise fault(error) from None
        except stripe.StripeError as error:
            raise fault(error) from None
