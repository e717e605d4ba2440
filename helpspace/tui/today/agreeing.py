"""Before the therapist agrees that they did not come: what it means for the money (M9)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import pounds
from helpspace.tui.desk import Desk
from helpspace.tui.messages import AbsenceAgreed
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.words import shown_when


class AgreeModal(AskModal):
    """Shows what agreeing means; only the team can refuse a report."""

    HEADING = "Agree that you did not come?"
    YES = "agree"
    NO = "leave it open"

    def __init__(self, desk: Desk, view: AppointmentView) -> None:
        super().__init__(desk)
        self._view = view
        booking.plan_answer(desk.practice, desk.actor, view.id, agreed=True)

    def body(self) -> Iterable[Widget]:
        view, desk = self._view, self.desk
        yield Static(
            Content.assemble(
                (desk.name(view.other_name) or "—", "bold"),
                f"  {shown_when(view.start, view.end, desk.zone, desk.now())}",
            )
        )
        yield Static(Content.styled(meaning(view), "$warning"))
        words = "The client is told. If you were there, leave it open: the team decides then."
        yield Static(Content(words), classes="last")

    def action_yes(self) -> None:
        desk, view = self.desk, self._view
        self.act(
            lambda: booking.answer_absence(desk.practice, desk.actor, view.id, agreed=True),
            AbsenceAgreed,
        )


def meaning(view: AppointmentView) -> str:
    """Say what agreeing does to the money."""
    if view.fee_pence == 0:
        return "The session was free of charge: no money moves."
    if view.paid_pence:
        return f"The fee is waived: the client gets {pounds(view.paid_pence)} back, in full."
    return f"The fee of {pounds(view.fee_pence)} is waived: the client pays nothing."


def agreed_words(done: AbsenceAgreed, desk: Desk) -> str:
    """Say what was agreed."""
    when = moments.show(done.report.start, desk.zone, reference=desk.now())
    return f"Agreed: {when} is not charged. The client is told."
