"""The visible half of the calendar grid: what is shown, how it is scrolled, and what is redrawn.

It has no keys, mouse or messages: `WeekGrid` adds those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip

from helpspace.tui import tones
from helpspace.tui.layout import ZOOMS, Block, Hit, Layout
from helpspace.tui.steps import STEPS, Steps
from helpspace.tui.week import Spot, Week
from helpspace.tui.widgets.grid_head import HEADER, Header
from helpspace.tui.widgets.grid_paint import Painter
from helpspace.tui.widgets.grid_palette import Palette
from helpspace.tui.widgets.still import Still

FIRST_VIEW = 8 * 60
"""The wall minute at the top when a calendar is first shown."""

Interval = tuple[int, int]

Lines = tuple[int, int, int]
"""Lines of the grid, counted from midnight: the first, the one after the last, and how wide."""


if TYPE_CHECKING:
    from textual.scroll_view import ScrollView as Scrolled
else:
    Scrolled = object


class GridView(Still, Scrolled):
    """Days side by side under a header, drawn line by line; a part of a scrolled widget."""

    ALLOW_SELECT = False  # dragging marks a range; it must not select text as well

    def __init__(
        self,
        zone: str = "Europe/London",
        *,
        zoom: int = 2,
        step: int = 30,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.look: Callable[[], None] = lambda: None
        """Shows what is under the cursor. A message would come after keys that wait already."""
        self.turn: Callable[[date], None] = lambda _: None
        """Shows the days from a date on, likewise at once."""
        self.zone = zone
        self._zoom = zoom
        self._step = step
        self._blur = False
        self._blocks: tuple[Block, ...] = ()
        self._free: tuple[Interval, ...] = ()
        self._now = 0
        self._cursor = 0
        self._chosen: str | None = None
        self._range: Interval | None = None
        self._across = 0
        """How many further days have the marked hours; below 0 for days before."""
        self._week: Week | None = None
        self._layout: Layout | None = None
        self._painter: Painter | None = None
        self._header: Header | None = None
        self._palette: Palette | None = None
        self._placed = False
        self._hovered: str | None = None
        """The block that the tooltip speaks of."""

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def week(self) -> Week | None:
        """The days that are shown; None before the first `show`."""
        return self._week

    @property
    def span(self) -> Interval:
        """First instant and end of the days that are shown, in UTC seconds; 0 before there are."""
        days = self._week.stretches if self._week else ()
        return (days[0].start, days[-1].end) if days else (0, 0)

    @property
    def cursor(self) -> int:
        """Where the cursor stands, in UTC seconds."""
        return self._cursor

    @property
    def selection(self) -> Interval | None:
        """The marked range in UTC seconds, if there is one."""
        return self._range

    @property
    def marked_day(self) -> int | None:
        """The one day in which the marked range lies; None without it, or over midnight."""
        if self._week is None or self._range is None:
            return None
        first, last = self._week.spot(self._range[0]), self._week.spot(self._range[1] - 60)
        return first.day if first and last and first.day == last.day else None

    @property
    def selections(self) -> tuple[Interval, ...]:
        """The same marked hours on each marked day, in order of time (C5)."""
        week, marked, here = self._week, self._range, self.marked_day
        if week is None or marked is None or here is None:
            return (marked,) if marked else ()
        first, last = week.spot(marked[0]), week.spot(marked[1] - 60)
        low, high = sorted((here, here + self._across))
        found = []
        for day in range(low, high + 1):
            if day == here or first is None or last is None:
                found.append(marked)
                continue
            start = week.nearest(Spot(day, first.minute))
            end = week.nearest(Spot(day, last.minute))
            if start is not None and end is not None and end >= start:
                found.append((start, end + 60))
        return tuple(found)

    @property
    def chosen(self) -> Block | None:
        """The block under the cursor."""
        return next((block for block in self._blocks if block.id == self._chosen), None)

    @property
    def steps(self) -> Steps | None:
        """The cells that the cursor moves by."""
        return Steps(self._week, self._step) if self._week else None

    @property
    def step(self) -> int:
        """The height of the cursor's cell in minutes: 15, 30 or 60."""
        return self._step

    @step.setter
    def step(self, minutes: int) -> None:
        self._step = min(STEPS, key=lambda step: abs(step - minutes))
        self.move(self._cursor, self._chosen, None)

    @property
    def blur_names(self) -> bool:
        """Whether titles are dots, for sharing the screen."""
        return self._blur

    @blur_names.setter
    def blur_names(self, blur: bool) -> None:
        self._blur = blur
        self._hovered = self.tooltip = None  # it may hold a name
        if self._painter:
            self._painter.blur = blur
        self.refresh()

    @property
    def zoom(self) -> int:
        """Lines to the half hour: 1, 2 or 4."""
        return self._zoom

    @zoom.setter
    def zoom(self, lines: int) -> None:
        """Change the scale and leave the cursor on the line of the screen where it was."""
        before = self._cursor_line()
        self._zoom = min(ZOOMS, key=lambda zoom: abs(zoom - lines))
        offset = before - self.scroll_offset.y
        self._rebuild()
        self._scroll_to_line(self._cursor_line() - offset)
        self._reveal()
        self.refresh()

    def put(
        self,
        week: Week,
        blocks: Sequence[Block],
        now: int,
        free: Sequence[Interval],
        cursor: int,
        chosen: str | None,
    ) -> None:
        """Show other days or other blocks with one refresh."""
        self._week, self._blocks, self._free = week, tuple(blocks), tuple(free)
        self._now, self._cursor, self._chosen = now, cursor, chosen
        self._hovered = None
        self._rebuild()
        self._reveal()
        self.refresh()

    def set_now(self, now: int) -> None:
        """Move the now-line; redraws only the lines between where it was and where it is."""
        week, layout, painter = self._week, self._layout, self._painter
        before, self._now = self._now, now
        if week is None or layout is None or painter is None:
            return
        was = painter.now
        painter.set_now(now)
        if week.local(before).date() != week.local(now).date():
            self.refresh()
            return
        lines = [at[1] for at in (was, painter.now) if at]
        if lines:
            column = layout.columns[(painter.now or was or (0, 0))[0]]
            self._refresh_lines({(min(lines), max(lines) + 1, column.right)})

    def move(
        self,
        cursor: int,
        chosen: str | None,
        marked: Interval | None,
        *,
        reveal: bool = True,
    ) -> None:
        """Set cursor, chosen block and marked range; redraws only what they touch.

        `reveal` scrolls to the cursor; under a mouse nothing may move away.
        """
        before = self._touched()
        self._cursor, self._chosen, self._range = cursor, chosen, marked
        self._sync()
        if reveal:
            self._reveal()
        after = self._touched()
        self._refresh_lines(before[0] | after[0] | {marked for _, marked in before[1] ^ after[1]})
        if before[2] != after[2] and self._layout:
            columns = self._layout.columns
            self.refresh(Region(0, 0, max(columns[day].right for day in (before[2], after[2])), 1))

    def hit(self, x: int, y: int) -> Hit | None:
        """What lies under a cell of the widget; None in the header, the gutter and beyond."""
        if self._layout is None or y < HEADER:
            return None
        return self._layout.hit(x, y - HEADER + self.scroll_offset.y)

    def day_head(self, x: int, y: int) -> int | None:
        """The day whose header lies under a cell."""
        return self._layout.day_at(x) if self._layout and 0 <= y < HEADER else None

    @property
    def lines_in_sight(self) -> int:
        return max(1, self.scrollable_content_region.height - HEADER)

    # -- drawing ---------------------------------------------------------------------------------

    def get_line_filters(self) -> Sequence[LineFilter]:
        return tones.filters(super().get_line_filters())

    def render_line(self, y: int) -> Strip:
        layout, painter, header = self._layout, self._painter, self._header
        if layout is None or painter is None or header is None:
            return Strip.blank(self.scrollable_content_region.width, self.rich_style)
        if self._palette is None:
            self._palette = Palette(self.app, self.rich_style)
        painter.palette = header.palette = self._palette
        if y < HEADER:
            day = painter.cursor[0] if painter.cursor else None
            return header.line(y, layout.week.local(self._now).date(), day)
        painter.focused = self.has_focus
        painter.top = self.scroll_offset.y
        line = y - HEADER + painter.top
        if line >= layout.height:
            return Strip.blank(layout.width, self._palette.ground)
        return painter.line(line)

    def notify_style_update(self) -> None:
        self._palette = None
        super().notify_style_update()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Lay out for a new size before it is painted: the event of it comes a frame later."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self._rebuild()
            self._reveal()
        return changed

    def on_show(self) -> None:
        """Lay out what came while it was hidden and had no width; no resize tells of that."""
        if self._layout is None:
            self._rebuild()
            self._reveal()
            self.refresh()

    def _rebuild(self) -> None:
        """Lay out the blocks anew: for other days, another width or another scale."""
        width = self.scrollable_content_region.width
        if self._week is None or width < 1:
            self._layout = self._painter = self._header = None
            return
        layout = Layout(self._week, self._blocks, width, self._zoom)
        self._layout = layout
        self._header = Header(layout, self._blocks)
        self._painter = Painter(layout)
        self._painter.blur = self._blur
        self._painter.set_available(self._free)
        self._painter.set_now(self._now)
        self._sync()
        self.virtual_size = Size(width, HEADER + layout.height)
        if not self._placed:
            self._placed = True
            self._scroll_to_line(layout.line(self._week.row_of_minute(FIRST_VIEW)))

    def _sync(self) -> None:
        """Tell the painter where cursor and range are."""
        layout, painter, steps = self._layout, self._painter, self.steps
        if layout is None or painter is None or steps is None:
            return
        spans = layout.spans(self._cursor, max(steps.cell(self._cursor)[1], self._cursor + 60))
        painter.cursor = spans[0] if spans else None
        painter.cursor_time = f"{steps.week.local(self._cursor):%H:%M}"
        painter.chosen = self._chosen
        painter.range = {}
        if self._range:
            start, end = self._range
            painter.range = {
                day: lines for one in self.selections for day, lines in layout.spans(*one)
            }
            clock = steps.week.clock
            days = len(self.selections)
            length = f"{(end - start) // 60} min" if days == 1 else f"{days} days"
            painter.range_words = (f"{clock(start)}–{clock(end)}", length)

    # -- redrawing -------------------------------------------------------------------------------

    def _touched(self) -> tuple[set[Lines], set[tuple[str, Lines]], int]:
        """What the cursor is drawn on, what changes only when another thing is marked, and the day.

        So a step within a session draws nothing of it again but the cursor's lines.
        """
        layout, painter = self._layout, self._painter
        if layout is None or painter is None or painter.cursor is None:
            return set(), set(), -1
        here, lines = painter.cursor
        cells = {(lines.start, lines.stop, layout.columns[here].right)}
        chosen = self._chosen or ""
        marks = {
            (chosen, (piece.lines.start, piece.lines.stop, piece.right))
            for piece in layout.of(chosen)
        }
        for day, marked in painter.range.items():
            marks.add(("range", (marked.start, marked.stop, layout.columns[day].right)))
        return cells, marks, here

    def _refresh_lines(self, touched: set[Lines]) -> None:
        """Refresh what is in sight, each line once: Textual writes it from its beginning on."""
        down, bottom = HEADER - self.scroll_offset.y, HEADER + self.lines_in_sight
        ends: dict[int, int] = {}
        for first, stop, end in touched:
            for y in range(max(first + down, HEADER), min(stop + down, bottom)):
                ends[y] = max(ends.get(y, 0), end)
        if ends:
            self.refresh(*(Region(0, y, end, 1) for y, end in ends.items()))

    def _cursor_line(self) -> int:
        row = self._week.row(self._cursor) if self._week else None
        return self._layout.line(row) if self._layout and row is not None else 0

    def _scroll_to_line(self, line: int) -> None:
        self.scroll_to(y=max(0, line), animate=False, force=True)

    def _reveal(self) -> None:
        """Scroll as little as brings the cursor into sight, half an hour from the edge.

        Where what is chosen begins at the cursor and has room, it comes into sight to its end.
        """
        layout, painter = self._layout, self._painter
        if layout is None or painter is None or painter.cursor is None:
            return
        lines = painter.cursor[1]
        top, height = self.scroll_offset.y, self.lines_in_sight
        margin = self._zoom if height > 4 * self._zoom else 0
        stop = lines.stop + margin
        for piece in layout.of(self._chosen or ""):
            if lines.start in piece.lines and piece.lines.stop - lines.start + margin <= height:
                stop = max(stop, piece.lines.stop)
        if lines.start - margin < top:
            self._scroll_to_line(lines.start - margin)
        elif stop > top + height:
            self._scroll_to_line(stop - height)
