"""What the calendar can do about day and money: opening them, and saying what was waived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from helpspace.tui import messages

if TYPE_CHECKING:
    from helpspace.tui.desk import Desk
    from helpspace.tui.widgets.calendar_pane import CalendarGrid
    from helpspace.tui.widgets.face import Face
    from helpspace.tui.widgets.status_line import StatusLine


class MoneyActs(Widget):
    """What a calendar is made from, which has a desk and a status line."""

    if TYPE_CHECKING:
        desk: Desk
        status: StatusLine
        view: CalendarGrid | Face

        def reload(self) -> None: ...

    def action_money(self) -> None:
        """Show the money."""
        from helpspace.tui.money.screen import MoneyScreen  # noqa: PLC0415 - after first paint

        self.app.push_screen(MoneyScreen(self.desk), self._come_back)

    def action_day_page(self) -> None:
        """Show the day and what waits."""
        from helpspace.tui.today.screen import TodayScreen  # noqa: PLC0415

        self.app.push_screen(TodayScreen(self.desk), self._come_back)

    def _come_back(self, chosen: str | int | None) -> None:
        """Show what changed meanwhile, and go on with what was chosen: a session, or an act."""
        self.reload()
        if isinstance(chosen, int):
            self.view.move_cursor_to(chosen)
        elif chosen is not None:
            self.call_later(self.run_action, chosen)

    def on_fee_waived(self, event: messages.FeeWaived) -> None:
        """Say what was waived."""
        from helpspace.tui.money.waiving import waived_words  # noqa: PLC0415

        self.reload()
        self.status.done(waived_words(event, self.desk))

    def on_marked_missed(self, event: messages.MarkedMissed) -> None:
        """Say which session was marked."""
        from helpspace.tui.money.missed import missed_words  # noqa: PLC0415

        self.reload()
        self.status.done(missed_words(event, self.desk))
