"""Wished hours: days of the week and parts of the day, as stretches of time in a zone. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from helpspace.core import moments

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PARTS = ("mornings", "afternoons", "evenings")

_BEGINS = (0, 12, 17, 24)
"""The hours at which the parts of a day begin, and the last one ends."""

_ALL_DAYS, _ALL_PARTS = 0b1111111, 0b111
_GROUPS = {0b0011111: "weekdays", 0b1100000: "weekends"}

Stretch = tuple[int, int]
"""From an instant on, up to another one without it."""


def stretches(days: int, parts: int, zone: str, since: int, until: int) -> list[Stretch]:
    """Return when it is one of these days and parts in a zone, between two instants, in order.

    No day means any day, no part any part. What touches is one stretch.
    """
    found: list[Stretch] = []
    for first, last in _pieces(days or _ALL_DAYS, parts or _ALL_PARTS, zone, since, until):
        begins, ends = max(first, since), min(last, until)
        if begins >= ends:
            continue
        if found and found[-1][1] == begins:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _pieces(days: int, parts: int, zone: str, since: int, until: int) -> Iterator[Stretch]:
    day, last = moments.local_date(since, zone), moments.local_date(until, zone)
    while day <= last:
        if days >> day.weekday() & 1:
            for part in range(len(PARTS)):
                if parts >> part & 1:
                    yield _at(day, _BEGINS[part], zone), _at(day, _BEGINS[part + 1], zone)
        day += timedelta(days=1)


def _at(day: date, hour: int, zone: str) -> int:
    if hour in (0, 24):
        return moments.start_of_day(day + timedelta(days=hour // 24), zone)
    return moments.at_hour(day, hour, zone)


def covers(found: Sequence[Stretch], instant: int) -> bool:
    """Say whether an instant is in one of these stretches, which are in order."""
    at = bisect_right(found, instant, key=lambda stretch: stretch[0]) - 1
    return at >= 0 and instant < found[at][1]


def words(days: int, parts: int) -> str:
    """Return days and parts as people say them: "evenings", "Sat", "mornings on weekdays"."""
    on = _GROUPS.get(days) or " or ".join(_chosen(days, DAYS))
    part = " or ".join(_chosen(parts, PARTS))
    return f"{part} on {on}" if part and on else part or on


def _chosen(mask: int, names: tuple[str, ...]) -> list[str]:
    return [name for bit, name in enumerate(names) if mask >> bit & 1]
