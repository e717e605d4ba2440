"""Booking a follow-up: for whom, when, how long, for how much (B2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from helpspace.core import booking, moments
from helpspace.core.calendar import check_minutes
from helpspace.core.caseload import OwnClient, clients_of
from helpspace.core.errors import Invalid
from helpspace.core.moments import pounds
from helpspace.core.plain import plain
from helpspace.core.policy import Terms
from helpspace.tui.desk import Desk
from helpspace.tui.messages import FollowUpBooked
from helpspace.tui.reading import (
    instant_at,
    read_clock,
    read_day,
    read_minutes,
    read_pounds,
    write_clock,
    write_day,
    write_pounds,
)
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.words import NO_CARD, shown_there, shown_when, terms_line

_IN_SIGHT = 3
"""Clients of the list that can be seen at once."""


@dataclass(frozen=True, slots=True)
class _Wish:
    client: OwnClient
    start: int
    minutes: int
    fee: int


class ClientList(OptionList, can_focus=False):
    """The clients whose names fit; the marked one is booked for."""

    DEFAULT_CSS = """
    ClientList {
        height: 3; margin: 0 0 1 10; padding: 0; border: none; background: transparent;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        & > .option-list--option { padding: 0 1; color: $grid-quiet; }
        & > .option-list--option-highlighted {
            background: $primary; color: $grid-ground; text-style: bold;
        }
    }
    """


class FollowUpModal(FormPanel):
    """Chooses one of the therapist's own clients by a part of the name; nobody is guessed."""

    HEADING = "Book a follow-up"
    DO = "book it"
    DEFAULT_CSS = """
    FollowUpModal > .panel { padding: 0 3; }
    FollowUpModal .preview { height: 6; }
    FollowUpModal .pair { height: 2; }
    FollowUpModal #minutes { margin-left: 2; }
    FollowUpModal #client { margin-bottom: 0; }
    """

    def __init__(
        self, desk: Desk, start: int, client_id: str | None = None, *, later: bool = False
    ) -> None:
        """Begin with a time; `later` means the same wall time in a week, or in the next to come."""
        super().__init__(desk)
        day = moments.local_date(start, desk.zone)
        if later:
            day += timedelta(weeks=max(1, -((day - desk.today).days // 7)))
        therapist = desk.therapist
        self._all = clients_of(desk.practice, desk.actor, desk.actor.id)
        self._fitting: list[OwnClient] = []
        self._chosen = next((one for one in self._all if one.id == client_id), None)
        fee, minutes = therapist.follow_up_fee_pence, therapist.follow_up_minutes
        self.client = Field("Client", "", id="client", placeholder="part of the name")
        self.list = ClientList()
        self.day = Field("Day", write_day(day, desk.today), id="day")
        clock = write_clock(start, desk.zone)
        self.clock = Field("Time", clock[:5] if later else clock, id="time", short=True)
        self.minutes = Field("Minutes", str(minutes), id="minutes", short=True)
        self.fee = Field("Fee in £", write_pounds(fee), id="fee", short=True)

    def body(self) -> Iterable[Widget]:
        return (
            self.client,
            self.list,
            self.day,
            Horizontal(self.clock, self.minutes, classes="pair"),
            self.fee,
            self.preview_line,
        )

    def on_mount(self) -> None:
        self._narrow()
        super().on_mount()
        if self._chosen is not None:
            self.day.input.focus()

    # -- the client ------------------------------------------------------------------------------

    def _narrow(self) -> None:
        """List the clients who fit what is typed; a single one is chosen."""
        typed = plain(self.client.value).casefold()
        kept = [one for one in self._all if typed in one.name.casefold()]
        if kept != self._fitting or self.list.option_count == 0:
            self._fitting = kept
            self.list.clear_options()
            self.list.add_options([Option(self._line(one), id=one.id) for one in kept])
        if self._chosen not in kept:
            self._chosen = None
        if self._chosen is None and typed and len(kept) == 1:
            self._chosen = kept[0]
        self.list.highlighted = None if self._chosen is None else kept.index(self._chosen)

    def _line(self, one: OwnClient) -> Content:
        last = "invited"
        if one.latest is not None:
            word = "next" if one.latest > self.desk.now() else "last"
            last = f"{word} {moments.show(one.latest, self.desk.zone, reference=self.desk.now())}"
        card = "" if one.card == "ok" else "  no card"
        return Content.assemble(fit(self.desk.name(one.name), 22), f"  {last}{card}")

    def _step(self, by: int) -> None:
        """Choose the next client of the list, or the previous one."""
        if not self._fitting:
            return
        at = -1 if self._chosen is None else self._fitting.index(self._chosen)
        at = 0 if at < 0 else min(max(at + by, 0), len(self._fitting) - 1)
        self._choose(self._fitting[at])

    def _choose(self, client: OwnClient) -> None:
        self._chosen = client
        self.list.highlighted = self._fitting.index(client)
        self.status.clear()
        self.look()

    def action_later(self) -> None:
        self._step(1)

    def action_earlier(self) -> None:
        self._step(-1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click chooses."""
        event.stop()
        self._choose(self._fitting[event.option_index])

    # -- the session -----------------------------------------------------------------------------

    def _read(self) -> _Wish:
        """Read the fields, showing beside each what was understood."""
        for field in (self.day, self.clock, self.fee):
            field.understood("")
        zone = self.desk.zone
        day = read_day(self.day.value, self.desk.today)
        self.day.understood(f"{day:%A} {day.day} {day:%B} {day.year}")
        start = instant_at(day, read_clock(self.clock.value), zone)
        minutes = read_minutes(self.minutes.value)
        check_minutes(minutes)
        self.clock.understood(f"until {moments.show_time(start + minutes * 60, zone)}")
        fee = read_pounds(self.fee.value)
        self.fee.understood("" if fee else "free of charge")
        if self._chosen is None:
            raise self._nobody()
        return _Wish(self._chosen, start, minutes, fee)

    def _nobody(self) -> Invalid:
        if not self._all:
            return Invalid("You have no clients yet", "A follow-up comes after an initial session.")
        if not self._fitting:
            return Invalid("Nobody fits that name", "Type another part of the name.")
        return Invalid(
            "Nobody is chosen yet", "Type a part of the name, or choose with the arrow keys."
        )

    def preview(self) -> Lines:
        self._narrow()
        wish, desk = self._read(), self.desk
        now = desk.now()
        plan = booking.plan_follow_up(
            desk.practice,
            desk.actor,
            desk.actor.id,
            wish.client.id,
            wish.start,
            minutes=wish.minutes,
            fee_pence=wish.fee,
        )
        when = shown_when(plan.start, plan.end, desk.zone, now)
        name = desk.name(plan.client_name)
        lines = [(f"● {when}  {name}  {pounds(plan.fee_pence)}", "bold")]
        terms = Terms(plan.start, plan.free_until, plan.fee_pence)
        lines.append((terms_line(terms, desk.zone, now, now), ""))
        notes = []
        there = shown_there(plan.start, desk.zone, plan.client_zone)
        if there:
            notes.append(f"For them it is {there}.")
        if plan.withdraws:
            notes.append("Your open slot at that time is closed with it.")
        if notes:
            lines.append((" ".join(notes), "$primary"))
        lines += desk.strain([(plan.start, plan.end)])
        lines.append(("Both of you get an e-mail.", "$grid-quiet"))
        if plan.fee_pence and plan.card != "ok":
            lines.append((NO_CARD[plan.card].replace("has been", "will be"), "$warning"))
        return lines

    def start(self) -> None:
        wish, desk = self._read(), self.desk
        self.act(
            lambda: booking.book_follow_up(
                desk.practice,
                desk.actor,
                desk.actor.id,
                wish.client.id,
                wish.start,
                minutes=wish.minutes,
                fee_pence=wish.fee,
            ),
            FollowUpBooked,
        )
