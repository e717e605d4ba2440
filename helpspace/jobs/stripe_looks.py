"""What is looked at long after a payment: transfers to take back, disputes, cards on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from helpspace.core.cards import CardFound
from helpspace.core.payments.debts import TakenBack, TakingBack
from helpspace.core.payments.disputing import DisputeSeen
from helpspace.jobs.stripe_answers import Obj, card_found, code_of
from helpspace.jobs.stripe_calls import Calls, fault, with_key

NOT_THERE = "resource_missing"


class LookCalls(Calls):
    """Calls of the sweeps that follow up what was paid."""

    def take_back(self, order: TakingBack) -> TakenBack:
        """Look at the transfer of an intent, and take back what is left of it.

        It is read first at every try, so that a lost answer is found, not repeated.
        """
        v1 = self._client.v1
        try:
            asked: Any = {"expand": ["latest_charge"]}
            intent = self._call(
                "GET intents/id", lambda: v1.payment_intents.retrieve(order.stripe_id, asked)
            )
            charge = intent.get("latest_charge")
            transfer_id = charge.get("transfer") if isinstance(charge, Mapping) else None
            if not isinstance(transfer_id, str):
                return TakenBack("no_transfer")
            there = self._call("GET transfers/id", lambda: v1.transfers.retrieve(transfer_id))
            left = int(there["amount"]) - int(there.get("amount_reversed") or 0)
            if left <= 0:
                return TakenBack(None, _last_reversal(there))
            params: Any = {"amount": left, "metadata": order.metadata}
            if order.with_commission:
                params["refund_application_fee"] = True
            options = with_key(order.key)
            made = self._call(
                "POST reversals",
                lambda: v1.transfers.reversals.create(transfer_id, params, options),
            )
            return TakenBack(None, str(made["id"]))
        except stripe.StripeError as error:
            return TakenBack(code_of(error))
        except (KeyError, TypeError, ValueError, AttributeError):
            return TakenBack("unreadable")

    def dispute(self, dispute_id: str) -> DisputeSeen | None:
        """Read a dispute back; None for one that is not there."""
        disputes = self._client.v1.disputes
        try:
            found = self._call("GET disputes/id", lambda: disputes.retrieve(dispute_id))
        except stripe.StripeError as error:
            if code_of(error) == NOT_THERE:
                return None
            raise fault(error) from None
        return dispute_seen(found)

    def disputes(self, since: int) -> list[DisputeSeen]:
        """Return every dispute that was opened since an instant."""
        asked: Any = {"created": {"gte": since}}
        try:
            listed = self._listed("GET disputes", self._client.v1.disputes.list, asked)
            return [dispute_seen(one) for one in listed]
        except stripe.StripeError as error:
            raise fault(error) from None

    def look_at_card(self, method: str, customer: str) -> CardFound | None:
        """Read a card on record back; None for one that is its customer's no longer."""
        methods = self._client.v1.payment_methods
        try:
            found = self._call("GET payment_methods/id", lambda: methods.retrieve(method))
        except stripe.StripeError as error:
            if code_of(error) == NOT_THERE:
                return None
            raise fault(error) from None
        return card_found(found) if found.get("customer") == customer else None

    def let_go_of_card(self, method: str, customer: str) -> None:
        """Take a card off its customer's record; one that is gone is what was wanted.

        It is read first, so that an answer that was lost is found at the next try.
        """
        if self.look_at_card(method, customer) is not None:
            methods = self._client.v1.payment_methods
            self._asked("POST payment_methods/detach", lambda: methods.detach(method))


def _last_reversal(transfer: Obj) -> str | None:
    listed = (transfer.get("reversals") or {}).get("data") or []
    return str(listed[0]["id"]) if listed else None


def dispute_seen(dispute: Obj) -> DisputeSeen:
    """Read a dispute: the bank has the money while its movements come to less than nothing."""
    moved = sum(int(one.get("amount") or 0) for one in dispute.get("balance_transactions") or [])
    intent = dispute.get("payment_intent")
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    return DisputeSeen(
        stripe_id=str(dispute["id"]),
        intent=intent if isinstance(intent, str) else None,
        amount=int(dispute["amount"]),
        status=str(dispute["status"]),
        reason=None if dispute.get("reason") is None else str(dispute["reason"])[:60],
        withdrawn=moved < 0,
        refundable=bool(dispute.get("is_charge_refundable")),
        due_by=None if due_by is None else int(due_by),
    )
