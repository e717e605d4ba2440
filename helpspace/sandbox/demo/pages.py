"""What opens beside the chat in the demo: the sandbox's card page, and the mails."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core import moments
from helpspace.core.plain import plain, plain_lines
from helpspace.sandbox.mail import Mail
from helpspace.sandbox.stripe import StripeSandbox

CARDS = (
    ("4242 4242 4242 4242", "works"),
    ("4000 0000 0000 0341", "is saved, then declined when charged"),
    ("4000 0027 6000 3184", "the bank asks for approval every time"),
    ("4000 0000 0000 0002", "is refused at once"),
)


class CardPage(ModalScreen[str]):
    """The sandbox's stand-in for Stripe's card page; it returns what happened, in words."""

    DEFAULT_CSS = """
    CardPage { align: center middle; }
    CardPage > Vertical { width: 64; max-width: 96%; height: auto; max-height: 96%;
        background: $surface; border: round $warning; padding: 0 2; }
    CardPage Static { height: auto; margin: 0 0 1 0; }
    CardPage #answer { color: $error; }
    CardPage Horizontal { height: auto; }
    CardPage Button { margin: 0 2 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave the page")]

    def __init__(self, stripe: StripeSandbox, session: str) -> None:
        super().__init__()
        self._stripe = stripe
        self._session = session

    def compose(self) -> ComposeResult:
        """Draw the form with the test cards below."""
        with Vertical() as page:
            page.border_title = "Card page (sandbox: no real card)"
            yield Static(Content("Save a card for later sessions. Nothing is charged now."))
            yield Input("4242 4242 4242 4242", id="number", placeholder="Card number")
            yield Static("", id="answer", markup=False)
            with Horizontal():
                yield Button("Save card", variant="primary", id="save")
                yield Button("Leave the page", id="leave")
            said = "\n".join(f"{number}  {meaning}" for number, meaning in CARDS)
            yield Static(Content(said))

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def save(self) -> None:
        """Type the card into the sandbox and say what Stripe would say."""
        number = "".join(c for c in self.query_one("#number", Input).value if c.isdecimal())
        result = self._stripe.type_card(self._session, number)
        if result.ok:
            self.dismiss("The card is saved.")
        else:
            self.query_one("#answer", Static).update(Content(plain(result.message, 200)))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close the page without a card."""
        self.dismiss("The card page was left without saving a card.")


class LinkPage(ModalScreen[None]):
    """Where a link would lead; the demo leaves this machine for nothing."""

    DEFAULT_CSS = """
    LinkPage { align: center middle; }
    LinkPage > Vertical { width: 72; max-width: 96%; height: auto; background: $surface;
        border: round $primary; padding: 1 2; }
    LinkPage Static { height: auto; margin: 0 0 1 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "close", "Close")]

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def compose(self) -> ComposeResult:
        """Name the address."""
        with Vertical():
            yield Static(Content("Outside the demo, your browser would open now:"))
            yield Static(Content(plain(self._url, 300)))
            yield Button("Close", id="close")

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


class MailScreen(ModalScreen[str | None]):
    """Every mail that has left, newest first, as plain text; returns a link that was opened."""

    DEFAULT_CSS = """
    MailScreen { align: center middle; }
    MailScreen > Vertical { width: 96%; height: 94%; background: $surface; border: round $primary;
        padding: 0 1; }
    MailScreen OptionList { height: 9; }
    MailScreen VerticalScroll { height: 1fr; border-top: solid $panel-lighten-1; padding: 1; }
    MailScreen Horizontal { height: auto; }
    MailScreen Button { margin: 0 2 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f8", "close", "Close the mails")]

    def __init__(self, mails: list[Mail]) -> None:
        super().__init__()
        self._mails = mails[::-1]

    def compose(self) -> ComposeResult:
        """Draw the list above, the text of the chosen mail below, and its link as a button."""
        with Vertical() as page:
            page.border_title = f"Mails ({len(self._mails)}) · ↑↓ choose · Esc close"
            yield OptionList(*(Option(_line(mail)) for mail in self._mails))
            with VerticalScroll():
                yield Static("", id="text", markup=False)
            with Horizontal():
                yield Button("Open the link in this mail", id="open", compact=True)
                yield Button("Close", id="close", compact=True)

    def on_mount(self) -> None:
        """Show the newest mail."""
        if self._mails:
            self.query_one(OptionList).highlighted = 0
        else:
            self.query_one("#text", Static).update("No mail has left yet.")
            self.query_one("#open").display = False

    @on(OptionList.OptionHighlighted)
    def chosen(self, event: OptionList.OptionHighlighted) -> None:
        """Show the mail under the cursor."""
        mail = self._mails[event.option_index]
        self.query_one("#text", Static).update(Content(plain_lines(mail.text, 20_000)))
        self.query_one("#open").display = bool(mail.links)

    @on(Button.Pressed, "#open")
    def open_link(self) -> None:
        """Open the first link of the mail."""
        at = self.query_one(OptionList).highlighted
        links = [] if at is None else self._mails[at].links
        self.dismiss(links[0] if links else None)

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def _line(mail: Mail) -> Content:
    when = moments.show(mail.at, moments.LONDON)
    return Content(f"{when}  to {plain(', '.join(mail.recipients), 40)}  ·  {plain(mail.subject)}")
