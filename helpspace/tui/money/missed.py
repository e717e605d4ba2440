"""Before a session is marked as missed by the client: what that means (M9)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import pounds
from helpspace.tui.desk import Desk
from helpspace.tui.messages import MarkedMissed
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.words import shown_when


class MissedModal(AskModal):
    """Shows that the fee stands, and who is told; refuses what cannot be marked any more."""

    HEADING = "The client did not come?"
    YES = "mark it as missed"
    NO = "leave it"

    def __init__(self, desk: Desk, appointment_id: str) -> None:
        super().__init__(desk)
        self._view = booking.plan_no_show(desk.practice, desk.actor, appointment_id)

    def body(self) -> Iterable[Widget]:
        view, desk = self._view, self.desk
        yield Static(
            Content.assemble(
                (desk.name(view.other_name) or "—", "bold"),
                f"  {shown_when(view.start, view.end, desk.zone, desk.now())}",
            )
        )
        yield Static(Content.styled(fee_stands(view), "$warning"))
        words = "The client is told. It cannot be taken back, but the fee can be waived."
        yield Static(Content(words), classes="last")

    def action_yes(self) -> None:
        desk, view = self.desk, self._view
        self.act(lambda: booking.no_show(desk.practice, desk.actor, view.id), MarkedMissed)


def fee_stands(view: AppointmentView) -> str:
    """Say that marking a session as missed leaves its money as it is."""
    if view.fee_pence == 0:
        return "The session was free of charge: no money moves."
    if view.payment == "waived":
        return "The fee is waived and stays so: no money moves."
    paid = "stays paid" if view.paid_pence else "stays owed"
    return f"The fee of {pounds(view.fee_pence)} {paid}."


def missed_words(done: MarkedMissed, desk: Desk) -> str:
    """Say what was marked."""
    when = moments.show(done.session.start, desk.zone, reference=desk.now())
    return f"Marked {when} as missed. The client is told."
