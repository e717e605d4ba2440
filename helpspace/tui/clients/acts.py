"""What the calendar can do about clients and its own file; all of it is loaded when first used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from helpspace.tui import messages
from helpspace.tui.own_keys import keys_of
from helpspace.tui.part import Part

if TYPE_CHECKING:
    from textual.screen import Screen

    from helpspace.tui.desk import Desk
    from helpspace.tui.widgets.status_line import StatusLine


class ClientActs(Part):
    """What a calendar is made from, which has a desk and a status line."""

    if TYPE_CHECKING:
        desk: Desk
        status: StatusLine

        def reload(self) -> None: ...
        def _ask(self, make: Callable[[], Screen[messages.Done | None]]) -> None: ...
        def _come_back(self, chosen: str | int | None) -> None: ...

    def action_clients(self) -> None:
        """Show the clients."""
        from helpspace.tui.clients.screen import ClientsScreen  # noqa: PLC0415 - after first paint

        self.app.push_screen(ClientsScreen(self.desk), self._come_back)

    def action_invite(self) -> None:
        """Ask before an invitation is made."""
        from helpspace.tui.clients.inviting import InviteModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: InviteModal(self.desk))

    def action_export(self) -> None:
        """Ask where the calendar's file goes."""
        from helpspace.tui.screens.export import ExportModal  # noqa: PLC0415 - when first wanted

        hosted = bool(getattr(self.app, "is_hosted", False))
        keys = keys_of(self.app)
        self._ask(lambda: ExportModal(self.desk, hosted=hosted, keys=keys))

    def on_invited(self, event: messages.Invited) -> None:
        """Show the link, which is known only now."""
        from helpspace.tui.clients.inviting import link_modal  # noqa: PLC0415 - when first wanted

        self.app.push_screen(link_modal(event.invitation, self.desk))

    def on_move_refused(self, event: messages.MoveRefused) -> None:
        """Say that a session stays, and that its client is told."""
        from helpspace.tui.opened.refusing import refused_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(refused_words(event.request, self.desk))

    def on_calendar_saved(self, event: messages.CalendarSaved) -> None:
        """Say where the file is."""
        from helpspace.tui.screens.export import saved_words  # noqa: PLC0415 - when first wanted

        self.status.done(saved_words(event))
