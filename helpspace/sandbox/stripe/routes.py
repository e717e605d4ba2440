"""How a request finds its endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from helpspace.sandbox.stripe.answers import Call
from helpspace.sandbox.stripe.params import Kind, Obj, Shape, many, text
from helpspace.sandbox.stripe.state import World

Handler = Callable[[World, Call], Obj]
# the last noun of a path says what its endpoint answers with
NOUNS = {
    "application_fees": "application_fee",
    "balance_transactions": "balance_transaction",
    "charges": "charge",
    "customers": "customer",
    "disputes": "dispute",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "payouts": "payout",
    "refunds": "refund",
    "reversals": "transfer_reversal",
    "sessions": "checkout.session",
    "setup_intents": "setup_intent",
    "transfers": "transfer",
}
EXPAND: dict[str, Kind] = {"expand": many(text(), 20)}


@dataclass(frozen=True)
class Route:
    """One endpoint: `{}` in the path stands for an id; `connected` allows Stripe-Account."""

    method: str
    path: str
    handler: Handler
    shape: Shape = field(default_factory=dict)
    connected: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression."""
        return re.compile("([^/]+)".join(map(re.escape, self.path.split("{}"))))

    @property
    def answers(self) -> tuple[str, bool]:
        """What kind of object comes back, and whether a list of it does."""
        steps = self.path.split("/")
        nouns = [NOUNS[step] for step in steps if step in NOUNS]
        return nouns[-1] if nouns else "", self.method == "GET" and steps[-1] in NOUNS

    @property
    def full_shape(self) -> Shape:
        """Every endpoint knows `expand`."""
        return {**self.shape, **EXPAND}
