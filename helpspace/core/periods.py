"""Stretches of time that money is added up over: a month, a UK tax year, its weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from helpspace.core import moments
from helpspace.core.errors import Invalid
from helpspace.core.moments import LONDON

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""The years that a report can be asked for."""


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant up to, and without, another one, in UTC epoch seconds.

    `zone` is the one in which its first and last day begin and end, and its dates are shown.
    """

    name: str
    since: int
    until: int
    zone: str = LONDON

    @property
    def first_day(self) -> date:
        """Its first local date."""
        return moments.local_date(self.since, self.zone)

    @property
    def last_day(self) -> date:
        """Its last local date."""
        return moments.local_date(self.until - 1, self.zone)


def days(name: str, first: date, last: date, zone: str = LONDON) -> Period:
    """Return the period from one local date to another, both in it, whole days of the zone."""
    since = moments.start_of_day(first, zone)
    return Period(name, since, moments.start_of_day(last + timedelta(days=1), zone), zone)


def tax_year(year: int) -> Period:
    """Return the UK tax year that begins on 6 April of a year, in London's dates."""
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise Invalid(
            "There is no such tax year", "Write the year in which it begins, such as 2026."
        )
    name = f"{year}/{(year + 1) % 100:02d}"
    return days(name, date(year, 4, 6), date(year + 1, 4, 5))


def tax_year_of(instant: int) -> Period:
    """Return the UK tax year that an instant falls into."""
    today = moments.local_date(instant, LONDON)
    return tax_year(today.year if today >= date(today.year, 4, 6) else today.year - 1)


def month_of(instant: int, zone: str = LONDON) -> Period:
    """Return the local month that an instant falls into."""
    first = moments.local_date(instant, zone).replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return days(f"{first:%B} {first.year}", first, following - timedelta(days=1), zone)


def weeks_of(period: Period) -> list[Period]:
    """Return the weeks of a period, Monday to Sunday, cut off at its first and last day."""
    found = []
    first, last = period.first_day, period.last_day
    while first <= last:
        end = min(first + timedelta(days=6 - first.weekday()), last)
        found.append(days(moments.show_day(first), first, end, period.zone))
        first = end + timedelta(days=1)
    return found
