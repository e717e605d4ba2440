"""Disputes read: those that were heard of, those that are open, and a few times a day all (M8)."""

from __future__ import annotations

from helpspace.core.gateways import StripeGateway
from helpspace.core.payments import disputing
from helpspace.core.practice import Practice
from helpspace.jobs.parallel import Stopping, never
from helpspace.jobs.report import Report, counted


def sweep(practice: Practice, stripe: StripeGateway, *, stopping: Stopping = never) -> Report:
    """Read disputes and record what has changed; raises OutsideFault if Stripe is silent."""
    read = news = 0
    for dispute_id in disputing.due(practice):
        if stopping():
            break
        seen = stripe.dispute(dispute_id)
        read += 1
        news += seen is not None and disputing.seen(practice, seen)
    since = disputing.listing_due(practice)
    if since is not None and not stopping():
        for one in stripe.disputes(since):
            read += 1
            news += disputing.seen(practice, one)
        disputing.listed(practice)
    return Report(news, f"read {counted(read, 'dispute')}, {news} changed")
