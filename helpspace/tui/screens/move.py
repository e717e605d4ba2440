"""Moving a session: who asked for it, the new time, and what that means for the money (M10)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from helpspace.core import booking, moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import MovePlan
from helpspace.core.errors import Invalid
from helpspace.core.moments import pounds
from helpspace.core.policy import Party, State
from helpspace.tui.desk import Desk
from helpspace.tui.messages import AppointmentMoved
from helpspace.tui.reading import instant_at, read_clock, read_day, write_clock, write_day
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field
from helpspace.tui.words import shown_there, shown_when

_WHO = {"client": Party.CLIENT, "me": Party.THERAPIST, "therapist": Party.THERAPIST}


def read_asker(text: str) -> Party:
    """Return who asked for a move; never guessed, since it decides about the money (M10)."""
    typed = text.strip().casefold()
    found = {party for word, party in _WHO.items() if typed and word.startswith(typed)}
    if len(found) != 1:
        raise Invalid("Who asked for it?", "Write client or me: it makes a difference to the fee.")
    return found.pop()


def check_movable(view: AppointmentView | None, now: int) -> AppointmentView:
    """Refuse what cannot be moved (any more)."""
    if view is None:
        raise Invalid("There is no session here", "Put the cursor on one to move it.")
    if view.state != State.BOOKED or view.start <= now:
        raise Invalid("This session has started or ended", "It can no longer be moved.")
    return view


class MoveModal(FormPanel):
    """The new day and time; the session keeps its length, its video room and its payment."""

    HEADING = "Move this session"
    DO = "move it"
    DEFAULT_CSS = "MoveModal .preview { height: 6; }"

    def __init__(self, desk: Desk, view: AppointmentView, start: int) -> None:
        super().__init__(desk)
        self._view = check_movable(view, desk.now())
        day = moments.local_date(start, desk.zone)
        self.asker = Field("Asked by", "", id="asked", placeholder="client or me")
        self.day = Field("Day", write_day(day, desk.today), id="day")
        self.clock = Field("Time", write_clock(start, desk.zone), id="time", short=True)
        self._plan: MovePlan | None = None
        """What was shown last."""

    def body(self) -> Iterable[Widget]:
        return (self.asker, self.day, self.clock, self.preview_line)

    def _read(self) -> tuple[int, Party]:
        """Read the fields, showing beside each what was understood."""
        for field in (self.asker, self.day, self.clock):
            field.understood("")
        day = read_day(self.day.value, self.desk.today)
        self.day.understood(f"{day:%A} {day.day} {day:%B} {day.year}")
        start = instant_at(day, read_clock(self.clock.value), self.desk.zone)
        asker = read_asker(self.asker.value)
        self.asker.understood("the client" if asker is Party.CLIENT else "you")
        return start, asker

    def preview(self) -> Lines:
        self._plan = None
        start, asker = self._read()
        desk = self.desk
        self._plan = booking.plan_move(
            desk.practice, desk.actor, self._view.id, start, asked_by=asker
        )
        return self._lines(self._plan)

    def _lines(self, plan: MovePlan) -> Lines:
        desk, now = self.desk, self.desk.now()
        was = shown_when(plan.old_start, plan.old_end, desk.zone, now)
        when = shown_when(plan.start, plan.end, desk.zone, now)
        money = plan.words if plan.fee_pence == 0 else f"{pounds(plan.fee_pence)}: {plan.words}"
        lines = [
            (f"● {desk.name(plan.client_name)}  {when}", "bold"),
            (f"instead of {was}", "$grid-quiet"),
            (f"{money[:1].upper()}{money[1:]}.", "$warning" if plan.locked else ""),
        ]
        notes = []
        there = shown_there(plan.start, desk.zone, plan.client_zone)
        if there:
            notes.append(f"For them it is {there}.")
        if plan.withdraws:
            notes.append("Your open slot at that time is closed with it.")
        if plan.closes_slot:
            notes.append("Its old slot stays closed.")
        if notes:
            lines.append((" ".join(notes), "$primary"))
        lines += desk.strain([(plan.start, plan.end)], plan.appointment_id)
        lines.append(("Both of you get an e-mail with the new time.", "$grid-quiet"))
        return lines

    def start(self) -> None:
        plan, desk = self._plan, self.desk
        if plan is None:
            return
        self.act(
            lambda: booking.move(
                desk.practice,
                desk.actor,
                plan.appointment_id,
                plan.start,
                asked_by=plan.asked_by,
                shown=plan.shown,
            ),
            lambda moved: AppointmentMoved(moved, plan),
        )
