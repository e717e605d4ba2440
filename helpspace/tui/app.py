"""The therapist's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from helpspace import collecting
from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.widgets.calendar_pane import CalendarPane

if TYPE_CHECKING:
    from helpspace.tui.join.desk import OpenStripe
    from helpspace.tui.learn.ground import MakeGround
    from helpspace.tui.learn.screen import LearnScreen


class TherapistApp(HelpspaceApp):
    """One therapist's calendar on the whole screen."""

    GREETS = 0.3
    """Seconds after the first paint at which the day is told."""

    def __init__(
        self,
        practice: Practice,
        actor: Actor,
        *,
        ground: MakeGround | None = None,
        stripe: OpenStripe | None = None,
        debug: bool = False,
        hosted: bool = False,
    ) -> None:
        """`ground` makes the throw-away practices of the course's exercises.

        `stripe` opens the way to Stripe, when somebody asks for what is there.
        """
        super().__init__(debug=debug, hosted=hosted)
        chosen = terminal.settings_of(practice, actor)
        self.pane = CalendarPane(practice, actor, chosen, id="calendar")
        self.wear(chosen.theme)
        self.wears_keys = True
        self._left_out: tuple[str, ...] = ()
        """The actions whose stored keys cannot be used."""
        if chosen.keys:
            from helpspace.tui.settings.keymap import worn  # noqa: PLC0415 - most have none

            self.own_keys, self._left_out = worn(chosen.keys)
            self.set_keymap(self.own_keys.keymap())
        self._opens_today = chosen.opens == "today"
        self._is_new = not chosen.toured
        self.guard(chosen.lock_minutes, practice.clock.now, self._open_lock)
        self.keeping = self._keep
        self.greets = False
        """Whether the day is told in one line, once the calendar has been painted."""
        self.open_stripe = stripe
        if ground is not None:
            self.course = lambda: course_of(practice, actor, ground)

    async def _keep(self, name: str) -> None:
        desk = self.pane.desk
        await desk.act(lambda: terminal.keep_theme(desk.practice, desk.actor, name))

    async def _open_lock(self, passphrase: str) -> None:
        from helpspace.core.terminal_lock import open_lock  # noqa: PLC0415 - few have a lock

        desk = self.pane.desk
        await desk.act(lambda: open_lock(desk.practice, desk.actor, passphrase))

    async def on_mount(self) -> None:
        """Open with the day, where that was set; it is read now, so that one frame is enough."""
        if self._opens_today:
            await self.pane.show_day(at_start=True)

    def on_ready(self) -> None:
        """Tell the day after the first paint: its words are not needed for that."""
        if self._left_out:
            from helpspace.tui.settings.acts import left_out_words  # noqa: PLC0415 - few have any

            said = self.own_keys.say(left_out_words(self._left_out))
            self.notify(said, markup=False, severity="warning", timeout=10)
        if self.greets and self._is_new:
            self.set_timer(self.GREETS, self.pane.action_tour)
        elif self.greets and not self._opens_today:
            self.set_timer(self.GREETS, self.pane.tell_day)

    def compose(self) -> ComposeResult:
        self.pane.fit(self.size.width)
        yield self.pane


def course_of(practice: Practice, actor: Actor, ground: MakeGround) -> LearnScreen:
    """Make the screen of the course, which is loaded when it is first opened."""
    from helpspace.tui.learn.screen import LearnScreen  # noqa: PLC0415 - when first wanted

    return LearnScreen(practice, actor, ground)


def run(
    practice: Practice,
    actor: Actor,
    *,
    ground: MakeGround | None = None,
    stripe: OpenStripe | None = None,
    debug: bool = False,
    hosted: bool = False,
) -> int:
    """Open a therapist's calendar in this terminal until they leave; return the exit status."""
    app = TherapistApp(practice, actor, ground=ground, stripe=stripe, debug=debug, hosted=hosted)
    app.greets = True
    collecting.steadily()
    app.run()
    return app.return_code or 0
