"""The doors from the steps of joining to screens of other rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.screen import Screen

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from helpspace.tui.learn.ground import MakeGround

Door = Callable[[Practice, Actor], Screen[Any]]
"""Makes the screen behind a door; leaving it ends with `dismiss` or `pop_screen`."""


class CalendarScreen(Screen[None], inherit_bindings=False):
    """The calendar over the steps: the first slot in it publishes the profile (P3)."""

    BINDINGS = bindings(Place.AWAY)

    def __init__(self, practice: Practice, actor: Actor) -> None:
        super().__init__()
        from helpspace.tui.widgets.calendar_pane import CalendarPane  # noqa: PLC0415 - when first wanted

        self.pane = CalendarPane(practice, actor, id="calendar")
        self.back = KeyBar(bar([Place.AWAY], Under.FREE))

    def compose(self) -> ComposeResult:
        yield self.back
        yield self.pane

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    def action_back(self) -> None:
        """Go back to the steps."""
        self.dismiss(None)


def doors_here(ground: MakeGround | None) -> Mapping[str, Door]:
    """Return the doors that there are; the course needs a `ground` for its exercises."""
    doors: dict[str, Door] = {
        "calendar": CalendarScreen, "profile": _editor, "proofs": _proofs,
    }  # fmt: skip
    if ground is not None:
        doors["learn"] = lambda practice, actor: course(practice, actor, ground)
    return doors


def course(practice: Practice, actor: Actor, ground: MakeGround) -> Screen[None]:
    """Make the screen of the course."""
    from helpspace.tui.learn.screen import LearnScreen  # noqa: PLC0415 - opened later, if at all

    return LearnScreen(practice, actor, ground)


def _editor(practice: Practice, actor: Actor) -> Screen[Any]:
    """Make the profile's editor with a desk of its own."""
    from helpspace.tui.desk import Desk  # noqa: PLC0415 - when first wanted
    from helpspace.tui.profile.editor import ProfileEditor  # noqa: PLC0415 - when first wanted

    class OwnEditor(ProfileEditor):
        """Ends the desk that was made for it."""

        def on_unmount(self) -> None:
            self.desk.close()

    return OwnEditor(Desk(practice, actor, practice.now))


def _proofs(practice: Practice, actor: Actor) -> Screen[Any]:
    """Make the form for new proofs with a desk of its own."""
    from helpspace.tui.desk import Desk  # noqa: PLC0415 - when first wanted
    from helpspace.tui.profile.proofs import OwnProofs  # noqa: PLC0415 - when first wanted

    return OwnProofs(Desk(practice, actor, practice.now))
