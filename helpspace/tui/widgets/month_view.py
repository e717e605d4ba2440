"""A month: weeks as rows, and in each day what it holds, as far as there is room."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from helpspace.core import moments
from helpspace.tui.layout import Block, Status
from helpspace.tui.widgets import grid_messages
from helpspace.tui.widgets.face import Face
from helpspace.tui.widgets.grid_paint import BAR
from helpspace.tui.widgets.grid_text import fit, title_of

_COUNTED = (
    Status.UNPAID, Status.BOOKED, Status.HELD, Status.OPEN, Status.COMPLETED, Status.NO_SHOW,
)  # fmt: skip
"""What is counted in a day, what needs somebody first."""
_ROOMY = 16
_HEAD = 1


class MonthView(Face, inherit_bindings=False):
    """The weeks of the cursor's month; the cursor goes by day and keeps its time."""

    BINDINGS = Face.BINDINGS

    _held: Mapping[date, list[Block]] = MappingProxyType({})
    """What is shown in each day, in order of time."""

    @property
    def weeks(self) -> int:
        """How many weeks the month touches."""
        return self.days // 7

    @property
    def month(self) -> date:
        """The first day of the month that is shown."""
        return _month_of(self._first)

    def days_from(self, first: date) -> int:
        month = _month_of(first)
        return -(-(month.weekday() + monthrange(month.year, month.month)[1]) // 7) * 7

    @property
    def heading(self) -> str:
        return f"{self.month:%B %Y}"

    def first_of(self, day: date) -> date:
        first = day.replace(day=1)
        return first - timedelta(days=first.weekday())

    def set_out(self) -> None:
        """Sort what is shown into days."""
        held: dict[date, list[Block]] = {}
        for block in sorted(self._blocks, key=lambda one: (one.start, one.id)):
            day = moments.local_date(block.start, self.zone)
            held.setdefault(day, []).append(block)
            last = moments.local_date(max(block.end - 1, block.start), self.zone)
            while block.status is Status.TIME_OFF and day < last:
                day += timedelta(days=1)
                held.setdefault(day, []).append(block)
        self._held = held

    # -- moving ----------------------------------------------------------------------------------

    def turn_page(self, pages: int) -> None:
        """Go to the same day of another month, or to its last."""
        day = self.day
        year, month = divmod(day.year * 12 + day.month - 1 + pages, 12)
        last = monthrange(year, month + 1)[1]
        self._by_days((date(year, month + 1, min(day.day, last)) - day).days)

    def action_cursor_up(self) -> None:
        self._by_days(-7)

    def action_cursor_down(self) -> None:
        self._by_days(7)

    def action_page_up(self) -> None:
        self.turn_page(-1)

    def action_page_down(self) -> None:
        self.turn_page(1)

    def action_day_start(self) -> None:
        self._by_days(-self.day.weekday())

    def action_day_end(self) -> None:
        self._by_days(6 - self.day.weekday())

    # -- drawing ---------------------------------------------------------------------------------

    def _tops(self) -> list[int]:
        """The first line of each week, and the end of the last."""
        room = max(self.size.height - _HEAD, self.weeks)
        return [_HEAD + week * room // self.weeks for week in range(self.weeks + 1)]

    def _columns(self) -> list[int]:
        return [day * self.size.width // 7 for day in range(8)]

    def render_line(self, y: int) -> Strip:
        width, palette = self.size.width, self.palette
        edges, tops = self._columns(), self._tops()
        if y < _HEAD:
            names = [self._first + timedelta(days=day) for day in range(7)]
            cells = [
                fit(f"  {name:%A}" if right - left > 12 else f"  {name:%a}", right - left)
                for name, left, right in zip(names, edges, edges[1:], strict=False)
            ]
            return Strip([Segment("".join(cells), palette["head"])], width)
        week = next((w for w in range(self.weeks) if tops[w] <= y < tops[w + 1]), None)
        if week is None:
            return Strip.blank(width, palette.ground)
        row, rows = y - tops[week], tops[week + 1] - tops[week]
        segments: list[Segment] = []
        for column in range(7):
            day = self._first + timedelta(days=7 * week + column)
            body = edges[column + 1] - edges[column] - 1
            gone = day < moments.local_date(self._now, self.zone)
            segments.append(palette.plain("┊", "rule", past=gone))
            segments += self._cell(day, row, rows, body, gone=gone)
        return Strip(segments, width)

    def _cell(self, day: date, row: int, rows: int, width: int, *, gone: bool) -> list[Segment]:
        """One line of a day: its date with what it holds, or one of its entries."""
        held = self._held.get(day, [])
        ground = self.palette["past"] if gone else self.palette.ground
        if row == 0:
            return self._date_line(day, held, width, ground)
        listed = [one for one in held if one.status is not Status.CANCELLED]
        room = rows - 1
        if len(listed) > room:
            chosen = next((n for n, one in enumerate(listed) if one.id == self._chosen), 0)
            shown = room - 1 if room > 1 else room
            first = min(max(0, chosen - shown + 1), len(listed) - shown)
            if room > 1 and row == room:
                words = fit(f" +{len(listed) - shown} more", width)
                return [Segment(words, self.palette.on("gutter", ground))]
            listed = listed[first : first + shown]
        if row > len(listed):
            return [Segment(" " * width, ground)]
        return [self._entry(listed[row - 1], day, width)]

    def _date_line(self, day: date, held: list[Block], width: int, ground: Style) -> list[Segment]:
        """The date, as a badge for the cursor and for today, then the counts."""
        palette, other = self.palette, day.month != self.month.month
        name = f"{day.day:>2}" if day.day > 1 and not other else f"{day.day:>2} {day:%b}"
        badge = f" {name} "[:width]
        if day == self.day:
            badge, style = f"▸{badge[1:]}", palette["cursor" if self.has_focus else "cursor-away"]
        elif day == moments.local_date(self._now, self.zone):
            style = palette["today"]
        else:
            style = palette.on("gutter" if other else "text", ground)
        words = " ".join([*_shift(day, self.zone, width), *_counts(held)])
        rest = fit(words, width - len(badge))
        return [Segment(badge, style), Segment(rest, palette.on("gutter", ground))]

    def _entry(self, block: Block, day: date, width: int) -> Segment:
        """An entry on one line: time, glyph, and a name that may be dots."""
        status = block.status
        style = self.palette.block(status, 0, chosen=block.id == self._chosen)[0]
        if status is Status.TIME_OFF:
            return Segment(fit(f"{BAR}{status.glyph} {status.word}", width), style)
        begun_before = moments.local_date(block.start, self.zone) != day
        time = moments.show_time(block.start, self.zone)
        name = title_of(block, blur=self._blur) or status.word
        text = f"{BAR}{'↑' if begun_before else ''}{time}{status.glyph}{name}"
        if width >= _ROOMY:
            text = f"{BAR}{time} {status.glyph} {name}"
        return Segment(fit(text, width), style)

    # -- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a day; a double click opens it."""
        at = event.get_content_offset(self)
        if at is None:
            return
        tops, edges = self._tops(), self._columns()
        week = next((w for w in range(self.weeks) if tops[w] <= at.y < tops[w + 1]), None)
        column = next((c for c in range(7) if edges[c] <= at.x < edges[c + 1]), None)
        if week is None or column is None:
            return
        day = self._first + timedelta(days=7 * week + column)
        if day != self.day:
            self._by_days((day - self.day).days)
        if event.chain == 2:
            self.post_message(grid_messages.BlockOpened(self, self._chosen or ""))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.turn_page(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.turn_page(-1)


def _month_of(first: date) -> date:
    """Return the month whose first week begins on a Monday."""
    return (first + timedelta(days=6)).replace(day=1)


def _counts(held: list[Block]) -> list[str]:
    """How many there are of each kind: "●3", "○2"."""
    statuses = [one.status for one in held]
    found = [f"{one.glyph}{statuses.count(one)}" for one in _COUNTED if one in statuses]
    return [Status.TIME_OFF.glyph, *found] if Status.TIME_OFF in statuses else found


def _shift(day: date, zone: str, width: int) -> list[str]:
    """How a day on which the clocks change differs from 24 hours (C5)."""
    start, end = (moments.start_of_day(day + timedelta(days=n), zone) for n in (0, 1))
    extra = (end - start - moments.DAY) / moments.HOUR
    if not 0 < abs(extra) < 24:
        return []
    words = f"{'+' if extra > 0 else '−'}{abs(extra):g} h"
    return [f"clock {words}" if width >= _ROOMY else words]
