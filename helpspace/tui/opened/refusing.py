"""Before a client, who asked for another time, is told that their session stays (B2)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import MoveRequestView
from helpspace.tui.desk import Desk
from helpspace.tui.messages import MoveRefused
from helpspace.tui.own_keys import keys_of
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.words import client_cancel_words, shown_when


class RefuseMoveModal(AskModal):
    """Says that nothing moves and who is told; refuses where there is nothing to answer."""

    HEADING = "Leave this session where it is?"
    YES = "it stays"
    NO = "answer later"

    def __init__(self, desk: Desk, view: AppointmentView) -> None:
        super().__init__(desk)
        self._view = view
        self._plan = booking.plan_refuse_move(desk.practice, desk.actor, view.id)

    def body(self) -> Iterable[Widget]:
        view, desk = self._view, self.desk
        now = desk.now()
        asked = moments.show(self._plan.asked_at, desk.zone, reference=now)
        yield Static(
            Content.assemble(
                (desk.name(view.other_name) or "—", "bold"),
                f"  {shown_when(view.start, view.end, desk.zone, now)}",
                (f"\nThey asked for another time on {asked}.", "$grid-quiet"),
            )
        )
        yield Static(
            Content.assemble(
                ("If it stays      ", "$grid-quiet"), "time and money stay as they are",
                ("\nIf they cancel   ", "$grid-quiet"), client_cancel_words(view, now),
            )
        )  # fmt: skip
        said = "The client gets a message that it stays; {opened.move} moves it instead."
        words = keys_of(self.app).say(said)
        yield Static(Content(words), classes="last")

    def action_yes(self) -> None:
        desk, view = self.desk, self._view
        self.act(lambda: booking.refuse_move(desk.practice, desk.actor, view.id), MoveRefused)


def refused_words(request: MoveRequestView, desk: Desk) -> str:
    """Say what was answered."""
    when = moments.show(request.start, desk.zone, reference=desk.now())
    return f"The session on {when} stays. The client is told."
