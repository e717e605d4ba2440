"""The next few sessions, below the facts of a wide calendar; a click goes to one."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.widgets.still import Still

MOST = 5


class Coming(NamedTuple):
    """A session to come: its UTC start, the start in words, and the client's name to show."""

    start: int
    when: str
    name: str


class ComingUp(Still, Widget):
    """A heading and up to five lines."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ComingUp { height: 8; padding: 0 2 1 2; background: $panel; color: $grid-text; }
    """

    class Chosen(Message):
        """A session was clicked."""

        def __init__(self, start: int) -> None:
            super().__init__()
            self.start = start

    def __init__(self) -> None:
        super().__init__()
        self._sessions: tuple[Coming, ...] = ()

    def show(self, sessions: Sequence[Coming]) -> None:
        """Show other sessions, soonest first."""
        if tuple(sessions[:MOST]) != self._sessions:
            self._sessions = tuple(sessions[:MOST])
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        lines = [Content.styled("Coming up", "$grid-quiet")]
        for _, when, name in self._sessions:
            lines.append(
                Content.assemble(
                    (fit(when, 18), "$grid-quiet"), (fit(name, width - 18), "$grid-text")
                )
            )
        if not self._sessions:
            lines.append(Content("No session in the next two weeks"))
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Go to the session under the mouse."""
        at = event.get_content_offset(self)
        if at is not None and 0 < at.y <= len(self._sessions):
            self.post_message(self.Chosen(self._sessions[at.y - 1].start))
