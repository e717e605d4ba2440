"""Transfers taken back from accounts that could not give them when their refund was made (M3)."""

from __future__ import annotations

from helpspace.core.gateways import StripeGateway
from helpspace.core.payments import debts
from helpspace.core.practice import Practice
from helpspace.jobs import clock, lanes
from helpspace.jobs.lanes import Still, always
from helpspace.jobs.parallel import Stopping, never
from helpspace.jobs.report import Report, counted

NOTHING_DUE = Report(0, "nothing due")


def sweep(
    practice: Practice,
    stripe: StripeGateway,
    *,
    stopping: Stopping = never,
    still: Still = always,
) -> Report:
    """Try every debt whose turn it is; each is looked at before anything is taken."""
    wrong = clock.stopped(practice, stripe)
    if wrong is not None:
        return wrong
    tried = settled = 0
    with lanes.sweeping(still):
        for order in debts.due(practice):
            if stopping() or not still():
                break
            tried += 1
            settled += debts.seen(practice, order.refund_id, stripe.take_back(order))
    return Report(settled, f"tried {counted(tried, 'debt')}, {settled} settled")
