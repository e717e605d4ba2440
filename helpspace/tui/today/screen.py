"""The day on one screen: the next session with a countdown, the rest of it, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from textual import work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, moments, today
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.today import Need, Today
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.messages import AbsenceAgreed, Done, FeeWaived, VideoOpened
from helpspace.tui.money.waiving import WaiveModal, waived_words
from helpspace.tui.own_keys import keys_of
from helpspace.tui.screens.lines import LinesScreen
from helpspace.tui.screens.session import video_of, video_words
from helpspace.tui.today.agreeing import AgreeModal, agreed_words
from helpspace.tui.today.words import NOTHING, SESSION, countdown, door_of, said
from helpspace.tui.video import launch
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.words import KINDS, shown_there, shown_when

_DOOR = 18
"""Cells of the key that mends a thing, at the right."""


class TodayScreen(LinesScreen[str | int | None, Need | AppointmentView], inherit_bindings=False):
    """Ends with the start of a session to go to, an act of the calendar, or None."""

    PLACE = Place.TODAY
    BINDINGS = bindings(Place.TODAY)
    DEFAULT_CSS = """
    TodayScreen .next { height: auto; margin-bottom: 1; padding-left: 2; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.next = Static(Content(""), classes="next")
        self.day: Today | None = None

    def above(self) -> Iterable[Widget]:
        return (self.next,)

    # -- reading ---------------------------------------------------------------------------------

    def read_now(self) -> None:
        """Read the day in place; where that fails, it is read again once the screen is shown."""
        desk = self.desk
        with suppress(HelpspaceError):
            self._version = desk.practice.store.version()
            self.day = today.today(desk.practice, desk.actor)
            self._minute = self.day.now // 60

    def begin(self) -> None:
        if self.day is None:
            self.look()
        else:
            self.tell()

    def read(self) -> None:
        self.day = today.today(self.desk.practice, self.desk.actor)

    # -- showing ---------------------------------------------------------------------------------

    def tell(self) -> None:
        day = self.day
        if day is None:
            return
        date = moments.local_date(day.now, self.desk.zone)
        count = len(day.needs)
        words = f"{count} thing{'s' if count > 1 else ''} for you" if count else "all is well"
        style = "$warning" if count else "$success"
        self.head.show(f"Today, {date:%A} {date.day} {date:%B}", words, style)
        self.tick()
        waits = f"Waits for you: {count}" if count else NOTHING
        later = "Later today" if day.later else "No other session today."
        self.show_lines([waits, *day.needs, later, *day.later])
        self.show_keys()

    def bar(self) -> list[tuple[Action, str]]:
        """Return the keys, without those for which there is nothing on this day."""
        day = self.day
        without: set[str] = set()
        if day is not None:
            kinds = {one.kind for one in day.needs}
            without |= set() if "absence" in kinds else {"today.agree"}
            without |= set() if kinds & {"failed", "approval"} else {"today.waive"}
            without |= set() if day.next and day.next.video_url else {"today.video"}
        return bar([Place.TODAY], Under.FREE, without)

    def tick(self) -> None:
        """Show the next session, and how long it is until then."""
        day, desk = self.day, self.desk
        if day is None:
            return
        now, one = desk.now(), day.next
        if one is None:
            self.next.update(Content.styled("No session in the next two weeks.", "$grid-quiet"))
            return
        there = shown_there(one.start, desk.zone, one.other_zone)
        opens = keys_of(self.app).say("{today.video} opens the video room")
        video = opens if one.video_url else "no video service is set up"
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

    def key_of(self, one: Need | AppointmentView) -> str:
        if isinstance(one, Need):
            return f"{one.kind} {one.session.id if one.session else ''} {' '.join(one.codes)}"
        return one.id

    def row(self, one: Need | AppointmentView, width: int) -> Content:
        desk = self.desk
        now = self.day.now if self.day else desk.now()
        if isinstance(one, Need):
            text, door, style = said(one, desk, now), door_of(one), "$warning"
        else:
            name = desk.name(one.other_name) or "—"
            text, door = f"{shown_when(one.start, one.end, desk.zone, now)}  {name}", SESSION
            style = "$grid-text"
        room = min(max(width - 2 - _DOOR, 20), 100)
        first, *more = wrapped(text, room)
        return Content.assemble(
            (fit(first, room), style),
            (f"  {keys_of(self.app).say(door.key)}" if door else "", "bold $accent"),
            (f" {door.word}" if door else "", "$grid-quiet"),
            *((f"\n    {line}", style) for line in more),
        )

    # -- acting ----------------------------------------------------------------------------------

    def enter(self) -> None:
        self.action_go()

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

    def places(self) -> tuple[Place, ...]:
        return (Place.TODAY, Place.ASKING, Place.HELP, Place.EVERYWHERE)
