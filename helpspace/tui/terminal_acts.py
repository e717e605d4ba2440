"""What the calendar can do about its own terminal: settings, keys, lock and tour.

All of it is loaded when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from helpspace.core.errors import HelpspaceError
from helpspace.tui import messages
from helpspace.tui.own_keys import keys_of
from helpspace.tui.part import Part

if TYPE_CHECKING:
    from textual.screen import Screen

    from helpspace.tui.desk import Desk
    from helpspace.tui.widgets.status_line import StatusLine


class TerminalActs(Part):
    """What a calendar is made from, which has a desk and a status line."""

    if TYPE_CHECKING:
        desk: Desk
        status: StatusLine

        def refuse(self, error: HelpspaceError) -> None: ...
        def _ask(self, make: Callable[[], Screen[messages.Done | None]]) -> None: ...

    def action_settings(self) -> None:
        """Show the settings of the terminal."""
        from helpspace.tui.settings.screen import SettingsScreen  # noqa: PLC0415 - when wanted

        def go(act: str) -> None:
            self.call_later(self.run_action, act)

        self.app.push_screen(SettingsScreen(self.desk, go))

    def action_own_keys(self) -> None:
        """Show the keys of every action."""
        from helpspace.tui.settings.editor import KeysScreen  # noqa: PLC0415 - same

        self.app.push_screen(KeysScreen(self.desk))

    def action_lock(self) -> None:
        """Set, change or take off the lock of this terminal."""
        from helpspace.tui.lock.form import LockModal  # noqa: PLC0415 - same

        self._ask(lambda: LockModal(self.desk))

    def on_lock_kept(self, event: messages.LockKept) -> None:
        """Say from when on it locks; the app's own watch begins anew by the same message."""
        if event.minutes is None:
            self.status.done("The lock is off: nobody is asked for a passphrase.")
        else:
            said = f"Locked after {event.minutes} min without a key; {{lock.now}} does so now."
            self.status.done(keys_of(self.app).say(said))

    def action_tour(self) -> None:
        """Take the tour, at the first start or again."""
        from helpspace.tui.tour.panel import TourPanel  # noqa: PLC0415 - same

        def ended(_: None) -> None:
            self._end_tour()

        self.app.push_screen(TourPanel(keys_of(self.app)), ended)

    @work(group="tour", exit_on_error=False)
    async def _end_tour(self) -> None:
        from helpspace.core.terminal import end_tour  # noqa: PLC0415 - once

        desk = self.desk
        try:
            with self.status.patience():
                await desk.act(lambda: end_tour(desk.practice, desk.actor))
        except HelpspaceError as error:
            self.refuse(error)
