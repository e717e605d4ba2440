"""The lines above the demo: its clock and keys, what to do next, and what has just happened."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static


class Told(NamedTuple):
    """What a key of the bar says, with room and without."""

    key: str
    words: str
    short: str
    action: str


KEYS = (
    Told("F2", "phone", "phone", "flip"),
    Told("F6", "+1 hour", "+1 h", "hour"),
    Told("F9", "+1 day", "+1 day", "day"),
    Told("F7", "next event", "next event", "next"),
    Told("F8", "mails", "mails", "mails"),
    Told("^Q", "quit", "quit", "quit"),
)
"""The demo's own keys, in the order in which the bar shows them."""


class DemoKey(Widget):
    """A key of the demo for the mouse; the focus stays where it is."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DemoKey { width: auto; height: 1; margin: 0 1 0 0; background: $warning 35%; pointer: pointer;
        &:hover { background: $warning 55%; }
    }
    """

    class Pressed(Message):
        """The key was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told
        self._short = False

    def shorten(self, *, short: bool) -> None:
        """Say it with fewer words, or with all of them."""
        self._say(self._told, short=short)

    def lead_to(self, side: str) -> None:
        """Say where the key leads that changes sides."""
        if self._told.action == "flip":
            self._say(self._told._replace(words=side, short=side), short=self._short)

    def _say(self, told: Told, *, short: bool) -> None:
        if (told, short) != (self._told, self._short):
            self._told, self._short = told, short
            self.refresh(layout=True)

    def render(self) -> Content:
        told = self._told
        words = told.short if self._short else told.words
        pad = "" if self._short else " "
        return Content.assemble(pad, (told.key, "bold"), f" {words}{pad}")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(self._told.action))


class DemoBar(Vertical):
    """Three lines: clock and keys, the next step, what happened; nothing lies over them."""

    DEFAULT_CSS = """
    DemoBar { height: 3; background: $warning 12%; }
    DemoBar > Horizontal { height: 1; background: $warning 20%; }
    DemoBar Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    DemoBar #clock { width: 1fr; text-style: bold; }
    DemoBar #next { text-style: bold; color: $text-warning; }
    DemoBar #happened { color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys = [DemoKey(told) for told in KEYS]
        self._clock = Static(id="clock", markup=False)
        self._shown = ""
        self._happened = Static(id="happened", markup=False)
        self._next = Static(id="next", markup=False)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._clock
            yield from self._keys
        yield self._next
        yield self._happened

    def shorten(self, *, short: bool) -> None:
        """Fit into a narrow terminal."""
        for key in self._keys:
            key.shorten(short=short)

    def lead_to(self, side: str) -> None:
        """Say where F2 leads from here."""
        for key in self._keys:
            key.lead_to(side)

    def show_clock(self, words: str) -> None:
        """Show what time it is in the demo."""
        self._clock.update(Content(words))

    def show_happened(self, words: str) -> None:
        """Show what has just happened, or that something is under way."""
        self._happened.update(Content(words))

    def show_next(self, words: str) -> None:
        """Show the next step and its key."""
        if words != self._shown:
            self._shown = words
            self._next.update(Content(words))
