"""What a practice came to over a stretch of time: money by the ledger, sessions by the calendar.

Money counts on the day on which it moved, a session on the day on which it starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.appointments import owed_now, paid, payment_word
from helpspace.core.calendar import own_therapist
from helpspace.core.payments.movements import Movement, Sums, add_up, movements
from helpspace.core.periods import Period, weeks_of
from helpspace.core.policy import State, is_late
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Payment

UNPAID = frozenset({"due", "processing", "failed", "needs_approval"})
"""Words of `interface.md` for a fee that is owed and has not been taken."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One period's figures; money in pence.

    `held` are sessions that have ended and took place, `no_shows` those to which the client did not
    come, `late_cancellations` those that the client cancelled after the free time, `owed_pence`
    what is owed now for sessions that start in the period.
    """

    period: Period
    sums: Sums
    held: int
    no_shows: int
    late_cancellations: int
    owed_pence: int


@dataclass(frozen=True, slots=True)
class OwedFee:
    """A fee that is owed and has not been taken, in pence; `payment` is where the money stands."""

    appointment_id: str
    client_id: str
    start: int
    owed_pence: int
    payment: str


@dataclass(frozen=True, slots=True)
class _Session:
    """What the figures need of a session."""

    start: int
    held: bool
    no_show: bool
    late: bool
    owed: int


def whose(view: View, actor: Actor, therapist_id: str | None) -> str | None:
    """Return whose money an actor may read: a therapist their own, the team anybody's or all."""
    if actor.role == "therapist" and therapist_id is None:
        therapist_id = actor.id
    if therapist_id is None:
        actor.must_be("team")
        return None
    return own_therapist(view, actor, therapist_id).id


def figures(
    practice: Practice, actor: Actor, period: Period, *, therapist_id: str | None = None
) -> Figures:
    """Return a period's figures of one therapist, or for the team of all (M8)."""
    return _of(practice, actor, [period], period, therapist_id)[0]


def by_week(
    practice: Practice, actor: Actor, period: Period, *, therapist_id: str | None = None
) -> list[Figures]:
    """Return a period's figures week by week, Monday to Sunday; they add up to the period's."""
    return _of(practice, actor, weeks_of(period), period, therapist_id)


def _of(
    practice: Practice,
    actor: Actor,
    periods: Sequence[Period],
    whole: Period,
    therapist_id: str | None,
) -> list[Figures]:
    """Return the figures of periods that make up a whole one, from two readings of it."""
    with practice.reading() as view:
        person = whose(view, actor, therapist_id)
        moved = movements(view, since=whole.since, until=whole.until, therapist_id=person)
        sessions = _sessions(view, whole, person)
    return [_figures(period, moved, sessions) for period in periods]


def _figures(period: Period, moved: Iterable[Movement], sessions: Iterable[_Session]) -> Figures:
    inside = [one for one in sessions if period.since <= one.start < period.until]
    return Figures(
        period=period,
        sums=add_up(one for one in moved if period.since <= one.at < period.until),
        held=sum(one.held for one in inside),
        no_shows=sum(one.no_show for one in inside),
        late_cancellations=sum(one.late for one in inside),
        owed_pence=sum(one.owed for one in inside),
    )


_SESSIONS = """SELECT id, start_at, end_at, state, cancelled_at, free_until FROM appointment
    WHERE start_at >= ? AND start_at < ?"""


def _sessions(view: View, period: Period, therapist_id: str | None) -> list[_Session]:
    asked: list[object] = [period.since, period.until]
    text = _SESSIONS
    if therapist_id is not None:
        text += " AND therapist_id = ?"
        asked.append(therapist_id)
    owed = _owed(view, period, therapist_id)
    return [
        _Session(
            start=start,
            held=end <= view.now and state in (State.COMPLETED, State.BOOKED),
            no_show=state == State.NO_SHOW,
            late=state == State.CANCELLED_BY_CLIENT and is_late(cancelled_at, free_until),
            owed=owed.get(ident, 0),
        )
        for ident, start, end, state, cancelled_at, free_until in view.sql(text, *asked)
    ]


def _owed(view: View, period: Period, therapist_id: str | None) -> dict[str, int]:
    """Return what is owed and has not been taken, by appointment, in pence."""
    fees = _owed_fees(view, therapist_id, since=period.since, until=period.until)
    return {one.appointment_id: one.owed_pence for one in fees}


def owed_fees(
    practice: Practice,
    actor: Actor,
    *,
    therapist_id: str | None = None,
    tried: bool = False,
    limit: int = 1000,
) -> list[OwedFee]:
    """Return the fees that are owed and not taken, by the session's start (M6).

    A therapist's own, or for the team anybody's; they add up to what the figures call owed.
    `tried` leaves out those that wait for their first try.
    """
    with practice.reading() as view:
        person = whose(view, actor, therapist_id)
        return _owed_fees(view, person, tried=tried)[:limit]


def _owed_fees(
    view: View,
    therapist_id: str | None,
    *,
    since: int | None = None,
    until: int | None = None,
    tried: bool = False,
) -> list[OwedFee]:
    stands = sorted(UNPAID - {"due"})
    query = (
        Appointment.select(Appointment, Payment)
        .join(Payment, on=(Payment.appointment_id == Appointment.id), attr="payment")
        .where(
            Appointment.fee > 0,
            Appointment.free_until < view.now,
            Payment.status.in_(stands if tried else ["scheduled", *stands]),
        )
        .order_by(Appointment.start_at, Appointment.id)
    )
    if since is not None:
        query = query.where(Appointment.start_at >= since)
    if until is not None:
        query = query.where(Appointment.start_at < until)
    if therapist_id is not None:
        query = query.where(Appointment.therapist_id == therapist_id)
    every = [_owed_fee(view, row) for row in view.rows(query)]
    return [one for one in every if one is not None]


def _owed_fee(view: View, row: Any) -> OwedFee | None:
    """Return what is owed for a session, or None where nothing is."""
    word = payment_word(row, row.payment, view.now)
    if word not in UNPAID:
        return None
    owed = max(0, owed_now(row, row.payment, view.now) - paid(view, row.id))
    return OwedFee(row.id, row.client_id, row.start_at, owed, word) if owed else None
