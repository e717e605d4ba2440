"""What the money screen shows, read in one go and all from the core's own figures (M8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from helpspace.core import appointments, moments, periods
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import LONDON, pounds, show_day
from helpspace.core.payments import figures
from helpspace.core.payments.coming import ComingCharge, coming
from helpspace.core.payments.figures import Figures, OwedFee
from helpspace.core.periods import Period
from helpspace.tui.desk import Desk
from helpspace.tui.money.chart import Bar
from helpspace.tui.words import NO_CARD, money_words

MOST_OWED = 200
"""How many owed fees are listed; the sum is that of all."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An owed fee with its session, and its next charge where one is taken by itself."""

    fee: OwedFee
    view: AppointmentView
    next: ComingCharge | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A charge to come with its session."""

    charge: ComingCharge
    view: AppointmentView


@dataclass(frozen=True, slots=True)
class Money:
    """A month, its tax year week by week, what is owed and what is taken until tomorrow night."""

    now: int
    month: Figures
    year: Figures
    weeks: tuple[Figures, ...]
    owed: tuple[Owed, ...]
    owed_pence: int
    coming: tuple[Due, ...]
    until: int

    @property
    def tax_year(self) -> int:
        """The year in which the tax year begins."""
        return self.year.period.first_day.year

    def bars(self) -> list[Bar]:
        """Return the year's weeks for the chart."""
        return [
            Bar(
                one.period.first_day,
                one.sums.net_pence,
                one.period.since <= self.now < one.period.until,
            )
            for one in self.weeks
        ]


def turned(month: Period, months: int) -> Period:
    """Return the month before (-1) or after (1) another one."""
    return periods.month_of(month.until if months > 0 else month.since - 1, LONDON)


def read(desk: Desk, month: Period) -> Money:
    """Read everything for a month; the tax year is the one in which it ends."""
    practice, actor = desk.practice, desk.actor
    now = practice.now()
    year = periods.tax_year_of(month.until - 1)
    tomorrow = moments.local_date(now, desk.zone) + timedelta(days=1)
    until = moments.start_of_day(tomorrow + timedelta(days=1), desk.zone)
    fees = figures.owed_fees(practice, actor)
    owed = {one.appointment_id for one in fees}
    ahead = coming(practice, actor, until=until)
    again = {one.appointment_id: one for one in ahead}

    def seen(appointment_id: str) -> AppointmentView:
        return appointments.appointment(practice, actor, appointment_id)

    return Money(
        now=now,
        month=figures.figures(practice, actor, month),
        year=figures.figures(practice, actor, year),
        weeks=tuple(figures.by_week(practice, actor, year)),
        owed=tuple(
            Owed(one, seen(one.appointment_id), again.get(one.appointment_id))
            for one in fees[:MOST_OWED]
        ),
        owed_pence=sum(one.owed_pence for one in fees),
        coming=tuple(
            Due(one, seen(one.appointment_id)) for one in ahead if one.appointment_id not in owed
        ),
        until=until,
    )


AMOUNTS = ("taken", "given back", "commission", "yours")
COUNTS = ("held", "missed", "late")


def _amounts(one: Figures) -> list[str]:
    sums = one.sums
    pence = (sums.gross_pence, sums.refunded_pence, sums.commission_pence, sums.net_pence)
    return [pounds(amount) for amount in pence]


def _counts(one: Figures) -> list[str]:
    return [str(count) for count in (one.held, one.no_shows, one.late_cancellations)]


def table(money: Money, width: int) -> list[str]:
    """Return the figures of month and year as aligned lines, headings first.

    Where the counts have no room beside the amounts, they follow as a line of their own.
    """
    month, year = money.month, money.year
    names = ("", month.period.name, f"Tax year {year.period.name}")
    amounts = [list(AMOUNTS), _amounts(month), _amounts(year)]
    counts = [list(COUNTS), _counts(month), _counts(year)]
    whole = _aligned(names, [a + c for a, c in zip(amounts, counts, strict=True)])
    if len(whole[0]) <= width:
        return whole
    said = (f"{word} {of} ({all_of})" for word, of, all_of in zip(*counts, strict=True))
    return [*_aligned(names, amounts), f"Sessions of the month (year): {', '.join(said)}"]


def _aligned(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    first = max(map(len, names))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        name.ljust(first)
        + "".join("  " + cell.rjust(wide) for cell, wide in zip(row, widths, strict=True))
        for name, row in zip(names, rows, strict=True)
    ]


def owed_words(one: Owed, zone: str, now: int) -> str:
    """Return why a fee is still owed, and when it is taken by itself, if it is."""
    said = money_words(one.view, zone, now)[1:]
    words = (said[0] if said else "Not taken yet").removeprefix("Because ")
    words = f"{words[:1].lower()}{words[1:]}"
    if one.next is None:
        return words
    when, _ = due_words(Due(one.next, one.view), zone)
    return f"{words}; {when}" if one.next.which == "again" else when


def due_words(one: Due, zone: str) -> tuple[str, bool]:
    """Return when a charge is taken, and whether something stands in its way."""
    at = moments.show(one.charge.at, zone)
    if one.charge.card != "ok":
        return f"{at}, but {NO_CARD[one.charge.card].partition(':')[0].lower()}", True
    if one.charge.which == "account":
        return f"{at}, if your account can take it by then", True
    return f"{at}{', tried again' if one.charge.which == 'again' else ''}", False


def due_head(money: Money, zone: str) -> str:
    """Say what is charged by itself, and until the end of which day."""
    last = show_day(moments.local_date(money.until - 1, zone))
    sums = pounds(sum(one.charge.fee_pence for one in money.coming))
    return f"Charged by itself until {last}: {sums if money.coming else 'nothing'}"
