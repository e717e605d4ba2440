"""The therapist's own link for clients with its QR code, and their calendar's address (N6)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import feeds
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.joining import profile
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.join.qr import Code
from helpspace.tui.messages import FeedReset
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.screens.base import ActingPanel

_NO_BOT = "There is no link yet: it is made when the practice's bot has run once."
_NO_FEED = "There is none: this practice has no public address."


class LinksModal(ActingPanel):
    """Shows the addresses; each can be copied, and the calendar's be made anew."""

    HEADING = "Your links"
    PLACE = Place.LINKS
    BINDINGS = bindings(Place.LINKS)
    DEFAULT_CSS = """
    LinksModal > .panel { padding: 0 3; }
    LinksModal .heading { margin-bottom: 0; }
    LinksModal .sides { height: auto; width: 1fr; }
    LinksModal .said { width: 1fr; height: auto; padding-right: 2; }
    LinksModal StatusLine { margin-top: 0; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        draft = profile.profile_draft(desk.practice, desk.actor, desk.actor.id)
        self.link = draft.link(draft.profile.handle)
        self.page = draft.page(draft.profile.handle)
        self.feed = feeds.feed_address(desk.practice, desk.actor, desk.actor.id)
        self.said = Static(Content(""), classes="said")
        self.code = Code()

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.said, self.code, classes="sides")

    def on_mount(self) -> None:
        super().on_mount()
        self.look()
        self.code.show(self.link or "")
        self.code.styles.height = self.code.size_needed[1]

    def look(self) -> None:
        """Show the addresses."""
        parts = [_named("For clients", self.link or _NO_BOT)]
        if self.page is not None:
            parts.append(_named("Your public page", self.page))
        parts.append(_named("Your calendar, for another calendar app", self.feed or _NO_FEED))
        self.said.update(Content("\n\n").join(parts))

    def bar(self) -> list[tuple[Action, str]]:
        without = set() if self.link else {"links.copy"}
        without |= set() if self.feed else {"links.feed", "links.reset"}
        return bar([Place.LINKS], Under.FREE, without)

    def action_copy(self) -> None:
        """Copy the link for clients."""
        self._copy(self.link, "Your link is copied.")

    def action_feed(self) -> None:
        """Copy the calendar's address."""
        self._copy(self.feed, "The address is copied. Whoever has it sees your appointments.")

    def _copy(self, address: str | None, said: str) -> None:
        if address is None:
            self.refuse(Invalid("There is nothing to copy yet", "Look again later."))
            return
        self.app.copy_to_clipboard(address)
        self.status.done(said)

    def action_reset(self) -> None:
        """Ask before the calendar's address is made anew."""
        if self.feed is None:
            self.refuse(Invalid("There is no calendar address", "It needs a public address."))
        else:
            self.app.push_screen(ResetModal(self.desk), self._reset)

    def _reset(self, done: object) -> None:
        if done is None:
            return
        desk = self.desk
        try:
            self.feed = feeds.feed_address(desk.practice, desk.actor, desk.actor.id)
        except HelpspaceError as error:
            self.refuse(error)
            return
        self.look()
        self.status.done("Made. Put the new address into your other calendar app.")

    def action_back(self) -> None:
        self.leave()


class ResetModal(AskModal):
    """Asks before the calendar's address is made anew."""

    HEADING = "Make a new calendar address?"

    def body(self) -> Iterable[Widget]:
        words = "The address before stops to work at once, wherever you have put it."
        yield Static(Content.styled(words, "$warning"), classes="last")

    def bar(self) -> list[tuple[Action, str]]:
        said = {"asking.yes": "make a new one", "asking.no": "keep the old one"}
        return [(one, said[one.id]) for one, _ in bar([Place.ASKING], Under.SESSION)]

    def action_yes(self) -> None:
        desk = self.desk
        self.act(
            lambda: feeds.reset_feed(desk.practice, desk.actor, desk.actor.id),
            lambda _: FeedReset(),
        )


def _named(name: str, address: str) -> Content:
    return Content.assemble((f"{name}\n", "$grid-quiet"), address)
