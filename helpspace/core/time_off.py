"""Time off: what it closes, whom it hits, and that nothing opens in it until it is lifted (C7).

The sessions in it are the therapist's to cancel or to keep. What is kept stays on its claimed time;
the schema lets nothing else be claimed there or opened again (D3).
"""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.booking.ending import cancel_one, consequence
from helpspace.core.booking.series import Ending, ending_of
from helpspace.core.calendar import LONGEST, close_claim, own_therapist, time_off_at
from helpspace.core.errors import Changed, Invalid, NotFound, Overlap
from helpspace.core.moments import DAY
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.profiles import why_hidden
from helpspace.core.store import refusal_of
from helpspace.core.store.tables import Appointment, Claim, Client, Therapist, TimeOff

_LIFT_FIRST = "Choose other times, or lift that one first."

LONGEST_OFF = 366 * DAY
"""How long one stretch of time off can be, in seconds."""


@dataclass(frozen=True, slots=True)
class OffSlot:
    """A slot that time off closes; `held` while a client is putting a card on record for it."""

    id: str
    start: int
    end: int
    held: bool


@dataclass(frozen=True, slots=True)
class TimeOffPlan:
    """What a stretch of time off would do, listed before anything happens."""

    therapist_id: str
    start: int
    end: int
    slots: tuple[OffSlot, ...]
    sessions: tuple[Ending, ...]
    """The sessions hit, with what cancelling each of them would mean for the money (M3)."""

    @property
    def refund_pence(self) -> int:
        """What goes back to clients when all of them are cancelled."""
        return sum(one.consequence.refund_pence for one in self.sessions)

    @property
    def shown(self) -> tuple[object, ...]:
        """What the act is held to."""
        slots = tuple((one.id, one.held) for one in self.slots)
        return self.start, self.end, slots, tuple(one.shown for one in self.sessions)


@dataclass(frozen=True, slots=True)
class TimeOffView:
    """A stretch of time off for its therapist and the team."""

    id: str
    therapist_id: str
    start: int
    end: int
    created_at: int
    lifted_at: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking time off has done."""

    time_off: TimeOffView
    closed: tuple[str, ...]
    cancelled: tuple[Ending, ...]
    kept: tuple[str, ...]
    why_hidden: tuple[str, ...]
    """Why clients do not see the profile now; empty where they do."""


def plan(practice: Practice, actor: Actor, therapist_id: str, start: int, end: int) -> TimeOffPlan:
    """Return what time off between two instants would close and hit, refusing like taking it."""
    with practice.reading() as view:
        therapist = own_therapist(view, actor, therapist_id)
        return _plan(view, therapist, start, end)


def take(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    start: int,
    end: int,
    *,
    cancel: bool,
    shown: TimeOffPlan | None = None,
) -> Taken:
    """Take time off as the therapist: its slots close, its sessions are cancelled or kept (C7).

    All in one commit. With `shown` only exactly what was shown, else Changed and nothing is done.
    A hold in it ends; a card that comes later is only put on record (B3).
    """
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        _lock_clients(tx, therapist, start, end)
        found = _plan(tx, therapist, start, end)
        if shown is not None and shown.shown != found.shown:
            raise Changed
        for slot in found.slots:
            close_claim(tx, slot.id)
            tx.audit(actor, "close", "slot", slot.id, therapist=therapist.id)
        row = _insert(tx, therapist, start, end)
        cancelled = found.sessions if cancel else ()
        for one in cancelled:
            each = tx.get(Appointment, one.appointment_id)
            if each is None:
                raise NotFound
            cancel_one(tx, actor, each, one.consequence, tx.now)
        tx.audit(
            actor, "take", "time_off", row.id, start=start, end=end, slots=len(found.slots),
            cancelled=len(cancelled),
        )  # fmt: skip
        kept = () if cancel else tuple(one.appointment_id for one in found.sessions)
        closed = tuple(slot.id for slot in found.slots)
        return Taken(_view(row), closed, cancelled, kept, tuple(why_hidden(tx, therapist)))


def lift(practice: Practice, actor: Actor, time_off_id: str) -> TimeOffView:
    """Lift time off as its therapist: that time can be opened and booked again.

    The slots that it closed stay closed, since only the therapist opens slots (C1).
    """
    with practice.change() as tx:
        row = tx.get(TimeOff, time_off_id)
        if row is None:
            raise NotFound
        own_therapist(tx, actor, row.therapist_id)
        row = tx.get(TimeOff, time_off_id)
        if row is None or row.lifted_at is not None:
            raise NotFound("That time off is lifted already", "Nothing was changed.")
        tx.set(TimeOff, "id = ?", row.id, lifted_at=tx.now)
        tx.audit(actor, "lift", "time_off", row.id)
        row.lifted_at = tx.now
        return _view(row)


def owner_of(practice: Practice, time_off_id: str) -> str:
    """Return whose time off it is, for the team to act on their behalf."""
    with practice.reading() as view:
        row = view.get(TimeOff, time_off_id)
    if row is None:
        raise NotFound
    return str(row.therapist_id)


def listed(
    practice: Practice,
    actor: Actor,
    therapist_id: str | None = None,
    *,
    include_past: bool = False,
    limit: int = 1000,
) -> list[TimeOffView]:
    """Return time off of a therapist, or of all for the team, soonest first.

    What has ended or was lifted only with `include_past`.
    """
    if therapist_id is None:
        actor.must_be("team")
    with practice.reading() as view:
        query = TimeOff.select().order_by(TimeOff.start_at, TimeOff.id).limit(limit)
        if therapist_id is not None:
            own_therapist(view, actor, therapist_id)
            query = query.where(TimeOff.therapist_id == therapist_id)
        if not include_past:
            query = query.where(TimeOff.lifted_at.is_null(), TimeOff.end_at > view.now)
        return [_view(row) for row in view.rows(query)]


def between(
    practice: Practice, actor: Actor, therapist_id: str, start: int, end: int
) -> list[TimeOffView]:
    """Return the time off in force that touches a stretch of a therapist's calendar."""
    with practice.reading() as view:
        own_therapist(view, actor, therapist_id)
        where = """therapist_id = ? AND lifted_at IS NULL AND start_at < ? AND end_at > ?
            ORDER BY start_at"""
        return [_view(row) for row in view.find_all(TimeOff, where, therapist_id, end, start)]


_SLOTS = """therapist_id = ? AND state IN ('open', 'held') AND start_at < ? AND start_at > ?
    AND end_at > ? ORDER BY start_at, id"""
_SESSIONS = """therapist_id = ? AND state = 'booked' AND start_at < ? AND start_at > ?
    AND end_at > ? ORDER BY start_at, id"""


def _plan(view: View, therapist: Therapist, start: int, end: int) -> TimeOffPlan:
    if end <= start:
        raise Invalid("Time off ends after it begins", "Correct the two times.")
    if end <= view.now:
        raise Invalid("That time has passed", "Choose one that is still ahead.")
    if end - start > LONGEST_OFF:
        raise Invalid("One stretch of time off has at most 366 days", "Take it in parts.")
    there = time_off_at(view, therapist.id, start, end)
    if there is not None:
        raise _there(there, therapist)
    # Found by the start, for the index: no session is longer than LONGEST.
    touching = (therapist.id, end, start - LONGEST * 60, start)
    slots = tuple(
        OffSlot(
            row.id,
            row.start_at,
            row.end_at,
            row.state == "held" and (row.hold_until or 0) > view.now,
        )
        for row in view.find_all(Claim, _SLOTS, *touching)
    )
    rows = view.find_all(Appointment, _SESSIONS, *touching)
    sessions = tuple(
        ending_of(row, consequence(view, row, Party.THERAPIST, view.now))
        for row in rows
        if row.start_at > view.now and row.state == State.BOOKED
    )
    return TimeOffPlan(therapist.id, start, end, slots, sessions)


def _there(there: TimeOff, therapist: Therapist) -> Overlap:
    begins = moments.show(there.start_at, therapist.zone)
    ends = moments.show(there.end_at, therapist.zone)
    return Overlap(f"You have time off from {begins} to {ends}", _LIFT_FIRST)


def _lock_clients(tx: Tx, therapist: Therapist, start: int, end: int) -> None:
    """Lock everybody who may lose a session, in one order for all, so that rivals queue (D3)."""
    touching = (therapist.id, end, start - LONGEST * 60, start)
    rows = tx.find_all(Appointment, _SESSIONS, *touching)
    for client_id in sorted({row.client_id for row in rows}):
        tx.lock(Client, client_id)


def _insert(tx: Tx, therapist: Therapist, start: int, end: int) -> TimeOff:
    row = TimeOff(
        id=tx.practice.ids.new(),
        therapist_id=therapist.id,
        start_at=start,
        end_at=end,
        created_at=tx.now,
        lifted_at=None,
    )
    try:
        tx.insert(TimeOff, **row.__data__)
    except peewee.IntegrityError as error:
        if refusal_of(error) != "time_off_overlap":
            raise
        raise Overlap("You have time off then already", _LIFT_FIRST) from None
    return row


def _view(row: TimeOff) -> TimeOffView:
    return TimeOffView(
        row.id, row.therapist_id, row.start_at, row.end_at, row.created_at, row.lifted_at
    )
