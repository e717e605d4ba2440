"""The palette: every action of the table, by its words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widget import Widget

from helpspace.tui.actions import ACTIONS, Action, Place
from helpspace.tui.own_keys import keys_of
from helpspace.tui.widgets.calendar_pane import CalendarPane


class ActionProvider(Provider):
    """Offers what can be done from the screen on which the palette was opened."""

    def _found(self) -> list[tuple[Action, Callable[[], Any]]]:
        pane = next(iter(self.screen.query(CalendarPane)), None)
        node: Widget = pane or self.screen
        # Any other screen says by PLACE whose actions are its own. Forms, questions, the help and
        # the date offer only what works everywhere: their keys move, type, or answer yes and no.
        here = Place.CALENDAR if pane is not None else getattr(self.screen, "PLACE", None)
        return [
            (one, partial(node.run_action, one.run))
            for one in ACTIONS
            if one.palette and (one.place is here or one.run.startswith("app."))
        ]

    def _help(self, one: Action) -> str:
        shown = keys_of(self.app).shown(one)
        return f"{one.help} ({shown})" if shown else one.help

    async def discover(self) -> Hits:
        """Offer all before anything is typed."""
        for one, call in self._found():
            yield DiscoveryHit(Content(one.verb), call, one.verb, self._help(one))

    async def search(self, query: str) -> Hits:
        """Offer what fits the typed words."""
        matcher = self.matcher(query)
        for one, call in self._found():
            score = matcher.match(one.verb)
            if score > 0:
                yield Hit(score, matcher.highlight(one.verb), call, one.verb, self._help(one))
