"""The two lines above the grid that stay in sight: dates, and what each day holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.segment import Segment
from textual.strip import Strip

from helpspace.tui.layout import Block, Layout, Status
from helpspace.tui.week import DAY_MINUTES
from helpspace.tui.widgets.grid_palette import Palette
from helpspace.tui.widgets.grid_text import fit

HEADER = 2
_SESSIONS = frozenset({Status.BOOKED, Status.UNPAID, Status.COMPLETED, Status.NO_SHOW})


class Header:
    """Draws the header of one layout."""

    palette: Palette
    """The colours, set by the widget before the first line and whenever the theme changes."""

    def __init__(self, layout: Layout, blocks: Sequence[Block]) -> None:
        self.layout = layout
        self._notes = [self._note(day, blocks) for day in range(layout.week.days)]

    def _note(self, day: int, blocks: Sequence[Block]) -> str:
        """How a day differs from 24 hours, else how many sessions and open slots begin on it."""
        week = self.layout.week
        column, bounds = self.layout.columns[day], week.bounds(day)
        if bounds is None:
            return "no such day"
        shift = week.shifts.get(day, 0)
        if 0 < abs(shift) < DAY_MINUTES:
            hours = f"{abs(shift) / 60:g} h"
            words = f"clocks go {'back' if shift > 0 else 'forward'} {hours}"
            short = f"{'+' if shift > 0 else '−'}{hours}"
            return words if len(words) < column.right - column.left else f"clock {short}"
        begun = [b.status for b in blocks if bounds[0] <= b.start < bounds[1]]
        sessions, free = sum(s in _SESSIONS for s in begun), begun.count(Status.OPEN)
        counts = [(Status.BOOKED, sessions), (Status.OPEN, free)]
        return "  ".join(f"{status.glyph} {n}" for status, n in counts if n)

    def line(self, row: int, today: date, chosen_day: int | None) -> Strip:
        """The dates (row 0) or what they hold (row 1)."""
        layout, palette = self.layout, self.palette
        week = layout.week
        names = (f"{week.first:%b}", week.zone_name((week.bounds(0) or (0, 0))[0]))
        narrowest = min(column.right - column.left for column in layout.columns)
        segments = [Segment(fit(f" {names[row]}", layout.gutter), palette["head"])]
        for day, column in enumerate(layout.columns):
            width = column.right - column.left
            if row:
                segments.append(Segment(fit(f" {self._notes[day]}", width), palette["head"]))
                continue
            when = week.date_of(day)
            is_today = when == today
            words = f" {_date_words(when, narrowest - 1 - is_today, today=is_today)} "
            style = palette["today" if is_today else "head-day" if day == chosen_day else "head"]
            badge = words[:width]
            segments += [
                Segment(badge, style),
                Segment(" " * (width - len(badge)), palette["head"]),
            ]
        return Strip(segments, layout.width)


def _date_words(when: date, width: int, *, today: bool) -> str:
    """A weekday and date, as long as the column allows."""
    short = f"{when:%a} {when.day}"
    month = f"{short} {when:%b}"
    forms = [f"{month} · today", f"{short} · today"] if today else []
    forms += [month] if when.day == 1 or width > 12 else []
    return next((form for form in forms if len(form) <= width), short)
