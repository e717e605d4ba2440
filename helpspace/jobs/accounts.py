"""Connected accounts read again: daily, hourly while they cannot take money (J5)."""

from __future__ import annotations

from helpspace.core import hearing
from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.practice import Practice
from helpspace.jobs import platform
from helpspace.jobs.parallel import Stopping, never
from helpspace.jobs.report import Report, counted


def sweep(practice: Practice, stripe: StripeGateway, *, stopping: Stopping = never) -> Report:
    """Read every account whose turn it is; if Stripe does not answer, the rest wait for another.

    With a key of another platform nothing is read: every account would seem to be gone (A5).
    """
    read = changed = 0
    unheard = False
    wrong = platform.stopped(practice, stripe)
    if wrong is not None:
        return wrong
    for due in hearing.due_accounts(practice):
        if stopping():
            break
        try:
            seen = stripe.look_at_account(due.account)
        except OutsideFault:
            unheard = True
            break
        read += 1
        changed += hearing.account_seen(practice, due.therapist_id, seen)
    words = f"read {counted(read, 'account')}, {changed} changed"
    return Report(changed, words, "stripe_unheard" if unheard else None)
