"""What people type into the forms, read strictly: a date, a time, minutes, weeks, pounds. Pure.

Whatever is not understood is refused in one line; the forms show what was understood before it
counts, so a reader never guesses (C5).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from helpspace.core import moments
from helpspace.core.errors import Invalid, NoSuchTime, TimeOccursTwice

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DATE_HINT = "Write one like 24 Nov, Tue 24 Nov, 24/11 or 2026-11-24."
_TIME_HINT = "Write one like 9, 9:30, 14:00 or 2pm."
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.]?(?P<minute>\d{2}))?\s*(?P<half>am|pm)?(?:\s+(?P<name>[a-z]{2,5}))?",
    re.ASCII,
)
_POUNDS = re.compile(r"£?\s*(?P<whole>\d{1,5})(?:\.(?P<pence>\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clock:
    """A wall time; `name` is the zone's abbreviation where somebody wrote one, such as "bst"."""

    hour: int
    minute: int
    name: str = ""


def read_day(text: str, today: date, *, ahead: bool = True) -> date:
    """Return the date somebody wrote, refusing what could be read in two ways.

    Without a year it is the next such date; with `ahead` off, the last one if that is at most a
    quarter of a year ago.
    """
    words = re.sub(r"[,\s]+", " ", text.strip().lower())
    if words in ("today", "tomorrow"):
        return today + timedelta(days=words == "tomorrow")
    if "-" in words:
        with suppress(ValueError):
            return _in_range(date.fromisoformat(words))
    weekday, rest = _weekday(words)
    if weekday is not None and not rest:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    found = _day_and_month(rest)
    if found is None:
        return _unread(text)
    day, month, year = found
    when = _complete(day, month, year, today, ahead=ahead)
    if when is None:
        raise Invalid(f"There is no {day} {_MONTHS[month - 1].title()}", _DATE_HINT)
    if weekday is not None and when.weekday() != weekday:
        raise Invalid(
            f"{moments.show_day(when)[4:]} {when.year} is a {when:%A}", "Correct the day."
        )
    return when


def _unread(text: str) -> date:
    shown = text.strip()[:30]
    raise Invalid(f"“{shown}” is no date" if shown else "A date is missing", _DATE_HINT)


def _in_range(when: date) -> date:
    if not 2000 <= when.year < 2200:
        raise Invalid(f"{when.year} is too far away", _DATE_HINT)
    return when


def _weekday(words: str) -> tuple[int | None, str]:
    """Split off a weekday: "tue 24 nov" gives 1 and "24 nov"."""
    first, _, rest = words.partition(" ")
    for number, name in enumerate(_WEEKDAYS):
        if len(first) >= 3 and name.startswith(first):
            return number, rest
    return None, words


def _day_and_month(words: str) -> tuple[int, int, int | None] | None:
    """Read "24 nov", "nov 24", "24/11", each with a year or without."""
    found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?", words, re.ASCII)
    if found:
        day, month, year = int(found[1]), int(found[2]), found[3]
        if not 1 <= month <= 12:
            return None
        return day, month, _year(year)
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]+)(?: (\d{4}))?", words, re.ASCII)
    if found:
        return _named(found[1], found[2], found[3])
    found = re.fullmatch(r"([a-z]+) (\d{1,2})(?: (\d{4}))?", words, re.ASCII)
    return _named(found[2], found[1], found[3]) if found else None


def _named(day: str, word: str, year: str | None) -> tuple[int, int, int | None] | None:
    month = next((n for n, m in enumerate(_MONTHS, 1) if len(word) >= 3 and m.startswith(word)), 0)
    return (int(day), month, _year(year)) if month else None


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) + (2000 if len(text) == 2 else 0)


def _complete(day: int, month: int, year: int | None, today: date, *, ahead: bool) -> date | None:
    """Find the date, in the year that was written or else in the one that is meant."""
    if year is not None:
        with suppress(ValueError):
            return _in_range(date(year, month, day))
        return None
    # Eight years hold a 29 February even around 2100.
    earliest = today if ahead else today - timedelta(days=91)
    for one in range(earliest.year, earliest.year + 9):
        with suppress(ValueError):
            when = date(one, month, day)
            if when >= earliest:
                return when
    return None


def read_clock(text: str) -> Clock:
    """Return the wall time somebody wrote."""
    found = _CLOCK.fullmatch(text.strip().lower())
    shown = text.strip()[:30]
    if found is None:
        raise Invalid(f"“{shown}” is no time" if shown else "A time is missing", _TIME_HINT)
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    possible = hour < 24 if half is None else 1 <= hour <= 12
    if not possible or minute > 59:
        raise Invalid(f"“{shown}” is no time", _TIME_HINT)
    if half is not None:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return Clock(hour, minute, found["name"] or "")


def instant_at(day: date, clock: Clock, zone: str) -> int:
    """Return the UTC instant of a wall time on a date.

    Raises NoSuchTime where the clock change skips it, and TimeOccursTwice where it happens twice
    and the zone's abbreviation does not say which one is meant (C5).
    """
    wall = datetime.combine(day, time(clock.hour, clock.minute))
    both = [moments.instant_of(wall, zone, fold=fold) for fold in (0, 1)]
    names = [moments.at_zone(instant, zone).tzname() or "" for instant in both]
    if clock.name:
        for instant, name in zip(both, names, strict=True):
            if name.lower() == clock.name:
                return instant
        raise NoSuchTime(
            f"There is no {wall:%H:%M} {clock.name.upper()} on {moments.show_day(day)}",
            f"Write {' or '.join(f'{wall:%H:%M} {name}' for name in dict.fromkeys(names))}.",
        )
    if both[0] != both[1]:
        raise TimeOccursTwice(
            f"{wall:%H:%M} on {moments.show_day(day)} happens twice",
            f"Write {wall:%H:%M} {names[0]} or {wall:%H:%M} {names[1]}.",
        )
    return both[0]


def read_minutes(text: str) -> int:
    """Return a length in minutes, as somebody wrote it; the core checks its bounds."""
    return _whole(text, "minutes", "Write a number like 50.")


def read_weeks(text: str) -> int:
    """Return for how many weeks something repeats, as somebody wrote it."""
    return _whole(text, "weeks", "Write a number like 4, or 1 for once.")


def _whole(text: str, what: str, hint: str) -> int:
    written = text.strip()
    if not re.fullmatch(r"\d{1,4}", written, re.ASCII):
        shown = written[:30]
        raise Invalid(
            f"“{shown}” is no number of {what}" if shown else f"The {what} are missing", hint
        )
    return int(written)


def read_pounds(text: str) -> int:
    """Return an amount in pence from pounds as people write them: 60, £60 or 60.50."""
    found = _POUNDS.fullmatch(text.strip())
    if found is None:
        shown = text.strip()[:30]
        raise Invalid(
            f"“{shown}” is no amount" if shown else "The fee is missing",
            "Write pounds like 60 or 60.50, or 0 for a free session.",
        )
    return int(found["whole"]) * 100 + int(found["pence"] or 0)


def write_day(when: date, today: date) -> str:
    """Return a date as a form shows it first: "Tue 24 Nov", with the year when it is not this."""
    # Without the year the date must still be read as the one that is meant.
    year = "" if when.year == today.year and when >= today else f" {when.year}"
    return moments.show_day(when) + year


def write_clock(instant: int, zone: str) -> str:
    """Return a time as a form shows it first; with the abbreviation where it happens twice."""
    local = moments.at_zone(instant, zone)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{local:%H:%M} {local.tzname()}" if twice else f"{local:%H:%M}"


def write_pounds(pence: int) -> str:
    """Return an amount as a form shows it first, without the sign."""
    return moments.pounds(pence)[1:].replace(",", "")
