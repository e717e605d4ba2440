"""The line on top of a whole screen: where one is, and how things stand."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from helpspace.tui.widgets.grid_text import fit


class Head(Widget):
    """The line on top: where one is on the left, how far on the right."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Head { height: 1; width: 1fr; background: $background; color: $grid-text; }
    """

    def __init__(self, *, test: bool = False) -> None:
        super().__init__()
        self._mark = ""
        if test:
            self.mark_test()
        self._left, self._right, self._style = "", "", ""

    def mark_test(self) -> None:
        """Say before the words that no real money moves, from the next drawing on (A5)."""
        self._mark = " TEST "

    def show(self, left: str, right: str, style: str = "$primary") -> None:
        """Show other words; foreign text in them must be cleaned."""
        if (left, right, style) != (self._left, self._right, self._style):
            self._left, self._right, self._style = left, right, style
            self.refresh()

    def render(self) -> Content:
        room = self.size.width - cell_len(self._mark) - cell_len(self._right) - 3
        return Content.assemble(
            (self._mark, "bold reverse $warning"),
            (fit(f" {self._left}", max(room, 10)), "bold"),
            "  ",
            (self._right, self._style),
        )
