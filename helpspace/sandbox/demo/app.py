"""The demo in the terminal: the therapist's calendar on the left, a client's phone on the right.

Both are the real things: the calendar of `helpspace tui`, and the bot's own handlers behind the
phone. Only time is ours: it stands still until a key moves it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from helpspace.core import moments
from helpspace.core.moments import DAY, HOUR, LONDON
from helpspace.sandbox.demo.bar import DemoBar, DemoKey
from helpspace.sandbox.demo.look import CSS, TALL, WIDE
from helpspace.sandbox.demo.phone import PhonePane
from helpspace.tui.look import HelpspaceApp

if TYPE_CHECKING:
    from helpspace.sandbox.demo.journey import Journey
    from helpspace.sandbox.demo.mails import MailScreen
    from helpspace.sandbox.demo.world import World
    from helpspace.tui.messages import SlotsOpened
    from helpspace.tui.widgets.calendar_pane import CalendarPane

log = logging.getLogger(__name__)

SAM = 501

OPENING = "Opening a practice of ten therapists…"

AFTER_CARD = 20
"""Seconds by which the clock moves on after a card page: within them the sweep looks."""

Errand = Callable[["World"], Awaitable[None]]


def monday_morning(now: int) -> int:
    """Return 08:00 of this Monday, or of the coming one when today is another day."""
    today = moments.local_date(now, LONDON)
    return moments.at_hour(today + timedelta(days=-today.weekday() % 7), 8, LONDON)


class DemoApp(HelpspaceApp):
    """A whole practice in one terminal, with nothing outside this machine."""

    TITLE = "Helpspace demo"
    CSS = CSS
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012 - as above
    BINDINGS: ClassVar[list[BindingType]] = [
        *HelpspaceApp.BINDINGS,
        Binding("f2", "flip", "Go to the other side", priority=True),
        Binding("f6", "hour", "Move the clock on by an hour", priority=True),
        Binding("f7", "next", "Move the clock to the next event", priority=True),
        Binding("f8", "mails", "Read the mails", priority=True),
        Binding("f9", "day", "Move the clock on by a day", priority=True),
    ]

    def __init__(self, *, start: int | None = None, seed: int | None = None) -> None:
        super().__init__()
        self._start = monday_morning(int(time.time())) if start is None else start
        self._seed = seed
        self._stack = AsyncExitStack()
        self._folder: Path | None = None
        self._turn = asyncio.Lock()
        """Held by whatever moves the world, so that its bot and sweeps do one thing at a time."""
        self._world: World | None = None
        self._mails_seen = 0
        self._mails_read: set[int] = set()
        """The numbers of the mails that the visitor has looked at."""
        self._slot: int | None = None
        """The start of the slot that was opened by hand last."""
        self._journey: Journey | None = None
        self.bar = DemoBar()
        self._sides: tuple[CalendarPane, PhonePane] | None = None

    def compose(self) -> ComposeResult:
        yield self.bar
        with Horizontal(id="both"):
            yield Static(OPENING, id="opening", markup=False)

    async def on_mount(self) -> None:
        self._set_width(self.size.width)
        self.screen.add_class("-calendar")
        self.screen_change_signal.subscribe(self, lambda _screen: self.show_next())
        if not self.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
            signal.signal(signal.SIGHUP, self._hang_up)
        self.call_after_refresh(self.open_practice)

    def _hang_up(self, _number: int, _frame: object) -> None:
        """Leave at once when the terminal is gone: nobody takes its last words any more.

        An orderly end would wait for ever to write them.
        """
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(128 + signal.SIGHUP)

    async def on_unmount(self) -> None:
        async with self._turn:
            await self._stack.aclose()

    @property
    def is_open(self) -> bool:
        """Whether the practice is there, with all that belongs to its first look."""
        return self._journey is not None

    @property
    def phone(self) -> PhonePane:
        """The client's phone, once the practice is open."""
        return self._both[1]

    @property
    def calendar(self) -> CalendarPane:
        """The therapist's calendar, once the practice is open."""
        return self._both[0]

    @property
    def _both(self) -> tuple[CalendarPane, PhonePane]:
        if self._sides is None:
            raise LookupError("the practice is not open yet")
        return self._sides

    # -- the world goes on -----------------------------------------------------------------------

    @work(group="world", exit_on_error=False)
    async def open_practice(self) -> None:
        """Make the world after the first paint, then show both of its sides."""
        async with self._turn:
            try:
                await self._open()
            except Exception as error:  # noqa: BLE001 - no traceback reaches a visitor
                await self._stack.aclose()
                words = f"The demo could not be opened ({type(error).__name__}). ^Q leaves."
                self.screen_stack[0].query_one("#opening", Static).update(Content(words))

    async def _open(self) -> None:
        await asyncio.to_thread(_load)
        from helpspace.sandbox.demo import guide  # noqa: PLC0415 - slow to load
        from helpspace.sandbox.demo.world import add_regulars, open_world  # noqa: PLC0415 - slow to load
        from helpspace.sandbox.practice_ground import open_ground  # noqa: PLC0415 - slow to load
        from helpspace.tui.app import course_of  # noqa: PLC0415 - slow to load
        from helpspace.tui.widgets.calendar_pane import CalendarPane  # noqa: PLC0415 - slow to load

        place = TemporaryDirectory(prefix="helpspace-demo-", ignore_cleanup_errors=True)
        self._folder = Path(self._stack.enter_context(place))
        world = await self._stack.enter_async_context(
            open_world(self._folder, self._start, seed=self._seed)
        )
        phone = PhonePane(world.phone(SAM, "Sam"))
        calendar = CalendarPane(world.practice, world.therapist, id="calendar")
        calendar.followed = self.show_next
        both = self.screen_stack[0].query_one("#both", Horizontal)
        await both.remove_children()
        await both.mount(calendar, phone)
        self._world, self._sides = world, (calendar, phone)
        self.course = lambda: course_of(world.practice, world.therapist, open_ground)
        phone.phone.start()
        await world.bot.catch_up()
        await self._show(world, idle=guide.WELCOME)
        # The first look is there; what follows appears in it, as it does in life.
        await add_regulars(world)
        world.reports.clear()
        self._mails_seen = len(world.mails)
        await self._show(world, idle=guide.WELCOME)

    @work(group="world", exit_on_error=False)
    async def do(self, errand: Errand, *, said: str = "", idle: str = "") -> None:
        """Let something happen in the world, one thing after the other, and show what came of it.

        `said` is told with it, `idle` when nothing else is. Whatever goes wrong is told in one
        line; the demo goes on.
        """
        async with self._turn:
            world = self._world
            if world is None:
                return
            try:
                await errand(world)
            except Exception as error:
                log.debug("an errand of the demo failed", exc_info=True)
                said = f"That went wrong ({type(error).__name__}). Nothing is lost: try it again."
            await self._show(world, said, idle)

    async def _show(self, world: World, said: str = "", idle: str = "") -> None:
        from helpspace.core.due import next_due  # noqa: PLC0415 - after the first paint
        from helpspace.sandbox.demo import guide  # noqa: PLC0415 - slow to load
        from helpspace.sandbox.demo.mails import MailScreen  # noqa: PLC0415 - slow to load

        self.calendar.reload()
        await self.phone.redraw()
        due = await world.offload(next_due, world.practice)
        mails = world.mails.mails
        if isinstance(self.screen, MailScreen):
            self.screen.arrived(mails)
        self.bar.show_clock(guide.clock_words(world.clock.now()))
        self.bar.show_happened(guide.happened(world, mails[self._mails_seen :], due, said, idle))
        world.reports.clear()
        self._mails_seen = len(mails)
        await self._find_step(world)

    async def _find_step(self, world: World) -> None:
        from helpspace.sandbox.demo import journey  # noqa: PLC0415 - after the first paint

        mails = enumerate(world.mails.mails)
        unread = [mail for at, mail in mails if at not in self._mails_read]
        self._journey = await world.offload(journey.journey, world, SAM, self._slot, unread)
        self.show_next()

    @work(group="world", exit_on_error=False)
    async def look_again(self) -> None:
        """Find the next step afresh; the world stays as it is."""
        async with self._turn:
            if self._world is not None:
                await self._find_step(self._world)

    def show_next(self) -> None:
        """Say which key or button comes next, from where the visitor is now."""
        if self._journey is None or self._world is None or self._sides is None:
            return
        from helpspace.sandbox.demo import guide, sight  # noqa: PLC0415 - after the first paint

        now = self._world.clock.now()
        seen = sight.sight(self.screen, *self._sides, now)
        self.bar.show_next(guide.tip(self._journey, seen))

    async def _hear(self, world: World) -> None:
        """Let the bot answer first, since somebody waits; then whatever that has caused."""
        await world.bot.catch_up()
        await self.phone.redraw()
        self.show_next()
        await world.settle()

    @on(PhonePane.Acted)
    def acted(self) -> None:
        """Let the bot hear of what the client did."""
        self.do(self._hear)

    def on_slots_opened(self, event: SlotsOpened) -> None:
        """Let the jobs hear of a slot, and remember it: the client shall book it."""
        self._slot = event.opened.slots[0].start
        self.therapist_acted()

    def on_slot_closed(self) -> None:
        self._slot = None
        self.therapist_acted()

    def on_follow_up_booked(self) -> None:
        self.therapist_acted()

    def on_appointment_cancelled(self) -> None:
        self.therapist_acted()

    def therapist_acted(self) -> None:
        """Let the jobs hear of what the therapist did in the calendar."""
        self.do(lambda world: world.settle())

    # -- keys ------------------------------------------------------------------------------------

    @on(DemoKey.Pressed)
    async def pressed(self, event: DemoKey.Pressed) -> None:
        """Do what a key of the demo says."""
        event.stop()
        await self.run_action(f"app.{event.action}")

    def _move(self, errand: Errand) -> None:
        if self._world is not None:
            self.bar.show_happened("The clock moves on…")
            self.do(errand, idle="The clock has moved on; nothing was due meanwhile.")

    def action_hour(self) -> None:
        """Move the clock on by an hour."""
        self._move(lambda world: world.advance(HOUR))

    def action_day(self) -> None:
        """Move the clock on by a day."""
        self._move(lambda world: world.advance(DAY))

    def action_next(self) -> None:
        """Move the clock to the next event."""
        self._move(self._go_on)

    async def _go_on(self, world: World) -> None:
        if await world.next_event() is None:
            self.notify("Nothing is due any more; F9 moves on by a day.", markup=False, timeout=3)

    def action_mails(self) -> None:
        """Show every mail that has left, or put them away."""
        from helpspace.sandbox.demo.mails import MailScreen  # noqa: PLC0415 - slow to load

        if isinstance(self.screen, MailScreen):
            self.screen.dismiss(None)
        elif self._world is not None and len(self.screen_stack) == 1:
            self.push_screen(MailScreen(self._world.mails.mails), self._link_from_mail)

    def action_flip(self) -> None:
        """Go from the calendar to the phone, or back."""
        if self._sides is None or len(self.screen_stack) > 1:
            return
        self._look_at(phone=not self.phone.has_focus_within)

    def _look_at(self, *, phone: bool) -> None:
        """Show a side where there is room for one, and go there."""
        base = self.screen_stack[0]
        base.set_class(phone, "-phone")
        base.set_class(not phone, "-calendar")
        if phone:
            self.phone.focus_keys()
        else:
            self.calendar.view.focus()

    def on_descendant_focus(self) -> None:
        """Say on the bar which side F2 leads to, also after a click."""
        if self._sides is not None and len(self.screen_stack) == 1:
            on_phone = self._sides[1].has_focus_within
            self.bar.lead_to("calendar" if on_phone else "phone")
            self.show_next()

    def on_input_changed(self) -> None:
        self.show_next()

    def on_mail_screen_read(self, event: MailScreen.Read) -> None:
        """Remember that a mail was looked at; the story may go on from there."""
        if event.number not in self._mails_read:
            self._mails_read.add(event.number)
            self.look_again()

    # -- links -----------------------------------------------------------------------------------

    @on(PhonePane.LinkOpened)
    def link_opened(self, event: PhonePane.LinkOpened) -> None:
        """Open a link of the chat: the sandbox's own pages here, others only by name."""
        from helpspace.sandbox.demo.pages import LinkPage, hosted_page  # noqa: PLC0415 - slow to load

        world = self._world
        if world is None:
            return
        page = hosted_page(world.stripe, event.url)
        if page is not None:
            self.push_screen(page, self._hosted_page_left)
        else:
            self.push_screen(LinkPage(event.url))

    def _hosted_page_left(self, said: str | None) -> None:
        said = said or "The page was left."
        self.bar.show_happened(said)
        self.do(lambda world: world.advance(AFTER_CARD), said=said)

    def _link_from_mail(self, url: str | None) -> None:
        from helpspace.sandbox.demo.pages import LinkPage  # noqa: PLC0415 - slow to load

        if not url:
            return
        if self.phone.phone.leads_home(url):
            self.phone.phone.open(url)
            self._look_at(phone=True)
            self.acted()
        else:
            self.push_screen(LinkPage(url))

    def on_resize(self, event: events.Resize) -> None:
        # The app's own size is still the old one here.
        self._set_width(event.size.width)

    def _set_width(self, width: int) -> None:
        self.bar.shorten(short=width < WIDE)


def _load() -> None:
    """Load what the world and the calendar are made of."""
    import helpspace.sandbox.demo.world  # noqa: PLC0415 - slow to load
    import helpspace.tui.widgets.calendar_pane  # noqa: F401, PLC0415 - slow to load
