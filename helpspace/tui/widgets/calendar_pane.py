"""The therapist's calendar as one widget: week, facts, keys, and the forms it opens.

It is no screen, so that it can stand beside something else; it needs only a practice and an actor.
The app around it must know our themes (`helpspace.tui.look`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Self, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.widget import Widget

from helpspace.core import appointments, moments
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.errors import HelpspaceError
from helpspace.core.outages import stripe_state
from helpspace.core.practice import Practice
from helpspace.core.terminal import VIEWS, TerminalSettings, keep_view, settings_of
from helpspace.tui import messages
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.blocks import block_of
from helpspace.tui.desk import Desk
from helpspace.tui.look import LOOKS
from helpspace.tui.own_keys import keys_of
from helpspace.tui.widgets.calendar_acts import CalendarActs
from helpspace.tui.widgets.coming_up import MOST, ComingUp
from helpspace.tui.widgets.detail_pane import DetailPane
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine
from helpspace.tui.widgets.still import Unseen
from helpspace.tui.widgets.title_bar import TitleBar
from helpspace.tui.widgets.week_grid import WeekGrid
from helpspace.tui.words import (
    Facts,
    free_facts,
    off_facts,
    range_facts,
    server_of,
    session_facts,
    shown_week,
    slot_facts,
)

if TYPE_CHECKING:
    from helpspace.tui.widgets.face import Face

_HOURS = {"day": 1, "week": 7}
"""The forms that the grid has, with their days."""

WIDE = 110
"""Columns from which on the facts stand beside the calendar."""


class CalendarPane(Unseen, CalendarActs, Widget):
    """Shows a therapist's weeks and lets them act in them; follows what others change.

    Whatever was done is posted as a message of `helpspace.tui.messages`, and bubbles.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.CALENDAR)
    DEFAULT_CSS = """
    CalendarPane {
        layout: grid; width: 1fr; height: 1fr; background: $grid-ground;
        grid-size: 1; grid-rows: 1 1fr 3 auto 1;
        &.-wide { grid-size: 2; grid-columns: 1fr 38; grid-rows: 1 1fr 8 auto 1; }
        &.-wide > WeekGrid, &.-wide > MonthView, &.-wide > AgendaView { row-span: 2; }
        &.-wide > TitleBar, &.-wide > StatusLine, &.-wide > KeyBar { column-span: 2; }
    }
    """

    BLANK = True  # its widgets cover it, so that nothing of its own is ever drawn
    followed: Callable[[], None] | None = None
    """Told whenever something else is under the cursor."""

    def __init__(
        self,
        practice: Practice,
        actor: Actor,
        chosen: TerminalSettings | None = None,
        *,
        now: Callable[[], int] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        """`chosen` is what the therapist has set, where it has been read already."""
        super().__init__(id=id)
        self.desk = Desk(practice, actor, now or practice.now)
        self.title = TitleBar(test=practice.settings.stripe_is_test)
        self.grid = WeekGrid(self.desk.zone, id="grid")
        self.grid.look, self.grid.turn = self._look, self.reload
        self.detail = DetailPane()
        self.status = StatusLine()
        self.keys = KeyBar()
        self.coming = ComingUp()
        self.view: WeekGrid | Face = self.grid
        """The form in which the calendar is seen now; the grid is day and week."""
        chosen = chosen or settings_of(practice, actor)
        self._form = chosen.opens if chosen.opens in VIEWS else chosen.view
        self.desk.blur = self.grid.blur_names = chosen.blurs
        self.first = self._first_of(self.desk.today)
        """The first day that is shown."""
        self._entries: dict[str, Entry] = {}
        self._sessions: dict[str, AppointmentView] = {}
        """The sessions that the cursor has been on since the days were read."""
        self._worded: dict[tuple[str, bool], Facts] = {}
        """What was told of them, with names and without."""
        self._version = -1
        self._now = self.desk.now()
        """The present at the last look."""
        self._lost = False
        """Whether the store did not answer at the last look."""

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,  # noqa: ARG002 - there is nothing of its own to paint
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        return super().refresh(*regions, repaint=False, layout=layout, recompose=recompose)

    def compose(self) -> ComposeResult:
        # Before anything is painted, so that the first frame is the one that stays.
        self.fit(self.app.size.width)
        if self._form not in _HOURS:
            self._see(self._made(self._form), self._now - self._now % 1800)
        self.reload()
        yield self.title
        yield self.grid
        if self.view is not self.grid:
            yield self.view
        yield self.detail
        yield self.coming
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        if self.view is self.grid and self.grid.cursor <= self.desk.now():
            self.grid.action_cursor_down()
        self.view.focus()
        self.set_interval(LOOKS, self.check_store)

    def on_unmount(self) -> None:
        self.desk.close()

    def on_resize(self, event: events.Resize) -> None:
        was = self.coming.display
        self.fit(event.size.width)
        if self.coming.display and not was:
            self.reload()  # what is coming up was not read while there was no room for it

    def fit(self, width: int) -> None:
        """Take the form for so many columns; before it is mounted, no style is worked out twice."""
        wide = width >= WIDE
        for widget in (self, self.detail):
            widget.set_class(wide, "-wide", update=widget.is_attached)
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
            self.tell_day_again()
            self.post_message(messages.CalendarReloaded(version))

    def reload(self, first: date | None = None) -> None:
        """Read the days that are shown, or others, afresh; cursor and focus stay."""
        desk = self.desk
        wanted = first or self.first
        try:
            version, self._now = desk.practice.store.version(), desk.now()
            desk.read_again()
            entries = desk.entries(wanted, self._days(wanted))
            off = desk.off(wanted, self._days(wanted))
            if self.coming.display:
                self.coming.show(desk.coming(self._now, MOST))
            self.status.stand(stripe_state(desk.practice, desk.zone).words)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        self.first, self._version = wanted, version
        self._entries = {entry.id: entry for entry in entries}
        self._sessions.clear()
        self._worded.clear()
        fee = desk.therapist.initial_fee_pence
        blocks = [*off, *(block_of(entry, fee) for entry in entries)]
        if isinstance(self.view, WeekGrid):
            self.view.show(wanted, blocks, self._now, days=self._days(wanted))
        else:
            self.view.show(wanted, blocks, self._now)
        self._look()

    # -- day, week, month, agenda ----------------------------------------------------------------

    def _days(self, first: date) -> int:
        """How many days are shown, from the first."""
        if isinstance(self.view, WeekGrid):
            return _HOURS[self._form]
        return self.view.days_from(first)

    @property
    def _heading(self) -> str:
        """The days that are shown, in words."""
        if isinstance(self.view, WeekGrid):
            return shown_week(self.first, self._days(self.first))
        return self.view.heading

    def _first_of(self, day: date) -> date:
        """The first day to show, so that a day is in sight."""
        if isinstance(self.view, WeekGrid):
            return day if self._form == "day" else day - timedelta(days=day.weekday())
        return self.view.first_of(day)

    def _made(self, form: str) -> WeekGrid | Face:
        """The widget of a form; month and agenda are loaded when they are first wanted."""
        if form in _HOURS:
            return self.grid
        made = next((child for child in self.children if child.name == form), None)
        if made is None:
            from helpspace.tui.widgets.faces import make  # noqa: PLC0415 - after first paint

            made = make(form, self.desk.zone)
            made.look, made.turn = self._look, self.reload
        return cast("Face", made)

    def _see(self, view: WeekGrid | Face, cursor: int, chosen: str | None = None) -> None:
        """Put a view where the one before was, with its cursor."""
        self.view.display = False
        self.view = view
        view.display = True
        view.blur_names = self.desk.blur
        view.place(cursor, chosen)
        self.first = self._first_of(moments.local_date(cursor, self.desk.zone))

    def show_view(self, name: str) -> None:
        """Show the calendar in another form; the cursor stays on its instant."""
        before = self.view
        block, self._form = before.chosen, name
        self._see(self._made(name), before.cursor, block.id if block else None)
        if self.view.parent is None:
            self.mount(self.view, after=self.grid)
        self.reload()
        self.screen.set_focus(self.view)  # at once, so that keys that wait go there
        self._keep_view(name)

    @work(group="view", exit_on_error=False)
    async def _keep_view(self, name: str) -> None:
        desk = self.desk
        with suppress(HelpspaceError):  # it is on for this time all the same
            await desk.act(lambda: keep_view(desk.practice, desk.actor, name))

    # -- what is under the cursor ----------------------------------------------------------------

    @property
    def entry(self) -> Entry | None:
        """The slot or session under the cursor."""
        block = self.view.chosen
        return self._entries.get(block.id) if block else None

    @property
    def session(self) -> AppointmentView | None:
        """The session under the cursor, as it was when the days were read."""
        block = self.view.chosen
        return self._sessions.get(block.id) if block else None

    @property
    def under(self) -> Under:
        """What the cursor is on."""
        entry, now = self.entry, self._now
        if self.view.selection:
            return Under.RANGE
        if entry is None:
            return Under.FREE if self.view.cursor > now else Under.PAST
        if entry.kind == "slot":
            return Under.HELD if entry.state == "held" else Under.OPEN
        return Under.SESSION if entry.start > now else Under.OVER

    def _look(self) -> None:
        """Show the facts and keys of what is under the cursor."""
        entry = self.entry
        self.title.show(self.desk.therapist, self._heading)
        try:
            if entry is not None and entry.kind != "slot":
                self._read(entry.id)
            self.detail.show(self._facts(entry))
        except HelpspaceError as error:
            self.status.refuse(error)
        self.keys.show(bar([Place.CALENDAR, Place.EVERYWHERE], self.under))
        if self.followed is not None:
            self.followed()

    def _read(self, session: str) -> None:
        """Read a session, once until the days are read again."""
        if session not in self._sessions:
            desk = self.desk
            self._sessions[session] = appointments.appointment(desk.practice, desk.actor, session)

    def _facts(self, entry: Entry | None) -> Facts:
        facts = self._facts_of(entry)
        return facts._replace(hint=keys_of(self.app).say(facts.hint)) if facts.hint else facts

    def _facts_of(self, entry: Entry | None) -> Facts:
        desk, now = self.desk, self._now
        if self.view.selection:
            days = len(self.grid.selections)
            return range_facts(*self.view.selection, desk.zone, now, days)
        block = self.view.chosen
        if entry is None and block is not None:
            return off_facts(block.start, block.end, desk.zone, now)
        if entry is None:
            return free_facts(self.view.cursor, desk.therapist, now)
        session = self.session
        if session is None:
            return slot_facts(entry, desk.therapist, now)
        told = self._worded.get((entry.id, desk.blur))
        if told is None:
            told = session_facts(session, entry, desk.zone, now, blur=desk.blur)
            told = told._replace(video=server_of(told.video))
            self._worded[entry.id, desk.blur] = told
        return told

    def on_title_bar_week_turned(self, event: TitleBar.WeekTurned) -> None:
        """An arrow of the title was clicked."""
        self.view.focus()
        self.view.turn_page(event.weeks)

    def on_coming_up_chosen(self, event: ComingUp.Chosen) -> None:
        """A session of the list was clicked."""
        self.view.focus()
        self.view.move_cursor_to(event.start)

    def on_week_grid_block_opened(self) -> None:
        self.action_open()

    def on_week_grid_cell_opened(self) -> None:
        self.action_slot()

    def on_week_grid_range_selected(self) -> None:
        self.action_slot()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        self.view.focus()
        await self.run_action(event.action.run)
