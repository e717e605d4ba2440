"""One session or slot with all its facts, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable

from textual import work
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, VideoOpened
from helpspace.tui.screens.ask import AskModal, CancelModal, CloseSlotModal
from helpspace.tui.screens.base import ActingPanel
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.video import launch
from helpspace.tui.widgets.detail_pane import sheet
from helpspace.tui.words import Facts

SHEET = 66
"""Cells that the facts may take in a panel."""


class OpenedModal(ActingPanel):
    """All facts about an entry; its keys are those of the calendar, for this one thing."""

    BINDINGS = bindings(Place.SESSION)

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
        self._under = under
        self._view = view

    def heading(self) -> str:
        return self._facts.title

    def body(self) -> Iterable[Widget]:
        yield Static(sheet(self._facts, SHEET))

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.SESSION], self._under)

    def action_back(self) -> None:
        self.leave()

    # -- what can be done ------------------------------------------------------------------------

    def action_follow_up(self) -> None:
        """Book a follow-up: a week later for this client, or in the place of this slot."""
        entry = self._entry
        try:
            modal = follow_up_after(self.desk, entry)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(modal, self._ended)

    def action_cancel(self) -> None:
        """Ask before cancelling, with the money."""
        try:
            self.app.push_screen(ask_to_cancel(self.desk, self._view, self._entry), self._ended)
        except HelpspaceError as error:
            self.refuse(error)

    def action_waive(self) -> None:
        """Ask before the session's fee is waived."""
        from helpspace.tui.money.waiving import WaiveModal  # noqa: PLC0415 - when first wanted

        desk, view = self.desk, self._view
        try:
            if view is None:
                raise Invalid("There is no session here", "Open one that has a fee.")
            plan = booking.plan_waive(desk.practice, desk.actor, view.id)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(WaiveModal(desk, view, plan), self._ended)

    def action_missed(self) -> None:
        """Ask before the session is marked as missed by the client."""
        from helpspace.tui.money.missed import MissedModal  # noqa: PLC0415

        try:
            if self._view is None:
                raise Invalid("There is no session here", "Open one that has begun.")
            modal = MissedModal(self.desk, self._view.id)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(modal, self._ended)

    def action_slot(self) -> None:
        """Ask before closing the slot."""
        try:
            self.app.push_screen(ask_to_close(self.desk, self._entry), self._ended)
        except HelpspaceError as error:
            self.refuse(error)

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
