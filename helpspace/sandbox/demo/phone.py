"""The client's phone as a widget: the sandbox's chat with its buttons, driven like a real one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from helpspace.core.plain import plain, plain_lines
from helpspace.sandbox.telegram.bubbles import Bubble
from helpspace.sandbox.telegram.bubbles import Button as Key
from helpspace.sandbox.telegram.phone import Phone

SHOWN = 14
"""How many of the newest bubbles the phone draws; older ones are scrolled away for good."""

_VARIANTS = {"danger": "error", "success": "success", "primary": "primary"}


class KeyButton(Button):
    """A button below a bubble."""

    def __init__(self, key: Key, message_id: int, index: int) -> None:
        label = plain(key.label, 64) + (" ↗" if key.kind == "url" else "")
        variant = _VARIANTS.get(key.style or "", "default")
        super().__init__(Content(label), variant=variant, compact=True)  # type: ignore[arg-type]
        self.key = key
        self.message_id = message_id
        self.index = index


class BubbleView(Vertical):
    """One message with its rows of buttons."""

    def __init__(self, bubble: Bubble) -> None:
        super().__init__(classes="theirs" if bubble.from_bot else "ours")
        self.bubble = bubble

    def compose(self) -> ComposeResult:
        """Draw the text, then the buttons row by row."""
        bubble = self.bubble
        text = plain_lines(bubble.text, 4096)
        if bubble.document is not None:
            text = f"📎 {plain(bubble.document.name)}\n{text}".strip()
        if bubble.photo is not None:
            text = f"🖼 picture\n{text}".strip()
        yield Static(Content(text or f"({bubble.other or 'message'})"), markup=False)
        index = 0
        for row in bubble.buttons:
            with Horizontal(classes="keys"):
                for key in row:
                    yield KeyButton(key, bubble.message_id, index)
                    index += 1


class PhonePane(Vertical):
    """A phone: the chat above, a line to write below."""

    DEFAULT_CSS = """
    PhonePane { border: round $panel-lighten-2; border-title-align: center; padding: 0 1; }
    PhonePane:focus-within { border: round $primary; }
    PhonePane #chat { height: 1fr; scrollbar-size-vertical: 1; }
    PhonePane BubbleView { height: auto; margin: 0 4 1 0; }
    PhonePane BubbleView > Static {
        background: $panel; padding: 0 1; width: auto; max-width: 100%;
    }
    PhonePane BubbleView.ours { margin: 0 0 1 8; align-horizontal: right; }
    PhonePane BubbleView.ours > Static { background: $primary 25%; }
    PhonePane .keys { height: auto; margin: 0; }
    PhonePane .keys KeyButton { width: 1fr; min-width: 4; margin: 0; text-wrap: nowrap; }
    PhonePane #toast { height: auto; color: $warning; padding: 0 1; display: none; }
    PhonePane #line { height: auto; }
    PhonePane #line Input { width: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "next button", show=False),
        Binding("up", "app.focus_previous", "previous button", show=False),
    ]

    class Acted(Message):
        """The person did something that the bot has to hear of."""

    class LinkOpened(Message):
        """The person opened a link that leaves the chat."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    def __init__(self, phone: Phone) -> None:
        super().__init__(id="phone")
        self.phone = phone
        self._drawn: dict[int, Bubble] = {}
        self.border_title = Content(f"{plain(phone.user.first_name, 20)}’s phone")

    def compose(self) -> ComposeResult:
        """Draw the frame; `redraw` fills it."""
        yield VerticalScroll(id="chat", can_focus=False)
        yield Static("", id="toast", markup=False)
        with Horizontal(id="line"):
            yield Input(placeholder="Write a message…", compact=True)

    def on_mount(self) -> None:
        """Show what is there already."""
        self.call_later(self.redraw)

    async def redraw(self) -> None:
        """Draw the chat as it is now, touching only what has changed."""
        shown = {bubble.message_id: bubble for bubble in self.phone.messages[-SHOWN:]}
        chat = self.query_one("#chat", VerticalScroll)
        if shown != self._drawn:
            had_focus = self._focused_place()
            for view in list(chat.query(BubbleView)):
                if shown.get(view.bubble.message_id) != view.bubble:
                    await view.remove()
            there = {view.bubble.message_id: view for view in chat.query(BubbleView)}
            below: BubbleView | None = None
            for number in reversed(shown):
                view = there.get(number) or BubbleView(shown[number])
                if number not in there:
                    await chat.mount(view, before=below)
                below = view
            self._drawn = shown
            chat.scroll_end(animate=False)
            if had_focus:
                self.focus_keys()
        toast = self.phone.toast
        line = self.query_one("#toast", Static)
        line.display = toast is not None
        if toast is not None:
            line.update(Content(plain(toast.text, 200)))

    def _focused_place(self) -> bool:
        focused = self.app.focused
        return isinstance(focused, KeyButton) and focused.query_ancestor(PhonePane) is self

    def focus_keys(self) -> None:
        """Put the focus on the first button of the newest message that has any, else the line."""
        for view in reversed(list(self.query(BubbleView))):
            keys = list(view.query(KeyButton))
            if keys:
                keys[0].focus()
                return
        self.query_one(Input).focus()

    @on(Button.Pressed)
    def _tapped(self, event: Button.Pressed) -> None:
        event.stop()
        pressed = event.button
        if not isinstance(pressed, KeyButton):
            return
        self.phone.tap(pressed.index, message_id=pressed.message_id)
        leaves = pressed.key.kind == "url" and not self.phone.leads_home(pressed.key.value)
        if leaves:
            self.post_message(self.LinkOpened(pressed.key.value))
        else:
            self.post_message(self.Acted())

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        event.input.clear()
        if text:
            self.phone.write(text[:4000])
            self.post_message(self.Acted())
