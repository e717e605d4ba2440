"""The mouse in the calendar grid: it puts the cursor, marks by dragging, opens, hovers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content

from helpspace.tui.widgets.grid_head import HEADER
from helpspace.tui.widgets.grid_text import spoken
from helpspace.tui.widgets.grid_view import GridView, Interval


class GridMouse(GridView):
    """A part of a grid that has a cursor."""

    _anchor: Interval | None = None
    """The cell at which the marked range began."""
    _dragging = False
    _pressed = False
    """Whether the mouse went down on a time, so that a double click may open it."""

    if TYPE_CHECKING:

        def move_cursor_to_day(self, day: date, *, reveal: bool = True) -> None: ...
        def _go(self, instant: int, chosen: str | None = None, *, reveal: bool = True) -> None: ...
        def _extend(self, instant: int, *, reveal: bool = True) -> None: ...
        def tell_range(self) -> None: ...
        def action_open(self) -> None: ...

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor there; on an empty cell this may become a drag."""
        self._pressed = False
        at = event.get_content_offset(self)
        if event.button != 1 or at is None or self.steps is None:
            return
        day = self.day_head(*at)
        hit = self.hit(*at)
        if day is not None:
            self.move_cursor_to_day(self.steps.week.date_of(day), reveal=False)
        elif hit and hit.spot:
            self._press(hit.block_id, self.steps.week.instant(hit.spot) or self._cursor)

    def _press(self, block_id: str | None, instant: int) -> None:
        self._pressed = True
        block = next((b for b in self._blocks if b.id == block_id), None)
        start = self.steps.cell(instant)[0] if self.steps else instant
        self._anchor = None
        if block:
            start = start if block.holds(start) else max(instant, block.start)
            self._go(start, block.id, reveal=False)
            return
        self._go(start, reveal=False)
        self._dragging = True
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the end of a range along one day; beyond the edge the days scroll on."""
        at = event.get_content_offset_capture(self)
        if not self._dragging:
            self._hover(at.x, at.y)
            return
        target = self._cell_below(at.y)
        if target is not None and (self._anchor or target != self._cursor):
            inside = HEADER <= at.y < HEADER + self.lines_in_sight
            self._extend(target, reveal=not inside)

    def _cell_below(self, y: int) -> int | None:
        """The cell of the day in which the drag began, at the height of the mouse."""
        steps, layout = self.steps, self._layout
        spot = steps.week.spot(self._anchor[0] if self._anchor else self._cursor) if steps else None
        if steps is None or layout is None or spot is None:
            return None
        hit = self.hit(layout.columns[spot.day].left, max(y, HEADER))
        instant = steps.week.instant(hit.spot) if hit and hit.spot else None
        return None if instant is None else steps.cell(instant)[0]

    def on_mouse_up(self, _: events.MouseUp) -> None:
        """Finish a drag: the range stays marked until the cursor moves."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()
            self.tell_range()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self._pressed and self._range is None:
            self.action_open()

    def on_leave(self) -> None:
        self._hover(-1, -1)

    def _hover(self, x: int, y: int) -> None:
        """Hold the whole text of the block under the mouse ready as a tooltip."""
        hit = self.hit(x, y)
        block_id = hit.block_id if hit else None
        if block_id == self._hovered:
            return
        self._hovered = block_id
        block = next((b for b in self._blocks if b.id == block_id), None)
        if block is None or self._week is None:
            self.tooltip = None
        else:
            self.tooltip = Content(spoken(block, self._week, blur=self.blur_names))
