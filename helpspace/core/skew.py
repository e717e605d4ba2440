"""How far the application's clock is from Stripe's, before money is taken by it (D4)."""

from __future__ import annotations

from helpspace.core.gateways import StripeGateway
from helpspace.core.moments import MINUTE
from helpspace.core.practice import Practice

MOST_SKEW = 5 * MINUTE
"""How far the application's clock may be from Stripe's before it stops what cannot be undone."""


def skew(practice: Practice, stripe: StripeGateway) -> int | None:
    """Return how many seconds Stripe's clock is ahead of the application's; None if unknown."""
    ahead = stripe.clock_ahead()
    return None if ahead is None else ahead - (practice.now() - practice.clock.now())


def is_wrong(practice: Practice, stripe: StripeGateway) -> bool:
    """Say whether the clock is known to be too far away; one never heard of is not."""
    off = skew(practice, stripe)
    return off is not None and abs(off) > MOST_SKEW
