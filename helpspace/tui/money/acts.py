"""What the calendar can do about day and money: opening them, and saying what was waived."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work

from helpspace.core.errors import HelpspaceError
from helpspace.tui import messages
from helpspace.tui.own_keys import keys_of
from helpspace.tui.part import Part

if TYPE_CHECKING:
    from textual.widget import AwaitMount
    from textual.worker import Worker

    from helpspace.tui.desk import Desk
    from helpspace.tui.widgets.face import Face
    from helpspace.tui.widgets.status_line import StatusLine
    from helpspace.tui.widgets.week_grid import WeekGrid


class MoneyActs(Part):
    """What a calendar is made from, which has a desk and a status line."""

    _told = ""
    """The line of the day as it was told last."""

    if TYPE_CHECKING:
        desk: Desk
        status: StatusLine
        view: WeekGrid | Face

        def reload(self) -> None: ...
        def refuse(self, error: HelpspaceError) -> None: ...
        def _launch(self, url: str) -> Worker[None]: ...

    def action_money(self) -> None:
        """Show the money."""
        from helpspace.tui.money.screen import MoneyScreen  # noqa: PLC0415 - after first paint

        self.app.push_screen(MoneyScreen(self.desk), self._come_back)

    def action_day_page(self) -> None:
        """Show the day and what waits."""
        self.show_day()

    def show_day(self, *, at_start: bool = False) -> AwaitMount:
        """Show the day and what waits; at the start it is read in place, before it is painted."""
        from helpspace.tui.today.screen import TodayScreen  # noqa: PLC0415 - when first wanted

        screen = TodayScreen(self.desk)
        if at_start:
            screen.read_now()
        return self.app.push_screen(screen, self._come_back)

    @work(group="band", exit_on_error=False)
    async def tell_day(self) -> None:
        """Say in one calm line what comes next and what waits, unless something else is said."""
        from helpspace.core.today import today  # noqa: PLC0415 - after first paint
        from helpspace.tui.today.band import band  # noqa: PLC0415 - when first wanted

        desk = self.desk
        with suppress(HelpspaceError):  # the calendar itself says when the store is away
            day = await desk.act(lambda: today(desk.practice, desk.actor))
            line = band(day, desk, keys_of(self.app))
            if line and not self.status.text:
                self.status.hint(line)
                self._told = self.status.text

    def tell_day_again(self) -> None:
        """Tell the day anew where its line is still there: it may name what is no more."""
        if self._told and self.status.text == self._told:
            self.status.clear()
            self.tell_day()

    def action_video_next(self) -> None:
        """Open the video room of the next session."""
        from helpspace.core.today import today  # noqa: PLC0415 - after first paint
        from helpspace.tui.screens.session import video_of  # noqa: PLC0415 - when first wanted

        try:
            url = video_of(today(self.desk.practice, self.desk.actor).next)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self._launch(url)

    def _come_back(self, chosen: str | int | None) -> None:
        """Show what changed meanwhile, and go on with what was chosen: a session, or an act."""
        self.reload()
        if isinstance(chosen, int):
            self.view.move_cursor_to(chosen)
        elif chosen is not None:
            self.call_later(self.run_action, chosen)

    def on_fee_waived(self, event: messages.FeeWaived) -> None:
        """Say what was waived."""
        from helpspace.tui.money.waiving import waived_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(waived_words(event, self.desk))

    def on_marked_missed(self, event: messages.MarkedMissed) -> None:
        """Say which session was marked."""
        from helpspace.tui.money.missed import missed_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(missed_words(event, self.desk))
