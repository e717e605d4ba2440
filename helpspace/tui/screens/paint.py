"""Painting slots: the same hours on every marked day, week after week, listed before they open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget

from helpspace.core import moments, openings
from helpspace.core.calendar import MOST_WEEKS, check_minutes
from helpspace.core.errors import Invalid, Overlap
from helpspace.core.moments import MINUTE, pounds, show_day
from helpspace.core.openings import SlotsPlan
from helpspace.tui.desk import Desk
from helpspace.tui.messages import SlotsOpened
from helpspace.tui.reading import instant_at, read_clock, read_minutes, read_weeks, write_clock
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field

BREAK = 10
"""Minutes between two slots, unless somebody writes another number."""


class ListedPreview(VerticalScroll, can_focus=False):
    """What would happen, one line each; ↑ and ↓ scroll it."""


class PaintModal(FormPanel):
    """From when to when on each day, how long each slot is, and for how many weeks."""

    HEADING = "Open slots on several days"
    DO = "open them"
    DEFAULT_CSS = """
    PaintModal .pair { height: 2; }
    PaintModal .pair > Field { width: 30; }
    PaintModal ListedPreview { height: 8; scrollbar-size-vertical: 1; }
    PaintModal .preview { height: auto; }
    """

    def __init__(self, desk: Desk, marked: Sequence[tuple[int, int]]) -> None:
        super().__init__(desk)
        start, end = marked[0]
        self._days = [moments.local_date(one, desk.zone) for one, _ in marked]
        minutes = min(desk.therapist.initial_minutes, (end - start) // MINUTE)
        self.first = Field("From", write_clock(start, desk.zone), id="from", short=True)
        self.last = Field("To", write_clock(end, desk.zone), id="to", short=True)
        self.minutes = Field("Minutes", str(minutes), id="minutes", short=True)
        self.rest = Field("Break", str(BREAK), id="break", short=True)
        self.weeks = Field("Weeks", "1", id="weeks", short=True)
        self.listed = ListedPreview(self.preview_line)
        self._wish: tuple[list[int], int, int] = ([], 0, 1)
        self._plan: SlotsPlan | None = None
        """What was shown last."""

    def heading(self) -> str:
        first, last = self._days[0], self._days[-1]
        return f"{self.HEADING}: {show_day(first)} – {show_day(last)}"

    def body(self) -> Iterable[Widget]:
        return (
            Horizontal(self.first, self.last, classes="pair"),
            Horizontal(self.minutes, self.rest, classes="pair"),
            self.weeks,
            self.listed,
        )

    def action_later(self) -> None:
        self.listed.scroll_down(animate=False)

    def action_earlier(self) -> None:
        self.listed.scroll_up(animate=False)

    def _read(self) -> tuple[list[int], int, int]:
        """Return the starts of one week, the minutes of each slot, and the weeks."""
        minutes, rest = read_minutes(self.minutes.value), read_minutes(self.rest.value)
        check_minutes(minutes)
        if rest > 240:
            raise Invalid("A break has at most 240 minutes", "Correct the break.")
        weeks = read_weeks(self.weeks.value)
        if not 1 <= weeks <= MOST_WEEKS:
            raise Invalid(f"A repeat has 1 to {MOST_WEEKS} weeks", "Correct the number of weeks.")
        starts: list[int] = []
        for day in self._days:
            starts += self._starts(day, minutes * MINUTE, rest * MINUTE)
        return starts, minutes, weeks

    def _starts(self, day: date, length: int, rest: int) -> list[int]:
        """Return the starts that fit into the hours of a day, by its wall clock (C5)."""
        zone = self.desk.zone
        start = instant_at(day, read_clock(self.first.value), zone)
        end = instant_at(day, read_clock(self.last.value), zone)
        if start + length > end:
            raise Invalid("No slot fits between these times", "Correct the times or the minutes.")
        return list(range(start, end - length + 1, length + rest))

    def preview(self) -> Lines:
        self._plan = None
        starts, minutes, weeks = self._wish = self._read()
        desk = self.desk
        plan = openings.plan_slots(
            desk.practice, desk.actor, desk.actor.id, starts, minutes=minutes, weeks=weeks
        )
        if not plan.free:
            raise Overlap("None of these times is free", f"{plan.dates[0].why}.")
        self._plan = plan
        return self._lines(plan)

    def _lines(self, plan: SlotsPlan) -> Lines:
        zone, now = self.desk.zone, self.desk.now()
        first, last = (
            moments.show(at, zone, reference=now) for at in (plan.free[0], plan.free[-1])
        )
        fee = pounds(self.desk.therapist.initial_fee_pence)
        several = f"{len(plan.free)} slots" if len(plan.free) > 1 else "1 slot"
        lines = [(f"○ {several} of {plan.minutes} minutes, clients pay {fee}", "bold")]
        lines.append((f"From {first} to {last}.", ""))
        for at in plan.changes:
            changed = moments.local_date(at, zone)
            longer = moments.start_of_day(changed + timedelta(days=1), zone) - at > moments.DAY
            way = "back" if longer else "forward"
            words = f"The clocks go {way} on {show_day(changed)}; the times on the clock stay."
            lines.append((words, "$primary"))
        for one in plan.dates:
            if one.state != "free":
                wall = datetime.fromisoformat(one.wall)
                lines.append((f"Not {show_day(wall.date())} {wall:%H:%M}: {one.why}.", "$warning"))
        lines += self.desk.strain([(at, at + plan.minutes * MINUTE) for at in plan.free])
        days = groupby(plan.free, key=lambda at: moments.local_date(at, zone))
        for day, found in days:
            clocks = "  ".join(moments.show_time(at, zone) for at in found)
            lines.append((f"{show_day(day):<11} {clocks}", "$grid-quiet"))
        return lines

    def start(self) -> None:
        (starts, minutes, weeks), plan, desk = self._wish, self._plan, self.desk
        if plan is None:
            return
        self.act(
            lambda: openings.open_planned(
                desk.practice,
                desk.actor,
                desk.actor.id,
                starts,
                accept=plan.free,
                minutes=minutes,
                weeks=weeks,
            ),
            SlotsOpened,
        )
