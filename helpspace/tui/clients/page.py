"""One client: how to reach them, the money, and every session of the two. No notes of sessions."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking
from helpspace.core.appointments import AppointmentView
from helpspace.core.casebook import CasePage, case
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.clients.base import ListScreen
from helpspace.tui.clients.screen import follow_up_for
from helpspace.tui.clients.words import about, session_words, standing_words
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, Found
from helpspace.tui.money.waiving import WaiveModal
from helpspace.tui.opened.words import entry_of, facts_of
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.session import OpenedModal
from helpspace.tui.widgets.grid_text import fit


class ClientScreen(ListScreen[AppointmentView]):
    """A client's page; ends with the start of a session to go to in the calendar, or None."""

    PLACE = Place.CLIENT
    BINDINGS = bindings(Place.CLIENT)
    NOTHING = "No session yet: {client.follow_up} books one."
    DEFAULT_CSS = """
    ClientScreen .about { height: auto; margin-bottom: 1; padding-left: 1; }
    """

    def __init__(self, desk: Desk, client_id: str) -> None:
        super().__init__(desk)
        self._client_id = client_id
        self._page: CasePage | None = None
        self.about = Static(Content(""), classes="about")

    def above(self) -> Iterable[Widget]:
        return (self.about,)

    def read(self) -> None:
        self._page = case(self.desk.practice, self.desk.actor, self._client_id)

    def lost(self, error: HelpspaceError) -> None:
        """Nothing of somebody who is no client any more stays in sight (A1)."""
        self._page = None
        self.about.update(Content(""))
        self.status.refuse(error)

    def key_of(self, one: AppointmentView) -> str:
        return one.id

    def bar(self) -> list[tuple[Action, str]]:
        page = self._page
        without = set() if page is None or page.case.bookable else {"client.follow_up"}
        without |= set() if page is None or page.contact else {"client.copy"}
        return bar([self.PLACE], Under.FREE, without)

    def tell(self) -> None:
        page, desk = self._page, self.desk
        if page is None:
            self.head.show("Client", "")
            self.show_lines([])
            return
        now = desk.now()
        self.head.show(desk.name(page.case.name), "", "$primary")
        lines = [
            Content.assemble((label.ljust(10), "$grid-quiet"), (text, style))
            for label, text, style in about(page, desk.zone, now, blur=desk.blur)
        ]
        said = standing_words(page, desk.zone, now)
        if said:
            lines.append(Content.styled(said, "$warning"))
        self.about.update(Content("\n").join(lines))
        ahead = [one for one in page.sessions if one.live and one.end > now]
        behind = [one for one in reversed(page.sessions) if not (one.live and one.end > now)]
        shown: list[AppointmentView | str] = []
        shown += ["To come", *ahead] if ahead else ["No session is to come."]
        shown += ["Before", *behind] if behind else []
        self.show_lines(shown)
        self.show_keys()

    def row(self, one: AppointmentView, width: int) -> Content:
        desk = self.desk
        when, word, fee, more = session_words(one, desk.zone, desk.now())
        owes = one.payment in ("failed", "needs_approval", "disputed")
        return Content.assemble(
            fit(when, 28),
            ("  " + fit(word, 19), "$grid-text" if one.live else "$grid-quiet"),
            ("  " + fit(fee, 15), "$warning" if owes else "$grid-text"),
            (fit(more, width - 68).rstrip() if width >= 88 else "", "$grid-quiet"),
        )

    # -- acting ----------------------------------------------------------------------------------

    def _marked(self) -> AppointmentView:
        if self.chosen is None:
            raise Invalid("No session is marked", "Choose a line with one.")
        return self.chosen

    def action_show(self) -> None:
        """Open the marked session, or go back to it where this page was opened from it."""
        self.ask(self._opened)

    def _opened(self) -> OpenedModal:
        one, desk = self._marked(), self.desk
        facts = facts_of(one, desk.zone, desk.now(), blur=desk.blur)
        return OpenedModal(desk, entry_of(one), facts, Under.OVER, one)

    def ended(self, done: Done | None) -> None:
        if isinstance(done, Found):
            self.dismiss(done.start)
        else:
            super().ended(done)

    def action_follow_up(self) -> None:
        """Book a follow-up, a week after the latest session."""
        self.ask(self._follow_up)

    def _follow_up(self) -> FollowUpModal:
        if self._page is None:
            raise Invalid("There is no client here", "Go back with Esc.")
        return follow_up_for(self.desk, self._page.case)

    def action_go(self) -> None:
        """Go to the marked session in the calendar."""
        one = self.chosen
        if one is None or not one.live:
            words = "Choose one that is not cancelled; Enter opens it here."
            self.status.refuse(Invalid("That session is not in the calendar", words))
        else:
            self.dismiss(one.start)

    def action_waive(self) -> None:
        """Ask before the marked session's fee is waived."""
        self.ask(self._waive)

    def _waive(self) -> WaiveModal:
        desk, one = self.desk, self._marked()
        return WaiveModal(desk, one, booking.plan_waive(desk.practice, desk.actor, one.id))

    def action_copy(self) -> None:
        """Copy the client's e-mail address."""
        page = self._page
        if page is None or not page.contact:
            words = "It is shown from the first booking between you on."
            self.status.refuse(Invalid("There is no address to copy", words))
        else:
            self.app.copy_to_clipboard(page.contact)
            self.status.done("The e-mail address is copied.")
