"""A therapist's store with a given number of appointments around the real present."""

from __future__ import annotations

from datetime import datetime, timedelta

from benchmarks import filling
from benchmarks.stores import Stores
from helpspace.core.clock import SystemClock
from helpspace.core.moments import LONDON, at_zone, instant_of

PER_DAY = 8
CLIENTS = 60


def calendar_with(stores: Stores, appointments: int) -> str:
    """Return the URL of a SQLite store of one therapist with so many appointments.

    Eight on each weekday, in the years before this week and in the half year from it on; ten are
    all in this week.
    """
    url = stores.new("sqlite")
    with stores.practice(url, clock=SystemClock()) as practice:
        now = practice.now()
        therapist = filling.therapists(practice, 1)[0]
        clients = filling.clients(practice, CLIENTS)
        days = -(-appointments // PER_DAY)
        after = min(days, 26 * 5)
        starts = _starts(now, -(days - after), after)[:appointments]
        filling.appointments(practice, therapist, clients, starts)
        filling.analyse(practice)
    return url


def _starts(now: int, first: int, last: int) -> list[int]:
    """Return hourly starts from nine on, on weekdays counted from this week's Monday."""
    today = at_zone(now, LONDON).replace(tzinfo=None, hour=9, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    found = []
    for weekday in range(first, last):
        week, day = divmod(weekday, 5)
        nine: datetime = monday + timedelta(weeks=week, days=day)
        found += [instant_of(nine + timedelta(hours=hour), LONDON) for hour in range(PER_DAY)]
    return found
