"""Keys of a grid that stands by itself, without the calendar around it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

GRID_BINDINGS: list[BindingType] = [
    Binding("up,k", "cursor_up", "Earlier", show=False, id="grid.up"),
    Binding("down,j", "cursor_down", "Later", show=False, id="grid.down"),
    Binding("left,h", "cursor_left", "Day before", show=False, id="grid.left"),
    Binding("right,l", "cursor_right", "Day after", show=False, id="grid.right"),
    Binding("pageup", "page_up", "Page up", show=False, id="grid.page_up"),
    Binding("pagedown", "page_down", "Page down", show=False, id="grid.page_down"),
    Binding("home", "day_start", "Start of the day", show=False, id="grid.day_start"),
    Binding("end", "day_end", "End of the day", show=False, id="grid.day_end"),
    Binding("left_square_bracket", "previous_week", "Week before", id="grid.previous_week"),
    Binding("right_square_bracket", "next_week", "Week after", id="grid.next_week"),
    Binding("t", "today", "Today", id="grid.today"),
    Binding("full_stop", "next_block", "Next entry", show=False, id="grid.next_block"),
    Binding("comma", "previous_block", "Previous entry", show=False, id="grid.previous_block"),
    Binding("shift+down,J", "extend_down", "Mark later", show=False, id="grid.extend_down"),
    Binding("shift+up,K", "extend_up", "Mark earlier", show=False, id="grid.extend_up"),
    Binding("shift+left,H", "extend_left", "Mark days before", show=False, id="grid.extend_left"),
    Binding("shift+right", "extend_right", "Mark days after", show=False, id="grid.extend_right"),
    Binding("enter", "open", "Open", id="grid.open"),
    Binding("escape", "clear_range", "Unmark", show=False, id="grid.clear_range"),
    Binding("plus,equals_sign", "zoom_in", "Zoom in", show=False, id="grid.zoom_in"),
    Binding("minus", "zoom_out", "Zoom out", show=False, id="grid.zoom_out"),
]
