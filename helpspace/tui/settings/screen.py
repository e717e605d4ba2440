"""The settings of the terminal: a short list, one line each, with what holds now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from textual import work
from textual.content import Content

from helpspace.core import terminal
from helpspace.core.errors import HelpspaceError
from helpspace.core.terminal import OPENS, TerminalSettings
from helpspace.tui import theme
from helpspace.tui.actions import ACTIONS, Place, bindings
from helpspace.tui.clients.base import ListScreen
from helpspace.tui.desk import Desk
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.settings import keymap
from helpspace.tui.settings.choose import ChooseModal
from helpspace.tui.settings.editor import KeysScreen
from helpspace.tui.widgets.grid_text import fit

THEMES = {
    "helpspace-dark": "dark",
    "helpspace-light": "light",
    "helpspace-high-contrast": "high contrast",
    "helpspace-colour-blind": "colour-blind safe",
}
"""Our themes in words, as the palette has them."""

STARTS = {
    "last": "the calendar as it was left",
    "day": "one day",
    "week": "the week",
    "month": "the month",
    "agenda": "the agenda",
    "today": "Today: your next session, and what waits",
}
"""What the terminal can open with, in words."""

_WORDS = 20
"""Cells of a setting's name."""

_DOORS = (
    ("lock.set", "Lock"),
    ("help.tour", "The tour"),
)
"""Settings with a room of their own, by the action that opens it, where there is one."""

_ELSEWHERE = (
    ("profile.boundaries", "Boundaries", "cap of a day, break, minimum notice, quiet hours"),
    ("profile.edit", "Profile", "what clients see of you, and your fees"),
    ("profile.holidays", "Holidays", "the switch that hides your profile for a time"),
)
"""What is set elsewhere, by the action that opens it."""


class Setting(NamedTuple):
    """One line of the settings."""

    name: str
    words: str
    value: str
    act: str = ""
    """The calendar's act that opens it, where it is set in another room."""


class SettingsScreen(ListScreen[Setting]):
    """Changes what can be said in a word here; leads to the rest."""

    PLACE = Place.SETTINGS
    BINDINGS = bindings(Place.SETTINGS)

    def __init__(self, desk: Desk, go: Callable[[str], object]) -> None:
        """`go` does an act of the calendar, once this screen is left."""
        super().__init__(desk)
        self._go = go
        self._set = TerminalSettings()

    def read(self) -> None:
        self._set = terminal.settings_of(self.desk.practice, self.desk.actor)

    def key_of(self, one: Setting) -> str:
        return one.name

    def tell(self) -> None:
        self.head.show("Settings", "of this terminal")
        self.show_lines(["This terminal", *self._here(), "Set elsewhere", *self._doors(_ELSEWHERE)])

    def _here(self) -> list[Setting]:
        now = self._set
        own = len(keymap.worn(now.keys)[0].own)
        keys = f"{own} of your own" if own else "the usual ones"
        lock = "none" if now.lock_minutes is None else f"after {now.lock_minutes} idle minutes"
        values = {"lock.set": lock, "help.tour": "take it again" if now.toured else "take it"}
        return [
            Setting("theme", "Theme", THEMES.get(self.app.theme, self.app.theme)),
            Setting("opens", "Opens with", STARTS[now.opens]),
            Setting("blurs", "Names at the start", "dots" if now.blurs else "shown"),
            *self._doors([(name, words, values[name]) for name, words in _DOORS]),
            Setting("keys", "Keys", keys),
        ]

    @staticmethod
    def _doors(rows: Iterable[tuple[str, str, str]]) -> list[Setting]:
        acts = {one.id: one.run for one in ACTIONS}
        return [
            Setting(name, words, value, acts[name]) for name, words, value in rows if name in acts
        ]

    def row(self, one: Setting, width: int) -> Content:
        return Content.assemble(
            fit(one.words, _WORDS), " ", (fit(one.value, max(width - _WORDS - 3, 20)), "$accent")
        )

    # -- changing --------------------------------------------------------------------------------

    def action_show(self) -> None:
        """Change the marked setting, or open where it is set."""
        one = self.chosen
        if one is None:
            return
        self.status.clear()
        if one.act:
            self.dismiss(None)
            self._go(one.act)
        elif one.name == "theme":
            self._choose_theme()
        elif one.name == "opens":
            values = [(name, STARTS[name]) for name in OPENS]
            modal = ChooseModal("What it opens with", values, self._set.opens)
            self.app.push_screen(modal, self._keep_opens)
        elif one.name == "blurs":
            self._keep_start(self._set.opens, blurs=not self._set.blurs)
        else:
            self.app.push_screen(KeysScreen(self.desk), lambda _: self.look())

    def _choose_theme(self) -> None:
        app = self.app

        def seen(name: str) -> None:
            if name in app.available_themes and name != app.theme:
                app.theme = name

        before = app.theme
        known = {one.name for one in theme.themes()}
        values = [(name, words) for name, words in THEMES.items() if name in known]
        modal = ChooseModal("The theme", values, before, seen=seen)
        app.push_screen(modal, self._keep_theme)

    def _keep_theme(self, name: str | None) -> None:
        if name is not None and isinstance(self.app, HelpspaceApp):
            self.app.action_put_on(name)
        self.tell()

    def _keep_opens(self, name: str | None) -> None:
        if name is not None:
            self._keep_start(name, blurs=self._set.blurs)

    @work(group="act", exit_on_error=False)
    async def _keep_start(self, opens: str, *, blurs: bool) -> None:
        desk = self.desk
        try:
            with self.status.patience():
                await desk.act(
                    lambda: terminal.keep_start(desk.practice, desk.actor, opens=opens, blurs=blurs)
                )
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.status.done("Kept: it is so from the next start on.")
        self.look()
