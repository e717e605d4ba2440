"""What can be done from the calendar; forms and questions are loaded when they are first used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from helpspace.core import moments
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.tui import messages
from helpspace.tui.layout import Status
from helpspace.tui.own_keys import keys_of
from helpspace.tui.week import Spot, Week
from helpspace.tui.widgets.told_pane import ToldPane

if TYPE_CHECKING:
    from helpspace.core.appointments import AppointmentView
    from helpspace.core.calendar import Entry
    from helpspace.tui.action import Under
    from helpspace.tui.profile.acts import LastSlots
    from helpspace.tui.words import Facts

_HALF_HOUR = 30 * 60
_UNDO = "{slot.undo} follows {slot.toggle}, in this terminal."
_CARRIED = "Go to the new time and press Enter; {session.move} types it, Esc leaves it."


class CalendarActs(ToldPane):
    """The acts of a calendar, which knows what is under its cursor."""

    carried: AppointmentView | None = None
    """The session that was picked up, to be moved."""

    if TYPE_CHECKING:
        first: date

        @property
        def entry(self) -> Entry | None: ...
        @property
        def session(self) -> AppointmentView | None: ...
        @property
        def under(self) -> Under: ...
        def _facts(self, entry: Entry | None) -> Facts: ...
        def show_view(self, name: str) -> None: ...

    def refuse(self, error: HelpspaceError) -> None:
        """Show why something was not done."""
        self.status.refuse(error)
        self.post_message(messages.ActRefused(error))

    def _ask(self, make: Callable[[], Screen[messages.Done | None]]) -> None:
        """Open a form or question, unless what it is about refuses that."""
        self.status.clear()
        try:
            screen = make()
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(screen, self._ended)

    def _ended(self, done: messages.Done | None) -> None:
        self.view.clear_range()
        if done is not None:
            self.post_message(done)

    def action_open(self) -> None:
        """Open what is under the cursor; in a month, its day; put down what was picked up."""
        if self.carried is not None:
            self.action_move()
            return
        if self.view is not self.grid and self.view.name == "month":
            self.show_view("day")
            return
        entry = self.entry
        if entry is None or self.view.selection:
            self.action_slot()
            return
        from helpspace.tui.screens.session import OpenedModal  # noqa: PLC0415 - after first paint

        facts, under, view = self._facts(entry), self.under, self.session
        self._ask(lambda: OpenedModal(self.desk, entry, facts, under, view))

    def action_slot(self) -> None:
        """Open a slot at the cursor or over the marked range, or close the open one there."""
        from helpspace.tui.screens.session import ask_to_close  # noqa: PLC0415 - when first wanted
        from helpspace.tui.screens.slot import SlotModal  # noqa: PLC0415 - when first wanted

        entry, marked = self.entry, self.view.selection
        if marked and len(self.grid.selections) > 1:
            from helpspace.tui.screens.paint import PaintModal  # noqa: PLC0415 - when first wanted

            days = self.grid.selections
            self._ask(lambda: PaintModal(self.desk, days))
        elif marked:
            start, end = marked
            self._ask(lambda: SlotModal(self.desk, start, (end - start) // 60))
        elif entry is not None:
            self._ask(lambda: ask_to_close(self.desk, entry))
        elif (start := self.view.cursor) + _HALF_HOUR <= self.desk.now():
            self.refuse(Invalid("That time has passed", "Choose one that is still ahead."))
        else:
            # Of the half hour that has begun, the next one is meant.
            later = 0 if start > self.desk.now() else _HALF_HOUR
            self._ask(lambda: SlotModal(self.desk, start + later))

    def action_undo(self) -> None:
        """Take back the last opening or closing of slots."""
        last = self.last_slots
        if last is None:
            self.refuse(Invalid("There is nothing to take back", keys_of(self.app).say(_UNDO)))
        else:
            self._take_back(last)

    @work(group="act", exit_on_error=False)
    async def _take_back(self, last: LastSlots) -> None:
        from helpspace.core import openings  # noqa: PLC0415 - after first paint

        practice, me, ids = self.desk.practice, self.desk.actor, last.ids
        try:
            if last.opened:
                done = await self.desk.act(lambda: openings.take_back(practice, me, me.id, ids))
                self.post_message(messages.SlotsTakenBack(done))
            else:
                again = await self.desk.act(
                    lambda: openings.open_again(practice, me, me.id, ids[0])
                )
                self.post_message(messages.SlotsOpened(again))
        except HelpspaceError as error:
            self.refuse(error)

    def action_follow_up(self) -> None:
        """Book a follow-up at the cursor, or a week after the session under it."""
        from helpspace.tui.screens.follow_up import FollowUpModal  # noqa: PLC0415 - when first wanted
        from helpspace.tui.screens.session import follow_up_after  # noqa: PLC0415 - when first wanted

        entry, marked = self.entry, self.view.selection
        if marked or entry is None:
            start = marked[0] if marked else self.view.cursor
            self._ask(lambda: FollowUpModal(self.desk, start))
        else:
            self._ask(lambda: follow_up_after(self.desk, entry))

    def action_quick_add(self) -> None:
        """Book with one line."""
        from helpspace.tui.screens.quick_add import QuickAddModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: QuickAddModal(self.desk))

    def action_cancel(self) -> None:
        """Ask before cancelling the session under the cursor."""
        from helpspace.tui.screens.session import ask_to_cancel  # noqa: PLC0415 - when first wanted

        entry, view = self.entry, self.session
        if entry is None or view is None:
            self.refuse(Invalid("There is no session here", "Put the cursor on one to cancel it."))
        else:
            self._ask(lambda: ask_to_cancel(self.desk, view, entry))

    def action_move(self) -> None:
        """Pick up the session under the cursor, or put the one picked up where the cursor is."""
        from helpspace.tui.screens.move import MoveModal, check_movable  # noqa: PLC0415 - when first wanted

        carried = self.carried
        if carried is not None:
            here = self.entry is not None and self.entry.id == carried.id
            start = carried.start if here else self.view.cursor
            self.carried = None
            self._ask(lambda: MoveModal(self.desk, carried, start))
            return
        try:
            self.carried = check_movable(self.session, self.desk.now())
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.status.hint(keys_of(self.app).say(_CARRIED))

    def action_put_down(self) -> None:
        """Leave the session that was picked up where it is."""
        self.carried = None
        self.status.hint("It stays where it is.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is somebody else's unless a session is picked up."""
        del parameters
        return action != "put_down" or self.carried is not None

    def action_again(self) -> None:
        """Ask before the same time next week is booked."""
        from helpspace.tui.screens.again import AgainModal  # noqa: PLC0415 - when first wanted

        view = self.session
        self._ask(lambda: AgainModal(self.desk, view))

    def action_time_off(self) -> None:
        """Take time off from the cursor or the marked range on, or lift what is there."""
        from helpspace.tui.screens.off import LiftModal, OffModal  # noqa: PLC0415 - when first wanted

        block = self.view.chosen
        if block is not None and block.status is Status.TIME_OFF:
            self._ask(lambda: LiftModal(self.desk, block))
        else:
            span = self.grid.selections
            if self.view is not self.grid or not span:
                self._ask(lambda: OffModal(self.desk, self.view.cursor))
            else:
                self._ask(lambda: OffModal(self.desk, span[0][0], span[-1][1]))

    def action_video(self) -> None:
        """Open the video room of the session under the cursor."""
        from helpspace.tui.screens.session import video_of  # noqa: PLC0415 - when first wanted

        try:
            self._launch(video_of(self.session))
        except HelpspaceError as error:
            self.refuse(error)

    @work(thread=True, group="video", exit_on_error=False)
    def _launch(self, url: str) -> None:
        from helpspace.tui.video import launch  # noqa: PLC0415 - when first wanted

        opened = launch(self.app, url)
        self.post_message(messages.VideoOpened(url, copied=not opened))

    def action_date(self) -> None:
        """Ask for a date and go there."""
        from helpspace.tui.screens.date import DateModal  # noqa: PLC0415 - when first wanted

        day = moments.local_date(self.view.cursor, self.desk.zone)
        self.app.push_screen(DateModal(self.desk, day, self.first), self.go_to)

    def go_to(self, day: date | None) -> None:
        """Go to a date, at the cursor's time of day or the next that exists there (C5)."""
        if day is None:
            return
        local = moments.at_zone(self.view.cursor, self.desk.zone)
        spot = Spot(0, local.hour * 60 + local.minute, local.fold)
        target = Week(day, 1, self.desk.zone).nearest(spot)
        if target is not None:
            self.view.move_cursor_to(target)

    def action_find(self) -> None:
        """Look for a client, a date or a status, and go there."""
        from helpspace.tui.screens.find import FindModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: FindModal(self.desk))

    def action_blur(self) -> None:
        """Hide the clients' names, or show them again."""
        self.desk.blur = self.grid.blur_names = self.view.blur_names = not self.desk.blur
        self.reload()
        words = "Names are hidden" if self.desk.blur else "Names are shown"
        self.status.hint(keys_of(self.app).say(f"{words}; {{look.blur}} changes it back."))

    def action_view(self, name: str) -> None:
        """Show day, week, month or agenda."""
        self.show_view(name)

    def action_help(self) -> None:
        """Show all keys."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415 - when first wanted

        self.app.push_screen(HelpModal())

    def action_previous_week(self) -> None:
        self.view.action_previous_week()

    def action_next_week(self) -> None:
        self.view.action_next_week()

    def action_today(self) -> None:
        self.view.action_today()

    def action_zoom_in(self) -> None:
        self.view.action_zoom_in()

    def action_zoom_out(self) -> None:
        self.view.action_zoom_out()
