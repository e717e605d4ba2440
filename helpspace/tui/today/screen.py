"""The day on one screen: the next session with a countdown, the rest of it, what waits."""

from __future__ import annotations

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core import booking, moments, today
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.today import Need, Today
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.messages import AbsenceAgreed, Done, FeeWaived, VideoOpened
from helpspace.tui.money.waiving import WaiveModal, waived_words
from helpspace.tui.screens.session import video_of, video_words
from helpspace.tui.today.agreeing import AgreeModal, agreed_words
from helpspace.tui.today.words import NOTHING, SESSION, countdown, door_of, said
from helpspace.tui.video import launch
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.widgets.head import Head
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.rows import Rows, cursor
from helpspace.tui.widgets.status_line import StatusLine
from helpspace.tui.words import KINDS, shown_there, shown_when

PLACES = (Place.TODAY, Place.ASKING, Place.HELP, Place.EVERYWHERE)
"""What the help of the day tells about."""

_DOOR = 18
"""Cells of the key that mends a thing, at the right."""


class TodayScreen(Screen[str | int | None], inherit_bindings=False):
    """Ends with the start of a session to go to, an act of the calendar, or None."""

    BINDINGS = bindings(Place.TODAY)
    LOOKS = 1.0
    """Seconds between two looks at the clock and for changes by others."""
    DEFAULT_CSS = """
    TodayScreen { background: $grid-ground; color: $grid-text; layout: vertical; }
    TodayScreen > .page { height: 1fr; padding: 1 2 0 2; }
    TodayScreen .next { height: auto; margin-bottom: 1; padding-left: 2; }
    TodayScreen Rows { height: 1fr; max-height: 100%; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.head = Head(test=desk.practice.settings.stripe_is_test)
        self.next = Static(Content(""), classes="next")
        self.list = Rows()
        self.status = StatusLine()
        self.keys = KeyBar()
        self.day: Today | None = None
        self._lines: list[Need | AppointmentView | None] = []
        """What each line of the list is about; None for headings."""
        self._version = -1
        self._minute = -1
        self._reading = False

    def compose(self) -> ComposeResult:
        yield self.head
        yield Vertical(self.next, self.list, classes="page")
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        self.list.focus()
        self.keys.show(bar([Place.TODAY], Under.FREE))
        self.look()
        self.set_interval(self.LOOKS, self._follow)

    def on_resize(self, event: events.Resize) -> None:
        del event
        self.call_after_refresh(self._tell)

    # -- reading ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Count down, and read again at each minute and change."""
        if self.app.screen is not self:
            return
        try:
            version = self.desk.practice.store.version()
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        if version != self._version or self.desk.now() // 60 != self._minute:
            self.look()
        else:
            self._tell_next()

    def look(self) -> None:
        """Read the day again, off the event loop."""
        if not self._reading:
            self._reading = True
            self._read()

    @work(group="read", exit_on_error=False)
    async def _read(self) -> None:
        desk = self.desk
        try:
            self._version = desk.practice.store.version()
            self.day = await desk.act(lambda: today.today(desk.practice, desk.actor))
            self._minute = self.day.now // 60
        except HelpspaceError as error:
            self.status.refuse(error)
        finally:
            self._reading = False
        if self.is_attached:
            self._tell()

    # -- showing ---------------------------------------------------------------------------------

    def _tell(self) -> None:
        day = self.day
        if day is None:
            return
        date = moments.local_date(day.now, self.desk.zone)
        count = len(day.needs)
        words = f"{count} thing{'s' if count > 1 else ''} for you" if count else "all is well"
        style = "$warning" if count else "$success"
        self.head.show(f"Today, {date:%A} {date.day} {date:%B}", words, style)
        self._tell_next()
        before = self.list.highlighted
        self._lines = [None, *day.needs, None, *day.later]
        heads = iter((
            f"Waits for you: {count}" if count else NOTHING,
            "Later today" if day.later else "No other session today.",
        ))  # fmt: skip
        options = [
            Option(Content.styled(next(heads), "bold $primary"), disabled=True)
            if one is None
            else Option("")
            for one in self._lines
        ]
        with self.prevent(OptionList.OptionHighlighted):
            self.list.set_options(options)
            places = [at for at, one in enumerate(self._lines) if one is not None]
            self.list.highlighted = before if before in places else next(iter(places), None)
        self._mark()

    def _tell_next(self) -> None:
        """Show the next session, and how long it is until then."""
        day, desk = self.day, self.desk
        if day is None:
            return
        now, one = desk.now(), day.next
        if one is None:
            self.next.update(Content.styled("No session in the next two weeks.", "$grid-quiet"))
            return
        there = shown_there(one.start, desk.zone, one.other_zone)
        video = "v opens the video room" if one.video_url else "no video service is set up"
        self.next.update(
            Content("\n").join([
                Content.assemble(
                    (desk.name(one.other_name) or "—", "bold"),
                    f"  {KINDS.get(one.kind, '')}  ",
                    (countdown(one.start, one.end, now), "bold $accent"),
                ),
                Content.assemble(
                    shown_when(one.start, one.end, desk.zone, now),
                    (f"  {there}" if there else "", "$primary"),
                    (f"  {video}", "$grid-quiet"),
                ),
            ])
        )  # fmt: skip

    def _mark(self) -> None:
        """Draw the lines, with the mark before the chosen one."""
        here = self.list.highlighted
        for at, one in enumerate(self._lines):
            if one is not None:
                self.list.replace_option_prompt_at_index(at, self._row(one, here=at == here))

    def _row(self, one: Need | AppointmentView, *, here: bool) -> Content:
        desk = self.desk
        now = self.day.now if self.day else desk.now()
        if isinstance(one, Need):
            text, door, style = said(one, desk, now), door_of(one), "$warning"
        else:
            name = desk.name(one.other_name) or "—"
            text, door = f"{shown_when(one.start, one.end, desk.zone, now)}  {name}", SESSION
            style = "$grid-text"
        room = min(max(self.app.size.width - 10 - _DOOR, 20), 100)
        first, *more = wrapped(text, room)
        return Content.assemble(
            (cursor(here=here), "$accent"),
            (fit(first, room), style),
            (f"  {door.key}" if door else "", "bold $accent"),
            (f" {door.word}" if door else "", "$grid-quiet"),
            *((f"\n    {line}", style) for line in more),
        )

    @property
    def chosen(self) -> Need | AppointmentView | None:
        """What the marked line is about."""
        at = self.list.highlighted
        return self._lines[at] if at is not None and at < len(self._lines) else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._mark()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click does what Enter does."""
        event.stop()
        self.action_go()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    # -- acting ----------------------------------------------------------------------------------

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

    def action_go(self) -> None:
        """Go where the marked thing is mended; without one, to the next session."""
        one = self.chosen
        door = door_of(one) if isinstance(one, Need) else None
        if door is not None and door.act:
            self.dismiss(door.act)
            return
        session = one.session if isinstance(one, Need) else one
        if one is None and self.day is not None:
            session = self.day.next
        if session is None:
            self.status.hint("No key of yours mends that; the line says what does.")
        else:
            self.dismiss(session.start)

    def action_agree(self) -> None:
        """Ask before agreeing that the therapist did not come."""
        one = self.chosen
        self._ask(one if isinstance(one, Need) and one.kind == "absence" else None)

    def action_waive(self) -> None:
        """Ask before the marked fee is waived."""
        one, desk = self.chosen, self.desk
        session = one.session if isinstance(one, Need) else one
        try:
            if session is None:
                raise Invalid("No session is marked", "Choose a line with a fee.")
            plan = booking.plan_waive(desk.practice, desk.actor, session.id)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.app.push_screen(WaiveModal(desk, session, plan), self._ended)

    def _ask(self, need: Need | None) -> None:
        try:
            if need is None or need.session is None:
                raise Invalid("No report of an absence is marked", "Choose one of the list.")
            modal = AgreeModal(self.desk, need.session)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.app.push_screen(modal, self._ended)

    def _ended(self, done: Done | None) -> None:
        if isinstance(done, FeeWaived):
            self.status.done(waived_words(done, self.desk))
        elif isinstance(done, AbsenceAgreed):
            self.status.done(agreed_words(done, self.desk))
        self.look()

    def action_video(self) -> None:
        """Open the video room of the next session."""
        try:
            url = video_of(self.day.next if self.day else None)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self._launch(url)

    @work(thread=True, group="video", exit_on_error=False)
    def _launch(self, url: str) -> None:
        opened = launch(self.app, url)
        self.post_message(VideoOpened(url, copied=not opened))

    def on_video_opened(self, event: VideoOpened) -> None:
        self.status.done(video_words(event))

    def action_back(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        """Show the keys of the day."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415

        self.app.push_screen(HelpModal(PLACES, signs=False))
