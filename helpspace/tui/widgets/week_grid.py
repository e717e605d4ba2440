"""The calendar: one line-API widget that shows some days, minute by minute, and a cursor in them.

It knows no store. The calendar calls `show` with frozen blocks and answers messages; another week
is only asked for (`turn`), and nothing is redrawn until the calendar shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual.binding import BindingType
from textual.scroll_view import ScrollView

from helpspace.tui.actions import Place, bindings
from helpspace.tui.layout import ZOOMS, Block
from helpspace.tui.steps import block_at, neighbour
from helpspace.tui.week import Spot, Week
from helpspace.tui.widgets import grid_messages
from helpspace.tui.widgets.grid_mouse import GridMouse
from helpspace.tui.widgets.grid_view import Interval


class WeekGrid(GridMouse, ScrollView, can_focus=True, inherit_bindings=False):
    """Days side by side, with a cursor that is an instant."""

    DEFAULT_CSS = """
    WeekGrid {
        background: $grid-ground; color: $grid-text;
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.MOVING)

    RangeSelected = grid_messages.RangeSelected
    BlockOpened = grid_messages.BlockOpened
    CellOpened = grid_messages.CellOpened

    _wanted: tuple[date, Spot] | None = None
    """The days that were asked for, and where the cursor shall stand in them."""
    _given: int | None = None
    """The instant at which another view left the cursor."""

    # -- what the app calls ----------------------------------------------------------------------

    def show(
        self,
        first_day: date,
        blocks: Sequence[Block],
        now: int,
        *,
        days: int | None = None,
        available: Sequence[Interval] = (),
    ) -> None:
        """Show days from `first_day` on; the cursor stays where it was, if these days hold it.

        Without `days` their number stays (7 at first). `available` are the times that the
        therapist works, as UTC intervals.
        """
        count = days or (self._week.days if self._week else 7)
        old = self._week
        if old and (old.first, old.days, old.zone) == (first_day, count, self.zone):
            week = old
            same = self._blocks == tuple(blocks) and self._free == tuple(available)
            if same and self._given is None:
                self.set_now(now)
                return
        else:
            week = Week(first_day, count, self.zone)
            self._stop_marking()
            self._range = None
        cursor = self._cursor_for(week, now)
        under = next((b for b in blocks if b.id == self._chosen and b.holds(cursor)), None)
        under = under or block_at(blocks, cursor)
        chosen = under.id if under else None
        moved = (cursor, chosen) != (self._cursor, self._chosen)
        self.put(week, blocks, now, available, cursor, chosen)
        if moved:
            self.look()

    def _cursor_for(self, week: Week, now: int) -> int:
        """Where the cursor stands in the days that are about to be shown."""
        wanted, old = self._wanted, self._week
        given, self._given = self._given, None
        if given is not None and week.spot(given) is not None:
            return given
        if wanted and wanted[0] == week.first:
            spot = wanted[1]
        elif old is None:
            spot = week.spot(now) or Spot(0, 9 * 60)
            spot = spot._replace(minute=spot.minute - spot.minute % self.step)
        elif week.spot(self._cursor) is not None:
            return self._cursor
        else:
            spot = old.spot(self._cursor) or Spot(0, 9 * 60)
        spot = spot._replace(day=min(spot.day, week.days - 1))
        return week.nearest(spot) or self._cursor

    def place(self, instant: int, chosen: str | None) -> None:
        """Take over the cursor of another view; `show` is to follow."""
        self._given, self._chosen = instant, chosen

    def move_cursor_to(self, instant: int) -> None:
        """Put the cursor on an instant; asks for its week first when another one is shown."""
        if self._week is None:
            return
        if self._week.spot(instant) is not None:
            self._go(instant)
            return
        local = self._week.local(instant)
        pages = (local.date() - self._week.first).days // self._week.days
        first = self._week.first + timedelta(days=pages * self._week.days)
        spot = Week(first, self._week.days, self.zone).spot(instant)
        if spot is not None:
            self._want(first, spot)

    def move_cursor_to_day(self, day: date, *, reveal: bool = True) -> None:
        """Put the cursor on another day at the same wall time, or the next that exists there."""
        spot = self._week.spot(self._cursor) if self._week else None
        if self._week is None or spot is None:
            return
        pages, index = divmod((day - self._week.first).days, self._week.days)
        spot = spot._replace(day=index)
        if pages:
            self._want(self._week.first + timedelta(days=pages * self._week.days), spot)
            return
        target = self._week.nearest(spot)
        if target is not None:
            self._go(target, reveal=reveal)

    def select(self, block_id: str) -> bool:
        """Put the cursor on a block of the days shown; False when it is not among them."""
        block = next((b for b in self._blocks if b.id == block_id), None)
        if block is None or self._week is None:
            return False
        start = block.start
        if self._week.spot(start) is None:
            start = self._week.stretches[0].start
        self._stop_marking()
        self._go(start, block_id)
        return True

    def clear_range(self) -> None:
        """Take the mark off, if there is one."""
        self._stop_marking()
        self._go(self._cursor, self._chosen)

    # -- moving ----------------------------------------------------------------------------------

    def _go(self, instant: int, chosen: str | None = None, *, reveal: bool = True) -> None:
        """Move the cursor, and choose a block or whatever lies there."""
        if chosen is None:
            under = block_at(self._blocks, instant)
            chosen = under.id if under else None
        moved = (instant, chosen) != (self._cursor, self._chosen)
        if moved or self._range:
            self._anchor = None
            before, self._across = self._across, 0
            if before:
                self.refresh()
            self.move(instant, chosen, None, reveal=reveal)
        if moved:
            self.look()

    def _extend(self, instant: int, *, reveal: bool = True) -> None:
        """Mark everything between the cell where it began and the cell of an instant."""
        steps = self.steps
        if steps is None:
            return
        anchor = self._anchor or steps.cell(self._cursor)
        self._anchor = anchor
        start, end = steps.cell(instant)
        marked = (min(anchor[0], start), max(anchor[1], end))
        if (instant, marked) == (self._cursor, self._range):
            return
        self.move(instant, None, marked, reveal=reveal)
        self.look()

    def tell_range(self) -> None:
        """Tell that a range is marked and wanted."""
        if self._range:
            self.post_message(self.RangeSelected(self, *self._range))

    def _stop_marking(self) -> None:
        self._anchor = None
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _want(self, first: date, spot: Spot) -> None:
        self._wanted = (first, spot)
        self.turn(first)
        self._wanted = None  # also where they could not be read

    def turn_page(self, pages: int) -> None:
        """Ask for as many days before or after as are shown."""
        if self._week:
            self._turn(pages * self._week.days)

    def _turn(self, days: int) -> None:
        """Ask for days before or after."""
        if self._week:
            here = self._week.spot(self._cursor) or Spot(0, 0)
            self._want(self._week.first + timedelta(days=days), here)

    def _sideways(self, days: int) -> None:
        spot = self._week.spot(self._cursor) if self._week else None
        if self._week and spot:
            self.move_cursor_to_day(self._week.date_of(spot.day) + timedelta(days=days))

    def _by_page(self, pages: int) -> None:
        if self.steps:
            minutes = max(self.step, self.lines_in_sight * 30 // self.zoom - 60) * pages
            self._go(self.steps.by_minutes(self._cursor, minutes))

    def action_cursor_up(self) -> None:
        if self.steps:
            self._go(self.steps.within_day(self._cursor, self.steps.above(self._cursor)))

    def action_cursor_down(self) -> None:
        if self.steps:
            self._go(self.steps.within_day(self._cursor, self.steps.below(self._cursor)))

    def action_cursor_left(self) -> None:
        self._sideways(-1)

    def action_cursor_right(self) -> None:
        self._sideways(1)

    def action_page_up(self) -> None:
        self._by_page(-1)

    def action_page_down(self) -> None:
        self._by_page(1)

    def action_day_start(self) -> None:
        if self.steps:
            self._go(self.steps.within_day(self._cursor, 0))

    def action_day_end(self) -> None:
        if self.steps:
            self._go(self.steps.within_day(self._cursor, self._cursor + 2 * 86400))

    def action_previous_week(self) -> None:
        self._turn(-7)

    def action_next_week(self) -> None:
        self._turn(7)

    def action_today(self) -> None:
        """Go to the cell that holds the present."""
        if self._week:
            local = self._week.local(self._now)
            self.move_cursor_to(self._now - local.minute % self.step * 60 - local.second)

    def action_next_block(self) -> None:
        self._hop(forward=True)

    def action_previous_block(self) -> None:
        self._hop(forward=False)

    def _hop(self, *, forward: bool) -> None:
        block = neighbour(self._blocks, self._cursor, self._chosen, forward=forward)
        if block:
            self.select(block.id)

    def action_extend_down(self) -> None:
        if self.steps:
            below = self.steps.below(self._cursor)
            if self.steps.week.spot(below):
                self._extend(below)

    def action_extend_up(self) -> None:
        if self.steps:
            above = self.steps.above(self._cursor)
            if self.steps.week.spot(above):
                self._extend(above)

    def action_extend_left(self) -> None:
        self._extend_days(-1)

    def action_extend_right(self) -> None:
        self._extend_days(1)

    def _extend_days(self, days: int) -> None:
        """Mark the same hours on the next day too, or take a day off the mark again."""
        if self._range is None:
            self._extend(self._cursor)
        first = self.marked_day
        if self._week is None or first is None:
            return
        if 0 <= first + self._across + days < self._week.days:
            self._across += days
            self.move(self._cursor, None, self._range)
            self.refresh()
            self.look()

    def action_clear_range(self) -> None:
        self.clear_range()

    def action_open(self) -> None:
        """Open the marked range, the block under the cursor, or the empty cell."""
        if self._range:
            self.tell_range()
        elif self._chosen:
            self.post_message(self.BlockOpened(self, self._chosen))
        elif self._week:
            self.post_message(self.CellOpened(self, self._cursor))

    def action_zoom_in(self) -> None:
        self.zoom = next((zoom for zoom in ZOOMS if zoom > self.zoom), self.zoom)

    def action_zoom_out(self) -> None:
        self.zoom = next((zoom for zoom in reversed(ZOOMS) if zoom < self.zoom), self.zoom)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the app's own while nothing is marked."""
        del parameters
        return action != "clear_range" or self._range is not None
