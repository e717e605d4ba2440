"""Booking with one line: a follow-up, a weekly series, or slots; always shown before it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.widget import Widget

from helpspace.core import booking, calendar, moments
from helpspace.core.booking import FollowUpPlan, SeriesPlan
from helpspace.core.calendar import check_minutes
from helpspace.core.caseload import OwnClient, clients_of
from helpspace.core.errors import Invalid, Overlap
from helpspace.core.moments import pounds
from helpspace.core.policy import Terms
from helpspace.tui.action import Action
from helpspace.tui.desk import Desk
from helpspace.tui.messages import FollowUpBooked, SeriesBooked, SlotsOpened
from helpspace.tui.quick_add import EXAMPLE, Wanted, read_line
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.screens.slot import slot_lines
from helpspace.tui.widgets.field import Field
from helpspace.tui.words import NO_CARD, shown_there, shown_when, terms_line

CLASHES = 3
"""How many weeks in the way are named; the form is small, and the rest is counted."""


class QuickAddModal(FormPanel):
    """One line, and below it what it means."""

    HEADING = "Book with one line"
    DO = "book it"
    DEFAULT_CSS = """
    QuickAddModal Field > Input { width: 1fr; }
    QuickAddModal Field > .understood { display: none; }
    QuickAddModal .preview { height: 6; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._clients = clients_of(desk.practice, desk.actor, desk.actor.id)
        self.line = Field("Line", "", id="line", placeholder="tue 10:00 anna £60 · slot thu 9 x6")
        self._series: SeriesPlan | None = None
        """The series as it was last shown."""

    def bar(self) -> list[tuple[Action, str]]:
        # There is no other field to go to.
        return [shown for shown in super().bar() if shown[0].id != "form.next"]

    def body(self) -> Iterable[Widget]:
        return (self.line, self.preview_line)

    def _read(self) -> Wanted:
        desk = self.desk
        found = read_line(
            self.line.value, self._clients, today=desk.today, zone=desk.zone, name=desk.name
        )
        if found.minutes is not None:
            check_minutes(found.minutes)
        if not 1 <= found.weeks <= calendar.MOST_WEEKS:
            raise Invalid(f"A repeat has 1 to {calendar.MOST_WEEKS} weeks", "Write fewer of them.")
        return found

    def preview(self) -> Lines:
        self._series = None
        if not self.line.value.strip():
            return [
                ("Nothing is written yet.", "$grid-quiet"),
                (EXAMPLE, "$grid-quiet"),
                ("Besides: 50m, 9-10, £60, free, x6 for six weeks.", "$grid-quiet"),
            ]
        wanted = self._read()
        if wanted.client is None:
            minutes = wanted.minutes or self.desk.therapist.initial_minutes
            return slot_lines(self.desk, wanted.start, minutes, wanted.weeks)
        if wanted.weeks == 1:
            return self._session_lines(self._plan(wanted, wanted.client))
        return self._series_lines(self._plan_series(wanted, wanted.client))

    def _plan(self, wanted: Wanted, client: OwnClient) -> FollowUpPlan:
        desk = self.desk
        return booking.plan_follow_up(
            desk.practice,
            desk.actor,
            desk.actor.id,
            client.id,
            wanted.start,
            minutes=wanted.minutes,
            fee_pence=wanted.fee_pence,
        )

    def _plan_series(self, wanted: Wanted, client: OwnClient) -> SeriesPlan:
        desk = self.desk
        self._series = booking.plan_series(
            desk.practice,
            desk.actor,
            desk.actor.id,
            client.id,
            wanted.start,
            wanted.weeks,
            minutes=wanted.minutes,
            fee_pence=wanted.fee_pence,
        )
        return self._series

    def _session_lines(self, plan: FollowUpPlan) -> Lines:
        desk, now = self.desk, self.desk.now()
        when = shown_when(plan.start, plan.end, desk.zone, now)
        lines = [(f"● {when}  {desk.name(plan.client_name)}  {pounds(plan.fee_pence)}", "bold")]
        terms = Terms(plan.start, plan.free_until, plan.fee_pence)
        lines.append((terms_line(terms, desk.zone, now, now), ""))
        return [*lines, *self._notes(plan, [(plan.start, plan.end)])]

    def _notes(self, plan: FollowUpPlan, spans: Sequence[tuple[int, int]]) -> Lines:
        there = shown_there(plan.start, self.desk.zone, plan.client_zone)
        notes = [f"For them it is {there}."] if there else []
        if plan.withdraws:
            notes.append("Your open slot at that time is closed with it.")
        lines = [(" ".join(notes), "$primary")] if notes else []
        lines += self.desk.strain(spans)
        if plan.fee_pence and plan.card != "ok":
            lines.append((NO_CARD[plan.card].replace("has been", "will be"), "$warning"))
        return lines

    def _series_lines(self, series: SeriesPlan) -> Lines:
        """Say how many weeks are free, and name those in whose way something is (B8)."""
        plans = [one.plan for one in series.dates if one.plan is not None]
        if not plans:
            raise Overlap("None of these weeks is free", "Write another time.")
        desk, now = self.desk, self.desk.now()
        first, last = plans[0], plans[-1]
        when = shown_when(first.start, first.end, desk.zone, now)
        each = pounds(first.fee_pence)
        lines = [(f"● {when}  {desk.name(first.client_name)}  {each} each", "bold")]
        until = moments.show(last.start, desk.zone, reference=now)
        weeks = f"{len(plans)} of {len(series.dates)} weeks are booked"
        if len(plans) == len(series.dates):
            weeks = f"{len(plans)} weeks"
        lines.append((f"{weeks}, the last on {until}; each is charged by itself.", ""))
        clashes = [one for one in series.dates if one.plan is None]
        for one in clashes[:CLASHES]:
            day = moments.show_day(datetime.fromisoformat(one.wall).date())
            lines.append((f"Not {day}: {one.why}.", "$warning"))
        if len(clashes) > CLASHES:
            lines.append((f"And {len(clashes) - CLASHES} more weeks are not free.", "$warning"))
        spans = [(plan.start, plan.end) for plan in plans]
        return [*lines, *(desk.strain(spans) if clashes else self._notes(first, spans))]

    def start(self) -> None:
        wanted, desk = self._read(), self.desk
        client = wanted.client
        if client is None:
            self.act(
                lambda: calendar.open_slots(
                    desk.practice,
                    desk.actor,
                    desk.actor.id,
                    wanted.start,
                    minutes=wanted.minutes,
                    weeks=wanted.weeks,
                ),
                SlotsOpened,
            )
        elif wanted.weeks == 1:
            self.act(
                lambda: booking.book_follow_up(
                    desk.practice,
                    desk.actor,
                    desk.actor.id,
                    client.id,
                    wanted.start,
                    minutes=wanted.minutes,
                    fee_pence=wanted.fee_pence,
                ),
                FollowUpBooked,
            )
        elif self._series is not None:
            self._book(wanted, client, self._series)

    def _book(self, wanted: Wanted, client: OwnClient, shown: SeriesPlan) -> None:
        """Book the weeks that were shown as free, all of them or none."""
        desk = self.desk
        self.act(
            lambda: booking.book_series(
                desk.practice,
                desk.actor,
                desk.actor.id,
                client.id,
                wanted.start,
                wanted.weeks,
                accept=shown.free,
                minutes=wanted.minutes,
                fee_pence=wanted.fee_pence,
                shown=shown,
            ),
            SeriesBooked,
        )
