"""Inviting somebody who is a client already: a link for one person, and what became of it (B2)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import invitations, moments
from helpspace.core.casebook import cases
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.invitations import LIFE, Invitation
from helpspace.core.invitations import Invited as Made
from helpspace.core.moments import DAY
from helpspace.tui.actions import Place, bindings
from helpspace.tui.clients.base import ListScreen
from helpspace.tui.clients.words import count, invitation_words
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, InvitationTakenBack, Invited
from helpspace.tui.opened.code import CodeModal
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.widgets.grid_text import fit


class InviteModal(AskModal):
    """Says what an invitation is before it is made; it moves no money and sends nothing."""

    HEADING = "Invite somebody who is your client already?"
    YES = "make the link"
    NO = "not now"

    def body(self) -> Iterable[Widget]:
        yield Static(
            Content(
                "You get a link and its code for one person, to give to them yourself: nothing is "
                f"sent. It works once, within {LIFE // DAY} days."
            )
        )
        yield Static(
            Content(
                "Whoever opens it sees your name, agrees to the terms and is asked for a card "
                "later. From then on you can book sessions for them; no money moves by it."
            ),
            classes="last",
        )

    def action_yes(self) -> None:
        desk = self.desk
        self.act(lambda: invitations.invite(desk.practice, desk.actor), Invited)


class TakeBackModal(AskModal):
    """Asks before an invitation is taken back."""

    HEADING = "Take this invitation back?"
    YES = "take it back"
    NO = "leave it"

    def __init__(self, desk: Desk, one: Made) -> None:
        super().__init__(desk)
        self._one = one

    def body(self) -> Iterable[Widget]:
        made, fate = invitation_words(self._one, self.desk.zone, self.desk.now())
        yield Static(Content(f"Made {made}, {fate}."))
        words = "Its link no longer works, and answers whoever opens it with that. Nobody is told."
        yield Static(Content.styled(words, "$warning"), classes="last")

    def action_yes(self) -> None:
        desk, one = self.desk, self._one
        self.act(
            lambda: invitations.revoke(desk.practice, desk.actor, one.id),
            lambda _: InvitationTakenBack(),
        )


def link_modal(invitation: Invitation, desk: Desk) -> CodeModal:
    """Return the screen with the link of an invitation that was just made."""
    until = moments.show(invitation.expires_at, desk.zone, reference=desk.now())
    said = (
        f"For one person, once, until {until}.",
        "It is shown only now: copy it, or let them scan it. Whoever has it can accept it.",
    )
    return CodeModal("Your invitation", invitation.link or "", said)


class InvitationsScreen(ListScreen[Made]):
    """Every invitation with what became of it; those that wait can be taken back."""

    PLACE = Place.INVITATIONS
    BINDINGS = bindings(Place.INVITATIONS)
    NOTHING = "No invitation yet: {invitations.invite} makes one."

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._made: list[Made] = []
        self._names: dict[str, str] = {}

    def read(self) -> None:
        practice, me = self.desk.practice, self.desk.actor
        self._made = invitations.history(practice, me)
        self._names = {one.id: one.name for one in cases(practice, me)}

    def key_of(self, one: Made) -> str:
        return one.id

    def tell(self) -> None:
        waiting = sum(one.fate == "waiting" for one in self._made)
        said = f"{count(waiting, 'invitation')} wait{'s' if waiting == 1 else ''}"
        self.head.show("Invitations", said if waiting else "none waits")
        self.show_lines(self._made)

    def row(self, one: Made, width: int) -> Content:
        desk = self.desk
        made, fate = invitation_words(one, desk.zone, desk.now())
        name = self._names.get(one.client_id or "", "")
        by = f" by {desk.name(name)}" if name else ""
        style = "$grid-text" if one.fate == "waiting" else "$grid-quiet"
        line = fit(f"{fate}{by}", max(width - 26, 10)).rstrip()
        return Content.assemble((f"made {fit(made, 18)}  ", "$grid-quiet"), (line, style))

    def action_invite(self) -> None:
        """Ask before another invitation is made."""
        self.ask(lambda: InviteModal(self.desk))

    def action_take_back(self) -> None:
        """Ask before the marked invitation is taken back."""
        self.ask(self._take_back)

    def _take_back(self) -> TakeBackModal:
        one = self.chosen
        if one is None:
            raise Invalid("No invitation is marked", "Choose one that waits.")
        if one.fate != "waiting":
            raise Invalid("That invitation no longer waits", "Choose one that does.")
        return TakeBackModal(self.desk, one)

    def ended(self, done: Done | None) -> None:
        if isinstance(done, Invited):
            self.look()
            self.app.push_screen(link_modal(done.invitation, self.desk))
        else:
            super().ended(done)

    def lost(self, error: HelpspaceError) -> None:
        self.status.refuse(error)
