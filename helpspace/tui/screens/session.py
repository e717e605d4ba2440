"""One session or slot with all its facts, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.look import LOOKS
from helpspace.tui.messages import Done, Found, VideoOpened
from helpspace.tui.opened.pages import Pages
from helpspace.tui.opened.whole import is_same_slot, pages_of, whole_of
from helpspace.tui.own_keys import keys_of
from helpspace.tui.screens.ask import AskModal, CancelModal, CloseSlotModal
from helpspace.tui.screens.base import ActingPanel
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.video import launch
from helpspace.tui.widgets.detail_pane import sheet
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.words import Facts

if TYPE_CHECKING:
    from helpspace.tui.opened.code import CodeModal

SHEET = 66
"""Cells that the facts of a slot may take in the panel."""

_CHANGED = "This has changed: here is how it stands now."
_SLOT_CHANGED = "This has changed: go back, and the calendar shows it."

_TURNING = frozenset(
    {"opened.next_page", "opened.client", "opened.code", "opened.help", "opened.back"}
)
"""Keys of the second line: where one goes from here."""


class OpenedModal(ActingPanel):
    """All facts about an entry; its keys are those of the calendar, for this one thing.

    A session has pages besides: what happened, its money, and what to say in a first meeting.
    """

    PLACE = Place.SESSION
    BINDINGS = bindings(Place.SESSION)
    DEFAULT_CSS = """
    OpenedModal > .panel { width: 80; padding: 0 2; }
    OpenedModal > .panel.-wide { width: 120; }
    OpenedModal .heading { margin-bottom: 0; }
    OpenedModal .slot { margin: 1 0; }
    OpenedModal StatusLine { margin-top: 0; }
    """

    def __init__(
        self,
        desk: Desk,
        entry: Entry,
        facts: Facts,
        under: Under,
        view: AppointmentView | None = None,
    ) -> None:
        super().__init__(desk)
        self._entry = entry
        self._facts = facts
        self._under_slot = under
        self._version = desk.practice.store.version()
        self._whole = None if view is None else whole_of(desk, view.id)
        self.pages = Pages()
        self.turning = KeyBar(plain=True)

    def heading(self) -> str:
        return self._facts.title if self._whole is None else self._whole.facts(self.desk).title

    def body(self) -> Iterable[Widget]:
        if self._whole is None:
            yield Static(sheet(self._facts, SHEET), classes="slot")
        else:
            yield self.pages

    def foot(self) -> Iterable[Widget]:
        yield self.turning

    def bar(self) -> list[tuple[Action, str]]:
        return [one for one in self._keys() if one[0].id not in _TURNING]

    def _keys(self) -> list[tuple[Action, str]]:
        """The keys that do something with what is opened."""
        whole = self._whole
        if whole is None:
            return bar([Place.SESSION], self._under_slot)
        without = set() if whole.asked else {"opened.refuse_move"}
        if not whole.view.live:
            without |= {"opened.missed", "opened.video", "opened.copy", "opened.code"}
        if not whole.waivable:
            without.add("opened.waive")
        under = whole.under(self.desk.now())
        return bar([Place.SESSION], under, without)

    def on_mount(self) -> None:
        super().on_mount()
        self.look()
        self.set_interval(LOOKS, self._follow)

    def on_resize(self) -> None:
        self.look()

    # -- reading and showing ---------------------------------------------------------------------

    @property
    def _view(self) -> AppointmentView | None:
        """The session that is opened, as it was last read."""
        return None if self._whole is None else self._whole.view

    def _follow(self) -> None:
        """Show what others have changed; the page and its place stay."""
        if self.app.screen is not self or self.acting:
            return
        try:
            version = self.desk.practice.store.version()
            if version == self._version:
                return
            self._version, before = version, self._whole
            if before is None:
                changed = not is_same_slot(self.desk, self._entry)
            else:
                self._whole = whole_of(self.desk, before.view.id)
                changed = self._whole != before
        except HelpspaceError as error:
            self.refuse(error)
            return
        self.look()
        if changed:
            self.status.hint(_CHANGED if before else _SLOT_CHANGED)

    def look(self) -> None:
        """Show the facts, the pages and the keys as they are now."""
        keys = self._keys()
        self.keys.show([one for one in keys if one[0].id not in _TURNING])
        self.turning.show([one for one in keys if one[0].id in _TURNING])
        if self._whole is not None:
            self.query_one(".panel").set_class(self.pages.is_wide, "-wide")
            self.pages.show(pages_of(self.desk, self._whole, keys_of(self.app)))

    def action_page(self, by: int) -> None:
        """Turn to another page."""
        if self._view is not None:
            self.pages.turn(by)

    def action_scroll(self, by: int) -> None:
        """Scroll the page."""
        self.pages.scroll_by(by * 5)

    def action_help(self) -> None:
        """Show what can be done here."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415 - when first wanted

        places = (Place.SESSION, Place.ASKING, Place.FORM, Place.EVERYWHERE)
        self.app.push_screen(HelpModal(places, signs=False))

    def action_back(self) -> None:
        self.leave()

    # -- what can be done ------------------------------------------------------------------------

    def _ask(self, make: Callable[[], Screen[Done | None]]) -> None:
        """Open a form or question, unless what it is about refuses that."""
        self.status.clear()
        try:
            screen = make()
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(screen, self._ended)

    def _session(self, hint: str) -> AppointmentView:
        if self._view is None:
            raise Invalid("There is no session here", hint)
        return self._view

    def action_follow_up(self) -> None:
        """Book a follow-up: a week later for this client, or in the place of this slot."""
        self._ask(lambda: follow_up_after(self.desk, self._entry))

    def action_cancel(self) -> None:
        """Ask before cancelling, with the money."""
        self._ask(lambda: ask_to_cancel(self.desk, self._view, self._entry))

    def action_move(self) -> None:
        """Ask for the new time; where the client asked for it, that is filled in (M10)."""
        from helpspace.tui.screens.move import MoveModal  # noqa: PLC0415 - when first wanted

        def made() -> MoveModal:
            view = self._session("Open one that is ahead.")
            modal = MoveModal(self.desk, view, view.start)
            if self._whole is not None and self._whole.asked:
                modal.asker.input.value = "client"
            return modal

        self._ask(made)

    def action_refuse_move(self) -> None:
        """Ask before the client is told that the session stays where it is."""
        from helpspace.tui.opened.refusing import RefuseMoveModal  # noqa: PLC0415 - when first wanted

        def made() -> RefuseMoveModal:
            view = self._session("Open one whose client asked for another time.")
            if self._whole is None or self._whole.request is None:
                raise Invalid("The client has not asked for another time", "m moves it anyway.")
            return RefuseMoveModal(self.desk, view)

        self._ask(made)

    def action_client(self) -> None:
        """Open the page of the session's client, once."""
        from helpspace.tui.clients.page import ClientScreen  # noqa: PLC0415 - when first wanted

        if self._view is None:
            self.refuse(Invalid("There is no client here", "Open a session."))
        elif any(isinstance(one, ClientScreen) for one in self.app.screen_stack):
            self.leave()
        else:
            screen = ClientScreen(self.desk, self._view.client_id)
            self.app.push_screen(screen, self._gone_to)

    def _gone_to(self, start: int | None) -> None:
        """Go on to a session that was chosen on the client's page."""
        if start is not None:
            self.dismiss(Found(start, ""))  # to its time; no entry there has this id

    def action_waive(self) -> None:
        """Ask before the session's fee is waived."""
        from helpspace.tui.money.waiving import WaiveModal  # noqa: PLC0415 - when first wanted

        def made() -> WaiveModal:
            desk, view = self.desk, self._session("Open one that has a fee.")
            return WaiveModal(desk, view, booking.plan_waive(desk.practice, desk.actor, view.id))

        self._ask(made)

    def action_missed(self) -> None:
        """Ask before the session is marked as missed by the client."""
        from helpspace.tui.money.missed import MissedModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: MissedModal(self.desk, self._session("Open one that has begun.").id))

    def action_slot(self) -> None:
        """Ask before closing the slot."""
        self._ask(lambda: ask_to_close(self.desk, self._entry))

    def _ended(self, done: Done | None) -> None:
        if done is not None:
            self.dismiss(done)

    # -- video -----------------------------------------------------------------------------------

    def action_video(self) -> None:
        """Open the video room."""
        try:
            self._launch(video_of(self._view))
        except HelpspaceError as error:
            self.refuse(error)

    @work(thread=True, group="video", exit_on_error=False)
    def _launch(self, url: str) -> None:
        opened = launch(self.app, url)
        self.post_message(VideoOpened(url, copied=not opened))

    def action_copy(self) -> None:
        """Copy the link of the video room."""
        try:
            url = video_of(self._view)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.copy_to_clipboard(url)
            self.post_message(VideoOpened(url, copied=True))

    def action_code(self) -> None:
        """Show the link of the video room as a code, for a phone."""
        try:
            code = self._code()
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(code)

    def _code(self) -> CodeModal:
        from helpspace.tui.opened.code import CodeModal  # noqa: PLC0415 - when first wanted

        url = video_of(self._view)
        said = (
            "The video room of this session: the same from booking to end.",
            "Your client has this link in their e-mails.",
        )
        return CodeModal("The video room", url, said)

    def on_video_opened(self, event: VideoOpened) -> None:
        self.status.done(video_words(event))


def video_words(event: VideoOpened) -> str:
    """Say what was done with a video link."""
    if event.copied:
        return "The link of the video room is copied."
    return "The video room opens in your browser."


def video_of(view: AppointmentView | None) -> str:
    """Return the address of a session's video room, or say why there is none."""
    if view is None:
        raise Invalid("There is no session here", "Put the cursor on one.")
    if not view.video_url:
        raise Invalid("No video service is set up", "Set HELPSPACE_VIDEO; see helpspace doctor.")
    return view.video_url


def follow_up_after(desk: Desk, entry: Entry) -> FollowUpModal:
    """Return the form for the same time next week, or for the time of an open slot."""
    if entry.kind == "slot":
        return FollowUpModal(desk, entry.start)
    return FollowUpModal(desk, entry.start, entry.client_id, later=True)


def ask_to_cancel(desk: Desk, view: AppointmentView | None, entry: Entry) -> AskModal:
    """Return the question before cancelling; refuses what cannot be cancelled any more (M3)."""
    if view is None:
        raise Invalid("There is no session here", "Put the cursor on one to cancel it.")
    found = booking.preview_cancel(desk.practice, desk.actor, view.id)
    return CancelModal(desk, view, found, entry.client_zone)


def ask_to_close(desk: Desk, entry: Entry) -> AskModal:
    """Return the question before closing a slot; refuses what is no open slot."""
    if entry.kind != "slot":
        raise Invalid("A session is booked here", "Put the cursor on free time to open a slot.")
    if entry.state == "held":
        raise Invalid(
            "Somebody is booking that slot just now", "It is free again in half an hour at most."
        )
    return CloseSlotModal(desk, entry, last=desk.therapist.open_slots == 1)
