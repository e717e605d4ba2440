"""What every Helpspace app in a terminal shares: themes, keys, and a calm end when it breaks."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, work
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.widget import AwaitMount

from helpspace.core.errors import HelpspaceError
from helpspace.tui import theme
from helpspace.tui.actions import Place, bindings
from helpspace.tui.own_keys import USUAL, Keys

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen
    from textual.theme import Theme
    from textual.timer import Timer

    from helpspace.core.gateways import StripeGateway
    from helpspace.tui.lock.gate import Gate
    from helpspace.tui.messages import LockKept
    from helpspace.tui.typed_ahead import Early

TURN = 0.0005
"""Seconds after which Python lets another thread go on; Textual writes its frames in one of its
own, which would otherwise wait up to ten times as long for what else there is to do."""

LOOKS = 0.5
"""Seconds between two looks for what others have changed: it is shown within one second."""


def _actions() -> type[Provider]:
    """The palette's provider, loaded when the palette is first opened."""
    from helpspace.tui.commands import ActionProvider  # noqa: PLC0415 - when first wanted

    return ActionProvider


def _end_with_terminal() -> None:
    """Wait until the terminal is gone, and end then as SIGHUP ends.

    The kernel tells only the leader of the session, such as make or a shell, which need not pass
    it on; an app that goes on would read the end of its input for ever.
    """
    line = select.poll()
    line.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
    line.poll()
    os.kill(os.getpid(), signal.SIGHUP)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        os._exit(128 + signal.SIGHUP)


class HelpspaceApp(App[None], inherit_bindings=False):
    """Knows our themes; its palette holds only our own actions."""

    TITLE = "Helpspace"
    LOOKS_AFTER = 5.0
    """Seconds after which it is looked again whether somebody has been there."""
    CSS_PATH = Path(__file__).with_name("helpspace.tcss")
    _PALETTE_CSS = Path(__file__).with_name("palette.tcss")
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.EVERYWHERE)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_actions}

    def __init__(self, *, debug: bool = False, hosted: bool = False) -> None:
        super().__init__()
        self._tells_all = debug
        self.is_hosted = hosted
        """Whether the machine is somebody else's: nothing of it may be reached from here."""
        self.course: Callable[[], Screen[None]] | None = None
        """Makes the screen of the course, where there is one."""
        self.open_stripe: Callable[[], StripeGateway | None] | None = None
        """Opens the way to Stripe when a person asks for what is there, where there is one."""
        self.keeping: Callable[[str], Awaitable[None]] | None = None
        """Keeps the theme of whoever sits here; None where nothing is kept."""
        self.own_keys: Keys = USUAL
        """The keys that work here; only the therapist's own terminal has others than the table."""
        self.wears_keys = False
        """Whether keys of one's own work here."""
        self.gate: Gate | None = None
        """Shuts the terminal of whoever has locked it, when nobody is there."""
        self._opening: Callable[[str], Awaitable[None]] | None = None
        self._present: Callable[[], int] | None = None
        self._watch: Timer | None = None
        theme.put_on(self, theme.DEFAULT_THEME)

    async def on_mount(self) -> None:
        if not self.is_headless:
            sys.setswitchinterval(TURN)
            threading.Thread(target=_end_with_terminal, daemon=True).start()
        self._begin_watch()
        if (locked := self.lock_up()) is not None:
            await locked  # before anything of the practice is painted
        if self.is_hosted:
            # Textual's driver would stop the process; and a revoked key ends it by SIGTERM.
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._sent_away)

    # -- the lock --------------------------------------------------------------------------------

    def guard(
        self, minutes: int | None, now: Callable[[], int], opening: Callable[[str], Awaitable[None]]
    ) -> None:
        """Lock after some idle minutes from now on, or never where they are None.

        `now` is UTC epoch seconds; `opening` tries a passphrase, and refuses those that do not fit.
        """
        self._present, self._opening = now, opening
        if minutes is None:
            self.gate = None
            return
        from helpspace.tui.lock.gate import Gate  # noqa: PLC0415 - most terminals have no lock

        self.gate = Gate(now, minutes)
        if self.is_running:
            self._begin_watch()

    def _begin_watch(self) -> None:
        if self.gate is not None and self._watch is None:
            self._watch = self.set_interval(self.LOOKS_AFTER, self.look_after)
            self.app_resume_signal.subscribe(self, lambda _: self.look_after())

    def on_lock_kept(self, event: LockKept) -> None:
        """Begin the watch anew, or end it."""
        if self._present is not None and self._opening is not None:
            self.guard(event.minutes, self._present, self._opening)

    def look_after(self) -> None:
        """Lock if nobody has been there for long enough."""
        if self.gate is not None and self.gate.is_due():
            self.lock_up()

    def action_lock_now(self) -> None:
        """Lock at once; where there is no lock, say how to get one."""
        if self.gate is not None:
            self.lock_up()
        else:
            self.notify("There is no lock yet: Ctrl+P, then “lock”.", markup=False, timeout=4)

    def lock_up(self) -> AwaitMount | None:
        """Cover everything until the passphrase opens it."""
        gate, opening = self.gate, self._opening
        if gate is None or opening is None or gate.is_shut:
            return None
        from helpspace.tui.lock.screen import LockScreen  # noqa: PLC0415 - same

        self.clear_notifications()

        async def tried(passphrase: str) -> None:
            await opening(passphrase)
            gate.is_opening = True

        def opened(_: None) -> None:
            self.call_later(gate.open)

        mount = super().push_screen(LockScreen(tried), opened)
        gate.is_shut = True
        return mount

    async def on_event(self, event: events.Event) -> None:
        """See that somebody is there; a key that comes after too long only brings the lock."""
        if self.gate is not None and isinstance(event, events.InputEvent):
            if self.gate.is_due():
                self.lock_up()
                return
            self.gate.seen()
        elif isinstance(event, events.Resize):
            self.look_after()  # it comes before the first paint after a stop of the process
        if isinstance(event, events.Key):
            early: Early | None = getattr(self.screen, "early", None)
            if early is not None and early.takes(self, event):
                return
        await super().on_event(event)

    def push_screen(self, screen: Any, *args: Any, **options: Any) -> Any:
        """Show a screen; one that comes while it is locked waits until it is open."""
        if self.gate is None or not self.gate.is_shut:
            return super().push_screen(screen, *args, **options)
        self.gate.keep(partial(super().push_screen, screen, *args, **options))
        return AwaitMount(self.screen, [])

    def switch_screen(self, screen: Any) -> AwaitComplete:
        """Show a screen in place of another; while it is locked, as soon as it is open."""
        return self._once_open(partial(super().switch_screen, screen))

    def pop_screen(self) -> AwaitComplete:
        """End the top screen; an end that comes while it is locked never takes the lock away."""
        return self._once_open(super().pop_screen)

    def _once_open(self, shown: Callable[[], AwaitComplete]) -> AwaitComplete:
        if self.gate is None or not self.gate.is_shut or self.gate.is_opening:
            return shown()
        self.gate.keep(shown)
        return AwaitComplete()

    def notify(self, message: str, **options: Any) -> None:
        """Show a word in the corner; one that comes while it is locked waits until it is open."""
        if self.gate is None or not self.gate.is_shut:
            super().notify(message, **options)
        else:
            self.gate.keep(partial(super().notify, message, **options))

    def _sent_away(self) -> None:
        self.exit(None, 1, Text("This terminal was closed by its host. Nothing was lost."))

    def get_theme(self, theme_name: str) -> Theme | None:
        """Return a theme; Textual asks for it with every line that it draws."""
        # Ours are made when first wanted, so that they are not all asked for here.
        found = theme.named(theme_name) or super().available_themes.get(theme_name)
        return found or super().get_theme(theme_name)

    @property
    def available_themes(self) -> dict[str, Theme]:
        """All themes by name: ours and those of Textual."""
        return {**super().available_themes, **{one.name: one for one in theme.themes()}}

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our widgets their colours under themes that are not ours, too."""
        return theme.variable_defaults(dark=self.current_theme.dark)

    def action_put_on(self, name: str) -> None:
        """Change the theme, and remember it for the next start."""
        self.theme = name
        if self.keeping is not None:
            self._keep_theme(partial(self.keeping, name))

    @work(group="theme", exit_on_error=False)
    async def _keep_theme(self, call: Callable[[], Awaitable[None]]) -> None:
        try:
            await call()
        except HelpspaceError as error:
            why = f"{error.title[:1].lower()}{error.title[1:]}. {error.hint}"
            self.notify(f"The theme is not kept: {why}", markup=False, severity="warning")

    def wear(self, name: str | None) -> None:
        """Put on the theme that was worn last, if there is one and we have it still."""
        if name is not None and self.get_theme(name) is not None:
            theme.put_on(self, name)

    def action_command_palette(self) -> None:
        """Open the palette; its styles are read when it is first opened."""
        if self.gate is not None and self.gate.is_shut:
            return
        if not self.stylesheet.has_source(str(self._PALETTE_CSS)):
            self.stylesheet.read(self._PALETTE_CSS)
        super().action_command_palette()

    def action_learn(self) -> None:
        """Open the course over whatever is shown, once."""
        if self.course is None:
            self.notify("The course opens from `helpspace tui`.", markup=False, timeout=4)
        elif not any(screen.id == "learn" for screen in self.screen_stack):
            try:
                screen = self.course()
            except HelpspaceError as error:
                self.notify(f"{error.sentence} {error.hint}", markup=False, severity="warning")
            else:
                self.push_screen(screen)

    def action_how_to_leave(self) -> None:
        """Answer the key that ends most programs: here it might end a form by mistake."""
        said = "{app.quit} leaves Helpspace, Ctrl+Q does from anywhere."
        self.notify(self.own_keys.say(said), markup=False, timeout=4)

    # What Textual offers besides, none of which belongs on a machine that is somebody else's.

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Open an address in the browser; on a shared host, copy it instead."""
        if self.is_hosted:
            self.copy_to_clipboard(url)
        else:
            super().open_url(url, new_tab=new_tab)

    def action_suspend_process(self) -> None:
        """Stop the process as the shell's Ctrl+Z would; never on a shared host."""
        if not self.is_hosted:
            super().action_suspend_process()

    def deliver_screenshot(
        self,
        filename: str | None = None,
        path: str | None = None,
        time_format: str | None = None,
    ) -> str | None:
        """Write a picture of the screen to a file; never on a shared host."""
        if self.is_hosted:
            return None
        return super().deliver_screenshot(filename, path, time_format)

    def save_screenshot(
        self,
        filename: str | None = None,
        path: str | None = None,
        time_format: str | None = None,
    ) -> str:
        """Write a picture of the screen to a file; never on a shared host."""
        if self.is_hosted:
            return ""
        return super().save_screenshot(filename, path, time_format)

    def _fatal_error(self) -> None:
        """End calmly after a fault of our own: Textual's traceback shows values, and so names."""
        if self._tells_all:
            super()._fatal_error()
            return
        self.panic(
            Text(
                "Helpspace has stopped because of a fault of its own. What was answered is saved.\n"
                "Start it again; with --debug it shows what went wrong."
            )
        )
