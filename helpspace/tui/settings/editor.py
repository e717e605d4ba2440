"""The keys of every action, by place: which they are, and giving them others."""

from __future__ import annotations

from collections.abc import Iterable

from textual import work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from helpspace.core import terminal
from helpspace.core.errors import HelpspaceError
from helpspace.core.plain import plain
from helpspace.tui.actions import ACTIONS, Action, Place, bindings
from helpspace.tui.clients.base import ListScreen
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, KeysKept
from helpspace.tui.own_keys import USUAL, Keys
from helpspace.tui.settings import keymap
from helpspace.tui.settings.acts import change_keys, wear
from helpspace.tui.settings.press import PressModal, UsualModal
from helpspace.tui.widgets.field import Field
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.widgets.rows import cursor

_NO_FIT = "No action's words or key fit that; Esc leaves the search."
_KEYS = 16
"""Cells of the keys of a line."""

_AROUND = 11
"""Cells around a line: margins, the sign before it, and the bar at its side."""


class KeysScreen(ListScreen[Action]):
    """Lists what can be changed; shows what the store has, which another terminal may change."""

    PLACE = Place.KEYS
    BINDINGS = bindings(Place.KEYS)
    NOTHING = _NO_FIT
    DEFAULT_CSS = """
    KeysScreen #find { display: none; }
    KeysScreen #find.-there { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.line = Field("Find", "", id="find", placeholder="follow-up · ctrl+l")
        self._own: Keys = USUAL
        self._marked: int | None = None

    def above(self) -> Iterable[Widget]:
        return (self.line,)

    def read(self) -> None:
        kept = terminal.settings_of(self.desk.practice, self.desk.actor).keys
        self._own, _ = keymap.worn(kept)

    def key_of(self, one: Action) -> str:
        return one.id

    def tell(self) -> None:
        count = len(self._own.own)
        self.head.show("Your own keys", f"{count} of your own" if count else "all as usual")
        typed = plain(self.line.value).casefold()
        lines: list[Action | str] = []
        for place in Place:
            found = [one for one in _changeable(place) if self._fits(one, typed)]
            lines += [str(place), *found] if found else []
        self._marked = None
        self.show_lines(lines)

    def _fits(self, one: Action, typed: str) -> bool:
        said = f"{one.verb} {self._own.shown(one)} {one.place}".casefold()
        return all(word in said for word in typed.split())

    def mark(self) -> None:
        """Draw the lines; once they are drawn, only those whose sign changes."""
        here, width = self.list.highlighted, self.app.size.width - _AROUND
        changed = range(len(self._lines)) if self._marked is None else {self._marked, here}
        for at in changed:
            one = None if at is None or at >= len(self._lines) else self._lines[at]
            if at is not None and isinstance(one, Action):
                sign = (cursor(here=at == here), "$accent")
                line = Content.assemble(sign, self.row(one, width))
                self.list.replace_option_prompt_at_index(at, line)
        self._marked = here

    def row(self, one: Action, width: int) -> Content:
        own = one.id in self._own.own
        usual = f"usual: {USUAL.shown(one) or 'none'}" if own else ""
        room = max(width - _KEYS - len(usual) - 2, 20)
        return Content.assemble(
            (fit(self._own.shown(one) or "–", _KEYS), "bold $accent" if own else "$accent"),
            fit(one.verb, room),
            (f"  {usual}" if usual else "", "$grid-quiet"),
        )

    # -- finding ---------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Type a part of an action's words, or a key."""
        self.line.add_class("-there")
        self.set_focus(self.line.input)  # at once: the next key is typed into it

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives the marked one another key."""
        event.stop()
        self.list.focus()
        self.action_show()

    def action_back(self) -> None:
        if self.line.has_class("-there"):
            self.line.input.value = ""
            self.line.remove_class("-there")
            self.list.focus()
            self.tell()
        else:
            super().action_back()

    # -- acting ----------------------------------------------------------------------------------

    def action_show(self) -> None:
        """Have a key pressed for the marked action."""
        one = self.chosen
        if one is not None:
            self.ask(lambda: PressModal(self.desk, self._own, one))

    def action_usual(self) -> None:
        """Give the marked action its usual key back."""
        one = self.chosen
        if one is None:
            return
        if one.id not in self._own.own:
            self.status.hint("It has its usual key.")
            return
        self.status.clear()
        self._give_back(one)

    @work(group="act", exit_on_error=False)
    async def _give_back(self, one: Action) -> None:
        desk = self.desk
        try:
            with self.status.patience():
                keys = await desk.act(
                    lambda: change_keys(
                        desk.practice, desk.actor, lambda now: keymap.usual(now, one)
                    )
                )
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self._wear(keys)

    def action_all_usual(self) -> None:
        """Ask before all of them get their usual keys back."""
        if self._own.own:
            self.ask(lambda: UsualModal(self.desk, self._own))
        else:
            self.status.hint("All keys are the usual ones.")

    def action_page_up(self) -> None:
        self.list.action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        self.list.action_page_down()  # type: ignore[no-untyped-call]

    def ended(self, done: Done | None) -> None:
        """Wear what was kept: from now on it is what works, and what is shown."""
        if isinstance(done, KeysKept):
            self._wear(done.keys)
        else:
            self.look()

    def _wear(self, keys: Keys) -> None:
        if wear(self.app, keys):
            self.status.done(
                "Kept. It works from now on; other terminals take it up when they start."
            )
        else:
            self.status.done("Kept: it works in `helpspace tui`, from its next start.")
        self.look()


def _changeable(place: Place) -> list[Action]:
    return [one for one in ACTIONS if one.place is place and keymap.can_change(one)]
