"""The same time next week, with one key at a session's end: shown first, then booked (B2)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, policy
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import Invalid
from helpspace.core.moments import pounds
from helpspace.core.policy import Terms
from helpspace.tui.desk import Desk
from helpspace.tui.messages import FollowUpBooked
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.words import NO_CARD, shown_there, shown_when, terms_line


class AgainModal(AskModal):
    """What the same session a week later would mean; a follow-up keeps its length and fee."""

    HEADING = "Book the same time next week?"
    YES = "book it"
    NO = "not now"

    def __init__(self, desk: Desk, view: AppointmentView | None) -> None:
        super().__init__(desk)
        if view is None:
            raise Invalid("There is no session here", "Put the cursor on one to book it again.")
        start = policy.same_wall_time_next_week(view.start, desk.zone)
        while start <= desk.now():
            start = policy.same_wall_time_next_week(start, desk.zone)
        same = view.kind == "follow_up"
        self._plan = booking.plan_follow_up(
            desk.practice,
            desk.actor,
            desk.actor.id,
            view.client_id,
            start,
            minutes=view.minutes if same else None,
            fee_pence=view.fee_pence if same else None,
        )

    def body(self) -> Iterable[Widget]:
        plan, desk = self._plan, self.desk
        now = desk.now()
        when = shown_when(plan.start, plan.end, desk.zone, now)
        name = desk.name(plan.client_name)
        yield Static(Content.styled(f"● {when}  {name}  {pounds(plan.fee_pence)}", "bold"))
        terms = Terms(plan.start, plan.free_until, plan.fee_pence)
        notes = [terms_line(terms, desk.zone, now, now) + "."]
        there = shown_there(plan.start, desk.zone, plan.client_zone)
        if there:
            notes.append(f"For them it is {there}.")
        if plan.withdraws:
            notes.append("Your open slot at that time is closed with it.")
        if plan.fee_pence and plan.card != "ok":
            notes.append(NO_CARD[plan.card].replace("has been", "will be"))
        notes += [text for text, _ in desk.strain([(plan.start, plan.end)])]
        notes.append("Both of you get an e-mail.")
        yield Static(Content("\n".join(notes)), classes="last")

    def action_yes(self) -> None:
        plan, desk = self._plan, self.desk
        minutes = (plan.end - plan.start) // 60
        self.act(
            lambda: booking.book_follow_up(
                desk.practice,
                desk.actor,
                desk.actor.id,
                plan.client_id,
                plan.start,
                minutes=minutes,
                fee_pence=plan.fee_pence,
            ),
            FollowUpBooked,
        )
