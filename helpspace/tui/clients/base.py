"""What the screens of this room share: lines to choose from, and forms about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.screen import Screen

from helpspace.core.errors import HelpspaceError
from helpspace.tui.messages import Done
from helpspace.tui.screens.lines import LinesScreen

T = TypeVar("T")

WIDE = 110
"""Columns from which on lines tell more."""


class ListScreen(LinesScreen[int | None, T], Generic[T], inherit_bindings=False):
    """Lines about things of one kind; ends with the start of a session to go to, or None."""

    def ask(self, make: Callable[[], Screen[Done | None]]) -> None:
        """Open a form or question, unless what it is about refuses that."""
        self.status.clear()
        try:
            screen = make()
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.app.push_screen(screen, self.ended)

    def ended(self, done: Done | None) -> None:
        """Say what was done, and read again."""
        from helpspace.tui.clients.words import done_words  # noqa: PLC0415 - forms come first

        if done is not None:
            self.status.done(done_words(done, self.desk))
        self.look()

    def enter(self) -> None:
        self.action_show()

    def action_show(self) -> None:
        """Open the marked line, where it can be."""
