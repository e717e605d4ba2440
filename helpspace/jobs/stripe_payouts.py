"""What went to a therapist's bank, read from their connected account; nothing of it is kept (M7).

A destination charge reaches the account as a payment of its own, made by a transfer. Stripe's way
back from there to the charge is to expand `source_transfer.source_transaction`.
"""

from __future__ import annotations

from typing import Any

import stripe

from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import EntrySeen, PayoutSeen
from helpspace.jobs.stripe_accounts import GONE
from helpspace.jobs.stripe_answers import Obj, code_of
from helpspace.jobs.stripe_calls import Calls, fault

ORIGIN = "source_transfer.source_transaction"
EXPAND = [f"data.source.{ORIGIN}", "data.source.source_transfer_reversal"]

OUT = ("payout", "payout_cancel")
"""Movements that are a payout itself, not something in it."""


class PayoutCalls(Calls):
    """Calls about payouts, on behalf of connected accounts."""

    def payouts(self, account: str, since: int) -> list[PayoutSeen]:
        """Return the payouts made for an account since an instant, newest first."""
        listing = self._client.v1.payouts
        options: Any = {"stripe_account": account}
        try:
            found = [
                *self._listed(
                    "GET payouts",
                    lambda params: listing.list(params, options),
                    {"created": {"gte": since}},
                )
            ]
            return [self._payout(account, one) for one in found]
        except stripe.StripeError as error:
            if code_of(error) in GONE:
                raise OutsideFault(
                    "Stripe gives no access to this account any more",
                    "Its payouts stand in the therapist's own dashboard at Stripe.",
                ) from None
            raise fault(error) from None

    def _payout(self, account: str, payout: Obj) -> PayoutSeen:
        entries = None
        if payout.get("automatic") and payout.get("reconciliation_status") == "completed":
            entries = tuple(self._entries(account, str(payout["id"])))
        return PayoutSeen(
            stripe_id=str(payout["id"]),
            amount=int(payout["amount"]),
            currency=str(payout["currency"]),
            status=str(payout["status"]),
            created_at=int(payout["created"]),
            arrives_at=int(payout["arrival_date"]),
            failure=payout.get("failure_code"),
            entries=entries,
        )

    def _entries(self, account: str, payout: str) -> list[EntrySeen]:
        listing = self._client.v1.balance_transactions
        options: Any = {"stripe_account": account}
        moved = self._listed(
            "GET balance_transactions",
            lambda params: listing.list(params, options),
            {"payout": payout, "expand": EXPAND},
        )
        return [self._entry(account, one) for one in moved if one.get("type") not in OUT]

    def _entry(self, account: str, moved: Obj) -> EntrySeen:
        source = moved.get("source")
        origin: Obj = {}
        refund = None
        if isinstance(source, dict) and source.get("object") == "charge":
            origin = _origin(source)
        elif isinstance(source, dict) and source.get("object") == "refund":
            reversal = source.get("source_transfer_reversal")
            refund = reversal.get("source_refund") if isinstance(reversal, dict) else None
            if refund is None and source.get("charge"):
                origin = self._origin_of(account, str(source["charge"]))
        labels = origin.get("metadata") or {}
        return EntrySeen(
            kind=str(moved["type"]),
            amount=int(moved["amount"]),
            fee=int(moved["fee"]),
            payment_intent=origin.get("payment_intent"),
            refund=refund,
            store=labels.get("store"),
            appointment_id=labels.get("appointment"),
        )

    def _origin_of(self, account: str, payment: str) -> Obj:
        """Read the client's charge behind a payment that an account got and gave back."""
        charges = self._client.v1.charges
        asked: Any = {"expand": [ORIGIN]}
        options: Any = {"stripe_account": account}
        found = self._call("GET charges/id", lambda: charges.retrieve(payment, asked, options))
        return _origin(found)


def _origin(payment: Obj) -> Obj:
    """Return the client's charge behind an account's payment; empty where there is none."""
    transfer = payment.get("source_transfer")
    charge = transfer.get("source_transaction") if isinstance(transfer, dict) else None
    return charge if isinstance(charge, dict) else {}
