"""The line above the calendar: whose it is, which week it shows, and whether clients see them."""

from __future__ import annotations

from datetime import date

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from helpspace.core.profiles import TherapistView
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.words import shown_profile, shown_week


class TitleBar(Widget):
    """Name on the left, the week with its two arrows in the middle, the profile on the right."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; background: $background; color: $grid-text; }
    """

    class WeekTurned(Message):
        """An arrow beside the week was clicked."""

        def __init__(self, weeks: int) -> None:
            super().__init__()
            self.weeks = weeks

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._week = ""
        self._why: tuple[str, ...] = ()
        self._arrows = (0, 0)

    def show(self, therapist: TherapistView, first: date) -> None:
        """Show a therapist and a week."""
        state = (therapist.name, shown_week(first), shown_profile(therapist))
        if state != (self._name, self._week, self._why):
            self._name, self._week, self._why = state
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        week = f"‹ {self._week} ›"
        middle = max(0, (width - cell_len(week)) // 2)
        room = max(0, width - middle - cell_len(week) - 2)
        mark, words, style = "●", "visible to clients", "$success"
        if self._why:
            mark, style = "○", "$warning"
            words = f"hidden: {self._why[0]}"
            if len(self._why) > 1:
                words = f"hidden: {len(self._why)} reasons"
            if cell_len(words) + 2 > room:
                words = "hidden"
        elif cell_len(words) + 2 > room:
            words = "visible"
        right = f"{mark} {words}"
        self._arrows = (middle, middle + cell_len(week) - 1)
        gap = max(1, width - middle - cell_len(week) - cell_len(right) - 1)
        return Content.assemble(
            (fit(f" {self._name}", max(0, middle - 1)) + " ", "bold"),
            ("‹", "$accent"),
            (f" {self._week} ", "bold"),
            ("›", "$accent"),
            " " * gap,
            (right, style),
        )

    def on_click(self, event: events.Click) -> None:
        """Turn the week at an arrow, which is three cells wide for the mouse."""
        for weeks, x in zip((-1, 1), self._arrows, strict=True):
            if abs(event.x - x) <= 1:
                self.post_message(self.WeekTurned(weeks))
