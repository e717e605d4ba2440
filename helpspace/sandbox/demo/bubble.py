"""One message of the phone, with its buttons: foreign text, so it is cleaned and never markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.plain import plain, plain_lines
from helpspace.sandbox.telegram.bubbles import runs

if TYPE_CHECKING:
    from helpspace.sandbox.telegram.bubbles import Bubble
    from helpspace.sandbox.telegram.bubbles import Button as Key

_STYLES = {"bold": "bold", "italic": "italic", "underline": "underline"}


class KeyButton(Widget, can_focus=True):
    """A button below a message; a bar at its left marks the one that Enter taps."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyButton {
        width: 1fr; height: auto; min-width: 6; padding: 0 1; margin: 0 1 0 0;
        text-align: center; background: $primary 20%; color: $text; border-left: blank;
        pointer: pointer;
        &:hover { background: $primary 35%; }
        &:focus { border-left: outer $accent; background: $primary 45%; text-style: bold; }
        &.-danger { background: $error 25%; text-style: bold; }
        &.-danger:hover { background: $error 40%; }
        &.-danger:focus { background: $error 50%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", "Tap the button", show=False)
    ]

    class Pressed(Message):
        """The button was tapped."""

        def __init__(self, button: KeyButton) -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> KeyButton:
            return self.button

    def __init__(self, key: Key, message_id: int, index: int) -> None:
        super().__init__(classes="-danger" if key.style == "danger" else "")
        self.key = key
        self.message_id = message_id
        self.index = index

    def render(self) -> Content:
        """Draw the label, with a sign for what takes something away and for what leaves."""
        sign = "✕ " if self.key.style == "danger" else ""
        return Content(f"{sign}{plain(self.key.label)}{' ↗' if self.key.kind == 'url' else ''}")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_press()

    def action_press(self) -> None:
        """Tap the button."""
        self.post_message(self.Pressed(self))


class BubbleView(Vertical):
    """One message with its rows of buttons."""

    DEFAULT_CSS = """
    BubbleView { height: auto; margin: 0 0 1 0; }
    BubbleView > Static { background: $panel; padding: 0 1; width: auto; max-width: 100%; }
    BubbleView.ours { padding: 0 0 0 8; align-horizontal: right; }
    BubbleView.ours > Static { background: $primary 25%; }
    BubbleView > .keys { height: auto; }
    BubbleView > .keys:even KeyButton { background: $primary 12%;
        &:hover { background: $primary 35%; }
        &:focus { background: $primary 45%; }
    }
    """

    def __init__(self, bubble: Bubble) -> None:
        super().__init__(classes="theirs" if bubble.from_bot else "ours")
        self.bubble = bubble

    def compose(self) -> ComposeResult:
        """Draw the text, then the buttons row by row."""
        bubble = self.bubble
        yield Static(_text(bubble), markup=False)
        index = 0
        for row in bubble.buttons:
            with Horizontal(classes="keys"):
                for key in row:
                    yield KeyButton(key, bubble.message_id, index)
                    index += 1


def _text(bubble: Bubble) -> Content:
    """Return the text of a message in its styles, below the sign of what it carries."""
    carried = ""
    if bubble.document is not None:
        carried = f"▤ {plain(bubble.document.name)}"
    elif bubble.photo is not None:
        carried = "▧ picture"
    elif bubble.other:
        carried = f"({plain(bubble.other)})"
    clean = plain_lines(bubble.text, 4096)
    if not bubble.from_bot and clean.startswith("/start "):
        # What a link passes on is not shown by real phones either.
        return Content("/start")
    styled = Content(clean)
    if clean == bubble.text:
        # Entities count from the text as it was sent; only that one can be styled by them.
        parts = [(run.text, _style(run.styles)) for run in runs(bubble.text, bubble.entities)]
        styled = Content.assemble(*parts)
    return Content("\n").join([Content(carried), styled] if carried else [styled])


def _style(styles: frozenset[str]) -> str:
    return " ".join(word for name, word in _STYLES.items() if name in styles)
