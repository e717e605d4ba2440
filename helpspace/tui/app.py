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
        self.keeping = self._keep
        self.greets = False
        """Whether the day is told in one line, once the calendar has been painted."""
        self.open_stripe = stripe
        if ground is not None:
            self.course = lambda: course_of(practice, actor, ground)

    async def _keep(self, name: str) -> None:
        desk = self.pane.desk
        await desk.act(lambda: terminal.keep_theme(desk.practice, desk.actor, name))

    def on_ready(self) -> None:
        """Tell the day after the first paint: its words are not needed for that."""
        if self.greets:
            self.set_timer(self.GREETS, self.pane.tell_day)

    def compose(self) -> ComposeResult:
        yield self.pane


def course_of(practice: Practice, actor: Actor, ground: MakeGround) -> LearnScreen:
    """Make the screen of the course, which is loaded when it is first opened."""
    from helpspace.tui.learn.screen import LearnScreen  # noqa: PLC0415

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
