"""A weekly series: n independent follow-ups with one mark (B8, C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking.bonds import client_of
from helpspace.core.booking.ending import cancel_one, consequence, moment_of, party_of
from helpspace.core.booking.follow_up import FollowUpPlan, book_one, plan_one
from helpspace.core.booking.waiving import lock_people
from helpspace.core.calendar import MOST_WEEKS, own_therapist
from helpspace.core.errors import (
    Changed,
    Invalid,
    NoSuchTime,
    NotFound,
    Overlap,
    TimeOccursTwice,
)
from helpspace.core.policy import Consequence
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Client, Therapist

DateState = Literal["free", "taken", "no_such_time", "twice"]


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """One week of a series, and whether it can be booked."""

    number: int
    """Which week it is, from 1."""
    wall: str
    """The therapist's own wall time, like 2026-03-28T09:00."""
    state: DateState
    why: str
    """What is in the way, in a sentence; empty where it is free."""
    plan: FollowUpPlan | None
    """What booking it would mean, where it is free."""
    either: tuple[int, ...] = ()
    """Both instants of a wall time that happens twice (C5)."""

    @property
    def start(self) -> int | None:
        """The instant it would begin at, where it is free."""
        return None if self.plan is None else self.plan.start

    @property
    def shown(self) -> tuple[object, ...] | None:
        """What booking it is held to."""
        one = self.plan
        return None if one is None else (one.start, one.end, one.fee_pence, one.withdraws)


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """Every week of a series, listed before anything is saved (B8)."""

    client_id: str
    dates: tuple[SeriesDate, ...]

    @property
    def free(self) -> tuple[int, ...]:
        """The starts that can be booked."""
        return tuple(one.start for one in self.dates if one.start is not None)

    @property
    def fee_pence(self) -> int:
        """What the free ones cost together."""
        return sum(one.plan.fee_pence for one in self.dates if one.plan is not None)


@dataclass(frozen=True, slots=True)
class Ending:
    """One appointment that a cancellation takes along, with what it means for the money (M4)."""

    appointment_id: str
    client_id: str
    start: int
    end: int
    consequence: Consequence

    @property
    def shown(self) -> tuple[str, int, int]:
        """What the act is held to: which one, what it costs and what goes back."""
        return self.appointment_id, self.consequence.owed_pence, self.consequence.refund_pence


def plan_series(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    client_id: str,
    start: int,
    weeks: int,
    *,
    minutes: int | None = None,
    fee_pence: int | None = None,
    fold: Literal[0, 1] | None = None,
) -> SeriesPlan:
    """Return every week of a series with what it would mean or what is in its way (B8).

    It keeps the wall time of its start in the therapist's zone across clock changes; `fold` says
    which is meant where that happens twice (0 the first, 1 the second). Refuses like booking does.
    """
    with practice.reading() as view:
        therapist = own_therapist(view, actor, therapist_id)
        client = client_of(view, therapist.id, client_id)
        return _plan(view, therapist, client, start, weeks, minutes, fee_pence, fold)


def book_series(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    client_id: str,
    start: int,
    weeks: int,
    *,
    accept: Sequence[int],
    minutes: int | None = None,
    fee_pence: int | None = None,
    fold: Literal[0, 1] | None = None,
    shown: SeriesPlan | None = None,
) -> tuple[AppointmentView, ...]:
    """Book the accepted starts of a series as its therapist: all in one commit, or none (B8).

    Raises Changed when one of them is not free any more, or with `shown` is not as it was shown.
    """
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        tx.lock(Client, client_id)
        client = client_of(tx, therapist.id, client_id)
        found = _plan(tx, therapist, client, start, weeks, minutes, fee_pence, fold)
        plans = _accepted(found, accept, shown)
        mark = tx.practice.ids.new() if len(plans) > 1 else None
        return tuple(book_one(tx, actor, therapist, client, plan, mark) for plan in plans)


def _accepted(
    found: SeriesPlan, accept: Sequence[int], shown: SeriesPlan | None
) -> list[FollowUpPlan]:
    if not accept:
        raise Invalid("No week of it is chosen", "Choose at least one that is free.")
    by_start = {one.start: one for one in found.dates if one.start is not None}
    before = {} if shown is None else {one.start: one.shown for one in shown.dates}
    plans = []
    for start in sorted(set(accept)):
        one = by_start.get(start)
        if one is None or one.plan is None:
            raise Changed("A chosen week is not free any more")
        if shown is not None and before.get(start) != one.shown:
            raise Changed
        plans.append(one.plan)
    return plans


def _plan(
    view: View,
    therapist: Therapist,
    client: Client,
    start: int,
    weeks: int,
    minutes: int | None,
    fee_pence: int | None,
    fold: Literal[0, 1] | None,
) -> SeriesPlan:
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid(f"A repeat has 1 to {MOST_WEEKS} weeks", "Correct the number.")
    wall = moments.at_zone(start, therapist.zone).replace(tzinfo=None, fold=0)
    dates = []
    for week in range(weeks):
        day = wall + timedelta(weeks=week)
        text = day.isoformat(timespec="minutes")
        try:
            at = moments.instant_of(day, therapist.zone, fold=fold) if week else start
            plan = plan_one(view, therapist, client, at, minutes, fee_pence)
        except NoSuchTime as error:
            dates.append(SeriesDate(week + 1, text, "no_such_time", error.title, None))
        except TimeOccursTwice as error:
            either = tuple(moments.instant_of(day, therapist.zone, fold=one) for one in (0, 1))
            dates.append(SeriesDate(week + 1, text, "twice", error.title, None, either))
        except Overlap as error:
            dates.append(SeriesDate(week + 1, text, "taken", error.title, None))
        else:
            dates.append(SeriesDate(week + 1, text, "free", "", plan))
    return SeriesPlan(client.id, tuple(dates))


_LATER = """series = ? AND therapist_id = ? AND client_id = ? AND state = 'booked'
    AND start_at >= ? ORDER BY start_at, id"""


def plan_cancel_series(
    practice: Practice, actor: Actor, appointment_id: str, *, at: int | None = None
) -> tuple[Ending, ...]:
    """Return what cancelling an appointment and the later ones of its series means, one by one.

    The first is the appointment itself; one without a series stands alone. Refuses like cancelling.
    """
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        return _endings(view, actor, row, moment_of(view.now, at))


def cancel_series(
    practice: Practice,
    actor: Actor,
    appointment_id: str,
    *,
    at: int | None = None,
    shown: Sequence[Ending] | None = None,
) -> tuple[Ending, ...]:
    """Cancel an appointment and the later ones of its series as one of its two people (B8, M2, M3).

    With `shown` exactly those, on that money, else Changed and nothing is done.
    """
    with practice.change() as tx:
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        party_of(actor, row)
        lock_people(tx, row)
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        moment = moment_of(tx.now, at)
        found = _endings(tx, actor, row, moment)
        if shown is not None and [one.shown for one in shown] != [one.shown for one in found]:
            raise Changed("What cancelling means has changed since you looked")
        for one in found:
            each = tx.get(Appointment, one.appointment_id)
            if each is None:
                raise NotFound
            cancel_one(tx, actor, each, one.consequence, moment)
        return found


def _endings(view: View, actor: Actor, row: Appointment, at: int) -> tuple[Ending, ...]:
    party = party_of(actor, row)
    rows = [row]
    if row.series is not None:
        people = (row.series, row.therapist_id, row.client_id)
        later = view.find_all(Appointment, _LATER, *people, row.start_at)
        rows += [one for one in later if one.id != row.id and one.start_at > at]
    return tuple(ending_of(one, consequence(view, one, party, at)) for one in rows)


def ending_of(row: Appointment, found: Consequence) -> Ending:
    """Return what a cancellation means for one appointment."""
    return Ending(row.id, row.client_id, row.start_at, row.end_at, found)
