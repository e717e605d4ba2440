"""A client asks for another time: a request that is told to the therapist and moves nothing (B2).

There is one request a session at a time. Moving the session answers it, and so does a refusal; one
whose session was cancelled or has begun is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpspace.core import notices
from helpspace.core.actors import Actor
from helpspace.core.booking.waiving import lock_people
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.notices import Event
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Appointment, MoveRequest

RequestState = Literal["asked", "moved", "refused", "over"]


@dataclass(frozen=True, slots=True)
class MoveRequestView:
    """A client's wish for another time, for one who may see it; instants in UTC seconds."""

    appointment_id: str
    therapist_id: str
    client_id: str
    start: int
    state: RequestState
    asked_at: int


def ask_to_move(
    practice: Practice, actor: Actor, appointment_id: str, *, at: int | None = None
) -> MoveRequestView:
    """Ask as the client of a session ahead for another time; the therapist is told (B2).

    `at` is when the client's update was received (M2a). Nothing moves by it. While a request waits
    for its answer, asking again changes nothing.
    """
    actor.must_be("client")
    with practice.change() as tx:
        row = tx.get(Appointment, appointment_id)
        if row is None or row.client_id != actor.id:
            raise NotFound
        lock_people(tx, row)
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        known = tx.get(MoveRequest, row.id)
        moment = tx.now if at is None else min(tx.now, at)
        if row.state != State.BOOKED or moment >= row.start_at:
            raise Invalid("This session can no longer be moved", "Nothing was asked or changed.")
        if known is not None and _state(row, known, tx.now) == "asked":
            return _view(tx, row, known)
        if known is None:
            tx.insert(MoveRequest, appointment_id=row.id, asked_at=tx.now)
        else:
            values = {"asked_at": tx.now, "refused_at": None}
            tx.set(MoveRequest, "appointment_id = ?", row.id, **values)
        _tell(tx, Event.MOVE_ASKED, row, Party.THERAPIST, tx.now)
        tx.audit(actor, "ask_to_move", "appointment", row.id, at=moment)
        return _fresh(tx, row)


def plan_refuse_move(practice: Practice, actor: Actor, appointment_id: str) -> MoveRequestView:
    """Return the request as it stands, refusing what refusing it refuses."""
    actor.must_be("therapist")
    with practice.reading() as view:
        row, known = _waiting(view, actor, appointment_id)
        return _view(view, row, known)


def refuse_move(practice: Practice, actor: Actor, appointment_id: str) -> MoveRequestView:
    """Say as the therapist that a session stays where it is; the client is told."""
    actor.must_be("therapist")
    with practice.change() as tx:
        lock_people(tx, _waiting(tx, actor, appointment_id)[0])
        row, known = _waiting(tx, actor, appointment_id)
        tx.set(MoveRequest, "appointment_id = ?", row.id, refused_at=tx.now)
        _tell(tx, Event.MOVE_REFUSED, row, Party.CLIENT, known.asked_at)
        tx.audit(actor, "refuse_move", "appointment", row.id)
        return _fresh(tx, row)


def move_request(practice: Practice, actor: Actor, appointment_id: str) -> MoveRequestView | None:
    """Return the request about a session for its two people and the team, if there is one."""
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        actor.must_see(therapist_id=row.therapist_id, client_id=row.client_id)
        known = view.get(MoveRequest, row.id)
        return None if known is None else _view(view, row, known)


def waits_for_answer(view: View, appointment_id: str) -> bool:
    """Say whether a request about a session is still to be answered."""
    row, known = view.get(Appointment, appointment_id), view.get(MoveRequest, appointment_id)
    return row is not None and known is not None and _state(row, known, view.now) == "asked"


def _waiting(view: View, actor: Actor, appointment_id: str) -> tuple[Appointment, MoveRequest]:
    row, known = view.get(Appointment, appointment_id), view.get(MoveRequest, appointment_id)
    if row is None or known is None or row.therapist_id != actor.id:
        raise NotFound
    if _state(row, known, view.now) != "asked":
        raise Invalid("That request is answered already", "Nothing was changed.")
    return row, known


def _state(row: Appointment, known: MoveRequest, now: int) -> RequestState:
    if row.moved_at is not None and row.moved_at >= known.asked_at:
        return "moved"
    if known.refused_at is not None:
        return "refused"
    return "asked" if row.state == State.BOOKED and now < row.start_at else "over"


def _tell(tx: Tx, event: Event, row: Appointment, party: Party, asked_at: int) -> None:
    person = row.therapist_id if party is Party.THERAPIST else row.client_id
    notices.write(
        tx,
        event,
        once=f"{event}:{row.id}:{asked_at}",
        party=party,
        person_id=person,
        appointment_id=row.id,
        expires_at=row.start_at,
    )


def _fresh(view: View, row: Appointment) -> MoveRequestView:
    known = view.get(MoveRequest, row.id)
    if known is None:
        raise NotFound
    return _view(view, row, known)


def _view(view: View, row: Appointment, known: MoveRequest) -> MoveRequestView:
    return MoveRequestView(
        appointment_id=row.id,
        therapist_id=row.therapist_id,
        client_id=row.client_id,
        start=row.start_at,
        state=_state(row, known, view.now),
        asked_at=known.asked_at,
    )
