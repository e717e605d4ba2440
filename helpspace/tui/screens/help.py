"""Every key and what it does, from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.tui.actions import Action, Place, Under, bar, bindings, of
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.layout import Status
from helpspace.tui.own_keys import Keys, keys_of
from helpspace.tui.screens.base import Panel

_KEYS = 20

WEEK = (
    Place.CALENDAR, Place.MOVING, Place.SESSION, Place.FORM, Place.ASKING, Place.DATE, Place.HELP,
    Place.PROFILE, Place.CHECKLIST, Place.LINKS, Place.PROOFS, Place.EVERYWHERE,
)  # fmt: skip
"""The sections of the calendar's help."""

_SIGNS = (
    (Status.OPEN, "a slot that clients can book"),
    (Status.HELD, "somebody is putting a card on record for it"),
    (Status.BOOKED, "a session to come"),
    (Status.UNPAID, "its payment needs you or the client"),
    (Status.COMPLETED, "a session that took place"),
    (Status.NO_SHOW, "the client did not come"),
)

_MOUSE = (
    ("click", "Put the cursor there."),
    ("double click", "Open what is there."),
    ("drag", "Mark free time, and open a slot of that length."),
    ("‹ ›", "Turn the week, in the title."),
)


class HelpModal(Panel[None]):
    """All keys by place, what the signs mean, and what the mouse does."""

    HEADING = "Help"
    BINDINGS = bindings(Place.HELP)
    DEFAULT_CSS = """
    HelpModal > .panel { width: 96; height: 100%; }
    HelpModal .body { height: 1fr; }
    HelpModal VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    HelpModal StatusLine { display: none; }
    HelpModal KeyBar { margin-top: 1; }
    """

    def __init__(self, places: Iterable[Place] = WEEK, *, signs: bool = True) -> None:
        super().__init__()
        self._places = tuple(places)
        self._signs = signs

    def body(self) -> Iterable[Widget]:
        width = min(self.app.size.width, 96) - 10
        yield VerticalScroll(
            Static(_page(width, self._places, keys_of(self.app), signs=self._signs))
        )

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.HELP], Under.FREE)

    def action_close(self) -> None:
        self.dismiss(None)


def _page(width: int, places: Iterable[Place], keys: Keys, *, signs: bool) -> Content:
    """Everything in one text, each sentence beside its key."""
    lines = [Content.styled("Signs", "bold $primary")] if signs else []
    for status, words in _SIGNS if signs else ():
        lines += _entry(f"{status.glyph} {status.word}", words, f"$status-{status.value}", width)
    for place in places:
        lines += [Content(""), Content.styled(str(place), "bold $primary")]
        for one in of(place):
            if shown := keys.shown(one):
                lines += _entry(shown, one.help, "$accent", width)
    if signs:
        lines += [Content(""), Content.styled("Mouse", "bold $primary")]
    for gesture, words in _MOUSE if signs else ():
        lines += _entry(gesture, words, "$accent", width)
    return Content("\n").join(lines)


def _entry(key: str, words: str, style: str, width: int) -> list[Content]:
    return [
        Content.assemble(((key if number == 0 else "").ljust(_KEYS), style), line)
        for number, line in enumerate(wrapped(words, width - _KEYS))
    ]
