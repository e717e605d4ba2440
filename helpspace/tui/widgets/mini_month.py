"""A small month: a date to jump to, with a dot on days that have entries and a mark on the weeks
that the calendar shows."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Collection
from datetime import date, timedelta
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from helpspace.tui import tones
from helpspace.tui.tones import Tone

WIDTH = 23
_TOP = 2
_MARGIN = 2
_WEEKS = 6
_WEEKDAYS = "  Mo Tu We Th Fr Sa Su "
_TONES = {
    "title": Tone("grid-text", bold=True),
    "weekday": Tone("grid-quiet"),
    "day": Tone("grid-text"),
    "other": Tone("grid-soft"),
    "today": Tone("grid-now", bold=True, underline=True),
    "cursor": Tone("grid-ground", "primary", bold=True),
    "cursor-away": Tone("primary", "grid-range", bold=True),
    "dot": Tone("status-booked"),
    "shown": Tone("primary"),
}


class MiniMonth(Widget, can_focus=True):
    """Six weeks around a month, with a cursor of its own."""

    ALLOW_SELECT = False
    DEFAULT_CSS = f"""
    MiniMonth {{ width: {WIDTH}; height: {_TOP + _WEEKS}; background: $grid-ground; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1)", "Day before", show=False),
        Binding("right,l", "move(1)", "Day after", show=False),
        Binding("up,k", "move(-7)", "Week before", show=False),
        Binding("down,j", "move(7)", "Week after", show=False),
        Binding("pageup", "turn(-1)", "Month before", show=False),
        Binding("pagedown", "turn(1)", "Month after", show=False),
        Binding("t", "today", "Today", show=False),
        Binding("enter", "choose", "Go there", show=False),
    ]

    class DayChosen(Message):
        """A day was clicked, or Enter pressed on it."""

        def __init__(self, month: MiniMonth, day: date) -> None:
            super().__init__()
            self.month = month
            self.day = day

        @property
        def control(self) -> MiniMonth:
            return self.month

    class MonthChanged(Message):
        """Another month came into sight: the app may answer with `show`, for its entries."""

        def __init__(self, month: MiniMonth, first: date) -> None:
            super().__init__()
            self.month = month
            self.first = first

        @property
        def control(self) -> MiniMonth:
            return self.month

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MiniMonth.MonthChanged) and message.month is self.month

    def __init__(
        self,
        today: date,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._today = today
        self._cursor = today
        self._entries: frozenset[date] = frozenset()
        self._shown: tuple[date, int] = (today, 0)
        self._styles: dict[str, Style] = {}

    @property
    def cursor(self) -> date:
        """The day under the cursor."""
        return self._cursor

    @property
    def span(self) -> tuple[date, date]:
        """The first and the last day in sight."""
        first = self._week_start(0)
        return first, first + timedelta(days=7 * _WEEKS - 1)

    def show(
        self, cursor: date, *, today: date, entries: Collection[date], shown: tuple[date, int]
    ) -> None:
        """Show the month of a day; `shown` is the calendar's first day and how many it shows."""
        state = (cursor, today, frozenset(entries), shown)
        if state != (self._cursor, self._today, self._entries, self._shown):
            self._cursor, self._today, self._entries, self._shown = state
            self.refresh()

    # -- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        style = self._tone
        if y == 0:
            title = f"‹{f'{self._cursor:%B %Y}':^{WIDTH - 2}}›"
            return Strip([Segment(title, style("title"))], WIDTH)
        if y == 1:
            return Strip([Segment(_WEEKDAYS, style("weekday"))], WIDTH)
        if y >= _TOP + _WEEKS:
            return Strip.blank(self.size.width, self.rich_style)
        monday = self._week_start(y - _TOP)
        days = [monday + timedelta(days=n) for n in range(7)]
        first, count = self._shown
        marked = any(0 <= (day - first).days < count for day in days)
        segments = [Segment("▸ " if marked else "  ", style("shown"))]
        for day in days:
            dot = "·" if day in self._entries else " "
            segments.append(Segment(f"{day.day:>2}", self._style(day)))
            segments.append(Segment(dot, style("dot")))
        return Strip(segments, WIDTH)

    def notify_style_update(self) -> None:
        self._styles = {}
        super().notify_style_update()

    def _tone(self, name: str) -> Style:
        if not self._styles:
            self._styles = tones.styles(self.app, _TONES, self.rich_style)
        return self._styles[name]

    def _style(self, day: date) -> Style:
        if day == self._cursor:
            name = "cursor" if self.has_focus else "cursor-away"
        elif day == self._today:
            name = "today"
        else:
            name = "day" if day.month == self._cursor.month else "other"
        return self._tone(name)

    def _week_start(self, week: int) -> date:
        first = self._cursor.replace(day=1)
        return first - timedelta(days=first.weekday()) + timedelta(days=7 * week)

    # -- moving ----------------------------------------------------------------------------------

    def _go(self, day: date) -> None:
        """Move the cursor; only the lines of the two days are redrawn within a month."""
        old, self._cursor = self._cursor, day
        if (old.year, old.month) != (day.year, day.month):
            self.refresh()
            self.post_message(self.MonthChanged(self, day.replace(day=1)))
            return
        lines = {_TOP + (each - self._week_start(0)).days // 7 for each in (old, day)}
        self.refresh(*(Region(0, line, WIDTH, 1) for line in lines))

    def action_move(self, days: int) -> None:
        """Move the cursor by days."""
        self._go(self._cursor + timedelta(days=days))

    def action_turn(self, months: int) -> None:
        """Move the cursor by months, to the last day where a month is shorter."""
        index = self._cursor.year * 12 + self._cursor.month - 1 + months
        year, month = divmod(index, 12)
        last = max(d for d in Calendar().itermonthdays(year, month + 1) if d)
        self._go(date(year, month + 1, min(self._cursor.day, last)))

    def action_today(self) -> None:
        """Move the cursor to today."""
        self._go(self._today)

    def action_choose(self) -> None:
        """Tell the app that the day under the cursor is wanted."""
        self.post_message(self.DayChosen(self, self._cursor))

    # -- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Choose a day, or turn the month at the arrows."""
        at = event.get_content_offset(self)
        if at is None:
            return
        if at.y == 0 and (at.x < 3 or at.x >= WIDTH - 3):
            self.action_turn(-1 if at.x < 3 else 1)
        elif _TOP <= at.y < _TOP + _WEEKS and _MARGIN <= at.x < _MARGIN + 21:
            self._go(self._week_start(at.y - _TOP) + timedelta(days=(at.x - _MARGIN) // 3))
            self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_turn(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_turn(-1)
