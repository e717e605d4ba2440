"""The line of keys: what can be done here, each word a button for the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from helpspace.tui.actions import Action
from helpspace.tui.own_keys import keys_of
from helpspace.tui.widgets.still import Still

_LAST = frozenset({"help.keys", "app.quit"})
"""These stay in sight where there is no room for all, and so does any help of a screen."""


class KeyBar(Still, Widget):
    """Keys with their words on one line; what does not fit is left out before help and quit."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        width: 1fr;
        background: $background;
        color: $grid-quiet;
        &.-plain { background: transparent; }
    }
    """

    class Pressed(Message):
        """A word of the bar was clicked."""

        def __init__(self, bar: KeyBar, action: Action) -> None:
            super().__init__()
            self.bar = bar
            self.action = action

        @property
        def control(self) -> KeyBar:
            return self.bar

    def __init__(self, items: Sequence[tuple[Action, str]] = (), *, plain: bool = False) -> None:
        super().__init__(classes="-plain" if plain else "")
        self._items = tuple(items)
        self._spans: list[tuple[int, int, Action]] = []
        """The cells of each word as they were last drawn."""

    def show(self, items: Sequence[tuple[Action, str]]) -> None:
        """Show other actions."""
        if tuple(items) != self._items:
            self._items = tuple(items)
            self.refresh()

    @property
    def shown(self) -> list[str]:
        """The ids of the actions that are in sight."""
        return [action.id for _, _, action in self._spans]

    def render(self) -> Content:
        margin = 0 if self.has_class("-plain") else 1
        keys = keys_of(self.app)
        self._spans = []
        parts: list[tuple[str, str] | str] = [" " * margin]
        x = margin
        for action, word in self._fitting(self.size.width - 2 * margin):
            key = keys.first(action)
            text = f"{key} {word}".strip()
            self._spans.append((x, x + cell_len(text), action))
            parts.append((key, "$accent"))
            gap = "  " if word else " "
            parts.append(f"{' ' if key and word else ''}{word}{gap}")
            x += cell_len(text) + len(gap)
        return Content.assemble(*parts)

    def _fitting(self, width: int) -> list[tuple[Action, str]]:
        """What there is room for, in the order of the table."""
        kept: list[tuple[Action, str]] = []
        left, keys = width + 2, keys_of(self.app)
        ranked = sorted(self._items, key=lambda item: not _stays(item[0]))
        for action, word in ranked:
            left -= cell_len(f"{keys.first(action)} {word}".strip()) + (2 if word else 1)
            if left < 0:
                break
            kept.append((action, word))
        return [item for item in self._items if item in kept]

    def on_click(self, event: events.Click) -> None:
        """Press the word under the mouse."""
        event.stop()
        for left, right, action in self._spans:
            if left <= event.x < right:
                self.post_message(self.Pressed(self, action))


def _stays(action: Action) -> bool:
    return action.id in _LAST or action.id.endswith(".help")
