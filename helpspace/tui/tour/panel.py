"""The tour's panel: a few lines at an edge, with the calendar in sight behind it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.own_keys import Keys
from helpspace.tui.screens.base import Panel
from helpspace.tui.tour.steps import STEPS


class TourPanel(Panel[None]):
    """Goes through the steps; it ends with None, whether it was taken to its end or left."""

    BINDINGS = bindings(Place.TOUR)
    DEFAULT_CSS = """
    TourPanel {
        background: transparent;
        align: center bottom;
        &.-top { align: left top; }
        & > .panel { width: 80; border: round $accent; padding: 0 2; }
        .lines { height: 3; color: $grid-text; }
        StatusLine { display: none; }
        KeyBar { margin-top: 1; }
    }
    """

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._own = keys
        self._at = 0
        self._lines = Static(Content(""), classes="lines")

    def body(self) -> Iterable[Widget]:
        return (self._lines,)

    def heading(self) -> str:
        return f"{STEPS[self._at].heading}  {self._at + 1} of {len(STEPS)}"

    def bar(self) -> list[tuple[Action, str]]:
        last, first = self._at == len(STEPS) - 1, self._at == 0
        return [
            (one, "done" if last and one.id == "tour.next" else word)
            for one, word in bar([Place.TOUR], Under.FREE)
            if not (first and one.id == "tour.back") and not (last and one.id == "tour.leave")
        ]

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        step = STEPS[self._at]
        self.set_class(step.edge == "top", "-top")
        self.query_one(".heading", Static).update(Content(self.heading()))
        self._lines.update(Content("\n".join(self._own.say(line) for line in step.lines)))
        self.keys.show(self.bar())

    def action_next(self) -> None:
        """Go on, and end after the last step."""
        if self._at == len(STEPS) - 1:
            self.dismiss(None)
            return
        self._at += 1
        self._show()

    def action_back(self) -> None:
        """Go back to the step before."""
        self._at = max(0, self._at - 1)
        self._show()

    def action_leave(self) -> None:
        """Leave it for good."""
        self.dismiss(None)
