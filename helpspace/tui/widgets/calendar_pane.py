"""The therapist's calendar as one widget: week, facts, keys, and the forms it opens.

It is no screen, so that it can stand beside something else; it needs only a practice and an actor.
The app around it must know our themes (`helpspace.tui.look`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from helpspace.core import appointments, moments
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.practice import Practice
from helpspace.tui import messages
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.blocks import block_of
from helpspace.tui.desk import Desk
from helpspace.tui.week import Spot, Week
from helpspace.tui.widgets.coming_up import ComingUp
from helpspace.tui.widgets.detail_pane import DetailPane
from helpspace.tui.widgets.grid_messages import WeekChanged
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine
from helpspace.tui.widgets.title_bar import TitleBar
from helpspace.tui.widgets.told_pane import ToldPane
from helpspace.tui.widgets.week_grid import WeekGrid
from helpspace.tui.words import Facts, free_facts, range_facts, session_facts, slot_facts

WIDE = 110
"""Columns from which on the facts stand beside the calendar."""


class CalendarGrid(WeekGrid, inherit_bindings=False):
    """The grid with the keys of our own table."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.MOVING)


class CalendarPane(ToldPane):
    """Shows a therapist's weeks and lets them act in them; follows what others change.

    Whatever was done is posted as a message of `helpspace.tui.messages`, and bubbles.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.CALENDAR)
    DEFAULT_CSS = """
    CalendarPane {
        layout: grid; width: 1fr; height: 1fr; background: $grid-ground;
        grid-size: 1; grid-rows: 1 1fr 3 1 1;
        &.-wide { grid-size: 2; grid-columns: 1fr 38; grid-rows: 1 1fr 8 1 1; }
        &.-wide > CalendarGrid { row-span: 2; }
        &.-wide > TitleBar, &.-wide > StatusLine, &.-wide > KeyBar { column-span: 2; }
    }
    """

    LOOKS = 0.5
    """Seconds between two looks for changes by others."""

    def __init__(
        self,
        practice: Practice,
        actor: Actor,
        *,
        now: Callable[[], int] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.desk = Desk(practice, actor, now or practice.now)
        self.title = TitleBar(test=practice.settings.stripe_is_test)
        self.grid = CalendarGrid(self.desk.zone, id="grid")
        self.detail = DetailPane()
        self.status = StatusLine()
        self.keys = KeyBar()
        self.coming = ComingUp()
        self._first = self.desk.monday
        self._entries: dict[str, Entry] = {}
        self._view: AppointmentView | None = None
        """The session under the cursor."""
        self._version = -1
        self._now = self.desk.now()
        """The present at the last look."""
        self._lost = False
        """Whether the store did not answer at the last look."""

    def compose(self) -> ComposeResult:
        # Before anything is painted, so that the first frame is the one that stays.
        self._set_wide(self.app.size.width >= WIDE)
        self.reload()
        yield self.title
        yield self.grid
        yield self.detail
        yield self.coming
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        if self.grid.cursor <= self.desk.now():
            self.grid.action_cursor_down()
        self.grid.focus()
        self.set_interval(self.LOOKS, self.check_store)

    def on_unmount(self) -> None:
        self.desk.close()

    def on_resize(self, event: events.Resize) -> None:
        self._set_wide(event.size.width >= WIDE)

    def _set_wide(self, wide: bool) -> None:
        self.set_class(wide, "-wide")
        self.detail.set_class(wide, "-wide")
        self.coming.display = wide

    # -- reading ---------------------------------------------------------------------------------

    def check_store(self) -> None:
        """Look whether another process, thread or the passing of a minute changed something."""
        try:
            version, now = self.desk.practice.store.version(), self.desk.now()
        except HelpspaceError as error:
            self._lost = True
            self.status.refuse(error)
            return
        if self._lost:
            self._lost = False
            self.status.clear()
        same_minute = now // 60 == self._now // 60
        self._now = now
        if same_minute and version == self._version:
            return
        changed = version != self._version
        self.reload()
        if changed:
            self.post_message(messages.CalendarReloaded(version))

    def reload(self, first: date | None = None) -> None:
        """Read the days that are shown, or others, afresh; cursor and focus stay."""
        desk = self.desk
        wanted = first or self._first
        try:
            version, self._now = desk.practice.store.version(), desk.now()
            desk.read_again()
            entries = desk.entries(wanted)
            self.coming.show(desk.coming(self._now))
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        self._first, self._version = wanted, version
        self._entries = {entry.id: entry for entry in entries}
        fee = desk.therapist.initial_fee_pence
        self.grid.show(wanted, [block_of(entry, fee) for entry in entries], self._now)
        self.title.show(desk.therapist, wanted)
        self._look()

    # -- what is under the cursor ----------------------------------------------------------------

    @property
    def entry(self) -> Entry | None:
        """The slot or session under the cursor."""
        block = self.grid.chosen
        return self._entries.get(block.id) if block else None

    @property
    def under(self) -> Under:
        """What the cursor is on."""
        entry, now = self.entry, self._now
        if self.grid.selection:
            return Under.RANGE
        if entry is None:
            return Under.FREE if self.grid.cursor > now else Under.PAST
        if entry.kind == "slot":
            return Under.HELD if entry.state == "held" else Under.OPEN
        return Under.SESSION if entry.start > now else Under.OVER

    def _look(self) -> None:
        """Show the facts and keys of what is under the cursor."""
        entry = self.entry
        self._view = None
        try:
            if entry is not None and entry.kind != "slot":
                desk = self.desk
                self._view = appointments.appointment(desk.practice, desk.actor, entry.id)
            self.detail.show(self._facts(entry))
        except HelpspaceError as error:
            self.status.refuse(error)
        self.keys.show(bar([Place.CALENDAR, Place.EVERYWHERE], self.under))

    def _facts(self, entry: Entry | None) -> Facts:
        desk, now = self.desk, self._now
        if self.grid.selection:
            return range_facts(*self.grid.selection, desk.zone, now)
        if entry is None:
            return free_facts(self.grid.cursor, desk.therapist, now)
        if self._view is None:
            return slot_facts(entry, desk.therapist, now)
        return session_facts(self._view, entry, desk.zone, now, blur=desk.blur)

    def on_week_grid_cursor_moved(self) -> None:
        self._look()

    def on_week_grid_week_changed(self, event: WeekChanged) -> None:
        self.reload(event.first_day)

    def on_title_bar_week_turned(self, event: TitleBar.WeekTurned) -> None:
        """An arrow of the title was clicked."""
        self.grid.focus()
        if event.weeks > 0:
            self.grid.action_next_week()
        else:
            self.grid.action_previous_week()

    def on_coming_up_chosen(self, event: ComingUp.Chosen) -> None:
        """A session of the list was clicked."""
        self.grid.focus()
        self.grid.move_cursor_to(event.start)

    def on_week_grid_block_opened(self) -> None:
        self.action_open()

    def on_week_grid_cell_opened(self) -> None:
        self.action_slot()

    def on_week_grid_range_selected(self) -> None:
        self.action_slot()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        self.grid.focus()
        await self.run_action(event.action.run)

    # -- acting ----------------------------------------------------------------------------------

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
        self.grid.clear_range()
        if done is not None:
            self.post_message(done)

    def action_open(self) -> None:
        """Open what is under the cursor."""
        entry = self.entry
        if entry is None or self.grid.selection:
            self.action_slot()
            return
        from helpspace.tui.screens.session import OpenedModal  # noqa: PLC0415 - after first paint

        facts, under, view = self._facts(entry), self.under, self._view
        self._ask(lambda: OpenedModal(self.desk, entry, facts, under, view))

    def action_slot(self) -> None:
        """Open a slot at the cursor or over the marked range, or close the open one there."""
        from helpspace.tui.screens.session import ask_to_close  # noqa: PLC0415
        from helpspace.tui.screens.slot import SlotModal  # noqa: PLC0415

        entry, marked = self.entry, self.grid.selection
        if marked:
            start, end = marked
            self._ask(lambda: SlotModal(self.desk, start, (end - start) // 60))
        elif entry is not None:
            self._ask(lambda: ask_to_close(self.desk, entry))
        elif self.grid.cursor <= self.desk.now():
            self.refuse(Invalid("That time has passed", "Choose one that is still ahead."))
        else:
            self._ask(lambda: SlotModal(self.desk, self.grid.cursor))

    def action_follow_up(self) -> None:
        """Book a follow-up at the cursor, or a week after the session under it."""
        from helpspace.tui.screens.follow_up import FollowUpModal  # noqa: PLC0415
        from helpspace.tui.screens.session import follow_up_after  # noqa: PLC0415

        entry, marked = self.entry, self.grid.selection
        if marked or entry is None:
            start = marked[0] if marked else self.grid.cursor
            self._ask(lambda: FollowUpModal(self.desk, start))
        else:
            self._ask(lambda: follow_up_after(self.desk, entry))

    def action_quick_add(self) -> None:
        """Book with one line."""
        from helpspace.tui.screens.quick_add import QuickAddModal  # noqa: PLC0415

        self._ask(lambda: QuickAddModal(self.desk))

    def action_cancel(self) -> None:
        """Ask before cancelling the session under the cursor."""
        from helpspace.tui.screens.session import ask_to_cancel  # noqa: PLC0415

        entry, view = self.entry, self._view
        if entry is None or view is None:
            self.refuse(Invalid("There is no session here", "Put the cursor on one to cancel it."))
        else:
            self._ask(lambda: ask_to_cancel(self.desk, view, entry))

    def action_video(self) -> None:
        """Open the video room of the session under the cursor."""
        from helpspace.tui.screens.session import video_of  # noqa: PLC0415

        try:
            self._launch(video_of(self._view))
        except HelpspaceError as error:
            self.refuse(error)

    @work(thread=True, group="video", exit_on_error=False)
    def _launch(self, url: str) -> None:
        from helpspace.tui.video import launch  # noqa: PLC0415

        opened = launch(self.app, url)
        self.post_message(messages.VideoOpened(url, copied=not opened))

    def action_date(self) -> None:
        """Ask for a date and go there."""
        from helpspace.tui.screens.date import DateModal  # noqa: PLC0415

        day = moments.local_date(self.grid.cursor, self.desk.zone)
        self.app.push_screen(DateModal(self.desk, day, self._first), self._go_to)

    def _go_to(self, day: date | None) -> None:
        week = self.grid.week
        if day is None or week is None:
            return
        spot = week.spot(self.grid.cursor) or Spot(0, 9 * 60)
        target = Week(day, 1, self.desk.zone).nearest(spot._replace(day=0))
        if target is not None:
            self.grid.move_cursor_to(target)

    def action_blur(self) -> None:
        """Hide the clients' names, or show them again."""
        self.desk.blur = self.grid.blur_names = not self.desk.blur
        self.reload()
        words = "Names are hidden" if self.desk.blur else "Names are shown"
        self.status.hint(f"{words}; * changes it back.")

    def action_help(self) -> None:
        """Show all keys."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415

        self.app.push_screen(HelpModal())

    def action_previous_week(self) -> None:
        self.grid.action_previous_week()

    def action_next_week(self) -> None:
        self.grid.action_next_week()

    def action_today(self) -> None:
        self.grid.action_today()

    def action_zoom_in(self) -> None:
        self.grid.action_zoom_in()

    def action_zoom_out(self) -> None:
        self.grid.action_zoom_out()
