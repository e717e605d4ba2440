"""The therapist's terminal."""

from __future__ import annotations

from textual.app import ComposeResult

from helpspace import collecting
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.widgets.calendar_pane import CalendarPane


class TherapistApp(HelpspaceApp):
    """One therapist's calendar on the whole screen."""

    def __init__(self, practice: Practice, actor: Actor, *, debug: bool = False) -> None:
        super().__init__(debug=debug)
        self.pane = CalendarPane(practice, actor, id="calendar")

    def compose(self) -> ComposeResult:
        yield self.pane


def run(practice: Practice, actor: Actor, *, debug: bool = False) -> int:
    """Open a therapist's calendar in this terminal until they leave; return the exit status."""
    app = TherapistApp(practice, actor, debug=debug)
    collecting.steadily()
    app.run()
    return app.return_code or 0
