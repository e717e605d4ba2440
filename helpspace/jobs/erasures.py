"""Erasures carried through: money settled, the store emptied, Stripe told to forget (K4, D6)."""

from __future__ import annotations

from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.keeping import erased
from helpspace.core.practice import Practice
from helpspace.core.privacy import wiping
from helpspace.jobs.parallel import Stopping, never
from helpspace.jobs.report import Report, counted


def sweep(
    practice: Practice, stripe: StripeGateway | None, *, stopping: Stopping = never
) -> Report:
    """Take one look at everybody who is to be forgotten."""
    wiped = 0
    for client_id in wiping.due(practice):
        if stopping():
            break
        wiped += wiping.settle(practice, client_id)
    unheard = False
    left = wiping.to_finish(practice)
    if left:
        erased.keep(practice)
    emptied = not left or wiping.empty_the_log(practice)
    for one in left:
        if stopping():
            break
        heard = _forgotten(stripe, one.customer)
        unheard = unheard or not heard
        if heard and emptied:
            wiping.finished(practice, one.client_id)
        else:
            wiping.later(practice, one.client_id)
    return Report(
        wiped, f"forgot {counted(wiped, 'client')}", "stripe_unheard" if unheard else None
    )


def _forgotten(stripe: StripeGateway | None, customer: str | None) -> bool:
    """Have Stripe forget a customer; without a key, or when it does not answer, another time."""
    if customer is None:
        return True
    if stripe is None:
        return False
    try:
        stripe.forget_customer(customer)
    except OutsideFault:
        return False
    return True
