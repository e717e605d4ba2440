"""Questions before something is taken away: what it means, and a key of its own to do it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, calendar, moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Ending
from helpspace.core.calendar import Entry, SlotView
from helpspace.core.moments import pounds
from helpspace.core.policy import Consequence
from helpspace.tui.actions import Action, Place, Under, action, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.messages import AppointmentCancelled, SeriesCancelled, SlotClosed
from helpspace.tui.screens.base import ActingPanel
from helpspace.tui.words import (
    ASKED_BY_CLIENT,
    KINDS,
    cancel_words,
    client_cancel_words,
    shown_there,
    shown_when,
)


class AskModal(ActingPanel):
    """Asks once; only its own key does it, and every other way out keeps things as they are."""

    BINDINGS = bindings(Place.ASKING)
    YES = "yes"
    NO = "no, keep it"
    DEFAULT_CSS = """
    AskModal .body > Static { margin-bottom: 1; }
    AskModal .body > .last { margin-bottom: 0; }
    """

    def bar(self) -> list[tuple[Action, str]]:
        words = {"asking.yes": self.YES, "asking.no": self.NO}
        return [(one, words[one.id]) for one, _ in bar([Place.ASKING], Under.SESSION)]

    def action_yes(self) -> None:
        """Do it."""
        raise NotImplementedError

    def action_later(self) -> None:
        """Do it for a whole series, where there is one."""

    def action_no(self) -> None:
        """Keep things as they are."""
        self.leave()


class CancelModal(AskModal):
    """Shows what cancelling means for the money, for either who might do it (M3, M4)."""

    HEADING = "Cancel this session?"
    YES = "cancel the session"
    NO = "keep it"

    def __init__(
        self, desk: Desk, view: AppointmentView, found: Consequence, client_zone: str
    ) -> None:
        super().__init__(desk)
        self._view = view
        self._found = found
        self._there = shown_there(view.start, desk.zone, client_zone)
        self._series: tuple[Ending, ...] = ()
        """It and the later ones of its series, if there are any (B8)."""
        if view.series is not None:
            found_later = booking.plan_cancel_series(desk.practice, desk.actor, view.id)
            if len(found_later) > 1:
                self._series = found_later

    def body(self) -> Iterable[Widget]:
        view, desk = self._view, self.desk
        now = desk.now()
        when = shown_when(view.start, view.end, desk.zone, now)
        who = Content.assemble(
            (desk.name(view.other_name) or "—", "bold"),
            f"  {when}",
            (f"  {self._there}" if self._there else "", "$primary"),
            (f"\n{KINDS.get(view.kind, '')}", "$grid-quiet"),
        )
        yield Static(who)
        yield Static(
            Content.assemble(
                ("If you cancel   ", "$grid-quiet"),
                cancel_words(self._found),
                ("\nIf they cancel  ", "$grid-quiet"),
                client_cancel_words(view, now),
                ("\nEither way      ", "$grid-quiet"),
                "both of you get an e-mail",
            )
        )
        if self._series:
            yield Static(Content(self._series_words()))
        yield Static(Content.styled(ASKED_BY_CLIENT, "$warning"), classes="last")

    def bar(self) -> list[tuple[Action, str]]:
        yes, *rest = super().bar()
        if not self._series:
            return [yes, *rest]
        return [yes, (action("asking.later"), f"this and {len(self._series) - 1} later"), *rest]

    def _series_words(self) -> str:
        """Say which later sessions go along, and what comes back with all of them (B8)."""
        zone, now = self.desk.zone, self.desk.now()
        later = self._series[1:]
        shown = [moments.show(one.start, zone, reference=now) for one in later[:4]]
        more = f" and {len(later) - 4} more" if len(later) > 4 else ""
        back = sum(one.consequence.refund_pence for one in self._series)
        money = f"; with all of them {pounds(back)} goes back" if back else ""
        return f"It is one of a weekly series. Later: {', '.join(shown)}{more}{money}."

    def action_later(self) -> None:
        """Cancel it and the later ones of its series, exactly those that were shown (B8)."""
        desk, view, shown = self.desk, self._view, self._series
        if shown:
            self.act(
                lambda: booking.cancel_series(desk.practice, desk.actor, view.id, shown=shown),
                SeriesCancelled,
            )

    def action_yes(self) -> None:
        desk, view, found = self.desk, self._view, self._found
        self.act(
            lambda: booking.cancel(
                desk.practice,
                desk.actor,
                view.id,
                shown_owed_pence=found.owed_pence,
                shown_start=view.start,
            ),
            lambda done: AppointmentCancelled(*done),
        )


class CloseSlotModal(AskModal):
    """Asks before a slot is withdrawn."""

    HEADING = "Close this slot?"
    YES = "close the slot"
    NO = "keep it open"

    def __init__(self, desk: Desk, entry: Entry, *, last: bool) -> None:
        super().__init__(desk)
        self._entry = entry
        self._last = last

    def body(self) -> Iterable[Widget]:
        entry = self._entry
        when = shown_when(entry.start, entry.end, self.desk.zone, self.desk.now())
        yield Static(Content.styled(f"○ {when}", "bold"))
        words = "Clients will no longer see it. Nobody has booked it, so nobody is told."
        yield Static(Content(words), classes="" if self._last else "last")
        if self._last:
            last = "It is your last slot that can be booked: your profile is hidden without it."
            yield Static(Content.styled(last, "$warning"), classes="last")

    def action_yes(self) -> None:
        desk, slot_id = self.desk, self._entry.id

        def close() -> SlotView:
            return calendar.close_slot(desk.practice, desk.actor, slot_id)

        self.act(close, SlotClosed)
