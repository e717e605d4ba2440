"""Wall time at the edges: reading what people write, showing instants in a person's own zone.

Inside, an instant is an integer of UTC epoch seconds. A zone is an IANA name.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from helpspace.core.errors import Invalid, NoSuchTime, TimeOccursTwice

LONDON = "Europe/London"
MINUTE = 60
HOUR = 3600
DAY = 86_400


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name, refusing unknown ones in one line."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(f"“{name[:40]}” is no time zone", "Write one like Europe/London.") from None


def at_zone(instant: int, zone: str) -> datetime:
    """Return an instant as an aware datetime in a zone."""
    return datetime.fromtimestamp(instant, zone_of(zone))


def local_date(instant: int, zone: str) -> date:
    """Return the calendar date an instant falls on in a zone."""
    return at_zone(instant, zone).date()


def iso(instant: int) -> str:
    """Return an instant as ISO 8601 in UTC with a Z, as the JSON of every command has it."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show(instant: int, zone: str, *, reference: int | None = None, named: bool = False) -> str:
    """Return a moment for a person: "Sat 28 Mar 09:00", with the year when it is not this one's.

    `reference` is the present, to leave out the current year; `named` adds the zone's own word. A
    wall time that occurs twice says which one it is (C5).
    """
    local = at_zone(instant, zone)
    year = ""
    if reference is not None and at_zone(reference, zone).year != local.year:
        year = f" {local.year}"
    text = f"{local:%a} {local.day} {local:%b}{year} {_wall(local)}"
    return f"{text} ({zone_word(zone)})" if named else text


def show_day(day: date) -> str:
    """Return a date for a person: "Sat 28 Mar"."""
    return f"{day:%a} {day.day} {day:%b}"


def show_time(instant: int, zone: str) -> str:
    """Return only the wall time: "09:00", or "01:30 GMT" where it occurs twice (C5)."""
    return _wall(at_zone(instant, zone))


def _wall(local: datetime) -> str:
    """Return the hour and minute, with the zone's short word where that hour is repeated."""
    twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"


def show_range(start: int, end: int, zone: str) -> str:
    """Return "Sat 28 Mar 09:00–09:50" in a zone."""
    return f"{show(start, zone)}–{show_time(end, zone)}"


def zone_word(zone: str) -> str:
    """Return how people call a zone: "UK time" for London, else the city of its name."""
    if zone == LONDON:
        return "UK time"
    return f"{zone.rsplit('/', 1)[-1].replace('_', ' ')} time"


def instant_of(wall: datetime, zone: str, *, fold: int | None = None) -> int:
    """Return the instant of a naive wall time in a zone.

    Raises NoSuchTime for a time the clock change skips, and TimeOccursTwice for one it repeats
    unless `fold` says which (0 the first, 1 the second) (C5).
    """
    rules = zone_of(zone)
    first = wall.replace(tzinfo=rules, fold=0)
    second = wall.replace(tzinfo=rules, fold=1)
    if first.utcoffset() == second.utcoffset():
        return int(first.timestamp())
    there_and_back = datetime.fromtimestamp(first.timestamp(), rules).replace(tzinfo=None)
    if there_and_back != wall:
        raise NoSuchTime(f"{wall:%H:%M} on {show_day(wall.date())} does not exist")
    if fold is None:
        raise TimeOccursTwice(
            f"{wall:%H:%M} on {show_day(wall.date())} happens twice",
            f"Write {first.isoformat()[:16]}{_offset(first)} or "
            f"{second.isoformat()[:16]}{_offset(second)}.",
        )
    return int((second if fold else first).timestamp())


def _offset(moment: datetime) -> str:
    return f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:]


def read_moment(text: str, zone: str) -> int:
    """Return the instant somebody wrote: ISO with an offset or Z, or local wall time in `zone`."""
    moment = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(text.strip())
    if moment is None or not 2000 <= moment.year < 2200:
        raise Invalid(
            f"“{text[:40]}” is no time", "Write one like 2026-03-28T09:00 or 2026-03-28T09:00Z."
        )
    if moment.tzinfo is not None:
        return int(moment.timestamp())
    return instant_of(moment, zone)


def start_of_day(day: date, zone: str) -> int:
    """Return the first instant of a local date, also where midnight itself is skipped."""
    moment = datetime.combine(day, time(), zone_of(zone))
    return int(moment.timestamp())


def at_hour(day: date, hour: int, zone: str) -> int:
    """Return the instant of a whole hour on a local date; a skipped hour counts as the next."""
    return int(datetime.combine(day, time(hour), zone_of(zone)).timestamp())


NIGHT_FROM, NIGHT_UNTIL = 21, 8
"""The local hours between which nobody's phone is to ring."""


def is_night(instant: int, zone: str) -> bool:
    """Say whether an instant is in the quiet hours of a zone, from 21:00 until before 08:00."""
    return not NIGHT_UNTIL <= at_zone(instant, zone).hour < NIGHT_FROM


def weekly(first: int, weeks: int, zone: str) -> list[int]:
    """Return n instants a week apart that keep the wall time across clock changes (C5).

    Raises NoSuchTime or TimeOccursTwice for a week in which that wall time is not one instant,
    except the first, which was said exactly.
    """
    wall = at_zone(first, zone).replace(tzinfo=None, fold=0)
    later = [instant_of(wall + timedelta(weeks=n), zone) for n in range(1, weeks)]
    return [first, *later]


def show_minutes(seconds: int) -> str:
    """Return a duration for people: "50 min", "3 h", "2 days"."""
    if seconds % DAY == 0 and seconds >= 2 * DAY:
        return f"{seconds // DAY} days"
    if seconds % HOUR == 0:
        return f"{seconds // HOUR} h"
    return f"{seconds // MINUTE} min"


def pounds(pence: int) -> str:
    """Return pence as people write them: "£60", "£60.50", "£0"."""
    whole, rest = divmod(abs(pence), 100)
    sign = "-" if pence < 0 else ""
    return f"{sign}£{whole:,}" + (f".{rest:02d}" if rest else "")
