"""Whether the application's clock can be trusted, by the Date of Stripe's answers (D4)."""

from __future__ import annotations

from helpspace.core.gateways import StripeGateway
from helpspace.core.practice import Practice
from helpspace.core.skew import MOST_SKEW, skew
from helpspace.jobs.report import Report


def stopped(practice: Practice, stripe: StripeGateway | None) -> Report | None:
    """Return what a sweep reports that must not run under a wrong clock; None if it may run.

    A clock that was not looked at yet, or looks wrong, is looked at now; while Stripe does not
    answer, one that looks wrong counts as wrong. Without Stripe there is nothing to compare with,
    and no money at stake.
    """
    if stripe is None:
        return None
    off = skew(practice, stripe)
    if off is not None and abs(off) <= MOST_SKEW:
        return None
    heard = stripe.check().trouble is None
    off = skew(practice, stripe)
    if off is None or abs(off) <= MOST_SKEW:
        return None
    if not heard:
        return Report(0, "stopped: Stripe does not answer", "stripe_unheard")
    return Report(0, f"stopped: the clock is {abs(off)} s away from Stripe's", "clock_skew")
