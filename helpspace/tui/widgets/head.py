"""The line on top of a whole screen: where one is, and how things stand."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from helpspace.tui.widgets.grid_text import fit


class Head(Widget):
    """The line on top: where one is on the left, how far on the right.

    With a Stripe key that moves no real money, a mark before the words says so (A5).
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Head { height: 1; width: 1fr; background: $background; color: $grid-text; }
    """

    def __init__(self, *, test: bool = False) -> None:
        super().__init__()
        self._mark = " TEST " if test else ""
        self._left, self._right, self._style = "", "", ""

    def show(self, left: str, right: str, style: str = "$primary") -> None:
        """Show other words."""
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
