"""The clients of a therapist: when they come, what they owe, whether a card is there."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from helpspace.core.casebook import Case, cases
from helpspace.core.errors import Invalid, NotYourClient
from helpspace.core.moments import HOUR
from helpspace.core.plain import plain
from helpspace.tui.actions import Place, bindings
from helpspace.tui.clients.base import WIDE, ListScreen
from helpspace.tui.clients.inviting import InvitationsScreen, InviteModal, link_modal
from helpspace.tui.clients.words import count, marks_of, when_words
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, Invited
from helpspace.tui.own_keys import keys_of
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.widgets.field import Field
from helpspace.tui.widgets.grid_text import fit

_NOBODY = "No client yet: they book a slot of yours, or accept your invitation ({clients.invite})."
_NO_FIT = "Nobody's name fits that; Esc leaves the search."


class ClientsScreen(ListScreen[Case]):
    """Lists everybody the therapist works or has worked with; `/` narrows it by a name."""

    PLACE = Place.CLIENTS
    BINDINGS = bindings(Place.CLIENTS)
    NOTHING = _NOBODY
    DEFAULT_CSS = """
    ClientsScreen #find { display: none; }
    ClientsScreen #find.-there { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.line = Field("Find", "", id="find", placeholder="part of a name")
        self._all: list[Case] | None = None

    def above(self) -> Iterable[Widget]:
        return (self.line,)

    def read(self) -> None:
        self._all = cases(self.desk.practice, self.desk.actor)

    def key_of(self, one: Case) -> str:
        return one.id

    def tell(self) -> None:
        if self._all is None:
            self.head.show("Clients", "One moment …")
            return
        typed = plain(self.line.value).casefold()
        kept = [one for one in self._all if typed in one.name.casefold()]
        ahead = sum(one.ahead is not None for one in self._all)
        self.head.show("Clients", f"{count(len(self._all), 'client')}, {ahead} with a date")
        self.show_lines(kept or [_NO_FIT if self._all else keys_of(self.app).say(_NOBODY)])

    def row(self, one: Case, width: int) -> Content:
        desk = self.desk
        marks, warns = marks_of(one)
        name = 32 if width >= WIDE - 8 else 22
        held = fit(count(one.sessions, "session"), 14) if width >= WIDE - 8 else ""
        left = width - name - len(held) - 25
        return Content.assemble(
            fit(desk.name(one.name), name),
            ("  " + fit(when_words(one, desk.zone, desk.now()), 23), "$grid-quiet"),
            (held, "$grid-quiet"),
            (fit(marks, max(left, 8)).rstrip(), "$warning" if warns else "$grid-quiet"),
        )

    # -- finding ---------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Type a part of a name."""
        self.line.add_class("-there")
        self.set_focus(self.line.input)  # at once: the next key is typed into it

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter opens the marked one."""
        event.stop()
        self.list.focus()
        self.action_show()

    def action_back(self) -> None:
        if self.line.has_class("-there"):
            self.line.input.value = ""
            self.line.remove_class("-there")
            self.list.focus()
            self.tell()
        else:
            super().action_back()

    # -- acting ----------------------------------------------------------------------------------

    def _marked(self) -> Case:
        if self.chosen is None:
            raise Invalid("Nobody is marked", "Choose a line with a name.")
        return self.chosen

    def action_show(self) -> None:
        """Open the marked client's page."""
        from helpspace.tui.clients.page import ClientScreen  # noqa: PLC0415 - when first wanted

        if self.chosen is not None:
            self.app.push_screen(ClientScreen(self.desk, self.chosen.id), self._come_back)

    def _come_back(self, start: int | None) -> None:
        if start is None:
            self.look()
        else:
            self.dismiss(start)

    def action_follow_up(self) -> None:
        """Book a follow-up for the marked client."""
        self.ask(lambda: follow_up_for(self.desk, self._marked()))

    def action_invite(self) -> None:
        """Ask before an invitation is made."""
        self.ask(lambda: InviteModal(self.desk))

    def action_invitations(self) -> None:
        """Show the invitations."""
        self.app.push_screen(InvitationsScreen(self.desk), lambda _: self.look())

    def ended(self, done: Done | None) -> None:
        if isinstance(done, Invited):
            self.app.push_screen(link_modal(done.invitation, self.desk))
        else:
            super().ended(done)


def follow_up_for(desk: Desk, one: Case) -> FollowUpModal:
    """Return the form for a client, a week after the latest session; refuses who cannot be (B2)."""
    if not one.bookable:
        raise NotYourClient
    if one.latest is None:
        return FollowUpModal(desk, desk.now() // HOUR * HOUR + 24 * HOUR, one.id)
    return FollowUpModal(desk, one.latest, one.id, later=True)
