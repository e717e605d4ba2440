"""Who could see me soon, and what to book in place of a time that has gone (P4, C4)."""

from __future__ import annotations

from datetime import timedelta

from helpspace.bot.codec import data
from helpspace.bot.screens import soon as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import hours, moments, soonest
from helpspace.core.hours import Stretch
from helpspace.core.moments import DAY

_WEEK = 7 * DAY
_FAR = 56 * DAY
"""How far ahead is looked when nobody is free at the time that was asked for."""


def soon(visit: Visit, when: str, part: str, page: str) -> Reply:
    """Show the first free time of each who is free then; if nobody is, what comes next."""
    day, of_day, at = int(when), int(part), int(page)
    zone, size = visit.zone(), screens.ON_A_PAGE
    since, until = _span(day, visit.now(), zone)
    stretches = hours.stretches(0, 1 << (of_day - 1) if of_day else 0, zone, since, until)
    salt = visit.salt()
    found = _found(visit, stretches, salt, size + 1, at * size)
    if not found and at:
        return soon(visit, when, part, "0")
    later = not found
    if later:
        found = _found(visit, [(since, since + _FAR)], salt, size, 0)
    more = len(found) > size
    screen = screens.soon(found[:size], day, of_day, at, zone, more=more, later=later)
    args = [day, of_day, at]
    return Reply(screen, data("soon", *args), visit.drafted(salt=salt, list=["soon", *args]))


def _span(day: int, now: int, zone: str) -> Stretch:
    """Return today from now on, tomorrow, or the next seven days, in a zone."""
    if day == 2:
        return now, now + _WEEK
    today = moments.local_date(now, zone)
    begins = moments.start_of_day(today + timedelta(days=day), zone)
    return max(now, begins), moments.start_of_day(today + timedelta(days=day + 1), zone)


def _found(
    visit: Visit, stretches: list[Stretch], salt: str, limit: int, offset: int
) -> list[soonest.FreeTime]:
    return soonest.soonest(
        visit.practice,
        visit.me,
        visit.wishes(),
        stretches,
        limit=limit,
        offset=offset,
        salt=salt,
    )


def instead(visit: Visit, therapist_id: str) -> Reply:
    """Show three times to book in place of one that has gone, first the same therapist's (C4)."""
    times = soonest.instead(
        visit.practice, visit.me, therapist_id, visit.wishes(), salt=visit.salt()
    )
    here = data("days", therapist_id, 0) if therapist_id else data("find", 0)
    return Reply(screens.instead(times, therapist_id, visit.zone()), here)
