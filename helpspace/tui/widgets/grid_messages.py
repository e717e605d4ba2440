"""What the calendar's views tell the app; handlers are called `on_week_grid_…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from helpspace.tui.widgets.face import Face
    from helpspace.tui.widgets.week_grid import WeekGrid


class GridMessage(Message, namespace="week_grid"):
    """Something that happened in a grid; instants are UTC seconds."""

    def __init__(self, grid: WeekGrid | Face) -> None:
        super().__init__()
        self.grid = grid

    @property
    def control(self) -> WeekGrid | Face:
        return self.grid


class RangeSelected(GridMessage, namespace="week_grid"):
    """A range was marked and finished, by releasing the mouse or by Enter."""

    def __init__(self, grid: WeekGrid | Face, start: int, end: int) -> None:
        super().__init__(grid)
        self.start = start
        self.end = end


class BlockOpened(GridMessage, namespace="week_grid"):
    """A block was double-clicked, or Enter pressed on it."""

    def __init__(self, grid: WeekGrid | Face, block_id: str) -> None:
        super().__init__(grid)
        self.block_id = block_id


class CellOpened(GridMessage, namespace="week_grid"):
    """An empty cell was double-clicked, or Enter pressed on it."""

    def __init__(self, grid: WeekGrid | Face, instant: int) -> None:
        super().__init__(grid)
        self.instant = instant
