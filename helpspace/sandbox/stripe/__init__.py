"""A stateful, strict stand-in for Stripe: `StripeSandbox`, its transport and its HTTP app.

Importing this package loads neither the SDK nor a web framework: `transport` and `http` do.
"""

from __future__ import annotations

from helpspace.sandbox.stripe.cards import CardAnswer, CardResult
from helpspace.sandbox.stripe.errors import NoAnswer
from helpspace.sandbox.stripe.ledger import LedgerError, LedgerRow
from helpspace.sandbox.stripe.sandbox import StripeSandbox
from helpspace.sandbox.stripe.state import API_VERSION

__all__ = [
    "API_VERSION",
    "CardAnswer",
    "CardResult",
    "LedgerError",
    "LedgerRow",
    "NoAnswer",
    "StripeSandbox",
]
