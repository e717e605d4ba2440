"""Whether the Stripe key belongs to the account that the store knows (A5)."""

from __future__ import annotations

from helpspace.core import platform
from helpspace.core.errors import KeyFault, OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.practice import Practice
from helpspace.jobs.report import Report

OTHER = (
    "HELPSPACE_STRIPE_KEY belongs to another Stripe account than this store; set a key of that"
    " account, or use another store (helpspace doctor names both)"
)


def stopped(practice: Practice, stripe: StripeGateway) -> Report | None:
    """Return what a sweep reports that must not run with this key; None if it may run.

    With a key of another platform every account and every payment would seem to be gone: people
    would be told so, and profiles hidden, for nothing.
    """
    try:
        account = stripe.platform()
    except KeyFault as fault:
        return Report(0, f"stopped: {fault.title}. {fault.hint}", "stripe_key")
    except OutsideFault:
        return Report(0, "stopped: Stripe does not answer", "stripe_unheard")
    if platform.is_ours(practice, account):
        return None
    return Report(0, f"stopped: {OTHER}", "other_stripe_account")
