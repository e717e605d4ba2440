"""What opens over the demo from a link: the sandbox's own pages, and addresses elsewhere."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from helpspace.core.moments import pounds
from helpspace.core.plain import plain
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
    CardPage > Vertical { width: 66; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; border: round $warning; padding: 1 2;
        border-subtitle-color: $text-muted; }
    CardPage Static { height: auto; }
    CardPage #answer { color: $error; height: auto; min-height: 1; }
    CardPage Input { margin: 1 0 0 0; }
    CardPage Horizontal { height: auto; margin: 0 0 1 0; }
    CardPage Button { margin: 0 2 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave the page"),
        Binding("down", "other(1)", "Next test card"),
        Binding("up", "other(-1)", "Previous test card"),
    ]

    def __init__(self, stripe: StripeSandbox, session: str) -> None:
        super().__init__()
        self._stripe = stripe
        self._session = session
        self._at = 0
        self._number = Input(CARDS[0][0], placeholder="Card number", select_on_focus=False)
        self._answer = Static(id="answer", markup=False)

    def compose(self) -> ComposeResult:
        """Draw the form with the test cards below."""
        with Vertical() as page:
            page.border_title = "Card page (sandbox: no real card)"
            page.border_subtitle = "Enter save · ↑↓ other test cards · Esc leave"
            yield Static(Content("Save a card for later sessions. Nothing is charged now."))
            yield self._number
            yield self._answer
            with Horizontal():
                yield Button("Save card", variant="primary", id="save")
                yield Button("Leave the page", id="leave")
            yield Static(Content("\n".join(f"{number}  {words}" for number, words in CARDS)))

    def action_other(self, by: int) -> None:
        """Type another of the test cards."""
        self._at = (self._at + by) % len(CARDS)
        self._number.value = CARDS[self._at][0]
        self._answer.update(Content(""))
        self._number.focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def save(self) -> None:
        """Type the card into the sandbox and say what Stripe would say."""
        number = "".join(c for c in self._number.value if c.isdecimal())
        result = self._stripe.type_card(self._session, number)
        if result.ok:
            self.dismiss("The card is saved.")
        else:
            self._answer.update(Content(plain(result.message, 200)))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close the page without a card."""
        self.dismiss("The card page was left without saving a card.")


class BankPage(ModalScreen[str]):
    """The sandbox's stand-in for the bank that asks about a payment; it returns what happened."""

    DEFAULT_CSS = """
    BankPage { align: center middle; }
    BankPage > Vertical { width: 60; max-width: 100%; height: auto; background: $surface;
        border: round $warning; padding: 1 2; border-subtitle-color: $text-muted; }
    BankPage Static { height: auto; margin: 0 0 1 0; }
    BankPage Horizontal { height: auto; }
    BankPage Button { margin: 0 2 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", "Previous button", show=False),
        Binding("right", "app.focus_next", "Next button", show=False),
        Binding("escape", "leave", "Leave the page"),
    ]

    def __init__(self, stripe: StripeSandbox, intent: str, token: str) -> None:
        super().__init__()
        self._stripe = stripe
        self._intent = intent
        self._asks = stripe.approval_token(intent) == token

    def compose(self) -> ComposeResult:
        """Draw the question, or say that it is over."""
        with Vertical() as page:
            page.border_title = "Your bank (sandbox: no real bank)"
            page.border_subtitle = "←→ choose · Enter · Esc leave"
            if self._asks:
                amount = pounds(int(self._stripe.get(self._intent)["amount"]))
                yield Static(Content(f"Do you approve a payment of {amount}?"))
            else:
                yield Static(Content("There is nothing to approve on this page any more."))
            with Horizontal():
                if self._asks:
                    yield Button("Approve", variant="primary", id="approve")
                    yield Button("Decline", id="decline")
                yield Button("Leave the page", id="leave")

    @on(Button.Pressed, "#approve")
    def approve(self) -> None:
        """Tell the bank that it is oneself who pays."""
        self._answer(yes=True)

    @on(Button.Pressed, "#decline")
    def decline(self) -> None:
        """Tell the bank that it is not."""
        self._answer(yes=False)

    def _answer(self, *, yes: bool) -> None:
        said = self._stripe.approve(self._intent, yes=yes)
        self.dismiss("The bank has its answer." if said.ok else plain(said.message, 200))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close the page without an answer."""
        self.dismiss("The bank's page was left without an answer.")


def hosted_page(stripe: StripeSandbox, url: str) -> ModalScreen[str] | None:
    """Return the screen for an address of the sandbox's own pages, or None for any other."""
    if not url.startswith(f"{stripe.base_url}/"):
        return None
    match url.removeprefix(f"{stripe.base_url}/").split("/"):
        case ["pay", session]:
            return CardPage(stripe, session)
        case ["approve", intent, token]:
            return BankPage(stripe, intent, token)
    return None


class LinkPage(ModalScreen[None]):
    """Where a link would lead; the demo leaves this machine for nothing."""

    DEFAULT_CSS = """
    LinkPage { align: center middle; }
    LinkPage > Vertical { width: 72; max-width: 100%; height: auto; background: $surface;
        border: round $primary; padding: 1 2; border-subtitle-color: $text-muted; }
    LinkPage Static { height: auto; margin: 0 0 1 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close")]

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def compose(self) -> ComposeResult:
        """Name the address."""
        with Vertical() as page:
            page.border_subtitle = "Enter or Esc close"
            yield Static(Content("Outside the demo, your browser would open now:"))
            yield Static(Content(plain(self._url, 300)))
            yield Button("Close", id="close", compact=True)

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
