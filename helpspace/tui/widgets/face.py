"""What the month and the agenda share: a cursor that is an instant, and the grid's own ways.

They stand where the week stands, are drawn line by line, and know no store: the calendar shows
them what they `turn` to, as it does for the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from helpspace.core import moments
from helpspace.tui.actions import Place, bindings
from helpspace.tui.layout import Block
from helpspace.tui.steps import block_at, neighbour
from helpspace.tui.week import Spot, Week
from helpspace.tui.widgets.grid_palette import Palette


class Face(Widget, can_focus=True, inherit_bindings=False):
    """Some days in another form than hour by hour."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.MOVING)
    DEFAULT_CSS = "Face { width: 1fr; height: 1fr; background: $grid-ground; color: $grid-text; }"

    selection: tuple[int, int] | None = None
    """No range of hours can be marked here."""

    def __init__(self, zone: str, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.look: Callable[[], None] = lambda: None
        """Shows what is under the cursor, before the next key is looked at."""
        self.turn: Callable[[date], None] = lambda _: None
        """Shows the days from a date on, likewise."""
        self.zone = zone
        self._first = date.min
        self._blocks: tuple[Block, ...] = ()
        self._now = 0
        self._cursor = 0
        self._chosen: str | None = None
        self._wanted: int | None = None
        """The instant to go to once its days are shown."""
        self._blur = False
        self._palette: Palette | None = None

    # -- what the calendar asks ------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """Where the cursor stands, in UTC seconds."""
        return self._cursor

    @property
    def day(self) -> date:
        """The date of the cursor."""
        return moments.local_date(self._cursor, self.zone)

    @property
    def chosen(self) -> Block | None:
        """The slot or session under the cursor."""
        return next((block for block in self._blocks if block.id == self._chosen), None)

    def days_from(self, first: date) -> int:
        """Return how many days are shown where `first` is the first of them."""
        raise NotImplementedError

    @property
    def days(self) -> int:
        """How many days are shown now."""
        return self.days_from(self._first)

    @property
    def heading(self) -> str:
        """The days that are shown, in words."""
        raise NotImplementedError

    @property
    def span(self) -> tuple[int, int]:
        """First instant and end of the days that are shown, in UTC seconds."""
        last = self._first + timedelta(days=self.days)
        return moments.start_of_day(self._first, self.zone), moments.start_of_day(last, self.zone)

    @property
    def blur_names(self) -> bool:
        """Whether names are dots, for sharing the screen."""
        return self._blur

    @blur_names.setter
    def blur_names(self, blur: bool) -> None:
        self._blur = blur
        self.tooltip = None
        self.refresh()

    def first_of(self, day: date) -> date:
        """Return the first day to show so that a day is among those shown."""
        raise NotImplementedError

    def place(self, instant: int, chosen: str | None) -> None:
        """Take over the cursor of another view; `show` is to follow."""
        self._wanted, self._chosen = instant, chosen

    def show(self, first: date, blocks: Sequence[Block], now: int) -> None:
        """Show days from `first` on; the cursor stays, or goes where it was wanted."""
        state = (first, tuple(blocks), now // 60)
        same = state == (self._first, self._blocks, self._now // 60) and self._wanted is None
        self._first, self._blocks, self._now = first, tuple(blocks), now
        if same:
            return
        before = self._cursor, self._chosen
        if self._wanted is not None:
            self._cursor, self._wanted = self._wanted, None
        self._choose(self._chosen)
        self.set_out()
        self.refresh()
        if (self._cursor, self._chosen) != before:
            self.look()

    def set_out(self) -> None:
        """Work out what is drawn where, after the days, the blocks or the cursor changed."""

    def move_cursor_to(self, instant: int) -> None:
        """Put the cursor on an instant; asks for its days first when others are shown."""
        day = moments.local_date(instant, self.zone)
        first = self.first_of(day)
        if first == self._first and self._shows(day):
            self._go(instant)
        else:
            self._want(first, instant)

    def select(self, block_id: str) -> bool:
        """Put the cursor on one of the blocks shown; False when it is not among them."""
        block = next((one for one in self._blocks if one.id == block_id), None)
        if block is not None:
            self._go(block.start, block.id)
        return block is not None

    def clear_range(self) -> None:
        """Nothing is ever marked here."""

    # -- moving ----------------------------------------------------------------------------------

    def _shows(self, day: date) -> bool:
        return 0 <= (day - self._first).days < self.days

    def _go(self, instant: int, chosen: str | None = None) -> None:
        before = self._cursor, self._chosen
        self._cursor = instant
        self._choose(chosen)
        if (self._cursor, self._chosen) != before:
            self.set_out()
            self.refresh()
            self.look()

    def _choose(self, block_id: str | None) -> None:
        """Choose a block that holds the cursor, or whatever lies there."""
        under = next(
            (one for one in self._blocks if one.id == block_id and one.holds(self._cursor)), None
        ) or block_at(self._blocks, self._cursor)
        self._chosen = under.id if under else None

    def _want(self, first: date, instant: int | None) -> None:
        self._wanted = instant
        self.turn(first)
        self._wanted = None  # also where they could not be read

    def _by_days(self, days: int) -> None:
        """Go to the same wall time on another day, or the next that exists there (C5)."""
        local = moments.at_zone(self._cursor, self.zone)
        day = local.date() + timedelta(days=days)
        if 2000 <= day.year < 2200:
            spot = Spot(0, local.hour * 60 + local.minute, local.fold)
            target = Week(day, 1, self.zone).nearest(spot)
            if target is not None:
                self.move_cursor_to(target)

    def turn_page(self, pages: int) -> None:
        """Go to the days before or after those that are shown."""
        self._by_days(7 * pages)

    def action_cursor_left(self) -> None:
        self._by_days(-1)

    def action_cursor_right(self) -> None:
        self._by_days(1)

    def action_previous_week(self) -> None:
        self._by_days(-7)

    def action_next_week(self) -> None:
        self._by_days(7)

    def action_today(self) -> None:
        """Go to the half hour that holds the present."""
        local = moments.at_zone(self._now, self.zone)
        self.move_cursor_to(self._now - local.minute % 30 * 60 - local.second)

    def action_next_block(self) -> None:
        self._hop(forward=True)

    def action_previous_block(self) -> None:
        self._hop(forward=False)

    def _hop(self, *, forward: bool) -> bool:
        block = neighbour(self._blocks, self._cursor, self._chosen, forward=forward)
        if block is not None:
            self._go(block.start, block.id)
        return block is not None

    def action_extend_down(self) -> None:
        """Hours are marked in the day and in the week."""

    def action_extend_up(self) -> None:
        """Hours are marked in the day and in the week."""

    def action_extend_left(self) -> None:
        """Hours are marked in the day and in the week."""

    def action_extend_right(self) -> None:
        """Hours are marked in the day and in the week."""

    def action_clear_range(self) -> None:
        """Nothing is ever marked here."""

    def action_zoom_in(self) -> None:
        """There is one scale here."""

    def action_zoom_out(self) -> None:
        """There is one scale here."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the calendar's own here."""
        del parameters
        return action != "clear_range"

    # -- drawing ---------------------------------------------------------------------------------

    @property
    def palette(self) -> Palette:
        """The colours, made once for each theme."""
        if self._palette is None:
            self._palette = Palette(self.app, self.rich_style)
        return self._palette

    def notify_style_update(self) -> None:
        self._palette = None
        super().notify_style_update()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self.set_out()
        self.refresh()
