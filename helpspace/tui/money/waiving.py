"""Before a fee is let go: what it means for the money, and who is told (M9)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import WaivePlan
from helpspace.core.moments import pounds
from helpspace.tui.desk import Desk
from helpspace.tui.messages import FeeWaived
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.words import KINDS, shown_when


class WaiveModal(AskModal):
    """Shows what waiving means, and acts only on exactly that."""

    HEADING = "Waive this fee?"
    YES = "waive the fee"
    NO = "keep it"

    def __init__(self, desk: Desk, view: AppointmentView, plan: WaivePlan) -> None:
        super().__init__(desk)
        self._view = view
        self._plan = plan

    def body(self) -> Iterable[Widget]:
        view, desk = self._view, self.desk
        yield Static(
            Content.assemble(
                (desk.name(view.other_name) or "—", "bold"),
                f"  {shown_when(view.start, view.end, desk.zone, desk.now())}",
                (f"\n{KINDS.get(view.kind, '')}", "$grid-quiet"),
            )
        )
        yield Static(Content.styled(plan_words(self._plan), "$warning"))
        words = "Both of you get a message. It cannot be taken back."
        yield Static(Content(words), classes="last")

    def action_yes(self) -> None:
        desk, plan = self.desk, self._plan
        self.act(
            lambda: booking.waive(desk.practice, desk.actor, plan.appointment_id, shown=plan),
            lambda session: FeeWaived(session, plan),
        )


def plan_words(plan: WaivePlan) -> str:
    """Say what waiving a fee does to the money."""
    if plan.refund_pence:
        return f"The client gets {pounds(plan.refund_pence)} back, in full."
    if plan.owed_pence:
        return f"The client no longer owes {pounds(plan.owed_pence)}; nothing is charged."
    return f"The fee of {pounds(plan.fee_pence)} will not be charged."


def waived_words(done: FeeWaived, desk: Desk) -> str:
    """Say what was waived and what that did to the money."""
    when = moments.show(done.session.start, desk.zone, reference=desk.now())
    plan = done.plan
    if plan.refund_pence:
        return f"Waived {when}: {pounds(plan.refund_pence)} goes back to the client."
    return f"Waived {when}: nothing is charged."
