"""Time off: the slots it closes, the sessions it hits and the refunds, listed first (C7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import moments, time_off
from helpspace.core.caseload import clients_of
from helpspace.core.errors import Invalid
from helpspace.core.moments import pounds
from helpspace.core.time_off import TimeOffPlan
from helpspace.tui.desk import Desk
from helpspace.tui.layout import Block
from helpspace.tui.messages import TimeOffLifted, TimeOffTaken
from helpspace.tui.reading import instant_at, read_clock, read_day, write_clock, write_day
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.screens.paint import ListedPreview
from helpspace.tui.widgets.field import Field
from helpspace.tui.words import cancel_words

ALL_DAY = "all day"


class OffModal(FormPanel):
    """The first and the last day, perhaps hours; what becomes of sessions is never guessed."""

    HEADING = "Take time off"
    DO = "take it"
    DEFAULT_CSS = """
    OffModal ListedPreview { height: 7; scrollbar-size-vertical: 1; }
    OffModal .preview { height: auto; }
    """

    def __init__(self, desk: Desk, start: int, end: int | None = None) -> None:
        super().__init__(desk)
        first = moments.local_date(start, desk.zone)
        last = first if end is None else moments.local_date(end - 1, desk.zone)
        hours = ALL_DAY
        if end is not None:
            hours = f"{write_clock(start, desk.zone)}-{write_clock(end, desk.zone)}"
        self.first = Field("First day", write_day(first, desk.today), id="first")
        self.last = Field("Last day", write_day(last, desk.today), id="last")
        self.hours = Field("Hours", hours, id="hours", placeholder="all day, or 9:00-12:30")
        self.sessions = Field("Sessions", "", id="sessions", placeholder="cancel or keep")
        self.listed = ListedPreview(self.preview_line)
        people = clients_of(desk.practice, desk.actor, desk.actor.id)
        self._names = {one.id: one.name for one in people}
        self._shown: tuple[TimeOffPlan, bool] | None = None
        """The plan that was shown last, and whether its sessions are cancelled."""

    def body(self) -> Iterable[Widget]:
        return (self.first, self.last, self.hours, self.sessions, self.listed)

    def action_later(self) -> None:
        self.listed.scroll_down(animate=False)

    def action_earlier(self) -> None:
        self.listed.scroll_up(animate=False)

    def _read(self) -> tuple[int, int]:
        """Return start and end in UTC seconds (C5)."""
        for field in (self.first, self.last, self.sessions):
            field.understood("")
        zone, today = self.desk.zone, self.desk.today
        first, last = read_day(self.first.value, today), read_day(self.last.value, today)
        self.first.understood(f"{first:%A} {first.day} {first:%B} {first.year}")
        self.last.understood(f"{last:%A} {last.day} {last:%B} {last.year}")
        if last < first:
            raise Invalid("The last day lies before the first", "Correct one of the days.")
        if self.hours.value.strip().casefold() == ALL_DAY:
            end = moments.start_of_day(last + timedelta(days=1), zone)
            return moments.start_of_day(first, zone), end
        clocks = re.split(r"\s*[-–]\s*", self.hours.value.strip())
        if len(clocks) != 2:
            raise Invalid("These are no hours", "Write all day, or hours like 9:00-12:30.")
        start, end = (
            instant_at(day, read_clock(clock), zone)
            for day, clock in zip((first, last), clocks, strict=True)
        )
        return start, end

    def preview(self) -> Lines:
        self._shown = None
        start, end = self._read()
        desk = self.desk
        plan = time_off.plan(desk.practice, desk.actor, desk.actor.id, start, end)
        cancel = self._cancels(plan)
        if cancel is not None:
            self._shown = plan, cancel
        return self._lines(plan, cancel)

    def _cancels(self, plan: TimeOffPlan) -> bool | None:
        """Say whether the sessions are cancelled; None while that is not said."""
        typed = self.sessions.value.strip().casefold()
        if typed and "cancel".startswith(typed):
            self.sessions.understood("each client is told")
            return True
        if typed and "keep".startswith(typed):
            self.sessions.understood("they stay as they are")
            return False
        if typed:
            raise Invalid("That is neither cancel nor keep", "Write one of the two.")
        return None if plan.sessions else False

    def _lines(self, plan: TimeOffPlan, cancel: bool | None) -> Lines:
        zone, now = self.desk.zone, self.desk.now()
        first, last = (moments.show(at, zone, reference=now) for at in (plan.start, plan.end))
        lines = [(f"≈ {first} – {last}", "bold")]
        if cancel is None:
            lines.append(("Cancel these sessions, or keep them?", "$warning"))
        for one in plan.sessions:
            name = self.desk.name(self._names.get(one.client_id, "")) or "—"
            when = moments.show(one.start, zone, reference=now)
            means = "stays" if cancel is False else cancel_words(one.consequence)
            lines.append((f"● {when}  {name}: {means}", ""))
        if plan.refund_pence and cancel is not False:
            lines.append((f"{pounds(plan.refund_pence)} goes back in all.", "$warning"))
        for slot in plan.slots:
            held = ", though somebody is booking it just now" if slot.held else ""
            when = moments.show(slot.start, zone, reference=now)
            lines.append((f"○ {when} is closed{held}", "$grid-quiet"))
        if not plan.slots and not plan.sessions:
            lines.append(("Nothing of yours lies in it.", ""))
        return lines

    def start(self) -> None:
        shown, desk = self._shown, self.desk
        if shown is None:
            raise Invalid("Cancel the sessions, or keep them?", "Write cancel or keep.")
        plan, cancel = shown
        self.act(
            lambda: time_off.take(
                desk.practice,
                desk.actor,
                desk.actor.id,
                plan.start,
                plan.end,
                cancel=cancel,
                shown=plan,
            ),
            TimeOffTaken,
        )


class LiftModal(AskModal):
    """Asks before time off is lifted."""

    HEADING = "Lift this time off?"
    YES = "lift it"
    NO = "keep it"

    def __init__(self, desk: Desk, block: Block) -> None:
        super().__init__(desk)
        self._block = block

    def body(self) -> Iterable[Widget]:
        zone, now = self.desk.zone, self.desk.now()
        first, last = (
            moments.show(at, zone, reference=now) for at in (self._block.start, self._block.end)
        )
        yield Static(Content.styled(f"≈ {first} – {last}", "bold"))
        words = "You can open and book that time again. The slots it closed stay closed."
        yield Static(Content(words), classes="last")

    def action_yes(self) -> None:
        desk, off_id = self.desk, self._block.id
        self.act(lambda: time_off.lift(desk.practice, desk.actor, off_id), TimeOffLifted)
