"""The joining app: from "I want to join" to a published profile (J1–J7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual import work
from textual.screen import Screen
from textual.timer import Timer

from helpspace import collecting
from helpspace.core import terminal
from helpspace.core.errors import HelpspaceError
from helpspace.core.joining.topics import TOPICS, Topic, topic_of
from helpspace.core.practice import Practice
from helpspace.tui.action import Place
from helpspace.tui.join.base import JoinScreen
from helpspace.tui.join.desk import JoinDesk, OpenStripe, no_stripe
from helpspace.tui.join.doors import Door, doors_here
from helpspace.tui.join.home import HomeScreen
from helpspace.tui.join.page import PageScreen
from helpspace.tui.join.start import StartScreen
from helpspace.tui.look import LOOKS, HelpspaceApp

if TYPE_CHECKING:
    from helpspace.tui.learn.ground import MakeGround

PLACES = (
    Place.JOINING, Place.BEGINNING, Place.APPLICATION, Place.CHOICES, Place.FILE, Place.DOCUMENT,
    Place.FOLDER, Place.PAYMENTS, Place.PROOFS, Place.AWAY, Place.EVERYWHERE,
)  # fmt: skip


class JoinApp(HelpspaceApp):
    """One counsellor's way; `hosted` where the machine is not theirs: no path is ever taken.

    `stripe` gives the gateway when somebody waits for it; `ground` makes the throw-away practices
    of the course; `doors` are the screens of other rooms by name ("learn", "profile", "calendar").
    """

    KEEPS_AFTER = 0.3
    """Seconds without a key after which what is typed is saved."""

    def __init__(
        self,
        practice: Practice,
        therapist_id: str = "",
        *,
        hosted: bool = False,
        stripe: OpenStripe = no_stripe,
        ground: MakeGround | None = None,
        doors: Mapping[str, Door] | None = None,
        name: str = "",
        email: str = "",
        debug: bool = False,
    ) -> None:
        super().__init__(debug=debug, hosted=hosted)
        self.desk = JoinDesk(practice, therapist_id, hosted=hosted, stripe=stripe)
        if therapist_id:
            chosen = terminal.settings_of(practice, self.desk.actor)
            self.wear(chosen.theme)
            self.guard(chosen.lock_minutes, practice.clock.now, self._open_lock)
        self.keeping = self._keep_worn
        self.doors = dict(doors_here(ground) if doors is None else doors)
        if "learn" in self.doors:
            # The calendar, which opens from here, has a key for it, too.
            self.course = lambda: self.doors["learn"](practice, self.desk.actor)
        self._given = (name, email)
        self._timer: Timer | None = None
        self._version = -1
        self._minute = -1

    async def _open_lock(self, passphrase: str) -> None:
        from helpspace.core.terminal_lock import open_lock  # noqa: PLC0415 - few have a lock

        desk = self.desk
        await desk.act(lambda: open_lock(desk.practice, desk.actor, passphrase))

    async def _keep_worn(self, name: str) -> None:
        desk = self.desk
        if desk.therapist_id:
            await desk.act(lambda: terminal.keep_theme(desk.practice, desk.actor, name))

    def get_default_screen(self) -> Screen[Any]:
        """Begin at the home; two questions come over it where there is no application yet."""
        return HomeScreen()

    async def on_mount(self) -> None:
        if not self.desk.therapist_id:
            self.push_screen(StartScreen(*self._given))
        self.set_interval(LOOKS, self.check_store)

    def on_unmount(self) -> None:
        self.desk.close()

    # -- screens ---------------------------------------------------------------------------------

    def begun(self) -> None:
        """Show the first page of an application that has just begun."""
        self.turn_to(TOPICS[0])

    def open_page(self, topic: str) -> None:
        """Show a page of the application over the home."""
        if self.desk.draft is not None:
            self.push_screen(PageScreen(self.desk.draft, topic_of(topic)))

    def turn_to(self, topic: Topic) -> None:
        """Show another page in place of this one."""
        if self.desk.draft is not None:
            self.keep_soon(0)
            self.switch_screen(PageScreen(self.desk.draft, topic))

    def go(self, door: str) -> None:
        """Go through a door to a screen of another room."""
        try:
            screen = self.doors[door](self.desk.practice, self.desk.actor)
        except HelpspaceError as error:
            closed = error
            self._tell(lambda screen: screen.refuse(closed))
        else:
            self.push_screen(screen, self._came_back)

    def _came_back(self, done: object) -> None:
        """Say what was done behind a door, where that is not plain to see."""
        from helpspace.tui.messages import ProfileSaved  # noqa: PLC0415 - when first wanted
        from helpspace.tui.profile.words import saved_words  # noqa: PLC0415 - when first wanted

        if isinstance(done, ProfileSaved):
            words = saved_words(done.saved)
            self._tell(lambda screen: screen.status.done(words))

    def show_help(self) -> None:
        """Show every key of this app."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415 - when first wanted

        self.push_screen(HelpModal(PLACES, signs=False))

    def _tell(self, call: Callable[[JoinScreen], object]) -> None:
        """Let the screen that is shown know something."""
        top = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(top, JoinScreen) and top.is_mounted:
            call(top)

    # -- keeping ---------------------------------------------------------------------------------

    def keep_soon(self, seconds: float | None = None) -> None:
        """Save what is typed after a moment without another key."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        wait = self.KEEPS_AFTER if seconds is None else seconds
        if wait:
            self._timer = self.set_timer(wait, self._keep)
        else:
            self._keep()

    @work(group="keep", exit_on_error=False)
    async def _keep(self) -> None:
        try:
            changed = await self.desk.keep()
        except HelpspaceError as error:
            failed = error
            self._tell(lambda screen: screen.met(set()))
            self._tell(lambda screen: screen.refuse(failed))
        else:
            self._tell(lambda screen: screen.met(changed) if changed else screen.kept())

    # -- what others do --------------------------------------------------------------------------

    def check_store(self, *, always: bool = False) -> None:
        """Look whether another process, thread or the passing of a minute changed something."""
        desk = self.desk
        if not desk.therapist_id:
            return
        try:
            version, minute = desk.practice.store.version(), desk.practice.now() // 60
            if not always and (version, minute) == (self._version, self._minute):
                return
            changed = desk.look()
        except HelpspaceError as error:
            failed = error
            self._tell(lambda screen: screen.status.refuse(failed))
            return
        self._version, self._minute = version, minute
        self._tell(lambda screen: screen.met(changed))


def run(
    practice: Practice,
    therapist_id: str = "",
    *,
    hosted: bool = False,
    stripe: OpenStripe = no_stripe,
    ground: MakeGround | None = None,
    name: str = "",
    email: str = "",
    debug: bool = False,
) -> int:
    """Open the joining app in this terminal until they leave; return the exit status."""
    app = JoinApp(
        practice,
        therapist_id,
        hosted=hosted,
        stripe=stripe,
        ground=ground,
        name=name,
        email=email,
        debug=debug,
    )
    collecting.steadily()
    app.run()
    return app.return_code or 0
