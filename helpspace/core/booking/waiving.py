"""After a session: the client did not come, or the fee is let go (M9)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import notices, policy
from helpspace.core.actors import LONGEST_REASON, Actor
from helpspace.core.appointments import AppointmentView, owed_now, taken, view_of
from helpspace.core.errors import (
    AlreadyCancelled,
    Busy,
    Changed,
    Invalid,
    NotFound,
    NothingToWaive,
)
from helpspace.core.notices import Event
from helpspace.core.plain import plain
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Appointment, Client, Inbox, Intent, Payment, Therapist


@dataclass(frozen=True, slots=True)
class WaivePlan:
    """What waiving a fee means, in pence; everybody named in `tells` gets a message."""

    appointment_id: str
    fee_pence: int
    paid_pence: int
    owed_pence: int
    """What is owed now and then no more."""
    refund_pence: int
    """What the client gets back."""
    tells: tuple[Party, ...] = (Party.CLIENT, Party.THERAPIST)


def plan_waive(practice: Practice, actor: Actor, appointment_id: str) -> WaivePlan:
    """Return what waiving a fee would mean, refusing like waiving does (M9)."""
    actor.must_be("therapist")
    with practice.reading() as view:
        row, payment = own_row(view, actor, appointment_id)
        return _plan(view, row, payment)


def waive(
    practice: Practice,
    actor: Actor,
    appointment_id: str,
    *,
    reason: str = "",
    shown: WaivePlan | None = None,
) -> AppointmentView:
    """Let a fee go as its therapist: an unpaid one ends, a paid one goes back in full (M9).

    With `shown` only if it still means that, else Changed. The reason is kept in the trail.
    """
    actor.must_be("therapist")
    with practice.change() as tx:
        row = own_row(tx, actor, appointment_id)[0]
        lock_people(tx, row)
        row, payment = own_row(tx, actor, appointment_id)
        found = _plan(tx, row, payment)
        if shown is not None and shown != found:
            raise Changed
        waive_one(tx, saying(actor, reason), row, payment)
        return seen(tx, actor, row.id)


def waive_one(
    tx: Tx, actor: Actor, row: Appointment, payment: Payment, *, absent: bool = False
) -> None:
    """Waive a fee in a commit of its caller's, whose people are locked, and tell both of them."""
    found = _plan(tx, row, payment)
    begun = tx.first(
        Intent.select(Intent.id).where(Intent.appointment_id == row.id, Intent.state != "canceled")
    )
    values: dict[str, object] = {"waived_at": tx.now, "next_at": None if begun is None else tx.now}
    if found.paid_pence == 0 and payment.status not in ("processing", "refunding"):
        values |= {"status": "waived", "reason": None}
    tx.run(Payment.update(changed_at=tx.now, **values).where(Payment.appointment_id == row.id))
    facts = {"refund": found.refund_pence, "absent": absent}
    for party, person in ((Party.CLIENT, row.client_id), (Party.THERAPIST, row.therapist_id)):
        tell(tx, Event.WAIVED, row, party, person, **facts)
    tx.audit(actor, "waive", "appointment", row.id, refund=found.refund_pence, absent=absent)


def waivable(view: View, row: Appointment, payment: Payment) -> bool:
    """Say whether there is a fee to be waived."""
    try:
        _plan(view, row, payment)
    except (NothingToWaive, Invalid):
        return False
    return True


def _plan(view: View, row: Appointment, payment: Payment) -> WaivePlan:
    if payment.waived_at is not None:
        raise NothingToWaive("The fee is waived already")
    if payment.status == "disputed":
        raise Invalid("The payment is disputed", "The bank decides; wait for its word.")
    owed, paid = owed_now(row, payment, view.now), taken(view, row.id)
    if row.fee == 0 or (not State(row.state).live and owed == 0):
        raise NothingToWaive
    return WaivePlan(row.id, row.fee, paid, owed, paid)


def no_show(practice: Practice, actor: Actor, appointment_id: str) -> AppointmentView:
    """Mark as its therapist that the client did not come; the charge stands (M9).

    From the start until 7 days after the end, also while the session is not turned into a completed
    one yet. Busy while an update of the client waits that may cancel in time (M2a).
    """
    actor.must_be("therapist")
    with practice.change() as tx:
        row = own_row(tx, actor, appointment_id)[0]
        lock_people(tx, row)
        row, _ = own_row(tx, actor, appointment_id)
        check_no_show(tx, row)
        tx.run(Appointment.update(state=State.NO_SHOW).where(Appointment.id == row.id))
        tell(tx, Event.NO_SHOW, row, Party.CLIENT, row.client_id)
        tx.audit(actor, "no_show", "appointment", row.id)
        return seen(tx, actor, row.id)


def plan_no_show(practice: Practice, actor: Actor, appointment_id: str) -> AppointmentView:
    """Return the session as it stands, refusing like marking it does; its money stays (M9)."""
    actor.must_be("therapist")
    with practice.reading() as view:
        row, _ = own_row(view, actor, appointment_id)
        check_no_show(view, row)
        return seen(view, actor, row.id)


def check_no_show(view: View, row: Appointment) -> None:
    """Refuse to mark what is not over, over too long ago, cancelled or marked already (M9)."""
    state = State(row.state)
    if not state.live:
        raise AlreadyCancelled
    if state is State.NO_SHOW:
        raise Invalid("It is marked as missed already", "Nothing was changed.")
    if view.now < row.start_at:
        raise Invalid("This session has not started yet", "Choose one that has begun.")
    if not policy.may_be_no_show(state, row.start_at, row.end_at, view.now):
        raise Invalid(
            "That session ended more than 7 days ago",
            "Nothing was changed; its fee can still be waived.",
        )
    if state is State.BOOKED and client_is_heard_first(view, row.client_id):
        raise Busy("The client has just written", "Nothing was changed; try again in a moment.")


def client_is_heard_first(view: View, client_id: str) -> bool:
    """Say whether an update of a client has arrived and is not handled yet (M2a)."""
    client = view.get(Client, client_id)
    if client is None or client.chat_hash is None:
        return False
    waiting = "person_hash = ? AND state = 'new' LIMIT 1"
    return view.find(Inbox, waiting, client.chat_hash) is not None


def own_row(view: View, actor: Actor, appointment_id: str) -> tuple[Appointment, Payment]:
    """Return a therapist's own appointment with its payment; others find nothing (A1)."""
    row, payment = view.get(Appointment, appointment_id), view.get(Payment, appointment_id)
    if row is None or payment is None or row.therapist_id != actor.id:
        raise NotFound
    return row, payment


def lock_people(tx: Tx, row: Appointment) -> None:
    """Keep others from changing what an act on an appointment rests on: therapist first (D3)."""
    tx.lock(Therapist, row.therapist_id)
    tx.lock(Client, row.client_id)


def saying(actor: Actor, reason: str) -> Actor:
    """Return an actor with their reason for the trail, which the team has given already."""
    said = plain(reason, LONGEST_REASON)
    return actor._replace(why=said) if said and actor.why is None else actor


def seen(view: View, actor: Actor, appointment_id: str) -> AppointmentView:
    """Return an appointment as it stands in this commit, for the one who acts."""
    row, payment = view.get(Appointment, appointment_id), view.get(Payment, appointment_id)
    if row is None or payment is None:
        raise NotFound
    therapist, client = view.get(Therapist, row.therapist_id), view.get(Client, row.client_id)
    if therapist is None or client is None:
        raise NotFound
    return view_of(view, row, therapist, client, payment, actor.role)


def tell(
    tx: Tx, event: Event, row: Appointment, party: Party, person_id: str, **facts: object
) -> None:
    """Write the notices of what happens once to an appointment."""
    notices.write(
        tx,
        event,
        once=f"{event}:{row.id}",
        party=party,
        person_id=person_id,
        appointment_id=row.id,
        facts=facts,
    )
