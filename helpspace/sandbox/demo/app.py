"""The demo in the terminal: the therapist's calendar on the left, a client's phone on the right.

Both are the real things: the calendar of `helpspace tui`, and the bot's own handlers behind the
phone. Only time is ours: it stands still until a key moves it.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from helpspace.core import moments
from helpspace.core.due import next_due
from helpspace.core.moments import HOUR, LONDON
from helpspace.sandbox.demo.pages import CardPage, LinkPage, MailScreen
from helpspace.sandbox.demo.phone import PhonePane
from helpspace.sandbox.demo.world import World, add_regulars, open_world
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.widgets.calendar_pane import CalendarPane

WIDE = 110
"""Columns from which on both sides are shown; below, one at a time."""

SAM = 501

HINT = "Time stands still until you move it. Try: a slot on the left, then book it on the phone."


def monday_morning(now: int) -> int:
    """Return 08:00 of this Monday, or of the coming one when today is another day."""
    today = moments.local_date(now, LONDON)
    return moments.at_hour(today + timedelta(days=-today.weekday() % 7), 8, LONDON)


class DemoKey(Button):
    """A key of the demo itself, for the mouse too; focus stays where it is."""

    def __init__(self, key: str, words: str, action: str) -> None:
        super().__init__(Content(f"{key} {words}"), compact=True)
        self.can_focus = False
        self.does = action


class DemoBar(Horizontal):
    """The line on top: that this is a demo, what time it is in it, and its keys."""

    DEFAULT_CSS = """
    DemoBar { height: 1; background: $warning 20%; }
    DemoBar #clock { width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    DemoBar DemoKey { width: auto; min-width: 3; margin: 0 1 0 0; background: $warning 35%; }
    """

    def compose(self) -> ComposeResult:
        yield Static("Demo", id="clock", markup=False)
        yield DemoKey("F2", "other side", "app.flip")
        yield DemoKey("F6", "+1 hour", "app.hour")
        yield DemoKey("F7", "next event", "app.next")
        yield DemoKey("F8", "mails", "app.mails")


class DemoApp(HelpspaceApp):
    """A whole practice in one terminal, with nothing outside this machine."""

    TITLE = "Helpspace demo"
    CSS = """
    #jobs { height: 1; padding: 0 1; color: $text-muted; background: $warning 10%; }
    #both { height: 1fr; }
    #both PhonePane { width: 46; }
    #opening { width: 1fr; height: 1fr; content-align: center middle; }
    .-narrow #both PhonePane { width: 1fr; }
    .-narrow.-phone CalendarPane { display: none; }
    .-narrow.-calendar PhonePane { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *HelpspaceApp.BINDINGS,
        Binding("f2", "flip", "Go to the other side", priority=True),
        Binding("f6", "hour", "Move the clock on by an hour", priority=True),
        Binding("f7", "next", "Move the clock to the next event", priority=True),
        Binding("f8", "mails", "Read the mails", priority=True),
    ]

    def __init__(self, *, start: int | None = None) -> None:
        super().__init__()
        self._start = monday_morning(int(time.time())) if start is None else start
        self._stack = AsyncExitStack()
        self._world: World | None = None

    def compose(self) -> ComposeResult:
        yield DemoBar()
        yield Static(HINT, id="jobs", markup=False)
        with Horizontal(id="both"):
            yield Static("Opening a practice of ten therapists…", id="opening", markup=False)

    def on_mount(self) -> None:
        self._set_width()
        self.screen.add_class("-calendar")
        self.call_after_refresh(self.open_practice)

    async def on_unmount(self) -> None:
        await self._stack.aclose()

    @work(exclusive=True, group="world")
    async def open_practice(self) -> None:
        """Make the world after the first paint, then show both of its sides."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="helpspace-demo-"))
        world = await self._stack.enter_async_context(open_world(Path(folder), self._start))
        await add_regulars(world)
        self._world = world
        phone = PhonePane(world.phone(SAM, "Sam"))
        phone.phone.start()
        both = self.query_one("#both", Horizontal)
        await both.remove_children()
        await both.mount(CalendarPane(world.practice, world.therapist, id="calendar"), phone)
        await world.settle()
        world.reports.clear()
        await self._after_change(world)

    @property
    def phone(self) -> PhonePane:
        """The client's phone."""
        return self.query_one(PhonePane)

    @property
    def calendar(self) -> CalendarPane:
        """The therapist's calendar."""
        return self.query_one(CalendarPane)

    # -- the world goes on -----------------------------------------------------------------------

    @on(PhonePane.Acted)
    def acted(self) -> None:
        """Let the bot hear of what the client did."""
        self.let_happen(0)

    @work(exclusive=False, group="world")
    async def let_happen(self, seconds: int) -> None:
        """Move the clock on and let everything happen that is due by then."""
        world = self._world
        if world is None:
            return
        await world.advance(seconds)
        await self._after_change(world)

    @work(exclusive=False, group="world")
    async def go_on(self) -> None:
        """Move the clock to the next thing that is due."""
        world = self._world
        if world is None:
            return
        if await world.next_event() is None:
            self.notify("Nothing is due any more.", markup=False, timeout=3)
        await self._after_change(world)

    async def _after_change(self, world: World) -> None:
        done = [report.words for _, report in world.reports]
        world.reports.clear()
        said = "The jobs: " + ", ".join(done[-5:]) if done else HINT
        self.query_one("#jobs", Static).update(Content(said))
        self.calendar.reload()
        await self.phone.redraw()
        now = moments.show(world.clock.now(), LONDON)
        due = await world.offload(next_due, world.practice)
        ahead = "" if due is None else f" · next: {moments.show(due, LONDON)}"
        mails = len(world.mails.mails)
        self.query_one("#clock", Static).update(Content(f"Demo · {now}{ahead} · {mails} mails"))

    # -- keys ------------------------------------------------------------------------------------

    @on(DemoKey.Pressed)
    async def pressed(self, event: Button.Pressed) -> None:
        """Do what a key of the demo says."""
        if isinstance(event.button, DemoKey):
            event.stop()
            await self.run_action(event.button.does)

    def action_hour(self) -> None:
        """Move the clock on by an hour."""
        self.let_happen(HOUR)

    def action_next(self) -> None:
        """Move the clock to the next event."""
        self.go_on()

    def action_mails(self) -> None:
        """Show every mail that has left."""
        if self._world is not None and not isinstance(self.screen, MailScreen):
            self.push_screen(MailScreen(list(self._world.mails.mails)), self._link_from_mail)

    def action_flip(self) -> None:
        """Go from the calendar to the phone, or back."""
        if self._world is None or len(self.screen_stack) > 1:
            return
        to_phone = not self.phone.has_focus_within
        self.screen.set_class(to_phone, "-phone")
        self.screen.set_class(not to_phone, "-calendar")
        if to_phone:
            self.phone.focus_keys()
        else:
            self.calendar.grid.focus()

    # -- links -----------------------------------------------------------------------------------

    @on(PhonePane.LinkOpened)
    def link_opened(self, event: PhonePane.LinkOpened) -> None:
        """Open a link of the chat: the sandbox's own pages here, others only by name."""
        world = self._world
        if world is None:
            return
        if event.url.startswith(f"{world.stripe.base_url}/pay/"):
            session = event.url.rsplit("/", 1)[-1]
            self.push_screen(CardPage(world.stripe, session), self._card_page_left)
        else:
            self.push_screen(LinkPage(event.url))

    def _card_page_left(self, said: str | None) -> None:
        self.notify(said or "The card page was left.", markup=False, timeout=3)
        self.let_happen(20)

    def _link_from_mail(self, url: str | None) -> None:
        if url and self.phone.phone.leads_home(url):
            self.phone.phone.open(url)
            self.let_happen(0)
        elif url:
            self.push_screen(LinkPage(url))

    def on_resize(self) -> None:
        self._set_width()

    def _set_width(self) -> None:
        self.screen_stack[0].set_class(self.size.width < WIDE, "-narrow")
