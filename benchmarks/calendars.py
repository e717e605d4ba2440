"""A therapist's store with a given number of appointments around the real present."""

from __future__ import annotations

from datetime import timedelta

from benchmarks import filling
from benchmarks.stores import Stores
from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.clock import SystemClock
from helpspace.core.moments import LONDON, at_zone, instant_of

PER_DAY = 8
CLIENTS = 60
HALF_YEAR = 26 * 5


def calendar_with(stores: Stores, appointments: int, *, in_sight: int | None = None) -> str:
    """Return the URL of a SQLite store of one therapist with so many appointments.

    They are eight on each weekday, from this week's Monday on for half a year and the rest in the
    years before. With `in_sight` only so many are in this week and the next, one on each day, and
    all others were before.
    """
    url = stores.new("sqlite")
    with stores.practice(url, clock=SystemClock()) as practice:
        now = practice.now()
        therapist = filling.therapists(practice, 1)[0]
        clients = filling.clients(practice, CLIENTS)
        filling.appointments(practice, therapist, clients, starts(now, appointments, in_sight))
        terminal.end_tour(practice, Actor.therapist(therapist, "tui"))  # nobody's every morning
        filling.analyse(practice)
    return url


def starts(now: int, appointments: int, in_sight: int | None = None) -> list[int]:
    """Return when so many appointments begin, in UTC seconds, as `calendar_with` puts them."""
    few = appointments if appointments < PER_DAY * HALF_YEAR else in_sight
    weekdays, per_day = (range(HALF_YEAR), PER_DAY) if few is None else (range(few), 1)
    ahead = _starts(now, weekdays, per_day)
    days = -(-(appointments - len(ahead)) // PER_DAY)
    before = _starts(now, range(-days, 0), PER_DAY)[: appointments - len(ahead)]
    return [*ahead, *before]


def _starts(now: int, weekdays: range, per_day: int) -> list[int]:
    """Return hourly starts from nine on, on weekdays counted from this week's Monday."""
    today = at_zone(now, LONDON).replace(tzinfo=None, hour=9, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    found = []
    for number in weekdays:
        week, day = divmod(number, 5)
        nine = monday + timedelta(weeks=week, days=day)
        found += [instant_of(nine + timedelta(hours=hour), LONDON) for hour in range(per_day)]
    return found
