"""The agenda: what comes, day after day, as a list that reads on at both ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from helpspace.core import moments
from helpspace.tui.layout import Block, Status
from helpspace.tui.widgets import grid_messages
from helpspace.tui.widgets.face import Face
from helpspace.tui.widgets.grid_text import KINDS, detail_of, fit, title_of

_AT_ONCE = 8
"""Weeks that are read at first, and further ones at each end of the list."""
_MOST = 32
"""Weeks that are kept; the far end is dropped, unless the cursor is there."""
_FARTHEST = 156
"""Weeks without anything after which nobody expects more."""


class Row(NamedTuple):
    """A line of the list: a day's name, an entry, days without any, the cursor's or the present."""

    kind: str
    day: date
    block: Block | None = None
    text: str = ""


class AgendaView(Face, inherit_bindings=False):
    """Entries below their days; the cursor stands on one, or on a line of its own between them."""

    BINDINGS = Face.BINDINGS

    def __init__(self, zone: str, *, name: str | None = None) -> None:
        super().__init__(zone, name=name)
        self._weeks = _AT_ONCE
        self._rows: list[Row] = []
        self._top = 0
        self._step = 0
        """The step that waits until further weeks are read."""

    def days_from(self, first: date) -> int:
        del first
        return 7 * self._weeks

    @property
    def heading(self) -> str:
        day = self.day
        return f"{day.day} {day:%B %Y}"

    def first_of(self, day: date) -> date:
        if self._first != date.min and self._shows(day):
            return self._first
        self._weeks = _AT_ONCE
        return day - timedelta(days=day.weekday())

    def show(self, first: date, blocks: Sequence[Block], now: int) -> None:
        """Show the list, and take the step that waited for it."""
        super().show(first, blocks, now)
        step, self._step = self._step, 0
        if step:
            super()._hop(forward=step > 0)

    # -- rows ------------------------------------------------------------------------------------

    def set_out(self) -> None:
        """Work out the rows, and scroll as little as brings the cursor into sight."""
        self._rows = list(self._make())
        at = self._cursor_row()
        room = max(1, self.size.height)
        # A day is in sight from its heading on; of a long one the first line is it (`_row_at`).
        heading = next((n for n in range(at, -1, -1) if self._rows[n].kind == "day"), at)
        above = heading if at - heading < room else max(0, at - 1)
        self._top = min(self._top, above, max(0, len(self._rows) - 1))
        if at >= self._top + room:
            self._top = at - room + 1
        if self.size.height:
            self._top = min(self._top, max(0, len(self._rows) - room))

    def _make(self) -> Iterable[Row]:
        by_day: dict[date, list[tuple[int, Row]]] = {}
        for block in sorted(self._blocks, key=lambda one: (one.start, one.id)):
            day = max(moments.local_date(block.start, self.zone), self._first)
            by_day.setdefault(day, []).append((block.start, Row("entry", day, block)))
        today = moments.local_date(self._now, self.zone)
        if self._shows(today):
            clock = moments.show_time(self._now, self.zone)
            by_day.setdefault(today, []).append((self._now, Row("now", today, text=clock)))
        if self._chosen is None and self._shows(self.day):
            clock = moments.show_time(self._cursor, self.zone)
            words = (
                f"▸{clock}  {'free time' if self._cursor > self._now else 'time that has passed'}"
            )
            by_day.setdefault(self.day, []).append(
                (self._cursor, Row("here", self.day, text=words))
            )
        next_day = self._first
        for day in sorted(by_day):
            yield from self._gap(next_day, day)
            yield Row("day", day, text=self._summary(by_day[day]))
            yield from (row for _, row in sorted(by_day[day], key=lambda item: item[0]))
            next_day = day + timedelta(days=1)
        yield from self._gap(next_day, self._first + timedelta(days=self.days))

    def _gap(self, first: date, end: date) -> Iterable[Row]:
        """Say of a week or more that nothing is in it."""
        if (end - first).days >= 7:
            last = end - timedelta(days=1)
            words = f"{moments.show_day(first)} – {moments.show_day(last)}  nothing"
            yield Row("gap", first, text=words)

    @staticmethod
    def _summary(rows: list[tuple[int, Row]]) -> str:
        statuses = [row.block.status for _, row in rows if row.block is not None]
        return "  ".join(f"{s.glyph} {statuses.count(s)}" for s in Status if s in statuses)

    def _cursor_row(self) -> int:
        for number, row in enumerate(self._rows):
            if row.kind == "here" or (row.block is not None and row.block.id == self._chosen):
                return number
        return 0

    # -- moving ----------------------------------------------------------------------------------

    def _hop(self, *, forward: bool) -> bool:
        """Go to the entry after or before; at an end of the list, read on first."""
        found = super()._hop(forward=forward)
        if not found and not self._step:
            self._read_on(forward=forward)
        return found

    def _read_on(self, *, forward: bool) -> None:
        """Ask for further weeks at an end, and drop some at the other when there are many."""
        if self._weeks >= _FARTHEST:
            return
        first, weeks = self._first, _AT_ONCE
        here = (self.day - first).days // 7
        self._weeks += weeks
        if not forward:
            first -= timedelta(weeks=weeks)
            if self._weeks > _MOST and here < self._weeks - 2 * weeks:
                self._weeks -= weeks
        elif self._weeks > _MOST and here >= weeks:
            first += timedelta(weeks=weeks)
            self._weeks -= weeks
        self._step = 1 if forward else -1
        self._want(first, None)

    def action_cursor_up(self) -> None:
        self._hop(forward=False)

    def action_cursor_down(self) -> None:
        self._hop(forward=True)

    def action_page_up(self) -> None:
        self._by_page(-1)

    def action_page_down(self) -> None:
        self._by_page(1)

    def _by_page(self, pages: int) -> None:
        """Go as many rows on as are in sight, to the entry nearest there."""
        target = self._cursor_row() + pages * max(1, self.size.height - 2)
        entries = [(n, row.block) for n, row in enumerate(self._rows) if row.block is not None]
        beyond = [one for one in entries if (one[0] - self._cursor_row()) * pages > 0]
        if not beyond:
            self._hop(forward=pages > 0)
            return
        block = min(beyond, key=lambda one: abs(one[0] - target))[1]
        self._go(block.start, block.id)

    def action_day_start(self) -> None:
        self._edge(0)

    def action_day_end(self) -> None:
        self._edge(-1)

    def _edge(self, index: int) -> None:
        """Go to the first or the last entry of the cursor's day."""
        here = [row.block for row in self._rows if row.block is not None and row.day == self.day]
        if here:
            self._go(here[index].start, here[index].id)

    # -- drawing ---------------------------------------------------------------------------------

    def _row_at(self, y: int) -> Row | None:
        """Return what a line of the screen shows: at its top the day, wherever that began."""
        number = self._top + y
        if number >= len(self._rows):
            return None
        if y == 0 and self._rows[number].kind != "gap":
            return next(row for row in self._rows[number::-1] if row.kind == "day")
        return self._rows[number]

    def render_line(self, y: int) -> Strip:
        width, palette = self.size.width, self.palette
        row = self._row_at(y)
        if row is None:
            return Strip.blank(width, palette.ground)
        if row.block is not None:
            return Strip([self._entry(row.block, width)], width)
        if row.kind == "day":
            return self._day_line(row, width)
        if row.kind == "now":
            return Strip([Segment(f" {row.text} {'━' * width}"[:width], palette["now"])], width)
        if row.kind == "here":
            style = palette["cursor" if self.has_focus else "cursor-away"]
            return Strip([Segment(fit(f"  {row.text}", width), style)], width)
        return Strip([Segment(fit(f"  {row.text}", width), palette["gutter"])], width)

    def _day_line(self, row: Row, width: int) -> Strip:
        day, palette = row.day, self.palette
        is_today = day == moments.local_date(self._now, self.zone)
        year = "" if day.year == moments.local_date(self._now, self.zone).year else f" {day.year}"
        words = f" {day:%A} {day.day} {day:%B}{year}{' · today' if is_today else ''} "
        start, end = (moments.start_of_day(day + timedelta(days=n), self.zone) for n in (0, 1))
        extra = end - start - moments.DAY
        if 0 < abs(extra) < moments.DAY // 2:
            way = "back" if extra > 0 else "forward"
            words += f"· clocks go {way} {abs(extra) / moments.HOUR:g} h "
        rest = f"{row.text} ".rjust(max(0, width - len(words)))
        return Strip(
            [
                Segment(words, palette["today" if is_today else "head-day"]),
                Segment(fit(rest, max(0, width - len(words))), palette["head"]),
            ]
        ).adjust_cell_length(width, palette["head"])

    def _entry(self, block: Block, width: int) -> Segment:
        """Time, status, who, and what is to be said of it, in columns."""
        chosen, status = block.id == self._chosen, block.status
        style = self.palette.block(status, 0, chosen=chosen)[0]
        title = title_of(block, blur=self._blur)
        name = title or ("slot" if status is not Status.TIME_OFF else "")
        until = self._until(block)
        text = (
            f"{'▸' if chosen else ' '} {moments.show_time(block.start, self.zone)}–{until:<6} "
            f"{status.glyph} {status.word:<9} {fit(name, min(26, max(12, width - 60)))} "
            f"{fit(detail_of(block, blur=self._blur), 15)} {KINDS.get(block.kind, '')}"
        )
        return Segment(fit(f" {text}", width), style)

    def _until(self, block: Block) -> str:
        """The end, with its day where that is another one."""
        begins, ends = (moments.local_date(at, self.zone) for at in (block.start, block.end))
        clock = moments.show_time(block.end, self.zone)
        return clock if begins == ends else f"{clock} {ends:%a} {ends.day}"

    # -- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on an entry; a double click opens it."""
        at = event.get_content_offset(self)
        row = None if at is None else self._row_at(at.y)
        block = None if row is None else row.block
        if block is None:
            return
        self._go(block.start, block.id)
        if event.chain == 2:
            self.post_message(grid_messages.BlockOpened(self, block.id))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)

    def _scroll(self, rows: int) -> None:
        """Move what is in sight and leave the cursor; at the end, read on."""
        most = max(0, len(self._rows) - self.size.height)
        if rows > 0 and self._top >= most:
            self._read_on(forward=True)
            self._step = 0
        self._top = min(max(0, self._top + rows), most)
        self.refresh()
