"""The line above the calendar: whose it is, which week it shows, and whether clients see them."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from helpspace.core.profiles import TherapistView
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.widgets.still import Still
from helpspace.tui.words import shown_profile


class TitleBar(Still, Widget):
    """Name on the left, the week with its two arrows in the middle, the profile on the right.

    With a Stripe key that moves no real money, a mark before the name says so (A5).
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; background: $background; color: $grid-text; }
    """

    class WeekTurned(Message):
        """An arrow beside the week was clicked."""

        def __init__(self, weeks: int) -> None:
            super().__init__()
            self.weeks = weeks

    def __init__(self, *, test: bool = False) -> None:
        super().__init__()
        self._mark = " TEST " if test else ""
        self._who = ""
        self._week = ""
        self._why: tuple[str, ...] = ()
        self._arrows = (0, 0)

    def show(self, therapist: TherapistView, days: str) -> None:
        """Show a therapist, and the days in words."""
        state = (therapist.name, days, shown_profile(therapist))
        if state != (self._who, self._week, self._why):
            self._who, self._week, self._why = state
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        week = f"‹ {self._week} ›"
        # In the middle where there is room for everything, else as far left as the name allows.
        left = (width - cell_len(week)) // 2
        state = self._state(width - left - cell_len(week) - 3)
        if cell_len(state) > width - left - cell_len(week) - 3 or "…" in state:
            left = min(left, cell_len(self._mark + self._who) + 3)
            state = self._state(width - left - cell_len(week) - 3)
        self._arrows = (left, left + cell_len(week) - 1)
        gap = max(1, width - left - cell_len(week) - cell_len(state) - 1)
        return Content.assemble(
            (self._mark, "bold reverse $warning"),
            (fit(f" {self._who}", max(0, left - 1 - len(self._mark))) + " ", "bold"),
            ("‹", "$accent"),
            (f" {self._week} ", "bold"),
            ("›", "$accent"),
            " " * gap,
            (state, "$warning" if self._why else "$success"),
        )

    def _state(self, room: int) -> str:
        """Whether clients see the profile, as long as there is room to say it; "…" means cut."""
        if not self._why:
            return "● visible to clients" if room >= 20 else "● visible"
        more = f" (+{len(self._why) - 1})" if len(self._why) > 1 else ""
        whole = f"○ hidden: {self._why[0]}{more}"
        if cell_len(whole) <= room:
            return whole
        return fit(whole, max(room, 9)).rstrip()

    def on_click(self, event: events.Click) -> None:
        """Turn the week at an arrow, which is three cells wide for the mouse."""
        for weeks, x in zip((-1, 1), self._arrows, strict=True):
            if abs(event.x - x) <= 1:
                self.post_message(self.WeekTurned(weeks))
