"""The mails of the demo: who was told what, as their readers see it."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core import moments
from helpspace.core.plain import plain, plain_lines
from helpspace.sandbox.mail import Mail

MOST_LINKS = 3

MOST_WORDS = 40
"""Characters of what a mail says of a link, if that shall stand on its button."""


class LinkButton(Button):
    """A link of a mail."""

    def __init__(self, words: str, url: str) -> None:
        super().__init__(Content(f"{plain(words, 40)} ↗"), compact=True)
        self.url = url


class MailScreen(ModalScreen[str | None]):
    """Every mail that has left, newest first, as plain text; returns a link that was opened."""

    DEFAULT_CSS = """
    MailScreen { align: center bottom; }
    MailScreen > Vertical { width: 100%; max-width: 110; height: 1fr; background: $surface;
        border: round $primary; padding: 0 1; border-subtitle-color: $text-muted; }
    MailScreen OptionList { height: auto; max-height: 30%; border: none; padding: 0;
        text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
        &:focus { border: none; }
    }
    MailScreen VerticalScroll { height: 1fr; border-top: solid $panel-lighten-1; padding: 0 1; }
    MailScreen Horizontal { height: auto; }
    MailScreen Button { margin: 0 1 0 0; min-width: 8; background: $primary 25%; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close the mails"),
        Binding("pagedown,space", "read(1)", "Read on", priority=True),
        Binding("pageup", "read(-1)", "Read back", priority=True),
    ]

    class Read(Message):
        """A mail was looked at; the oldest has number 0."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, mails: list[Mail]) -> None:
        super().__init__()
        self._mails: list[Mail] = []
        self._list = OptionList()
        self._text = Static("No mail has left yet.", markup=False)
        self._page = VerticalScroll(self._text, can_focus=False)
        self._links = Horizontal()
        self._frame = Vertical()
        self.arrived(mails)

    def compose(self) -> ComposeResult:
        """Draw the list above, the text of the chosen mail below, and its links as buttons."""
        with self._frame as frame:
            frame.border_subtitle = "↑↓ mail · PgDn read on · Enter to links, open · Esc close"
            yield self._list
            yield self._page
            yield self._links

    def on_mount(self) -> None:
        """Show the newest mail."""
        self._list.focus()

    def arrived(self, mails: list[Mail]) -> None:
        """Show all mails there are; when there are more than before, go to the newest."""
        if len(mails) == len(self._mails) and mails:
            return
        self._mails = mails[::-1]
        self._list.clear_options()
        self._list.add_options([Option(_line(mail)) for mail in self._mails])
        self._list.highlighted = 0 if mails else None
        self._frame.border_title = f"Mails ({len(mails)})"

    @on(OptionList.OptionHighlighted)
    async def chosen(self, event: OptionList.OptionHighlighted) -> None:
        """Show the mail under the cursor."""
        mail = self._mails[event.option_index]
        self._text.update(_letter(mail))
        self._page.scroll_home(animate=False)
        links = list(dict.fromkeys(mail.links))[:MOST_LINKS]
        async with self.batch():
            await self._links.remove_children()
            await self._links.mount(*(LinkButton(_what(mail.text, url), url) for url in links))
        self.post_message(self.Read(len(self._mails) - 1 - event.option_index))

    @on(OptionList.OptionSelected)
    def to_links(self) -> None:
        """Go from a mail to its first link."""
        for link in self._links.query(LinkButton):
            link.focus()
            return

    @on(Button.Pressed)
    def open_link(self, event: Button.Pressed) -> None:
        """Open a link of the mail."""
        if isinstance(event.button, LinkButton):
            event.stop()
            self.dismiss(event.button.url)

    def action_read(self, by: int) -> None:
        """Turn the page of the mail."""
        if by > 0:
            self._page.scroll_page_down(animate=False)
        else:
            self._page.scroll_page_up(animate=False)

    def on_click(self, event: events.Click) -> None:
        """Close the mails when something beside them is clicked."""
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def _line(mail: Mail) -> Content:
    """Return a mail in the list; of its address only what tells people apart there."""
    when = moments.show(mail.at, moments.LONDON)
    names = (address.partition("@")[0] for address in mail.recipients)
    return Content(f"{when:16} {plain(', '.join(names), 11):11} {plain(mail.subject)}")


def _letter(mail: Mail) -> Content:
    """Return a mail as its reader sees it: head, text, and the names of its files."""
    head = [("To       ", mail.recipients), ("Files    ", [part.name for part in mail.attachments])]
    lines = [Content.assemble(("Subject  ", "dim"), (plain(mail.subject, 200), "bold"))]
    lines += [
        Content.assemble((label, "dim"), plain(", ".join(words), 200))
        for label, words in head
        if words
    ]
    return Content("\n").join([*lines, Content(""), Content(plain_lines(mail.text, 20_000))])


def _what(text: str, url: str) -> str:
    """Return what a mail says of a link: the words before it in its line, or the line above."""
    before = text[: text.index(url)].rstrip() if url in text else ""
    words = before.rpartition("\n")[2].strip().removesuffix(":")
    return words if 0 < len(words) <= MOST_WORDS else _short(url)


def _short(url: str) -> str:
    """Return what tells an address from others in little room."""
    parts = urlsplit(url)
    return f"{parts.hostname or url}{parts.path}"
