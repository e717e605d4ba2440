"""Opening slots: one, or a weekly repeat (C1, C5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.widget import Widget

from helpspace.core import calendar, moments, policy
from helpspace.core.errors import Invalid, Overlap
from helpspace.core.moments import pounds, show_range
from helpspace.tui.desk import Desk
from helpspace.tui.messages import SlotsOpened
from helpspace.tui.reading import (
    instant_at,
    read_clock,
    read_day,
    read_minutes,
    read_weeks,
    write_clock,
    write_day,
)
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field
from helpspace.tui.words import inside_notice, shown_when


@dataclass(frozen=True, slots=True)
class _Wish:
    start: int
    minutes: int
    weeks: int


class SlotModal(FormPanel):
    """Day, time, minutes and for how many weeks; says at once whether clients could book it."""

    HEADING = "Open a slot for an initial session"
    DO = "open it"

    def __init__(self, desk: Desk, start: int, minutes: int | None = None) -> None:
        super().__init__(desk)
        length = desk.therapist.initial_minutes if minutes is None else minutes
        day = moments.local_date(start, desk.zone)
        self.day = Field("Day", write_day(day, desk.today), id="day")
        self.clock = Field("Time", write_clock(start, desk.zone), id="time", short=True)
        self.minutes = Field("Minutes", str(length), id="minutes", short=True)
        self.weeks = Field("Weeks", "1", id="weeks", short=True)

    def body(self) -> Iterable[Widget]:
        return (self.day, self.clock, self.minutes, self.weeks, self.preview_line)

    def _read(self) -> _Wish:
        """Read the fields, showing beside each what was understood."""
        for field in (self.day, self.clock, self.minutes, self.weeks):
            field.understood("")
        zone = self.desk.zone
        day = read_day(self.day.value, self.desk.today)
        self.day.understood(f"{day:%A} {day.day} {day:%B} {day.year}")
        start = instant_at(day, read_clock(self.clock.value), zone)
        minutes = read_minutes(self.minutes.value)
        calendar.check_minutes(minutes)
        self.clock.understood(f"until {moments.show_time(start + minutes * 60, zone)}")
        weeks = read_weeks(self.weeks.value)
        if not 1 <= weeks <= calendar.MOST_WEEKS:
            raise Invalid(
                f"A repeat has 1 to {calendar.MOST_WEEKS} weeks", "Correct the number of weeks."
            )
        self.weeks.understood("once" if weeks == 1 else "every week, at the same time")
        return _Wish(start, minutes, weeks)

    def preview(self) -> Lines:
        wish = self._read()
        return slot_lines(self.desk, wish.start, wish.minutes, wish.weeks)

    def start(self) -> None:
        wish, desk = self._read(), self.desk
        self.act(
            lambda: calendar.open_slots(
                desk.practice,
                desk.actor,
                desk.actor.id,
                wish.start,
                minutes=wish.minutes,
                weeks=wish.weeks,
            ),
            SlotsOpened,
        )


def slot_lines(desk: Desk, start: int, minutes: int, weeks: int) -> Lines:
    """Return what opening these slots would mean, refusing like opening them does (C1, C2, P3)."""
    now = desk.now()
    if start <= now:
        raise Invalid("That time has passed", "Choose one that is still ahead.")
    starts = moments.weekly(start, weeks, desk.zone)
    _refuse_clashes(desk, starts, minutes)
    therapist = desk.therapist
    when = shown_when(start, start + minutes * 60, desk.zone, now)
    lines = [(f"○ {when}, clients pay {pounds(therapist.initial_fee_pence)}", "bold")]
    if weeks > 1:
        last = moments.show(starts[-1], desk.zone, reference=now)
        lines.append((f"{weeks} weeks, the last on {last}", ""))
    if not policy.slot_is_bookable(start, therapist.notice_s, now):
        lines.append((inside_notice(therapist.notice_s), "$warning"))
    elif therapist.why_hidden == ("no_bookable_slot",):
        lines.append(("With it clients see your profile again.", "$success"))
    return [*lines, *desk.strain([(one, one + minutes * 60) for one in starts])]


def _refuse_clashes(desk: Desk, starts: list[int], minutes: int) -> None:
    """Refuse what the store would refuse, while it is still being typed (C2)."""
    for start in starts:
        end = start + minutes * 60
        for entry in calendar.between(desk.practice, desk.actor, desk.actor.id, start, end):
            there = show_range(entry.start, entry.end, desk.zone)
            what = "an open slot" if entry.state == "open" else "something"
            raise Overlap(f"It overlaps {what} at {there}")
