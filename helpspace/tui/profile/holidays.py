"""The switch for holidays; what it means is said before it is turned (P1)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.joining import profile
from helpspace.tui.actions import Action, Place, Under, bar
from helpspace.tui.desk import Desk
from helpspace.tui.messages import ProfileSwitched
from helpspace.tui.profile.words import before_switching
from helpspace.tui.screens.ask import AskModal


class HolidaysModal(AskModal):
    """Asks before the profile is switched off, or on again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.found = profile.switch(desk.practice, desk.actor, desk.actor.id)

    def heading(self) -> str:
        if self.found.off:
            return "Your profile is switched off. Switch it on again?"
        return "Switch your profile off for holidays?"

    def body(self) -> Iterable[Widget]:
        said = [Content.styled(text, style) for text, style in before_switching(self.found)]
        yield Static(Content("\n").join(said), classes="last")

    def bar(self) -> list[tuple[Action, str]]:
        off = self.found.off
        said = {
            "asking.yes": "switch it on" if off else "switch it off",
            "asking.no": "leave it off" if off else "leave it on",
        }
        return [(one, said[one.id]) for one, _ in bar([Place.ASKING], Under.SESSION)]

    def action_yes(self) -> None:
        desk = self.desk
        turn = profile.switch_on if self.found.off else profile.switch_off
        self.act(lambda: turn(desk.practice, desk.actor, desk.actor.id), ProfileSwitched)
