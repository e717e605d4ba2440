"""Stripe's events, by polling and by webhook: both only say where to look (M5a, A4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpspace.core import hearing
from helpspace.core.gateways import StripeGateway
from helpspace.core.practice import Practice
from helpspace.jobs.report import Report, counted


def sweep(practice: Practice, stripe: StripeGateway) -> Report:
    """Take in what has happened since the last time; the place is kept with the effects."""
    cursor = hearing.cursor(practice)
    events = stripe.events_after(cursor)
    upto = events[-1].id if events else cursor or ""
    new = hearing.hear(practice, events, upto=upto)
    return Report(new, f"heard {counted(new, 'event')}")


def take_in(practice: Practice, event: Mapping[str, Any]) -> bool:
    """Take in one event from a webhook whose signature was checked; False if it was known."""
    return bool(hearing.hear(practice, [hearing.event_of(event)]))
