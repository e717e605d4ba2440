"""The client's phone as a widget: the sandbox's chat with its buttons, driven like a real one."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from helpspace.core.plain import plain
from helpspace.sandbox.demo.bubble import BubbleView, KeyButton
from helpspace.sandbox.telegram.screen import NotOnScreenError
from helpspace.tui.widgets.field import CleanInput

if TYPE_CHECKING:
    from helpspace.sandbox.telegram.bubbles import Bubble
    from helpspace.sandbox.telegram.phone import Phone

SHOWN = 14
"""How many of the newest bubbles the phone draws; older ones are scrolled away for good."""

WAYS_OUT = frozenset({"Home", "‹ Back"})
"""Labels of buttons that only lead away."""

MOST_TEXT = 4000
"""Characters of a message; Telegram takes 4096."""


class Chat(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The messages; the arrow keys are the phone's, which go from button to button."""


class PhonePane(Vertical):
    """A phone: the chat above, a line to write below. Whatever is typed goes into that line."""

    DEFAULT_CSS = """
    PhonePane {
        border: round $panel-lighten-2; border-title-align: center; padding: 0 1;
        border-subtitle-align: center; border-subtitle-color: $text-muted;
    }
    PhonePane:focus-within { border: round $primary; }
    PhonePane #chat { height: 1fr; scrollbar-size-vertical: 1; align-vertical: bottom; }
    PhonePane #toast { height: auto; color: $warning; padding: 0 1; display: none; }
    PhonePane #line { height: 1; }
    PhonePane #line Input { width: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,right", "step(1)", "Next button", show=False),
        Binding("up,left", "step(-1)", "Previous button", show=False),
        Binding("pageup", "turn(-1)", "Earlier messages", show=False),
        Binding("pagedown", "turn(1)", "Later messages", show=False),
        Binding("escape", "to_keys", "Back to the buttons", show=False),
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
        self.line = CleanInput(
            placeholder="Write a message…",
            compact=True,
            max_length=MOST_TEXT,
            select_on_focus=False,
        )
        self._chat = Chat(id="chat")
        self._toast = Static(id="toast", markup=False)
        self._drawn: dict[int, Bubble] = {}
        self._tapped_on: int | None = None
        """The message whose button was tapped last: its answer is where to look."""
        self.border_title = Content(f"{plain(phone.user.first_name, 20)}’s phone")
        self._say_keys()

    def compose(self) -> ComposeResult:
        """Draw the frame; `redraw` fills it."""
        yield self._chat
        yield self._toast
        with Horizontal(id="line"):
            yield self.line

    def on_mount(self) -> None:
        """Show what is there already, and stay at its end."""
        self._chat.anchor()
        self.call_later(self.redraw)

    # -- what is shown ---------------------------------------------------------------------------

    async def redraw(self) -> None:
        """Draw the chat as it is now, touching only what has changed."""
        shown = {bubble.message_id: bubble for bubble in self.phone.messages[-SHOWN:]}
        if shown != self._drawn:
            follows = self.has_focus_within and not self.line.value
            changed = {at for at, bubble in shown.items() if self._drawn.get(at) != bubble}
            if follows:
                # The focused button goes with its message; the focus must not leave the phone.
                self.screen.set_focus(self.line, scroll_visible=False)
            await self._draw(shown)
            self._chat.anchor()
            if follows and self.screen.focused is self.line and not self.line.value:
                self.focus_keys(changed)
                if self._asks(changed):
                    self.line.focus()
        toast = self.phone.toast
        self._toast.display = toast is not None
        if toast is not None:
            self._toast.update(Content(plain(toast.text, 200)))

    async def _draw(self, shown: dict[int, Bubble]) -> None:
        self._drawn = shown
        for view in list(self._chat.query(BubbleView)):
            if shown.get(view.bubble.message_id) != view.bubble:
                await view.remove()
        there = {view.bubble.message_id: view for view in self._chat.query(BubbleView)}
        below: BubbleView | None = None
        for number in reversed(shown):
            view = there.get(number) or BubbleView(shown[number])
            if number not in there:
                await self._chat.mount(view, before=below)
            below = view

    @property
    def with_buttons(self) -> list[Bubble]:
        """The messages shown that have buttons, newest first."""
        return [bubble for bubble in reversed(self._drawn.values()) if bubble.buttons]

    def _asks(self, changed: Collection[int]) -> bool:
        """Whether the newest of some messages has only ways out: then words are asked for."""
        newest = self._drawn.get(max(changed, default=0))
        labels = set(newest.labels()) if newest else set()
        return bool(labels) and labels <= WAYS_OUT

    def _say_keys(self) -> None:
        """Say below the phone what its keys do where the focus is."""
        if not self.has_focus_within:
            words = "F2 to use the phone"
        elif self.line.has_focus:
            words = "type · Enter send · ↑↓ buttons"
        elif self._chat.max_scroll_y > 0:
            words = "↑↓ choose · Enter tap · or type · PgUp"
        else:
            words = "↑↓ choose · Enter tap · or just type"
        self.border_subtitle = Content(words)

    def on_descendant_focus(self) -> None:
        self._say_keys()

    def on_descendant_blur(self) -> None:
        self.call_after_refresh(self._say_keys)

    def focus_keys(self, changed: Collection[int] = ()) -> None:
        """Put the focus on the first button of what was answered, else of the newest message.

        `changed` are the messages that are new or look different; without any button to go to, the
        line is ready to write in.
        """
        keys = {key.message_id: key for key in reversed(list(self._chat.query(KeyButton)))}
        answered = self._tapped_on if self._tapped_on in changed else None
        among = [at for at in keys if at in changed] or list(keys)
        if answered in keys:
            keys[answered].focus()
        elif among:
            keys[max(among)].focus()
        else:
            self.line.focus()

    # -- what the person does --------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take letters for what they are on a phone: a message that begins."""
        if event.is_printable and event.character and not self.line.has_focus:
            event.stop()
            self.line.focus()
            self.line.insert_text_at_cursor(event.character)

    def action_step(self, by: int) -> None:
        """Go to the next button or the previous one; the line to write in is the last of them."""
        stops = [*self._chat.query(KeyButton), self.line]
        at = next((place for place, stop in enumerate(stops) if stop.has_focus), len(stops) - 1)
        stops[(at + by) % len(stops)].focus()

    def action_turn(self, by: int) -> None:
        """Scroll the chat by a page."""
        if by < 0:
            self._chat.scroll_page_up(animate=False)
        else:
            self._chat.scroll_page_down(animate=False)

    def action_to_keys(self) -> None:
        """Drop what is being written and go to the newest buttons."""
        self.line.clear()
        self.focus_keys()

    @on(KeyButton.Pressed)
    def _tapped(self, event: KeyButton.Pressed) -> None:
        event.stop()
        pressed = event.button
        self._tapped_on = pressed.message_id
        try:
            self.phone.tap(pressed.index, message_id=pressed.message_id)
        except NotOnScreenError:
            # The bot has just changed that message; the next drawing shows it.
            self.post_message(self.Acted())
            return
        if pressed.key.kind == "url" and not self.phone.leads_home(pressed.key.value):
            self.post_message(self.LinkOpened(pressed.key.value))
        else:
            self.post_message(self.Acted())

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        event.input.clear()
        if not text:
            self.focus_keys()
            return
        try:
            self.phone.write(text)
        except (NotOnScreenError, ValueError) as error:
            self.notify(plain(str(error), 100), markup=False, timeout=4)
        self.post_message(self.Acted())
